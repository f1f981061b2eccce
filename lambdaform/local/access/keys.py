"""Access keys that are known here, and whose they are.

- ``test`` with the secret ``test`` is a user of this account, as in other emulators.
- An account's number with the secret ``test`` is that account: to call as another account does.
- The credentials that a function's environment gets are its role's, by their session token.
- What IAM and STS have made here is the user's, or the session's of a role.

Source: AWS IAM User Guide, id_credentials_access-keys and reference_identifiers (the forms of ids and ARNs).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial

from attrs import frozen

from lambdaform.local.access.caller import Caller

#: The secret of every key that stands for somebody outside.
SECRET = "test"  # noqa: S105 - known to all; nothing is protected by it
_ACCOUNT = re.compile(r"[0-9]{12}")


@frozen(kw_only=True)
class Identity:
    """Whose an access key is; ``arn`` is a user's, an account's or a session's of a role."""

    access_key: str
    secret: str
    arn: str
    user_id: str

    @property
    def account(self) -> str:
        """The account that it is of."""
        return self.arn.split(":")[4]

    @property
    def caller(self) -> Caller:
        """It as somebody who calls."""
        return Caller(arn=self.arn)


#: Who has an access key with a session token (empty for none); None where it is not known.
Lookup = Callable[[str, str], Identity | None]


class AccessKeys:
    """The keys of an account. ``lookups`` are asked for those of others: of functions' roles, of IAM."""

    def __init__(self, account_id: str, partition: str = "aws") -> None:
        self.lookups: list[Lookup] = [partial(_given, account_id, partition)]

    def find(self, access_key: str, session_token: str) -> Identity | None:
        """Whose a key is."""
        found = (lookup(access_key, session_token) for lookup in self.lookups)
        return next((each for each in found if each is not None), None)


@lru_cache(maxsize=64)
def _given(account_id: str, partition: str, access_key: str, session_token: str) -> Identity | None:
    if session_token:
        return None
    if access_key == "test":
        arn, user_id = f"arn:{partition}:iam::{account_id}:user/test", "AIDATESTTESTTESTTEST"
    elif _ACCOUNT.fullmatch(access_key):
        arn, user_id = f"arn:{partition}:iam::{access_key}:root", access_key
    else:
        return None
    return Identity(access_key=access_key, secret=SECRET, arn=arn, user_id=user_id)
