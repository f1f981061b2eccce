"""Every call to the endpoint is in the trail: the operations that the deck lists, and invocations.

Source: deck section C11, the list of actions that CloudTrail records; AWS Lambda Developer Guide, logging-using-cloudtrail.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdaform.local.clock import VirtualClock, utc_text, wall_time
from lambdaform.local.trail import Query, Record, operation_of, read
from tests.local.lab import Lab, laboratory
from tests.local.served_account import ServedAccount

if TYPE_CHECKING:
    pass

ROLE = "arn:aws:iam::123456789012:role/r"
UUID = "a1b2c3d4-5678-90ab-cdef-11111example"
STATEMENT = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
#: The deck's list, each with what it is called with here.
LISTED: dict[str, dict[str, Any]] = {
    "AddPermission": {"FunctionName": "shop", **STATEMENT},
    "CreateEventSourceMapping": {
        "FunctionName": "shop",
        "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q",
    },
    "CreateFunction": {"FunctionName": "shop", "Role": ROLE, "Code": {"ZipFile": b"no zip"}},
    "DeleteEventSourceMapping": {"UUID": UUID},
    "DeleteFunction": {"FunctionName": "shop"},
    "GetEventSourceMapping": {"UUID": UUID},
    "GetFunction": {"FunctionName": "shop"},
    "GetFunctionConfiguration": {"FunctionName": "shop"},
    "GetPolicy": {"FunctionName": "shop"},
    "ListEventSourceMappings": {"FunctionName": "shop"},
    "ListFunctions": {"MaxItems": 3},
    "RemovePermission": {"FunctionName": "shop", "StatementId": "s"},
    "UpdateEventSourceMapping": {"UUID": UUID, "BatchSize": 3},
    "UpdateFunctionCode": {"FunctionName": "shop", "ZipFile": b"no zip"},
    "UpdateFunctionConfiguration": {"FunctionName": "shop", "Timeout": 3},
}


class Traced(ServedAccount):
    """A lab behind an endpoint whose calls are recorded."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, access_key="AKIDEXAMPLE")

    def record(self, operation: str, **members: Any) -> Record:
        """The last record, after a call that may have been refused."""

        def call() -> None:
            try:
                answer = getattr(self.client, xform_name(operation))(**members)
                if "Payload" in answer:
                    answer["Payload"].read()
                for _ in answer.get("EventStream", ()):
                    pass
            except ClientError:
                return

        self.lab.run(asyncio.to_thread(call))
        self.lab.service.trail.flush()
        *_, last = read(self.lab.folder / "state" / "trail.jsonl", Query())
        return last


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    with laboratory(tmp_path_factory.mktemp("traced"), sandboxed=False) as lab:
        made = Traced(lab)
        yield made
        made.close()


@pytest.mark.parametrize("operation", LISTED)
def test_each_operation_of_the_decks_list_is_recorded(traced: Traced, operation: str) -> None:
    record = traced.record(operation, **LISTED[operation])
    assert operation_of(record["eventName"]) == operation
    assert record["managementEvent"] is True
    assert record["userIdentity"]["accessKeyId"] == "AKIDEXAMPLE"
    assert record["userAgent"].startswith("Boto3/")
    told = {name[:1].lower() + name[1:]: value for name, value in LISTED[operation].items()}
    assert record["requestParameters"] == {
        **{name: value for name, value in told.items() if name != "zipFile"},
        **({"code": {}} if "code" in told else {}),
    }


@pytest.mark.parametrize("operation", ["Invoke", "InvokeWithResponseStream"])
def test_an_invocation_is_recorded_with_the_version_that_ran(traced: Traced, operation: str) -> None:
    name = traced.lab.function("def handler(event, context):\n    return event\n")
    record = traced.record(operation, FunctionName=name, Payload=b"{}")
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    assert record["eventName"] == operation
    assert record["additionalEventData"] == {"functionVersion": f"{arn}:$LATEST"}
    assert "errorCode" not in record


def test_an_invocation_that_is_refused_is_recorded_with_its_error(traced: Traced) -> None:
    record = traced.record("Invoke", FunctionName="nowhere", Payload=b"{}")
    assert (record["eventName"], record["errorCode"]) == ("Invoke", "ResourceNotFoundException")


def test_calls_are_recorded_at_the_time_it_is_however_fast_the_services_clock(tmp_path: Path) -> None:
    clock = VirtualClock(wall_time() + 86_400)
    with laboratory(tmp_path, clock=clock, sandboxed=False) as lab:
        made = Traced(lab)
        record = made.record("ListFunctions")
        made.close()
    assert record["eventTime"][:19] <= utc_text(wall_time())[:19]


def test_lookup_events_finds_what_was_called_by_boto3s_own_client(traced: Traced) -> None:
    client = boto3.client(
        "cloudtrail",
        endpoint_url=traced.endpoint.url,
        region_name="us-east-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="y",
        config=Config(retries={"total_max_attempts": 1}),
    )
    traced.record("GetFunction", FunctionName="looked-up")
    traced.record("DeleteFunction", FunctionName="looked-up")
    traced.record("Invoke", FunctionName="looked-up", Payload=b"{}")

    def look_up(**asked: Any) -> list[dict[str, Any]]:
        pages = client.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 1}, **asked)
        return [event for page in pages for event in page["Events"]]

    def ask() -> None:
        by_name: Any = [{"AttributeKey": "ResourceName", "AttributeValue": "looked-up"}]
        events = look_up(LookupAttributes=by_name)
        assert [each["EventName"] for each in events] == ["DeleteFunction20150331", "GetFunction20150331v2"]
        assert [each["ReadOnly"] for each in events] == ["false", "true"]
        assert json.loads(events[0]["CloudTrailEvent"])["requestParameters"] == {"functionName": "looked-up"}
        assert events[0]["Resources"] == [
            {"ResourceType": "AWS::Lambda::Function", "ResourceName": "looked-up"}
        ]
        by_id: Any = [{"AttributeKey": "EventId", "AttributeValue": events[1]["EventId"]}]
        assert look_up(LookupAttributes=by_id) == [events[1]]
        assert look_up(StartTime=events[0]["EventTime"] + timedelta(minutes=1)) == []
        with pytest.raises(client.exceptions.InvalidLookupAttributesException):
            client.lookup_events(LookupAttributes=by_name + by_id)
        with pytest.raises(client.exceptions.InvalidNextTokenException):
            client.lookup_events(NextToken="bm8=")
        with pytest.raises(client.exceptions.InvalidTimeRangeException):
            client.lookup_events(StartTime=2, EndTime=1)

    try:
        traced.lab.run(asyncio.to_thread(ask))
    finally:
        client.close()
