"""A function's execution role: Lambda must be able to assume it.

Whether it can is known to the account's IAM. A role that nobody has made there is taken as it is.

Source: AWS Lambda Developer Guide, lambda-intro-execution-role (the trust policy); Lambda API Reference, CreateFunction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lambdaform.local.access.caller import Caller
from lambdaform.local.access.statements import Access, applies
from lambdaform.local.errors import invalid_parameter

if TYPE_CHECKING:
    from lambdaform.local.control.state import State

_LAMBDA = Caller(service="lambda.amazonaws.com")


async def check_role(state: State, role: str | None) -> None:
    """See that Lambda can assume a role, as far as that is known. Raises `AwsError`."""
    if role is None or state.trust_of is None:
        return
    trust = await state.trust_of(role)
    if trust is not None and not _lets_lambda_in(trust, role):
        raise invalid_parameter("The role defined for the function cannot be assumed by Lambda.")


def _lets_lambda_in(trust: Mapping[str, Any], role: str) -> bool:
    """Whether a trust policy, which is about its own role and names no resource, allows Lambda to assume it."""
    access = Access(caller=_LAMBDA, action="sts:AssumeRole", resource=role)
    given = trust.get("Statement")
    statements: Sequence[Mapping[str, Any]] = given if isinstance(given, list) else [given or {}]
    decided = [each.get("Effect") for each in statements if applies({**each, "Resource": "*"}, access)]
    return "Allow" in decided and "Deny" not in decided
