"""Schedule expressions: what AWS accepts, when they fire, and what a wrong one is told."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform import DefinitionError, at, cron, rate
from lambdaform.model.schedule_expression import CronExpression, parse

NOON = datetime(2026, 11, 24, 12, 34, tzinfo=UTC)

#: An expression and its first three firings after `NOON`; the facts are those of AWS's documentation and, where
#: it is silent, of Quartz.
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

INVALID = [
    "cron(0 12 ? * 3#1,6#3 *)",  # dow: only one # or L expression
    "cron(0 12 ? * 3#6 *)",  # dow: # ordinal 1-5
    "cron(0 10 * * * *)",  # exactly one of day-of-month / day-of-week must be '?'
    "cron(0 10 ? * ? *)",  # exactly one of day-of-month / day-of-week must be '?'
    "cron(0 10 1 * MON *)",  # exactly one of day-of-month / day-of-week must be '?'
    "cron(0 10 * * ?)",  # need 6 fields, got 5
    "cron(60 10 * * ? *)",  # minute: 60 out of range 0-59
    "cron(0 24 * * ? *)",  # hour: 24 out of range 0-23
    "cron(0 0 0 * ? *)",  # dom: 0 out of range 1-31
    "cron(0 0 ? * 0 *)",  # dow: 0 out of range 1-7
    "cron(0 0 ? * 8 *)",  # dow: 8 out of range 1-7
    "cron(0 0 1,15,L * ? *)",  # dom: L/W may not be combined with other values
    "cron(0/0 * * * ? *)",  # minute: bad step '0'
    "cron(0 0 1 * ? 2200)",  # year: 2200 out of range 1970-2199
]


@pytest.mark.parametrize(("expression", "firings"), VALID)
def test_a_valid_expression_fires_when_aws_says(expression: str, firings: list[str]) -> None:
    found = islice(parse(expression).firings(NOON), 3)  # type: ignore[union-attr]
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in found] == firings


@pytest.mark.parametrize("expression", INVALID)
def test_an_invalid_expression_is_refused_with_what_would_be_right(expression: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(expression)
    assert caught.value.right


@pytest.mark.parametrize("text", ["rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(7 days)"])
def test_a_rate_keeps_its_text(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(1.5 hours)", "rate(1 week)", "rate(-1 days)", "rate()"],
)
def test_a_rate_that_eventbridge_refuses_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        parse(text)


def test_the_unit_of_a_rate_agrees_with_its_number() -> None:
    with pytest.raises(DefinitionError, match=re.escape("rate(5 minute)")) as caught:
        rate(5, "minute")
    assert "rate(5 minutes)" in (caught.value.right or "")


def test_a_mistake_is_told_at_the_line_that_made_it() -> None:
    with pytest.raises(DefinitionError) as caught:
        cron("60 10 * * ? *")
    assert caught.value.where is not None
    assert caught.value.where.file == __file__


def test_a_unix_cron_is_turned_into_aws_s_six_fields() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse("cron(0 10 * * 1-5)")
    assert "cron(0 10 ? * 2-6 *)" in (caught.value.right or "")


def test_scheduler_takes_a_plural_after_one() -> None:
    assert str(parse("rate(1 days)", scheduler=True)) == "rate(1 days)"


def test_at_is_for_scheduler_only() -> None:
    assert str(at("2027-01-31T08:00:00")) == "at(2027-01-31T08:00:00)"
    with pytest.raises(DefinitionError):
        parse("at(2027-01-31T08:00:00)")


def test_fields_by_name_need_no_question_mark() -> None:
    assert str(cron(minutes=0, hours=18, day_of_week="MON-FRI")) == "cron(0 18 ? * MON-FRI *)"
    assert str(cron(hours=10)) == "cron(0 10 * * ? *)"


LOS_ANGELES = ZoneInfo("America/Los_Angeles")


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
        ("cron(0/5 8-17 ? * MON-FRI *)", "every 5 minutes from 08:00 to 17:59 UTC, Monday to Friday"),
        ("cron(0 12 ? * 3#2 *)", "at 12:00 UTC, on the second Tuesday of the month"),
        ("cron(0 8 1 * ? *)", "at 08:00 UTC, on day 1 of the month"),
        ("rate(5 minutes)", "every 5 minutes"),
        ("rate(1 day)", "every day"),
    ],
)
def test_an_expression_explains_itself(expression: str, words: str) -> None:
    assert parse(expression).explain() == words


def number(low: int, high: int) -> st.SearchStrategy[str]:
    value = st.integers(low, high)
    return st.one_of(
        st.just("*"),
        value.map(str),
        st.tuples(value, value).map(lambda pair: f"{pair[0]}-{pair[1]}"),
        st.tuples(value, st.integers(1, 30)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        st.lists(value, min_size=1, max_size=3).map(lambda values: ",".join(map(str, values))),
    )


DAY_OF_MONTH = st.one_of(number(1, 31), st.sampled_from(["L", "LW", "L-3"]), st.integers(1, 31).map(lambda day: f"{day}W"))
DAY_OF_WEEK = st.one_of(
    number(1, 7), st.just("L"), st.tuples(st.integers(1, 7), st.integers(1, 5)).map(lambda pair: f"{pair[0]}#{pair[1]}")
)
DAYS = st.one_of(DAY_OF_MONTH.map(lambda day: (day, "?")), DAY_OF_WEEK.map(lambda day: ("?", day)))
EXPRESSIONS = st.builds(
    lambda minutes, hours, days, month: f"cron({minutes} {hours} {days[0]} {month} {days[1]} *)",
    number(0, 59),
    number(0, 23),
    DAYS,
    number(1, 12),
)


@given(EXPRESSIONS)
def test_reading_back_what_was_written_gives_the_same(text: str) -> None:
    expression = parse(text)
    assert parse(str(expression)) == expression


@given(EXPRESSIONS)
def test_firings_only_ever_move_forward(text: str) -> None:
    firings = list(islice(parse(text).firings(NOON), 5))  # type: ignore[union-attr]
    assert firings == sorted(set(firings))
    assert all(moment > NOON for moment in firings)


@given(EXPRESSIONS, st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))
def test_no_firing_lies_between_a_moment_and_the_next_one(text: str, naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    expression = parse(text)
    following = expression.next_after(moment)
    if following is not None:
        assert expression.next_after(following - timedelta(minutes=1)) == following
        middle = moment + (following - moment) / 2
        assert expression.next_after(middle) == following


@given(st.one_of(st.text(), st.text("0123456789*/,-?LW# cronate()", max_size=40), st.just("cron(" + "1," * 50_000 + ")")))
def test_no_text_does_worse_than_a_definition_error(text: str) -> None:
    try:
        parse(text)
    except DefinitionError as error:
        assert error.what


def test_an_expression_that_never_fires_answers_at_once() -> None:
    started = time.process_time()
    assert CronExpression("*", "*", "30", "2", "?", "*").next_after(NOON) is None
    assert time.process_time() - started < 1
