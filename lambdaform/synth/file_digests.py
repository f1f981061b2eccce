"""The SHA-256 of files, each of which is read again once its status says that it has changed.

A file is known by its place on the disk, its size and its times, also that of its last change of any kind, which nobody
can set. A time says that nothing has been written since only where it lies back far enough: clocks of file systems go in
steps, and a file may be written twice in one. So what has been written just now is read each time. What changes without
a trace in its status (by a mapping of its memory, or over a network that keeps no such times) is not seen, as by Git.

Source: Git, Documentation/technical/racy-git.
"""

from __future__ import annotations

import hashlib
import os
import time

#: The roughest steps in which a file system counts time, in nanoseconds (FAT).
_STEP = 2_000_000_000

#: A file's device and number there, its size, and when its content and when anything of it has changed.
_Mark = tuple[int, int, int, int, int]

_known: dict[str, tuple[_Mark, bytes]] = {}


def digest_of(path: str, status: os.stat_result | None = None) -> bytes:
    """The SHA-256 of a file's content; ``status`` is what was seen of it just now, where somebody has looked."""
    known = _known.get(path)
    if known is not None and known[0] == _mark(status or os.stat(path)):  # noqa: PTH116 - thousands of files
        return known[1]
    began = time.time_ns()
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - thousands of files
        before = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256").digest()
        after = os.fstat(file.fileno())
    if _mark(before) == _mark(after) and max(before.st_mtime_ns, before.st_ctime_ns) + _STEP < began:
        _known[path] = _mark(before), digest
    else:
        _known.pop(path, None)
    return digest


def forget(path: str) -> None:
    """Read a file again, whatever its status says: its content was seen to be another."""
    _known.pop(path, None)


def _mark(status: os.stat_result) -> _Mark:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
