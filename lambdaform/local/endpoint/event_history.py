"""LookupEvents, as CloudTrail's event history answers it: the management events of the trail, the latest first.

Invocations are data events, which the event history does not have; ``lambdaform trail`` shows them, too.

Source: AWS CloudTrail API Reference, LookupEvents; AWS CloudTrail User Guide, view-cloudtrail-events-cli.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.errors import AwsError
from lambdaform.local.http import Request
from lambdaform.local.trail import Query, Record, Trail, read

_TARGET = "CloudTrail_20131101.LookupEvents"
_MOST = 50
#: The type of what a parameter names.
_TYPES = {
    "functionName": "AWS::Lambda::Function",
    "layerName": "AWS::Lambda::LayerVersion",
    "uUID": "AWS::Lambda::EventSourceMapping",
    "codeSigningConfigArn": "AWS::Lambda::CodeSigningConfig",
    "role": "AWS::IAM::Role",
}


class EventHistory:
    """The event history of a trail."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    @staticmethod
    def is_asked(request: Request) -> bool:
        """Whether a request is a LookupEvents."""
        return request.headers.get("x-amz-target", "").endswith(_TARGET)

    async def answer(self, request: Request) -> HttpAnswer:
        """The answer to a LookupEvents. Raises `AwsError` as CloudTrail does."""
        self._trail.flush()
        try:
            asked = json.loads(request.body or b"{}")
            # Not on the loop: a full trail takes a while to read.
            found = await asyncio.to_thread(self._found, asked)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            message = f"The request cannot be read: {type(error).__name__}: {error}"
            raise AwsError("SerializationException", message, 400) from error
        body = json.dumps(found).encode()
        return HttpAnswer(200, body, {"Content-Type": "application/x-amz-json-1.1"})

    def _found(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        most = asked.get("MaxResults") or _MOST
        if not isinstance(most, int) or not 1 <= most <= _MOST:
            raise AwsError("InvalidMaxResultsException", f"MaxResults must be between 1 and {_MOST}.", 400)
        start, end = asked.get("StartTime"), asked.get("EndTime")
        if start is not None and end is not None and start > end:
            raise AwsError("InvalidTimeRangeException", "The start time is after the end time.", 400)
        is_wanted = _attribute(asked.get("LookupAttributes") or [])
        records = [each for each in read(self._trail.file, Query()) if each["managementEvent"]]
        events = [
            event
            for event in map(_event, reversed(records))
            if (start is None or event["EventTime"] >= int(start))
            and (end is None or event["EventTime"] <= end)
            and is_wanted(event)
        ]
        begin = _after(asked["NextToken"], events) if asked.get("NextToken") else 0
        page = events[begin : begin + most]
        answer: dict[str, Any] = {"Events": page}
        if begin + most < len(events):
            answer["NextToken"] = b64encode(page[-1]["EventId"].encode()).decode()
        return answer


def _attribute(attributes: list[Mapping[str, str]]) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an event has the one attribute that may be asked for."""
    if not attributes:
        return lambda _: True
    if len(attributes) > 1:
        message = "You can specify only one attribute in the LookupAttributes list."
        raise AwsError("InvalidLookupAttributesException", message, 400)
    key, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
    if key in ("ResourceName", "ResourceType"):
        return lambda event: any(each[key] == value for each in event["Resources"])
    if key not in ("EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId"):
        message = f"{key[:100]} is no attribute that events are looked up by."
        raise AwsError("InvalidLookupAttributesException", message, 400)
    return lambda event: event.get(key) == value


def _after(token: str, events: list[dict[str, Any]]) -> int:
    """The place after the event that a token names."""
    try:
        last = b64decode(token, validate=True).decode()
        return [each["EventId"] for each in events].index(last) + 1
    except ValueError as error:
        raise AwsError(
            "InvalidNextTokenException", "The next token is none of this lookup's.", 400
        ) from error


def _event(record: Record) -> dict[str, Any]:
    identity = record["userIdentity"]
    event = {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "EventTime": datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ")
        .replace(tzinfo=UTC)
        .timestamp(),
        "EventSource": record["eventSource"],
        "Resources": list(_resources(record)),
        "CloudTrailEvent": json.dumps(record, separators=(",", ":")),
    }
    if "accessKeyId" in identity:
        event["AccessKeyId"] = identity["accessKeyId"]
    if "arn" in identity:
        event["Username"] = identity["arn"].rpartition(":")[2].rpartition("/")[2]
    return event


def _resources(record: Record) -> Iterator[dict[str, str]]:
    given = record["requestParameters"] or {}
    for name, kind in _TYPES.items():
        if isinstance(given.get(name), str):
            yield {"ResourceType": kind, "ResourceName": given[name]}
