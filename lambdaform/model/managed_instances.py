"""Lambda Managed Instances: the capacity provider whose instances functions run on.

Source: AWS CloudFormation User Guide, AWS::Lambda::CapacityProvider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import role_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tag, Tags
from lambdaform.model.shape import Shape


@frozen
class CapacityProviderPermissionsConfig(Shape):
    """The role with which Lambda runs the instances."""

    capacity_provider_operator_role_arn: str | Ref[str] = field(
        converter=role_arn, metadata={"shorthand": "a Role, its ARN or a reference"}
    )


@frozen(kw_only=True)
class CapacityProviderVpcConfig(Shape):
    """The subnets and security groups in which the instances run."""

    subnet_ids: Annotated[Sequence[str | Ref[str]], Count(high=16, low=1)] | Ref[Any]
    security_group_ids: Annotated[Sequence[str | Ref[str]], Count(high=5)] | Ref[Any]


@frozen(kw_only=True)
class InstanceRequirements(Shape):
    """Which instances may run: their architecture, types that are allowed, or types that are not."""

    architectures: (
        Annotated[Sequence[Literal["x86_64", "arm64"] | Ref[str]], Count(high=1, low=1)] | Ref[Any] | None
    ) = None
    allowed_instance_types: Annotated[Sequence[str | Ref[str]], Count(high=400)] | Ref[Any] | None = None
    excluded_instance_types: Annotated[Sequence[str | Ref[str]], Count(high=400)] | Ref[Any] | None = None


@frozen(kw_only=True)
class TargetTrackingScalingPolicy(Shape):
    """The use, in percent, that scaling aims at."""

    predefined_metric_type: (
        Literal["LambdaCapacityProviderAverageCPUUtilization", "LambdaCapacityProviderAverageGPUUtilization"]
        | Ref[str]
    )
    target_value: Annotated[float, Within(0, 100)] | Ref[float]


@frozen(kw_only=True)
class CapacityProviderScalingConfig(Shape):
    """How the number of instances follows the load."""

    SPELLING: ClassVar[Mapping[str, str]] = {"vcpu": "VCpu"}

    scaling_mode: Literal["Auto", "Manual"] | Ref[str] | None = None
    max_vcpu_count: Annotated[int, Within(2, 15000)] | Ref[int] | None = None
    scaling_policies: (
        Annotated[Sequence[TargetTrackingScalingPolicy | Ref[Any]], Count(high=10, low=1)] | Ref[Any] | None
    ) = None


@frozen(kw_only=True)
class CapacityProviderLoggingConfig(Shape):
    """Where the instances log, and how much."""

    log_group: str | Ref[str] | None = None
    system_log_level: Literal["DEBUG", "INFO", "WARN"] | Ref[str] | None = None


@frozen(kw_only=True)
class CapacityProviderTelemetryConfig(Shape):
    """What the instances tell."""

    logging_config: CapacityProviderLoggingConfig | Ref[Any] | None = None


@frozen(kw_only=True)
class PropagateTagsConfig(Shape):
    """The tags that the instances get."""

    mode: Literal["None", "Explicit"] | Ref[str] | None = None
    explicit_tags: Annotated[Sequence[Tag | Ref[Any]], Count(high=40, unit="tags")] | Ref[Any] | None = None


@frozen(kw_only=True)
class LambdaCapacityProvider(Resource):
    """``AWS::Lambda::CapacityProvider``: EC2 instances that Lambda manages, on which functions run."""

    TYPE: ClassVar[str] = "AWS::Lambda::CapacityProvider"

    capacity_provider_name: str | Ref[str] | None = None
    permissions_config: CapacityProviderPermissionsConfig | Ref[Any]
    vpc_config: CapacityProviderVpcConfig | Ref[Any]
    instance_requirements: InstanceRequirements | Ref[Any] | None = None
    capacity_provider_scaling_config: CapacityProviderScalingConfig | Ref[Any] | None = None
    kms_key_arn: str | Ref[str] | None = None
    propagate_tags: PropagateTagsConfig | Ref[Any] | None = None
    telemetry_config: CapacityProviderTelemetryConfig | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The capacity provider's ARN."""
        return self.attr("Arn")
