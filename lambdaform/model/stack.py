"""The stack: the one value that a Lambda application is.

Source: AWS CloudFormation User Guide, "Template sections".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Concatenate, Literal, ParamSpec, TypeVar

from attrs import define, field

from lambdaform.errors import UsageError, shown
from lambdaform.model.arguments import checked
from lambdaform.model.constraints import Matching
from lambdaform.model.definition import frozen
from lambdaform.model.globals import make_globals, section_of
from lambdaform.model.references import Condition, Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.scope import Scope
from lambdaform.model.sections import Assertion as Assertion
from lambdaform.model.sections import Output as Output
from lambdaform.model.sections import Parameter as Parameter
from lambdaform.model.sections import ParameterRule as ParameterRule
from lambdaform.model.shape import Problem, Shape, report
from lambdaform.origin import Origin, here
from lambdaform.suggest import did_you_mean

R = TypeVar("R", bound=Resource)
P = ParamSpec("P")

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

    TITLE: ClassVar[str | None] = "Stack"

    name: StackName
    description: str | None = field(default=None, kw_only=True)
    tags: Tags | None = field(default=None, kw_only=True)
    profile: Literal["current", "2019-04-01"] = field(default="current", kw_only=True)


@define(eq=False, init=False)
class Stack(Scope):
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
    rules: dict[str, ParameterRule]
    #: ``Fn::ForEach`` loops among the resources: identifier, collection, and what is repeated.
    loops: dict[str, Any]
    #: ``Fn::ForEach`` loops among the outputs, as they were written.
    output_loops: dict[str, Any]
    #: Sections that have no form of their own here (``Hooks``), as they were written.
    raw: dict[str, Any]
    transforms: tuple[str | Mapping[str, Any], ...]
    #: The nested stacks, by the logical id of the resource that makes each.
    children: dict[str, Stack]
    #: The tags that resources have from their scopes, by logical id.
    tags_of: dict[str, Mapping[str, str | Ref[str]]]
    #: All stacks of the app, itself among them; empty where it stands alone.
    app: tuple[Stack, ...]
    #: Problems noted while the stack was read from a template.
    problems: list[Problem]
    #: Whether it was read from a template, whose words are kept even where they look wrong.
    loaded: bool
    #: The file the stack comes from, to whose folder code paths are relative; None for the current folder.
    file: str | None
    #: The files of the project that its own file imports, such as those of components.
    modules: tuple[str, ...]
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
        self.rules = {}
        self.loops = {}
        self.output_loops = {}
        self.raw = {}
        self.transforms = ()
        self.children = {}
        self.tags_of = {}
        self.app = ()
        self.modules = ()
        self.problems = []
        self.loaded = False
        location = self.origin.locate() if self.origin else None
        self.file = location.file if location else None

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.head.name

    @property
    def stack(self) -> Stack:
        """The stack itself."""
        return self

    @property
    def prefix(self) -> str:
        """Nothing: the names in a stack are as they are given."""
        return ""

    @property
    def scope_tags(self) -> Mapping[str, str | Ref[str]]:
        """None beside the stack's own."""
        return {}

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
        return self.head.profile or "current"

    def globals_for(self, kind: Callable[Concatenate[str, P], R], *args: P.args, **properties: P.kwargs) -> R:
        """What all resources of a SAM class have unless they say otherwise: ``stack.globals_for(Function, timeout=10)``.

        Raises `DefinitionError` where SAM takes a property on each resource only, and where they are given twice.
        """
        shared = make_globals(kind, *args, **properties)
        section = section_of(type(shared))
        if section in self.globals:
            report(
                Problem(
                    "LF200",
                    f"Stack {self.name!r}: globals for {section} are given twice.",
                    "Give all of them in one call.",
                    shared.origin,
                )
            )
        self.globals[section] = shared
        return shared

    @checked
    def transform(self, name: str, **parameters: Any) -> None:
        """A macro that rewrites the whole template at deployment; several run in the order in which they are named.

        SAM's own transform and AWS::LanguageExtensions are named where something needs them.
        """
        macro = {"Name": name, "Parameters": parameters} if parameters else name
        self.transforms = (*self.transforms, macro)

    def tags_for(self, logical_id: str) -> Mapping[str, str | Ref[str]]:
        """The tags that a resource has from the stack and its scopes."""
        own = self.tags_of.get(logical_id)
        return {**self.tags, **own} if own else self.tags

    def descendants(self) -> Iterator[Stack]:
        """The nested stacks, theirs too, each once."""
        seen: set[int] = set()
        pending = list(self.children.values())[::-1]
        while pending:
            child = pending.pop()
            if id(child) not in seen:
                seen.add(id(child))
                yield child
                pending.extend(list(child.children.values())[::-1])

    @checked
    def resource(self, logical_id: str) -> Resource:
        """The resource with this logical id. Raises `UsageError`, with the nearest name, where there is none."""
        if logical_id in self.resources:
            return self.resources[logical_id]
        right = did_you_mean(logical_id, self.resources)
        raise UsageError(f"Stack {self.name!r} has no resource {shown(logical_id)}.", right=right)

    def __contains__(self, logical_id: object) -> bool:
        return logical_id in self.resources or logical_id in self.parameters
