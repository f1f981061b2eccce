"""Requests of an Application Load Balancer, and the responses to them.

Source: AWS Lambda Developer Guide, services-alb; Elastic Load Balancing, lambda-functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class TargetGroup(Payload):
    """The target group that the function is in."""

    target_group_arn: str


@frozen(kw_only=True)
class Context(Payload):
    """What the load balancer says of itself."""

    elb: TargetGroup


@frozen(kw_only=True)
class Request(Payload):
    """One request. With multi-value headers turned on, headers and query have lists under other keys."""

    request_context: Context
    http_method: str
    path: str
    query_string_parameters: Mapping[str, str] | None = None
    multi_value_query_string_parameters: Mapping[str, Sequence[str]] | None = None
    headers: Mapping[str, str] | None = None
    multi_value_headers: Mapping[str, Sequence[str]] | None = None
    body: str
    is_base64_encoded: bool


@frozen(kw_only=True)
class Response(Payload):
    """The response; multi-value headers where the target group has these."""

    status_code: int
    status_description: str | None = None
    is_base64_encoded: bool | None = None
    headers: Mapping[str, str] | None = None
    multi_value_headers: Mapping[str, Sequence[str]] | None = None
    body: str | None = None


def sample(
    body: str = "",
    *,
    method: str = "GET",
    path: str = "/lambda",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Request:
    """One request."""
    group = f"arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/lambda-279XGJDqGZ5rsrHC2Fjr/49e9d65c45c6791a"
    return Request(
        request_context=Context(elb=TargetGroup(target_group_arn=group)),
        http_method=method,
        path=path,
        query_string_parameters=query if query is not None else {"query": "1234ABCD"},
        headers={
            "accept": "*/*",
            "host": f"lambda-alb-123578498.{region}.elb.amazonaws.com",
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-5c536348-3d683b8b04734faae651f476",
            "x-forwarded-for": "72.12.164.125",
            "x-forwarded-port": "80",
            "x-forwarded-proto": "http",
            **(headers or {}),
        },
        body=body,
        is_base64_encoded=False,
    )
