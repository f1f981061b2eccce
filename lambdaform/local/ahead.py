"""Environments that are initialised ahead of events: those of provisioned concurrency, and those that a snapshot is of.

Source: AWS Lambda Developer Guide, provisioned-concurrency and snapstart; Lambda API Reference,
GetProvisionedConcurrencyConfig.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Protocol

from lambdaform.errors import LocalError
from lambdaform.local.clock import Clock
from lambdaform.local.control.allocation import Allocation, AllocationStatus
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.outcome import End
from lambdaform.local.places import Environment

#: Why an allocation failed, in AWS's word, where a function could not be initialised.
INIT_FAILURE = "FUNCTION_ERROR_INIT_FAILURE"


class Places(Protocol):
    """The pool in which they have their places."""

    def __contains__(self, environment: Environment) -> bool:
        """Whether an environment has a place."""

    async def place(self, configuration: FunctionConfiguration, allocation: Allocation | None) -> Environment:
        """A new environment, as soon as there is room for it."""

    def put(self, environment: Environment) -> None:
        """An environment has been initialised anew, or will be by its next event."""

    def let_go(self, environment: Environment) -> None:
        """End an environment now, or after its event."""

    def end(self, environment: Environment) -> None:
        """End an environment now."""

    def stop(self, task: asyncio.Task[None]) -> None:
        """Cancel work that nobody wants any more."""

    def say(self, notice: str) -> None:
        """Say something once."""


class Ahead:
    """What is initialised ahead in a pool that has ``most`` places."""

    def __init__(self, pool: Places, *, most: int, clock: Clock, notice: Callable[[str], None]) -> None:
        #: Which environments were made for an allocation.
        self.allocated: dict[Environment, Allocation] = {}
        self._pool = pool
        self._most = most
        self._clock = clock
        self._notice = notice
        #: The work of making them.
        self._allocating: dict[Allocation, asyncio.Task[None]] = {}
        self._publishing: dict[FunctionConfiguration, asyncio.Task[None]] = {}
        self._renewing: dict[asyncio.Task[None], Allocation] = {}
        self._starting = asyncio.Semaphore(os.cpu_count() or 1)

    def provision(self, allocations: Sequence[Allocation]) -> None:
        """Keep environments ready for these allocations, and for no others any more.

        They take at most half of the places, so that what runs on demand has some, too.
        """
        for allocation in tuple(self._allocating):
            if allocation not in allocations:
                self._stop_allocating(allocation)
        for task, allocation in tuple(self._renewing.items()):
            if allocation not in allocations:
                self._pool.stop(task)
        for environment, allocation in tuple(self.allocated.items()):
            if allocation not in allocations:
                self._pool.let_go(environment)
        left = self._most // 2
        for allocation in allocations:
            kept, left = min(allocation.requested, left), max(left - allocation.requested, 0)
            if allocation in self._allocating or allocation.status is not AllocationStatus.IN_PROGRESS:
                continue
            allocation.kept = kept
            if kept < allocation.requested:
                self._pool.say(
                    f"{allocation.name} provisions {allocation.requested} environments; this machine keeps {kept} "
                    "of them ready. (--max-environments)"
                )
            self._allocating[allocation] = asyncio.ensure_future(self._allocate(allocation))

    def _stop_allocating(self, allocation: Allocation) -> None:
        task = self._allocating.pop(allocation, None)
        if task is not None:
            self._pool.stop(task)

    async def _allocate(self, allocation: Allocation) -> None:
        """Initialise an allocation's environments; one that fails fails it whole."""
        making = [
            asyncio.ensure_future(self._initialised(allocation.configuration, allocation))
            for _ in range(allocation.kept)
        ]
        try:
            await asyncio.gather(*making)
        except LocalError as error:
            for each in making:
                each.cancel()
            await asyncio.gather(*making, return_exceptions=True)
            for environment in [each for each, owner in self.allocated.items() if owner is allocation]:
                self._pool.end(environment)
            allocation.status, allocation.reason = AllocationStatus.FAILED, error.what
            self._notice(f"{allocation.name}: its provisioned concurrency failed. {error}")
        else:
            allocation.status = AllocationStatus.READY
            if allocation.kept:
                are = " is" if allocation.kept == 1 else "s are"
                self._notice(f"{allocation.name}: {allocation.kept} environment{are} ready.")

    def publish(self, configurations: Sequence[FunctionConfiguration]) -> None:
        """Initialise one environment of each of these versions up to its snapshot; the first event restores it."""
        for configuration in tuple(self._publishing):
            if configuration not in configurations:
                self._pool.stop(self._publishing.pop(configuration))
        for configuration in configurations:
            if configuration not in self._publishing:
                self._publishing[configuration] = asyncio.ensure_future(self._publish(configuration))

    async def _publish(
        self, configuration: FunctionConfiguration, allocation: Allocation | None = None
    ) -> None:
        try:
            await self._initialised(configuration, allocation)
        except LocalError as error:
            name = f"{configuration.function_name}:{configuration.version}"
            what = (
                "its snapshot could not be taken" if allocation is None else "an environment of it is missing"
            )
            self._notice(f"{name}: {what}. {error}")

    async def _initialised(
        self, configuration: FunctionConfiguration, allocation: Allocation | None = None
    ) -> None:
        """One more environment, made and initialised ahead of events. Raises `LocalError` where that fails."""
        async with self._starting:
            environment = await self._pool.place(configuration, allocation)
            if allocation is not None:
                self.allocated[environment] = allocation
            over: asyncio.Future[End] = asyncio.get_running_loop().create_future()

            def is_over(end: End) -> None:
                if over.done():
                    return
                if end.is_well:
                    # At once, for it may be set aside before whoever waits for it is told.
                    environment.free_at = self._clock.now()
                    self._pool.put(environment)
                over.set_result(end)

            try:
                environment.initialise(is_over)
                end = await over
            except asyncio.CancelledError:
                if over.cancelled() or not over.result().is_well:
                    self._pool.end(environment)
                elif environment in self._pool:
                    self._pool.let_go(environment)
                raise
        if not end.is_well:
            self._pool.end(environment)
            raise LocalError(INIT_FAILURE, right="Its log says why.")

    def renew(self, environment: Environment) -> None:
        """Put a new environment in the place of an old one of an allocation."""
        allocation = self.allocated[environment]
        self._pool.end(environment)
        task = asyncio.ensure_future(self._publish(allocation.configuration, allocation))
        self._renewing[task] = allocation
        task.add_done_callback(self._renewing.pop)

    def stop(self) -> tuple[Allocation, ...]:
        """Make none any more; the allocations that there were."""
        allocations = tuple({*self.allocated.values(), *self._allocating})
        for allocation in allocations:
            self._stop_allocating(allocation)
        for task in (*self._publishing.values(), *self._renewing):
            self._pool.stop(task)
        return allocations
