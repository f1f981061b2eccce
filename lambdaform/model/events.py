"""What invokes a function: the events of a SAM function, each a value under the function's ``events``.

Source: SAM Developer Guide, "EventSource".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field, frozen

from lambdaform.errors import DefinitionError
from lambdaform.facts.quotas import Quotas
from lambdaform.model.constraints import Count, Within
from lambdaform.model.iam import arn_of
from lambdaform.model.references import Ref
from lambdaform.model.schedule_expression import AtExpression, CronExpression, RateExpression, parse
from lambdaform.model.shape import Shape


@frozen
class ScheduleSyntax:
    """Text that is a schedule expression; ``scheduler`` admits what only EventBridge Scheduler has (``at``)."""

    scheduler: bool = False
    rule: str = "LF110"

    def broken(self, value: object, limits: Quotas) -> tuple[str, str] | None:  # noqa: ARG002
        """What is wrong with the expression, or None."""
        if not isinstance(value, str):
            return None
        try:
            parse(value, scheduler=self.scheduler)
        except DefinitionError as error:
            return f"is {value!r}: {error.what.rstrip('.')}", error.right or ""
        return None


@frozen(kw_only=True)
class Event(Shape):
    """The base of every event. ``TYPE`` is SAM's name for it."""

    TYPE: ClassVar[str] = ""

    @property
    def event_type(self) -> str:
        """SAM's name for this kind of event."""
        return self.TYPE


@frozen
class RawEvent(Event):
    """An event of a kind that has no class here, with its properties under AWS's own names in ``raw``."""

    type: str = field(metadata={"property": False})

    @property
    def event_type(self) -> str:
        """SAM's name for this kind of event."""
        return self.type


def _expression(schedule: CronExpression | RateExpression | str | Ref[str]) -> str | Ref[str]:
    if isinstance(schedule, CronExpression | RateExpression | AtExpression):
        return str(schedule)
    return schedule


@frozen
class ScheduleEvent(Event):
    """An EventBridge rule that invokes the function on a schedule, in UTC: ``ScheduleEvent(cron(...))``."""

    TYPE: ClassVar[str] = "Schedule"

    schedule: Annotated[str, ScheduleSyntax()] | Ref[str] = field(converter=_expression)
    name: str | Ref[str] | None = field(default=None, kw_only=True)
    description: str | Ref[str] | None = field(default=None, kw_only=True)
    enabled: bool | Ref[bool] | None = field(default=None, kw_only=True)
    state: Literal["ENABLED", "DISABLED"] | Ref[str] | None = field(default=None, kw_only=True)
    input: str | Ref[str] | None = field(default=None, kw_only=True)
    dead_letter_config: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    retry_policy: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    role_arn: str | Ref[str] | None = field(default=None, kw_only=True)


BatchingWindow = Annotated[int, Within(0, 300, "seconds", source="Lambda API, CreateEventSourceMapping")]


@frozen
class ScalingConfig(Shape):
    """The most environments that one queue's messages may use at once."""

    maximum_concurrency: (
        Annotated[int, Within(2, 1000, "environments", source="Lambda API, ScalingConfig")] | Ref[int] | None
    ) = None


@frozen
class SqsEvent(Event):
    """Messages of a queue, which Lambda polls for and hands over in batches of ``batch_size``."""

    TYPE: ClassVar[str] = "SQS"

    queue: str | Ref[str] = field(converter=arn_of, metadata={"shorthand": "a Queue, an ARN or a reference"})
    batch_size: (
        Annotated[int, Within(1, 10_000, "messages", source="Lambda API, CreateEventSourceMapping")]
        | Ref[int]
        | None
    ) = field(default=None, kw_only=True)
    maximum_batching_window_in_seconds: BatchingWindow | Ref[int] | None = field(default=None, kw_only=True)
    enabled: bool | Ref[bool] | None = field(default=None, kw_only=True)
    filter_criteria: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    function_response_types: (
        Annotated[Sequence[Literal["ReportBatchItemFailures"]], Count(high=1)] | Ref[Any] | None
    ) = field(default=None, kw_only=True)
    kms_key_arn: str | Ref[str] | None = field(default=None, kw_only=True)
    scaling_config: ScalingConfig | Ref[Any] | None = field(default=None, kw_only=True)
    metrics_config: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
