"""Load on modelled functions: what becomes of hours of events, by the service's own limits."""

from __future__ import annotations

import random

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.facts.quotas import quotas
from lambdaform.local.load import Demand, Load


def evenly(name: str, per_second: float, seconds: float, start: float = 0.0) -> list[tuple[float, str]]:
    return [(start + number / per_second, name) for number in range(int(per_second * seconds))]


def test_concurrency_is_requests_a_second_times_their_duration() -> None:
    result = Load({"A": Demand(duration=lambda: 0.5)}).run(evenly("A", 200, 3600))
    assert result.invocations == {"A": 720_000}
    assert 100 <= result.peak <= 101
    # The one that is needed least may be idle for long enough to end.
    assert 100 <= result.cold_starts["A"] <= 110
    assert not result.throttled


def test_a_function_beyond_its_reservation_is_throttled() -> None:
    result = Load({"A": Demand(duration=lambda: 1.0, reserved=5)}).run(evenly("A", 10, 100))
    assert result.peak == 5
    assert result.throttled == {"ReservedFunctionConcurrentInvocationLimitExceeded": 500}


def test_a_slow_neighbour_takes_the_accounts_concurrency_away() -> None:
    demands = {"Slow": Demand(duration=lambda: 60.0), "Fast": Demand(duration=lambda: 0.1)}
    arrivals = sorted(evenly("Slow", 50, 60) + evenly("Fast", 10, 60))
    result = Load(demands).run(arrivals)
    assert result.peak == 1000
    assert result.throttled["ConcurrentInvocationLimitExceeded"] > 0
    assert result.invocations["Fast"] < 600


def test_in_2019_a_spike_was_let_in_by_500_a_minute() -> None:
    limits = evolve(quotas("2019-04-01"), account_concurrency=10_000)
    load = Load({"A": Demand(duration=lambda: 600.0)}, limits=limits, region="ap-northeast-1")
    result = load.run([(60.0 * minute, "A") for minute in range(4) for _ in range(3000)])
    assert result.invocations["A"] == 1000 + 3 * 500


def test_an_hour_without_events_makes_all_starts_cold_again() -> None:
    result = Load({"A": Demand(duration=lambda: 1.0)}).run([(0.0, "A"), (3600.0, "A")])
    assert result.cold_starts["A"] == 2


def test_a_new_environment_takes_its_initialisation_too() -> None:
    result = Load({"A": Demand(duration=lambda: 1.0, init=2.0)}).run([(0.0, "A"), (10.0, "A")])
    assert result.ended == 11.0


@settings(deadline=None)
@given(
    st.integers(1, 40),
    st.integers(0, 10),
    st.lists(st.tuples(st.floats(0, 100), st.sampled_from("AB")), max_size=200),
    st.integers(),
)
def test_every_event_is_run_or_throttled_and_no_limit_is_passed(
    account: int, reserved: int, arrivals: list[tuple[float, str]], seed: int
) -> None:
    chance = random.Random(seed)
    reserved = min(reserved, account)
    limits = evolve(quotas(), account_concurrency=account)
    demands = {
        "A": Demand(duration=lambda: chance.random() * 20, init=1.0),
        "B": Demand(duration=lambda: chance.random() * 20, reserved=reserved),
    }
    result = Load(demands, limits=limits).run(sorted(arrivals))
    assert sum(result.invocations.values()) + sum(result.throttled.values()) == len(arrivals)
    assert result.peak <= account
    if reserved == 0:
        assert result.invocations["B"] == 0
