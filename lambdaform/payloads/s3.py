"""What happened to an object of an S3 bucket that notifies a function by itself.

What S3 says through EventBridge is another event: `lambdaform.payloads.eventbridge`.

Source: AWS Lambda Developer Guide, with-s3; Amazon S3 User Guide, notification-content-structure.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class Identity(Payload):
    """Who did it, or whose bucket it is."""

    principal_id: str


@frozen(kw_only=True)
class RequestParameters(Payload):
    """Where the request came from."""

    source_ip_address: str = named("sourceIPAddress")


@frozen(kw_only=True)
class ResponseElements(Payload):
    """How S3 knows the request again."""

    x_amz_request_id: str = named("x-amz-request-id")
    x_amz_id_2: str = named("x-amz-id-2")


@frozen(kw_only=True)
class Bucket(Payload):
    """The bucket."""

    name: str
    owner_identity: Identity
    arn: str


@frozen(kw_only=True)
class Object(Payload):
    """The object. Its key is URL-encoded, as in ``red+flower.jpg``; `plain_key` is not."""

    key: str
    size: int | None = None
    e_tag: str | None = None
    version_id: str | None = None
    sequencer: str

    @property
    def plain_key(self) -> str:
        """The key as the bucket has it."""
        return urllib.parse.unquote_plus(self.key)


@frozen(kw_only=True)
class Entity(Payload):
    """The object, its bucket and the notification that sends this."""

    s3_schema_version: str = named("s3SchemaVersion")
    configuration_id: str
    bucket: Bucket
    object: Object


@frozen(kw_only=True)
class Record(Payload):
    """One thing that happened to one object."""

    event_version: str
    event_source: str
    aws_region: str
    event_time: str
    event_name: str
    user_identity: Identity
    request_parameters: RequestParameters
    response_elements: ResponseElements
    s3: Entity
    #: Of a restored object: until when it stays.
    glacier_event_data: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Event(Payload):
    """What happened."""

    FORM: ClassVar[str] = "pascal"

    records: Sequence[Record]


def sample(
    key: str = "test/key",
    *,
    bucket: str = "amzn-s3-demo-bucket",
    event_name: str = "ObjectCreated:Put",
    size: int = 1024,
    region: str = "us-east-2",
) -> Event:
    """One object that was put, or removed with ``event_name="ObjectRemoved:Delete"``."""
    created = event_name.startswith("ObjectCreated")
    entity = Entity(
        s3_schema_version="1.0",
        configuration_id="828aa6fc-f7b5-4305-8584-487c791949c1",
        bucket=Bucket(
            name=bucket,
            owner_identity=Identity(principal_id="A3I5XTEXAMAI3E"),
            arn=f"arn:aws:s3:::{bucket}",
        ),
        object=Object(
            key=urllib.parse.quote_plus(key, safe="/"),
            size=size if created else None,
            e_tag="b21b84d653bb07b05b1e6b33684dc11b" if created else None,
            sequencer="0C0F6F405D6ED209E1",
        ),
    )
    record = Record(
        event_version="2.1",
        event_source="aws:s3",
        aws_region=region,
        event_time="2019-09-03T19:37:27.192Z",
        event_name=event_name,
        user_identity=Identity(principal_id="AWS:AIDAINPONIXQXHT3IKHL2"),
        request_parameters=RequestParameters(source_ip_address="205.255.255.255"),
        response_elements=ResponseElements(
            x_amz_request_id="D82B88E5F771F645",
            x_amz_id_2="vlR7PnpV2Ce81l0PRw6jlUpck7Jo5ZsQjryTjKlc5aLWGVHPZLj5NeC6qMa0emYBDXOo6QBU0Wo=",
        ),
        s3=entity,
    )
    return Event(records=[record])
