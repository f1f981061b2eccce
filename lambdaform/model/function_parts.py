"""The objects that a function's properties are made of, under SAM and CloudFormation alike.

Source: AWS CloudFormation User Guide, AWS::Lambda::Function; Lambda API, CreateFunction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import arn_of
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape

_API = "Lambda API, CreateFunction"
_CAPACITY = "Lambda API, CapacityProviderConfig"

LogGroupName = Annotated[
    str,
    Matching(
        r"[.\-_/#A-Za-z0-9]{1,512}",
        "A log group name has letters, digits and .-_/#, at most 512 (Logs API, CreateLogGroup).",
    ),
]


@frozen(kw_only=True)
class ImageConfig(Shape):
    """What a container image starts with, where it is not what the image itself says."""

    WRITTEN_AS: ClassVar[str | None] = "image_config"

    entry_point: Annotated[Sequence[str | Ref[str]], Count(high=1500, source=_API)] | Ref[Any] | None = None
    command: Annotated[Sequence[str | Ref[str]], Count(high=1500, source=_API)] | Ref[Any] | None = None
    working_directory: Annotated[str, Count(high=1000, unit="characters", source=_API)] | Ref[str] | None = (
        None
    )


@frozen
class S3FilesConfig(Shape):
    """Whether a function reads a file system over S3 straight from the bucket."""

    SPELLING: ClassVar[Mapping[str, str]] = {"s3": "S3"}

    direct_s3_read: Literal["ENABLED", "DISABLED", "AUTO"] | Ref[str] | None = field(
        default=None, metadata={"aws_name": "DirectS3Read"}
    )


@frozen
class FileSystemConfig(Shape):
    """A file system's access point, and the folder under ``/mnt`` where the function finds it."""

    arn: str | Ref[str] = field(converter=arn_of)
    local_mount_path: (
        Annotated[
            str,
            Matching(
                r"/mnt/[a-zA-Z0-9-_.]{1,155}",
                "A mount path is one folder under /mnt, such as /mnt/data (Lambda API, FileSystemConfig).",
            ),
        ]
        | Ref[str]
    )
    s3_files_config: S3FilesConfig | Ref[Any] | None = field(
        default=None, kw_only=True, metadata={"aws_name": "S3FilesConfig"}
    )


@frozen(kw_only=True)
class LoggingConfig(Shape):
    """Where and how a function logs. The two levels apply to the log format ``JSON`` only."""

    WRITTEN_AS: ClassVar[str | None] = "logging_config"

    log_format: Literal["Text", "JSON"] | Ref[str] | None = None
    application_log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] | Ref[str] | None = (
        None
    )
    system_log_level: Literal["DEBUG", "INFO", "WARN"] | Ref[str] | None = None
    log_group: LogGroupName | Ref[str] | None = None


@frozen
class RuntimeManagementConfig(Shape):
    """When a function takes on a new version of its runtime; ``Manual`` names the version."""

    update_runtime_on: Literal["Auto", "FunctionUpdate", "Manual"] | Ref[str]
    runtime_version_arn: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen
class SnapStart(Shape):
    """Whether published versions start from a snapshot of their initialised environment."""

    WRITTEN_AS: ClassVar[str | None] = "snap_start"

    apply_on: Literal["PublishedVersions", "None"] | Ref[str]


def to_snap_start(
    snap_start: SnapStart | Literal["PublishedVersions", "None"] | Ref[Any] | None,
) -> SnapStart | Ref[Any] | None:
    """``"PublishedVersions"`` as the SnapStart it stands for."""
    return SnapStart(snap_start) if isinstance(snap_start, str) else snap_start


@frozen
class TenancyConfig(Shape):
    """Whether every tenant's invocations get execution environments of their own."""

    tenant_isolation_mode: Literal["PER_TENANT"] | Ref[str]


@frozen(kw_only=True)
class DurableConfig(Shape):
    """What makes a function durable: how long one execution may take in seconds, and its history lasts in days."""

    SPELLING: ClassVar[Mapping[str, str]] = {"kms": "KMS"}

    execution_timeout: (
        Annotated[int, Within(1, 31_622_400, "seconds", source="Lambda API, DurableConfig")] | Ref[int]
    )
    retention_period_in_days: (
        Annotated[int, Within(1, 90, "days", source="Lambda API, DurableConfig")] | Ref[int] | None
    ) = None
    kms_key_arn: str | Ref[str] | None = None


@frozen(kw_only=True)
class FunctionScalingConfig(Shape):
    """The fewest and most execution environments of a function on a capacity provider."""

    min_execution_environments: (
        Annotated[int, Within(0, 15_000, "environments", source="Lambda API, FunctionScalingConfig")]
        | Ref[int]
        | None
    ) = None
    max_execution_environments: (
        Annotated[int, Within(0, 15_000, "environments", source="Lambda API, FunctionScalingConfig")]
        | Ref[int]
        | None
    ) = None


@frozen
class ProvisionedConcurrencyConfig(Shape):
    """Execution environments that an alias keeps initialised."""

    WRITTEN_AS: ClassVar[str | None] = "provisioned_concurrency_config"

    provisioned_concurrent_executions: (
        Annotated[int, Within(1, None, "environments", source="Lambda API, PutProvisionedConcurrencyConfig")]
        | Ref[int]
    )


def to_provisioned_concurrency(
    concurrency: ProvisionedConcurrencyConfig | int | Ref[Any] | None,
) -> ProvisionedConcurrencyConfig | Ref[Any] | None:
    """A number of environments as provisioned concurrency."""
    return ProvisionedConcurrencyConfig(concurrency) if isinstance(concurrency, int) else concurrency


def _provider_arn(provider: Resource | str | Ref[str]) -> str | Ref[str]:
    if isinstance(provider, Resource) and provider.aws_type.endswith("::CapacityProvider"):
        return provider.attr("Arn")
    return provider  # type: ignore[return-value]  # the field refuses other resources


@frozen
class CapacityProviderConfig(Shape):
    """The capacity provider that a function runs on, and how its environments share an instance."""

    SPELLING: ClassVar[Mapping[str, str]] = {"gib": "GiB", "vcpu": "VCpu"}
    WRITTEN_AS: ClassVar[str | None] = "capacity_provider_config"

    arn: str | Ref[str] = field(
        converter=_provider_arn, metadata={"shorthand": "a CapacityProvider, its ARN or a reference"}
    )
    per_execution_environment_max_concurrency: (
        Annotated[int, Within(1, 1600, "invocations", source=_CAPACITY)] | Ref[int] | None
    ) = field(default=None, kw_only=True)
    execution_environment_memory_gib_per_vcpu: (
        Annotated[float, Within(2, 8, "GiB", source=_CAPACITY)] | Ref[float] | None
    ) = field(default=None, kw_only=True)


def to_capacity_provider_config(
    provider: CapacityProviderConfig | Resource | Ref[Any] | None,
) -> CapacityProviderConfig | Ref[Any] | None:
    """A capacity provider as the configuration that names it."""
    if isinstance(provider, Resource) and provider.aws_type.endswith("::CapacityProvider"):
        return CapacityProviderConfig(provider)
    return provider  # type: ignore[return-value]  # the field refuses other resources


@frozen
class LambdaManagedInstancesCapacityProviderConfig(Shape):
    """What ``AWS::Lambda::Function`` says of the capacity provider it runs on."""

    SPELLING: ClassVar[Mapping[str, str]] = {"gib": "GiB", "vcpu": "VCpu"}

    capacity_provider_arn: str | Ref[str] = field(
        converter=_provider_arn, metadata={"shorthand": "a CapacityProvider, its ARN or a reference"}
    )
    per_execution_environment_max_concurrency: (
        Annotated[int, Within(1, 1600, "invocations", source=_CAPACITY)] | Ref[int] | None
    ) = field(default=None, kw_only=True)
    execution_environment_memory_gib_per_vcpu: (
        Annotated[float, Within(2, 8, "GiB", source=_CAPACITY)] | Ref[float] | None
    ) = field(default=None, kw_only=True)


@frozen
class LambdaCapacityProviderConfig(Shape):
    """The capacity provider of an ``AWS::Lambda::Function``, in CloudFormation's form."""

    WRITTEN_AS: ClassVar[str | None] = "capacity_provider_config"

    lambda_managed_instances_capacity_provider_config: LambdaManagedInstancesCapacityProviderConfig | Ref[Any]
