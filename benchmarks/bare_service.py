"""The floor over HTTP: AWS's Python client in a number of processes, behind the least server that hands events to them.

``python -m benchmarks.bare_service PORT PROCESSES``, in the folder of the handler ``index.handler``. It checks
nothing, times nothing, logs nothing and starts everything before it listens.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from pathlib import Path

from benchmarks.plain_requests import PlainRequests


class Connection(PlainRequests):
    """One connection, of a caller or of a runtime."""

    def __init__(self, service: BareService) -> None:
        super().__init__()
        self._service = service

    def request(self, head: bytes, body: bytes) -> None:  # noqa: D102 - as in the base
        self._service.request(self, head, body)


class BareService:
    """Hands each caller's event to a runtime that waits, and its response back."""

    def __init__(self) -> None:
        self._callers: deque[tuple[Connection, bytes]] = deque()
        self._idle: list[Connection] = []
        self._busy: dict[Connection, Connection] = {}
        self._all_wait = asyncio.Event()
        self._expected = 0

    async def start(self, processes: int) -> None:
        """Start the runtimes, and wait until all of them wait."""
        self._expected = processes
        server = await asyncio.get_running_loop().create_server(lambda: Connection(self), "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": "bare",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        }
        self.processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "awslambdaric", "index.handler", cwd=Path.cwd(), env=environment
            )
            for _ in range(processes)
        ]
        await self._all_wait.wait()

    def request(self, connection: Connection, head: bytes, body: bytes) -> None:
        """One request of a caller, or of a runtime."""
        if head.startswith(b"get "):
            self._idle.append(connection)
            if len(self._idle) == self._expected:
                self._all_wait.set()
            self._hand_out()
        elif b"/runtime/" in head[:40]:
            connection.transport.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            caller = self._busy.pop(connection)
            caller.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(body), body)
            )
        else:
            self._callers.append((connection, body))
            self._hand_out()

    def _hand_out(self) -> None:
        while self._callers and self._idle:
            caller, payload = self._callers.popleft()
            runtime = self._idle.pop()
            self._busy[runtime] = caller
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: 1\r\n"
                f"Lambda-Runtime-Deadline-Ms: {int(time.time() * 1000) + 3000}\r\n"
                "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bare\r\n"
                f"Lambda-Runtime-Trace-Id: Root=1-0-0\r\nContent-Length: {len(payload)}\r\n\r\n"
            )
            runtime.transport.write(head.encode() + payload)


async def main(port: int, processes: int) -> None:
    service = BareService()
    await service.start(processes)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(service), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
