"""Who may invoke: denied unless it is the function's own account or a statement allows it."""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform.local.access.caller import Caller
from lambdaform.local.access.invocation import INVOKE, INVOKE_URL, AccessDeniedError, may_invoke

ARN = "arn:aws:lambda:us-east-1:123456789012:function:gong"
RULE = "arn:aws:events:us-east-1:123456789012:rule/hourly"
EVENTS = Caller(service="events.amazonaws.com", source_arn=RULE, source_account="123456789012")
PARTNER = Caller(arn="arn:aws:sts::210987654321:assumed-role/partner/session")
OWN = Caller(arn="arn:aws:iam::123456789012:user/ada")
ANYBODY = Caller()


def allow(**more: Any) -> dict[str, Any]:
    return {
        "Sid": "it",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": INVOKE,
        "Resource": ARN,
        **more,
    }


def arn_like(arn: str) -> dict[str, Any]:
    return {"Condition": {"ArnLike": {"AWS:SourceArn": arn}}}


def refusal(*given: Any, **more: Any) -> AccessDeniedError:
    decision = may_invoke(*given, **more)
    with pytest.raises(AccessDeniedError) as refused:
        decision.enforce()
    return refused.value


def test_without_a_statement_only_the_own_account_may() -> None:
    assert may_invoke([], OWN, ARN).is_allowed
    assert [may_invoke([], each, ARN).is_allowed for each in (EVENTS, PARTNER, ANYBODY)] == [False] * 3


def test_a_service_may_for_the_source_that_a_statement_names() -> None:
    assert may_invoke([allow(**arn_like(RULE))], EVENTS, ARN).is_allowed
    assert may_invoke([allow(**arn_like(RULE.replace("hourly", "*")))], EVENTS, ARN).is_allowed
    assert not may_invoke([allow(**arn_like(f"{RULE}-no"))], EVENTS, ARN).is_allowed
    assert not may_invoke([allow(Principal={"Service": "s3.amazonaws.com"})], EVENTS, ARN).is_allowed


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": "210987654321"},
        {"AWS": "arn:aws:iam::210987654321:root"},
        {"AWS": "arn:aws:iam::210987654321:role/partner"},
        {"AWS": ["arn:aws:iam::1:root", "arn:aws:sts::210987654321:assumed-role/partner/session"]},
    ],
)
def test_another_account_may_where_a_statement_names_it(principal: Any) -> None:
    assert may_invoke([allow(Principal=principal)], PARTNER, ARN).is_allowed


@pytest.mark.parametrize(
    "principal",
    [{"AWS": "arn:aws:iam::210987654321:role/other"}, {"AWS": "111111111111"}, {"Service": "*.x"}],
)
def test_another_account_may_not_where_a_statement_names_somebody_else(principal: Any) -> None:
    assert not may_invoke([allow(Principal=principal)], PARTNER, ARN).is_allowed


def test_a_statement_on_the_function_is_for_calls_without_a_qualifier() -> None:
    statements = [allow(**arn_like(RULE))]
    assert not may_invoke(statements, EVENTS, f"{ARN}:live").is_allowed
    assert may_invoke([allow(Resource=f"{ARN}:live")], EVENTS, f"{ARN}:live").is_allowed
    assert may_invoke([allow(Resource=[ARN, f"{ARN}:*"])], EVENTS, f"{ARN}:live").is_allowed


@pytest.mark.parametrize("action", ["lambda:*", "*", "lambda:Invoke*", "LAMBDA:invokefunction"])
def test_actions_have_wildcards_and_no_case(action: str) -> None:
    assert may_invoke([allow(Action=action)], EVENTS, ARN).is_allowed


def test_another_action_is_not_allowed_with_it() -> None:
    assert not may_invoke([allow(Action="lambda:GetFunction")], EVENTS, ARN).is_allowed
    assert not may_invoke([allow(NotAction=INVOKE, Action=None) | {"Action": "x"}], EVENTS, ARN).is_allowed


def test_a_deny_wins_over_everything() -> None:
    deny = allow(Sid="no", Effect="Deny", Principal="*")
    told = refusal([allow(), deny], EVENTS, ARN)
    assert told.message.endswith("with an explicit deny in a resource-based policy")
    assert told.remedy == "The statement 'no' of its resource policy denies it."
    assert not may_invoke([deny], OWN, ARN).is_allowed


def test_not_principal_is_everybody_else() -> None:
    deny = {**allow(Effect="Deny"), "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:user/ada"}}
    del deny["Principal"]
    assert may_invoke([deny], OWN, ARN).is_allowed
    assert not may_invoke([deny, allow()], EVENTS, ARN).is_allowed


def test_a_refusal_is_awss_and_says_which_statement_would_allow_it() -> None:
    told = refusal([], EVENTS, ARN)
    assert (told.status, told.code) == (403, "AccessDeniedException")
    assert told.message == (
        f"User: events.amazonaws.com is not authorized to perform: {INVOKE} on resource: {ARN} "
        f"because no resource-based policy allows the {INVOKE} action"
    )
    assert told.remedy == (
        "No statement of its resource policy allows it. This one would: aws lambda add-permission "
        "--function-name gong --statement-id AllowEvents --action lambda:InvokeFunction "
        f"--principal events.amazonaws.com --source-arn {RULE}"
    )


def test_the_statement_that_would_allow_an_alias_names_it() -> None:
    told = refusal([], PARTNER, f"{ARN}:live").remedy
    assert "--function-name gong --qualifier live --statement-id Allow210987654321 " in told
    assert told.endswith("--principal arn:aws:iam::210987654321:role/partner")


def test_a_bucket_is_named_with_its_account() -> None:
    s3 = Caller(service="s3.amazonaws.com", source_arn="arn:aws:s3:::b", source_account="123456789012")
    assert refusal([], s3, ARN).remedy.endswith("--source-arn arn:aws:s3:::b --source-account 123456789012")


def test_a_statement_that_nearly_allows_it_is_told() -> None:
    told = refusal([allow(**arn_like(f"{RULE}-no"))], EVENTS, ARN).remedy
    assert told.startswith(
        f"The statement 'it' of its resource policy wants AWS:SourceArn to be {RULE}-no, and it is {RULE}. This one"
    )


def test_what_a_refusal_proposes_allows_it() -> None:
    proposed = allow(Sid="AllowEvents", **arn_like(RULE))
    assert may_invoke([proposed], EVENTS, ARN).is_allowed


def test_a_url_needs_both_of_its_statements() -> None:
    url = allow(
        Action=INVOKE_URL,
        Principal="*",
        Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
    )
    via = allow(Principal="*", Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})

    def may(action: str, auth_type: str | None) -> bool:
        return may_invoke([url, via], ANYBODY, ARN, action, url_auth_type=auth_type).is_allowed

    assert (may(INVOKE_URL, "NONE"), may(INVOKE, "NONE")) == (True, True)
    assert (may(INVOKE_URL, "AWS_IAM"), may(INVOKE, None)) == (False, False)


def test_the_statements_that_would_open_a_url_are_told() -> None:
    told = refusal([], ANYBODY, ARN, INVOKE_URL, url_auth_type="NONE").remedy
    assert told.endswith("--principal '*' --function-url-auth-type NONE")
    assert refusal([], ANYBODY, ARN, url_auth_type="NONE").remedy.endswith(
        "--action lambda:InvokeFunction --principal '*' --invoked-via-function-url"
    )


def test_an_organisation_may_where_a_statement_names_it() -> None:
    statement = allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}})
    member = Caller(arn="arn:aws:iam::210987654321:root", organization="o-1234567890")
    assert may_invoke([statement], member, ARN).is_allowed
    assert not may_invoke([statement], PARTNER, ARN).is_allowed
