"""Images of MicroVMs, which AWS builds from an archive with a Dockerfile.

Source: SAM Developer Guide, AWS::Serverless::MicrovmImage; AWS CloudFormation User Guide, AWS::Lambda::MicrovmImage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching
from lambdaform.model.definition import frozen
from lambdaform.model.iam import role_arn
from lambdaform.model.microvm import (
    CpuConfiguration,
    MicrovmImageHookConfig,
    MicrovmLogging,
    MicrovmResources,
)
from lambdaform.model.network_connector import network_connector_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import REQUIRED

_SOURCE = "AWS CloudFormation User Guide, AWS::Lambda::MicrovmImage"


def _connector_arns(connectors: Sequence[Resource | str | Ref[str]] | Ref[Any]) -> Any:
    if isinstance(connectors, list | tuple):
        return tuple(network_connector_arn(each) for each in connectors)
    return connectors


@frozen(kw_only=True)
class MicrovmImage(Resource):
    """``AWS::Serverless::MicrovmImage``. ``code_uri`` is an archive in S3 with the Dockerfile and all it needs.

    ``base_image_arn`` and ``base_image_version`` are required, here or in the stack's globals.
    """

    TYPE: ClassVar[str] = "AWS::Serverless::MicrovmImage"
    TAGS_AS_LIST: ClassVar[bool] = False
    GLOBALS: ClassVar[tuple[str, ...]] = (
        "build_role_arn",
        "base_image_arn",
        "base_image_version",
        "logging",
        "egress_network_connectors",
        "cpu_configurations",
        "resources",
        "additional_os_capabilities",
        "hooks",
        "environment_variables",
        "tags",
        "propagate_tags",
    )

    name: (
        Annotated[
            str,
            Matching(
                r"[a-zA-Z0-9-_]{1,64}",
                f"A name has letters, digits, hyphens and underscores, at most 64 ({_SOURCE}).",
            ),
        ]
        | Ref[str]
    ) = REQUIRED
    code_uri: str | Ref[str] = REQUIRED
    description: str | Ref[str] | None = None
    base_image_arn: str | Ref[str] | None = None
    base_image_version: str | Ref[str] | None = None
    build_role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    cpu_configurations: Sequence[CpuConfiguration | Ref[Any]] | Ref[Any] | None = None
    resources: (
        Annotated[Sequence[MicrovmResources | Ref[Any]], Count(high=1, source=_SOURCE)] | Ref[Any] | None
    ) = None
    additional_os_capabilities: Sequence[Literal["ALL"] | Ref[str]] | Ref[Any] | None = None
    environment_variables: (
        Annotated[
            Mapping[str, str | int | float | bool | Ref[Any]],
            Count(high=50, unit="variables", source=_SOURCE),
        ]
        | Ref[Any]
        | None
    ) = None
    hooks: MicrovmImageHookConfig | Ref[Any] | None = None
    logging: MicrovmLogging | Ref[Any] | None = None
    egress_network_connectors: (
        Annotated[Sequence[str | Ref[str]], Count(high=10, unit="connectors", source=_SOURCE)]
        | Ref[Any]
        | None
    ) = field(
        default=None,
        converter=optional(_connector_arns),
        metadata={"shorthand": "a list of NetworkConnectors, their ARNs and references"},
    )
    propagate_tags: bool | None = None
    tags: Tags | Ref[Any] | None = None
