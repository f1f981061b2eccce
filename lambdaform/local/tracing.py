"""The trace of each event: whose trace it is part of, and whether it is sampled.

A trace that comes with the call is followed, and so is its decision to sample. Else a function with active tracing
decides: the first event of each second, and one in twenty of the others. Others are not sampled. No segments are
sent, for there is no X-Ray here; functions and the log see what they would see on Lambda.

Source: AWS Lambda Developer Guide, services-xray; AWS X-Ray Developer Guide, xray-concepts (tracing header).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from lambdaform.local.clock import wall_time
from lambdaform.local.control.function import FunctionConfiguration

_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_PARENT = re.compile(r"[0-9a-f]{16}")
#: Of the events beyond the first of a second, which share is sampled.
_SHARE = 0.05


class Tracing:
    """Gives events their traces; ``now`` is the clock by which seconds are counted."""

    def __init__(self, chance: random.Random, now: Callable[[], float]) -> None:
        self._chance = chance
        self._now = now
        self._seconds: dict[str, int] = {}

    def header(self, configuration: FunctionConfiguration, given: str | None) -> str:
        """The tracing header of an event; ``given`` is the caller's, if it has one."""
        is_active = configuration.tracing_mode == "Active"
        if given is None and not is_active:
            root, parent = self._chance.getrandbits(96), self._chance.getrandbits(64)
            return f"Root=1-{int(wall_time()):08x}-{root:024x};Parent={parent:016x};Sampled=0"
        return self._followed(configuration, given or "", is_active=is_active)

    def begun(self, given: str | None) -> str:
        """The tracing header of a request that comes in from outside: its own, or a trace that begins with it."""
        root = dict(part.strip().partition("=")[::2] for part in (given or "").split(";")).get("Root", "")
        return given if given and _ROOT.fullmatch(root) else f"Root={self._new_root()}"

    def _new_root(self) -> str:
        return f"1-{int(wall_time()):08x}-{self._chance.getrandbits(96):024x}"

    def _followed(self, configuration: FunctionConfiguration, given: str, *, is_active: bool) -> str:
        fields = dict(part.strip().partition("=")[::2] for part in given.split(";"))
        root, parent, sampled = fields.get("Root", ""), fields.get("Parent", ""), fields.get("Sampled")
        if not _ROOT.fullmatch(root):
            root, parent, sampled = self._new_root(), "", None
        if is_active or not _PARENT.fullmatch(parent):
            # The function is a segment of its own.
            parent = f"{self._chance.getrandbits(64):016x}"
        if sampled not in ("0", "1"):
            sampled = "1" if is_active and self._is_sampled(configuration.function_arn) else "0"
        return f"Root={root};Parent={parent};Sampled={sampled}"

    def _is_sampled(self, function_arn: str) -> bool:
        second = int(self._now())
        if self._seconds.get(function_arn) != second:
            self._seconds[function_arn] = second
            return True
        return self._chance.random() < _SHARE


def log_line(header: str) -> str | None:
    """What REPORT says of a trace; None of one that is not sampled."""
    fields = dict(part.partition("=")[::2] for part in header.split(";"))
    if fields["Sampled"] != "1":
        return None
    return f"XRAY TraceId: {fields['Root']}\tSegmentId: {fields['Parent']}\tSampled: true\t"
