"""HTTP/1.1 as the local service reads it: requests whole, however they arrive, and nothing ambiguous."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.http import Connection, Head
from tests.local.wire import Wire, received

GET = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"


def post(body: bytes, *headers: str) -> bytes:
    head = "".join(f"{header}\r\n" for header in (f"Content-Length: {len(body)}", *headers))
    return f"POST /p HTTP/1.1\r\n{head}\r\n".encode() + body


def chunked(*chunks: bytes, trailers: str = "") -> bytes:
    body = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in (*chunks, b"") if chunk)
    head = b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + body + b"0\r\n" + trailers.encode() + b"\r\n"


def test_a_request_has_its_method_path_query_and_headers_in_lower_case() -> None:
    [request] = received(GET).requests
    assert (request.method, request.path, request.query) == ("GET", "/a", "b=c")
    assert request.headers == {"host": "x"}


def test_a_body_by_length_is_read_whole() -> None:
    [request] = received(post(b"hello")).requests
    assert (request.body, request.size) == (b"hello", 5)


def test_a_body_in_chunks_is_put_together() -> None:
    [request] = received(chunked(b"hel", b"lo")).requests
    assert request.body == b"hello"


def test_trailers_after_the_last_chunk_are_read() -> None:
    [request] = received(chunked(b"x", trailers="Error-Type: Function.Bad\r\n")).requests
    assert request.trailers == {"error-type": "Function.Bad"}


def test_an_extension_of_a_chunk_is_passed_over() -> None:
    [request] = received(
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;name=value\r\nabc\r\n0\r\n\r\n"
    ).requests
    assert request.body == b"abc"


def test_requests_that_arrive_together_are_answered_in_order() -> None:
    wire = received(GET + post(b"1") + chunked(b"2") + GET)
    assert [request.method for request in wire.requests] == ["GET", "POST", "POST", "GET"]
    assert wire.answer.count(b"HTTP/1.1 200 OK") == 4


def test_the_second_request_waits_until_the_first_is_answered() -> None:
    async def scenario() -> tuple[int, int]:
        wire = Wire(answers=False)
        wire.connection.data_received(GET + GET)
        before = len(wire.requests)
        wire.connection.reply(200, b"", {})
        await asyncio.sleep(0)
        return before, len(wire.requests)

    assert asyncio.run(scenario()) == (1, 2)


@pytest.mark.parametrize("holds", [False, True])
def test_a_client_that_asks_on_before_it_is_answered_may_get_both_answers_together(holds: bool) -> None:
    async def scenario() -> tuple[bytes, bytes]:
        wire = Wire(answers=False, holds=holds)
        wire.answers_first = True
        wire.feed(GET + post(b"1"))
        first = wire.answer
        wire.connection.reply(200, b"second", {})
        return first, wire.answer

    first, both = asyncio.run(scenario())
    assert (first == b"") == holds
    assert both.index(b"ok") < both.index(b"second")
    assert both.count(b"HTTP/1.1 200 OK") == 2


def test_a_client_that_sends_on_while_its_answer_is_awaited_is_held_back() -> None:
    async def scenario() -> bool:
        wire = Wire(answers=False)
        wire.connection.data_received(GET + b"x" * 300_000)
        return wire.transport.paused

    assert asyncio.run(scenario())


def test_a_client_that_was_held_back_goes_on_after_its_answer() -> None:
    async def scenario() -> int:
        wire = Wire(answers=False)
        wire.connection.data_received(GET + post(b"x" * 300_000))
        wire.connection.reply(200, b"", {})
        assert not wire.transport.paused
        for _ in range(5):
            await asyncio.sleep(0)
        return wire.requests[1].size

    assert asyncio.run(scenario()) == 300_000


def test_a_body_over_the_limit_is_counted_and_not_kept() -> None:
    [request] = received(post(b"x" * 100), max_body=99).requests
    assert request.is_too_large
    assert (request.size, request.body) == (100, b"")


def test_a_body_at_the_limit_is_kept() -> None:
    [request] = received(post(b"x" * 100), max_body=100).requests
    assert not request.is_too_large


def test_chunks_that_together_are_over_the_limit_are_not_kept() -> None:
    [request] = received(chunked(b"x" * 60, b"y" * 60, b"z"), max_body=100).requests
    assert (request.size, request.body) == (121, b"")


def test_a_connection_is_kept_open_in_http_1_1() -> None:
    assert not received(GET).transport.closed


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: TE, close\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
    ],
)
def test_a_connection_ends_where_the_client_wants_that(head: bytes) -> None:
    wire = received(head)
    assert wire.transport.closed
    assert b"Connection: close" in wire.answer


def test_http_1_0_keeps_a_connection_that_asks_for_it() -> None:
    assert not received(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").transport.closed


def test_a_client_that_waits_for_100_continue_gets_it_before_its_answer() -> None:
    wire = received(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"ok")
    assert wire.answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_an_answer_without_content_has_no_length() -> None:
    async def scenario() -> bytes:
        wire = Wire(answers=False)
        wire.connection.data_received(GET)
        wire.connection.reply(204, b"", {})
        return wire.answer

    assert b"Content-Length" not in asyncio.run(scenario())


def test_an_empty_line_before_a_request_is_passed_over() -> None:
    assert len(received(post(b"x") + b"\r\n" + GET).requests) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"G\x00T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nA b: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\x00\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n1",
        b"POST / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 2000,
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    ],
    ids=lambda data: repr(data[:60]),
)
def test_what_is_no_clear_request_is_answered_with_400_and_the_end(data: bytes) -> None:
    wire = received(data)
    assert wire.requests == []
    assert wire.answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert wire.transport.closed


def test_a_header_that_is_known_needs_its_colon_all_the_same() -> None:
    assert received(GET).answer.startswith(b"HTTP/1.1 200")
    assert received(b"GET / HTTP/1.1\r\nHost\r\n\r\n").answer.startswith(b"HTTP/1.1 400")


def test_a_head_without_end_is_refused_at_its_limit() -> None:
    wire = received(b"GET / HTTP/1.1\r\nA: " + b"x" * 1000, max_head=1000)
    assert wire.answer.startswith(b"HTTP/1.1 400")


def test_trailers_without_end_are_refused_at_their_limit() -> None:
    data = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + b"x" * 140_000
    assert received(data).answer.startswith(b"HTTP/1.1 400")


REQUESTS = st.one_of(
    st.just(GET),
    st.binary(max_size=50).map(post),
    st.lists(st.binary(min_size=1, max_size=20), max_size=4).map(lambda chunks: chunked(*chunks)),
)


@given(st.lists(REQUESTS, min_size=1, max_size=4), st.data())
def test_requests_read_the_same_however_their_bytes_arrive(
    requests: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(requests)
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(whole) - 1)), max_size=12)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert received(*pieces).requests == received(whole).requests
    assert len(received(whole).requests) == len(requests)


@given(
    size=st.integers(65_000, 200_000),
    cuts=st.sets(st.integers(1, 199_000), max_size=5),
    more=st.lists(REQUESTS, max_size=2),
)
def test_a_large_body_reads_the_same_however_its_bytes_arrive(
    size: int, cuts: set[int], more: list[bytes]
) -> None:
    body = bytes(number * 31 % 251 for number in range(size))
    whole = post(body) + b"".join(more)
    inside = sorted(cut for cut in cuts if cut < len(whole))
    pieces = [whole[a:b] for a, b in itertools.pairwise([0, *inside, len(whole)])]
    first, *others = received(*pieces).requests
    assert (first.body == body, first.size) == (True, size)
    assert others == received(*more).requests


def test_a_large_body_has_nothing_of_the_larger_one_before_it() -> None:
    bodies = [b"a" * 300_000, b"b" * 100_000, b"c" * 200_000]
    wire = received(*map(post, bodies))
    assert [request.body == body for request, body in zip(wire.requests, bodies, strict=True)] == [True] * 3


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_stumble(data: bytes) -> None:
    wire = received(data + b"\r\n\r\n")
    assert wire.transport.closed == (b" 400 " in wire.answer)


@given(st.binary(max_size=100))
def test_no_chunked_body_makes_the_reader_stumble(data: bytes) -> None:
    wire = received(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + data)
    assert wire.answer == b"" or wire.answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))


class Taken:
    """What a reader of a body got."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.pieces: list[bytes] = []
        self.trailers: dict[str, str] | None = None
        self.is_broken = False

    def take(self, piece: bytes) -> None:
        """The next piece."""
        self.pieces.append(piece)

    def end(self, trailers: Mapping[str, str]) -> None:
        """All of it."""
        self.trailers = dict(trailers)
        self.connection.reply(202, b"", {})

    def broken(self) -> None:
        """No more of it."""
        self.is_broken = True


def taken(*pieces: bytes, ends: bool = False) -> tuple[Wire, Taken]:
    """A connection whose bodies are taken as they come, after it has received the pieces."""
    readers: list[Taken] = []

    def streams(connection: Connection, head: Head) -> Taken:
        readers.append(Taken(connection))
        return readers[-1]

    async def receive() -> Wire:
        wire = Wire(streams=streams)
        for piece in pieces:
            wire.feed(piece)
            await asyncio.sleep(0)
        if ends:
            wire.connection.connection_lost(None)
        for _ in range(5):
            await asyncio.sleep(0)
        return wire

    return asyncio.run(receive()), readers[0]


@given(data=st.data(), chunks=st.lists(st.binary(min_size=1, max_size=40), max_size=5))
def test_a_body_that_is_taken_as_it_comes_is_the_same_however_it_is_cut(
    data: st.DataObject, chunks: list[bytes]
) -> None:
    whole = chunked(*chunks, trailers="Error-Type: Bad\r\n") + b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
    at = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    wire, reader = taken(*[whole[a:b] for a, b in itertools.pairwise([0, *at, len(whole)])])
    assert b"".join(reader.pieces) == b"".join(chunks)
    assert reader.trailers == {"error-type": "Bad"}
    assert wire.answer.startswith(b"HTTP/1.1 202 ")
    assert [request.path for request in wire.requests] == ["/next"]


def test_a_body_is_taken_before_its_end() -> None:
    _, reader = taken(chunked(b"one", b"two")[:-12])
    assert (reader.pieces[0], reader.trailers, reader.is_broken) == (b"one", None, False)


@pytest.mark.parametrize(
    ("end", "ends"), [(b"zz\r\n", False), (b"", True)], ids=["malformed", "the client went away"]
)
def test_a_body_that_breaks_off_is_told_to_who_takes_it(end: bytes, ends: bool) -> None:
    _, reader = taken(chunked(b"one")[:-5] + end, ends=ends)
    assert (reader.pieces, reader.trailers, reader.is_broken) == ([b"one"], None, True)


def sent(version: str) -> bytes:
    """What a client gets of an answer in two pieces."""

    async def send() -> bytes:
        wire = Wire(answers=False)
        wire.connection.data_received(f"GET / HTTP/{version}\r\nHost: x\r\n\r\n".encode())
        wire.connection.begin(200, {"A": "b"})
        for piece in (b"one", b"", b"three"):
            wire.connection.send(piece)
        wire.connection.finish()
        return wire.answer

    return asyncio.run(send())


def test_an_answer_may_be_given_piece_by_piece() -> None:
    assert sent("1.1") == (
        b"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"
    )


def test_an_answer_in_pieces_has_no_chunks_for_a_client_of_http_1_0() -> None:
    assert sent("1.0") == b"HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\nonethree"
