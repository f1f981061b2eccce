"""The least reader of HTTP requests, for the floors: requests with a length, one after the other, unchecked."""

from __future__ import annotations

import asyncio


class PlainRequests(asyncio.Protocol):
    """One connection; whoever takes its requests writes the answers to ``transport``."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def request(self, head: bytes, body: bytes) -> None:
        """One request: its head in lower case, and its body."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102 - asyncio's
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:  # noqa: D102 - asyncio's
        buffer = self._buffer
        buffer += data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(buffer[:end]).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(buffer) < end + 4 + length:
            return
        body = bytes(buffer[end + 4 :])
        buffer.clear()
        self.request(head, body)
