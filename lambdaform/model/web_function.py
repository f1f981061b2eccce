"""Lambda web functions: their revisions and endpoints.

Source: AWS CloudFormation User Guide, AWS::Lambda::WebFunction, WebFunctionRevision and WebFunctionEndpoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import role_arn
from lambdaform.model.microvm import LambdaNetworkConnector
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape


@frozen(kw_only=True)
class LambdaWebFunction(Resource):
    """``AWS::Lambda::WebFunction``: a web application that Lambda runs, revision by revision."""

    TYPE: ClassVar[str] = "AWS::Lambda::WebFunction"

    function_name: str | Ref[str]
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The web function's ARN, which is what ``Ref`` gives."""
        return self.ref


@frozen
class WebFunctionS3Object(Shape):
    """The archive in S3 that a revision is made of."""

    bucket: str | Ref[str]
    key: str | Ref[str]
    version_id: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen
class WebFunctionCodeConfig(Shape):
    """Where a revision's code lies."""

    s3_object: WebFunctionS3Object | Ref[Any]


@frozen
class WebFunctionRuntimeConfig(Shape):
    """The runtime that a revision runs on."""

    runtime: str | Ref[str]


@frozen(kw_only=True)
class WebFunctionBuildConfig(Shape):
    """What a revision is made of."""

    code_config: WebFunctionCodeConfig | Ref[Any]
    runtime_config: WebFunctionRuntimeConfig | Ref[Any]


@frozen(kw_only=True)
class WebFunctionLoggingConfig(Shape):
    """Where a revision logs, and how much."""

    log_group: str | Ref[str] | None = None
    application_log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] | Ref[str] | None = (
        None
    )
    system_log_level: Literal["DEBUG", "INFO", "WARN"] | Ref[str] | None = None


@frozen
class WebFunctionTelemetryConfig(Shape):
    """What a revision tells."""

    logging_config: WebFunctionLoggingConfig | Ref[Any] | None = None


def _arn(connector: LambdaNetworkConnector | str | Ref[str]) -> str | Ref[str]:
    return connector.attr("LatestVersionArn") if isinstance(connector, LambdaNetworkConnector) else connector


@frozen(kw_only=True)
class WebFunctionServiceConfig(Shape):
    """How a revision runs. ``timeout_seconds`` is for one request."""

    execution_role_arn: str | Ref[str] = field(
        converter=role_arn, metadata={"shorthand": "a Role, its ARN or a reference"}
    )
    environment_variables: Mapping[str, str | Ref[str]] | Ref[Any] | None = None
    max_concurrency_per_environment: Annotated[int, Within(1, 128, "requests")] | Ref[int] | None = None
    timeout_seconds: Annotated[int, Within(3, 900, "seconds")] | Ref[int] | None = None
    egress_network_connector_arn: str | Ref[str] | None = field(
        default=None,
        converter=optional(_arn),
        metadata={"shorthand": "a LambdaNetworkConnector, a version's ARN or a reference"},
    )
    telemetry_config: WebFunctionTelemetryConfig | Ref[Any] | None = None


@frozen(kw_only=True)
class WebFunctionRevision(Resource):
    """``AWS::Lambda::WebFunctionRevision``: a web function's code and settings as they are at one moment."""

    TYPE: ClassVar[str] = "AWS::Lambda::WebFunctionRevision"

    function_name: str | Ref[str]
    description: str | Ref[str] | None = None
    build_config: WebFunctionBuildConfig | Ref[Any]
    service_config: WebFunctionServiceConfig | Ref[Any]
    kms_key_arn: str | Ref[str] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The revision's ARN, which is what ``Ref`` gives."""
        return self.ref

    @property
    def revision_id(self) -> Ref[str]:
        """The revision's id."""
        return self.attr("RevisionId")


def _revision_id(revision: WebFunctionRevision | str | Ref[str]) -> str | Ref[str]:
    return revision.revision_id if isinstance(revision, WebFunctionRevision) else revision


@frozen
class RevisionWeight(Shape):
    """The share of the requests, in percent, that goes to a revision."""

    revision_id: str | Ref[str] = field(
        converter=_revision_id, metadata={"shorthand": "a WebFunctionRevision, its id or a reference"}
    )
    weight: Annotated[int, Within(1, 100, "percent")] | Ref[int]


@frozen(kw_only=True)
class WebFunctionScalingConfig(Shape):
    """The most execution environments at once."""

    max_environments: Annotated[int, Within(2, None)] | Ref[int] | None = None


@frozen(kw_only=True)
class WebFunctionThrottleConfig(Shape):
    """The most requests a second."""

    rate_limit: Annotated[int, Within(0, None)] | Ref[int] | None = None


@frozen(kw_only=True)
class WebFunctionEndpoint(Resource):
    """``AWS::Lambda::WebFunctionEndpoint``: an address of a web function, and the revisions behind it."""

    TYPE: ClassVar[str] = "AWS::Lambda::WebFunctionEndpoint"

    function_name: str | Ref[str]
    endpoint_name: str | Ref[str]
    description: str | Ref[str] | None = None
    endpoint_type: Literal["HomeRegion", "MultiRegion", "PerRegion"] | Ref[str]
    auth_type: Literal["IamAuth", "ApplicationManaged"] | Ref[str]
    regions: Sequence[str | Ref[str]] | Ref[Any] | None = None
    revision_weights: (
        Annotated[Sequence[RevisionWeight | Ref[Any]], Count(high=2, low=1)] | Ref[Any] | None
    ) = None
    scaling_config: WebFunctionScalingConfig | Ref[Any] | None = None
    throttle_config: WebFunctionThrottleConfig | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The endpoint's ARN, which is what ``Ref`` gives."""
        return self.ref

    @property
    def domain_name(self) -> Ref[str]:
        """The endpoint's host name."""
        return self.attr("DomainName")
