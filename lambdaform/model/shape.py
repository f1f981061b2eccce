"""The common part of everything that has AWS properties, and the check of each field when an object is made.

A class of the model is a frozen attrs class whose fields are AWS's properties in snake_case, with types that
say all there is to say (``memory_size: MB | Ref[int] | None``). From those fields and types alone derive the
template's property names, the checks at construction, the structuring of templates, and the JSON Schemas;
so adding a property is adding one field.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar, cast

import attrs
from attrs import field

from lambdaform.errors import DefinitionError, shown
from lambdaform.facts.quotas import quotas
from lambdaform.model.constraints import Constraint
from lambdaform.model.definition import frozen
from lambdaform.model.references import DEEPEST, Ref, from_troposphere, no_data
from lambdaform.origin import Location, Origin, here
from lambdaform.suggest import did_you_mean

F = TypeVar("F", bound=Callable[..., Any])


def cached(function: F) -> F:
    """`functools.cache` with the function's own type: mypy takes classes that define a hash for unhashable."""
    return cast("F", cache(function))


@frozen
class Problem:
    """A value that AWS would refuse: which rule, what is wrong, what would be right, and where it is written."""

    rule: str
    what: str
    right: str
    origin: Origin | None = field(default=None, eq=False)
    names: tuple[str, ...] = ()
    inside: tuple[str | int, ...] = ()

    @property
    def location(self) -> Location | None:
        """Where the value is written, as exactly as can be told."""
        return self.origin.locate(self.names, self.inside) if self.origin else None

    def as_error(self) -> DefinitionError:
        """The problem as an exception that points at the user's line."""
        return DefinitionError(self.what, right=self.right, where=self.location, rule=self.rule)


#: The default of a field that a resource must have and that the stack's globals, of the same class, need not.
REQUIRED: Any = None

_as_globals: ContextVar[bool] = ContextVar("as_globals", default=False)


@contextmanager
def without_required_fields() -> Iterator[None]:
    """Within the block an object may lack fields that its class demands: what SAM's globals say is never whole."""
    token = _as_globals.set(True)
    try:
        yield
    finally:
        _as_globals.reset(token)


_collector: ContextVar[list[Problem] | None] = ContextVar("collector", default=None)


@contextmanager
def collecting_problems() -> Iterator[list[Problem]]:
    """Within the block, a refused value is noted in the list instead of raised, so that all are seen at once.

    The refused value leaves its field empty and stays among the object's ``raw`` properties, or a resource's
    ``attributes``, so nothing is lost.
    """
    problems: list[Problem] = []
    token = _collector.set(problems)
    try:
        yield problems
    finally:
        _collector.reset(token)


def report(*problems: Problem) -> None:
    """Raise the problems as one `DefinitionError`, or note them where `collecting_problems` is under way."""
    collector = _collector.get()
    if collector is not None:
        collector.extend(problems)
        return
    first, *others = problems
    error = first.as_error()
    error.take_in(other.as_error() for other in others)
    raise error


@frozen
class Shape:
    """Something with AWS properties.

    ``raw`` holds properties under AWS's own names; they are written as they are, over the typed ones, so that
    a property newer than this release is never out of reach.
    """

    #: Which words of a field name AWS writes in its own way (``{"kms": "KMS"}``).
    SPELLING: ClassVar[Mapping[str, str]] = {}
    #: What the class is called in errors, where its name says too little.
    IN_WORDS: ClassVar[str | None] = None
    #: The argument that stands for the whole object where a shorthand made it (``environment={...}``).
    WRITTEN_AS: ClassVar[str | None] = None
    #: What messages call an object of this class, where that is not the class's name.
    TITLE: ClassVar[str | None] = None
    #: The fields to write first, in this order, where the order of the classes would not read well.
    FIRST: ClassVar[tuple[str, ...]] = ()

    raw: Mapping[str, Any] = field(factory=dict, kw_only=True, repr=False)
    origin: Origin | None = field(factory=here, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _fit_fields(self)

    def property_values(self) -> Iterator[tuple[str, Any]]:
        """Each property that has a value: AWS's name and the value, typed ones first, then ``raw``."""
        raw, values = self.raw, vars(self)
        found = [
            (aws_name, value)
            for name, aws_name in _names_of(type(self))
            if (value := values[name]) is not None and aws_name not in raw
        ]
        found.extend(raw.items())
        return iter(found)

    def property_value(self, aws_name: str) -> Any:
        """The value of the property with AWS's name, as `property_values` has it; None where there is none."""
        if aws_name in self.raw:
            return self.raw[aws_name]
        name = _fields_by_name(type(self)).get(aws_name)
        return None if name is None else getattr(self, name)

    def problem(
        self, rule: str, what: str, right: str, name: str | None = None, *inside: str | int
    ) -> Problem:
        """A problem of this object or of its field ``name``; ``inside`` leads on into the field's value."""
        return Problem(rule, what, right, self.origin, self.names_of(name), inside)

    def names_of(self, name: str | None) -> tuple[str, ...]:
        """The words under which a field may be found where the object is written: its own name, AWS's."""
        if name is None:
            return ()
        aws_names = [
            each
            for slot in slots_of(type(self))
            if slot.name == name
            for each in (slot.aws_name, *slot.aliases)
        ]
        return (name, *aws_names, *([self.WRITTEN_AS] if self.WRITTEN_AS else []))


def prop(value: Any, *names: str) -> Any:
    """What lies under these AWS names, one inside the other, in an object of the model or in plain data."""
    for name in names:
        if isinstance(value, Shape):
            value = value.property_value(name)
        elif isinstance(value, Mapping):
            value = value.get(name)
        else:
            return None
    return value


@frozen
class Slot:
    """One property of a class: its field, AWS's name for it, and what values fit."""

    name: str
    aws_name: str
    annotation: Any
    fit: Fit
    default: Any
    is_property: bool
    #: Other names that AWS takes for the property.
    aliases: tuple[str, ...] = ()
    #: In words, what may be given, where objects stand for values (``a Queue or a Topic``).
    shorthand: str | None = None

    def default_value(self) -> Any:
        """What the field has where nothing is given for it."""
        default = self.default
        return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]

    @property
    def required(self) -> bool:
        """Whether the class cannot be made without this field."""
        return self.default is attrs.NOTHING or (self.default is None and not self.fit.optional)


@cached
def _own_types(cls: type) -> Mapping[str, tuple[Any, Fit]]:
    """The type of each field that a class itself adds, and what values fit it; read once, whoever derives from it."""
    fields = {each.name for each in attrs.fields(cls)} if attrs.has(cls) else ()
    module = vars(sys.modules[cls.__module__])
    names = {name: text for name, text in inspect.get_annotations(cls).items() if name in fields}
    # The texts are our own classes' annotations, which `typing.get_type_hints` would evaluate anew for each class.
    hints = {
        name: eval(text, module) if isinstance(text, str) else text  # noqa: S307
        for name, text in names.items()
    }
    return {name: (hint, fit_for(hint)) for name, hint in hints.items()}


@cached
def slots_of(shape: type[Shape]) -> tuple[Slot, ...]:
    """The fields of a class in the order in which they are written.

    They are properties, or what CloudFormation calls a resource's attributes (``is_property`` is False for these).
    """
    types_of = {name: pair for cls in reversed(shape.__mro__) for name, pair in _own_types(cls).items()}
    return tuple(
        Slot(
            each.name,
            each.metadata.get("aws_name") or _pascal(each.name, shape.SPELLING),
            *types_of[each.name],
            each.default,
            each.metadata.get("property", True),
            each.metadata.get("aliases", ()),
            each.metadata.get("shorthand"),
        )
        for each in attrs.fields(shape)
        if each.name not in ("raw", "origin")
    )


@cached
def properties_of(shape: type[Shape]) -> tuple[Slot, ...]:
    """The properties of a class in the order in which they are written."""
    slots = {slot.name: slot for slot in slots_of(shape) if slot.is_property}
    return tuple({name: slots[name] for name in (*shape.FIRST, *slots)}.values())


@cached
def _names_of(shape: type[Shape]) -> tuple[tuple[str, str], ...]:
    """The name of each property's field and AWS's, in the order in which they are written."""
    return tuple((slot.name, slot.aws_name) for slot in properties_of(shape))


@cached
def _fields_by_name(shape: type[Shape]) -> Mapping[str, str]:
    return {aws_name: name for name, aws_name in _names_of(shape)}


def _pascal(name: str, spelling: Mapping[str, str]) -> str:
    return "".join(spelling.get(word) or word.capitalize() for word in name.split("_"))


@cached
def _checks_of(shape: type[Shape]) -> tuple[tuple[Slot, bool, dict[type, bool]], ...]:
    """Each field, whether it must have a value, and of which classes all values fit, as far as that was asked."""
    return tuple((slot, not slot.fit.optional, {}) for slot in slots_of(shape))


def _fit_fields(shape: Shape) -> None:
    refused: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    problems: list[Problem] = []
    foreign = "troposphere" in sys.modules
    values = vars(shape)
    for slot, needed, passing in _checks_of(type(shape)):
        value = given = values[slot.name]
        if value is None:
            # One that is there in the wrong case is misspelt (LF112), not missing.
            if needed and slot.aws_name.lower() not in map(str.lower, shape.raw):
                # Where `Fn::If` or `Fn::Transform` gives properties, the missing ones may be among them.
                elsewhere = any(name.startswith("Fn::") for name in shape.raw)
                if not (elsewhere or _as_globals.get()):
                    problems.append(_missing(shape, slot))
            continue
        cls = type(value)
        passes = passing.get(cls)
        if passes is None:
            passes = passing[cls] = slot.fit.passes(cls)
        if passes:
            continue
        if foreign:
            value = from_troposphere(value)
        try:
            fitted = slot.fit.fit(value)
        except Misfit as misfit:
            place = slot.name + "".join(f"[{step!r}]" for step in misfit.path)
            what = f"{_title(shape)}: {place} {misfit.what}."
            right = misfit.right
            if slot.shorthand and misfit.rule == "LF100" and not misfit.path:
                right = f"It must be {slot.shorthand}."
            problems.append(shape.problem(misfit.rule, what, right, slot.name, *misfit.path))
            if slot.is_property:
                refused[slot.aws_name] = value
                fitted = None
            elif misfit.rule == "LF102":
                # A name of the wrong form is still the name of its object.
                fitted = value
            else:
                attributes[slot.aws_name] = value
                fitted = None if slot.required else slot.default_value()
        if fitted is not given:
            object.__setattr__(shape, slot.name, fitted)
    if refused or (foreign and shape.raw):
        object.__setattr__(shape, "raw", from_troposphere({**shape.raw, **refused}))
    if attributes and hasattr(shape, "attributes"):
        object.__setattr__(shape, "attributes", {**shape.attributes, **attributes})
    if problems:
        report(*problems)


def _missing(shape: Shape, slot: Slot) -> Problem:
    return shape.problem(
        "LF105", f"{_title(shape)}: {slot.name} is missing.", f"It must be {slot.fit.expected()}."
    )


def _title(shape: Shape) -> str:
    logical_id = getattr(shape, "logical_id", None)
    title = type(shape).TITLE or type(shape).__name__
    return f"{title} {shown(logical_id)}" if isinstance(logical_id, str) and logical_id else title


class Misfit(Exception):  # noqa: N818 - not an error that anyone sees, but one step of the check
    """A value that does not fit a type; ``path`` leads to it inside the field, by keys and indices."""

    def __init__(self, what: str, right: str, rule: str = "LF100", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.right = right
        self.rule = rule
        self.path = path

    def inside(self, step: str | int) -> Misfit:
        """The same misfit, seen from one level further out."""
        return Misfit(self.what, self.right, self.rule, (step, *self.path))


class Fit(Protocol):
    """What values fit a type, compiled once from an annotation."""

    @property
    def optional(self) -> bool:
        """Whether there may be no value."""

    def fit(self, value: Any) -> Any:
        """The value, frozen and with text turned into its enum member; raises `Misfit`."""

    def admits(self, value: Any) -> bool:
        """Whether the value is of this kind at all, so that a complaint about it is the one to show."""

    def passes(self, cls: type) -> bool:
        """Whether all values of exactly this class fit as they are, so that they need not be looked at."""

    def rejects(self, cls: type) -> bool:
        """Whether no value of exactly this class fits, nor is admitted."""

    def expected(self) -> str:
        """The kind in words."""


@frozen
class AnyFit:
    """Every value fits."""

    optional: bool = True

    def fit(self, value: Any) -> Any:
        """The value."""
        return value

    def admits(self, value: Any) -> bool:  # noqa: ARG002
        """True."""
        return True

    def passes(self, cls: type) -> bool:
        """Whether it is the class of one value, in which nothing of troposphere's can be."""
        return issubclass(cls, str | int | Ref)

    def rejects(self, cls: type) -> bool:  # noqa: ARG002
        """False."""
        return False

    def expected(self) -> str:
        """The kind in words."""
        return "any value"


@frozen
class DataFit(AnyFit):
    """Whatever a template can hold."""

    def fit(self, value: Any) -> Any:
        """The value, if a template can hold it."""
        if type(value) is not str and (found := no_data(value)):
            path, wrong = found
            if len(path) == DEEPEST:
                raise Misfit(
                    "is nested too deep", f"At most {DEEPEST} lists and mappings stand in each other."
                )
            right = "A template holds text, numbers, lists, mappings and references."
            raise Misfit(f"is {shown(wrong)}", right, path=path)
        return value


_WORDS = {int: "a whole number", str: "text", bool: "True or False", float: "a number"}


@frozen
class ClassFit:
    """An instance of one class. A bool is no number, whatever Python thinks; a whole number is one."""

    cls: type
    optional: bool = False

    def fit(self, value: Any) -> Any:
        """The value itself."""
        if not self.admits(value):
            raise Misfit(f"is {_shown(value)}", f"It must be {self.expected()}.")
        return value

    def admits(self, value: Any) -> bool:
        """Whether it is an instance."""
        if self.cls in (int, float) and isinstance(value, bool):
            return False
        if self.cls is float and isinstance(value, int):
            return True
        return isinstance(value, self.cls)

    def passes(self, cls: type) -> bool:
        """Whether it is the class, or one that derives from it."""
        if self.cls in (int, float) and issubclass(cls, bool):
            return False
        return issubclass(cls, self.cls) or (self.cls is float and issubclass(cls, int))

    def rejects(self, cls: type) -> bool:
        """Whether it is another class."""
        return not self.passes(cls)

    def expected(self) -> str:
        """The kind in words."""
        if issubclass(self.cls, Ref):
            return "a reference"
        name = self.cls.__name__
        words = getattr(self.cls, "IN_WORDS", None)
        if words:
            return str(words)
        return _WORDS.get(self.cls) or f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


@frozen
class ChoiceFit:
    """One of a closed set: an enum's members (also by their text), or literals."""

    choices: Mapping[Any, Any]
    name: str
    optional: bool = False

    def fit(self, value: Any) -> Any:
        """The member."""
        if isinstance(value, str | int) and value in self.choices:
            return self.choices[value]
        what = f"is {_shown(value)}, which is no {self.name}" if self.name else f"is {_shown(value)}"
        raise Misfit(what, self._right(value), "LF103")

    def admits(self, value: Any) -> bool:
        """Whether it is text, and so was meant to be one of the choices."""
        return isinstance(value, str)

    def passes(self, cls: type) -> bool:  # noqa: ARG002
        """False."""
        return False

    def rejects(self, cls: type) -> bool:
        """Whether none of the choices is of that class."""
        return not issubclass(cls, str | int)

    def _right(self, value: Any) -> str:
        texts = [str(choice) for choice in self.choices]
        right = f"It must be one of {', '.join(texts if len(texts) <= 12 else [*texts[:12], '…'])}."
        return did_you_mean(value, texts, right) if isinstance(value, str) and len(texts) > 3 else right

    def expected(self) -> str:
        """The kind in words."""
        return f"a {self.name}" if self.name else "one of " + ", ".join(map(repr, self.choices))


@frozen
class ListFit:
    """A list, kept as a tuple."""

    item: Fit
    optional: bool = False

    def fit(self, value: Any) -> Any:
        """The items, each fitted, as a tuple."""
        if not self.admits(value):
            raise Misfit(f"is {_shown(value)}", f"It must be {self.expected()}.")
        fitted = []
        for index, item in enumerate(value):
            try:
                fitted.append(self.item.fit(item))
            except Misfit as misfit:
                raise misfit.inside(index) from None
        return tuple(fitted)

    def admits(self, value: Any) -> bool:
        """Whether it is a list or tuple."""
        return isinstance(value, list | tuple)

    def passes(self, cls: type) -> bool:  # noqa: ARG002
        """False."""
        return False

    def rejects(self, cls: type) -> bool:
        """Whether it is no list."""
        return not issubclass(cls, list | tuple)

    def expected(self) -> str:
        """The kind in words."""
        return f"a list (each item {self.item.expected()})"


@frozen
class MappingFit:
    """A mapping, kept as a read-only one."""

    key: Fit
    value: Fit
    optional: bool = False

    def fit(self, value: Any) -> Any:
        """The items, each fitted, in a read-only mapping."""
        if not self.admits(value):
            raise Misfit(f"is {_shown(value)}", f"It must be {self.expected()}.")
        fitted = {}
        for key, item in value.items():
            try:
                name = self.key.fit(key)
            except Misfit as misfit:
                what = "has a name that is not allowed"
                raise Misfit(what, misfit.right, misfit.rule, (str(key),)) from None
            try:
                fitted[name] = self.value.fit(item)
            except Misfit as misfit:
                raise misfit.inside(str(key)) from None
        return types.MappingProxyType(fitted)

    def admits(self, value: Any) -> bool:
        """Whether it is a mapping."""
        return isinstance(value, Mapping)

    def passes(self, cls: type) -> bool:  # noqa: ARG002
        """False."""
        return False

    def rejects(self, cls: type) -> bool:
        """Whether it is no mapping."""
        return not issubclass(cls, Mapping)

    def expected(self) -> str:
        """The kind in words."""
        return f"a mapping (each value {self.value.expected()})"


@frozen
class ConstrainedFit:
    """A kind with further rules on its values."""

    base: Fit
    constraints: tuple[Constraint, ...]
    optional: bool = False

    def fit(self, value: Any) -> Any:
        """The value, if it keeps every rule."""
        fitted = self.base.fit(value)
        limits = quotas()
        for constraint in self.constraints:
            broken = constraint.broken(fitted, limits)
            if broken:
                raise Misfit(*broken, constraint.rule)
        return fitted

    def admits(self, value: Any) -> bool:
        """Whether the value is of the base's kind."""
        return self.base.admits(value)

    def passes(self, cls: type) -> bool:  # noqa: ARG002
        """False."""
        return False

    def rejects(self, cls: type) -> bool:
        """Whether the base's kind does."""
        return self.base.rejects(cls)

    def expected(self) -> str:
        """The kind in words."""
        return self.base.expected()


@frozen
class UnionFit:
    """One of several kinds."""

    members: tuple[Fit, ...]
    optional: bool
    _for_class: dict[type, tuple[Fit, ...]] = field(init=False, factory=dict, eq=False, repr=False)

    def fit(self, value: Any) -> Any:
        """The value as the first kind takes it that does; else the complaint of the kind that was meant."""
        complaint: Misfit | None = None
        cls = type(value)
        members = self._for_class.get(cls)
        if members is None:
            members = tuple(member for member in self.members if not member.rejects(cls))
            self._for_class[cls] = members
        for member in members:
            try:
                return member.fit(value)
            except Misfit as misfit:
                if complaint is None and member.admits(value):
                    complaint = misfit
        raise complaint or Misfit(f"is {_shown(value)}", f"It must be {self.expected()}.")

    def admits(self, value: Any) -> bool:
        """Whether one of the kinds was meant."""
        return any(member.admits(value) for member in self.members)

    def passes(self, cls: type) -> bool:
        """Whether they pass the first of the kinds that takes any of them."""
        return next((member.passes(cls) for member in self.members if not member.rejects(cls)), False)

    def rejects(self, cls: type) -> bool:
        """Whether all kinds do."""
        return all(member.rejects(cls) for member in self.members)

    def expected(self) -> str:
        """The kinds in words."""
        return " or ".join(dict.fromkeys(member.expected() for member in self.members))


def fit_for(annotation: Any) -> Fit:
    """What fits an annotation of the model: scalars, enums, literals, lists, mappings, classes, unions."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        base = fit_for(arguments[0])
        return ConstrainedFit(base, arguments[1:], base.optional)
    if origin in (typing.Union, types.UnionType):
        members = tuple(fit_for(each) for each in arguments if each is not types.NoneType)
        optional = types.NoneType in arguments
        return members[0] if len(members) == 1 and not optional else UnionFit(members, optional)
    if origin is typing.Literal:
        return ChoiceFit({choice: choice for choice in arguments}, "")
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return MappingFit(fit_for(arguments[0]), fit_for(arguments[1]))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return ListFit(fit_for(arguments[0]))
    if annotation is Any:
        return DataFit()
    if annotation is object:
        return AnyFit()
    if isinstance(annotation, TypeVar):
        return DataFit()
    cls = origin or annotation
    if not isinstance(cls, type):
        raise TypeError(f"no field of the model may have the type {annotation!r}")
    if issubclass(cls, Enum):
        return ChoiceFit({member.value: member for member in cls}, _words(cls.__name__))
    return ClassFit(cls)


def _words(name: str) -> str:
    return "".join(
        f" {char.lower()}" if char.isupper() and i else char.lower() for i, char in enumerate(name)
    )


def _shown(value: object) -> str:
    if isinstance(value, Shape):
        return _title(value)
    return shown(value)
