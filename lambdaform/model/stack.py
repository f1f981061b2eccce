"""The stack: the one value that a Lambda application is.

Source: AWS CloudFormation User Guide, "Template sections".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Concatenate, Literal, ParamSpec, TypeVar

from attrs import define, field

from lambdaform.errors import DefinitionError, UsageError
from lambdaform.model.constraints import Matching
from lambdaform.model.definition import frozen
from lambdaform.model.globals import make_globals, section_of
from lambdaform.model.references import Condition, LogicalRef, Ref, from_troposphere
from lambdaform.model.resource import LogicalId, Resource, Tags, condition_name
from lambdaform.model.shape import Problem, Shape, report
from lambdaform.model.troposphere_resource import adopt, is_troposphere
from lambdaform.origin import Origin, here
from lambdaform.suggest import did_you_mean

R = TypeVar("R", bound=Resource)
P = ParamSpec("P")
_SECTION = {"property": False}


_AWS_TYPE = r"AWS::[A-Za-z0-9]+(::[A-Za-z0-9]+)+(<[A-Za-z0-9:<>]+>)?"
ParameterType = Annotated[
    str,
    Matching(
        rf"String|Number|CommaDelimitedList|{_AWS_TYPE}|List<(Number|String|{_AWS_TYPE})>",
        "A type is String, Number, List<Number>, CommaDelimitedList, or one of AWS's, such as "
        "AWS::EC2::VPC::Id or AWS::SSM::Parameter::Value<String>.",
    ),
]


@frozen
class Parameter(Shape):
    """A value that is given when the stack is deployed. ``parameter.ref`` stands for it."""

    logical_id: LogicalId = field(metadata=_SECTION)
    type: ParameterType = "String"
    default: str | int | float | bool | Sequence[Any] | None = field(default=None, kw_only=True)
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
    value: str | int | float | bool | Mapping[str, Any] | Sequence[Any] | Ref[Any] = field(
        metadata={"shorthand": "a reference, such as queue.arn, or plain data"}
    )
    description: str | None = field(default=None, kw_only=True)
    export: str | Ref[str] | None = field(default=None, kw_only=True, metadata=_SECTION)
    condition: str | None = field(default=None, kw_only=True, converter=condition_name)


@frozen
class Assertion(Shape):
    """What must hold of the parameters' values, and what to tell whoever gave others."""

    condition: Ref[bool] = field(metadata={"aws_name": "Assert"})
    description: str | None = field(default=None, metadata={"aws_name": "AssertDescription"})


@frozen
class ParameterRule(Shape):
    """A rule on the parameters' values, checked before anything is deployed."""

    logical_id: LogicalId = field(metadata=_SECTION)
    rule_condition: Ref[bool] | None = field(default=None, kw_only=True)
    assertions: Sequence[Assertion] = field(kw_only=True)


StackName = Annotated[
    str,
    Matching(
        r"[A-Za-z][A-Za-z0-9-]{0,127}",
        "A stack name starts with a letter and has letters, digits and hyphens, at most 128.",
    ),
]


#: The key of a template's or resource's metadata under which lambdaform keeps what templates have no place for.
OWN_METADATA = "lambdaform"


@frozen
class StackHead(Shape):
    """What is said of a stack as a whole."""

    TITLE: ClassVar[str | None] = "Stack"

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
    rules: dict[str, ParameterRule]
    #: ``Fn::ForEach`` loops among the resources: identifier, collection, and what is repeated.
    loops: dict[str, Any]
    #: ``Fn::ForEach`` loops among the outputs, as they were written.
    output_loops: dict[str, Any]
    #: Sections that have no form of their own here (``Hooks``), as they were written.
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
        self.rules = {}
        self.loops = {}
        self.output_loops = {}
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
        return self.head.profile or "current"

    def add(self, resource: R) -> R:
        """Take a resource into the stack, and give it back.

        A resource of troposphere's comes back as one of ours: ``vpc = stack.add(ec2.VPC("Vpc", CidrBlock=...))``
        has ``vpc.ref`` and ``vpc.attr("CidrBlock")``. Raises `DefinitionError` where the logical id is taken
        already.
        """
        if is_troposphere(resource):
            resource = adopt(resource, here())  # type: ignore[assignment]  # troposphere has no types
        if not isinstance(resource, Resource):
            origin = here()
            raise DefinitionError(
                f"Stack {self.name!r}: add() was given {type(resource).__name__}.",
                right="It takes a resource, such as Function(...) or Queue(...), or one of troposphere's.",
                where=origin.locate() if origin else None,
            )
        self._claim(resource.logical_id, resource.origin)
        self.resources[resource.logical_id] = resource
        return resource

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

    def parameter(
        self,
        logical_id: str,
        type: str = "String",  # noqa: A002 - AWS's name
        *,
        default: str | float | None = None,
        description: str | None = None,
        allowed_values: Sequence[str | float] | None = None,
        allowed_pattern: str | None = None,
        constraint_description: str | None = None,
        min_length: int | None = None,
        max_length: int | None = None,
        min_value: float | None = None,
        max_value: float | None = None,
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
            constraint_description=constraint_description,
            min_length=min_length,
            max_length=max_length,
            min_value=min_value,
            max_value=max_value,
            no_echo=no_echo,
        )
        self._claim(logical_id, parameter.origin)
        self.parameters[logical_id] = parameter
        return parameter

    def rule(
        self, logical_id: str, *assertions: Assertion, condition: Ref[bool] | None = None
    ) -> ParameterRule:
        """A rule on the parameters' values; with a ``condition``, only where that holds."""
        rule = ParameterRule(logical_id, assertions=assertions, rule_condition=condition)
        self._claim_in("rule", self.rules, logical_id, rule.origin)
        self.rules[logical_id] = rule
        return rule

    def condition(self, name: str, expression: Ref[bool]) -> Condition:
        """A named condition, for ``condition=`` on a resource and for `if_`."""
        condition = Condition(name, from_troposphere(expression))
        self._claim_in("condition", self.conditions, name, condition.origin)
        self.conditions[name] = condition
        return condition

    def mapping(self, name: str, table: Mapping[str, Mapping[str, Any]]) -> None:
        """A two-level table to look values up in with `find_in_map`."""
        self._claim_in("mapping", self.mappings, name, here())
        self.mappings[name] = table

    def transform(self, name: str, **parameters: object) -> None:
        """A macro that rewrites the whole template at deployment; several run in the order in which they are named.

        SAM's own transform and AWS::LanguageExtensions are named where something needs them.
        """
        macro = {"Name": name, "Parameters": parameters} if parameters else name
        self.transforms = (*self.transforms, macro)

    def for_each(
        self,
        name: str,
        identifier: str,
        collection: Sequence[str] | Ref[Any],
        body: Mapping[str, Resource | Mapping[str, Any]],
    ) -> None:
        """A loop that CloudFormation runs: each resource of ``body`` once for each value of ``collection``.

        ``${Identifier}`` in the body's keys becomes the value; inside the resources ``ref(identifier)`` and `sub`
        stand for it. Where the values are known in Python, a plain loop over ``stack.add`` reads better and is
        checked better.
        """
        self.loops[f"Fn::ForEach::{name}"] = [identifier, collection, dict(body)]

    def output(
        self,
        logical_id: str,
        value: Any,
        *,
        description: str | None = None,
        export: str | Ref[str] | None = None,
        condition: Condition | str | None = None,
    ) -> Output:
        """A value to show after deployment, and to export under the name ``export``."""
        output = Output(logical_id, value, description=description, export=export, condition=condition)
        self._claim_in("output", self.outputs, logical_id, output.origin)
        self.outputs[logical_id] = output
        return output

    def resource(self, logical_id: str) -> Resource:
        """The resource with this logical id. Raises `UsageError`, with the nearest name, where there is none."""
        if logical_id in self.resources:
            return self.resources[logical_id]
        right = did_you_mean(logical_id, self.resources)
        raise UsageError(f"Stack {self.name!r} has no resource {logical_id!r}.", right=right)

    def __contains__(self, logical_id: object) -> bool:
        return logical_id in self.resources or logical_id in self.parameters

    def _claim_in(self, kind: str, section: Mapping[str, object], name: str, origin: Origin | None) -> None:
        """Report a second condition, mapping, rule or output of one name, which would take the first one's place."""
        if name in section:
            what = f"Stack {self.name!r}: the {kind} {name!r} is there already."
            report(Problem("LF200", what, f"Each {kind} of a stack needs a name of its own.", origin))

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
