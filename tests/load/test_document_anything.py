"""Whatever stands anywhere in a document: it is read, or refused with a sentence; and the schema knows what is read."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lambdaform import Allow, Bucket, DefinitionError, Function, Stack
from lambdaform.json_schema.stack import stack_schema
from lambdaform.load.document import read_document
from lambdaform.load.document_writer import to_document
from lambdaform.synth.template import template_of
from tests.load.test_document_round_trip import TYPES, sample_of

#: What nobody should write, or only in some places.
STRANGE: list[Any] = [
    True,
    -1,
    10**30,
    1.5,
    "",
    "\x00",
    [],
    {},
    [1],
    [[]],
    [None],
    {"a": 1},
    {"": {}},
    {"Ref": "X"},
    {"Ref": 5},
    {"Condition": 1},
    {"Fn::GetAtt": ["a"]},
    {"Fn::GetAtt": [1, 2]},
    {"Fn::If": [1]},
    {"Fn::Sub": [1, 2, 3]},
    {"Fn::Transform": {}},
    {"$resource": "Sample"},
    {"$resource": "Nowhere"},
    {"$resource": 5},
    {"class": "Queue"},
    {"class": "SqsEvent", "queue": "a"},
    {"class": []},
    {"class": None},
    {"class": "Statement", "effect": "Allow"},
    {"grant": "read", "resource": {"$resource": "Sample"}},
    {"grant": "read", "resource": {"$resource": "Other"}},
    {"grant": "read", "resource": {"$resource": "Other"}, "prefix": None},
    {"grant": "invoke", "function": {"$resource": "Caller"}, "qualifier": None},
    {"grant": "read", "resource": {"Ref": "Other"}, "class": "Statement"},
    {"grant": "fly"},
    {"grant": []},
]


@cache
def document(aws_type: str) -> dict[str, Any]:
    stack = Stack("sample")
    stack.add(sample_of(aws_type))
    stack.add(Bucket("Other"))
    stack.add(Function("Caller", policies=[Allow("s3:GetObject", on="*")]))
    data: dict[str, Any] = json.loads(json.dumps(to_document(stack)))
    return data


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(stack_schema())


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to everything in a document."""
    if path:
        yield path
    for step, item in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(item, (*path, step))


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A right document with something strange at one place, or under a new key beside it."""
    data = copy.deepcopy(document(draw(st.sampled_from(TYPES))))
    *steps, last = draw(st.sampled_from(list(places(data))))
    holder: Any = data
    for step in steps:
        holder = holder[step]
    beside = isinstance(holder, dict) and draw(st.integers(0, 9)) == 0
    holder["new" if beside else last] = draw(st.sampled_from(STRANGE))
    return data


@settings(max_examples=300, deadline=None)
@given(data=spoilt())
def test_what_is_strange_is_read_or_refused_and_the_schema_accepts_what_is_read(data: dict[str, Any]) -> None:
    try:
        stack = read_document(json.dumps(data), "stack.json")
    except DefinitionError:
        return
    assert [error.message for error in validator().iter_errors(data)] == []
    assert template_of(stack).get("Resources", {}).keys() == data["resources"].keys()
