"""Streamed responses: from functions in real processes, over the Runtime API, to callers and boto3's event stream."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.endpoint import event_stream
from lambdaform.local.event import Event
from lambdaform.local.front import Request, Response
from lambdaform.local.response_stream import ResponseStream, StreamedBody
from lambdaform.local.runtime_api import RuntimeApi, RuntimeEvents
from tests.local.lab import Lab, laboratory
from tests.local.test_custom_runtimes import custom
from tests.local.test_endpoint import Served

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="there is no node on this machine's PATH"
)

#: What a custom runtime does to stream: `begin`, `chunk` and `end`; the event says in which order.
WIRE = """
import pathlib, socket, time
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
def begin(id=id, mode="streaming", more=""):
    s = socket.create_connection((host, int(port)))
    s.sendall(("POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\nHost: x\\r\\n"
               "Content-Type: text/plain\\r\\nLambda-Runtime-Function-Response-Mode: %s\\r\\n"
               "Transfer-Encoding: chunked\\r\\n%s\\r\\n" % (id, mode, more)).encode())
    return s
def chunk(s, data):
    s.sendall(b"%x\\r\\n%b\\r\\n" % (len(data), data))
def end(s, trailers=""):
    s.sendall(b"0\\r\\n" + trailers.encode() + b"\\r\\n")
    return s.recv(1000)
def wait(path):
    while not pathlib.Path(path).exists():
        time.sleep(0.002)
"""
ERROR = base64.b64encode(b'{"errorType":"Stock.Gone","errorMessage":"no stock"}').decode()
FAILS = f"""
s = begin()
chunk(s, b"some")
end(s, "Lambda-Runtime-Function-Error-Type: Function.Broke\\r\\nLambda-Runtime-Function-Error-Body: {ERROR}\\r\\n")
"""
WELL = 's = begin()\nchunk(s, b"ab")\nchunk(s, b"c")\nend(s)'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with laboratory(tmp_path_factory.mktemp("streams"), sandboxed=False) as lab:
        made = Served(lab)
        yield made
        made.close()


def stream(lab: Lab, name: str, event: Any) -> tuple[list[bytes], Response]:
    """The pieces that a caller gets who takes them as they come, and the response."""

    async def streaming() -> tuple[list[bytes], Response]:
        stream = ResponseStream()
        request = Request(function_name=name, payload=json.dumps(event).encode())
        running = asyncio.ensure_future(lab.service.invoke(request, stream))
        pieces = [piece async for piece in stream]
        return pieces, await running

    return lab.run(streaming())


def events(served: Served, name: str, event: Any, **parameters: Any) -> list[dict[str, Any]]:
    """The events that boto3 makes of the stream."""

    def call() -> list[dict[str, Any]]:
        answer = served.client.invoke_with_response_stream(
            FunctionName=name, Payload=json.dumps(event).encode(), **parameters
        )
        return [dict(each) for each in answer["EventStream"]]

    return served.call(call)


def do(work: str) -> dict[str, str]:
    return {"do": WIRE + work}


def payload_of(told: list[dict[str, Any]]) -> bytes:
    return b"".join(each["PayloadChunk"]["Payload"] for each in told if "PayloadChunk" in each)


def test_a_caller_gets_each_piece_while_the_function_still_runs(served: Served, tmp_path: Path) -> None:
    work = f's = begin()\nchunk(s, b"first")\nwait({str(tmp_path / "go")!r})\nchunk(s, b"second")\nend(s)'
    name = custom(served.lab)

    async def streaming() -> list[bytes]:
        stream = ResponseStream()
        request = Request(function_name=name, payload=json.dumps(do(work)).encode())
        running = asyncio.ensure_future(served.lab.service.invoke(request, stream))
        pieces = []
        async for piece in stream:
            pieces.append(piece)
            (tmp_path / "go").touch()
        await running
        return pieces

    assert served.lab.run(streaming()) == [b"first", b"second"]


def test_a_stream_has_its_content_type_version_and_id_before_its_end(lab: Lab) -> None:
    name = custom(lab)

    async def streaming() -> tuple[ResponseStream, Response]:
        stream = ResponseStream()
        request = Request(function_name=name, payload=json.dumps(do(WELL)).encode())
        running = asyncio.ensure_future(lab.service.invoke(request, stream))
        assert await stream.begun()
        return stream, await running

    begun, response = lab.run(streaming())
    assert (begun.content_type, begun.executed_version) == ("text/plain", "$LATEST")
    assert begun.request_id == response.request_id


def test_a_function_that_does_not_stream_gives_no_pieces_but_a_payload(lab: Lab) -> None:
    name = lab.function("def handler(event, context):\n    return event\n")
    pieces, response = stream(lab, name, {"a": 1})
    assert (pieces, response.payload) == ([], b'{"a": 1}')


def test_who_waits_for_the_whole_of_a_stream_gets_it_in_one(lab: Lab) -> None:
    assert lab.invoke(custom(lab), do(WELL)).response.payload == b"abc"


def test_an_error_in_the_middle_of_a_stream_is_told_at_its_end(lab: Lab) -> None:
    pieces, response = stream(lab, custom(lab), do(FAILS))
    assert pieces == [b"some"]
    assert (response.function_error, response.error_type) == ("Unhandled", "Function.Broke")
    assert json.loads(response.payload) == {"errorType": "Stock.Gone", "errorMessage": "no stock"}


def test_who_waits_for_the_whole_of_a_stream_that_fails_gets_the_error(lab: Lab) -> None:
    assert lab.invoke(custom(lab), do(FAILS)).error["errorMessage"] == "no stock"


def test_an_error_without_a_body_leaves_what_was_streamed(lab: Lab) -> None:
    work = 's = begin()\nchunk(s, b"1")\nend(s, "Lambda-Runtime-Function-Error-Type: Function.Broke\\r\\n")'
    response = lab.invoke(custom(lab), do(work)).response
    assert (response.payload, response.function_error) == (b"1", "Unhandled")


@pytest.mark.parametrize("streams", [True, False])
def test_a_stream_that_breaks_off_is_a_truncated_response(lab: Lab, streams: bool) -> None:
    work = 's = begin()\nchunk(s, b"some")\ns.close()'
    name = custom(lab)
    response = stream(lab, name, do(work))[1] if streams else lab.invoke(name, do(work)).response
    assert json.loads(response.payload)["errorType"] == "Runtime.TruncatedResponse"
    assert lab.invoke(name, do(WELL)).response.payload == b"abc"


def test_a_runtime_may_ask_for_the_next_event_before_it_is_seen_that_its_stream_broke_off() -> None:
    asking = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"
    begun = (
        b"POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\n"
        b"Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n"
    )

    async def told() -> list[str]:
        events = Mock(spec=RuntimeEvents, **{"on_stream.return_value": None})
        api = RuntimeApi(events)
        await api.start()
        host, _, port = api.address.partition(":")

        async def waits() -> None:
            while not api.is_waiting:
                await asyncio.sleep(0)

        with socket.create_connection((host, int(port))) as runtime:
            runtime.sendall(asking)
            await asyncio.wait_for(waits(), 10)
            api.hand_over(Event(request_id="id-1", payload=b"{}", function_arn="arn", trace_id="trace"), 0)
            # All of this is there before the server reads any of it.
            with socket.create_connection((host, int(port))) as streams:
                streams.sendall(begun)
            runtime.sendall(asking)
            await asyncio.wait_for(waits(), 10)
        api.close()
        return [name for name, _, _ in events.method_calls]

    assert asyncio.run(told()) == ["on_next", "on_stream", "on_truncated", "on_next"]


def test_a_malformed_chunk_is_a_truncated_response(lab: Lab) -> None:
    work = 's = begin()\ns.sendall(b"zz\\r\\n")\ns.recv(1000)'
    error = lab.invoke(custom(lab), do(work)).error
    assert error["errorType"] == "Runtime.TruncatedResponse"


def test_a_timeout_in_the_middle_of_a_stream_ends_it(lab: Lab) -> None:
    name = custom(lab, timeout=1)
    pieces, response = stream(lab, name, do('s = begin()\nchunk(s, b"some")\ntime.sleep(60)'))
    assert pieces == [b"some"]
    assert json.loads(response.payload)["errorType"] == "Sandbox.Timedout"
    assert lab.invoke(name, do(WELL)).response.payload == b"abc"


def test_a_process_that_ends_in_the_middle_of_a_stream_is_reported(lab: Lab) -> None:
    outcome = lab.invoke(custom(lab), do('s = begin()\nchunk(s, b"some")\nos._exit(3)'))
    assert outcome.response.function_error == "Unhandled"
    assert outcome.report["Status"] == "error"


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        pytest.param('s = begin(id="x" * 36)', b"InvalidRequestID", id="another id"),
        pytest.param("end(begin())\ns = begin()", b"InvalidStateTransition", id="a second time"),
        pytest.param(
            'o = begin()\nchunk(o, b"")if 0 else None\ntime.sleep(0.05)\ns = begin()',
            b"InvalidStateTransition",
            id="while another goes on",
        ),
    ],
)
def test_a_stream_out_of_turn_is_refused(lab: Lab, work: str, expected: bytes) -> None:
    told = f"""
{work}
answer = end(s)
print("told", {expected!r} in answer, flush=True)
try:
    end(o)
except NameError:
    pass
if {expected!r} == b"InvalidRequestID":
    end(begin())
"""
    outcome = lab.invoke(custom(lab), do(told))
    assert outcome.response.payload == b""
    assert "told True" in outcome.log


def test_a_runtime_may_not_ask_for_an_event_while_it_streams(lab: Lab) -> None:
    work = 's = begin()\nchunk(s, b"1")\ntime.sleep(0.05)\nprint("told", call("GET", "invocation/next")[0], flush=True)\nend(s)'
    outcome = lab.invoke(custom(lab), do(work))
    assert (outcome.response.payload, "told 403" in outcome.log) == (b"1", True)


def test_who_waits_for_the_whole_of_a_stream_gets_6_mb_at_most(lab: Lab) -> None:
    work = 's = begin()\nfor _ in range(7):\n    chunk(s, b"x" * (1 << 20))\nprint("told", end(s)[:12], flush=True)'
    name = custom(lab)
    outcome = lab.invoke(name, do(work))
    assert outcome.error == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert lab.invoke(name, do(WELL)).response.payload == b"abc"


def test_a_stream_carries_more_than_6_mb(lab: Lab) -> None:
    work = 's = begin()\nfor _ in range(20):\n    chunk(s, b"x" * (1 << 20))\nend(s)'
    pieces, response = stream(lab, custom(lab), do(work))
    assert sum(map(len, pieces)) == 20 << 20
    assert response.function_error is None


def test_a_stream_that_is_too_large_is_told_once_and_keeps_nothing_more() -> None:
    body = StreamedBody(None, 10)
    assert [body.take(b"x" * 6) for _ in range(3)] == [False, True, False]
    assert (body.is_too_large, body.size, bytes(body.kept)) == (True, 18, b"")


def test_a_function_waits_for_a_caller_who_is_slower(served: Served, tmp_path: Path) -> None:
    count = tmp_path / "count"
    work = f"""
s = begin()
for n in range(40):
    chunk(s, b"x" * (1 << 20))
    open({str(count)!r}, "w").write(str(n + 1))
end(s)
"""
    name = custom(served.lab, timeout=30)

    async def streaming() -> tuple[int, int]:
        stream = ResponseStream()
        request = Request(function_name=name, payload=json.dumps(do(work)).encode())
        running = asyncio.ensure_future(served.lab.service.invoke(request, stream))
        assert await stream.begun()
        before = -1
        while before != (now := int(count.read_text() or 0) if count.exists() else 0) or now == 0:
            before = now
            await asyncio.sleep(0.2)
        taken = sum([len(piece) async for piece in stream])
        await running
        return now, taken

    sent, taken = served.lab.run(streaming())
    # A megabyte here, and what two sockets hold.
    assert sent < 20
    assert taken == 40 << 20


def test_boto3_gets_chunks_and_the_end(served: Served) -> None:
    told = events(served, custom(served.lab), do(WELL))
    assert payload_of(told) == b"abc"
    assert told[-1] == {"InvokeComplete": {}}


def test_boto3_gets_what_a_function_returns_that_does_not_stream(served: Served) -> None:
    told = events(served, served.echo, {"a": 1})
    assert told == [{"PayloadChunk": {"Payload": b'{"a": 1}'}}, {"InvokeComplete": {}}]


def test_boto3_gets_the_error_of_a_function_that_does_not_stream(served: Served) -> None:
    name = served.lab.function("def handler(event, context):\n    raise ValueError('no stock')\n")
    [told] = events(served, name, {})
    assert told["InvokeComplete"]["ErrorCode"] == "ValueError"
    assert json.loads(told["InvokeComplete"]["ErrorDetails"])["errorMessage"] == "no stock"


def test_boto3_gets_an_error_in_the_middle_after_the_chunks(served: Served) -> None:
    told = events(served, custom(served.lab), do(FAILS))
    assert payload_of(told) == b"some"
    assert told[-1]["InvokeComplete"]["ErrorCode"] == "Stock.Gone"
    assert "no stock" in told[-1]["InvokeComplete"]["ErrorDetails"]


def test_boto3_gets_a_timeout_after_the_chunks(served: Served) -> None:
    told = events(served, custom(served.lab, timeout=1), do('s = begin()\nchunk(s, b"some")\ntime.sleep(60)'))
    assert payload_of(told) == b"some"
    assert told[-1]["InvokeComplete"]["ErrorCode"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in told[-1]["InvokeComplete"]["ErrorDetails"]


def test_boto3_gets_the_tail_of_the_log_at_the_end(served: Served) -> None:
    told = events(served, served.echo, {"a": 1}, LogType="Tail")
    tail = base64.b64decode(told[-1]["InvokeComplete"]["LogResult"]).decode()
    assert "seen {'a': 1}" in tail
    assert "REPORT RequestId: " in tail


def test_boto3_gets_the_version_and_the_id(served: Served) -> None:
    def call() -> dict[str, Any]:
        return dict(served.client.invoke_with_response_stream(FunctionName=served.echo, Payload=b"{}"))

    answer = served.call(call)
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36


def test_a_dry_run_streams_nothing(served: Served) -> None:
    def call() -> int:
        answer = served.client.invoke_with_response_stream(
            FunctionName=served.echo, Payload=b"{}", InvocationType="DryRun"
        )
        return answer["StatusCode"]

    assert served.call(call) == 204


@pytest.mark.parametrize(
    ("parameters", "code", "status"),
    [
        ({"FunctionName": "Nowhere"}, "ResourceNotFoundException", 404),
        ({"Payload": b"{"}, "InvalidRequestContentException", 400),
        ({"InvocationType": "Event"}, "ValidationException", 400),
    ],
)
def test_what_is_refused_is_refused_before_any_stream(
    served: Served, parameters: dict[str, Any], code: str, status: int
) -> None:
    def call() -> None:
        served.client.invoke_with_response_stream(
            **{"FunctionName": served.echo, "Payload": b"{}", **parameters}
        )

    with pytest.raises(ClientError) as raised:
        served.call(call)
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_function_goes_on_when_its_client_has_gone(served: Served, tmp_path: Path) -> None:
    work = f"""
s = begin()
chunk(s, b"first")
wait({str(tmp_path / "gone")!r})
for _ in range(20):
    chunk(s, b"x" * (1 << 20))
end(s)
pathlib.Path({str(tmp_path / "done")!r}).touch()
"""
    name = custom(served.lab, timeout=30)

    async def leaving() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        body = json.dumps(do(work)).encode()
        writer.write(
            f"POST /2021-11-15/functions/{name}/response-streaming-invocations HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{served.port}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        while b"first" not in await reader.read(1000):
            pass
        writer.transport.abort()
        (tmp_path / "gone").touch()
        while not (tmp_path / "done").exists():
            await asyncio.sleep(0.005)

    served.lab.run(leaving())
    assert payload_of(events(served, name, do(WELL))) == b"abc"


def test_a_client_of_http_1_0_gets_a_stream_that_ends_with_the_connection(served: Served) -> None:
    status, headers, body = served.raw(
        f"POST /2021-11-15/functions/{served.echo}/response-streaming-invocations HTTP/1.0\n"
        "Host: 127.0.0.1:PORT",
        b'{"a": 1}',
    )
    assert (status, "Transfer-Encoding" in headers) == (200, False)
    assert b'{"a": 1}' in body
    assert b"InvokeComplete" in body


@given(
    kind=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=50),
    payload=st.binary(max_size=2000),
)
def test_a_message_is_what_botocore_reads(kind: str, payload: bytes) -> None:
    from botocore.eventstream import EventStreamBuffer

    buffer = EventStreamBuffer()
    buffer.add_data(event_stream.message(kind, "text/plain", payload))
    messages: list[Any] = list(buffer)
    [read] = messages
    assert (read.headers[":event-type"], read.headers[":message-type"], read.payload) == (
        kind,
        "event",
        payload,
    )


def node(lab: Lab, source: str, **configuration: Any) -> str:
    return lab.function({"index.mjs": source}, runtime="nodejs22.x", **configuration)


STREAMS = "export const handler = awslambda.streamifyResponse(async (event, stream, context) => {\n%s\n});"


@needs_node
def test_node_streams_what_a_handler_writes(lab: Lab) -> None:
    source = STREAMS % (
        "stream.setContentType('text/plain'); stream.write('Hello '); stream.write({ to: 'you' });"
        "stream.write(new Uint8Array([33])); stream.end(event.last);"
    )
    name = node(lab, source)
    for _ in range(2):
        pieces, response = stream(lab, name, {"last": "."})
        assert b"".join(pieces) == b'Hello {"to":"you"}!.'
        assert response.function_error is None


@needs_node
def test_node_streams_through_a_pipeline_as_the_guide_shows(lab: Lab) -> None:
    source = """
        import { pipeline } from 'node:stream/promises';
        import { Readable } from 'node:stream';
        export const handler = awslambda.streamifyResponse(async (event, responseStream, _context) => {
          const requestStream = Readable.from(Buffer.from(JSON.stringify(event)));
          await pipeline(requestStream, responseStream);
        });
    """
    assert b"".join(stream(lab, node(lab, source), {"a": 1})[0]) == b'{"a":1}'


@needs_node
def test_node_streams_more_than_a_response_may_have(lab: Lab) -> None:
    source = STREAMS % (
        "const piece = Buffer.alloc(1 << 20, 120);"
        "for (let n = 0; n < 10; n++) if (!stream.write(piece)) await new Promise((go) => stream.once('drain', go));"
        "stream.end();"
    )
    assert sum(map(len, stream(lab, node(lab, source), {})[0])) == 10 << 20


@needs_node
def test_a_prelude_comes_before_what_a_node_handler_writes(lab: Lab) -> None:
    source = STREAMS % (
        "stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: 'b' } });"
        "stream.write('body'); stream.end();"
    )
    name = node(lab, source)

    async def streaming() -> tuple[str | None, bytes]:
        taken = ResponseStream()
        running = asyncio.ensure_future(lab.service.invoke(Request(function_name=name, payload=b"{}"), taken))
        body = b"".join([piece async for piece in taken])
        await running
        return taken.content_type, body

    assert lab.run(streaming()) == (
        "application/vnd.awslambda.http-integration-response",
        b'{"statusCode":201,"headers":{"a":"b"}}' + bytes(8) + b"body",
    )


@needs_node
def test_a_node_handler_that_throws_in_the_middle_ends_its_stream_with_the_error(lab: Lab) -> None:
    name = node(lab, STREAMS % "stream.write('some'); throw new TypeError('no stock');")
    pieces, response = stream(lab, name, {})
    assert pieces == [b"some"]
    error = json.loads(response.payload)
    assert (error["errorType"], error["errorMessage"]) == ("TypeError", "no stock")
    assert any("\tERROR\tInvoke Error \t" in line.text for line in lab.log)
    assert b"".join(stream(lab, name, {})[0]) == b"some"


@needs_node
def test_a_streaming_node_handler_must_be_async(lab: Lab) -> None:
    source = "export const handler = awslambda.streamifyResponse((event, stream) => { stream.write('x'); });"
    response = stream(lab, node(lab, source), {})[1]
    assert json.loads(response.payload)["errorMessage"] == "Streaming does not support non-async handlers."


@needs_node
def test_a_node_handler_that_never_ends_its_stream_times_out(lab: Lab) -> None:
    name = node(lab, STREAMS % "stream.write('some');", timeout=1)
    pieces, response = stream(lab, name, {})
    assert pieces == [b"some"]
    assert json.loads(response.payload)["errorType"] == "Sandbox.Timedout"


@needs_node
def test_the_content_type_of_a_node_stream_cannot_be_set_after_the_first_write(lab: Lab) -> None:
    name = node(lab, STREAMS % "stream.write('some'); stream.setContentType('text/html');")
    error = json.loads(stream(lab, name, {})[1].payload)
    assert error["errorType"] == "Runtime.InvalidStreamingOperation"


@needs_node
def test_who_waits_for_the_whole_of_a_node_stream_gets_it_in_one(lab: Lab) -> None:
    assert lab.invoke(node(lab, STREAMS % "stream.write('[1,'); stream.end('2]');")).value == [1, 2]
