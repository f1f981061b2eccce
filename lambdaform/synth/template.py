"""A stack as a template: a plain dict with long-form intrinsics.

Which properties a type has, and which values they may have, the model has already checked. troposphere is asked only
about types of which the model knows nothing (`troposphere_types.py`). How a template is written (YAML, JSON, short tags) is not
decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from lambdaform.errors import DefinitionError
from lambdaform.model.code_folder import CodeFolder, local_path
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
    is_intrinsic,
    references_in,
)
from lambdaform.model.resource import OWN_METADATA, RawResource, Resource, UpdatePolicy, joined_metadata
from lambdaform.model.shape import Shape, cached, properties_of, slots_of
from lambdaform.model.stack import Stack
from lambdaform.model.troposphere_resource import TroposphereResource

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


def template_of(stack: Stack) -> dict[str, Any]:
    """The stack as a SAM or CloudFormation template.

    Raises `DefinitionError` where a troposphere object was changed after it was added.
    """
    for resource in stack.resources.values():
        _refuse_if_changed(resource)
    sections: dict[str, Any] = {"Description": stack.description}
    sections["Resources"] = {each.logical_id: _entry(each, stack) for each in stack.resources.values()}
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
        is_intrinsic(each)
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
        key: _entry(each, stack) if isinstance(each, Resource) else plain(each) for key, each in body.items()
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


def _entry(resource: Resource, stack: Stack) -> dict[str, Any]:
    """What a template has under a resource's logical id."""
    depends_on = resource.depends_on
    entry: dict[str, Any] = {
        "Type": resource.aws_type,
        "Condition": resource.condition,
        "DependsOn": depends_on[0] if len(depends_on) == 1 else list(depends_on),
        "Metadata": plain(joined_metadata(resource)),
        "IgnoreGlobals": plain(resource.ignore_globals),
        "CreationPolicy": plain(resource.creation_policy),
        "UpdatePolicy": plain(resource.update_policy),
        "DeletionPolicy": plain(resource.deletion_policy),
        "UpdateReplacePolicy": plain(resource.update_replace_policy),
        "Properties": _properties(resource, stack),
        "Connectors": plain(resource.connectors),
    }
    written = {name: value for name, value in entry.items() if value}
    return {**written, **plain(resource.attributes)} if resource.attributes else written


def _properties(resource: Resource, stack: Stack) -> dict[str, Any]:
    properties = {name: plain(value) for name, value in resource.property_values()}
    tags = _tags(resource, stack)
    if tags is not None:
        properties["Tags"] = plain(tags)
    return properties


def _tags(resource: Resource, stack: Stack) -> Any:
    if isinstance(resource, RawResource):
        return _raw_tags(resource, stack)
    if not _takes_tags(type(resource)):
        return None
    own = getattr(resource, "tags", None)
    if isinstance(own, Ref) or "Tags" in resource.raw:
        return None
    merged = {**stack.tags_for(resource.logical_id), **(own or {})}
    if not merged:
        return None if own is None else merged
    if resource.TAGS_AS_LIST:
        return [{"Key": key, "Value": value} for key, value in merged.items()]
    return merged


@cached
def _takes_tags(cls: type[Resource]) -> bool:
    return any(slot.name == "tags" for slot in properties_of(cls))


def _raw_tags(resource: RawResource, stack: Stack) -> Any:
    """The stack's tags and the resource's own, in the form in which troposphere knows the type to take them."""
    own = resource.raw.get("Tags")
    given = stack.tags_for(resource.logical_id)
    if not given or isinstance(own, Ref):
        return None
    from lambdaform.synth.troposphere_types import properties_known_of

    known = properties_known_of(resource.aws_type).get("Tags")
    if known is None:
        return None
    if known[0] is dict:
        return {**given, **(own or {})}
    extra = {"PropagateAtLaunch": True} if resource.aws_type == _AUTO_SCALING_GROUP else {}
    keys = {each.get("Key") for each in own or () if isinstance(each, Mapping)}
    shared = [{"Key": key, "Value": value, **extra} for key, value in given.items() if key not in keys]
    return [*shared, *(own or ())]


def plain(value: Any) -> Any:
    """A value of the model as template data: dicts, lists, scalars, and intrinsics in their long form."""
    cls = type(value)
    form = _forms.get(cls) or _form_of(cls)
    return form(value)


def _same(value: Any) -> Any:
    return value


_forms: dict[type, Callable[[Any], Any]] = dict.fromkeys((str, int, float, bool, type(None)), _same)


def _form_of(cls: type) -> Callable[[Any], Any]:
    """The form of a class's values, found once. Not by `isinstance`, which asks a reference for more than its class."""
    forms: dict[type | tuple[type, ...], Callable[[Any], Any]] = {
        LogicalRef: lambda ref: {"Ref": ref.logical_id},
        GetAtt: lambda ref: {"Fn::GetAtt": [ref.logical_id, plain(ref.attribute)]},
        Sub: lambda ref: {"Fn::Sub": [ref.text, plain(ref.values)] if ref.values else ref.text},
        If: lambda ref: {"Fn::If": [ref.condition, plain(ref.then), plain(ref.otherwise)]},
        Intrinsic: lambda ref: {ref.function: plain(ref.argument)},
        Event: _event,
        PolicyTemplate: lambda policy: {policy.name: plain(policy.parameters)},
        EmbeddedConnector: _embedded_connector,
        CodeFolder: lambda folder: folder.path,
        UpdatePolicy: lambda policy: {policy.NAME: _section_item(policy)},
        Shape: _section_item,
        Mapping: lambda value: {key: plain(item) for key, item in value.items()},
        (list, tuple): lambda value: [plain(item) for item in value],
        Condition: lambda condition: {"Condition": condition.name},
        Enum: lambda member: member.value,
    }
    form = next((form for base, form in forms.items() if issubclass(cls, base)), _same)
    _forms[cls] = form
    return form


def _event(event: Event) -> dict[str, Any]:
    properties = _section_item(event)
    return {"Type": event.event_type, **({"Properties": properties} if properties else {})}


def _embedded_connector(connector: EmbeddedConnector) -> dict[str, Any]:
    attributes = {
        slot.aws_name: plain(getattr(connector, slot.name))
        for slot in slots_of(EmbeddedConnector)
        if not slot.is_property
    }
    properties = _section_item(connector)
    return {**{name: value for name, value in attributes.items() if value}, "Properties": properties}


def code_properties(stack: Stack) -> Iterator[tuple[Resource, str, str]]:
    """Each resource, or Globals for all of a kind, whose code is a local path: it, the field that says so, the path."""
    for resource in (*stack.globals.values(), *stack.resources.values()):
        for field_name in ("code_uri", "content_uri", "code", "content"):
            path = local_path(getattr(resource, field_name, None))
            if path is not None:
                yield resource, field_name, path
        if stack.loaded and isinstance(resource, Function) and _lies_beside(resource, stack):
            yield resource, "code_uri", "."


def code_files(stack: Stack) -> Iterator[str]:
    """The paths of all code, and of the lists of dependencies that lie elsewhere."""
    for resource, field_name, path in code_properties(stack):
        yield path
        value = getattr(resource, field_name)
        if isinstance(value, CodeFolder) and isinstance(value.dependencies, str):
            yield value.dependencies


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
