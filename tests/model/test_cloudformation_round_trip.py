"""Each class writes what it was given, and what it wrote is read back as the same."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from lambdaform import Resource, Stack
from lambdaform.load.template import load_template
from lambdaform.load.types import resource_types
from lambdaform.load.yaml_reader import read_template
from lambdaform.model.references import GetAtt, LogicalRef
from lambdaform.model.shape import properties_of
from lambdaform.synth.template import template_of
from lambdaform.synth.yaml_writer import to_yaml
from tests.model.samples import full

TYPES = sorted(each for each in resource_types() if not each.startswith("AWS::Serverless::"))


def written(aws_type: str) -> dict[str, Any]:
    stack = Stack("sample")
    stack.add(full(resource_types()[aws_type], "Sample"))
    return template_of(stack)


@pytest.mark.parametrize("aws_type", TYPES)
def test_every_property_reaches_the_template(aws_type: str) -> None:
    properties = written(aws_type)["Resources"]["Sample"].get("Properties", {})
    expected = {slot.aws_name for slot in properties_of(resource_types()[aws_type])}
    assert expected - properties.keys() == set()


@pytest.mark.parametrize("aws_type", TYPES)
def test_the_template_says_the_type(aws_type: str) -> None:
    assert written(aws_type)["Resources"]["Sample"]["Type"] == aws_type


@pytest.mark.parametrize("aws_type", TYPES)
def test_reading_finds_nothing_wrong_with_what_was_written(aws_type: str) -> None:
    loaded = load_template(read_template(to_yaml(written(aws_type)), "template.yaml"))
    assert [problem.what for problem in loaded.problems] == []


@pytest.mark.parametrize("aws_type", TYPES)
def test_reading_makes_the_class(aws_type: str) -> None:
    loaded = load_template(read_template(to_yaml(written(aws_type)), "template.yaml"))
    assert type(loaded.resources["Sample"]) is resource_types()[aws_type]


@pytest.mark.parametrize("aws_type", TYPES)
def test_what_was_read_is_written_as_it_was(aws_type: str) -> None:
    template = written(aws_type)
    loaded = load_template(read_template(to_yaml(template), "template.yaml"))
    assert template_of(loaded) == template


@pytest.mark.parametrize("aws_type", TYPES)
def test_all_that_was_read_has_a_field(aws_type: str) -> None:
    loaded = load_template(read_template(to_yaml(written(aws_type)), "template.yaml"))
    assert dict(loaded.resources["Sample"].raw) == {}


def attributes(resource: Resource) -> list[tuple[str, GetAtt[Any]]]:
    """The references that a class offers as properties, other than plain ``Ref``."""
    names = [name for name, _ in inspect.getmembers(type(resource), lambda each: isinstance(each, property))]
    values = [(name, getattr(resource, name)) for name in names if not name.startswith("__")]
    return [(name, value) for name, value in values if isinstance(value, GetAtt)]


@pytest.mark.parametrize("aws_type", TYPES)
def test_every_attribute_that_is_offered_is_one_of_awss(aws_type: str) -> None:
    known = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", aws_type).get_atts
    unknown = [
        name
        for name, value in attributes(full(resource_types()[aws_type], "Sample"))
        if value.attribute not in known
    ]
    assert unknown == []


@pytest.mark.parametrize("aws_type", TYPES)
def test_a_reference_leads_back_to_its_object(aws_type: str) -> None:
    resource = full(resource_types()[aws_type], "Sample")
    reference = resource.ref
    assert isinstance(reference, LogicalRef)
    assert reference.target is resource
