"""Roles of IAM, for functions that are to have one.

Source: IAM API Reference, GetRole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdaform.local.services.stack_resources import Clients


def trust_of(clients: Clients, arn: str) -> Mapping[str, Any] | None:
    """The trust policy of a role; None where there is no such role."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        role = clients("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
    except (BotoCoreError, ClientError):
        return None
    trust = role["AssumeRolePolicyDocument"]
    return trust if role["Arn"] == arn and isinstance(trust, Mapping) else None
