"""One subscription to what an environment says: through the Telemetry API, or the Logs API that came before it.

It is what an extension asks for, and the form that each event has for it. That depends on the API and on the version
of its schema; delivery is `telemetry`'s business.

Source: AWS Lambda Developer Guide, telemetry-api-reference, telemetry-schema-reference, runtimes-logs-api.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from lambdaform.local.platform_events import LOGS_ONLY, PlatformEvent, Record

_TYPES = ("platform", "function", "extension")
_HOSTS = ("sandbox.localdomain", "sandbox", "localhost", "127.0.0.1")
_SCHEMES = {"HTTP": "http", "TCP": "tcp"}
#: Where the Runtime API is on Lambda.
_RESERVED_PORT = 9001
#: The first schema in which a line that is a JSON object is one.
_OBJECTS_SINCE = "2022-12-13"


@frozen
class Api:
    """One of the two: how its errors begin and what an invalid request is called, and the versions of its schema.

    ``default`` is the version for those who name none, where they need not.
    """

    name: str
    invalid: str
    schemas: tuple[str, ...]
    default: str | None = None


TELEMETRY = Api("Telemetry", "ValidationError", ("2025-01-29", "2022-12-13", "2022-07-01"))
LOGS = Api("Logs", "Logs.ValidationError", ("2021-03-18", "2020-08-15"), "2020-08-15")
#: The two by their paths.
APIS = {"/2022-07-01/telemetry": TELEMETRY, "/2020-08-15/logs": LOGS}


@frozen
class _Limit:
    least: int
    most: int
    default: int


_LIMITS = {
    "maxItems": _Limit(1000, 10_000, 10_000),
    "maxBytes": _Limit(262_144, 1_048_576, 262_144),
    "timeoutMs": _Limit(25, 30_000, 1000),
}


class InvalidSubscription(Exception):  # noqa: N818 - an answer to a client
    """A subscription that is not one."""


@frozen(kw_only=True)
class Subscription:
    """What is subscribed to and where it goes; ``timeout`` is in seconds."""

    api: Api
    schema: str
    types: tuple[str, ...]
    protocol: str
    port: int
    path: str
    max_items: int
    max_bytes: int
    timeout: float

    @property
    def takes_objects(self) -> bool:
        """Whether a line that is a JSON object comes as one."""
        return self.api is TELEMETRY and self.schema >= _OBJECTS_SINCE

    def form(self, event: PlatformEvent, time: str) -> bytes | None:
        """A platform event as it is delivered; None of one that the API does not tell."""
        record = _in_telemetry(event) if self.api is TELEMETRY else _in_logs(event, self.schema)
        if record is None:
            return None
        return json.dumps(
            {"time": time, "type": event.type, "record": record}, separators=(",", ":")
        ).encode()


def line_as_text(kind: str, text: str, time: str) -> bytes:
    """A line of the function or of an extension, as it is delivered."""
    return json.dumps({"time": time, "type": kind, "record": text}, separators=(",", ":")).encode()


def line_as_object(kind: str, text: str, time: str) -> bytes:
    """The same for whoever takes objects: a line that is no JSON object stays text."""
    try:
        is_object = isinstance(json.loads(text, parse_constant=_no_number), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        return line_as_text(kind, text, time)
    # As it was written, but in one line: what else stands in JSON is between its values.
    record = text.replace("\n", " ").replace("\r", " ")
    return f'{{"time":"{time}","type":"{kind}","record":{record}}}'.encode()


def _no_number(text: str) -> float:
    """What Python writes beyond JSON is none."""
    raise ValueError(text)


def _in_telemetry(event: PlatformEvent) -> Record | None:
    return None if event.type in LOGS_ONLY else event.record


#: What the Logs API tells of an event: the keys of its record, all of one that has none here.
_KEYS_IN_LOGS: Mapping[str, Sequence[str]] = {
    "platform.initRuntimeDone": ("initializationType", "status"),
    "platform.initReport": ("initializationType", "metrics"),
    "platform.restoreStart": (),
    "platform.restoreRuntimeDone": ("status",),
    "platform.restoreReport": ("metrics",),
    "platform.start": ("requestId", "version"),
    "platform.runtimeDone": ("requestId", "status"),
    "platform.end": ("requestId",),
    "platform.report": ("requestId", "metrics"),
    "platform.extension": ("name", "state", "events"),
    "platform.logsSubscription": ("name", "state", "types"),
    "platform.logsDropped": ("reason", "droppedRecords", "droppedBytes"),
}
_RUNTIME_DONE_SINCE = "2021-03-18"


def _in_logs(event: PlatformEvent, schema: str) -> Record | None:
    record = event.record
    if isinstance(record, str):
        return record
    keys = _KEYS_IN_LOGS.get(event.type)
    if keys is None or (event.type == "platform.runtimeDone" and schema < _RUNTIME_DONE_SINCE):
        return None
    told = {key: record[key] for key in keys}
    if told.get("status") == "error":
        # It knows success, failure and timeout.
        told["status"] = "failure"
    if event.type in ("platform.initReport", "platform.restoreReport"):
        told["metrics"] = {**told["metrics"], "billedDurationMs": math.ceil(told["metrics"]["durationMs"])}
    return told


def read(api: Api, body: bytes) -> Subscription:
    """The subscription that a request asks for.

    Raises:
        InvalidSubscription: it says all that is wrong, as Lambda does: one sentence after the other.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise InvalidSubscription("The body must be a JSON object")
    # Lambda is written in Go, to which null is as good as nothing.
    given = {key: value for key, value in asked.items() if value is not None}
    destination, buffering = given.get("destination", {}), given.get("buffering", {})
    problems = [*_problems_of_types(given.get("types", [])), *_problems_of_schema(api, given)]
    problems += _problems_of_buffering(buffering)
    problems += _problems_of_destination(destination)
    if problems:
        raise InvalidSubscription("; ".join(problems))
    address = _address(destination)
    limits = {key: buffering.get(key, limit.default) for key, limit in _LIMITS.items()}
    return Subscription(
        api=api,
        schema=str(given.get("schemaVersion", api.default)),
        types=tuple(dict.fromkeys(given["types"])),
        protocol=destination["protocol"],
        port=address.port or 0,
        path=address.path or "/",
        max_items=limits["maxItems"],
        max_bytes=limits["maxBytes"],
        timeout=limits["timeoutMs"] / 1000,
    )


def _problems_of_types(types: Any) -> Iterator[str]:
    if types == []:
        yield "types should not be empty"
    elif not isinstance(types, list) or any(each not in _TYPES for each in types):
        yield f"types must be some of {', '.join(_TYPES)}"


def _problems_of_schema(api: Api, given: Mapping[str, Any]) -> Iterator[str]:
    if given.get("schemaVersion", api.default) not in api.schemas:
        yield f"schemaVersion must be one of {', '.join(api.schemas)}"


def _problems_of_buffering(buffering: Any) -> Iterator[str]:
    if not isinstance(buffering, dict):
        yield "buffering must be an object"
        return
    for key, limit in _LIMITS.items():
        value = buffering.get(key, limit.default)
        if not isinstance(value, int) or isinstance(value, bool) or not limit.least <= value <= limit.most:
            yield f"buffering.{key} must be from {limit.least} to {limit.most}"


def _problems_of_destination(destination: Any) -> Iterator[str]:
    protocol = destination.get("protocol") if isinstance(destination, dict) else None
    if not isinstance(protocol, str) or protocol not in _SCHEMES:
        yield "destination.protocol must be HTTP or TCP"
        return
    try:
        address = _address(destination)
        port = address.port
    except (ValueError, TypeError, AttributeError):
        yield "destination.URI must be an address such as http://sandbox.localdomain:8080"
        return
    if address.scheme != _SCHEMES[protocol]:
        yield f"destination.URI must begin with {_SCHEMES[protocol]}://"
    if address.hostname not in _HOSTS:
        yield f"destination.URI must name {_HOSTS[0]}"
    if not (address.path.isascii() and address.path.isprintable()) or " " in address.path:
        yield "destination.URI must be of printable characters of ASCII"
    if not port:
        yield "URI port is not provided"
    elif port == _RESERVED_PORT:
        yield f"port {_RESERVED_PORT} is Lambda's own"


def _address(destination: Mapping[str, Any]) -> SplitResult:
    """Where it goes. A TCP port may stand by itself, as AWS's emulator has it.

    Source: aws-lambda-runtime-interface-emulator, telemetry-subscription-schema.
    """
    if "URI" not in destination and destination["protocol"] == "TCP":
        return urlsplit(f"tcp://{_HOSTS[0]}:{destination.get('port', '')}")
    uri: str = destination.get("URI", "")
    return urlsplit(uri)
