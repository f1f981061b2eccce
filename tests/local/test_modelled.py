"""Modelled functions under a virtual clock: hours of load in a moment, by the service's own limits and retries."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lambdaform.facts.quotas import quotas
from lambdaform.local import outcome
from lambdaform.local.control.allocation import Allocation, AllocationStatus
from lambdaform.local.errors import AwsError
from lambdaform.local.event import Event
from lambdaform.local.front import Request, Response
from lambdaform.local.modelled import Model
from lambdaform.local.modelled_service import ModelledLambda
from lambdaform.local.outcome import Answer

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 60))


async def at(service: ModelledLambda, when: float, name: str, **request: Any) -> Response | AwsError:
    """What an event at a moment is answered."""
    await service.clock.sleep_until(when)
    try:
        return await service.front.invoke(Request(function_name=name, **request))
    except AwsError as error:
        return error


def test_an_hour_of_load_takes_as_many_environments_as_its_concurrency() -> None:
    async def hour() -> tuple[int, float]:
        service = ModelledLambda({"A": Model(duration=lambda _: 1.0)})
        # Ten events a second, a second each.
        await asyncio.gather(*(at(service, number / 10, "A") for number in range(3600)))
        environments = len(service.pool)
        now = service.clock.now()
        await service.close()
        return environments, now

    environments, now = run(hour())
    assert 10 <= environments <= 11
    assert now == pytest.approx(360.9)


def test_a_cold_start_takes_its_time_and_a_warm_one_none() -> None:
    async def two() -> list[float]:
        service = ModelledLambda({"A": Model(duration=lambda _: 1.0, init=5.0)})
        ends = []
        for _ in range(2):
            await at(service, service.clock.now(), "A")
            ends.append(service.clock.now())
        await service.close()
        return ends

    assert run(two()) == [6.0, 7.0]


def test_a_burst_beyond_the_scaling_rate_is_throttled_and_then_let_in() -> None:
    async def bursts() -> list[int]:
        limits = evolve(quotas(), account_concurrency=10_000)
        service = ModelledLambda({"A": Model(duration=lambda _: 100.0)}, limits=limits)
        let_in = []
        for when in (0.0, 10.5):
            answers = [asyncio.ensure_future(at(service, when, "A")) for _ in range(1500)]
            await service.clock.sleep_until(when + 0.001)
            let_in.append(sum(not each.done() for each in answers))
        await service.close()
        return let_in

    assert run(bursts()) == [1000, 1000]


def test_throttled_asynchronous_events_are_all_processed_in_the_end() -> None:
    async def flood() -> tuple[int, int, float]:
        processed = 0

        def count(_event: Event) -> Answer:
            nonlocal processed
            processed += 1
            return outcome.returned(b"null")

        limits = evolve(quotas(), account_concurrency=50)
        service = ModelledLambda({"A": Model(duration=lambda _: 10.0, answer=count)}, limits=limits)
        for _ in range(500):
            await service.front.invoke(Request(function_name="A", invocation_type="Event"))
        while len(service.queue):
            await service.clock.sleep_until(service.clock.now() + 1)
        now = service.clock.now()
        await service.close()
        return processed, len(service.dead_letters), now

    processed, lost, now = run(flood())
    assert (processed, lost) == (500, 0)
    assert now >= 100


async def in_a_second(service: ModelledLambda, count: int, name: str, **request: Any) -> list[str]:
    """Why those of so many events in a second, evenly spread, were throttled that were."""
    answers = [at(service, number / count, name, **request) for number in range(count)]
    return [each.extra["Reason"] for each in await asyncio.gather(*answers) if isinstance(each, AwsError)]


def test_a_function_with_a_reservation_of_2_gets_20_requests_a_second() -> None:
    async def load() -> list[str]:
        service = ModelledLambda({"A": Model(duration=lambda _: 0.001)})
        function = service.functions.find("A")
        assert function is not None
        function.reserved_concurrency = 2
        service.concurrency.reserve({"A": 2})
        await in_a_second(service, 50, "A")
        await service.clock.sleep_until(service.clock.now() + 60)
        start = service.clock.now()
        answers = [at(service, start + number / 400, "A") for number in range(40)]
        reasons = [
            each.extra["Reason"] for each in await asyncio.gather(*answers) if isinstance(each, AwsError)
        ]
        await service.close()
        return reasons

    # 20 at once, and 2 that come back in the tenth of a second.
    assert run(load()) == ["ReservedFunctionInvocationRateLimitExceeded"] * 19


def test_functions_without_a_reservation_share_10_requests_a_second_for_each_unit_of_the_account() -> None:
    async def load() -> list[str]:
        limits = evolve(quotas(), account_concurrency=10)
        models = dict.fromkeys("AB", Model(duration=lambda _: 0.0001))
        service = ModelledLambda(models, limits=limits)
        reasons = await asyncio.gather(*(in_a_second(service, 200, name) for name in models))
        await service.close()
        return [reason for each in reasons for reason in each]

    reasons = run(load())
    assert set(reasons) == {"FunctionInvocationRateLimitExceeded"}
    # The bucket of 100 is full at first, and 100 more come in the second.
    assert 190 <= len(reasons) <= 210


def test_asynchronous_events_have_no_limit_of_requests() -> None:
    async def load() -> int:
        limits = evolve(quotas(), account_concurrency=1)
        service = ModelledLambda({"A": Model(duration=lambda _: 0.0)}, limits=limits)
        reasons = await in_a_second(service, 100, "A", invocation_type="Event")
        await service.close()
        return len(reasons)

    assert run(load()) == 0


def test_one_provisioned_environment_gets_10_requests_a_second_and_the_rest_spills_over() -> None:
    async def load() -> tuple[int, int]:
        service = ModelledLambda({"A": Model(duration=lambda _: 0.0001)})
        function = service.functions.find("A")
        assert function is not None
        function.versions["1"] = evolve(function.versions["$LATEST"], version="1")
        allocation = Allocation(qualifier="1", configuration=function.versions["1"], requested=1)
        function.allocations["1"] = allocation
        service.concurrency.reserve({}, {"A": [allocation]})
        service.pool.provision([allocation])
        while allocation.status is not AllocationStatus.READY:
            await asyncio.sleep(0)
        reasons = await in_a_second(service, 100, "A", qualifier="1")
        environments = len(service.pool)
        await service.close()
        return len(reasons), environments

    assert run(load()) == (0, 2)


NAMES = ("Free", "Reserved", "Provisioned")


class Load(RuleBasedStateMachine):
    """Events of all kinds on three functions, whatever their settings become meanwhile."""

    LIMIT = 12

    @initialize()
    def start(self) -> None:
        self.runner = asyncio.Runner()
        self.busy = dict.fromkeys(NAMES, 0)
        self.most = dict.fromkeys(NAMES, 0)
        self.answered: list[str] = []
        self.accepted = 0
        self.ran: list[str] = []
        self.calls: list[asyncio.Task[Response]] = []
        self.reserved: int | None = None
        #: What was wrong while an event began: raised there, it would be the event's and not this test's.
        self.broken: list[AssertionError] = []
        # Requests a second are another matter.
        limits = evolve(quotas(), account_concurrency=self.LIMIT, requests_per_concurrency=1_000_000)

        def begin(event: Event) -> float:
            name = event.function_arn.split(":")[6]
            self.busy[name] += 1
            try:
                self.check()
            except AssertionError as error:
                self.broken.append(error)
            return float(len(event.payload) % 7)

        def end(event: Event) -> Answer:
            self.busy[event.function_arn.split(":")[6]] -= 1
            self.ran.append(event.request_id)
            return outcome.returned(b"null")

        async def make() -> ModelledLambda:
            model = Model(duration=begin, init=1.0, answer=end)
            return ModelledLambda(dict.fromkeys(NAMES, model), limits=limits, seed=1)

        self.service = self.runner.run(make())
        function = self.service.functions.find("Provisioned")
        assert function is not None
        function.versions["1"] = evolve(function.versions["$LATEST"], version="1")
        self.allocation = Allocation(qualifier="1", configuration=function.versions["1"], requested=2)
        function.allocations["1"] = self.allocation
        self.set()
        self.runner.run(self.allocate())

    async def allocate(self) -> None:
        self.service.pool.provision([self.allocation])
        while self.allocation.status is not AllocationStatus.READY:
            await self.service.clock.sleep_until(self.service.clock.now() + 0.5)

    def set(self) -> None:
        reservations = {} if self.reserved is None else {"Reserved": self.reserved}
        self.service.concurrency.reserve(reservations, {"Provisioned": [self.allocation]})

    def check(self) -> None:
        """No more than the limits allow are under way; a limit that was lowered lets what is under way end."""
        assert sum(self.busy.values()) <= self.LIMIT
        if self.reserved is not None and self.settled:
            assert self.busy["Reserved"] <= self.reserved
        assert self.busy["Free"] <= self.LIMIT - 2

    settled = True

    @rule(name=st.sampled_from(NAMES), count=st.integers(1, 15), size=st.integers(0, 20))
    def call(self, name: str, count: int, size: int) -> None:
        qualifier = "1" if name == "Provisioned" and size % 2 else None
        request = Request(function_name=name, qualifier=qualifier, payload=b'"' + b"x" * size + b'"')

        async def calls() -> None:
            self.calls += [asyncio.ensure_future(self.service.front.invoke(request)) for _ in range(count)]
            await asyncio.sleep(0)

        self.runner.run(calls())

    @rule(name=st.sampled_from(NAMES), count=st.integers(1, 15), size=st.integers(0, 20))
    def send(self, name: str, count: int, size: int) -> None:
        request = Request(function_name=name, payload=b'"' + b"x" * size + b'"', invocation_type="Event")

        async def sends() -> None:
            for _ in range(count):
                response = await self.service.front.invoke(request)
                assert response.status == 202
                self.accepted += 1

        self.runner.run(sends())

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds: float) -> None:
        self.runner.run(self.service.clock.sleep_until(self.service.clock.now() + seconds))

    @rule(reserved=st.one_of(st.none(), st.integers(1, 4)))
    def reserve(self, reserved: int | None) -> None:
        # What has its place goes on by the old number, so that the new one is checked once it has ended.
        self.settled = reserved is None or self.service.concurrency._on_demand["Reserved"] <= reserved
        self.reserved = reserved
        self.set()

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        if hasattr(self, "busy") and all(each.done() for each in self.calls) and not len(self.service.queue):
            assert not any(self.busy.values())

    def teardown(self) -> None:
        if not hasattr(self, "service"):
            return

        async def drain() -> None:
            while len(self.service.queue) or not all(each.done() for each in self.calls):
                await self.service.clock.sleep_until(self.service.clock.now() + 1)
            await self.service.close()

        self.runner.run(drain())
        assert not self.broken
        throttled = [each for each in self.calls if each.exception() is not None]
        for each in throttled:
            error = each.exception()
            assert isinstance(error, AwsError)
            assert error.status == 429
        # Every call was answered once; every accepted event ran once, or was given up for its age.
        assert len(self.ran) == len(set(self.ran))
        assert len(self.ran) == len(self.calls) - len(throttled) + self.accepted - len(
            self.service.dead_letters
        )
        assert not any(self.busy.values())
        self.runner.close()


Load.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_limits_hold_and_no_event_is_lost = Load.TestCase
