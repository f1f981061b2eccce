"""The ``AWS::Lambda`` resources that templates without SAM, and SAM's own expansion, are made of.

Source: AWS CloudFormation User Guide, "AWS Lambda resource type reference".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field, frozen

from lambdaform.facts.runtimes import Runtime
from lambdaform.model.constraints import Count, Within
from lambdaform.model.events import BatchingWindow, ScalingConfig
from lambdaform.model.function import FunctionSettings
from lambdaform.model.layer import Architecture
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape
from lambdaform.model.types import AliasName, Description


@frozen(kw_only=True)
class Code(Shape):
    """A function's code: an object in S3, the text of one file, or a container image."""

    zip_file: str | Ref[str] | None = None
    s3_bucket: str | Ref[str] | None = None
    s3_key: str | Ref[str] | None = None
    s3_object_version: str | Ref[str] | None = None
    image_uri: str | Ref[str] | None = None
    source_kms_key_arn: str | Ref[str] | None = field(default=None, metadata={"aws_name": "SourceKMSKeyArn"})


@frozen
class DeadLetterConfig(Shape):
    """The queue or topic for asynchronous events whose attempts have all failed."""

    target_arn: str | Ref[str] | None = None


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
    )

    code: Code | str | Ref[Any] | None = None
    dead_letter_config: DeadLetterConfig | Ref[Any] | None = None
    tracing_config: Mapping[str, Any] | Ref[Any] | None = None

    @property
    def dead_letter_target(self) -> str | Ref[str] | None:
        """The ARN to which failed asynchronous events go."""
        return (
            self.dead_letter_config.target_arn
            if isinstance(self.dead_letter_config, DeadLetterConfig)
            else None
        )


@frozen(kw_only=True)
class Version(Resource):
    """``AWS::Lambda::Version``: a function as it is at one moment, which nothing changes after."""

    TYPE: ClassVar[str] = "AWS::Lambda::Version"

    function_name: str | Ref[str]
    description: Description | Ref[str] | None = None
    code_sha256: str | Ref[str] | None = None
    provisioned_concurrency_config: Mapping[str, Any] | Ref[Any] | None = None
    runtime_policy: Mapping[str, Any] | Ref[Any] | None = None


Weight = Annotated[float, Within(0, 1, source="Lambda API, AliasRoutingConfiguration")]


@frozen
class VersionWeight(Shape):
    """The share of an alias's traffic, 0 to 1, that goes to a second version."""

    function_version: str | Ref[str]
    function_weight: Weight | Ref[float]


@frozen
class RoutingConfig(Shape):
    """How an alias shares its traffic: the rest goes to the alias's own version."""

    additional_version_weights: (
        Annotated[
            Sequence[VersionWeight],
            Count(high=1, unit="versions", source="Lambda Developer Guide, configuring-alias-routing"),
        ]
        | Ref[Any]
        | None
    ) = None


@frozen(kw_only=True)
class Alias(Resource):
    """``AWS::Lambda::Alias``: a name for a version, or for two with a weight."""

    TYPE: ClassVar[str] = "AWS::Lambda::Alias"

    name: AliasName | Ref[str]
    function_name: str | Ref[str]
    function_version: str | Ref[str]
    description: Description | Ref[str] | None = None
    routing_config: RoutingConfig | Ref[Any] | None = None
    provisioned_concurrency_config: Mapping[str, Any] | Ref[Any] | None = None


@frozen(kw_only=True)
class LambdaLayer(Resource):
    """``AWS::Lambda::LayerVersion``."""

    TYPE: ClassVar[str] = "AWS::Lambda::LayerVersion"

    layer_name: str | Ref[str] | None = None
    description: Description | Ref[str] | None = None
    content: Mapping[str, Any] | str | Ref[Any]
    compatible_architectures: Sequence[Architecture | Ref[str]] | Ref[Any] | None = None
    compatible_runtimes: Annotated[Sequence[Runtime | Ref[str]], Count(high=15)] | Ref[Any] | None = None
    license_info: str | Ref[str] | None = None


@frozen(kw_only=True)
class EventSourceMapping(Resource):
    """``AWS::Lambda::EventSourceMapping``: a source that Lambda polls, and the function it hands batches to."""

    TYPE: ClassVar[str] = "AWS::Lambda::EventSourceMapping"

    function_name: str | Ref[str]
    event_source_arn: str | Ref[str] | None = None
    enabled: bool | Ref[bool] | None = None
    batch_size: Annotated[int, Within(1, 10_000, "records")] | Ref[int] | None = None
    maximum_batching_window_in_seconds: BatchingWindow | Ref[int] | None = None
    starting_position: Literal["AT_TIMESTAMP", "LATEST", "TRIM_HORIZON"] | Ref[str] | None = None
    starting_position_timestamp: float | Ref[float] | None = None
    parallelization_factor: Annotated[int, Within(1, 10, "batches")] | Ref[int] | None = None
    maximum_retry_attempts: Annotated[int, Within(-1, 10_000, "attempts")] | Ref[int] | None = None
    maximum_record_age_in_seconds: Annotated[int, Within(-1, 604_800, "seconds")] | Ref[int] | None = None
    bisect_batch_on_function_error: bool | Ref[bool] | None = None
    tumbling_window_in_seconds: Annotated[int, Within(0, 900, "seconds")] | Ref[int] | None = None
    filter_criteria: Mapping[str, Any] | Ref[Any] | None = None
    function_response_types: Sequence[Literal["ReportBatchItemFailures"]] | Ref[Any] | None = None
    scaling_config: ScalingConfig | Ref[Any] | None = None
    destination_config: Mapping[str, Any] | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None
