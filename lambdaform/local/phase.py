"""One phase of an environment: an initialisation, a restoration or an event, when each part of it came, and what is next.

Source: aws-lambda-runtime-interface-emulator, telemetry/events_api.go (spans); log lines recorded from AWS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from attrs import define

from lambdaform.local.clock import wall_time
from lambdaform.local.outcome import Answer, End
from lambdaform.local.platform_events import Span


@define(eq=False)
class Phase:
    """One that is under way, or was last: when it began and must end (in the loop's time), and what comes after."""

    started: float
    deadline: float
    after: Callable[[End], None]
    looked: float
    #: Since when the memory has not been read.
    measured: float
    answer: Answer | None = None
    #: Whether it may have ended in time while this process stood still, and so has a moment more.
    has_grace: bool = False
    #: When its answer began, if that was before it was here, when it was here, and when the runtime was done.
    responding: float | None = None
    answered: float | None = None
    done: float | None = None

    def spans(self) -> list[Span]:
        """How the runtime spent its time; nothing of one that has not responded."""
        answered = self.answered
        if answered is None or self.answer is None or self.answer.function_error is not None:
            return []
        responding = self.responding or answered
        spans = [
            _span("responseLatency", self.started, responding),
            _span("responseDuration", responding, answered),
        ]
        if self.done is not None:
            spans.append(_span("runtimeOverhead", answered, self.done))
        return spans

    def spans_of_extensions(self, elapsed_ms: float) -> list[Span]:
        """How long the extensions took after the runtime was done, of all that the phase took."""
        if self.done is None:
            return []
        return [_span("extensionOverhead", self.done, self.started + elapsed_ms / 1000)]


def _span(name: str, since: float, until: float) -> Span:
    """A part of a phase, in the loop's time."""
    return Span(name, wall_time() - asyncio.get_running_loop().time() + since, until - since)
