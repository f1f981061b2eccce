"""Event patterns, as EventBridge rules and the filters of event source mappings have them: their form.

Not whether an event matches. A pattern is a mapping whose leaves are lists: of values, or of comparisons such as
``{"prefix": "a"}``.

Source: EventBridge User Guide, eb-create-pattern-operators; AWS Lambda Developer Guide, invocation-eventfiltering.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from lambdaform.model.references import Ref

#: The comparisons that a leaf may have; ``wildcard`` and ``cidr`` are EventBridge's only.
_OPERATORS = (
    "anything-but",
    "cidr",
    "equals-ignore-case",
    "exists",
    "numeric",
    "prefix",
    "suffix",
    "wildcard",
)


@frozen
class Malformed:
    """What is wrong with a pattern, what would be right, and the keys that lead there."""

    what: str
    right: str
    path: tuple[str | int, ...] = ()


def malformed_text(text: str) -> Malformed | None:
    """What is wrong with a pattern that is written as JSON text, or None."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        return Malformed(f"is no JSON: {error}", 'A pattern is JSON, such as {"body": {"kind": ["order"]}}.')
    return malformed(pattern)


def malformed(pattern: Any, path: tuple[str | int, ...] = ()) -> Malformed | None:
    """What is wrong with a pattern, or None. References in it are taken to be right."""
    if isinstance(pattern, Ref):
        return None
    if not isinstance(pattern, Mapping):
        return Malformed("is no mapping", "A pattern maps keys of the event to lists of values.", path)
    for key, value in pattern.items():
        here = (*path, key)
        if isinstance(value, Ref) or (isinstance(key, str) and key.startswith("Fn::")):
            continue
        if key == "$or":
            found = _malformed_or(value, here)
        elif isinstance(value, Mapping):
            found = malformed(value, here)
        elif isinstance(value, list | tuple):
            found = _malformed_leaf(str(key), value, here)
        else:
            found = Malformed(
                f"has {value!r} for {key!r}", f"Values stand in a list: {json.dumps({key: [value]})}.", here
            )
        if found is not None:
            return found
    return None


def _malformed_or(value: Any, path: tuple[str | int, ...]) -> Malformed | None:
    if not isinstance(value, list | tuple) or len(value) < 2:
        return Malformed("has a $or that is no list of patterns", "$or has a list of at least two.", path)
    return next(
        (found for index, each in enumerate(value) if (found := malformed(each, (*path, index)))), None
    )


def _malformed_leaf(
    key: str, values: list[Any] | tuple[Any, ...], path: tuple[str | int, ...]
) -> Malformed | None:
    if not values:
        return Malformed(
            f"has an empty list for {key!r}", "It matches nothing: name at least one value.", path
        )
    for index, each in enumerate(values):
        if not isinstance(each, Mapping) or isinstance(each, Ref):
            continue
        for name in each:
            if isinstance(name, str) and name not in _OPERATORS and not name.startswith("Fn::"):
                near = difflib.get_close_matches(name, _OPERATORS, n=1)
                right = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(_OPERATORS)}."
                return Malformed(f"compares {key!r} by {name!r}, which does not exist", right, (*path, index))
    return None
