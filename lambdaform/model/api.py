"""REST APIs of Amazon API Gateway.

Source: SAM Developer Guide, AWS::Serverless::Api; AWS CloudFormation User Guide, AWS::ApiGateway::Stage and RestApi.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.api_auth import ApiAuth
from lambdaform.model.api_domain import ApiDomain
from lambdaform.model.constraints import Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import DOCUMENT, Document, to_policy_document
from lambdaform.model.location import S3Location
from lambdaform.model.references import LogicalRef, Ref, Sub
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.route_settings import AccessLogSettings
from lambdaform.model.shape import REQUIRED, Shape

_STAGE = "API Gateway API, CreateStage"

#: A header's value, which SAM writes into the API's definition as it is, so the quotes are part of it.
Quoted = Annotated[
    str,
    Matching(
        r"(?s)'.*'|(stageVariables|context|method|integration)\..+",
        "The quotes are part of the value: write \"'*'\" for * (SAM Developer Guide, CorsConfiguration).",
        "LF118",
    ),
]


@frozen(kw_only=True)
class ApiCors(Shape):
    """Which pages of other origins may call a REST API; each value with its quotes: ``allow_origin="'*'"``."""

    WRITTEN_AS: ClassVar[str | None] = "cors"

    allow_origin: Quoted | Ref[str] | None = None
    allow_methods: Quoted | Ref[str] | None = None
    allow_headers: Quoted | Ref[str] | None = None
    allow_credentials: bool | None = None
    max_age: str | Ref[str] | None = None


@frozen
class EndpointConfiguration(Shape):
    """Where a REST API can be reached from: the region, the edge, or VPC endpoints only."""

    SPELLING: ClassVar[Mapping[str, str]] = {"vpc": "VPC"}
    WRITTEN_AS: ClassVar[str | None] = "endpoint_configuration"

    type: Literal["REGIONAL", "EDGE", "PRIVATE"] | Ref[str] | None = None
    vpc_endpoint_ids: Sequence[str | Ref[str]] | Ref[Any] | None = field(
        default=None, kw_only=True, metadata={"aliases": ("VpcEndpointIds",)}
    )
    ip_address_type: Literal["ipv4", "dualstack"] | Ref[str] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class MethodSetting(Shape):
    """Logging, metrics, caching and throttling of methods; ``/*`` and ``*`` stand for all paths and methods."""

    resource_path: str | Ref[str] | None = None
    http_method: str | Ref[str] | None = None
    logging_level: (
        Annotated[
            str, Matching(r"(?i:off|error|info)", f"It must be one of OFF, ERROR, INFO ({_STAGE}).", "LF103")
        ]
        | Ref[str]
        | None
    ) = None
    data_trace_enabled: bool | Ref[bool] | None = None
    metrics_enabled: bool | Ref[bool] | None = None
    caching_enabled: bool | Ref[bool] | None = None
    cache_ttl_in_seconds: Annotated[int, Within(0, 3600, "seconds", source=_STAGE)] | Ref[int] | None = None
    cache_data_encrypted: bool | Ref[bool] | None = None
    throttling_burst_limit: Annotated[int, Within(0, None, "requests")] | Ref[int] | None = None
    throttling_rate_limit: Annotated[float, Within(0, None, "requests a second")] | Ref[float] | None = None


@frozen(kw_only=True)
class CanarySetting(Shape):
    """How much of a stage's traffic, in percent, its new deployment gets."""

    percent_traffic: Annotated[float, Within(0, 100, "percent", source=_STAGE)] | Ref[float] | None = None
    deployment_id: str | Ref[str] | None = None
    stage_variable_overrides: Mapping[str, str | Ref[str]] | Ref[Any] | None = None
    use_stage_cache: bool | Ref[bool] | None = None


@frozen(kw_only=True)
class GatewayResponseParameters(Shape):
    """Headers, path and query parameters that an answer of the gateway itself has."""

    headers: Mapping[str, str | Ref[str]] | Ref[Any] | None = None
    paths: Mapping[str, str | Ref[str]] | Ref[Any] | None = None
    query_strings: Mapping[str, str | Ref[str]] | Ref[Any] | None = None


@frozen(kw_only=True)
class GatewayResponse(Shape):
    """What the gateway answers by itself, such as for a request without a token."""

    status_code: int | str | Ref[Any] | None = None
    response_parameters: GatewayResponseParameters | Ref[Any] | None = None
    response_templates: Mapping[str, str | Ref[str]] | Ref[Any] | None = None


def _to_endpoint_configuration(
    endpoint: EndpointConfiguration | Literal["REGIONAL", "EDGE", "PRIVATE"] | Ref[Any],
) -> EndpointConfiguration | Ref[Any]:
    return EndpointConfiguration(endpoint) if isinstance(endpoint, str) else endpoint


@frozen(kw_only=True)
class Api(Resource):
    """``AWS::Serverless::Api``: a REST API and one stage of it.

    Its paths are those of the `ApiEvent` events that name it, of ``definition_body``, or of the OpenAPI file
    ``definition_uri``.
    """

    TYPE: ClassVar[str] = "AWS::Serverless::Api"
    TAGS_AS_LIST: ClassVar[bool] = False
    FIRST: ClassVar[tuple[str, ...]] = ("name", "description", "stage_name")
    GLOBALS: ClassVar[tuple[str, ...]] = (
        "auth",
        "name",
        "definition_uri",
        "cache_cluster_enabled",
        "cache_cluster_size",
        "merge_definitions",
        "variables",
        "endpoint_configuration",
        "method_settings",
        "binary_media_types",
        "minimum_compression_size",
        "cors",
        "gateway_responses",
        "access_log_setting",
        "canary_setting",
        "tracing_enabled",
        "open_api_version",
        "domain",
        "always_deploy",
        "propagate_tags",
        "security_policy",
        "endpoint_access_mode",
    )

    stage_name: (
        Annotated[
            str,
            Matching(
                r"[a-zA-Z0-9_-]{1,128}",
                f"A stage name has letters, digits, hyphens and underscores, at most 128 ({_STAGE}).",
            ),
        ]
        | Ref[str]
    ) = REQUIRED
    name: str | Ref[str] | None = None
    description: str | Ref[str] | None = None
    definition_body: Mapping[str, Any] | Ref[Any] | None = None
    definition_uri: str | S3Location | Ref[Any] | None = None
    merge_definitions: bool | None = None
    open_api_version: str | float | None = None
    auth: ApiAuth | Ref[Any] | None = None
    cors: Quoted | ApiCors | Ref[Any] | None = None
    domain: ApiDomain | Ref[Any] | None = None
    endpoint_configuration: EndpointConfiguration | Ref[Any] | None = field(
        default=None,
        converter=optional(_to_endpoint_configuration),
        metadata={"shorthand": '"REGIONAL", "EDGE", "PRIVATE" or an EndpointConfiguration'},
    )
    endpoint_access_mode: Literal["BASIC", "STRICT"] | Ref[str] | None = None
    security_policy: str | Ref[str] | None = None
    disable_execute_api_endpoint: bool | Ref[bool] | None = None
    api_key_source_type: Literal["HEADER", "AUTHORIZER"] | Ref[str] | None = None
    policy: Document | None = field(default=None, converter=optional(to_policy_document), metadata=DOCUMENT)
    models: Mapping[str, Mapping[str, Any]] | Ref[Any] | None = None
    gateway_responses: Mapping[str, GatewayResponse | Ref[Any]] | Ref[Any] | None = None
    binary_media_types: Sequence[str | Ref[str]] | Ref[Any] | None = None
    minimum_compression_size: (
        Annotated[int, Within(0, 10_485_760, "bytes", source="API Gateway API, CreateRestApi")]
        | Ref[int]
        | None
    ) = None
    mode: Literal["overwrite", "merge"] | Ref[str] | None = None
    fail_on_warnings: bool | Ref[bool] | None = None
    always_deploy: bool | None = None
    variables: Mapping[str, str | Ref[str]] | Ref[Any] | None = None
    method_settings: Sequence[MethodSetting | Ref[Any]] | Ref[Any] | None = None
    access_log_setting: AccessLogSettings | Ref[Any] | None = None
    canary_setting: CanarySetting | Ref[Any] | None = None
    cache_cluster_enabled: bool | Ref[bool] | None = None
    cache_cluster_size: (
        Literal["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"] | Ref[str] | None
    ) = None
    tracing_enabled: bool | Ref[bool] | None = None
    propagate_tags: bool | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def stage(self) -> Ref[str]:
        """The stage's name."""
        return LogicalRef(f"{self.logical_id}.Stage", self)

    @property
    def root_resource_id(self) -> Ref[str]:
        """The id of the API's root path."""
        return self.attr("RootResourceId")

    @property
    def url(self) -> Ref[str]:
        """Where the stage can be reached, without a slash at the end."""
        host = f"https://${{{self.logical_id}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
        if isinstance(self.stage_name, str):
            return Sub(f"{host}/{self.stage_name}")
        return Sub(f"{host}/${{Stage}}", {"Stage": self.stage_name})
