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
from lambdaform.local.front import Front
from lambdaform.local.front import Request as Invocation
from lambdaform.local.http import Connection, Request
from lambdaform.local.response_stream import ResponseStream
from lambdaform.local.sources.function_url.address import Address, host_of
from lambdaform.local.sources.function_url.answer import BadAnswer
from lambdaform.local.sources.function_url.cors import is_preflight
from lambdaform.local.sources.function_url.exchange import Exchange

_FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)


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
        self._port = 0
        self._by_id: dict[str, _Url] | None = None
        state.on_change.append(self._forget)

    def start(self, port: int) -> None:
        """From here on URLs are told with the port on which they are served."""
        self._port = port
        self._state.url_of = lambda url_id: f"http://{self._domain(url_id)}/"

    async def serve(self, connection: Connection, request: Request, address: Address) -> None:
        """Answer one request."""
        url, request_id = self._find(address), self._front.new_id()
        trace = self._front.new_trace(request.headers.get("x-amzn-trace-id"))
        if url is None:
            nowhere = Exchange(connection, request, request_id, trace)
            nowhere.refusal(AwsError("AccessDeniedException", "", 403))
            return
        record = url.record
        exchange = Exchange(connection, request, request_id, trace, record.cors)
        if record.cors and is_preflight(request):
            exchange.preflight(record.cors)
            return
        try:
            identity = self._identified(url, request)
            invocation = self._invocation(exchange, address, url, identity)
            if record.invoke_mode == "RESPONSE_STREAM":
                await self._stream(exchange, invocation)
            else:
                exchange.result(await self._front.invoke(invocation))
        except AccessDeniedError as error:
            self._say(f"The URL of {url.name} refused {request.method} {address.path}. {error.remedy}")
            exchange.refusal(AwsError("AccessDeniedException", _FORBIDDEN, 403))
        except AwsError as error:
            exchange.refusal(error)
        except BadAnswer as error:
            self._say(f"The URL of {url.name} answered 502: {error}")
            exchange.failure()
        except LocalError as error:
            self._say(f"The URL of {url.name} cannot answer: {error}")
            exchange.failure()

    async def _stream(self, exchange: Exchange, invocation: Invocation) -> None:
        """Send what a function streams while it runs."""
        stream = ResponseStream()
        running = asyncio.ensure_future(self._front.invoke(invocation, stream))
        try:
            if await stream.begun():
                is_open = await exchange.stream(stream)
                response = await running
                if is_open:
                    exchange.end(response)
            else:
                exchange.as_it_is(await running)
        finally:
            running.cancel()

    def _find(self, address: Address) -> _Url | None:
        if address.region is not None and address.region != self._state.account.region:
            return None
        if self._by_id is None:
            self._by_id = {
                record.url_id: _Url(name, record) for (name, _), record in self._state.urls.items()
            }
        return self._by_id.get(address.url_id)

    def _domain(self, url_id: str) -> str:
        """The host of a URL with its port, as browsers name it."""
        return f"{host_of(url_id, self._state.account.region)}:{self._port}"

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
        self, exchange: Exchange, address: Address, url: _Url, identity: Identity | None
    ) -> Invocation:
        """The invocation that a request asks for. Raises `AwsError` for one that is too large."""
        # Payloads take time to import, and many a run has no URLs.
        from lambdaform.local.sources.function_url.event import Arrival, event_of

        request, source_ip = exchange.request, exchange.connection.peer
        limit = self._front.payload_limit("RequestResponse")
        if request.is_too_large or request.size > limit:
            raise too_large(limit)
        arrival = Arrival(
            url_id=address.url_id,
            domain=self._domain(address.url_id),
            path=address.path,
            source_ip=source_ip,
            request_id=exchange.request_id,
            moment=self._state.clock.now(),
            trace=exchange.trace,
        )
        caller = identity.caller if identity is not None else Caller()
        return Invocation(
            function_name=url.function_name,
            qualifier=url.record.qualifier or None,
            payload=json.dumps(event_of(request, arrival, identity), ensure_ascii=False).encode(),
            trace=exchange.trace,
            caller=evolve(caller, source_ip=source_ip),
            url_auth_type=url.record.auth_type,
            request_id=exchange.request_id,
        )

    def _say(self, sentence: str) -> None:
        if sentence not in self._said and len(self._said) < 1000:
            self._said.add(sentence)
            self._notice(sentence)
