"""The floor for large payloads: an HTTP server that sends each request's body back, and does nothing else.

``python -m benchmarks.echo_server PORT``.
"""

from __future__ import annotations

import asyncio
import sys


class Connection(asyncio.Protocol):
    """One connection: requests with a length, one after the other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102 - asyncio's
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = bytearray()

    def data_received(self, data: bytes) -> None:  # noqa: D102 - asyncio's
        buffer = self._buffer
        buffer += data
        end = buffer.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        length = int(bytes(buffer[:end]).lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(buffer) >= end + length:
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
            self._transport.write(buffer[end : end + length])
            del buffer[: end + length]


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
