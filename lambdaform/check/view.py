"""What several rules ask of a stack: its functions, a setting with SAM's Globals, the resource behind a value.

A check looks over the stack once (`index.py`), and the questions here are answered from that. A rule that asks them
instead of walking by itself costs what it finds, however many rules there are:

- ``of_type(stack, Function)`` and ``of_aws_type(stack, "AWS::IAM::Role")``: the resources of a class, of a type;
- ``functions_with(stack, "snap_start")``: the functions that have a setting;
- ``parts(stack, Statement)``: every object of a class, however deep, with its resource;
- ``uses(stack)``: every reference, with its owner and property;
- ``@per_check`` over a function ``f(stack, ...)`` of one's own keeps its answers while a check is under way, such as
  what a role grants; it may then be called for each function and by each rule;
- ``kept(stack, key, make)`` does so by a key, for what many resources have in common.

No loop over all resources belongs into a loop over resources: cost must stay linear
(`tests/check/test_cost.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeGuard, TypeVar, cast

from lambdaform.check.index import Use, index_of, per_check
from lambdaform.model.event import FunctionEvent
from lambdaform.model.function import Environment, Function, FunctionSettings
from lambdaform.model.globals import setting_of, shared_with
from lambdaform.model.references import GetAtt, If, LogicalRef, Ref, Sub
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop, slots_of
from lambdaform.model.stack import Stack

R = TypeVar("R", bound=Resource)
S = TypeVar("S", bound=Shape)

_WHOLE_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")


def as_of(stack: Stack) -> date:
    """The day by which a stack is judged: today, or the date of the profile that it asks for."""
    if stack.profile == "current":
        return date.today()
    from lambdaform.facts.quotas import quotas

    return quotas(stack.profile).as_of


def of_type(stack: Stack, cls: type[R]) -> Sequence[R]:
    """The stack's resources of a class."""
    return cast("Sequence[R]", index_of(stack).of_class(cls))


def of_aws_type(stack: Stack, *aws_types: str) -> Iterator[Resource]:
    """The stack's resources of these CloudFormation types, whichever class they have."""
    by_type = index_of(stack).by_type
    for aws_type in aws_types:
        yield from by_type.get(aws_type, ())


def functions(stack: Stack) -> Sequence[FunctionSettings]:
    """The stack's functions, SAM's and CloudFormation's."""
    return of_type(stack, FunctionSettings)


@per_check
def events(stack: Stack) -> Iterable[tuple[Function, str, FunctionEvent]]:
    """The events of the stack's SAM functions: the function, the event's name, the event."""
    for function in of_type(stack, Function):
        if isinstance(function.events, Mapping):
            for name, event in function.events.items():
                if isinstance(event, FunctionEvent):
                    yield function, name, event


@per_check
def functions_with(stack: Stack, name: str) -> Sequence[FunctionSettings]:
    """The functions that have a setting, of their own or from Globals."""
    if stack.globals:
        return [each for each in functions(stack) if setting(stack, each, name) is not None]
    return [each for each in functions(stack) if getattr(each, name, None) is not None]


@per_check
def environments(stack: Stack) -> Iterable[tuple[FunctionSettings, Environment]]:
    """Each set of environment variables, as it is written, with the first function that has it."""
    told: set[int] = set()
    for function in functions(stack):
        for _, environment in written(stack, function, "environment"):
            if isinstance(environment, Environment) and id(environment) not in told:
                told.add(id(environment))
                yield function, environment


def parts(stack: Stack, cls: type[S]) -> Sequence[tuple[Resource, S]]:
    """Every object of a class in the properties of resources and globals, however deep, with its resource."""
    return cast("Sequence[tuple[Resource, S]]", index_of(stack).parts_of_class(cls))


def uses(stack: Stack) -> Sequence[Use]:
    """Every reference in the resources and outputs, also inside another, with its owner and property."""
    return index_of(stack).uses


def setting(stack: Stack, function: FunctionSettings, name: str) -> Any:
    """A function's setting as SAM sees it: its own, and with it what Globals give."""
    return _setting(stack, function, name) if stack.globals else getattr(function, name, None)


@per_check
def _setting(stack: Stack, function: FunctionSettings, name: str) -> Any:
    return setting_of(stack, function, name)


def written(stack: Stack, function: FunctionSettings, name: str) -> Iterator[tuple[Resource, Any]]:
    """Where a function's setting is written: the Globals and the function, as far as they have it, with what is there."""
    given, own = shared_with(stack, function, name), getattr(function, name, None)
    if given is not None:
        yield stack.globals["Function"], given
    if own is not None:
        yield function, own


def has_raw(stack: Stack, function: FunctionSettings, aws_name: str) -> bool:
    """Whether a property is given raw, so that rules about its absence do not apply."""
    shared = stack.globals.get("Function") if isinstance(function, Function) else None
    return aws_name in function.raw or (shared is not None and aws_name in shared.raw)


def behind(stack: Stack, value: Any) -> Resource | None:
    """The resource of this stack that a value refers to as a whole; None where that is not plain to see."""
    # By the class itself: an `isinstance` that fails on a reference takes ten times as long.
    cls = type(value)
    if cls is LogicalRef:
        return stack.resources.get(value.logical_id.partition(".")[0])
    if cls is GetAtt:
        return stack.resources.get(value.logical_id)
    if cls is Sub and (whole := _WHOLE_PLACEHOLDER.fullmatch(value.text)):
        return stack.resources.get(whole[1])
    return None


#: Types of which an attribute may be anything: what stacks and custom resources put out, what a parameter holds.
_PASS_ON = (
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Stack",
    "AWS::SSM::Parameter",
    "AWS::Serverless::Application",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
)


def none_of(resource: Resource | None, *aws_types: str) -> TypeGuard[Resource]:
    """Whether there is a resource and it is plainly of none of the types, nor of one that may pass one of them on."""
    return (
        resource is not None
        and resource.aws_type.startswith("AWS::")
        and resource.aws_type not in (*aws_types, *_PASS_ON)
    )


def dead_letters(stack: Stack, function: FunctionSettings) -> Any:
    """The ARN to which a function's failed asynchronous events go, that of the Globals included."""
    return function.dead_letter_target or prop(setting(stack, function, "dead_letter_queue"), "TargetArn")


def known(value: Any) -> bool:
    """Whether a value is there and can be told before deployment."""
    return value is not None and not isinstance(value, Ref)


def problem_at(
    shape: Shape, rule: str, what: str, right: str, aws_name: str | None = None, *inside: str | int
) -> Problem:
    """A problem at the property with this AWS name, wherever the object was written."""
    for slot in slots_of(type(shape)):
        if slot.aws_name == aws_name:
            return shape.problem(rule, what, right, slot.name, *inside)
    return Problem(rule, what, right, shape.origin, (aws_name,) if aws_name else (), inside)


def from_elsewhere(shape: Shape) -> bool:
    """Whether ``Fn::If``, ``Fn::Transform`` or the like gives properties of an object, which cannot be told."""
    return any(name.startswith("Fn::") for name in shape.raw)


def whole_number(value: Any) -> int | None:
    """A number that is plain to see; None for a reference, for True and for what is not there."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def items(value: Any) -> Sequence[Any]:
    """The items of a list; of a single value, itself; nothing where there is none or it cannot be told."""
    if isinstance(value, list | tuple):
        return value
    return () if value is None or isinstance(value, Ref) else (value,)


def shapes_in(value: Any, cls: type[S]) -> Iterator[S]:
    """Every object of a class in a value, however deep."""
    if isinstance(value, cls):
        yield value
    if isinstance(value, Shape):
        for _, item in value.property_values():
            yield from shapes_in(item, cls)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from shapes_in(item, cls)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from shapes_in(item, cls)
    elif isinstance(value, If):
        yield from shapes_in(value.then, cls)
        yield from shapes_in(value.otherwise, cls)


def text_of(value: Any) -> str | None:
    """A text as it stands, or that of ``Fn::Sub`` with its placeholders; None where it cannot be told."""
    if isinstance(value, Sub):
        return value.text
    return value if isinstance(value, str) else None


def function_behind(stack: Stack, value: Any) -> FunctionSettings | None:
    """The function that a value stands for, also where it names one of its aliases or versions."""
    for _ in range(3):
        found = behind(stack, value)
        if isinstance(found, FunctionSettings):
            return found
        if found is None or found.aws_type not in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
            return None
        value = prop(found, "FunctionName")
    return None
