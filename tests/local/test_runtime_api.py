"""The server of one environment's APIs by itself: how much it takes on, and what it says where it fails."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import Mock

from lambdaform.local.event import Event
from lambdaform.local.runtime_api import RuntimeApi, RuntimeEvents

POST = b"POST /2018-06-01/runtime/%b HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
UNKNOWN = b"GET /none HTTP/1.1\r\n%b\r\n"


class Client:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    async def status(self) -> int | None:
        """Of the answer; None where the server has ended the connection."""
        try:
            line = await self._reader.readline()
        except ConnectionError:
            return None
        return int(line.split()[1]) if line else None

    def close(self) -> None:
        self._writer.close()


class Clients:
    """A server, and who has connected to it."""

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        self.all: list[Client] = []

    async def connect(self, data: bytes = b"") -> Client:
        host, _, port = self.api.address.partition(":")
        client = Client(*await asyncio.open_connection(host, int(port)))
        self.all.append(client)
        await client.send(data)
        return client

    async def are_at(self, stage: str, count: int, size: int = 0) -> None:
        """Wait until the server has read so much of the requests of so many, and more."""
        while sum(each.stage[0] == stage and each.stage[1] > size for each in self.api._connections) < count:
            await asyncio.sleep(0)


@asynccontextmanager
async def served(others: Mapping[str, Any] | None = None) -> AsyncIterator[Clients]:
    api = RuntimeApi(Mock(spec=RuntimeEvents), others)
    await api.start()
    clients = Clients(api)
    try:
        async with asyncio.timeout(20):
            yield clients
    finally:
        for each in clients.all:
            each.close()
        api.close()


def test_of_too_many_connections_the_oldest_that_has_asked_nothing_makes_room() -> None:
    async def who_is_left() -> tuple[int, list[int | None]]:
        async with served() as clients:
            asked = await clients.connect(UNKNOWN % b"")
            statuses = [await asked.status()]
            silent = await clients.connect()
            half = await clients.connect(b"GET /half")
            others = [await clients.connect() for _ in range(300)]
            statuses += [await silent.status(), await half.status()]
            for each in (asked, others[-1]):
                await each.send(UNKNOWN % b"")
            statuses.append(await others[-1].status())
            return len(clients.api._connections), statuses

    assert asyncio.run(who_is_left()) == (256, [404, None, None, 404])


def test_only_a_few_heads_may_be_large_at_once() -> None:
    async def statuses() -> tuple[int | None, list[int | None]]:
        async with served() as clients:
            large = b"Lambda-Runtime-Function-XRay-Error-Cause: %b\r\n" % (b"x" * 1_000_000)
            alone = await clients.connect(UNKNOWN % large)
            first = await alone.status()
            begun = [await clients.connect(b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000) for _ in range(8)]
            await clients.are_at("head", len(begun), 65_536)
            return first, [await (await clients.connect(UNKNOWN % large)).status() for _ in range(2)]

    assert asyncio.run(statuses()) == (404, [400, 400])


def test_only_a_few_bodies_may_be_large_at_once() -> None:
    async def statuses() -> list[int | None]:
        async with served() as clients:
            for _ in range(8):
                await clients.connect(POST % (b"invocation/x/response", 6_000_000) + b"x")
            await clients.are_at("body", 8)
            large, small = (POST % (b"init/error", size) + b"x" * size for size in (100_000, 1))
            return [await (await clients.connect(each)).status() for each in (large, small)]

    assert asyncio.run(statuses()) == [413, 202]


def test_small_bodies_that_are_not_whole_leave_room_for_a_large_one() -> None:
    async def status() -> int | None:
        async with served() as clients:
            for _ in range(8):
                await clients.connect(POST % (b"invocation/x/response", 10) + b"x")
            await clients.are_at("body", 8)
            large = POST % (b"init/error", 100_000) + b"x" * 100_000
            return await (await clients.connect(large)).status()

    assert asyncio.run(status()) == 202


def test_a_next_that_came_early_and_was_heard_is_refused_no_more() -> None:
    async def heard() -> list[int | None]:
        async with served() as clients:
            following = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n"
            runtime = await clients.connect(following)
            await clients.are_at("answering", 1, -1)
            clients.api.hand_over(Event(request_id="one", payload=b"", function_arn="", trace_id=""), 0)
            statuses = [await runtime.status()]
            await runtime.send(following)
            while clients.api._early_until is None:
                await asyncio.sleep(0)
            response = await clients.connect(POST % (b"invocation/one/response", 2) + b"{}")
            statuses.append(await response.status())
            while not clients.api.is_waiting:
                await asyncio.sleep(0)
            # Nothing is left that would refuse the next one that is early.
            assert clients.api._early_until is None
            return statuses

    assert asyncio.run(heard()) == [200, 202]


def test_where_a_call_cannot_be_answered_that_is_said_and_the_next_one_is() -> None:
    async def statuses() -> tuple[list[int | None], list[Any]]:
        told: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        async with served({"/broken": Mock(side_effect=RecursionError)}) as clients:
            client = await clients.connect(b"GET /broken HTTP/1.1\r\n\r\n")
            first = await client.status()
            second = await (await clients.connect(UNKNOWN % b"")).status()
            return [first, second], told

    answered, told = asyncio.run(statuses())
    assert answered == [500, 404]
    assert [type(each) for each in told] == [RecursionError]
