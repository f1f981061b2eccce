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
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Literal, Protocol

from attrs import define, field, frozen

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: Headers of which a second one would leave it open what the request is.
_SINGLE = ("content-length", "transfer-encoding", "host")
_MAX_CHUNK_LINE = 1024
_MAX_TRAILERS = 131_072
#: How much a client may send ahead while the answer to its last request is awaited.
_MAX_AHEAD = 65_536
#: How much is received at once, in bytes. A body that is larger is received where it is kept.
_ROOM = 65_536
#: How much room for large bodies is kept, in bytes: for the largest payload.
_MAX_SPARE = 8 << 20
#: Heads, and header lines, of up to this length, in bytes, are remembered as they were read: clients repeat themselves.
_REMEMBERED = 1024


@frozen(eq=False)
class Head:
    """What comes before a request's body: ``path`` is the target without its query, header names are in lower case.

    ``length`` is that of the body in bytes, None where it comes in chunks. Heads that are the same byte for byte are
    mostly one object, so that what follows from a head may be remembered by it.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    length: int | None = 0
    closes: bool = False
    knows_chunks: bool = True


_NO_TRAILERS: Mapping[str, str] = {}


@frozen
class Request:
    """One request. ``size`` is the body's size in bytes; ``body`` is empty where that is over the connection's limit."""

    head: Head
    body: bytes = b""
    size: int = 0
    trailers: Mapping[str, str] = _NO_TRAILERS

    @property
    def method(self) -> str:
        """GET, POST, …"""
        return self.head.method

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.head.path

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.head.query

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by their names in lower case."""
        return self.head.headers

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


class _Room(threading.local):
    """What is received goes here first, whichever connection it is for: it is dealt with before the next."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(_ROOM))
        self._spare = bytearray()

    def borrow(self, size: int) -> bytearray:
        """Room for a large body; what has been given back is used again, for the system takes long to make new."""
        spare, self._spare = self._spare, bytearray()
        return spare if len(spare) >= size else bytearray(size)

    def give_back(self, room: bytearray) -> None:
        """The body has been copied."""
        if len(self._spare) < len(room) <= _MAX_SPARE:
            self._spare = room


_room = _Room()


class Connection(asyncio.BufferedProtocol):
    """One client's connection. ``max_head`` and ``max_body`` are in bytes; ``larger`` is asked where a body is larger.

    ``streams`` is asked, before the body of a request is there, for what takes it as it comes; None leaves the
    request to be handed over whole. ``malformed`` makes body and headers of the answer to a body that cannot be read,
    of a sentence on it. ``holds`` says that a client which sends one more request before it has its answer gets both
    answers together. ``roomy`` is asked whether a head that does not come at once may become larger still.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        max_body: int,
        max_head: int = 65_536,
        streams: Callable[[Connection, Head], BodyReader | None] | None = None,
        larger: Callable[[Head], int] | None = None,
        roomy: Callable[[], bool] | None = None,
        malformed: Callable[[str], tuple[bytes, Mapping[str, str]]] | None = None,
        holds: bool = False,
    ) -> None:
        #: How many requests have been here.
        self.served = 0
        self._handler = handler
        self._max_body = max_body
        self._larger = larger
        self._roomy = roomy
        self._malformed = malformed or _in_text
        self._max_head = max_head
        self._streams = streams
        self._transport: asyncio.Transport | None = None
        self._room = _room.view
        self._buffer = bytearray()
        self._head: Head | None = None
        self._body: _Body | None = None
        self._answering = False
        self._is_reading = False
        self._holds = holds
        #: What is answered while requests are read: it is sent in one piece.
        self._kept: list[bytes | memoryview] = []
        self._closing = False
        self._paused = False
        self._in_chunks = True
        self._writable: asyncio.Future[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether an answer can still reach the client."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def stage(self) -> tuple[Literal["idle", "head", "body", "answering"], int]:
        """What is awaited on it, and how many bytes of that have come."""
        if self._answering:
            return "answering", 0
        if self._body is not None:
            return "body", self._body.size + len(self._buffer)
        return ("head" if self._buffer else "idle"), len(self._buffer)

    @property
    def announced(self) -> int:
        """How many bytes the body that is being taken will have, as far as that is known by now."""
        return 0 if self._body is None else self._body.size + self._body.remaining

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

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002, D102 - asyncio's
        body = self._body
        return self._room if body is None or body.room is None else body.room

    def buffer_updated(self, nbytes: int) -> None:  # noqa: D102 - asyncio's
        body = self._body
        if body is None or body.room is None:
            self.data_received(bytes(self._room[:nbytes]))
        elif body.received(nbytes):
            self._read()

    def data_received(self, data: bytes) -> None:
        """Take bytes as they come."""
        if not self._buffer and self._head is None and not self._answering:
            data = self._read_whole(data)
        if data:
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

    def end(self) -> None:
        """End the connection once what was written has gone."""
        if self._transport is not None:
            self._transport.close()

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

    def begin(self, status: int, headers: Mapping[str, str], more: Sequence[tuple[str, str]] = ()) -> None:
        """Answer the request that is waiting, piece by piece: `send` each, then `finish`.

        ``more`` are headers of which there may be several with one name.
        """
        if not self.is_open or self._transport is None:
            return
        named = "".join([f"{name}: {value}\r\n" for name, value in (*headers.items(), *more)])
        # A client of HTTP/1.0 knows no chunks: for it the answer ends with the connection.
        coding = "Transfer-Encoding: chunked\r\n" if self._in_chunks else ""
        close = "Connection: close\r\n" if self._closing else ""
        head = f"{_status_line(status)}{named}{coding}{close}\r\n"
        self._write(head.encode("latin-1", errors="replace"))

    def send(self, piece: bytes) -> None:
        """One piece of an answer that has begun."""
        if piece and self.is_open and self._transport is not None:
            self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._in_chunks else piece)

    def finish(self) -> None:
        """The end of an answer that has begun."""
        if self.is_open and self._transport is not None:
            if self._in_chunks:
                self._write(b"0\r\n\r\n")
            self._answered()

    def reply(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str],
        more: Sequence[tuple[str, str]] = (),
        *,
        with_length: bool = True,
    ) -> None:
        """Answer the request that is waiting, and go on to the next one if it is here already.

        ``more`` are headers of which there may be several with one name. Without ``with_length`` the headers tell
        the length of a body that is not sent (HEAD).
        """
        named = "".join([f"{name}: {value}\r\n" for name, value in (*headers.items(), *more)])
        length = "" if status in (204, 304) or not with_length else f"Content-Length: {len(body)}\r\n"
        head = f"{_status_line(status)}{named}{length}"
        self.answer(head.encode("latin-1", errors="replace"), body)

    def answer(self, head: bytes, body: bytes) -> None:
        """The same as `reply`, with a head that is made already: status, headers and length, each with its line end."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        end = b"Connection: close\r\n\r\n" if self._closing else b"\r\n"
        if len(body) <= _ROOM:
            self._write(b"%b%b%b" % (head, end, body))
        else:
            self._write(head + end)
            # What cannot be sent at once is copied, in one piece less.
            self._write(memoryview(body))
        self._answered()

    def _write(self, data: bytes | memoryview) -> None:
        if self._is_reading or self._kept:
            self._kept.append(data)
        elif self._transport is not None:
            self._transport.write(data)
        if not self._is_reading and self._kept:
            self._write_kept()

    def _write_kept(self) -> None:
        kept, self._kept = self._kept, []
        if kept and self.is_open and self._transport is not None:
            self._transport.write(kept[0] if len(kept) == 1 else b"".join(kept))

    def _answered(self) -> None:
        """Go on to the next request, if it is here already."""
        assert self._transport is not None
        self._answering = False
        if self._paused:
            self._transport.resume_reading()
            self._paused = False
        if self._closing:
            self._write_kept()
            self._transport.close()
        elif self._buffer and not self._is_reading:
            asyncio.get_running_loop().call_soon(self._read)

    def _read_whole(self, data: bytes) -> bytes:
        """Read the requests that are here whole, as nearly all are; what is returned is left to `_read`."""
        at, size = 0, len(data)
        self._is_reading = True
        try:
            while at < size and not self._answering and self.is_open:
                end = data.find(b"\r\n\r\n", at)
                if end < 0 or end - at > self._max_head:
                    break
                head = _remembered(data[at:end])
                start, length = end + 4, head.length
                if length is None or length > min(size - start, self._max_body) or "expect" in head.headers:
                    break
                if length and self._streams is not None and (reader := self._streams(self, head)) is not None:
                    at = start
                    self._begin_body(head, reader)
                    break
                at = start + length
                self._hand_over(head, data[start:at], length, _NO_TRAILERS)
        except BadRequest:
            pass  # That is seen again, and said, when it is read from the buffer.
        finally:
            self._read_for_now()
        return data[at:]

    def _read(self) -> None:
        """Read what is here: one request after the other, as long as they are answered at once."""
        self._is_reading = True
        try:
            while not self._answering and self.is_open and self._read_next():
                pass
        except BadRequest as error:
            is_of_body = self._body is not None
            self._break_off()
            self._closing = True
            self.reply(400, *(self._malformed if is_of_body else _in_text)(str(error)))
        finally:
            self._read_for_now()

    def _read_for_now(self) -> None:
        """No more is read now: send what was answered meanwhile, unless one more answer is to come with it."""
        self._is_reading = False
        if self._kept and not (self._holds and self._answering):
            self._write_kept()

    def _read_next(self) -> bool:
        """Hand over the next request, once it is here whole; whether it was."""
        if self._head is None:
            while self._buffer.startswith(b"\r\n"):
                # Some clients end a body with a line of its own (RFC 9112, section 2.2).
                del self._buffer[:2]
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0 or end > self._max_head:
                size = len(self._buffer)
                if size > self._max_head or (size > _ROOM and self._roomy is not None and not self._roomy()):
                    raise BadRequest("The head of the request is too large.")
                return False
            begun = _remembered(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
            if begun.length == 0:
                self._hand_over(begun, b"", 0, _NO_TRAILERS)
                return True
            self._begin_body(begun, self._streams(self, begun) if self._streams is not None else None)
            if begun.headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
                self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        head, body = self._head, self._body
        assert head is not None
        assert body is not None
        if not body.take(self._buffer):
            return False
        self._head = self._body = None
        if body.reader is None:
            data = b"" if body.size > body.limit else body.whole()
            self._hand_over(head, data, body.size, body.trailers)
        else:
            self._under_way(head)
            body.reader.end(body.trailers)
        return True

    def _begin_body(self, head: Head, reader: BodyReader | None) -> None:
        limit = self._max_body
        if self._larger is not None and (head.length is None or head.length > limit):
            limit = self._larger(head)
        self._head, self._body = head, _Body.of(head, limit, reader)

    def _hand_over(self, head: Head, body: bytes, size: int, trailers: Mapping[str, str]) -> None:
        """A request is here whole."""
        self._under_way(head)
        self._handler.request(self, Request(head, body, size, trailers))

    def _under_way(self, head: Head) -> None:
        self.served += 1
        self._closing = head.closes
        self._in_chunks = head.knows_chunks
        self._answering = True

    def _break_off(self) -> None:
        """Nothing more will come of a body that is being taken."""
        body, self._body = self._body, None
        if body is not None and body.reader is not None:
            body.reader.broken()


def _in_text(sentence: str) -> tuple[bytes, Mapping[str, str]]:
    return f"{sentence}\n".encode(), {"Content-Type": "text/plain"}


def _status_line(status: int) -> str:
    return _STATUS_LINES.get(status) or f"HTTP/1.1 {status} Unknown\r\n"


def _head(text: bytes) -> Head:
    """A request's head, without the empty line at its end. Raises `BadRequest` where it is none."""
    first, _, rest = text.decode("latin-1").partition("\r\n")
    words = first.split(" ")
    if (
        len(words) != 3
        or words[2] not in ("HTTP/1.1", "HTTP/1.0")
        or not words[1].startswith("/")
        or not _TOKEN.fullmatch(words[0])
    ):
        raise BadRequest("This is not an HTTP/1.1 request.")
    headers = _headers(rest)
    is_new = words[2] == "HTTP/1.1"
    closes = not is_new
    if "connection" in headers:
        options = [each.strip() for each in headers["connection"].lower().split(",")]
        closes = "close" in options or (closes and "keep-alive" not in options)
    path, _, query = words[1].partition("?")
    return Head(words[0], path, query, headers, _length(headers), closes, is_new)


_known_head = lru_cache(maxsize=64)(_head)


def _remembered(text: bytes) -> Head:
    return _known_head(text) if len(text) <= _REMEMBERED else _head(text)


def _length(headers: Mapping[str, str]) -> int | None:
    """How long the body is, in bytes; None where it comes in chunks."""
    coding = headers.get("transfer-encoding")
    length = headers.get("content-length")
    if coding is not None:
        # Two lengths in one request are how requests are smuggled past a reader (RFC 9112, section 6.3).
        if length is not None or coding.lower() != "chunked":
            raise BadRequest("The length of the request's body is not clear.")
        return None
    if length is None:
        return 0
    if not (length.isascii() and length.isdigit()) or len(length) > 15:
        raise BadRequest("The length of the request's body is not a number.")
    return int(length)


def _headers(text: str) -> dict[str, str]:
    """Header lines, without the last line end, by name in lower case; those with one name are joined."""
    if not text:
        return {}
    read = _known_line if len(text) <= _REMEMBERED else _line
    pairs = [read(line) for line in text.split("\r\n")]
    headers = dict(pairs)
    return headers if len(headers) == len(pairs) else _joined(pairs)


def _line(line: str) -> tuple[str, str]:
    """One header: its name in lower case, and its value. Raises `BadRequest` where it is none."""
    name, colon, value = line.partition(":")
    # A control character would end a value early for another reader.
    if not colon or not _TOKEN.fullmatch(name) or "\r" in value or "\n" in value or "\0" in value:
        raise BadRequest("A header of the request is malformed.")
    return name.lower(), value.strip(" \t")


_known_line = lru_cache(maxsize=512)(_line)


def _joined(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Headers of which some stand there several times (RFC 9110, section 5.3; RFC 6265, section 5.4)."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    if twice := next((name for name in _SINGLE if len(values.get(name, ())) > 1), None):
        raise BadRequest(f"The header {twice} stands there twice.")
    return {name: ("; " if name == "cookie" else ",").join(each) for name, each in values.items()}


@define
class _Body:
    """Reads a body from a connection's buffer as it comes: for its reader, or to keep at most ``limit`` bytes."""

    limit: int
    remaining: int = 0
    chunked: bool = False
    size: int = 0
    reader: BodyReader | None = None
    data: bytearray = field(factory=bytearray)
    trailers: Mapping[str, str] = field(factory=dict)
    #: Of a large body, where what is still missing is to be received.
    room: memoryview | None = None
    _in_trailers: bool = False
    _after_chunk: bool = False

    @classmethod
    def of(cls, head: Head, limit: int, reader: BodyReader | None) -> _Body:
        """What reads the body of the request with this head."""
        if head.length is None:
            return cls(limit, chunked=True, reader=reader)
        body = cls(limit, remaining=head.length, reader=reader)
        # For more than the spare room, a length that is only announced takes no memory.
        if reader is None and _ROOM < head.length <= min(limit, _MAX_SPARE):
            body.data = _room.borrow(head.length)
            body.room = memoryview(body.data)[: head.length]
        return body

    def whole(self) -> bytes:
        """The body, once it is here."""
        if self.room is None:
            return bytes(self.data)
        data, self.room = bytes(memoryview(self.data)[: self.size]), None
        _room.give_back(self.data)
        return data

    def received(self, count: int) -> bool:
        """So many bytes have come into the room; whether that was all of the body."""
        assert self.room is not None
        self.room = self.room[count:]
        self.size += count
        self.remaining -= count
        return not self.remaining

    def take(self, buffer: bytearray) -> bool:
        """Take what there is of the body; whether that was all of it."""
        while True:
            if self.remaining:
                piece = min(self.remaining, len(buffer))
                if self.room is not None:
                    self.room[:piece] = buffer[:piece]
                    self.room = self.room[piece:]
                elif self.reader is not None:
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
