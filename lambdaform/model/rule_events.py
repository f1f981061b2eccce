"""Events of an EventBridge bus that match a pattern.

Source: SAM Developer Guide, EventBridgeRule and CloudWatchEvent; EventBridge User Guide, "Event patterns".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching
from lambdaform.model.definition import frozen
from lambdaform.model.delivery import EventDeadLetterConfig, EventTarget, to_event_dead_letters
from lambdaform.model.event import FunctionEvent, StateMachineEvent
from lambdaform.model.json_text import to_json_text
from lambdaform.model.references import Ref
from lambdaform.model.rule import InputTransformer, RetryPolicy
from lambdaform.model.sources import event_bus_name

_BUS = {"shorthand": "an event bus, its name or ARN, or a reference"}
_INPUT = Annotated[str, Count(high=8192, unit="characters", source="EventBridge API, Target")]
_INPUT_PATH = Annotated[str, Count(high=256, unit="characters", source="EventBridge API, Target")]
_RULE_NAME = Annotated[
    str,
    Matching(
        r"[.\-_A-Za-z0-9]{1,64}",
        "A rule name has letters, digits, dots, hyphens and underscores, at most 64 (EventBridge API, PutRule).",
    ),
]
_STATE = Literal["DISABLED", "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]


@frozen
class EventBridgeRuleEvent(FunctionEvent, StateMachineEvent):
    """A rule that passes on the events of a bus that match: ``EventBridgeRuleEvent({"source": ["shop"]})``.

    ``input``, ``input_path`` and ``input_transformer`` say what the target gets instead of the whole event.
    """

    TYPE: ClassVar[str] = "EventBridgeRule"
    FUNCTION_ONLY: ClassVar[tuple[str, ...]] = ("enabled",)

    pattern: Mapping[str, Any] | Ref[Any]
    event_bus_name: str | Ref[str] | None = field(
        default=None, kw_only=True, converter=optional(event_bus_name), metadata=_BUS
    )
    rule_name: _RULE_NAME | Ref[str] | None = field(default=None, kw_only=True)
    enabled: bool | Ref[bool] | None = field(default=None, kw_only=True)
    state: _STATE | Ref[str] | None = field(default=None, kw_only=True)
    input: _INPUT | Ref[str] | None = field(default=None, kw_only=True, converter=to_json_text)
    input_path: _INPUT_PATH | Ref[str] | None = field(default=None, kw_only=True)
    input_transformer: InputTransformer | Ref[Any] | None = field(default=None, kw_only=True)
    target: EventTarget | Ref[Any] | None = field(default=None, kw_only=True)
    dead_letter_config: EventDeadLetterConfig | Ref[Any] | None = field(
        default=None,
        kw_only=True,
        converter=to_event_dead_letters,
        metadata={"shorthand": "a Queue, an EventDeadLetterConfig or a reference"},
    )
    retry_policy: RetryPolicy | Ref[Any] | None = field(default=None, kw_only=True)


@frozen
class CloudWatchEvent(EventBridgeRuleEvent):
    """The same under the older name that SAM still takes; new templates say `EventBridgeRuleEvent`."""

    TYPE: ClassVar[str] = "CloudWatchEvent"
