"""Kinesis streams and their consumers.

Source: AWS CloudFormation User Guide, AWS::Kinesis::Stream and AWS::Kinesis::StreamConsumer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.resource import RawResource, Resource, Tags, attribute_of
from lambdaform.model.shape import Shape

if TYPE_CHECKING:
    from lambdaform.model.grants import Grant

_API = "Kinesis API, CreateStream"


@frozen
class StreamModeDetails(Shape):
    """Whether the stream has a number of shards, or as many as it needs."""

    stream_mode: Literal["ON_DEMAND", "PROVISIONED"] | Ref[str]


@frozen(kw_only=True)
class StreamEncryption(Shape):
    """The key that encrypts the stream's records."""

    key_id: str | Ref[str]
    encryption_type: Literal["KMS"] | Ref[str] = "KMS"


@frozen(kw_only=True)
class Stream(Resource):
    """``AWS::Kinesis::Stream``."""

    TYPE: ClassVar[str] = "AWS::Kinesis::Stream"
    SPELLING: ClassVar[Mapping[str, str]] = {"kib": "KiB", "mibps": "MiBps"}

    name: str | Ref[str] | None = None
    shard_count: Annotated[int, Within(1, 100000)] | Ref[int] | None = None
    stream_mode_details: StreamModeDetails | Ref[Any] | None = None
    retention_period_hours: Annotated[int, Within(1, 8760, "hours", source=_API)] | Ref[int] | None = None
    stream_encryption: StreamEncryption | Ref[Any] | None = None
    max_record_size_in_kib: Annotated[int, Within(1024, 10_240, "KiB", source=_API)] | Ref[int] | None = None
    desired_shard_level_metrics: (
        Annotated[
            Sequence[
                Literal[
                    "IncomingBytes",
                    "IncomingRecords",
                    "OutgoingBytes",
                    "OutgoingRecords",
                    "WriteProvisionedThroughputExceeded",
                    "ReadProvisionedThroughputExceeded",
                    "IteratorAgeMilliseconds",
                    "ALL",
                ]
                | Ref[str]
            ],
            Count(high=7),
        ]
        | Ref[Any]
        | None
    ) = None
    warm_throughput_mibps: Annotated[int, Within(0, None)] | Ref[int] | None = None
    record_distribution_strategy: Literal["AUTO", "USER_PARTITION_KEY"] | Ref[str] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The stream's ARN."""
        return self.attr("Arn")

    def read(self) -> Grant:
        """Leave to read the stream's records."""
        from lambdaform.model import grants

        return grants.read(self)

    def write(self) -> Grant:
        """Leave to write records to the stream."""
        from lambdaform.model import grants

        return grants.write(self)

    def read_write(self) -> Grant:
        """Leave to read and write the stream's records."""
        from lambdaform.model import grants

        return grants.read_write(self)


def stream_arn(stream: Stream | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a stream given as an object."""
    return attribute_of(stream, "Arn", "AWS::Kinesis::Stream")


@frozen(kw_only=True)
class StreamConsumer(Resource):
    """``AWS::Kinesis::StreamConsumer``: a reader with throughput of its own (enhanced fan-out)."""

    TYPE: ClassVar[str] = "AWS::Kinesis::StreamConsumer"
    SPELLING: ClassVar[Mapping[str, str]] = {"arn": "ARN"}

    consumer_name: str | Ref[str]
    stream_arn: str | Ref[str] = field(
        converter=stream_arn, metadata={"shorthand": "a Stream, its ARN or a reference"}
    )
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The consumer's ARN, which is what ``Ref`` gives."""
        return self.ref

    def read(self) -> Grant:
        """Leave to read the stream by this consumer."""
        from lambdaform.model import grants

        return grants.read(self)
