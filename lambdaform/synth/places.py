"""Where files lie that a stack names: beside its own, inside the project."""

from __future__ import annotations

from pathlib import Path

from lambdaform.errors import DefinitionError
from lambdaform.model.resource import Resource
from lambdaform.origin import Location


def place_of(resource: Resource, field_name: str) -> Location | None:
    """Where a field of a resource is written."""
    return resource.origin.locate(resource.names_of(field_name)) if resource.origin else None


def check_inside(path: str, base: Path, where: Location | None) -> None:
    """Refuse code outside the project: a template from elsewhere may name any file of this machine."""
    root = _project_root(base)
    if not (base.resolve() / path).resolve().is_relative_to(root):
        raise DefinitionError(
            f"The code {path} lies outside the project {root}.",
            right="Copy it into the project, or start the command in the folder that holds both.",
            where=where,
        )


def _project_root(base: Path) -> Path:
    """The folder that holds a whole project: the repository's, else the current one, else the app's own."""
    folder = base.resolve()
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    here = Path.cwd()
    return here if folder.is_relative_to(here) else folder
