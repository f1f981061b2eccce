"""An event of an EventBridge bus, of whatever source: its envelope, and S3's and schedules' own details.

Source: EventBridge User Guide, eb-events; Amazon S3 User Guide, ev-events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class Event(Payload):
    """One event; what it says is its ``detail``."""

    FORM: ClassVar[str] = "kebab"

    version: str
    id: str
    detail_type: str
    source: str
    account: str
    time: str
    region: str
    resources: Sequence[str]
    detail: Mapping[str, Any]


@frozen(kw_only=True)
class S3Bucket(Payload):
    """The bucket."""

    FORM: ClassVar[str] = "kebab"

    name: str
    aws_generated_tags: Mapping[str, str] | None = None


@frozen(kw_only=True)
class S3Object(Payload):
    """The object."""

    FORM: ClassVar[str] = "kebab"

    key: str
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None


@frozen(kw_only=True)
class S3Detail(Payload):
    """What happened to an object."""

    FORM: ClassVar[str] = "kebab"

    version: str
    event_version: str | None = None
    bucket: S3Bucket
    object: S3Object
    request_id: str
    requester: str
    source_ip_address: str | None = None
    reason: str | None = None
    deletion_type: str | None = None
    restore_expiry_time: str | None = None
    source_storage_class: str | None = None
    destination_storage_class: str | None = None
    destination_access_tier: str | None = None


@frozen(kw_only=True)
class S3Event(Payload):
    """What happened to an object of a bucket that sends its events to EventBridge."""

    FORM: ClassVar[str] = "kebab"

    version: str
    id: str
    detail_type: str
    source: str
    account: str
    time: str
    region: str
    resources: Sequence[str]
    detail: S3Detail


def sample(
    detail_type: str = "myDetailType",
    *,
    source: str = "com.mycompany.myapp",
    detail: Mapping[str, Any] | None = None,
    resource: str = "",
    region: str = "us-west-2",
    account: str = "123456789012",
) -> Event:
    """An event of an application of one's own."""
    return Event(
        version="0",
        id="6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        detail_type=detail_type,
        source=source,
        account=account,
        time="2017-12-22T18:43:48Z",
        region=region,
        resources=[resource] if resource else [],
        detail=detail if detail is not None else {"key1": "value1"},
    )


def sample_schedule(
    rule: str = "my-schedule",
    *,
    time: str = "2019-10-08T16:53:06Z",
    region: str = "us-east-2",
    account: str = "123456789012",
) -> Event:
    """What a rule with a schedule sends."""
    return Event(
        version="0",
        id="53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        detail_type="Scheduled Event",
        source="aws.events",
        account=account,
        time=time,
        region=region,
        resources=[f"arn:aws:events:{region}:{account}:rule/{rule}"],
        detail={},
    )


def sample_s3(
    key: str = "example-key",
    *,
    bucket: str = "amzn-s3-demo-bucket1",
    size: int = 5,
    region: str = "ca-central-1",
    account: str = "111122223333",
) -> S3Event:
    """An object that was created."""
    detail = S3Detail(
        version="0",
        event_version="1.2",
        bucket=S3Bucket(name=bucket),
        object=S3Object(
            key=key,
            size=size,
            etag="b1946ac92492d2347c6235b4d2611184",
            version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            sequencer="617f08299329d189",
        ),
        request_id="N4N7GDK58NMKJ12R",
        requester="123456789012",
        source_ip_address="192.0.2.1",
        reason="PutObject",
    )
    return S3Event(
        version="0",
        id="17793124-05d4-b198-2fde-7ededc63b103",
        detail_type="Object Created",
        source="aws.s3",
        account=account,
        time="2021-11-12T00:00:00Z",
        region=region,
        resources=[f"arn:aws:s3:::{bucket}"],
        detail=detail,
    )
