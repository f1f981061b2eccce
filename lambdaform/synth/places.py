"""Where files lie that a stack names: beside its own, inside the project."""

from __future__ import annotations

from lambdaform.load.project import check_inside as check_inside
from lambdaform.model.resource import Resource
from lambdaform.origin import Location


def place_of(resource: Resource, field_name: str) -> Location | None:
    """Where a field of a resource is written."""
    return resource.origin.locate(resource.names_of(field_name)) if resource.origin else None
