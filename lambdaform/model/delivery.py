"""What SAM's rule and schedule events say of their delivery: the target's name, and where failures go.

Source: SAM Developer Guide, DeadLetterConfig and Target of Schedule, ScheduleV2 and EventBridgeRule.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count
from lambdaform.model.definition import frozen
from lambdaform.model.iam import arn_of
from lambdaform.model.queue import Queue
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape


@frozen(kw_only=True)
class EventDeadLetterConfig(Shape):
    """The queue for events that a target never took: one there is (``arn``), or one that SAM makes (``type``)."""

    WRITTEN_AS: ClassVar[str | None] = "dead_letter_config"

    arn: str | Ref[str] | None = field(default=None, converter=optional(arn_of))
    type: Literal["SQS"] | None = None
    queue_logical_id: str | None = None


def to_event_dead_letters(
    target: EventDeadLetterConfig | Queue | Ref[Any] | None,
) -> EventDeadLetterConfig | Ref[Any] | None:
    """A queue as the dead-letter configuration it stands for."""
    return EventDeadLetterConfig(arn=target.arn) if isinstance(target, Queue) else target


@frozen
class EventTarget(Shape):
    """The name that a rule gives to its target."""

    id: Annotated[str, Count(high=64, low=1, unit="characters", source="EventBridge API, Target")] | Ref[str]
