"""Schedule expressions as EventBridge reads them: ``rate(5 minutes)``, ``cron(0 18 ? * MON-FRI *)``, ``at(...)``.

Parsed, checked with messages that teach, explained in English, and evaluated: `CronExpression.next_after` gives
the next firing without stepping through time. Pure; nothing here knows a clock.

Source: Amazon EventBridge User Guide, eb-scheduled-rule-pattern; EventBridge Scheduler User Guide,
schedule-types; deck section C13. Where these are silent, Quartz, whose grammar AWS's cron is, is followed:
``LW``, ``L-3``, ``TUE#2``, ``/`` in day-of-week, ranges that wrap in every field, ``31W`` skipping short months.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, TypeVar

from attrs import field, frozen

from lambdaform.errors import DefinitionError
from lambdaform.origin import here

_MAX_LENGTH = 256  # EventBridge API, PutRule: ScheduleExpression has at most 256 characters
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth")


@frozen
class _Field:
    """One of the six fields: its range, and names for numbers."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """The number a text stands for. Raises `DefinitionError` where it is none, or out of range."""
        if text.upper() in self.names:
            return self.names.index(text.upper()) + self.low
        if not re.fullmatch(r"[0-9]{1,4}", text):
            raise DefinitionError(f"cron {self.name} has {_short(text)!r}", right=self.right)
        value = int(text)
        if not self.low <= value <= self.high:
            raise DefinitionError(f"cron {self.name} is {value}", right=self.right)
        return value

    @property
    def right(self) -> str:
        """What would be right, in a sentence."""
        span = f"{self.low}-{self.high}"
        if self.names:
            span += f" or {self.names[0]}-{self.names[-1]}"
        return f"The {self.name} field has {span}."

    def values(self, text: str) -> frozenset[int]:
        """All numbers that a list of values, ranges and steps stands for."""
        found: set[int] = set()
        for part in text.split(","):
            found.update(self._part(part))
        return frozenset(found)

    def _part(self, part: str) -> Iterator[int]:
        base, slash, step_text = part.partition("/")
        step = 1
        if slash:
            if not re.fullmatch(r"[0-9]{1,4}", step_text) or int(step_text) == 0:
                raise DefinitionError(
                    f"cron {self.name} has the step {_short(step_text)!r}", right="A step is a whole number from 1."
                )
            step = int(step_text)
        if base == "*":
            first, last = self.low, self.high
        elif "-" in base:
            low_text, _, high_text = base.partition("-")
            first, last = self.number(low_text), self.number(high_text)
        else:
            first = self.number(base)
            last = self.high if slash else first
        if first > last:
            last += self.high - self.low + 1
        for value in range(first, last + 1, step):
            yield (value - self.low) % (self.high - self.low + 1) + self.low


_MINUTES = _Field("minutes", 0, 59)
_HOURS = _Field("hours", 0, 23)
_DAY_OF_MONTH = _Field("day-of-month", 1, 31)
_MONTH = _Field("month", 1, 12, _MONTHS)
_DAY_OF_WEEK = _Field("day-of-week", 1, 7, _DAYS)
_YEAR = _Field("year", 1970, 2199)
_FIELDS = (_MINUTES, _HOURS, _DAY_OF_MONTH, _MONTH, _DAY_OF_WEEK, _YEAR)


@frozen
class _Days:
    """Which days of a month are meant; one of day-of-month and day-of-week decides, as the other is ``?``."""

    numbers: frozenset[int] | None = None
    last_minus: int | None = None
    last_weekday: bool = False
    nearest_weekday: int | None = None
    weekdays: frozenset[int] | None = None
    last_of: int | None = None
    nth: tuple[int, int] | None = None

    def of(self, year: int, month: int) -> list[int]:
        """The days of one month, in order; weekdays are counted from 1 for Sunday."""
        length = calendar.monthrange(year, month)[1]

        def weekday(day: int) -> int:
            return date(year, month, day).isoweekday() % 7 + 1

        if self.numbers is not None:
            return sorted(day for day in self.numbers if day <= length)
        if self.last_minus is not None:
            return [length - self.last_minus] if length > self.last_minus else []
        if self.last_weekday:
            return [next(day for day in range(length, 0, -1) if 2 <= weekday(day) <= 6)]
        if self.nearest_weekday is not None:
            wanted = self.nearest_weekday
            if wanted > length:
                return []
            order = sorted(range(1, length + 1), key=lambda day: (abs(day - wanted), day > wanted))
            return [next(day for day in order if 2 <= weekday(day) <= 6)]
        days = range(1, length + 1)
        if self.last_of is not None:
            return [max(day for day in days if weekday(day) == self.last_of)]
        if self.nth is not None:
            of_weekday = [day for day in days if weekday(day) == self.nth[0]]
            return of_weekday[self.nth[1] - 1 : self.nth[1]]
        wanted_weekdays = self.weekdays or frozenset()
        return [day for day in days if weekday(day) in wanted_weekdays]


@frozen
class CronExpression:
    """Six fields, in AWS's order; each as it was written, names in capitals."""

    minutes: str
    hours: str
    day_of_month: str
    month: str
    day_of_week: str
    year: str
    _minutes: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _hours: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _days: _Days = field(init=False, eq=False, repr=False)
    _months: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _years: tuple[int, ...] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_minutes", tuple(sorted(_MINUTES.values(self.minutes))))
        object.__setattr__(self, "_hours", tuple(sorted(_HOURS.values(self.hours))))
        object.__setattr__(self, "_months", tuple(sorted(_MONTH.values(self.month))))
        object.__setattr__(self, "_years", tuple(sorted(_YEAR.values(self.year))))
        object.__setattr__(self, "_days", _days(self.day_of_month, self.day_of_week))

    def __str__(self) -> str:
        fields = (self.minutes, self.hours, self.day_of_month, self.month, self.day_of_week, self.year)
        return f"cron({' '.join(fields)})"

    def next_after(self, moment: datetime, tz: tzinfo = UTC) -> datetime | None:
        """The first firing after an aware moment, in UTC; None where there is none any more.

        In a time zone with summer time, a time that does not exist is skipped, and one that comes twice fires
        once, the first time (EventBridge Scheduler User Guide, schedule-types).
        """
        after = moment.astimezone(UTC)
        local = moment.astimezone(tz).replace(tzinfo=None)
        # An hour that comes twice makes local time run backwards: start early enough not to miss the first.
        for candidate in self._local_firings(local - timedelta(hours=3) if tz is not UTC else local):
            aware = candidate.replace(tzinfo=tz, fold=0)
            fires = aware.astimezone(UTC)
            if fires > after and fires.astimezone(tz).replace(tzinfo=None) == candidate:
                return fires
        return None

    def firings(self, after: datetime, tz: tzinfo = UTC) -> Iterator[datetime]:
        """Every firing after a moment, in order."""
        moment = self.next_after(after, tz)
        while moment is not None:
            yield moment
            moment = self.next_after(moment, tz)

    def _local_firings(self, start: datetime) -> Iterator[datetime]:
        for year in self._years:
            if year < start.year:
                continue
            for month in self._months:
                if (year, month) < (start.year, start.month):
                    continue
                for day in self._days.of(year, month):
                    if date(year, month, day) < start.date():
                        continue
                    for hour in self._hours:
                        for minute in self._minutes:
                            candidate = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - local time
                            if candidate >= start.replace(second=0, microsecond=0):
                                yield candidate

    def explain(self) -> str:
        """When it fires, in English, in UTC."""
        return f"{self._time_words()}, {self._day_words()}{self._month_words()}{self._year_words()}"

    def _time_words(self) -> str:
        if len(self._minutes) == 1 and len(self._hours) <= 3:
            return "at " + ", ".join(f"{hour:02}:{self._minutes[0]:02}" for hour in self._hours) + " UTC"
        minute = _step_words(self.minutes, self._minutes, "minute")
        if len(self._hours) == 24:
            return minute
        first, last = self._hours[0], self._hours[-1]
        if last - first + 1 == len(self._hours):
            return f"{minute} from {first:02}:00 to {last:02}:59 UTC"
        return f"{minute} of the hours {', '.join(map(str, self._hours))} UTC"

    def _day_words(self) -> str:
        days = self._days
        if days.last_minus is not None:
            return "on the last day" if days.last_minus == 0 else f"{days.last_minus} days before the last day"
        if days.last_weekday:
            return "on the last weekday"
        if days.nearest_weekday is not None:
            return f"on the weekday nearest day {days.nearest_weekday}"
        if days.last_of is not None:
            return f"on the last {_DAY_NAMES[days.last_of - 1]}"
        if days.nth is not None:
            return f"on the {_ORDINALS[days.nth[1]]} {_DAY_NAMES[days.nth[0] - 1]}"
        if days.weekdays is not None:
            numbers = sorted(days.weekdays)
            if len(numbers) == 7:
                return "every day"
            if len(numbers) > 2 and numbers[-1] - numbers[0] + 1 == len(numbers):
                return f"{_DAY_NAMES[numbers[0] - 1]} to {_DAY_NAMES[numbers[-1] - 1]}"
            return "on " + ", ".join(_DAY_NAMES[number - 1] for number in numbers)
        numbers = sorted(days.numbers or ())
        return "every day" if len(numbers) == 31 else "on day " + ", ".join(map(str, numbers))

    def _month_words(self) -> str:
        if len(self._months) == 12:
            plain = self._days.numbers is not None and len(self._days.numbers) == 31
            return "" if plain or self._days.weekdays is not None else " of the month"
        return " of " + ", ".join(calendar.month_name[month] for month in self._months)

    def _year_words(self) -> str:
        return "" if self.year == "*" else f" in {self.year}"


def _step_words(text: str, values: tuple[int, ...], unit: str) -> str:
    if len(values) == 60:
        return f"every {unit}"
    if "/" in text and "," not in text:
        step = int(text.partition("/")[2])
        return f"every {step} {unit}s" + (f" from {unit} {values[0]}" if values[0] else "")
    return f"at {unit} {', '.join(map(str, values))}"


def _days(day_of_month: str, day_of_week: str) -> _Days:
    if (day_of_month == "?") == (day_of_week == "?"):
        raise DefinitionError(
            f"cron has {day_of_month!r} as day-of-month and {day_of_week!r} as day-of-week",
            right="Exactly one of the two is '?': the one that does not matter.",
        )
    if day_of_week == "?":
        return _days_of_month(day_of_month)
    return _days_of_week(day_of_week)


def _days_of_month(text: str) -> _Days:
    if text == "LW":
        return _Days(last_weekday=True)
    if found := re.fullmatch(r"L(?:-([0-9]{1,2}))?", text):
        back = int(found[1] or 0)
        if back > 30:
            raise DefinitionError(f"cron day-of-month is {text!r}", right="At most 30 days before the last day.")
        return _Days(last_minus=back)
    if text.endswith("W"):
        return _Days(nearest_weekday=_DAY_OF_MONTH.number(text[:-1]))
    if "L" in text or "W" in text:
        raise DefinitionError(
            f"cron day-of-month is {_short(text)!r}", right="L and W stand alone: L, LW, or 15W, not in a list."
        )
    return _Days(numbers=_DAY_OF_MONTH.values(text))


def _days_of_week(text: str) -> _Days:
    if text == "L":
        return _Days(weekdays=frozenset({7}))
    if "#" in text:
        weekday, _, ordinal = text.partition("#")
        if "," in text or not re.fullmatch(r"[1-5]", ordinal):
            raise DefinitionError(
                f"cron day-of-week is {_short(text)!r}", right="One nth weekday, n from 1 to 5: 3#2 is the second Tuesday."
            )
        return _Days(nth=(_DAY_OF_WEEK.number(weekday), int(ordinal)))
    if text.endswith("L") and "," not in text:
        return _Days(last_of=_DAY_OF_WEEK.number(text[:-1]))
    return _Days(weekdays=_DAY_OF_WEEK.values(text))


Unit = Literal["minute", "minutes", "hour", "hours", "day", "days"]
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


@frozen
class RateExpression:
    """Every ``value`` minutes, hours or days, counted from when the schedule was made. A day has 24 hours."""

    value: int
    unit: str

    def __str__(self) -> str:
        return f"rate({self.value} {self.unit})"

    @property
    def seconds(self) -> int:
        """The interval in seconds."""
        return self.value * _SECONDS[self.unit.removesuffix("s")]

    def next_after(self, moment: datetime, tz: tzinfo = UTC) -> datetime | None:  # noqa: ARG002 - as for cron
        """One interval after the moment, in UTC; None past the year 9999."""
        try:
            return moment.astimezone(UTC) + timedelta(seconds=self.seconds)
        except OverflowError:
            return None

    def explain(self) -> str:
        """When it fires, in English."""
        return f"every {self.unit.removesuffix('s')}" if self.value == 1 else f"every {self.value} {self.unit}"


@frozen
class AtExpression:
    """Once, at a local time without zone; for EventBridge Scheduler only."""

    moment: datetime

    def __str__(self) -> str:
        return f"at({self.moment.isoformat(timespec='seconds')})"

    def next_after(self, moment: datetime, tz: tzinfo = UTC) -> datetime | None:
        """The one firing in UTC, where it is still to come."""
        fires = self.moment.replace(tzinfo=tz).astimezone(UTC)
        return fires if fires > moment.astimezone(UTC) else None

    def explain(self) -> str:
        """When it fires, in English."""
        return f"once, at {self.moment:%Y-%m-%d %H:%M:%S}"


Expression = CronExpression | RateExpression | AtExpression


def parse(text: str, *, scheduler: bool = False) -> Expression:
    """A schedule expression from its text; ``scheduler`` admits ``at(...)`` and a plural unit after 1.

    Raises `DefinitionError` that names the field, its value, and what would be right.
    """
    if not isinstance(text, str) or len(text) > _MAX_LENGTH:
        raise DefinitionError(
            f"{_short(str(text))!r} is no schedule expression", right="It is text of at most 256 characters."
        )
    found = re.fullmatch(r"(rate|cron|at)\((.*)\)", text.strip(), re.DOTALL)
    if not found:
        raise DefinitionError(f"{_short(text)!r} is no schedule expression", right=_hint(text))
    kind, body = found[1], found[2].strip()
    if kind == "rate":
        return _rate(body, scheduler=scheduler)
    if kind == "cron":
        return _cron(body)
    if not scheduler:
        raise DefinitionError(f"{_short(text)!r} is for EventBridge Scheduler only", right="A rule has rate(...) or cron(...).")
    return _at(body)


def _hint(text: str) -> str:
    words = text.split()
    if len(words) in (5, 6) and re.fullmatch(r"[0-9*/,?-]+", words[0]):
        return f"Write cron(...) around it, with six fields: cron({_six(words)})."
    if len(words) == 2 and words[0].isascii() and words[0].isdigit():
        return f"Write rate({text.strip()})."
    return "Write rate(5 minutes), or cron(0 18 ? * MON-FRI *)."


def _six(words: list[str]) -> str:
    """A Unix cron's five fields as AWS's six, where that is plain."""
    if len(words) == 5:
        minutes, hours, day, month, weekday = words
        if weekday == "*":
            weekday = "?"
        elif day == "*":
            day = "?"
            weekday = re.sub(r"\d+", lambda number: str(int(number[0]) % 7 + 1), weekday)
        words = [minutes, hours, day, month, weekday, "*"]
    return " ".join(words)


def _cron(body: str) -> CronExpression:
    fields = body.upper().split()
    if len(fields) != 6:
        right = "The six fields are minutes hours day-of-month month day-of-week year, such as cron(0 10 * * ? *)."
        if len(fields) == 5:
            right = f"AWS's cron has a year as the sixth field, and '?' for one of the days: cron({_six(fields)})."
        raise DefinitionError(f"cron has {len(fields)} fields", right=right)
    return CronExpression(*fields)


def _rate(body: str, *, scheduler: bool) -> RateExpression:
    found = re.fullmatch(r"([0-9]+)\s+([a-z]+)", body)
    if not found:
        raise DefinitionError(f"rate({_short(body)})", right="It is a whole number and a unit: rate(5 minutes).")
    digits, unit = found[1], found[2]
    singular = unit.removesuffix("s")
    if singular not in _SECONDS:
        raise DefinitionError(f"rate({_short(body)}) has the unit {_short(unit)!r}", right="It is minutes, hours or days.")
    value = int(digits)
    if value == 0 or len(digits) > 9:
        raise DefinitionError(f"rate({_short(body)}) is no interval", right="The value is a whole number from 1.")
    proper = singular if value == 1 else f"{singular}s"
    if unit != proper and not (scheduler and unit == f"{singular}s"):
        raise DefinitionError(
            f"rate({body}) has the unit {unit!r}", right=f"Write rate({value} {proper}): the unit agrees with the number."
        )
    return RateExpression(value, unit)


def _at(body: str) -> AtExpression:
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", body, re.ASCII):
        try:
            return AtExpression(datetime.fromisoformat(body))
        except ValueError as error:
            raise DefinitionError(f"at({body}) is no moment: {error}", right="Such as at(2027-01-31T08:00:00).") from error
    raise DefinitionError(f"at({_short(body)})", right="It is at(yyyy-mm-ddThh:mm:ss), without a zone.")


def cron(
    expression: str | None = None,
    *,
    minutes: str | int = "0",
    hours: str | int = "*",
    day_of_month: str | int | None = None,
    month: str | int = "*",
    day_of_week: str | int | None = None,
    year: str | int = "*",
) -> CronExpression:
    """A cron schedule from its six fields: ``cron("0 18 ? * MON-FRI *")``, or each by name.

    By name, the minutes are 0 and everything else is "every" unless said: ``cron(hours=18)`` is once a day.
    Raises `DefinitionError` at the caller's line.
    """
    if expression is None:
        if day_of_month is None:
            day_of_month = "*" if day_of_week is None else "?"
        fields = (minutes, hours, day_of_month, month, "?" if day_of_week is None else day_of_week, year)
        expression = " ".join(map(str, fields))
    text = expression.strip() if isinstance(expression, str) else expression
    return _made(CronExpression, text if str(text).startswith("cron(") else f"cron({text})")


def rate(value: int | str, unit: Unit | None = None) -> RateExpression:
    """An interval: ``rate(5, "minutes")`` or ``rate("5 minutes")``. Raises `DefinitionError` at the caller's line."""
    body = f"{value} {unit}" if unit is not None else str(value).strip()
    return _made(RateExpression, body if body.startswith("rate(") else f"rate({body})")


def at(moment: str | datetime) -> AtExpression:
    """One moment, for EventBridge Scheduler: ``at("2027-01-31T08:00:00")``."""
    body = moment.replace(tzinfo=None).isoformat(timespec="seconds") if isinstance(moment, datetime) else str(moment)
    return _made(AtExpression, body if body.startswith("at(") else f"at({body})")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}…"


E = TypeVar("E", CronExpression, RateExpression, AtExpression)


def _made(kind: type[E], text: str) -> E:
    """The expression that a builder was asked for; a mistake in it is told at the caller's line."""
    try:
        expression = parse(text, scheduler=kind is AtExpression)
    except DefinitionError as error:
        origin = here()
        where = origin.locate() if origin else None
        raise DefinitionError(f"{error.what}.", right=error.right, where=where, rule="LF110") from None
    assert isinstance(expression, kind)
    return expression
