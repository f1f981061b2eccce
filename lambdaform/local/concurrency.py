"""How many invocations may be in flight: the account's limit, and what is reserved for functions.

Source: AWS Lambda Developer Guide, lambda-concurrency; deck sections B10 and C4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from lambdaform.facts.quotas import Quotas
from lambdaform.local.errors import RESERVED_LIMIT, throttled


class Concurrency:
    """Counts what is in flight. A reservation is both a function's guarantee and its limit."""

    def __init__(self, quotas: Quotas) -> None:
        self._limit = quotas.account_concurrency
        self._reserved: dict[str, int] = {}
        self._in_flight: Counter[str] = Counter()
        self._unreserved = 0

    def reserve(self, reservations: Mapping[str, int]) -> None:
        """Set the reservations of all functions anew; what is in flight is counted on by the new rules."""
        self._reserved = dict(reservations)
        self._unreserved = sum(count for name, count in self._in_flight.items() if name not in self._reserved)

    def enter(self, function_name: str) -> None:
        """One more invocation of a function. Raises `AwsError` (429) where it would be one too many."""
        reserved = self._reserved.get(function_name)
        if reserved is not None:
            if self._in_flight[function_name] >= reserved:
                raise throttled(RESERVED_LIMIT)
        elif self._unreserved >= self._limit - sum(self._reserved.values()):
            raise throttled("ConcurrentInvocationLimitExceeded")
        else:
            self._unreserved += 1
        self._in_flight[function_name] += 1

    def leave(self, function_name: str) -> None:
        """One invocation of a function is over."""
        self._in_flight[function_name] -= 1
        if function_name not in self._reserved:
            self._unreserved -= 1
