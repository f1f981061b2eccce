"""A stack as a template: a plain dict with long-form intrinsics, made through troposphere.

troposphere knows which properties each AWS type has; what the model has and troposphere still lacks is added
to its classes here, from the model's own fields, so there is no second list to keep. How a template is
written (YAML, JSON, short tags) is not decided here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import troposphere
from troposphere import AWSHelperFn, AWSObject, AWSProperty

from lambdaform.errors import DefinitionError
from lambdaform.model.events import Event
from lambdaform.model.iam import PolicyTemplate
from lambdaform.model.references import Condition, GetAtt, If, Intrinsic, LogicalRef, Ref, Sub
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape, cached, properties_of
from lambdaform.model.stack import Stack

SAM_TRANSFORM = "AWS::Serverless-2016-10-31"
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
#: troposphere's module names where they are not the service's name in lower case.
_MODULES = {"Lambda": "awslambda", "KinesisFirehose": "firehose"}


def template_of(stack: Stack) -> dict[str, Any]:
    """The stack as a SAM or CloudFormation template.

    Raises `DefinitionError` where troposphere refuses a resource.
    """
    template = (
        troposphere.Template(Description=stack.description) if stack.description else troposphere.Template()
    )
    for resource in stack.resources.values():
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
    sections["Metadata"] = plain(stack.metadata)
    sections["Parameters"] = {key: _section_item(each) for key, each in stack.parameters.items()}
    sections["Mappings"] = plain(stack.mappings)
    sections["Conditions"] = {key: plain(each.expression) for key, each in stack.conditions.items()}
    sections["Outputs"] = {
        key: {**_section_item(each), **({"Export": {"Name": plain(each.export)}} if each.export else {})}
        for key, each in stack.outputs.items()
    }
    sections["Globals"] = {key: _section_item(each) for key, each in stack.globals.items()}
    sections["Resources"].update(plain(stack.loops))
    sections.update(plain(stack.raw))
    order = (*_SECTIONS, *(name for name in sections if name not in _SECTIONS))
    return {name: sections[name] for name in order if sections.get(name)}


def _transforms(stack: Stack) -> Any:
    transforms = list(stack.transforms)
    uses_sam = any(each.aws_type.startswith("AWS::Serverless::") for each in stack.resources.values())
    if uses_sam and SAM_TRANSFORM not in transforms:
        transforms.append(SAM_TRANSFORM)
    return transforms[0] if len(transforms) == 1 else transforms


def _section_item(shape: Shape) -> dict[str, Any]:
    return {name: plain(value) for name, value in shape.property_values()}


def _with_attributes(entry: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    attributes = {
        "Type": entry["Type"],
        "Condition": resource.condition,
        "DependsOn": resource.depends_on[0] if len(resource.depends_on) == 1 else list(resource.depends_on),
        "Metadata": plain(resource.metadata),
        "DeletionPolicy": resource.deletion_policy,
        "UpdateReplacePolicy": resource.update_replace_policy,
        "Properties": entry.get("Properties"),
    }
    written = {name: value for name, value in attributes.items() if value}
    return {**written, **plain(resource.attributes)}


def _resource(resource: Resource, stack: Stack) -> AWSObject:
    values = dict(resource.property_values())
    tags = _tags(resource, stack)
    if tags is not None:
        values["Tags"] = tags
    cls = _class_for(resource.aws_type, type(resource), tuple(resource.raw), not stack.loaded)
    return _fill(cls(resource.logical_id, validation=False), values, strict=not stack.loaded)


def _tags(resource: Resource, stack: Stack) -> Any:
    if not any(slot.name == "tags" for slot in properties_of(type(resource))):
        return None
    own = getattr(resource, "tags", None)
    if isinstance(own, Ref) or "Tags" in resource.raw:
        return None
    merged = {**stack.tags, **(own or {})}
    if not merged:
        return None if own is None else merged
    if resource.TAGS_AS_LIST:
        return [{"Key": key, "Value": plain(value)} for key, value in merged.items()]
    return merged


class _Function(AWSHelperFn):  # type: ignore[misc]  # troposphere has no types
    """Any intrinsic function, in the form in which troposphere takes one for every property."""

    def __init__(self, data: Any) -> None:
        self.data = data


def _fill(target: Any, values: Mapping[str, Any], *, strict: bool) -> Any:
    for name, value in values.items():
        setattr(target, name, _value(value, target.props[name][0], strict=strict))
    return target


def _value(value: Any, expected: Any, *, strict: bool) -> Any:
    if isinstance(value, Ref):
        return _Function(plain(value))
    if isinstance(value, Shape):
        cls = _property_class(expected)
        if cls is None or isinstance(value, Event | PolicyTemplate):
            return plain(value)
        extended = _extended(cls, type(value), tuple(value.raw), strict)
        return _fill(extended(), dict(value.property_values()), strict=strict)
    if isinstance(value, Mapping):
        return {key: _value(item, None, strict=strict) for key, item in value.items()}
    if isinstance(value, list | tuple):
        item_type = expected[0] if isinstance(expected, list) else None
        return [_value(item, item_type, strict=strict) for item in value]
    return value.value if isinstance(value, Enum) else value


def _property_class(expected: Any) -> type | None:
    candidates = expected if isinstance(expected, tuple | list) else (expected,)
    for each in candidates:
        if isinstance(each, type) and issubclass(each, AWSProperty):
            return each
    return None


@cached
def _class_for(aws_type: str, model: type[Resource], raw: tuple[str, ...], strict: bool) -> type:
    return _extended(_known_class(aws_type), model, raw, strict)


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


@cached
def _extended(cls: type, model: type[Shape], raw: tuple[str, ...], strict: bool) -> type:
    known: Mapping[str, Any] = cls.props  # type: ignore[attr-defined]
    props = {name: (expected, False) for name, (expected, *_) in known.items()} if strict else {}
    for slot in properties_of(model):
        expected = known[slot.aws_name][0] if strict and slot.aws_name in known else object
        props[slot.aws_name] = (expected, False)
    props.update(dict.fromkeys((*raw, "Tags"), (object, False)))
    return type(cls.__name__, (cls,), {"props": props})


def plain(value: Any) -> Any:
    """A value of the model as template data: dicts, lists, scalars, and intrinsics in their long form."""
    if isinstance(value, Ref):
        return _long_form(value)
    if isinstance(value, Event):
        properties = {name: plain(item) for name, item in value.property_values()}
        return {"Type": value.event_type, **({"Properties": properties} if properties else {})}
    if isinstance(value, PolicyTemplate):
        return {value.name: plain(value.parameters)}
    if isinstance(value, Shape):
        return {name: plain(item) for name, item in value.property_values()}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Condition):
        return {"Condition": value.name}
    return value.value if isinstance(value, Enum) else value


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
    """Each resource whose code is a local path: the resource, the field that says so, and the path."""
    for resource in stack.resources.values():
        for field_name in ("code_uri", "content_uri", "code", "content"):
            path = getattr(resource, field_name, None)
            if isinstance(path, str) and not path.startswith(("s3://", "https://")):
                yield resource, field_name, path
