"""Events that nobody waits for: retries and their pauses, age, dead letters. Time is virtual here."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import define, evolve, field

from lambdaform.errors import LocalError
from lambdaform.facts.quotas import quotas
from lambdaform.local.clock import VirtualClock
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Function, Target
from lambdaform.local.control.records import EventInvokeRecord
from lambdaform.local.errors import AwsError, throttled
from lambdaform.local.front import Accepted, Front
from lambdaform.local.outcome import Answer
from lambdaform.local.queue.asynchronous import AsynchronousQueue, DeadLetter
from lambdaform.local.queue.dead_letters import DeadLetterFile

ARN = "arn:aws:lambda:us-east-1:123456789012:function:Checkout"
FAILED = Answer(payload=b'{"errorMessage": "no stock", "errorType": "Error"}', function_error="Unhandled")
WELL = Answer(payload=b"null")
THROTTLED = throttled("ConcurrentInvocationLimitExceeded")

Result = Answer | Exception


@define
class ScriptedFront:
    """A front whose attempts end as they are told, the last way over and over; it notes when they began."""

    clock: VirtualClock
    results: list[Result]
    moments: list[float] = field(factory=list)
    hold: asyncio.Event | None = None

    async def attempt(self, accepted: Accepted) -> Answer:
        """The next result."""
        self.moments.append(self.clock.now())
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(result, Exception):
            raise result
        return result


@define
class Letters:
    """Dead letters, kept."""

    letters: list[DeadLetter] = field(factory=list)

    def put(self, letter: DeadLetter) -> None:
        """Keep it."""
        self.letters.append(letter)


def accepted(
    *, reserved: int | None = None, number: int = 1, dead_letter_target: str | None = None, **invoke: Any
) -> Accepted:
    values: dict[str, Any] = {
        "function_name": "Checkout",
        "function_arn": ARN,
        "runtime": "python3.13",
        "handler": "a.b",
        "code": Path("code"),
        "opt": Path("opt"),
        "dead_letter_target": dead_letter_target,
    }
    made = FunctionConfiguration(**values)
    function = Function(name="Checkout", arn=ARN, versions={"$LATEST": made}, reserved_concurrency=reserved)
    config = EventInvokeRecord(qualifier="$LATEST", last_modified=0.0, **invoke) if invoke else None
    return Accepted(
        request_id=f"id-{number}",
        payload=b'{"a": 1}',
        target=Target(function, made, ARN, event_invoke=config),
        trace_id="Root=1",
    )


def seen_through(event: Accepted, *results: Result) -> tuple[list[float], list[DeadLetter]]:
    """When the attempts at an event began, in seconds after it was accepted, and the dead letters."""

    async def scenario() -> tuple[list[float], list[DeadLetter]]:
        clock = VirtualClock()
        front, letters = ScriptedFront(clock, list(results)), Letters()
        queue = AsynchronousQueue(cast(Front, front), clock, quotas(), letters)
        queue.accept(event)
        while len(queue):
            await asyncio.sleep(0)
        return front.moments, letters.letters

    return asyncio.run(asyncio.wait_for(scenario(), 20))


def test_an_event_that_is_processed_is_tried_once() -> None:
    assert seen_through(accepted(), WELL) == ([0.0], [])


def test_a_function_error_is_tried_again_after_one_and_two_minutes() -> None:
    moments, _ = seen_through(accepted(), FAILED)
    assert moments == [0.0, 60.0, 180.0]


def test_an_event_that_is_processed_at_last_is_no_dead_letter() -> None:
    assert seen_through(accepted(), FAILED, FAILED, WELL) == ([0.0, 60.0, 180.0], [])


def test_an_event_whose_attempts_are_used_up_is_a_dead_letter() -> None:
    _, [letter] = seen_through(accepted(), FAILED)
    assert (letter.condition, letter.attempts) == ("RetriesExhausted", 3)
    assert (letter.error_code, letter.error_message) == (200, "no stock")


@pytest.mark.parametrize(("attempts", "moments"), [(0, [0.0]), (1, [0.0, 60.0])])
def test_a_function_may_ask_for_fewer_attempts(attempts: int, moments: list[float]) -> None:
    made, [letter] = seen_through(accepted(maximum_retry_attempts=attempts), FAILED)
    assert made == moments
    assert letter.attempts == len(moments)


def test_a_function_may_ask_for_a_shorter_life_of_its_events() -> None:
    moments, [letter] = seen_through(accepted(maximum_event_age=90), FAILED)
    assert moments == [0.0, 60.0]
    assert letter.condition == "EventAgeExceeded"


def test_a_throttled_event_is_tried_again_after_pauses_that_double_up_to_five_minutes() -> None:
    moments, _ = seen_through(accepted(), THROTTLED)
    pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert pauses[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert set(pauses[9:]) == {300}


def test_a_throttled_event_is_given_up_after_six_hours() -> None:
    moments, [letter] = seen_through(accepted(), THROTTLED)
    assert 21_600 - 300 <= moments[-1] <= 21_600
    assert (letter.condition, letter.error_code, letter.attempts) == ("EventAgeExceeded", 429, 0)


def test_throttles_do_not_use_up_attempts() -> None:
    moments, letters = seen_through(accepted(), THROTTLED, THROTTLED, FAILED, FAILED, WELL)
    assert moments == [0.0, 1.0, 3.0, 63.0, 183.0]
    assert letters == []


def test_a_reservation_of_0_sends_events_straight_to_the_dead_letters() -> None:
    moments, [letter] = seen_through(accepted(reserved=0), THROTTLED)
    assert moments == [0.0]
    assert (letter.error_code, letter.attempts) == (429, 0)


def test_a_function_that_cannot_run_here_is_not_tried_again() -> None:
    moments, [letter] = seen_through(accepted(), LocalError("No Java here."))
    assert moments == [0.0]
    assert (letter.condition, letter.error_message) == ("NotRunnableHere", "No Java here.")


def test_a_function_that_is_gone_is_not_tried_again() -> None:
    gone = AwsError("ResourceNotFoundException", "Function not found: x", 404)
    moments, [letter] = seen_through(accepted(), gone)
    assert moments == [0.0]
    assert letter.error_code == 404


def test_an_error_that_says_nothing_is_kept_as_it_is() -> None:
    _, [letter] = seen_through(accepted(), Answer(payload=b"not json", function_error="Unhandled"))
    assert letter.error_message == "not json"


def test_many_events_are_seen_through_side_by_side() -> None:
    async def scenario() -> tuple[int, int]:
        clock = VirtualClock()
        chance = random.Random(1)
        ways: list[Result] = [FAILED, WELL, THROTTLED]
        front = ScriptedFront(clock, [*(chance.choice(ways) for _ in range(5000)), WELL])
        letters = Letters()
        queue = AsynchronousQueue(cast(Front, front), clock, quotas(), letters)
        for number in range(1000):
            queue.accept(accepted(number=number))
        while len(queue):
            await asyncio.sleep(0)
        return len(front.moments), len({letter.event.request_id for letter in letters.letters})

    attempts, dead = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert attempts > 1000
    assert 0 < dead < 1000


def closing(
    events: Iterable[Accepted],
    results: list[Result],
    during: Callable[[ScriptedFront], None] = lambda front: None,
) -> list[DeadLetter]:
    """The dead letters of a queue that is closed while these events are under way."""

    async def scenario() -> list[DeadLetter]:
        clock = VirtualClock()
        front, letters = ScriptedFront(clock, results, hold=asyncio.Event()), Letters()
        queue = AsynchronousQueue(cast(Front, front), clock, quotas(), letters)
        for event in events:
            queue.accept(event)
        await asyncio.sleep(0)
        during(front)
        await queue.close()
        assert len(queue) == 0
        return letters.letters

    return asyncio.run(asyncio.wait_for(scenario(), 20))


def test_a_queue_that_is_closed_keeps_what_was_not_processed() -> None:
    letters = closing([accepted(number=1), accepted(number=2)], [WELL])
    assert [letter.event.request_id for letter in letters] == ["id-1", "id-2"]
    assert {letter.condition for letter in letters} == {"ServiceEnded"}


def test_an_event_whose_end_comes_with_the_queues_is_no_dead_letter() -> None:
    async def scenario() -> list[str]:
        clock, letters = VirtualClock(), Letters()

        class Two:
            async def attempt(self, event: Accepted) -> Answer:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    if event.request_id == "id-1":
                        raise
                return WELL

        queue = AsynchronousQueue(cast(Front, Two()), clock, quotas(), letters)
        queue.accept(accepted(number=1))
        queue.accept(accepted(number=2))
        await asyncio.sleep(0)
        await queue.close()
        return [letter.event.request_id for letter in letters.letters]

    assert asyncio.run(asyncio.wait_for(scenario(), 20)) == ["id-1"]


def letter(target: str | None = "arn:aws:sqs:us-east-1:123456789012:failed", **changes: Any) -> DeadLetter:
    made = DeadLetter(
        event=accepted(dead_letter_target=target),
        condition="RetriesExhausted",
        attempts=3,
        error_code=200,
        error_message="no stock",
    )
    return evolve(made, **changes)


def kept(tmp_path: Path, *letters: DeadLetter) -> tuple[list[Any], list[str]]:
    notices: list[str] = []
    file = tmp_path / "state" / "dead-letters.jsonl"
    box = DeadLetterFile(file, quotas(), notices.append)
    for each in letters:
        box.put(each)
    return [
        json.loads(line) for line in file.read_text("utf-8").splitlines()
    ] if file.exists() else [], notices


def test_a_dead_letter_has_the_body_and_attributes_that_lambda_sends(tmp_path: Path) -> None:
    [line], _ = kept(tmp_path, letter())
    assert line["body"] == '{"a": 1}'
    assert line["messageAttributes"] == {
        "RequestID": {"Type": "String", "Value": "id-1"},
        "ErrorCode": {"Type": "Number", "Value": "200"},
        "ErrorMessage": {"Type": "String", "Value": "no stock"},
    }
    assert line["target"] == "arn:aws:sqs:us-east-1:123456789012:failed"


def test_each_dead_letter_is_a_line(tmp_path: Path) -> None:
    lines, notices = kept(tmp_path, letter(), letter())
    assert len(lines) == len(notices) == 2


def test_an_error_message_is_cut_at_1_kb_and_stays_text(tmp_path: Path) -> None:
    [line], _ = kept(tmp_path, letter(error_message="x" + "é" * 1000))
    cut = line["messageAttributes"]["ErrorMessage"]["Value"]
    assert cut == "x" + "é" * 511


@pytest.mark.parametrize(("service", "kind"), [("sqs", "queue"), ("sns", "topic")])
def test_where_a_dead_letter_is_and_where_it_is_not_is_said(tmp_path: Path, service: str, kind: str) -> None:
    _, [notice] = kept(tmp_path, letter(f"arn:aws:{service}:us-east-1:123456789012:failed"))
    assert notice == (
        f"Checkout: event id-1 is given up after 3 attempts (RetriesExhausted); it is in "
        f"{tmp_path}/state/dead-letters.jsonl, and not in the dead-letter {kind} failed, to which nothing is sent here."
    )


def test_without_a_target_an_event_is_dropped_and_that_is_said(tmp_path: Path) -> None:
    lines, [notice] = kept(tmp_path, letter(target=None))
    assert lines == []
    assert notice == (
        "Checkout: event id-1 is given up after 3 attempts (RetriesExhausted); it is dropped, for the function has "
        "no dead-letter queue."
    )


def test_what_waits_when_the_service_ends_is_kept_even_without_a_target(tmp_path: Path) -> None:
    [line], _ = kept(tmp_path, letter(target=None, condition="ServiceEnded"))
    assert line["condition"] == "ServiceEnded"
