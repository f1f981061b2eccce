"""The floor for invocations: the least Runtime API that AWS's Python client runs on, and nothing around it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path


class BareServer:
    """Serves one runtime: hands out a payload for each ``next``, takes each response."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._waiting: asyncio.Future[asyncio.StreamWriter] | None = None
        self._response: asyncio.Future[bytes] | None = None
        self._server: asyncio.Server | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, folder: Path, handler: str) -> None:
        """Start the server and the client on it."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": "bare",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        }
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "awslambdaric", handler, cwd=folder, env=environment
        )

    async def invoke(self) -> bytes:
        """One event and its answer, once the runtime waits for it."""
        assert self._waiting is not None
        loop = asyncio.get_running_loop()
        writer = await self._waiting
        self._waiting, self._response = loop.create_future(), loop.create_future()
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: 1\r\n"
            f"Lambda-Runtime-Deadline-Ms: {int(time.time() * 1000) + 3000}\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bare\r\n"
            f"Lambda-Runtime-Trace-Id: Root=1-0-0\r\nContent-Length: {len(self._payload)}\r\n\r\n"
        )
        writer.write(head.encode() + self._payload)
        return await self._response

    async def stop(self) -> None:
        """End the client and the server."""
        assert self._process is not None
        assert self._server is not None
        self._process.kill()
        await self._process.wait()
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"GET"):
                    assert self._waiting is not None
                    self._waiting.set_result(writer)
                    continue
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                body = await reader.readexactly(length)
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                assert self._response is not None
                self._response.set_result(body)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            writer.close()
