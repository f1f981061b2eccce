"""Which class of the model stands for which AWS type and which SAM event: all that the model's modules define.

A new class is found by its ``TYPE``; nothing is listed here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import TypeVar

from lambdaform import model
from lambdaform.model.events import Event
from lambdaform.model.resource import Resource

T = TypeVar("T", Resource, Event)


@cache
def resource_types() -> dict[str, type[Resource]]:
    """The model's resource classes by AWS type."""
    return {each.TYPE: each for each in _defined(Resource)}


@cache
def event_types() -> dict[str, type[Event]]:
    """The model's event classes by SAM's name."""
    return {each.TYPE: each for each in _defined(Event)}


def _defined(base: type[T]) -> Iterator[type[T]]:
    """Each class with a ``TYPE`` of its own, in the module that defines it, in the modules' order."""
    for module in pkgutil.iter_modules(model.__path__, f"{model.__name__}."):
        for each in vars(importlib.import_module(module.name)).values():
            own = isinstance(each, type) and each.__module__ == module.name
            if own and issubclass(each, base) and each.__dict__.get("TYPE"):
                yield each
