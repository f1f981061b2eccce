"""The floor for a client's own cost: a server that answers whatever it is asked with the same bytes.

``python -m benchmarks.static_server FILE`` prints its port; ``FILE`` has the bytes, head and body.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path


class Connection(asyncio.Protocol):
    """One connection: requests with a length, one after the other."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102 - asyncio's
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:  # noqa: D102 - asyncio's
        buffer = self._buffer
        buffer += data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = bytes(buffer[:end]).lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(buffer) < end + 4 + int(length or 0):
            return
        buffer.clear()
        self._transport.write(self._answer)


async def main(answer: bytes) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(answer), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).read_bytes()))
