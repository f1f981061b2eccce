"""What is kept in files of lines while a disk may be full: it goes on once there is room, and says what is missing.

It holds no file: whoever keeps something asks `Keeping` whether to try, and tells it what came of that.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path

from lambdaform.local.counted import counted

#: How long after a failure it is tried again, at the earliest, in seconds.
_PATIENCE = 5.0


class Keeping:
    """Whether something can be kept. ``notice`` is told where it cannot, and when it can again, with what is missing.

    ``subject`` is what is kept ("The log"), ``unit`` one piece of it, ``reader`` the command for which it is kept;
    ``now`` is a clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        subject: str,
        unit: str,
        reader: str,
        notice: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._subject, self._unit, self._reader = subject, unit, reader
        self._notice = notice
        self._now = now
        #: When it is tried again, while it cannot; and how much was lost meanwhile.
        self._retry_at: float | None = None
        self._lost = 0

    @property
    def waits(self) -> bool:
        """Whether it has just failed, and is not tried yet."""
        return self._retry_at is not None and self._now() < self._retry_at

    def lose(self, count: int) -> None:
        """So many came while it waits."""
        self._lost += count

    def fail(self, place: Path, error: OSError, lost: int) -> None:
        """It was tried, and so many are lost."""
        if self._retry_at is None:
            reason = (error.strerror or str(error)).lower()
            self._notice(f"{self._subject} is not kept for {self._reader}: {place}: {reason}.")
        self._retry_at = self._now() + _PATIENCE
        self._lost += lost

    def succeed(self) -> None:
        """It was tried, and all is kept."""
        if self._retry_at is not None:
            self._notice(f"{self._subject} is kept for {self._reader} again. {self._missing()}")
            self._retry_at, self._lost = None, 0

    def end(self) -> None:
        """Nothing comes any more."""
        if self._lost:
            self._notice(f"{self._subject} was not kept for {self._reader} to the end. {self._missing()}")
            self._lost = 0

    def _missing(self) -> str:
        return f"{counted(self._lost, self._unit)} {'is' if self._lost == 1 else 'are'} not there."


def append_lines(file: FileIO, data: bytes) -> tuple[int, OSError | None]:
    """Write lines at the end of a file that has no buffer: how many bytes of them are there, and why not all.

    A line of which only a part has room stays away.
    """
    written = 0
    try:
        while written < len(data):
            written += file.write(data[written:])
    except OSError as error:
        whole = data.rfind(b"\n", 0, written) + 1
        with suppress(OSError):
            file.truncate(os.fstat(file.fileno()).st_size - (written - whole))
        return whole, error
    return written, None
