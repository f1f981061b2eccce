"""The execution environments there are, by the version that they run: reused where one is idle, else made.

Those that have nothing to do for some minutes end, and so do those that are some hours old. Those of provisioned
concurrency are made ahead of events, and stay.

Source: AWS Lambda Developer Guide, lambda-runtime-environment and provisioned-concurrency; deck section B11 (cold
and warm starts).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from attrs import define

from lambdaform.errors import LocalError
from lambdaform.local.ahead import Ahead
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
from lambdaform.local.launch import Settings, ancestors_of
from lambdaform.local.nursery import Ancestor
from lambdaform.local.places import Asker, Environment, Line, Needs, Ticket
from lambdaform.local.runtimes import Runtime, runtime_of

#: How long an event waits, in seconds, for an environment that has answered and not asked for its next event yet.
MOMENT = 0.005
#: How long an environment is kept without an event, in seconds of the service's clock. AWS names no number; from
#: outside, 5 to 7 minutes have been measured.
IDLE_SECONDS = 420
#: How old one becomes, whatever it does: "every few hours", says AWS.
LIFE_SECONDS = 2 * 3600
#: How long an environment that is idle keeps its place where others need it, in seconds: about what a start costs, so
#: that a caller who calls again sooner does not pay one for each event, and nobody waits for long for one that is not used.
_REST = 0.1
#: How long the last environment of a version keeps its place where others need it, counted in its initialisations: so
#: at most a fifth of the time goes to them. And within which seconds, whatever they take.
_TURN_IN_STARTS = 5
_SHORTEST_TURN, _LONGEST_TURN = 0.5, 5.0
#: How often it is looked for those whose time is up, in real seconds.
_ROUND = 1.0


#: Makes an environment for a version, of an initialisation type where that is not what the version says.
Make = Callable[[FunctionConfiguration, str | None], Environment]


class Pool:
    """Environments of every version. At most ``most`` at once: beyond that, events wait for one to be free.

    One that is free then serves the next event of its own version, which costs no start. It gives up its place to a
    version that needs one more and has at least two fewer. The last one of a version does so after a turn of some
    starts, to a version that has none, so that nobody waits for ever; and any does after a rest without an event. The
    next place is for the version that has the fewest, and of these for the one that has waited longest.

    A function that waits for another one which it has called leaves its place to that.

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
        #: The loop's, which goes on whatever the clock does.
        self._time: Callable[[], float] = lambda: asyncio.get_running_loop().time()
        self._lines: dict[FunctionConfiguration | Allocation, Line] = {}
        self._needs = Needs()
        #: How many versions have several environments on demand.
        self._with_several = 0
        #: Since when those on demand are idle that are, in the loop's time; the one that was used longest ago first.
        self._resting: dict[Environment, float] = {}
        #: All there are, with the line that each belongs to.
        self._all: dict[Environment, Line] = {}
        self._retired: set[Environment] = set()
        #: Those that take no event now.
        self._aside: set[Environment] = set()
        self._most = most
        #: How many calls of functions by functions are under way, and how many environments there may be with these.
        self._nested, self._limit = 0, most
        self._serving: asyncio.Handle | None = None
        self._rested: asyncio.TimerHandle | None = None
        #: Those whose event is answered, and whose end is a matter of a moment.
        self._nearly: set[Environment] = set()
        self._closed = False
        self._ending: set[asyncio.Task[None]] = set()
        self._notice = notice
        self._noticed: set[str] = set()
        self._ahead = Ahead(self, most=most, clock=clock, notice=notice)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, environment: Environment) -> bool:
        return environment in self._all

    def ask(
        self,
        configuration: FunctionConfiguration,
        allocation: Allocation | None,
        asker: Asker,
        *,
        is_nested: bool = False,
    ) -> Ticket | None:
        """An environment for one event of a version: one of its allocation's, the one that was used last, or a new one.

        The ticket is for `withdraw`; there is none where an environment was granted at once. Raises `LocalError`
        where the service has ended.
        """
        if self._closed:
            raise _ended()
        line = self._lines.get(configuration if allocation is None else allocation)
        environment = None if line is None else self._pop(line)
        if environment is not None:
            asker.granted(environment)
            return None
        ticket = Ticket(configuration, asker, allocation, is_nested=is_nested)
        self._join(ticket)
        return ticket

    def enter_nested(self) -> None:
        """A function calls another one, and waits for it in its environment: so there may be one more.

        Else all that there may be could wait for others that get none. In all there are at most twice as many.
        """
        self._nested += 1
        self._limit = max(self._limit, self._most + min(self._nested, self._most))

    def leave_nested(self) -> None:
        """Such a call is over. Its environment stays for a moment, for more calls may follow."""
        self._nested -= 1

    def withdraw(self, ticket: Ticket) -> bool:
        """The asker wants no environment any more; whether it had none yet."""
        if ticket.is_queued:
            self._leave(ticket)
            return True
        if ticket.making is not None and not ticket.making.done():
            self.stop(ticket.making)
            return True
        return False

    def _line(self, key: FunctionConfiguration | Allocation) -> Line:
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(is_on_demand=not isinstance(key, Allocation))
        return line

    def _join(self, ticket: Ticket) -> None:
        """Serve the ticket, or let it wait behind all others of its version."""
        if not ticket.takes_idle:
            ticket.lines = (Line(),)
        elif ticket.allocation is None:
            ticket.lines = (self._line(ticket.configuration),)
        else:
            ticket.lines = (self._line(ticket.allocation), self._line(ticket.configuration))
        if ticket.takes_idle:
            for line in ticket.lines:
                environment = self._pop(line)
                if environment is not None:
                    ticket.asker.granted(environment)
                    return
        is_full = self._is_full(ticket.lines[-1])
        if not is_full and ticket.takes_idle and self._is_patient(ticket):
            self._wait(ticket)
        elif (self._needs and not ticket.is_nested) or not self._try(ticket):
            self._wait(ticket)
            if self._resting or not is_full:
                self._serve_soon()
            elif ticket.takes_idle:
                self.say(f"All environments are busy: further events wait. (--max-environments {self._most})")
                if ticket.is_nested:
                    self.say(
                        "Functions wait for others that they have called, and these for an environment: perhaps until "
                        f"their timeouts. (--max-environments {self._most})"
                    )

    def _wait(self, ticket: Ticket) -> None:
        ticket.is_queued = True
        for line in ticket.lines:
            line.tickets[ticket] = None
        if ticket.awaited is None:
            self._need(ticket.lines[-1])
        else:
            ticket.awaited.patient += 1

    def _leave(self, ticket: Ticket) -> None:
        """Let the ticket wait no more."""
        if not ticket.is_queued:
            return
        ticket.is_queued = False
        for line in ticket.lines:
            del line.tickets[ticket]
        if ticket.awaited is None:
            line = ticket.lines[-1]
            line.needing -= 1
            if not line.needing:
                self._needs.remove(line)
        else:
            self._be_no_more_patient(ticket)

    def _need(self, line: Line) -> None:
        """One more ticket of a line needs a place."""
        line.needing += 1
        if line.needing == 1:
            line.needs_since = self._time()
            self._needs.add(line)

    def _try(self, ticket: Ticket) -> bool:
        """Begin to make what the ticket asks for, if there may be one more environment."""
        if not self._is_alone_where_debugged(ticket.configuration):
            return False
        self._end_where_debugged(ticket.configuration)
        if not self._has_room(ticket.lines[-1]):
            return False
        self._leave(ticket)
        try:
            environment = self._new(ticket)
        except Exception as error:  # noqa: BLE001 - it is told to whom it concerns
            ticket.asker.refused(error)
        else:
            ticket.making = asyncio.ensure_future(self._prepare(environment, ticket))
            # One that is cancelled before it has begun could not do so itself.
            ticket.making.add_done_callback(lambda task: self.end(environment) if task.cancelled() else None)
        return True

    async def _prepare(self, environment: Environment, ticket: Ticket) -> None:
        """Make a new environment ready for its ticket."""
        try:
            await environment.prepare()
        except Exception as error:  # noqa: BLE001 - it is told to whom it concerns
            if environment in self._all:
                self.end(environment)
                ticket.asker.refused(error)
                return
            # What was missing then is no fault of its own.
        if environment in self._all:
            ticket.asker.granted(environment)
        elif self._closed:
            ticket.asker.refused(_ended())
        else:
            # All environments were ended meanwhile.
            self._join(ticket)

    def _is_patient(self, ticket: Ticket) -> bool:
        """Whether the ticket waits a moment, for an environment of its line is about to be free.

        A caller who calls again as soon as it has its answer finds the environment free, as over a real network.
        """
        if not self._nearly:
            return False
        for line in ticket.lines:
            if sum(self._all.get(each) is line for each in self._nearly) > line.patient:
                ticket.awaited = line
                ticket.patience = asyncio.get_running_loop().call_later(MOMENT, self._lose_patience, ticket)
                return True
        return False

    def _be_no_more_patient(self, ticket: Ticket) -> None:
        if ticket.awaited is not None:
            ticket.awaited.patient -= 1
        if ticket.patience is not None:
            ticket.patience.cancel()
        ticket.awaited = ticket.patience = None

    def _lose_patience(self, ticket: Ticket) -> None:
        self._be_no_more_patient(ticket)
        self._need(ticket.lines[-1])
        self._serve()

    def nearly_free(self, function: Function) -> int:
        """How many environments are about to be free of those that share a limit with a function's."""
        if function.reserved_concurrency is None:
            return len(self._nearly)
        return sum(each.configuration.function_name == function.name for each in self._nearly)

    def is_nearly_free(self, environment: Environment) -> None:
        """The environment's event is answered: it will be released in a moment."""
        self._nearly.add(environment)

    def _pop(self, line: Line) -> Environment | None:
        """The environment of this line that was used last, of those that are idle."""
        idle = line.idle
        while idle:
            environment = idle.pop()
            self._resting.pop(environment, None)
            if environment.state is State.GONE or self._is_over(environment):
                self.end(environment)
            else:
                return environment
        return None

    def _is_over(self, environment: Environment) -> bool:
        """Whether an environment has had nothing to do for too long, or has become too old."""
        now = self._clock.now()
        if now < environment.free_at + IDLE_SECONDS and now < environment.made_at + LIFE_SECONDS:
            return False
        if environment in self._ahead.allocated or environment.has_snapshot:
            return False
        # Nobody's debugger loses its function for having thought for long.
        return self._settings.debug_port(environment.configuration.function_name) is None

    def _is_old(self, environment: Environment) -> bool:
        return self._clock.now() >= environment.made_at + LIFE_SECONDS

    def _look_round(self) -> None:
        """End what is idle and whose time is up, without waiting for an event to find it so."""
        self._round = None
        for environment in [each for each in self._resting if self._is_over(each)]:
            self.end(environment)
        self._limit = self._most + min(self._nested, self._most)
        while len(self._all) > self._limit and self._resting:
            self.end(next(iter(self._resting)))
        if self._resting:
            self._plan_round()

    def _plan_round(self) -> None:
        if not self._closed:
            self._round = asyncio.get_running_loop().call_later(_ROUND, self._look_round)

    def _is_alone_where_debugged(self, configuration: FunctionConfiguration) -> bool:
        """Whether a function that is debugged has no environment at work, for all would wait on the same port.

        Always true of a function that is not debugged.
        """
        name = configuration.function_name
        if self._settings.debug_port(name) is None:
            return True
        own = (each for each in self._all if each.configuration.function_name == name)
        return all(each in self._all[each].idle for each in own)

    def _end_where_debugged(self, configuration: FunctionConfiguration) -> None:
        """End the idle environments of a function that is debugged: a new one will have the port."""
        name = configuration.function_name
        if self._settings.debug_port(name) is not None:
            for environment in [each for each in self._all if each.configuration.function_name == name]:
                self.end(environment)

    def _is_full(self, line: Line) -> bool:
        """Whether a line can have no further environment now, not in the place of an idle one either."""
        return len(self._all) >= self._limit and self._spare(line) is None

    def _has_room(self, line: Line) -> bool:
        """Whether a line may have one more environment; one of another version may end for it."""
        if len(self._all) < self._limit:
            return True
        spare = self._spare(line)
        if spare is not None:
            self.end(spare)
        return spare is not None

    def _spare(self, line: Line) -> Environment | None:
        """The idle environment that gives up its place to a line: one of several before the last of a version."""
        if not self._resting:
            return None
        now = self._time()
        is_poor = line.places == 0 and self._with_several > 0
        found = None
        for environment, since in self._resting.items():
            has_rested = now >= since + _REST
            if not has_rested and not is_poor:
                break
            if self._all[environment].places > 1 or (has_rested and not self._with_several):
                return environment
            if has_rested and found is None:
                found = environment
        return found

    def _heir(self, environment: Environment, line: Line) -> Line | None:
        """The line that gets the place of an environment that has done with its event, whoever waits in its own."""
        if len(self._all) < self._limit or not line.is_on_demand:
            return None
        needing = self._next()
        if needing is None or needing is line:
            return None
        if line.places > needing.places + 1:
            return needing
        now = self._time()
        if needing.places and (line.places < needing.places or now < needing.needs_since + _LONGEST_TURN):
            # It is served by what it has. (Where that waits for this very event, it never is.)
            self._needs.postpone(needing)
            return None
        turn = min(max(_TURN_IN_STARTS * environment.init_seconds, _SHORTEST_TURN), _LONGEST_TURN)
        if now < line.placed_at + turn:
            return None
        # One of a version that has several will be free, perhaps soon.
        is_due = line.places > 1 or not self._with_several or now >= needing.needs_since + turn
        return needing if is_due else None

    def release(self, environment: Environment) -> None:
        """An environment's event is over; it waits for the next one, unless it was retired meanwhile."""
        self._nearly.discard(environment)
        if environment in self._retired or environment.state is State.GONE:
            self.end(environment)
        elif environment.state is State.BROKEN and environment in self._ahead.allocated:
            # A place that is paid for is made ready again at once.
            environment.initialise(lambda _: self.put(environment))
        elif environment in self._ahead.allocated and self._is_old(environment):
            self._ahead.renew(environment)
        else:
            environment.free_at = self._clock.now()
            self._offer(environment)
            if self._round is None:
                self._plan_round()

    def set_aside(self, environment: Environment) -> None:
        """An environment that had nothing to do takes no event, until it is taken back."""
        line = self._all.get(environment)
        if line is not None:
            self._aside.add(environment)
            if environment in line.idle:
                line.idle.remove(environment)
                self._resting.pop(environment, None)

    def take_back(self, environment: Environment, *, has_served: bool) -> None:
        """An environment that was set aside takes events again."""
        self._aside.discard(environment)
        if has_served:
            self.release(environment)
        else:
            # What ends by itself without an event is not begun again without one, which would go on for ever.
            self.put(environment)

    def _offer(self, environment: Environment) -> None:
        """An environment is free: it gives up its place, is its line's first ticket's, or else idle."""
        line = self._all.get(environment)
        if line is None or environment in self._aside:
            # It was ended meanwhile, or is about to be offered again.
            return
        heir = self._heir(environment, line) if self._needs else None
        if heir is not None:
            ticket = next(iter(heir.tickets))
            self.end(environment)
            if ticket.is_queued:
                self._try(ticket)
        elif line.tickets:
            ticket = next(iter(line.tickets))
            self._leave(ticket)
            line.needs_since = self._time()
            ticket.asker.granted(environment)
        else:
            line.idle.append(environment)
            if line.is_on_demand:
                self._resting[environment] = self._time()
            if self._needs:
                self._serve_soon()

    def put(self, environment: Environment) -> None:
        """An environment has been initialised anew, or will be by its next event."""
        if environment in self._retired:
            self.end(environment)
        elif environment.state is not State.GONE:
            self._offer(environment)

    def provision(self, allocations: Sequence[Allocation]) -> None:
        """Keep environments ready for these allocations, and for no others any more."""
        self._ahead.provision(allocations)

    def publish(self, configurations: Sequence[FunctionConfiguration]) -> None:
        """Initialise one environment of each of these versions up to its snapshot; the first event restores it."""
        self._ahead.publish(configurations)

    def stop(self, task: asyncio.Task[None]) -> None:
        """Cancel work that nobody wants any more; it is over before the pool has ended."""
        if not task.done():
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def place(self, configuration: FunctionConfiguration, allocation: Allocation | None) -> Environment:
        """A new environment, as soon as there is room for it."""
        place = _Place(asyncio.get_running_loop().create_future(), self.end)
        kind = None if allocation is None else PROVISIONED
        ticket = Ticket(configuration, place, allocation, takes_idle=False, initialization_type=kind)
        self._join(ticket)
        try:
            return await place.environment
        except asyncio.CancelledError:
            self.withdraw(ticket)
            place.leave()
            raise

    def _serve_soon(self) -> None:
        """See, once what is under way is done, whether tickets can be served: there may be room."""
        if self._needs and self._serving is None and not self._closed:
            self._serving = asyncio.get_running_loop().call_soon(self._serve_then)

    def _serve_then(self) -> None:
        self._serving = None
        self._serve()

    def _serve(self) -> None:
        """Give places to those who need one, as long as there are some."""
        while (line := self._next()) is not None and self._try(next(iter(line.tickets))):
            pass
        if line is not None and self._resting and self._rested is None and not self._closed:
            # Look again when the one that has been idle longest has rested.
            loop = asyncio.get_running_loop()
            when = next(iter(self._resting.values())) + _REST
            self._rested = loop.call_at(when, self._look_at_rested)

    def _look_at_rested(self) -> None:
        self._rested = None
        self._serve()

    def _next(self) -> Line | None:
        """The line whose turn is next, of those that may have one more environment."""
        for line in self._needs.in_turn():
            if self._is_alone_where_debugged(next(iter(line.tickets)).configuration):
                return line
        return None

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
                self.say(str(error))
            return ()
        return ancestors_of(configuration, runtime, self._settings)

    def retire(self, function_name: str, kept: set[FunctionConfiguration]) -> None:
        """End the environments of all versions of a function but these, busy ones after their event."""
        for environment in [each for each in self._all if each.configuration.function_name == function_name]:
            if (
                environment.configuration.of_all_tenants not in kept
                and environment not in self._ahead.allocated
            ):
                self.let_go(environment)
        self._lines = {key: line for key, line in self._lines.items() if line.places or line.tickets}

    def let_go(self, environment: Environment) -> None:
        """End an environment now, or after its event."""
        if environment in self._all[environment].idle:
            self.end(environment)
        else:
            self._retired.add(environment)

    def clear(self) -> None:
        """End all environments, whatever they are doing; events that wait get new ones, and so do allocations."""
        allocations = self._ahead.stop()
        for environment in tuple(self._all):
            self.end(environment)
        if not self._closed:
            for allocation in allocations:
                allocation.status = AllocationStatus.IN_PROGRESS
            self.provision(allocations)

    def close(self) -> None:
        """End all environments, and give none any more."""
        self._closed = True
        for planned in (self._round, self._rested):
            if planned is not None:
                planned.cancel()
        self.clear()
        for ticket in [
            ticket for line in (*self._lines.values(), *self._needs.in_turn()) for ticket in line.tickets
        ]:
            # One waits in two lines, and who is refused may withdraw another.
            if ticket.is_queued:
                self._leave(ticket)
                ticket.asker.refused(_ended())

    async def ended(self) -> None:
        """Wait for the environments whose extensions are told that they end."""
        while self._ending:
            await asyncio.wait(self._ending)

    def _new(self, ticket: Ticket) -> Environment:
        """A new environment, which has its place and is to be prepared."""
        environment = self._make(ticket.configuration, ticket.initialization_type)
        environment.made_at = environment.free_at = self._clock.now()
        # Asked at each event, and so without the way to the loop.
        self._time = asyncio.get_running_loop().time
        is_allocated = not ticket.takes_idle and ticket.allocation is not None
        line = self._line(ticket.allocation if is_allocated and ticket.allocation else ticket.configuration)
        self._all[environment] = line
        line.placed_at = self._time()
        self._count(line, 1)
        return environment

    def _count(self, line: Line, more: int) -> None:
        """A line has one more place, or one less."""
        if line.needing:
            self._needs.remove(line)
        had_several = line.places > 1
        line.places += more
        if line.is_on_demand:
            self._with_several += (line.places > 1) - had_several
        if line.needing:
            self._needs.add(line)
            line.needs_since = self._time()

    def end(self, environment: Environment) -> None:
        """End an environment, and let others have its place."""
        line = self._all.pop(environment, None)
        if line is None:
            return
        if environment in line.idle:
            line.idle.remove(environment)
        self._resting.pop(environment, None)
        if environment.takes_time_to_end:
            task = asyncio.ensure_future(environment.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        else:
            environment.close()
        self._nearly.discard(environment)
        self._retired.discard(environment)
        self._aside.discard(environment)
        self._ahead.allocated.pop(environment, None)
        self._count(line, -1)
        # There is room for another one.
        self._serve_soon()

    def _process(self, configuration: FunctionConfiguration, initialization_type: str | None) -> Environment:
        """An environment that is a process on this machine."""
        runtime = self._runtime_of(configuration)
        kind = initialization_type or (SNAP_START if configuration.snap_start else ON_DEMAND)
        environment = ExecutionEnvironment(configuration, runtime, self._settings, kind, self)
        for notice in (runtime.notice, environment.notice):
            if notice is not None:
                self.say(notice)
        return environment

    def _runtime_of(self, configuration: FunctionConfiguration) -> Runtime:
        port = self._settings.debug_port(configuration.function_name)
        return runtime_of(configuration, self._settings.folder / "runtimes", port)

    def say(self, notice: str) -> None:
        """Say something once."""
        if notice not in self._noticed:
            self._noticed.add(notice)
            self._notice(notice)


@define(eq=False)
class _Place:
    """Asks for an environment of its own, ahead of events; ``end`` ends one that comes too late."""

    environment: asyncio.Future[Environment]
    end: Callable[[Environment], None]

    def leave(self) -> None:
        """Want none any more: one that was granted just now ends."""
        if self.environment.done() and not self.environment.cancelled() and not self.environment.exception():
            self.end(self.environment.result())

    def granted(self, environment: Environment) -> None:
        if self.environment.done():
            self.end(environment)
        else:
            self.environment.set_result(environment)

    def refused(self, error: Exception) -> None:
        if not self.environment.done():
            # Whoever provisions tells what is wrong, whatever it is.
            told = error if isinstance(error, LocalError) else LocalError(f"{type(error).__name__}: {error}.")
            self.environment.set_exception(told)


def _ended() -> LocalError:
    return LocalError("The local service has ended.")
