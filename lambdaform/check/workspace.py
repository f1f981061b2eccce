"""The folder to which paths are relative for who shows findings beside the code: the repository's."""

from __future__ import annotations

import os
from pathlib import Path


def workspace() -> Path:
    """The folder of the repository: where GitHub has checked it out, else the nearest with ``.git``, else the current."""
    here = Path.cwd()
    checked_out = os.environ.get("GITHUB_WORKSPACE")
    if checked_out and here.is_relative_to(Path(checked_out).resolve()):
        return Path(checked_out).resolve()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def path_in_workspace(file: str) -> str | None:
    """The file's path from there, with slashes; None where it lies elsewhere."""
    path, root = Path(file).resolve(), workspace()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None
