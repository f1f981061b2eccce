"""Clients that are slow, that say nothing, and that are too many."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lambdaform.local.endpoint.patience import Patience, SlowClients, most_connections
from lambdaform.local.endpoint.server import Endpoint
from lambdaform.local.http import Connection
from tests.local.lab import Lab, laboratory
from tests.local.wire import Wire

T = TypeVar("T")
PATIENCE = Patience(head=10, body=10, rate=500, idle=75)
HEAD = b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"


class Watched:
    """A connection that is looked at, at moments that the test says."""

    def __init__(self, *, answers: bool = True) -> None:
        self.now = 0.0
        self.wire = Wire(answers=answers)
        self.slow_clients = SlowClients(PATIENCE, lambda: self.now)
        self.connections: set[Connection] = {self.wire.connection}

    def is_open_after(self, *steps: tuple[float, bytes]) -> bool:
        """Whether it is open still, after so many seconds and bytes each; it is looked at every second."""
        for seconds, data in steps:
            until = self.now + seconds
            while self.now < until:
                self.slow_clients.sweep(self.connections)
                self.now += 1
            self.slow_clients.sweep(self.connections)
            if self.wire.transport.closed:
                return False
            if data:
                self.wire.connection.data_received(data)
        return not self.wire.transport.closed


def on_a_loop(test: Callable[[], bool]) -> bool:
    async def run() -> bool:
        return test()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("steps", "is_open"),
    [
        # A head has ten seconds, however it comes.
        ([(0, b"GET / HT"), (9, b"")], True),
        ([(0, b"GET / HT"), (10, b"")], False),
        ([(0, b"G"), (5, b"E"), (5, b"T")], False),
        # A body has to come along.
        ([(0, HEAD), (9, b"")], True),
        ([(0, HEAD), (10, b"")], False),
        ([(0, HEAD), (5, b"x" * 6000), (6, b"x" * 6000), (8, b"")], True),
        ([(0, HEAD), (5, b"x" * 6000), (6, b""), (10, b"")], False),
        # A connection without a request is kept for a while, and closed then.
        ([(74, b"")], True),
        ([(76, b"")], False),
        ([(0, b"GET / HTTP/1.1\r\n\r\n"), (60, b"GET / HTTP/1.1\r\n\r\n"), (60, b"")], True),
        ([(0, b"GET / HTTP/1.1\r\n\r\n"), (76, b"")], False),
    ],
)
def test_a_client_that_takes_too_long_is_cut_off(steps: list[tuple[float, bytes]], is_open: bool) -> None:
    assert on_a_loop(lambda: Watched().is_open_after(*steps)) == is_open


def test_who_waits_for_an_answer_may_wait() -> None:
    assert on_a_loop(
        lambda: Watched(answers=False).is_open_after((0, b"GET / HTTP/1.1\r\n\r\n"), (3600, b""))
    )


def test_the_longest_idle_makes_room() -> None:
    def make_room() -> bool:
        now = 0.0
        slow_clients = SlowClients(PATIENCE, lambda: now)
        wires = [Wire(), Wire(), Wire(answers=False)]
        connections = {each.connection for each in wires[:1]}
        slow_clients.sweep(connections)
        now = 5.0
        connections |= {each.connection for each in wires}
        wires[2].connection.data_received(b"GET / HTTP/1.1\r\n\r\n")
        slow_clients.sweep(connections)
        assert slow_clients.make_room(connections)
        return [each.transport.closed for each in wires] == [True, False, False]

    assert on_a_loop(make_room)


def test_nobody_makes_room_who_waits_for_an_answer_or_has_just_come() -> None:
    def make_room() -> bool:
        slow_clients = SlowClients(PATIENCE, lambda: 0.0)
        waiting, new = Wire(answers=False), Wire()
        waiting.connection.data_received(b"GET / HTTP/1.1\r\n\r\n")
        return slow_clients.make_room({waiting.connection, new.connection})

    assert not on_a_loop(make_room)


def test_there_is_room_for_as_many_as_the_process_may_have() -> None:
    assert 64 <= most_connections() <= 2048


@contextmanager
def served(folder: Path, patience: Patience) -> Iterator[tuple[Lab, int]]:
    with laboratory(folder, sandboxed=False) as lab:
        endpoint = Endpoint(lab.service.front, lab.service.control, patience=patience)
        lab.run(endpoint.start(0))
        yield lab, int(endpoint.url.rpartition(":")[2])

        async def close() -> None:
            endpoint.close()

        lab.run(close())


async def _within(awaited: Coroutine[Any, Any, T]) -> T:
    return await asyncio.wait_for(awaited, 30)


@pytest.mark.parametrize("sent", [b"", b"GET /2015", HEAD])
def test_the_endpoint_ends_a_connection_on_which_nothing_comes(tmp_path: Path, sent: bytes) -> None:
    async def say_nothing_more(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        try:
            with contextlib.suppress(ConnectionResetError):
                return await reader.read()
            return b""
        finally:
            writer.close()

    patience = Patience(head=0.1, body=0.1, idle=0.1, period=0.02)
    with served(tmp_path, patience) as (lab, port):
        assert lab.run(_within(say_nothing_more(port))) == b""


def test_one_connection_too_many_is_told_so_and_the_others_go_on(tmp_path: Path) -> None:
    async def come(port: int) -> tuple[bytes, bytes]:
        request = f"GET /2016-08-19/account-settings HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for _, writer in clients:
            # A head that is not whole is under way: none of these is idle.
            writer.write(request[:-2])
        await asyncio.sleep(0)
        refused, extra = await asyncio.open_connection("127.0.0.1", port)
        told = await refused.read()
        clients[0][1].write(b"\r\n")
        answer = await clients[0][0].readuntil(b"\r\n\r\n")
        for writer in (extra, *(each for _, each in clients)):
            writer.close()
        return told, answer

    with served(tmp_path, Patience(connections=3)) as (lab, port):
        told, answer = lab.run(_within(come(port)))
        assert told.startswith(b"HTTP/1.1 429 ")
        assert b"CallerRateLimitExceeded" in told
        assert answer.startswith(b"HTTP/1.1 200 OK")


def test_an_idle_connection_makes_room_for_one_that_comes(tmp_path: Path) -> None:
    async def come(port: int) -> list[bytes]:
        request = f"GET /2016-08-19/account-settings HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        answers, clients = [], []
        for _ in range(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            clients.append(writer)
            writer.write(request)
            answers.append((await reader.readuntil(b"\r\n\r\n"))[:15])
        for writer in clients:
            writer.close()
        return answers

    with served(tmp_path, Patience(connections=2)) as (lab, port):
        assert lab.run(_within(come(port))) == [b"HTTP/1.1 200 OK"] * 3
