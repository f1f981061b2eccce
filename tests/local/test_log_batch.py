"""Log events that come at once are written together, none is lost, and not many are held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

from attrs import define, field

from lambdaform.local.log_batch import LogBatch
from lambdaform.local.logs import LogLine


def line(text: str) -> LogLine:
    return LogLine("Fn", "/aws/lambda/Fn", "stream", None, text, 0.0)


@define
class Call:
    """Something that a loop is to call."""

    callback: Callable[[], None]
    when: float | None
    cancelled: bool = False

    def cancel(self) -> None:
        """Do not call it."""
        self.cancelled = True


@define
class Loop:
    """A loop whose time the test sets, and which calls what it is told to."""

    now: float = 1000.0
    calls: list[Call] = field(factory=list)

    def time(self) -> float:
        """The time."""
        return self.now

    def call_soon(self, callback: Callable[[], None]) -> Call:
        """Call it in the next turn."""
        return self._call(callback, None)

    def call_at(self, when: float, callback: Callable[[], None]) -> Call:
        """Call it at a time."""
        return self._call(callback, when)

    def _call(self, callback: Callable[[], None], when: float | None) -> Call:
        self.calls.append(Call(callback, when))
        return self.calls[-1]

    def turn(self) -> None:
        """Call what is due."""
        due = [call for call in self.calls if call.when is None or call.when <= self.now]
        self.calls = [call for call in self.calls if call not in due]
        for call in due:
            if not call.cancelled:
                call.callback()


def batch() -> tuple[LogBatch, Loop, list[list[str]]]:
    """A batch on a loop, and what it has written, writing by writing."""
    written: list[list[str]] = []

    def write(lines: Sequence[LogLine]) -> None:
        written.append([each.text for each in lines])

    async def make() -> LogBatch:
        return LogBatch(write)

    made, loop = asyncio.run(make()), Loop()
    made._loop = cast(Any, loop)
    return made, loop, written


def test_an_event_after_a_quiet_time_is_written_in_the_next_turn() -> None:
    made, loop, written = batch()
    made.put(line("one"))
    assert written == []
    loop.turn()
    assert written == [["one"]]


def test_events_that_come_right_behind_are_written_together() -> None:
    made, loop, written = batch()
    made.put(line("one"))
    loop.turn()
    for text in ("two", "three"):
        loop.now += 0.004
        made.put(line(text))
        loop.turn()
    assert written == [["one"]]
    loop.now += 0.004
    loop.turn()
    assert written == [["one"], ["two", "three"]]


def test_no_more_than_some_hundreds_are_held() -> None:
    made, loop, written = batch()
    made.put(line("first"))
    loop.turn()
    for number in range(5000):
        made.put(line(str(number)))
        assert number - sum(map(len, written)) < 500
    made.flush()
    loop.now += 1
    loop.turn()
    assert [text for texts in written for text in texts] == ["first", *map(str, range(5000))]


def test_what_is_left_is_written_by_a_flush_and_once() -> None:
    made, loop, written = batch()
    made.put(line("one"))
    made.flush()
    loop.turn()
    made.flush()
    assert written == [["one"]]
