"""Schedules say in words and in times when they fire; the deck's own table is the first of the facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lambdaform import Rule, Schedule, ScheduleEvent, ScheduleTarget, ScheduleV2Event, at, cron, rate, ref
from lambdaform.errors import DefinitionError
from lambdaform.model.schedule_expression import parse

#: A Tuesday.
NOON = datetime(2026, 11, 24, 12, 34, tzinfo=UTC)
ROLE = "arn:aws:iam::123456789012:role/scheduler"
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:report"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


#: The deck's table of section C13: expression, its meaning in our words, its next two firings after `NOON`.
DECK = [
    ("cron(0 10 * * ? *)", "at 10:00 UTC, every day", "2026-11-25 10:00", "2026-11-26 10:00"),
    ("cron(0 18 ? * MON-FRI *)", "at 18:00 UTC, Monday to Friday", "2026-11-24 18:00", "2026-11-25 18:00"),
    ("cron(0 8 1 * ? *)", "at 08:00 UTC, on day 1 of the month", "2026-12-01 08:00", "2027-01-01 08:00"),
    (
        "cron(0/10 * ? * MON-FRI *)",
        "every 10 minutes, Monday to Friday",
        "2026-11-24 12:40",
        "2026-11-24 12:50",
    ),
    (
        "cron(0/5 8-17 ? * MON-FRI *)",
        "every 5 minutes from 08:00 to 17:59 UTC, Monday to Friday",
        "2026-11-24 12:35",
        "2026-11-24 12:40",
    ),
    ("rate(5 minutes)", "every 5 minutes", "2026-11-24 12:39", "2026-11-24 12:44"),
    ("rate(1 hour)", "every hour", "2026-11-24 13:34", "2026-11-24 14:34"),
    ("rate(7 days)", "every 7 days", "2026-12-01 12:34", "2026-12-08 12:34"),
]


@pytest.mark.parametrize(("text", "words", "first", "second"), DECK)
def test_the_deck_s_schedules_mean_what_the_deck_says(text: str, words: str, first: str, second: str) -> None:
    expression = parse(text)
    assert expression.explain() == words
    assert expression.next(2, after=NOON) == (utc(first), utc(second))


def test_one_firing_is_the_next_one() -> None:
    assert rate(5, "minutes").next(after=NOON) == (utc("2026-11-24 12:39"),)


def test_firings_come_in_the_time_zone_that_is_asked_for() -> None:
    [fires] = cron("0 18 ? * MON-FRI *").next(after=NOON, zone="Europe/Berlin")
    assert fires.isoformat() == "2026-11-24T18:00:00+01:00"


def test_there_may_be_fewer_than_were_asked_for() -> None:
    assert at("2027-01-31T08:00:00").next(5, after=NOON) == (utc("2027-01-31 08:00"),)
    assert at("2020-01-31T08:00:00").next(5, after=NOON) == ()


def test_without_a_moment_it_is_now() -> None:
    [fires] = rate(1, "day").next()
    assert fires > datetime.now(UTC)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "\0"])
def test_an_unknown_time_zone_is_told(zone: str) -> None:
    with pytest.raises(DefinitionError, match="no time zone"):
        cron(hours=18).next(after=NOON, zone=zone)


def test_an_event_knows_its_own_time_zone() -> None:
    event = ScheduleV2Event(cron("0 18 ? * MON-FRI *"), schedule_expression_timezone="Asia/Tokyo")
    assert event.explain() == "at 18:00 Asia/Tokyo, Monday to Friday"
    assert [each.isoformat() for each in event.next(2, after=NOON)] == [
        "2026-11-25T18:00:00+09:00",
        "2026-11-26T18:00:00+09:00",
    ]


def test_a_schedule_fires_between_its_first_and_last_day() -> None:
    schedule = Schedule(
        "Daily",
        schedule_expression=cron(hours=8),
        start_date=utc("2027-01-01 09:00"),
        end_date=utc("2027-01-03 08:00"),
        target=ScheduleTarget(FUNCTION, ROLE),
    )
    assert schedule.next(9, after=NOON) == (utc("2027-01-02 08:00"), utc("2027-01-03 08:00"))


def test_rules_and_their_events_are_in_utc() -> None:
    assert Rule("Daily", schedule_expression=cron(hours=8)).explain() == "at 08:00 UTC, every day"
    assert ScheduleEvent("rate(5 minutes)").next(after=NOON) == (utc("2026-11-24 12:39"),)


def test_what_only_a_deployment_knows_has_no_explanation() -> None:
    with pytest.raises(DefinitionError, match="schedule is known at deployment only"):
        ScheduleEvent(ref("When")).explain()
    with pytest.raises(DefinitionError, match="There is no schedule_expression"):
        Rule("Uploads", event_pattern={"source": ["aws.s3"]}).explain()
