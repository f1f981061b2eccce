"""LF119 to LF122, LF280 and LF29x: what starts a function by itself: EventBridge's rules, schedules, filters."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.pattern import malformed
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import (
    as_of,
    events,
    from_elsewhere,
    function_behind,
    items,
    of_aws_type,
    of_type,
    problem_at,
)
from lambdaform.errors import DefinitionError
from lambdaform.model.references import LogicalRef, Ref
from lambdaform.model.rule import Rule
from lambdaform.model.schedule import ScheduleTarget
from lambdaform.model.schedule_events import ScheduleV2Event
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

_RULES = "EventBridge API, PutRule"
_TARGETS = "EventBridge API, PutTargets"


@rule(
    "LF295",
    "rule-without-trigger",
    Level.ERROR,
    demand="A rule has an event pattern or a schedule.",
    source=_RULES,
)
def rule_without_trigger(stack: Stack) -> Iterator[Problem]:
    """Rules that nothing sets off, which EventBridge refuses."""
    for each in of_type(stack, Rule):
        named = ("EventPattern", "ScheduleExpression")
        if all(prop(each, name) is None for name in named) and not from_elsewhere(each):
            yield each.problem(
                "LF295",
                f"Rule {each.logical_id!r} has neither EventPattern nor ScheduleExpression.",
                "Give one of them, or both.",
            )


@rule(
    "LF296",
    "target-twice",
    Level.ERROR,
    demand="Each target of a rule has an id of its own.",
    source=_TARGETS,
)
def target_twice(stack: Stack) -> Iterator[Problem]:
    """Targets of a rule that share an id: the second takes the first one's place."""
    for each in of_type(stack, Rule):
        seen: set[str] = set()
        for target in items(each.targets):
            name = prop(target, "Id")
            if isinstance(name, str) and name in seen and isinstance(target, Shape):
                yield problem_at(
                    target,
                    "LF296",
                    f"Rule {each.logical_id!r} has two targets with the id {name!r}.",
                    "Give each target an id of its own.",
                    "Id",
                )
            elif isinstance(name, str):
                seen.add(name)


@rule(
    "LF297",
    "schedule-on-bus",
    Level.ERROR,
    demand="A rule with a schedule is on the default bus.",
    source="EventBridge User Guide, eb-create-rule-schedule",
)
def schedule_on_bus(stack: Stack) -> Iterator[Problem]:
    """Schedules on another bus, which EventBridge refuses."""
    for each in of_type(stack, Rule):
        bus = each.event_bus_name
        parameter = isinstance(bus, LogicalRef) and bus.logical_id not in stack.resources
        if each.schedule_expression is None or bus is None or parameter or _is_default(bus):
            continue
        yield each.problem(
            "LF297",
            f"Rule {each.logical_id!r} has a ScheduleExpression, and is on another bus than the default one.",
            "Only the default bus has schedules: leave EventBusName out, or use AWS::Scheduler::Schedule.",
            "event_bus_name",
        )


def _is_default(bus: Any) -> bool:
    return isinstance(bus, str) and (bus == "default" or bus.endswith(":event-bus/default"))


@rule(
    "LF298",
    "target-input",
    Level.ERROR,
    demand="A target gets one kind of input, and a constant one is JSON.",
    source=_TARGETS,
)
def target_input(stack: Stack) -> Iterator[Problem]:
    """Targets with two of Input, InputPath and InputTransformer, and with an Input that is no JSON."""
    places: list[tuple[str, Shape]] = [
        (f"Rule {each.logical_id!r}", target)
        for each in of_type(stack, Rule)
        for target in items(each.targets)
        if isinstance(target, Shape)
    ]
    places += [
        (f"{function.logical_id!r}: the event {name!r}", event)
        for function, name, event in events(stack)
        if event.event_type in ("Schedule", "ScheduleV2", "EventBridgeRule", "CloudWatchEvent")
    ]
    for schedule in of_aws_type(stack, "AWS::Scheduler::Schedule"):
        target = prop(schedule, "Target")
        # Scheduler takes any text for a queue or a topic.
        if isinstance(target, Shape) and function_behind(stack, prop(target, "Arn")) is not None:
            places.append((f"Schedule {schedule.logical_id!r}", target))
    for title, place in places:
        given = [name for name in ("Input", "InputPath", "InputTransformer") if prop(place, name) is not None]
        text = prop(place, "Input")
        if len(given) > 1:
            yield problem_at(
                place,
                "LF298",
                f"{title} has both {given[0]} and {given[1]}.",
                "Leave one of them out.",
                given[1],
            )
        elif isinstance(text, str) and len(text) > _INPUT_MAX and not _of_scheduler(place):
            yield problem_at(
                place,
                "LF298",
                f"{title} has an Input of {len(text):,} characters.",
                f"EventBridge takes at most {_INPUT_MAX:,}: name an object in S3 instead.",
                "Input",
            )
        elif isinstance(text, str) and not text.startswith("{{") and not _is_json(text):
            yield problem_at(
                place,
                "LF298",
                f"{title} has an Input that is no JSON.",
                'It is the event that the target gets, such as {"kind": "nightly"}; text stands in quotes.',
                "Input",
            )


#: EventBridge API, Target: Input. Scheduler's targets have no such bound.
_INPUT_MAX = 8192


def _of_scheduler(place: Shape) -> bool:
    return isinstance(place, ScheduleTarget | ScheduleV2Event)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


#: The keys that every event on a bus has, and that a pattern may look at.
_EVENT_KEYS = (
    "account",
    "detail",
    "detail-type",
    "id",
    "region",
    "replay-name",
    "resources",
    "source",
    "time",
    "version",
)


@per_check
def _patterns(stack: Stack) -> Iterable[tuple[str, Shape, str, Any]]:
    """Each event pattern: what has it, the object, AWS's name of the property, and the pattern as data."""
    for each in of_type(stack, Rule):
        if (pattern := _data(each.event_pattern)) is not None:
            yield f"Rule {each.logical_id!r}", each, "EventPattern", pattern
    for function, name, event in events(stack):
        if event.event_type in ("EventBridgeRule", "CloudWatchEvent"):
            pattern = _data(prop(event, "Pattern"))
            if pattern is not None:
                yield f"{function.logical_id!r}: the event {name!r}", event, "Pattern", pattern


def _data(pattern: Any) -> Any:
    if isinstance(pattern, str):
        try:
            return json.loads(pattern)
        except ValueError:
            return pattern
    return None if isinstance(pattern, Ref) else pattern


@rule(
    "LF299",
    "event-pattern",
    Level.ERROR,
    demand="An event pattern is a mapping of an event's keys, whose leaves are lists.",
    source="EventBridge User Guide, eb-event-patterns",
)
def event_pattern(stack: Stack) -> Iterator[Problem]:
    """Patterns that EventBridge refuses, and patterns on a key that no event has."""
    for title, place, name, pattern in _patterns(stack):
        found = malformed(pattern)
        if found is not None:
            yield problem_at(
                place, "LF299", f"{title}: the pattern {found.what}.", found.right, name, *found.path
            )
            continue
        for key in pattern:
            if not isinstance(key, str) or key in _EVENT_KEYS or key.startswith(("$", "Fn::")):
                continue
            folded = key.replace("_", "-").lower()
            near = difflib.get_close_matches(folded, _EVENT_KEYS, n=1, cutoff=0.75)
            if near:
                yield problem_at(
                    place,
                    "LF299",
                    f"{title}: the pattern looks at {key!r}, which no event has.",
                    f"It would match nothing. Did you mean {near[0]!r}?",
                    name,
                    key,
                )


@rule(
    "LF280",
    "filter-policy",
    Level.ERROR,
    demand="A subscription's filter policy is a mapping whose leaves are lists.",
    source="SNS Developer Guide, sns-subscription-filter-policies",
)
def filter_policy(stack: Stack) -> Iterator[Problem]:
    """Filter policies that SNS refuses."""
    places: list[tuple[str, Shape]] = [
        (each.logical_id, each) for each in of_aws_type(stack, "AWS::SNS::Subscription")
    ]
    places += [
        (f"{function.logical_id!r}: the event {name!r}", event)
        for function, name, event in events(stack)
        if event.event_type == "SNS"
    ]
    for title, place in places:
        policy = _data(prop(place, "FilterPolicy"))
        found = malformed(policy) if policy is not None else None
        if found is not None:
            yield problem_at(
                place,
                "LF280",
                f"{title}: the filter policy {found.what}.",
                found.right,
                "FilterPolicy",
                *found.path,
            )


@per_check
def _schedules(stack: Stack) -> Iterable[tuple[str, Shape, str, bool]]:
    """Each schedule: what has it, the object, AWS's name of the expression, and whether it is Scheduler's."""
    for bus_rule in of_type(stack, Rule):
        yield f"Rule {bus_rule.logical_id!r}", bus_rule, "ScheduleExpression", False
    for each in of_aws_type(stack, "AWS::Scheduler::Schedule"):
        yield f"Schedule {each.logical_id!r}", each, "ScheduleExpression", True
    for function, name, event in events(stack):
        if event.event_type in ("Schedule", "ScheduleV2"):
            scheduler = event.event_type == "ScheduleV2"
            title = f"{function.logical_id!r}: the schedule {name!r}"
            yield title, event, "ScheduleExpression" if scheduler else "Schedule", scheduler


@rule(
    "LF119",
    "flexible-window",
    Level.ERROR,
    demand="A flexible time window has its length, and an exact one has none.",
    source="EventBridge Scheduler API, FlexibleTimeWindow",
)
def flexible_window(stack: Stack) -> Iterator[Problem]:
    """FLEXIBLE without minutes, and OFF with some."""
    for title, place, _, scheduler in _schedules(stack):
        window = prop(place, "FlexibleTimeWindow")
        mode, minutes = prop(window, "Mode"), prop(window, "MaximumWindowInMinutes")
        if not scheduler or not isinstance(window, Shape) or mode not in ("OFF", "FLEXIBLE"):
            continue
        if (mode == "FLEXIBLE") != (minutes is not None):
            lacks = "no MaximumWindowInMinutes" if minutes is None else "MaximumWindowInMinutes"
            yield problem_at(
                window,
                "LF119",
                f"{title} has a time window of the mode {mode} and {lacks}.",
                "FLEXIBLE needs 1 to 1440 minutes; OFF has none.",
                "Mode" if minutes is None else "MaximumWindowInMinutes",
            )


@rule(
    "LF121",
    "schedule-dates",
    Level.ERROR,
    demand="A schedule ends after it starts.",
    source="EventBridge Scheduler API, CreateSchedule",
)
def schedule_dates(stack: Stack) -> Iterator[Problem]:
    """Schedules whose last date is before their first."""
    for title, place, _, scheduler in _schedules(stack):
        first, last = _moment(prop(place, "StartDate")), _moment(prop(place, "EndDate"))
        if scheduler and first is not None and last is not None and last <= first:
            yield problem_at(
                place,
                "LF121",
                f"{title} has an EndDate that is not after its StartDate.",
                "It would never run: set EndDate to a later moment.",
                "EndDate",
            )


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@rule(
    "LF122",
    "never-runs",
    Level.WARNING,
    demand="A schedule has a moment that is still to come.",
    source="Amazon EventBridge User Guide, eb-scheduled-rule-pattern; deck section C13",
)
def never_runs(stack: Stack) -> Iterator[Problem]:
    """Schedules on a day that no month has, or in the past."""
    from lambdaform.model.schedule_expression import RateExpression, parse

    now = datetime.combine(as_of(stack), datetime.min.time(), UTC)
    for title, place, name, scheduler in _schedules(stack):
        text = prop(place, name)
        # Without a year or a month that is fixed, there is always a next time.
        if not isinstance(text, str) or not _FIXED.search(text):
            continue
        try:
            expression = parse(text, scheduler=scheduler)
        except DefinitionError:
            continue
        if not isinstance(expression, RateExpression) and expression.next_after(now) is None:
            yield problem_at(
                place,
                "LF122",
                f"{title} never runs: {text} has no moment after {now.date()}.",
                "Name a day that its months have, in a year to come.",
                name,
            )


_FIXED = re.compile(r"^at\(|^cron\(\S+\s+\S+\s+(\S+\s+(?!\*)\S+\s+\S+\s+\S+|\S+\s+\S+\s+\S+\s+(?!\*)\S+)\)$")
