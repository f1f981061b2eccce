"""What the endpoint asks of the other services, whoever they are.

Source: design, "One URL is an account".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qs

from attrs import frozen

from lambdaform.local.access.keys import Identity, Lookup
from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.http import Request
from lambdaform.local.services.stack_resources import ServiceResource

_SIGNED = re.compile(r"Credential=[^/,]+/\d{8}/([^/,]+)/([^/,]+)/aws4_request")
_IN_A_QUERY = re.compile(r"[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
#: Actions that nobody signs, for the caller has no keys yet, and JSON targets of the same kind.
_UNSIGNED_ACTIONS = {"AssumeRoleWithSAML": "sts", "AssumeRoleWithWebIdentity": "sts"}
_UNSIGNED_TARGETS = {
    "AWSCognitoIdentityService": "cognito-identity",
    "AWSCognitoIdentityProviderService": "cognito-idp",
}


class OtherServices(Protocol):
    """Whoever answers what is not Lambda's."""

    @property
    def lacks(self) -> str | None:
        """What a person is to be told at the start where nobody can answer; None where somebody does."""

    async def answer(self, request: Request) -> HttpAnswer:
        """The answer to a request. Raises `AwsError` where there is nobody to answer."""

    async def read_object(self, bucket: str, key: str, version: str | None) -> bytes:
        """An object's content. Raises `AwsError` with S3's code and message where there is none."""

    async def describe(self, arn: str) -> Mapping[str, Any] | None:
        """What is known of an event source; None where it is not there."""

    async def check_security_groups(self, ids: Sequence[str]) -> None:
        """See that security groups are there. Raises `AwsError` with EC2's code and message."""

    async def vpc_of(self, subnets: Sequence[str]) -> str:
        """The VPC of subnets; empty where nothing is known of any. Raises `AwsError` as EC2 does."""

    async def trust_of(self, role: str) -> Mapping[str, Any] | None:
        """A role's trust policy; None where nobody has made such a role."""

    def know(self, lookup: Lookup) -> None:
        """Know who has which access key."""

    def identity(self, access_key: str, session_token: str) -> Identity | None:
        """Whose an access key is that it has made itself; None for any other."""

    def take(self, wanted: Sequence[ServiceResource]) -> None:
        """Have these resources of stacks, and no others of stacks."""

    def close(self) -> None:
        """Let go of what it has."""


@frozen
class Addressed:
    """The service, by the name that requests are signed for, and the region that a request is for."""

    service: str
    region: str


def addressed(request: Request, region: str) -> Addressed:
    """What a request is for: as it is signed, else as its form tells. What has neither is S3's, as on AWS.

    ``region`` is the one of requests that name none.
    """
    found = _SIGNED.search(request.headers.get("authorization", ""))
    if found is None and "X-Amz-Credential" in request.query:
        [credential] = parse_qs(request.query).get("X-Amz-Credential", [""])[:1]
        found = _IN_A_QUERY.fullmatch(credential)
    if found is not None:
        return Addressed(found[2].lower(), found[1])
    target = request.headers.get("x-amz-target", "").partition(".")[0]
    if target in _UNSIGNED_TARGETS:
        return Addressed(_UNSIGNED_TARGETS[target], region)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        [action] = parse_qs(request.body.decode("latin-1")).get("Action", [""])[:1]
        if action in _UNSIGNED_ACTIONS:
            return Addressed(_UNSIGNED_ACTIONS[action], region)
    return Addressed("s3", region)
