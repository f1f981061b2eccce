"""SAM whole: what AWS's own translator knows of SAM and the model lacks is nothing.

The translator's schema (pydantic classes) is walked beside the model's classes: every resource, property, nested
object, event, policy template and global.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Iterator, Mapping
from importlib import resources
from types import ModuleType
from typing import Any

import pytest
import samtranslator
from samtranslator.internal import schema_source
from samtranslator.model import SamResourceMacro, sam_resources
from samtranslator.plugins.globals.globals import Globals

from lambdaform import DefinitionError, PolicyTemplate, policies
from lambdaform.load.types import event_types, resource_types
from lambdaform.model.events import FunctionEvent, StateMachineEvent
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape, properties_of, slots_of

SAM = "AWS::Serverless::"
MODULES: list[ModuleType] = [
    importlib.import_module(each.name)
    for each in pkgutil.iter_modules(schema_source.__path__, f"{schema_source.__name__}.")
    if each.name.rpartition(".")[2].startswith("aws_serverless_")
]


def constant(model: Any, name: str) -> str:
    """The one value that a field of the translator's schema may have, such as a ``Type``."""
    [value] = typing.get_args(model.__fields__[name].outer_type_)
    return str(value)


MACROS: list[Any] = [
    each
    for each in vars(sam_resources).values()
    if isinstance(each, type) and issubclass(each, SamResourceMacro) and getattr(each, "resource_type", None)
]
RESOURCES: dict[str, Any] = {constant(module.Resource, "Type"): module for module in MODULES}


def models_in(annotation: Any) -> list[Any]:
    """The schema's own classes in a type, however deep in unions, lists and mappings."""
    if hasattr(annotation, "__fields__"):
        return [] if annotation.__name__ in ("PassThroughProp", "Ref") else [annotation]
    return [found for each in typing.get_args(annotation) for found in models_in(each)]


def shapes_in(annotation: Any) -> list[type[Shape]]:
    """The model's classes in a type, however deep in unions, lists and mappings."""
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return [annotation] if issubclass(annotation, Shape) else []
    return [found for each in typing.get_args(annotation) for found in shapes_in(each)]


def kinds(annotation: Any) -> Iterator[Any]:
    """A type's alternatives, each without its constraints."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from kinds(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for each in typing.get_args(annotation):
            yield from kinds(each)
    else:
        yield annotation


def names_of(cls: type[Shape]) -> dict[str, Any]:
    return {slot.aws_name: slot.annotation for slot in slots_of(cls)}


def lacking(model: Any, classes: list[type[Shape]], path: str) -> list[str]:
    """What an object of the schema has and the model's class for it has not; nested objects as well."""
    return min((lacking_in(model, each, path) for each in classes), key=len)


def lacking_in(model: Any, cls: type[Shape], path: str) -> list[str]:
    names = names_of(cls)
    found = []
    for name, field in model.__fields__.items():
        place = f"{path}.{name}"
        if name not in names:
            found.append(place)
            continue
        nested, known = models_in(field.outer_type_), shapes_in(names[name])
        if nested and not known:
            found.append(f"{place} (no class)")
        for each in nested if known else ():
            found.extend(lacking(each, known, place))
    return found


def event_models(module: Any) -> dict[str, Any]:
    """The schema's events of functions or state machines: the class of their properties by kind."""
    return {
        constant(each, "Type"): each.__fields__["Properties"].type_
        for name, each in vars(module).items()
        if name.endswith("Event") and "Type" in getattr(each, "__fields__", {})
    }


FUNCTION_EVENTS = event_models(RESOURCES[f"{SAM}Function"])
STATE_MACHINE_EVENTS = event_models(RESOURCES[f"{SAM}StateMachine"])
OWNERS: list[tuple[str, str, Any, type[Shape], str, str]] = [
    *(
        ("function", kind, model, FunctionEvent, "STATE_MACHINE_ONLY", f"{SAM}Function")
        for kind, model in FUNCTION_EVENTS.items()
    ),
    *(
        ("state machine", kind, model, StateMachineEvent, "FUNCTION_ONLY", f"{SAM}StateMachine")
        for kind, model in STATE_MACHINE_EVENTS.items()
    ),
]


def test_the_walk_sees_the_schema() -> None:
    assert (len(RESOURCES) >= 14, len(FUNCTION_EVENTS) >= 19, len(STATE_MACHINE_EVENTS) >= 5) == (
        True,
        True,
        True,
    )


def test_the_walk_tells_a_property_that_is_missing() -> None:
    model = RESOURCES[f"{SAM}SimpleTable"].Properties
    assert "Layer.PrimaryKey" in lacking(model, [resource_types()[f"{SAM}LayerVersion"]], "Layer")


def test_the_walk_tells_a_property_that_a_nested_object_lacks() -> None:
    model = RESOURCES[f"{SAM}HttpApi"].Properties
    # A WebSocket API has auth as well, of another form.
    found = lacking(model, [resource_types()[f"{SAM}WebSocketApi"]], "Socket")
    assert "Socket.Auth.DefaultAuthorizer" in found


@pytest.mark.parametrize("aws_type", sorted(RESOURCES))
def test_every_resource_of_sam_has_a_class(aws_type: str) -> None:
    assert aws_type == resource_types()[aws_type].TYPE


@pytest.mark.parametrize("aws_type", sorted(RESOURCES))
def test_every_property_and_nested_object_of_a_resource_has_a_field(aws_type: str) -> None:
    model, cls = RESOURCES[aws_type].Properties, resource_types()[aws_type]
    # The events are a test of their own, for their kinds are told apart by name.
    found = [each for each in lacking(model, [cls], cls.__name__) if ".Events." not in each]
    assert found == []


@pytest.mark.parametrize("aws_type", sorted(RESOURCES))
def test_every_resource_attribute_of_sam_has_a_field(aws_type: str) -> None:
    attributes = RESOURCES[aws_type].Resource.__fields__.keys() - {"Type", "Properties"}
    assert attributes - names_of(resource_types()[aws_type]).keys() == set()


def test_every_property_that_the_translator_takes_has_a_field() -> None:
    # These are for the translator and the SAM CLI alone.
    internal = {"__MANAGE_SWAGGER", "TemplateUrl"}
    missing = {
        f"{macro.resource_type}.{name}"
        for macro in MACROS
        for name in macro.property_types.keys() - internal
        if name not in names_of(resource_types()[macro.resource_type])
    }
    assert missing == set()


@pytest.mark.parametrize(("owner", "kind", "model", "base", "others", "aws_type"), OWNERS)
def test_every_event_of_its_owner_has_a_class(
    owner: str, kind: str, model: Any, base: type[Shape], others: str, aws_type: str
) -> None:
    assert issubclass(event_types()[kind], base)


@pytest.mark.parametrize(("owner", "kind", "model", "base", "others", "aws_type"), OWNERS)
def test_every_property_of_an_event_has_a_field(
    owner: str, kind: str, model: Any, base: type[Shape], others: str, aws_type: str
) -> None:
    assert lacking(model, [event_types()[kind]], kind) == []


@pytest.mark.parametrize(("owner", "kind", "model", "base", "others", "aws_type"), OWNERS)
def test_an_owner_takes_every_property_of_its_own_events(
    owner: str, kind: str, model: Any, base: type[Shape], others: str, aws_type: str
) -> None:
    cls = event_types()[kind]
    aws_names = {slot.name: slot.aws_name for slot in slots_of(cls)}
    refused = {aws_names[name] for name in getattr(cls, others)}
    assert refused & model.__fields__.keys() == set()


@pytest.mark.parametrize("aws_type", sorted(RESOURCES))
def test_what_the_schema_requires_the_class_requires_unless_globals_may_give_it(aws_type: str) -> None:
    cls = resource_types()[aws_type]
    required = {
        name for name, field in RESOURCES[aws_type].Properties.__fields__.items() if field.required
    } - {slot.aws_name for slot in properties_of(cls) if slot.name in cls.GLOBALS}
    assert required - {slot.aws_name for slot in properties_of(cls) if slot.required} == set()


def literals(annotation: Any) -> set[Any]:
    return {
        choice
        for each in kinds(annotation)
        if typing.get_origin(each) is typing.Literal
        for choice in typing.get_args(each)
    }


def closed_sets(model: Any, cls: type[Shape], path: str) -> Iterator[tuple[str, set[Any], set[Any]]]:
    """Each property for which the schema lists the values: its place, the schema's values, and the model's."""
    names = names_of(cls)
    for name, field in model.__fields__.items():
        if name not in names:
            continue
        if theirs := literals(field.outer_type_):
            yield f"{path}.{name}", theirs, literals(names[name])
        nested, known = models_in(field.outer_type_), shapes_in(names[name])
        if len(nested) == 1 and len(known) == 1:
            yield from closed_sets(nested[0], known[0], f"{path}.{name}")


CLOSED = [
    found
    for aws_type, module in RESOURCES.items()
    for found in closed_sets(module.Properties, resource_types()[aws_type], aws_type)
] + [found for _, kind, model, *_ in OWNERS for found in closed_sets(model, event_types()[kind], kind)]


@pytest.mark.parametrize(("place", "theirs", "ours"), CLOSED)
def test_a_closed_set_of_the_schema_is_the_same_in_the_model(
    place: str, theirs: set[Any], ours: set[Any]
) -> None:
    assert ours == theirs


SUPPORTED: Mapping[str, list[str]] = Globals.supported_properties


@pytest.mark.parametrize("aws_type", sorted(SUPPORTED))
def test_globals_take_what_sam_takes_there(aws_type: str) -> None:
    cls = resource_types()[aws_type]
    taken = {slot.aws_name for slot in properties_of(cls) if slot.name in cls.GLOBALS}
    assert taken == set(SUPPORTED[aws_type])


def test_no_class_has_globals_that_sam_does_not_have() -> None:
    with_globals = {aws_type for aws_type, cls in resource_types().items() if cls.GLOBALS}
    assert with_globals == set(SUPPORTED)


def test_every_global_is_a_field() -> None:
    unknown = {
        f"{cls.__name__}.{name}"
        for cls in resource_types().values()
        for name in cls.GLOBALS
        if name not in {slot.name for slot in properties_of(cls)}
    }
    assert unknown == set()


TEMPLATES: Mapping[str, Any] = json.loads(
    (resources.files(samtranslator) / "policy_templates_data" / "policy_templates.json").read_text("utf-8")
)["Templates"]
CALLS = {
    name: each
    for name, each in vars(policies).items()
    if inspect.isfunction(each) and each.__module__ == policies.__name__ and not name.startswith("_")
}


def called(name: str) -> PolicyTemplate:
    """What a call gives whose every argument is a name."""
    arguments = {each: each for each in inspect.signature(CALLS[name]).parameters}
    template = CALLS[name](**arguments)
    assert isinstance(template, PolicyTemplate)
    return template


def test_every_policy_template_of_sam_has_one_call() -> None:
    assert sorted(called(name).name for name in CALLS) == sorted(TEMPLATES)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_call_gives_its_template_all_parameters(name: str) -> None:
    template = called(name)
    assert template.parameters.keys() == TEMPLATES[template.name]["Parameters"].keys()


@pytest.mark.parametrize("name", sorted(name for name in CALLS if inspect.signature(CALLS[name]).parameters))
def test_a_call_refuses_what_is_neither_resource_nor_name(name: str) -> None:
    arguments: dict[str, Any] = dict.fromkeys(inspect.signature(CALLS[name]).parameters, 5)
    with pytest.raises(DefinitionError):
        CALLS[name](**arguments)


def test_the_names_of_resources_that_calls_know_are_of_types_that_exist() -> None:
    known = {aws_type for each in vars(policies)["_NAMES"].values() for aws_type in each}
    schemas = importlib.import_module("cfnlint.schema").PROVIDER_SCHEMA_MANAGER
    existing = set(schemas.get_resource_types("us-east-1"))
    assert {each for each in known if not each.startswith(SAM)} - existing == set()


def test_every_class_of_a_resource_says_how_it_tags() -> None:
    # SAM takes tags as a mapping everywhere; a list would be refused.
    listing = [cls.__name__ for name, cls in resource_types().items() if name.startswith(SAM) and tagged(cls)]
    assert listing == []


def tagged(cls: type[Resource]) -> bool:
    return cls.TAGS_AS_LIST and any(slot.name == "tags" for slot in properties_of(cls))
