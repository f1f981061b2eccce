"""Layers: immutable, versioned archives that are unpacked under ``/opt``.

Source: SAM Developer Guide, AWS::Serverless::LayerVersion; deck section C7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.facts.runtimes import Runtime, RuntimeName
from lambdaform.model.code_folder import CodeFolder
from lambdaform.model.constraints import Count, Matching
from lambdaform.model.definition import frozen
from lambdaform.model.location import CodeLocation
from lambdaform.model.references import Ref
from lambdaform.model.resource import RawResource, Resource
from lambdaform.model.shape import REQUIRED
from lambdaform.model.types import Description

if TYPE_CHECKING:
    from lambdaform.model.awslambda import LambdaLayer

Architecture = Literal["x86_64", "arm64"]
_API = "Lambda API, PublishLayerVersion"


def to_runtime(runtime: Runtime | RuntimeName | Ref[str] | None) -> Runtime | Ref[str] | None:
    """The runtime as it is: its field makes the member of `Runtime` of a text."""
    return runtime  # type: ignore[return-value]


def to_runtimes(
    runtimes: Sequence[Runtime | RuntimeName | Ref[str]] | Ref[Any] | None,
) -> Sequence[Runtime | Ref[str]] | Ref[Any] | None:
    """The runtimes as they are: their field makes the members of `Runtime` of the texts."""
    return runtimes  # type: ignore[return-value]


@frozen(kw_only=True)
class Layer(Resource):
    """``AWS::Serverless::LayerVersion``. ``content_uri`` is a folder or archive, relative to the app's file,
    or a `CodeFolder`."""

    TYPE: ClassVar[str] = "AWS::Serverless::LayerVersion"
    GLOBALS: ClassVar[tuple[str, ...]] = ("publish_lambda_version",)

    layer_name: str | Ref[str] | None = None
    description: Description | Ref[str] | None = None
    content_uri: str | CodeFolder | CodeLocation | Ref[Any] = REQUIRED
    compatible_architectures: (
        Annotated[Sequence[Architecture | Ref[str]], Count(high=2, source=_API)] | Ref[Any] | None
    ) = None
    compatible_runtimes: (
        Annotated[Sequence[Runtime | Ref[str]], Count(high=15, source=_API)] | Ref[Any] | None
    ) = field(default=None, converter=to_runtimes)
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


def to_layer_arns(
    layers: Sequence[Layer | LambdaLayer | RawResource | str | Ref[str]] | Ref[Any] | None,
) -> Sequence[LayerReference] | Ref[Any] | None:
    """Layers given as objects as references to them."""
    if isinstance(layers, list | tuple):
        return tuple(
            each.ref if isinstance(each, Resource) and each.aws_type.endswith("::LayerVersion") else each
            for each in layers
        )
    return layers  # type: ignore[return-value]  # what is no list is refused by the field
