"""Whether one statement of a resource policy speaks of a request: of its caller, action, resource and context.

Source: AWS IAM User Guide, reference_policies_elements_principal, …_action, …_resource.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from lambdaform.local.access.caller import Caller
from lambdaform.local.access.conditions import Context, first_failing, matches

Statement = Mapping[str, Any]


@frozen(kw_only=True)
class Access:
    """One request: ``action`` (``lambda:InvokeFunction``) on ``resource``, an ARN, by ``caller``."""

    caller: Caller
    action: str
    resource: str
    context: Context = field(factory=dict)


def applies(statement: Statement, access: Access) -> bool:
    """Whether a statement decides on a request, one way or the other."""
    return speaks_of(statement, access) and first_failing(statement.get("Condition"), access.context) is None


def speaks_of(statement: Statement, access: Access) -> bool:
    """Whether a statement is about the caller, the action and the resource; its conditions may still fail."""
    return (
        _has_principal(statement, access.caller)
        and _has(statement, "Action", access.action, any_case=True)
        and _has(statement, "Resource", access.resource)
    )


def _has(statement: Statement, element: str, text: str, *, any_case: bool = False) -> bool:
    for name, wanted in ((element, True), (f"Not{element}", False)):
        if name in statement:
            patterns = texts(statement[name])
            if any_case:
                return any(matches(each.lower(), text.lower()) for each in patterns) is wanted
            return any(matches(each, text) for each in patterns) is wanted
    return False


def _has_principal(statement: Statement, caller: Caller) -> bool:
    if "NotPrincipal" in statement:
        return not any(_is(kind, each, caller) for kind, each in principals(statement["NotPrincipal"]))
    return any(_is(kind, each, caller) for kind, each in principals(statement.get("Principal")))


def principals(given: Any) -> Iterator[tuple[str, str]]:
    """The principals of a statement, each with its kind: AWS, Service or another."""
    if isinstance(given, str):
        yield "AWS", given
    elif isinstance(given, Mapping):
        for kind, each in given.items():
            for name in texts(each):
                yield str(kind), name


def _is(kind: str, principal: str, caller: Caller) -> bool:
    if principal == "*":
        return True
    if kind == "Service":
        return principal == caller.service
    if kind != "AWS" or caller.arn is None:
        return False
    if principal in (caller.arn, caller.role):
        return True
    account = principal if principal.isdigit() else _account_of_root(principal)
    return account is not None and account == caller.account


def _account_of_root(arn: str) -> str | None:
    parts = arn.split(":")
    return parts[4] if len(parts) == 6 and parts[5] == "root" else None


def texts(value: Any) -> Sequence[str]:
    """One text or several, as policies write them."""
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
