"""Folders that are made once and kept: installed dependencies, by a hash over all that goes into them.

They lie in the user's cache folder, for all projects, or where ``LAMBDAFORM_CACHE`` says; whoever wants them gone
deletes them. A folder appears whole or not at all, and two processes may make the same one at once.

Source: XDG Base Directory Specification; Apple, File System Programming Guide (Library/Caches).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from lambdaform.errors import UsageError

_VARIABLE = "LAMBDAFORM_CACHE"
#: After so many seconds nobody is still making a folder.
_ABANDONED = 24 * 60 * 60


def key_of(parts: Iterable[str | bytes]) -> str:
    """A name for what these parts make, in this order."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


def kept(kind: str, key: str) -> Path | None:
    """The folder of this kind and key, where it was made before."""
    folder = _root() / kind / key
    return folder if folder.is_dir() else None


def keep(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder of this kind and key; where there is none, ``make`` fills a new one.

    Raises `UsageError` where the cache cannot be written, and whatever ``make`` raises.
    """
    found = kept(kind, key)
    if found is not None:
        return found
    folder = _root() / kind / key
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clean(folder.parent)
        passing = Path(tempfile.mkdtemp(prefix=f".{key[:12]}-", dir=folder.parent))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"The cache {folder.parent} cannot be written: {reason}.", right=f"Name another by {_VARIABLE}."
        ) from error
    try:
        made = passing / "made"
        made.mkdir()
        make(made)
        # Another process may have been faster: its folder has the same content.
        with contextlib.suppress(OSError):
            made.rename(folder)
        if not folder.is_dir():
            raise UsageError(f"The cache {folder} cannot be written.", right=f"Name another by {_VARIABLE}.")
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return folder


def _clean(folder: Path) -> None:
    """Remove what a process that was killed has left half made."""
    for each in folder.glob(".*"):
        with contextlib.suppress(OSError):
            if time.time() - each.stat().st_mtime > _ABANDONED:
                shutil.rmtree(each, ignore_errors=True)


def _root() -> Path:
    given = os.environ.get(_VARIABLE)
    if given:
        return Path(given).absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lambdaform"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lambdaform"
