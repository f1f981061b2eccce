"""The project: the folder that holds all of an app's files, and outside of which nothing is read for it."""

from __future__ import annotations

from pathlib import Path

from lambdaform.errors import DefinitionError
from lambdaform.origin import Location


def check_inside(path: str, base: Path, where: Location | None, what: str = "code") -> None:
    """Refuse a path outside the project: a template from elsewhere may name any file of this machine."""
    root = project_root(base)
    if not (base.resolve() / path).resolve().is_relative_to(root):
        raise DefinitionError(
            f"The {what} {path} lies outside the project {root}.",
            right="Copy it into the project, or start the command in the folder that holds both.",
            where=where,
        )


def project_root(base: Path) -> Path:
    """The folder that holds a whole project: the repository's, else the current one, else the app's own."""
    folder = base.resolve()
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    here = Path.cwd()
    return here if folder.is_relative_to(here) else folder
