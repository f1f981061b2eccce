"""Layers: immutable, versioned archives that are unpacked under ``/opt``.

Source: SAM Developer Guide, AWS::Serverless::LayerVersion; deck section C7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from lambdaform.facts.runtimes import Runtime
from lambdaform.model.constraints import Count, Matching
from lambdaform.model.definition import frozen
from lambdaform.model.location import CodeLocation
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import REQUIRED
from lambdaform.model.types import Description

Architecture = Literal["x86_64", "arm64"]
_API = "Lambda API, PublishLayerVersion"


@frozen(kw_only=True)
class Layer(Resource):
    """``AWS::Serverless::LayerVersion``. ``content_uri`` is a folder or archive, relative to the app's file."""

    TYPE: ClassVar[str] = "AWS::Serverless::LayerVersion"
    GLOBALS: ClassVar[tuple[str, ...]] = ("publish_lambda_version",)

    layer_name: str | Ref[str] | None = None
    description: Description | Ref[str] | None = None
    content_uri: str | CodeLocation | Ref[Any] = REQUIRED
    compatible_architectures: (
        Annotated[Sequence[Architecture | Ref[str]], Count(high=2, source=_API)] | Ref[Any] | None
    ) = None
    compatible_runtimes: (
        Annotated[Sequence[Runtime | Ref[str]], Count(high=15, source=_API)] | Ref[Any] | None
    ) = None
    license_info: Annotated[str, Count(high=512, unit="characters", source=_API)] | Ref[str] | None = None
    publish_lambda_version: bool | None = None
    retention_policy: (
        Annotated[str, Matching(r"(?i:retain|delete)", "It must be one of Retain, Delete (SAM).", "LF103")]
        | Ref[str]
        | None
    ) = None

    @property
    def arn(self) -> Ref[str]:
        """The layer version's ARN, which is what ``Ref`` gives."""
        return self.ref


LayerReference = str | Ref[str]


def to_layer_arns(layers: Sequence[Resource | LayerReference] | Ref[Any] | None) -> Any:
    """Layers given as objects as references to them."""
    if isinstance(layers, list | tuple):
        return tuple(
            each.ref if isinstance(each, Resource) and each.aws_type.endswith("::LayerVersion") else each
            for each in layers
        )
    return layers
