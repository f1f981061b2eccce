"""When something with a schedule fires: rules, schedules of EventBridge Scheduler, and SAM's events by the clock.

Source: EventBridge Scheduler User Guide, "Schedule types"; Amazon EventBridge User Guide, eb-scheduled-rule-pattern.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from lambdaform.errors import DefinitionError
from lambdaform.model.schedule_expression import (
    AtExpression,
    CronExpression,
    RateExpression,
    count_and_moment,
    parse,
    time_zone,
)

if TYPE_CHECKING:
    from lambdaform.model.shape import Shape

    _Base = Shape
else:
    _Base = object


class Timed(_Base):
    """What has a schedule expression, perhaps a time zone, a first and a last day."""

    def _schedule(self) -> tuple[CronExpression | RateExpression | AtExpression, str]:
        """The expression and the name of its time zone."""
        field = "schedule" if hasattr(self, "schedule") else "schedule_expression"
        text: Any = getattr(self, field)
        zone: Any = getattr(self, "schedule_expression_timezone", None) or "UTC"
        for name, value in ((field, text), ("schedule_expression_timezone", zone)):
            if not isinstance(value, str):
                raise DefinitionError(
                    f"There is no {name}." if value is None else f"{name} is known at deployment only.",
                    right="Give it as text, or with cron, rate or at.",
                    where=self.problem("LF110", "", "", name).location,
                )
        return parse(text, scheduler=True), zone

    def explain(self) -> str:
        """When it fires, in English: "at 18:00 Europe/Berlin, Monday to Friday".

        Raises `DefinitionError` where the expression or its time zone is a reference.
        """
        expression, zone = self._schedule()
        return expression.explain(zone)

    def next(self, count: int = 1, *, after: datetime | None = None) -> tuple[datetime, ...]:
        """The next firings, in the schedule's own time zone, from its first to its last day.

        ``after`` is an aware moment; without it, it is now. A rate counts from ``after``, for when it is deployed
        is not known. Raises as `explain` does.
        """
        expression, zone = self._schedule()
        tz = time_zone(zone)
        first, last = (_moment(getattr(self, name, None)) for name in ("start_date", "end_date"))
        number, moment = count_and_moment(count, after)
        begin = moment if first is None else max(moment, first)
        firings = expression.firings(begin, tz)
        in_time = firings if last is None else takewhile(lambda each: each <= last, firings)
        return tuple(each.astimezone(tz) for each in islice(in_time, number))


def _moment(text: Any) -> datetime | None:
    """A first or last day as the API writes it; None where there is none, or a reference."""
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
