"""Work in a thread beside the loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from lambdaform.local.aside import aside


def test_the_loop_goes_on_while_work_is_done() -> None:
    async def working() -> str:
        going_on = threading.Event()

        def work() -> str:
            return "done" if going_on.wait(20) else "nobody went on"

        asyncio.get_running_loop().call_later(0, going_on.set)
        return await aside(work)

    assert asyncio.run(working()) == "done"


def test_what_it_raises_is_raised() -> None:
    def work() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(aside(work))


def test_work_that_is_not_done_keeps_nobody_from_ending() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(20)
        ended.set()

    async def leaving() -> None:
        working = asyncio.ensure_future(aside(work))
        await asyncio.sleep(0)
        working.cancel()

    asyncio.run(leaving())
    assert not ended.is_set()
    may_end.set()
    assert ended.wait(20)
