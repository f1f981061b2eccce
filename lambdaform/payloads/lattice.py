"""Requests of a VPC Lattice service in version 2 of its event structure, and the responses to them.

Source: VPC Lattice User Guide, lambda-functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class Identity(Payload):
    """Who sent the request, as far as it is known."""

    source_vpc_arn: str | None = None
    type: str | None = None
    principal: str | None = None
    principal_org_id: str | None = named("principalOrgID", None)
    session_name: str | None = None
    x509_issuer_ou: str | None = None
    x509_san_dns: str | None = None
    x509_san_name_cn: str | None = None
    x509_san_uri: str | None = None
    x509_subject_cn: str | None = None


@frozen(kw_only=True)
class Context(Payload):
    """Which service, network and target group the request went through."""

    SPELLING: ClassVar[Mapping[str, str]] = {}

    service_network_arn: str
    service_arn: str
    target_group_arn: str
    identity: Identity | None = None
    region: str
    time_epoch: str


@frozen(kw_only=True)
class Request(Payload):
    """One request."""

    version: str
    path: str
    method: str
    headers: Mapping[str, Sequence[str]]
    query_string_parameters: Mapping[str, Sequence[str]] | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None
    request_context: Context


@frozen(kw_only=True)
class Response(Payload):
    """The response."""

    is_base64_encoded: bool
    status_code: int
    headers: Mapping[str, str]
    body: str | None = None


def sample(
    body: str | None = None,
    *,
    method: str = "GET",
    path: str = "/",
    region: str = "us-west-2",
    account: str = "123456789012",
) -> Request:
    """One request."""
    arn = f"arn:aws:vpc-lattice:{region}:{account}"
    context = Context(
        service_network_arn=f"{arn}:servicenetwork/sn-0bf3f2882e9cc805a",
        service_arn=f"{arn}:service/svc-0a40eebed65f8d69c",
        target_group_arn=f"{arn}:targetgroup/tg-6d0ecf831eec9f09",
        identity=Identity(source_vpc_arn=f"arn:aws:ec2:{region}:{account}:vpc/vpc-0b8276c84697e7339"),
        region=region,
        time_epoch="1690497599177430",
    )
    return Request(
        version="2.0",
        path=path,
        method=method,
        headers={"accept": ["*/*"], "x-forwarded-for": ["10.0.0.1"]},
        query_string_parameters={},
        body=body,
        is_base64_encoded=False,
        request_context=context,
    )
