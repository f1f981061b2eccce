"""What may be written for a field of the model, as data: the kinds that its type and its converter take.

A field's type says what it holds (``queue: str | Ref[str]``), its converter what may be given for it
(``Queue | str | Ref[str]``); a document may have either. Both the reading of documents and their JSON Schema
derive from the answers here.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import pkgutil
import sys
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

import lambdaform
from lambdaform import model
from lambdaform.model import grants
from lambdaform.model.event import Event, RawEvent
from lambdaform.model.iam import Statement
from lambdaform.model.resource import Resource, UpdatePolicy
from lambdaform.model.shape import Shape, Slot, cached, slots_of

#: The key that names an object's class, where the place of the object leaves it open.
CLASS = "class"
#: The key (and, as ``!Resource``, the YAML tag) that stands for a resource itself, as a variable does in Python.
RESOURCE = "$resource"
#: The key that makes statements of what may be done with a resource, as the functions of `grants` do.
GRANT = "grant"


def class_named(name: object) -> type[Shape] | None:
    """The public class of the model that has this name."""
    found = getattr(lambdaform, name, None) if isinstance(name, str) and name in lambdaform.__all__ else None
    return found if isinstance(found, type) and issubclass(found, Shape) else None


def annotation_of(cls: type[Shape], slot: Slot) -> Any:
    """The type of what may be written for a field: what it holds, or what its converter makes that from."""
    return _annotations_of(cls)[slot.name]


@cached
def _annotations_of(cls: type[Shape]) -> Mapping[str, Any]:
    converters = {each.name: each.converter for each in attrs.fields(cls)}
    return {slot.name: _widened(slot.annotation, converters[slot.name]) for slot in slots_of(cls)}


def _widened(annotation: Any, converter: Any) -> Any:
    given = Any if converter is None else _argument_of(_innermost(converter))
    return annotation if given is Any else typing.Union[annotation, given]  # noqa: UP007 - built at run time


def alternatives(annotation: Any) -> Iterator[Any]:
    """The members of a union, of unions in it too, without the constraints on whole values; itself otherwise."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from alternatives(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for each in typing.get_args(annotation):
            yield from alternatives(each)
    else:
        yield annotation


def is_mapping(annotation: Any) -> bool:
    """Whether a type is that of a plain mapping."""
    origin = typing.get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def is_sequence(annotation: Any) -> bool:
    """Whether a type is that of a list."""
    origin = typing.get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Sequence)


def item_type(annotation: Any) -> Any:
    """The type of the items of the lists that a type admits; `Any` where it admits none."""
    return _union(typing.get_args(each)[0] for each in alternatives(annotation) if is_sequence(each))


def value_type(annotation: Any) -> Any:
    """The type of the values of the mappings that a type admits; `Any` where it admits none."""
    return _union(typing.get_args(each)[1] for each in alternatives(annotation) if is_mapping(each))


def classes_in(annotation: Any) -> list[type[Shape]]:
    """The classes of which an object may be written where this type is asked for. Resources stand by themselves."""
    return [each for each in _shapes_in(annotation) if not issubclass(each, Resource)]


def resources_in(annotation: Any) -> list[type[Resource]]:
    """The classes of the resources that may be meant where this type is asked for."""
    return [each for each in _shapes_in(annotation) if issubclass(each, Resource)]


def takes_grant(annotation: Any) -> bool:
    """Whether the statements that a grant makes may stand where this type is asked for."""
    lists = (each for each in alternatives(annotation) if is_sequence(each))
    return any(Statement in alternatives(typing.get_args(each)[0]) for each in lists)


@cached
def _grants_of(module: types.ModuleType) -> Mapping[str, Callable[..., grants.Grant]]:
    own = (each for each in vars(module).values() if inspect.isfunction(each))
    return {
        each.__name__: each
        for each in own
        if not each.__name__.startswith("_") and typing.get_type_hints(each).get("return") == grants.Grant
    }


def grant_makers() -> Mapping[str, Callable[..., grants.Grant]]:
    """What may be done with resources, by name: the functions that make statements of it."""
    return _grants_of(grants)


def arguments_of(maker: Callable[..., grants.Grant]) -> Mapping[str, Any]:
    """The names of what a grant is made of, with the type of each. The first is the resource."""
    return {name: each for name, each in typing.get_type_hints(maker).items() if name != "return"}


def is_abstract(cls: type[Shape]) -> bool:
    """Whether only classes that derive from this one have objects."""
    if issubclass(cls, Event):
        return not cls.TYPE and cls is not RawEvent
    return cls is UpdatePolicy


def implied_class(annotation: Any, keys: Collection[str]) -> type[Shape] | None:
    """The class of an object with these keys that does not name its class; None where that is not clear."""
    if any(is_mapping(each) or each is Any or each is object for each in alternatives(annotation)):
        return None
    classes = [each for each in classes_in(annotation) if not is_abstract(each)]
    if len(classes) > 1:
        classes = [each for each in classes if _may_have(each, keys)]
    return classes[0] if len(classes) == 1 and not any(map(is_abstract, classes_in(annotation))) else None


def _may_have(cls: type[Shape], keys: Collection[str]) -> bool:
    slots = slots_of(cls)
    known = {slot.name for slot in slots} | {"raw"}
    required = {slot.name for slot in slots if slot.default is attrs.NOTHING}
    return required <= set(keys) <= known


def _shapes_in(annotation: Any) -> list[Any]:
    found = [each for each in alternatives(annotation) if isinstance(each, type) and issubclass(each, Shape)]
    return list(dict.fromkeys(found))


def _union(members: Any) -> Any:
    given = tuple(members)
    return typing.Union[given] if given else Any  # noqa: UP007 - built at run time


def _innermost(converter: Any) -> Callable[..., Any]:
    """The function that does the work, without attrs' own around it (``optional``)."""
    while True:
        cells = getattr(converter, "__closure__", None)
        if cells and converter.__module__.partition(".")[0] in ("attr", "attrs"):
            converter = next(cell.cell_contents for cell in cells if callable(cell.cell_contents))
            continue
        return converter  # type: ignore[no-any-return]


@cached
def _argument_of(converter: Callable[..., Any]) -> Any:
    """The type of a converter's argument, whose names may be imported for type checkers only."""
    annotation = next(iter(inspect.signature(converter).parameters.values())).annotation
    if annotation is inspect.Parameter.empty:
        return Any
    if isinstance(annotation, str):
        names = _Names(vars(sys.modules[converter.__module__]))
        annotation = eval(annotation, {}, names)  # noqa: S307 - our own modules' annotations
    return annotation


class _Names(dict[str, Any]):
    """The names that an annotation of a module may use: its own, and those of the model."""

    def __init__(self, own: Mapping[str, Any]) -> None:
        super().__init__()
        self._own = own

    def __missing__(self, name: str) -> Any:
        if name in self._own:
            return self._own[name]
        if name in lambdaform.__all__:
            return getattr(lambdaform, name)
        if hasattr(builtins, name):
            return getattr(builtins, name)
        for module in pkgutil.iter_modules(model.__path__, f"{model.__name__}."):
            found = vars(importlib.import_module(module.name)).get(name)
            if isinstance(found, type) and found.__module__ == module.name:
                return found
        raise KeyError(name)
