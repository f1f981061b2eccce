"""Resource policies decide on invocations: who is let in is the front's to say, at each call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest

from lambdaform.local.access.caller import Caller
from lambdaform.local.access.invocation import AccessDeniedError
from lambdaform.local.clock import VirtualClock
from lambdaform.local.errors import not_found
from lambdaform.local.front import Front, Request, Response
from lambdaform.local.physical import Account
from lambdaform.local.sources.schedule import Schedule, Schedules
from tests.local.lab import Lab, laboratory

ECHO = "def handler(event, context):\n    return event\n"
RULE = "arn:aws:events:us-east-1:123456789012:rule/hourly"
EVENTS = Caller(service="events.amazonaws.com", source_arn=RULE, source_account="123456789012")


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory(tmp_path_factory.mktemp("access"), sandboxed=False) as made:
        yield made


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Sid": "it", "Effect": effect, "Principal": "*", "Action": "*", "Resource": "*", **more}


def decide_by(lab: Lab, *statements: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Have the service go by these statements; the functions and qualifiers that it asks for."""
    asked: list[tuple[str, str | None]] = []

    def policies(name: str, qualifier: str | None) -> list[dict[str, Any]]:
        asked.append((name, qualifier))
        return list(statements)

    lab.service.front.policies = policies
    return asked


def refused(lab: Lab, name: str, **request: Any) -> AccessDeniedError:
    with pytest.raises(AccessDeniedError) as raised:
        lab.invoke(name, **request)
    return raised.value


def test_the_own_account_may_without_a_policy(lab: Lab) -> None:
    name = lab.function(ECHO)
    decide_by(lab)
    assert lab.invoke(name, 5).value == 5


def test_a_service_may_by_a_statement_alone(lab: Lab) -> None:
    name = lab.function(ECHO)
    decide_by(lab)
    assert "--principal events.amazonaws.com" in refused(lab, name, caller=EVENTS).remedy
    decide_by(lab, statement())
    assert lab.invoke(name, 5, caller=EVENTS).value == 5


def test_an_event_that_is_refused_is_not_accepted(lab: Lab) -> None:
    name = lab.function(ECHO)
    decide_by(lab)
    assert refused(lab, name, caller=EVENTS, invocation_type="Event").status == 403


def test_a_dry_run_tells_whether_one_may(lab: Lab) -> None:
    name = lab.function(ECHO)
    decide_by(lab)
    assert refused(lab, name, caller=EVENTS, invocation_type="DryRun").status == 403
    decide_by(lab, statement())
    assert lab.invoke(name, caller=EVENTS, invocation_type="DryRun").response.status == 204


def test_a_deny_is_for_the_own_account_too(lab: Lab) -> None:
    name = lab.function(ECHO)
    decide_by(lab, statement("Deny"))
    assert refused(lab, name).remedy == "The statement 'it' of its resource policy denies it."


def test_the_policies_of_what_was_asked_for_decide(lab: Lab) -> None:
    name = lab.function(ECHO)
    asked = decide_by(lab, statement())
    lab.invoke(name)
    lab.invoke(name, qualifier="$LATEST")
    function = lab.service.front.target(name, None).function
    assert asked == [(function.name, None), (function.name, "$LATEST")]


def test_a_call_of_a_url_needs_both_actions(lab: Lab) -> None:
    name = lab.function(ECHO)
    decide_by(lab, statement(Action="lambda:InvokeFunctionUrl"))
    assert "InvokeFunction " in refused(lab, name, caller=Caller(), url_auth_type="NONE").remedy
    decide_by(lab, statement(Action="lambda:InvokeFunction"))
    assert "InvokeFunctionUrl" in refused(lab, name, caller=Caller(), url_auth_type="NONE").remedy
    decide_by(lab, statement(Action=["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"]))
    assert lab.invoke(name, 5, caller=Caller(), url_auth_type="NONE").value == 5


def test_without_policies_nobody_is_refused(lab: Lab) -> None:
    lab.service.front.policies = None
    assert lab.invoke(lab.function(ECHO), 5, caller=EVENTS).value == 5


def of_a_schedule(error: Exception) -> tuple[list[Request], list[str]]:
    """What a schedule asks for, and what it says where that is refused."""
    calls: list[Request] = []
    notices: list[str] = []

    class Refusing:
        def new_id(self) -> str:
            return "id"

        async def invoke(self, request: Request) -> Response:
            calls.append(request)
            raise error

    async def scenario() -> None:
        running = Schedules(cast(Front, Refusing()), VirtualClock(0), Account("app"), notices.append)
        running.set([Schedule(rule_arn=RULE, expression="rate(1 minute)", function_arn="arn:of:gong")])
        while not notices:
            await asyncio.sleep(0)
        running.close()
        await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(scenario(), 30))
    return calls, notices


def test_a_schedule_invokes_as_eventbridge_for_its_rule() -> None:
    calls, _ = of_a_schedule(not_found("gong"))
    assert calls[0].caller == EVENTS


def test_a_schedule_without_permission_says_what_would_allow_it() -> None:
    _, notices = of_a_schedule(AccessDeniedError("no", "This would."))
    assert notices[0] == "The schedule hourly may not invoke arn:of:gong. This would."
