"""Log events on their way to a screen and to files: written together where many come at once.

The first after a quiet moment is written as soon as the event loop has a turn; those that come right behind it wait
some milliseconds for each other. A service that is killed loses these at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from lambdaform.local.logs import LogLine

#: How long after the last writing the next one is, at least, in seconds.
_PERIOD = 0.01
#: How many are held at most.
_MOST = 500


class LogBatch:
    """Collects events for ``write``; what is left is written by `flush`."""

    def __init__(self, write: Callable[[Sequence[LogLine]], None]) -> None:
        self._write = write
        self._lines: list[LogLine] = []
        self._loop = asyncio.get_running_loop()
        self._written_at = 0.0
        self._handle: asyncio.Handle | None = None

    def put(self, line: LogLine) -> None:
        """Take one event."""
        self._lines.append(line)
        if self._handle is None:
            due = self._written_at + _PERIOD
            is_quiet = self._loop.time() >= due
            self._handle = (
                self._loop.call_soon(self.flush) if is_quiet else self._loop.call_at(due, self.flush)
            )
        elif len(self._lines) >= _MOST:
            self.flush()

    def flush(self) -> None:
        """Write what there is."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._lines:
            lines, self._lines = self._lines, []
            self._written_at = self._loop.time()
            self._write(lines)
