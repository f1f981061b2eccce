"""Load on modelled functions: hours of it in seconds, through the service's own limits, without a task for each event.

Callers wait for their answers and do not try again. What retries and queues make of load, more slowly,
shows `lambdaform.local.modelled_service`.

::

    load = Load({"Checkout": Demand(duration=lambda: 0.2)})
    result = load.run((n / 500, "Checkout") for n in range(500 * 3600))
    result.throttled["ConcurrentInvocationLimitExceeded"]
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from attrs import define, field, frozen

from lambdaform.facts.quotas import Quotas, quotas
from lambdaform.local.admission import Admission, Seat
from lambdaform.local.concurrency import Concurrency
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Function, Functions, Target
from lambdaform.local.control.names import FunctionName
from lambdaform.local.control.records import LATEST
from lambdaform.local.errors import AwsError
from lambdaform.local.request_rate import RequestRate
from lambdaform.local.scaling import Scaling


@frozen(kw_only=True)
class Demand:
    """What an event of a function takes, in seconds; a new environment takes ``init`` more."""

    duration: Callable[[], float]
    init: float = 0.0
    reserved: int | None = None


@define
class Result:
    """What became of the events: by function, and for those that were throttled by reason."""

    invocations: Counter[str] = field(factory=Counter)
    cold_starts: Counter[str] = field(factory=Counter)
    throttled: Counter[str] = field(factory=Counter)
    #: The most that were in flight at once, and when the last one ended.
    peak: int = 0
    ended: float = 0.0


class Load:
    """An account with modelled functions, by their names."""

    def __init__(
        self, demands: Mapping[str, Demand], *, limits: Quotas | None = None, region: str = "us-east-1"
    ) -> None:
        limits = limits or quotas()
        self._now = 0.0
        concurrency = Concurrency(limits)
        concurrency.reserve(
            {name: each.reserved for name, each in demands.items() if each.reserved is not None}
        )
        self._admission = Admission(
            concurrency, Scaling(limits, region, self._time), RequestRate(limits, self._time)
        )
        self._demands = demands
        self._targets = {name: _target(name, each) for name, each in demands.items()}

    def run(self, arrivals: Iterable[tuple[float, str]]) -> Result:
        """Let events arrive, each at a moment (in seconds, in order) for a function; and all of them end."""
        result, order = Result(), itertools.count()
        under_way: list[tuple[float, int, str, Seat]] = []
        for when, name in arrivals:
            while under_way and under_way[0][0] <= when:
                self._end(under_way)
            self._now = max(self._now, when)
            try:
                seat = self._admission.enter(self._targets[name], is_awaited=True)
            except AwsError as error:
                result.throttled[error.extra["Reason"]] += 1
                continue
            demand = self._demands[name]
            seconds = demand.duration()
            if seat.is_new:
                seconds += demand.init
                result.cold_starts[name] += 1
            result.invocations[name] += 1
            heapq.heappush(under_way, (self._now + seconds, next(order), name, seat))
            result.peak = max(result.peak, len(under_way))
        while under_way:
            self._end(under_way)
        result.ended = self._now
        return result

    def _end(self, under_way: list[tuple[float, int, str, Seat]]) -> None:
        self._now, _, name, seat = heapq.heappop(under_way)
        self._admission.answered(self._targets[name], seat)
        self._admission.leave(self._targets[name], seat)

    def _time(self) -> float:
        return self._now


def _target(name: str, demand: Demand) -> Target:
    configuration = FunctionConfiguration(
        function_name=name, function_arn=name, runtime="", handler="", code=Path(), opt=Path()
    )
    function = Function(
        name=name,
        arn=name,
        versions={LATEST: configuration},
        reserved_concurrency=demand.reserved,
    )
    functions = Functions()
    functions.put(function)
    return functions.resolve(FunctionName(name, None), random.Random(0), "")  # noqa: S311 - it has no choice
