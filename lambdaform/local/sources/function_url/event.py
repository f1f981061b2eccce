"""The event that a function gets of an HTTP request to its URL: payload format 2.0.

Members without a value are left out where AWS leaves them out, which is not everywhere where its guide shows null.

Source: AWS Lambda Developer Guide, urls-invocation; events recorded from AWS (aws-lambda-go, lambdaurl/testdata, and
many applications' tests).
"""

from __future__ import annotations

import base64
import re
import time
from typing import Any
from urllib.parse import parse_qsl, unquote

from attrs import frozen

from lambdaform.local.access.keys import Identity
from lambdaform.local.http import Request
from lambdaform.payloads.api_gateway import HttpContext, HttpDescription, HttpRequest

#: Of connections, not of requests (RFC 9110, section 7.6.1).
_HIDDEN = frozenset({"connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
_TEXT = re.compile(r"text/.*|application/(?:json|javascript|xml|.*\+json|.*\+xml)", re.IGNORECASE)


@frozen(kw_only=True)
class Arrival:
    """When and how a request came. ``moment`` is in seconds since the epoch, ``trace`` the tracing header."""

    url_id: str
    domain: str
    path: str
    source_ip: str
    request_id: str
    moment: float
    trace: str


def event_of(request: Request, arrival: Arrival, identity: Identity | None) -> dict[str, Any]:
    """The event; ``identity`` is who signed the request, for a URL where somebody has to."""
    headers = request.headers
    # Where Lambda looks at a signature, the function does not see it.
    hidden = _HIDDEN if identity is None else _HIDDEN | {"authorization"}
    body, is_base64 = _body(request)
    event = HttpRequest(
        version="2.0",
        route_key="$default",
        raw_path=arrival.path,
        raw_query_string=request.query,
        cookies=_cookies(headers.get("cookie")),
        headers={
            **{name: value for name, value in headers.items() if name not in hidden},
            "x-amzn-trace-id": arrival.trace,
            "x-forwarded-for": _after(headers.get("x-forwarded-for"), arrival.source_ip),
            "x-forwarded-port": _port(headers.get("host", "")),
            "x-forwarded-proto": "http",
        },
        query_string_parameters=_query(request.query),
        request_context=HttpContext(
            account_id=identity.account if identity is not None else "anonymous",
            api_id=arrival.url_id,
            authorizer={"iam": _iam(identity)} if identity is not None else None,
            domain_name=arrival.domain,
            domain_prefix=arrival.url_id,
            http=HttpDescription(
                method=request.method,
                # Decoded, as recorded from AWS: of /pa2%25Fth it is /pa2%Fth.
                path=unquote(arrival.path),
                protocol="HTTP/1.1",
                source_ip=arrival.source_ip,
                user_agent=headers.get("user-agent", ""),
            ),
            request_id=arrival.request_id,
            route_key="$default",
            stage="$default",
            time=time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(arrival.moment)),
            time_epoch=int(arrival.moment * 1000),
        ),
        body=body,
        is_base64_encoded=is_base64,
    ).to_json()
    context = event["requestContext"]
    if context.get("authentication") is None:
        context.pop("authentication", None)
    return event


def _iam(identity: Identity) -> dict[str, Any]:
    return {
        "accessKey": identity.access_key,
        "accountId": identity.account,
        "callerId": identity.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": identity.arn,
        "userId": identity.user_id,
    }


def _body(request: Request) -> tuple[str | None, bool]:
    """The body as text, or in Base64 where it is none by its type or its bytes."""
    if not request.body:
        return None, False
    if _TEXT.fullmatch(request.headers.get("content-type", "").partition(";")[0].strip()):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def _cookies(header: str | None) -> list[str] | None:
    return [each for part in header.split(";") if (each := part.strip())] if header else None


def _query(query: str) -> dict[str, str] | None:
    """Parameters, decoded; those with one name are joined by commas."""
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters or None


def _after(before: str | None, address: str) -> str:
    return f"{before}, {address}" if before else address


def _port(host: str) -> str:
    _, colon, port = host.rpartition(":")
    return port if colon and port.isdigit() else "80"
