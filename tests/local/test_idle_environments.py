"""Environments that nobody needs any more: idle by the clock of the service, old, or of code that has changed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdaform import Function, Runtime, Stack
from lambdaform.local import pool
from lambdaform.synth.assembly import assemble, expand
from tests.local.lab import HERE, Lab, ends, laboratory, state_of

PID = "import os\ndef handler(event, context):\n    return os.getpid()\n"
#: Says that it has started, and waits for a file.
HOLD = """
import os, pathlib, time
def handler(event, context):
    mark = pathlib.Path(event)
    (mark / "started").touch()
    while not (mark / "go").exists():
        time.sleep(0.005)
    return os.getpid()
"""
MINUTE = 60.0


class Hand:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep_until(self, when: float) -> None:
        raise NotImplementedError("nothing here waits for the clock")


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def lab(tmp_path: Path, clock: Hand) -> Iterator[Lab]:
    with laboratory(tmp_path, sandboxed=False, clock=clock) as made:
        yield made


def test_an_environment_is_kept_for_some_minutes(lab: Lab, clock: Hand) -> None:
    name = lab.function(PID)
    first = lab.invoke(name).value
    clock.time += 5 * MINUTE
    assert lab.invoke(name).value == first


def test_after_more_minutes_without_an_event_it_is_gone_and_the_next_is_a_cold_start(
    lab: Lab, clock: Hand
) -> None:
    name = lab.function(PID)
    first = lab.invoke(name).value
    clock.time += 10 * MINUTE
    outcome = lab.invoke(name)
    assert "Init Duration" in outcome.report
    assert ends(first)


def test_each_event_starts_the_minutes_anew(lab: Lab, clock: Hand) -> None:
    name = lab.function(PID)
    pids = set()
    for _ in range(4):
        pids.add(lab.invoke(name).value)
        clock.time += 5 * MINUTE
    assert len(pids) == 1


def test_an_environment_ends_without_an_event_that_would_find_it_too_old(
    lab: Lab, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_ROUND", 0.01)
    pid = lab.invoke(lab.function(PID)).value
    clock.time += 10 * MINUTE

    async def gone() -> None:
        while len(lab.service._pool):
            await asyncio.sleep(0.002)

    lab.run(gone())
    assert ends(pid)


def test_one_that_is_never_idle_is_renewed_after_some_hours(lab: Lab, clock: Hand) -> None:
    name = lab.function(PID)
    pids = []
    for _ in range(30):
        pids.append(lab.invoke(name).value)
        clock.time += 5 * MINUTE
    assert len(set(pids)) == 2


def test_one_that_runs_an_event_is_left_alone_however_long_that_takes(
    lab: Lab, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_ROUND", 0.01)
    mark = lab.folder / "mark"
    mark.mkdir()
    slow = lab.function(HOLD)
    lab.invoke(lab.function(PID))

    async def long_event() -> int:
        event = asyncio.ensure_future(lab.invoking(slow, str(mark)))
        while not (mark / "started").exists():
            await asyncio.sleep(0.005)
        clock.time += 3 * 60 * MINUTE
        while len(lab.service._pool) > 1:
            await asyncio.sleep(0.002)
        (mark / "go").touch()
        value: int = (await event).value
        return value

    pid = lab.run(long_event())
    assert pid != os.getpid()
    assert state_of(pid) != ""


def shop(code: str, provisioned: int | None = None) -> Stack:
    stack = Stack("lab")
    stack.add(
        Function(
            "Sell",
            function_name="Sell",
            runtime=Runtime(HERE),
            handler="index.handler",
            inline_code=code,
            auto_publish_alias="live",
            provisioned_concurrency_config=provisioned,
        )
    )
    return stack


def test_provisioned_environments_stay_without_events(lab: Lab, clock: Hand) -> None:
    lab.deploy(shop(PID, provisioned=1))
    lab.allocation("Sell", "live")
    pid = lab.invoke("Sell", qualifier="live").value
    clock.time += 60 * MINUTE
    assert lab.invoke("Sell", qualifier="live").value == pid


def test_a_provisioned_environment_is_renewed_after_some_hours(lab: Lab, clock: Hand) -> None:
    lab.deploy(shop(PID, provisioned=1))
    lab.allocation("Sell", "live")
    clock.time += 180 * MINUTE
    pid = lab.invoke("Sell", qualifier="live").value
    assert ends(pid)

    async def initialised_again() -> None:
        while sum(line.text.startswith("INIT_REPORT") for line in lab.log) < 2:
            await asyncio.sleep(0.002)

    lab.run(initialised_again())
    outcome = lab.invoke("Sell", qualifier="live")
    assert outcome.value != pid
    assert not outcome.lines("INIT_START")


def test_changed_code_ends_an_idle_environment_at_once(lab: Lab) -> None:
    lab.deploy(shop(PID))
    pid = lab.invoke("Sell").value
    lab.deploy(shop(PID + "\n"))
    assert len(lab.service._pool) == 0
    assert ends(pid)


def test_unchanged_code_keeps_its_environment(lab: Lab) -> None:
    lab.deploy(shop(PID))
    pid = lab.invoke("Sell").value
    lab.deploy(shop(PID))
    assert lab.invoke("Sell").value == pid


def test_changed_code_lets_an_event_that_is_under_way_end_and_then_its_environment(lab: Lab) -> None:
    lab.deploy(shop(HOLD))
    mark = lab.folder / "mark"
    mark.mkdir()

    async def change_meanwhile() -> tuple[int, str]:
        event = asyncio.ensure_future(lab.invoking("Sell", str(mark)))
        while not (mark / "started").exists():
            await asyncio.sleep(0.005)
        lab.service.deploy(expand(assemble(shop("def handler(event, context):\n    return 'new'\n"))))
        new = (await lab.invoking("Sell")).value
        (mark / "go").touch()
        return (await event).value, new

    pid, new = lab.run(change_meanwhile())
    assert new == "new"
    assert ends(pid)
    assert len(lab.service._pool) == 1
