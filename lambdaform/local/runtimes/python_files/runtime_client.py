"""The module under AWS's runtime client that talks to the Runtime API, for a Python that has no compiled one.

Its functions are those that ``awslambdaric`` calls. It runs on the function's Python, from 3.9 on, and is not
part of lambdaform.

Source: AWS Lambda Developer Guide, runtimes-api.
"""

from __future__ import annotations

import http.client
import os
from collections.abc import Mapping

_DEADLINE = "Lambda-Runtime-Deadline-Ms"
_state: dict[str, http.client.HTTPConnection] = {}
_agent: list[str] = []


def initialize_client(agent: str) -> None:
    """Remember how to introduce ourselves."""
    _agent[:] = [agent]


def _call(
    method: str, name: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    if "connection" not in _state:
        _state["connection"] = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection = _state["connection"]
    sent = {"User-Agent": _agent[0] if _agent else "", **(headers or {})}
    connection.request(method, f"/2018-06-01/runtime/{name}", body, sent)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def next() -> tuple[bytes, Mapping[str, str | int]]:  # noqa: A001 - the name that awslambdaric calls
    """Wait for the next event: its body and headers, the deadline as the number that the compiled client makes of it."""
    status, headers, body = _call("GET", "invocation/next")
    if status != 200:
        raise RuntimeError(f"Failed to get next invocation: {status}")
    return body, {**headers, _DEADLINE: int(headers[_DEADLINE])}


def post_invocation_result(
    request_id: str, data: bytes, content_type: str, invocation_id: str | None = None
) -> None:
    """Hand over what the function returned."""
    headers = {"Content-Type": content_type}
    if invocation_id:
        headers["Lambda-Runtime-Invocation-Id"] = invocation_id
    _post(f"invocation/{request_id}/response", data, headers)


def post_error(
    request_id: str, error: bytes | str, xray_fault: str, invocation_id: str | None = None
) -> None:
    """Hand over what the function raised."""
    headers = {"Content-Type": "application/json"}
    if xray_fault:
        headers["Lambda-Runtime-Function-XRay-Error-Cause"] = xray_fault
    if invocation_id:
        headers["Lambda-Runtime-Invocation-Id"] = invocation_id
    _post(f"invocation/{request_id}/error", error if isinstance(error, bytes) else error.encode(), headers)


def _post(name: str, data: bytes, headers: Mapping[str, str]) -> None:
    status, _, body = _call("POST", name, data, headers)
    if status != 202:
        raise RuntimeError(f"Failed to post to {name}: {status} {body!r}")
