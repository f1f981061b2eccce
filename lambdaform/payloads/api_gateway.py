"""Requests of API Gateway's APIs and of function URLs, and the responses that functions give them.

A REST API sends format 1.0, an HTTP API and a function URL 2.0; a WebSocket API its own. Authorizers are in
`lambdaform.payloads.authorizer`.

Source: API Gateway Developer Guide, set-up-lambda-proxy-integrations, http-api-develop-integrations-lambda,
apigateway-websocket-api-integrations; AWS Lambda Developer Guide, urls-invocation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from attrs import frozen

from lambdaform.payloads.payload import Payload, nullable


@frozen(kw_only=True)
class Validity(Payload):
    """How long a certificate is good."""

    not_before: str
    not_after: str


@frozen(kw_only=True)
class ClientCertificate(Payload):
    """The certificate with which a client of mutual TLS came."""

    SPELLING: ClassVar[Mapping[str, str]] = {"dn": "DN"}

    client_cert_pem: str
    subject_dn: str
    issuer_dn: str
    serial_number: str
    validity: Validity


@frozen(kw_only=True)
class RestIdentity(Payload):
    """Who sent a request to a REST API."""

    access_key: str | None = nullable()
    account_id: str | None = nullable()
    api_key: str | None = None
    api_key_id: str | None = None
    caller: str | None = nullable()
    cognito_authentication_provider: str | None = nullable()
    cognito_authentication_type: str | None = nullable()
    cognito_identity_id: str | None = nullable()
    cognito_identity_pool_id: str | None = nullable()
    principal_org_id: str | None = nullable()
    source_ip: str
    user: str | None = nullable()
    user_agent: str | None = nullable()
    user_arn: str | None = nullable()
    client_cert: ClientCertificate | None = None


@frozen(kw_only=True)
class RestContext(Payload):
    """What API Gateway knows of a request to a REST API."""

    account_id: str
    api_id: str
    authorizer: Mapping[str, Any] | None = None
    domain_name: str | None = None
    domain_prefix: str | None = None
    extended_request_id: str | None = None
    http_method: str
    identity: RestIdentity
    path: str
    protocol: str
    request_id: str
    request_time: str
    request_time_epoch: int
    resource_id: str | None = nullable()
    resource_path: str
    stage: str


@frozen(kw_only=True)
class RestRequest(Payload):
    """A request in format 1.0: of a REST API, or of an HTTP API that is told so."""

    version: str | None = None
    resource: str
    path: str
    http_method: str
    headers: Mapping[str, str] | None = nullable()
    multi_value_headers: Mapping[str, Sequence[str]] | None = nullable()
    query_string_parameters: Mapping[str, str] | None = nullable()
    multi_value_query_string_parameters: Mapping[str, Sequence[str]] | None = nullable()
    request_context: RestContext
    path_parameters: Mapping[str, str] | None = nullable()
    stage_variables: Mapping[str, str] | None = nullable()
    body: str | None = nullable()
    is_base64_encoded: bool


@frozen(kw_only=True)
class RestResponse(Payload):
    """The response to a request in format 1.0, and to one of a WebSocket API."""

    is_base64_encoded: bool | None = None
    status_code: int
    headers: Mapping[str, str] | None = None
    multi_value_headers: Mapping[str, Sequence[str]] | None = None
    body: str | None = None


@frozen(kw_only=True)
class HttpDescription(Payload):
    """The request itself."""

    method: str
    path: str
    protocol: str
    source_ip: str
    user_agent: str


@frozen(kw_only=True)
class Authentication(Payload):
    """How a client of mutual TLS proved itself."""

    client_cert: ClientCertificate


@frozen(kw_only=True)
class HttpContext(Payload):
    """What API Gateway, or Lambda for a function URL, knows of a request."""

    account_id: str
    api_id: str
    authentication: Authentication | None = nullable()
    authorizer: Mapping[str, Any] | None = None
    domain_name: str
    domain_prefix: str
    http: HttpDescription
    request_id: str
    route_key: str
    stage: str
    time: str
    time_epoch: int


@frozen(kw_only=True)
class HttpRequest(Payload):
    """A request in format 2.0: of an HTTP API or a function URL."""

    version: str
    route_key: str
    raw_path: str
    raw_query_string: str
    cookies: Sequence[str] | None = None
    headers: Mapping[str, str]
    query_string_parameters: Mapping[str, str] | None = None
    request_context: HttpContext
    body: str | None = None
    path_parameters: Mapping[str, str] | None = None
    is_base64_encoded: bool
    stage_variables: Mapping[str, str] | None = None


@frozen(kw_only=True)
class HttpResponse(Payload):
    """The response to a request in format 2.0."""

    status_code: int
    headers: Mapping[str, str] | None = None
    body: str | None = None
    cookies: Sequence[str] | None = None
    is_base64_encoded: bool | None = None


@frozen(kw_only=True)
class WebSocketIdentity(Payload):
    """Where a client connects from."""

    source_ip: str
    user_agent: str | None = None


@frozen(kw_only=True)
class WebSocketContext(Payload):
    """The connection, and what came over it."""

    route_key: str
    event_type: str
    message_id: str | None = None
    extended_request_id: str
    request_time: str
    message_direction: str
    stage: str
    connected_at: int
    request_time_epoch: int
    identity: WebSocketIdentity
    request_id: str
    domain_name: str
    connection_id: str
    api_id: str
    authorizer: Mapping[str, Any] | None = None
    disconnect_status_code: int | None = None
    disconnect_reason: str | None = None


@frozen(kw_only=True)
class WebSocketEvent(Payload):
    """A client connects, disconnects or sends a message. Only connecting has headers and a query."""

    headers: Mapping[str, str] | None = None
    multi_value_headers: Mapping[str, Sequence[str]] | None = None
    query_string_parameters: Mapping[str, str] | None = None
    multi_value_query_string_parameters: Mapping[str, Sequence[str]] | None = None
    stage_variables: Mapping[str, str] | None = None
    request_context: WebSocketContext
    body: str | None = None
    is_base64_encoded: bool


def sample_rest(
    body: str | None = None,
    *,
    method: str = "GET",
    path: str = "/my/path",
    resource: str | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    path_parameters: Mapping[str, str] | None = None,
    stage: str = "prod",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> RestRequest:
    """One request to a REST API."""
    host = f"id.execute-api.{region}.amazonaws.com"
    headers = {"Accept": "*/*", "Host": host, "User-Agent": "user-agent", **(headers or {})}
    context = RestContext(
        account_id=account,
        api_id="id",
        domain_name=host,
        domain_prefix="id",
        extended_request_id="request-id",
        http_method=method,
        identity=RestIdentity(source_ip="192.0.2.1", user_agent="user-agent"),
        path=f"/{stage}{path}",
        protocol="HTTP/1.1",
        request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        request_time="04/Mar/2020:19:15:17 +0000",
        request_time_epoch=1583349317135,
        resource_id="123456",
        resource_path=resource or path,
        stage=stage,
    )
    return RestRequest(
        resource=resource or path,
        path=path,
        http_method=method,
        headers=headers,
        multi_value_headers={name: [value] for name, value in headers.items()},
        query_string_parameters=query,
        multi_value_query_string_parameters=query and {name: [value] for name, value in query.items()},
        request_context=context,
        path_parameters=path_parameters,
        body=body,
        is_base64_encoded=False,
    )


def sample_http(
    body: str | None = None,
    *,
    method: str = "GET",
    path: str = "/my/path",
    route: str | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    path_parameters: Mapping[str, str] | None = None,
    stage: str = "$default",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> HttpRequest:
    """One request to an HTTP API."""
    return _http(
        f"id.execute-api.{region}.amazonaws.com",
        route or f"{method} {path}",
        body=body,
        method=method,
        path=path,
        query=query,
        headers=headers,
        path_parameters=path_parameters,
        stage=stage,
        account=account,
    )


def sample_url(
    body: str | None = None,
    *,
    method: str = "GET",
    path: str = "/",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    region: str = "us-west-2",
    account: str = "123456789012",
) -> HttpRequest:
    """One request to a function URL that is open to all."""
    return _http(
        f"abcdefg.lambda-url.{region}.on.aws",
        "$default",
        body=body,
        method=method,
        path=path,
        query=query,
        headers=headers,
        path_parameters=None,
        stage="$default",
        account=account,
    )


def _http(
    host: str,
    route: str,
    *,
    body: str | None,
    method: str,
    path: str,
    query: Mapping[str, str] | None,
    headers: Mapping[str, str] | None,
    path_parameters: Mapping[str, str] | None,
    stage: str,
    account: str,
) -> HttpRequest:
    prefix = host.partition(".")[0]
    context = HttpContext(
        account_id=account,
        api_id=prefix,
        domain_name=host,
        domain_prefix=prefix,
        http=HttpDescription(
            method=method, path=path, protocol="HTTP/1.1", source_ip="192.0.2.1", user_agent="agent"
        ),
        request_id="JKJaXmPLvHcESHA=",
        route_key=route,
        stage=stage,
        time="12/Mar/2020:19:03:58 +0000",
        time_epoch=1583348638390,
    )
    return HttpRequest(
        version="2.0",
        route_key=route,
        raw_path=path,
        raw_query_string=urlencode(query or {}),
        headers={"accept": "*/*", "host": host, "user-agent": "agent", **(headers or {})},
        query_string_parameters=query,
        request_context=context,
        body=body,
        path_parameters=path_parameters,
        is_base64_encoded=False,
    )


def sample_websocket(
    body: str | None = None,
    *,
    route: str | None = None,
    stage: str = "production",
    region: str = "us-east-1",
) -> WebSocketEvent:
    """A client that connects, or sends ``body``, or with ``route="$disconnect"`` goes."""
    route = route or ("$connect" if body is None else "$default")
    host = f"abcdef123.execute-api.{region}.amazonaws.com"
    kind = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route, "MESSAGE")
    headers = {"Host": host, "Sec-WebSocket-Version": "13"} if kind == "CONNECT" else None
    context = WebSocketContext(
        route_key=route,
        event_type=kind,
        message_id="JKJaXe0dvHcCKCg=" if kind == "MESSAGE" else None,
        extended_request_id="JKJaXmPLvHcESHA=",
        request_time="19/Jan/2023:21:13:26 +0000",
        message_direction="IN",
        stage=stage,
        connected_at=1674162806344,
        request_time_epoch=1674162806345,
        identity=WebSocketIdentity(source_ip="192.0.2.1"),
        request_id="JKJaXmPLvHcESHA=",
        domain_name=host,
        connection_id="JKJaXe0dvHcCKCg=",
        api_id="abcdef123",
    )
    return WebSocketEvent(
        headers=headers,
        multi_value_headers=headers and {name: [value] for name, value in headers.items()},
        request_context=context,
        body=body if kind == "MESSAGE" else None,
        is_base64_encoded=False,
    )
