"""What a function gets, and how fast: the other half of an estimate, beside the function itself."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from lambdaform.errors import DefinitionError, shown
from lambdaform.origin import here

#: More than there is of anything; with it, what is multiplied stays a number.
_MOST = 1e12


class TrafficError(DefinitionError):
    """Traffic that cannot be, or for which there is no estimate."""


def refuse(what: str, right: str) -> TrafficError:
    """The error, at the line that asked for the estimate."""
    origin = here()
    return TrafficError(what, right=right, where=origin.locate() if origin else None)


def _amount(name: str, value: object, *, most: float = _MOST, positive: bool = False) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= most or (positive and value == 0):  # type: ignore[operator]
        least = "more than 0, at most" if positive else "0 to"
        raise refuse(f"{name} is {shown(value)}.", f"It must be a number, {least} {most:,.0f}.")


@frozen(kw_only=True)
class Traffic:
    """What a function gets. One of the first three says how much, and of which kind.

    ``requests_per_second`` are invocations by callers (APIs, topics, schedules, buckets); ``messages_per_second``
    those of a queue that Lambda polls, ``shards`` those of a stream, with ``records_per_second`` in all of them
    (without: as many as the function can take). Times are averages, in milliseconds. ``cold_starts`` is the share
    of invocations, 0 to 1, that find no environment, and ``init_ms`` what an initialisation takes.
    """

    requests_per_second: float | None = None
    messages_per_second: float | None = None
    shards: int | None = None
    records_per_second: float | None = None
    duration_ms: float
    batch_size: int | None = None
    cold_starts: float = 0.0
    init_ms: float = 0.0

    def __attrs_post_init__(self) -> None:
        kinds = {
            "requests_per_second": self.requests_per_second,
            "messages_per_second": self.messages_per_second,
            "shards": self.shards,
        }
        given = [name for name, value in kinds.items() if value is not None]
        if len(given) != 1:
            raise refuse(
                f"The traffic has {' and '.join(given) or 'no rate'}.", f"Give one of {', '.join(kinds)}."
            )
        if self.records_per_second is not None and self.shards is None:
            raise refuse("records_per_second has no shards.", "Records are a stream's: say its shards.")
        for name in (*given, "records_per_second"):
            if getattr(self, name) is not None:
                _amount(name, getattr(self, name))
        if self.shards is not None and not isinstance(self.shards, int):
            raise refuse(f"shards is {shown(self.shards)}.", "It must be a whole number.")
        _amount("duration_ms", self.duration_ms, positive=True)
        _amount("cold_starts", self.cold_starts, most=1)
        _amount("init_ms", self.init_ms)
        if self.batch_size is not None:
            _amount("batch_size", self.batch_size, most=10_000, positive=True)

    @property
    def kind(self) -> Literal["requests", "queue", "stream"]:
        """Who invokes: callers, or Lambda's pollers for a queue or a stream."""
        if self.shards is not None:
            return "stream"
        return "queue" if self.messages_per_second is not None else "requests"
