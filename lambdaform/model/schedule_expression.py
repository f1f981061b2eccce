"""Schedule expressions: ``rate(5 minutes)``, ``cron(0 18 ? * MON-FRI *)``, and Scheduler's ``at(...)``.

Parsed, checked with messages that teach, explained in English, and evaluated: `CronExpression.next_after`
works from the sets of years, months, days, hours and minutes, so that it never steps through time. Pure:
nothing here knows a clock. Not a Unix cron: AWS has six fields and counts weekdays from 1 for Sunday.

Source: Amazon EventBridge User Guide, eb-scheduled-rule-pattern; EventBridge Scheduler User Guide,
schedule-types; deck section C13. Where these are silent, Quartz, whose grammar AWS's cron is, is followed,
**unverified against AWS**: ``LW``, ``L-3``, ``TUE#2``, ``/`` in day-of-week, ranges that wrap in every field
but year, names in either case, ``31W`` skipping short months, L and W and # not allowed in lists.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from typing import Literal, TypeVar

from attrs import field

from lambdaform.errors import DefinitionError, shown
from lambdaform.model.arguments import checked
from lambdaform.model.cron_fields import (
    HOURS,
    MAX_LENGTH,
    MINUTES,
    MONTH,
    YEAR,
    Days,
    days_of_month,
    days_of_week,
    joined,
    short,
    span,
)
from lambdaform.model.definition import frozen
from lambdaform.origin import here

# Every zone's first and last firing lies between these, for a cron has the years 1970 to 2199.
_EARLIEST = datetime(1969, 12, 30, tzinfo=UTC)
_LATEST = datetime(2200, 1, 2, tzinfo=UTC)


def _text_of_field(value: object) -> str:
    return str(value).strip().upper()


class _Firing:
    """What all expressions answer alike."""

    def firings(self, after: datetime, tz: tzinfo = UTC) -> Iterator[datetime]:
        """Every firing after an aware moment, in order, in UTC."""
        raise NotImplementedError

    def next(
        self, count: int = 1, *, after: datetime | None = None, zone: str = "UTC"
    ) -> tuple[datetime, ...]:
        """The next firings, in the time zone ``zone``; fewer than ``count`` where there are no more.

        ``after`` is an aware moment; without it, it is now. Raises `DefinitionError` for an unknown time zone.
        """
        tz = time_zone(zone)
        number, moment = count_and_moment(count, after)
        return tuple(each.astimezone(tz) for each in islice(self.firings(moment, tz), number))


def count_and_moment(count: object, after: object) -> tuple[int, datetime]:
    """How many firings are asked for, and after which moment; now where there is none.

    Raises `DefinitionError` for what is no number of firings, and for a moment without a time zone.
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 100_000:
        raise _at_the_caller(
            DefinitionError(f"count is {shown(count)}.", right="It must be a whole number, 0 to 100,000.")
        )
    moment = datetime.now(UTC) if after is None else after
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise _at_the_caller(
            DefinitionError(
                f"after is {shown(moment)}.",
                right="It must be a moment with a time zone: datetime(2030, 1, 31, tzinfo=UTC).",
            )
        )
    return count, moment


def time_zone(name: str) -> tzinfo:
    """A time zone of the IANA database by its name. Raises `DefinitionError` where it has none such."""
    given: object = name
    if isinstance(given, str) and given == "UTC":
        return UTC
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name if isinstance(given, str) else "")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _at_the_caller(
            DefinitionError(f"{shown(name)} is no time zone.", right="Name one such as Europe/Berlin or UTC.")
        ) from error


@frozen
class CronExpression(_Firing):
    """Six fields in AWS's order, each as it was written, names in capitals.

    Raises `DefinitionError` that names the field, its value, and what would be right.
    """

    minutes: str = field(converter=_text_of_field)
    hours: str = field(converter=_text_of_field)
    day_of_month: str = field(converter=_text_of_field)
    month: str = field(converter=_text_of_field)
    day_of_week: str = field(converter=_text_of_field)
    year: str = field(converter=_text_of_field)
    _minutes: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _hours: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _days: Days = field(init=False, eq=False, repr=False)
    _months: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _years: tuple[int, ...] = field(init=False, eq=False, repr=False)

    @_minutes.default
    def _every_minute(self) -> tuple[int, ...]:
        return MINUTES.values(self.minutes)

    @_hours.default
    def _every_hour(self) -> tuple[int, ...]:
        return HOURS.values(self.hours)

    @_days.default
    def _every_day(self) -> Days:
        if (self.day_of_month == "?") == (self.day_of_week == "?"):
            raise DefinitionError(
                "cron needs '?' in exactly one of day-of-month and day-of-week; "
                f"they are {short(self.day_of_month)!r} and {short(self.day_of_week)!r}.",
                right=self._question_mark_remedy(),
            )
        if self.day_of_week == "?":
            return days_of_month(self.day_of_month)
        return days_of_week(self.day_of_week)

    @_months.default
    def _every_month(self) -> tuple[int, ...]:
        return MONTH.values(self.month)

    @_years.default
    def _every_year(self) -> tuple[int, ...]:
        return YEAR.values(self.year)

    def _question_mark_remedy(self) -> str:
        def written(day: str, weekday: str) -> str:
            return short(f"cron({self.minutes} {self.hours} {day} {self.month} {weekday} {self.year})", 80)

        if self.day_of_month == "?":
            return f"Write {written('*', '?')}."
        if self.day_of_week == "*":
            return f"Write {written(self.day_of_month, '?')}."
        if self.day_of_month == "*":
            return f"Write {written('?', self.day_of_week)}."
        by_day, by_weekday = written(self.day_of_month, "?"), written("?", self.day_of_week)
        return f"Write {by_day} or {by_weekday}; for both, make two schedules."

    def __str__(self) -> str:
        fields = (self.minutes, self.hours, self.day_of_month, self.month, self.day_of_week, self.year)
        return f"cron({' '.join(fields)})"

    def next_after(self, moment: datetime, tz: tzinfo = UTC) -> datetime | None:
        """The first firing after an aware moment, in UTC; None where there is none any more.

        In a time zone with summer time, a time that does not exist is skipped, and one that comes twice fires
        once, the first time (EventBridge Scheduler User Guide, schedule-types). Raises `ValueError` for a
        moment without a time zone.
        """
        _must_be_aware(moment)
        if moment >= _LATEST:
            return None
        after = max(moment, _EARLIEST).astimezone(UTC)
        # Local time only ever runs back over what it has just passed, so that a candidate at or before the
        # local time of the moment has had its first, and only, turn.
        start = after.astimezone(tz).replace(tzinfo=None, second=0, microsecond=0) + timedelta(minutes=1)
        for candidate in self._local_times(start):
            fires = candidate.replace(tzinfo=tz, fold=0).astimezone(UTC)
            exists = fires.astimezone(tz).replace(tzinfo=None) == candidate
            if exists and fires > after:
                return fires
        return None

    def firings(self, after: datetime, tz: tzinfo = UTC) -> Iterator[datetime]:
        """Every firing after an aware moment, in order, in UTC."""
        return _firings(self, after, tz)

    def _local_times(self, start: datetime) -> Iterator[datetime]:
        """The matching times from a moment on, in order; all without a time zone."""
        for year in self._years[bisect_left(self._years, start.year) :]:
            for month in self._months:
                if (year, month) < (start.year, start.month):
                    continue
                for day in self._days.of(year, month):
                    if date(year, month, day) >= start.date():
                        yield from self._times_of_day(year, month, day, start)

    def _times_of_day(self, year: int, month: int, day: int, start: datetime) -> Iterator[datetime]:
        today = (year, month, day) == (start.year, start.month, start.day)
        for hour in self._hours[bisect_left(self._hours, start.hour) if today else 0 :]:
            this_hour = today and hour == start.hour
            for minute in self._minutes[bisect_left(self._minutes, start.minute) if this_hour else 0 :]:
                yield datetime(year, month, day, hour, minute)

    def explain(self, zone: str = "UTC") -> str:
        """When it fires, in English: "at 18:00 UTC, Monday to Friday". ``zone`` names the time zone."""
        days, part_of_month = self._days.words()
        months = ""
        if len(self._months) < 12:
            import calendar

            names = span([calendar.month_name[month] for month in self._months], self._months)
            months = f" {'of' if part_of_month else 'in'} {names}"
        elif part_of_month:
            months = " of the month"
        years = "" if len(self._years) == 230 else f", {_years_in_words(self._years)}"
        return f"{self._time_words(zone)}, {days}{months}{years}"

    def _time_words(self, zone: str) -> str:
        minutes, hours = self._minutes, self._hours
        if len(minutes) == 1 and len(hours) <= 6:
            return f"at {joined([f'{hour:02}:{minutes[0]:02}' for hour in hours])} {zone}"
        step = minutes[1] - minutes[0] if len(minutes) > 1 else 60
        if len(minutes) == 60:
            times = "every minute"
        elif (
            step < 60
            and minutes == tuple(range(minutes[0], 60, step))
            and minutes[-1] + step == 60 + minutes[0]
        ):
            times = f"every {step} minutes" + (f" from minute {minutes[0]}" if minutes[0] else "")
        else:
            times = f"at minute{'s' if len(minutes) > 1 else ''} {joined(minutes)} of the hour"
        if len(hours) == 24:
            return times
        if hours[-1] - hours[0] + 1 == len(hours):
            return f"{times} from {hours[0]:02}:00 to {hours[-1]:02}:59 {zone}"
        return f"{times}, in the hours {joined(hours)} {zone}"


Unit = Literal["minute", "minutes", "hour", "hours", "day", "days"]
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


@frozen
class RateExpression(_Firing):
    """Every ``value`` minutes, hours or days, counted from when the schedule was made. A day has 24 hours.

    Raises `DefinitionError` for a value below 1, another unit, or a singular unit of several.
    """

    value: int
    unit: str = field()

    @unit.validator
    def _is_an_interval(self, _attribute: object, unit: object) -> None:
        what = f"rate({_digits(self.value)} {short(str(unit))})"
        singular = str(unit).removesuffix("s")
        if singular not in _SECONDS:
            raise DefinitionError(
                f"{what} has the unit {short(str(unit))!r}.", right="It is minutes, hours or days."
            )
        if type(self.value) is not int or not 1 <= self.value < 10**9:
            raise DefinitionError(f"{what} is no interval.", right="The value is a whole number from 1.")
        if self.value > 1 and unit == singular:
            right = f"Use {singular + 's'!r} for {self.value}: rate({self.value} {singular}s)."
            raise DefinitionError(f"{what} has the unit {unit!r}.", right=right)

    def __str__(self) -> str:
        return f"rate({self.value} {self.unit})"

    @property
    def seconds(self) -> int:
        """The interval in seconds."""
        return self.value * _SECONDS[self.unit.removesuffix("s")]

    def next_after(self, moment: datetime, tz: tzinfo = UTC) -> datetime | None:  # noqa: ARG002 - as for cron
        """One interval after an aware moment, in UTC; None past the year 9999."""
        _must_be_aware(moment)
        try:
            return moment.astimezone(UTC) + timedelta(seconds=self.seconds)
        except OverflowError:
            return None

    def firings(self, after: datetime, tz: tzinfo = UTC) -> Iterator[datetime]:
        """Every firing of a schedule made at an aware moment, in order, in UTC."""
        return _firings(self, after, tz)

    def explain(self, zone: str = "UTC") -> str:  # noqa: ARG002 - as for cron
        """When it fires, in English: "every 5 minutes"."""
        singular = self.unit.removesuffix("s")
        return f"every {singular}" if self.value == 1 else f"every {self.value} {self.unit}"


def _to_the_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


@frozen
class AtExpression(_Firing):
    """Once, at a local time without zone, to the second; for EventBridge Scheduler only."""

    moment: datetime = field(converter=_to_the_second)

    @moment.validator
    def _has_no_zone(self, _attribute: object, moment: datetime) -> None:
        if moment.tzinfo is not None:
            raise DefinitionError(
                f"at has a time with the zone {moment.tzinfo}.",
                right="Give local time without one; the zone is the schedule's ScheduleExpressionTimezone.",
            )

    def __str__(self) -> str:
        return f"at({self.moment.isoformat(timespec='seconds')})"

    def next_after(self, moment: datetime, tz: tzinfo = UTC) -> datetime | None:
        """The one firing in UTC, where it is still to come after an aware moment."""
        _must_be_aware(moment)
        try:
            fires = self.moment.replace(tzinfo=tz).astimezone(UTC)
        except OverflowError:  # the first and last hours of the calendar, which UTC may not have
            return None
        return fires if fires > moment else None

    def firings(self, after: datetime, tz: tzinfo = UTC) -> Iterator[datetime]:
        """The one firing, or none."""
        return _firings(self, after, tz)

    def explain(self, zone: str = "UTC") -> str:
        """When it fires, in English: "once, at 2027-01-31 08:00:00 UTC"."""
        return f"once, at {self.moment.isoformat(' ', 'seconds')} {zone}"


Expression = CronExpression | RateExpression | AtExpression


def parse(text: str, *, scheduler: bool = False) -> Expression:
    """A schedule expression from its text; ``scheduler`` admits ``at(...)`` and a plural unit after 1.

    Raises `DefinitionError` that names the field, its value, and what would be right.
    """
    if len(text) > MAX_LENGTH:
        raise DefinitionError(
            f"{short(text)!r} has {len(text)} characters.", right="A schedule expression has at most 256."
        )
    if not text.isascii():
        alien = next(character for character in text if not character.isascii())
        raise DefinitionError(
            f"{text!r} has the character {alien!r}.",
            right="A schedule expression is plain ASCII, with the hyphen '-' in ranges.",
        )
    found = re.fullmatch(r"(rate|cron|at)\((.*)\)", text.strip(), re.DOTALL)
    if not found:
        raise DefinitionError(f"{short(text)!r} is no schedule expression.", right=_hint(text))
    kind, body = found[1], found[2].strip()
    if kind == "rate":
        return _rate(body, scheduler=scheduler)
    if kind == "cron":
        return _cron(body)
    if not scheduler:
        raise DefinitionError(
            f"{short(text)!r} is for EventBridge Scheduler only.", right="A rule has rate(...) or cron(...)."
        )
    return _at(body)


def _hint(text: str) -> str:
    """What somebody may have meant who wrote no wrapper, or another one."""
    words = text.upper().split()
    if words and words[0].startswith(("RATE", "CRON", "AT")) and "(" in text:
        return "It is rate(...), cron(...) or at(...), in lower case, with nothing around it."
    six = _six(words) if len(words) == 5 else words
    if len(words) in (5, 6) and _is_cron(six):
        return f"Write cron({' '.join(six)})."
    if found := re.fullmatch(r"\s*(?:every\s+)?([0-9]{1,9})\s+(minute|hour|day)s?\s*", text, re.IGNORECASE):
        return f"Write rate({int(found[1])} {found[2].lower()}{'' if int(found[1]) == 1 else 's'})."
    return "Write rate(5 minutes), or cron(0 18 ? * MON-FRI *)."


def _is_cron(fields: Sequence[str]) -> bool:
    if len(fields) != 6:
        return False
    try:
        CronExpression(*fields)
    except DefinitionError:
        return False
    return True


def _six(words: Sequence[str]) -> list[str]:
    """Five fields as AWS's six: the year added, a Unix cron's weekdays (0 or 7 for Sunday) renumbered."""
    minutes, hours, day, month, weekday = words
    if "?" in (day, weekday):
        return [*words, "*"]
    if weekday == "*":
        return [minutes, hours, day, month, "?", "*"]

    def renumbered(part: str) -> str:
        days, slash, step = part.partition("/")
        return re.sub(r"[0-9]+", lambda number: str(int(number[0]) % 7 + 1), days) + slash + step

    aws = ",".join(renumbered(part) for part in weekday.split(","))
    return [minutes, hours, "?" if day == "*" else day, month, aws, "*"]


def _cron(body: str) -> CronExpression:
    fields = body.upper().split()
    if len(fields) == 6:
        return CronExpression(*fields)
    right = "The six are minutes hours day-of-month month day-of-week year, as in cron(0 10 * * ? *)."
    if len(fields) == 5:
        six = _six(fields)
        unix = "" if "?" in fields else "That is a Unix cron: "
        if _is_cron(six):
            right = f"{unix}AWS has six fields, with the year last. Try cron({' '.join(six)})."
        elif unix:
            right = (
                f"{unix}AWS has six fields, and '?' in one of day-of-month and day-of-week: two schedules."
            )
    elif len(fields) == 2 and "RATE" not in body and re.fullmatch(r"[0-9]+", fields[0]):
        right = f"Write rate({short(body)})."
    raise DefinitionError(f"cron has {len(fields)} field{'' if len(fields) == 1 else 's'}.", right=right)


def _rate(body: str, *, scheduler: bool) -> RateExpression:
    found = re.fullmatch(r"([0-9]+)\s+([A-Za-z]+)", body)
    if not found:
        raise DefinitionError(
            f"rate({short(body)}) is no rate.", right="It is a whole number and a unit: rate(5 minutes)."
        )
    expression = RateExpression(int(found[1]), found[2])
    if expression.value == 1 and expression.unit.endswith("s") and not scheduler:
        singular = expression.unit.removesuffix("s")
        raise DefinitionError(
            f"{expression} has the unit {expression.unit!r}.",
            right=f"Use {singular!r} for 1: rate(1 {singular}).",
        )
    return expression


def _at(body: str) -> AtExpression:
    right = "It is at(yyyy-mm-ddThh:mm:ss), without a zone: at(2027-01-31T08:00:00)."
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}", body):
        raise DefinitionError(f"at({short(body)}) is no moment.", right=right)
    try:
        return AtExpression(datetime.fromisoformat(body))
    except ValueError as error:
        raise DefinitionError(f"at({body}) is no moment: {error}.", right=right) from error


@checked
def cron(
    expression: str | None = None,
    *,
    minutes: str | int | None = None,
    hours: str | int | None = None,
    day_of_month: str | int | None = None,
    month: str | int | None = None,
    day_of_week: str | int | None = None,
    year: str | int | None = None,
) -> CronExpression:
    """A cron schedule from its six fields: ``cron("0 18 ? * MON-FRI *")``, or each by name.

    By name, the minutes are 0 and everything else is "every" unless said: ``cron(hours=18)`` is once a day.
    Raises `DefinitionError` at the caller's line.
    """
    named = (minutes, hours, day_of_month, month, day_of_week, year)
    if expression is None:
        days = ("*" if day_of_week is None else "?", "?")
        fallbacks = ("0", "*", days[0], "*", days[1], "*")
        fields = (
            fallback if value is None else _digits(value)
            for value, fallback in zip(named, fallbacks, strict=True)
        )
        return _made(CronExpression, f"cron({' '.join(fields)})")
    if any(value is not None for value in named):
        raise _at_the_caller(
            DefinitionError(
                f"cron is given both {short(str(expression))!r} and fields by name.", right="Give either."
            )
        )
    return _made(CronExpression, _wrapped("cron", str(expression)))


@checked
def rate(value: int | str, unit: Unit | None = None) -> RateExpression:
    """An interval: ``rate(5, "minutes")`` or ``rate("5 minutes")``.

    Raises `DefinitionError` at the caller's line.
    """
    text = _digits(value)
    return _made(RateExpression, _wrapped("rate", text if unit is None else f"{text} {unit}"))


@checked
def at(moment: str | datetime) -> AtExpression:
    """One moment, for EventBridge Scheduler: ``at("2027-01-31T08:00:00")``, or a datetime without a zone.

    Raises `DefinitionError` at the caller's line.
    """
    if isinstance(moment, datetime):
        try:
            return AtExpression(moment)
        except DefinitionError as error:
            raise _at_the_caller(error) from None
    return _made(AtExpression, _wrapped("at", str(moment)))


def _wrapped(kind: str, text: str) -> str:
    stripped = text.strip()
    return stripped if stripped.startswith(f"{kind}(") else f"{kind}({stripped})"


E = TypeVar("E", CronExpression, RateExpression, AtExpression)


def _made(kind: type[E], text: str) -> E:
    """The expression that a builder was asked for; a mistake in it is told at the caller's line."""
    try:
        expression = parse(text, scheduler=kind is AtExpression)
    except DefinitionError as error:
        raise _at_the_caller(error) from None
    assert isinstance(expression, kind)
    return expression


def _at_the_caller(error: DefinitionError) -> DefinitionError:
    origin = here()
    return DefinitionError(
        error.what, right=error.right, where=origin.locate() if origin else None, rule="LF110"
    )


def _firings(expression: Expression, after: datetime, tz: tzinfo) -> Iterator[datetime]:
    moment = expression.next_after(after, tz)
    while moment is not None:
        yield moment
        moment = expression.next_after(moment, tz)


def _must_be_aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; give an aware moment, such as datetime.now(UTC)")


def _digits(value: object) -> str:
    """The value as text; an integer too long for Python to print, or to mean anything, by its size."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"<{value.bit_length()} bits>"
    return str(value)


def _years_in_words(years: tuple[int, ...]) -> str:
    step = years[1] - years[0] if len(years) > 3 else 0
    if step > 1 and years == tuple(range(years[0], years[-1] + 1, step)):
        return f"every {step} years from {years[0]} to {years[-1]}"
    return f"in {span(years, years)}"
