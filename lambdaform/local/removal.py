"""Removing what functions have written, whatever that is: folders in folders without end, or closed to their owner.

`shutil.rmtree` calls itself for each folder in a folder, or keeps each of them open; and a path through thousands of
them is too long for the system. So folders come up one after another to the one at the top, and are emptied there.

Source: rename(2), path_resolution(7).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from pathlib import Path


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
