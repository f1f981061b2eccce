"""How much memory an environment's processes hold, and have held at most: for REPORT, and for out of memory.

To read it costs as much as an event, so it is read where one took long, before its answer is given away, and once
shorter ones have together taken long. A peak that comes to light only after its event ends no later one.

Source: AWS Lambda Developer Guide, configuration-memory; proc(5) (VmHWM, clear_refs); the rest is measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from lambdaform.local.process import Process

#: How long an event takes, in seconds, that is measured by itself; and how long shorter ones do together.
_ONE, _SUM = 0.005, 0.05
#: How much memory a process may come to hold in a second, in MB: as much as a processor clears.
_RATE = 10_000


class MemoryUse:
    """The memory of one environment's ``processes``, of which ``limit`` MB are the function's."""

    def __init__(self, limit: int, processes: Callable[[], Sequence[Process]]) -> None:
        self._limit = limit
        self._processes = processes
        self.begin()

    def begin(self) -> None:
        """Its processes begin."""
        #: The most memory that they have held, and what they held when it was read, in MB.
        self._most = self._held = 0
        #: For how long they may have run since it was read, in seconds, and whether events ended meanwhile.
        self._unread, self._has_unread = math.inf, False
        #: The peak that came to light after its event: what is no higher says nothing of a later one.
        self._excused = 0

    def ran(self, seconds: float) -> None:
        """Its processes ran for so long, within an event."""
        self._unread += seconds if seconds < _ONE else math.inf

    def rested(self, seconds: float) -> None:
        """Its processes may have run for so long, between two events."""
        self._unread += seconds

    def is_to_be_read(self, seconds: float) -> bool:
        """Whether it is to be read before the answer of an event is given away that took so long."""
        if seconds < _ONE and self._unread + seconds < _SUM:
            self._has_unread = True
            return False
        return True

    def read_at_rest(self) -> None:
        """Read what short events have left unread, so that it is not the next one's, should there be anything."""
        if self._has_unread:
            self.was_too_much()

    def ended(self, held: int) -> None:
        """A process has ended that had held so much, in MB; 0 where that is not known."""
        self._most = max(self._most, held)

    def reported(self, *, is_running: bool) -> int:
        """What REPORT says, in MB: the most that was held, read anew if it is time."""
        if is_running and self._unread >= _SUM:
            self.was_too_much()
        return max(min(self._most, self._limit), 1)

    @property
    def is_too_much(self) -> bool:
        """Whether the processes hold more than they may, now."""
        processes = self._processes()
        return (
            sum(each.memory_mb() for each in processes) > self._limit
            and sum(each.memory_mb(shared_once=True) for each in processes) > self._limit
        )

    def was_too_much(self) -> bool:
        """Read it: whether the event, or the initialisation, that is on has had too much."""
        # What short events before may have held, of which nothing was read.
        before = self._held + self._unread * _RATE if self._has_unread else 0
        processes = self._processes()
        held = [process.memory() for process in processes]
        self._most = max(self._most, sum(each.most for each in held))
        self._held = sum(each.now for each in held)
        self._unread, self._has_unread = 0.0, False
        if self._held > self._limit and self.is_too_much:
            return True
        # Of several processes, one that had too much by itself: when the others had most is not known.
        peak = max((each.most for each in held), default=0)
        if peak <= max(self._limit, self._excused):
            return False
        self._excused = max(process.forget_peak() for process in processes)
        return before <= self._limit
