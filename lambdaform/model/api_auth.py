"""Who may call a REST API: its authorizers, API keys and usage plan.

Source: SAM Developer Guide, ApiAuth, CognitoAuthorizer, LambdaTokenAuthorizer, LambdaRequestAuthorizer, ApiUsagePlan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.model.api_policy import ApiResourcePolicy
from lambdaform.model.constraints import Within
from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.resource import Tags
from lambdaform.model.shape import Shape
from lambdaform.model.sources import Source, function_arn, user_pool_arn

#: For how many seconds an authorizer's answer holds; 0 for the one request.
ReauthorizeEvery = Annotated[int, Within(0, 3600, "seconds", source="API Gateway API, CreateAuthorizer")]
FUNCTION = {"shorthand": "a Function, a function's ARN or a reference"}
Names = Sequence[str | Ref[str]]


@frozen(kw_only=True)
class CognitoAuthorizerIdentity(Shape):
    """Where a request carries its token, and of what form the token is."""

    header: str | None = None
    validation_expression: str | None = None
    reauthorize_every: ReauthorizeEvery | Ref[int] | None = None


def _pool_arns(pools: Source | Sequence[Source]) -> Any:
    if isinstance(pools, list | tuple):
        return tuple(user_pool_arn(each) for each in pools)
    return user_pool_arn(pools)  # type: ignore[arg-type]  # a sequence that is neither is refused by the field


@frozen
class CognitoAuthorizer(Shape):
    """Lets those in who have a token of a Cognito user pool."""

    user_pool_arn: str | Names | Ref[Any] = field(
        converter=_pool_arns, metadata={"shorthand": "user pools, their ARNs or references"}
    )
    identity: CognitoAuthorizerIdentity | Ref[Any] | None = field(default=None, kw_only=True)
    authorization_scopes: Names | Ref[Any] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class LambdaTokenAuthorizerIdentity(Shape):
    """The header with the token that the function judges, and of what form the token is."""

    header: str | None = None
    validation_expression: str | None = None
    reauthorize_every: ReauthorizeEvery | Ref[int] | None = None


@frozen
class LambdaTokenAuthorizer(Shape):
    """Asks a function about a token: ``LambdaTokenAuthorizer(doorman)``."""

    function_arn: str | Ref[str] = field(converter=function_arn, metadata=FUNCTION)
    function_payload_type: Literal["TOKEN"] | None = field(default=None, kw_only=True)
    function_invoke_role: str | Ref[str] | None = field(default=None, kw_only=True)
    identity: LambdaTokenAuthorizerIdentity | Ref[Any] | None = field(default=None, kw_only=True)
    disable_function_default_permissions: bool | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class LambdaRequestAuthorizerIdentity(Shape):
    """The parts of a request without which the function is not even asked."""

    headers: Names | Ref[Any] | None = None
    query_strings: Names | Ref[Any] | None = None
    stage_variables: Names | Ref[Any] | None = None
    context: Names | Ref[Any] | None = None
    reauthorize_every: ReauthorizeEvery | Ref[int] | None = None


@frozen
class LambdaRequestAuthorizer(Shape):
    """Asks a function about the whole request: ``LambdaRequestAuthorizer(doorman)``."""

    function_arn: str | Ref[str] = field(converter=function_arn, metadata=FUNCTION)
    function_payload_type: Literal["REQUEST"] = field(default="REQUEST", kw_only=True)
    function_invoke_role: str | Ref[str] | None = field(default=None, kw_only=True)
    identity: LambdaRequestAuthorizerIdentity | Ref[Any] | None = field(default=None, kw_only=True)
    disable_function_default_permissions: bool | None = field(default=None, kw_only=True)


ApiAuthorizer = CognitoAuthorizer | LambdaTokenAuthorizer | LambdaRequestAuthorizer


@frozen(kw_only=True)
class QuotaSettings(Shape):
    """How many requests an API key may make in a period."""

    limit: Annotated[int, Within(0, None, "requests")] | Ref[int] | None = None
    offset: Annotated[int, Within(0, None, "requests")] | Ref[int] | None = None
    period: Literal["DAY", "WEEK", "MONTH"] | Ref[str] | None = None


@frozen(kw_only=True)
class ThrottleSettings(Shape):
    """How fast an API key may make requests: at once, and a second over time."""

    burst_limit: Annotated[int, Within(0, None, "requests")] | Ref[int] | None = None
    rate_limit: Annotated[float, Within(0, None, "requests a second")] | Ref[float] | None = None


@frozen(kw_only=True)
class ApiUsagePlan(Shape):
    """The usage plan and API key that SAM makes: for this API, shared by the stack's APIs, or none."""

    create_usage_plan: Literal["PER_API", "SHARED", "NONE"] | Ref[str]
    usage_plan_name: str | Ref[str] | None = None
    description: str | Ref[str] | None = None
    quota: QuotaSettings | Ref[Any] | None = None
    throttle: ThrottleSettings | Ref[Any] | None = None
    tags: Sequence[Mapping[str, Any]] | Tags | Ref[Any] | None = None


@frozen(kw_only=True)
class ApiAuth(Shape):
    """Who may call a REST API: ``ApiAuth(authorizers={"Pool": CognitoAuthorizer(pool)}, default_authorizer="Pool")``.

    ``default_authorizer`` is the name of one of the ``authorizers``, or ``AWS_IAM``.
    """

    WRITTEN_AS: ClassVar[str | None] = "auth"

    authorizers: Mapping[str, ApiAuthorizer | Ref[Any]] | Ref[Any] | None = None
    default_authorizer: str | None = None
    add_default_authorizer_to_cors_preflight: bool | None = None
    api_key_required: bool | None = None
    add_api_key_required_to_cors_preflight: bool | None = None
    invoke_role: str | Ref[str] | None = None
    resource_policy: ApiResourcePolicy | Ref[Any] | None = None
    usage_plan: ApiUsagePlan | Ref[Any] | None = None
