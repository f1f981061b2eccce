"""One request to a function URL, and the ways in which it is answered.

Source: AWS Lambda Developer Guide, urls-invocation, urls-configuration and configuration-response-streaming; responses
recorded from AWS.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from email.utils import formatdate
from typing import Any

from attrs import frozen

from lambdaform.local.errors import AwsError
from lambdaform.local.front import Response
from lambdaform.local.http import Connection, Request
from lambdaform.local.response_stream import ResponseStream
from lambdaform.local.sources.function_url import cors
from lambdaform.local.sources.function_url.answer import (
    END_OF_PRELUDE,
    INTEGRATION,
    MOST_PRELUDE,
    BadAnswer,
    Head,
    head_of,
    result_of,
)

_JSON = (("Content-Type", "application/json"),)
#: Statuses of responses that have no body.
_EMPTY = (204, 304)


@frozen
class Exchange:
    """A request, and where its answer goes.

    ``trace`` is the tracing header of both; ``cors`` is the configuration of the URL, if it has one.
    """

    connection: Connection
    request: Request
    request_id: str
    trace: str
    cors: Mapping[str, Any] | None = None

    def preflight(self, configuration: Mapping[str, Any]) -> None:
        """Answer a browser's question what a page may send."""
        more = (*_JSON, *cors.preflight_headers(configuration, self.request))
        self.connection.reply(200, b"", self._own_headers, more)

    def result(self, response: Response) -> None:
        """Send what a function returned. Raises `BadAnswer` where that is no response."""
        if response.function_error is not None:
            self.failure()
            return
        made = result_of(response.payload)
        self._reply(made.head, made.body)

    def as_it_is(self, response: Response) -> None:
        """Send what a function returned that could have streamed, and did not."""
        if response.function_error is not None:
            self.failure()
        else:
            self._reply(Head(200, _JSON), response.payload)

    async def stream(self, stream: ResponseStream) -> bool:
        """Send what a function streams; whether the answer is still to be ended, by `end`.

        Raises `BadAnswer` for a stream that has no prelude and needs one.
        """
        pieces = aiter(stream)
        if stream.content_type == INTEGRATION:
            head, first = await _prelude(pieces)
        else:
            head, first = Head(200, (("Content-Type", stream.content_type or ""),)), b""
        if self._has_no_body(head):
            async for _ in pieces:
                pass
            self._reply(head, b"")
            return False
        self.connection.begin(head.status, self._own_headers, self._with_cors(head))
        self.connection.send(first)
        async for piece in pieces:
            self.connection.send(piece)
            await self.connection.drained()
        return True

    def end(self, response: Response) -> None:
        """What has been streamed was all of it, or should have been more: then the client sees that."""
        if response.function_error is not None:
            self.connection.close()
        else:
            self.connection.finish()

    def failure(self) -> None:
        """The answer to whoever called a function that failed."""
        self._reply(Head(502, _JSON), b"Internal Server Error")

    def refusal(self, error: AwsError) -> None:
        """An error of Lambda's itself."""
        member = "Message" if error.code == "AccessDeniedException" else "message"
        body = json.dumps({**error.extra, member: error.message or None}, separators=(",", ":"))
        self._reply(Head(error.status, (*_JSON, ("x-amzn-ErrorType", error.code))), body.encode())

    @property
    def _own_headers(self) -> dict[str, str]:
        return {
            "Date": formatdate(usegmt=True),
            "x-amzn-RequestId": self.request_id,
            "X-Amzn-Trace-Id": self.trace,
        }

    def _reply(self, head: Head, body: bytes) -> None:
        if self._has_no_body(head):
            body = b""
        self.connection.reply(head.status, body, self._own_headers, self._with_cors(head))

    def _has_no_body(self, head: Head) -> bool:
        return self.request.method == "HEAD" or head.status in _EMPTY

    def _with_cors(self, head: Head) -> list[tuple[str, str]]:
        return [*head.headers, *cors.response_headers(self.cors, self.request)]


async def _prelude(pieces: AsyncIterator[bytes]) -> tuple[Head, bytes]:
    """The status and headers with which a stream begins, and what has come of its body with them."""
    begun = bytearray()
    async for piece in pieces:
        begun += piece
        if END_OF_PRELUDE in begun or len(begun) > MOST_PRELUDE:
            break
    given, end, rest = bytes(begun).partition(END_OF_PRELUDE)
    if not end:
        raise BadAnswer("The stream has no prelude: status and headers, and then eight zero bytes.")
    return head_of(given), rest
