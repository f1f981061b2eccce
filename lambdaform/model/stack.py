"""The stack: the one value that a Lambda application is.

Source: AWS CloudFormation User Guide, "Template sections".
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from attrs import define, field, frozen

from lambdaform.errors import DefinitionError, UsageError
from lambdaform.model.constraints import Matching
from lambdaform.model.references import Condition, LogicalRef, Ref
from lambdaform.model.resource import LogicalId, Resource, Tags
from lambdaform.model.shape import Problem, Shape, report
from lambdaform.origin import Origin, here

R = TypeVar("R", bound=Resource)
_SECTION = {"property": False}


@frozen
class Parameter(Shape):
    """A value that is given when the stack is deployed. ``parameter.ref`` stands for it."""

    logical_id: LogicalId = field(metadata=_SECTION)
    type: str = "String"
    default: str | int | float | Sequence[Any] | None = field(default=None, kw_only=True)
    description: str | None = field(default=None, kw_only=True)
    allowed_values: Sequence[Any] | None = field(default=None, kw_only=True)
    allowed_pattern: str | None = field(default=None, kw_only=True)
    constraint_description: str | None = field(default=None, kw_only=True)
    min_length: int | str | None = field(default=None, kw_only=True)
    max_length: int | str | None = field(default=None, kw_only=True)
    min_value: float | str | None = field(default=None, kw_only=True)
    max_value: float | str | None = field(default=None, kw_only=True)
    no_echo: bool | str | None = field(default=None, kw_only=True)

    @property
    def ref(self) -> Ref[Any]:
        """The value that the parameter is given."""
        return LogicalRef(self.logical_id, self)


@frozen
class Output(Shape):
    """A value that the stack shows once it is deployed, and may export to other stacks."""

    logical_id: LogicalId = field(metadata=_SECTION)
    value: Any
    description: str | None = field(default=None, kw_only=True)
    export: str | Ref[str] | None = field(default=None, kw_only=True, metadata=_SECTION)
    condition: str | None = field(default=None, kw_only=True)


StackName = Annotated[
    str,
    Matching(
        r"[A-Za-z][A-Za-z0-9-]{0,127}",
        "A stack name starts with a letter and has letters, digits and hyphens, at most 128.",
    ),
]


@frozen
class StackHead(Shape):
    """What is said of a stack as a whole."""

    name: StackName
    description: str | None = field(default=None, kw_only=True)
    tags: Tags | None = field(default=None, kw_only=True)
    profile: Literal["current", "2019-04-01"] = field(default="current", kw_only=True)


@define(eq=False, init=False)
class Stack:
    """A Lambda application: resources by logical id, and the sections around them.

    ::

        stack = Stack("checkout", tags={"service": "prod:checkout"})
        orders = stack.add(Queue("Orders", visibility_timeout=60))

    ``tags`` go to every resource that can have tags; a resource's own win. ``profile`` names the dated quota
    tables by which the stack is checked and simulated.
    """

    head: StackHead
    resources: dict[str, Resource]
    parameters: dict[str, Parameter]
    outputs: dict[str, Output]
    conditions: dict[str, Condition]
    mappings: dict[str, Mapping[str, Mapping[str, Any]]]
    metadata: dict[str, Any]
    #: SAM's ``Globals``: what the resources of a kind (``Function``) have unless they say otherwise.
    globals: dict[str, Resource]
    #: ``Fn::ForEach`` loops among the resources, as they were written.
    loops: dict[str, Any]
    #: Sections that have no form of their own here (``Rules``, ``Hooks``), as they were written.
    raw: dict[str, Any]
    transforms: tuple[str | Mapping[str, Any], ...]
    #: Problems noted while the stack was read from a template.
    problems: list[Problem]
    #: Whether it was read from a template, whose words are kept even where they look wrong.
    loaded: bool
    #: The file the stack comes from, to whose folder code paths are relative; None for the current folder.
    file: str | None
    origin: Origin | None

    def __init__(
        self,
        name: str,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        profile: Literal["current", "2019-04-01"] = "current",
        origin: Origin | None = None,
    ) -> None:
        self.origin = origin or here()
        self.head = StackHead(name, description=description, tags=tags, profile=profile, origin=self.origin)
        self.resources = {}
        self.parameters = {}
        self.outputs = {}
        self.conditions = {}
        self.mappings = {}
        self.metadata = {}
        self.globals = {}
        self.loops = {}
        self.raw = {}
        self.transforms = ()
        self.problems = []
        self.loaded = False
        location = self.origin.locate() if self.origin else None
        self.file = location.file if location else None

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.head.name

    @property
    def description(self) -> str | None:
        """What the stack is for."""
        return self.head.description

    @property
    def tags(self) -> Mapping[str, str | Ref[str]]:
        """The tags for every resource that can have some."""
        return self.head.tags or {}

    @property
    def profile(self) -> str:
        """The dated quota tables by which the stack is checked and simulated."""
        return self.head.profile

    def add(self, resource: R) -> R:
        """Take a resource into the stack, and give it back.

        Raises `DefinitionError` where the logical id is taken already.
        """
        if not isinstance(resource, Resource):
            origin = here()
            raise DefinitionError(
                f"Stack {self.name!r}: add() was given {type(resource).__name__}.",
                right="It takes a resource, such as Function(...) or Queue(...).",
                where=origin.locate() if origin else None,
            )
        self._claim(resource.logical_id, resource.origin)
        self.resources[resource.logical_id] = resource
        return resource

    def parameter(
        self,
        logical_id: str,
        type: str = "String",  # noqa: A002 - AWS's name
        *,
        default: str | float | None = None,
        description: str | None = None,
        allowed_values: Sequence[str | float] | None = None,
        allowed_pattern: str | None = None,
        no_echo: bool | None = None,
    ) -> Parameter:
        """A parameter of the stack; ``parameter.ref`` stands for its value."""
        parameter = Parameter(
            logical_id,
            type,
            default=default,
            description=description,
            allowed_values=allowed_values,
            allowed_pattern=allowed_pattern,
            no_echo=no_echo,
        )
        self._claim(logical_id, parameter.origin)
        self.parameters[logical_id] = parameter
        return parameter

    def condition(self, name: str, expression: Ref[bool]) -> Condition:
        """A named condition, for ``condition=`` on a resource and for `if_`."""
        condition = Condition(name, expression)
        self.conditions[name] = condition
        return condition

    def mapping(self, name: str, table: Mapping[str, Mapping[str, Any]]) -> None:
        """A two-level table to look values up in with `find_in_map`."""
        self.mappings[name] = table

    def output(
        self,
        logical_id: str,
        value: Any,
        *,
        description: str | None = None,
        export: str | Ref[str] | None = None,
    ) -> Output:
        """A value to show after deployment, and to export under the name ``export``."""
        output = Output(logical_id, value, description=description, export=export)
        self.outputs[logical_id] = output
        return output

    def resource(self, logical_id: str) -> Resource:
        """The resource with this logical id. Raises `UsageError`, with the nearest name, where there is none."""
        if logical_id in self.resources:
            return self.resources[logical_id]
        near = difflib.get_close_matches(logical_id, self.resources, n=1)
        right = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(self.resources) or 'none'}."
        raise UsageError(f"Stack {self.name!r} has no resource {logical_id!r}.", right=right)

    def __contains__(self, logical_id: object) -> bool:
        return logical_id in self.resources or logical_id in self.parameters

    def _claim(self, logical_id: str, origin: Origin | None) -> None:
        taken = self.resources.get(logical_id) or self.parameters.get(logical_id)
        if taken is None:
            return
        first = taken.origin.locate() if taken.origin else None
        report(
            Problem(
                "LF200",
                f"Stack {self.name!r}: the logical id {logical_id!r} is taken"
                + (f" (at {first})." if first else "."),
                "Each resource and parameter of a stack needs a logical id of its own.",
                origin,
            )
        )
