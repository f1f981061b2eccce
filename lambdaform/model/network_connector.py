"""Network connectors: how MicroVMs and web functions reach a VPC.

Source: SAM Developer Guide, AWS::Serverless::NetworkConnector; AWS CloudFormation User Guide,
AWS::Lambda::NetworkConnector.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching
from lambdaform.model.definition import frozen
from lambdaform.model.iam import role_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import REQUIRED, Shape

_SOURCE = "AWS CloudFormation User Guide, AWS::Lambda::NetworkConnector"
_Texts = Sequence[str | Ref[str]]


@frozen(kw_only=True)
class NetworkConnectorVpcConfig(Shape):
    """The subnets, security groups and protocol of a connector's way into a VPC."""

    WRITTEN_AS: ClassVar[str | None] = "vpc_config"

    subnet_ids: Annotated[_Texts, Count(high=16, low=1, unit="subnets", source=_SOURCE)] | Ref[Any]
    security_group_ids: Annotated[_Texts, Count(high=16, unit="security groups", source=_SOURCE)] | Ref[Any]
    network_protocol: Literal["IPv4", "DualStack"] | Ref[str]


@frozen(kw_only=True)
class NetworkConnector(Resource):
    """``AWS::Serverless::NetworkConnector``. Without ``operator_role`` SAM makes the role that makes the interfaces."""

    TYPE: ClassVar[str] = "AWS::Serverless::NetworkConnector"
    TAGS_AS_LIST: ClassVar[bool] = False
    GLOBALS: ClassVar[tuple[str, ...]] = ("operator_role", "tags", "propagate_tags")

    name: (
        Annotated[
            str,
            Matching(
                r"(arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:network-connector:)?[a-zA-Z0-9_-]{1,64}",
                f"A name has letters, digits, hyphens and underscores, at most 64 ({_SOURCE}).",
            ),
        ]
        | Ref[str]
        | None
    ) = None
    vpc_config: NetworkConnectorVpcConfig | Ref[Any] = REQUIRED
    compute_types: (
        Annotated[
            Sequence[Literal["MicroVm", "WebFunction"] | Ref[str]], Count(high=1, low=1, source=_SOURCE)
        ]
        | Ref[Any]
        | None
    ) = None
    operator_role: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    propagate_tags: bool | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The connector's ARN."""
        return self.attr("Arn")


def network_connector_arn(connector: Resource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a network connector given as an object."""
    if isinstance(connector, Resource) and connector.aws_type.endswith("::NetworkConnector"):
        return connector.attr("Arn")
    return connector  # type: ignore[return-value]  # the field refuses other resources
