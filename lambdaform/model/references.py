"""Values that CloudFormation works out at deployment: references between resources, and intrinsic functions.

They are values, not strings: ``queue.arn``, ``stage.ref``, ``sub("${AWS::Region}")``. A field that takes one
is typed ``T | Ref[T]``. Each remembers the line that made it, so that a dangling one is reported there.

Source: AWS CloudFormation User Guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from lambdaform.origin import Origin, here

T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V")

_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")


@frozen
class Ref(Generic[T_co]):
    """A value of type ``T`` that is known only to CloudFormation; the base of all that follow."""

    origin: Origin | None = field(factory=here, eq=False, repr=False, kw_only=True)


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
    values: Mapping[str, Any] = field(factory=dict)

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
    then: Any
    otherwise: Any


@frozen
class Intrinsic(Ref[T_co]):
    """Any other intrinsic function: its full name (``Fn::Join``) and its argument, which may hold references."""

    function: str
    argument: Any


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


def ref(logical_id: str) -> Ref[Any]:
    """``Ref`` by logical id, for what is defined further down: ``ref("Checkout")``, ``ref("Checkout.Version")``.

    Where the object is at hand, its own ``.ref`` says the same and cannot dangle.
    """
    return LogicalRef(logical_id)


def get_att(logical_id: str, attribute: str) -> Ref[Any]:
    """``Fn::GetAtt`` by logical id, for what is defined further down."""
    return GetAtt(logical_id, attribute)


def sub(text: str, **values: object) -> Ref[str]:
    """Text with ``${...}`` parts: ``sub("arn:${AWS::Partition}:s3:::${bucket}/*", bucket=bucket.ref)``."""
    return Sub(text, values)


def join(separator: str, parts: Sequence[str | Ref[str]]) -> Ref[str]:
    """The parts as one text, with ``separator`` between them."""
    return Intrinsic("Fn::Join", [separator, list(parts)])


def split(separator: str, text: str | Ref[str]) -> Ref[Sequence[str]]:
    """The text cut at each ``separator``."""
    return Intrinsic("Fn::Split", [separator, text])


def select(index: int, values: Sequence[V | Ref[V]] | Ref[Sequence[V]]) -> Ref[V]:
    """The value at ``index``, counted from 0."""
    return Intrinsic("Fn::Select", [index, values])


def if_(condition: Condition | str, then: V | Ref[V], otherwise: V | Ref[V]) -> Ref[V]:
    """``then`` where the condition holds, else ``otherwise`` (`Aws.NO_VALUE` leaves the property out)."""
    return If(condition if isinstance(condition, str) else condition.name, then, otherwise)


def import_value(name: str | Ref[str]) -> Ref[str]:
    """What another stack of this account and region exports under ``name``."""
    return Intrinsic("Fn::ImportValue", name)


def find_in_map(name: str | Ref[str], first_key: str | Ref[str], second_key: str | Ref[str]) -> Ref[Any]:
    """The value that the stack's mapping ``name`` has under the two keys."""
    return Intrinsic("Fn::FindInMap", [name, first_key, second_key])


def base64(text: str | Ref[str]) -> Ref[str]:
    """The text in Base64."""
    return Intrinsic("Fn::Base64", text)


def equals(left: object, right: object) -> Ref[bool]:
    """For a condition: whether two values are the same."""
    return Intrinsic("Fn::Equals", [left, right])


def and_(*conditions: Ref[bool] | Condition) -> Ref[bool]:
    """For a condition: whether all hold (2 to 10)."""
    return Intrinsic("Fn::And", [_condition(each) for each in conditions])


def or_(*conditions: Ref[bool] | Condition) -> Ref[bool]:
    """For a condition: whether one holds (2 to 10)."""
    return Intrinsic("Fn::Or", [_condition(each) for each in conditions])


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


def references_in(value: object) -> Iterator[Ref[Any]]:
    """Every reference in a value, however deep, outermost first; properties of the model are looked into."""
    if isinstance(value, Ref):
        yield value
        if isinstance(value, Sub):
            yield from references_in(value.values)
        elif isinstance(value, If):
            yield from references_in(value.then)
            yield from references_in(value.otherwise)
        elif isinstance(value, Intrinsic):
            yield from references_in(value.argument)
        elif isinstance(value, GetAtt):
            yield from references_in(value.attribute)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from references_in(item)
    elif hasattr(value, "property_values"):
        for _, item in value.property_values():
            yield from references_in(item)
