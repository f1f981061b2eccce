"""An event loop that stays awake for a moment after something has come.

Whoever sleeps is woken late: between two processes of a virtual machine by some 30 microseconds, and the service would
sleep twice in each event, while its function works and while its caller takes the answer. Both often take less than a
moment. The price is at most that moment of a processor for each time that something comes.

Source: measured (`benchmarks.peers`); the Linux kernel's documentation of `net.core.busy_poll`, which does the same.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import sys
from time import perf_counter

#: In seconds. It is spent after what has come only, so that it is no load where nothing comes.
_MOMENT = 50e-6


class WakefulSelector(selectors.DefaultSelector):
    """Waits awake for a moment once something has come; whoever else wants the processor meanwhile has it."""

    _has_come = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready, as the usual selector tells it."""
        if self._has_come and (timeout is None or timeout > _MOMENT):
            until = perf_counter() + _MOMENT
            while perf_counter() < until:
                if ready := super().select(0):
                    return ready
                os.sched_yield()
        ready = super().select(timeout)
        # A round of the loop that has something to do asks without waiting, and may find nothing more.
        self._has_come = bool(ready) or (self._has_come and timeout == 0)
        return ready


def new_event_loop() -> asyncio.AbstractEventLoop:
    """The loop for a service that runs alone in its process; the usual one where a single processor has to do all."""
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1:
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(WakefulSelector())
