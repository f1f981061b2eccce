"""A template's text → plain data with long-form intrinsics, and the place of every key and item.

YAML and JSON alike (JSON is YAML). Text is data: no tag makes anything but an intrinsic function, and neither
alias bombs nor deep nesting get past a bound. Scalars are read as CloudFormation reads them (YAML 1.1), except
that dates, sexagesimals and digits with a leading zero stay the text that they were meant to be.

Source: AWS CloudFormation User Guide, "Template formats" and "Intrinsic function reference".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from _ruamel_yaml import CParser
from attrs import field, frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from lambdaform.errors import DefinitionError
from lambdaform.model.shape import Problem
from lambdaform.origin import Location, TemplateOrigin
from lambdaform.suggest import did_you_mean

_MAX_DEPTH = 150
#: How many values all aliases together may repeat; templates with Globals-like anchors stay far below.
_MAX_REPEATED = 100_000

_SHORT = frozenset(
    [
        "And",
        "Base64",
        "Cidr",
        "Equals",
        "FindInMap",
        "GetAZs",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
        "RefAll",
        "EachMemberEquals",
        "EachMemberIn",
        "Contains",
        "Implies",
    ]
)
#: YAML's own tags for what a template is made of. Others (dates, sets, objects of Python) have no place in one.
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq", "int", "float", "bool", "null")
)
_BOOLEANS = {
    "yes": True, "Yes": True, "YES": True, "no": False, "No": False, "NO": False,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "on": True, "On": True, "ON": True, "off": False, "Off": False, "OFF": False,
}  # fmt: skip
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
_HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-fA-F_]+")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9_]+)([eE][-+][0-9]+)?")
#: In YAML 1.1 an exponent needs a point and a sign (`12e10` is text, a commit perhaps), in JSON neither.
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?[eE][-+]?[0-9]+")

Path = tuple[str | int, ...]


@frozen
class Form:
    """What a file is read as: its name, what it must be, and tags that it has beside the intrinsic functions'."""

    name: str
    right: str
    tags: Mapping[str, str] = field(factory=dict)


@frozen
class Template:
    """A template's data, the line and column (from 1) of each key and item by its path, and its file."""

    data: Mapping[str, Any]
    marks: Mapping[Path, tuple[int, int]]
    file: str
    #: What is wrong in it and does not keep it from being read: keys that stand twice.
    problems: tuple[Problem, ...] = ()


#: What a template is, for whoever gives something else.
_A_TEMPLATE = Form("a template", "A SAM or CloudFormation template is a mapping with a Resources section.")


def read_template(text: str, file: str, form: Form = _A_TEMPLATE) -> Template:
    """The template in a text. Raises `DefinitionError` with the place of what is wrong in it."""
    try:
        return _read(text, file, form, CParser(text).get_event)
    except MarkedYAMLError:
        # The C parser refuses some text that is right (`[!Ref AWS::Region]`); the slow one has the last word.
        pass
    except YAMLError as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else "unknown"
        raise DefinitionError(f"{file} is not readable as YAML or JSON: {first}.", rule="LF001") from error
    try:
        return _read(text, file, form, YAML(typ="safe", pure=True).parse(text).__next__)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # Nobody sees what comes after the last line: what was never closed is what is wrong.
        last = max(len(text.splitlines()) - 1, 0)
        if mark is not None and mark.line > last and error.context_mark:
            mark = error.context_mark
        what = ", ".join(str(part) for part in (error.context, error.problem) if part)
        where = Location(file, min(mark.line, last) + 1, mark.column + 1) if mark else None
        unreadable = "Not readable" if where else f"{file} is not readable"
        raise DefinitionError(f"{unreadable} as YAML or JSON: {what}.", where=where, rule="LF001") from error


def _read(text: str, file: str, form: Form, next_event: Callable[[], Any]) -> Template:
    reader = _Reader(next_event, file, form.tags, is_json=text.lstrip().startswith("{"))
    data = reader.document()
    if not isinstance(data, dict):
        raise DefinitionError(
            f"{file} is not {form.name}: it is {_kind(data)}.",
            right=form.right,
            rule="LF001",
        )
    return Template(data, reader.marks, file, tuple(reader.problems))


def _kind(data: Any) -> str:
    if data is None:
        return "empty"
    return "a list" if isinstance(data, list) else "plain text" if isinstance(data, str) else f"{data!r}"


class _Reader:
    """Builds data from the parser's events, one look at each."""

    def __init__(
        self, next_event: Callable[[], Any], file: str, tags: Mapping[str, str], *, is_json: bool
    ) -> None:
        self._next = next_event
        self._tags = tags
        self._file = file
        self._is_json = is_json
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._repeated = 0
        self._count = 0
        self.marks: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def document(self) -> Any:
        """The first document; a second one is refused."""
        event = self._next()
        while not isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent | AliasEvent):
            if isinstance(event, StreamEndEvent):
                return None
            event = self._next()
        self.marks[()] = (event.start_mark.line + 1, event.start_mark.column + 1)
        data = self._value(event, ())
        self._next()
        extra = self._next()
        if not isinstance(extra, StreamEndEvent):
            raise self._error(extra, "the file has a second document.", "A template is one document.")
        return data

    def _error(self, event: Any, what: str, right: str) -> DefinitionError:
        mark = event.start_mark
        where = Location(self._file, mark.line + 1, mark.column + 1)
        return DefinitionError(what[:1].upper() + what[1:], right=right, where=where, rule="LF001")

    def _value(self, event: Any, path: Path) -> Any:
        if isinstance(event, AliasEvent):
            return self._alias(event)
        before = self._count
        self._count += 1
        if len(path) > _MAX_DEPTH:
            raise self._error(
                event, f"values are nested more than {_MAX_DEPTH} deep.", "No template needs that."
            )
        function = self._function(event)
        # What a short tag holds lies, in the long form, one level further in.
        inner = path if function is None else (*path, function)
        data: Any
        if isinstance(event, ScalarEvent):
            data = self._scalar(event, function)
        elif isinstance(event, SequenceStartEvent):
            data = self._sequence(inner)
        else:
            data = self._mapping(event, inner)
        if function is not None:
            self.marks[inner] = (event.start_mark.line + 1, event.start_mark.column + 1)
            data = {function: self._argument(function, data)}
        if event.anchor:
            self._anchors[event.anchor] = (data, self._count - before)
        return data

    def _function(self, event: Any) -> str | None:
        """The long name of the function that a short tag stands for."""
        tag = event.tag
        if tag is None or tag == "!" or tag in _PLAIN_TAGS:
            return None
        if tag == "!Ref" or tag == "!Condition":
            return str(tag[1:])
        if tag[1:] in _SHORT or tag == "!GetAtt":
            return f"Fn::{tag[1:]}"
        if tag in self._tags:
            return self._tags[tag]
        raise self._error(
            event,
            f"the tag {tag} is no intrinsic function.",
            did_you_mean(
                tag,
                ["!Ref", "!Condition", "!GetAtt", *(f"!{each}" for each in _SHORT), *self._tags],
                "Short forms are !Ref, !GetAtt, !Sub, !If, !Join and the like.",
            ),
        )

    def _argument(self, function: str, data: Any) -> Any:
        if function == "Fn::GetAtt" and isinstance(data, str):
            return data.split(".", 1)
        return data

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise self._error(event, f"*{event.anchor} has no anchor.", f"Define it before: &{event.anchor}.")
        data, size = self._anchors[event.anchor]
        self._repeated += size
        self._count += size
        if self._repeated > _MAX_REPEATED:
            raise self._error(
                event, "aliases repeat too much.", f"All together may repeat {_MAX_REPEATED:,} values."
            )
        return data

    def _scalar(self, event: Any, function: str | None) -> Any:
        text = event.value if event.value.isascii() else self._whole_characters(event)
        typed = event.tag in _PLAIN_TAGS and event.tag != "tag:yaml.org,2002:str"
        if function is not None or not (event.implicit[0] or typed):
            return text
        if self._is_json and _JSON_NUMBER.fullmatch(text):
            return float(text)
        return _plain_scalar(text)

    def _whole_characters(self, event: Any) -> str:
        """The text with each character that JSON writes as two escapes (a surrogate pair) as one."""
        try:
            whole: str = event.value.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise self._error(
                event, "a text has half a character.", "Escapes from \\ud800 to \\udfff come in pairs."
            ) from None
        return whole

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        event = self._next()
        while not isinstance(event, SequenceEndEvent):
            here = (*path, len(items))
            self.marks[here] = (event.start_mark.line + 1, event.start_mark.column + 1)
            items.append(self._value(event, here))
            event = self._next()
        return items

    def _mapping(self, start: Any, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        merged: list[Any] = []
        event = self._next()
        while not isinstance(event, MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self._error(event, "a key is not plain text.", "Keys of a template are names.")
            key = event.value if event.value.isascii() else self._whole_characters(event)
            here = (*path, key)
            place = (event.start_mark.line + 1, event.start_mark.column + 1)
            if key == "<<" and event.implicit[0]:
                merged.append(self._value(self._next(), here))
                event = self._next()
                continue
            if key in mapping:
                self.problems.append(
                    Problem(
                        "LF200",
                        f"Duplicate key {key!r}: it stands at line {self.marks[here][0]} already.",
                        "Only the last counts, and the first is lost: give one of them another name.",
                        TemplateOrigin(self._file, here, {here: place}),
                    )
                )
            self.marks[here] = place
            mapping[key] = self._value(self._next(), here)
            event = self._next()
        for each in merged:
            for source in each if isinstance(each, list) else [each]:
                if not isinstance(source, dict):
                    raise self._error(start, "<< merges what is no mapping.", "Merge a mapping: <<: *name.")
                for key, value in source.items():
                    mapping.setdefault(key, value)
        return mapping


def _plain_scalar(text: str) -> Any:
    """What a plain scalar stands for."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    first = text[0]
    if first.isdigit() or first in "+-.":
        if len(text) <= 400 and _INTEGER.fullmatch(text):
            return int(text.replace("_", ""))
        if _FLOAT.fullmatch(text):
            return float(text.replace("_", ""))
        if len(text) <= 400 and _HEXADECIMAL.fullmatch(text):
            return int(text.replace("_", ""), 16)
    return text
