"""Asynchronous invocation: an accepted event is tried until it is processed or its attempts are used up.

A function error is tried twice more, after one and two minutes; a throttled event goes back with growing pauses
for up to six hours. What is given up goes to the dead-letter target, or is dropped by the rule, and said so.
Nothing accepted may vanish: what waits when the service ends is handed to `DeadLetters` as well, and the `Journal`
has what waits when it is killed.

Source: AWS Lambda Developer Guide, invocation-async-error-handling and invocation-async-retain-records; deck
sections B7 and C9.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Protocol

from attrs import define, frozen

from lambdaform.errors import LocalError
from lambdaform.facts.quotas import Quotas
from lambdaform.local.clock import Clock
from lambdaform.local.errors import AwsError
from lambdaform.local.front import Accepted, Front
from lambdaform.local.outcome import Answer
from lambdaform.local.queue.journal import Journal


@frozen(kw_only=True)
class DeadLetter:
    """An event that is given up: why (``condition``), the last answer or refusal, and after how many attempts."""

    event: Accepted
    condition: str
    attempts: int
    error_code: int
    error_message: str


class DeadLetters(Protocol):
    """Where events go that are given up."""

    def put(self, letter: DeadLetter) -> None:
        """Keep the event, or say that it is dropped."""


@define
class _Progress:
    accepted_at: float
    attempts: int = 0
    throttles: int = 0


class AsynchronousQueue:
    """Sees accepted events through. Times go by ``clock``."""

    def __init__(
        self,
        front: Front,
        clock: Clock,
        quotas: Quotas,
        dead_letters: DeadLetters,
        journal: Journal | None = None,
    ) -> None:
        self._front = front
        self._clock = clock
        self._quotas = quotas
        self._dead_letters = dead_letters
        self._journal = journal
        #: Told when an event is to be tried again: in how many seconds, and which of its attempts has failed;
        #: None where it was throttled.
        self.on_wait: Callable[[float, int | None], None] | None = None
        self._waiting: dict[asyncio.Task[None], tuple[Accepted, _Progress]] = {}

    def accept(self, event: Accepted) -> None:
        """Take an event; it is tried at once, by a task of its own. Raises `AwsError` where it cannot be kept."""
        progress = _Progress(self._clock.now())
        try:
            self._keep(event, progress)
        except OSError as error:
            raise AwsError("ServiceException", f"The event cannot be kept: {error}", 500) from error
        self._begin(event, progress)

    def resume(self, event: Accepted, accepted_at: float, attempts: int) -> None:
        """Go on with an event that an earlier service had accepted. Raises `OSError` where it cannot be kept."""
        progress = _Progress(min(accepted_at, self._clock.now()), attempts)
        self._keep(event, progress)
        self._begin(event, progress)

    def _begin(self, event: Accepted, progress: _Progress) -> None:
        task = asyncio.ensure_future(self._see_through(event, progress))
        self._waiting[task] = event, progress
        task.add_done_callback(self._done)

    def _keep(self, event: Accepted, progress: _Progress) -> None:
        if self._journal is not None:
            self._journal.keep(event, progress.accepted_at, progress.attempts)

    def _forget(self, event: Accepted) -> None:
        if self._journal is not None:
            self._journal.forget(event)

    def __len__(self) -> int:
        return len(self._waiting)

    async def finish(self) -> None:
        """Wait until every accepted event is processed or given up."""
        while self._waiting:
            await asyncio.wait(tuple(self._waiting))

    async def close(self) -> None:
        """Stop: every event that is not through yet becomes a dead letter."""
        waiting = dict(self._waiting)
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting)
        for task, (event, progress) in waiting.items():
            # One that came to its end just now has had its end.
            if task.cancelled():
                message = "The local service ended before the event was processed."
                self._give_up(event, progress, "ServiceEnded", 0, message)
                self._forget(event)
        if self._journal is not None:
            self._journal.close()

    def _done(self, task: asyncio.Task[None]) -> None:
        event, _ = self._waiting.pop(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            raise error
        self._forget(event)

    async def _see_through(self, event: Accepted, progress: _Progress) -> None:
        config = event.target.event_invoke
        retries = config.maximum_retry_attempts if config is not None else None
        most = 1 + (self._quotas.async_retries if retries is None else retries)
        age = (config.maximum_event_age if config is not None else None) or self._quotas.async_event_age_s
        while True:
            try:
                answer = await self._front.attempt(event)
            except LocalError as error:
                self._give_up(event, progress, "NotRunnableHere", 0, str(error))
                return
            except AwsError as error:
                pause = self._throttled_pause(progress)
                if error.status != 429 or event.target.function.reserved_concurrency == 0:
                    self._give_up(event, progress, "RetriesExhausted", error.status, error.message)
                    return
                message, code, failed = error.message, error.status, None
            else:
                progress.attempts = failed = progress.attempts + 1
                if answer.function_error is None:
                    return
                message, code = _message_of(answer), 200
                if progress.attempts >= most:
                    self._give_up(event, progress, "RetriesExhausted", code, message)
                    return
                delays = self._quotas.async_retry_delays_s
                pause = delays[min(progress.attempts, len(delays)) - 1]
                self._keep(event, progress)
            if self._clock.now() + pause > progress.accepted_at + age:
                self._give_up(event, progress, "EventAgeExceeded", code, message)
                return
            if self.on_wait is not None:
                self.on_wait(pause, failed)
            await self._clock.sleep_until(self._clock.now() + pause)

    def _throttled_pause(self, progress: _Progress) -> int:
        first, most = self._quotas.async_throttle_delay_first_s, self._quotas.async_throttle_delay_max_s
        pause = min(first * 2 ** min(progress.throttles, 30), most)
        progress.throttles += 1
        return int(pause)

    def _give_up(self, event: Accepted, progress: _Progress, condition: str, code: int, message: str) -> None:
        self._dead_letters.put(
            DeadLetter(
                event=event,
                condition=condition,
                attempts=progress.attempts,
                error_code=code,
                error_message=message,
            )
        )


def _message_of(answer: Answer) -> str:
    try:
        said = json.loads(answer.payload)
    except ValueError:
        said = None
    message = said.get("errorMessage") if isinstance(said, dict) else None
    return message if isinstance(message, str) else answer.payload.decode(errors="replace")
