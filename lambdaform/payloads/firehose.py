"""Records that Data Firehose has a function transform, and what the function answers.

Source: Amazon Data Firehose Developer Guide, data-transformation-status-model.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class KinesisMetadata(Payload):
    """Where in a Kinesis data stream the record was."""

    sequence_number: str
    subsequence_number: int | str
    partition_key: str
    shard_id: str
    approximate_arrival_timestamp: int


@frozen(kw_only=True)
class Record(Payload):
    """One record; ``data`` is in Base64."""

    record_id: str
    approximate_arrival_timestamp: int
    data: str
    kinesis_record_metadata: KinesisMetadata | None = None

    @property
    def decoded(self) -> bytes:
        """The data."""
        return base64.b64decode(self.data)


@frozen(kw_only=True)
class Event(Payload):
    """A batch of records."""

    invocation_id: str
    delivery_stream_arn: str
    source_kinesis_stream_arn: str | None = None
    region: str
    records: Sequence[Record]


@frozen(kw_only=True)
class Result(Payload):
    """What became of a record: its new data in Base64, and keys for dynamic partitioning."""

    record_id: str
    result: Literal["Ok", "Dropped", "ProcessingFailed"]
    data: str | None = None
    metadata: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Response(Payload):
    """What became of all records, under the ids with which they came."""

    records: Sequence[Result]


def transformed(record: Record, data: bytes | str, **partition_keys: str) -> Result:
    """The result that gives a record new data."""
    encoded = base64.b64encode(data.encode() if isinstance(data, str) else data).decode()
    metadata = {"partitionKeys": partition_keys} if partition_keys else None
    return Result(record_id=record.record_id, result="Ok", data=encoded, metadata=metadata)


def sample(
    data: str = "Hello, this is a test 123.",
    *,
    delivery_stream: str = "my-stream",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Event:
    """One record; ``data`` is text, which the event has in Base64."""
    record = Record(
        record_id="49546986683135544286507457936321625675700192471156785154",
        approximate_arrival_timestamp=1495072949453,
        data=base64.b64encode(data.encode()).decode(),
    )
    return Event(
        invocation_id="2d3aa1a5-6d3f-4bd5-9f4f-6f1a9d7c6d36",
        delivery_stream_arn=f"arn:aws:firehose:{region}:{account}:deliverystream/{delivery_stream}",
        region=region,
        records=[record],
    )
