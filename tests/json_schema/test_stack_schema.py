"""The JSON Schema of a stack document: what lambdaform reads it accepts, and what is wrong it refuses."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

import lambdaform
from lambdaform import Stack
from lambdaform.json_schema.pattern import portable
from lambdaform.json_schema.stack import stack_schema
from lambdaform.load.app import load_stacks
from lambdaform.load.document_writer import to_document
from lambdaform.load.types import resource_types
from lambdaform.model.shape import Shape, slots_of
from tests.load.stacks import stacks
from tests.load.test_document_round_trip import EXAMPLES, TYPES, sample_of


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(stack_schema())


def wrong(document: Any) -> list[str]:
    """The paths at which the schema refuses a document."""
    return [error.json_path for error in validator().iter_errors(json.loads(json.dumps(document)))]


def of_resource(**fields: Any) -> dict[str, Any]:
    return {"name": "shop", "resources": {"Sample": fields}}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(stack_schema())


@pytest.mark.parametrize("aws_type", TYPES)
def test_a_resource_with_every_field_is_right(aws_type: str) -> None:
    stack = Stack("sample")
    stack.add(sample_of(aws_type))
    assert wrong(to_document(stack)) == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(stack=stacks())
def test_any_stack_that_is_written_as_data_is_right(stack: Stack) -> None:
    assert wrong(to_document(stack)) == []


@pytest.mark.parametrize("app", sorted(EXAMPLES.glob("*/app.py")), ids=lambda file: file.parent.name)
def test_an_example_is_right(app: Path) -> None:
    for stack in load_stacks(app):
        assert wrong(to_document(stack)) == []


SHAPES = [
    each
    for name in lambdaform.__all__
    if isinstance(each := getattr(lambdaform, name), type) and issubclass(each, Shape)
]


@pytest.mark.parametrize("cls", [each for each in SHAPES if not getattr(each, "FUNCTION_ONLY", None)])
def test_a_class_has_every_field_in_the_schema(cls: type[Shape]) -> None:
    definition = stack_schema_definitions().get(cls.__name__)
    if definition is None or "allOf" in definition:
        pytest.skip("no object of this class stands in a document by itself")
    fields = {slot.name for slot in slots_of(cls)} - {"logical_id"}
    assert definition["properties"].keys() == {*fields, "class", "raw"}


@cache
def stack_schema_definitions() -> dict[str, Any]:
    definitions: dict[str, Any] = stack_schema()["$defs"]
    return definitions


def test_every_resource_class_can_be_named() -> None:
    named = set(stack_schema_definitions()["Resource"]["properties"]["class"]["enum"])
    assert named == {each.__name__ for each in resource_types().values()} | {"RawResource"}


@pytest.mark.parametrize(
    "fields",
    [
        {"class": "Queue", "visibility_timeout": 60},
        {"class": "Queue", "visibility_timeout": {"Ref": "Stage"}},
        {"class": "Function", "timeout": 900, "layers": [{"$resource": "Shared"}]},
        {"class": "Function", "environment": {"STAGE": "dev"}},
        {"class": "Function", "environment": {"class": "Environment", "variables": {"STAGE": "dev"}}},
        {"class": "Function", "dead_letter_queue": {"$resource": "Failed"}},
        {"class": "Function", "events": {"New": {"class": "SqsEvent", "queue": {"$resource": "Orders"}}}},
        {"class": "Function", "policies": [{"effect": "Allow", "action": "s3:*", "resource": {"$resource": "B"}}]},
        {"class": "Function", "policies": [{"grant": "read", "resource": {"$resource": "B"}, "prefix": "in/"}]},
        {"class": "Function", "policies": {"grant": "send", "queue": {"$resource": "Orders"}}},
        {"class": "ManagedPolicy", "policy_document": [{"grant": "start", "state_machine": {"$resource": "M"}}]},
        {"class": "ManagedPolicy", "policy_document": {"Version": "2012-10-17", "Statement": []}},
        {"class": "RawResource", "type": "AWS::EC2::VPC", "raw": {"CidrBlock": "10.0.0.0/16"}},
    ],
)  # fmt: skip
def test_what_a_person_writes_is_right(fields: dict[str, Any]) -> None:
    assert wrong(of_resource(**fields)) == []


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "$.resources.Sample"),
        ({"class": "Qeue"}, "$.resources.Sample.class"),
        ({"class": "Queue", "visibility_timeout": -1}, "$.resources.Sample.visibility_timeout"),
        ({"class": "Queue", "visibility_timeout": "60"}, "$.resources.Sample.visibility_timeout"),
        ({"class": "Queue", "visiblity_timeout": 60}, "$.resources.Sample"),
        ({"class": "Function", "timeout": 901}, "$.resources.Sample.timeout"),
        ({"class": "Function", "runtime": "python3"}, "$.resources.Sample.runtime"),
        ({"class": "Function", "layers": ["a"] * 6}, "$.resources.Sample.layers"),
        ({"class": "Function", "events": {"New": {"queue": "a"}}}, "$.resources.Sample.events"),
        ({"class": "Function", "events": {"New": {"class": "SqsEvent"}}}, "$.resources.Sample.events"),
        ({"class": "RawResource"}, "$.resources.Sample"),
        ({"class": "Function", "policies": [{"grant": "fly"}]}, "$.resources.Sample.policies"),
        ({"class": "Function", "policies": [{"grant": "send"}]}, "$.resources.Sample.policies"),
        (
            {"class": "ManagedPolicy", "policy_document": {"grant": "send"}},
            "$.resources.Sample.policy_document",
        ),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(fields: dict[str, Any], path: str) -> None:
    assert path in wrong(of_resource(**fields))


def test_a_document_may_name_the_schema() -> None:
    assert wrong({"$schema": "stack.schema.json", "name": "shop", "resources": {}}) == []


@pytest.mark.parametrize("document", [{"resources": {}}, {"name": "shop"}, {"name": "1", "resources": {}}])
def test_a_stack_has_a_name_and_resources(document: dict[str, Any]) -> None:
    assert wrong(document) != []


def test_a_field_says_its_name_unit_and_source() -> None:
    description = stack_schema_definitions()["Queue"]["properties"]["delay_seconds"]["description"]
    assert description == "AWS: DelaySeconds. In seconds (SQS Developer Guide, message quotas)."


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("(?i:get|put)", "GeT", True),
        ("(?i:get|put)", "GETS", False),
        (r"(?s)'.*'|a\..+", "'a\nb'", True),
        (r"(?s)'.*'|a\..+", "ab", False),
    ],
)
def test_a_pattern_means_the_same_without_its_flags(pattern: str, text: str, fits: bool) -> None:
    written = portable(pattern)
    assert "?i" not in written
    assert "?s" not in written
    assert bool(re.search(written, text)) is bool(re.fullmatch(pattern, text)) is fits


def patterns_in(value: Any) -> Iterator[str]:
    """Every pattern of a schema."""
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        yield from value.get("patternProperties", ())
        for item in value.values():
            yield from patterns_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from patterns_in(item)


@pytest.mark.skipif(
    shutil.which("node") is None, reason="needs Node.js, whose patterns are those of JSON Schema"
)
def test_every_pattern_is_one_of_javascripts() -> None:
    script = "JSON.parse(require('fs').readFileSync(0)).forEach((each) => new RegExp(each, 'u'))"
    patterns = json.dumps(sorted(set(patterns_in(stack_schema()))))
    ran = subprocess.run(["node", "-e", script], input=patterns, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_globals_take_no_field_that_sam_has_on_the_resource_only() -> None:
    document = {"name": "shop", "resources": {}, "globals": {"Function": {"function_name": "a"}}}
    assert wrong(document) == ["$.globals.Function"]
