"""How many invocations may be in flight: the account's limit, what is reserved, and what is provisioned.

Source: AWS Lambda Developer Guide, lambda-concurrency; deck sections B10 and C4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from lambdaform.facts.quotas import Quotas
from lambdaform.local.control.allocation import Allocation
from lambdaform.local.errors import ACCOUNT_LIMIT, RESERVED_LIMIT, throttled


class Concurrency:
    """Counts what is in flight. A reservation is both a function's guarantee and its limit.

    An invocation of a qualifier with provisioned concurrency runs on that as long as there is some; beyond, it
    spills over to what the function has reserved, or to what all share.
    """

    def __init__(self, quotas: Quotas) -> None:
        self._limit = quotas.account_concurrency
        self._reserved: dict[str, int] = {}
        self._reserved_sum = 0
        self._allocations: dict[str, Sequence[Allocation]] = {}
        #: Invocations on demand: by function, and all those of functions that reserve nothing.
        self._on_demand: Counter[str] = Counter()
        self._unreserved = 0
        self._total = 0

    def reserve(
        self, reservations: Mapping[str, int], allocations: Mapping[str, Sequence[Allocation]] | None = None
    ) -> None:
        """Set what all functions reserve and provision anew; what is in flight is counted on by the new rules."""
        self._reserved = dict(reservations)
        self._reserved_sum = sum(self._reserved.values())
        self._allocations = {name: each for name, each in (allocations or {}).items() if each}
        self._unreserved = sum(count for name, count in self._on_demand.items() if name not in self._reserved)

    def set(self, function_name: str, reserved: int | None, allocations: Sequence[Allocation]) -> None:
        """Set what one function reserves and provisions anew."""
        before = self._reserved.pop(function_name, None)
        self._reserved_sum -= before or 0
        in_flight = self._on_demand.get(function_name, 0)
        if reserved is not None:
            self._reserved[function_name] = reserved
            self._reserved_sum += reserved
        if before is None and reserved is not None:
            self._unreserved -= in_flight
        elif before is not None and reserved is None:
            self._unreserved += in_flight
        self._allocations.pop(function_name, None)
        if allocations:
            self._allocations[function_name] = allocations

    def enter(self, function_name: str, allocation: Allocation | None = None) -> Allocation | None:
        """One more invocation of a function, on the provisioned concurrency that it has or else on demand.

        Returns what it runs on, for `leave`. Raises `AwsError` (429) where it would be one too many.
        """
        is_full = self._total >= self._limit
        if allocation is not None and allocation.in_flight < allocation.allocated and not is_full:
            allocation.in_flight += 1
            self._total += 1
            return allocation
        reserved = self._reserved.get(function_name)
        if reserved is not None:
            if self._on_demand[function_name] >= reserved - self._provisioned(function_name):
                raise throttled(RESERVED_LIMIT)
        elif self._unreserved >= self._shared():
            raise throttled(ACCOUNT_LIMIT)
        if is_full:
            # What others had under way when this was set aside still runs.
            raise throttled(ACCOUNT_LIMIT)
        if reserved is None:
            self._unreserved += 1
        self._on_demand[function_name] += 1
        self._total += 1
        return None

    def leave(self, function_name: str, allocation: Allocation | None = None) -> None:
        """One invocation of a function is over."""
        self._total -= 1
        if allocation is not None:
            allocation.in_flight -= 1
            return
        self._on_demand[function_name] -= 1
        if function_name not in self._reserved:
            self._unreserved -= 1

    def _shared(self) -> int:
        """What functions that reserve nothing have together, on demand."""
        shared = self._limit - self._reserved_sum
        if self._allocations:
            names = (name for name in self._allocations if name not in self._reserved)
            shared -= sum(map(self._provisioned, names))
        return shared

    def _provisioned(self, function_name: str) -> int:
        return sum(each.allocated for each in self._allocations.get(function_name, ()))
