"""One resource of a stack, and how resources of its type are made, changed and deleted.

Source: AWS CloudFormation User Guide, each type's page ("Update requires", "Return values").
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from lambdaform.errors import DefinitionError
from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.control.records import StackResource
from lambdaform.local.errors import AwsError
from lambdaform.local.provisioning.overrides import Overrides
from lambdaform.local.provisioning.stack_template import StackTemplate


@frozen(kw_only=True)
class Desired:
    """A resource as its template describes it; ``properties`` are worked out."""

    stack: StackTemplate
    logical_id: str
    properties: Mapping[str, Any]

    def required(self, name: str) -> Any:
        """A property that it cannot be without. Raises `DefinitionError` where it has none."""
        value = self.properties.get(name)
        if value is None:
            raise DefinitionError(
                f"{self.logical_id!r} has no {name}.", right="CloudFormation requires it.", rule="LF105"
            )
        return value


@frozen
class Made:
    """A resource that is there: its physical id, and what ``Ref`` and ``Fn::GetAtt`` give for it."""

    physical_id: str
    ref: str
    attributes: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Context:
    """What making resources needs. ``note`` tells the user of a resource: its stack, its logical id, a sentence."""

    plane: ControlPlane
    overrides: Overrides
    note: Callable[[StackTemplate, str, str], None]


class ResourceType(ABC):
    """Resources of one type. What their operations refuse is `AwsError`, of which the provisioner makes the user's error."""

    aws_type: ClassVar[str]
    #: The properties of which a change asks for another resource, in the place of the first.
    replaced_by: ClassVar[tuple[str, ...]] = ()

    def __init__(self, context: Context) -> None:
        self._context = context
        self._plane = context.plane
        self._state = context.plane.state

    def expected(self, stack: StackTemplate, logical_id: str, record: StackResource | None) -> Made | None:  # noqa: ARG002 - for those that can tell
        """What it will be, as far as that can be told before it is made, for those that refer to it."""
        return Made(record.physical_id, record.ref, record.attributes) if record is not None else None

    def desired(self, stack: StackTemplate, logical_id: str) -> Mapping[str, Any]:
        """Its properties, worked out; of JSON's types, for they are remembered."""
        return stack.properties(logical_id)

    def exists(self, physical_id: str) -> bool:
        """Whether it is there: somebody may have deleted it since."""
        try:
            self.look(physical_id)
        except AwsError:
            return False
        return True

    def is_whole(self, physical_id: str) -> bool:  # noqa: ARG002 - for those that may lack something
        """Whether nothing of it is missing that may be here by now."""
        return True

    @abstractmethod
    def look(self, physical_id: str) -> object:
        """Ask for it. Raises `AwsError` where it is not there."""

    @abstractmethod
    def create(self, desired: Desired) -> Made:
        """Make it."""

    @abstractmethod
    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:
        """Change it from what it was before."""

    @abstractmethod
    def delete(self, physical_id: str) -> None:
        """Delete it."""

    def rule(self, error: AwsError) -> str | None:  # noqa: ARG002 - for types with rules of their own
        """The rule of `lambdaform check` that says the same as a refusal."""
        return None

    def property_at_fault(self, error: AwsError) -> str | None:  # noqa: ARG002 - for types that can tell
        """The property that a refusal is about."""
        return None

    def remedy(self, error: AwsError) -> str:  # noqa: ARG002 - for types that know better
        """What to do about a refusal."""
        return ""
