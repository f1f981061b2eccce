"""A stack as a template: a plain dict with long-form intrinsics, made through troposphere.

troposphere's objects carry the template; which properties a type has, and which values they may have, the model
has already checked, and newer than troposphere knows them. How a template is written (YAML, JSON, short tags) is
not decided here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from lambdaform.errors import DefinitionError
from lambdaform.model.embedded_connector import EmbeddedConnector
from lambdaform.model.event import Event
from lambdaform.model.function import Function
from lambdaform.model.iam import PolicyTemplate
from lambdaform.model.references import (
    Condition,
    GetAtt,
    If,
    Intrinsic,
    LogicalRef,
    Ref,
    Sub,
    references_in,
)
from lambdaform.model.resource import RawResource, Resource, UpdatePolicy
from lambdaform.model.shape import Shape, cached, properties_of, slots_of
from lambdaform.model.stack import OWN_METADATA, Stack
from lambdaform.model.troposphere_resource import TroposphereResource
from lambdaform.synth.carrier import AWSObject, Template

SAM_TRANSFORM = "AWS::Serverless-2016-10-31"
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
_SECTIONS = (
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Rules",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
)
#: The one type whose tags say more than key and value.
_AUTO_SCALING_GROUP = "AWS::AutoScaling::AutoScalingGroup"
#: troposphere's module names where they are not the service's name in lower case.
_MODULES = {"Lambda": "awslambda", "KinesisFirehose": "firehose", "KinesisAnalytics": "analytics"}


def template_of(stack: Stack) -> dict[str, Any]:
    """The stack as a SAM or CloudFormation template.

    Raises `DefinitionError` where troposphere refuses a resource.
    """
    template = Template(Description=stack.description) if stack.description else Template()
    for resource in stack.resources.values():
        _refuse_if_changed(resource)
        try:
            template.add_resource(_resource(resource, stack))
        except (TypeError, ValueError, AttributeError) as error:
            location = resource.origin.locate() if resource.origin else None
            raise DefinitionError(
                f"{resource.aws_type} {resource.logical_id!r}: {error}", where=location, rule="LF106"
            ) from error
    sections = template.to_dict()
    sections["Resources"] = {
        logical_id: _with_attributes(entry, stack.resources[logical_id])
        for logical_id, entry in sections["Resources"].items()
    }
    sections["AWSTemplateFormatVersion"] = "2010-09-09"
    sections["Transform"] = _transforms(stack)
    sections["Metadata"] = _metadata(stack)
    sections["Parameters"] = {key: _section_item(each) for key, each in stack.parameters.items()}
    sections["Mappings"] = plain(stack.mappings)
    sections["Rules"] = {key: _section_item(each) for key, each in stack.rules.items()}
    sections["Conditions"] = {key: plain(each.expression) for key, each in stack.conditions.items()}
    sections["Outputs"] = {
        key: {**_section_item(each), **({"Export": {"Name": plain(each.export)}} if each.export else {})}
        for key, each in stack.outputs.items()
    }
    sections["Outputs"].update(plain(stack.output_loops))
    sections["Globals"] = {key: _section_item(each) for key, each in stack.globals.items()}
    sections["Resources"].update({key: _loop(loop, stack) for key, loop in stack.loops.items()})
    sections.update(plain(stack.raw))
    order = (*_SECTIONS, *(name for name in sections if name not in _SECTIONS))
    return {name: sections[name] for name in order if sections.get(name)}


def _transforms(stack: Stack) -> Any:
    """The template's transforms in the order in which AWS wants them: macros, language extensions, SAM."""
    transforms = list(stack.transforms)
    uses_sam = any(each.aws_type.startswith("AWS::Serverless::") for each in _all_resources(stack))
    if uses_sam and SAM_TRANSFORM not in transforms:
        transforms.append(SAM_TRANSFORM)
    if not stack.loaded and LANGUAGE_EXTENSIONS not in transforms and _uses_language_extensions(stack):
        place = transforms.index(SAM_TRANSFORM) if SAM_TRANSFORM in transforms else len(transforms)
        transforms.insert(place, LANGUAGE_EXTENSIONS)
    return transforms[0] if len(transforms) == 1 else transforms


def _all_resources(stack: Stack) -> Iterator[Resource]:
    """The stack's resources, and those that its loops repeat."""
    yield from stack.resources.values()
    for loop in stack.loops.values():
        if isinstance(loop, list | tuple) and len(loop) == 3 and isinstance(loop[2], Mapping):
            yield from (each for each in loop[2].values() if isinstance(each, Resource))


def _uses_language_extensions(stack: Stack) -> bool:
    if stack.loops or stack.output_loops:
        return True
    resources = list(stack.resources.values())
    if any(isinstance(each.deletion_policy, Ref) for each in resources):
        return True
    if any(isinstance(each.update_replace_policy, Ref) for each in resources):
        return True
    conditions = [each.expression for each in stack.conditions.values()]
    return any(
        isinstance(each, Intrinsic)
        and (
            each.function in ("Fn::Length", "Fn::ToJsonString")
            or (each.function == "Fn::FindInMap" and len(each.argument) > 3)
        )
        for each in references_in([*resources, *stack.outputs.values(), *conditions])
    )


def _loop(loop: Any, stack: Stack) -> Any:
    """A loop with the resources that it repeats as a template has them."""
    if not isinstance(loop, list | tuple) or len(loop) != 3 or not isinstance(loop[2], Mapping):
        return plain(loop)
    identifier, collection, body = loop
    entries = {
        key: _with_attributes(_resource(each, stack).to_dict(), each)
        if isinstance(each, Resource)
        else plain(each)
        for key, each in body.items()
    }
    return [identifier, plain(collection), entries]


def _refuse_if_changed(resource: Resource) -> None:
    if isinstance(resource, TroposphereResource) and resource.has_changed:
        raise DefinitionError(
            f"{resource.aws_type} {resource.logical_id!r} was changed after it was added to the stack.",
            right="Set all its properties before stack.add().",
            where=resource.origin.locate() if resource.origin else None,
            rule="LF106",
        )


def _section_item(shape: Shape) -> dict[str, Any]:
    return {name: plain(value) for name, value in shape.property_values()}


def _metadata(stack: Stack) -> dict[str, Any]:
    """The stack's metadata; a profile other than today's is noted there, so that a template keeps it."""
    metadata: dict[str, Any] = plain(stack.metadata)
    if stack.profile == "current":
        return metadata
    own = metadata.get(OWN_METADATA)
    noted = {**(own if isinstance(own, dict) else {}), "profile": stack.profile}
    return {**metadata, OWN_METADATA: noted}


def _with_attributes(entry: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    attributes = {
        "Type": entry["Type"],
        "Condition": resource.condition,
        "DependsOn": resource.depends_on[0] if len(resource.depends_on) == 1 else list(resource.depends_on),
        "Metadata": plain(resource.metadata),
        "IgnoreGlobals": plain(resource.ignore_globals),
        "CreationPolicy": plain(resource.creation_policy),
        "UpdatePolicy": plain(resource.update_policy),
        "DeletionPolicy": plain(resource.deletion_policy),
        "UpdateReplacePolicy": plain(resource.update_replace_policy),
        "Properties": entry.get("Properties"),
    }
    if resource.connectors:
        attributes["Connectors"] = plain(resource.connectors)
    written = {name: value for name, value in attributes.items() if value}
    return {**written, **plain(resource.attributes)}


def _resource(resource: Resource, stack: Stack) -> AWSObject:
    values = dict(resource.property_values())
    tags = _tags(resource, stack)
    if tags is not None:
        values["Tags"] = tags
    made = _known_class(resource.aws_type)(resource.logical_id, validation=False)
    # Not by attribute: the model has checked the values, and has properties that troposphere does not know yet.
    made.properties.update(plain(values))
    return made


def _tags(resource: Resource, stack: Stack) -> Any:
    if isinstance(resource, RawResource):
        return _raw_tags(resource, stack)
    if not any(slot.name == "tags" for slot in properties_of(type(resource))):
        return None
    own = getattr(resource, "tags", None)
    if isinstance(own, Ref) or "Tags" in resource.raw:
        return None
    merged = {**stack.tags_for(resource.logical_id), **(own or {})}
    if not merged:
        return None if own is None else merged
    if resource.TAGS_AS_LIST:
        return [{"Key": key, "Value": plain(value)} for key, value in merged.items()]
    return merged


def _raw_tags(resource: RawResource, stack: Stack) -> Any:
    """The stack's tags and the resource's own, in the form in which troposphere knows the type to take them."""
    known = _known_class(resource.aws_type).props.get("Tags")  # type: ignore[attr-defined]
    own = resource.raw.get("Tags")
    given = stack.tags_for(resource.logical_id)
    if known is None or not given or isinstance(own, Ref):
        return None
    if known[0] is dict:
        return {**given, **(own or {})}
    extra = {"PropagateAtLaunch": True} if resource.aws_type == _AUTO_SCALING_GROUP else {}
    keys = {each.get("Key") for each in own or () if isinstance(each, Mapping)}
    shared = [{"Key": key, "Value": value, **extra} for key, value in given.items() if key not in keys]
    return [*shared, *(own or ())]


@cached
def _known_class(aws_type: str) -> type:
    _, _, rest = aws_type.partition("::")
    service, _, _ = rest.partition("::")
    try:
        module = importlib.import_module(f"troposphere.{_MODULES.get(service, service.lower())}")
    except ImportError:
        module = None
    for candidate in vars(module).values() if module else ():
        if isinstance(candidate, type) and getattr(candidate, "resource_type", None) == aws_type:
            return candidate
    return type("Unknown", (AWSObject,), {"resource_type": aws_type, "props": {}})


def plain(value: Any) -> Any:
    """A value of the model as template data: dicts, lists, scalars, and intrinsics in their long form."""
    if isinstance(value, Ref):
        return _long_form(value)
    if isinstance(value, Event):
        properties = {name: plain(item) for name, item in value.property_values()}
        return {"Type": value.event_type, **({"Properties": properties} if properties else {})}
    if isinstance(value, PolicyTemplate):
        return {value.name: plain(value.parameters)}
    if isinstance(value, EmbeddedConnector):
        return _embedded_connector(value)
    if isinstance(value, UpdatePolicy):
        return {value.NAME: {name: plain(item) for name, item in value.property_values()}}
    if isinstance(value, Shape):
        return {name: plain(item) for name, item in value.property_values()}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Condition):
        return {"Condition": value.name}
    return value.value if isinstance(value, Enum) else value


def _embedded_connector(connector: EmbeddedConnector) -> dict[str, Any]:
    attributes = {
        slot.aws_name: plain(getattr(connector, slot.name))
        for slot in slots_of(EmbeddedConnector)
        if not slot.is_property
    }
    properties = {name: plain(item) for name, item in connector.property_values()}
    return {**{name: value for name, value in attributes.items() if value}, "Properties": properties}


def _long_form(ref: Ref[Any]) -> dict[str, Any]:
    match ref:
        case LogicalRef(logical_id=logical_id):
            return {"Ref": logical_id}
        case GetAtt(logical_id=logical_id, attribute=attribute):
            return {"Fn::GetAtt": [logical_id, plain(attribute)]}
        case Sub(text=text, values=values):
            return {"Fn::Sub": [text, plain(values)] if values else text}
        case If(condition=condition, then=then, otherwise=otherwise):
            return {"Fn::If": [condition, plain(then), plain(otherwise)]}
        case Intrinsic(function=function, argument=argument):
            return {function: plain(argument)}
    raise TypeError(f"no template form for {type(ref).__name__}")


def code_properties(stack: Stack) -> Iterator[tuple[Resource, str, str]]:
    """Each resource, or Globals for all of a kind, whose code is a local path: it, the field that says so, the path."""
    for resource in (*stack.globals.values(), *stack.resources.values()):
        for field_name in ("code_uri", "content_uri", "code", "content"):
            path = getattr(resource, field_name, None)
            if isinstance(path, str) and not path.startswith(("s3://", "https://")):
                yield resource, field_name, path
        if stack.loaded and isinstance(resource, Function) and _lies_beside(resource, stack):
            yield resource, "code_uri", "."


def _lies_beside(function: Function, stack: Stack) -> bool:
    """Whether a function of a template says nothing of its code: SAM takes it to lie in the template's folder."""
    shared = stack.globals.get("Function")
    if function is shared or "CodeUri" in function.raw or "PackageType" in function.raw:
        return False
    says = any(
        getattr(each, name, None) is not None
        for each in (function, shared)
        for name in ("code_uri", "inline_code", "image_uri")
    )
    image = "Image" in (function.package_type, getattr(shared, "package_type", None))
    return not says and not image and not any(name.startswith("Fn::") for name in function.raw)
