"""HTTP APIs of Amazon API Gateway.

Source: SAM Developer Guide, AWS::Serverless::HttpApi; AWS CloudFormation User Guide, AWS::ApiGatewayV2::Api and Stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.model.api_auth import FUNCTION, Names, ReauthorizeEvery
from lambdaform.model.api_domain import HttpApiDomain
from lambdaform.model.constraints import Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.location import S3Location
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.route_settings import AccessLogSettings, RouteSettings
from lambdaform.model.shape import Shape
from lambdaform.model.sources import function_arn

StageName = Annotated[
    str,
    Matching(
        r"\$default|[a-zA-Z0-9_-]{1,128}",
        "A stage name has letters, digits, hyphens and underscores, at most 128, or is $default "
        "(API Gateway V2 API, CreateStage).",
    ),
]


@frozen
class JwtConfiguration(Shape):
    """Who issues the tokens that are let in, and for whom."""

    issuer: str | Ref[str] | None = field(
        default=None, metadata={"aws_name": "issuer", "aliases": ("Issuer",)}
    )
    audience: Names | Ref[Any] | None = field(
        default=None, metadata={"aws_name": "audience", "aliases": ("Audience",)}
    )


@frozen(kw_only=True)
class OAuth2Authorizer(Shape):
    """Lets those in who have a JSON Web Token of an issuer; Amazon Cognito is one."""

    jwt_configuration: JwtConfiguration | Ref[Any] | None = None
    identity_source: str | None = None
    authorization_scopes: Names | Ref[Any] | None = None


@frozen(kw_only=True)
class HttpApiLambdaAuthorizerIdentity(Shape):
    """The parts of a request without which the function is not even asked."""

    headers: Names | Ref[Any] | None = None
    query_strings: Names | Ref[Any] | None = None
    stage_variables: Names | Ref[Any] | None = None
    context: Names | Ref[Any] | None = None
    reauthorize_every: ReauthorizeEvery | Ref[int] | None = None


@frozen
class HttpApiLambdaAuthorizer(Shape):
    """Asks a function: ``HttpApiLambdaAuthorizer(doorman, authorizer_payload_format_version="2.0")``."""

    function_arn: str | Ref[str] = field(converter=function_arn, metadata=FUNCTION)
    authorizer_payload_format_version: Literal["1.0", "2.0"] | float = field(kw_only=True)
    enable_simple_responses: bool | None = field(default=None, kw_only=True)
    function_invoke_role: str | Ref[str] | None = field(default=None, kw_only=True)
    enable_function_default_permissions: bool | None = field(default=None, kw_only=True)
    identity: HttpApiLambdaAuthorizerIdentity | Ref[Any] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class HttpApiAuth(Shape):
    """Who may call an HTTP API; ``default_authorizer`` is the name of one of the ``authorizers``, or ``AWS_IAM``."""

    WRITTEN_AS: ClassVar[str | None] = "auth"

    authorizers: Mapping[str, OAuth2Authorizer | HttpApiLambdaAuthorizer | Ref[Any]] | Ref[Any] | None = None
    default_authorizer: str | None = None
    enable_iam_authorizer: bool | None = None


@frozen(kw_only=True)
class HttpApiCors(Shape):
    """Which pages of other origins may call an HTTP API. ``max_age`` is in seconds; -1 keeps nothing."""

    WRITTEN_AS: ClassVar[str | None] = "cors_configuration"

    allow_origins: Names | Ref[Any] | None = None
    allow_methods: Names | Ref[Any] | None = None
    allow_headers: Names | Ref[Any] | None = None
    expose_headers: Names | Ref[Any] | None = None
    allow_credentials: bool | Ref[bool] | None = None
    max_age: (
        Annotated[int, Within(-1, 86_400, "seconds", source="API Gateway V2 API, Cors")] | Ref[int] | None
    ) = None


@frozen(kw_only=True)
class HttpApi(Resource):
    """``AWS::Serverless::HttpApi``: an HTTP API and one stage of it, ``$default`` unless said.

    Its routes are those of the `HttpApiEvent` events that name it, of ``definition_body``, or of the OpenAPI
    file ``definition_uri``. ``cors_configuration=True`` lets every page call it.
    """

    TYPE: ClassVar[str] = "AWS::Serverless::HttpApi"
    TAGS_AS_LIST: ClassVar[bool] = False
    GLOBALS: ClassVar[tuple[str, ...]] = (
        "auth",
        "access_log_settings",
        "stage_variables",
        "tags",
        "cors_configuration",
        "default_route_settings",
        "domain",
        "route_settings",
        "fail_on_warnings",
        "propagate_tags",
    )

    name: str | Ref[str] | None = None
    description: str | None = None
    stage_name: StageName | Ref[str] | None = None
    definition_body: Mapping[str, Any] | Ref[Any] | None = None
    definition_uri: str | S3Location | Ref[Any] | None = None
    auth: HttpApiAuth | Ref[Any] | None = None
    cors_configuration: HttpApiCors | bool | Ref[Any] | None = None
    domain: HttpApiDomain | Ref[Any] | None = None
    disable_execute_api_endpoint: bool | Ref[bool] | None = None
    default_route_settings: RouteSettings | Ref[Any] | None = None
    route_settings: Mapping[str, RouteSettings | Ref[Any]] | Ref[Any] | None = None
    stage_variables: Mapping[str, str | Ref[str]] | Ref[Any] | None = None
    access_log_settings: AccessLogSettings | Ref[Any] | None = None
    fail_on_warnings: bool | Ref[bool] | None = None
    propagate_tags: bool | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def url(self) -> Ref[str]:
        """Where the API can be reached, without a slash at the end; a stage other than ``$default`` follows it."""
        return self.attr("ApiEndpoint")
