"""Environments without a process: a handler that takes a modelled time, under a virtual clock.

So the very same queues, limits and retries can be watched over hours and thousands of environments in a moment.
A pool takes them in the place of `lambdaform.local.environment.ExecutionEnvironment`; they know nothing of
extensions, logs and memory.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from lambdaform.local import outcome
from lambdaform.local.clock import VirtualClock
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.environment import State
from lambdaform.local.event import Event
from lambdaform.local.outcome import Answer, End


def _null(_event: Event) -> Answer:
    return outcome.returned(b"null")


@frozen(kw_only=True)
class Model:
    """A handler as numbers: the seconds that an event and an initialisation take, and what is answered."""

    duration: Callable[[Event], float]
    init: float = 0.0
    answer: Callable[[Event], Answer] = _null


class ModelledEnvironment:
    """One environment of a modelled function."""

    has_snapshot = takes_time_to_end = False

    def __init__(self, configuration: FunctionConfiguration, model: Model, clock: VirtualClock) -> None:
        self.configuration = configuration
        self.state = State.NEW
        self.made_at = self.free_at = 0.0
        self.init_seconds = model.init
        self._model = model
        self._clock = clock
        self._event: Event | None = None

    async def prepare(self) -> None:
        """There is nothing to prepare."""

    def run(self, event: Event) -> None:
        """Take one event; the environment must be free."""
        init = self._model.init if self.state is State.NEW else 0.0
        self.state = State.BUSY
        self._event = event
        # A handler cannot take longer than its function's timeout.
        seconds = min(self._model.duration(event), self.configuration.timeout)
        self._clock.call_at(self._clock.now() + init + seconds, lambda: self._done(event))

    def initialise(self, over: Callable[[End], None]) -> None:
        """Initialise ahead of any event; ``over`` is told when that is done."""
        self.state = State.INIT

        def done() -> None:
            if self.state is State.INIT:
                self.state = State.READY
            over(End())

        self._clock.call_at(self._clock.now() + self._model.init, done)

    async def end(self) -> None:
        """End it."""
        self.close()

    def close(self) -> None:
        """End it; an event that is under way fails as it does in a real one."""
        self.state = State.GONE
        event, self._event = self._event, None
        if event is not None:
            event.hand_out(
                outcome.failed("Sandbox.Failure", event.request_id, "The environment was closed").answer
            )
            event.over()

    def _done(self, event: Event) -> None:
        if self._event is not event:
            return
        self._event = None
        self.state = State.READY
        event.hand_out(self._model.answer(event))
        event.over()
