"""Where files lie that a stack names: beside its own, inside the project."""

from __future__ import annotations

from pathlib import Path

from lambdaform.errors import DefinitionError
from lambdaform.load.project import check_inside as check_inside
from lambdaform.model.shape import Shape
from lambdaform.origin import Location, shown_path


def place_of(shape: Shape, field_name: str) -> Location | None:
    """Where a field of a resource, or of a part of it, is written."""
    return shape.origin.locate(shape.names_of(field_name)) if shape.origin else None


def require_list(file: Path, where: Location | None) -> None:
    """See that a list of dependencies is there. Raises `DefinitionError` where it is not."""
    if not file.is_file():
        raise DefinitionError(
            f"There is no list of dependencies {shown_path(str(file))}.",
            right="Name a requirements.txt, pyproject.toml or package.json, relative to the app's file.",
            where=where,
        )
