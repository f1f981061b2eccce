"""LF26x: what crosses the borders of a stack: nested stacks, and the other stacks of its app."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sized
from typing import Any

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import uses
from lambdaform.model.crossing import exports, family, home_of, imports_among, needs
from lambdaform.model.references import GetAtt, Imported, LogicalRef, Ref, Sub, references_in
from lambdaform.model.resource import Resource
from lambdaform.model.sections import Output
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack
from lambdaform.suggest import did_you_mean

#: The transforms that leave a template's outputs as they are.
_KEEPING = ("AWS::Serverless-2016-10-31", "AWS::LanguageExtensions")
_EXPORTS = "AWS CloudFormation User Guide, using-cfn-stack-exports"
_NESTED = "AWS CloudFormation User Guide, using-cfn-nested-stacks"


@rule(
    "LF260",
    "another-stacks-resource",
    Level.ERROR,
    demand="A resource is referred to in its own stack only; others get its outputs, or it as a parameter.",
    source=f"{_EXPORTS}; {_NESTED}",
)
def another_stacks_resource(stack: Stack) -> Iterator[Problem]:
    """References to a resource or parameter of another stack, which a template cannot make."""
    if not stack.app and not stack.children:
        return
    for title, owner, _, ref in uses(stack):
        if not isinstance(ref, LogicalRef | GetAtt) or ref.target is None:
            continue
        own = stack.resources.get(ref.logical_id) or stack.parameters.get(ref.logical_id)
        home = None if own is ref.target else home_of(stack, ref.target)
        if home is not None:
            what = f"{title} refers to {ref.logical_id!r}, which is in the stack {home.name!r}."
            yield Problem("LF260", what, _way(stack, home, ref), ref.origin or owner.origin)


def _way(stack: Stack, home: Stack, ref: LogicalRef[Any] | GetAtt[Any]) -> str:
    """How a value of ``home`` gets into ``stack``, as one would write it."""
    attribute = ref.attribute if isinstance(ref, GetAtt) else None
    ending = "".join(filter(str.isalnum, attribute)) if isinstance(attribute, str) else "Ref"
    name = f"{ref.logical_id}{'Name' if ending == 'Ref' else ending}"
    value = (
        "….ref"
        if attribute is None
        else f"….{ending.lower()}"
        if ending == "Arn"
        else f"….attr({attribute!r})"
    )
    within = next((key for key, child in stack.children.items() if child is home), None)
    if within is not None:
        return f'Let {home.name} give it out: {home.name}.output("{name}", {value}); use {within}.output("{name}") here.'
    if any(child is stack for child in home.children.values()):
        return f'Give {stack.name} a parameter "{name}", and its value where it is nested: parameters={{"{name}": {value}}}.'
    if any(stack in family(root) and home in family(root) for root in stack.app or (stack,)):
        return f'Let {home.name} give it out as its output "{name}", and hand that on to {stack.name} as a parameter.'
    export = f'"{home.name}-{name}"'
    return f'Export it there: {name} = stack.output("{name}", {value}, export={export}); use {name}.imported here.'


@rule(
    "LF261",
    "import-from-nowhere",
    Level.ERROR,
    demand="An output that is imported is exported, under a plain name, by a stack of the app.",
    source=_EXPORTS,
)
def import_from_nowhere(stack: Stack) -> Iterator[Problem]:
    """Imports of an output whose stack is not in the app, so that nobody deploys it."""
    if not stack.app:
        return
    outputs = {id(output) for each in stack.app for _, output in _all_outputs(each)}
    for name, ref in _imports(stack):
        if isinstance(ref, Imported) and id(ref.output) not in outputs:
            what = f"The export {name!r} is imported, and the stack that exports it is not in the app."
            right = "Put that stack at the top level of the file, or among those that app(stage) returns."
            yield Problem("LF261", what, right, ref.origin)


def _imports(stack: Stack) -> Iterator[tuple[str | None, Ref[Any]]]:
    yield from imports_among(use.ref for use in uses(stack))
    yield from imports_among(references_in((stack.loops, stack.output_loops, stack.raw)))


def _all_outputs(stack: Stack) -> Iterator[tuple[str, Output]]:
    for each in family(stack):
        yield from each.outputs.items()


@rule(
    "LF262",
    "misspelt-import",
    Level.WARNING,
    demand="An import has the very name of its export.",
    source=_EXPORTS,
)
def misspelt_import(stack: Stack) -> Iterator[Problem]:
    """Imports of a name that is nearly one that the app exports; any other may be exported elsewhere."""
    if len(stack.app) < 2:
        return
    exported = {name for each in stack.app for name, _ in exports(each)}
    for name, ref in _imports(stack):
        if isinstance(ref, Imported):
            continue
        if name is not None and name not in exported:
            near = difflib.get_close_matches(name, exported, n=1, cutoff=0.8)
            if near:
                what = f"The export {name!r} is imported, and no stack of the app exports it."
                yield Problem("LF262", what, f"Did you mean {near[0]!r}?", ref.origin)


@rule(
    "LF263",
    "export-taken",
    Level.ERROR,
    demand="An export's name stands for one output of all stacks in an account and region.",
    source=_EXPORTS,
)
def export_taken(stack: Stack) -> Iterator[Problem]:
    """Two stacks of an app that export the same name."""
    if stack.app and stack not in stack.app:
        return  # A nested stack: its exports are looked at with those of the stack that it is in.
    first: dict[str, Stack] = {}
    for each in stack.app or (stack,):
        for name, output in exports(each):
            taken = first.setdefault(name, each)
            if each is stack and taken is not stack:
                yield output.problem(
                    "LF263",
                    f"The stack {taken.name!r} exports {name!r}, too.",
                    "Each export of an account and region needs a name of its own.",
                    "export",
                )


@rule(
    "LF264",
    "stacks-in-a-circle",
    Level.ERROR,
    demand="Stacks import from each other in one direction only.",
    source=_EXPORTS,
)
def stacks_in_a_circle(stack: Stack) -> Iterator[Problem]:
    """Stacks of which each imports from the next, so that none can be deployed first."""
    if len(stack.app) < 2:
        return
    needed = needs(stack.app)
    path = _way_back(stack.name, needed)
    if path and stack.name == next(each.name for each in stack.app if each.name in path):
        yield Problem(
            "LF264",
            f"Stacks import from each other in a circle: {' → '.join(path)}.",
            "Move what both need into a stack of its own, from which both import.",
            stack.origin,
        )


def _way_back(start: str, needed: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The shortest way from a stack over what it needs back to itself, or nothing."""
    came_from: dict[str, str] = {}
    pending = [start]
    for name in pending:
        for following in needed.get(name, ()):
            if following == start:
                way = [name]
                while way[0] != start:
                    way.insert(0, came_from[way[0]])
                return [*way, start]
            if following not in came_from:
                came_from[following] = name
                pending.append(following)
    return []


@rule(
    "LF265",
    "unknown-output",
    Level.ERROR,
    demand="What is asked of a nested stack is one of its outputs.",
    source=_NESTED,
)
def unknown_output(stack: Stack) -> Iterator[Problem]:
    """References to outputs that a nested stack does not have."""
    if not stack.children:
        return
    for title, owner, _, ref in uses(stack):
        for logical_id, attribute in _attributes(ref):
            child = stack.children.get(logical_id)
            if child is None or child.output_loops or any(each not in _KEEPING for each in child.transforms):
                continue
            origin = ref.origin or owner.origin
            name = attribute.removeprefix("Outputs.")
            if name == attribute:
                what = f"{title} asks for {attribute!r} of the nested stack {logical_id!r}."
                yield Problem(
                    "LF265", what, f"A nested stack has outputs only: {logical_id}.Outputs.….", origin
                )
            elif name not in child.outputs:
                what = f"{title} asks for the output {name!r}, which the nested stack {logical_id!r} does not have."
                right = did_you_mean(
                    name, child.outputs, f"Define it there: {child.name}.output({name!r}, …)."
                )
                yield Problem("LF265", what, right, origin)


def _attributes(ref: Ref[Any]) -> Iterator[tuple[str, str]]:
    """What a reference asks for by resource and attribute."""
    if isinstance(ref, GetAtt) and isinstance(ref.attribute, str):
        yield ref.logical_id, ref.attribute
    elif isinstance(ref, Sub):
        for name in ref.names():
            logical_id, dot, attribute = name.partition(".")
            if dot:
                yield logical_id, attribute


@rule(
    "LF266",
    "wrong-parameters",
    Level.ERROR,
    demand="A nested stack is given its own parameters, and a value for each that has no default.",
    source=_NESTED,
)
def wrong_parameters(stack: Stack) -> Iterator[Problem]:
    """Parameters that a nested stack does not have, and those without a default that it is not given."""
    for logical_id, child in stack.children.items():
        nested = stack.resources.get(logical_id)
        given = dict(nested.property_values()).get("Parameters") if nested is not None else None
        if nested is None or isinstance(given, Ref):
            continue
        names = dict(given) if isinstance(given, Mapping) else {}
        for name in names:
            if name not in child.parameters:
                what = (
                    f"Nested stack {logical_id!r} is given {name!r}, which is no parameter of {child.name!r}."
                )
                right = did_you_mean(
                    name, child.parameters, f"It has {', '.join(child.parameters) or 'none'}."
                )
                yield nested.problem("LF266", what, right, "parameters", name)
        missing = [key for key, each in child.parameters.items() if each.default is None and key not in names]
        if missing:
            what = f"Nested stack {logical_id!r} is not given {', '.join(missing)}."
            right = f'Give a value: parameters={{"{missing[0]}": …}}, or a default in {child.name!r}.'
            yield nested.problem("LF266", what, right, "parameters" if names else None)


#: More than what one resource, and one event, are counted as: a small stack needs no counting.
_MOST_OF_ONE, _MOST_OF_EVENT = 6, 2


def _events_of(resource: Resource) -> Sized:
    events = getattr(resource, "events", None)
    return events if isinstance(events, Mapping) else ()


@rule(
    "LF267",
    "expands-too-far",
    Level.WARNING,
    demand="A template has at most 500 resources once SAM has expanded it.",
    source="AWS CloudFormation User Guide, cloudformation-limits",
)
def expands_too_far(stack: Stack) -> Iterator[Problem]:
    """Stacks that SAM's transform makes larger than CloudFormation takes; ``synth`` refuses to package them."""
    events = sum(len(each) for each in map(_events_of, stack.resources.values()))
    if _MOST_OF_ONE * len(stack.resources) + _MOST_OF_EVENT * events <= 500:
        return
    from lambdaform.model.expansion import MOST_RESOURCES, TO_SPLIT, counted, least_resources, sources_of

    if len(stack.resources) > MOST_RESOURCES:
        return  # What is too large as it is written breaks rule LF602.
    owners, types = least_resources(stack)
    total = types.total()
    if total <= MOST_RESOURCES:
        return
    what = f"SAM makes at least {total:,} resources of the stack: {counted(types)}{sources_of(owners)}."
    yield Problem("LF267", what, f"CloudFormation takes at most {MOST_RESOURCES}. {TO_SPLIT}", stack.origin)
