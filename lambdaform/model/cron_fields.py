"""The fields of a cron expression: what may stand in each, and what it stands for.

A field is a set of numbers; the two of days are a `Days`, whose numbers depend on the month. Source: as for
`schedule_expression`, which puts the six together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lambdaform.errors import DefinitionError
from lambdaform.model.definition import frozen

#: EventBridge API, PutRule, and Scheduler API, CreateSchedule: ScheduleExpression.
MAX_LENGTH = 256
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_NAMES = ("", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth")


@frozen
class _Field:
    """One of the six fields: its range, and names for numbers."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    wraps: bool = True

    def number(self, text: str) -> int:
        """The number a text stands for. Raises `DefinitionError` where it is none, or out of range."""
        if text in self.names:
            return self.names.index(text) + self.low
        if not re.fullmatch(r"[0-9]{1,4}", text):
            raise DefinitionError(f"cron {self.name} has {short(text)!r}.", right=self._right)
        value = int(text)
        if not self.low <= value <= self.high:
            raise DefinitionError(f"cron {self.name} is {value}.", right=self._right)
        return value

    def values(self, text: str) -> tuple[int, ...]:
        """All numbers that a list of values, ranges and steps stands for, in order."""
        if len(text) > MAX_LENGTH:
            raise DefinitionError(f"cron {self.name} has {len(text)} characters.", right=self._right)
        return tuple(sorted({value for part in text.split(",") for value in self._part(part)}))

    def _part(self, part: str) -> Iterator[int]:
        base, slash, step_text = part.partition("/")
        step = 1
        if slash:
            if not re.fullmatch(r"[0-9]{1,4}", step_text) or int(step_text) == 0:
                raise DefinitionError(
                    f"cron {self.name} has the step {short(step_text)!r}.",
                    right="A step is a whole number from 1, as in 0/15.",
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
        size = self.high - self.low + 1
        if first > last:
            if not self.wraps:
                raise DefinitionError(
                    f"cron {self.name} is {short(part)}.", right=f"A range goes forward: {last}-{first}."
                )
            last += size
        for value in range(first, last + 1, step):
            yield (value - self.low) % size + self.low

    @property
    def _right(self) -> str:
        span = f"{self.low}-{self.high}"
        if self.names:
            span += f" or {self.names[0]}-{self.names[-1]}"
        return f"The {self.name} field has {span}."


MINUTES = _Field("minutes", 0, 59)
HOURS = _Field("hours", 0, 23)
_DAY_OF_MONTH = _Field("day-of-month", 1, 31)
MONTH = _Field("month", 1, 12, _MONTHS)
_DAY_OF_WEEK = _Field("day-of-week", 1, 7, _DAYS)
YEAR = _Field("year", 1970, 2199, wraps=False)


@frozen
class Days:
    """Which days of a month are meant; one of day-of-month and day-of-week decides, as the other is ``?``."""

    numbers: tuple[int, ...] | None = None
    last_minus: int | None = None
    last_weekday: bool = False
    nearest_weekday: int | None = None
    weekdays: tuple[int, ...] | None = None
    last_of: int | None = None
    nth: tuple[int, int] | None = None

    def of(self, year: int, month: int) -> Sequence[int]:
        """The days of one month, in order."""
        import calendar

        first, length = calendar.monthrange(year, month)

        def weekday(day: int) -> int:
            return (first + day) % 7 + 1  # calendar counts from 0 for Monday, AWS from 1 for Sunday

        if self.numbers is not None:
            return [day for day in self.numbers if day <= length]
        if self.last_minus is not None:
            return [length - self.last_minus] if length > self.last_minus else []
        if self.last_weekday:
            return [next(day for day in range(length, 0, -1) if 2 <= weekday(day) <= 6)]
        if self.nearest_weekday is not None:
            wanted = self.nearest_weekday
            near = (wanted, wanted - 1, wanted + 1, wanted - 2, wanted + 2)
            inside = (day for day in near if 1 <= day <= length and 2 <= weekday(day) <= 6)
            return [next(inside)] if wanted <= length else []
        days = range(1, length + 1)
        if self.last_of is not None:
            return [max(day for day in days if weekday(day) == self.last_of)]
        if self.nth is not None:
            return [day for day in days if weekday(day) == self.nth[0] and (day - 1) // 7 + 1 == self.nth[1]]
        return [day for day in days if weekday(day) in (self.weekdays or ())]

    def words(self) -> tuple[str, bool]:
        """The days in English, and whether "of January" rather than "in January" would follow."""
        if self.last_minus is not None:
            back = self.last_minus
            return (
                f"{back} day{'s' if back > 1 else ''} before the last day" if back else "on the last day",
                True,
            )
        if self.last_weekday:
            return "on the last weekday", True
        if self.nearest_weekday is not None:
            return f"on the weekday nearest day {self.nearest_weekday}", True
        if self.last_of is not None:
            return f"on the last {_DAY_NAMES[self.last_of]}", True
        if self.nth is not None:
            return f"on the {_ORDINALS[self.nth[1]]} {_DAY_NAMES[self.nth[0]]}", True
        if self.weekdays is not None:
            if len(self.weekdays) == 7:
                return "every day", False
            days = span([_DAY_NAMES[number] for number in self.weekdays], self.weekdays)
            return days if " to " in days else f"on {days}", False
        numbers = self.numbers or ()
        if len(numbers) == 31:
            return "every day", False
        return f"on day{'s' if len(numbers) > 1 else ''} {span(numbers, numbers)}", True


def days_of_month(text: str) -> Days:
    """The days that a field day-of-month stands for. Raises `DefinitionError`."""
    if text == "LW":
        return Days(last_weekday=True)
    if found := re.fullmatch(r"L(?:-([0-9]{1,2}))?", text):
        back = int(found[1] or 0)
        if back > 30:
            raise DefinitionError(
                f"cron day-of-month is {text!r}.", right="At most L-30, thirty days before the last."
            )
        return Days(last_minus=back)
    if re.fullmatch(r"[0-9]+W", text):
        return Days(nearest_weekday=_DAY_OF_MONTH.number(text[:-1]))
    if "L" in text or "W" in text:
        raise DefinitionError(
            f"cron day-of-month is {short(text)!r}.",
            right="L and W stand alone: L, L-3, LW or 15W, and in no list or range.",
        )
    return Days(numbers=_DAY_OF_MONTH.values(text))


def days_of_week(text: str) -> Days:
    """The days that a field day-of-week stands for. Raises `DefinitionError`."""
    if text == "L":
        return Days(weekdays=(7,))
    if "#" in text:
        weekday, _, ordinal = text.partition("#")
        if "," in text or not re.fullmatch(r"[1-5]", ordinal):
            raise DefinitionError(
                f"cron day-of-week is {short(text)!r}.",
                right="One nth weekday and nothing else, n from 1 to 5: 3#2 is the second Tuesday.",
            )
        return Days(nth=(_DAY_OF_WEEK.number(weekday), int(ordinal)))
    if re.fullmatch(r"([0-9]+|[A-Z]{3})L", text):
        return Days(last_of=_DAY_OF_WEEK.number(text[:-1]))
    return Days(weekdays=_DAY_OF_WEEK.values(text))


def short(text: str, length: int = 40) -> str:
    """A text for a message, cut off where it is long."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def span(names: Sequence[object], numbers: Sequence[int]) -> str:
    """Names as "first to last" where their numbers follow one another, else as a list."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] + 1 == len(numbers):
        return f"{names[0]} to {names[-1]}"
    return joined(names)


def joined(items: Sequence[object]) -> str:
    """Names in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    words = [str(item) for item in items]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
