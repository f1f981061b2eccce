"""Messages of an SQS queue.

Source: AWS Lambda Developer Guide, with-sqs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload, named
from lambdaform.payloads.polling import BatchResponse, failed

__all__ = ["Attributes", "BatchResponse", "Event", "MessageAttribute", "Record", "failed", "sample"]


@frozen(kw_only=True)
class Attributes(Payload):
    """What the queue says of a message. Times are in milliseconds since 1970, as text."""

    FORM: ClassVar[str] = "pascal"

    approximate_receive_count: str
    sent_timestamp: str
    sender_id: str
    approximate_first_receive_timestamp: str
    #: Of FIFO queues: the order within the group.
    sequence_number: str | None = None
    message_group_id: str | None = None
    message_deduplication_id: str | None = None
    #: The trace that the sender was part of.
    aws_trace_header: str | None = named("AWSTraceHeader", None)
    #: The queue from which a redrive brought the message here.
    dead_letter_queue_source_arn: str | None = named("DeadLetterQueueSourceArn", None)


@frozen(kw_only=True)
class MessageAttribute(Payload):
    """An attribute that the sender gave a message."""

    data_type: str
    string_value: str | None = None
    binary_value: str | None = None
    string_list_values: Sequence[str] | None = None
    binary_list_values: Sequence[str] | None = None


@frozen(kw_only=True)
class Record(Payload):
    """One message."""

    SPELLING: ClassVar[Mapping[str, str]] = {"arn": "ARN"}

    message_id: str
    receipt_handle: str
    body: str
    attributes: Attributes
    message_attributes: Mapping[str, MessageAttribute]
    md5_of_body: str = named("md5OfBody")
    md5_of_message_attributes: str | None = named("md5OfMessageAttributes", None)
    event_source: str
    event_source_arn: str
    aws_region: str


@frozen(kw_only=True)
class Event(Payload):
    """A batch of messages."""

    FORM: ClassVar[str] = "pascal"

    records: Sequence[Record]


def sample(
    body: str = "Test message.",
    *,
    queue: str = "my-queue",
    region: str = "us-east-2",
    account: str = "123456789012",
) -> Event:
    """One message; of a queue whose name ends in .fifo, with what such queues add."""
    fifo: dict[str, Any] = {}
    if queue.endswith(".fifo"):
        fifo = {
            "sequence_number": "18849496460467696128",
            "message_group_id": "1",
            "message_deduplication_id": "1",
        }
    attributes = Attributes(
        approximate_receive_count="1",
        sent_timestamp="1545082649183",
        sender_id="AIDAIENQZJOLO23YVJ4VO",
        approximate_first_receive_timestamp="1545082649185",
        **fifo,
    )
    record = Record(
        message_id="059f36b4-87a3-44ab-83d2-661975830a7d",
        receipt_handle="AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        body=body,
        attributes=attributes,
        message_attributes={},
        md5_of_body=hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        event_source="aws:sqs",
        event_source_arn=f"arn:aws:sqs:{region}:{account}:{queue}",
        aws_region=region,
    )
    return Event(records=[record])
