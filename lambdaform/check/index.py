"""One look over a stack, which all rules of a check share: what it has by class and type, and every reference.

Rules ask through `view.py`. While `one_look` is under way each question is answered from what was seen once, so
that a rule more costs what it finds and not another walk over everything; outside of it the answers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, update_wrapper
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

from lambdaform.model.references import Ref, gather
from lambdaform.model.resource import Resource
from lambdaform.model.sections import Output
from lambdaform.model.shape import Shape
from lambdaform.model.stack import Stack

P = ParamSpec("P")
T = TypeVar("T")


class Use(NamedTuple):
    """A reference and where it stands: what messages call its owner, the owner, and AWS's name of the property.

    ``property`` is empty beside the properties: in metadata, policies of updating, an output's export.
    """

    title: str
    owner: Resource | Output
    property: str
    ref: Ref[Any]


class Index:
    """What there is in a stack; each table is made when somebody asks for it, and then kept."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._of_class: dict[type, tuple[Resource, ...]] = {}
        self._parts_of_class: dict[type, tuple[tuple[Resource, Shape], ...]] = {}
        #: What functions under `per_check` have answered, with their arguments, whose identities are the key.
        self.answers: dict[tuple[object, ...], tuple[object, Any]] = {}

    def of_class(self, cls: type) -> tuple[Resource, ...]:
        """The resources of a class, in order."""
        if cls not in self._of_class:
            self._of_class[cls] = tuple(
                each for each in self.stack.resources.values() if isinstance(each, cls)
            )
        return self._of_class[cls]

    @cached_property
    def by_type(self) -> Mapping[str, list[Resource]]:
        """The resources by their CloudFormation type."""
        found: dict[str, list[Resource]] = {}
        for each in self.stack.resources.values():
            found.setdefault(each.aws_type, []).append(each)
        return found

    def parts_of_class(self, cls: type) -> tuple[tuple[Resource, Shape], ...]:
        """Each object of a class in the resources' properties and in the globals, however deep, with its resource."""
        if cls not in self._parts_of_class:
            fits = {each: issubclass(each, cls) for each in {type(shape) for _, shape in self._seen[0]}}
            self._parts_of_class[cls] = tuple(part for part in self._seen[0] if fits[type(part[1])])
        return self._parts_of_class[cls]

    @property
    def uses(self) -> list[Use]:
        """Every reference in the resources and outputs, outermost first."""
        return self._seen[1]

    @cached_property
    def _seen(self) -> tuple[list[tuple[Resource, Shape]], list[Use]]:
        parts: list[tuple[Resource, Shape]] = []
        uses: list[Use] = []
        refs: list[Ref[Any]] = []
        shapes: list[Shape] = []
        for resource in self.stack.resources.values():
            shapes.append(resource)
            for name, value in resource.property_values():
                gather(value, refs, shapes)
                if refs:
                    uses.extend(Use(resource.logical_id, resource, name, ref) for ref in refs)
                    refs.clear()
            parts.extend((resource, shape) for shape in shapes)
            shapes.clear()
            for value in (
                resource.metadata,
                resource.connectors,
                resource.creation_policy,
                resource.update_policy,
                resource.attributes,
            ):
                gather(value, refs, None)
            uses.extend(Use(resource.logical_id, resource, "", ref) for ref in refs)
            refs.clear()
        for shared in self.stack.globals.values():
            gather(shared, [], shapes)
            parts.extend((shared, shape) for shape in shapes)
            shapes.clear()
        for output in self.stack.outputs.values():
            for name, value in (*output.property_values(), ("", output.export)):
                gather(value, refs, None)
                uses.extend(Use(f"output {output.logical_id}", output, name, ref) for ref in refs)
                refs.clear()
        return parts, uses


_under_way: ContextVar[Index | None] = ContextVar("under_way", default=None)


@contextmanager
def one_look(stack: Stack) -> Iterator[None]:
    """Within the block the stack does not change, and what rules ask of it is worked out once."""
    token = _under_way.set(Index(stack))
    try:
        yield
    finally:
        _under_way.reset(token)


def index_of(stack: Stack) -> Index:
    """The index of the check that is under way; outside of one, a new one."""
    index = _under_way.get()
    return index if index is not None and index.stack is stack else Index(stack)


def per_check(function: Callable[Concatenate[Stack, P], T]) -> Callable[Concatenate[Stack, P], T]:
    """Keep what a function of a stack answers until the check ends, by the identity of its further arguments.

    A generator's items are kept as a tuple.
    """

    def answer(stack: Stack, /, *args: P.args, **kwargs: P.kwargs) -> T:
        answers = index_of(stack).answers
        key = (function, *map(id, args), *kwargs, *map(id, kwargs.values()))
        if key not in answers:
            found: Any = function(stack, *args, **kwargs)
            answers[key] = ((args, kwargs), tuple(found) if isinstance(found, Iterator) else found)
        return cast("T", answers[key][1])

    update_wrapper(answer, function)
    return answer


def kept(stack: Stack, key: Hashable, make: Callable[[], T]) -> T:
    """What ``make`` gives, once for each key until the check ends: for what many resources share, such as a code folder.

    The key begins with a word of the caller's own.
    """
    answers = index_of(stack).answers
    if (key,) not in answers:
        answers[key,] = (None, make())
    return cast("T", answers[key,][1])
