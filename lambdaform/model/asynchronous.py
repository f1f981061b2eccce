"""How long and how often Lambda tries an asynchronous event, and where it tells of the outcome.

Source: SAM Developer Guide, EventInvokeConfiguration; Lambda API, PutFunctionEventInvokeConfig; deck section C9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import Target, arn_of
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape

_API = "Lambda API, PutFunctionEventInvokeConfig"
DestinationType = Literal["SQS", "SNS", "Lambda", "EventBridge", "S3Bucket"]
_TYPES: Mapping[str, DestinationType] = {
    "AWS::SQS::Queue": "SQS",
    "AWS::SNS::Topic": "SNS",
    "AWS::Lambda::Function": "Lambda",
    "AWS::Serverless::Function": "Lambda",
    "AWS::Events::EventBus": "EventBridge",
    "AWS::S3::Bucket": "S3Bucket",
}


@frozen
class EventInvokeDestination(Shape):
    """Where the outcome of an asynchronous invocation goes.

    For ``SQS`` and ``SNS`` without a ``destination`` SAM makes a queue or topic.
    """

    type: DestinationType | None = None
    destination: str | Ref[str] | None = field(default=None, converter=optional(arn_of))


def to_destination(
    destination: EventInvokeDestination | Target | None,
) -> EventInvokeDestination | Ref[Any] | None:
    """A queue, topic, function, event bus or bucket as the destination that it stands for."""
    if isinstance(destination, Resource) and destination.aws_type in _TYPES:
        return EventInvokeDestination(_TYPES[destination.aws_type], destination)
    return destination  # type: ignore[return-value]  # the field refuses other resources, and text


_SHORTHAND = {"shorthand": "a Queue, a Topic, a Function, a Bucket or an EventInvokeDestination"}


@frozen(kw_only=True)
class EventInvokeDestinationConfig(Shape):
    """Where successes and failures go: ``EventInvokeDestinationConfig(on_failure=failed_queue)``."""

    on_success: EventInvokeDestination | Ref[Any] | None = field(
        default=None, converter=to_destination, metadata=_SHORTHAND
    )
    on_failure: EventInvokeDestination | Ref[Any] | None = field(
        default=None, converter=to_destination, metadata=_SHORTHAND
    )


@frozen(kw_only=True)
class EventInvokeConfig(Shape):
    """How a function's asynchronous events are tried again. Ages are in seconds."""

    WRITTEN_AS: ClassVar[str | None] = "event_invoke_config"

    maximum_event_age_in_seconds: (
        Annotated[int, Within(60, 21_600, "seconds", source=_API)] | Ref[int] | None
    ) = None
    maximum_retry_attempts: Annotated[int, Within(0, 2, "attempts", source=_API)] | Ref[int] | None = None
    destination_config: EventInvokeDestinationConfig | Ref[Any] | None = None
