"""From a place in a stack's template, or in what SAM makes of it, back to where the user wrote that.

A path leads through the template; the same way leads through the stack's objects, each of which knows its place. What
SAM has made (``FnRole`` of ``Fn``) belongs to the resource from which it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from lambdaform.lint.remark import Path
from lambdaform.model.event import Event
from lambdaform.model.references import Condition
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, slots_of
from lambdaform.model.stack import Stack
from lambdaform.origin import Location


@frozen
class Place:
    """Where something was written, and the logical id of the resource that it belongs to.

    ``exact``: the property itself, not only what it is in. ``generated``: it is in a resource that SAM has made.
    ``around``: where what it is in was written, as far as the resource's own property.
    """

    location: Location | None
    owner: str | None = None
    exact: bool = False
    generated: bool = False
    around: tuple[Location | None, ...] = ()


def place_of(stack: Stack, path: Path) -> Place:
    """The place of a path of the stack's template, as written or expanded."""
    match path:
        case ("Resources", str() as logical_id, *rest):
            return _in_resource(stack, logical_id, tuple(rest))
        case ("Parameters" | "Outputs" | "Rules" as section, str() as name, *rest):
            shape = getattr(stack, section.lower()).get(name)
            if shape is not None:
                location, exact = _inside(shape, tuple(rest))
                return Place(location, None, exact)
        case ("Conditions", str() as name, *_) if isinstance(stack.conditions.get(name), Condition):
            origin = stack.conditions[name].origin
            return Place(origin.locate() if origin else None)
    names = tuple(str(step) for step in path[:1])
    return Place(stack.origin.locate(names, path[1:]) if stack.origin else None)


def _in_resource(stack: Stack, logical_id: str, rest: Path) -> Place:
    resource = stack.resources.get(logical_id)
    if resource is not None:
        location, exact = _inside(resource, rest)
        around = tuple(_inside(resource, rest[:end])[0] for end in range(2, len(rest)))
        return Place(location, logical_id, exact, around=around)
    owner = _maker(stack, logical_id)
    if owner is None:
        return Place(stack.origin.locate() if stack.origin else None)
    events = getattr(owner, "events", None)
    made_of = logical_id[len(owner.logical_id) :]
    for name, event in events.items() if isinstance(events, Mapping) else ():
        if made_of.startswith(name) and isinstance(event, Shape):
            return Place(Problem("", "", "", event.origin).location, owner.logical_id, generated=True)
    # SAM puts some properties of the function into what it makes: Policies into the role, Events into mappings.
    location, _ = _inside(owner, rest[:2])
    return Place(location, owner.logical_id, generated=True)


def _maker(stack: Stack, logical_id: str) -> Resource | None:
    """The SAM resource from which a resource was made: SAM puts something behind its logical id."""
    makers = [
        each
        for each in stack.resources.values()
        if each.aws_type.startswith("AWS::Serverless::") and logical_id.startswith(each.logical_id)
    ]
    return max(makers, key=lambda each: len(each.logical_id), default=None)


def _inside(shape: Shape, path: Path) -> tuple[Location | None, bool]:
    """The place that a path leads to within an object, and whether it leads to the last step of it."""
    names: tuple[str, ...] = ()
    inside: list[str | int] = []
    value: Any = shape
    left = list(path)
    while left:
        step = left[0]
        if isinstance(value, Resource | Event) and step in ("Properties", "Type"):
            left.pop(0)
            continue
        if isinstance(value, Shape):
            found = _property(value, step)
            if found is None:
                break
            shape, names, inside = value, found[0], []
            value = found[1]
        elif _holds(value, step):
            inside.append(step)
            value = value[step]
        else:
            # A reference, or a form that Python has for what is another in the template; a template has the steps.
            inside.extend(left)
            left = []
            break
        left.pop(0)
        if isinstance(value, Shape) and left:
            shape, names, inside = value, (), []
    return Problem("", "", "", shape.origin, names, tuple(inside)).location, not left


def _property(shape: Shape, step: str | int) -> tuple[tuple[str, ...], Any] | None:
    """The words for a property or attribute of an object, and its value."""
    for slot in slots_of(type(shape)):
        if step in (slot.aws_name, *slot.aliases):
            value = getattr(shape, slot.name)
            if value is not None:
                return shape.names_of(slot.name), value
    if step in shape.raw:
        return (str(step), "raw"), shape.raw[str(step)]
    return None


def _holds(value: Any, step: str | int) -> bool:
    """Whether plain data has something under this key or index."""
    if isinstance(value, Mapping):
        return step in value
    return isinstance(value, list | tuple) and isinstance(step, int) and step < len(value)
