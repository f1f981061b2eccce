"""Capacity providers: EC2 instances of one's own account on which Lambda runs functions.

Source: SAM Developer Guide, AWS::Serverless::CapacityProvider; Lambda API, CreateCapacityProvider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import role_arn
from lambdaform.model.managed_instances import CapacityProviderLoggingConfig
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape

_API = "Lambda API, CreateCapacityProvider"
_Texts = Sequence[str | Ref[str]]


@frozen(kw_only=True)
class ProviderVpcConfig(Shape):
    """The subnets and security groups of a provider's instances."""

    subnet_ids: Annotated[_Texts, Count(high=16, low=1, unit="subnets", source=_API)] | Ref[Any]
    security_group_ids: (
        Annotated[_Texts, Count(high=5, unit="security groups", source=_API)] | Ref[Any] | None
    ) = None


@frozen(kw_only=True)
class ProviderInstanceRequirements(Shape):
    """Which instances a provider may start: their architecture, and types to take or leave (``m7g.*``)."""

    architectures: (
        Annotated[Sequence[Literal["x86_64", "arm64"] | Ref[str]], Count(high=1, low=1, source=_API)]
        | Ref[Any]
        | None
    ) = None
    allowed_types: Annotated[_Texts, Count(high=400, unit="types", source=_API)] | Ref[Any] | None = None
    excluded_types: Annotated[_Texts, Count(high=400, unit="types", source=_API)] | Ref[Any] | None = None


@frozen(kw_only=True)
class ProviderScalingConfig(Shape):
    """How far a provider grows in vCPUs, and the processor load in percent that it aims at."""

    SPELLING: ClassVar[Mapping[str, str]] = {"vcpu": "VCpu", "cpu": "CPU"}

    max_vcpu_count: Annotated[int, Within(2, 15_000, "vCPUs", source=_API)] | Ref[int] | None = None
    average_cpu_utilization: Annotated[float, Within(0, 100, "percent", source=_API)] | Ref[float] | None = (
        None
    )


@frozen
class ManagedResourceTags(Shape):
    """Tags for the instances and volumes that a provider makes."""

    tags: (
        Annotated[Mapping[str, str | Ref[str]], Count(high=40, unit="tags", source=_API)] | Ref[Any] | None
    ) = None


@frozen(kw_only=True)
class CapacityProvider(Resource):
    """``AWS::Serverless::CapacityProvider``. Without ``operator_role`` SAM makes the role that starts instances."""

    TYPE: ClassVar[str] = "AWS::Serverless::CapacityProvider"
    TAGS_AS_LIST: ClassVar[bool] = False
    GLOBALS: ClassVar[tuple[str, ...]] = (
        "vpc_config",
        "operator_role",
        "tags",
        "instance_requirements",
        "scaling_config",
        "kms_key_arn",
        "propagate_tags",
        "logging_config",
        "managed_resource_tags",
    )

    capacity_provider_name: (
        Annotated[
            str,
            Matching(
                r"(arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:capacity-provider:)?[a-zA-Z0-9-_]{1,140}",
                f"A name has letters, digits, hyphens and underscores ({_API}).",
            ),
        ]
        | Ref[str]
        | None
    ) = None
    #: Required, here or in the stack's globals.
    vpc_config: ProviderVpcConfig | Ref[Any] | None = None
    operator_role: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    instance_requirements: ProviderInstanceRequirements | Ref[Any] | None = None
    scaling_config: ProviderScalingConfig | Ref[Any] | None = None
    logging_config: CapacityProviderLoggingConfig | Ref[Any] | None = None
    kms_key_arn: str | Ref[str] | None = None
    managed_resource_tags: ManagedResourceTags | Ref[Any] | None = None
    propagate_tags: bool | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The provider's ARN."""
        return self.attr("Arn")
