"""An account behind its endpoint for tests, and boto3's clients of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdaform.local.endpoint.server import Endpoint
from tests.local.lab import Lab

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient

T = TypeVar("T")
#: How long a client waits for an answer, in seconds.
PATIENCE_S = 60


class ServedAccount:
    """A lab behind an endpoint, with boto3's client of Lambda. `close` it after the test."""

    def __init__(self, lab: Lab, *, access_key: str = "test") -> None:
        self.lab = lab
        self.endpoint = Endpoint.of(lab.service)
        lab.run(self.endpoint.start(0))
        lab.service.endpoint_url = self.endpoint.url
        self._session: Any = boto3.Session(access_key, "test", region_name="us-east-1")
        self._clients: list[Any] = []
        self.client: LambdaClient = self.of("lambda")

    def of(self, service: str) -> Any:
        """A client of one of the account's services."""
        client = self._session.client(
            service,
            endpoint_url=self.endpoint.url,
            config=Config(
                retries={"total_max_attempts": 1}, read_timeout=PATIENCE_S, max_pool_connections=20
            ),
        )
        self._clients.append(client)
        return client

    def call(self, function: Callable[..., T], **members: Any) -> T:
        """Call something that blocks, while the loop serves."""
        return self.lab.run(asyncio.to_thread(lambda: function(**members)), seconds=1.5 * PATIENCE_S)

    def refusal(self, function: Callable[..., Any], **members: Any) -> dict[str, Any]:
        """The error that boto3 makes of the answer."""
        with pytest.raises(ClientError) as raised:
            self.call(function, **members)
        return dict(raised.value.response)

    def close(self) -> None:
        """End the endpoint and the clients."""
        for client in self._clients:
            client.close()
        self.lab.run(self._closed())

    async def _closed(self) -> None:
        self.endpoint.close()
