"""Access keys that moto's IAM and STS have made, of users and of sessions of roles: whose each is.

Source: AWS IAM User Guide, id_credentials_access-keys and id_credentials_temp.
"""

from __future__ import annotations

import sys

from lambdaform.local.access.keys import Identity


def moto_identity(access_key: str, session_token: str, partition: str) -> Identity | None:
    """Whose a key is; None for one that moto has not made. moto is not imported for that."""
    if session_token:
        return _of_a_session(access_key, session_token, partition)
    return _of_a_user(access_key, partition)


def _of_a_user(access_key: str, partition: str) -> Identity | None:
    if (models := sys.modules.get("moto.iam.models")) is None:
        return None
    for accounts in tuple(models.iam_backends.values()):
        for user in tuple(accounts[partition].users.values()):
            for key in user.access_keys:
                if key.access_key_id == access_key and key.status == "Active":
                    secret = key.secret_access_key
                    return Identity(access_key=access_key, secret=secret, arn=user.arn, user_id=user.id)
    return None


def _of_a_session(access_key: str, session_token: str, partition: str) -> Identity | None:
    if (models := sys.modules.get("moto.sts.models")) is None:
        return None
    for accounts in tuple(models.sts_backends.values()):
        for role in tuple(accounts[partition].assumed_roles):
            if (role.access_key_id, role.session_token) == (access_key, session_token):
                secret = role.secret_access_key
                return Identity(access_key=access_key, secret=secret, arn=role.arn, user_id=role.user_id)
    return None
