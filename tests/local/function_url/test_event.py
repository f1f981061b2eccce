"""The event of a request to a function URL, against events that AWS has sent."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.access.keys import Identity
from lambdaform.local.http import Head, Request
from lambdaform.local.sources.function_url.event import Arrival, event_of

ARRIVAL = Arrival(
    url_id="id",
    domain="id.lambda-url.us-east-1.localhost:4566",
    path="/hello",
    source_ip="127.0.0.1",
    request_id="28d04d7e-7f0b-4521-9484-f7012b07cb68",
    moment=1681834637.081,
    trace="Root=1-643ec28d-5503dc7274559e68706dae64",
)
ADA = Identity(access_key="AKIA", secret="s", arn="arn:aws:iam::123456789012:user/ada", user_id="AIDA")


def event(
    method: str = "GET",
    query: str = "",
    body: bytes = b"",
    identity: Identity | None = None,
    **headers: str,
) -> dict[str, Any]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    head = Head(method, "/hello", query, {"host": "id.lambda-url.us-east-1.localhost:4566", **sent})
    return event_of(Request(head, body, len(body)), ARRIVAL, identity)


def test_a_signed_request_is_told_as_aws_has_told_one() -> None:
    # The same request as in lambdaurl/testdata of aws-lambda-go; without TLS, and on this machine.
    got = event(
        "POST",
        "hello=world&foo=bar",
        b'{"hello": "world"}',
        ADA,
        accept="*/*",
        content_length="18",
        content_type="application/json",
        cookie="foo=bar; hello=hello",
        header2="h1,h2",
        user_agent="python-requests/2.28.2",
        authorization="AWS4-HMAC-SHA256 …",
        x_amz_date="20230418T161716Z",
        connection="keep-alive",
    )
    assert got == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/hello",
        "rawQueryString": "hello=world&foo=bar",
        "cookies": ["foo=bar", "hello=hello"],
        "headers": {
            "accept": "*/*",
            "content-length": "18",
            "content-type": "application/json",
            "cookie": "foo=bar; hello=hello",
            "header2": "h1,h2",
            "host": "id.lambda-url.us-east-1.localhost:4566",
            "user-agent": "python-requests/2.28.2",
            "x-amz-date": "20230418T161716Z",
            "x-amzn-trace-id": "Root=1-643ec28d-5503dc7274559e68706dae64",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "4566",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"hello": "world", "foo": "bar"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "id",
            "authorizer": {
                "iam": {
                    "accessKey": "AKIA",
                    "accountId": "123456789012",
                    "callerId": "AIDA",
                    "cognitoIdentity": None,
                    "principalOrgId": None,
                    "userArn": "arn:aws:iam::123456789012:user/ada",
                    "userId": "AIDA",
                }
            },
            "domainName": "id.lambda-url.us-east-1.localhost:4566",
            "domainPrefix": "id",
            "http": {
                "method": "POST",
                "path": "/hello",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "python-requests/2.28.2",
            },
            "requestId": "28d04d7e-7f0b-4521-9484-f7012b07cb68",
            "routeKey": "$default",
            "stage": "$default",
            "time": "18/Apr/2023:16:17:17 +0000",
            "timeEpoch": 1681834637081,
        },
        "body": '{"hello": "world"}',
        "isBase64Encoded": False,
    }


def test_what_is_not_there_is_left_out() -> None:
    got = event()
    assert {"cookies", "queryStringParameters", "body", "pathParameters", "stageVariables"}.isdisjoint(got)
    assert (got["rawQueryString"], got["isBase64Encoded"]) == ("", False)


def test_who_did_not_sign_is_anonymous() -> None:
    context = event(authorization="Bearer x")["requestContext"]
    assert context["accountId"] == "anonymous"
    assert {"authorizer", "authentication"}.isdisjoint(context)


def test_a_function_sees_an_authorization_that_lambda_does_not_look_at() -> None:
    assert event(authorization="Bearer x")["headers"]["authorization"] == "Bearer x"
    assert "authorization" not in event(identity=ADA, authorization="AWS4…")["headers"]


def test_parameters_are_decoded_and_joined() -> None:
    got = event(query="q=a+b&multi=foo&multi=%2Fbar&empty=&flag")
    assert got["rawQueryString"] == "q=a+b&multi=foo&multi=%2Fbar&empty=&flag"
    assert got["queryStringParameters"] == {"q": "a b", "multi": "foo,/bar", "empty": "", "flag": ""}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/json",
        "application/json; charset=utf-8",
        "application/xml",
        "TEXT/HTML",
        "application/vnd.api+json",
        "application/javascript",
    ],
)
def test_text_is_told_as_text(content_type: str) -> None:
    got = event("POST", body="é".encode(), content_type=content_type)
    assert (got["body"], got["isBase64Encoded"]) == ("é", False)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "image/png",
        "",
    ],
)
def test_other_types_are_told_in_base64(content_type: str) -> None:
    got = event("POST", body=b"a=1", content_type=content_type)
    assert (got["body"], got["isBase64Encoded"]) == (base64.b64encode(b"a=1").decode(), True)


def test_text_that_is_none_is_told_in_base64() -> None:
    assert event("POST", body=b"\xff", content_type="text/plain")["isBase64Encoded"] is True


def test_an_address_before_ours_is_kept() -> None:
    assert event(x_forwarded_for="203.0.113.9")["headers"]["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"


@given(st.binary(max_size=30), st.text(alphabet="abc=&%;+/é", max_size=30))
def test_no_body_is_lost(body: bytes, query: str) -> None:
    got = event("POST", query=query, body=body, content_type="text/plain")
    text = got.get("body", "")
    assert (base64.b64decode(text) if got["isBase64Encoded"] else text.encode()) == body
