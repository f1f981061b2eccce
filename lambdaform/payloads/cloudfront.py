"""Requests and responses that CloudFront shows to a function at the edge, which answers with one of the two.

Source: CloudFront Developer Guide, lambda-event-structure, lambda-generating-http-responses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class Header(Payload):
    """One value of a header, and its name as it was written."""

    key: str | None = None
    value: str


Headers = Mapping[str, Sequence[Header]]


@frozen(kw_only=True)
class Config(Payload):
    """The distribution, and at which of the four places this is: viewer or origin, request or response."""

    distribution_domain_name: str
    distribution_id: str
    event_type: str
    request_id: str


@frozen(kw_only=True)
class Body(Payload):
    """The body of a request, where the function is to see it."""

    input_truncated: bool | None = None
    action: str
    encoding: str
    data: str


@frozen(kw_only=True)
class Request(Payload):
    """The request; a function answers with it to let it pass."""

    client_ip: str
    headers: Headers
    method: str
    querystring: str
    uri: str
    body: Body | None = None
    #: At the origin's side: ``custom`` or ``s3``, and what that has.
    origin: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Response(Payload):
    """The response; or one that the function makes by itself, then with a body."""

    headers: Headers | None = None
    status: str
    status_description: str | None = None
    body: str | None = None
    body_encoding: str | None = None


@frozen(kw_only=True)
class Exchange(Payload):
    """The request and, on the way back, the response."""

    config: Config
    request: Request
    response: Response | None = None


@frozen(kw_only=True)
class Record(Payload):
    """The envelope of the exchange."""

    cf: Exchange


@frozen(kw_only=True)
class Event(Payload):
    """One request or response."""

    records: Sequence[Record] = named("Records")


def sample(
    event_type: str = "viewer-request", *, uri: str = "/", method: str = "GET", querystring: str = ""
) -> Event:
    """A request; with ``event_type="origin-response"`` or ``"viewer-response"``, its response as well."""
    at_origin, with_response = event_type.startswith("origin"), event_type.endswith("response")
    domain = "d111111abcdef8.cloudfront.net"
    host = "example.org" if at_origin else domain
    origin = {
        "custom": {
            "customHeaders": {},
            "domainName": "example.org",
            "keepaliveTimeout": 5,
            "path": "",
            "port": 443,
            "protocol": "https",
            "readTimeout": 30,
            "responseCompletionTimeout": 30,
            "sslProtocols": ["TLSv1", "TLSv1.1", "TLSv1.2"],
        }
    }
    request = Request(
        client_ip="203.0.113.178",
        headers={
            "host": [Header(key="Host", value=host)],
            "user-agent": [
                Header(key="User-Agent", value="Amazon CloudFront" if at_origin else "curl/7.66.0")
            ],
        },
        method=method,
        querystring=querystring,
        uri=uri,
        origin=origin if at_origin else None,
    )
    response = Response(
        headers={"content-type": [Header(key="Content-Type", value="text/html; charset=utf-8")]},
        status="200",
        status_description="OK",
    )
    config = Config(
        distribution_domain_name=domain,
        distribution_id="EDFDVBD6EXAMPLE",
        event_type=event_type,
        request_id="4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
    )
    exchange = Exchange(config=config, request=request, response=response if with_response else None)
    return Event(records=[Record(cf=exchange)])
