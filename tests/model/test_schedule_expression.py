"""Schedule expressions: what AWS accepts, when they fire, and what a wrong one is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambdaform.errors import DefinitionError
from lambdaform.model.schedule_expression import (
    AtExpression,
    CronExpression,
    RateExpression,
    at,
    cron,
    parse,
    rate,
)

NOON = datetime(2026, 11, 24, 12, 34, tzinfo=UTC)
LOS_ANGELES = ZoneInfo("America/Los_Angeles")

#: An expression and its first three firings after `NOON`; the facts are those of AWS's documentation and,
#: where it is silent, of Quartz.
VALID: list[tuple[str, list[str]]] = [
    ("cron(0 10 * * ? *)", ["2026-11-25 10:00", "2026-11-26 10:00", "2026-11-27 10:00"]),
    ("cron(15 12 * * ? *)", ["2026-11-25 12:15", "2026-11-26 12:15", "2026-11-27 12:15"]),
    ("cron(0 18 ? * MON-FRI *)", ["2026-11-24 18:00", "2026-11-25 18:00", "2026-11-26 18:00"]),
    ("cron(0 8 1 * ? *)", ["2026-12-01 08:00", "2027-01-01 08:00", "2027-02-01 08:00"]),
    ("cron(0/15 * * * ? *)", ["2026-11-24 12:45", "2026-11-24 13:00", "2026-11-24 13:15"]),
    ("cron(0/10 * ? * MON-FRI *)", ["2026-11-24 12:40", "2026-11-24 12:50", "2026-11-24 13:00"]),
    ("cron(0/5 8-17 ? * MON-FRI *)", ["2026-11-24 12:35", "2026-11-24 12:40", "2026-11-24 12:45"]),
    ("cron(0/30 20-2 ? * MON-FRI *)", ["2026-11-24 20:00", "2026-11-24 20:30", "2026-11-24 21:00"]),
    ("cron(0 17 ? * MON-FRI *)", ["2026-11-24 17:00", "2026-11-25 17:00", "2026-11-26 17:00"]),
    ("cron(0 0 L * ? *)", ["2026-11-30 00:00", "2026-12-31 00:00", "2027-01-31 00:00"]),
    ("cron(0 0 ? * L *)", ["2026-11-28 00:00", "2026-12-05 00:00", "2026-12-12 00:00"]),
    ("cron(15 10 ? * 6L 2019-2022)", []),
    ("cron(15 10 ? * 6L *)", ["2026-11-27 10:15", "2026-12-25 10:15", "2027-01-29 10:15"]),
    ("cron(0 9 5W * ? *)", ["2026-12-04 09:00", "2027-01-05 09:00", "2027-02-05 09:00"]),
    ("cron(0 9 15W * ? *)", ["2026-12-15 09:00", "2027-01-15 09:00", "2027-02-15 09:00"]),
    ("cron(0 9 1W * ? *)", ["2026-12-01 09:00", "2027-01-01 09:00", "2027-02-01 09:00"]),
    ("cron(0 9 1W 5 ? *)", ["2027-05-03 09:00", "2028-05-01 09:00", "2029-05-01 09:00"]),
    ("cron(0 9 15W 8 ? 2027)", ["2027-08-16 09:00"]),
    ("cron(0 0 L 2 ? *)", ["2027-02-28 00:00", "2028-02-29 00:00", "2029-02-28 00:00"]),
    ("cron(0 9 LW * ? *)", ["2026-11-30 09:00", "2026-12-31 09:00", "2027-01-29 09:00"]),
    ("cron(0 0 ? * 2/2 *)", ["2026-11-25 00:00", "2026-11-27 00:00", "2026-11-30 00:00"]),
    ("cron(0 9 31W * ? *)", ["2026-12-31 09:00", "2027-01-29 09:00", "2027-03-31 09:00"]),
    ("cron(0 9 L-3 * ? *)", ["2026-11-27 09:00", "2026-12-28 09:00", "2027-01-28 09:00"]),
    ("cron(0 12 ? * 3#2 *)", ["2026-12-08 12:00", "2027-01-12 12:00", "2027-02-09 12:00"]),
    ("cron(0 12 ? * 2#1 *)", ["2026-12-07 12:00", "2027-01-04 12:00", "2027-02-01 12:00"]),
    ("cron(0 12 ? * 3#5 *)", ["2026-12-29 12:00", "2027-03-30 12:00", "2027-06-29 12:00"]),
    ("cron(0 12 ? * TUE#2 *)", ["2026-12-08 12:00", "2027-01-12 12:00", "2027-02-09 12:00"]),
    ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
    ("cron(0 0 31 * ? *)", ["2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"]),
    ("cron(0 0 1 JAN,APR,JUL,OCT ? *)", ["2027-01-01 00:00", "2027-04-01 00:00", "2027-07-01 00:00"]),
    ("cron(0 0 ? JAN-MAR SUN,TUE-THU *)", ["2027-01-03 00:00", "2027-01-05 00:00", "2027-01-06 00:00"]),
    ("cron(5/10 0 1 1 ? *)", ["2027-01-01 00:05", "2027-01-01 00:15", "2027-01-01 00:25"]),
    ("cron(1/10 * * * ? *)", ["2026-11-24 12:41", "2026-11-24 12:51", "2026-11-24 13:01"]),
    ("cron(0 0 1/10 * ? *)", ["2026-12-01 00:00", "2026-12-11 00:00", "2026-12-21 00:00"]),
    ("cron(10-50/20 6 * * ? *)", ["2026-11-25 06:10", "2026-11-25 06:30", "2026-11-25 06:50"]),
    ("cron(0 0 ? * FRI-MON *)", ["2026-11-27 00:00", "2026-11-28 00:00", "2026-11-29 00:00"]),
    ("cron(0 0 1 1 ? 2027/5)", ["2027-01-01 00:00", "2032-01-01 00:00", "2037-01-01 00:00"]),
    ("cron(0 0 1 1 ? 2025)", []),
    ("cron(59 23 31 12 ? 2199)", ["2199-12-31 23:59"]),
    ("cron(0 0 ? * mon-fri *)", ["2026-11-25 00:00", "2026-11-26 00:00", "2026-11-27 00:00"]),
]

#: An expression that AWS refuses, and the words in which the reason must be given.
INVALID: list[tuple[str, str]] = [
    ("cron(0 12 ? * 3#1,6#3 *)", "day-of-week is '3#1,6#3'. One nth weekday"),
    ("cron(0 12 ? * 3#6 *)", "day-of-week is '3#6'. One nth weekday and nothing else, n from 1 to 5"),
    ("cron(0 10 * * * *)", "needs '?' in exactly one of day-of-month and day-of-week"),
    ("cron(0 10 ? * ? *)", "needs '?' in exactly one of day-of-month and day-of-week"),
    ("cron(0 10 1 * MON *)", "needs '?' in exactly one of day-of-month and day-of-week"),
    ("cron(0 10 * * ?)", "cron has 5 fields. AWS has six fields"),
    ("cron(60 10 * * ? *)", "cron minutes is 60. The minutes field has 0-59"),
    ("cron(0 24 * * ? *)", "cron hours is 24. The hours field has 0-23"),
    ("cron(0 0 0 * ? *)", "cron day-of-month is 0. The day-of-month field has 1-31"),
    ("cron(0 0 ? * 0 *)", "cron day-of-week is 0. The day-of-week field has 1-7 or SUN-SAT"),
    ("cron(0 0 ? * 8 *)", "cron day-of-week is 8. The day-of-week field has 1-7 or SUN-SAT"),
    ("cron(0 0 1,15,L * ? *)", "day-of-month is '1,15,L'. L and W stand alone"),
    ("cron(0/0 * * * ? *)", "cron minutes has the step '0'. A step is a whole number from 1"),
    ("cron(0 0 1 * ? 2200)", "cron year is 2200. The year field has 1970-2199"),
]


def fires(expression: str, count: int = 3) -> list[str]:
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in islice(parse(expression).firings(NOON), count)]


def refusal(make: Callable[[], object]) -> str:
    with pytest.raises(DefinitionError) as caught:
        make()
    return str(caught.value)


@pytest.mark.parametrize(("expression", "firings"), VALID)
def test_a_valid_expression_fires_when_aws_says(expression: str, firings: list[str]) -> None:
    assert fires(expression) == firings


@pytest.mark.parametrize(("expression", "reason"), INVALID)
def test_an_invalid_expression_is_refused_with_the_field_and_what_would_be_right(
    expression: str, reason: str
) -> None:
    assert reason in refusal(lambda: parse(expression))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cron(0 10 * * * *)", "Write cron(0 10 * * ? *)."),
        ("cron(0 10 ? * ? *)", "Write cron(0 10 * * ? *)."),
        ("cron(0 10 * * MON *)", "Write cron(0 10 ? * MON *)."),
        ("cron(0 10 1 * * *)", "Write cron(0 10 1 * ? *)."),
        ("cron(0 10 1 * MON *)", "cron(0 10 1 * ? *) or cron(0 10 ? * MON *); for both, make two schedules."),
        (
            "cron(0 10 * * 1-5)",
            "That is a Unix cron: AWS has six fields, with the year last. Try cron(0 10 ? * 2-6 *)",
        ),
        ("cron(*/5 * * * *)", "cron(*/5 * * * ? *)"),
        ("cron(0 10 * * */2)", "cron(0 10 ? * */2 *)"),
        ("cron(0 10 * * 0,7)", "cron(0 10 ? * 1,1 *)"),
        ("cron(0 10 * * ?)", "Try cron(0 10 * * ? *)"),
        ("cron(0 10 1 * 1)", "two schedules"),
        ("cron(5 minutes)", "rate(5 minutes)"),
        ("0 10 * * ? *", "Write cron(0 10 * * ? *)."),
        ("0 10 * * *", "Write cron(0 10 * * ? *)."),
        ("5 minutes", "Write rate(5 minutes)."),
        ("every 1 hours", "Write rate(1 hour)."),
        ("CRON(0 10 * * ? *)", "in lower case"),
        ("cron(0 10 ? * MON–FRI *)", "has the character '–'"),
        ("cron(0 0 1 1 ? 2030-2020)", "2020-2030"),
        ("at(2027-01-31T08:00:00)", "for EventBridge Scheduler only"),
    ],
)
def test_a_refusal_says_what_was_meant(written: str, meant: str) -> None:
    assert meant in refusal(lambda: parse(written))


@pytest.mark.parametrize("text", ["rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(7 days)"])
def test_a_rate_keeps_its_text(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rate(1 minutes)", "Use 'minute' for 1: rate(1 minute)."),
        ("rate(5 minute)", "Use 'minutes' for 5: rate(5 minutes)."),
        ("rate(0 minutes)", "The value is a whole number from 1."),
        ("rate(1.5 hours)", "It is a whole number and a unit"),
        ("rate(-1 days)", "It is a whole number and a unit"),
        ("rate(1 week)", "has the unit 'week'. It is minutes, hours or days."),
        ("rate()", "It is a whole number and a unit"),
    ],
)
def test_a_rate_that_eventbridge_refuses_is_refused(text: str, reason: str) -> None:
    assert reason in refusal(lambda: parse(text))


def test_scheduler_takes_a_plural_after_one() -> None:
    assert str(parse("rate(1 days)", scheduler=True)) == "rate(1 days)"


def test_scheduler_takes_no_singular_after_several() -> None:
    assert "Use 'minutes' for 5" in refusal(lambda: parse("rate(5 minute)", scheduler=True))


def test_scheduler_has_one_time_schedules() -> None:
    expression = parse("at(2027-01-31T08:00:00)", scheduler=True)
    assert list(expression.firings(NOON)) == [datetime(2027, 1, 31, 8, tzinfo=UTC)]


@pytest.mark.parametrize("text", ["at(2027-02-30T08:00:00)", "at(2027-01-31)", "at(2027-01-31T08:00:00Z)"])
def test_a_moment_that_is_none_is_refused(text: str) -> None:
    assert "at(yyyy-mm-ddThh:mm:ss)" in refusal(lambda: parse(text, scheduler=True))


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (cron("0 18 ? * MON-FRI *"), "cron(0 18 ? * MON-FRI *)"),
        (cron(" cron(0 18 ? * mon-fri *) "), "cron(0 18 ? * MON-FRI *)"),
        (cron(minutes=0, hours=18, day_of_week="MON-FRI"), "cron(0 18 ? * MON-FRI *)"),
        (cron(hours=10), "cron(0 10 * * ? *)"),
        (cron(hours=8, day_of_month=1), "cron(0 8 1 * ? *)"),
        (rate(5, "minutes"), "rate(5 minutes)"),
        (rate("1 hour"), "rate(1 hour)"),
        (rate("rate(1 hour)"), "rate(1 hour)"),
        (at("2027-01-31T08:00:00"), "at(2027-01-31T08:00:00)"),
        (at(datetime(2027, 1, 31, 8, 0, 0, 999)), "at(2027-01-31T08:00:00)"),
    ],
)
def test_builders_give_aws_s_own_text(expression: object, text: str) -> None:
    assert str(expression) == text


@pytest.mark.parametrize(
    "make",
    [
        lambda: cron("60 10 * * ? *"),
        lambda: cron("0 10 * * ? *", hours=3),
        lambda: cron(hours=10**5000),
        lambda: cron(day_of_month=1, day_of_week="MON"),
        lambda: rate(5, "minute"),
        lambda: rate(10**5000, "minutes"),
        lambda: at("tomorrow"),
        lambda: at(datetime(2027, 1, 31, tzinfo=UTC)),
    ],
)
def test_a_builder_s_refusal_is_told_at_the_line_that_made_it(make: Callable[[], object]) -> None:
    with pytest.raises(DefinitionError) as caught:
        make()
    assert caught.value.where is not None
    assert caught.value.where.file == __file__


@pytest.mark.parametrize(
    "make",
    [
        lambda: CronExpression("1," * 50_000 + "1", "*", "*", "*", "?", "*"),
        lambda: RateExpression(0, "minutes"),
        lambda: RateExpression(5, "fortnights"),
        lambda: RateExpression(5, "minute"),
        lambda: AtExpression(datetime(2027, 1, 31, tzinfo=UTC)),
    ],
)
def test_no_expression_can_be_made_that_could_not_be_read(make: Callable[[], object]) -> None:
    assert refusal(make)


def test_case_makes_no_difference() -> None:
    assert CronExpression("0", "18", "?", "jan", "mon-fri", "*") == parse("cron(0 18 ? JAN MON-FRI *)")


@pytest.mark.parametrize("expression", [cron(hours=10), rate(1, "day"), at("2027-01-31T08:00:00")])
def test_a_moment_without_zone_is_no_moment(
    expression: CronExpression | RateExpression | AtExpression,
) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        expression.next_after(datetime(2026, 11, 24))


@pytest.mark.parametrize("offset", [-14, 0, 14])
@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
@pytest.mark.parametrize(
    "text", ["cron(0 10 * * ? *)", "rate(1 day)", "at(0001-01-01T00:00:00)", "at(9999-12-31T23:59:59)"]
)
def test_the_ends_of_the_calendar_are_survived(text: str, moment: datetime, offset: int) -> None:
    zone = timezone(timedelta(hours=offset))
    following = parse(text, scheduler=True).next_after(moment.replace(tzinfo=zone), zone)
    assert following is None or following > moment.replace(tzinfo=zone)


def test_a_rate_is_counted_from_the_moment() -> None:
    assert fires("rate(6 hours)") == ["2026-11-24 18:34", "2026-11-25 00:34", "2026-11-25 06:34"]


def test_a_local_time_that_does_not_exist_is_skipped() -> None:
    before = datetime(2027, 3, 13, 12, tzinfo=UTC)
    expression = cron("30 2 * * ? *")
    assert expression.next_after(before, LOS_ANGELES) == datetime(2027, 3, 15, 9, 30, tzinfo=UTC)


def test_a_local_time_that_comes_twice_fires_the_first_time_only() -> None:
    before = datetime(2026, 11, 1, 0, tzinfo=LOS_ANGELES)
    first, second = islice(cron("30 1 * * ? *").firings(before, LOS_ANGELES), 2)
    assert first == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert second == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("cron(0 18 ? * MON-FRI *)", "at 18:00 UTC, Monday to Friday"),
        ("cron(0/15 * * * ? *)", "every 15 minutes, every day"),
        ("cron(* * * * ? *)", "every minute, every day"),
        ("cron(5 * * * ? *)", "at minute 5 of the hour, every day"),
        ("cron(0/5 8-17 ? * MON-FRI *)", "every 5 minutes from 08:00 to 17:59 UTC, Monday to Friday"),
        ("cron(0/25 6 * * ? *)", "at minutes 0, 25 and 50 of the hour from 06:00 to 06:59 UTC, every day"),
        ("cron(0 6,18 * * ? *)", "at 06:00 and 18:00 UTC, every day"),
        ("cron(0 12 ? * 3#2 *)", "at 12:00 UTC, on the second Tuesday of the month"),
        ("cron(15 10 ? * 6L 2019-2022)", "at 10:15 UTC, on the last Friday of the month, in 2019 to 2022"),
        ("cron(0 8 1 * ? *)", "at 08:00 UTC, on day 1 of the month"),
        ("cron(0 0 1 1 ? 2027/5)", "at 00:00 UTC, on day 1 of January, every 5 years from 2027 to 2197"),
        ("cron(0 0 ? JAN-MAR SUN,TUE *)", "at 00:00 UTC, on Sunday and Tuesday in January to March"),
        ("cron(0 9 LW * ? *)", "at 09:00 UTC, on the last weekday of the month"),
        ("cron(0 9 15W 8 ? *)", "at 09:00 UTC, on the weekday nearest day 15 of August"),
        ("cron(0 9 L-3 * ? *)", "at 09:00 UTC, 3 days before the last day of the month"),
        ("cron(0 0 ? * L *)", "at 00:00 UTC, on Saturday"),
        ("rate(5 minutes)", "every 5 minutes"),
        ("rate(1 day)", "every day"),
    ],
)
def test_an_expression_explains_itself(expression: str, words: str) -> None:
    assert parse(expression).explain() == words


def test_an_explanation_names_the_schedule_s_own_time_zone() -> None:
    assert cron(hours=18).explain("Asia/Tokyo") == "at 18:00 Asia/Tokyo, every day"
    assert at("2027-01-31T08:00:00").explain("Asia/Tokyo") == "once, at 2027-01-31 08:00:00 Asia/Tokyo"


Matches = Callable[[int], bool]


def numbers(low: int, high: int) -> st.SearchStrategy[tuple[str, Matches]]:
    """A field of numbers, and which it stands for, said in another way than the parser's."""

    def in_range(pair: tuple[int, int]) -> tuple[str, Matches]:
        first, last = pair
        wraps = first > last
        inside: Matches = lambda n: n >= first or n <= last if wraps else first <= n <= last  # noqa: E731
        return f"{first}-{last}", inside

    value = st.integers(low, high)
    return st.one_of(
        st.just(("*", lambda n: True)),
        value.map(lambda v: (f"{v}", lambda n: n == v)),
        st.tuples(value, value).map(in_range),
        st.tuples(value, st.integers(1, 30)).map(
            lambda pair: (f"{pair[0]}/{pair[1]}", lambda n: n >= pair[0] and (n - pair[0]) % pair[1] == 0)
        ),
        st.lists(value, min_size=1, max_size=3).map(lambda vs: (",".join(map(str, vs)), lambda n: n in vs)),
    )


def weekday(moment: datetime) -> int:
    return moment.isoweekday() % 7 + 1


def is_last(moment: datetime, days: int) -> bool:
    return (moment + timedelta(days=days)).month != moment.month


DAYS: st.SearchStrategy[tuple[str, str, Callable[[datetime], bool]]] = st.one_of(
    numbers(1, 31).map(lambda f: (f[0], "?", lambda m: f[1](m.day))),
    numbers(1, 7).map(lambda f: ("?", f[0], lambda m: f[1](weekday(m)))),
    st.just(("L", "?", lambda m: is_last(m, 1))),
    st.integers(1, 7).map(lambda d: ("?", f"{d}L", lambda m: weekday(m) == d and is_last(m, 7))),
    st.tuples(st.integers(1, 7), st.integers(1, 5)).map(
        lambda p: ("?", f"{p[0]}#{p[1]}", lambda m: weekday(m) == p[0] and (m.day + 6) // 7 == p[1])
    ),
)


def as_expression(fields: tuple[Any, Any, Any, Any]) -> tuple[str, Callable[[datetime], bool]]:
    (minutes, minute), (hours, hour), (months, month), (day, week, is_day) = fields

    def matches(moment: datetime) -> bool:
        return bool(minute(moment.minute) and hour(moment.hour) and month(moment.month) and is_day(moment))

    return f"cron({minutes} {hours} {day} {months} {week} *)", matches


CRONS = st.tuples(numbers(0, 59), numbers(0, 23), numbers(1, 12), DAYS).map(as_expression)
ANY_TEXT = st.one_of(
    CRONS.map(lambda made: made[0]),
    st.builds("rate({} {})".format, st.integers(0, 100), st.sampled_from(["minute", "minutes", "days"])),
    st.datetimes().map(lambda moment: f"at({moment:%Y-%m-%dT%H:%M:%S})"),
    st.text(),
    st.text("0123456789*/,-?LW# cronate()", max_size=40),
    st.text("0123456789*/,-?LW#", min_size=1, max_size=5).map(
        lambda each: f"cron({each} {each} {each} {each} ? *)"
    ),
)


@given(ANY_TEXT)
@example("cron(" + "1," * 50_000 + ")")
@example("rate(" + "9" * 100_000 + " minutes)")
@example("rate(" + "9" * 200 + " minutes)")
@example("cron(" + "9" * 200 + " * * * ? *)")
@example("cron(٣ * * * ? *)")
@example("cron(" * 50)
def test_any_text_is_read_and_read_back_alike_or_refused_with_a_reason(text: str) -> None:
    started = time.process_time()
    refused: DefinitionError | None = None
    try:
        expression = parse(text, scheduler=True)
    except DefinitionError as error:
        refused = error
    else:
        assert parse(str(expression), scheduler=True) == expression
    if refused is not None:
        assert refused.what.endswith(".")
        assert refused.right
    assert time.process_time() - started < 0.5


@given(CRONS, st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))
def test_firings_strictly_increase_and_match_the_fields(
    made: tuple[str, Callable[[datetime], bool]], naive: datetime
) -> None:
    text, matches = made
    last = naive.replace(tzinfo=UTC)
    for moment in islice(parse(text).firings(last), 5):
        assert moment > last
        assert matches(moment)
        last = moment


#: Zones that change by an hour, by half of one, by two and by three, and one that lost a whole day.
CHANGES = [
    ("America/Los_Angeles", datetime(2027, 3, 14)),
    ("America/Los_Angeles", datetime(2026, 11, 1)),
    ("Australia/Lord_Howe", datetime(2027, 4, 3)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3)),
    ("Antarctica/Troll", datetime(2027, 3, 28)),
    ("Antarctica/Troll", datetime(2027, 10, 31)),
    ("Antarctica/Casey", datetime(2020, 10, 3)),
    ("Antarctica/Casey", datetime(2021, 3, 13)),
    ("Pacific/Apia", datetime(2011, 12, 30)),
    ("Asia/Kathmandu", datetime(2026, 1, 1)),
]


@given(CRONS, st.sampled_from(CHANGES))
def test_every_existing_local_time_fires_the_first_time_it_comes_and_no_other(
    made: tuple[str, Callable[[datetime], bool]], change: tuple[str, datetime]
) -> None:
    text, matches = made
    zone, start = ZoneInfo(change[0]), change[1].replace(tzinfo=UTC) - timedelta(hours=14)
    minutes = [start + timedelta(minutes=count) for count in range(1, 40 * 60)]
    locally = [(moment, moment.astimezone(zone)) for moment in minutes]
    expected = [moment for moment, local in locally if local.fold == 0 and matches(local)]
    found: list[datetime] = []
    for moment in parse(text).firings(start, zone):
        if moment > minutes[-1] or len(found) == 200:
            break
        found.append(moment)
    assert found == expected[:200]


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("cron(* * 30 2 ? *)", UTC),
        ("cron(* * 31W 2,4,6,9,11 ? *)", UTC),
        ("cron(* * L-30 2 ? *)", UTC),
        ("cron(* 2 ? 3 1#2 2007/1)", LOS_ANGELES),
        ("cron(* * * * ? 1970)", UTC),
    ],
)
def test_an_expression_that_never_fires_answers_at_once(expression: str, zone: Any) -> None:
    started = time.process_time()
    assert parse(expression).next_after(NOON, zone) is None
    assert time.process_time() - started < 1


def test_a_year_of_minutes_is_walked_at_speed() -> None:
    started = time.process_time()
    assert sum(1 for _ in islice(parse("cron(* * * * ? *)").firings(NOON), 10_000)) == 10_000
    assert time.process_time() - started < 2
