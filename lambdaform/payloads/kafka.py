"""Records of Kafka topics: of Amazon MSK, and of clusters of one's own.

Source: AWS Lambda Developer Guide, with-msk, with-kafka.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from attrs import frozen

from lambdaform.payloads.payload import Payload
from lambdaform.payloads.polling import BatchResponse, failed

__all__ = ["BatchResponse", "Event", "Record", "failed", "sample_msk", "sample_self_managed"]


@frozen(kw_only=True)
class Record(Payload):
    """One record: key and value in Base64, header values as bytes."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: str
    key: str | None = None
    value: str | None = None
    headers: Sequence[Mapping[str, Sequence[int]]]

    @property
    def decoded(self) -> bytes | None:
        """The value."""
        return None if self.value is None else base64.b64decode(self.value)


@frozen(kw_only=True)
class Event(Payload):
    """A batch of records by topic and partition (``mytopic-0``). MSK also names the cluster."""

    event_source: str
    event_source_arn: str | None = None
    bootstrap_servers: str
    records: Mapping[str, Sequence[Record]]


def _records(value: str, topic: str) -> dict[str, Sequence[Record]]:
    record = Record(
        topic=topic,
        partition=0,
        offset=15,
        timestamp=1545084650987,
        timestamp_type="CREATE_TIME",
        key="cmVjb3JkS2V5",
        value=base64.b64encode(value.encode()).decode(),
        headers=[{"headerKey": list(b"headerValue")}],
    )
    return {f"{topic}-0": [record]}


def sample_msk(
    value: str = "Hello, this is a test.",
    *,
    topic: str = "mytopic",
    cluster: str = "demo-cluster-1",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Event:
    """One record of an MSK cluster; ``value`` is text, which the event has in Base64."""
    host = f"{cluster}.a1bcde.c1.kafka.{region}.amazonaws.com:9092"
    return Event(
        event_source="aws:kafka",
        event_source_arn=f"arn:aws:kafka:{region}:{account}:cluster/{cluster}/751d2973-a626-431c-9d4e-d7975eb44dd7-2",
        bootstrap_servers=f"b-2.{host},b-1.{host}",
        records=_records(value, topic),
    )


def sample_self_managed(value: str = "Hello, this is a test.", *, topic: str = "mytopic") -> Event:
    """One record of a cluster of one's own; ``value`` is text, which the event has in Base64."""
    return Event(
        event_source="SelfManagedKafka",
        bootstrap_servers="b-2.example.com:9092,b-1.example.com:9092",
        records=_records(value, topic),
    )
