"""Where things are written, and where files lie that a stack names: beside its own, inside the project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lambdaform.errors import DefinitionError
from lambdaform.load.project import check_inside as check_inside
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape, slots_of
from lambdaform.origin import Location, shown_path


def place_of(shape: Shape, field_name: str) -> Location | None:
    """Where a field of a resource, or of a part of it, is written."""
    return shape.origin.locate(shape.names_of(field_name)) if shape.origin else None


def owner_of(logical_id: str, resources: Mapping[str, Resource]) -> Resource | None:
    """The resource of this logical id, or the one of which SAM has made it: SAM begins with its owner's id."""
    owners = [each for each in resources if logical_id.startswith(each)]
    return resources[max(owners, key=len)] if owners else None


def place_in(shape: Shape, *way: str | int) -> Location | None:
    """Where a resource or an output is written, or what lies in it on the way from a property, by AWS's name, into its value."""
    if shape.origin is None:
        return None
    first, inside = way[:1], way[1:]
    names = [slot.name for slot in slots_of(type(shape)) if slot.aws_name in first]
    return shape.origin.locate((*names, *map(str, first)), inside)


def require_list(file: Path, where: Location | None) -> None:
    """See that a list of dependencies is there. Raises `DefinitionError` where it is not."""
    if not file.is_file():
        raise DefinitionError(
            f"There is no list of dependencies {shown_path(str(file))}.",
            right="Name a requirements.txt, pyproject.toml or package.json, relative to the app's file.",
            where=where,
        )
