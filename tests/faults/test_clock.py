"""The machine's clock jumps while a function runs: neither timeouts nor durations nor idle environments notice."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.faults.conftest import Fault

YEAR = 365 * 86_400.0


@pytest.mark.parametrize("jump", [YEAR, -YEAR, 3600.0, -3600.0])
def test_a_clock_that_jumps_is_neither_a_timeout_nor_a_long_event(
    fault: Fault, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    name = fault.function(
        "import os, time\ndef handler(event, context):\n    time.sleep(event)\n    return os.getpid()\n",
        timeout=3,
    )
    before = fault.invoke(name, 0).value
    real = time.time

    async def jumping() -> dict[str, str]:
        under_way = asyncio.ensure_future(fault.lab.invoking(name, 0.2))
        await asyncio.sleep(0.05)
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        outcome = await under_way
        assert outcome.value == before
        return outcome.report

    report = fault.lab.run(jumping())
    assert 100 < float(report["Duration"].removesuffix(" ms")) < 3000
    assert "Status" not in report
    # The environment is neither idle for too long nor too old: it serves the next event.
    assert fault.invoke(name, 0).value == before


def test_a_timeout_comes_in_time_though_the_clock_jumps_back(
    fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = fault.function("import time\ndef handler(event, context):\n    time.sleep(60)\n", timeout=1)
    real = time.time

    async def jumping() -> str:
        under_way = asyncio.ensure_future(fault.lab.invoking(name))
        await asyncio.sleep(0.3)
        monkeypatch.setattr(time, "time", lambda: real() - YEAR)
        outcome = await under_way
        assert outcome.report["Status"] == "timeout"
        error_type: str = outcome.error["errorType"]
        return error_type

    started = time.monotonic()
    assert fault.lab.run(jumping()) == "Sandbox.Timedout"
    assert time.monotonic() - started < 10
