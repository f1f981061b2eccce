"""Whether somebody reads standard output: of a pipe that can be told, though nothing is written to it.

Source: poll(2), POLLERR on the end of a pipe that is written to.
"""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


def is_read() -> bool:
    """Whether anybody still reads it."""
    try:
        ends = select.poll()
        ends.register(sys.stdout.fileno(), 0)
        return not ends.poll(0)
    except io.UnsupportedOperation:
        return True  # It is no file of the system's.


def watch_reader(loop: asyncio.AbstractEventLoop, lost: Callable[[], None]) -> None:
    """Call ``lost`` once nobody reads it any more, where that can be awaited: of a pipe, on Linux."""
    if sys.platform != "linux" or not stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode):
        return
    # The end of a pipe that is written to is never readable; that it has no reader is told all the same.
    watched = os.dup(sys.stdout.fileno())

    def gone() -> None:
        loop.remove_reader(watched)
        os.close(watched)
        lost()

    loop.add_reader(watched, gone)
