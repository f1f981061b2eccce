"""HTTP/1.1 as the local service speaks it: one connection, requests in order, bodies by length or in chunks.

It serves the Runtime API and the AWS endpoint, both on loopback. A request is handed over whole, unless somebody
takes its body as it comes; a body over the limit is read to its end, counted and not kept, so that the caller gets
its answer instead of a reset. An answer is given whole, or piece by piece. What a request means is its handler's
business. Not here: TLS, HTTP/2, upgrades.

Source: RFC 9112 (HTTP/1.1).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol

from attrs import define, field, frozen

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER = re.compile(r"([^:]+):[ \t]*([^\r\n]*)\r\n")
#: Header lines and nothing between them; a control character would end a value early for another reader.
_HEADERS = re.compile(rf"(?:{_TOKEN.pattern}:[^\0\r\n]*\r\n)*")
#: Headers of which a second one would leave it open what the request is.
_SINGLE = ("content-length", "transfer-encoding", "host")
_MAX_CHUNK_LINE = 1024
_MAX_TRAILERS = 131_072
#: How much a client may send ahead while the answer to its last request is awaited.
_MAX_AHEAD = 65_536


@frozen
class Request:
    """One request: ``path`` is the target without its query, header names are in lower case.

    ``size`` is the body's size in bytes; ``body`` is empty where that is over the connection's limit.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    size: int
    trailers: Mapping[str, str]

    @property
    def is_too_large(self) -> bool:
        """Whether the body was over the limit, and so was not kept."""
        return self.size > len(self.body)


class Handler(Protocol):
    """What answers the requests of a server's connections."""

    def connected(self, connection: Connection) -> None:
        """A client connected."""

    def disconnected(self, connection: Connection) -> None:
        """A client went away."""

    def request(self, connection: Connection, request: Request) -> None:
        """One request, to be answered by ``connection.reply``, now or later."""


class BodyReader(Protocol):
    """What takes the body of one request as it comes."""

    def take(self, piece: bytes) -> None:
        """The next piece."""

    def end(self, trailers: Mapping[str, str]) -> None:
        """That was all of it: the request is to be answered by ``connection.reply``, now or later."""

    def broken(self) -> None:
        """The rest will never come, and nobody waits for an answer."""


class BadRequest(Exception):  # noqa: N818 - an answer to a client, not an error of ours
    """Bytes that are no HTTP/1.1 request."""


class Connection(asyncio.Protocol):
    """One client's connection. ``max_head`` and ``max_body`` are in bytes.

    ``streams`` is asked, with a request that has no body yet, for what takes the body as it comes; None leaves
    the request to be handed over whole.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        max_body: int,
        max_head: int = 65_536,
        streams: Callable[[Connection, Request], BodyReader | None] | None = None,
    ) -> None:
        self._handler = handler
        self._max_body = max_body
        self._max_head = max_head
        self._streams = streams
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._head: _Head | None = None
        self._body: _Body | None = None
        self._answering = False
        self._closing = False
        self._paused = False
        self._in_chunks = True
        self._writable: asyncio.Future[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether an answer can still reach the client."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def peer(self) -> str:
        """The client's address."""
        found = self._transport.get_extra_info("peername") if self._transport is not None else None
        return str(found[0]) if found else ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102 - asyncio's
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._handler.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002, D102 - asyncio's
        self._break_off()
        self.resume_writing()
        self._handler.disconnected(self)

    def data_received(self, data: bytes) -> None:  # noqa: D102 - asyncio's
        self._buffer += data
        if not self._answering:
            self._read()
        if self._answering and len(self._buffer) > _MAX_AHEAD and self._transport is not None:
            self._transport.pause_reading()
            self._paused = True

    def close(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def pause_reading(self) -> None:
        """Take no more of what the client sends, until `resume_reading`."""
        if self.is_open and self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on after `pause_reading`."""
        if self.is_open and self._transport is not None:
            self._transport.resume_reading()

    def pause_writing(self) -> None:  # noqa: D102 - asyncio's
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:  # noqa: D102 - asyncio's
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    async def drained(self) -> None:
        """Wait until the client has taken most of what was sent, or is gone."""
        if self._writable is not None:
            await asyncio.shield(self._writable)

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Answer the request that is waiting, piece by piece: `send` each, then `finish`."""
        if not self.is_open or self._transport is None:
            return
        named = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        # A client of HTTP/1.0 knows no chunks: for it the answer ends with the connection.
        coding = "Transfer-Encoding: chunked\r\n" if self._in_chunks else ""
        close = "Connection: close\r\n" if self._closing else ""
        head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}\r\n{named}{coding}{close}\r\n"
        self._transport.write(head.encode("latin-1", errors="replace"))

    def send(self, piece: bytes) -> None:
        """One piece of an answer that has begun."""
        if piece and self.is_open and self._transport is not None:
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._in_chunks else piece)

    def finish(self) -> None:
        """The end of an answer that has begun."""
        if self.is_open and self._transport is not None:
            if self._in_chunks:
                self._transport.write(b"0\r\n\r\n")
            self._answered()

    def reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Answer the request that is waiting, and go on to the next one if it is here already."""
        if self._transport is None or self._transport.is_closing():
            return
        named = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        length = "" if status == 204 else f"Content-Length: {len(body)}\r\n"
        close = "Connection: close\r\n" if self._closing else ""
        head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}\r\n{named}{length}{close}\r\n"
        self._transport.write(head.encode("latin-1", errors="replace") + body)
        self._answered()

    def _answered(self) -> None:
        """Go on to the next request, if it is here already."""
        assert self._transport is not None
        self._answering = False
        if self._paused:
            self._transport.resume_reading()
            self._paused = False
        if self._closing:
            self._transport.close()
        elif self._buffer:
            asyncio.get_running_loop().call_soon(self._read)

    def _read(self) -> None:
        if self._answering or not self.is_open:
            return
        try:
            request = self._next_request()
        except BadRequest as error:
            self._break_off()
            self._closing = True
            self.reply(400, f"{error}\n".encode(), {"Content-Type": "text/plain"})
            return
        if request is not None:
            self._answering = True
            self._handler.request(self, request)

    def _next_request(self) -> Request | None:
        """The next request, once it is here whole."""
        if self._head is None:
            while self._buffer.startswith(b"\r\n"):
                # Some clients end a body with a line of its own (RFC 9112, section 2.2).
                del self._buffer[:2]
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0 or end > self._max_head:
                if len(self._buffer) > self._max_head:
                    raise BadRequest("The head of the request is too large.")
                return None
            self._head = _Head.parse(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
            if "content-length" not in self._head.headers and "transfer-encoding" not in self._head.headers:
                head = self._head
                self._done(head)
                return self._request(head, b"", 0, {})
            self._body = self._head.body(self._max_body)
            if self._streams is not None:
                self._body.reader = self._streams(self, self._request(self._head, b"", 0, {}))
            if self._head.headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        head, body = self._head, self._body
        assert body is not None
        if not body.take(self._buffer):
            return None
        if body.reader is not None:
            self._done(head)
            self._answering = True
            body.reader.end(body.trailers)
            return None
        data = b"" if body.size > self._max_body else bytes(body.data)
        self._done(head)
        return self._request(head, data, body.size, body.trailers)

    def _done(self, head: _Head) -> None:
        """A request is here whole."""
        self._head = self._body = None
        self._closing = head.closes
        self._in_chunks = head.knows_chunks

    def _break_off(self) -> None:
        """Nothing more will come of a body that is being taken."""
        body, self._body = self._body, None
        if body is not None and body.reader is not None:
            body.reader.broken()

    def _request(self, head: _Head, body: bytes, size: int, trailers: Mapping[str, str]) -> Request:
        path, _, query = head.target.partition("?")
        return Request(head.method, path, query, head.headers, body, size, trailers)


@frozen
class _Head:
    method: str
    target: str
    headers: dict[str, str]
    closes: bool
    knows_chunks: bool

    @classmethod
    def parse(cls, head: bytes) -> _Head:
        first, _, rest = head.decode("latin-1").partition("\r\n")
        words = first.split(" ")
        if (
            len(words) != 3
            or words[2] not in ("HTTP/1.1", "HTTP/1.0")
            or not words[1].startswith("/")
            or not _TOKEN.fullmatch(words[0])
        ):
            raise BadRequest("This is not an HTTP/1.1 request.")
        headers = _headers(rest)
        closes = words[2] == "HTTP/1.0"
        if "connection" in headers:
            options = {each.strip() for each in headers["connection"].lower().split(",")}
            closes = "close" in options or (closes and "keep-alive" not in options)
        return cls(words[0], words[1], headers, closes, words[2] == "HTTP/1.1")

    def body(self, limit: int) -> _Body:
        """What reads this request's body."""
        coding = self.headers.get("transfer-encoding")
        length = self.headers.get("content-length")
        if coding is not None:
            # Two lengths in one request are how requests are smuggled past a reader (RFC 9112, section 6.3).
            if length is not None or coding.lower() != "chunked":
                raise BadRequest("The length of the request's body is not clear.")
            return _Body(limit, chunked=True)
        if length is None:
            return _Body(limit, remaining=0)
        if not (length.isascii() and length.isdigit()) or len(length) > 15:
            raise BadRequest("The length of the request's body is not a number.")
        return _Body(limit, remaining=int(length))


def _headers(text: str) -> dict[str, str]:
    """Header lines, without the last line end, by name in lower case; of two with one name, the last."""
    if not text:
        return {}
    text += "\r\n"
    if not _HEADERS.fullmatch(text):
        raise BadRequest("A header of the request is malformed.")
    pairs = _HEADER.findall(text)
    headers = {name.lower(): value.rstrip() for name, value in pairs}
    if len(headers) != len(pairs):
        names = [name.lower() for name, _ in pairs]
        if twice := next((name for name in _SINGLE if names.count(name) > 1), None):
            raise BadRequest(f"The header {twice} stands there twice.")
    return headers


@define
class _Body:
    """Reads a body from a connection's buffer as it comes: for its reader, or to keep at most ``limit`` bytes."""

    limit: int
    remaining: int = 0
    chunked: bool = False
    size: int = 0
    reader: BodyReader | None = None
    data: bytearray = field(factory=bytearray)
    trailers: dict[str, str] = field(factory=dict)
    _in_trailers: bool = False
    _after_chunk: bool = False

    def take(self, buffer: bytearray) -> bool:
        """Take what there is of the body; whether that was all of it."""
        while True:
            if self.remaining:
                piece = min(self.remaining, len(buffer))
                if self.reader is not None:
                    self.reader.take(bytes(buffer[:piece]))
                elif self.size + piece <= self.limit:
                    self.data += buffer[:piece]
                else:
                    self.data.clear()
                self.size += piece
                self.remaining -= piece
                del buffer[:piece]
                if self.remaining:
                    return False
            if not self.chunked:
                return True
            if not self._next_chunk(buffer):
                return False
            if not self.chunked:
                return True

    def _next_chunk(self, buffer: bytearray) -> bool:
        """Read the line before the next chunk, or the trailers after the last; whether it was there."""
        if self._in_trailers:
            return self._take_trailers(buffer)
        if self._after_chunk:
            if len(buffer) < 2:
                return False
            if buffer[:2] != b"\r\n":
                raise BadRequest("A chunk of the request's body is malformed.")
            del buffer[:2]
            self._after_chunk = False
        end = buffer.find(b"\r\n")
        if end < 0:
            if len(buffer) > _MAX_CHUNK_LINE:
                raise BadRequest("A chunk of the request's body is malformed.")
            return False
        digits = bytes(buffer[:end]).partition(b";")[0].strip()
        del buffer[: end + 2]
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,12}", digits):
            raise BadRequest("A chunk of the request's body is malformed.")
        self.remaining = int(digits, 16)
        if self.remaining:
            self._after_chunk = True
            return True
        self._in_trailers = True
        return self._take_trailers(buffer)

    def _take_trailers(self, buffer: bytearray) -> bool:
        if buffer[:2] == b"\r\n":
            del buffer[:2]
            self.chunked = False
            return True
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > _MAX_TRAILERS:
                raise BadRequest("The trailers of the request are too large.")
            return False
        self.trailers = _headers(bytes(buffer[:end]).decode("latin-1"))
        del buffer[: end + 4]
        self.chunked = False
        return True
