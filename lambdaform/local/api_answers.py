"""The answers that all APIs of an environment share: accepted, refused, and nothing at this path.

Source: aws-lambda-runtime-interface-emulator (bodies and content types).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from lambdaform.local.http import Connection

_JSON = {"Content-Type": "application/json"}
_OK = b'{"status":"OK"}\n'
_ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(_OK)


def accept(connection: Connection) -> None:
    """What was reported is taken."""
    connection.answer(_ACCEPTED, _OK)


def refuse(connection: Connection, status: int, error_type: str, message: str) -> None:
    """The call is misused."""
    connection.reply(status, _refusal(error_type, message), _JSON)


def truncated(_: str) -> tuple[bytes, Mapping[str, str]]:
    """Body and headers of the answer to a request whose body breaks off, or is in chunks that are none."""
    return _refusal("TruncatedHTTPRequest", "HTTP request detected as truncated"), _JSON


def _refusal(error_type: str, message: str) -> bytes:
    return json.dumps({"errorMessage": message, "errorType": error_type}).encode() + b"\n"


def not_found(connection: Connection) -> None:
    """No API has this path."""
    connection.reply(404, b"404 page not found", {"Content-Type": "text/plain"})


def bad_transition(subject: str, now: str, to: str) -> str:
    """The message of a call that comes out of turn; ``subject`` is the runtime or an extension."""
    return f"State transition from {now} to {to} failed for {subject}. Error: State transition is not allowed"
