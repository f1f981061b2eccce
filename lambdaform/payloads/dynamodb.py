"""Changes of a DynamoDB table, from its stream.

Source: AWS Lambda Developer Guide, with-ddb, services-ddb-windows; DynamoDB API, StreamRecord.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload, named
from lambdaform.payloads.polling import BatchResponse, failed

__all__ = ["BatchResponse", "Change", "Event", "Record", "UserIdentity", "Window", "failed", "sample"]

#: An item as DynamoDB writes one: each attribute with its type, as in ``{"Id": {"N": "101"}}``.
Item = Mapping[str, Mapping[str, Any]]


@frozen(kw_only=True)
class Change(Payload):
    """What changed: the item's key, and its images before and after as the stream's view has them."""

    FORM: ClassVar[str] = "pascal"

    approximate_creation_date_time: float | None = None
    keys: Item
    new_image: Item | None = None
    old_image: Item | None = None
    sequence_number: str
    size_bytes: int
    stream_view_type: str


@frozen(kw_only=True)
class UserIdentity(Payload):
    """Who made the change, where it was no user: DynamoDB's time to live."""

    type: str
    principal_id: str


@frozen(kw_only=True)
class Record(Payload):
    """One change: INSERT, MODIFY or REMOVE."""

    SPELLING: ClassVar[Mapping[str, str]] = {"arn": "ARN"}

    event_id: str = named("eventID")
    event_name: str
    event_version: str
    event_source: str
    aws_region: str
    dynamodb: Change
    event_source_arn: str
    user_identity: UserIdentity | None = None


@frozen(kw_only=True)
class Window(Payload):
    """The time that a tumbling window spans."""

    start: str
    end: str


@frozen(kw_only=True)
class Event(Payload):
    """A batch of changes; with a tumbling window, also what the function has gathered so far."""

    records: Sequence[Record] = named("Records")
    window: Window | None = None
    state: Mapping[str, Any] | None = None
    shard_id: str | None = None
    event_source_arn: str | None = named("eventSourceARN", None)
    is_final_invoke_for_window: bool | None = None
    is_window_terminated_early: bool | None = None


def sample(
    event_name: str = "INSERT",
    *,
    table: str = "my-table",
    keys: Item | None = None,
    new_image: Item | None = None,
    old_image: Item | None = None,
    region: str = "us-east-2",
    account: str = "123456789012",
) -> Event:
    """One change of an item."""
    keys = keys or {"Id": {"N": "101"}}
    image = {**keys, "Message": {"S": "New item!"}}
    change = Change(
        keys=keys,
        new_image=None if event_name == "REMOVE" else new_image or image,
        old_image=None if event_name == "INSERT" else old_image or image,
        sequence_number="111",
        size_bytes=26,
        stream_view_type="NEW_AND_OLD_IMAGES",
    )
    record = Record(
        event_id="1",
        event_name=event_name,
        event_version="1.0",
        event_source="aws:dynamodb",
        aws_region=region,
        dynamodb=change,
        event_source_arn=f"arn:aws:dynamodb:{region}:{account}:table/{table}/stream/2024-06-10T19:26:16.525",
    )
    return Event(records=[record])
