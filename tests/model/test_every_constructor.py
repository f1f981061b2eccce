"""Every constructor that `import lambdaform` offers, given each kind of wrong value in each of its fields.

What a user writes wrong is answered by a `LambdaformError` that names the field and shows the value. No exception
of Python's own, of attrs' or of another library's gets out, however strange the value is.
"""

from __future__ import annotations

import inspect
import math
import sys
import typing
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lambdaform
from lambdaform import (
    LambdaEventInvokeConfig,
    LambdaformError,
    LambdaFunction,
    Layer,
    Queue,
    RawEvent,
    RawResource,
    Resource,
    Stack,
    equals,
    get_att,
    ref,
)
from lambdaform.model.shape import AnyFit, ConstrainedFit, Fit, Shape, Slot, UnionFit, fit_for, slots_of
from tests.model.samples import sample


class Awkward:
    """An object that does not even like to be looked at."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    def __hash__(self) -> int:
        raise RuntimeError("no hash")

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def circular() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


#: Values that no field has, but those that take anything.
NEVER_RIGHT: dict[str, Any] = {
    "bytes": b"bytes",
    "a set": {1, 2},
    "a class": Shape,
    "a function": len,
    "an object": object(),
    "a complex number": 1j,
    "a generator": iter(()),
    "an awkward object": Awkward(),
    "a list of awkward objects": [Awkward()],
    "an awkward value": {"Key": Awkward()},
    "an awkward key": {(1, 2): "x"},
    "not implemented": NotImplemented,
}
#: Values that some fields take and others refuse; either way without a traceback.
PERHAPS_RIGHT: dict[str, Any] = {
    "true": True,
    "zero": 0,
    "a negative number": -1,
    "a large number": 10**30,
    "a number beyond printing": 10**5_000,
    "not a number": math.nan,
    "infinity": math.inf,
    "no text": "",
    "a long text": "x" * 100_000,
    "control characters": "\x00\x07\n",
    "a lone surrogate": "\ud800",
    "a template in braces": "{0} %s {{resolve:",
    "an empty list": [],
    "a list of None": [None],
    "a list of numbers": [1, 2.5],
    "a nested list": [[["x"]]],
    "a deep list": deep(200),
    "a deeper list": deep(5_000),
    "a list in itself": circular(),
    "an empty mapping": {},
    "None by name": {"Key": None},
    "numbers by name": {"Key": 1},
    "numbers as names": {1: 2},
    "a tuple": ("x",),
    "a queue": Queue("Other"),
    "a layer": Layer("Shared", content_uri="layers/shared"),
    "a reference": ref("Other"),
    "a list of queues": [Queue("Other")],
}


def public_classes() -> Iterator[type[Shape]]:
    for name in lambdaform.__all__:
        value = getattr(lambdaform, name)
        if isinstance(value, type) and issubclass(value, Shape):
            yield value


CLASSES = sorted(public_classes(), key=lambda cls: cls.__name__)
#: What others derive from; nobody makes one.
ABSTRACT = {
    "TroposphereResource",
    "Shape",
    "Resource",
    "Event",
    "FunctionEvent",
    "StateMachineEvent",
    "FunctionSettings",
}

CONCRETE = [cls for cls in CLASSES if cls.__name__ not in ABSTRACT]


#: Right values for what no word of the samples fits.
TYPES = {RawResource: {"type": "AWS::Chatbot::CustomAction"}, RawEvent: {"type": "Newest"}}
NAMED = {
    "logical_id": "Sample",
    "condition": equals(ref("Stage"), "prod"),
}


def needed(cls: type[Shape]) -> dict[str, Any]:
    """Right values for what the class demands."""
    return {
        slot.name: TYPES.get(cls, {}).get(slot.name) or NAMED.get(slot.name) or sample(slot.fit)
        for slot in slots_of(cls)
        if slot.required
    }


def takes_anything(fit: Fit) -> bool:
    if isinstance(fit, UnionFit):
        return any(takes_anything(each) for each in fit.members)
    if isinstance(fit, ConstrainedFit):
        return takes_anything(fit.base)
    inner = [getattr(fit, name) for name in ("item", "value") if hasattr(fit, name)]
    return isinstance(fit, AnyFit) or any(takes_anything(each) for each in inner)


def answer(cls: type[Shape], values: dict[str, Any]) -> LambdaformError | None:
    try:
        cls(**values)
    except LambdaformError as error:
        return error
    return None


def names(error: LambdaformError, cls: type[Shape], slot: Slot) -> bool:
    """Whether the error says which field is wrong: the field, or what a shorthand for it makes of the value."""
    subject, _, what = error.what.partition(": ")
    return slot.name in what or slot.aws_name in what or not subject.startswith(cls.__name__)


def argument(cls: type[Shape], slot: Slot) -> str:
    return next(str(each.alias or each.name) for each in attrs.fields(cls) if each.name == slot.name)


@pytest.mark.parametrize("cls", CONCRETE, ids=lambda cls: cls.__name__)
def test_what_no_field_takes_is_refused_by_the_name_of_the_field(cls: type[Shape]) -> None:
    rest = needed(cls)
    for slot in slots_of(cls):
        for kind, value in NEVER_RIGHT.items():
            error = answer(cls, {**rest, argument(cls, slot): value})
            if not takes_anything(slot.fit):
                assert error is not None, (slot.name, kind)
            if error is not None:
                assert names(error, cls, slot), (slot.name, kind, error.text())
                assert error.where is not None, (slot.name, kind)
                assert error.where.file == __file__, (slot.name, kind, error.text())


@pytest.mark.parametrize("cls", CONCRETE, ids=lambda cls: cls.__name__)
def test_any_other_value_is_taken_or_refused_in_a_sentence(cls: type[Shape]) -> None:
    rest = needed(cls)
    for slot in slots_of(cls):
        for kind, value in PERHAPS_RIGHT.items():
            error = answer(cls, {**rest, argument(cls, slot): value})
            if error is not None:
                text = error.text()
                assert error.rule, (slot.name, kind, text)
                assert len(text) < 2_000, (slot.name, kind, text)


@pytest.mark.parametrize("cls", CONCRETE, ids=lambda cls: cls.__name__)
def test_what_is_missing_is_named(cls: type[Shape]) -> None:
    rest = needed(cls)
    for name in rest:
        with pytest.raises((LambdaformError, TypeError), match=name):
            cls(**{key: value for key, value in rest.items() if key != name})


#: What a function's argument is called, and a right value for it, where the words of the samples do not fit.
RIGHT_ARGUMENTS: dict[str, Any] = {
    "percent": 10,
    "minutes": 5,
    "moment": "2030-01-01T00:00:00",
    "condition": "InProduction",
    "conditions": equals("a", "b"),
    "expression": "0 18 ? * MON-FRI *",
    "value": 5,
    "unit": "minutes",
    "on": Queue("Other"),
    "stack": Stack("sample"),
    "traffic": {},
    "function": LambdaFunction("Fn", code="src", role=get_att("FnRole", "Arn"), runtime="python3.13"),
    "parts": LambdaEventInvokeConfig("Outcomes", function_name="fn"),
}


def functions() -> list[tuple[Callable[..., Any], str]]:
    """Each public function with the name of each of its parameters."""
    values = [getattr(lambdaform, name) for name in lambdaform.__all__]
    return [
        (function, name)
        for function in values
        if callable(function) and not isinstance(function, type)
        for name in inspect.signature(function).parameters
    ]


def call(function: Callable[..., Any], name: str, value: Any) -> Any:
    """The function called with right arguments, but for one."""
    hints = typing.get_type_hints(function, vars(sys.modules[function.__module__]), include_extras=True)
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for each in inspect.signature(function).parameters.values():
        if each.name != name and (each.default is not each.empty or each.kind is each.VAR_KEYWORD):
            continue
        right = (
            RIGHT_ARGUMENTS[each.name] if each.name in RIGHT_ARGUMENTS else sample(fit_for(hints[each.name]))
        )
        given = value if each.name == name else right
        if each.kind in (each.KEYWORD_ONLY, each.VAR_KEYWORD):
            named[each.name] = given
        else:
            positional.append(given)
    return function(*positional, **named)


@pytest.mark.parametrize(
    ("function", "name"), functions(), ids=lambda each: each if isinstance(each, str) else each.__name__
)
def test_a_function_refuses_what_it_cannot_take(function: Callable[..., Any], name: str) -> None:
    for kind, value in NEVER_RIGHT.items():
        with pytest.raises(LambdaformError) as caught:
            call(function, name, value)
        assert caught.value.where is not None, kind
        assert caught.value.where.file == __file__, kind


@pytest.mark.parametrize(
    ("function", "name"), functions(), ids=lambda each: each if isinstance(each, str) else each.__name__
)
def test_a_function_takes_or_refuses_any_other_value(function: Callable[..., Any], name: str) -> None:
    for value in PERHAPS_RIGHT.values():
        refusal = ""
        try:
            call(function, name, value)
        except LambdaformError as error:
            refusal = error.text()
        assert len(refusal) < 2_000


#: The methods that put something into a stack, with right arguments.
METHODS: dict[str, dict[str, Any]] = {
    "add": {"resource": Queue("Q")},
    "parameter": {
        "logical_id": "Stage",
        "type": "String",
        "description": "which",
        "allowed_values": ["dev"],
        "allowed_pattern": "[a-z]+",
        "constraint_description": "lower case",
        "min_length": 1,
        "max_length": 9,
        "min_value": 1,
        "max_value": 3,
        "no_echo": True,
    },
    "rule": {"logical_id": "Rule", "condition": equals("a", "b")},
    "condition": {"name": "Always", "expression": equals("a", "a")},
    "mapping": {"name": "Sizes", "table": {"dev": {"memory": 128}}},
    "transform": {"name": "Macro"},
    "for_each": {
        "name": "Loop",
        "identifier": "Each",
        "collection": ["A"],
        "body": {"Queue${Each}": Queue("Q")},
    },
    "output": {"logical_id": "Url", "value": "x", "description": "d", "export": "e", "condition": "Always"},
    "resource": {"logical_id": "Other"},
}


@pytest.mark.parametrize(
    ("method", "name"), [(method, name) for method, names in METHODS.items() for name in names]
)
def test_a_stack_refuses_what_it_cannot_take(method: str, name: str) -> None:
    for value in NEVER_RIGHT.values():
        with pytest.raises(LambdaformError):
            getattr(Stack("sample"), method)(**{**METHODS[method], name: value})


@pytest.mark.parametrize(
    ("method", "name"), [(method, name) for method, names in METHODS.items() for name in names]
)
def test_a_stack_takes_or_refuses_any_other_value(method: str, name: str) -> None:
    for value in PERHAPS_RIGHT.values():
        refusal = ""
        try:
            getattr(Stack("sample"), method)(**{**METHODS[method], name: value})
        except LambdaformError as error:
            refusal = error.text()
        assert len(refusal) < 2_000


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [(cls, slot) for cls in CONCRETE for slot in slots_of(cls)]


@given(st.sampled_from(FIELDS), DATA)
@settings(max_examples=2_000, deadline=None)
def test_any_data_is_taken_or_refused(field: tuple[type[Shape], Slot], value: Any) -> None:
    cls, slot = field
    error = answer(cls, {**needed(cls), argument(cls, slot): value})
    assert error is None or error.where is not None


@given(st.lists(st.tuples(st.sampled_from(FIELDS), DATA), min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_what_is_taken_can_be_synthesised_and_checked(
    given_fields: list[tuple[tuple[type[Shape], Slot], Any]],
) -> None:
    from lambdaform.check.findings import check
    from lambdaform.synth.template import template_of
    from lambdaform.synth.yaml_writer import to_yaml

    stack = Stack("sample")
    for number, ((cls, slot), value) in enumerate(given_fields):
        if not issubclass(cls, Resource) or slot.name == "logical_id":
            continue
        values = {**needed(cls), "logical_id": f"R{number}", argument(cls, slot): value}
        if answer(cls, values) is None:
            stack.add(cls(**values))
    check(stack)
    to_yaml(template_of(stack))
