"""Events by the clock: EventBridge rules with a schedule, and schedules of EventBridge Scheduler.

Source: SAM Developer Guide, Schedule and ScheduleV2; deck section C13.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching
from lambdaform.model.definition import frozen
from lambdaform.model.delivery import EventDeadLetterConfig, EventTarget, to_event_dead_letters
from lambdaform.model.event import FunctionEvent, StateMachineEvent
from lambdaform.model.iam import arn_of
from lambdaform.model.json_text import to_json_text
from lambdaform.model.references import Ref
from lambdaform.model.rule import RetryPolicy
from lambdaform.model.schedule import (
    FlexibleTimeWindow,
    TimeZoneName,
    to_flexible_time_window,
    to_instant,
)
from lambdaform.model.schedule_expression import AtExpression, CronExpression, RateExpression
from lambdaform.model.schedule_syntax import ScheduleSyntax
from lambdaform.model.timed import Timed


def to_expression(
    schedule: CronExpression | RateExpression | AtExpression | str | Ref[str],
) -> str | Ref[str]:
    """A schedule made with `cron`, `rate` or `at` as its text."""
    if isinstance(schedule, CronExpression | RateExpression | AtExpression):
        return str(schedule)
    return schedule


_QUEUE = {"shorthand": "a Queue, an EventDeadLetterConfig or a reference"}
_MOMENT = {"shorthand": "a datetime, or text such as 2030-01-01T00:00:00Z"}
_JSON = {"shorthand": "data as Python has it, JSON text, or a reference"}
_SCHEDULE_NAME = Annotated[
    str,
    Matching(
        r"[0-9a-zA-Z-_.]{1,64}",
        "It has letters, digits, hyphens, underscores and dots, at most 64 (Scheduler API, CreateSchedule).",
    ),
]


@frozen
class ScheduleEvent(Timed, FunctionEvent, StateMachineEvent):
    """An EventBridge rule that invokes on a schedule, in UTC: ``ScheduleEvent(cron(...))``."""

    TYPE: ClassVar[str] = "Schedule"
    STATE_MACHINE_ONLY: ClassVar[tuple[str, ...]] = ("target", "role_arn")

    schedule: Annotated[str, ScheduleSyntax()] | Ref[str] = field(converter=to_expression)
    name: str | Ref[str] | None = field(default=None, kw_only=True)
    description: (
        Annotated[str, Count(high=512, unit="characters", source="EventBridge API, PutRule")]
        | Ref[str]
        | None
    ) = field(default=None, kw_only=True)
    enabled: bool | Ref[bool] | None = field(default=None, kw_only=True)
    state: Literal["ENABLED", "DISABLED"] | Ref[str] | None = field(default=None, kw_only=True)
    input: str | Ref[str] | None = field(default=None, kw_only=True, converter=to_json_text, metadata=_JSON)
    dead_letter_config: EventDeadLetterConfig | Ref[Any] | None = field(
        default=None, kw_only=True, converter=to_event_dead_letters, metadata=_QUEUE
    )
    retry_policy: RetryPolicy | Ref[Any] | None = field(default=None, kw_only=True)
    target: EventTarget | Ref[Any] | None = field(default=None, kw_only=True)
    role_arn: str | Ref[str] | None = field(default=None, kw_only=True, converter=optional(arn_of))


@frozen
class ScheduleV2Event(Timed, FunctionEvent, StateMachineEvent):
    """A schedule of EventBridge Scheduler, in a time zone of its own: ``ScheduleV2Event(rate(5, "minutes"))``."""

    TYPE: ClassVar[str] = "ScheduleV2"

    schedule_expression: Annotated[str, ScheduleSyntax(scheduler=True)] | Ref[str] = field(
        converter=to_expression
    )
    schedule_expression_timezone: Annotated[str, TimeZoneName()] | Ref[str] | None = field(
        default=None, kw_only=True
    )
    flexible_time_window: FlexibleTimeWindow | Ref[Any] | None = field(
        default=None,
        kw_only=True,
        converter=optional(to_flexible_time_window),
        metadata={"shorthand": "a number of minutes, a FlexibleTimeWindow or a reference"},
    )
    start_date: str | Ref[str] | None = field(
        default=None, kw_only=True, converter=optional(to_instant), metadata=_MOMENT
    )
    end_date: str | Ref[str] | None = field(
        default=None, kw_only=True, converter=optional(to_instant), metadata=_MOMENT
    )
    name: _SCHEDULE_NAME | Ref[str] | None = field(default=None, kw_only=True)
    omit_name: bool | None = field(default=None, kw_only=True)
    group_name: _SCHEDULE_NAME | Ref[str] | None = field(default=None, kw_only=True)
    description: (
        Annotated[str, Count(high=512, unit="characters", source="Scheduler API, CreateSchedule")]
        | Ref[str]
        | None
    ) = field(default=None, kw_only=True)
    state: Literal["ENABLED", "DISABLED"] | Ref[str] | None = field(default=None, kw_only=True)
    input: str | Ref[str] | None = field(default=None, kw_only=True, converter=to_json_text, metadata=_JSON)
    kms_key_arn: str | Ref[str] | None = field(default=None, kw_only=True, converter=optional(arn_of))
    dead_letter_config: EventDeadLetterConfig | Ref[Any] | None = field(
        default=None, kw_only=True, converter=to_event_dead_letters, metadata=_QUEUE
    )
    retry_policy: RetryPolicy | Ref[Any] | None = field(default=None, kw_only=True)
    role_arn: str | Ref[str] | None = field(default=None, kw_only=True, converter=optional(arn_of))
    permissions_boundary: str | Ref[str] | None = field(default=None, kw_only=True)
