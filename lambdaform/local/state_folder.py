"""``.lambdaform``: what a project keeps of its local runs, such as logs and dead letters. Git leaves it alone."""

from __future__ import annotations

from pathlib import Path

NAME = ".lambdaform"


def make_state_folder(folder: Path) -> None:
    """Make a folder in ``.lambdaform``, where it is not there. Raises `OSError`."""
    root = next((each for each in (folder, *folder.parents) if each.name == NAME), None)
    is_new = root is not None and not root.exists()
    folder.mkdir(parents=True, exist_ok=True)
    if root is not None and is_new:
        (root / ".gitignore").write_text("*\n", "ascii")
