"""The execution environments there are, by the version that they run: reused where one is idle, else made.

Source: AWS Lambda Developer Guide, lambda-runtime-environment; deck section B11 (cold and warm starts).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.environment import ExecutionEnvironment, State
from lambdaform.local.launch import Settings
from lambdaform.local.runtimes import runtime_of

#: How long an event waits, in seconds, for an environment that has answered and not asked for its next event yet.
_MOMENT = 0.005


class Pool:
    """Environments of every version. At most ``most`` at once: beyond that, events wait for one to be free."""

    def __init__(self, settings: Settings, *, most: int, notice: Callable[[str], None]) -> None:
        self._settings = settings
        self._idle: dict[FunctionConfiguration, list[ExecutionEnvironment]] = {}
        self._all: set[ExecutionEnvironment] = set()
        self._retired: set[ExecutionEnvironment] = set()
        self._most = most
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed = False
        self._ending: set[asyncio.Task[None]] = set()
        self._notice = notice
        self._noticed: set[str] = set()

    def __len__(self) -> int:
        return len(self._all)

    async def acquire(self, configuration: FunctionConfiguration) -> ExecutionEnvironment:
        """An environment for one event of a version: the one that was used last, or a new one.

        Raises `LocalError` where the version's runtime is not on this machine, or the service has ended.
        """
        while not self._closed:
            idle = self._idle.get(configuration)
            while idle:
                environment = idle.pop()
                if environment.state is not State.GONE:
                    return environment
            if await self._soon(configuration):
                continue
            if len(self._all) < self._most or self._close_an_idle_one():
                return await self._new(configuration)
            self._say(f"All {self._most} environments are busy: further events wait. (--max-environments)")
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if not waiter.cancelled():
                    # The place that was given to this one is the next one's.
                    self._wake_one()
                raise
        raise _ended()

    async def _soon(self, configuration: FunctionConfiguration) -> bool:
        """Wait a moment where an environment is about to be free; whether one was.

        A caller who calls again as soon as it has its answer finds the environment free, as over a real network.
        """
        if not any(each.is_nearly_free and each.configuration == configuration for each in self._all):
            return False
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._waiting.append(waiter)
        timer = loop.call_later(_MOMENT, waiter.cancel)
        try:
            await waiter
        except asyncio.CancelledError:
            if timer.when() > loop.time():
                raise
        finally:
            timer.cancel()
        return not waiter.cancelled()

    def release(self, environment: ExecutionEnvironment) -> None:
        """An environment's event is over; it waits for the next one, unless it was retired meanwhile."""
        if environment in self._retired or environment.state is State.GONE:
            self._end(environment)
        else:
            self._idle.setdefault(environment.configuration, []).append(environment)
        self._wake_one()

    def _wake_one(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break

    def retire(self, kept: set[FunctionConfiguration]) -> None:
        """End the environments of all versions but these, busy ones after their event."""
        for environment in tuple(self._all):
            if environment.configuration in kept:
                continue
            idle = self._idle.get(environment.configuration, [])
            if environment in idle:
                idle.remove(environment)
                self._end(environment)
            else:
                self._retired.add(environment)

    def clear(self) -> None:
        """End all environments, whatever they are doing; events that wait get new ones."""
        for environment in tuple(self._all):
            self._end(environment)
        self._idle.clear()

    def close(self) -> None:
        """End all environments, and give none any more."""
        self._closed = True
        self.clear()
        while self._waiting:
            self._wake_one()

    async def ended(self) -> None:
        """Wait for the environments whose extensions are told that they end."""
        while self._ending:
            await asyncio.wait(self._ending)

    async def _new(self, configuration: FunctionConfiguration) -> ExecutionEnvironment:
        runtime = runtime_of(configuration, self._runtimes())
        if runtime.notice is not None:
            self._say(runtime.notice)
        environment = ExecutionEnvironment(configuration, runtime, self._settings)
        self._all.add(environment)
        try:
            await environment.prepare()
        except BaseException:
            self._end(environment)
            raise
        if self._closed:
            self._end(environment)
            raise _ended()
        return environment

    def _close_an_idle_one(self) -> bool:
        """Make room by ending an environment of another version that has nothing to do."""
        for idle in self._idle.values():
            if idle:
                self._end(idle.pop(0))
                return True
        return False

    def _end(self, environment: ExecutionEnvironment) -> None:
        if environment.takes_time_to_end:
            task = asyncio.ensure_future(environment.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        else:
            environment.close()
        self._all.discard(environment)
        self._retired.discard(environment)

    def _runtimes(self) -> Path:
        return self._settings.folder / "runtimes"

    def _say(self, notice: str) -> None:
        if notice not in self._noticed:
            self._noticed.add(notice)
            self._notice(notice)


def _ended() -> LocalError:
    return LocalError("The local service has ended.")
