"""Which class of the model stands for which AWS type and which SAM event: all that the model's modules define.

A new class is found by its ``TYPE``; nothing is listed here. Making all classes takes most of a second, so one type
imports only the module that defines it, which its source text tells.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from typing import TypeVar

from lambdaform import model
from lambdaform.model.event import Event
from lambdaform.model.resource import Resource

T = TypeVar("T", Resource, Event)

_TYPE = re.compile(r'^    TYPE: ClassVar\[str\] = "([^"]+)"', re.MULTILINE)


@cache
def resource_type(aws_type: str) -> type[Resource] | None:
    """The model's class for an AWS type, or None."""
    return _find(Resource, aws_type)


@cache
def event_type(kind: str) -> type[Event] | None:
    """The model's class for a kind of event, by SAM's name, or None."""
    return _find(Event, kind)


@cache
def resource_types() -> dict[str, type[Resource]]:
    """All of the model's resource classes by AWS type."""
    return {each.TYPE: each for name in _modules() for each in _defined(Resource, name)}


@cache
def event_types() -> dict[str, type[Event]]:
    """All of the model's event classes by SAM's name."""
    return {each.TYPE: each for name in _modules() for each in _defined(Event, name)}


def _find(base: type[T], name: str) -> type[T] | None:
    home = _homes().get(name)
    if home is None:
        return None
    return next((each for each in _defined(base, home) if name == each.TYPE), None)


@cache
def _homes() -> dict[str, str]:
    """The module that defines each ``TYPE``."""
    return {found: name for name in _modules() for found in _TYPE.findall(_source(name))}


def _modules() -> list[str]:
    return [each.name for each in pkgutil.iter_modules(model.__path__, f"{model.__name__}.")]


def _source(module: str) -> str:
    text = pkgutil.get_data(model.__name__, f"{module.rpartition('.')[2]}.py")
    return text.decode("utf-8") if text else ""


def _defined(base: type[T], module: str) -> Iterator[type[T]]:
    """Each class with a ``TYPE`` of its own that a module defines."""
    for each in vars(importlib.import_module(module)).values():
        own = isinstance(each, type) and each.__module__ == module
        if own and issubclass(each, base) and each.__dict__.get("TYPE"):
            yield each
