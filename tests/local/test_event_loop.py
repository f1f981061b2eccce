"""The loop of `lambdaform run`: awake for a moment after something has come, asleep otherwise."""

from __future__ import annotations

import asyncio
import os
import selectors
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from lambdaform.local.event_loop import WakefulSelector, new_event_loop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is the usual loop")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


@pytest.fixture
def selector(pair: tuple[socket.socket, socket.socket]) -> Iterator[selectors.BaseSelector]:
    with WakefulSelector() as made:
        made.register(pair[0], selectors.EVENT_READ)
        yield made


def something_comes(pair: tuple[socket.socket, socket.socket], selector: selectors.BaseSelector) -> None:
    pair[1].send(b"1")
    assert selector.select(60)
    pair[0].recv(1)


def never() -> None:
    raise AssertionError("it is awake")


def test_what_comes_while_it_is_awake_is_told_without_sleep(
    pair: tuple[socket.socket, socket.socket],
    selector: selectors.BaseSelector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    something_comes(pair, selector)
    monkeypatch.setattr(os, "sched_yield", lambda: pair[1].send(b"2"))

    [(key, mask)] = selector.select(60)

    assert (key.fileobj, mask) == (pair[0], selectors.EVENT_READ)


def test_a_round_with_other_work_between_leaves_it_awake(
    pair: tuple[socket.socket, socket.socket],
    selector: selectors.BaseSelector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    something_comes(pair, selector)
    assert selector.select(0) == []
    monkeypatch.setattr(os, "sched_yield", lambda: pair[1].send(b"2"))

    assert selector.select(60)


def test_it_sleeps_at_once_where_nothing_has_come(
    selector: selectors.BaseSelector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_yield", never)

    assert selector.select(0.001) == []
    assert selector.select(0.001) == []


def test_it_waits_as_long_as_it_is_asked_to(
    pair: tuple[socket.socket, socket.socket], selector: selectors.BaseSelector
) -> None:
    something_comes(pair, selector)
    began = time.monotonic()

    assert selector.select(0.02) == []
    assert time.monotonic() - began >= 0.02


def test_it_is_awake_no_more_once_it_has_slept(
    pair: tuple[socket.socket, socket.socket],
    selector: selectors.BaseSelector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    something_comes(pair, selector)
    assert selector.select(0.001) == []
    monkeypatch.setattr(os, "sched_yield", never)

    assert selector.select(0.001) == []


def test_a_single_processor_is_left_to_the_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(os, "sched_yield", never)

    async def hear() -> bytes:
        here, there = socket.socketpair()
        with here, there:
            here.setblocking(False)
            there.send(b"1")
            heard = await asyncio.get_running_loop().sock_recv(here, 1)
            await asyncio.sleep(0.001)
            return heard

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(hear()) == b"1"
