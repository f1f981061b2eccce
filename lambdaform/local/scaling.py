"""How fast environments may become more: today by function, in the deck's days for account and region together.

It counts the environments that Lambda would have, by the rule that a free one is used again before a new one is
made. What this machine holds may be fewer (`lambdaform.local.pool`).

Source: AWS Lambda Developer Guide, scaling-behavior; deck section B10 (burst).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from lambdaform.facts.quotas import Quotas
from lambdaform.local.bucket import Bucket
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.pool import IDLE_SECONDS


class Start(Enum):
    """Where an event runs."""

    AGAIN = "in an environment that is free"
    NEW = "in a new environment"
    TOO_SOON = "nowhere yet"


class Scaling:
    """The scaling rate of one account in one region; ``now`` tells the time of the service."""

    def __init__(self, quotas: Quotas, region: str, now: Callable[[], float]) -> None:
        self._burst = quotas.scaling_burst_in(region)
        self._per_second = quotas.scaling_environments / quotas.scaling_period_s
        self._by_function = quotas.scaling_scope == "function"
        self._now = now
        self._buckets: dict[str, Bucket] = {}
        #: When each free environment of a version was used last; the one that was used last of all at the end.
        self._free: dict[FunctionConfiguration, list[float]] = {}

    def enter(self, configuration: FunctionConfiguration) -> Start:
        """One more event of a version on demand, in a free environment or in a new one, unless that is too soon."""
        now = self._now()
        free = self._free.get(configuration)
        if free:
            if free.pop() + IDLE_SECONDS > now:
                return Start.AGAIN
            # All the others have had nothing to do for even longer.
            free.clear()
        name = configuration.function_name if self._by_function else ""
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket.full(self._burst, self._per_second, now)
        return Start.NEW if bucket.take(now) else Start.TOO_SOON

    def leave(self, configuration: FunctionConfiguration) -> None:
        """An event of a version is over; its environment is free."""
        free = self._free.get(configuration)
        if free is None:
            free = self._free[configuration] = []
        free.append(self._now())

    def keep(self, function_name: str, configurations: set[FunctionConfiguration]) -> None:
        """Forget the environments of all versions of a function but these."""
        own = [each for each in self._free if each.function_name == function_name]
        for each in [each for each in own if each.of_all_tenants not in configurations]:
            del self._free[each]
