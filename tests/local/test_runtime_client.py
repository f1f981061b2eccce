"""The HTTP that Python functions speak to the Runtime API, against servers that answer in every way they may."""

from __future__ import annotations

import importlib.util
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.local.runtimes import python

FILE = Path(python.__file__).with_name("python_files") / "runtime_client.py"
EVENT = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: an-id\r\n"
    b"Lambda-Runtime-Deadline-Ms: 1700000000123\r\n"
)
WHOLE = EVENT + b"Content-Length: 7\r\n\r\n[1,2,3]"
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
SECONDS = 30

#: What a server says on one connection: an answer in pieces for each request, after which it hangs up.
Script = Sequence[Iterable[bytes]]


@contextmanager
def server(*connections: Script) -> Iterator[tuple[str, list[bytes]]]:
    """A server that plays these connections one after the other; its address, and the requests that it got."""
    requests: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(SECONDS)

    def play() -> None:
        for script in connections:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as stream:
                connection.settimeout(SECONDS)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for answer in script:
                    requests.append(whole_request(stream))
                    for piece in answer:
                        connection.sendall(piece)

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", requests
    finally:
        thread.join(SECONDS)
        listener.close()
        assert not thread.is_alive()


def whole_request(stream: BinaryIO) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        assert line, "the client hung up"
        head += line
    return head + stream.read(int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0] or 0))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """The module, as new, for an API at an address."""
    made: list[ModuleType] = []

    def module(address: str) -> ModuleType:
        monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", address)
        made.append(fresh())
        return made[-1]

    yield module
    for each in made:
        each._client._close()


def fresh() -> ModuleType:
    spec = importlib.util.spec_from_file_location("runtime_client", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.initialize_client("aws-lambda-python/3.11.7-4.2.2")
    return module


def test_an_event_comes_with_its_headers_and_its_deadline_as_a_number(
    client: Callable[[str], ModuleType],
) -> None:
    with server([[WHOLE]]) as (address, requests):
        body, headers = client(address).next()
    assert body == b"[1,2,3]"
    assert headers == {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": "an-id",
        "Lambda-Runtime-Deadline-Ms": 1_700_000_000_123,
    }
    host = address.encode()
    assert requests == [
        b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: " + host + b"\r\n"
        b"User-Agent: aws-lambda-python/3.11.7-4.2.2\r\n\r\n"
    ]


def test_what_a_function_returned_is_posted_on_the_same_connection(
    client: Callable[[str], ModuleType],
) -> None:
    with server([[WHOLE], [ACCEPTED], [WHOLE]]) as (address, requests):
        module = client(address)
        module.next()
        module.post_invocation_result("an-id", b'{"a": 1}', "application/json")
        assert module.next()[0] == b"[1,2,3]"
    head, _, body = requests[1].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /2018-06-01/runtime/invocation/an-id/response HTTP/1.1\r\n")
    assert b"\r\nContent-Type: application/json\r\nContent-Length: 8" in head
    assert body == b'{"a": 1}'


def test_what_a_function_raised_is_posted_with_its_cause(client: Callable[[str], ModuleType]) -> None:
    with server([[ACCEPTED], [WHOLE]]) as (address, requests):
        module = client(address)
        module.post_error("an-id", '{"errorType": "Ü"}', '{"message": "ü"}')
        module.next()
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /2018-06-01/runtime/invocation/an-id/error HTTP/1.1\r\n")
    assert '\r\nLambda-Runtime-Function-XRay-Error-Cause: {"message": "ü"}\r\n'.encode() in head
    assert body == '{"errorType": "Ü"}'.encode()


def test_an_answer_in_chunks_with_names_in_lower_case_is_understood(
    client: Callable[[str], ModuleType],
) -> None:
    # As extensions send it that stand between a function and its API.
    chunked = EVENT.lower().replace(b"http", b"HTTP") + b"transfer-encoding: chunked\r\n\r\n"
    chunks = b"4;name=value\r\n[1,2\r\n3\r\n,3]\r\n0\r\nsome: trailer\r\n\r\n"
    with server([[chunked, chunks], [ACCEPTED], [WHOLE]]) as (address, _):
        module = client(address)
        body, headers = module.next()
        module.post_invocation_result("an-id", b"1", "application/json")
        module.next()
    assert (body, headers["Lambda-Runtime-Aws-Request-Id"]) == (b"[1,2,3]", "an-id")


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, len(WHOLE) - 1), max_size=6, unique=True).map(sorted))
def test_an_answer_may_come_in_any_pieces(cuts: list[int]) -> None:
    pieces = [WHOLE[start:end] for start, end in zip([0, *cuts], [*cuts, len(WHOLE)], strict=True)]
    with pytest.MonkeyPatch.context() as patch, server([pieces, [WHOLE]]) as (address, _):
        patch.setenv("AWS_LAMBDA_RUNTIME_API", address)
        module = fresh()
        assert [module.next()[0] for _ in range(2)] == [b"[1,2,3]", b"[1,2,3]"]
        module._client._close()


def test_an_interim_answer_is_passed_over(client: Callable[[str], ModuleType]) -> None:
    with server([[b"HTTP/1.1 100 Continue\r\n\r\n", ACCEPTED], [WHOLE]]) as (address, _):
        module = client(address)
        module.post_invocation_result("an-id", b"1", "application/json")
        assert module.next()[0] == b"[1,2,3]"


def test_a_connection_that_was_closed_meanwhile_is_made_anew(client: Callable[[str], ModuleType]) -> None:
    with server([[WHOLE]], [[WHOLE]]) as (address, requests):
        module = client(address)
        module.next()
        assert module.next()[0] == b"[1,2,3]"
    assert len(requests) == 2


def test_a_response_leaves_with_the_asking_for_more(client: Callable[[str], ModuleType]) -> None:
    with server([[WHOLE], [ACCEPTED], [WHOLE]]) as (address, requests):
        module = client(address)
        module.next()
        module.post_invocation_result("an-id", b'"an answer"', "application/json")
        assert len(requests) == 1
        assert module.next()[0] == b"[1,2,3]"


def test_a_response_to_a_large_event_leaves_at_once(client: Callable[[str], ModuleType]) -> None:
    # To let go of the event takes long, and happens before more is asked for.
    large = EVENT + b"Content-Length: 100000\r\n\r\n" + b"1" * 100_000
    with server([[large], [ACCEPTED]]) as (address, requests):
        module = client(address)
        module.next()
        module.post_invocation_result("an-id", b'"an answer"', "application/json")
    assert requests[1].endswith(b'an answer"')


def test_a_response_leaves_where_nothing_more_is_asked_for(client: Callable[[str], ModuleType]) -> None:
    with server([[WHOLE], [ACCEPTED]]) as (address, requests):
        module = client(address)
        module.next()
        module.post_invocation_result("an-id", b'"an answer"', "application/json")
        # As when the interpreter ends.
        module._client.flush()
    assert requests[1].endswith(b'an answer"')


def test_a_response_that_was_sent_on_a_connection_that_was_closed_is_sent_again(
    client: Callable[[str], ModuleType],
) -> None:
    with server([[WHOLE], []], [[ACCEPTED], [WHOLE]]) as (address, requests):
        module = client(address)
        module.next()
        module.post_invocation_result("an-id", b'"an answer"', "application/json")
        assert module.next()[0] == b"[1,2,3]"
    assert [request[:4] for request in requests] == [b"GET ", b"POST", b"POST", b"GET "]
    assert requests[1] == requests[2]


def test_a_connection_that_is_to_be_closed_is_not_used_again(client: Callable[[str], ModuleType]) -> None:
    closing = WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    with server([[closing]], [[ACCEPTED], [WHOLE]]) as (address, _):
        module = client(address)
        module.next()
        module.post_invocation_result("an-id", b"1", "application/json")
        module.next()


def test_a_connection_may_be_closed_after_a_response(client: Callable[[str], ModuleType]) -> None:
    closing = ACCEPTED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    with server([[closing]], [[WHOLE]]) as (address, requests):
        module = client(address)
        module.post_invocation_result("an-id", b"1", "application/json")
        assert module.next()[0] == b"[1,2,3]"
    assert [request[:4] for request in requests] == [b"POST", b"GET "]


def test_an_answer_that_breaks_off_is_an_error(client: Callable[[str], ModuleType]) -> None:
    with (
        server([[WHOLE[:-3]]]) as (address, _),
        pytest.raises(RuntimeError, match="closed the connection within its answer"),
    ):
        client(address).next()


def test_an_api_that_never_answers_is_an_error(client: Callable[[str], ModuleType]) -> None:
    with server([[]]) as (address, _), pytest.raises(Exception, match="closed the connection"):
        client(address).next()


def test_large_bodies_go_both_ways(client: Callable[[str], ModuleType]) -> None:
    large = bytes(range(256)) * 24_000
    answer = EVENT + b"Content-Length: %d\r\n\r\n" % len(large) + large
    with server([[answer], [ACCEPTED]]) as (address, requests):
        module = client(address)
        assert module.next()[0] == large
        module.post_invocation_result("an-id", large, "application/octet-stream")
    assert requests[1].partition(b"\r\n\r\n")[2] == large


@pytest.mark.parametrize("size", [10, 100_000], ids=["small", "large"])
def test_a_response_that_is_refused_is_an_error_with_a_line_in_the_log(
    client: Callable[[str], ModuleType], capfd: pytest.CaptureFixture[str], size: int
) -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large"

    def invoked(module: ModuleType) -> None:
        module.post_invocation_result("an-id", b"1" * size, "application/json")
        # Of a small one it shows here.
        module.next()

    script = [[refusal], [WHOLE]] if size < 100_000 else [[refusal]]
    with (
        server(script) as (address, _),
        pytest.raises(RuntimeError, match="Failed to post invocation response"),
    ):
        invoked(client(address))
    line = capfd.readouterr().err
    assert line.startswith("[ERROR] [")
    assert line.endswith(
        "] LAMBDA_RUNTIME Failed to post handler success response. Http response code: 413. too large\n"
    )


def test_no_event_is_an_error(client: Callable[[str], ModuleType]) -> None:
    with (
        server([[b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"]]) as (address, _),
        pytest.raises(RuntimeError, match="Failed to get next"),
    ):
        client(address).next()


def test_a_handler_of_signals_runs_while_an_event_is_awaited(client: Callable[[str], ModuleType]) -> None:
    ran = threading.Event()

    def answer() -> Iterator[bytes]:
        # Only then does the event come.
        assert ran.wait(SECONDS)
        yield WHOLE

    before = signal.signal(signal.SIGALRM, lambda *_: ran.set())
    try:
        with server([answer()]) as (address, _):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            assert client(address).next()[0] == b"[1,2,3]"
    finally:
        signal.signal(signal.SIGALRM, before)
