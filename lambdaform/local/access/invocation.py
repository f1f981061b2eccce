"""Whether a caller may invoke a function, and if not, which statement would let it.

A statement that denies wins. Without one, the function's own account may invoke; everybody else, services of this
account included, needs a statement that allows it. What a caller's own policies (IAM) say is not asked.

Source: AWS Lambda Developer Guide, access-control-resource-based, permissions-function-services and urls-auth; AWS IAM
User Guide, reference_policies_evaluation-logic and troubleshoot_access-denied (the sentence).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from attrs import frozen

from lambdaform.local.access.caller import Caller
from lambdaform.local.access.conditions import first_failing
from lambdaform.local.access.statements import Access, Statement, applies, speaks_of
from lambdaform.local.errors import AwsError

INVOKE = "lambda:InvokeFunction"
INVOKE_URL = "lambda:InvokeFunctionUrl"


class AccessDeniedError(AwsError):
    """A caller may not; ``remedy`` is a sentence that says what would let it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__("AccessDeniedException", message, 403)
        self.remedy = remedy


@frozen
class Decision:
    """``refusal`` is None where the caller may."""

    refusal: AccessDeniedError | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether the caller may."""
        return self.refusal is None

    def enforce(self) -> None:
        """Raise the refusal, where there is one."""
        if self.refusal is not None:
            raise self.refusal


def may_invoke(
    statements: Iterable[Statement],
    caller: Caller,
    function_arn: str,
    action: str = INVOKE,
    *,
    url_auth_type: str | None = None,
) -> Decision:
    """Decide on one invocation of a function by the ARN that the caller named, with its qualifier.

    ``statements`` are those of all policies that could apply; ``url_auth_type`` is that of the function URL over
    which the call comes, where it does.
    """
    access = Access(
        caller=caller, action=action, resource=function_arn, context=_context(caller, url_auth_type)
    )
    every = list(statements)
    about = [each for each in every if applies(each, access)]
    denying = next((each for each in about if each.get("Effect") == "Deny"), None)
    refused = f"{_who(caller)} is not authorized to perform: {action} on resource: {function_arn}"
    if denying is not None:
        sid = denying.get("Sid")
        named = f"The statement {sid!r}" if sid else "A statement"
        return Decision(
            AccessDeniedError(
                f"{refused} with an explicit deny in a resource-based policy",
                f"{named} of its resource policy denies it.",
            )
        )
    is_own = caller.account is not None and caller.account == function_arn.split(":")[4]
    if is_own or any(each.get("Effect") == "Allow" for each in about):
        return Decision()
    return Decision(
        AccessDeniedError(
            f"{refused} because no resource-based policy allows the {action} action",
            f"{_nearest(every, access)} This one would: {_command(access, url_auth_type)}",
        )
    )


def _who(caller: Caller) -> str:
    return f"User: {caller.name}"


def _context(caller: Caller, url_auth_type: str | None) -> dict[str, str]:
    every = {
        "aws:sourcearn": caller.source_arn,
        "aws:sourceaccount": caller.source_account,
        "aws:sourceip": caller.source_ip,
        "aws:principalarn": caller.role or caller.arn,
        "aws:principalaccount": caller.account,
        "aws:principalorgid": caller.organization,
        "aws:principalisawsservice": "true" if caller.service is not None else "false",
        "aws:principalservicename": caller.service,
        "lambda:eventsourcetoken": caller.event_source_token,
        "lambda:functionurlauthtype": url_auth_type,
        "lambda:invokedviafunctionurl": "true" if url_auth_type is not None else "false",
    }
    return {name: value for name, value in every.items() if value is not None}


def _nearest(statements: Iterable[Statement], access: Access) -> str:
    """What there is that nearly allows it."""
    for statement in statements:
        if statement.get("Effect") == "Allow" and speaks_of(statement, access):
            key = first_failing(statement.get("Condition"), access.context)
            wanted = next(
                (tests[key] for tests in statement["Condition"].values() if key in tests), "another value"
            )
            given = access.context.get((key or "").lower())
            has = f"it is {given}" if given is not None else "there is none"
            return (
                f"The statement {statement.get('Sid')!r} of its resource policy wants {key} to be {wanted}, "
                f"and {has}."
            )
    return "No statement of its resource policy allows it."


def _command(access: Access, url_auth_type: str | None) -> str:
    """The call that would add the statement that is missing."""
    name, _, qualifier = access.resource.split(":", 6)[6].partition(":")
    caller = access.caller
    options = [("function-name", name)]
    if qualifier:
        options.append(("qualifier", qualifier))
    options.append(("statement-id", _statement_id(access)))
    options.append(("action", access.action))
    options.append(("principal", caller.principal))
    if caller.source_arn is not None:
        options.append(("source-arn", shlex.quote(caller.source_arn)))
    if caller.source_account is not None and not _names_account(caller.source_arn):
        # A bucket's ARN does not say whose it is.
        options.append(("source-account", caller.source_account))
    if access.action == INVOKE_URL and url_auth_type is not None:
        options.append(("function-url-auth-type", url_auth_type))
    command = " ".join(["aws lambda add-permission", *(f"--{key} {value}" for key, value in options)])
    via_url = access.action == INVOKE and url_auth_type is not None
    return f"{command} --invoked-via-function-url" if via_url else command


def _names_account(arn: str | None) -> bool:
    parts = (arn or "").split(":")
    return len(parts) > 4 and parts[4] != ""


def _statement_id(access: Access) -> str:
    caller = access.caller
    if caller.service is not None:
        who = "".join(word.capitalize() for word in caller.service.partition(".")[0].split("-"))
    elif caller.arn is not None:
        who = caller.account or ""
    else:
        who = "PublicAccess"
    return f"Allow{who}" if access.action == INVOKE else f"AllowUrl{who}"
