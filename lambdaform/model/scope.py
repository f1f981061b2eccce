"""A scope: where a component adds its resources, a whole stack or a named part of one.

A component is a plain function or class that takes a `Scope` and adds to it. The names that it gives are its own:
the scope puts its prefix before each, so that a component can be used several times in one stack.

Source: AWS CloudFormation User Guide, "Template sections"; the idea of a prefix: AWS CDK, "Constructs".
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, overload

from attrs import field

from lambdaform.errors import DefinitionError
from lambdaform.model.arguments import checked
from lambdaform.model.constraints import Matching
from lambdaform.model.definition import frozen
from lambdaform.model.references import Condition, Ref, from_troposphere
from lambdaform.model.resource import LogicalId, Resource, Tags
from lambdaform.model.sections import Assertion, Output, Parameter, ParameterRule
from lambdaform.model.shape import Problem, Shape, report
from lambdaform.model.troposphere_resource import (
    TroposphereObject,
    TroposphereResource,
    adopt,
    is_troposphere,
)
from lambdaform.origin import Origin, here

if TYPE_CHECKING:
    from lambdaform.model.cloudformation import NestedStack
    from lambdaform.model.stack import Stack

R = TypeVar("R", bound=Resource)

_LONGEST_ID = 255
ScopeName = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9]{1,64}",
        "A scope's name is the beginning of logical ids: letters and digits, at most 64.",
    ),
]


@frozen
class ScopeHead(Shape):
    """What is said of a scope as a whole."""

    TITLE: ClassVar[str | None] = "Scope"

    name: ScopeName
    tags: Tags | None = field(default=None, kw_only=True)


class Scope:
    """A part of a stack whose names have a prefix; a `Stack` itself is the scope without one.

    ::

        def order_queue(scope: Scope) -> Queue:
            return scope.add(Queue("Queue"))


        queue = order_queue(stack.scope("Orders", tags={"team": "sales"}))  # OrdersQueue

    What ``add`` gives back is what is in the stack, under its whole name: references are made from that.
    """

    def __init__(self, outer: Scope, head: ScopeHead) -> None:
        self._outer = outer
        self._head = head

    @property
    def stack(self) -> Stack:
        """The stack that the scope is a part of."""
        return self._outer.stack

    @property
    def prefix(self) -> str:
        """What stands before every name."""
        return self._outer.prefix + self._head.name

    @property
    def scope_tags(self) -> Mapping[str, str | Ref[str]]:
        """The tags for what is added here, beside the stack's own."""
        return {**self._outer.scope_tags, **(self._head.tags or {})}

    def scope(self, name: str, *, tags: Mapping[str, str | Ref[str]] | None = None) -> Scope:
        """A part of this scope: its name stands before every name in it; its tags go to every resource in it."""
        return Scope(self, ScopeHead(name, tags=tags))

    def logical_id(self, name: str) -> str:
        """The whole name of what is called ``name`` in this scope, as `ref` and `get_att` want it."""
        if not isinstance(name, str):
            return name  # its field refuses it
        return self.prefix + name

    @overload
    def add(self, resource: R) -> R: ...

    @overload
    def add(self, resource: TroposphereObject) -> TroposphereResource: ...

    def add(self, resource: Resource | TroposphereObject) -> Resource:
        """Take a resource into the stack, and give back what is there now: in a scope, under its whole name.

        A resource of troposphere's comes back as one of ours: ``vpc = stack.add(ec2.VPC("Vpc", CidrBlock=...))``
        has ``vpc.ref`` and ``vpc.attr("CidrBlock")``. Raises `DefinitionError` where the logical id is taken
        already.
        """
        if is_troposphere(resource):
            resource = adopt(resource, here())
        if not isinstance(resource, Resource):
            origin = here()
            raise DefinitionError(
                f"Stack {self.stack.name!r}: add() was given {type(resource).__name__}.",
                right="It takes a resource, such as Function(...) or Queue(...), or one of troposphere's.",
                where=origin.locate() if origin else None,
                rule="LF100",
            )
        resource = self._named(resource)
        self._claim(resource.logical_id, resource.origin)
        self.stack.resources[resource.logical_id] = resource
        return resource

    def nest(
        self,
        logical_id: str,
        child: Stack,
        *,
        parameters: Mapping[str, Any] | None = None,
        timeout_in_minutes: int | None = None,
        notification_arns: Sequence[str | Ref[str]] | None = None,
        tags: Mapping[str, str | Ref[str]] | None = None,
        condition: Condition | str | None = None,
        depends_on: Resource | str | Sequence[Resource | str] = (),
        deletion_policy: str | None = None,
        update_replace_policy: str | None = None,
    ) -> NestedStack:
        """A stack within this one: ``nested.output("TableArn")`` is what the child gives out under that name.

        Raises `DefinitionError` where the child holds this stack itself.
        """
        from lambdaform.model.cloudformation import NestedStack
        from lambdaform.model.stack import Stack

        if not isinstance(child, Stack):
            origin = here()
            raise DefinitionError(
                f"Stack {self.stack.name!r}: nest() was given {type(child).__name__}.",
                right='It takes a stack: stack.nest("Storage", Stack("storage")).',
                where=origin.locate() if origin else None,
            )
        nested = self.add(
            NestedStack(
                logical_id,
                template_url=f"{child.name}.template.yaml",
                parameters=parameters and {name: _as_text(value) for name, value in parameters.items()},
                timeout_in_minutes=timeout_in_minutes,
                notification_arns=notification_arns,
                tags=tags,
                condition=condition,
                depends_on=depends_on,
                deletion_policy=deletion_policy,  # type: ignore[arg-type]  # the field checks it
                update_replace_policy=update_replace_policy,  # type: ignore[arg-type]  # the field checks it
            )
        )
        if any(each is self.stack for each in (child, *child.descendants())):
            what = f"Stack {self.stack.name!r} is nested in itself."
            report(Problem("LF202", what, "Nest another stack.", nested.origin))
            return nested
        self.stack.children[nested.logical_id] = child
        return nested

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
            self.logical_id(logical_id),
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
        self._claim(parameter.logical_id, parameter.origin)
        self.stack.parameters[parameter.logical_id] = parameter
        return parameter

    def rule(
        self, logical_id: str, *assertions: Assertion, condition: Ref[bool] | None = None
    ) -> ParameterRule:
        """A rule on the parameters' values; with a ``condition``, only where that holds."""
        rule = ParameterRule(self.logical_id(logical_id), assertions=assertions, rule_condition=condition)
        self._claim_in("rule", self.stack.rules, rule.logical_id, rule.origin)
        self.stack.rules[rule.logical_id] = rule
        return rule

    @checked
    def condition(self, name: LogicalId, expression: Ref[bool]) -> Condition:
        """A named condition, for ``condition=`` on a resource and for `if_`."""
        condition = Condition(self.logical_id(name), from_troposphere(expression))
        self._claim_in("condition", self.stack.conditions, condition.name, condition.origin)
        self.stack.conditions[condition.name] = condition
        return condition

    @checked
    def mapping(self, name: LogicalId, table: Mapping[str, Mapping[str, Any]]) -> str:
        """A two-level table to look values up in with `find_in_map`, which takes the name that this gives back."""
        name = self.logical_id(name)
        self._claim_in("mapping", self.stack.mappings, name, here())
        self.stack.mappings[name] = table
        return name

    @checked
    def for_each(
        self,
        name: LogicalId,
        identifier: LogicalId,
        collection: Sequence[str] | Ref[Any],
        body: Mapping[str, Resource | Mapping[str, Any]],
    ) -> None:
        """A loop that CloudFormation runs: each resource of ``body`` once for each value of ``collection``.

        ``${Identifier}`` in the body's keys becomes the value; inside the resources ``ref(identifier)`` and `sub`
        stand for it. Where the values are known in Python, a plain loop over ``stack.add`` reads better and is
        checked better.
        """
        named = {
            self.logical_id(key): self._named(each) if isinstance(each, Resource) else each
            for key, each in body.items()
        }
        self.stack.loops[f"Fn::ForEach::{self.logical_id(name)}"] = [identifier, collection, named]

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
        output = Output(
            self.logical_id(logical_id), value, description=description, export=export, condition=condition
        )
        self._claim_in("output", self.stack.outputs, output.logical_id, output.origin)
        self.stack.outputs[output.logical_id] = output
        return output

    def _named(self, resource: R) -> R:
        """The resource under its whole name, with the scope's tags; the one that was given stays as it is."""
        if not self.prefix:
            return resource
        named = copy.copy(resource)
        object.__setattr__(named, "logical_id", self.logical_id(resource.logical_id))
        if len(named.logical_id) > _LONGEST_ID:
            what = f"The logical id {named.logical_id[:40]}… has {len(named.logical_id)} characters."
            right = f"A logical id has at most {_LONGEST_ID}: shorten the names of its scopes."
            report(Problem("LF102", what, right, resource.origin))
        if self.scope_tags:
            self.stack.tags_of[named.logical_id] = self.scope_tags
        return named

    def _claim_in(self, kind: str, section: Mapping[str, object], name: str, origin: Origin | None) -> None:
        """Report a second condition, mapping, rule or output of one name, which would take the first one's place."""
        if name in section:
            what = f"Stack {self.stack.name!r}: the {kind} {name!r} is there already."
            report(Problem("LF200", what, f"Each {kind} of a stack needs a name of its own.", origin))

    def _claim(self, logical_id: str, origin: Origin | None) -> None:
        taken = self.stack.resources.get(logical_id) or self.stack.parameters.get(logical_id)
        if taken is None:
            return
        first = taken.origin.locate() if taken.origin else None
        report(
            Problem(
                "LF200",
                f"Stack {self.stack.name!r}: the logical id {logical_id!r} is taken"
                + (f" (at {first})." if first else "."),
                "Each resource and parameter of a stack needs a logical id of its own.",
                origin,
            )
        )


def _as_text(value: Any) -> Any:
    """A number or a truth value as CloudFormation passes it to a nested stack: as text. Anything else as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
