"""How many requests a second there may be: ten for each unit of concurrency.

It holds for callers that wait, by what their function reserves or all others share, and for provisioned concurrency,
beyond which requests run on demand. Asynchronous events have no such limit.

Source: AWS Lambda Developer Guide, lambda-concurrency ("Understanding concurrency and requests per second") and
gettingstarted-limits.
"""

from __future__ import annotations

from collections.abc import Callable

from lambdaform.facts.quotas import Quotas
from lambdaform.local.bucket import Bucket
from lambdaform.local.control.allocation import Allocation
from lambdaform.local.control.functions import Function
from lambdaform.local.errors import RATE_LIMIT, RESERVED_RATE_LIMIT, throttled


class RequestRate:
    """The request rates of one account in one region; ``now`` tells the time of the service."""

    def __init__(self, quotas: Quotas, now: Callable[[], float]) -> None:
        self._limit = quotas.account_concurrency
        self._each = quotas.requests_per_concurrency
        self._now = now
        self._buckets: dict[str, Bucket] = {}

    def enter(self, function: Function) -> None:
        """One more request of a caller that waits. Raises `AwsError` (429) where it comes too soon."""
        reserved = function.reserved_concurrency
        if reserved is None:
            # A function cannot have this name.
            if not self._takes("", self._limit):
                raise throttled(RATE_LIMIT)
        elif not self._takes(function.name, reserved):
            raise throttled(RESERVED_RATE_LIMIT)

    def allows(self, allocation: Allocation) -> bool:
        """Whether one more request may run on provisioned concurrency."""
        return self._takes(allocation.name, allocation.requested)

    def _takes(self, name: str, concurrency: int) -> bool:
        now, rate = self._now(), float(concurrency * self._each)
        bucket = self._buckets.get(name)
        if bucket is None or bucket.capacity != rate:
            bucket = self._buckets[name] = Bucket.full(rate, rate, now)
        return bucket.take(now)
