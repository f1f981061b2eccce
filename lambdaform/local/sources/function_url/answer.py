"""The HTTP response that a function's result is: as it says itself, or as Lambda infers it.

Source: AWS Lambda Developer Guide, urls-invocation and config-rs-write-functions (the prelude of a stream); responses
recorded from AWS (JSON is written anew without spaces, a text comes without its quotes, ``statusCode`` may be a text).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

#: What the type of a stream is that begins with a status and headers, and what ends these.
INTEGRATION = "application/vnd.awslambda.http-integration-response"
END_OF_PRELUDE = b"\0" * 8
#: The most bytes that are waited for as a prelude; a stream that has none by then has none.
MOST_PRELUDE = 1 << 20
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\0\r\n]*")
#: Headers of the connection, which are not the function's to say.
_NOT_ITS_OWN = frozenset(
    {"connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


class BadAnswer(Exception):  # noqa: N818 - what a function did, not an error of ours
    """A result that is no response, and why."""


@frozen
class Head:
    """Status and headers; a header with one name may be there several times."""

    status: int
    headers: tuple[tuple[str, str], ...]


@frozen
class HttpResult:
    """A whole response."""

    head: Head
    body: bytes


def result_of(payload: bytes) -> HttpResult:
    """The response that a function returned. Raises `BadAnswer`."""
    try:
        result = json.loads(payload)
    except ValueError:
        prelude, end, body = payload.partition(END_OF_PRELUDE)
        if end:
            return HttpResult(head_of(prelude), body)
        return HttpResult(_inferred(), payload)
    if isinstance(result, dict) and "statusCode" in result:
        return HttpResult(_head(result), _body(result))
    text = result if isinstance(result, str) else _compact(result)
    return HttpResult(_inferred(), text.encode(errors="surrogatepass"))


def head_of(prelude: bytes) -> Head:
    """What a stream's prelude says. Raises `BadAnswer`."""
    try:
        given = json.loads(prelude)
    except ValueError as error:
        raise BadAnswer(f"The prelude of the stream is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise BadAnswer("The prelude of the stream is not a JSON object.")
    return _head({"statusCode": 200, **given}, content_type="application/octet-stream")


def _inferred() -> Head:
    return Head(200, (("Content-Type", "application/json"),))


def _head(result: Mapping[str, Any], content_type: str = "application/json") -> Head:
    headers: list[tuple[str, str]] = []
    given = result.get("headers")
    if given is not None and not isinstance(given, dict):
        raise BadAnswer("headers is not a JSON object.")
    for name, value in (given or {}).items():
        if name.lower() not in _NOT_ITS_OWN:
            headers.append((name, _header_value(name, value)))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.insert(0, ("Content-Type", content_type))
    cookies = result.get("cookies")
    if cookies is not None and not isinstance(cookies, list):
        raise BadAnswer("cookies is not a list.")
    headers += (("Set-Cookie", _header_value("Set-Cookie", each)) for each in cookies or ())
    return Head(_status(result["statusCode"]), tuple(headers))


def _status(given: Any) -> int:
    text = str(given)
    if isinstance(given, bool) or not (text.isascii() and text.isdigit()) or not 200 <= int(text[:4]) <= 599:
        # AWS takes those from 100 on; an HTTP client would wait for more after one of them.
        raise BadAnswer(f"statusCode is {text[:20]!r}, and no status from 200 to 599.")
    return int(text)


def _header_value(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else _compact(value)
    if isinstance(value, dict | list) or value is None:
        raise BadAnswer(f"The header {name!r} is no text.")
    if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(text):
        raise BadAnswer(f"The header {name!r} has characters that no header can have.")
    # Headers are bytes; what is beyond them travels as UTF-8.
    return text.encode().decode("latin-1")


def _body(result: Mapping[str, Any]) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    text = body if isinstance(body, str) else _compact(body)
    if not result.get("isBase64Encoded"):
        return text.encode(errors="surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadAnswer(f"body is not Base64: {error}.") from error


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
