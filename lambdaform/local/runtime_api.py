"""The Runtime API that the process inside an execution environment talks to, over HTTP on loopback.

One server an environment. It knows which calls are allowed when, and answers misuse with AWS's statuses and
bodies; what an invocation means is the environment's business, which it tells through `RuntimeEvents`.

Source: AWS Lambda Developer Guide, runtimes-api; aws-lambda-runtime-interface-emulator (statuses and bodies).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from enum import Enum
from typing import Protocol

from attrs import frozen

_PREFIX = "/2018-06-01/runtime/"
_INVOCATION = re.compile(r"invocation/([^/]{1,200})/(response|error)")
_ERROR_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")
_MAX_HEAD = 65_536 + 1_048_576  # the X-Ray cause may take 1 MB of header by itself

#: The most that a response may have (AWS says 6 MB and enforces 100 bytes more).
MAX_RESPONSE = 6_291_556


@frozen
class Invocation:
    """What the runtime is handed: the payload, and what the headers say."""

    request_id: str
    payload: bytes
    deadline_ms: int
    function_arn: str
    trace_id: str
    client_context: str | None = None
    cognito_identity: str | None = None


class RuntimeEvents(Protocol):
    """What an environment is told by its Runtime API."""

    def on_next(self) -> None:
        """The runtime waits for an event: it is initialised, or done with the last one."""

    def on_response(self, payload: bytes) -> None:
        """The function returned."""

    def on_error(self, payload: bytes, error_type: str) -> None:
        """The function raised."""

    def on_too_large(self, size: int) -> None:
        """The function returned more than Lambda carries."""

    def on_init_error(self, payload: bytes, error_type: str) -> None:
        """The runtime could not initialise."""


class _State(Enum):
    INIT = "Init"
    READY = "Ready"
    INVOKED = "Invoked"
    ANSWERED = "Responded"


class RuntimeApi:
    """The server of one environment; `start` it, `hand_over` one invocation at a time."""

    def __init__(self, events: RuntimeEvents) -> None:
        self._events = events
        self._state = _State.INIT
        self._waiting: _Connection | None = None
        self._current: Invocation | None = None
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self.address = ""

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1; ``address`` is host and port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=16)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"

    def reset(self) -> None:
        """Forget the process that was there: the next one starts from the beginning."""
        self._state = _State.INIT
        self._waiting = None
        self._current = None
        for connection in tuple(self._connections):
            connection.close()

    def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close()

    def hand_over(self, invocation: Invocation) -> None:
        """Answer the runtime's waiting ``next`` with an event."""
        connection, self._waiting = self._waiting, None
        if connection is None:
            raise RuntimeError("no runtime is waiting for an event")
        self._current = invocation
        self._state = _State.INVOKED
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        if invocation.cognito_identity:
            headers["Lambda-Runtime-Cognito-Identity"] = invocation.cognito_identity
        connection.reply(200, invocation.payload, headers)

    def add(self, connection: _Connection) -> None:
        """A client connected."""
        self._connections.add(connection)

    def remove(self, connection: _Connection) -> None:
        """A client went away."""
        self._connections.discard(connection)
        if self._waiting is connection:
            self._waiting = None

    def request(
        self, connection: _Connection, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        """One request; it is answered now, or for ``next`` later."""
        if not path.startswith(_PREFIX):
            connection.reply(404, b"404 page not found", {"Content-Type": "text/plain"})
            return
        call = path.removeprefix(_PREFIX)
        if method == "GET" and call == "invocation/next":
            self._next(connection)
        elif method == "POST" and call == "init/error":
            self._init_error(connection, headers, body)
        elif method == "POST" and (found := _INVOCATION.fullmatch(call)):
            self._answer(connection, found[1], found[2], headers, body)
        elif call in ("restore/next", "restore/error"):
            _refuse(connection, 404, "InvalidRequest", "SnapStart is not enabled for this function")
        else:
            connection.reply(404, b"404 page not found", {"Content-Type": "text/plain"})

    def too_large(self, connection: _Connection, path: str, size: int) -> None:
        """A request whose body was over the limit and was not kept."""
        message = f"Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
        if self._state is _State.INVOKED and path.endswith("/response"):
            self._state = _State.ANSWERED
            self._events.on_too_large(size)
        _refuse(connection, 413, "RequestEntityTooLarge", message)

    def _next(self, connection: _Connection) -> None:
        if self._state is _State.INVOKED or self._waiting is not None:
            self._bad_transition(connection, "Ready")
            return
        self._state = _State.READY
        self._waiting = connection
        self._events.on_next()

    def _init_error(self, connection: _Connection, headers: Mapping[str, str], body: bytes) -> None:
        if self._state is not _State.INIT:
            self._bad_transition(connection, "InitError")
            return
        _accept(connection)
        self._events.on_init_error(body, _error_type(headers))

    def _answer(
        self, connection: _Connection, request_id: str, kind: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        if self._state is not _State.INVOKED or self._current is None:
            self._bad_transition(
                connection, "InvocationResponse" if kind == "response" else "InvocationError"
            )
            return
        if request_id != self._current.request_id:
            _refuse(connection, 400, "InvalidRequestID", "Invalid request ID")
            return
        mode = headers.get("lambda-runtime-function-response-mode")
        if mode is not None and mode.lower() != "streaming":
            _refuse(connection, 400, "InvalidFunctionResponseMode", f"Invalid function response mode: {mode}")
            return
        self._state = _State.ANSWERED
        _accept(connection)
        if kind == "response":
            self._events.on_response(body)
        else:
            self._events.on_error(body, _error_type(headers))

    def _bad_transition(self, connection: _Connection, to: str) -> None:
        message = f"State transition from {self._state.value} to {to} failed for runtime. Error: State transition is not allowed"
        _refuse(connection, 403, "InvalidStateTransition", message)


def _error_type(headers: Mapping[str, str]) -> str:
    given = headers.get("lambda-runtime-function-error-type", "")
    if _ERROR_TYPE.fullmatch(given):
        return given
    return "Function.Unknown" if given.startswith("Function.") else "Runtime.Unknown"


def _accept(connection: _Connection) -> None:
    connection.reply(202, b'{"status":"OK"}\n', {"Content-Type": "application/json"})


def _refuse(connection: _Connection, status: int, error_type: str, message: str) -> None:
    body = json.dumps({"errorMessage": message, "errorType": error_type}).encode() + b"\n"
    connection.reply(status, body, {"Content-Type": "application/json"})


_REASONS = {
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Payload Too Large",
}


class _Connection(asyncio.Protocol):
    """One client: HTTP/1.1 with keep-alive, bodies by length or in chunks."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._head: tuple[str, str, dict[str, str]] | None = None
        self._answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._api.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._api.remove(self)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()

    def reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Answer the request that is waiting, and go on to the next one if it is here already."""
        if self._transport is None or self._transport.is_closing():
            return
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines.append(f"Content-Length: {len(body)}\r\n\r\n")
        self._transport.write("\r\n".join(lines).encode("latin-1", errors="replace") + body)
        self._answering = False
        if self._buffer:
            asyncio.get_running_loop().call_soon(self._read)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._answering:
            self._read()

    def _read(self) -> None:
        if self._answering or self._transport is None or self._transport.is_closing():
            return
        if self._head is None and not self._read_head():
            return
        assert self._head is not None
        method, path, headers = self._head
        try:
            body = self._body(headers)
        except ValueError:
            self._bad_request()
            return
        if body is None:
            return
        self._head = None
        self._answering = True
        if len(body) > MAX_RESPONSE:
            self._api.too_large(self, path, len(body))
        else:
            self._api.request(self, method, path, headers, body)

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _MAX_HEAD:
                self._bad_request()
            return False
        first, *lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            self._bad_request()
            return False
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        self._head = (words[0], words[1].partition("?")[0], headers)
        return True

    def _body(self, headers: Mapping[str, str]) -> bytes | None:
        """The whole body, or None while it is not all here. Raises `ValueError` where it cannot be told."""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        length = int(headers.get("content-length") or 0)
        if length < 0 or length > 64 * MAX_RESPONSE:
            raise ValueError(length)
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return body

    def _chunks(self) -> bytes | None:
        body = bytearray()
        position = 0
        while True:
            end = self._buffer.find(b"\r\n", position)
            if end < 0:
                return None
            size = int(bytes(self._buffer[position:end]).partition(b";")[0], 16)
            start = end + 2
            if size < 0 or size > 64 * MAX_RESPONSE:
                raise ValueError(size)
            if size == 0:
                trailer_end = self._buffer.find(b"\r\n", start)
                while trailer_end > start:
                    start = trailer_end + 2
                    trailer_end = self._buffer.find(b"\r\n", start)
                if trailer_end < 0:
                    return None
                del self._buffer[: trailer_end + 2]
                return bytes(body)
            if len(self._buffer) < start + size + 2:
                return None
            body += self._buffer[start : start + size]
            position = start + size + 2

    def _bad_request(self) -> None:
        self.reply(400, b"", {"Connection": "close"})
        self.close_after_write()

    def close_after_write(self) -> None:
        """End the connection once what was written has left."""
        if self._transport is not None:
            self._transport.close()
