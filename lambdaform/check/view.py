"""What several rules ask of a stack: its functions, a setting with SAM's Globals, the resource behind a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from lambdaform.model.awslambda import EventSourceMapping
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.poll_events import SqsEvent
from lambdaform.model.references import GetAtt, If, LogicalRef, Ref, Sub
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, slots_of
from lambdaform.model.stack import Stack

R = TypeVar("R", bound=Resource)
S = TypeVar("S", bound=Shape)

_WHOLE_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")


def of_type(stack: Stack, cls: type[R]) -> Iterator[R]:
    """The stack's resources of a class."""
    for each in stack.resources.values():
        if isinstance(each, cls):
            yield each


def functions(stack: Stack) -> Iterator[FunctionSettings]:
    """The stack's functions, SAM's and CloudFormation's."""
    return of_type(stack, FunctionSettings)


def setting(stack: Stack, function: FunctionSettings, name: str) -> Any:
    """A function's setting, or what Globals gives where it has none."""
    value = getattr(function, name, None)
    if value is None and isinstance(function, Function) and "Function" in stack.globals:
        return getattr(stack.globals["Function"], name, None)
    return value


def has_raw(stack: Stack, function: FunctionSettings, aws_name: str) -> bool:
    """Whether a property is given raw, so that rules about its absence do not apply."""
    shared = stack.globals.get("Function") if isinstance(function, Function) else None
    return aws_name in function.raw or (shared is not None and aws_name in shared.raw)


def behind(stack: Stack, value: Any) -> Resource | None:
    """The resource of this stack that a value refers to as a whole; None where that is not plain to see."""
    if isinstance(value, LogicalRef):
        return stack.resources.get(value.logical_id.partition(".")[0])
    if isinstance(value, GetAtt):
        return stack.resources.get(value.logical_id)
    if isinstance(value, Sub) and (whole := _WHOLE_PLACEHOLDER.fullmatch(value.text)):
        return stack.resources.get(whole[1])
    return None


def known(value: Any) -> bool:
    """Whether a value is there and can be told before deployment."""
    return value is not None and not isinstance(value, Ref)


def queue_sources(stack: Stack) -> Iterator[tuple[FunctionSettings, Shape, Any, Any]]:
    """Each poller: the function, the event or mapping, the source it names, and its batch size."""
    for function in of_type(stack, Function):
        for event in (function.events or {}).values() if not isinstance(function.events, Ref) else ():
            if isinstance(event, SqsEvent):
                yield function, event, event.queue, event.batch_size
    for mapping in of_type(stack, EventSourceMapping):
        function_of = behind(stack, mapping.function_name)
        if isinstance(function_of, FunctionSettings):
            yield function_of, mapping, mapping.event_source_arn, mapping.batch_size


def prop(value: Any, *names: str) -> Any:
    """What lies under these AWS names, one inside the other, in an object of the model or in plain data."""
    for name in names:
        if isinstance(value, Shape):
            value = dict(value.property_values()).get(name)
        elif isinstance(value, Mapping):
            value = value.get(name)
        else:
            return None
    return value


def problem_at(
    shape: Shape, rule: str, what: str, right: str, aws_name: str | None = None, *inside: str | int
) -> Problem:
    """A problem at the property with this AWS name, wherever the object was written."""
    for slot in slots_of(type(shape)):
        if slot.aws_name == aws_name:
            return shape.problem(rule, what, right, slot.name, *inside)
    return Problem(rule, what, right, shape.origin, (aws_name,) if aws_name else (), inside)


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
