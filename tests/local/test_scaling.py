"""The scaling rate: how many environments may be new at a moment, today and in the deck's days."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.facts.quotas import quotas
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.scaling import Scaling, Start


class Account:
    """Functions under load, by a clock that is set by hand."""

    def __init__(self, profile: str = "current", region: str = "eu-central-1") -> None:
        self.time = 0.0
        self.scaling = Scaling(quotas(profile), region, lambda: self.time)

    def entered(self, name: str, count: int) -> int:
        """How many of so many events at once are let in."""
        return sum(self.scaling.enter(version(name)) is not Start.TOO_SOON for _ in range(count))

    def left(self, name: str, count: int) -> None:
        """So many events are over."""
        for _ in range(count):
            self.scaling.leave(version(name))


@cache
def version(name: str) -> FunctionConfiguration:
    arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{name}"
    return FunctionConfiguration(
        function_name=name, function_arn=arn, runtime="", handler="", code=Path(), opt=Path()
    )


def test_today_a_function_gets_1000_environments_at_once() -> None:
    assert Account().entered("A", 1500) == 1000


def test_today_each_function_scales_by_itself() -> None:
    account = Account()
    assert (account.entered("A", 1500), account.entered("B", 1500)) == (1000, 1000)


@pytest.mark.parametrize(("seconds", "more"), [(1, 100), (5, 500), (10, 1000), (60, 1000)])
def test_today_100_more_come_each_second_and_never_more_than_1000(seconds: int, more: int) -> None:
    account = Account()
    account.entered("A", 1000)
    account.time += seconds
    assert account.entered("A", 2000) == more


def test_free_environments_are_used_again_without_being_counted() -> None:
    account = Account()
    account.entered("A", 1000)
    account.left("A", 400)
    assert account.entered("A", 500) == 400


def test_environments_that_were_idle_for_too_long_are_gone() -> None:
    account = Account()
    account.entered("A", 1000)
    account.left("A", 1000)
    account.time += 3600
    account.entered("A", 1000)
    assert account.entered("A", 1) == 0


@pytest.mark.parametrize(
    ("region", "burst"),
    [
        ("us-east-1", 3000),
        ("us-west-2", 3000),
        ("eu-west-1", 3000),
        ("ap-northeast-1", 1000),
        ("eu-central-1", 1000),
        ("sa-east-1", 500),
    ],
)
def test_in_2019_the_first_burst_was_the_regions(region: str, burst: int) -> None:
    assert Account("2019-04-01", region).entered("A", 5000) == burst


def test_in_2019_the_burst_was_shared_by_all_functions() -> None:
    account = Account("2019-04-01", "ap-northeast-1")
    assert (account.entered("A", 700), account.entered("B", 700)) == (700, 300)


@pytest.mark.parametrize("minutes", [1, 2])
def test_in_2019_500_more_came_each_minute(minutes: int) -> None:
    account = Account("2019-04-01", "ap-northeast-1")
    account.entered("A", 1000)
    account.time += 60 * minutes
    assert account.entered("A", 5000) == 500 * minutes


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 900), st.floats(0, 30, allow_nan=False)), max_size=30
    )
)
def test_in_no_10_seconds_are_there_more_than_2000_new_environments(
    steps: list[tuple[int, int, float]],
) -> None:
    # A full bucket at the start of the 10 seconds, and what is refilled within them.
    account = Account()
    busy, most = 0, 0
    made: list[tuple[float, int]] = []
    for count, over, pause in steps:
        busy += account.entered("A", count)
        new = max(0, busy - most)
        most = max(most, busy)
        made.append((account.time, new))
        assert sum(number for when, number in made if when > account.time - 10) <= 2000
        ended = min(busy, over)
        account.left("A", ended)
        busy -= ended
        account.time += pause
