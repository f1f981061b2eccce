"""Records of a Kinesis data stream.

Source: AWS Lambda Developer Guide, with-kinesis, services-kinesis-windows.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import frozen

from lambdaform.payloads.dynamodb import Window
from lambdaform.payloads.payload import Payload, named
from lambdaform.payloads.polling import BatchResponse, failed

__all__ = ["BatchResponse", "Data", "Event", "Record", "Window", "failed", "sample"]


@frozen(kw_only=True)
class Data(Payload):
    """What was put into the stream: ``data`` in Base64, `decoded` as bytes."""

    kinesis_schema_version: str
    partition_key: str
    sequence_number: str
    data: str
    approximate_arrival_timestamp: float

    @property
    def decoded(self) -> bytes:
        """The data."""
        return base64.b64decode(self.data)


@frozen(kw_only=True)
class Record(Payload):
    """One record."""

    SPELLING: ClassVar[Mapping[str, str]] = {"arn": "ARN"}

    kinesis: Data
    event_source: str
    event_version: str
    event_id: str = named("eventID")
    event_name: str
    invoke_identity_arn: str = named("invokeIdentityArn")
    aws_region: str
    event_source_arn: str


@frozen(kw_only=True)
class Event(Payload):
    """A batch of records; with a tumbling window, also what the function has gathered so far."""

    records: Sequence[Record] = named("Records")
    window: Window | None = None
    state: Mapping[str, Any] | None = None
    shard_id: str | None = None
    event_source_arn: str | None = named("eventSourceARN", None)
    is_final_invoke_for_window: bool | None = None
    is_window_terminated_early: bool | None = None


def sample(
    data: str = "Hello, this is a test.",
    *,
    stream: str = "lambda-stream",
    partition_key: str = "1",
    region: str = "us-east-2",
    account: str = "123456789012",
) -> Event:
    """One record; ``data`` is text, which the event has in Base64."""
    number = "49590338271490256608559692538361571095921575989136588898"
    record = Record(
        kinesis=Data(
            kinesis_schema_version="1.0",
            partition_key=partition_key,
            sequence_number=number,
            data=base64.b64encode(data.encode()).decode(),
            approximate_arrival_timestamp=1545084650.987,
        ),
        event_source="aws:kinesis",
        event_version="1.0",
        event_id=f"shardId-000000000006:{number}",
        event_name="aws:kinesis:record",
        invoke_identity_arn=f"arn:aws:iam::{account}:role/lambda-role",
        aws_region=region,
        event_source_arn=f"arn:aws:kinesis:{region}:{account}:stream/{stream}",
    )
    return Event(records=[record])
