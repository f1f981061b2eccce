"""The JSON Schema of a stack that is written as data: every class with its fields, kinds and limits.

All of it derives from the classes of the model, as the reading of documents does (`lambdaform.load.written`). What
a schema cannot say (a size in bytes, relations between objects) is left to the reading and to the rules.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

import attrs

import lambdaform
from lambdaform.facts.quotas import quotas
from lambdaform.json_schema.pattern import portable
from lambdaform.load.document import HEAD, SCHEMA, SECTIONS, concrete
from lambdaform.load.written import (
    CLASS,
    GRANT,
    RESOURCE,
    alternatives,
    annotation_of,
    arguments_of,
    class_named,
    classes_in,
    grant_makers,
    is_abstract,
    is_mapping,
    is_sequence,
    takes_grant,
)
from lambdaform.model.constraints import Bound, Count, Matching, Within
from lambdaform.model.references import Ref
from lambdaform.model.resource import LogicalId, RawResource, Resource
from lambdaform.model.shape import Shape, Slot, slots_of
from lambdaform.model.stack import Output, Parameter, ParameterRule, StackHead

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_INTRINSIC = {"$ref": "#/$defs/Intrinsic"}
_ITSELF = {"$ref": "#/$defs/ResourceItself"}
_A_GRANT = {"$ref": "#/$defs/Grant"}
_KINDS: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
#: What CloudFormation's functions take, as far as it helps whoever writes one.
_FUNCTIONS: Mapping[str, Schema] = {
    "Ref": {"type": "string", "description": "A parameter's value, or what a resource's type gives for Ref."},
    "Condition": {"type": "string", "description": "Whether a named condition holds."},
    "Fn::GetAtt": {
        "description": "One attribute of a resource.",
        "anyOf": [
            {"type": "string", "pattern": r"^[^.]+\..+$"},
            {"type": "array", "prefixItems": [{"type": "string"}], "minItems": 2, "maxItems": 2},
        ],
    },
    "Fn::Sub": {
        "description": "Text with ${...} parts, and values for names in it.",
        "anyOf": [
            {"type": "string"},
            {
                "type": "array",
                "prefixItems": [{"type": "string"}, {"type": "object"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ],
    },
    "Fn::If": {
        "description": "One value or another, as a condition decides.",
        "type": "array",
        "minItems": 3,
        "maxItems": 3,
    },
    "Fn::Join": {
        "description": "Parts as one text, with a separator between them.",
        "type": "array",
        "minItems": 2,
        "maxItems": 2,
    },
    "Fn::Split": {"description": "Text cut at a separator.", "type": "array", "minItems": 2, "maxItems": 2},
    "Fn::Select": {"description": "One value of a list.", "type": "array", "minItems": 2, "maxItems": 2},
    "Fn::FindInMap": {"description": "A value of a mapping.", "type": "array", "minItems": 3, "maxItems": 4},
    "Fn::ImportValue": {"description": "What another stack exports."},
    "Fn::GetAZs": {"description": "The Availability Zones of a Region."},
    "Fn::Base64": {"description": "Text in Base64."},
    "Fn::Cidr": {"description": "Address blocks out of one.", "type": "array", "minItems": 2, "maxItems": 3},
    "Fn::Equals": {
        "description": "Whether two values are the same.",
        "type": "array",
        "minItems": 2,
        "maxItems": 2,
    },
    "Fn::And": {
        "description": "Whether all conditions hold.",
        "type": "array",
        "minItems": 2,
        "maxItems": 10,
    },
    "Fn::Or": {
        "description": "Whether one condition holds.",
        "type": "array",
        "minItems": 2,
        "maxItems": 10,
    },
    "Fn::Not": {
        "description": "Whether a condition does not hold.",
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
    },
}


def stack_schema() -> Schema:
    """The schema of a stack document."""
    return _Writer().document()


class _Writer:
    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def document(self) -> Schema:
        resources = [each for each in _public(Resource) if each.TYPE or each is RawResource]
        self._families(resources)
        own = {SCHEMA: {"description": "This schema, for an editor.", "type": "string"}}
        properties = {**own, **self._head(), **self._sections(resources)}
        return {
            "$schema": DRAFT,
            "title": "A lambdaform stack",
            "description": "An AWS Lambda application as data. The names are those of the Python form.",
            "type": "object",
            "properties": properties,
            "required": ["name", "resources"],
            "additionalProperties": False,
            "$defs": dict(sorted(self.definitions.items())),
        }

    def _families(self, resources: list[type[Resource]]) -> None:
        self.definitions["Intrinsic"] = {
            "description": "A value that CloudFormation works out at deployment.",
            "type": "object",
            "properties": dict(_FUNCTIONS),
            "patternProperties": {"^Fn::": True},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        self.definitions["ResourceItself"] = {
            "description": "A resource of this stack, which stands for what is asked for: its ARN, name or URL.",
            "type": "object",
            "properties": {RESOURCE: {"type": "string", "description": "Its logical id."}},
            "required": [RESOURCE],
            "additionalProperties": False,
        }
        self.definitions["Resource"] = self._one_of(
            resources, "A resource: its class, and the class's fields."
        )
        self.definitions["LoopedResource"] = {
            "description": "What a loop repeats: a resource, or a template's entry for one.",
            "type": "object",
            "properties": {CLASS: {"enum": sorted(each.__name__ for each in resources)}},
        }
        self.definitions["Grant"] = self._grant()
        self.definitions["ResourceAttributes"] = {
            "description": "What every resource may say beside its properties.",
            "properties": {
                slot.name: self._kind(annotation_of(Resource, slot), slot.annotation)
                for slot in slots_of(Resource)
                if slot.name != "logical_id"
            },
        }

    def _grant(self) -> Schema:
        makers = grant_makers()
        return {
            "description": "The statements that let one do something with a resource.",
            "type": "object",
            "properties": {GRANT: {"enum": list(makers)}},
            "required": [GRANT],
            "allOf": [
                {
                    "if": {"properties": {GRANT: {"const": name}}, "required": [GRANT]},
                    "then": self._granted(maker),
                }
                for name, maker in makers.items()
            ],
        }

    def _granted(self, maker: Callable[..., Any]) -> Schema:
        arguments = {name: self._kind(each) for name, each in arguments_of(maker).items()}
        for name, parameter in inspect.signature(maker).parameters.items():
            if parameter.default is None:
                arguments[name] = {"anyOf": [arguments[name], {"type": "null"}]}
        return {
            "description": _words(maker),
            "properties": {GRANT: True, **arguments},
            "required": [next(iter(arguments))],
            "additionalProperties": False,
        }

    def _head(self) -> Schema:
        return {slot.name: self._field(StackHead, slot) for slot in slots_of(StackHead) if slot.name in HEAD}

    def _sections(self, resources: list[type[Resource]]) -> Schema:
        with_globals = [each for each in resources if each.GLOBALS]
        sections: Schema = {
            "transforms": {
                "description": "Macros that rewrite the whole template at deployment.",
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["Name"]}]},
            },
            "parameters": self._named("Values that are given when the stack is deployed.", Parameter),
            "conditions": {
                "description": "Named conditions.",
                "type": "object",
                "additionalProperties": _INTRINSIC,
            },
            "mappings": {
                "description": "Tables of two levels to look values up in.",
                "type": "object",
                "additionalProperties": {"type": "object", "additionalProperties": {"type": "object"}},
            },
            "rules": self._named("Rules on the parameters' values.", ParameterRule),
            "globals": {
                "description": "What all resources of a class have unless they say otherwise.",
                "type": "object",
                "properties": {each.__name__: self._globals_of(each) for each in with_globals},
                "additionalProperties": {
                    "type": "object",
                    "properties": {CLASS: {"const": RawResource.__name__}},
                    "required": [CLASS],
                },
            },
            "resources": {
                "description": "The resources by logical id.",
                "type": "object",
                "propertyNames": self._kind(LogicalId),
                "additionalProperties": {"$ref": "#/$defs/Resource"},
            },
            "loops": {
                "description": "Loops that CloudFormation runs (Fn::ForEach), by name.",
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "properties": {
                        "identifier": {"type": "string"},
                        "collection": {"anyOf": [{"type": "array"}, _INTRINSIC]},
                        "body": {
                            "type": "object",
                            "additionalProperties": {"$ref": "#/$defs/LoopedResource"},
                        },
                    },
                    "required": ["identifier", "collection", "body"],
                    "additionalProperties": False,
                },
            },
            "outputs": self._named("Values to show after deployment, and to export.", Output),
            "output_loops": {
                "description": "Loops among the outputs, as a template has them.",
                "type": "object",
            },
            "metadata": {"description": "What is said of the template itself.", "type": "object"},
            "tags_of": {
                "description": "Tags that resources have from their scopes, by logical id.",
                "type": "object",
                "additionalProperties": {"type": "object"},
            },
            "children": {
                "description": "The nested stacks, by the logical id of the resource that makes each.",
                "type": "object",
                "additionalProperties": {"$ref": "#"},
            },
            "raw": {"description": "Sections under AWS's own names, as they are.", "type": "object"},
        }
        return {name: sections[name] for name in SECTIONS}

    def _named(self, description: str, cls: type[Shape]) -> Schema:
        return {
            "description": description,
            "type": "object",
            "propertyNames": self._kind(LogicalId),
            "additionalProperties": self._class(cls),
        }

    def _globals_of(self, cls: type[Resource]) -> Schema:
        self._class(cls)
        path = f"#/$defs/{cls.__name__}/properties"
        return {
            "type": "object",
            "properties": {
                **{name: {"$ref": f"{path}/{name}"} for name in cls.GLOBALS},
                "raw": {"$ref": f"{path}/raw"},
            },
            "additionalProperties": False,
        }

    def _one_of(self, classes: Iterable[type[Shape]], description: str) -> Schema:
        """An object that names its class, and is as that class has it."""
        names = sorted(each.__name__ for each in classes)
        for each in names:
            self._class(_shape(each))
        return {
            "description": description,
            "type": "object",
            "properties": {CLASS: {"enum": names}},
            "required": [CLASS],
            "allOf": [
                {
                    "if": {"properties": {CLASS: {"const": each}}, "required": [CLASS]},
                    "then": {"$ref": f"#/$defs/{each}"},
                }
                for each in names
            ],
        }

    def _class(self, cls: type[Shape]) -> Schema:
        """A pointer to the schema of a class, or of the classes that derive from it."""
        name = cls.__name__
        if name not in self.definitions:
            self.definitions[name] = {}
            if is_abstract(cls):
                concrete = [each for each in _public(cls) if not is_abstract(each)]
                self.definitions[name] = self._one_of(concrete, _words(cls))
            else:
                self.definitions[name] = self._definition(cls)
        return {"$ref": f"#/$defs/{name}"}

    def _definition(self, cls: type[Shape]) -> Schema:
        slots = [slot for slot in slots_of(cls) if slot.name != "logical_id"]
        required = [slot.name for slot in slots if _is_required(slot)]
        schema: Schema = {
            "description": _words(cls),
            "type": "object",
            "properties": {
                CLASS: {"const": cls.__name__},
                **{slot.name: self._field(cls, slot) for slot in slots},
                "raw": {
                    "description": "Properties under AWS's own names, as they are.",
                    "type": "object",
                },
            },
            "additionalProperties": False,
        }
        return {**schema, "required": required} if required else schema

    def _field(self, cls: type[Shape], slot: Slot) -> Schema:
        if issubclass(cls, Resource) and slot in slots_of(Resource):
            return {"$ref": f"#/$defs/ResourceAttributes/properties/{slot.name}"}
        schema = self._kind(annotation_of(cls, slot), slot.annotation)
        if slot.fit.optional and slot.default is not None and schema:
            # The class gives it by itself: null is to have none.
            schema = {"anyOf": [*(schema.get("anyOf") or [schema]), {"type": "null"}]}
        description = _says(slot)
        return {"description": description, **schema} if description else schema

    def _kind(self, written: Any, held: Any = None) -> Schema:
        """The schema of what may be written where ``held`` is what the field then has, with its limits."""
        members = list(_alternatives(written))
        if any(_bare(each) is Any or _bare(each) is object for each in members):
            return {}
        limited = {_form(each) for each in _alternatives(held)} if held is not None else set()
        schemas: list[Schema] = []
        arrays, mappings = [], []
        own = list(_alternatives(held)) if held is not None else members
        for each in [*own, *(other for other in members if other not in own)]:
            if is_sequence(_bare(each)):
                arrays.append(each)
            elif is_mapping(_bare(each)):
                mappings.append(each)
            elif each in own or _form(each) not in limited:
                schemas.extend(self._plain(each, written))
        if mappings:
            schemas.append({**self._object(mappings[0]), **_no_object_of(written)})
        if arrays:
            schemas.append(self._array(arrays))
        if takes_grant(written):
            schemas.append(_A_GRANT)
        unique = [each for index, each in enumerate(schemas) if each not in schemas[:index]]
        return unique[0] if len(unique) == 1 else {"anyOf": unique}

    def _plain(self, annotation: Any, around: Any) -> Iterator[Schema]:
        bare = _bare(annotation)
        origin = typing.get_origin(bare)
        if origin is typing.Literal:
            yield {"enum": list(typing.get_args(bare))}
            return
        cls = origin or bare
        if issubclass(cls, Ref):
            yield _INTRINSIC
        elif issubclass(cls, Enum):
            yield {"enum": [each.value for each in cls]}
        elif cls in _KINDS:
            yield {"type": _KINDS[cls], **_limits(annotation, _KINDS[cls])}
        elif issubclass(cls, Resource):
            yield _ITSELF
        elif issubclass(cls, Shape):
            schema = self._class(cls)
            named = not is_abstract(cls) and any(is_mapping(_bare(each)) for each in _alternatives(around))
            yield {"allOf": [schema], "required": [CLASS]} if named else schema

    def _object(self, annotation: Any) -> Schema:
        names, values = typing.get_args(_bare(annotation))
        inner = self._kind(values)
        limits = _limits(names, "string")
        return {
            "type": "object",
            **({"propertyNames": limits} if limits else {}),
            **({"additionalProperties": inner} if inner else {}),
            **_limits(annotation, "object"),
        }

    def _array(self, annotations: list[Any]) -> Schema:
        items = [typing.get_args(_bare(each))[0] for each in annotations]
        inner = self._kind(typing.Union[tuple(items)], items[0])  # noqa: UP007 - built at run time
        return {
            "type": "array",
            **({"items": inner} if inner else {}),
            **_limits(annotations[0], "array"),
        }


def _no_object_of(annotation: Any) -> Schema:
    """What keeps a plain mapping from being taken for an object, or a grant, that could stand there as well."""
    classes = classes_in(annotation)
    object_ = {"properties": {CLASS: {"enum": sorted(concrete(classes))}}, "required": [CLASS]}
    others = [*([object_] if classes else []), *([{"required": [GRANT]}] if takes_grant(annotation) else [])]
    if not others:
        return {}
    return {"not": others[0] if len(others) == 1 else {"anyOf": others}}


def _shape(name: str) -> type[Shape]:
    found = class_named(name)
    assert found is not None
    return found


def _public(base: type[Any]) -> list[type[Any]]:
    found = (class_named(name) for name in lambdaform.__all__)
    return [each for each in found if each is not None and issubclass(each, base)]


def _is_required(slot: Slot) -> bool:
    return slot.default is attrs.NOTHING or (slot.default is None and not slot.fit.optional)


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The members of a union, each with its own constraints."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated and len(list(alternatives(annotation))) > 1:
        annotation = _bare(annotation)
        origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        for each in typing.get_args(annotation):
            yield from _alternatives(each)
    elif annotation is not types.NoneType:
        yield annotation


def _bare(annotation: Any) -> Any:
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is typing.Annotated else annotation


def _form(annotation: Any) -> str:
    """The form of what is written for a kind: two kinds of one form need no alternative of their own."""
    bare = _bare(annotation)
    cls = typing.get_origin(bare) or bare
    if cls is typing.Literal or (isinstance(cls, type) and issubclass(cls, Enum)):
        return "string"
    return _KINDS.get(cls) or str(cls)


def _limits(annotation: Any, kind: str) -> Schema:
    """What the constraints of a type say, in the words that JSON Schema has for values of the kind."""
    found: Schema = {}
    for constraint in _constraints(annotation):
        found.update(_in_words_of_schema(constraint, kind))
    return found


def _constraints(annotation: Any) -> tuple[Any, ...]:
    return typing.get_args(annotation)[1:] if typing.get_origin(annotation) is typing.Annotated else ()


def _in_words_of_schema(constraint: Any, kind: str) -> Schema:
    limits = quotas()

    def bound(given: Bound) -> int | None:
        return given(limits) if callable(given) else given

    found: Schema
    if isinstance(constraint, Within):
        low, high, step = bound(constraint.low), bound(constraint.high), bound(constraint.step)
        found = {"minimum": low, "maximum": high}
        if step and step > 1 and not (low or 0) % step:
            found["multipleOf"] = step
    elif isinstance(constraint, Count):
        noun = {"string": "Length", "array": "Items", "object": "Properties"}[kind]
        found = {f"min{noun}": bound(constraint.low), f"max{noun}": bound(constraint.high)}
    elif isinstance(constraint, Matching):
        found = {"pattern": portable(constraint.pattern)}
    else:
        # What has no words there (a size in bytes, a schedule's syntax) is checked when the document is read.
        found = {}
    return {name: value for name, value in found.items() if value is not None}


def _words(documented: object) -> str:
    """The first sentence or two of a class's or function's docstring, as plain text."""
    text = inspect.cleandoc(documented.__doc__ or "").partition("\n\n")[0]
    return " ".join(text.replace("``", "`").split())


def _says(slot: Slot) -> str:
    """What is to be said of a field: AWS's name for it, its unit with the source, and what stands for its value."""
    said = [f"AWS: {slot.aws_name}."] if slot.is_property else []
    for each in _alternatives(slot.annotation):
        for constraint in _constraints(each):
            unit, source = getattr(constraint, "unit", ""), getattr(constraint, "source", "")
            if isinstance(constraint, Matching):
                said.append(constraint.right)
            elif source:
                said.append(f"In {unit} ({source})." if unit else f"{source}.")
    if slot.shorthand:
        said.append(f"It may be {slot.shorthand}.")
    return " ".join(said)
