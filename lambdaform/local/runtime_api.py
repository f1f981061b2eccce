"""The Runtime API that the process inside an execution environment talks to, over HTTP on loopback.

One server an environment. It knows which calls are allowed when, and answers misuse with AWS's statuses and
bodies; what an invocation means is the environment's business, which it tells through `RuntimeEvents`.

Source: AWS Lambda Developer Guide, runtimes-api; aws-lambda-runtime-interface-emulator (statuses and bodies).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import socket
import uuid
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from typing import Protocol

from lambdaform.facts.quotas import quotas
from lambdaform.local.api_answers import accept, bad_transition, not_found, refuse, truncated
from lambdaform.local.event import Event
from lambdaform.local.http import BodyReader, Connection, Head, Request
from lambdaform.local.response_stream import ResponseStream, StreamedBody

_PREFIX = "/2018-06-01/runtime/"
_NEXT = f"{_PREFIX}invocation/next"
_END = "\r\n"
_INVOCATION = re.compile(r"invocation/([^/]{1,200})/(response|error)")
_ERROR_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")
_MAX_HEAD = 65_536 + 1_048_576  # the X-Ray cause may take 1 MB of header by itself
#: How many clients may be about to connect: one more waits a second or more for its next try. Of these, how many are
#: let in at once, before the first of them is looked at.
_BACKLOG, _AT_ONCE = 512, 16
#: How many may be there: far more than a runtime and ten extensions need, and all that one function can take of what
#: the service may have open.
_MOST_CONNECTIONS = 256
#: What a request has without anything unusual, in bytes, and how many may be larger at once.
_USUAL, _MOST_LARGE = 65_536, 8
_ERROR_TYPE_HEADER = "lambda-runtime-function-error-type"
_ERROR_BODY_TRAILER = "lambda-runtime-function-error-body"
_MODE_HEADER = "lambda-runtime-function-response-mode"
_ATTEMPT_HEADER = "lambda-runtime-invocation-id"

#: The most that a response may have (AWS says 6 MB and enforces 100 bytes more).
MAX_RESPONSE = quotas().payload_sync_bytes_in_errors


class RuntimeEvents(Protocol):
    """What an environment is told by its Runtime API."""

    def on_next(self) -> None:
        """The runtime waits for an event: it is initialised, or done with the last one."""

    def on_response(self, payload: bytes, streamed: int | None = None) -> None:
        """The function returned. ``streamed`` is the size of what went to its caller piece by piece, instead."""

    def on_stream(self, connection: Connection, content_type: str) -> ResponseStream | None:
        """The function begins to stream what it returns; where to, if its caller takes it piece by piece."""

    def on_invalid_mode(self) -> None:
        """The function returned in a way that there is not."""

    def on_truncated(self) -> None:
        """The function's stream broke off."""

    def on_error(self, payload: bytes, error_type: str) -> None:
        """The function raised."""

    def on_too_large(self, limit: int) -> None:
        """The function returned more than Lambda carries, which is ``limit`` bytes."""

    def on_snapshot(self) -> None:
        """The runtime is initialised, and waits to be restored from its snapshot."""

    def on_restore_error(self, error_type: str) -> None:
        """The runtime could not be restored."""

    def on_init_error(self, payload: bytes, error_type: str) -> None:
        """The runtime could not initialise."""


class _State(Enum):
    INIT = "Started"
    INIT_FAILED = "InitError"
    SNAPSHOT = "RestoreReady"
    RESTORING = "Restoring"
    RESTORE_FAILED = "RuntimeRestoreErrorState"
    READY = "Ready"
    INVOKED = "Running"
    STREAMING = "InvocationResponse"
    ANSWERED = "RuntimeResponseSentState"


#: When the runtime may not ask for an event.
_NEVER_NEXT = (_State.INVOKED, _State.STREAMING, _State.INIT_FAILED, _State.SNAPSHOT, _State.RESTORE_FAILED)
#: When it may once its answer has been read, which may have been sent before, on another connection.
_NEXT_TOO_EARLY = (_State.INVOKED, _State.STREAMING)
#: How long that is waited for before the call is refused, in seconds.
_READ_BY = 0.05


class RuntimeApi:
    """The server of one environment; `start` it, `hand_over` one invocation at a time.

    ``snap_start`` says that the runtime is to be restored from a snapshot; ``max_streamed`` is the most that a
    response may have that goes to its caller piece by piece, in bytes. ``others`` answer for the environment's
    other APIs, by the beginning of their paths.
    """

    def __init__(
        self,
        events: RuntimeEvents,
        others: Mapping[str, Callable[[Connection, Request], None]] | None = None,
        disconnected: Callable[[Connection], None] | None = None,
        *,
        snap_start: bool = False,
        max_streamed: int = MAX_RESPONSE,
    ) -> None:
        self._events = events
        self._max_streamed = max_streamed
        self._others = others or {}
        self._tell_disconnected = disconnected
        self._state = _State.INIT
        self._snap_start = snap_start
        self._waiting: Connection | None = None
        #: Whose ``next`` has come before the answer has.
        self._early: Connection | None = None
        self._early_until: asyncio.TimerHandle | None = None
        self._snapshot: Connection | None = None
        #: What a runtime that has dropped its call gets as soon as it asks again: an event, or its restoration.
        self._due: Callable[[], None] | None = None
        self._current: Event | None = None
        #: The path at which the response to the current invocation is expected.
        self._response = ""
        #: How the ids of this environment's invocations begin, how many there have been, and the current one's.
        self._beginning, self._attempts, self._attempt = str(uuid.uuid4())[:24], 0, ""
        self._server: asyncio.Server | None = None
        #: Those that are there, the oldest first.
        self._connections: dict[Connection, None] = {}
        self.address = ""

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1; ``address`` is host and port."""

        def connection() -> Connection:
            return Connection(
                self,
                max_body=_USUAL,
                larger=self._most_bytes,
                max_head=_MAX_HEAD,
                roomy=self._has_room,
                streams=self._stream,
                malformed=truncated,
                holds=True,
            )

        listening = socket.create_server(("127.0.0.1", 0))
        self._server = await asyncio.get_running_loop().create_server(
            connection, sock=listening, backlog=_AT_ONCE
        )
        listening.listen(_BACKLOG)
        host, port = listening.getsockname()
        self.address = f"{host}:{port}"

    def reset(self) -> None:
        """Forget the process that was there: the next one starts from the beginning."""
        self._state = _State.INIT
        self._waiting = self._snapshot = None
        self._take_early()
        self.give_up()
        for connection in tuple(self._connections):
            connection.close()

    def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close()

    def give_up(self) -> None:
        """Nobody waits for the answer to the current event any more."""
        self._current = self._due = None
        self._response = ""

    def hand_over(self, event: Event, deadline_ms: int, tenant_id: str | None = None) -> None:
        """Answer the runtime's ``next`` with an event: the one that is waiting, else its next one.

        ``deadline_ms`` is in milliseconds since the epoch.
        """
        connection, self._waiting = self._waiting, None
        if connection is None:
            self._due = partial(self.hand_over, event, deadline_ms, tenant_id)
            return
        self._current = event
        self._state = _State.INVOKED
        self._response = f"{_PREFIX}invocation/{event.request_id}/response"
        self._attempts += 1
        self._attempt = f"{self._beginning}{self._attempts:012x}"
        context, identity = event.client_context, event.cognito_identity
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Lambda-Runtime-Aws-Request-Id: {event.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {event.function_arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {event.trace_id}\r\n"
            f"Lambda-Runtime-Invocation-Id: {self._attempt}\r\n"
            f"{f'Lambda-Runtime-Client-Context: {context}{_END}' if context else ''}"
            f"{f'Lambda-Runtime-Cognito-Identity: {identity}{_END}' if identity else ''}"
            f"{f'Lambda-Runtime-Aws-Tenant-Id: {tenant_id}{_END}' if tenant_id else ''}"
            f"Content-Length: {len(event.payload)}\r\n"
        )
        connection.answer(head.encode("latin-1", errors="replace"), event.payload)

    def connected(self, connection: Connection) -> None:
        """A client connected. Where there are too many, the oldest that has not asked anything yet makes room."""
        self._connections[connection] = None
        if len(self._connections) > _MOST_CONNECTIONS:
            # At the latest, that is the one that has come.
            gone = next(each for each in self._connections if not each.served and each.stage[0] != "body")
            del self._connections[gone]
            gone.close()

    def _has_room(self) -> bool:
        """Whether one more request may be larger than usual; only a few of them are held."""
        return sum(each.stage[1] > _USUAL for each in self._connections) <= _MOST_LARGE

    def _most_bytes(self, _: Head) -> int:
        """The most bytes that a large body may have."""
        large = sum(each.announced > _USUAL for each in self._connections)
        return MAX_RESPONSE if large < _MOST_LARGE else _USUAL

    def disconnected(self, connection: Connection) -> None:
        """A client went away."""
        self._connections.pop(connection, None)
        self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        """Nobody waits on the connection any more."""
        if self._waiting is connection:
            self._waiting = None
        if self._early is connection:
            self._take_early()
        if self._snapshot is connection:
            self._snapshot = None
        if self._tell_disconnected is not None:
            self._tell_disconnected(connection)

    @property
    def event(self) -> Event | None:
        """The event that the runtime has, or had last."""
        return self._current

    @property
    def is_waiting(self) -> bool:
        """Whether the runtime waits for an event."""
        return self._waiting is not None

    @property
    def has_snapshot(self) -> bool:
        """Whether the runtime stands where its snapshot is taken."""
        return self._state is _State.SNAPSHOT

    def restore(self) -> None:
        """Let the runtime go on from its snapshot, once it asks if it does not wait."""
        connection, self._snapshot = self._snapshot, None
        if connection is None:
            self._due = self.restore
            return
        self._state = _State.RESTORING
        connection.reply(200, b"", {})

    def request(self, connection: Connection, request: Request) -> None:
        """One request; it is answered now, or for ``next`` later. Where we fail, that is said, and the service goes on."""
        try:
            self._take(connection, request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told
            self._forget(connection)
            asyncio.get_running_loop().call_exception_handler(
                {"message": "A call of an environment's APIs failed", "exception": error}
            )
            if connection.stage[0] == "answering":
                refuse(connection, 500, "InternalServerError", "Internal Server Error")

    def _take(self, connection: Connection, request: Request) -> None:
        path, method = request.head.path, request.head.method
        if path == _NEXT and method == "GET":
            self._next(connection)
            return
        if path == self._response and method == "POST" and not request.is_too_large:
            assert self._current is not None
            self._answer(connection, self._current.request_id, "response", request)
            return
        call = path.removeprefix(_PREFIX)
        if not path.startswith(_PREFIX):
            self._other(connection, request)
        elif method == "POST" and (found := _INVOCATION.fullmatch(call)):
            self._answer(connection, found[1], found[2], request)
        elif method == "POST" and request.is_too_large:
            _refuse_size(connection, MAX_RESPONSE)
        elif method == "POST" and call == "init/error":
            self._init_error(connection, request)
        elif call in ("restore/next", "restore/error"):
            self._restoration(connection, call, request)
        else:
            not_found(connection)

    def _other(self, connection: Connection, request: Request) -> None:
        for beginning, answer in self._others.items():
            if request.path.startswith(beginning):
                answer(connection, request)
                return
        not_found(connection)

    def _too_large(self, connection: Connection, kind: str) -> None:
        if kind == "response":
            self._has_answered()
            self._events.on_too_large(MAX_RESPONSE)
        _refuse_size(connection, MAX_RESPONSE)

    def _stream(self, connection: Connection, request: Head) -> BodyReader | None:
        """What takes a response that is streamed; None for whatever else has a body."""
        if request.headers.get(_MODE_HEADER, "").lower() != "streaming" or self._state is not _State.INVOKED:
            return None
        found = _INVOCATION.fullmatch(request.path.removeprefix(_PREFIX))
        if (
            found is None
            or self._current is None
            or found.groups() != (self._current.request_id, "response")
            or request.method != "POST"
            or request.headers.get(_ATTEMPT_HEADER, self._attempt) != self._attempt
        ):
            return None
        self._state = _State.STREAMING
        content_type = request.headers.get("content-type", "application/octet-stream")
        stream = self._events.on_stream(connection, content_type)
        limit = MAX_RESPONSE if stream is None else self._max_streamed
        return _Streamed(self, connection, StreamedBody(stream, limit))

    def is_streaming(self, event: Event | None) -> bool:
        """Whether the response to just this event is being streamed."""
        return self._state is _State.STREAMING and self._current is event

    def streamed_too_much(self, limit: int) -> None:
        """A stream has become too long; the rest of it is read and thrown away."""
        self._events.on_too_large(limit)

    def streamed(self, connection: Connection, body: StreamedBody, trailers: Mapping[str, str]) -> None:
        """A stream has come to its end."""
        self._has_answered()
        if body.is_too_large:
            _refuse_size(connection, body.limit)
            return
        accept(connection)
        if _ERROR_TYPE_HEADER in trailers:
            payload = _decoded(trailers.get(_ERROR_BODY_TRAILER, "")) or bytes(body.kept)
            self._events.on_error(payload, _error_type(trailers[_ERROR_TYPE_HEADER]))
        else:
            self._events.on_response(bytes(body.kept), body.size if body.is_streamed else None)

    def broke_off(self) -> None:
        """A stream broke off."""
        self._has_answered()
        self._events.on_truncated()

    def _restoration(self, connection: Connection, call: str, request: Request) -> None:
        if not self._snap_start:
            refuse(connection, 404, "InvalidRequest", "SnapStart is not enabled for this function")
        elif request.method == "GET" and call == "restore/next":
            is_back = self._state is _State.SNAPSHOT and self._snapshot is None
            if self._state is not _State.INIT and not is_back:
                self._bad_transition(connection, "RestoreReady")
                return
            self._state = _State.SNAPSHOT
            self._snapshot = connection
            self._events.on_snapshot()
            self._do_what_is_due()
        elif request.method == "POST" and call == "restore/error":
            if self._state is not _State.RESTORING:
                self._bad_transition(connection, "RuntimeRestoreErrorState")
                return
            self._state = _State.RESTORE_FAILED
            accept(connection)
            self._events.on_restore_error(_error_type(request.headers.get(_ERROR_TYPE_HEADER, "")))
        else:
            not_found(connection)

    def _has_answered(self) -> None:
        """The runtime's answer is here: it may ask for the next event, and may have done so already."""
        self._state = _State.ANSWERED
        if self._early is not None:
            asyncio.get_running_loop().call_soon(self._early_next)

    def _take_early(self) -> Connection | None:
        """Whose ``next`` came too early, if anybody's did; it waits no more."""
        connection, self._early = self._early, None
        if self._early_until is not None:
            self._early_until.cancel()
            self._early_until = None
        return connection

    def _early_next(self) -> None:
        connection = self._take_early()
        if connection is not None:
            self._next(connection)

    def _refuse_early(self) -> None:
        connection = self._take_early()
        if connection is not None:
            self._bad_transition(connection, "Ready")

    def _next(self, connection: Connection) -> None:
        if self._state in _NEVER_NEXT or self._waiting is not None:
            if self._state in _NEXT_TOO_EARLY and self._early is None:
                self._early = connection
                self._early_until = asyncio.get_running_loop().call_later(_READ_BY, self._refuse_early)
            else:
                self._bad_transition(connection, "Ready")
            return
        self._state = _State.READY
        self._waiting = connection
        if self._due is None:
            self._events.on_next()
        else:
            self._do_what_is_due()

    def _do_what_is_due(self) -> None:
        due, self._due = self._due, None
        if due is not None:
            due()

    def _init_error(self, connection: Connection, request: Request) -> None:
        if self._state is not _State.INIT:
            self._bad_transition(connection, "InitError")
            return
        self._state = _State.INIT_FAILED
        accept(connection)
        self._events.on_init_error(request.body, _error_type(request.headers.get(_ERROR_TYPE_HEADER, "")))

    def _answer(self, connection: Connection, request_id: str, kind: str, request: Request) -> None:
        if self._current is None or request_id != self._current.request_id:
            _refuse_id(connection)
            return
        if request.headers.get(_ATTEMPT_HEADER, self._attempt) != self._attempt:
            # Only one that is wrong: runtimes that know of none send none.
            refuse(connection, 400, "InvalidInvocationId", "Invalid invocation ID")
            return
        if self._state is not _State.INVOKED:
            to = "InvocationResponse" if kind == "response" else "InvocationErrorResponse"
            self._bad_transition(connection, to)
            return
        if request.is_too_large:
            self._too_large(connection, kind)
            return
        mode = request.headers.get(_MODE_HEADER)
        if kind == "response" and mode is not None and mode.lower() != "streaming":
            # The function has answered all the same, and what it said is lost.
            self._has_answered()
            refuse(connection, 400, "InvalidFunctionResponseMode", "Invalid function response mode")
            self._events.on_invalid_mode()
            return
        self._has_answered()
        if kind == "response":
            # First to whom it is for, who waits.
            self._events.on_response(request.body)
            accept(connection)
        else:
            self._events.on_error(request.body, _error_type(request.headers.get(_ERROR_TYPE_HEADER, "")))
            accept(connection)

    def _bad_transition(self, connection: Connection, to: str) -> None:
        refuse(connection, 403, "InvalidStateTransition", bad_transition("runtime", self._state.value, to))


class _Streamed:
    """Takes one streamed response as it comes."""

    def __init__(self, api: RuntimeApi, connection: Connection, body: StreamedBody) -> None:
        self._api = api
        self._connection = connection
        self._body = body
        self._event = api.event

    def take(self, piece: bytes) -> None:
        if self._body.take(piece) and self._api.is_streaming(self._event):
            self._api.streamed_too_much(self._body.limit)

    def end(self, trailers: Mapping[str, str]) -> None:
        if self._api.is_streaming(self._event):
            self._api.streamed(self._connection, self._body, trailers)
        else:
            _refuse_id(self._connection)

    def broken(self) -> None:
        # A connection that ends with its process, after a timeout say, is nothing new.
        if self._api.is_streaming(self._event):
            self._api.broke_off()


def _refuse_id(connection: Connection) -> None:
    refuse(connection, 400, "InvalidRequestID", "Invalid request ID")


def _refuse_size(connection: Connection, limit: int) -> None:
    message = f"Exceeded maximum allowed payload size ({limit} bytes)."
    refuse(connection, 413, "RequestEntityTooLarge", message)


def _decoded(given: str) -> bytes:
    """What a runtime gives in Base64; nothing where it is none."""
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _error_type(given: str) -> str:
    """The error type as Lambda keeps it: one of its own form, else unknown."""
    if _ERROR_TYPE.fullmatch(given):
        return given
    return "Function.Unknown" if given.startswith("Function.") else "Runtime.Unknown"
