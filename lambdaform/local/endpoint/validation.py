"""Whether the members of a request are ones that Lambda takes: required, enumerations, patterns, lengths, ranges.

All that is wrong is told at once, in AWS's words::

    2 validation errors detected: Value 'x!' at 'functionName' failed to satisfy constraint: Member must satisfy
    regular expression pattern: …; Value null at 'role' failed to satisfy constraint: Member must not be null

The constraints are those of the service's model, and of `recorded` where AWS says otherwise.

Source: Lambda API Reference, "Common errors", ValidationException; recordings of real AWS answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lambdaform.facts.service_model import Shape
from lambdaform.local.endpoint import recorded
from lambdaform.local.errors import AwsError

#: What an error repeats of a value, at the most.
_MOST_TOLD = 10_000
#: Java's classes of letters, digits and separators, as Python has them.
_SEPARATORS = "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def check(shape: Shape, members: Mapping[str, Any]) -> None:
    """Raises `AwsError` with all that is wrong with an operation's input."""
    found = list(_of_structure(shape, members, ""))
    if found:
        errors = "error" if len(found) == 1 else "errors"
        raise AwsError(
            "ValidationException", f"{len(found)} validation {errors} detected: {'; '.join(found)}", 400
        )


def _of_structure(shape: Shape, members: Mapping[str, Any], path: str) -> Iterator[str]:
    first = recorded.FIRST.get(shape.name, ())
    for name in dict.fromkeys([*first, *shape.members]):
        member = shape.members[name]
        where = path + name[:1].lower() + name[1:]
        value = members.get(name)
        if value is not None:
            if (shape.name, name) not in recorded.UNCHECKED:
                yield from _of_value(member.shape, value, where)
        elif name in shape.required:
            yield _failure(member.shape, "null", where, "Member must not be null")


def _of_value(shape: Shape, value: Any, where: str) -> Iterator[str]:
    for constraint in constraints(shape):
        if not _holds(shape, value, constraint):
            yield _failure(shape, f"'{_told(value)}'", where, _text(shape, constraint))
    if shape.kind == "structure":
        yield from _of_structure(shape, value, f"{where}.")
    elif shape.kind == "list":
        yield from _of_list(shape, value, where)
    elif shape.kind == "map":
        yield from _of_map(shape, value, where)


def _of_list(shape: Shape, value: list[Any], where: str) -> Iterator[str]:
    element = shape.value
    if element.kind in ("structure", "list", "map"):
        for number, each in enumerate(value, 1):
            if each is None:
                yield _failure(element, "null", f"{where}.{number}.member", "Member must not be null")
            else:
                yield from _of_value(element, each, f"{where}.{number}.member")
    elif not all(_is_element(element, each, is_sparse=shape.name in recorded.SPARSE) for each in value):
        told = recorded.LISTED.get(shape.name)
        told = (
            told
            or f"Member must satisfy constraint: [{_all(element, is_sparse=shape.name in recorded.SPARSE)}]"
        )
        yield _failure(element, f"'{_told(value)}'", where, told)


def _of_map(shape: Shape, value: Mapping[str, Any], where: str) -> Iterator[str]:
    told = f"'{_told(value)}'"
    if not all(_is_element(shape.key, each, is_sparse=False) for each in value):
        keys = _all(shape.key, is_sparse=True)
        yield _failure(shape, told, where, f"Map keys must satisfy constraint: [{keys}]")
    if shape.value.kind not in ("structure", "list", "map"):
        if not all(_is_element(shape.value, each, is_sparse=False) for each in value.values()):
            values = _all(shape.value, is_sparse=False)
            yield _failure(shape, told, where, f"Map value must satisfy constraint: [{values}]")
        return
    for name, each in value.items():
        if each is None:
            yield _failure(shape.value, "null", f"{where}.{name}.member", "Member must not be null")
        else:
            yield from _of_value(shape.value, each, f"{where}.{name}.member")


def _is_element(shape: Shape, value: Any, *, is_sparse: bool) -> bool:
    if value is None:
        return is_sparse
    return all(_holds(shape, value, constraint) for constraint in constraints(shape))


def _all(shape: Shape, *, is_sparse: bool) -> str:
    """All constraints of an element, as AWS lists them where one of them is broken."""
    told = [_text(shape, constraint) for constraint in constraints(shape)]
    return ", ".join(told if is_sparse else [*told, "Member must not be null"])


def _failure(shape: Shape, value: str, where: str, constraint: str) -> str:
    told = f"Value {value}" if value == "null" or not shape.is_sensitive else "Value"
    return f"{told} at '{where}' failed to satisfy constraint: {constraint}"


@cache
def constraints(shape: Shape) -> tuple[str, ...]:
    """What a shape's values must satisfy: ``most``, ``least``, ``pattern``, ``enum``, in AWS's order."""
    asked = []
    if shape.most is not None:
        asked.append("most")
    if shape.least is not None:
        asked.append("least")
    if shape.pattern is not None:
        asked.append("pattern")
    if shape.enum:
        asked.append("enum")
    return tuple(asked)


def _holds(shape: Shape, value: Any, constraint: str) -> bool:
    if constraint == "pattern":
        return pattern(shape).fullmatch(value) is not None
    if constraint == "enum":
        return value in shape.enum or value in recorded.ENUMS.get(shape.name, ())
    size = value if shape.kind in ("integer", "long", "double") else len(value)
    if constraint == "most":
        return bool(size <= shape.most)  # type: ignore[operator]
    return bool(size >= shape.least)  # type: ignore[operator]


def _text(shape: Shape, constraint: str) -> str:
    """A constraint in AWS's words."""
    if constraint == "pattern":
        return f"Member must satisfy regular expression pattern: {recorded.PATTERNS.get(shape.name, shape.pattern)}"
    if constraint == "enum":
        return (
            f"Member must satisfy enum value set: [{', '.join(recorded.ENUMS.get(shape.name, shape.enum))}]"
        )
    what = "value" if shape.kind in ("integer", "long", "double") else "length"
    limit = shape.most if constraint == "most" else shape.least
    assert limit is not None
    how = "less" if constraint == "most" else "greater"
    number = float(limit) if shape.kind == "double" else int(limit)
    return f"Member must have {what} {how} than or equal to {number}"


@cache
def pattern(shape: Shape) -> re.Pattern[str]:
    """A shape's pattern, as Java reads it."""
    text = recorded.PATTERNS.get(shape.name, shape.pattern) or ""
    if r"\p{" not in text:
        return re.compile(text, re.ASCII)
    # Only ever within brackets that have the underscore, too.
    return re.compile(text.replace(r"\p{L}", r"\w").replace(r"\p{N}", "").replace(r"\p{Z}", _SEPARATORS))


def _told(value: Any) -> str:
    """A value as AWS's Java writes it."""
    text = _java(value)
    return text if len(text) <= _MOST_TOLD else text[:_MOST_TOLD]


def _java(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_java, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}={_java(each)}' for name, each in value.items())}}}"
    return str(value)
