"""The endpoint's server: who may call, and which operation a request is.

It listens on loopback and answers nothing that a web page could have sent: a request with another host's name
(DNS rebinding) or with an Origin is refused before it is looked at. Function URLs alone may be called by web pages, as
far as their own configuration lets them. Operations that are not here yet say so.

Source: Lambda API Reference, Invoke and "Common errors"; OWASP, "Server-Side Request Forgery" and cross-site posts.
"""

from __future__ import annotations

import asyncio
import errno
import json
import re
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from functools import lru_cache, partial
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from attrs import frozen

from lambdaform.errors import LocalError, UsageError
from lambdaform.local.access.invocation import AccessDeniedError
from lambdaform.local.access.keys import AccessKeys, Identity
from lambdaform.local.clock import wall_time
from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.endpoint.downloads import DOWNLOADS, HOST, Downloads
from lambdaform.local.endpoint.event_history import EventHistory
from lambdaform.local.endpoint.invoke import Asked, HttpAnswer, answer_to, asked_of, success
from lambdaform.local.endpoint.invoke_streaming import invoke_streaming
from lambdaform.local.endpoint.operations import Operations, most_bytes
from lambdaform.local.endpoint.patience import Patience, SlowClients, most_connections
from lambdaform.local.endpoint.recorder import Call, Recorder
from lambdaform.local.endpoint.refusals import refusal
from lambdaform.local.errors import AwsError, throttled
from lambdaform.local.front import Front, Response
from lambdaform.local.http import Connection, Head, Request
from lambdaform.local.physical import Account
from lambdaform.local.services.door import addressed
from lambdaform.local.sources.function_url.address import Address, address_of
from lambdaform.local.sources.function_url.server import FunctionUrls
from lambdaform.local.variables import SECRET_ACCESS_KEY, access_key_id, function_of_session

if TYPE_CHECKING:
    from lambdaform.local.service import LocalLambda
    from lambdaform.local.services.door import OtherServices

_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_INVOKE_STREAMING = re.compile(r"/2021-11-15/functions/([^/]+)/response-streaming-invocations/?")
#: Each of Lambda's paths begins with the date of its version.
_LAMBDA = re.compile(r"/20\d\d-\d\d-\d\d/")
_SERVICE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
#: Headers that browsers send of web pages.
_OF_A_PAGE = frozenset({"origin", "sec-fetch-site"})
#: Room for the largest payload and for what a client may send beyond it, so that it learns the limit.
_MAX_BODY = 16 << 20
#: Room for an object of S3 in one request; larger ones come in parts.
_MAX_OBJECT = 1 << 30
#: Services whose errors are XML (Smithy, "AWS restXml protocol"), by the names that requests are signed for.
_OF_XML = frozenset({"s3", "s3express", "s3-outposts", "cloudfront", "route53"})
_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


@frozen(eq=False)
class _Known:
    """What a request is, as far as its head tells: refused, for a function URL, an Invoke, or anything else.

    ``asked`` is None where an Invoke asks for something that there is not.
    """

    refused: HttpAnswer | None = None
    address: Address | None = None
    invoked: str | None = None
    asked: Asked | None = None


class Endpoint:
    """Serves `Front` and the control plane over HTTP on one port of 127.0.0.1."""

    def __init__(
        self,
        front: Front,
        plane: ControlPlane | None = None,
        recorder: Recorder | None = None,
        urls: FunctionUrls | None = None,
        *,
        notice: Callable[[str], None] | None = None,
        patience: Patience | None = None,
        services: OtherServices | None = None,
    ) -> None:
        self._front = front
        self._urls = urls
        self._notice = notice
        self._services = services
        self._patience = patience or Patience(connections=most_connections())
        self._operations = Operations(front, plane)
        self._downloads = Downloads(plane.state) if plane is not None else None
        self._recorder = recorder
        self._history = EventHistory(recorder.trail) if recorder is not None else None
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._slow_clients = SlowClients(self._patience, time.monotonic)
        self._sweep: asyncio.TimerHandle | None = None
        self._port = 0
        #: Clients repeat themselves: heads that are the same are one object, and are looked at once.
        self._known = lru_cache(maxsize=256)(self._recognised)

    @classmethod
    def of(cls, service: LocalLambda) -> Endpoint:
        """The endpoint of a service: its front, its control plane, its trail, and its functions' URLs."""

        def role_of(function_name: str) -> str | None:
            function = service.functions.find(function_name)
            return function.versions["$LATEST"].role if function is not None else None

        account, state = service.account, service.control.state
        keys = AccessKeys(account.account_id, account.partition)
        keys.lookups.append(partial(_session_of_a_function, account, role_of))
        keys.lookups.append(service.services.identity)
        service.services.know(keys.find)
        # The wall's time, as the log has it: a faster clock would have it jump back when a run ends.
        name_of, now = service.functions.name_of, wall_time
        recorder = Recorder(service.account, service.trail, now, keys.find, role_of, name_of)
        urls = FunctionUrls(service.front, state, keys, service.notice)
        return cls(
            service.front, service.control, recorder, urls, notice=service.notice, services=service.services
        )

    @property
    def url(self) -> str:
        """Where it is: ``http://127.0.0.1:4566``."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self, port: int) -> None:
        """Listen; with port 0 on any that is free. Raises `UsageError` where the port cannot be had."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: Connection(self, max_body=_MAX_BODY, larger=self._most_bytes, malformed=_malformed),
                "127.0.0.1",
                port,
                backlog=128,
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise UsageError(
                    f"Port {port} is in use.", right="End what listens there, or choose another with --port."
                ) from error
            reason = (error.strerror or str(error)).lower()
            raise UsageError(
                f"Port {port} cannot be listened on: {reason}.", right="Choose another with --port."
            ) from error
        self._port = self._server.sockets[0].getsockname()[1]
        if self._downloads is not None:
            self._downloads.start(f"127.0.0.1:{self._port}")
        if self._urls is not None:
            self._urls.start(self._port)

    def close(self) -> None:
        """Stop listening, and end every connection."""
        if self._server is not None:
            self._server.close()
        if self._sweep is not None:
            self._sweep.cancel()
        for task in tuple(self._running):
            task.cancel()
        for connection in tuple(self._connections):
            connection.close()

    def _most_bytes(self, head: Head) -> int:
        """The most bytes that a large body may have: an object of S3 may be larger than any call of Lambda."""
        return most_bytes(head) if self._services is None or _is_lambda(head) else _MAX_OBJECT

    def connected(self, connection: Connection) -> None:
        """A client connected: it makes room for itself, or is told that there is none."""
        if len(self._connections) >= self._patience.connections and not self._slow_clients.make_room(
            self._connections
        ):
            answer = refusal(throttled("CallerRateLimitExceeded"))
            connection.reply(answer.status, answer.body, {**answer.headers, "Connection": "close"})
            connection.end()
            return
        self._connections.add(connection)
        if self._sweep is None:
            self._look()

    def disconnected(self, connection: Connection) -> None:
        """A client went away; what it asked for goes on."""
        self._connections.discard(connection)

    def _look(self) -> None:
        """Look at all connections, now and as long as there are any."""
        self._slow_clients.sweep(self._connections)
        loop = asyncio.get_running_loop()
        self._sweep = loop.call_later(self._patience.period, self._look) if self._connections else None

    def request(self, connection: Connection, request: Request) -> None:
        """One request: refused, or answered: an invocation once its event is, all others by a task of their own."""
        known = self._known(request.head)
        if known.invoked is not None:
            self._invoke(connection, request, known.invoked, known.asked)
        elif known.refused is not None:
            _send(connection, request, known.refused, str(uuid.uuid4()))
        elif known.address is not None and self._urls is not None:
            self._run(self._serve_url(self._urls, connection, request, known.address))
        else:
            self._run(self._serve(connection, request))

    def _recognised(self, head: Head) -> _Known:
        address = address_of(head) if self._urls is not None else None
        refused = _refusal(head, self._port, is_for_a_url=address is not None)
        if refused is not None or address is not None:
            return _Known(refused, address)
        found = _INVOKE.fullmatch(head.path) if head.method == "POST" else None
        if found is None:
            return _Known()
        function_name = unquote(found[1])
        try:
            return _Known(invoked=function_name, asked=asked_of(self._front, function_name, head))
        except AwsError:
            # It is raised anew when it is told.
            return _Known(invoked=function_name)

    def _run(self, answering: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(answering)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _invoke(
        self, connection: Connection, request: Request, function_name: str, asked: Asked | None
    ) -> None:
        call = Call(request.headers, "Invoke", function_name=function_name)

        def then(response: Response | Exception) -> None:
            if isinstance(response, Exception):
                self._finish(connection, request, call, self._failure(request, call, response))
                return
            head = success(response)
            if head is not None:
                connection.answer(head, response.payload)
            if head is None:
                self._finish(connection, request, call, answer_to(response))
            else:
                self._record(connection, call, response.request_id, response.executed_version)

        front = self._front
        try:
            asked = asked or asked_of(front, function_name, request.head)
            front.begin(asked.with_payload(front, request), then)
        except Exception as error:  # noqa: BLE001 - it is told to the client
            then(error)
        # While the function works.
        self._meet(call)

    async def _serve_url(
        self, urls: FunctionUrls, connection: Connection, request: Request, address: Address
    ) -> None:
        try:
            await urls.serve(connection, request, address)
        except Exception as error:  # noqa: BLE001 - it is told here, and its client sees that there is no more
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"{request.method} {request.path} of a function URL failed.", "exception": error}
            )
            connection.close()

    async def _serve(self, connection: Connection, request: Request) -> None:
        call = Call(request.headers)
        HOST.set(request.headers.get("host"))
        try:
            answer = await self._operate(connection, request, call)
        except Exception as error:  # noqa: BLE001 - it is told to the client
            answer = self._failure(request, call, error)
        self._finish(connection, request, call, answer)

    def _finish(self, connection: Connection, request: Request, call: Call, answer: HttpAnswer) -> None:
        """Send the answer, unless it came piece by piece and is sent already, and record the call."""
        request_id = answer.headers.get("x-amzn-RequestId") or str(uuid.uuid4())
        if not answer.is_sent:
            _send(connection, request, answer, request_id)
        self._record(connection, call, request_id, answer.headers.get("X-Amz-Executed-Version"))

    def _record(self, connection: Connection, call: Call, request_id: str, version: str | None) -> None:
        if self._recorder is not None and call.operation:
            self._recorder.put(call, request_id, connection.peer, version)

    def _meet(self, call: Call) -> None:
        if self._recorder is not None:
            self._recorder.meet(call)

    def _failure(self, request: Request, call: Call, error: Exception) -> HttpAnswer:
        """The answer to a request that failed."""
        if isinstance(error, AccessDeniedError) and self._notice is not None:
            self._notice(f"{call.operation} was refused. {error.remedy}")
        if isinstance(error, AwsError):
            call.error = error
        elif isinstance(error, LocalError):
            call.error = AwsError("InvalidParameterValueException", str(error), 400)
        else:
            # A fault of ours: told here, and the client gets an answer.
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"{request.method} {request.path} failed.", "exception": error}
            )
            message = f"lambdaform failed: {type(error).__name__}: {error}"
            call.error = AwsError("ServiceException", message, 500, kind="Service")
        if call.error.code == "ValidationException":
            call.error = self._operations.in_full(request, call.error)
        return _error(request, call.error)

    async def _operate(self, connection: Connection, request: Request, call: Call) -> HttpAnswer:
        if request.method == "POST" and (found := _INVOKE_STREAMING.fullmatch(request.path)) is not None:
            call.operation, call.function_name = "InvokeWithResponseStream", unquote(found[1])
            self._meet(call)
            return await invoke_streaming(self._front, call.function_name, request, connection)
        if self._downloads is not None and request.path.startswith(DOWNLOADS):
            return await self._downloads.answer(request)
        if not _is_lambda(request):
            if self._history is not None and self._history.is_asked(request):
                return await self._history.answer(request)
            if self._services is None:
                raise AwsError("NotImplemented", _not_here(request), 501)
            return await self._services.answer(request)
        route = self._operations.find(request)
        if route is None:
            message = f"{request.method} {request.path[:200]} is no operation of lambda."
            raise AwsError("UnknownOperationException", message, 404)
        self._meet(call)
        return await self._operations.answer(route, request, call)


def _session_of_a_function(
    account: Account, role_of: Callable[[str], str | None], access_key: str, session_token: str
) -> Identity | None:
    """A function's session of its role, by the credentials that its environment has."""
    name = function_of_session(session_token)
    role = role_of(name) if name else None
    if role is None or access_key != access_key_id(account.account_id):
        return None
    role_name = role.rpartition("/")[2]
    return Identity(
        access_key=access_key,
        secret=SECRET_ACCESS_KEY,
        arn=f"arn:{account.partition}:sts::{account.account_id}:assumed-role/{role_name}/{name}",
        user_id=f"AROALOCALROLE:{name}",
    )


def _refusal(head: Head, port: int, *, is_for_a_url: bool) -> HttpAnswer | None:
    """Why a request is not looked at: it may come from a web page, and is for no function URL."""
    host = head.headers.get("host", "")
    if host == f"127.0.0.1:{port}" and not _OF_A_PAGE & head.headers.keys():
        return None
    name, _, number = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not name:
        name, number = host, "80"
    is_local = name.lower() in _LOCAL_NAMES or name.lower().endswith(".localhost")
    if not is_local or number != str(port):
        return _forbidden(
            f"The host {host[:100]!r} is not this endpoint's: call it as 127.0.0.1 or localhost."
        )
    if is_for_a_url:
        return None
    if "origin" in head.headers or head.headers.get("sec-fetch-site", "none") not in (
        "none",
        "same-origin",
    ):
        return _forbidden("Requests of web pages are not answered.")
    return None


def _forbidden(message: str) -> HttpAnswer:
    body = json.dumps({"Type": "User", "Message": message}).encode()
    return HttpAnswer(
        403, body, {"Content-Type": "application/json", "x-amzn-ErrorType": "AccessDeniedException"}
    )


def _is_lambda(request: Request | Head) -> bool:
    """Whether a request is for Lambda: by what signed it, or else by its path."""
    signed = _SERVICE.search(request.headers.get("authorization", ""))
    return signed[1] == "lambda" if signed else _LAMBDA.match(request.path) is not None


def _not_here(request: Request) -> str:
    signed = _SERVICE.search(request.headers.get("authorization", ""))
    target = request.headers.get("x-amz-target", "").rpartition(".")[2]
    what = target or f"{request.method} {request.path}"
    return f"lambdaform does not serve {what[:200]} of {signed[1] if signed else 'this service'} yet. It serves lambda."


def _error(request: Request, error: AwsError) -> HttpAnswer:
    if _is_lambda(request):
        return refusal(error)
    headers = {"x-amzn-ErrorType": error.code}
    code, message = escape(error.code, quote=False), escape(error.message, quote=False)
    if addressed(request, "").service in _OF_XML:
        text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        return HttpAnswer(error.status, text.encode(), {**headers, "Content-Type": "application/xml"})
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
            f"<Message>{message}</Message></Error></ErrorResponse>"
        )
        return HttpAnswer(error.status, text.encode(), {**headers, "Content-Type": "text/xml"})
    body = {"__type": error.code, "message": error.message}
    return HttpAnswer(
        error.status, json.dumps(body).encode(), {**headers, "Content-Type": "application/json"}
    )


def _malformed(sentence: str) -> tuple[bytes, Mapping[str, str]]:
    """Body and headers of the answer to a request whose body cannot be read."""
    answer = refusal(AwsError("InvalidRequestContentException", sentence, 400))
    return answer.body, answer.headers


def _send(connection: Connection, request: Request, answer: HttpAnswer, request_id: str) -> None:
    headers: Mapping[str, str] = {"x-amzn-RequestId": request_id, **answer.headers}
    if request.method == "HEAD":
        given = any(name.lower() == "content-length" for name in headers)
        connection.reply(answer.status, b"", headers, with_length=not given)
        return
    connection.reply(answer.status, answer.body, headers)
