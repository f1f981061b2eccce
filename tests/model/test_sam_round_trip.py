"""Each class of SAM writes what it was given, and what it wrote is read back as the same."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from lambdaform import EmbeddedConnector, Function, Queue, SimpleTable, Stack, StateMachine
from lambdaform.load.template import load_template
from lambdaform.load.types import event_types, resource_types
from lambdaform.load.yaml_reader import read_template
from lambdaform.model.event import Event, StateMachineEvent
from lambdaform.model.shape import properties_of
from lambdaform.synth.template import template_of
from lambdaform.synth.yaml_writer import to_yaml
from tests.model.samples import full

SAM = "AWS::Serverless::"
TYPES = sorted(each for each in resource_types() if each.startswith(SAM))
WITH_GLOBALS = sorted(each for each in TYPES if resource_types()[each].GLOBALS)


def event_sample(cls: type[Event], *, without: tuple[str, ...]) -> Event:
    """An event with every property that it may have on its owner."""
    empty: dict[str, Any] = dict.fromkeys(without)
    return attrs.evolve(full(cls), **empty)


EVENTS = [
    ("function", kind, event_sample(cls, without=cls.STATE_MACHINE_ONLY))
    for kind, cls in event_types().items()
] + [
    ("state machine", kind, event_sample(cls, without=cls.FUNCTION_ONLY))
    for kind, cls in event_types().items()
    if issubclass(cls, StateMachineEvent)
]


def reread(template: dict[str, Any]) -> Stack:
    return load_template(read_template(to_yaml(template), "template.yaml"))


def of_resource(aws_type: str) -> dict[str, Any]:
    stack = Stack("sample")
    stack.add(full(resource_types()[aws_type], "Sample"))
    return template_of(stack)


def of_event(owner: str, event: Any) -> dict[str, Any]:
    stack = Stack("sample")
    if owner == "function":
        stack.add(Function("Sample", events={"Sample": event}))
    else:
        stack.add(StateMachine("Sample", events={"Sample": event}))
    return template_of(stack)


def of_globals(aws_type: str) -> dict[str, Any]:
    cls = resource_types()[aws_type]
    whole = full(cls, "Sample")
    stack = Stack("sample")
    stack.globals_for(cls, **{name: getattr(whole, name) for name in cls.GLOBALS})
    stack.add(Queue("Other"))
    return template_of(stack)


@pytest.mark.parametrize("aws_type", TYPES)
def test_every_property_reaches_the_template(aws_type: str) -> None:
    properties = of_resource(aws_type)["Resources"]["Sample"]["Properties"]
    assert {slot.aws_name for slot in properties_of(resource_types()[aws_type])} - properties.keys() == set()


@pytest.mark.parametrize("aws_type", TYPES)
def test_reading_finds_nothing_wrong_with_what_was_written(aws_type: str) -> None:
    assert [problem.what for problem in reread(of_resource(aws_type)).problems] == []


@pytest.mark.parametrize("aws_type", TYPES)
def test_what_was_read_is_written_as_it_was(aws_type: str) -> None:
    template = of_resource(aws_type)
    assert template_of(reread(template)) == template


@pytest.mark.parametrize("aws_type", TYPES)
def test_all_that_was_read_has_a_field(aws_type: str) -> None:
    loaded = reread(of_resource(aws_type)).resources["Sample"]
    assert (type(loaded), dict(loaded.raw)) == (resource_types()[aws_type], {})


@pytest.mark.parametrize(("owner", "kind", "event"), EVENTS)
def test_every_property_of_an_event_reaches_the_template(owner: str, kind: str, event: Event) -> None:
    written = of_event(owner, event)["Resources"]["Sample"]["Properties"]["Events"]["Sample"]
    others = type(event).STATE_MACHINE_ONLY if owner == "function" else type(event).FUNCTION_ONLY
    expected = {slot.aws_name for slot in properties_of(type(event)) if slot.name not in others}
    assert (written["Type"], written["Properties"].keys()) == (kind, expected)


@pytest.mark.parametrize(("owner", "kind", "event"), EVENTS)
def test_an_event_that_was_read_is_written_as_it_was(owner: str, kind: str, event: Event) -> None:
    template = of_event(owner, event)
    loaded = reread(template)
    assert ([problem.what for problem in loaded.problems], template_of(loaded)) == ([], template)


@pytest.mark.parametrize(("owner", "kind", "event"), EVENTS)
def test_an_event_is_read_as_its_class(owner: str, kind: str, event: Event) -> None:
    loaded: Any = reread(of_event(owner, event)).resources["Sample"]
    assert (type(loaded.events["Sample"]), dict(loaded.events["Sample"].raw)) == (event_types()[kind], {})


@pytest.mark.parametrize("aws_type", WITH_GLOBALS)
def test_globals_that_were_read_are_written_as_they_were(aws_type: str) -> None:
    template = of_globals(aws_type)
    loaded = reread(template)
    assert ([problem.what for problem in loaded.problems], template_of(loaded)) == ([], template)


@pytest.mark.parametrize("aws_type", WITH_GLOBALS)
def test_globals_have_every_property_that_sam_takes_there(aws_type: str) -> None:
    cls = resource_types()[aws_type]
    expected = {slot.aws_name for slot in properties_of(cls) if slot.name in cls.GLOBALS}
    assert of_globals(aws_type)["Globals"][aws_type.removeprefix(SAM)].keys() == expected


@pytest.mark.parametrize("aws_type", WITH_GLOBALS)
def test_globals_are_read_as_their_class(aws_type: str) -> None:
    section = reread(of_globals(aws_type)).globals[aws_type.removeprefix(SAM)]
    assert (type(section), dict(section.raw)) == (resource_types()[aws_type], {})


def with_connector() -> dict[str, Any]:
    stack = Stack("sample")
    table = stack.add(SimpleTable("Orders"))
    connector = EmbeddedConnector([table], ["Read", "Write"], condition="InProduction", depends_on="Orders")
    stack.add(
        Function(
            "Sample", inline_code="x", connectors={"MayUse": connector}, ignore_globals=["Timeout", "Layers"]
        )
    )
    return template_of(stack)


def test_a_connector_stands_in_its_resource_beside_the_properties() -> None:
    assert with_connector()["Resources"]["Sample"]["Connectors"] == {
        "MayUse": {
            "Condition": "InProduction",
            "DependsOn": "Orders",
            "Properties": {"Destination": [{"Id": "Orders"}], "Permissions": ["Read", "Write"]},
        }
    }


def test_globals_that_a_resource_leaves_aside_stand_beside_its_properties() -> None:
    assert with_connector()["Resources"]["Sample"]["IgnoreGlobals"] == ["Timeout", "Layers"]


def test_a_connector_that_was_read_is_written_as_it_was() -> None:
    template = with_connector()
    loaded = reread(template)
    assert ([problem.what for problem in loaded.problems], template_of(loaded)) == ([], template)


def test_a_connector_is_read_as_its_class() -> None:
    connectors = reread(with_connector()).resources["Sample"].connectors
    assert connectors is not None
    assert isinstance(connectors["MayUse"], EmbeddedConnector)
