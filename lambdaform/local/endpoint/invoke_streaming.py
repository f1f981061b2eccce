"""InvokeWithResponseStream over HTTP: the answer is an event stream, and starts while the function runs.

Every piece is a ``PayloadChunk``; the last event, ``InvokeComplete``, says how it went. What a function returns
that does not stream comes as chunks, too. A client that goes away does not stop the function.

Source: Lambda API Reference, InvokeWithResponseStream; AWS Lambda Developer Guide, configuration-response-streaming.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator

from lambdaform.local.endpoint.event_stream import message
from lambdaform.local.endpoint.invoke import HttpAnswer, asked_of
from lambdaform.local.front import Front, Response
from lambdaform.local.http import Connection, Request
from lambdaform.local.response_stream import ResponseStream

#: The most bytes of payload in one event; SDKs take up to 16 MB.
_CHUNK = 1 << 17


async def invoke_streaming(
    front: Front, function_name: str, request: Request, connection: Connection
) -> HttpAnswer:
    """One call, whose answer is sent piece by piece where there is one. Raises `AwsError` for what Lambda refuses."""
    invocation = asked_of(front, function_name, request.head, streams=True).with_payload(front, request)
    stream = ResponseStream()
    running = asyncio.ensure_future(front.invoke(invocation, stream))
    try:
        if not await stream.begun():
            response = await running
            if response.status != 200:
                return HttpAnswer(response.status, headers={"x-amzn-RequestId": response.request_id})
        headers = {
            "x-amzn-RequestId": stream.request_id or "",
            "X-Amz-Executed-Version": stream.executed_version or "",
            "Content-Type": "application/vnd.amazon.eventstream",
        }
        if stream.content_type is not None:
            headers["X-Amzn-Remapped-Content-Type"] = stream.content_type
        connection.begin(200, headers)
        async for piece in stream:
            for chunk in _chunks(piece):
                connection.send(chunk)
            await connection.drained()
        response = await running
        if response.function_error is None:
            for chunk in _chunks(response.payload):
                connection.send(chunk)
        connection.send(_complete(response))
        connection.finish()
        return HttpAnswer(200, headers=headers, is_sent=True)
    finally:
        running.cancel()


def _chunks(payload: bytes) -> Iterator[bytes]:
    for at in range(0, len(payload), _CHUNK):
        yield message("PayloadChunk", "application/octet-stream", payload[at : at + _CHUNK])


def _complete(response: Response) -> bytes:
    told = {}
    if response.function_error is not None:
        told["ErrorCode"] = _error_code(response)
        told["ErrorDetails"] = response.payload.decode(errors="replace")
    if response.tail is not None:
        told["LogResult"] = base64.b64encode(response.tail).decode()
    return message("InvokeComplete", "application/json", json.dumps(told).encode())


def _error_code(response: Response) -> str:
    """The type that the error names itself, else the one that Lambda gives it."""
    try:
        named = json.loads(response.payload)["errorType"]
    except (ValueError, LookupError, TypeError):
        named = None
    return named if isinstance(named, str) else response.error_type or "Runtime.Unknown"
