"""Lambda microVMs: their images, and the connectors through which they reach a VPC.

Source: AWS CloudFormation User Guide, AWS::Lambda::MicrovmImage and AWS::Lambda::NetworkConnector.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import role_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape


@frozen
class CodeArtifact(Shape):
    """Where the image's code lies."""

    uri: str | Ref[str]


@frozen
class CpuConfiguration(Shape):
    """A processor on which the image runs."""

    architecture: Literal["ARM_64"] | Ref[str]


@frozen
class EnvironmentVariable(Shape):
    """One environment variable."""

    key: str | Ref[str]
    value: str | Ref[str]


@frozen(kw_only=True)
class MicrovmHooks(Shape):
    """Which steps of a microVM's life call the code, and how long in seconds each may take."""

    run: Literal["ENABLED", "DISABLED"] | Ref[str] | None = None
    run_timeout_in_seconds: Annotated[int, Within(1, 60, "seconds")] | Ref[int] | None = None
    suspend: Literal["ENABLED", "DISABLED"] | Ref[str] | None = None
    suspend_timeout_in_seconds: Annotated[int, Within(1, 60, "seconds")] | Ref[int] | None = None
    resume: Literal["ENABLED", "DISABLED"] | Ref[str] | None = None
    resume_timeout_in_seconds: Annotated[int, Within(1, 60, "seconds")] | Ref[int] | None = None
    terminate: Literal["ENABLED", "DISABLED"] | Ref[str] | None = None
    terminate_timeout_in_seconds: Annotated[int, Within(1, 60, "seconds")] | Ref[int] | None = None


@frozen(kw_only=True)
class MicrovmImageHooks(Shape):
    """Which steps of the image's making call the code, and how long in seconds each may take."""

    ready: Literal["ENABLED", "DISABLED"] | Ref[str] | None = None
    ready_timeout_in_seconds: Annotated[int, Within(1, 3600, "seconds")] | Ref[int] | None = None
    validate: Literal["ENABLED", "DISABLED"] | Ref[str] | None = None
    validate_timeout_in_seconds: Annotated[int, Within(1, 3600, "seconds")] | Ref[int] | None = None


@frozen(kw_only=True)
class MicrovmImageHookConfig(Shape):
    """The port at which the code is called, and for what."""

    port: Annotated[int, Within(1, 65535)] | Ref[int] | None = None
    microvm_image_hooks: MicrovmImageHooks | Ref[Any] | None = None
    microvm_hooks: MicrovmHooks | Ref[Any] | None = None


@frozen(kw_only=True)
class CloudWatchLogging(Shape):
    """The log group and stream."""

    log_group: str | Ref[str] | None = None
    log_stream: str | Ref[str] | None = None


@frozen(kw_only=True)
class MicrovmLogging(Shape):
    """Where a microVM logs, if at all."""

    disabled: bool | Ref[bool] | None = None
    cloud_watch: CloudWatchLogging | Ref[Any] | None = None


@frozen
class MicrovmResources(Shape):
    """The memory, in MiB, that a microVM has at least."""

    SPELLING: ClassVar[Mapping[str, str]] = {"mib": "MiB"}

    minimum_memory_in_mib: int | Ref[int]


@frozen(kw_only=True)
class VpcEgressConfiguration(Shape):
    """The subnets and security groups through which traffic leaves."""

    associated_compute_resource_types: (
        Annotated[Sequence[Literal["MicroVm", "WebFunction"] | Ref[str]], Count(high=1, low=1)] | Ref[Any]
    )
    network_protocol: Literal["IPv4", "DualStack"] | Ref[str]
    subnet_ids: Annotated[Sequence[str | Ref[str]], Count(high=16, low=1)] | Ref[Any]
    security_group_ids: Annotated[Sequence[str | Ref[str]], Count(high=16)] | Ref[Any]


@frozen
class NetworkConnectorConfiguration(Shape):
    """The way that a network connector gives."""

    vpc_egress_configuration: VpcEgressConfiguration | Ref[Any]


@frozen(kw_only=True)
class LambdaNetworkConnector(Resource):
    """``AWS::Lambda::NetworkConnector``: the way out into a VPC for microVMs and web functions."""

    TYPE: ClassVar[str] = "AWS::Lambda::NetworkConnector"

    name: str | Ref[str] | None = None
    configuration: NetworkConnectorConfiguration | Ref[Any]
    operator_role: str | Ref[str] | None = field(
        default=None, converter=optional(role_arn), metadata={"shorthand": "a Role, its ARN or a reference"}
    )
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The connector's ARN, which is what ``Ref`` gives."""
        return self.ref


def _connector_arns(
    connectors: Sequence[LambdaNetworkConnector | str | Ref[str]] | Ref[Any],
) -> Sequence[str | Ref[str]] | Ref[Any]:
    if isinstance(connectors, list | tuple):
        return tuple(each.arn if isinstance(each, LambdaNetworkConnector) else each for each in connectors)
    return connectors  # type: ignore[return-value]  # what is no list is refused by the field


@frozen(kw_only=True)
class LambdaMicrovmImage(Resource):
    """``AWS::Lambda::MicrovmImage``: an image that microVMs start from."""

    TYPE: ClassVar[str] = "AWS::Lambda::MicrovmImage"

    name: str | Ref[str]
    description: str | Ref[str]
    base_image_arn: str | Ref[str]
    base_image_version: str | Ref[str]
    build_role_arn: str | Ref[str] = field(
        converter=role_arn, metadata={"shorthand": "a Role, its ARN or a reference"}
    )
    code_artifact: CodeArtifact | Ref[Any]
    cpu_configurations: Sequence[CpuConfiguration | Ref[Any]] | Ref[Any]
    resources: Annotated[Sequence[MicrovmResources | Ref[Any]], Count(high=1)] | Ref[Any]
    environment_variables: Annotated[Sequence[EnvironmentVariable | Ref[Any]], Count(high=50)] | Ref[Any]
    additional_os_capabilities: Sequence[Literal["ALL"] | Ref[str]] | Ref[Any]
    egress_network_connectors: Annotated[Sequence[str | Ref[str]], Count(high=10)] | Ref[Any] = field(
        converter=_connector_arns, metadata={"shorthand": "a list of NetworkConnectors, ARNs and references"}
    )
    hooks: MicrovmImageHookConfig | Ref[Any]
    logging: MicrovmLogging | Ref[Any]
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The image's ARN, which is what ``Ref`` gives."""
        return self.ref
