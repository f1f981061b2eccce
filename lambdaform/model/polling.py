"""The parts of an event source mapping: what Lambda polls, which records it passes on, where failures go.

SAM's events for queues, streams and brokers have them, and ``AWS::Lambda::EventSourceMapping`` has the same.

Source: Lambda API, CreateEventSourceMapping; AWS CloudFormation User Guide, AWS::Lambda::EventSourceMapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import Target, arn_of
from lambdaform.model.json_text import to_json_text
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape

_API = "Lambda API, CreateEventSourceMapping"

#: Records or messages in one batch; what one kind of source allows is in its event's own type.
BatchSize = Annotated[int, Within(1, 10_000, "records", source=_API)]
#: How long Lambda may gather a batch, in seconds.
BatchingWindow = Annotated[int, Within(0, 300, "seconds", source=_API)]
StartingPosition = Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]
#: Batches of one shard that may be under way at once.
ParallelizationFactor = Annotated[int, Within(1, 10, "batches", source=_API)]
#: Attempts after the first; -1 for as many as the record's age allows.
RetryAttempts = Annotated[int, Within(-1, 10_000, "attempts", source=_API)]
#: Age in seconds over which a record is given up; -1 for none.
RecordAge = Annotated[int, Within(-1, 604_800, "seconds", source=_API)]
#: Length of a tumbling window in seconds.
TumblingWindow = Annotated[int, Within(0, 900, "seconds", source=_API)]
ConsumerGroupId = Annotated[
    str,
    Matching(
        r"[a-zA-Z0-9-/*:_+=.@]{1,200}",
        "A consumer group id has 1 to 200 letters, digits and -/*:_+=.@ (Lambda API).",
    ),
]
FunctionResponseTypes = Annotated[
    Sequence[Literal["ReportBatchItemFailures"] | Ref[str]], Count(high=1, source=_API)
]
Topics = Annotated[Sequence[str | Ref[str]], Count(high=1, low=1, unit="topics", source=_API)]
Queues = Annotated[Sequence[str | Ref[str]], Count(high=1, low=1, unit="queues", source=_API)]


@frozen
class Filter(Shape):
    """One pattern that a record may match: ``Filter({"body": {"kind": ["order"]}})``."""

    pattern: Annotated[str, Count(high=4096, unit="characters", source=_API)] | Ref[str] | None = field(
        default=None,
        converter=to_json_text,
        metadata={"shorthand": "a pattern as a mapping, or its JSON text"},
    )


@frozen
class FilterCriteria(Shape):
    """The patterns of which a record must match one for the function to see it."""

    WRITTEN_AS: ClassVar[str | None] = "filter_criteria"

    filters: (
        Annotated[Sequence[Filter | Ref[Any]], Count(high=20, unit="filters", source=_API)] | Ref[Any] | None
    ) = None


def to_filter_criteria(
    criteria: FilterCriteria | Sequence[Filter | Mapping[str, Any]] | Ref[Any] | None,
) -> FilterCriteria | Ref[Any] | None:
    """A list of patterns as the filter criteria they stand for."""
    if isinstance(criteria, list | tuple):
        return FilterCriteria(tuple(Filter(each) if isinstance(each, Mapping) else each for each in criteria))
    return criteria  # type: ignore[return-value]  # the field refuses what is neither


@frozen
class OnFailure(Shape):
    """Where a batch is told of whose attempts have all failed. ``type`` is SAM's: by it SAM permits the sending."""

    destination: str | Ref[str] | None = field(
        default=None,
        converter=optional(arn_of),
        metadata={"shorthand": "a Queue, a Topic, a Bucket, an ARN or a reference"},
    )
    type: Literal["SQS", "SNS", "S3", "Kafka"] | None = field(default=None, kw_only=True)


_ON_FAILURE: Mapping[str, Literal["SQS", "SNS", "S3"]] = {
    "AWS::SQS::Queue": "SQS",
    "AWS::SNS::Topic": "SNS",
    "AWS::S3::Bucket": "S3",
}


def to_on_failure(destination: OnFailure | Target | None) -> OnFailure | Ref[Any] | None:
    """A queue, topic or bucket as the destination that it stands for, with the type by which SAM permits it."""
    if isinstance(destination, Resource) and destination.aws_type in _ON_FAILURE:
        return OnFailure(destination, type=_ON_FAILURE[destination.aws_type])
    return destination  # type: ignore[return-value]  # the field refuses other resources, and text


@frozen
class DestinationConfig(Shape):
    """Where the records of a stream go that the function did not process: ``DestinationConfig(failed_queue)``."""

    WRITTEN_AS: ClassVar[str | None] = "destination_config"

    on_failure: OnFailure | Ref[Any] | None = field(
        default=None,
        converter=to_on_failure,
        metadata={"shorthand": "a Queue, a Topic, a Bucket or an OnFailure"},
    )


@frozen
class ScalingConfig(Shape):
    """The most environments that one queue's messages may use at once."""

    maximum_concurrency: (
        Annotated[int, Within(2, 1000, "environments", source="Lambda API, ScalingConfig")] | Ref[int] | None
    ) = None


@frozen(kw_only=True)
class ProvisionedPollerConfig(Shape):
    """Pollers that Lambda keeps ready for a source, and how many there may be."""

    minimum_pollers: (
        Annotated[int, Within(1, 200, "pollers", source="Lambda API, ProvisionedPollerConfig")]
        | Ref[int]
        | None
    ) = None
    maximum_pollers: (
        Annotated[int, Within(1, 10_000, "pollers", source="Lambda API, ProvisionedPollerConfig")]
        | Ref[int]
        | None
    ) = None
    poller_group_name: (
        Annotated[
            str,
            Matching(
                r"[a-zA-Z0-9-_]{0,128}",
                "A poller group name has letters, digits, hyphens and underscores, at most 128 (Lambda API).",
            ),
        ]
        | Ref[str]
        | None
    ) = None


@frozen
class MetricsConfig(Shape):
    """The metrics that Lambda writes for a mapping."""

    metrics: (
        Annotated[
            Sequence[Literal["EventCount", "ErrorCount", "KafkaMetrics"] | Ref[str]],
            Count(high=3, unit="metrics", source=_API),
        ]
        | Ref[Any]
        | None
    ) = None


@frozen
class PollerLoggingConfig(Shape):
    """How much a mapping's pollers log."""

    system_log_level: Literal["DEBUG", "INFO", "WARN"] | Ref[str] | None = None


SourceAccessType = Literal[
    "BASIC_AUTH",
    "VPC_SUBNET",
    "VPC_SECURITY_GROUP",
    "SASL_SCRAM_512_AUTH",
    "SASL_SCRAM_256_AUTH",
    "VIRTUAL_HOST",
    "CLIENT_CERTIFICATE_TLS_AUTH",
    "SERVER_ROOT_CA_CERTIFICATE",
    "OAUTHBEARER_AUTH",
    "OAUTHBEARER_SCOPE",
    "OAUTHBEARER_AUDIENCE",
    "OAUTHBEARER_LOGICAL_CLUSTER",
    "OAUTHBEARER_IDENTITY_POOL",
    "IAM_AUTH",
    "IAM_OAUTHBEARER_AUTH",
]


@frozen
class SourceAccessConfiguration(Shape):
    """One thing that Lambda needs to reach a broker: a secret, a subnet, a security group, a virtual host."""

    SPELLING: ClassVar[Mapping[str, str]] = {"uri": "URI"}

    type: SourceAccessType | Ref[str]
    uri: str | Ref[str]


SourceAccessConfigurations = Annotated[
    Sequence[SourceAccessConfiguration | Ref[Any]], Count(high=29, low=1, unit="configurations", source=_API)
]


@frozen
class SchemaRegistryAccessConfig(Shape):
    """The secret with which Lambda reads a schema registry."""

    SPELLING: ClassVar[Mapping[str, str]] = {"uri": "URI"}

    type: (
        Literal[
            "BASIC_AUTH",
            "CLIENT_CERTIFICATE_TLS_AUTH",
            "SERVER_ROOT_CA_CERTIFICATE",
            "OAUTHBEARER_AUTH",
        ]
        | Ref[str]
    )
    uri: str | Ref[str]


@frozen
class SchemaValidationConfig(Shape):
    """Which part of a Kafka record is checked against its schema."""

    attribute: Literal["KEY", "VALUE"] | Ref[str]


@frozen(kw_only=True)
class SchemaRegistryConfig(Shape):
    """The schema registry by which Lambda checks, and for ``JSON`` decodes, the records of a Kafka topic."""

    SPELLING: ClassVar[Mapping[str, str]] = {"uri": "URI"}

    schema_registry_uri: str | Ref[str] | None = None
    event_record_format: Literal["JSON", "SOURCE"] | Ref[str] | None = None
    access_configs: (
        Annotated[Sequence[SchemaRegistryAccessConfig | Ref[Any]], Count(high=2, source=_API)]
        | Ref[Any]
        | None
    ) = None
    schema_validation_configs: (
        Annotated[Sequence[SchemaValidationConfig | Ref[Any]], Count(high=2, source=_API)] | Ref[Any] | None
    ) = None
