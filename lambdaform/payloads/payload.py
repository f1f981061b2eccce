"""What every payload is: a frozen class whose fields carry AWS's own keys, read from JSON and written as JSON.

Keys that a class does not know are kept in ``unknown`` and written again, so that what AWS adds one day gets lost
nowhere. A field that is None is left out; where AWS always sends the key, `nullable` fields are written as null.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import attrs
from attrs import field, frozen

from lambdaform.errors import PayloadError

if TYPE_CHECKING:
    from typing import Self

    from cattrs import Converter


F = TypeVar("F", bound=Callable[..., Any])


def _cached(function: F) -> F:
    """`functools.cache` with the function's own type: mypy takes classes that define a hash for unhashable."""
    return cast("F", cache(function))


def _camel(words: list[str]) -> str:
    return words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])


def _pascal(words: list[str]) -> str:
    return "".join(word[:1].upper() + word[1:] for word in words)


def _kebab(words: list[str]) -> str:
    return "-".join(words)


_FORMS: Mapping[str, Callable[[list[str]], str]] = {"camel": _camel, "pascal": _pascal, "kebab": _kebab}


@frozen(kw_only=True)
class Payload:
    """The base of every payload and of each part of one."""

    #: How AWS spells the keys: camel (``messageId``), pascal (``MessageId``) or kebab (``message-id``).
    FORM: ClassVar[str] = "camel"
    #: Which words AWS writes in its own way (``{"arn": "ARN"}``).
    SPELLING: ClassVar[Mapping[str, str]] = {}

    #: Keys that have no field here, as they came.
    unknown: Mapping[str, Any] = field(factory=dict, repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | str | bytes) -> Self:
        """The payload in JSON text or in data that was read from it.

        Raises `PayloadError` with everything that is wrong, each with its path.
        """
        from cattrs import transform_error

        if isinstance(data, str | bytes):
            try:
                data = json.loads(data)
            except ValueError as error:
                raise PayloadError(
                    f"The payload is not JSON: {error}.", right="It is one JSON object."
                ) from error
        try:
            return converter().structure(data, cls)
        except Exception as error:
            found = [
                each.partition(" @ ") for each in transform_error(error, path="", format_exception=_in_words)
            ]
            wrong = [f"{path.lstrip('.')}: {what}" if path else what for what, _, path in found]
            raise PayloadError(
                f"This is no {cls.__module__.rpartition('.')[2]}.{cls.__qualname__}: {'; '.join(wrong)}.",
                right="Keys and kinds are those that AWS sends.",
            ) from error

    def to_json(self) -> dict[str, Any]:
        """The payload as JSON data, with AWS's keys."""
        data: dict[str, Any] = converter().unstructure(self)
        return data


def named(key: str, default: Any = attrs.NOTHING, *, null: bool = False) -> Any:
    """A field whose key AWS spells otherwise than the class's other ones."""
    return field(default=default, metadata={"key": key, "null": null})


def nullable() -> Any:
    """A field that AWS always sends, as null where there is nothing to say."""
    return field(default=None, metadata={"null": True})


@frozen
class Key:
    """One field of a payload: AWS's key for it, and whether nothing is written as null."""

    field: str
    name: str
    null: bool
    required: bool
    annotation: Any


@_cached
def keys_of(cls: type[Payload]) -> tuple[Key, ...]:
    """The keys of a payload's class, in the order in which they are written."""
    attrs.resolve_types(cls)
    return tuple(
        Key(
            each.name,
            each.metadata.get("key") or _spelt(each.name, cls),
            each.metadata.get("null", False),
            each.default is attrs.NOTHING,
            each.type,
        )
        for each in attrs.fields(cls)
        if each.name != "unknown"
    )


def _spelt(name: str, cls: type[Payload]) -> str:
    words = [cls.SPELLING.get(word, word) for word in name.rstrip("_").split("_")]
    return _FORMS[cls.FORM](words)


@cache
def converter() -> Converter:
    """The converter between payloads and JSON; its own package is imported when something is first read or written."""
    from cattrs import Converter

    made = Converter(prefer_attrib_converters=False)
    made.register_structure_hook_factory(_is_payload, lambda cls: _reader(cls, made))
    made.register_unstructure_hook_factory(_is_payload, lambda cls: _writer(cls, made))
    for kind, words in _KINDS.items():
        made.register_structure_hook(kind, _strictly(kind, words))
    made.register_structure_hook_factory(_is_choice, _one_of_kinds)
    made.register_structure_hook_factory(_is_list, lambda kind: _list_reader(kind, made))
    return made


_KINDS: Mapping[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _strictly(kind: type, words: str) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        number = kind is float and isinstance(value, int) and not isinstance(value, bool)
        if not number and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise _Misfit(f"{_shown(value)} is not {words}")
        return value

    return structure


def _is_list(annotation: Any) -> bool:
    return typing.get_origin(annotation) is Sequence


def _list_reader(annotation: Any, made: Converter) -> Callable[[Any, Any], list[Any]]:
    """Lists stay lists, as JSON has them and as whoever makes a payload writes them."""
    kind: Any = types.GenericAlias(list, typing.get_args(annotation))
    read = made.get_structure_hook(kind)

    def structure(value: Any, _: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise _Misfit(f"{_shown(value)} is not a list")
        items: list[Any] = read(value, kind)
        return items

    return structure


def _shown(value: Any) -> str:
    return json.dumps(value, default=repr)[:60]


def _is_choice(annotation: Any) -> bool:
    """Whether a type is one of several plain kinds, such as ``int | str``."""
    members = _members(annotation)
    return len(members) > 1 and type(None) not in members


def _members(annotation: Any) -> tuple[Any, ...]:
    is_union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    return typing.get_args(annotation) if is_union else ()


def _one_of_kinds(annotation: Any) -> Callable[[Any, Any], Any]:
    kinds = _members(annotation)

    def structure(value: Any, _: Any) -> Any:
        plain = tuple(each for each in kinds if isinstance(each, type))
        if not isinstance(value, plain) or (isinstance(value, bool) and bool not in plain):
            words = " or ".join(_KINDS.get(each, each.__name__) for each in plain)
            raise _Misfit(f"{_shown(value)} is not {words}")
        return value

    return structure


class _Misfit(ValueError):  # noqa: N818 - nobody sees it
    """A value of another kind than AWS sends there."""


def _is_payload(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Payload)


def _reader(cls: type[Payload], made: Converter) -> Callable[[Any, Any], Payload]:
    from cattrs import AttributeValidationNote, ClassValidationError

    keys = keys_of(cls)
    known = {key.name for key in keys}

    def structure(data: Any, _: Any) -> Payload:
        if not isinstance(data, Mapping):
            raise _Misfit(f"{_shown(data)} is not an object")
        values: dict[str, Any] = {}
        unknown = {name: value for name, value in data.items() if name not in known}
        errors: list[Exception] = []
        for key in keys:
            if key.name not in data:
                if key.required:
                    errors.append(_Misfit(f"{key.name} is missing"))
                continue
            value = data[key.name]
            if value is None and not key.required:
                # What AWS says to be null, where it is not always so, is written as null again.
                if not key.null:
                    unknown[key.name] = None
                continue
            try:
                values[key.field] = made.structure(value, key.annotation)
            except Exception as error:  # noqa: BLE001 - gathered, and raised together
                note = AttributeValidationNote(f"@ {key.name}", key.name, key.annotation)
                error.__notes__ = [*getattr(error, "__notes__", ()), note]
                errors.append(error)
        if errors:
            raise ClassValidationError(f"While reading {cls.__name__}", errors, cls)
        return cls(**values, unknown=unknown)

    return structure


def _writer(cls: type[Payload], made: Converter) -> Callable[[Any], dict[str, Any]]:
    keys = keys_of(cls)

    def unstructure(payload: Any) -> dict[str, Any]:
        written = {
            key.name: made.unstructure(value)
            for key in keys
            if (value := getattr(payload, key.field)) is not None or key.null
        }
        return {**written, **payload.unknown}

    return unstructure


def _in_words(error: BaseException, _: type | None) -> str:
    return str(error) if isinstance(error, _Misfit) else "is not what AWS sends"


def unknown_in(payload: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of each key in a payload for which its classes have no field."""
    if isinstance(payload, Payload):
        yield from ((*path, key) for key in payload.unknown)
        for key in keys_of(type(payload)):
            yield from unknown_in(getattr(payload, key.field), (*path, key.name))
    elif isinstance(payload, Mapping):
        for name, item in payload.items():
            yield from unknown_in(item, (*path, name))
    elif isinstance(payload, list | tuple):
        for index, item in enumerate(payload):
            yield from unknown_in(item, (*path, index))


def parts_of(cls: type[Payload]) -> Iterator[type[Payload]]:
    """A payload's class and the classes of all its parts, each once."""
    seen: dict[type[Payload], None] = {}
    pending: list[Any] = [cls]
    while pending:
        each = pending.pop()
        if _is_payload(each):
            if each not in seen:
                seen[each] = None
                pending.extend(key.annotation for key in keys_of(each))
        else:
            pending.extend(typing.get_args(each))
    yield from seen
