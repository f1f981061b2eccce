"""Who gets which environment, and when: one that is idle, one that is nearly free, a new one, or the next that is free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field

from lambdaform.errors import LocalError
from lambdaform.facts.quotas import quotas
from lambdaform.local.clock import VirtualClock
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.environment import State
from lambdaform.local.event import Event
from lambdaform.local.launch import Settings
from lambdaform.local.outcome import End
from lambdaform.local.pool import Environment, Pool

FIRST = FunctionConfiguration(
    function_name="first",
    function_arn="arn:aws:lambda:us-east-1:123456789012:function:first",
    runtime="",
    handler="",
    code=Path(),
    opt=Path(),
)
SECOND = evolve(FIRST, function_name="second")


class Fake:
    """An environment that does nothing."""

    has_snapshot = takes_time_to_end = False

    def __init__(self, configuration: FunctionConfiguration, ready: asyncio.Event | None) -> None:
        self.configuration = configuration
        self.state = State.NEW
        self.made_at = self.free_at = 0.0
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


def played(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scenario())


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
            "All 1 environments are busy: further events wait. (--max-environments)",
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


def test_an_idle_one_of_another_version_ends_for_who_came_first() -> None:
    async def scenario() -> None:
        place = Place.of(1)
        running = await place.asked(FIRST)
        other, same = await place.asked(SECOND), await place.asked(FIRST)
        place.pool.release(running.own)
        await turns()
        assert other.own.configuration is SECOND
        assert running.own.state is State.GONE
        assert same.environment is None

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
        async with asyncio.timeout(30):
            while again.environment is None:
                await asyncio.sleep(0.001)
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
