"""The door of every invocation: from a name and a payload to an answer.

Which version, whether there is room, which environment: decided here, in this order, for callers that wait. An
event that nobody waits for goes to the asynchronous queue, whose attempts come back through `Front.attempt`.

Source: Lambda API Reference, Invoke; AWS Lambda Developer Guide, lambda-invocation; deck section B6.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from attrs import define, frozen

from lambdaform.errors import LocalError
from lambdaform.facts.quotas import Quotas
from lambdaform.local.access.caller import Caller
from lambdaform.local.access.invocation import INVOKE, INVOKE_URL, AccessDeniedError, may_invoke
from lambdaform.local.access.statements import Statement
from lambdaform.local.admission import Admission, Seat
from lambdaform.local.cognito_identity import CognitoIdentity
from lambdaform.local.control.functions import Functions, Target
from lambdaform.local.control.names import parse_name
from lambdaform.local.errors import (
    AwsError,
    invalid_payload,
    no_utf8,
    pending,
    too_large,
)
from lambdaform.local.event import Event
from lambdaform.local.outcome import Answer
from lambdaform.local.physical import Account
from lambdaform.local.places import Environment, Ticket
from lambdaform.local.pool import MOMENT, Pool
from lambdaform.local.response_stream import ResponseStream
from lambdaform.local.tracing import Tracing

InvocationType = Literal["RequestResponse", "Event", "DryRun"]


@frozen(kw_only=True)
class Request:
    """One call of Invoke. ``client_context`` is JSON text, not Base64; ``trace`` is the caller's tracing header.

    The context and the ``cognito_identity`` are given to functions whose answer is waited for.
    ``caller`` is None for the function's own account; ``url_auth_type`` is that of the function URL that was called.
    ``request_id`` is given by who has told it already; ``is_nested`` says that a function calls, which waits for the answer.
    """

    function_name: str
    payload: bytes = b""
    qualifier: str | None = None
    invocation_type: InvocationType = "RequestResponse"
    client_context: str | None = None
    cognito_identity: CognitoIdentity | None = None
    wants_tail: bool = False
    trace: str | None = None
    tenant_id: str | None = None
    caller: Caller | None = None
    url_auth_type: str | None = None
    request_id: str | None = None
    is_nested: bool = False


@frozen(kw_only=True)
class Response:
    """What Invoke gives back: a status of 200, 202 or 204, and for 200 what the function returned or raised."""

    status: int
    request_id: str
    payload: bytes = b""
    function_error: str | None = None
    error_type: str | None = None
    executed_version: str | None = None
    tail: bytes | None = None


@frozen(kw_only=True)
class Accepted:
    """An event that was accepted for asynchronous invocation, and so must not be lost."""

    request_id: str
    payload: bytes
    target: Target
    trace_id: str


#: What is told how an invocation went, once, at once or later: its response, or why there is none.
Then = Callable[["Response | Exception"], None]


class AsyncQueue(Protocol):
    """Where accepted events wait for their attempts."""

    def accept(self, event: Accepted) -> None:
        """Take an event; from here on it is the queue's to see it through."""


class Front:
    """Invoke, over functions, their concurrency, and their environments."""

    def __init__(
        self,
        *,
        account: Account,
        quotas: Quotas,
        functions: Functions,
        admission: Admission,
        pool: Pool,
        chance: random.Random,
        now: Callable[[], float],
    ) -> None:
        self.account = account
        self._quotas = quotas
        self._functions = functions
        self._admission = admission
        self._pool = pool
        self._chance = chance
        self._now = now
        self._tracing = Tracing(chance, now)
        #: Those for whom there was no room, while some was about to be free.
        self._patient: deque[_Run] = deque()
        self.queue: AsyncQueue | None = None
        #: The statements that could decide on a function's calls by a qualifier; None where nobody is refused.
        self.policies: Callable[[str, str | None], Sequence[Statement]] | None = None
        self._own = Caller(arn=f"arn:{account.partition}:iam::{account.account_id}:root")
        self._prefix = f"arn:{account.partition}:lambda:{account.region}:{account.account_id}:function:"

    async def invoke(self, request: Request, stream: ResponseStream | None = None) -> Response:
        """One invocation. Raises `AwsError` for what Lambda refuses, `LocalError` for what cannot run here.

        What the function streams goes to ``stream``, where there is one, and else into the response.
        """
        answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def then(response: Response | Exception) -> None:
            if answered.done():
                return
            if isinstance(response, Response):
                answered.set_result(response)
            else:
                answered.set_exception(response)

        run: _Run | None = None
        try:
            run = self.begin(request, then, stream)
            return await answered
        except asyncio.CancelledError:
            if run is not None:
                run.withdraw()
            raise
        finally:
            if stream is not None:
                stream.end()

    def begin(self, request: Request, then: Then, stream: ResponseStream | None = None) -> _Run | None:
        """Begin one invocation, as `invoke`, without waiting for it; what has begun, if anything has.

        Raises `AwsError` for what Lambda refuses at once, `LocalError` for what cannot run here.
        """
        target = self.target(request.function_name, request.qualifier)
        if target.configuration.tenant_isolation or request.tenant_id is not None:
            target = target.of_tenant(request.tenant_id)
        self._check_access(request, target)
        payload = self._checked(request)
        request_id = request.request_id or self.new_id()
        if request.invocation_type == "DryRun":
            then(Response(status=204, request_id=request_id))
            return None
        trace_id = self._tracing.header(target.configuration, request.trace)
        if request.invocation_type == "Event":
            if self.queue is None:
                raise LocalError(
                    "Asynchronous invocation needs a running service.", right="Use lambdaform run."
                )
            accepted = Accepted(
                request_id=request_id,
                payload=payload,
                target=target,
                trace_id=trace_id,
            )
            self.queue.accept(accepted)
            then(Response(status=202, request_id=request_id))
            return None
        client_context = _client_context(request.client_context)
        if stream is not None:
            stream.request_id, stream.executed_version = request_id, target.configuration.version
        tail = bytearray() if request.wants_tail else None
        version = target.configuration.version

        def respond(answer: Answer) -> None:
            then(
                Response(
                    status=200,
                    request_id=request_id,
                    payload=answer.payload,
                    function_error=answer.function_error,
                    error_type=answer.error_type,
                    executed_version=version,
                    tail=bytes(tail) if tail is not None else None,
                )
            )

        event = Event(
            request_id=request_id,
            payload=payload,
            function_arn=target.invoked_arn,
            trace_id=trace_id,
            client_context=client_context,
            cognito_identity=request.cognito_identity.header() if request.cognito_identity else None,
            tail=tail,
            stream=stream,
            is_nested=request.is_nested,
        )
        # The last lines of the log are written once the runtime has asked for its next event.
        if tail is not None:
            return self._run(target, event, is_awaited=True, over=respond, failed=then)
        return self._run(target, event, is_awaited=True, answered=respond, failed=then)

    async def attempt(self, accepted: Accepted) -> Answer:
        """One attempt at an accepted event, until its environment is free again. Raises `AwsError` if throttled."""
        target = self._still(accepted)
        ended: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def over(answer: Answer) -> None:
            if not ended.done():
                ended.set_result(answer)

        def failed(error: Exception) -> None:
            if not ended.done():
                ended.set_exception(error)

        event = Event(
            request_id=accepted.request_id,
            payload=accepted.payload,
            function_arn=target.invoked_arn,
            trace_id=accepted.trace_id,
        )
        run = self._run(target, event, is_awaited=False, over=over, failed=failed)
        try:
            return await ended
        except asyncio.CancelledError:
            run.withdraw()
            raise

    def target(self, function_name: str, qualifier: str | None) -> Target:
        """The version that a name stands for, for one invocation. Raises `AwsError` where there is none."""
        name = parse_name(
            function_name, qualifier, region=self.account.region, account=self.account.account_id
        )
        target = self._functions.resolve(name, self._chance, self._prefix)
        if target.function.updated_at and self._now() >= target.function.updated_at:
            self._functions.renew(target.function.name)
            target = self._functions.resolve(name, self._chance, self._prefix)
        if target.configuration.active_at and self._now() < target.configuration.active_at:
            raise pending()
        return target

    def payload_limit(self, invocation_type: InvocationType) -> int:
        """The most bytes that the payload of such an invocation may have."""
        is_event = invocation_type == "Event"
        return self._quotas.payload_async_bytes if is_event else self._quotas.payload_sync_bytes

    @property
    def client_context_limit(self) -> int:
        """The most bytes that the Base64 of a client context may have."""
        return self._quotas.client_context_bytes

    def new_id(self) -> str:
        """A request id, of the seeded chance."""
        # As `uuid.UUID(int=..., version=4)` writes it, in a quarter of the time.
        digits = f"{self._chance.getrandbits(128) & _UUID_MASK | _UUID_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def new_trace(self, given: str | None) -> str:
        """The tracing header of a request from outside; ``given`` is the one that came with it."""
        return self._tracing.begun(given)

    def _check_access(self, request: Request, target: Target) -> None:
        """Raise `AccessDeniedError` where the function's resource policies do not let the caller in."""
        if self.policies is None:
            return
        arn = target.invoked_arn
        qualifier = arn[len(target.function.arn) + 1 :] or None
        statements = self.policies(target.function.name, qualifier)
        if request.caller is None and (
            not statements or not any(each.get("Effect") == "Deny" for each in statements)
        ):
            return
        caller, auth_type = request.caller or self._own, request.url_auth_type
        actions = [INVOKE] if auth_type is None else [INVOKE_URL, INVOKE]
        asked = (may_invoke(statements, caller, arn, each, url_auth_type=auth_type) for each in actions)
        refusals = [each.refusal for each in asked if each.refusal is not None]
        if refusals:
            remedies = " ".join(dict.fromkeys(each.remedy for each in refusals))
            raise AccessDeniedError(refusals[0].message, remedies)

    def _still(self, accepted: Accepted) -> Target:
        """The event's target as it is now: code may have changed since the event was accepted."""
        try:
            target = self.target(accepted.target.invoked_arn, None)
            return target.of_tenant(accepted.target.configuration.tenant_id)
        except AwsError:
            return accepted.target

    def _run(
        self,
        target: Target,
        event: Event,
        *,
        is_awaited: bool,
        failed: Callable[[Exception], None],
        answered: Callable[[Answer], None] | None = None,
        over: Callable[[Answer], None] | None = None,
    ) -> _Run:
        """Give an event to an environment, once there is one. Raises `AwsError` where there is no room."""
        run = _Run(
            self._admission, self._pool, self._patient, target, is_awaited, event, failed, answered, over
        )
        event.watcher = run
        run.come_in()
        return run

    def _checked(self, request: Request) -> bytes:
        """The payload, if it is one that Lambda takes."""
        limit = self.payload_limit(request.invocation_type)
        if len(request.payload) > limit:
            raise too_large(limit)
        if not request.payload:
            return b"{}"
        try:
            text = request.payload.decode()
            if _is_json(text):
                return request.payload
            _ANY_NUMBERS.decode(text)
        except UnicodeDecodeError as error:
            raise no_utf8(request.payload, error.start) from error
        except (ValueError, RecursionError) as error:
            raise invalid_payload(str(error)) from error
        return request.payload


@define(eq=False)
class _Run:
    """An event under way: from its seat and its environment to the moment when both are free again.

    ``failed`` gets why there will be no answer, ``answered`` the answer as soon as it is there, and ``over`` once the
    environment is free again. ``patient`` are those for whom there is no room, while some is about to be free.
    """

    _admission: Admission
    _pool: Pool
    _patient: deque[_Run]
    _target: Target
    _is_awaited: bool
    _event: Event
    _failed: Callable[[Exception], None]
    _answered: Callable[[Answer], None] | None
    _over: Callable[[Answer], None] | None
    _environment: Environment | None = None
    _answer: Answer | None = None
    _seat: Seat | None = None
    _counts_as_free: bool = False
    _ticket: Ticket | None = None
    _patience: asyncio.TimerHandle | None = None

    def come_in(self) -> None:
        """Begin, now or in a moment. Raises `AwsError` where there is no room."""
        try:
            self._begin()
        except AwsError:
            if len(self._patient) >= self._pool.nearly_free(self._target.function):
                raise
            # A caller who calls again as soon as it has its answer finds room, as over a real network.
            self._patience = asyncio.get_running_loop().call_later(MOMENT, self._lose_patience)
            self._patient.append(self)

    def _lose_patience(self) -> None:
        self._patience = None
        self._patient.remove(self)
        try:
            self._begin()
        except (AwsError, LocalError) as error:
            self._failed(error)

    def _begin(self) -> None:
        """Take a seat, and ask for an environment. Raises `AwsError` where there is no room."""
        seat = self._seat = self._admission.enter(self._target, is_awaited=self._is_awaited)
        self._counts_as_free = False
        is_nested = self._event.is_nested
        if is_nested:
            self._pool.enter_nested()
        try:
            self._ticket = self._pool.ask(
                self._target.configuration, seat.allocation, self, is_nested=is_nested
            )
        except BaseException:
            self._leave()
            raise

    def granted(self, environment: Environment) -> None:
        """An environment is free for the event."""
        self._environment = environment
        try:
            environment.run(self._event)
        except Exception as error:  # noqa: BLE001 - it is told to whom it concerns
            # Whatever is wrong with it, no other event comes to it.
            self._event.watcher = None
            environment.close()
            self._pool.release(environment)
            self.refused(error)

    def refused(self, error: Exception) -> None:
        """The event never comes to the function."""
        self._leave()
        self._failed(error)

    def answered(self, answer: Answer) -> None:
        """The function has answered; its environment is nearly free."""
        self._answer = answer
        # Before the caller learns the answer, who may call again at once.
        self._count_as_free()
        if self._environment is not None:
            self._pool.is_nearly_free(self._environment)
        if self._answered is not None:
            self._answered(answer)

    def over(self) -> None:
        """The environment has done with the event."""
        answer, environment = self._answer, self._environment
        self._leave()
        if environment is not None:
            self._pool.release(environment)
        while self._patient and self._patient.popleft()._has_come_in():
            pass
        if self._over is not None and answer is not None:
            self._over(answer)

    def _has_come_in(self) -> bool:
        """Begin, as the first of those who wait, if there is room now; whether there was."""
        # What begins may be over at once.
        patience, self._patience = self._patience, None
        try:
            self._begin()
        except AwsError:
            self._patience = patience
            self._patient.appendleft(self)
            return False
        except LocalError as error:
            self._failed(error)
        if patience is not None:
            patience.cancel()
        return True

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
            self._patient.remove(self)

    def _leave(self) -> None:
        """Give the seat back, if that has not been done."""
        self._count_as_free()
        seat, self._seat = self._seat, None
        if seat is not None:
            self._admission.leave(self._target, seat)
            if self._event.is_nested:
                self._pool.leave_nested()

    def _count_as_free(self) -> None:
        if self._seat is not None and not self._counts_as_free:
            self._counts_as_free = True
            self._admission.answered(self._target, self._seat)

    def withdraw(self) -> None:
        """Nobody wants the event any more. One that has come to its environment goes on."""
        self._wait_no_more()
        if self._ticket is not None and self._pool.withdraw(self._ticket):
            self._leave()


#: The bits of a random UUID that say its version (4) and variant (RFC 9562, section 5.4).
_UUID_MASK = ~(0xF000 << 64 | 0xC000 << 48)
_UUID_4 = 0x4000 << 64 | 0x8000 << 48


def _refuse_constant(name: str) -> None:
    raise ValueError(f"Unexpected token {name}")


#: JSON as AWS reads it, without the numbers that only Python and JavaScript know.
_JSON = json.JSONDecoder(parse_constant=_refuse_constant)
#: The same with numbers of any length, of which Python makes none; it takes longer.
_ANY_NUMBERS = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=str)


def _is_json(text: str) -> bool:
    """Whether a text is plain JSON, without white space around it; where it is not, `_ANY_NUMBERS` tells why, if it is none."""
    try:
        return _JSON.raw_decode(text)[1] == len(text)
    except (ValueError, RecursionError):
        return False


def _client_context(given: str | None) -> str | None:
    """A client context in ASCII and on one line, for it travels to the runtime in a header."""
    if given is None:
        return None
    try:
        return json.dumps(_JSON.decode(given))
    except (ValueError, RecursionError) as error:
        message = "Client context must be a valid Base64-encoded JSON object."
        raise AwsError("InvalidRequestContentException", message, 400) from error
