"""A timer for a moment that keeps moving: it is not made anew each time, but looks again when it rings too early.

An environment that takes a thousand events a second would otherwise make and cancel thousands of timers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls ``ring`` at the moment (in the loop's time) that ``due`` gives; None means that there is nothing to do.

    `arm` it whenever a moment may have come up where there was none, or an earlier one than before.
    """

    def __init__(self, due: Callable[[], float | None], ring: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = due
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None
        self._is_closed = False

    def arm(self) -> None:
        """See that it rings in time."""
        when = None if self._is_closed else self._due()
        if when is None or (self._handle is not None and self._handle.when() <= when):
            return
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_at(when, self._look)

    def close(self) -> None:
        """Ring no more."""
        self._is_closed = True
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look(self) -> None:
        self._handle = None
        when = self._due()
        # The loop's clock may call a little early, by as much as it can tell moments apart.
        if when is not None and when <= self._loop.time() + 0.001:
            self._ring()
        self.arm()
