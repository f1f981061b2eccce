"""Values that CloudFormation works out at deployment: references between resources, and intrinsic functions.

They are values, not strings: ``queue.arn``, ``stage.ref``, ``sub("${AWS::Region}")``. A field that takes one
is typed ``T | Ref[T]``. Each remembers the line that made it, so that a dangling one is reported there.

Source: AWS CloudFormation User Guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Generic, TypeGuard, TypeVar

from attrs import field

from lambdaform.model.arguments import checked
from lambdaform.model.definition import frozen
from lambdaform.origin import Origin, here

T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V")

#: How many lists and mappings may stand in each other; AWS has no number, and parsers of JSON stop at some depth.
DEEPEST = 100

_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")


def from_troposphere(value: Any, level: int = 0) -> Any:
    """The value with each of troposphere's helpers in it (``Ref``, ``Sub``, ``Tags``) as what it is here.

    Anything else comes back as it is. Costs one look-up where troposphere is not in use.
    """
    troposphere = sys.modules.get("troposphere")
    if troposphere is None or isinstance(value, str | int | float | Ref) or value is None:
        return value
    if level > DEEPEST:
        return value  # which a field refuses: `no_data`
    if isinstance(value, Mapping):
        return {key: from_troposphere(item, level + 1) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(from_troposphere(item, level + 1) for item in value)
    if isinstance(value, troposphere.AWSHelperFn):
        return from_long_form(value.to_dict())
    return value


def from_long_form(value: Any, origin: Origin | None = None) -> Any:
    """Template data with each intrinsic function in it (``{"Ref": "Queue"}``) as a reference, made at ``origin``."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name in ("Ref", "Condition") or (isinstance(name, str) and name.startswith("Fn::")):
                return intrinsic(name, argument, origin)
        return {key: from_long_form(item, origin) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [from_long_form(item, origin) for item in value]
    return value


def intrinsic(function: str, argument: Any, origin: Origin | None = None) -> Ref[Any]:
    """The reference that an intrinsic function's long form stands for: ``intrinsic("Ref", "Queue")``.

    An object of the model stands for its logical id where the function wants one. ``origin`` is where it was
    written, if that is not the user's own code.
    """
    place = origin or here()
    owner = argument[0] if isinstance(argument, list | tuple) and argument else argument
    logical_id = getattr(owner, "logical_id", owner)
    target = owner if logical_id is not owner else None
    match function, argument:
        case "Ref", _ if isinstance(logical_id, str):
            return LogicalRef(logical_id, target, origin=place)
        case "Fn::GetAtt", str() if "." in argument:
            name, _, attribute = argument.partition(".")
            return GetAtt(name, attribute, origin=place)
        case "Fn::GetAtt", [_, attribute] if isinstance(logical_id, str):
            return GetAtt(logical_id, from_long_form(attribute, place), target, origin=place)
        case "Fn::Sub", str():
            return Sub(argument, origin=place)
        case "Fn::Sub", [str() as text, Mapping() as values]:
            return Sub(text, from_long_form(values, place), origin=place)
        case "Fn::If", [str() | Condition() as condition, then, otherwise]:
            name = condition if isinstance(condition, str) else condition.name
            return If(name, from_long_form(then, place), from_long_form(otherwise, place), origin=place)
    return Intrinsic(function, from_long_form(argument, place), origin=place)


@frozen
class Ref(Generic[T_co]):
    """A value of type ``T`` that is known only to CloudFormation; the base of all that follow."""

    origin: Origin | None = field(factory=here, eq=False, repr=False, kw_only=True)

    @property  # type: ignore[misc]  # typeshed has a setter, which a frozen value cannot
    def __class__(self) -> type:
        """What `isinstance` hears beside the real type, so that troposphere takes a reference for one of its own.

        Its objects refuse a property value that is no ``AWSHelperFn``. Only a failed `isinstance` asks, and only
        where troposphere is in use is the answer another class than the real one.
        """
        return _as_helper(type(self))


def _as_helper(cls: type) -> type:
    troposphere = sys.modules.get("troposphere")
    helper = getattr(troposphere, "AWSHelperFn", None)
    if helper is None:
        return cls
    if cls not in _helpers:
        _helpers[cls] = type(cls.__name__, (cls, helper), {"__qualname__": cls.__qualname__})
    return _helpers[cls]


_helpers: dict[type, type] = {}


@frozen
class LogicalRef(Ref[T_co]):
    """``Ref``: a parameter's value, or the identifier that a resource's type defines as its reference value.

    ``target`` is the object itself where Python made the reference; None where it was read from a template.
    """

    logical_id: str
    target: object = field(default=None, eq=False, repr=False)


@frozen
class GetAtt(Ref[T_co]):
    """``Fn::GetAtt``: one attribute of a resource, such as its ``Arn``."""

    logical_id: str
    attribute: str | Ref[str]
    target: object = field(default=None, eq=False, repr=False)


@frozen
class Sub(Ref[str]):
    """``Fn::Sub``: text with ``${Name}``, ``${Resource.Attribute}`` and ``${!literal}`` parts.

    ``values`` gives the names that are not logical ids of the stack.
    """

    text: str
    values: Mapping[str, Any] = field(factory=dict, converter=from_troposphere)

    def names(self) -> Iterator[str]:
        """Each name the text refers to that ``values`` does not give: ``Name`` or ``Resource.Attribute``."""
        for found in _PLACEHOLDER.finditer(self.text):
            name = found[1].strip()
            if name not in self.values:
                yield name


@frozen
class If(Ref[T_co]):
    """``Fn::If``: one value or the other, as a named condition of the stack decides."""

    condition: str
    then: Any = field(converter=from_troposphere)
    otherwise: Any = field(converter=from_troposphere)


@frozen
class Intrinsic(Ref[T_co]):
    """Any other intrinsic function: its full name (``Fn::Join``) and its argument, which may hold references."""

    function: str
    argument: Any = field(converter=from_troposphere)


@frozen
class Imported(Intrinsic[T_co]):
    """``Fn::ImportValue`` of an output that is at hand: ``output.imported``."""

    output: object = field(default=None, eq=False, repr=False)


class Aws:
    """The pseudo parameters, which CloudFormation defines for every stack."""

    ACCOUNT_ID: Ref[str] = LogicalRef("AWS::AccountId", origin=None)
    NO_VALUE: Ref[Any] = LogicalRef("AWS::NoValue", origin=None)
    NOTIFICATION_ARNS: Ref[Sequence[str]] = LogicalRef("AWS::NotificationARNs", origin=None)
    PARTITION: Ref[str] = LogicalRef("AWS::Partition", origin=None)
    REGION: Ref[str] = LogicalRef("AWS::Region", origin=None)
    STACK_ID: Ref[str] = LogicalRef("AWS::StackId", origin=None)
    STACK_NAME: Ref[str] = LogicalRef("AWS::StackName", origin=None)
    URL_SUFFIX: Ref[str] = LogicalRef("AWS::URLSuffix", origin=None)


@checked
def ref(logical_id: str) -> Ref[Any]:
    """``Ref`` by logical id, for what is defined further down: ``ref("Checkout")``, ``ref("Checkout.Version")``.

    Where the object is at hand, its own ``.ref`` says the same and cannot dangle.
    """
    return LogicalRef(logical_id)


@checked
def get_att(logical_id: str, attribute: str) -> Ref[Any]:
    """``Fn::GetAtt`` by logical id, for what is defined further down."""
    return GetAtt(logical_id, attribute)


@checked
def sub(text: str, **values: Any) -> Ref[str]:
    """Text with ``${...}`` parts: ``sub("arn:${AWS::Partition}:s3:::${bucket}/*", bucket=bucket.ref)``."""
    return Sub(text, values)


@checked
def join(separator: str, parts: Sequence[str | Ref[str]] | Ref[Sequence[str]]) -> Ref[str]:
    """The parts as one text, with ``separator`` between them."""
    return Intrinsic("Fn::Join", [separator, parts if isinstance(parts, Ref) else list(parts)])


@checked
def split(separator: str, text: str | Ref[str]) -> Ref[Sequence[str]]:
    """The text cut at each ``separator``."""
    return Intrinsic("Fn::Split", [separator, text])


@checked
def select(index: int, values: Sequence[V | Ref[V]] | Ref[Sequence[V]]) -> Ref[V]:
    """The value at ``index``, counted from 0."""
    return Intrinsic("Fn::Select", [index, values])


@checked
def if_(condition: Condition | str, then: V | Ref[V], otherwise: V | Ref[V]) -> Ref[V]:
    """``then`` where the condition holds, else ``otherwise`` (`Aws.NO_VALUE` leaves the property out)."""
    return If(condition if isinstance(condition, str) else condition.name, then, otherwise)


@checked
def import_value(name: str | Ref[str]) -> Ref[str]:
    """What another stack of this account and region exports under ``name``."""
    return Intrinsic("Fn::ImportValue", name)


@checked
def get_stack_output(
    stack_name: str | Ref[str],
    output_name: str | Ref[str],
    *,
    region: str | Ref[str] | None = None,
    role_arn: str | Ref[str] | None = None,
) -> Ref[str]:
    """An output of another stack as it is when this one is deployed; nothing needs to be exported.

    The stack may be in another Region, or with a role that may describe it in another account.
    """
    given = {"StackName": stack_name, "OutputName": output_name, "Region": region, "RoleArn": role_arn}
    return Intrinsic(
        "Fn::GetStackOutput", {name: value for name, value in given.items() if value is not None}
    )


@checked
def find_in_map(
    name: str | Ref[str],
    first_key: str | Ref[str],
    second_key: str | Ref[str],
    *,
    default: Any = None,
) -> Ref[Any]:
    """The value that the stack's mapping ``name`` has under the two keys; ``default`` where it has none.

    A default needs the transform AWS::LanguageExtensions, which the template then names.
    """
    fallback = [] if default is None else [{"DefaultValue": default}]
    return Intrinsic("Fn::FindInMap", [name, first_key, second_key, *fallback])


@checked
def base64(text: str | Ref[str]) -> Ref[str]:
    """The text in Base64."""
    return Intrinsic("Fn::Base64", text)


@checked
def get_azs(region: str | Ref[str] = "") -> Ref[Sequence[str]]:
    """The Availability Zones of a Region; of the stack's own, unless one is named."""
    return Intrinsic("Fn::GetAZs", region)


@checked
def cidr(
    block: str | Ref[str], count: int | Ref[int], bits: int | Ref[int] | None = None
) -> Ref[Sequence[str]]:
    """``count`` (1 to 256) address blocks out of one, each with ``bits`` for the hosts."""
    return Intrinsic("Fn::Cidr", [block, count] if bits is None else [block, count, bits])


@checked
def length(values: Sequence[Any] | Ref[Any]) -> Ref[int]:
    """How many items a list has. Needs AWS::LanguageExtensions, which the template then names."""
    return Intrinsic("Fn::Length", values)


@checked
def to_json_string(value: Mapping[str, Any] | Sequence[Any] | Ref[Any]) -> Ref[str]:
    """A value as JSON text. Needs AWS::LanguageExtensions, which the template then names."""
    return Intrinsic("Fn::ToJsonString", value)


@checked
def transform(name: str, **parameters: Any) -> Ref[Any]:
    """What a macro makes of its place in the template: ``transform("AWS::Include", Location="s3://…")``."""
    return Intrinsic("Fn::Transform", {"Name": name, **({"Parameters": parameters} if parameters else {})})


@checked
def contains(values: Sequence[Any] | Ref[Any], value: Any) -> Ref[bool]:
    """For a rule on parameters: whether a list has the value."""
    return Intrinsic("Fn::Contains", [values, value])


@checked
def each_member_equals(values: Sequence[Any] | Ref[Any], value: Any) -> Ref[bool]:
    """For a rule on parameters: whether every item of a list is the value."""
    return Intrinsic("Fn::EachMemberEquals", [values, value])


@checked
def each_member_in(values: Sequence[Any] | Ref[Any], others: Sequence[Any] | Ref[Any]) -> Ref[bool]:
    """For a rule on parameters: whether every item of a list is in another."""
    return Intrinsic("Fn::EachMemberIn", [values, others])


@checked
def ref_all(parameter_type: str) -> Ref[Sequence[Any]]:
    """For a rule on parameters: the values of all parameters of a type."""
    return Intrinsic("Fn::RefAll", parameter_type)


@checked
def value_of(parameter: str | Ref[Any], attribute: str) -> Ref[Any]:
    """For a rule on parameters: an attribute of what a parameter names, such as a subnet's ``VpcId``."""
    name = parameter.logical_id if isinstance(parameter, LogicalRef) else parameter
    return Intrinsic("Fn::ValueOf", [name, attribute])


@checked
def value_of_all(parameter_type: str, attribute: str) -> Ref[Sequence[Any]]:
    """For a rule on parameters: an attribute of what all parameters of a type name."""
    return Intrinsic("Fn::ValueOfAll", [parameter_type, attribute])


@checked
def equals(left: Any, right: Any) -> Ref[bool]:
    """For a condition: whether two values are the same."""
    return Intrinsic("Fn::Equals", [left, right])


@checked
def and_(*conditions: Ref[bool] | Condition) -> Ref[bool]:
    """For a condition: whether all hold (2 to 10)."""
    return Intrinsic("Fn::And", [_condition(each) for each in conditions])


@checked
def or_(*conditions: Ref[bool] | Condition) -> Ref[bool]:
    """For a condition: whether one holds (2 to 10)."""
    return Intrinsic("Fn::Or", [_condition(each) for each in conditions])


@checked
def not_(condition: Ref[bool] | Condition) -> Ref[bool]:
    """For a condition: whether another does not hold."""
    return Intrinsic("Fn::Not", [_condition(condition)])


@frozen
class Condition:
    """A named condition of a stack, made by ``stack.condition(...)``."""

    name: str
    expression: Any
    origin: Origin | None = field(factory=here, eq=False, repr=False, kw_only=True)


def _condition(condition: Ref[bool] | Condition) -> Ref[bool]:
    return Intrinsic("Condition", condition.name) if isinstance(condition, Condition) else condition


def is_intrinsic(ref: object) -> TypeGuard[Intrinsic[Any]]:
    """Whether a reference is an intrinsic function without a class of its own; `isinstance` takes longer to say no."""
    return issubclass(type(ref), Intrinsic)


def references_in(value: object) -> Iterator[Ref[Any]]:
    """Every reference in a value, however deep, outermost first; properties of the model are looked into."""
    found: list[Ref[Any]] = []
    gather(value, found)
    return iter(found)


_LEAF, _REF, _SHAPE, _MAPPING, _LIST = range(1, 6)
_kinds: dict[type, int] = {}


def _kind_of(cls: type) -> int:
    # By the class alone: `isinstance` on a reference asks for its pretended class too, which takes longer.
    kinds = {Ref: _REF, Mapping: _MAPPING, list: _LIST, tuple: _LIST}
    kind = next((kind for base, kind in kinds.items() if issubclass(cls, base)), _LEAF)
    _kinds[cls] = _SHAPE if kind == _LEAF and hasattr(cls, "property_values") else kind
    return _kinds[cls]


def gather(value: Any, refs: list[Ref[Any]], shapes: list[Any] | None = None) -> None:
    """Note every reference in a value and, where wanted, every object of the model that is no part of a reference."""
    cls = type(value)
    kind = _kinds.get(cls) or _kind_of(cls)
    if kind == _LEAF:
        return
    if kind == _LIST:
        for item in value:
            gather(item, refs, shapes)
    elif kind == _SHAPE:
        if shapes is not None:
            shapes.append(value)
        for _, item in value.property_values():
            gather(item, refs, shapes)
    elif kind == _MAPPING:
        for item in value.values():
            gather(item, refs, shapes)
    else:
        refs.append(value)
        if issubclass(cls, If):
            gather(value.then, refs, shapes)
            gather(value.otherwise, refs, shapes)
        elif issubclass(cls, Intrinsic):
            gather(value.argument, refs)
        elif issubclass(cls, Sub):
            gather(value.values, refs)
        elif issubclass(cls, GetAtt):
            gather(value.attribute, refs)


def no_data(value: object) -> tuple[tuple[str | int, ...], object] | None:
    """What no template can hold in a value of no certain kind: the path to it and itself; None where all is well.

    A list or mapping that is nested more than `DEEPEST` levels is such a thing, as is one that contains itself.
    """
    level_of: dict[int, int] = {}
    waiting: list[tuple[tuple[str | int, ...], object]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        if (
            each is None
            or isinstance(each, str | int | Enum | Ref | Condition)
            or hasattr(type(each), "property_values")
        ):
            continue
        if isinstance(each, float) and math.isfinite(each):
            continue
        level = len(path) + 1
        if not isinstance(each, Mapping | list | tuple) or level > DEEPEST:
            return path, each
        if level_of.get(id(each), 0) < level:
            level_of[id(each)] = level
            for key, item in each.items() if isinstance(each, Mapping) else enumerate(each):
                if not isinstance(key, str | int):
                    return path, key
                waiting.append(((*path, key), item))
    return None
