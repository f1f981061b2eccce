"""EventBridge Scheduler: schedules and their groups.

Source: AWS CloudFormation User Guide, AWS::Scheduler::Schedule and ScheduleGroup; EventBridge Scheduler User
Guide, "Schedule types".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.errors import shown
from lambdaform.facts.quotas import Quotas
from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import arn_of, role_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.rule import RetryPolicy
from lambdaform.model.schedule_expression import AtExpression, CronExpression, RateExpression
from lambdaform.model.schedule_syntax import ScheduleSyntax
from lambdaform.model.shape import Shape
from lambdaform.model.timed import Timed
from lambdaform.suggest import did_you_mean

_API = "EventBridge Scheduler API, CreateSchedule"


@frozen
class TimeZoneName:
    """Text that names a time zone of the IANA database, where this machine has one."""

    rule: str = "LF110"

    def broken(self, value: object, limits: Quotas) -> tuple[str, str] | None:  # noqa: ARG002
        """What is wrong with the name, or None."""
        known = _time_zones()
        if not isinstance(value, str) or not known or value in known:
            return None
        right = did_you_mean(value, sorted(known), "Name a zone such as Europe/Berlin or UTC.")
        return f"is {shown(value)}, which is no time zone", right


@cache
def _time_zones() -> frozenset[str]:
    import zoneinfo

    return frozenset(zoneinfo.available_timezones())


@frozen
class FlexibleTimeWindow(Shape):
    """How long after its time a schedule may start; ``flexible_time_window=15`` says the same in minutes."""

    mode: Literal["OFF", "FLEXIBLE"] | Ref[str]
    maximum_window_in_minutes: Annotated[int, Within(1, 1440, "minutes", source=_API)] | Ref[int] | None = (
        None
    )


def to_flexible_time_window(
    window: FlexibleTimeWindow | int | Ref[Any],
) -> FlexibleTimeWindow | Ref[Any]:
    """A number of minutes as a window; 0 as none."""
    if isinstance(window, int):
        return FlexibleTimeWindow("FLEXIBLE", window) if window else FlexibleTimeWindow("OFF")
    return window


@frozen
class ScheduleDeadLetterConfig(Shape):
    """The standard queue for invocations that never reached their target."""

    arn: str | Ref[str] | None = field(default=None, converter=optional(arn_of))


@frozen(kw_only=True)
class EventBridgeParameters(Shape):
    """What an event has that a schedule puts on a bus."""

    detail_type: str | Ref[str]
    source: str | Ref[str]


@frozen
class ScheduleKinesisParameters(Shape):
    """The partition key of a stream's record."""

    partition_key: str | Ref[str]


@frozen
class ScheduleSqsParameters(Shape):
    """The message group of a FIFO queue."""

    message_group_id: str | Ref[str] | None = None


@frozen
class ScheduleTarget(Shape):
    """Whom a schedule calls, and the role with which it may: ``ScheduleTarget(function, role)``."""

    arn: str | Ref[str] = field(
        converter=arn_of, metadata={"shorthand": "a function, a Queue, an ARN or a reference"}
    )
    role_arn: str | Ref[str] = field(
        converter=role_arn, metadata={"shorthand": "a Role, its ARN or a reference"}
    )
    input: str | Ref[str] | None = field(default=None, kw_only=True)
    dead_letter_config: ScheduleDeadLetterConfig | Ref[Any] | None = field(default=None, kw_only=True)
    retry_policy: RetryPolicy | Ref[Any] | None = field(default=None, kw_only=True)
    sqs_parameters: ScheduleSqsParameters | Ref[Any] | None = field(default=None, kw_only=True)
    kinesis_parameters: ScheduleKinesisParameters | Ref[Any] | None = field(default=None, kw_only=True)
    event_bridge_parameters: EventBridgeParameters | Ref[Any] | None = field(default=None, kw_only=True)
    ecs_parameters: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    sage_maker_pipeline_parameters: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)


def _to_schedule(
    schedule: CronExpression | RateExpression | AtExpression | str | Ref[str],
) -> str | Ref[str]:
    known = isinstance(schedule, CronExpression | RateExpression | AtExpression)
    return str(schedule) if known else schedule  # type: ignore[return-value]  # the others are text or a reference


def to_instant(instant: datetime | str | Ref[str]) -> str | Ref[str]:
    """A moment as the API writes it; one without a time zone is in UTC."""
    if not isinstance(instant, datetime):
        return instant
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _group_name(group: ScheduleGroup | str | Ref[str]) -> str | Ref[str]:
    return group.ref if isinstance(group, ScheduleGroup) else group


Name = Annotated[
    str,
    Matching(r"[0-9a-zA-Z\-_.]{1,64}", "A name has 1 to 64 letters, digits, hyphens, underscores and dots."),
]


@frozen(kw_only=True)
class Schedule(Timed, Resource):
    """``AWS::Scheduler::Schedule``: calls a target once, or again and again, in a time zone of its own.

    ::

        Schedule(
            "EveryEvening",
            schedule_expression=cron("0 18 ? * MON-FRI *"),
            schedule_expression_timezone="Europe/Berlin",
            target=ScheduleTarget(report, role),
        )
    """

    TYPE: ClassVar[str] = "AWS::Scheduler::Schedule"

    name: Name | Ref[str] | None = None
    description: Annotated[str, Count(high=512, unit="characters")] | Ref[str] | None = None
    group_name: str | Ref[str] | None = field(
        default=None,
        converter=optional(_group_name),
        metadata={"shorthand": "a ScheduleGroup, its name or a reference"},
    )
    schedule_expression: Annotated[str, ScheduleSyntax(scheduler=True)] | Ref[str] = field(
        converter=_to_schedule
    )
    schedule_expression_timezone: Annotated[str, TimeZoneName()] | Ref[str] | None = None
    start_date: str | Ref[str] | None = field(
        default=None,
        converter=optional(to_instant),
        metadata={"shorthand": "a datetime, or text such as 2030-01-01T00:00:00Z"},
    )
    end_date: str | Ref[str] | None = field(
        default=None,
        converter=optional(to_instant),
        metadata={"shorthand": "a datetime, or text such as 2030-01-01T00:00:00Z"},
    )
    flexible_time_window: FlexibleTimeWindow | Ref[Any] = field(
        factory=lambda: FlexibleTimeWindow("OFF"),
        converter=to_flexible_time_window,
        metadata={"shorthand": "a number of minutes, or a FlexibleTimeWindow"},
    )
    state: Literal["ENABLED", "DISABLED"] | Ref[str] | None = None
    target: ScheduleTarget | Ref[Any]
    kms_key_arn: str | Ref[str] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The schedule's ARN."""
        return self.attr("Arn")


@frozen(kw_only=True)
class ScheduleGroup(Resource):
    """``AWS::Scheduler::ScheduleGroup``: schedules that are tagged and deleted together."""

    TYPE: ClassVar[str] = "AWS::Scheduler::ScheduleGroup"

    name: Name | Ref[str] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The group's ARN."""
        return self.attr("Arn")
