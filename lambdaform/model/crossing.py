"""What crosses the borders between the stacks of an app: exports, imports, and the order in which to deploy.

An export is a name for an output that is the same for all stacks of an account and region; an import makes the
importing stack wait for the exporting one. Nested stacks export and import in the name of the stack that they are
in, for they are deployed with it.

Source: AWS CloudFormation User Guide, "Get exported outputs from a deployed CloudFormation stack".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lambdaform.model.references import Ref, is_intrinsic, references_in
from lambdaform.model.sections import Output
from lambdaform.model.stack import Stack


def family(stack: Stack) -> tuple[Stack, ...]:
    """The stack and all that is nested in it."""
    return (stack, *stack.descendants())


def home_of(stack: Stack, target: object) -> Stack | None:
    """The other stack, of the app or among the nested ones, that has this very resource or parameter."""
    if target is None or not (stack.app or stack.children):
        return None
    name = getattr(target, "logical_id", None)
    for root in stack.app or (stack,):
        for each in family(root):
            own = (each.resources.get(name), each.parameters.get(name)) if isinstance(name, str) else ()
            if each is not stack and any(thing is target for thing in own):
                return each
    return None


def exports(stack: Stack) -> Iterator[tuple[str, Output]]:
    """Each name that the stack and those nested in it export, where the name is plain text, and its output."""
    for each in family(stack):
        for output in each.outputs.values():
            if isinstance(output.export, str):
                yield output.export, output


def imports(stack: Stack) -> Iterator[tuple[str | None, Ref[Any]]]:
    """Each import of the stack alone: the name, None where only a deployment can tell, and the reference."""
    for resource in stack.resources.values():
        beside = (resource.metadata, resource.update_policy, resource.attributes)
        yield from imports_among(references_in((resource, *beside)))
    for output in stack.outputs.values():
        yield from imports_among(references_in(output))
    yield from imports_among(references_in((stack.loops, stack.output_loops, stack.raw)))


def imports_among(refs: Iterable[Ref[Any]]) -> Iterator[tuple[str | None, Ref[Any]]]:
    """Those of the references that are imports, each with its name as `imports` has it."""
    for ref in refs:
        if is_intrinsic(ref) and ref.function == "Fn::ImportValue":
            yield ref.argument if isinstance(ref.argument, str) else None, ref


def needs(stacks: Sequence[Stack]) -> dict[str, tuple[str, ...]]:
    """For each of the stacks, by name, the others whose exports it imports."""
    exporter = {name: stack.name for stack in stacks for name, _ in exports(stack)}
    if not exporter:
        return dict.fromkeys((stack.name for stack in stacks), ())
    return {
        stack.name: tuple(
            dict.fromkeys(
                exporter[name]
                for each in family(stack)
                for name, _ in imports(each)
                if name is not None and name in exporter and exporter[name] != stack.name
            )
        )
        for stack in stacks
    }


def deployment_order(stacks: Sequence[Stack]) -> list[Stack]:
    """The stacks, each after those whose exports it imports, else as they were given.

    Stacks in a circle, which no order serves (rule LF264), come as they were given.
    """
    needed = needs(stacks)
    by_name = {stack.name: stack for stack in stacks}
    done: dict[str, None] = {}
    while len(done) < len(by_name):
        ready = [name for name in by_name if name not in done and _all_in(needed[name], done)]
        done.update(dict.fromkeys(ready or [name for name in by_name if name not in done]))
    return [by_name[name] for name in done]


def _all_in(names: Iterable[str], known: Mapping[str, object]) -> bool:
    return all(name in known for name in names)
