"""Removing what functions have written, whatever that is: folders in folders without end, or closed to their owner.

`shutil.rmtree` calls itself for each folder in a folder, or keeps each of them open; and a path through thousands of
them is too long for the system. So folders come up one after another to the one at the top, and are emptied there.

Tens of thousands of files take most of a second, which no other function waits for: they go beside the loop. Who kills
lambdaform meanwhile leaves them to its guard.

Source: rename(2), path_resolution(7).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path


class Removals:
    """Removes beside the loop, one thing after the other, in a thread that is there while there is anything to remove."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, removal: Callable[[], None]) -> None:
        """Have something removed, after all that was put before."""
        with self._lock:
            self._waiting.append(removal)
            if self._thread is None or not self._thread.is_alive():
                # Nobody who is in a hurry to end has to wait for it.
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (removal := self._next()) is not None:
            removal()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._thread = None
            return None

    def wait(self) -> None:
        """Wait until all that was put is removed."""
        thread = self._thread
        if thread is not None:
            thread.join()


def remove(folder: Path) -> None:
    """Remove a folder and all that is in it; what the system does not let go stays."""
    top = str(folder)
    numbers = itertools.count()
    pending = [top]
    while pending:
        current = pending.pop()
        for each in _inside(current):
            with contextlib.suppress(OSError):
                if not each.is_dir(follow_symlinks=False):
                    os.unlink(each)  # noqa: PTH108 - whole packages, file by file
                elif current == top:
                    pending.append(each.path)
                else:
                    raised = os.path.join(top, f".{next(numbers)}")  # noqa: PTH118
                    _open(each.path)
                    os.rename(each.path, raised)  # noqa: PTH104
                    pending.append(raised)
        if current != top:
            with contextlib.suppress(OSError):
                os.rmdir(current)  # noqa: PTH106
    with contextlib.suppress(OSError):
        folder.rmdir()


def _inside(folder: str) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError):
        _open(folder)
        with os.scandir(folder) as entries:
            return list(entries)
    return []


def _open(folder: str) -> None:
    """Let its owner change what is in it."""
    os.chmod(folder, stat.S_IRWXU)  # noqa: PTH101
