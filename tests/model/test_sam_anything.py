"""Whatever a field of a SAM class is given, the answer is an object or an error of lambdaform that names the class."""

from __future__ import annotations

import typing
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lambdaform import LambdaformError, Queue
from lambdaform.load.types import event_types, resource_types
from lambdaform.model.shape import Shape, slots_of
from tests.model.samples import full


def shapes_in(annotation: Any) -> list[type[Shape]]:
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return [annotation] if issubclass(annotation, Shape) else []
    return [found for each in typing.get_args(annotation) for found in shapes_in(each)]


def with_nested(cls: type[Shape], seen: dict[type[Shape], None]) -> None:
    if cls in seen:
        return
    seen[cls] = None
    for slot in slots_of(cls):
        for nested in shapes_in(slot.annotation):
            if nested.__module__.startswith("lambdaform.model") and slot.name != "update_policy":
                with_nested(nested, seen)


CLASSES: dict[type[Shape], None] = {}
for name, resource in resource_types().items():
    if name.startswith("AWS::Serverless::"):
        with_nested(resource, CLASSES)
for event in event_types().values():
    with_nested(event, CLASSES)
ABSTRACT = {"FunctionEvent", "StateMachineEvent", "Event"}
FIELDS = [
    (cls, slot.name)
    for cls in CLASSES
    if cls.__name__ not in ABSTRACT
    for slot in slots_of(cls)
    if slot.is_property
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.just(object()),
    st.just(Queue("Other")),
)
ANYTHING = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.one_of(st.text(max_size=3), st.integers()), SCALARS, max_size=3),
    st.lists(st.dictionaries(st.text(max_size=3), SCALARS, max_size=2), max_size=2),
)


def test_there_are_many_fields() -> None:
    assert len(FIELDS) > 600


@given(st.sampled_from(FIELDS), ANYTHING)
def test_the_answer_is_an_object_or_an_error_that_says_where(
    field: tuple[type[Shape], str], value: object
) -> None:
    cls, name = field
    arguments = {"logical_id": "Sample"} if any(slot.name == "logical_id" for slot in slots_of(cls)) else {}
    whole = full(cls, *arguments.values())
    required: dict[str, Any] = {
        slot.name: getattr(whole, slot.name) for slot in slots_of(cls) if slot.required and slot.name != name
    }
    try:
        made = cls(**{**required, **arguments, name: value})
    except LambdaformError as error:
        assert str(error)  # noqa: PT017 - the other outcome is a value, not an error
    else:
        assert isinstance(made, cls)
