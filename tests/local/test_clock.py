"""The service's two clocks: the wall's, sped up where asked, and one that jumps."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.clock import VirtualClock, WallClock, utc_text


def test_a_moment_is_written_as_aws_writes_it() -> None:
    assert utc_text(1_795_521_600.0) == "2026-11-24T12:00:00.000Z"


def test_milliseconds_are_rounded_into_the_next_second() -> None:
    assert utc_text(0.9996) == "1970-01-01T00:00:01.000Z"


@pytest.mark.parametrize("speed", [0, -1])
def test_a_wall_clock_runs_forward(speed: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        WallClock(speed)


def test_a_sped_up_clock_lets_an_hour_pass_in_a_moment() -> None:
    async def scenario() -> float:
        clock = WallClock(speed=360_000)
        start = clock.now()
        await clock.sleep_until(start + 3600)
        return clock.now() - start

    assert asyncio.run(asyncio.wait_for(scenario(), 5)) >= 3600


def test_the_virtual_clock_stands_still_until_somebody_waits() -> None:
    clock = VirtualClock(start=100.0)
    assert clock.now() == clock.now() == 100.0


def test_the_virtual_clock_jumps_to_the_moment_that_is_awaited() -> None:
    async def scenario() -> float:
        clock = VirtualClock()
        await clock.sleep_until(86_400.0)
        return clock.now()

    assert asyncio.run(scenario()) == 86_400.0


def test_a_moment_that_is_past_is_not_waited_for() -> None:
    async def scenario() -> float:
        clock = VirtualClock(start=10.0)
        await clock.sleep_until(5.0)
        return clock.now()

    assert asyncio.run(scenario()) == 10.0


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_sleepers_wake_in_order_each_at_its_moment(moments: list[int]) -> None:
    async def scenario() -> list[float]:
        clock = VirtualClock()
        woken: list[float] = []

        async def sleeper(when: int) -> None:
            await clock.sleep_until(when)
            assert clock.now() == when
            woken.append(when)

        await asyncio.gather(*(sleeper(when) for when in moments))
        return woken

    assert asyncio.run(scenario()) == sorted(moments)


def test_time_stands_still_while_something_real_is_under_way() -> None:
    async def scenario() -> tuple[float, float]:
        clock = VirtualClock()
        with clock.busy():
            sleeper = asyncio.ensure_future(clock.sleep_until(60.0))
            for _ in range(10):
                await asyncio.sleep(0)
            meanwhile = clock.now()
        await sleeper
        return meanwhile, clock.now()

    assert asyncio.run(scenario()) == (0.0, 60.0)


def test_a_sleeper_that_was_cancelled_does_not_move_the_clock() -> None:
    async def scenario() -> float:
        clock = VirtualClock()
        late = asyncio.ensure_future(clock.sleep_until(1000.0))
        early = asyncio.ensure_future(clock.sleep_until(10.0))
        await asyncio.sleep(0)
        early.cancel()
        late.cancel()
        await asyncio.sleep(0)
        await clock.sleep_until(20.0)
        return clock.now()

    assert asyncio.run(scenario()) == 20.0
