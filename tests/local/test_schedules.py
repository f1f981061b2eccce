"""Schedules on a virtual clock: when they fire, with which event, and what a change of the stack does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from attrs import define, field

from lambdaform.local.clock import VirtualClock
from lambdaform.local.errors import not_found
from lambdaform.local.front import Front, Request, Response
from lambdaform.local.physical import Account
from lambdaform.local.sources.schedule import Schedule, Schedules

START = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)
RULE = "arn:aws:events:us-east-1:123456789012:rule/app-Nightly"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:Report:live"


@define
class Recorder:
    """A front that notes what is invoked and when, and refuses if it is told to."""

    clock: VirtualClock
    error: Exception | None = None
    calls: list[tuple[datetime, Request]] = field(factory=list)

    def new_id(self) -> str:
        """An event's id."""
        return f"id-{len(self.calls) + 1}"

    async def invoke(self, request: Request) -> Response:
        """Note it."""
        self.calls.append((datetime.fromtimestamp(self.clock.now(), UTC), request))
        if self.error is not None:
            raise self.error
        return Response(status=202, request_id="r")


def schedule(expression: str, **values: Any) -> Schedule:
    return Schedule(**{"rule_arn": RULE, "expression": expression, "function_arn": FUNCTION, **values})


def fired(
    *schedules: Schedule,
    count: int,
    then: Sequence[Schedule] | None = None,
    more: int = 0,
    error: Exception | None = None,
) -> tuple[list[tuple[datetime, Request]], list[str]]:
    """The first invocations of these schedules, and ``more`` after they are exchanged for others; the notices."""

    async def scenario() -> tuple[list[tuple[datetime, Request]], list[str]]:
        clock = VirtualClock(START.timestamp())
        recorder, notices = Recorder(clock, error), list[str]()
        running = Schedules(cast(Front, recorder), clock, Account("app"), notices.append)
        running.set(list(schedules))
        turns = 0
        while len(recorder.calls) < count and turns < 10_000:
            turns += 1
            await asyncio.sleep(0)
        if then is not None:
            running.set(list(then))
            while len(recorder.calls) < count + more and turns < 10_000:
                turns += 1
                await asyncio.sleep(0)
        running.close()
        await asyncio.sleep(0)
        return recorder.calls, notices

    return asyncio.run(asyncio.wait_for(scenario(), 20))


def moments(*schedules: Schedule, count: int, **more: Any) -> list[str]:
    return [f"{moment:%d %H:%M:%S}" for moment, _ in fired(*schedules, count=count, **more)[0]]


def test_a_rate_counts_from_when_it_is_started() -> None:
    assert moments(schedule("rate(5 minutes)"), count=3) == ["25 12:05:30", "25 12:10:30", "25 12:15:30"]


def test_a_cron_fires_at_its_minutes() -> None:
    assert moments(schedule("cron(0 18 ? * MON-FRI *)"), count=4) == [
        "25 18:00:00",
        "26 18:00:00",
        "27 18:00:00",
        "30 18:00:00",
    ]


def test_several_schedules_fire_in_the_order_of_time() -> None:
    assert moments(schedule("rate(2 minutes)"), schedule("cron(0/3 * * * ? *)"), count=4) == [
        "25 12:02:30",
        "25 12:03:00",
        "25 12:04:30",
        "25 12:06:00",
    ]


def test_a_schedule_that_is_disabled_does_not_fire() -> None:
    calls, _ = fired(schedule("rate(1 minute)", enabled=False), schedule("rate(1 hour)", input="1"), count=2)
    assert {request.payload for _, request in calls} == {b"1"}


def test_a_schedule_invokes_its_target_asynchronously() -> None:
    [(_, request)], _ = fired(schedule("rate(1 minute)"), count=1)
    assert (request.function_name, request.invocation_type) == (FUNCTION, "Event")


def test_the_event_is_that_of_eventbridge() -> None:
    [(_, request)], _ = fired(schedule("cron(0 18 ? * MON-FRI *)"), count=1)
    assert json.loads(request.payload) == {
        "version": "0",
        "id": "id-1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-25T18:00:00Z",
        "region": "us-east-1",
        "resources": [RULE],
        "detail": {},
    }


def test_a_targets_own_input_is_sent_instead_of_the_event() -> None:
    [(_, request)], _ = fired(schedule("rate(1 minute)", input='{"mine": 1}'), count=1)
    assert request.payload == b'{"mine": 1}'


def test_a_schedule_that_stays_goes_on_undisturbed() -> None:
    same = schedule("rate(5 minutes)")
    assert moments(same, count=1, then=[same], more=1) == ["25 12:05:30", "25 12:10:30"]


def test_a_schedule_that_is_new_counts_from_then() -> None:
    changed = schedule("rate(1 hour)")
    assert moments(schedule("rate(5 minutes)"), count=1, then=[changed], more=2) == [
        "25 12:05:30",
        "25 13:05:30",
        "25 14:05:30",
    ]


def test_a_target_that_refuses_is_said_and_tried_the_next_time() -> None:
    calls, notices = fired(schedule("rate(1 minute)"), count=2, error=not_found(FUNCTION))
    assert len(calls) == 2
    assert notices[0] == (
        f"The schedule app-Nightly could not invoke: ResourceNotFoundException: Function not found: {FUNCTION}"
    )


def test_a_cron_that_never_comes_ends_quietly() -> None:
    calls, notices = fired(schedule("cron(0 0 1 1 ? 2025)"), schedule("rate(1 minute)", input="1"), count=1)
    assert [request.payload for _, request in calls] == [b"1"]
    assert notices == []


def test_an_expression_that_is_wrong_is_said_and_the_others_fire() -> None:
    calls, [notice] = fired(schedule("rate(5 minute)"), schedule("rate(1 minute)"), count=2)
    assert len(calls) == 2
    assert notice.startswith("The schedule app-Nightly does not fire: ")
    assert "5 minute" in notice
