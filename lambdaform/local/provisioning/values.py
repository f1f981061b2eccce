"""Values of a template, worked out, as operations take them: numbers and texts."""

from __future__ import annotations

from typing import Any

from lambdaform.errors import DefinitionError


def number(value: Any) -> int:
    """A whole number. Raises `DefinitionError` where it is none."""
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        right = "Where a parameter has no default, give it: --parameter NAME=VALUE."
        raise DefinitionError(
            f"{value!r} stands where a number is needed.", right=right, rule="LF100"
        ) from error


def text(value: Any) -> str:
    """A text, as CloudFormation writes what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
