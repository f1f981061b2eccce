"""The execution environments there are, by the version that they run: reused where one is idle, else made.

Those that have nothing to do for some minutes end, and so do those that are some hours old. Those of provisioned
concurrency are made ahead of events, and stay.

Source: AWS Lambda Developer Guide, lambda-runtime-environment and provisioned-concurrency; deck section B11 (cold
and warm starts).
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from attrs import define

from lambdaform.errors import LocalError
from lambdaform.local.clock import Clock
from lambdaform.local.control.allocation import Allocation, AllocationStatus
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Function
from lambdaform.local.environment import (
    ON_DEMAND,
    PROVISIONED,
    SNAP_START,
    ExecutionEnvironment,
    State,
)
from lambdaform.local.event import Event
from lambdaform.local.launch import Settings, ancestors_of
from lambdaform.local.nursery import Ancestor
from lambdaform.local.outcome import End
from lambdaform.local.runtimes import Runtime, runtime_of

#: How long an event waits, in seconds, for an environment that has answered and not asked for its next event yet.
MOMENT = 0.005
#: How long an environment is kept without an event, in seconds of the service's clock. AWS names no number; from
#: outside, 5 to 7 minutes have been measured.
IDLE_SECONDS = 420
#: How old one becomes, whatever it does: "every few hours", says AWS.
LIFE_SECONDS = 2 * 3600
#: How often it is looked for those whose time is up, in real seconds.
_ROUND = 1.0
#: Why an allocation failed, in AWS's word, where a function could not be initialised.
INIT_FAILURE = "FUNCTION_ERROR_INIT_FAILURE"


class Environment(Protocol):
    """What the pool asks of an environment, be it a process or a model of one."""

    configuration: FunctionConfiguration
    state: State
    made_at: float
    free_at: float

    @property
    def has_snapshot(self) -> bool:
        """Whether its first event will restore it."""

    @property
    def takes_time_to_end(self) -> bool:
        """Whether `end` is the right way to end it, for somebody in it must be told."""

    async def prepare(self) -> None:
        """Make what it needs, once, before the first event."""

    def run(self, event: Event) -> None:
        """Take one event; it must be free."""

    def initialise(self, over: Callable[[End], None]) -> None:
        """Initialise ahead of any event; ``over`` is told how it went."""

    async def end(self) -> None:
        """End it, after whoever is in it was told."""

    def close(self) -> None:
        """End it at once."""


class Asker(Protocol):
    """Who asks for an environment, and is told once: either that it has one, or why it gets none."""

    def granted(self, environment: Environment) -> None:
        """An environment that is free: it is the asker's until it is released."""

    def refused(self, error: Exception) -> None:
        """There will be none."""


@define(eq=False)
class Ticket:
    """A place in the queue for an environment of a version: of its allocation's, one that is idle, or a new one.

    With an ``initialization_type`` a new one is wanted, of that type; `takes_idle` is then false.
    """

    configuration: FunctionConfiguration
    asker: Asker
    allocation: Allocation | None = None
    takes_idle: bool = True
    initialization_type: str | None = None
    #: While it waits a moment for an environment with the key ``awaited``, which is nearly free.
    patience: asyncio.TimerHandle | None = None
    awaited: FunctionConfiguration | Allocation | None = None
    #: Whether it has waited so, in vain.
    is_impatient: bool = False
    is_queued: bool = False
    making: asyncio.Task[None] | None = None


#: Makes an environment for a version, of an initialisation type where that is not what the version says.
Make = Callable[[FunctionConfiguration, str | None], Environment]


class Pool:
    """Environments of every version. At most ``most`` at once: beyond that, events wait for one to be free.

    They are processes on this machine, unless ``make`` makes others.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        most: int,
        clock: Clock,
        notice: Callable[[str], None],
        make: Make | None = None,
    ) -> None:
        self._settings = settings
        self._make = make or self._process
        self._clock = clock
        self._round: asyncio.TimerHandle | None = None
        self._idle: dict[FunctionConfiguration | Allocation, list[Environment]] = {}
        #: Which environments were made for an allocation, and the work of making them.
        self._allocated: dict[Environment, Allocation] = {}
        self._allocating: dict[Allocation, asyncio.Task[None]] = {}
        self._publishing: dict[FunctionConfiguration, asyncio.Task[None]] = {}
        self._renewing: dict[asyncio.Task[None], Allocation] = {}
        self._starting = asyncio.Semaphore(os.cpu_count() or 1)
        self._all: set[Environment] = set()
        self._retired: set[Environment] = set()
        self._most = most
        self._waiting: deque[Ticket] = deque()
        self._serving: asyncio.Handle | None = None
        #: Those whose event is answered, and whose end is a matter of a moment.
        self._nearly: set[Environment] = set()
        self._closed = False
        self._ending: set[asyncio.Task[None]] = set()
        self._notice = notice
        self._noticed: set[str] = set()

    def __len__(self) -> int:
        return len(self._all)

    def ask(
        self, configuration: FunctionConfiguration, allocation: Allocation | None, asker: Asker
    ) -> Ticket | None:
        """An environment for one event of a version: one of its allocation's, the one that was used last, or a new one.

        The ticket is for `withdraw`; there is none where an environment was granted at once. Raises `LocalError`
        where the service has ended.
        """
        if self._closed:
            raise _ended()
        environment = self._pop(configuration if allocation is None else allocation)
        if environment is not None:
            asker.granted(environment)
            return None
        ticket = Ticket(configuration, asker, allocation)
        self._join(ticket)
        return ticket

    def withdraw(self, ticket: Ticket) -> bool:
        """The asker wants no environment any more; whether it had none yet."""
        if ticket.is_queued:
            self._leave(ticket)
            return True
        if ticket.making is not None and not ticket.making.done():
            self._stop(ticket.making)
            return True
        return False

    def _join(self, ticket: Ticket) -> None:
        """Serve the ticket, or let it wait behind all others."""
        if not self._try(ticket):
            ticket.is_queued = True
            self._waiting.append(ticket)

    def _leave(self, ticket: Ticket) -> None:
        """Let the ticket wait no more."""
        if ticket.patience is not None:
            ticket.patience.cancel()
            ticket.patience = None
        if ticket.is_queued:
            ticket.is_queued = False
            self._waiting.remove(ticket)

    def _try(self, ticket: Ticket) -> bool:
        """Give the ticket what it asks for, or begin to make it, if that can be now."""
        if ticket.takes_idle:
            is_full = None
            for key in (ticket.allocation, ticket.configuration):
                if key is None:
                    continue
                environment = self._pop(key)
                if environment is not None:
                    self._leave(ticket)
                    ticket.asker.granted(environment)
                    return True
                is_full = self._is_full
                if not is_full and self._is_patient(ticket, key):
                    return False
            if not self._is_alone_where_debugged(ticket.configuration):
                return False
            if is_full:
                self._say(
                    f"All {self._most} environments are busy: further events wait. (--max-environments)"
                )
        if not self._has_room():
            return False
        self._leave(ticket)
        try:
            environment = self._new(ticket.configuration, ticket.initialization_type)
        except Exception as error:  # noqa: BLE001 - it is told to whom it concerns
            ticket.asker.refused(error)
        else:
            ticket.making = asyncio.ensure_future(self._prepare(environment, ticket))
        return True

    async def _prepare(self, environment: Environment, ticket: Ticket) -> None:
        """Make a new environment ready for its ticket."""
        try:
            await environment.prepare()
        except BaseException as error:
            self._end(environment)
            if not isinstance(error, Exception):
                raise
            # What was missing then is no fault of its own.
            ticket.asker.refused(_ended() if self._closed else error)
            return
        if environment in self._all:
            ticket.asker.granted(environment)
        elif self._closed:
            ticket.asker.refused(_ended())
        else:
            # All environments were ended meanwhile.
            self._join(ticket)

    def _is_patient(self, ticket: Ticket, key: FunctionConfiguration | Allocation) -> bool:
        """Whether the ticket waits a moment, for an environment with the key is about to be free.

        A caller who calls again as soon as it has its answer finds the environment free, as over a real network.
        """
        if ticket.patience is not None:
            return ticket.awaited is key
        if not self._nearly or ticket.is_impatient:
            return False
        free = sum(self._has_key(each, key) for each in self._nearly)
        if free <= sum(each.patience is not None and each.awaited is key for each in self._waiting):
            return False
        ticket.awaited = key
        ticket.patience = asyncio.get_running_loop().call_later(MOMENT, self._lose_patience, ticket)
        return True

    def _lose_patience(self, ticket: Ticket) -> None:
        ticket.patience, ticket.is_impatient = None, True
        self._try(ticket)

    def nearly_free(self, function: Function) -> int:
        """How many environments are about to be free of those that share a limit with a function's."""
        if function.reserved_concurrency is None:
            return len(self._nearly)
        return sum(each.configuration.function_name == function.name for each in self._nearly)

    def is_nearly_free(self, environment: Environment) -> None:
        """The environment's event is answered: it will be released in a moment."""
        self._nearly.add(environment)

    def _pop(self, key: FunctionConfiguration | Allocation) -> Environment | None:
        """The environment with this key that was used last, of those that are idle."""
        idle = self._idle.get(key)
        while idle:
            environment = idle.pop()
            if self._is_over(environment):
                self._end(environment)
            elif environment.state is not State.GONE:
                return environment
        return None

    def _is_over(self, environment: Environment) -> bool:
        """Whether an environment has had nothing to do for too long, or has become too old."""
        now = self._clock.now()
        if now < environment.free_at + IDLE_SECONDS and now < environment.made_at + LIFE_SECONDS:
            return False
        if environment in self._allocated or environment.has_snapshot:
            return False
        # Nobody's debugger loses its function for having thought for long.
        return self._settings.debug_port(environment.configuration.function_name) is None

    def _is_old(self, environment: Environment) -> bool:
        return self._clock.now() >= environment.made_at + LIFE_SECONDS

    def _renew(self, environment: Environment) -> None:
        """Put a new environment in the place of an old one of an allocation."""
        allocation = self._allocated[environment]
        self._end(environment)
        task = asyncio.ensure_future(self._publish(allocation.configuration, allocation))
        self._renewing[task] = allocation
        task.add_done_callback(self._renewing.pop)

    def _look_round(self) -> None:
        """End what is idle and whose time is up, without waiting for an event to find it so."""
        self._round = None
        for idle in self._idle.values():
            for environment in [each for each in idle if self._is_over(each)]:
                idle.remove(environment)
                self._end(environment)
        if any(self._idle.values()):
            self._plan_round()

    def _plan_round(self) -> None:
        if self._round is None and not self._closed:
            self._round = asyncio.get_running_loop().call_later(_ROUND, self._look_round)

    def _is_alone_where_debugged(self, configuration: FunctionConfiguration) -> bool:
        """Whether a function that is debugged has no environment any more, for all would wait on the same port.

        One that is idle ends for it. Always true of a function that is not debugged.
        """
        name = configuration.function_name
        if self._settings.debug_port(name) is None:
            return True
        for idle in self._idle.values():
            for environment in [each for each in idle if each.configuration.function_name == name]:
                idle.remove(environment)
                self._end(environment)
        return all(each.configuration.function_name != name for each in self._all)

    @property
    def _is_full(self) -> bool:
        """Whether there may be no further environment, and no idle one is there to end for it."""
        if len(self._all) < self._most:
            return False
        return not any(idle and not isinstance(key, Allocation) for key, idle in self._idle.items())

    def _has_room(self) -> bool:
        """Whether there may be one more environment; one of another version may end for it."""
        return len(self._all) < self._most or self._close_an_idle_one()

    def _key(self, environment: Environment) -> FunctionConfiguration | Allocation:
        return self._allocated.get(environment) or environment.configuration

    def _has_key(self, environment: Environment, key: FunctionConfiguration | Allocation) -> bool:
        own = self._key(environment)
        # Equal configurations are nearly always the same object, and comparing others takes long.
        return own is key or own == key

    def release(self, environment: Environment) -> None:
        """An environment's event is over; it waits for the next one, unless it was retired meanwhile."""
        self._nearly.discard(environment)
        if environment in self._retired or environment.state is State.GONE:
            self._end(environment)
        elif environment.state is State.BROKEN and environment in self._allocated:
            # A place that is paid for is made ready again at once.
            environment.initialise(lambda _: self._put(environment))
        elif environment in self._allocated and self._is_old(environment):
            self._renew(environment)
        else:
            environment.free_at = self._clock.now()
            self._offer(environment)
            self._plan_round()

    def _offer(self, environment: Environment) -> None:
        """An environment is free: it is the first ticket's that can use it, else it is idle."""
        key = self._key(environment)
        idle = self._idle.get(key)
        if idle is None:
            idle = self._idle[key] = []
        idle.append(environment)
        for ticket in self._waiting:
            configuration = ticket.configuration
            is_mine = ticket.allocation is key or configuration is key or configuration == key
            if is_mine and ticket.takes_idle and self._try(ticket):
                return
            if ticket.patience is None and not isinstance(key, Allocation):
                # Who came first may end it, to have a new one in its place.
                self._serve_soon()
                return

    def _put(self, environment: Environment) -> None:
        """An environment has been initialised anew, or will be by its next event."""
        if environment in self._retired:
            self._end(environment)
        elif environment.state is not State.GONE:
            self._offer(environment)

    def provision(self, allocations: Sequence[Allocation]) -> None:
        """Keep environments ready for these allocations, and for no others any more.

        They take at most half of the places, so that what runs on demand has some, too.
        """
        for allocation in tuple(self._allocating):
            if allocation not in allocations:
                self._stop_allocating(allocation)
        for task, allocation in tuple(self._renewing.items()):
            if allocation not in allocations:
                self._stop(task)
        for environment, allocation in tuple(self._allocated.items()):
            if allocation not in allocations:
                self._retire(environment)
        left = self._most // 2
        for allocation in allocations:
            kept, left = min(allocation.requested, left), max(left - allocation.requested, 0)
            if allocation in self._allocating or allocation.status is not AllocationStatus.IN_PROGRESS:
                continue
            allocation.kept = kept
            if kept < allocation.requested:
                self._say(
                    f"{allocation.name} provisions {allocation.requested} environments; this machine keeps {kept} "
                    "of them ready. (--max-environments)"
                )
            self._allocating[allocation] = asyncio.ensure_future(self._allocate(allocation))

    def _stop_allocating(self, allocation: Allocation) -> None:
        task = self._allocating.pop(allocation, None)
        if task is not None:
            self._stop(task)

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
            for environment in [each for each, owner in self._allocated.items() if owner is allocation]:
                self._end(environment)
            self._idle.pop(allocation, None)
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
                self._stop(self._publishing.pop(configuration))
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
            environment = await self._place(configuration, PROVISIONED if allocation is not None else None)
            if allocation is not None:
                self._allocated[environment] = allocation
            over: asyncio.Future[End] = asyncio.get_running_loop().create_future()

            def is_over(end: End) -> None:
                if not over.done():
                    over.set_result(end)

            try:
                environment.initialise(is_over)
                end = await over
            except asyncio.CancelledError:
                self._end(environment)
                raise
        if not end.is_well:
            self._end(environment)
            raise LocalError(INIT_FAILURE, right="Its log says why.")
        environment.free_at = self._clock.now()
        self._put(environment)

    def _stop(self, task: asyncio.Task[None]) -> None:
        if not task.done():
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _place(
        self, configuration: FunctionConfiguration, initialization_type: str | None
    ) -> Environment:
        """A new environment, as soon as there is room for it."""
        place = _Place(asyncio.get_running_loop().create_future(), self._end)
        ticket = Ticket(configuration, place, takes_idle=False, initialization_type=initialization_type)
        self._join(ticket)
        try:
            return await place.environment
        except asyncio.CancelledError:
            self.withdraw(ticket)
            raise

    def _serve_soon(self) -> None:
        """See, once what is under way is done, whether tickets can be served: there may be room."""
        if self._waiting and self._serving is None and not self._closed:
            self._serving = asyncio.get_running_loop().call_soon(self._serve)

    def _serve(self) -> None:
        self._serving = None
        for ticket in tuple(self._waiting):
            if ticket.is_queued:
                self._try(ticket)

    def prepare(self, configurations: Iterable[FunctionConfiguration]) -> None:
        """Have ready what environments of these versions can be forked from: one after the other, as the loop has time."""
        nurseries, left = self._settings.nurseries, iter(configurations)
        if nurseries is None:
            return
        loop = asyncio.get_running_loop()

        def prepare_next() -> None:
            configuration = next(left, None)
            if configuration is not None and not self._closed:
                for ancestor in self._ancestors(configuration):
                    nurseries.prepare(ancestor)
                loop.call_soon(prepare_next)

        loop.call_soon(prepare_next)

    def _ancestors(self, configuration: FunctionConfiguration) -> tuple[Ancestor, ...]:
        try:
            runtime = self._runtime_of(configuration)
        except LocalError as error:
            # What is refused at all is said by whoever shows the functions.
            if configuration.refusal is None:
                self._say(str(error))
            return ()
        return ancestors_of(configuration, runtime, self._settings)

    def retire(self, function_name: str, kept: set[FunctionConfiguration]) -> None:
        """End the environments of all versions of a function but these, busy ones after their event."""
        for environment in [each for each in self._all if each.configuration.function_name == function_name]:
            if environment.configuration.of_all_tenants not in kept and environment not in self._allocated:
                self._retire(environment)
        self._idle = {key: idle for key, idle in self._idle.items() if idle}

    def _retire(self, environment: Environment) -> None:
        """End an environment now, or after its event."""
        idle = self._idle.get(self._key(environment), [])
        if environment in idle:
            idle.remove(environment)
            self._end(environment)
        else:
            self._retired.add(environment)

    def clear(self) -> None:
        """End all environments, whatever they are doing; events that wait get new ones, and so do allocations."""
        allocations = tuple({*self._allocated.values(), *self._allocating})
        for allocation in allocations:
            self._stop_allocating(allocation)
        for task in (*self._publishing.values(), *self._renewing):
            self._stop(task)
        for environment in tuple(self._all):
            self._end(environment)
        self._idle.clear()
        if not self._closed:
            for allocation in allocations:
                allocation.status = AllocationStatus.IN_PROGRESS
            self.provision(allocations)

    def close(self) -> None:
        """End all environments, and give none any more."""
        self._closed = True
        if self._round is not None:
            self._round.cancel()
        self.clear()
        while self._waiting:
            ticket = self._waiting[0]
            self._leave(ticket)
            ticket.asker.refused(_ended())

    async def ended(self) -> None:
        """Wait for the environments whose extensions are told that they end."""
        while self._ending:
            await asyncio.wait(self._ending)

    def _new(
        self, configuration: FunctionConfiguration, initialization_type: str | None = None
    ) -> Environment:
        """A new environment, which has its place and is to be prepared."""
        environment = self._make(configuration, initialization_type)
        environment.made_at = environment.free_at = self._clock.now()
        self._all.add(environment)
        return environment

    def _close_an_idle_one(self) -> bool:
        """Make room by ending an environment of another version that has nothing to do."""
        for key, idle in self._idle.items():
            if idle and not isinstance(key, Allocation):
                self._end(idle.pop(0))
                return True
        return False

    def _end(self, environment: Environment) -> None:
        if environment.takes_time_to_end:
            task = asyncio.ensure_future(environment.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        else:
            environment.close()
        self._all.discard(environment)
        self._nearly.discard(environment)
        self._retired.discard(environment)
        self._allocated.pop(environment, None)
        # There is room for another one.
        self._serve_soon()

    def _process(self, configuration: FunctionConfiguration, initialization_type: str | None) -> Environment:
        """An environment that is a process on this machine."""
        runtime = self._runtime_of(configuration)
        kind = initialization_type or (SNAP_START if configuration.snap_start else ON_DEMAND)
        environment = ExecutionEnvironment(configuration, runtime, self._settings, kind)
        for notice in (runtime.notice, environment.notice):
            if notice is not None:
                self._say(notice)
        return environment

    def _runtime_of(self, configuration: FunctionConfiguration) -> Runtime:
        port = self._settings.debug_port(configuration.function_name)
        return runtime_of(configuration, self._settings.folder / "runtimes", port)

    def _say(self, notice: str) -> None:
        if notice not in self._noticed:
            self._noticed.add(notice)
            self._notice(notice)


@define(eq=False)
class _Place:
    """Asks for an environment of its own, ahead of events; ``end`` ends one that comes too late."""

    environment: asyncio.Future[Environment]
    end: Callable[[Environment], None]

    def granted(self, environment: Environment) -> None:
        if self.environment.done():
            self.end(environment)
        else:
            self.environment.set_result(environment)

    def refused(self, error: Exception) -> None:
        if not self.environment.done():
            self.environment.set_exception(error)


def _ended() -> LocalError:
    return LocalError("The local service has ended.")
