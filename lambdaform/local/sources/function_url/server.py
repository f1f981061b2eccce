"""Function URLs served: a request becomes an event, the function's result a response.

Who may call is decided by the URL's auth type and the function's resource policies, which web pages by its CORS
configuration. What is refused, and why, is said to whoever runs the service, once each.

Source: AWS Lambda Developer Guide, urls-invocation, urls-auth, urls-configuration and configuration-response-streaming;
responses recorded from AWS.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from email.utils import formatdate

from attrs import evolve, frozen

from lambdaform.errors import LocalError
from lambdaform.local.access.caller import Caller
from lambdaform.local.access.invocation import AccessDeniedError
from lambdaform.local.access.keys import AccessKeys, Identity
from lambdaform.local.access.signature import is_signed, verify
from lambdaform.local.clock import wall_time
from lambdaform.local.control.records import UrlRecord
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, too_large
from lambdaform.local.front import Front, Response
from lambdaform.local.front import Request as Invocation
from lambdaform.local.http import Connection, Request
from lambdaform.local.response_stream import ResponseStream
from lambdaform.local.sources.function_url import cors
from lambdaform.local.sources.function_url.address import Address, host_of
from lambdaform.local.sources.function_url.answer import (
    END_OF_PRELUDE,
    INTEGRATION,
    MOST_PRELUDE,
    BadAnswer,
    Head,
    head_of,
    result_of,
)

_FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
_JSON = {"Content-Type": "application/json"}


@frozen
class _Url:
    function_name: str
    record: UrlRecord

    @property
    def name(self) -> str:
        """What a person calls it."""
        qualifier = self.record.qualifier
        return f"{self.function_name}:{qualifier}" if qualifier else self.function_name


class FunctionUrls:
    """Serves the function URLs of an account's state through the front."""

    def __init__(self, front: Front, state: State, keys: AccessKeys, notice: Callable[[str], None]) -> None:
        self._front = front
        self._state = state
        self._keys = keys
        self._notice = notice
        self._said: set[str] = set()
        self._by_id: dict[str, _Url] | None = None
        state.on_change.append(self._forget)

    def start(self, port: int) -> None:
        """From here on URLs are told with the port on which they are served."""
        region = self._state.account.region
        self._state.url_of = lambda url_id: f"http://{host_of(url_id, region)}:{port}/"

    async def serve(self, connection: Connection, request: Request, address: Address) -> None:
        """Answer one request."""
        url = self._find(address)
        if url is None:
            nobody = AwsError("AccessDeniedException", "", 403)
            self._refuse(connection, request, nobody, self._front.new_id(), body=b'{"Message":null}')
            return
        record = url.record
        if record.cors and cors.is_preflight(request):
            more = cors.preflight_headers(record.cors, request)
            connection.reply(200, b"", {**_own_headers(self._front.new_id()), **_JSON}, more)
            return
        request_id = self._front.new_id()
        try:
            identity = self._identified(url, request)
            invocation = self._invocation(connection, request, address, url, identity, request_id)
            if record.invoke_mode == "RESPONSE_STREAM":
                await self._stream(connection, request, url, invocation)
            else:
                response = await self._front.invoke(invocation)
                self._answer(connection, request, url, response)
        except AccessDeniedError as error:
            self._say(f"The URL of {url.name} refused {request.method} {address.path}. {error.remedy}")
            forbidden = AwsError("AccessDeniedException", _FORBIDDEN, 403)
            self._refuse(connection, request, forbidden, request_id, url=url)
        except AwsError as error:
            self._refuse(connection, request, error, request_id, url=url)
        except LocalError as error:
            self._say(f"The URL of {url.name} cannot answer: {error}")
            self._fail(connection, request, url, request_id)

    def _find(self, address: Address) -> _Url | None:
        if address.region is not None and address.region != self._state.account.region:
            return None
        if self._by_id is None:
            self._by_id = {
                record.url_id: _Url(name, record) for (name, _), record in self._state.urls.items()
            }
        return self._by_id.get(address.url_id)

    def _forget(self, _: str) -> None:
        self._by_id = None

    def _identified(self, url: _Url, request: Request) -> Identity | None:
        """Who signed the request, where somebody has to. Raises `AwsError`."""
        if url.record.auth_type == "NONE":
            return None
        if not is_signed(request):
            self._say(
                f"The URL of {url.name} refused a request without a signature: its auth type is AWS_IAM. "
                "Sign it for the service lambda, with the access key test and the secret test."
            )
            raise AwsError("AccessDeniedException", _FORBIDDEN, 403)
        region = self._state.account.region
        return verify(request, self._keys, region=region, service="lambda", now=wall_time())

    def _invocation(
        self,
        connection: Connection,
        request: Request,
        address: Address,
        url: _Url,
        identity: Identity | None,
        request_id: str,
    ) -> Invocation:
        # Payloads take time to import, and many a run has no URLs.
        from lambdaform.local.sources.function_url.event import Arrival, event_of

        limit = self._front.payload_limit("RequestResponse")
        if request.is_too_large or request.size > limit:
            raise too_large(limit)
        trace = self._front.new_trace(request.headers.get("x-amzn-trace-id"))
        arrival = Arrival(
            url_id=address.url_id,
            domain=host_of(address.url_id, self._state.account.region),
            path=address.path,
            source_ip=connection.peer,
            request_id=request_id,
            moment=self._state.clock.now(),
            trace=trace,
        )
        event = event_of(request, arrival, identity)
        caller = identity.caller if identity is not None else Caller()
        return Invocation(
            function_name=url.function_name,
            qualifier=url.record.qualifier or None,
            payload=json.dumps(event, ensure_ascii=False).encode(),
            trace=trace,
            caller=evolve(caller, source_ip=connection.peer),
            url_auth_type=url.record.auth_type,
            request_id=request_id,
        )

    def _answer(self, connection: Connection, request: Request, url: _Url, response: Response) -> None:
        """Send what a function returned."""
        if response.function_error is not None:
            self._fail(connection, request, url, response.request_id)
            return
        try:
            result = result_of(response.payload)
        except BadAnswer as error:
            self._say(f"The URL of {url.name} answered 502: {error}")
            self._fail(connection, request, url, response.request_id)
            return
        self._reply(connection, request, url, result.head, result.body, response.request_id)

    async def _stream(
        self, connection: Connection, request: Request, url: _Url, invocation: Invocation
    ) -> None:
        """Send what a function streams while it runs. What one that does not stream returns is sent as it is."""
        stream = ResponseStream()
        running = asyncio.ensure_future(self._front.invoke(invocation, stream))
        request_id = invocation.request_id or ""
        try:
            if not await stream.begun():
                response = await running
                if response.function_error is not None:
                    self._fail(connection, request, url, request_id)
                else:
                    head = Head(200, (("Content-Type", "application/json"),))
                    self._reply(connection, request, url, head, response.payload, request_id)
                return
            pieces = aiter(stream)
            head, first = (
                Head(200, (("Content-Type", stream.content_type or "application/octet-stream"),)),
                b"",
            )
            if stream.content_type == INTEGRATION:
                prelude = bytearray()
                while END_OF_PRELUDE not in prelude and len(prelude) < MOST_PRELUDE:
                    piece = await anext(pieces, None)
                    if piece is None:
                        break
                    prelude += piece
                given, end, first = bytes(prelude).partition(END_OF_PRELUDE)
                if not end:
                    raise BadAnswer(
                        "The stream has no prelude: status and headers, and then eight zero bytes."
                    )
                head = head_of(given)
            connection.begin(head.status, _own_headers(request_id), self._with_cors(head, request, url))
            has_body = request.method != "HEAD" and head.status not in (204, 304)
            if has_body:
                connection.send(first)
            async for piece in pieces:
                if has_body:
                    connection.send(piece)
                    await connection.drained()
            response = await running
            if response.function_error is not None:
                # The client is to see that there should have been more.
                connection.close()
                return
            connection.finish()
        except BadAnswer as error:
            self._say(f"The URL of {url.name} answered 502: {error}")
            self._fail(connection, request, url, request_id)
        finally:
            running.cancel()

    def _reply(
        self,
        connection: Connection,
        request: Request,
        url: _Url,
        head: Head,
        body: bytes,
        request_id: str,
    ) -> None:
        if request.method == "HEAD" or head.status in (204, 304):
            body = b""
        headers = _own_headers(request_id)
        connection.reply(head.status, body, headers, self._with_cors(head, request, url))

    def _with_cors(self, head: Head, request: Request, url: _Url) -> list[tuple[str, str]]:
        return [*head.headers, *cors.response_headers(url.record.cors, request)]

    def _fail(self, connection: Connection, request: Request, url: _Url, request_id: str) -> None:
        """The answer to whoever called a function that failed."""
        head = Head(502, (("Content-Type", "application/json"),))
        self._reply(connection, request, url, head, b"Internal Server Error", request_id)

    def _refuse(
        self,
        connection: Connection,
        request: Request,
        error: AwsError,
        request_id: str,
        *,
        url: _Url | None = None,
        body: bytes | None = None,
    ) -> None:
        """An error of Lambda's itself."""
        if body is None:
            name = "Message" if error.code == "AccessDeniedException" else "message"
            body = json.dumps({**error.extra, name: error.message}, separators=(",", ":")).encode()
        more = cors.response_headers(url.record.cors, request) if url is not None else []
        told = {**_own_headers(request_id), **_JSON, "x-amzn-ErrorType": error.code}
        connection.reply(error.status, b"" if request.method == "HEAD" else body, told, more)

    def _say(self, sentence: str) -> None:
        if sentence not in self._said and len(self._said) < 1000:
            self._said.add(sentence)
            self._notice(sentence)


def _own_headers(request_id: str) -> dict[str, str]:
    return {"Date": formatdate(usegmt=True), "x-amzn-RequestId": request_id}
