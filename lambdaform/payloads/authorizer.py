"""What API Gateway asks a Lambda authorizer, and what that answers.

Source: API Gateway Developer Guide, api-gateway-lambda-authorizer-input, api-gateway-lambda-authorizer-output,
http-api-lambda-authorizer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from attrs import frozen

from lambdaform.payloads.api_gateway import ClientCertificate, HttpContext, sample_http
from lambdaform.payloads.payload import Payload, named, nullable


@frozen(kw_only=True)
class TokenEvent(Payload):
    """A token that a client sent to a REST API."""

    type: str
    authorization_token: str
    method_arn: str


@frozen(kw_only=True)
class Identity(Payload):
    """Who sent the request."""

    api_key: str | None = None
    source_ip: str
    client_cert: ClientCertificate | None = None


@frozen(kw_only=True)
class RequestContext(Payload):
    """What API Gateway knows of the request."""

    path: str
    account_id: str
    resource_id: str
    stage: str
    request_id: str
    identity: Identity
    resource_path: str
    http_method: str
    api_id: str


@frozen(kw_only=True)
class RequestEvent(Payload):
    """A request to a REST API, or to an HTTP API whose authorizer has format 1.0."""

    version: str | None = None
    type: str
    method_arn: str
    identity_source: str | None = None
    authorization_token: str | None = None
    resource: str
    path: str
    http_method: str
    headers: Mapping[str, str] | None = nullable()
    query_string_parameters: Mapping[str, str] | None = nullable()
    path_parameters: Mapping[str, str] | None = nullable()
    stage_variables: Mapping[str, str] | None = nullable()
    request_context: RequestContext


@frozen(kw_only=True)
class HttpEvent(Payload):
    """A request to an HTTP API whose authorizer has format 2.0."""

    version: str
    type: str
    route_arn: str
    identity_source: Sequence[str] | None = nullable()
    route_key: str
    raw_path: str
    raw_query_string: str
    cookies: Sequence[str] | None = None
    headers: Mapping[str, str] | None = None
    query_string_parameters: Mapping[str, str] | None = None
    request_context: HttpContext
    path_parameters: Mapping[str, str] | None = None
    stage_variables: Mapping[str, str] | None = None


@frozen(kw_only=True)
class Statement(Payload):
    """Whether some methods may be called."""

    FORM: ClassVar[str] = "pascal"

    action: str | Sequence[str] = "execute-api:Invoke"
    effect: Literal["Allow", "Deny"]
    resource: str | Sequence[str]


@frozen(kw_only=True)
class PolicyDocument(Payload):
    """What the caller may do."""

    FORM: ClassVar[str] = "pascal"

    version: str = "2012-10-17"
    statement: Sequence[Statement]


@frozen(kw_only=True)
class PolicyResponse(Payload):
    """The answer as a policy. What ``context`` says reaches the function behind the API."""

    principal_id: str
    policy_document: PolicyDocument
    context: Mapping[str, Any] | None = None
    usage_identifier_key: str | None = None


@frozen(kw_only=True)
class SimpleResponse(Payload):
    """The answer of an HTTP API's authorizer with simple responses."""

    is_authorized: bool = named("isAuthorized")
    context: Mapping[str, Any] | None = None


def sample_token(
    token: str = "incoming-client-token",
    *,
    method: str = "GET",
    path: str = "/request",
    stage: str = "test",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> TokenEvent:
    """A token to check."""
    arn = f"arn:aws:execute-api:{region}:{account}:abcdef123/{stage}/{method}{path}"
    return TokenEvent(type="TOKEN", authorization_token=token, method_arn=arn)


def sample_request(
    method: str = "GET",
    *,
    path: str = "/request",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    stage: str = "test",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> RequestEvent:
    """A request to a REST API to check."""
    context = RequestContext(
        path=path,
        account_id=account,
        resource_id="05c7jb",
        stage=stage,
        request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        identity=Identity(source_ip="192.0.2.1"),
        resource_path=path,
        http_method=method,
        api_id="abcdef123",
    )
    return RequestEvent(
        type="REQUEST",
        method_arn=f"arn:aws:execute-api:{region}:{account}:abcdef123/{stage}/{method}{path}",
        resource=path,
        path=path,
        http_method=method,
        headers=headers or {"HeaderAuth1": "headerValue1"},
        query_string_parameters=query or {},
        path_parameters={},
        stage_variables={},
        request_context=context,
    )


def sample_http_request(
    method: str = "GET",
    *,
    path: str = "/my/path",
    identity: str = "user1",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    region: str = "us-east-1",
    account: str = "123456789012",
) -> HttpEvent:
    """A request to an HTTP API to check."""
    request = sample_http(
        method=method, path=path, headers=headers, query=query, region=region, account=account
    )
    return HttpEvent(
        version="2.0",
        type="REQUEST",
        route_arn=f"arn:aws:execute-api:{region}:{account}:id/$default/{method}{path}",
        identity_source=[identity],
        route_key=request.route_key,
        raw_path=path,
        raw_query_string=request.raw_query_string,
        headers=request.headers,
        query_string_parameters=query,
        request_context=request.request_context,
    )


def allow(principal: str, *resources: str, context: Mapping[str, Any] | None = None) -> PolicyResponse:
    """The answer that lets the caller in."""
    return _answer("Allow", principal, resources, context)


def deny(principal: str, *resources: str, context: Mapping[str, Any] | None = None) -> PolicyResponse:
    """The answer that keeps the caller out."""
    return _answer("Deny", principal, resources, context)


def _answer(
    effect: Literal["Allow", "Deny"],
    principal: str,
    resources: tuple[str, ...],
    context: Mapping[str, Any] | None,
) -> PolicyResponse:
    resource: str | Sequence[str] = resources[0] if len(resources) == 1 else list(resources)
    document = PolicyDocument(statement=[Statement(effect=effect, resource=resource)])
    return PolicyResponse(principal_id=principal, policy_document=document, context=context)
