"""Invoke over HTTP: its headers in, its headers out.

Source: Lambda API Reference, Invoke.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from attrs import evolve, field, frozen

from lambdaform.local.access.caller import Caller
from lambdaform.local.errors import AwsError, not_found, too_large
from lambdaform.local.front import Front, InvocationType, Response
from lambdaform.local.front import Request as Invocation
from lambdaform.local.http import Head, Request
from lambdaform.local.variables import function_of_session

_TYPES: Mapping[str, InvocationType] = {
    "Event": "Event",
    "RequestResponse": "RequestResponse",
    "DryRun": "DryRun",
}


_QUALIFIER = re.compile(r"[a-zA-Z0-9-_$]{1,128}|\$LATEST\.PUBLISHED")


@frozen
class HttpAnswer:
    """An HTTP answer to one request; ``is_sent`` where it went to the client while it was made."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    is_sent: bool = False


@frozen(eq=False)
class Asked:
    """What a call asks for by its head alone: all of an invocation but its payload."""

    function_name: str
    invocation_type: InvocationType
    wants_tail: bool
    qualifier: str | None
    client_context: str | None
    trace: str | None
    tenant_id: str | None
    caller: Caller | None
    #: Whether a function of this account calls, and waits.
    is_nested: bool

    def with_payload(self, front: Front, request: Request) -> Invocation:
        """The invocation. Raises `AwsError` where the payload is too large to have been kept."""
        if request.is_too_large:
            raise too_large(front.payload_limit(self.invocation_type))
        return Invocation(
            function_name=self.function_name,
            payload=request.body,
            qualifier=self.qualifier,
            invocation_type=self.invocation_type,
            client_context=self.client_context,
            wants_tail=self.wants_tail,
            trace=self.trace,
            tenant_id=self.tenant_id,
            caller=self.caller,
            is_nested=self.is_nested,
        )


def success(response: Response) -> bytes | None:
    """The head of the answer to what a function returned, made at one go; None for all other responses."""
    if response.status != 200 or response.function_error is not None or response.tail is not None:
        return None
    return (
        f"HTTP/1.1 200 OK\r\nx-amzn-RequestId: {response.request_id}\r\nx-amzn-Remapped-Content-Length: 0\r\n"
        f"Content-Type: application/json\r\nX-Amz-Executed-Version: {response.executed_version}\r\n"
        f"Content-Length: {len(response.payload)}\r\n"
    ).encode()


def answer_to(response: Response) -> HttpAnswer:
    """The answer to a call of Invoke."""
    answered = {"x-amzn-RequestId": response.request_id, "x-amzn-Remapped-Content-Length": "0"}
    if response.status == 200:
        answered["Content-Type"] = "application/json"
    if response.executed_version is not None:
        answered["X-Amz-Executed-Version"] = response.executed_version
    if response.function_error is not None:
        answered["X-Amz-Function-Error"] = response.function_error
    if response.tail is not None:
        answered["X-Amz-Log-Result"] = base64.b64encode(response.tail).decode()
    return HttpAnswer(response.status, response.payload, answered)


def asked_of(front: Front, function_name: str, head: Head, *, streams: bool = False) -> Asked:
    """What a call asks for; with ``streams``, one that takes its answer as a stream. Raises `AwsError`."""
    headers = head.headers
    kind = headers.get("x-amz-invocation-type", "RequestResponse")
    if kind not in _TYPES or (streams and kind == "Event"):
        choices = "[RequestResponse, DryRun]" if streams else "[Event, RequestResponse, DryRun]"
        raise _not_in(kind, "invocationType", choices)
    log_type = headers.get("x-amz-log-type", "None")
    if log_type not in ("None", "Tail"):
        raise _not_in(log_type, "logType", "[None, Tail]")
    qualifier = parse_qs(head.query).get("Qualifier", [None])[0] if head.query else None
    if qualifier is not None and not _QUALIFIER.fullmatch(qualifier):
        raise AwsError("ValidationException", f"{qualifier[:200]!r} is no qualifier.", 400)
    return Asked(
        function_name=function_name,
        invocation_type=_TYPES[kind],
        wants_tail=log_type == "Tail" and kind == "RequestResponse",
        qualifier=qualifier,
        client_context=_client_context(headers.get("x-amz-client-context"), front.client_context_limit),
        trace=headers.get("x-amzn-trace-id"),
        tenant_id=headers.get("x-amz-tenant-id"),
        caller=_another_account(front, function_name, headers.get("authorization")),
        is_nested=bool(function_of_session(headers.get("x-amz-security-token", ""))),
    )


def _another_account(front: Front, function_name: str, authorization: str | None) -> Caller | None:
    """The account that calls where that is not this one: an access key that is an account's number is its own.

    It has to name functions of this account by their ARNs. Raises `AwsError` where it does not.
    """
    named = authorization.partition("Credential=")[2] if authorization is not None else ""
    number, account = named[:12], front.account
    if named[12:13] != "/" or not number.isdecimal() or number == account.account_id:
        return None
    if f":{account.account_id}:" not in function_name:
        raise not_found(evolve(account, account_id=number).arn("AWS::Lambda::Function", function_name) or "")
    return Caller(arn=f"arn:{account.partition}:iam::{number}:root")


def _not_in(value: str, name: str, choices: str) -> AwsError:
    return AwsError(
        "ValidationException",
        f"1 validation error detected: Value '{value[:100]}' at '{name}' failed to satisfy constraint: "
        f"Member must satisfy enum value set: {choices}",
        400,
    )


def _client_context(given: str | None, limit: int) -> str | None:
    if given is None:
        return None
    if len(given) > limit:
        raise AwsError(
            "InvalidRequestContentException",
            f"Client context must be no more than {limit} bytes when base64-encoded.",
            400,
        )
    try:
        return base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        message = "Could not parse request header: X-Amz-Client-Context is not Base64 of JSON in UTF-8."
        raise AwsError("InvalidRequestContentException", message, 400) from error
