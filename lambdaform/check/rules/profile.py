"""LF70x: a stack of an older profile has only what Lambda had then, within the limits of that time.

Objects are checked by today's limits when they are made, for they do not know their stack; here those of a stack
with another profile are checked again. What was right then and no longer is (``python2.7``) is no finding: the
rules that go by the date take the profile's.

Source: ``schemas/features.json`` and ``schemas/quotas/``, each entry with its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import behind, items, problem_at, shapes_in
from lambdaform.facts.quotas import quotas
from lambdaform.facts.runtimes import Runtime, runtimes
from lambdaform.model.event import Event
from lambdaform.model.function import FunctionSettings
from lambdaform.model.layer import Layer
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

if TYPE_CHECKING:
    from lambdaform.facts.features import Feature

_CURRENT = "current"


def _parts(stack: Stack) -> Iterator[Resource]:
    yield from stack.globals.values()
    yield from stack.resources.values()


def _dated(stack: Stack) -> Iterator[tuple[Shape, str, str]]:
    """Each resource and event, its type, and how it is called in a sentence."""
    for resource in _parts(stack):
        title = repr(resource.logical_id)
        yield resource, resource.aws_type, title
        for event in shapes_in(resource, Event):
            yield event, event.event_type, f"An event of {title}"


@rule(
    "LF701",
    "not-yet-there",
    Level.ERROR,
    demand="A stack uses only what Lambda had on the date of the stack's profile.",
    source="AWS Lambda Developer Guide, lambda-releases",
)
def not_yet_there(stack: Stack) -> Iterator[Problem]:
    """Resources, events and properties that came later."""
    if stack.profile == _CURRENT:
        return
    from lambdaform.facts.features import newer_than

    newer = newer_than(quotas(stack.profile).as_of)
    for shape, kind, title in _dated(stack):
        for feature in newer:
            if kind in feature.on and _shows(stack, feature, shape):
                when = "by" if feature.at_the_latest else "on"
                yield problem_at(
                    shape,
                    "LF701",
                    f"{title} uses {feature.name}, which came {when} {feature.since} ({feature.source}).",
                    f"The stack has the profile {stack.profile}: do without, or give it a later profile.",
                    *feature.path[:1],
                )


def _shows(stack: Stack, feature: Feature, shape: Shape) -> bool:
    if not feature.path:
        return True
    value = prop(shape, *feature.path)
    if value is None:
        return False
    if feature.source_is_fifo:
        queue = behind(stack, value)
        return prop(queue, "FifoQueue") is True or str(prop(queue, "QueueName")).endswith(".fifo")
    if feature.above is not None:
        return isinstance(value, int | float) and value > feature.above
    return not feature.values or any(each in feature.values for each in items(value))


@rule(
    "LF702",
    "runtime-not-yet-there",
    Level.ERROR,
    demand="A function's runtime existed on the date of the stack's profile.",
    source="AWS Lambda Developer Guide, lambda-releases; deck section B1",
)
def runtime_not_yet_there(stack: Stack) -> Iterator[Problem]:
    """Runtimes that came later."""
    if stack.profile == _CURRENT:
        return
    from lambdaform.facts.features import runtime_since

    there = runtimes(stack.profile)
    found: list[tuple[Any, tuple[int, ...]]]
    for resource in _parts(stack):
        if isinstance(resource, FunctionSettings):
            field, found = "runtime", [(resource.runtime, ())]
        elif isinstance(resource, Layer):
            field = "compatible_runtimes"
            found = [(each, (index,)) for index, each in enumerate(items(resource.compatible_runtimes))]
        else:
            continue
        for value, inside in found:
            if isinstance(value, Runtime) and value not in there:
                since = runtime_since(value.value)
                came = f"came on {since}" if since else "came later"
                yield resource.problem(
                    "LF702",
                    f"{resource.logical_id!r} names the runtime {value.value}, which {came}.",
                    f"The stack has the profile {stack.profile}, which has {', '.join(sorted(there))}.",
                    field,
                    *inside,
                )


@rule(
    "LF703",
    "limit-of-the-profile",
    Level.ERROR,
    demand="A value keeps the limits of the stack's profile.",
    source="schemas/quotas, each entry with its source",
)
def limit_of_the_profile(stack: Stack) -> Iterator[Problem]:
    """Values that today's limits allow and the profile's do not."""
    if stack.profile == _CURRENT:
        return
    from lambdaform.facts.features import newer_than
    from lambdaform.model.limits import over_limits

    limits = quotas(stack.profile)
    newer = newer_than(limits.as_of)
    for resource in _parts(stack):
        told = {
            feature.path[0]
            for feature in newer
            if feature.path and resource.aws_type in feature.on and _shows(stack, feature, resource)
        }
        for excess in over_limits(resource, limits, without=told):
            name = excess.field
            place = name + "".join(f"[{step!r}]" for step in excess.inside)
            yield excess.shape.problem(
                "LF703",
                f"{resource.logical_id!r}: {place} {excess.what}, which the profile {stack.profile} does not allow.",
                excess.right,
                name,
                *excess.inside,
            )
