"""Which of a stack's files have changed: looked at now and again, by their times and sizes.

Files are polled, so that it works alike on every file system, in containers and over networks.

Source of what is not part of a package: `lambdaform.model.code_patterns`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lambdaform.model.code_patterns import patterns_for

#: How often files are looked at, in seconds, and at most which share of the time that may take.
_PERIOD = 0.4
_SHARE = 0.05

Signature = dict[str, tuple[int, int]]


class Watch:
    """Waits for a change of files, each of which is told once, whenever it happened."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = tuple(files)
        self._before = signature(self._files)
        self._pause = _PERIOD

    def follow(self, files: Iterable[Path], *, since: float) -> None:
        """Look at these files, which were read after the moment ``since``, from here on.

        What has changed of the earlier ones since the last look, and of new ones since that moment, is still told.
        """
        self._files = tuple(files)
        read = {name: each for name, each in signature(self._files).items() if each[0] < since * 1e9}
        known = {**read, **self._before}
        paths = set(map(str, self._files))
        self._before = {
            name: each
            for name, each in known.items()
            if name in paths or any(str(folder) in paths for folder in Path(name).parents)
        }

    async def change(self) -> list[str]:
        """The files that have changed, as soon as some have."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._pause)
            started = loop.time()
            now = signature(self._files)
            self._pause = max(_PERIOD, (loop.time() - started) / _SHARE)
            names, self._before = changed(self._before, now), now
            if names:
                return names


def signature(paths: Iterable[Path]) -> Signature:
    """The time and size of every file among the paths and below them; two that are equal mean no change."""
    found: Signature = {}
    for path in paths:
        for file, status in _files(str(path)):
            found[file] = (status.st_mtime_ns, status.st_size)
    return found


def changed(before: Signature, now: Signature) -> list[str]:
    """The files that are new, gone or different."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _files(path: str) -> Iterator[tuple[str, os.stat_result]]:
    pending = [path]
    while pending:
        current = pending.pop()
        try:
            if not os.path.isdir(current):  # noqa: PTH112 - thousands of files, twice a second
                yield current, os.stat(current)  # noqa: PTH116
                continue
            with os.scandir(current) as children:
                pending.extend(child.path for child in children if not _excluded(child.name))
        except OSError:
            # A file that goes away while we look is a change that the next look shows.
            continue


def _excluded(name: str) -> bool:
    return patterns_for().leave_out(name, folder=True)
