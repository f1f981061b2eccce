"""The members of an operation's input, read from a request: path, query, headers and body.

What is there is given its kind: numbers, moments (`datetime`), bytes. What the model does not know is left out, and
so is null. Whether a value is one that Lambda takes is not asked here but in `validation`.

Source: Smithy, "AWS restJson1 protocol"; the sentences are those of AWS's own parser.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qs

from lambdaform.facts.service_model import Member, Operation, Shape
from lambdaform.local.errors import AwsError
from lambdaform.local.http import Request

#: The numbers that a 32-bit and a 64-bit integer can be.
_RANGES = {"integer": 31, "long": 63}
_NUMBER = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NAMES = {"integer": "an Integer", "long": "a Long", "double": "a Double", "boolean": "a Boolean"}


def read(operation: Operation, labels: Mapping[str, str], request: Request) -> dict[str, Any]:
    """The members by AWS's names. Raises `AwsError` for what is no such request."""
    shape = operation.input
    query = parse_qs(request.query, keep_blank_values=True) if request.query else {}
    document: Mapping[str, Any] | None = None
    found: dict[str, Any] = {}
    for member in shape.members.values():
        value: Any = None
        if member.location == "uri":
            value = _of_text(member.shape, labels[member.wire_name])
        elif member.location == "querystring":
            value = _of_query(member, query)
        elif member.location == "header":
            text = request.headers.get(member.wire_name.lower())
            value = _of_text(member.shape, text) if text is not None else None
        elif shape.payload == member.name:
            value = _payload(member.shape, request.body)
        else:
            if document is None:
                document = _document(request.body)
            value = _of_json(member.shape, document.get(member.wire_name))
        if value is not None:
            found[member.name] = value
    return found


def serialization_error(message: str) -> AwsError:
    """A request that cannot be read at all."""
    return AwsError("SerializationException", message, 400)


def _payload(shape: Shape, body: bytes) -> Any:
    if shape.kind == "blob":
        return body
    return _of_json(shape, _document(body)) if body else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"Unexpected token {name}")


def _document(body: bytes) -> Mapping[str, Any]:
    """The body as a JSON object; an empty one is one without members."""
    if not body:
        return {}
    try:
        document = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise serialization_error(f"Could not parse request body into json: {error}") from error
    if not isinstance(document, dict):
        raise serialization_error(_misplaced(document))
    return document


def _of_query(member: Member, query: Mapping[str, list[str]]) -> Any:
    given = query.get(member.wire_name)
    if given is None:
        return None
    if member.shape.kind == "list":
        return [_of_text(member.shape.value, text) for text in given]
    return _of_text(member.shape, given[-1])


def _of_text(shape: Shape, text: str) -> Any:
    """A value that is written as text: in the path, the query or a header."""
    if shape.kind in _RANGES:
        if not _NUMBER.fullmatch(text):
            raise serialization_error(f"STRING_VALUE can not be converted to {_NAMES[shape.kind]}")
        return _integer(shape, int(text))
    if shape.kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise serialization_error("STRING_VALUE can not be converted to a Boolean")
        return text.lower() == "true"
    if shape.kind == "timestamp":
        return _moment_of_text(text)
    return text


def _of_json(shape: Shape, value: Any) -> Any:
    """A value of the body, of its shape's kind."""
    if value is None:
        return None
    return _READERS[shape.kind](shape, value)


def _structure(shape: Shape, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise serialization_error(_misplaced(value))
    found = {}
    for member in shape.members.values():
        read_value = _of_json(member.shape, value.get(member.wire_name))
        if read_value is not None:
            found[member.name] = read_value
    return found


def _list(shape: Shape, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise serialization_error(_misplaced(value))
    return [_of_json(shape.value, each) for each in value]


def _map(shape: Shape, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise serialization_error(_misplaced(value))
    return {_string(shape.key, name): _of_json(shape.value, each) for name, each in value.items()}


def _string(shape: Shape, value: Any) -> str:  # noqa: ARG001 - as the others
    if not isinstance(value, str):
        raise serialization_error(_cannot_be(value, "a String"))
    if _SURROGATE.search(value):
        raise serialization_error("Incomplete surrogate pair in a string of the request body.")
    return value


def _integer(shape: Shape, value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    bits = _RANGES[shape.kind]
    if isinstance(value, bool) or not isinstance(value, int) or not -(1 << bits) <= value < 1 << bits:
        raise serialization_error(_cannot_be(value, _NAMES[shape.kind]))
    return value


def _double(shape: Shape, value: Any) -> float:  # noqa: ARG001 - as the others
    try:
        if not isinstance(value, bool | int | float) or isinstance(value, bool):
            raise OverflowError
        number = float(value)
    except OverflowError:
        raise serialization_error(_cannot_be(value, "a Double")) from None
    if number in (float("inf"), float("-inf")):
        raise serialization_error(_cannot_be(value, "a Double"))
    return number


def _boolean(shape: Shape, value: Any) -> bool:  # noqa: ARG001 - as the others
    if not isinstance(value, bool):
        raise serialization_error(_cannot_be(value, "a Boolean"))
    return value


def _blob(shape: Shape, value: Any) -> bytes:
    text = _string(shape, value)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise serialization_error(
            f"Failed to decode a member of the request body as Base64: {error}"
        ) from error


def _timestamp(shape: Shape, value: Any) -> datetime:  # noqa: ARG001 - as the others
    if isinstance(value, str):
        return _moment_of_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise serialization_error(_cannot_be(value, "a Timestamp"))
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise serialization_error(_cannot_be(value, "a Timestamp")) from None


def _moment_of_text(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise serialization_error("STRING_VALUE can not be converted to a Timestamp") from None


_READERS: Mapping[str, Callable[[Shape, Any], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "double": _double,
    "boolean": _boolean,
    "blob": _blob,
    "timestamp": _timestamp,
}


def _misplaced(value: Any) -> str:
    """What AWS says where something of another form was to stand."""
    if isinstance(value, dict):
        return "Start of structure or map found where not expected"
    if isinstance(value, list):
        return "Start of list found where not expected"
    return "Unexpected field type"


def _cannot_be(value: Any, what: str) -> str:
    if isinstance(value, dict | list):
        return _misplaced(value)
    if isinstance(value, bool):
        told = "TRUE_VALUE" if value else "FALSE_VALUE"
    else:
        told = "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
    return f"{told} can not be converted to {what}"
