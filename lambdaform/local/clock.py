"""One source of time for the simulated service: the wall's, sped up where asked, or a virtual one.

Schedules, retries and event ages go by a clock; how long a real process takes is measured in real time.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol


def wall_time() -> float:
    """The wall's time in seconds since the epoch: what a real process sees, and what log lines carry."""
    return time.time()


def utc_text(moment: float) -> str:
    """A moment as AWS writes it: ``2026-11-24T12:00:00.000Z``."""
    milliseconds = round(moment * 1000)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{text}.{milliseconds % 1000:03d}Z"


class Clock(Protocol):
    """What the service asks of time. Moments are seconds since the epoch."""

    def now(self) -> float:
        """The moment it is, on this clock."""

    async def sleep_until(self, when: float) -> None:
        """Wait for a moment; at once where it is past."""


class WallClock:
    """The wall's time; from the start on, ``speed`` simulated seconds pass in each real one."""

    def __init__(self, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError("a clock's speed is more than 0")
        self._speed = speed
        self._epoch = time.time()
        self._started = time.monotonic()

    def now(self) -> float:
        """The moment it is."""
        return self._epoch + (time.monotonic() - self._started) * self._speed

    async def sleep_until(self, when: float) -> None:
        """Wait in real time, in pieces of at most an hour, for a laptop may be put to sleep."""
        while (remaining := when - self.now()) > 0:
            await asyncio.sleep(min(remaining / self._speed, 3600))


class VirtualClock:
    """A clock that stands still while anything real is under way, and then jumps to the next moment awaited.

    Real work says so with `busy`; a task that merely computes needs not, for the jump comes only when the event
    loop has nothing else to do. It lies where code looks at the wall by itself.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._busy = 0
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Future[None] | Callable[[], None]]] = []
        self._jump: asyncio.Handle | None = None

    def now(self) -> float:
        """The moment it is."""
        return self._now

    async def sleep_until(self, when: float) -> None:
        """Wait for the clock to get there."""
        if when <= self._now:
            await asyncio.sleep(0)
            return
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (when, next(self._order), waiter))
        self._plan()
        await waiter

    def call_at(self, when: float, callback: Callable[[], None]) -> None:
        """Call something when the clock gets there."""
        heapq.heappush(self._waiting, (when, next(self._order), callback))
        self._plan()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Within the block something real is under way, and time stands still."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._plan()

    def _plan(self) -> None:
        """Jump as soon as the loop has been idle for one turn."""
        if self._jump is None and not self._busy and self._waiting:
            self._jump = asyncio.get_running_loop().call_later(0, self._advance)

    def _advance(self) -> None:
        self._jump = None
        while self._waiting and isinstance(first := self._waiting[0][2], asyncio.Future) and first.done():
            heapq.heappop(self._waiting)
        if self._busy or not self._waiting:
            return
        self._now = max(self._now, self._waiting[0][0])
        # All that is due at this moment, at once.
        due = []
        while self._waiting and self._waiting[0][0] <= self._now:
            due.append(heapq.heappop(self._waiting)[2])
        for waiter in due:
            if not isinstance(waiter, asyncio.Future):
                waiter()
            elif not waiter.done():
                waiter.set_result(None)
        self._plan()
