"""An object's values by the limits of another time than today's.

Today's are checked when an object is made (`shape`); what a stack of an older profile holds is checked again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lambdaform.facts.quotas import Quotas
from lambdaform.model.definition import frozen
from lambdaform.model.shape import ConstrainedFit, Fit, ListFit, MappingFit, Shape, UnionFit, slots_of

Path = tuple[str | int, ...]


@frozen
class Excess:
    """A value that breaks a limit: whose it is, its field, and the way to it in the field."""

    shape: Shape
    field: str
    inside: Path
    what: str
    right: str


def over_limits(shape: Shape, limits: Quotas, without: Collection[str] = ()) -> Iterator[Excess]:
    """Every value of an object, and of the objects in it, that the limits do not allow.

    ``without`` names properties of the object, as AWS does, that are left aside.
    """
    for slot in slots_of(type(shape)):
        value = getattr(shape, slot.name)
        if value is None or slot.aws_name in without:
            continue
        for path, what, right in _broken(slot.fit, value, limits):
            yield Excess(shape, slot.name, path, what, right)
        for inner in _shapes(value):
            yield from over_limits(inner, limits)


def _broken(fit: Fit, value: Any, limits: Quotas) -> Iterator[tuple[Path, str, str]]:
    if isinstance(fit, UnionFit):
        # A value that one of the kinds allows is right.
        found = [list(_broken(each, value, limits)) for each in fit.members if each.admits(value)]
        if found and all(found):
            yield from found[0]
    elif isinstance(fit, ConstrainedFit):
        for constraint in fit.constraints:
            if broken := constraint.broken(value, limits):
                yield (), *broken
        yield from _broken(fit.base, value, limits)
    elif isinstance(fit, ListFit) and isinstance(value, list | tuple):
        for index, item in enumerate(value):
            for path, what, right in _broken(fit.item, item, limits):
                yield (index, *path), what, right
    elif isinstance(fit, MappingFit) and isinstance(value, Mapping):
        for key, item in value.items():
            for path, what, right in _broken(fit.value, item, limits):
                yield (str(key), *path), what, right


def _shapes(value: Any) -> Iterator[Shape]:
    """The objects that a value has directly in it."""
    if isinstance(value, Shape):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _shapes(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _shapes(item)
