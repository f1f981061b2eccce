"""A stack that was written as data is read back as the same stack, whoever wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from lambdaform import (
    Assertion,
    Function,
    Queue,
    RawResource,
    Resource,
    SimpleTable,
    Stack,
    StateMachine,
    contains,
    equals,
    ref,
    sub,
)
from lambdaform.load.app import load_app, load_stacks
from lambdaform.load.document import read_document
from lambdaform.load.document_writer import to_document
from lambdaform.load.types import event_types, resource_types
from lambdaform.model.event import Event, StateMachineEvent
from lambdaform.synth.template import template_of
from lambdaform.synth.yaml_writer import to_json, to_yaml
from tests.load.stacks import stacks
from tests.model.samples import full

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TYPES = sorted(resource_types())
SECTIONS = (
    "head",
    "resources",
    "parameters",
    "outputs",
    "conditions",
    "mappings",
    "metadata",
    "globals",
    "rules",
    "loops",
    "output_loops",
    "raw",
    "transforms",
    "tags_of",
)


def parts(stack: Stack) -> dict[str, Any]:
    """All that a stack is, to compare; in JSON's terms where anything may stand."""
    found = {name: getattr(stack, name) for name in SECTIONS}
    children = {name: parts(child) for name, child in stack.children.items()}
    return {**found, "order": list(stack.resources), "children": children}


def reread(stack: Stack) -> Stack:
    return read_document(to_yaml(to_document(stack)), "stack.yaml")


def sample_of(aws_type: str) -> Resource:
    """A resource with every field; one that has events has each kind that it may have."""
    resource = full(resource_types()[aws_type], "Sample")
    if isinstance(resource, Function):
        events = {name: event(cls, cls.STATE_MACHINE_ONLY) for name, cls in event_types().items()}
        return attrs.evolve(resource, events=events)
    if isinstance(resource, StateMachine):
        kinds = {name: cls for name, cls in event_types().items() if issubclass(cls, StateMachineEvent)}
        return attrs.evolve(
            resource, events={name: event(cls, cls.FUNCTION_ONLY) for name, cls in kinds.items()}
        )
    return resource


def event(cls: type[Event], others: tuple[str, ...]) -> Any:
    empty: dict[str, Any] = dict.fromkeys(others)
    return attrs.evolve(full(cls), **empty)


@pytest.mark.parametrize("aws_type", TYPES)
def test_every_field_of_a_resource_is_read_back_as_it_was(aws_type: str) -> None:
    stack = Stack("sample")
    stack.add(sample_of(aws_type))
    assert parts(reread(stack)) == parts(stack)


@pytest.mark.parametrize("aws_type", [each for each in TYPES if resource_types()[each].GLOBALS])
def test_globals_are_read_back_as_they_were(aws_type: str) -> None:
    cls = resource_types()[aws_type]
    whole = full(cls, "Sample")
    stack = Stack("sample")
    stack.globals_for(cls, **{name: getattr(whole, name) for name in cls.GLOBALS})
    assert parts(reread(stack)) == parts(stack)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(stack=stacks())
def test_any_stack_is_read_back_from_yaml_as_it_was(stack: Stack) -> None:
    assert parts(reread(stack)) == parts(stack)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(stack=stacks())
def test_any_stack_is_read_back_from_json_as_it_was(stack: Stack) -> None:
    assert parts(read_document(to_json(to_document(stack)), "stack.json")) == parts(stack)


def test_sections_around_the_resources_are_read_back_as_they_were() -> None:
    stack = Stack("whole", description="All sections", tags={"a": "b"}, profile="2019-04-01")
    stage = stack.parameter("Stage", allowed_values=["dev", "prod"], default="dev")
    production = stack.condition("InProduction", equals(stage.ref, "prod"))
    stack.mapping("Sizes", {"dev": {"memory": 128}})
    stack.transform("Count", Times=3)
    stack.rule("KnownStage", Assertion(contains(["dev", "prod"], stage.ref), "Give one of two"))
    queue = stack.add(Queue("Orders", condition=production))
    stack.for_each("Queues", "Name", ["A", "B"], {"Queue${Name}": Queue("Repeated", queue_name=ref("Name"))})
    stack.output("Where", queue.arn, export=sub("${AWS::StackName}-orders"), condition=production)
    stack.output_loops["Fn::ForEach::Out"] = ["Name", ["A"], {"Out${Name}": {"Value": ref("Name")}}]
    stack.metadata["Team"] = {"Name": "checkout"}
    stack.raw["Hooks"] = {"Green": {"Type": "AWS::CodeDeploy::BlueGreen"}}
    assert parts(reread(stack)) == parts(stack)


def test_nested_stacks_and_scopes_are_read_back_as_they_were() -> None:
    storage = Stack("storage")
    storage.add(SimpleTable("Orders"))
    whole = Stack("whole")
    whole.nest("Storage", storage, parameters={"Stage": "dev"})
    whole.scope("Orders", tags={"team": "sales"}).add(Queue("Queue"))
    assert parts(reread(whole)) == parts(whole)


def test_a_resource_of_troposphere_keeps_its_template() -> None:
    from troposphere import ec2

    stack = Stack("network")
    stack.add(ec2.VPC("Vpc", CidrBlock="10.0.0.0/16"))
    back = reread(stack)
    assert isinstance(back.resources["Vpc"], RawResource)
    assert template_of(back) == template_of(stack)


@pytest.mark.parametrize("app", sorted(EXAMPLES.glob("*/app.py")), ids=lambda file: file.parent.name)
def test_an_example_as_data_makes_the_template_that_python_makes_to_the_byte(app: Path) -> None:
    for stack in load_stacks(app):
        document = to_yaml(to_document(stack))
        again = read_document(document, str(app.with_name("stack.yaml")))
        assert to_yaml(template_of(again)) == to_yaml(template_of(stack))


def test_what_is_written_is_plain_data() -> None:
    stack = load_app(EXAMPLES / "checkout" / "app.py")
    document = to_document(stack)
    assert json.loads(json.dumps(document)) == document
