"""What a field's type says beyond its Python type: range, pattern, length, size. Carried in ``Annotated``.

``MB = Annotated[int, Within(...)]`` is the only place where the rule of a property is written; the check at
construction, the findings on templates, and the exported schemas derive from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sized
from typing import Protocol

from attrs import field

from lambdaform.errors import shown
from lambdaform.facts.quotas import Quotas
from lambdaform.model.definition import frozen

Bound = int | Callable[[Quotas], int | None] | None


class Constraint(Protocol):
    """A rule on one value. ``rule`` is the id under which a finding reports it."""

    rule: str

    def broken(self, value: object, limits: Quotas) -> tuple[str, str] | None:
        """What is wrong with the value and what would be right, or None."""


def _bound(bound: Bound, limits: Quotas) -> int | None:
    return bound(limits) if callable(bound) else bound


def _cited(source: str, limits: Quotas) -> str:
    """The source of a limit in a sentence; another profile than today's has its own sources in its table."""
    if limits.profile != "current":
        return f" (as of {limits.as_of})"
    return f" ({source})" if source else ""


@frozen
class Within:
    """A number from ``low`` to ``high``, in steps of ``step`` from ``low``."""

    low: Bound = None
    high: Bound = None
    unit: str = ""
    step: Bound = None
    source: str = ""
    rule: str = "LF101"

    def broken(self, value: object, limits: Quotas) -> tuple[str, str] | None:
        """What is wrong with the number, or None."""
        if not isinstance(value, int | float):
            return None
        low, high, step = _bound(self.low, limits), _bound(self.high, limits), _bound(self.step, limits)
        unit = f" {self.unit}" if self.unit else ""
        cited = _cited(self.source, limits)
        span = f"{low} to {high}{unit}" if high is not None else f"at least {low}{unit}"
        if (low is not None and value < low) or (high is not None and value > high):
            return f"is {shown(value)}", f"It must be {span}{cited}."
        if step and step > 1 and (value - (low or 0)) % step:
            return f"is {shown(value)}", f"It must be {span} in steps of {step}{cited}."
        return None


@frozen
class Matching:
    """Text that matches ``pattern`` whole; ``right`` says in words what that means."""

    pattern: str
    right: str
    rule: str = "LF102"
    _compiled: re.Pattern[str] = field(init=False, eq=False, repr=False)

    @_compiled.default
    def _compile(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def broken(self, value: object, limits: Quotas) -> tuple[str, str] | None:  # noqa: ARG002
        """What is wrong with the text, or None."""
        if isinstance(value, str) and not self._compiled.fullmatch(value):
            return f"is {shown(value)}", self.right
        return None


@frozen
class Count:
    """A text, list or mapping of at most ``high`` (and at least ``low``) characters or items."""

    high: Bound = None
    low: Bound = None
    unit: str = "items"
    source: str = ""
    rule: str = "LF104"

    def broken(self, value: object, limits: Quotas) -> tuple[str, str] | None:
        """What is wrong with the count, or None."""
        if not isinstance(value, Sized):
            return None
        low, high = _bound(self.low, limits), _bound(self.high, limits)
        source = _cited(self.source, limits)
        if high is not None and len(value) > high:
            return f"has {len(value)} {self.unit}", f"At most {high} are allowed{source}."
        if low is not None and len(value) < low:
            return f"has {len(value)} {self.unit}", f"At least {low} must be given{source}."
        return None


@frozen
class JsonBytes:
    """A mapping whose JSON text has at most ``high`` bytes. References count with what is known of them: 0."""

    high: Bound
    unit: str
    source: str = ""
    rule: str = "LF104"

    def broken(self, value: object, limits: Quotas) -> tuple[str, str] | None:
        """What is wrong with the size, or None."""
        if not isinstance(value, Mapping):
            return None
        known = {
            key: item if isinstance(item, str | int | float | bool) else "" for key, item in value.items()
        }
        size = len(json.dumps(known, separators=(",", ":"), ensure_ascii=False).encode())
        high = _bound(self.high, limits)
        if high is not None and size > high:
            source = _cited(self.source, limits)
            return f"is {size:,} bytes", f"All {self.unit} together may have {high:,} bytes{source}."
        return None
