"""A SAM or CloudFormation template as a `Stack`.

Types, properties and sections that the model does not know are kept raw, never dropped; values that AWS would
refuse are kept too and noted in ``stack.problems``. Every object knows its place in the file.
"""

from __future__ import annotations

import collections.abc
import types
import typing
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from cattrs import Converter

from lambdaform.errors import DefinitionError, UsageError
from lambdaform.load.nested import nest_templates
from lambdaform.load.types import event_type, resource_type
from lambdaform.load.yaml_reader import Template, read_template
from lambdaform.model.cloudformation import CustomResource
from lambdaform.model.embedded_connector import EmbeddedConnector
from lambdaform.model.event import Event, RawEvent
from lambdaform.model.globals import refused_globals
from lambdaform.model.iam import PolicyTemplate, Statement
from lambdaform.model.references import Condition, Ref, intrinsic
from lambdaform.model.resource import OWN_METADATA, RawResource, Resource, split_metadata
from lambdaform.model.sections import Output, Parameter, ParameterRule
from lambdaform.model.shape import (
    Problem,
    Shape,
    Slot,
    cached,
    collecting_problems,
    properties_of,
    report,
    slots_of,
    without_required_fields,
)
from lambdaform.model.stack import Stack
from lambdaform.origin import TemplateOrigin

_ATTRIBUTES = (
    "Type",
    "Condition",
    "DependsOn",
    "Metadata",
    "CreationPolicy",
    "UpdatePolicy",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Connectors",
    "IgnoreGlobals",
    "Properties",
)
S = TypeVar("S", bound=Shape)

#: What an export looks like.
_EXPORT = "It is written {Name: the-name-of-the-export}."
_SECTIONS = ("Resources", "Parameters", "Rules", "Outputs", "Conditions", "Mappings", "Metadata", "Globals")
_HEAD = ("AWSTemplateFormatVersion", "Transform", "Description")


def load_file(file: Path, *, stack_name: str | None = None) -> Stack:
    """The template in a file as a stack, named after its folder unless ``stack_name`` is given.

    The local templates that it nests are its children. Raises `UsageError` where the file cannot be read,
    `DefinitionError` where it is no template.
    """
    return _load_file(file, stack_name, ())


def _load_file(file: Path, stack_name: str | None, within: tuple[Path, ...]) -> Stack:
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file} is not a text file in UTF-8.", right="Name a template in YAML or JSON."
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"The template {file} cannot be read: {reason}.", right="Name one with --template."
        ) from error
    stack = load_template(read_template(text, str(file)), stack_name=stack_name)
    files = (*within, file.resolve())
    nest_templates(stack, lambda path: _load_file(path, _name_of(path.stem), files), files)
    return stack


def load_template(template: Template, *, stack_name: str | None = None) -> Stack:
    """A template that was read as a stack."""
    with collecting_problems() as problems:
        stack = _Loader(template).stack(stack_name or _name_from(template.file))
    stack.problems.extend((*template.problems, *problems))
    return stack


def _name_from(file: str) -> str:
    return _name_of(Path(file).resolve().parent.name)


def _name_of(folder: str) -> str:
    """A stack's name out of the name of a folder or file."""
    name = "".join(char if char.isalnum() and char.isascii() else "-" for char in folder).strip("-")
    return name if name[:1].isalpha() else f"stack-{name}".rstrip("-")


_nothing_else = nullcontext()


class _Loader:
    def __init__(self, template: Template) -> None:
        self.template = template
        self.path: tuple[str | int, ...] = ()
        #: What `_structure` and `_union` have found out of annotations, by their identity.
        self.hooks: dict[int, tuple[Callable[[Any, Any], Any], Any, Any]] = {}
        self.choices: dict[tuple[int, type], _Choice] = {}
        self.converter = Converter()
        self.converter.register_structure_hook_factory(
            lambda cls: isinstance(cls, type) and issubclass(cls, Shape), lambda _: self._shape
        )
        self.converter.register_structure_hook_factory(_is_union, lambda _: self._union)
        self.converter.register_structure_hook_factory(_is_mapping, lambda _: self._mapping)
        self.converter.register_structure_hook_factory(_is_sequence, lambda _: self._sequence)
        self.converter.register_structure_hook_factory(_is_plain, lambda _: self._scalar)
        for scalar in (str, int, float, bool, Enum):
            self.converter.register_structure_hook(scalar, self._scalar)

    def origin(self, owner: tuple[str | int, ...] | None = None) -> TemplateOrigin:
        return TemplateOrigin(self.template.file, self.path, self.template.marks, owner)

    def stack(self, name: str) -> Stack:
        data = self.template.data
        resources = data.get("Resources")
        if not isinstance(resources, Mapping):
            raise DefinitionError(
                f"{self.template.file} is not a template: it has no Resources section.",
                right=f"A stack as data is named with --from {self.template.file}."
                if "resources" in data
                else "A SAM or CloudFormation template has Resources, each with a Type.",
            )
        description = data.get("Description")
        version = data.get("AWSTemplateFormatVersion")
        if version is not None and str(version) != "2010-09-09":
            self.path = ("AWSTemplateFormatVersion",)
            self._note(
                "LF218",
                f"The AWSTemplateFormatVersion is {str(version)!r}.",
                "There is one version: '2010-09-09'. It may also be left out.",
            )
            self.path = ()
        stack = Stack(
            name,
            description=description if isinstance(description, str) else None,
            profile=self._profile(),
            origin=self.origin(),
        )
        stack.loaded = True
        stack.file = self.template.file
        transform = data.get("Transform", [])
        stack.transforms = tuple(transform if isinstance(transform, list) else [transform])
        for key, body in self._items("Parameters"):
            stack.parameters[key] = self._build(Parameter, key, body, logical_id=key)
        for key, body in self._items("Conditions"):
            stack.conditions[key] = Condition(key, self._data(body), origin=self.origin())
        for key, body in self._items("Mappings"):
            stack.mappings[key] = body
        for key, body in self._items("Rules"):
            stack.rules[key] = self._build(ParameterRule, key, body, logical_id=key)
        for key, body in self._items("Outputs"):
            if key.startswith("Fn::ForEach::"):
                stack.output_loops[key] = self._data(body)
            else:
                stack.outputs[key] = self._output(key, body)
        for key, body in self._items("Metadata"):
            if key == OWN_METADATA and isinstance(body, Mapping):
                body = {name: value for name, value in body.items() if name != "profile"}
                if not body:
                    continue
            stack.metadata[key] = body
        for key, body in self._items("Globals"):
            stack.globals[key] = self._globals(key, body)
        for key, body in self._items("Resources"):
            if key.startswith("Fn::ForEach::"):
                stack.loops[key] = self._data(body)
            else:
                stack.resources[key] = self._resource(key, body)
        for key, body in data.items():
            if key not in _SECTIONS and key not in _HEAD:
                self.path = (key,)
                stack.raw[key] = self._data(body)
        return stack

    def _profile(self) -> Any:
        """The profile that `lambdaform synth` noted in the template's metadata."""
        metadata = self.template.data.get("Metadata")
        own = metadata.get(OWN_METADATA) if isinstance(metadata, Mapping) else None
        if not isinstance(own, Mapping) or "profile" not in own:
            return "current"
        self.path = ("Metadata", OWN_METADATA, "profile")
        return own["profile"]

    def _items(self, section: str) -> typing.Iterator[tuple[str, Any]]:
        body = self.template.data.get(section)
        if body is None:
            return
        if not isinstance(body, Mapping):
            self.path = (section,)
            where = self.origin().locate()
            raise DefinitionError(
                f"{section} is not a mapping.", right="It maps names to definitions.", where=where
            )
        for key, value in body.items():
            self.path = (section, key)
            yield key, value

    def _output(self, key: str, body: Any) -> Output:
        if not isinstance(body, Mapping):
            return self._build(Output, key, body, logical_id=key)
        if "Value" in body and body["Value"] is None:
            self._note_inside(
                "Value", "LF105", f"Output {key!r} has the Value null.", "An output has a value."
            )
        if "Export" not in body:
            return self._build(Output, key, body, logical_id=key)
        export = body["Export"]
        if isinstance(export, Mapping) and export.get("Name") not in (None, ""):
            rest = {name: value for name, value in body.items() if name != "Export"}
            return self._build(Output, key, rest, logical_id=key, export=self._data(export["Name"]))
        if not isinstance(export, Mapping):
            self._note_inside("Export", "LF100", f"The Export of output {key!r} is no mapping.", _EXPORT)
        elif not _intrinsic_name(export):
            self._note_inside("Export", "LF105", f"The Export of output {key!r} has no Name.", _EXPORT)
        return self._build(Output, key, body, logical_id=key)

    def _globals(self, section: str, body: Any) -> Resource:
        cls = resource_type(f"AWS::Serverless::{section}")
        if cls is None or not cls.GLOBALS:
            raw = self._raw(body) if isinstance(body, Mapping) else {}
            return RawResource("Globals", type=f"AWS::Serverless::{section}", raw=raw, origin=self.origin())
        with without_required_fields():
            shared = self._build(cls, "Globals", body, logical_id="Globals")
        for problem in refused_globals(shared):
            report(problem)
        return shared

    def _resource(self, logical_id: str, body: Any) -> Resource:
        owner = self.path
        if not isinstance(body, Mapping) or not isinstance(body.get("Type"), str):
            self._note(
                "LF107",
                f"Resource {logical_id!r} has no Type.",
                "Each resource names its type, such as AWS::Serverless::Function.",
            )
            raw = self._raw(body) if isinstance(body, Mapping) else {}
            return RawResource(logical_id, type="", raw=raw, origin=self.origin(owner))
        metadata, suppress = split_metadata(self._data(body.get("Metadata")))
        suppress = self._suppressions(suppress) if suppress is not None else None
        attributes: dict[str, Any] = {
            "condition": body.get("Condition"),
            "depends_on": () if body.get("DependsOn") is None else body["DependsOn"],
            "metadata": metadata,
            "suppress": suppress,
            "creation_policy": self._data(body.get("CreationPolicy")),
            "update_policy": self._data(body.get("UpdatePolicy")),
            "deletion_policy": self._data(body.get("DeletionPolicy")),
            "update_replace_policy": self._data(body.get("UpdateReplacePolicy")),
            "connectors": self._connectors(body.get("Connectors")),
            "ignore_globals": body.get("IgnoreGlobals"),
            "attributes": {key: self._data(value) for key, value in body.items() if key not in _ATTRIBUTES},
        }
        properties = body.get("Properties", {})
        self.path = (*owner, "Properties")
        if not isinstance(properties, Mapping):
            self._note(
                "LF100", f"The Properties of {logical_id!r} are no mapping.", "They map names to values."
            )
            properties = {}
        cls = resource_type(body["Type"])
        if cls is CustomResource or body["Type"].startswith("Custom::"):
            cls = CustomResource
            attributes["type"] = body["Type"]
        if cls is None:
            return RawResource(
                logical_id,
                type=body["Type"],
                raw=self._raw(properties),
                origin=self.origin(owner),
                **attributes,
            )
        merged = self._shared(body["Type"])
        return self._build(cls, logical_id, properties, owner, merged, logical_id=logical_id, **attributes)

    def _suppressions(self, written: Any) -> dict[str, str]:
        """The suppressions of a resource that say why."""
        owner = self.path
        place = (*owner, "Metadata", OWN_METADATA, "suppress")
        right = "It maps rules to reasons, such as {LF402: until the March release}."
        kept: dict[str, str] = {}
        for name, reason in written.items() if isinstance(written, Mapping) else [(None, None)]:
            if name is not None and isinstance(reason, str) and reason.strip():
                kept[name] = reason
                continue
            self.path = place if name is None else (*place, name)
            what = "suppress is no mapping." if name is None else f"the suppression of {name} has no reason."
            self._note("LF902", f"{owner[-1]}: {what}", right)
        self.path = owner
        return kept

    def _shared(self, aws_type: str) -> Collection[str]:
        """The properties that the template's globals give to all resources of a SAM type."""
        sections = self.template.data.get("Globals")
        section = aws_type.removeprefix("AWS::Serverless::")
        shared = sections.get(section) if isinstance(sections, Mapping) else None
        return shared.keys() if isinstance(shared, Mapping) else ()

    def _connectors(self, body: Any) -> Any:
        if not isinstance(body, Mapping):
            return self._data(body)
        here = self.path
        connectors: dict[str, Any] = {}
        for name, each in body.items():
            self.path = (*here, "Connectors", name)
            owner = self.path
            if not isinstance(each, Mapping) or not isinstance(each.get("Properties"), Mapping):
                self._note("LF105", f"Connector {name!r} has no Properties.", "They say its destination.")
                connectors[name] = self._data(each)
                continue
            attributes = {
                slot.name: self._data(each[slot.aws_name])
                for slot in slots_of(EmbeddedConnector)
                if not slot.is_property and slot.aws_name in each
            }
            self.path = (*owner, "Properties")
            connectors[name] = self._build(EmbeddedConnector, name, each["Properties"], owner, **attributes)
        self.path = here
        return connectors

    def _build(
        self,
        cls: type[S],
        title: str,
        body: Any,
        owner: tuple[str | int, ...] | None = None,
        merged: Collection[str] = (),
        **attributes: Any,
    ) -> S:
        """An object from its mapping: what the class knows structured, the rest raw.

        ``merged`` are the properties into which SAM merges the globals', so that their own may be a part.
        """
        if not isinstance(body, Mapping):
            self._note("LF100", f"{title} is no mapping.", "It maps names to values.")
            body = {}
        origin = self.origin(owner)
        known, to_be_said = _known_of(cls)
        values: dict[str, Any] = {}
        raw: dict[str, Any] = {}
        here = self.path
        for name, value in body.items():
            self.path = (*here, name)
            if name == "Tags" and getattr(cls, "TAGS_AS_LIST", False):
                if isinstance(value, list):
                    value = self._tags(title, value)
                elif isinstance(value, Mapping) and not _intrinsic_name(value):
                    self._note(
                        "LF278",
                        f"{title} has Tags that are no list.",
                        "CloudFormation wants a list: [{Key: name, Value: text}].",
                    )
            if name in known and value is not None:
                slot = known[name]
                with without_required_fields() if name in merged else _nothing_else:
                    values[slot.name] = self._structure(value, slot.annotation)
            else:
                raw[name] = self._data(value)
        self.path = here
        for name in to_be_said:
            values.setdefault(name, None)
        if cls is CustomResource:
            values["properties"], raw = raw, {}
        return cls(**attributes, **values, raw=raw, origin=origin)

    def _tags(self, title: str, tags: list[Any]) -> Any:
        """A list of tags as a mapping; a key that stands there twice is noted."""
        seen: set[str] = set()
        for index, each in enumerate(tags):
            key = each.get("Key") if isinstance(each, Mapping) else None
            if isinstance(key, str) and key in seen:
                here, self.path = self.path, (*self.path, index)
                self._note(
                    "LF278",
                    f"{title} has the tag {key!r} twice.",
                    "Each key of a resource's tags is there once.",
                )
                self.path = here
            elif isinstance(key, str):
                seen.add(key)
        return _tag_mapping(tags)

    def _structure(self, value: Any, annotation: Any) -> Any:
        # By identity: annotations are those of the model's fields, and to compare them takes longer than to structure.
        found = self.hooks.get(id(annotation))
        if found is None:
            bare = _bare(annotation)
            found = self.hooks[id(annotation)] = (self.converter.get_structure_hook(bare), bare, annotation)
        hook, bare, _ = found
        return hook(value, bare)

    def _shape(self, value: Any, cls: type[Shape]) -> Any:
        if issubclass(cls, Ref) or not isinstance(value, Mapping) or _intrinsic_name(value):
            return self._data(value)
        if issubclass(cls, Event):
            return self._event(value)
        if issubclass(cls, PolicyTemplate):
            return self._data(value)
        return self._build(cls, cls.__name__, value)

    def _event(self, value: Mapping[str, Any]) -> Any:
        kind = value.get("Type")
        if not isinstance(kind, str):
            self._note(
                "LF107", f"Event {self.path[-1]!r} has no Type.", "Each event names its kind, such as SQS."
            )
            return RawEvent("", raw=self._raw(value), origin=self.origin())
        here = self.path
        self.path = (*here, "Properties")
        properties = value.get("Properties") or {}
        cls = event_type(kind)
        try:
            if cls is None:
                raw = self._raw(properties) if isinstance(properties, Mapping) else {}
                return RawEvent(kind, raw=raw, origin=self.origin(here))
            return self._build(cls, str(here[-1]), properties, here)
        finally:
            self.path = here

    def _union(self, value: Any, annotation: Any) -> Any:
        """A value of one of several kinds: a reference, or what the first kind of its form makes of it."""
        if _intrinsic_name(value):
            return self._data(value)
        cls = type(value)
        choice = self.choices.get((id(annotation), cls))
        if choice is None:
            choice = self.choices[id(annotation), cls] = _choice(annotation, cls)
        if choice.may_be_policy_template and "Statement" not in value and len(value) == 1:
            [(name, parameters)] = value.items()
            if isinstance(parameters, Mapping):
                return PolicyTemplate(name, self._data(parameters), origin=self.origin())
        if len(choice.shapes) > 1:
            return self._structure(value, min(choice.shapes, key=lambda each: _strangeness(value, each)))
        fitting = choice.fitting or (choice.lists if _accepts_single(self.path) else ())
        return self._structure(value, fitting[0]) if fitting else self._data(value)

    def _mapping(self, value: Any, annotation: Any) -> Any:
        if not isinstance(value, Mapping) or _intrinsic_name(value):
            return self._data(value)
        return {key: self._inside(key, item, typing.get_args(annotation)[1]) for key, item in value.items()}

    def _sequence(self, value: Any, annotation: Any) -> Any:
        item_type = typing.get_args(annotation)[0]
        if not isinstance(value, list):
            single = item_type is Statement or _accepts_single(self.path)
            return (
                (self._structure(value, item_type),)
                if single and not _intrinsic_name(value)
                else self._data(value)
            )
        return [self._inside(index, item, item_type) for index, item in enumerate(value)]

    def _inside(self, step: str | int, value: Any, annotation: Any) -> Any:
        here = self.path
        self.path = (*here, step)
        try:
            return self._structure(value, annotation)
        finally:
            self.path = here

    def _scalar(self, value: Any, annotation: Any) -> Any:
        """A scalar as CloudFormation takes it: numbers and booleans may be written as text, and the reverse."""
        if isinstance(value, str) and annotation in (int, float):
            try:
                return annotation(value)
            except ValueError:
                return value
        if annotation is bool and value in ("true", "false"):
            return value == "true"
        if annotation is str and isinstance(value, bool):
            return str(value).lower()
        if annotation is str and isinstance(value, int | float):
            return str(value)
        return self._data(value)

    def _raw(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Properties under AWS's own names; an intrinsic that stands for all of them keeps its name as a key."""
        here = self.path
        data = {}
        for name, value in properties.items():
            self.path = (*here, name)
            data[name] = self._data(value)
        self.path = here
        return data

    def _data(self, value: Any) -> Any:
        """Data as it is, with every intrinsic in it as a reference that knows its place."""
        if type(value) in _SIMPLE:
            return value
        if isinstance(value, Mapping):
            name = _intrinsic_name(value)
            if name:
                return self._reference(name, value[name])
            here = self.path
            mapped = {}
            for key, item in value.items():
                self.path = (*here, key)
                mapped[key] = self._data(item)
            self.path = here
            return mapped
        if isinstance(value, list):
            here = self.path
            items = []
            for index, item in enumerate(value):
                self.path = (*here, index)
                items.append(self._data(item))
            self.path = here
            return items
        return value

    def _reference(self, name: str, argument: Any) -> Ref[Any]:
        origin, here = self.origin(), self.path
        self.path = (*here, name)
        try:
            return intrinsic(name, self._data(argument), origin)
        finally:
            self.path = here

    def _note(self, rule: str, what: str, right: str) -> None:
        report(Problem(rule, what, right, self.origin()))

    def _note_inside(self, name: str, rule: str, what: str, right: str) -> None:
        """A problem at a key of what is being read."""
        here, self.path = self.path, (*self.path, name)
        self._note(rule, what, right)
        self.path = here


@cached
def _known_of(cls: type[Shape]) -> tuple[Mapping[str, Slot], tuple[str, ...]]:
    """A class's properties by AWS's names, and the fields of which it must be said that they are not there."""
    slots = properties_of(cls)
    to_be_said = tuple(slot.name for slot in slots if slot.required or slot.default is not None)
    return {slot.aws_name: slot for slot in slots}, to_be_said


def _tag_mapping(tags: list[Any]) -> Any:
    """A list of Key and Value pairs as a mapping, where it has nothing else in it."""
    plain = all(
        isinstance(each, Mapping) and each.keys() == {"Key", "Value"} and isinstance(each["Key"], str)
        for each in tags
    )
    return {each["Key"]: each["Value"] for each in tags} if plain else tags


#: Classes of values without parts. To ask whether a value is a mapping takes five times as long as to find them here.
_SIMPLE = frozenset([str, int, bool, float, types.NoneType])


def _intrinsic_name(value: Any) -> str | None:
    if type(value) not in _SIMPLE and isinstance(value, Mapping) and len(value) == 1:
        [name] = value
        if isinstance(name, str) and (name in ("Ref", "Condition") or name.startswith("Fn::")):
            return None if name == "Condition" and not isinstance(value[name], str) else name
    return None


def _strangeness(value: Mapping[str, Any], cls: type[Shape]) -> int:
    """How much in a mapping speaks against its being of a class: names it lacks, missing ones, unknown choices."""
    slots = {slot.aws_name: slot for slot in properties_of(cls)}
    strange = sum(name not in slots for name in value)
    for name, slot in slots.items():
        choices = [
            each for each in _alternatives(slot.annotation) if typing.get_origin(each) is typing.Literal
        ]
        given = value.get(name)
        missing = given is None and (slot.required or not slot.fit.optional)
        wrong = isinstance(given, str) and choices and given not in typing.get_args(choices[0])
        strange += bool(missing or wrong)
    return strange


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return typing.get_args(annotation) if _is_union(annotation) else (annotation,)


class _Choice(NamedTuple):
    """What values of one class may be where one of several kinds may stand."""

    #: The kinds of its form, the likeliest first; those of them that are classes of the model; the kinds of lists.
    fitting: tuple[Any, ...]
    shapes: tuple[type[Shape], ...]
    lists: tuple[Any, ...]
    may_be_policy_template: bool
    #: Kept, for it is known by its identity.
    annotation: Any


def _choice(annotation: Any, cls: type) -> _Choice:
    arguments = typing.get_args(annotation)
    fitting = [each for each in arguments if _form_fits(cls, each)]
    # A number stays one where text may stand too.
    fitting.sort(key=lambda each: _bare(each) is not cls)
    mapping = issubclass(cls, Mapping)
    shapes = [each for each in fitting if mapping and isinstance(each, type) and issubclass(each, Shape)]
    lists = [each for each in arguments if _is_sequence(_bare(each))]
    return _Choice(
        tuple(fitting), tuple(shapes), tuple(lists), mapping and PolicyTemplate in arguments, annotation
    )


def _form_fits(cls: type, annotation: Any) -> bool:
    """Whether values of a class have the form of a kind: a mapping for objects, a list for lists, a scalar else."""
    annotation = _bare(annotation)
    origin = typing.get_origin(annotation) or annotation
    if not isinstance(origin, type):
        return not issubclass(cls, Mapping | list)
    if issubclass(origin, Ref) or origin is types.NoneType:
        return False
    if issubclass(origin, Shape) or issubclass(origin, collections.abc.Mapping):
        return issubclass(cls, Mapping)
    if origin in (str, int, float, bool) or issubclass(origin, Enum):
        return not issubclass(cls, Mapping | list)
    if issubclass(origin, collections.abc.Sequence):
        return issubclass(cls, list)
    return False


def _bare(annotation: Any) -> Any:
    """The annotation without its constraints."""
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is typing.Annotated else annotation


def _accepts_single(path: tuple[str | int, ...]) -> bool:
    return path[-1] in ("Action", "NotAction", "Resource", "NotResource", "Policies", "Statement")


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _is_mapping(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, collections.abc.Mapping)


def _is_sequence(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, collections.abc.Sequence) and origin is not str


def _is_plain(annotation: Any) -> bool:
    if annotation in (str, int, float, bool, Any, object) or typing.get_origin(annotation) is typing.Literal:
        return True
    cls = typing.get_origin(annotation) or annotation
    return isinstance(cls, type) and issubclass(cls, Enum | Ref)
