"""When two templates say the same to CloudFormation, though they are spelt in two ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
#: Elements that may be one value or a list of them, with the same meaning.
ONE_OR_MANY = (
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "DependsOn",
    "Policies",
    "Statement",
    "Transform",
)
#: What a template means without saying it, and what a written one always says.
IMPLIED = {("AWSTemplateFormatVersion",), ("Transform",)}


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[str]:
    """Each place where ``after`` does not say what ``before`` says."""
    if path and path[-1] in ONE_OR_MANY:
        before, after = _many(before), _many(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(each for each in after if each not in before)]:
            here = (*path, name)
            if name not in after:
                if before[name] not in ({}, None, []):
                    yield f"{here}: {before[name]!r} is lost"
            elif name not in before:
                if here not in IMPLIED:
                    yield f"{here}: {after[name]!r} is new"
            else:
                yield from differences(before[name], after[name], here)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from differences(left, right, (*path, index))
    elif _spelt(before) != _spelt(after):
        yield f"{path}: {before!r} became {after!r}"


def _many(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _spelt(value: Any) -> Any:
    """A scalar as CloudFormation spells it: it tells neither 30 from '30', nor true from 'true'."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
