"""An HTTP connection without a socket: bytes in, requests and answers out. And whole exchanges over real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lambdaform.local.http import BodyReader, Connection, Head, Request


class RecordingTransport(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = False
        self.paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Wire:
    """A connection whose handler notes each request and, unless told otherwise, answers it at once."""

    def __init__(
        self,
        *,
        max_body: int = 1 << 20,
        max_head: int = 65_536,
        answers: bool = True,
        holds: bool = False,
        streams: Callable[[Connection, Head], BodyReader | None] | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.transport = RecordingTransport()
        self.connection = Connection(self, max_body=max_body, max_head=max_head, streams=streams, holds=holds)
        self.connection.connection_made(self.transport)
        self._answers = answers
        self.answers_first = False

    def connected(self, connection: Connection) -> None:
        """A client connected."""

    def disconnected(self, connection: Connection) -> None:
        """A client went away."""

    def request(self, connection: Connection, request: Request) -> None:
        """Note it."""
        self.requests.append(request)
        if self._answers or (self.answers_first and len(self.requests) == 1):
            connection.reply(200, b"ok", {})

    def feed(self, data: bytes) -> None:
        """Receive bytes as a socket does: as many at once as there is room for."""
        while data and not self.transport.closed:
            room = self.connection.get_buffer(-1)
            piece, data = data[: len(room)], data[len(room) :]
            room[: len(piece)] = piece
            self.connection.buffer_updated(len(piece))

    @property
    def answer(self) -> bytes:
        """Everything that was written back."""
        return bytes(self.transport.written)


def received(*pieces: bytes, max_body: int = 1 << 20, max_head: int = 65_536) -> Wire:
    """A connection that has received the pieces, one after the other, on a running loop."""

    async def receive() -> Wire:
        wire = Wire(max_body=max_body, max_head=max_head)
        for piece in pieces:
            wire.feed(piece)
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        return wire

    return asyncio.run(receive())


async def exchange(port: int, data: bytes, *, until: Callable[[bytes], bool] | None = None) -> bytes:
    """What a server on 127.0.0.1 answers to the bytes: up to its end, or until ``until`` says it is enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        await writer.drain()
        answer = b""
        while until is None or not until(answer):
            piece = await asyncio.wait_for(reader.read(65_536), 20)
            if not piece:
                break
            answer += piece
        return answer
    finally:
        writer.close()
