"""The ``AWS::Lambda`` resources that templates without SAM, and SAM's own expansion, are made of.

Where SAM has a resource of the same name, this one's starts with ``Lambda`` (`LambdaFunction`, `LambdaUrl`). What is
not for functions has modules of its own: `managed_instances`, `microvm`, `web_function`.

Source: AWS CloudFormation User Guide, "AWS Lambda resource type reference".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import Factory, evolve, field
from attrs.converters import optional

from lambdaform.facts.runtimes import Runtime
from lambdaform.model.code_folder import CodeFolder
from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.function import FunctionSettings
from lambdaform.model.function_parts import (
    FunctionScalingConfig,
    LambdaCapacityProviderConfig,
    ProvisionedConcurrencyConfig,
    RuntimeManagementConfig,
    to_provisioned_concurrency,
)
from lambdaform.model.function_url import FunctionUrlCors
from lambdaform.model.iam import DOCUMENT, Document, arn_of, role_arn, to_policy_document
from lambdaform.model.invocable import Invocable
from lambdaform.model.layer import Architecture, to_runtimes
from lambdaform.model.polling import (
    BatchingWindow,
    BatchSize,
    ConsumerGroupId,
    DestinationConfig,
    FilterCriteria,
    FunctionResponseTypes,
    MetricsConfig,
    OnFailure,
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
from lambdaform.model.queue import Queue
from lambdaform.model.references import Ref
from lambdaform.model.resource import RawResource, Resource, Tags, attribute_of, reference_of
from lambdaform.model.shape import Shape
from lambdaform.model.stream import Stream, StreamConsumer
from lambdaform.model.table import Table
from lambdaform.model.types import AliasName, Description, RoleArn

if TYPE_CHECKING:
    from lambdaform.model.grants import Grant

Text = str | Ref[str]
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")


@frozen(kw_only=True)
class Code(Shape):
    """A function's code: an object in S3, the text of one file, or a container image."""

    zip_file: str | Ref[str] | None = None
    s3_bucket: str | Ref[str] | None = None
    s3_key: str | Ref[str] | None = None
    s3_object_version: str | Ref[str] | None = None
    s3_object_storage_mode: Literal["COPY", "REFERENCE"] | Ref[str] | None = None
    image_uri: str | Ref[str] | None = None
    source_kms_key_arn: str | Ref[str] | None = field(default=None, metadata={"aws_name": "SourceKMSKeyArn"})


@frozen
class DeadLetterConfig(Shape):
    """The queue or topic for asynchronous events whose attempts have all failed: ``DeadLetterConfig(queue)``."""

    target_arn: str | Ref[str] | None = field(
        default=None,
        converter=optional(arn_of),
        metadata={"shorthand": "a Queue, a Topic, an ARN or a reference"},
    )


@frozen
class TracingConfig(Shape):
    """Whether Lambda samples invocations for X-Ray, or follows what calls the function."""

    mode: Literal["Active", "PassThrough"] | Ref[str] | None = None


@frozen(kw_only=True)
class LambdaFunction(FunctionSettings):
    """``AWS::Lambda::Function``. ``code`` may be a local folder, as ``aws cloudformation package`` takes it."""

    TYPE: ClassVar[str] = "AWS::Lambda::Function"
    FIRST: ClassVar[tuple[str, ...]] = (
        "function_name",
        "description",
        "package_type",
        "runtime",
        "handler",
        "code",
        "role",
    )

    code: Code | str | CodeFolder | Ref[Any]
    role: RoleArn | Ref[str] = field(
        converter=role_arn, metadata={"shorthand": "a Role, its ARN or a reference"}
    )
    dead_letter_config: DeadLetterConfig | Ref[Any] | None = None
    tracing_config: TracingConfig | Ref[Any] | None = None
    publish_to_latest_published: bool | Ref[bool] | None = None
    capacity_provider_config: LambdaCapacityProviderConfig | Ref[Any] | None = None

    @property
    def dead_letter_target(self) -> str | Ref[str] | None:
        """The ARN to which failed asynchronous events go."""
        return (
            self.dead_letter_config.target_arn
            if isinstance(self.dead_letter_config, DeadLetterConfig)
            else None
        )


def function_name(function: Invocable | RawResource | str | Ref[str]) -> Text:
    """What names a function, version or alias given as an object: the function's name, the others' ARN."""
    return reference_of(function, *_FUNCTIONS, "AWS::Lambda::Version", "AWS::Lambda::Alias")


_FUNCTION = {"shorthand": "a function, a Version, an Alias, a name, an ARN or a reference"}


@frozen(kw_only=True)
class Version(Invocable):
    """``AWS::Lambda::Version``: a function as it is at one moment, which nothing changes after."""

    TYPE: ClassVar[str] = "AWS::Lambda::Version"

    function_name: str | Ref[str] = field(converter=function_name, metadata=_FUNCTION)
    description: Description | Ref[str] | None = None
    code_sha256: str | Ref[str] | None = None
    provisioned_concurrency_config: ProvisionedConcurrencyConfig | Ref[Any] | None = field(
        default=None,
        converter=to_provisioned_concurrency,
        metadata={"shorthand": "a number of environments, or a ProvisionedConcurrencyConfig"},
    )
    runtime_policy: RuntimeManagementConfig | Ref[Any] | None = None
    function_scaling_config: FunctionScalingConfig | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The version's ARN, which is what ``Ref`` gives."""
        return self.ref

    @property
    def version(self) -> Ref[str]:
        """The version's number."""
        return self.attr("Version")

    def invoke(self) -> Grant:
        """Leave to invoke the version."""
        from lambdaform.model import grants

        return grants.invoke(self)


def _version_number(version: Version | RawResource | str | Ref[str]) -> Text:
    return attribute_of(version, "Version", "AWS::Lambda::Version")


_VERSION = {"shorthand": "a Version, its number as text or a reference"}
Weight = Annotated[float, Within(0, 1, source="Lambda API, AliasRoutingConfiguration")]


@frozen
class VersionWeight(Shape):
    """The share of an alias's traffic, 0 to 1, that goes to a second version."""

    function_version: str | Ref[str] = field(converter=_version_number, metadata=_VERSION)
    function_weight: Weight | Ref[float]


@frozen
class RoutingConfig(Shape):
    """How an alias shares its traffic: the rest goes to the alias's own version."""

    WRITTEN_AS: ClassVar[str | None] = "routing_config"

    additional_version_weights: (
        Annotated[
            Sequence[VersionWeight | Ref[Any]],
            Count(high=1, unit="versions", source="Lambda Developer Guide, configuring-alias-routing"),
        ]
        | Ref[Any]
        | None
    ) = None


def to_routing_config(
    routing: RoutingConfig
    | VersionWeight
    | Sequence[VersionWeight | Ref[Any]]
    | Mapping[str, float]
    | Ref[Any],
) -> RoutingConfig | Ref[Any]:
    """A weight, or a mapping of a version's number to its weight, as the routing it stands for."""
    if isinstance(routing, VersionWeight):
        return RoutingConfig((routing,))
    if isinstance(routing, Mapping):
        return RoutingConfig(tuple(VersionWeight(version, weight) for version, weight in routing.items()))
    if isinstance(routing, list | tuple):
        return RoutingConfig(routing)
    return routing  # type: ignore[return-value]  # what is none of these is refused by the field


@frozen(kw_only=True)
class Alias(Invocable):
    """``AWS::Lambda::Alias``: a name for a version, or for two with a weight.

    ::

        Alias("live", function_name=fn, function_version=old, routing_config=VersionWeight(new, 0.1))

    Its ``name`` is its logical id unless it is given.
    """

    TYPE: ClassVar[str] = "AWS::Lambda::Alias"

    name: AliasName | Ref[str] = field(default=Factory(lambda self: self.logical_id, takes_self=True))
    function_name: str | Ref[str] = field(converter=function_name, metadata=_FUNCTION)
    function_version: str | Ref[str] = field(converter=_version_number, metadata=_VERSION)
    description: Description | Ref[str] | None = None
    routing_config: RoutingConfig | Ref[Any] | None = field(
        default=None,
        converter=optional(to_routing_config),
        metadata={"shorthand": "a VersionWeight, a mapping of a version to its weight, or a RoutingConfig"},
    )
    provisioned_concurrency_config: ProvisionedConcurrencyConfig | Ref[Any] | None = field(
        default=None,
        converter=to_provisioned_concurrency,
        metadata={"shorthand": "a number of environments, or a ProvisionedConcurrencyConfig"},
    )

    @property
    def arn(self) -> Ref[str]:
        """The alias's ARN, which is what ``Ref`` gives."""
        return self.ref

    def invoke(self) -> Grant:
        """Leave to invoke the alias."""
        from lambdaform.model import grants

        return grants.invoke(self)


@frozen(kw_only=True)
class LayerContent(Shape):
    """A layer's archive in S3."""

    s3_bucket: str | Ref[str]
    s3_key: str | Ref[str]
    s3_object_version: str | Ref[str] | None = None
    s3_object_storage_mode: Literal["COPY", "REFERENCE"] | Ref[str] | None = None


@frozen(kw_only=True)
class LambdaLayer(Resource):
    """``AWS::Lambda::LayerVersion``. ``content`` may be a local folder, as ``aws cloudformation package`` takes it."""

    TYPE: ClassVar[str] = "AWS::Lambda::LayerVersion"

    layer_name: str | Ref[str] | None = None
    description: Description | Ref[str] | None = None
    content: LayerContent | str | CodeFolder | Ref[Any]
    compatible_architectures: (
        Annotated[Sequence[Architecture | Ref[str]], Count(high=2)] | Ref[Any] | None
    ) = None
    compatible_runtimes: Annotated[Sequence[Runtime | Ref[str]], Count(high=15)] | Ref[Any] | None = field(
        default=None, converter=to_runtimes
    )
    license_info: Annotated[str, Count(high=512, unit="characters")] | Ref[str] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The layer version's ARN, which is what ``Ref`` gives."""
        return self.ref


@frozen(kw_only=True)
class LayerVersionPermission(Resource):
    """``AWS::Lambda::LayerVersionPermission``: lets another account, an organisation or everyone use a layer."""

    TYPE: ClassVar[str] = "AWS::Lambda::LayerVersionPermission"

    layer_version_arn: str | Ref[str] = field(
        converter=arn_of, metadata={"shorthand": "a Layer, a LambdaLayer, an ARN or a reference"}
    )
    action: Literal["lambda:GetLayerVersion"] | Ref[str] = "lambda:GetLayerVersion"
    principal: str | Ref[str]
    organization_id: str | Ref[str] | None = None


@frozen(kw_only=True)
class Permission(Resource):
    """``AWS::Lambda::Permission``: lets a service, account or organisation invoke a function.

    ::

        Permission("TopicMayInvoke", function_name=fn, principal="sns.amazonaws.com", source_arn=topic)
    """

    TYPE: ClassVar[str] = "AWS::Lambda::Permission"
    SPELLING: ClassVar[Mapping[str, str]] = {"id": "ID"}

    function_name: str | Ref[str] = field(converter=function_name, metadata=_FUNCTION)
    action: (
        Annotated[
            str,
            Matching(
                r"lambda:\*|lambda:[a-zA-Z]+|\*",
                "An action is lambda:Operation, such as lambda:InvokeFunction (Lambda API, AddPermission).",
            ),
        ]
        | Ref[str]
    ) = "lambda:InvokeFunction"
    principal: str | Ref[str]
    source_arn: str | Ref[str] | None = field(
        default=None,
        converter=optional(arn_of),
        metadata={"shorthand": "a Topic, a Bucket, a Rule, an ARN or a reference"},
    )
    source_account: str | Ref[str] | None = None
    event_source_token: str | Ref[str] | None = None
    principal_org_id: str | Ref[str] | None = None
    function_url_auth_type: Literal["AWS_IAM", "NONE"] | Ref[str] | None = None
    invoked_via_function_url: bool | Ref[bool] | None = None


@frozen(kw_only=True)
class LambdaResourcePolicy(Resource):
    """``AWS::Lambda::ResourcePolicy``: a function's whole resource policy as one document."""

    TYPE: ClassVar[str] = "AWS::Lambda::ResourcePolicy"

    resource_arn: str | Ref[str] = field(
        converter=arn_of, metadata={"shorthand": "a function, a Version, an Alias, an ARN or a reference"}
    )
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)


def _target_function_arn(function: FunctionSettings | RawResource | str | Ref[str]) -> Text:
    return attribute_of(function, "Arn", *_FUNCTIONS)


@frozen(kw_only=True)
class LambdaUrl(Resource):
    """``AWS::Lambda::Url``: an HTTPS address of a function, or of the alias that ``qualifier`` names."""

    TYPE: ClassVar[str] = "AWS::Lambda::Url"

    target_function_arn: str | Ref[str] = field(
        converter=_target_function_arn, metadata={"shorthand": "a function, its name or ARN, or a reference"}
    )
    qualifier: AliasName | Ref[str] | None = None
    auth_type: Literal["AWS_IAM", "NONE"] | Ref[str]
    cors: FunctionUrlCors | Ref[Any] | None = None
    invoke_mode: Literal["BUFFERED", "RESPONSE_STREAM"] | Ref[str] | None = None

    @property
    def url(self) -> Ref[str]:
        """The address."""
        return self.attr("FunctionUrl")


@frozen
class Destination(Shape):
    """Where the outcome of an asynchronous invocation goes."""

    destination: str | Ref[str] = field(
        converter=arn_of,
        metadata={"shorthand": "a Queue, a Topic, a function, a Bucket, an EventBus, an ARN or a reference"},
    )


def _to_destination(destination: Destination | Resource | str | Ref[str]) -> Destination | Ref[Any]:
    if isinstance(destination, str) or (
        isinstance(destination, Resource) and getattr(destination, "arn", None) is not None
    ):
        return Destination(destination)
    return destination  # type: ignore[return-value]  # the field refuses other resources


_DESTINATION = {"shorthand": "a Queue, a Topic, a function, a Bucket, an EventBus or an ARN"}


@frozen(kw_only=True)
class LambdaDestinationConfig(Shape):
    """Where successes and failures go: ``LambdaDestinationConfig(on_failure=failed_queue)``."""

    on_success: Destination | Ref[Any] | None = field(
        default=None, converter=optional(_to_destination), metadata=_DESTINATION
    )
    on_failure: Destination | Ref[Any] | None = field(
        default=None, converter=optional(_to_destination), metadata=_DESTINATION
    )


@frozen(kw_only=True)
class LambdaEventInvokeConfig(Resource):
    """``AWS::Lambda::EventInvokeConfig``: how asynchronous events are tried again, and who hears of the outcome."""

    TYPE: ClassVar[str] = "AWS::Lambda::EventInvokeConfig"

    function_name: str | Ref[str] = field(converter=function_name, metadata=_FUNCTION)
    qualifier: str | Ref[str] = "$LATEST"
    maximum_event_age_in_seconds: (
        Annotated[int, Within(60, 21_600, "seconds", source="Lambda API, PutFunctionEventInvokeConfig")]
        | Ref[int]
        | None
    ) = None
    maximum_retry_attempts: (
        Annotated[int, Within(0, 2, "attempts", source="Lambda API, PutFunctionEventInvokeConfig")]
        | Ref[int]
        | None
    ) = None
    destination_config: LambdaDestinationConfig | Ref[Any] | None = None


@frozen
class AllowedPublishers(Shape):
    """The signing profiles whose signatures are good."""

    signing_profile_version_arns: (
        Annotated[
            Sequence[str | Ref[str]],
            Count(high=20, low=1, unit="profiles", source="Lambda API, AllowedPublishers"),
        ]
        | Ref[Any]
    )


@frozen
class CodeSigningPolicies(Shape):
    """What happens to code whose signature is missing or bad."""

    untrusted_artifact_on_deployment: Literal["Warn", "Enforce"] | Ref[str]


@frozen(kw_only=True)
class CodeSigningConfig(Resource):
    """``AWS::Lambda::CodeSigningConfig``: whose signed code a function may run."""

    TYPE: ClassVar[str] = "AWS::Lambda::CodeSigningConfig"

    description: Description | Ref[str] | None = None
    allowed_publishers: AllowedPublishers | Ref[Any]
    code_signing_policies: CodeSigningPolicies | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The configuration's ARN, which is what ``Ref`` gives."""
        return self.ref


def source_arn(
    source: Queue | Stream | StreamConsumer | Table | RawResource | str | Ref[str],
) -> Text:
    """The ARN that Lambda polls: a queue's or stream's own; for a table, its stream's."""
    aws_type = source.aws_type if isinstance(source, Resource) else ""
    if aws_type == "AWS::DynamoDB::Table":
        return attribute_of(source, "StreamArn", aws_type)
    if aws_type in ("AWS::Kinesis::StreamConsumer", "AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster"):
        return reference_of(source, aws_type)
    return attribute_of(source, "Arn", "AWS::SQS::Queue", "AWS::Kinesis::Stream", "AWS::AmazonMQ::Broker")


def _mapping_destination(config: DestinationConfig | Ref[Any]) -> DestinationConfig | Ref[Any]:
    """The destination without the type that only SAM knows."""
    if isinstance(config, DestinationConfig) and isinstance(config.on_failure, OnFailure):
        return evolve(config, on_failure=evolve(config.on_failure, type=None))
    return config


@frozen(kw_only=True)
class AmazonManagedKafkaEventSourceConfig(Shape):
    """The consumer group and schema registry for a topic of Amazon MSK."""

    consumer_group_id: ConsumerGroupId | Ref[str] | None = None
    schema_registry_config: SchemaRegistryConfig | Ref[Any] | None = None


@frozen(kw_only=True)
class SelfManagedKafkaEventSourceConfig(Shape):
    """The consumer group and schema registry for a topic of a Kafka cluster of one's own."""

    consumer_group_id: ConsumerGroupId | Ref[str] | None = None
    consumption_mode: Literal["Stream", "Queue"] | Ref[str] | None = None
    schema_registry_config: SchemaRegistryConfig | Ref[Any] | None = None


@frozen(kw_only=True)
class DocumentDBEventSourceConfig(Shape):
    """The database and collection whose changes Lambda reads, and whether it gets whole documents."""

    database_name: str | Ref[str] | None = None
    collection_name: str | Ref[str] | None = None
    full_document: Literal["UpdateLookup", "Default"] | Ref[str] | None = None


@frozen
class KafkaEndpoints(Shape):
    """The bootstrap servers of a Kafka cluster, each ``host:port``."""

    kafka_bootstrap_servers: (
        Annotated[Sequence[str | Ref[str]], Count(high=10, low=1, unit="servers")] | Ref[Any] | None
    ) = None


@frozen
class SelfManagedEventSource(Shape):
    """A Kafka cluster of one's own."""

    endpoints: KafkaEndpoints | Ref[Any] | None = None


@frozen(kw_only=True)
class EventSourceMapping(Resource):
    """``AWS::Lambda::EventSourceMapping``: a source that Lambda polls, and the function it hands batches to.

    ::

        EventSourceMapping("Orders", function_name=fn, event_source_arn=queue, batch_size=10)
    """

    TYPE: ClassVar[str] = "AWS::Lambda::EventSourceMapping"
    SPELLING: ClassVar[Mapping[str, str]] = {"db": "DB"}

    function_name: str | Ref[str] = field(converter=function_name, metadata=_FUNCTION)
    event_source_arn: str | Ref[str] | None = field(
        default=None,
        converter=optional(source_arn),
        metadata={"shorthand": "a Queue, a Stream, a StreamConsumer, a Table, an ARN or a reference"},
    )
    enabled: bool | Ref[bool] | None = None
    batch_size: BatchSize | Ref[int] | None = None
    maximum_batching_window_in_seconds: BatchingWindow | Ref[int] | None = None
    starting_position: StartingPosition | Ref[str] | None = None
    starting_position_timestamp: float | Ref[float] | None = None
    parallelization_factor: ParallelizationFactor | Ref[int] | None = None
    maximum_retry_attempts: RetryAttempts | Ref[int] | None = None
    maximum_record_age_in_seconds: RecordAge | Ref[int] | None = None
    bisect_batch_on_function_error: bool | Ref[bool] | None = None
    tumbling_window_in_seconds: TumblingWindow | Ref[int] | None = None
    filter_criteria: FilterCriteria | Ref[Any] | None = field(
        default=None,
        converter=to_filter_criteria,
        metadata={"shorthand": "a list of patterns, or a FilterCriteria"},
    )
    function_response_types: FunctionResponseTypes | Ref[Any] | None = None
    scaling_config: ScalingConfig | Ref[Any] | None = None
    destination_config: DestinationConfig | Ref[Any] | None = field(
        default=None, converter=optional(_mapping_destination)
    )
    topics: Topics | Ref[Any] | None = None
    queues: Queues | Ref[Any] | None = None
    source_access_configurations: SourceAccessConfigurations | Ref[Any] | None = None
    amazon_managed_kafka_event_source_config: AmazonManagedKafkaEventSourceConfig | Ref[Any] | None = None
    self_managed_event_source: SelfManagedEventSource | Ref[Any] | None = None
    self_managed_kafka_event_source_config: SelfManagedKafkaEventSourceConfig | Ref[Any] | None = None
    document_db_event_source_config: DocumentDBEventSourceConfig | Ref[Any] | None = None
    provisioned_poller_config: ProvisionedPollerConfig | Ref[Any] | None = None
    metrics_config: MetricsConfig | Ref[Any] | None = None
    logging_config: PollerLoggingConfig | Ref[Any] | None = None
    kms_key_arn: str | Ref[str] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The mapping's ARN."""
        return self.attr("EventSourceMappingArn")

    @property
    def uuid(self) -> Ref[str]:
        """The mapping's id, which is what ``Ref`` gives."""
        return self.ref
