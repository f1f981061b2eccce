"""WebSocket APIs of Amazon API Gateway.

Source: SAM Developer Guide, AWS::Serverless::WebSocketApi; AWS CloudFormation User Guide, AWS::ApiGatewayV2::Route.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.api_auth import FUNCTION
from lambdaform.model.api_domain import HttpApiDomain
from lambdaform.model.constraints import Within
from lambdaform.model.definition import frozen
from lambdaform.model.http_api import StageName
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.route_settings import AccessLogSettings, RouteSettings
from lambdaform.model.shape import REQUIRED, Shape
from lambdaform.model.sources import function_arn


@frozen
class WebSocketAuth(Shape):
    """Who may open a connection: all, those whom IAM lets in, or those whom a function lets in (``CUSTOM``)."""

    WRITTEN_AS: ClassVar[str | None] = "auth"

    auth_type: Literal["NONE", "AWS_IAM", "CUSTOM"] | Ref[str]
    auth_arn: str | Ref[str] | None = field(
        default=None, kw_only=True, converter=optional(function_arn), metadata=FUNCTION
    )
    invoke_role: str | Ref[str] | None = field(default=None, kw_only=True)
    identity_source: Sequence[str | Ref[str]] | Ref[Any] | None = field(default=None, kw_only=True)
    name: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen
class WebSocketRoute(Shape):
    """The function that takes the messages of one route: ``WebSocketRoute(chat)``."""

    function_arn: str | Ref[str] = field(converter=function_arn, metadata=FUNCTION)
    api_key_required: bool | Ref[bool] | None = field(default=None, kw_only=True)
    integration_timeout: (
        Annotated[
            int, Within(50, 29_000, "ms", source="API Gateway Developer Guide, quotas of WebSocket APIs")
        ]
        | Ref[int]
        | None
    ) = field(default=None, kw_only=True)
    operation_name: str | Ref[str] | None = field(default=None, kw_only=True)
    model_selection_expression: str | Ref[str] | None = field(default=None, kw_only=True)
    request_models: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    request_parameters: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    route_response_selection_expression: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class WebSocketApi(Resource):
    """``AWS::Serverless::WebSocketApi``: routes by key (``$connect``, ``$disconnect``, ``$default``, one's own).

    ``route_selection_expression`` says where a message carries its route, such as ``$request.body.action``; it
    is required, here or in the stack's globals.
    """

    TYPE: ClassVar[str] = "AWS::Serverless::WebSocketApi"
    TAGS_AS_LIST: ClassVar[bool] = False
    FIRST: ClassVar[tuple[str, ...]] = (
        "name",
        "description",
        "stage_name",
        "route_selection_expression",
        "routes",
    )
    GLOBALS: ClassVar[tuple[str, ...]] = (
        "access_log_settings",
        "api_key_selection_expression",
        "default_route_settings",
        "disable_execute_api_endpoint",
        "disable_schema_validation",
        "domain",
        "fail_on_warnings",
        "ip_address_type",
        "propagate_tags",
        "route_selection_expression",
        "route_settings",
        "stage_variables",
        "tags",
    )

    routes: Mapping[str, WebSocketRoute] | Ref[Any] = REQUIRED
    route_selection_expression: str | Ref[str] | None = None
    name: str | Ref[str] | None = None
    description: str | None = None
    stage_name: StageName | Ref[str] | None = None
    auth: WebSocketAuth | Ref[Any] | None = None
    domain: HttpApiDomain | Ref[Any] | None = None
    api_key_selection_expression: str | Ref[str] | None = None
    disable_execute_api_endpoint: bool | Ref[bool] | None = None
    disable_schema_validation: bool | None = None
    ip_address_type: Literal["ipv4", "dualstack"] | Ref[str] | None = None
    default_route_settings: RouteSettings | Ref[Any] | None = None
    route_settings: Mapping[str, RouteSettings | Ref[Any]] | Ref[Any] | None = None
    stage_variables: Mapping[str, str | Ref[str]] | Ref[Any] | None = None
    access_log_settings: AccessLogSettings | Ref[Any] | None = None
    fail_on_warnings: bool | Ref[bool] | None = None
    propagate_tags: bool | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def url(self) -> Ref[str]:
        """Where the API can be reached, without its stage; it starts with ``wss://``."""
        return self.attr("ApiEndpoint")
