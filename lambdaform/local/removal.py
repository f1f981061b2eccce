"""Removing what functions have written, whatever that is: folders in folders without end, or closed to their owner.

`shutil.rmtree` calls itself for each folder in a folder, or keeps each of them open; and a path through thousands of
them is too long for the system. So folders come up one after another to the one at the top, and are emptied there.

Tens of thousands of files take most of a second, which no other function waits for: they go beside the loop. Who kills
lambdaform meanwhile leaves them to its guard.

Source: rename(2), path_resolution(7).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from lambdaform.local.namespace import Namespace


class Removals:
    """Ends environments' views and removes their folders beside the loop.

    The files of a view may be in memory, which the next environment needs: no view waits for a folder.
    """

    def __init__(self) -> None:
        self._views, self._folders = _Line(), _Line()

    def put(self, folder: Path, view: Namespace | None = None) -> None:
        """Have a view closed, and then the folder removed."""
        removal = partial(remove, folder)

        def close() -> None:
            try:
                if view is not None:
                    view.close()
            finally:
                self._folders.put(removal)

        self._views.put(close)

    async def ended(self) -> None:
        """Wait until all that was put is removed."""
        end: Future[None] = Future()
        # Whoever does not wait any more does not take it away.
        end.set_running_or_notify_cancel()
        self._views.put(lambda: self._folders.put(lambda: end.set_result(None)))
        await asyncio.wrap_future(end)


class _Line:
    """Does one thing after the other, in a thread that is there while there is anything to do."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._works = False

    def put(self, work: Callable[[], None]) -> None:
        """Have something done after all that was put before: here, where the system gives no thread for it."""
        with self._lock:
            self._waiting.append(work)
            if self._works:
                return
            self._works = True
        try:
            # Nobody who is in a hurry to end has to wait for it.
            threading.Thread(target=self._run, daemon=True).start()
        except RuntimeError:
            self._run()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001 - it is told, and keeps nothing else from being done
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            self._works = bool(self._waiting)
            return self._waiting.popleft() if self._waiting else None


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
