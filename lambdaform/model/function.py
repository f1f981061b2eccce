"""Functions: SAM's, and the parts that SAM's and CloudFormation's have in common.

Source: SAM Developer Guide, AWS::Serverless::Function; Lambda API, CreateFunction; deck sections B2, C4, C5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.facts.runtimes import Runtime
from lambdaform.model.asynchronous import EventInvokeConfig
from lambdaform.model.code_folder import CodeFolder
from lambdaform.model.constraints import Count, JsonBytes, Within
from lambdaform.model.definition import frozen
from lambdaform.model.deployment import DeploymentPreference
from lambdaform.model.event import FunctionEvent, out_of_place
from lambdaform.model.function_parts import (
    CapacityProviderConfig,
    DurableConfig,
    FileSystemConfig,
    FunctionScalingConfig,
    ImageConfig,
    LoggingConfig,
    ProvisionedConcurrencyConfig,
    RuntimeManagementConfig,
    SnapStart,
    TenancyConfig,
    to_capacity_provider_config,
    to_provisioned_concurrency,
    to_snap_start,
)
from lambdaform.model.function_url import FunctionUrlConfig
from lambdaform.model.iam import (
    DOCUMENT,
    Document,
    PolicyDocument,
    PolicyTemplate,
    Statement,
    flat_statements,
    policy_arn,
    role_arn,
    to_policy_document,
)
from lambdaform.model.invocable import Invocable
from lambdaform.model.layer import Architecture, LayerReference, to_layer_arns, to_runtime
from lambdaform.model.location import CodeLocation
from lambdaform.model.queue import DeadLetterQueue, to_dead_letter_queue
from lambdaform.model.references import LogicalRef, Ref
from lambdaform.model.resource import Tags
from lambdaform.model.shape import Shape, report
from lambdaform.model.types import (
    MB,
    AliasName,
    Description,
    EnvironmentName,
    EnvironmentText,
    EphemeralMB,
    FunctionName,
    KeyArn,
    RoleArn,
    Seconds,
)

if TYPE_CHECKING:
    from lambdaform.model.estimate import Estimate
    from lambdaform.model.grants import Grant

_LIMITS = "AWS Lambda Developer Guide, gettingstarted-limits"
Value = str | Ref[Any]
Scalar = str | int | float | bool | Ref[Any]


@frozen
class Environment(Shape):
    """A function's environment variables; all names and values together have at most 4 KB."""

    WRITTEN_AS: ClassVar[str | None] = "environment"

    variables: (
        Annotated[
            Mapping[EnvironmentName, EnvironmentText | int | float | bool | Ref[Any]],
            JsonBytes(lambda limits: limits.environment_bytes, "environment variables", source=_LIMITS),
        ]
        | Ref[Any]
        | None
    ) = None


def to_environment(
    environment: Environment | Mapping[str, Scalar] | Ref[Any] | None,
) -> Environment | Ref[Any] | None:
    """A plain mapping of names to values as an environment."""
    return Environment(environment) if isinstance(environment, Mapping) else environment


@frozen(kw_only=True)
class VpcConfig(Shape):
    """The subnets and security groups through which a function reaches a VPC. At least one subnet per zone."""

    WRITTEN_AS: ClassVar[str | None] = "vpc_config"

    subnet_ids: (
        Annotated[
            Sequence[Value],
            Count(high=lambda limits: limits.subnets_max, unit="subnets", source="Lambda API, VpcConfig"),
        ]
        | Ref[Any]
        | None
    ) = None
    security_group_ids: (
        Annotated[
            Sequence[Value],
            Count(
                high=lambda limits: limits.security_groups_max,
                unit="security groups",
                source="Lambda API, VpcConfig",
            ),
        ]
        | Ref[Any]
        | None
    ) = None
    ipv6_allowed_for_dual_stack: bool | Ref[bool] | None = None


@frozen
class EphemeralStorage(Shape):
    """The size of ``/tmp``, in MB."""

    WRITTEN_AS: ClassVar[str | None] = "ephemeral_storage"

    size: EphemeralMB | Ref[int]


def to_ephemeral_storage(
    storage: EphemeralStorage | int | Ref[Any] | None,
) -> EphemeralStorage | Ref[Any] | None:
    """A number of MB as ephemeral storage."""
    return EphemeralStorage(storage) if isinstance(storage, int) else storage


@frozen(kw_only=True)
class FunctionSettings(Invocable):
    """What SAM's function and CloudFormation's have in common. Not a resource type by itself."""

    function_name: FunctionName | Ref[str] | None = None
    description: Description | Ref[str] | None = None
    package_type: Literal["Zip", "Image"] | Ref[str] | None = None
    runtime: Runtime | Ref[str] | None = field(default=None, converter=to_runtime)
    handler: (
        Annotated[str, Count(high=128, unit="characters", source="Lambda API, CreateFunction")]
        | Ref[str]
        | None
    ) = None
    architectures: (
        Annotated[
            Sequence[Architecture | Ref[str]], Count(high=1, low=1, source="Lambda API, CreateFunction")
        ]
        | Ref[Any]
        | None
    ) = None
    memory_size: MB | Ref[int] | None = None
    timeout: Seconds | Ref[int] | None = None
    ephemeral_storage: EphemeralStorage | Ref[Any] | None = field(
        default=None, converter=to_ephemeral_storage, metadata={"shorthand": "a number of MB"}
    )
    environment: Environment | Ref[Any] | None = field(
        default=None, converter=to_environment, metadata={"shorthand": "a mapping of names to values"}
    )
    kms_key_arn: KeyArn | Ref[str] | None = None
    layers: (
        Annotated[
            Sequence[LayerReference],
            Count(high=lambda limits: limits.layers_per_function, unit="layers", source=_LIMITS),
        ]
        | Ref[Any]
        | None
    ) = field(
        default=None, converter=to_layer_arns, metadata={"shorthand": "a list of Layers, ARNs and references"}
    )
    role: RoleArn | Ref[str] | None = field(
        default=None,
        converter=optional(role_arn),
        metadata={"shorthand": "a Role, its ARN or a reference"},
    )
    vpc_config: VpcConfig | Ref[Any] | None = None
    reserved_concurrent_executions: Annotated[int, Within(0, None)] | Ref[int] | None = None
    code_signing_config_arn: str | Ref[str] | None = None
    file_system_configs: (
        Annotated[
            Sequence[FileSystemConfig | Ref[Any]],
            Count(high=1, unit="file systems", source="Lambda API, CreateFunction"),
        ]
        | Ref[Any]
        | None
    ) = None
    image_config: ImageConfig | Ref[Any] | None = None
    logging_config: LoggingConfig | Ref[Any] | None = None
    runtime_management_config: RuntimeManagementConfig | Ref[Any] | None = None
    snap_start: SnapStart | Ref[Any] | None = field(
        default=None,
        converter=to_snap_start,
        metadata={"shorthand": '"PublishedVersions", "None" or a SnapStart'},
    )
    recursive_loop: Literal["Allow", "Terminate"] | Ref[str] | None = None
    tenancy_config: TenancyConfig | Ref[Any] | None = None
    durable_config: DurableConfig | Ref[Any] | None = None
    function_scaling_config: FunctionScalingConfig | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The function's ARN, without version or alias."""
        return self.attr("Arn")

    @property
    def name(self) -> Ref[str]:
        """The function's name, which is what ``Ref`` gives."""
        return self.ref

    def estimate(
        self,
        *,
        requests_per_second: float | None = None,
        messages_per_second: float | None = None,
        shards: int | None = None,
        records_per_second: float | None = None,
        duration_ms: float,
        batch_size: int | None = None,
        cold_starts: float = 0.0,
        init_ms: float = 0.0,
        profile: Literal["current", "2019-04-01"] = "current",
        account_concurrency: int | None = None,
        free_tier: bool = False,
    ) -> Estimate:
        """What such traffic comes to: concurrency, throttling, network interfaces, and the month's price.

        The traffic is told as in `Traffic`. Globals of a stack are not known here: `lambdaform.estimate` asks a
        stack. Raises `DefinitionError` where a setting that matters is known at deployment only.
        """
        from lambdaform.model.estimate import estimate_function
        from lambdaform.model.traffic import Traffic

        traffic = Traffic(
            requests_per_second=requests_per_second,
            messages_per_second=messages_per_second,
            shards=shards,
            records_per_second=records_per_second,
            duration_ms=duration_ms,
            batch_size=batch_size,
            cold_starts=cold_starts,
            init_ms=init_ms,
        )
        return estimate_function(
            self,
            traffic,
            profile=profile,
            account_concurrency=account_concurrency,
            free_tier=free_tier,
        )

    @property
    def is_image(self) -> bool:
        """Whether the function is a container image."""
        return self.package_type == "Image"

    @property
    def dead_letter_target(self) -> str | Ref[str] | None:
        """The ARN to which failed asynchronous events go, however the class spells it."""
        return None

    def invoke(self, qualifier: str | None = None) -> Grant:
        """Leave to invoke the function; with a ``qualifier``, that version or alias of it (``*`` for all)."""
        from lambdaform.model import grants

        return grants.invoke(self, qualifier)


Policy = str | Ref[str] | PolicyDocument | PolicyTemplate


def to_policies(
    policies: Policy | Statement | Sequence[Policy | Statement | Sequence[Statement]] | None,
) -> Sequence[Policy] | Ref[Any] | None:
    """The policies of a function as SAM wants them: statements that stand together become one document."""
    if policies is None or isinstance(policies, Ref):
        return policies
    given: Sequence[Any] = (
        tuple(flat_statements(policies)) if isinstance(policies, list | tuple) else (policies,)
    )
    gathered: list[Policy] = []
    statements: list[Statement] = []
    end = object()
    for each in (*given, end):
        if isinstance(each, Statement):
            statements.append(each)
            continue
        if statements:
            gathered.append(PolicyDocument(statement=tuple(statements), origin=statements[0].origin))
            statements = []
        if each is not end:
            gathered.append(each)
    return tuple(gathered)


@frozen(kw_only=True)
class Function(FunctionSettings):
    """``AWS::Serverless::Function``: a function with its events, alias and policies in one place.

    ``code_uri`` is a folder, file or archive relative to the app's file, a `CodeFolder` that says what of it is
    packaged, or an S3 location; ``inline_code`` is
    the source text itself. A queue or topic given as ``dead_letter_queue`` becomes what it stands for, and
    SAM adds the permission to send to it.
    """

    TYPE: ClassVar[str] = "AWS::Serverless::Function"
    FIRST: ClassVar[tuple[str, ...]] = (
        "function_name",
        "description",
        "package_type",
        "runtime",
        "handler",
        "code_uri",
        "inline_code",
        "image_uri",
    )
    TAGS_AS_LIST: ClassVar[bool] = False
    GLOBALS: ClassVar[tuple[str, ...]] = (
        "handler",
        "runtime",
        "code_uri",
        "dead_letter_queue",
        "description",
        "memory_size",
        "timeout",
        "vpc_config",
        "environment",
        "tags",
        "propagate_tags",
        "tracing",
        "kms_key_arn",
        "auto_publish_alias",
        "auto_publish_alias_all_properties",
        "layers",
        "deployment_preference",
        "role_path",
        "permissions_boundary",
        "reserved_concurrent_executions",
        "provisioned_concurrency_config",
        "assume_role_policy_document",
        "event_invoke_config",
        "file_system_configs",
        "code_signing_config_arn",
        "architectures",
        "snap_start",
        "ephemeral_storage",
        "function_url_config",
        "runtime_management_config",
        "logging_config",
        "recursive_loop",
        "source_kms_key_arn",
        "tenancy_config",
        "durable_config",
        "capacity_provider_config",
        "function_scaling_config",
        "publish_to_latest_published",
        "version_deletion_policy",
    )

    code_uri: str | CodeFolder | CodeLocation | Ref[Any] | None = None
    source_kms_key_arn: str | Ref[str] | None = field(default=None, metadata={"aws_name": "SourceKMSKeyArn"})
    inline_code: str | Ref[str] | None = None
    image_uri: str | Ref[str] | None = None
    role_path: str | Ref[str] | None = None
    permissions_boundary: str | Ref[str] | None = field(default=None, converter=optional(policy_arn))
    assume_role_policy_document: Document | None = field(
        default=None, converter=optional(to_policy_document), metadata=DOCUMENT
    )
    policies: Sequence[Policy] | Ref[Any] | None = field(
        default=None,
        converter=to_policies,
        metadata={
            "shorthand": "a list of statements (Allow, Deny), managed policies' names, documents and SAM templates"
        },
    )
    dead_letter_queue: DeadLetterQueue | Ref[Any] | None = field(
        default=None,
        converter=to_dead_letter_queue,
        metadata={"shorthand": "a Queue, a Topic, a DeadLetterQueue or a reference"},
    )
    event_invoke_config: EventInvokeConfig | Ref[Any] | None = None
    tracing: Literal["Active", "PassThrough", "Disabled"] | Ref[str] | None = None
    auto_publish_alias: AliasName | Ref[str] | None = None
    auto_publish_alias_all_properties: bool | Ref[bool] | None = None
    auto_publish_code_sha256: str | Ref[str] | None = None
    version_description: str | Ref[str] | None = None
    version_deletion_policy: Literal["Delete", "Retain"] | Ref[str] | None = None
    publish_to_latest_published: bool | Ref[bool] | None = None
    deployment_preference: DeploymentPreference | Ref[Any] | None = None
    provisioned_concurrency_config: ProvisionedConcurrencyConfig | Ref[Any] | None = field(
        default=None,
        converter=to_provisioned_concurrency,
        metadata={"shorthand": "a number of environments, or a ProvisionedConcurrencyConfig"},
    )
    function_url_config: FunctionUrlConfig | Ref[Any] | None = None
    events: Mapping[str, FunctionEvent] | Ref[Any] | None = None
    capacity_provider_config: CapacityProviderConfig | Ref[Any] | None = field(
        default=None,
        converter=to_capacity_provider_config,
        metadata={"shorthand": "a CapacityProvider, a CapacityProviderConfig or a reference"},
    )
    propagate_tags: bool | None = None
    #: Said again to stand last in the template, where a person would write it.
    tags: Tags | Ref[Any] | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        problems = list(out_of_place(self.events, on_function=True))
        if problems:
            report(*problems)

    @property
    def version(self) -> Ref[str]:
        """The ARN of the version that ``auto_publish_alias`` publishes."""
        return LogicalRef(f"{self.logical_id}.Version", self)

    @property
    def alias(self) -> Ref[str]:
        """The ARN of the alias that ``auto_publish_alias`` names."""
        return LogicalRef(f"{self.logical_id}.Alias", self)

    @property
    def dead_letter_target(self) -> str | Ref[str] | None:
        """The ARN to which failed asynchronous events go."""
        return (
            self.dead_letter_queue.target_arn if isinstance(self.dead_letter_queue, DeadLetterQueue) else None
        )
