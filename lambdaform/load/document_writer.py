"""A `Stack` → the document that is the same stack written as data; `lambdaform.load.document` reads it back.

What Python made of shorthands and objects is written as what it is (``queue: {Fn::GetAtt: [Orders, Arn]}``). A
resource of troposphere's becomes a `RawResource`, whose template is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import attrs

from lambdaform.load.document import FOR_EACH, function_of
from lambdaform.load.types import resource_type
from lambdaform.load.written import (
    CLASS,
    alternatives,
    annotation_of,
    implied_class,
    is_mapping,
    is_sequence,
    item_type,
    value_type,
)
from lambdaform.model.event import Event
from lambdaform.model.iam import PolicyTemplate
from lambdaform.model.references import Condition, GetAtt, If, Intrinsic, LogicalRef, Ref, Sub
from lambdaform.model.resource import RawResource, Resource
from lambdaform.model.shape import Shape, Slot, slots_of
from lambdaform.model.stack import Stack
from lambdaform.model.troposphere_resource import TroposphereResource

_SAM = "AWS::Serverless::"


def to_document(stack: Stack) -> dict[str, Any]:
    """The stack as plain data: dicts, lists, scalars, and intrinsics in their long form."""
    sections: dict[str, Any] = {
        "transforms": _data(stack.transforms),
        "parameters": {key: _fields(each) for key, each in stack.parameters.items()},
        "conditions": {key: _data(each.expression) for key, each in stack.conditions.items()},
        "mappings": _data(stack.mappings),
        "rules": {key: _fields(each) for key, each in stack.rules.items()},
        "globals": dict(_globals(key, each) for key, each in stack.globals.items()),
        "resources": {key: _resource(each) for key, each in stack.resources.items()},
        "loops": {key.removeprefix(FOR_EACH): _loop(each) for key, each in stack.loops.items()},
        "outputs": {key: _fields(each) for key, each in stack.outputs.items()},
        "output_loops": _data(stack.output_loops),
        "metadata": _data(stack.metadata),
        "tags_of": _data(stack.tags_of),
        "children": {key: to_document(each) for key, each in stack.children.items()},
        "raw": _data(stack.raw),
    }
    written = {name: value for name, value in sections.items() if value or name == "resources"}
    return {**_fields(stack.head), **written}


def _globals(section: str, shared: Resource) -> tuple[str, Any]:
    if isinstance(shared, RawResource):
        return section, _resource(shared)
    cls = resource_type(_SAM + section)
    return (cls or type(shared)).__name__, _fields(shared)


def _resource(resource: Resource) -> dict[str, Any]:
    cls = RawResource if isinstance(resource, TroposphereResource) else type(resource)
    return {CLASS: cls.__name__, **_fields(resource, cls)}


def _loop(loop: Any) -> Any:
    identifier, collection, body = loop
    repeated = {
        key: {**_resource(each), **({} if each.logical_id == key else {"logical_id": each.logical_id})}
        if isinstance(each, Resource)
        else _data(each)
        for key, each in body.items()
    }
    return {"identifier": identifier, "collection": _data(collection), "body": repeated}


def _fields(shape: Shape, cls: type[Shape] | None = None) -> dict[str, Any]:
    """Each field that has another value than its class gives it anyway."""
    cls = cls or type(shape)
    own = {
        slot.name: _field(cls, slot, getattr(shape, slot.name))
        for slot in slots_of(cls)
        if slot.name != "logical_id" and _says_something(shape, slot)
    }
    return {**own, **({"raw": _data(shape.raw)} if shape.raw else {})}


def _says_something(shape: Shape, slot: Slot) -> bool:
    value, default = getattr(shape, slot.name), slot.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # the stubs have it as a function
        default = default.factory(shape) if default.takes_self else default.factory()
    if value is None:
        # To have nothing is something to say where the class gives something by itself.
        return default is not None and default is not attrs.NOTHING
    return bool(value != default)


def _field(cls: type[Shape], slot: Slot, value: Any) -> Any:
    """A field's value; an object that its class makes of one of its own values is written as that value."""
    annotation = annotation_of(cls, slot)
    content = _shorthand(cls, slot, value, annotation) if isinstance(value, Shape) else None
    return _value(value if content is None else content, annotation)


def _shorthand(cls: type[Shape], slot: Slot, value: Shape, annotation: Any) -> Any:
    """The only thing that an object says, where the field makes the same object of that alone; else None."""
    converter = next(each.converter for each in attrs.fields(cls) if each.name == slot.name)
    said = [each for each in slots_of(type(value)) if _says_something(value, each)]
    if converter is None or len(said) != 1 or value.raw:
        return None
    content = getattr(value, said[0].name)
    if isinstance(content, Mapping):
        # Keys that mean something of their own would not be read as names.
        fits = (
            any(map(is_mapping, alternatives(annotation)))
            and CLASS not in content
            and not function_of(content)
        )
    elif isinstance(content, tuple):
        fits = any(map(is_sequence, alternatives(annotation)))
    else:
        fits = type(content) in alternatives(annotation)
    return content if fits and converter(content) == value else None


def _value(value: Any, annotation: Any) -> Any:
    """A field's value, in which each object names its class unless its place says which it is."""
    if isinstance(value, Ref):
        return _reference(value)
    if isinstance(value, Shape):
        fields = _fields(value)
        implied = implied_class(annotation, fields.keys())
        return fields if implied is type(value) else {CLASS: type(value).__name__, **fields}
    if _is_open(annotation):
        return _data(value)
    if isinstance(value, Mapping):
        inner = value_type(annotation)
        return {key: _value(item, inner) for key, item in value.items()}
    if isinstance(value, list | tuple):
        inner = item_type(annotation)
        return [_value(item, inner) for item in value]
    return value.value if isinstance(value, Enum) else value


def _is_open(annotation: Any) -> bool:
    return any(each is Any or each is object for each in alternatives(annotation))


def _data(value: Any) -> Any:
    """A value where anything may stand; an object of the model there is written as the template has it."""
    if isinstance(value, Ref):
        return _reference(value)
    if isinstance(value, Mapping):
        return {key: _data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item) for item in value]
    if isinstance(value, Condition):
        return {"Condition": value.name}
    if isinstance(value, PolicyTemplate):
        return {value.name: _data(value.parameters)}
    if isinstance(value, Event):
        return {"Type": value.event_type, "Properties": _properties(value)}
    if isinstance(value, Shape):
        return _properties(value)
    return value.value if isinstance(value, Enum) else value


def _properties(shape: Shape) -> dict[str, Any]:
    return {name: _data(value) for name, value in shape.property_values()}


def _reference(ref: Ref[Any]) -> dict[str, Any]:
    match ref:
        case LogicalRef(logical_id=logical_id):
            return {"Ref": logical_id}
        case GetAtt(logical_id=logical_id, attribute=attribute):
            return {"Fn::GetAtt": [logical_id, _data(attribute)]}
        case Sub(text=text, values=values):
            return {"Fn::Sub": [text, _data(values)] if values else text}
        case If(condition=condition, then=then, otherwise=otherwise):
            return {"Fn::If": [condition, _data(then), _data(otherwise)]}
        case Intrinsic(function=function, argument=argument):
            return {function: _data(argument)}
    raise TypeError(f"no form as data for {type(ref).__name__}")
