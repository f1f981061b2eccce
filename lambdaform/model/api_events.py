"""Events of the web: a method and path of a REST API or HTTP API.

Source: SAM Developer Guide, Api and HttpApi of functions, StateMachineApi; API Gateway Developer Guide, quotas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.api_policy import ApiResourcePolicy
from lambdaform.model.constraints import Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.event import FunctionEvent, StateMachineEvent
from lambdaform.model.references import Ref
from lambdaform.model.route_settings import RouteSettings
from lambdaform.model.shape import Shape
from lambdaform.model.sources import http_api_id, rest_api_id

Method = Annotated[
    str,
    Matching(
        r"(?i:get|put|post|delete|patch|head|options|any|x-amazon-apigateway-any-method)",
        "A method is GET, PUT, POST, DELETE, PATCH, HEAD, OPTIONS or ANY (SAM Developer Guide, Api).",
    ),
]
Path = Annotated[
    str, Matching(r"/.*", "A path starts with a slash, such as /orders/{id} (SAM Developer Guide, Api).")
]


@frozen(kw_only=True)
class ApiFunctionAuth(Shape):
    """Who may call one path of a REST API: the name of an authorizer of the API, ``AWS_IAM`` or ``NONE``."""

    FUNCTION_ONLY: ClassVar[tuple[str, ...]] = ("invoke_role", "override_api_auth")

    authorizer: str | None = None
    authorization_scopes: Sequence[str | Ref[str]] | Ref[Any] | None = None
    api_key_required: bool | Ref[bool] | None = None
    invoke_role: str | Ref[str] | None = None
    resource_policy: ApiResourcePolicy | Ref[Any] | None = None
    override_api_auth: bool | None = None


@frozen(kw_only=True)
class RequestModel(Shape):
    """Which model of the API a request's body must fit, and what is checked of it."""

    model: str
    required: bool | None = None
    validate_body: bool | None = None
    validate_parameters: bool | None = None


@frozen(kw_only=True)
class RequestParameter(Shape):
    """What the API does with one request parameter: demand it, or tell cached answers apart by it."""

    required: bool | None = None
    caching: bool | None = None


ParameterName = Annotated[
    str,
    Matching(
        r"method\.request\.(querystring|path|header)\..+",
        "A request parameter is named method.request.querystring.NAME, or path or header for querystring.",
    ),
]


@frozen
class ApiEvent(FunctionEvent, StateMachineEvent):
    """One path and method of a REST API: ``ApiEvent("/orders", "post", rest_api_id=api)``.

    Without ``rest_api_id`` SAM makes one API for all such events of the stack.
    """

    TYPE: ClassVar[str] = "Api"
    FUNCTION_ONLY: ClassVar[tuple[str, ...]] = (
        "request_model",
        "request_parameters",
        "timeout_in_millis",
        "response_transfer_mode",
    )
    STATE_MACHINE_ONLY: ClassVar[tuple[str, ...]] = ("unescape_mapping_template",)

    path: Path
    method: Method
    rest_api_id: str | Ref[str] | None = field(
        default=None,
        kw_only=True,
        converter=optional(rest_api_id),
        metadata={"shorthand": "an Api, its id or a reference"},
    )
    auth: ApiFunctionAuth | Ref[Any] | None = field(default=None, kw_only=True)
    request_model: RequestModel | Ref[Any] | None = field(default=None, kw_only=True)
    request_parameters: (
        Sequence[ParameterName | Mapping[ParameterName, RequestParameter]] | Ref[Any] | None
    ) = field(default=None, kw_only=True)
    timeout_in_millis: (
        Annotated[int, Within(50, None, "ms", source="API Gateway Developer Guide, quotas of REST APIs")]
        | Ref[int]
        | None
    ) = field(default=None, kw_only=True)
    response_transfer_mode: Literal["BUFFERED", "RESPONSE_STREAM"] | Ref[str] | None = field(
        default=None, kw_only=True
    )
    unescape_mapping_template: bool | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class HttpApiFunctionAuth(Shape):
    """Who may call one path of an HTTP API: the name of an authorizer of the API, ``AWS_IAM`` or ``NONE``."""

    authorizer: str | None = None
    authorization_scopes: Sequence[str | Ref[str]] | Ref[Any] | None = None


@frozen
class HttpApiEvent(FunctionEvent):
    """One path and method of an HTTP API: ``HttpApiEvent("/orders", "POST")``; without them, all that is left over.

    Without ``api_id`` SAM makes one API for all such events of the stack.
    """

    TYPE: ClassVar[str] = "HttpApi"

    path: (
        Annotated[
            str,
            Matching(r"/.*|\$default", "A path starts with a slash, such as /orders/{id}, or is $default."),
        ]
        | None
    ) = None
    method: Method | None = None
    api_id: str | Ref[str] | None = field(
        default=None,
        kw_only=True,
        converter=optional(http_api_id),
        metadata={"shorthand": "an HttpApi, its id or a reference"},
    )
    auth: HttpApiFunctionAuth | Ref[Any] | None = field(default=None, kw_only=True)
    payload_format_version: Literal["1.0", "2.0"] | Ref[str] | None = field(default=None, kw_only=True)
    timeout_in_millis: (
        Annotated[int, Within(50, 30_000, "ms", source="API Gateway Developer Guide, quotas of HTTP APIs")]
        | Ref[int]
        | None
    ) = field(default=None, kw_only=True)
    route_settings: RouteSettings | Ref[Any] | None = field(default=None, kw_only=True)
