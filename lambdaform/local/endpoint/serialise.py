"""An operation's output as an HTTP answer: status, headers, and the body by the output's shape.

Moments become seconds since the epoch, bytes Base64.

Source: Smithy, "AWS restJson1 protocol".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from lambdaform.facts.service_model import Operation, Shape
from lambdaform.local.endpoint.invoke import HttpAnswer


def answer(operation: Operation, result: Mapping[str, Any]) -> HttpAnswer:
    """The answer to a call that succeeded; ``result`` has members by AWS's names."""
    shape, status, headers = operation.output, operation.status, {}
    if shape is None:
        return HttpAnswer(status)
    body = {}
    for name, value in result.items():
        member = shape.members[name]
        if member.location == "statusCode":
            status = value
        elif member.location == "header":
            headers[member.wire_name] = str(value)
        else:
            body[member.wire_name] = _plain(member.shape, value)
    if status == 204:
        return HttpAnswer(status, headers=headers)
    headers["Content-Type"] = "application/json"
    return HttpAnswer(status, json.dumps(body).encode(), headers)


def _plain(shape: Shape, value: Any) -> Any:
    """A value of JSON's own types."""
    if value is None or not _is_written(shape):
        return value
    if shape.kind == "timestamp":
        return value.timestamp() if isinstance(value, datetime) else value
    if shape.kind == "blob":
        return base64.b64encode(value).decode()
    if shape.kind == "list":
        return [_plain(shape.value, each) for each in value]
    if shape.kind == "map":
        return {name: _plain(shape.value, each) for name, each in value.items()}
    return {name: _plain(shape.members[name].shape, each) for name, each in value.items()}


@cache
def _is_written(shape: Shape, within: frozenset[str] = frozenset()) -> bool:
    """Whether values of a shape hold anything that JSON has no type for."""
    if shape.kind in ("timestamp", "blob"):
        return True
    if shape.name in within:
        return False
    inner = within | {shape.name}
    if shape.kind in ("list", "map"):
        return _is_written(shape.value, inner)
    return any(_is_written(member.shape, inner) for member in shape.members.values())
