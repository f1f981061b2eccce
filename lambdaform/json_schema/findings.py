"""The JSON Schema of what ``check --output-format json`` writes, made from `lambdaform.check.document`."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import attrs

from lambdaform.check.document import FindingsDocument
from lambdaform.json_schema.stack import DRAFT, Schema

_KINDS: Mapping[Any, str] = {str: "string", int: "integer", bool: "boolean"}
#: A field of a class's source text, with the comment for readers above it.
_FIELD = re.compile(r"((?:^    #: .*\n)+)^    (\w+):", re.MULTILINE)


def findings_schema() -> Schema:
    """The schema of the findings of one check."""
    definitions: dict[str, Schema] = {}
    body = _object(FindingsDocument, definitions)
    return {"$schema": DRAFT, "title": "Findings of lambdaform check", **body, "$defs": definitions}


def _object(cls: type[Any], definitions: dict[str, Schema]) -> Schema:
    attrs.resolve_types(cls)
    said = {name: _plain(comment) for comment, name in _FIELD.findall(inspect.getsource(cls))}
    properties = {}
    for each in attrs.fields(cls):
        schema = _kind(each.type, definitions)
        properties[each.name] = {"description": said[each.name], **schema} if each.name in said else schema
    return {
        "description": " ".join(inspect.cleandoc(cls.__doc__ or "").replace("``", "`").split()),
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _plain(comment: str) -> str:
    return " ".join(comment.replace("#:", "").replace("``", "`").split())


def _kind(annotation: Any, definitions: dict[str, Schema]) -> Schema:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        schema = _kind(next(each for each in arguments if each is not types.NoneType), definitions)
        if "enum" in schema:
            return {"enum": [*schema["enum"], None]}
        return {"type": [schema["type"], "null"]}
    if origin is typing.Literal:
        return {"const": arguments[0]} if len(arguments) == 1 else {"enum": list(arguments)}
    if origin is Sequence:
        return {"type": "array", "items": _kind(arguments[0], definitions)}
    if annotation in _KINDS:
        return {"type": _KINDS[annotation]}
    if issubclass(annotation, Enum):
        return {"enum": [each.value for each in annotation]}
    definitions[annotation.__name__] = _object(annotation, definitions)
    return {"$ref": f"#/$defs/{annotation.__name__}"}
