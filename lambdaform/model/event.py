"""What every event of a function or state machine is: a kind, and the properties of that kind.

Source: SAM Developer Guide, "EventSource" of AWS::Serverless::Function and AWS::Serverless::StateMachine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from attrs import field

from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.shape import Problem, Shape


@frozen(kw_only=True)
class Event(Shape):
    """The base of every event. ``TYPE`` is SAM's name for it."""

    TYPE: ClassVar[str] = ""
    #: The fields that only a function's event of this kind has.
    FUNCTION_ONLY: ClassVar[tuple[str, ...]] = ()
    #: The fields that only a state machine's event of this kind has.
    STATE_MACHINE_ONLY: ClassVar[tuple[str, ...]] = ()

    @property
    def event_type(self) -> str:
        """SAM's name for this kind of event."""
        return self.TYPE


@frozen(kw_only=True)
class FunctionEvent(Event):
    """An event that may invoke a function."""

    IN_WORDS: ClassVar[str | None] = "an event of a function, such as SqsEvent(queue)"


@frozen(kw_only=True)
class StateMachineEvent(Event):
    """An event that may start a state machine."""

    IN_WORDS: ClassVar[str | None] = "an event of a state machine, such as EventBridgeRuleEvent(pattern)"


@frozen
class RawEvent(FunctionEvent, StateMachineEvent):
    """An event of a kind that has no class here, with its properties under AWS's own names in ``raw``."""

    type: str = field(metadata={"property": False})

    @property
    def event_type(self) -> str:
        """SAM's name for this kind of event."""
        return self.type


def out_of_place(events: Mapping[str, Event] | Ref[Any] | None, *, on_function: bool) -> Iterator[Problem]:
    """Each property of the events that SAM has on the other owner's event of that kind only."""
    if not isinstance(events, Mapping):
        return
    owner, other = ("function", "state machine") if on_function else ("state machine", "function")
    for event in events.values():
        for name in event.STATE_MACHINE_ONLY if on_function else event.FUNCTION_ONLY:
            if getattr(event, name) is not None:
                yield event.problem(
                    "LF106",
                    f"{type(event).__name__}: {name} is no property of a {owner}'s event.",
                    f"Only a {other}'s {event.event_type} event has it.",
                    name,
                )
