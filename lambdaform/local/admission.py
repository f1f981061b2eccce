"""Whether one more event may run now: concurrency, the scaling rate and the request rate, asked in this order.

It is the same for real and modelled functions (`lambdaform.local.front`, `lambdaform.local.load`).

Source: AWS Lambda Developer Guide, lambda-concurrency and scaling-behavior.
"""

from __future__ import annotations

from typing import NamedTuple

from lambdaform.local.concurrency import Concurrency
from lambdaform.local.control.allocation import Allocation
from lambdaform.local.control.functions import Target
from lambdaform.local.errors import ACCOUNT_LIMIT, RESERVED_LIMIT, AwsError, throttled
from lambdaform.local.request_rate import RequestRate
from lambdaform.local.scaling import Scaling, Start


class Seat(NamedTuple):
    """What an event runs on: provisioned concurrency, or on demand, and then perhaps in a new environment."""

    allocation: Allocation | None
    is_new: bool


_AGAIN, _NEW = Seat(None, is_new=False), Seat(None, is_new=True)


class Admission:
    """The limits of one account in one region together."""

    def __init__(self, concurrency: Concurrency, scaling: Scaling, rate: RequestRate) -> None:
        self._concurrency = concurrency
        self._scaling = scaling
        self._rate = rate

    def enter(self, target: Target, *, is_awaited: bool) -> Seat:
        """Count one more event; ``is_awaited`` says that somebody waits for its answer.

        Raises `AwsError` (429) where it would be one too many, or comes too soon.
        """
        name, wanted = target.function.name, target.allocation
        if wanted is not None and not self._rate.allows(wanted):
            wanted = None
        allocation = self._concurrency.enter(name, wanted)
        if is_awaited:
            try:
                self._rate.enter(target.function)
            except AwsError:
                self._concurrency.leave(name, allocation)
                raise
        if allocation is not None:
            return Seat(allocation, is_new=False)
        start = self._scaling.enter(target.configuration)
        if start is Start.TOO_SOON:
            self._concurrency.leave(name)
            raise throttled(ACCOUNT_LIMIT if target.function.reserved_concurrency is None else RESERVED_LIMIT)
        return _NEW if start is Start.NEW else _AGAIN

    def answered(self, target: Target, seat: Seat) -> None:
        """An event is answered, or will not be: its environment counts as free for whoever comes next."""
        if seat.allocation is None:
            self._scaling.leave(target.configuration)

    def leave(self, target: Target, seat: Seat) -> None:
        """An event is over: its runtime and all extensions wait for the next one."""
        self._concurrency.leave(target.function.name, seat.allocation)
