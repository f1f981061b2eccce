"""The floor for a client's own cost: a server that answers whatever it is asked with the same bytes.

``python -m benchmarks.static_server FILE`` prints its port; ``FILE`` has the bytes, head and body.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.plain_requests import PlainRequests


class Connection(PlainRequests):
    """One connection, with the same answer to each request."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self._answer = answer

    def request(self, head: bytes, body: bytes) -> None:  # noqa: ARG002, D102 - as in the base
        self.transport.write(self._answer)


async def main(answer: bytes) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(answer), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).read_bytes()))
