"""Events that Lambda polls for and hands over in batches: queues, streams, Kafka topics, brokers, change streams.

Source: SAM Developer Guide, SQS, Kinesis, DynamoDB, MSK, SelfManagedKafka, MQ and DocumentDB; Lambda API,
CreateEventSourceMapping; deck sections B7 and B8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.event import FunctionEvent
from lambdaform.model.iam import arn_of
from lambdaform.model.polling import (
    BatchingWindow,
    BatchSize,
    ConsumerGroupId,
    DestinationConfig,
    FilterCriteria,
    FunctionResponseTypes,
    MetricsConfig,
    ParallelizationFactor,
    PollerLoggingConfig,
    ProvisionedPollerConfig,
    Queues,
    RecordAge,
    RetryAttempts,
    ScalingConfig,
    SchemaRegistryConfig,
    SourceAccessConfigurations,
    StartingPosition,
    Topics,
    TumblingWindow,
    to_filter_criteria,
)
from lambdaform.model.references import Ref
from lambdaform.model.sources import broker_arn, kafka_cluster_arn, queue_arn, stream_arn, table_stream_arn

_API = "Lambda API, CreateEventSourceMapping"
_FILTERS: Mapping[str, str] = {"shorthand": "a list of patterns, a FilterCriteria or a reference"}


@frozen
class SqsEvent(FunctionEvent):
    """Messages of a queue, in batches of ``batch_size``: ``SqsEvent(orders, batch_size=10)``."""

    TYPE: ClassVar[str] = "SQS"

    queue: str | Ref[str] = field(
        converter=queue_arn, metadata={"shorthand": "a Queue, an ARN or a reference"}
    )
    batch_size: Annotated[int, Within(1, 10_000, "messages", source=_API)] | Ref[int] | None = field(
        default=None, kw_only=True
    )
    maximum_batching_window_in_seconds: BatchingWindow | Ref[int] | None = field(default=None, kw_only=True)
    enabled: bool | Ref[bool] | None = field(default=None, kw_only=True)
    filter_criteria: FilterCriteria | Ref[Any] | None = field(
        default=None, kw_only=True, converter=to_filter_criteria, metadata=_FILTERS
    )
    function_response_types: FunctionResponseTypes | Ref[Any] | None = field(default=None, kw_only=True)
    kms_key_arn: str | Ref[str] | None = field(default=None, kw_only=True)
    scaling_config: ScalingConfig | Ref[Any] | None = field(default=None, kw_only=True)
    metrics_config: MetricsConfig | Ref[Any] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class StreamEvent(FunctionEvent):
    """What the events of a Kinesis and of a DynamoDB stream have in common. Not an event by itself."""

    starting_position: StartingPosition | Ref[str] | None = None
    starting_position_timestamp: float | Ref[float] | None = None
    batch_size: BatchSize | Ref[int] | None = None
    maximum_batching_window_in_seconds: BatchingWindow | Ref[int] | None = None
    parallelization_factor: ParallelizationFactor | Ref[int] | None = None
    enabled: bool | Ref[bool] | None = None
    filter_criteria: FilterCriteria | Ref[Any] | None = field(
        default=None, converter=to_filter_criteria, metadata=_FILTERS
    )
    function_response_types: FunctionResponseTypes | Ref[Any] | None = None
    bisect_batch_on_function_error: bool | Ref[bool] | None = None
    maximum_record_age_in_seconds: RecordAge | Ref[int] | None = None
    maximum_retry_attempts: RetryAttempts | Ref[int] | None = None
    tumbling_window_in_seconds: TumblingWindow | Ref[int] | None = None
    destination_config: DestinationConfig | Ref[Any] | None = None
    kms_key_arn: str | Ref[str] | None = None
    metrics_config: MetricsConfig | Ref[Any] | None = None


@frozen
class KinesisEvent(StreamEvent):
    """Records of a Kinesis stream, shard by shard: ``KinesisEvent(clicks, starting_position="LATEST")``."""

    TYPE: ClassVar[str] = "Kinesis"
    FIRST: ClassVar[tuple[str, ...]] = ("stream",)

    stream: str | Ref[str] = field(
        converter=stream_arn, metadata={"shorthand": "a Kinesis stream or consumer, an ARN or a reference"}
    )


@frozen
class DynamoDBEvent(StreamEvent):
    """The changes of a table that has a stream: ``DynamoDBEvent(table, starting_position="LATEST")``."""

    TYPE: ClassVar[str] = "DynamoDB"
    FIRST: ClassVar[tuple[str, ...]] = ("stream",)

    stream: str | Ref[str] = field(
        converter=table_stream_arn, metadata={"shorthand": "a Table, a stream's ARN or a reference"}
    )


@frozen(kw_only=True)
class KafkaEvent(FunctionEvent):
    """What the events of the two kinds of Kafka have in common. Not an event by itself."""

    topics: Topics | Ref[Any]
    consumer_group_id: ConsumerGroupId | Ref[str] | None = None
    starting_position: StartingPosition | Ref[str] | None = None
    starting_position_timestamp: float | Ref[float] | None = None
    batch_size: BatchSize | Ref[int] | None = None
    maximum_batching_window_in_seconds: BatchingWindow | Ref[int] | None = None
    enabled: bool | Ref[bool] | None = None
    filter_criteria: FilterCriteria | Ref[Any] | None = field(
        default=None, converter=to_filter_criteria, metadata=_FILTERS
    )
    function_response_types: FunctionResponseTypes | Ref[Any] | None = None
    bisect_batch_on_function_error: bool | Ref[bool] | None = None
    maximum_record_age_in_seconds: RecordAge | Ref[int] | None = None
    maximum_retry_attempts: RetryAttempts | Ref[int] | None = None
    destination_config: DestinationConfig | Ref[Any] | None = None
    provisioned_poller_config: ProvisionedPollerConfig | Ref[Any] | None = None
    schema_registry_config: SchemaRegistryConfig | Ref[Any] | None = None
    kms_key_arn: str | Ref[str] | None = None
    metrics_config: MetricsConfig | Ref[Any] | None = None
    logging_config: PollerLoggingConfig | Ref[Any] | None = None


@frozen
class MskEvent(KafkaEvent):
    """Records of a topic of Amazon MSK: ``MskEvent(cluster_arn, topics=["orders"])``."""

    TYPE: ClassVar[str] = "MSK"
    FIRST: ClassVar[tuple[str, ...]] = ("stream", "topics")

    stream: str | Ref[str] = field(
        converter=kafka_cluster_arn, metadata={"shorthand": "an MSK cluster, its ARN or a reference"}
    )
    source_access_configurations: SourceAccessConfigurations | Ref[Any] | None = field(
        default=None, kw_only=True
    )


@frozen(kw_only=True)
class SelfManagedKafkaEvent(KafkaEvent):
    """Records of a topic of a Kafka cluster of one's own, reached at ``kafka_bootstrap_servers`` (host:port)."""

    TYPE: ClassVar[str] = "SelfManagedKafka"
    FIRST: ClassVar[tuple[str, ...]] = ("kafka_bootstrap_servers", "topics", "source_access_configurations")

    kafka_bootstrap_servers: (
        Annotated[Sequence[str | Ref[str]], Count(high=10, low=1, unit="servers", source=_API)]
        | Ref[Any]
        | None
    ) = None
    source_access_configurations: SourceAccessConfigurations | Ref[Any]


@frozen
class MqEvent(FunctionEvent):
    """Messages of a queue of an Amazon MQ broker."""

    TYPE: ClassVar[str] = "MQ"

    broker: str | Ref[str] = field(
        converter=broker_arn, metadata={"shorthand": "an Amazon MQ broker, its ARN or a reference"}
    )
    queues: Queues | Ref[Any] = field(kw_only=True)
    source_access_configurations: SourceAccessConfigurations | Ref[Any] = field(kw_only=True)
    batch_size: BatchSize | Ref[int] | None = field(default=None, kw_only=True)
    maximum_batching_window_in_seconds: BatchingWindow | Ref[int] | None = field(default=None, kw_only=True)
    enabled: bool | Ref[bool] | None = field(default=None, kw_only=True)
    filter_criteria: FilterCriteria | Ref[Any] | None = field(
        default=None, kw_only=True, converter=to_filter_criteria, metadata=_FILTERS
    )
    kms_key_arn: str | Ref[str] | None = field(default=None, kw_only=True)
    secrets_manager_kms_key_id: str | None = field(default=None, kw_only=True)
    dynamic_policy_name: bool | None = field(default=None, kw_only=True)


@frozen
class DocumentDBEvent(FunctionEvent):
    """The change stream of a database, or of one collection, of an Amazon DocumentDB cluster."""

    TYPE: ClassVar[str] = "DocumentDB"

    cluster: str | Ref[str] = field(converter=arn_of)
    database_name: Annotated[str, Count(high=63, low=1, unit="characters", source=_API)] | Ref[str] = field(
        kw_only=True
    )
    collection_name: (
        Annotated[str, Count(high=57, low=1, unit="characters", source=_API)] | Ref[str] | None
    ) = field(default=None, kw_only=True)
    full_document: Literal["UpdateLookup", "Default"] | Ref[str] | None = field(default=None, kw_only=True)
    source_access_configurations: SourceAccessConfigurations | Ref[Any] = field(kw_only=True)
    starting_position: StartingPosition | Ref[str] | None = field(default=None, kw_only=True)
    starting_position_timestamp: float | Ref[float] | None = field(default=None, kw_only=True)
    batch_size: BatchSize | Ref[int] | None = field(default=None, kw_only=True)
    maximum_batching_window_in_seconds: BatchingWindow | Ref[int] | None = field(default=None, kw_only=True)
    enabled: bool | Ref[bool] | None = field(default=None, kw_only=True)
    filter_criteria: FilterCriteria | Ref[Any] | None = field(
        default=None, kw_only=True, converter=to_filter_criteria, metadata=_FILTERS
    )
    kms_key_arn: str | Ref[str] | None = field(default=None, kw_only=True)
    secrets_manager_kms_key_id: str | None = field(default=None, kw_only=True)
