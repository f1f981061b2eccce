"""The JSON Schema of an event that a source hands to a function, and of the answer that it takes.

Keys that a schema does not name are allowed: AWS adds some from time to time.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from lambdaform.json_schema.stack import DRAFT, Schema
from lambdaform.payloads.catalog import Source
from lambdaform.payloads.payload import Key, Payload, keys_of, parts_of

_KINDS: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def event_schema(source: Source) -> Schema:
    """The schema of a source's event."""
    return _schema(source.event, f"Event: {source.title}")


def answer_schema(source: Source) -> Schema | None:
    """The schema of what a function answers, where its source takes an answer."""
    return _schema(source.answer, f"Answer to {source.title}") if source.answer else None


def _schema(cls: type[Payload], title: str) -> Schema:
    parts = {each: each.__name__ for each in parts_of(cls) if each is not cls}
    # Two parts of one name come from two modules.
    for each, name in parts.items():
        if list(parts.values()).count(name) > 1:
            parts[each] = f"{each.__module__.rpartition('.')[2]}.{name}"
    schema = {"$schema": DRAFT, "title": title, **_object(cls, parts)}
    if parts:
        schema["$defs"] = {
            name: _object(each, parts) for each, name in sorted(parts.items(), key=lambda p: p[1])
        }
    return schema


def _object(cls: type[Payload], parts: Mapping[type[Payload], str]) -> Schema:
    keys = keys_of(cls)
    required = [key.name for key in keys if key.required]
    schema: Schema = {
        "description": " ".join(
            inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].replace("``", "`").split()
        ),
        "type": "object",
        "properties": {key.name: _property(key, parts) for key in keys},
    }
    return {**schema, "required": required} if required else schema


def _property(key: Key, parts: Mapping[type[Payload], str]) -> Schema:
    schema = _kind(key.annotation, parts)
    if key.required or not schema:
        return schema
    if set(schema) == {"type"}:
        return {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _kind(annotation: Any, parts: Mapping[type[Payload], str]) -> Schema:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is Any:
        return {}
    if origin in (typing.Union, types.UnionType):
        members = [_kind(each, parts) for each in arguments if each is not types.NoneType]
        return members[0] if len(members) == 1 else {"anyOf": members}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is Sequence:
        return {"type": "array", "items": _kind(arguments[0], parts)}
    if origin is Mapping:
        inner = _kind(arguments[1], parts)
        return {"type": "object", "additionalProperties": inner} if inner else {"type": "object"}
    if annotation in _KINDS:
        return {"type": _KINDS[annotation]}
    return {"$ref": f"#/$defs/{parts[annotation]}"}
