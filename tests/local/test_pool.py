"""Who gets which environment, and when: one that is idle, one that is nearly free, a new one, or the next that is free."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.errors import LocalError
from lambdaform.facts.quotas import quotas
from lambdaform.local.clock import VirtualClock
from lambdaform.local.control.allocation import Allocation, AllocationStatus
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.environment import State
from lambdaform.local.event import Event
from lambdaform.local.launch import Settings
from lambdaform.local.outcome import End
from lambdaform.local.places import Environment, Ticket
from lambdaform.local.pool import Pool

FIRST = FunctionConfiguration(
    function_name="first",
    function_arn="arn:aws:lambda:us-east-1:123456789012:function:first",
    runtime="",
    handler="",
    code=Path(),
    opt=Path(),
)
SECOND = evolve(FIRST, function_name="second")
THIRD = evolve(FIRST, function_name="third")


class Fake:
    """An environment that does nothing."""

    has_snapshot = takes_time_to_end = False

    def __init__(self, configuration: FunctionConfiguration, ready: asyncio.Event | None) -> None:
        self.configuration = configuration
        self.state = State.NEW
        self.made_at = self.free_at = self.init_seconds = 0.0
        self._ready = ready

    async def prepare(self) -> None:
        """Ready at once, or when the test says so."""
        if self._ready is not None:
            await self._ready.wait()

    def run(self, event: Event) -> None:
        """Take an event."""

    def initialise(self, over: Callable[[End], None]) -> None:
        """Initialise ahead."""
        over(End())

    async def end(self) -> None:
        """End."""
        self.close()

    def close(self) -> None:
        """End."""
        self.state = State.GONE


class CrashesAtOnce(Fake):
    """One in which something crashes in the very turn of the loop in which its initialisation is over."""

    keeper: Pool

    def initialise(self, over: Callable[[End], None]) -> None:
        """Initialise ahead."""
        over(End())
        self.keeper.set_aside(self)
        self.state = State.BROKEN
        self.keeper.take_back(self, has_served=False)


@define(eq=False)
class Asker:
    """Notes what it is told."""

    environment: Environment | None = None
    error: Exception | None = None

    def granted(self, environment: Environment) -> None:
        """It has one."""
        assert (self.environment, self.error) == (None, None)
        self.environment = environment

    def refused(self, error: Exception) -> None:
        """It gets none."""
        assert (self.environment, self.error) == (None, None)
        self.error = error

    @property
    def own(self) -> Environment:
        """The environment that it has been granted."""
        assert self.environment is not None
        return self.environment


@define(eq=False)
class Place:
    """A pool of fakes, and what it has said."""

    pool: Pool
    notices: list[str] = field(factory=list)
    ready: asyncio.Event | None = None

    @classmethod
    def of(cls, most: int) -> Place:
        """With room for so many."""
        settings = Settings(
            quotas=quotas(),
            log=lambda _: None,
            folder=Path(),
            endpoint_url=lambda: None,
            no_view="fake",
            watch=lambda _: None,
        )
        notices: list[str] = []

        def make(configuration: FunctionConfiguration, _kind: str | None) -> Environment:
            return Fake(configuration, place.ready)

        place = cls(
            Pool(settings, most=most, clock=VirtualClock(), notice=notices.append, make=make), notices
        )
        return place

    async def asked(self, configuration: FunctionConfiguration = FIRST) -> Asker:
        """Somebody who has asked, after the loop had some turns."""
        asker = Asker()
        self.pool.ask(configuration, None, asker)
        await turns()
        return asker


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Loop(asyncio.SelectorEventLoop):
    """A loop whose time goes on when a test says so, and not by itself."""

    passed = 0.0

    def time(self) -> float:
        """What has passed."""
        return self.passed


def later(seconds: float) -> None:
    """Let some time pass."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    loop.passed += seconds


def played(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(scenario())


def test_one_in_which_something_crashes_as_it_is_initialised_is_idle_once() -> None:
    async def scenario() -> None:
        place = Place.of(2)

        def make(configuration: FunctionConfiguration, _kind: str | None) -> Environment:
            made = CrashesAtOnce(configuration, None)
            made.keeper = place.pool
            return made

        place.pool._make = make
        allocation = Allocation(qualifier="live", configuration=FIRST, requested=1)
        place.pool.provision([allocation])
        for _ in range(3):
            await turns()
        assert allocation.status is AllocationStatus.READY
        one, two = Asker(), Asker()
        for asker in (one, two):
            place.pool.ask(FIRST, allocation, asker)
        await turns()
        assert one.own is not two.own

    played(scenario)


def test_concurrent_events_have_environments_of_their_own() -> None:
    async def scenario() -> None:
        place = Place.of(3)
        one, two = await place.asked(), await place.asked()
        assert one.own is not two.own

    played(scenario)


def test_the_environment_that_was_used_last_is_used_again() -> None:
    async def scenario() -> None:
        place = Place.of(3)
        one, two = await place.asked(), await place.asked()
        for asker in (one, two):
            place.pool.release(asker.own)
        assert (await place.asked()).own is two.own
        assert (await place.asked()).own is one.own

    played(scenario)


def test_where_all_are_busy_who_came_first_is_served_first() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        running, *waiting = [await place.asked() for _ in range(4)]
        assert [each.environment for each in waiting] == [None] * 3
        assert place.notices == [
            "All environments are busy: further events wait. (--max-environments 1)",
        ]
        for each in waiting:
            place.pool.release(running.own)
            assert each.own is running.own
        assert len(place.pool) == 1

    played(scenario)


def test_who_no_longer_wants_one_is_passed_over() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        running = await place.asked()
        gone, next_one = Asker(), Asker()
        ticket = place.pool.ask(FIRST, None, gone)
        place.pool.ask(FIRST, None, next_one)
        assert ticket is not None
        assert place.pool.withdraw(ticket)
        place.pool.release(running.own)
        assert (gone.environment, next_one.own) == (None, running.own)

    played(scenario)


def test_one_that_is_still_being_made_for_somebody_who_has_gone_ends() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        place.ready = asyncio.Event()
        gone = Asker()
        ticket = place.pool.ask(FIRST, None, gone)
        await turns()
        assert ticket is not None
        assert place.pool.withdraw(ticket)
        await turns()
        assert (len(place.pool), gone.environment) == (0, None)
        place.ready.set()
        assert (await place.asked()).own.state is State.NEW

    played(scenario)


def test_where_all_are_busy_an_environment_serves_the_next_event_of_its_own_version() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        running = await place.asked(FIRST)
        other, same = await place.asked(SECOND), await place.asked(FIRST)
        place.pool.release(running.own)
        await turns()
        assert same.own is running.own
        assert other.environment is None

    played(scenario)


def test_the_last_environment_of_a_version_gives_up_its_place_after_a_turn() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        running = await place.asked(FIRST)
        other, same = await place.asked(SECOND), await place.asked(FIRST)
        later(0.6)
        place.pool.release(running.own)
        await turns()
        assert other.own.configuration is SECOND
        assert running.own.state is State.GONE
        assert same.environment is None

    played(scenario)


def test_what_takes_long_to_start_has_a_longer_turn() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        running = await place.asked(FIRST)
        running.own.init_seconds = 0.4
        other, *same = [await place.asked(each) for each in (SECOND, FIRST, FIRST)]
        later(1.9)
        place.pool.release(running.own)
        assert same[0].own is running.own
        later(0.2)
        place.pool.release(running.own)
        await turns()
        assert other.own.configuration is SECOND

    played(scenario)


def test_one_of_several_environments_gives_up_its_place_at_once_to_a_version_that_has_none() -> None:
    async def scenario() -> None:
        place = Place.of(2)
        one, _two, _waiting, other = [await place.asked(each) for each in (FIRST, FIRST, FIRST, SECOND)]
        place.pool.release(one.own)
        await turns()
        assert other.own.configuration is SECOND

    played(scenario)


def test_the_last_one_of_a_version_is_kept_for_another_turn_where_another_version_has_several() -> None:
    async def scenario() -> None:
        place = Place.of(3)
        single, _one, _two = [await place.asked(each) for each in (FIRST, SECOND, SECOND)]
        later(0.6)
        other, *same = [await place.asked(each) for each in (THIRD, FIRST, FIRST)]
        place.pool.release(single.own)
        assert same[0].own is single.own
        later(0.6)
        place.pool.release(single.own)
        await turns()
        assert other.own.configuration is THIRD
        assert same[1].environment is None

    played(scenario)


def test_places_become_even_where_versions_need_more() -> None:
    async def scenario() -> None:
        place = Place.of(4)
        busy = [await place.asked(FIRST) for _ in range(4)]
        waiting = [await place.asked(each) for each in (FIRST, SECOND) for _ in range(4)]
        for each in busy:
            place.pool.release(each.own)
            await turns()
        served = [each.environment.configuration for each in waiting if each.environment is not None]
        assert (served.count(FIRST), served.count(SECOND)) == (2, 2)

    played(scenario)


def test_of_versions_without_an_environment_the_one_that_has_waited_longest_is_next() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        running = await place.asked(FIRST)
        third, second = await place.asked(THIRD), await place.asked(SECOND)
        place.pool.release(running.own)
        later(0.6)
        await turns()
        assert third.own.configuration is THIRD
        assert second.environment is None

    played(scenario)


def test_an_idle_environment_whose_caller_may_call_again_rests_before_it_gives_up_its_place() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        running = await place.asked(FIRST)
        other = await place.asked(SECOND)
        place.pool.release(running.own)
        await turns()
        again = await place.asked(FIRST)
        assert again.own is running.own
        place.pool.release(again.own)
        await turns()
        assert other.environment is None
        later(0.2)
        await turns()
        assert other.own.configuration is SECOND

    played(scenario)


def test_an_environment_that_has_been_idle_makes_room_at_once() -> None:
    async def scenario() -> None:
        place = Place.of(2)
        first, second = await place.asked(FIRST), await place.asked(SECOND)
        for each in (second, first):
            place.pool.release(each.own)
        later(0.2)
        assert (await place.asked(THIRD)).own.configuration is THIRD
        # The one that was used longest ago.
        assert (first.own.state, second.own.state) == (State.NEW, State.GONE)

    played(scenario)


def test_of_idle_environments_one_of_several_ends_before_the_last_of_another_version() -> None:
    async def scenario() -> None:
        place = Place.of(3)
        single, *several = [await place.asked(each) for each in (FIRST, SECOND, SECOND)]
        for each in (single, *several):
            place.pool.release(each.own)
        await place.asked(THIRD)
        assert [each.own.state for each in (single, *several)] == [State.NEW, State.GONE, State.NEW]

    played(scenario)


def test_a_version_whose_environments_are_stuck_gets_another_place() -> None:
    """Its event may be waiting for the one that waits."""

    async def scenario() -> None:
        place = Place.of(2)
        _stuck, other = await place.asked(FIRST), await place.asked(SECOND)
        inner = await place.asked(FIRST)
        for _ in range(12):
            again = await place.asked(SECOND)
            place.pool.release(other.own)
            await turns()
            if again.environment is None:
                break
            other = again
            later(0.5)
        assert inner.own.configuration is FIRST

    played(scenario)


def test_a_version_that_has_lost_its_last_environment_is_served_again() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        askers = [await place.asked(each) for each in (FIRST, SECOND, FIRST, SECOND)]
        served: list[str] = []
        for _ in range(4):
            [running] = [each for each in askers if each.environment is not None]
            served.append(running.own.configuration.function_name)
            askers.remove(running)
            later(0.6)
            place.pool.release(running.own)
            await turns()
        assert served == ["first", "second", "first", "second"]

    played(scenario)


def test_who_calls_again_at_once_gets_the_environment_that_is_about_to_be_free() -> None:
    async def scenario() -> None:
        place = Place.of(3)
        running = await place.asked()
        place.pool.is_nearly_free(running.own)
        again = Asker()
        place.pool.ask(FIRST, None, again)
        assert again.environment is None
        place.pool.release(running.own)
        assert again.own is running.own

    played(scenario)


def test_of_two_who_call_only_one_waits_for_the_one_that_is_about_to_be_free() -> None:
    async def scenario() -> None:
        place = Place.of(3)
        running = await place.asked()
        place.pool.is_nearly_free(running.own)
        one, two = Asker(), Asker()
        for asker in (one, two):
            place.pool.ask(FIRST, None, asker)
        place.pool.release(running.own)
        await turns()
        assert one.own is running.own
        assert two.own is not running.own

    played(scenario)


def test_who_waits_for_one_that_does_not_become_free_gets_a_new_one() -> None:
    async def scenario() -> None:
        place = Place.of(3)
        running = await place.asked()
        place.pool.is_nearly_free(running.own)
        again = Asker()
        place.pool.ask(FIRST, None, again)
        later(0.006)
        await turns()
        assert again.own is not running.own

    played(scenario)


def test_who_waits_is_told_that_the_service_ends() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        await place.asked()
        waiting = await place.asked()
        place.pool.close()
        assert isinstance(waiting.error, LocalError)
        with pytest.raises(LocalError, match="ended"):
            place.pool.ask(FIRST, None, Asker())

    played(scenario)


def test_who_leaves_before_an_environment_is_begun_leaves_no_place_taken() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        ticket = place.pool.ask(FIRST, None, Asker())
        assert ticket is not None
        assert place.pool.withdraw(ticket)
        await turns()
        assert len(place.pool) == 0
        assert (await place.asked(SECOND)).own.configuration is SECOND

    played(scenario)


def test_an_environment_that_is_provisioned_for_nobody_any_more_leaves_no_place_taken() -> None:
    async def scenario() -> None:
        place = Place.of(2)
        allocation = Allocation(qualifier="live", configuration=FIRST, requested=1)
        for count in range(8):
            place.pool.provision([allocation])
            for _ in range(count):
                await asyncio.sleep(0)
            place.pool.provision([])
            await turns()
            assert len(place.pool) == 0, count
            allocation = evolve(allocation, status=AllocationStatus.IN_PROGRESS)

    played(scenario)


def test_an_environment_that_is_made_for_nobody_any_more_makes_room_for_who_waits() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        ticket = place.pool.ask(FIRST, None, Asker())
        waiting = Asker()
        place.pool.ask(SECOND, None, waiting)
        assert ticket is not None
        place.pool.withdraw(ticket)
        await turns()
        assert waiting.own.configuration is SECOND

    played(scenario)


def test_an_environment_that_cannot_be_prepared_makes_room_for_who_waits() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        ready = asyncio.Event()
        ready.set()
        made: list[Environment] = []

        def make(configuration: FunctionConfiguration, _kind: str | None) -> Environment:
            made.append((Fake if made else Failing)(configuration, ready))
            return made[-1]

        place.pool._make = make
        failing, waiting = Asker(), Asker()
        place.pool.ask(FIRST, None, failing)
        place.pool.ask(SECOND, None, waiting)
        await turns()
        assert isinstance(failing.error, ValueError)
        assert waiting.own is made[-1]

    played(scenario)


def test_an_environment_that_cannot_be_made_is_told_to_who_asked() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        asker = Asker()

        def make(_configuration: FunctionConfiguration, _kind: str | None) -> Environment:
            raise LocalError("There is no such runtime here.")

        place.pool._make = make
        place.pool.ask(FIRST, None, asker)
        assert str(asker.error) == "There is no such runtime here."
        assert len(place.pool) == 0

    played(scenario)


class Failing(Fake):
    """An environment that misses what its service had."""

    async def prepare(self) -> None:
        """Fails, once the test says so."""
        await super().prepare()
        raise ValueError("I/O operation on closed file.")


def test_what_fails_in_the_making_because_the_service_has_ended_is_no_other_error() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        ready = asyncio.Event()
        place.pool._make = lambda configuration, _kind: Failing(configuration, ready)
        asker = await place.asked()
        place.pool.close()
        ready.set()
        await turns()
        assert str(asker.error) == "The local service has ended."

    played(scenario)


def test_who_waits_for_one_that_is_ended_while_it_is_made_gets_another() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        place.ready = asyncio.Event()
        asker = await place.asked()
        place.pool.clear()
        place.ready.set()
        await turns()
        await turns()
        assert asker.own.state is State.NEW
        assert len(place.pool) == 1

    played(scenario)


def test_what_fails_in_the_making_because_it_was_ended_is_made_again() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        ready = asyncio.Event()
        make = place.pool._make
        place.pool._make = lambda configuration, _kind: Failing(configuration, ready)
        asker = await place.asked()
        place.pool._make = make
        place.pool.clear()
        ready.set()
        await turns()
        assert asker.own.state is State.NEW

    played(scenario)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 4), st.lists(st.integers(1, 6), min_size=1, max_size=7), st.randoms(use_true_random=False)
)
def test_callers_of_many_versions_all_get_on_and_few_events_are_cold_starts(
    most: int, clients: list[int], chance: random.Random
) -> None:
    """Each version has some callers that call again and again, or give up; an event takes up to a tenth of a second."""

    async def scenario() -> None:
        place = Place.of(most)
        versions = [evolve(FIRST, function_name=f"f{number}") for number in range(len(clients))]
        waiting: dict[FunctionConfiguration, deque[Waiting]] = {each: deque() for each in versions}
        running: list[Waiting] = []
        seen: set[Environment] = set()
        events = 0

        def call(version: FunctionConfiguration) -> None:
            one = Waiting(version, asyncio.get_running_loop().time())
            waiting[version].append(one)
            one.ticket = place.pool.ask(version, None, one.asker)

        for version, count in zip(versions, clients, strict=True):
            for _ in range(count):
                call(version)
        for _ in range(200):
            await turns()
            assert len(place.pool) <= most
            for version, queue in waiting.items():
                while queue and queue[0].asker.environment is not None:
                    running.append(queue.popleft())
                    seen.add(running[-1].asker.own)
                    events += 1
                assert all(each.asker.environment is None for each in queue), "first come, first served"
                # A turn is half a second, and each that waits for one waits for the turns of those before it.
                now = asyncio.get_running_loop().time()
                longest = (len(versions) + 1) * 0.7 + sum(clients) * 0.1
                assert all(now - each.since <= longest for each in queue), version
            assert len(running) <= most
            assert len({each.asker.own for each in running}) == len(running)
            gone = chance.choice(versions)
            if waiting[gone] and chance.random() < 0.1:
                one = chance.choice(waiting[gone])
                waiting[gone].remove(one)
                assert one.ticket is not None
                assert place.pool.withdraw(one.ticket)
                call(gone)
            later(chance.uniform(0.0, 0.1))
            over = chance.choice(running)
            running.remove(over)
            place.pool.release(over.asker.own)
            call(over.version)
        assert events >= 200
        assert len(seen) <= most * 3 + sum(clients) + 200 * 0.05 / 0.5 * 2

    played(scenario)


async def called(place: Place, configuration: FunctionConfiguration) -> Asker:
    """A function calls another one and waits."""
    asker = Asker()
    place.pool.enter_nested()
    place.pool.ask(configuration, None, asker, is_nested=True)
    await turns()
    return asker


def test_a_function_that_waits_for_one_that_it_has_called_leaves_its_place_to_that() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        assert (await place.asked(FIRST)).environment is not None
        # Who came before does not take it.
        waiting = await place.asked(THIRD)
        assert (await called(place, SECOND)).environment is not None
        assert waiting.environment is None

    played(scenario)


def test_functions_that_wait_for_others_have_at_most_twice_the_places_and_it_is_said() -> None:
    async def scenario() -> None:
        place = Place.of(2)
        outer = [await place.asked(FIRST), await place.asked(FIRST)]
        inner = [await called(place, SECOND) for _ in range(3)]
        assert [each.environment is not None for each in (*outer, *inner)] == [True] * 4 + [False]
        assert place.notices[-1].startswith("Functions wait for others that they have called")
        place.pool.leave_nested()
        place.pool.release(inner[0].own)
        assert inner[2].environment is not None

    played(scenario)


def test_what_was_lent_to_functions_that_were_called_ends_soon_after() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        outer = await place.asked(FIRST)
        inner = await called(place, SECOND)
        place.pool.leave_nested()
        place.pool.release(inner.own)
        # More calls may follow, and cost no start.
        assert len(place.pool) == 2
        later(1.5)
        await turns()
        assert len(place.pool) == 1
        assert outer.own.state is not State.GONE

    played(scenario)


@define(eq=False)
class Waiting:
    """An event of a version, and when it came."""

    version: FunctionConfiguration
    since: float
    asker: Asker = field(factory=Asker)
    ticket: Ticket | None = None
