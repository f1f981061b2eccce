"""AWS::Lambda::EventSourceMapping.

Source: AWS CloudFormation User Guide, AWS::Lambda::EventSourceMapping.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.provisioning.resource import Desired, Made, ResourceType
from lambdaform.local.provisioning.values import number

_CAPITAL = re.compile(r"(?<!^)(?<![A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
#: What cannot change while the mapping stays the same one.
_FIXED = (
    *("EventSourceArn", "StartingPosition", "StartingPositionTimestamp", "SelfManagedEventSource"),
    *("Topics", "Queues"),
)


class EventSourceMapping(ResourceType):
    """A mapping. Its physical id is its UUID. It is kept as AWS would keep it; nothing polls yet."""

    aws_type: ClassVar[str] = "AWS::Lambda::EventSourceMapping"
    replaced_by: ClassVar[tuple[str, ...]] = _FIXED

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        return self._plane.perform("GetEventSourceMapping", uuid=physical_id)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        members = self._members(desired.properties)
        return self._made(self._plane.event_source_mappings.make(**members))

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - as in the base
        members = self._members({k: v for k, v in desired.properties.items() if k not in (*_FIXED, "Tags")})
        self._plane.event_source_mappings.change(uuid=physical_id, **members)
        return self._made(physical_id)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        self._plane.perform("DeleteEventSourceMapping", uuid=physical_id)

    def _members(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The operations' members: a template has numbers and truth values as text, too, and tags as a list."""
        members: dict[str, Any] = {}
        for name, value in properties.items():
            if name == "Tags":
                members["tags"] = {str(each["Key"]): str(each["Value"]) for each in value}
            elif name in ("Enabled", "BisectBatchOnFunctionError"):
                members[_snake(name)] = str(value).lower() == "true"
            elif isinstance(value, str) and value.lstrip("-").isdigit():
                members[_snake(name)] = number(value)
            else:
                members[_snake(name)] = value
        return members

    def _made(self, uuid: str) -> Made:
        arn = self._state.arn(f"event-source-mapping:{uuid}")
        return Made(uuid, uuid, {"Id": uuid, "EventSourceMappingArn": arn})


def _snake(name: str) -> str:
    return _CAPITAL.sub("_", name).lower()
