"""Which web pages may call a function URL: preflights, and the headers of other responses.

A URL without a CORS configuration leaves all of it to its function, preflights too. AWS documents the headers and not
all of their values: a wildcard is told as such, unless credentials may come along, for browsers then take none.

Source: AWS Lambda Developer Guide, urls-configuration (CORS); Lambda API Reference, Cors; Fetch Standard, "CORS
protocol".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdaform.local.http import Request

_Headers = list[tuple[str, str]]


def is_preflight(request: Request) -> bool:
    """Whether a browser asks what it may send."""
    return (
        request.method == "OPTIONS"
        and "origin" in request.headers
        and "access-control-request-method" in request.headers
    )


def preflight_headers(cors: Mapping[str, Any], request: Request) -> _Headers:
    """What a preflight is answered; nothing but Vary for a page that may not call."""
    headers = _origin_headers(cors, request)
    if not _is_allowed(cors, request):
        return headers
    asked = request.headers
    for name, key, wanted in (
        ("Access-Control-Allow-Methods", "AllowMethods", asked.get("access-control-request-method")),
        ("Access-Control-Allow-Headers", "AllowHeaders", asked.get("access-control-request-headers")),
    ):
        if values := cors.get(key):
            headers.append((name, _list(values, wanted, cors)))
    if cors.get("MaxAge") is not None:
        headers.append(("Access-Control-Max-Age", str(cors["MaxAge"])))
    if asked.get("access-control-request-private-network") == "true":
        # Only a URL on this machine is ever asked that.
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return headers


def response_headers(cors: Mapping[str, Any] | None, request: Request) -> _Headers:
    """What is added to a response: to the function's own headers, whatever these are."""
    if not cors or "origin" not in request.headers:
        return []
    headers = _origin_headers(cors, request)
    if _is_allowed(cors, request) and (exposed := cors.get("ExposeHeaders")):
        headers.append(("Access-Control-Expose-Headers", _list(exposed, None, cors)))
    return headers


def _origin_headers(cors: Mapping[str, Any], request: Request) -> _Headers:
    origins = cors.get("AllowOrigins") or ()
    is_open = "*" in origins and not cors.get("AllowCredentials")
    headers: _Headers = [] if is_open else [("Vary", "Origin")]
    if _is_allowed(cors, request):
        headers.append(("Access-Control-Allow-Origin", "*" if is_open else request.headers["origin"]))
        if cors.get("AllowCredentials"):
            headers.append(("Access-Control-Allow-Credentials", "true"))
    return headers


def _is_allowed(cors: Mapping[str, Any], request: Request) -> bool:
    origins = cors.get("AllowOrigins") or ()
    return "*" in origins or request.headers["origin"] in origins


def _list(values: Sequence[str], wanted: str | None, cors: Mapping[str, Any]) -> str:
    if "*" in values and cors.get("AllowCredentials") and wanted is not None:
        return wanted
    return ",".join(values)
