"""Which of a stack's files have changed: looked at now and again, by their times and sizes.

Source of what is not part of a package: `lambdaform.model.code_patterns`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lambdaform.model.code_patterns import patterns_for

Signature = dict[str, tuple[int, int]]


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
