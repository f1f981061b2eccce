"""Accepted events on disk: what a service that has died had not seen through is found by the next, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from lambdaform.facts.quotas import quotas
from lambdaform.local.clock import VirtualClock
from lambdaform.local.errors import AwsError
from lambdaform.local.front import Front
from lambdaform.local.queue.asynchronous import AsynchronousQueue
from lambdaform.local.queue.journal import Journal, Kept
from tests.local.test_asynchronous import FAILED, THROTTLED, WELL, Letters, Result, ScriptedFront, accepted


@pytest.fixture
def dead(tmp_path: Path) -> Iterator[Journal]:
    """The journal of a service that has died: its lock is free."""
    journal = Journal(tmp_path / "events")
    yield journal
    journal.close()


def die(journal: Journal) -> None:
    """Free the lock, as the end of the process does."""
    assert journal._ownership is not None
    journal._ownership.give_up()
    journal._ownership = None


def found(tmp_path: Path) -> list[Kept | Path]:
    return list(Journal(tmp_path / "events").abandoned())


def test_what_is_not_through_is_found_as_it_was_accepted(tmp_path: Path, dead: Journal) -> None:
    dead.keep(accepted(number=2), 20.0, 1)
    dead.keep(accepted(number=1), 10.0, 0)
    die(dead)
    [first, second] = found(tmp_path)
    assert isinstance(first, Kept)
    assert isinstance(second, Kept)
    assert (first.request_id, first.accepted_at, first.attempts) == ("id-1", 10.0, 0)
    assert (second.request_id, second.accepted_at, second.attempts) == ("id-2", 20.0, 1)
    assert (first.payload, first.trace_id) == (b'{"a": 1}', "Root=1")
    assert first.function_arn == accepted().target.invoked_arn


def test_what_is_through_is_not_found(tmp_path: Path, dead: Journal) -> None:
    dead.keep(accepted(number=1), 10.0, 0)
    dead.forget(accepted(number=1))
    die(dead)
    assert found(tmp_path) == []
    assert not (tmp_path / "events").exists()


def test_what_a_living_service_keeps_is_its_own(tmp_path: Path, dead: Journal) -> None:
    dead.keep(accepted(), 10.0, 0)
    assert found(tmp_path) == []


def test_nobody_else_can_read_what_is_kept(tmp_path: Path, dead: Journal) -> None:
    dead.keep(accepted(), 10.0, 0)
    [folder] = (tmp_path / "events").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_a_folder_that_somebody_has_removed_is_made_again(tmp_path: Path, dead: Journal) -> None:
    dead.keep(accepted(number=1), 10.0, 0)
    [folder] = (tmp_path / "events").iterdir()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    dead.keep(accepted(number=2), 10.0, 0)
    die(dead)
    assert [each.request_id for each in found(tmp_path) if isinstance(each, Kept)] == ["id-2"]


def left_after(tmp_path: Path, *results: Result, attempts: int = 0) -> tuple[int, int, list[str]]:
    """How often a resumed event is tried, how many files are left then, and the dead letters' conditions."""

    async def scenario() -> tuple[int, int, list[str]]:
        clock = VirtualClock()
        front, letters = ScriptedFront(clock, list(results)), Letters()
        queue = AsynchronousQueue(cast(Front, front), clock, quotas(), letters, Journal(tmp_path / "events"))
        queue.resume(accepted(), 0.0, attempts)
        while len(queue):
            await asyncio.sleep(0)
        files = len(list((tmp_path / "events").glob("*/*.json")))
        await queue.close()
        return len(front.moments), files, [letter.condition for letter in letters.letters]

    return asyncio.run(asyncio.wait_for(scenario(), 20))


def test_an_event_that_is_resumed_and_processed_is_through(tmp_path: Path) -> None:
    assert left_after(tmp_path, WELL) == (1, 0, [])


def test_attempts_before_count_when_an_event_is_resumed(tmp_path: Path) -> None:
    assert left_after(tmp_path, FAILED, attempts=2) == (1, 0, ["RetriesExhausted"])


def test_an_event_that_was_accepted_ahead_of_this_clock_is_tried_in_due_time() -> None:
    async def scenario() -> tuple[list[float], list[str]]:
        clock = VirtualClock()
        front, letters = ScriptedFront(clock, [FAILED, THROTTLED]), Letters()
        queue = AsynchronousQueue(cast(Front, front), clock, quotas(), letters)
        queue.resume(accepted(), 10 * 86_400.0, 0)
        await queue.finish()
        return front.moments, [letter.condition for letter in letters.letters]

    moments, conditions = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert moments[:2] == [0.0, 60.0]
    assert conditions == ["EventAgeExceeded"]
    assert moments[-1] <= quotas().async_event_age_s


def test_a_queue_that_is_closed_leaves_nothing_on_disk(tmp_path: Path) -> None:
    left_after(tmp_path, WELL)
    assert list(tmp_path.iterdir()) == []


def test_an_event_that_cannot_be_kept_is_not_accepted(tmp_path: Path) -> None:
    (tmp_path / "events").write_text("a file in the way")

    async def scenario() -> None:
        clock = VirtualClock()
        front = cast(Front, ScriptedFront(clock, [WELL]))
        queue = AsynchronousQueue(front, clock, quotas(), Letters(), Journal(tmp_path / "events"))
        with pytest.raises(AwsError, match="The event cannot be kept"):
            queue.accept(accepted())
        assert len(queue) == 0

    asyncio.run(scenario())
