"""The other AWS services by an emulator elsewhere: requests go there as they came, and its answers come back.

Source: `--services URL`; RFC 9110, section 7.6 (what a proxy passes on).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from lambdaform.errors import UsageError
from lambdaform.local.access.keys import Identity, Lookup
from lambdaform.local.aside import aside
from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.errors import AwsError
from lambdaform.local.http import Request
from lambdaform.local.services.clients import client, own_session
from lambdaform.local.services.event_sources import describe_source
from lambdaform.local.services.objects import read_object
from lambdaform.local.services.roles import trust_of
from lambdaform.local.services.stack_resources import ServiceResource, StackResources
from lambdaform.local.services.vpcs import check_security_groups, vpc_of

if TYPE_CHECKING:
    from urllib3 import PoolManager

T = TypeVar("T")
#: How many requests are under way at once.
_AT_ONCE = 16
#: How long an answer may take, in seconds: a queue may be polled for 20.
_PATIENCE = 120.0
_OF_ONE_CONNECTION = frozenset(
    {"connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


class Forwarding:
    """The services behind a URL. Raises `UsageError` where it is none."""

    def __init__(self, url: str, region: str, notice: Callable[[str], None]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise UsageError(
                f"--services {url!r} is no address of an emulator.", right="Write http://127.0.0.1:5000."
            )
        self._url = f"{parts.scheme}://{parts.netloc}"
        self._region = region
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._stacks = StackResources(self._client, region, notice)
        self._pool: PoolManager | None = None
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def answer(self, request: Request) -> HttpAnswer:
        """The emulator's answer. Raises `AwsError` where it gives none."""
        return await self._beside(lambda: self._forward(request))

    async def read_object(self, bucket: str, key: str, version: str | None) -> bytes:
        """An object's content, as the emulator's S3 gives it. Raises `AwsError`."""
        return await self._beside(lambda: read_object(self._client, bucket, key, version))

    async def describe(self, arn: str) -> Mapping[str, Any] | None:
        """What is known of an event source; None where it is not there."""
        return await self._beside(lambda: describe_source(self._client, arn))

    async def check_security_groups(self, ids: Sequence[str]) -> None:
        """See that security groups are there. Raises `AwsError`."""
        await self._beside(lambda: check_security_groups(self._client, ids))

    async def vpc_of(self, subnets: Sequence[str]) -> str:
        """The VPC of subnets. Raises `AwsError`."""
        return await self._beside(lambda: vpc_of(self._client, subnets))

    async def trust_of(self, role: str) -> Mapping[str, Any] | None:
        """A role's trust policy; None where there is no such role."""
        return await self._beside(lambda: trust_of(self._client, role))

    @property
    def lacks(self) -> str | None:
        """Nothing that could be known before it is asked."""
        return None

    def know(self, lookup: Lookup) -> None:
        """The emulator has users of its own."""

    def identity(self, access_key: str, session_token: str) -> Identity | None:  # noqa: ARG002 - as the door has it
        """Nobody: the keys that an emulator has made are not told."""
        return None

    def take(self, wanted: Sequence[ServiceResource]) -> None:
        """Make these resources of stacks, and delete those that are no more."""
        threading.Thread(target=self._stacks.take, args=(wanted,), daemon=True).start()

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._session = self._session or own_session(self._region)
            self._clients[service] = client(self._session, service, self._url)
        return self._clients[service]

    def close(self) -> None:
        """What is under way ends with this process: nobody waits for it."""

    async def _beside(self, work: Callable[[], T]) -> T:
        """What it gives, while the loop goes on."""
        async with self._free:
            return await aside(work)

    def _forward(self, request: Request) -> HttpAnswer:
        import urllib3

        if self._pool is None:
            self._pool = urllib3.PoolManager(maxsize=_AT_ONCE, retries=False)
        query = f"?{request.query}" if request.query else ""
        headers = {name: value for name, value in request.headers.items() if name not in _OF_ONE_CONNECTION}
        try:
            answered = self._pool.request(
                request.method,
                f"{self._url}{request.path}{query}",
                body=request.body,
                headers=headers,
                timeout=_PATIENCE,
                redirect=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            message = f"{self._url}, which --services names, does not answer: {error}"
            raise AwsError("ServiceUnavailable", message, 503) from error
        given = {
            name: value
            for name, value in answered.headers.items()
            if name.lower() not in _OF_ONE_CONNECTION or request.method == "HEAD"
        }
        return HttpAnswer(answered.status, answered.data, given)
