"""Templates as text, the way a person would write them: YAML with short tags and literal blocks, or JSON.

Keys keep their order. Text is quoted only where a reader would take it for something else (`yaml_scalar.py`).
A template is data of five kinds without anchors, and of a shape that is known, so it is written straight from the
data: a general emitter takes four times as long. The tests hold the two against each other.

Source: AWS CloudFormation User Guide, "Template formats" and "Intrinsic function reference".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambdaform.errors import DefinitionError
from lambdaform.synth.yaml_scalar import scalar

#: Functions whose argument is a list.
_LISTS = frozenset(
    ["And", "Cidr", "Equals", "FindInMap", "If", "Join", "Not", "Or", "Select", "Split", "Sub"]
)
#: Functions whose argument is one text.
_TEXTS = frozenset(["Base64", "GetAZs", "ImportValue", "Sub"])
_FLOW_WIDTH = 90
#: libyaml takes a longer key only where it is marked as one.
_LONGEST_KEY = 128
_STEP = "  "


def to_yaml(template: Mapping[str, Any]) -> str:
    """The template as YAML; reading it gives the same data back. An empty line stands before sections and resources.

    Raises `DefinitionError` where something in the template is neither text, number, list nor mapping.
    """
    if not template:
        return "{}\n"
    writer = _Writer()
    for name, value in template.items():
        key = writer.key(name)
        if writer.pieces and key[0] not in "'\"?-" and key not in ("Transform", "Description"):
            writer.pieces.append("\n")
        if key == "Resources" and isinstance(value, Mapping) and value and _short_form(value) is None:
            writer.pieces.append(f"{key}:\n")
            writer.mapping(value, _STEP, _STEP, between="\n")
        else:
            writer.mapping({name: value}, "", "")
    return "".join(writer.pieces)


def to_json(template: Mapping[str, Any]) -> str:
    """The template as JSON."""
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


class _Writer:
    """The pieces of the text so far, and texts that were met before: in a template most come again and again."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._known: dict[str, str] = {}

    def key(self, name: Any) -> str:
        """A mapping's key on one line."""
        if isinstance(name, str):
            text = self._known.get(name)
            return scalar(_plain(name), key=True) if text is None else text
        return _number(name)

    def mapping(self, entries: Mapping[Any, Any], indent: str, lead: str, between: str = "") -> None:
        """The entries, each on a line of its own; ``lead`` is what still has to come before the first."""
        known, pieces = self._known, self.pieces
        for name, value in entries.items():
            key = known.get(name) if type(name) is str else None
            if key is None:
                key = self.key(name)
                if isinstance(name, str):
                    if len(name) > _LONGEST_KEY:
                        self._long_entry(key, value, indent, lead)
                        lead = between + indent
                        continue
                    known[name] = key
            pieces.append(f"{lead}{key}:")
            lead = between + indent
            if type(value) is str and (text := known.get(value)) is not None:
                pieces.append(f" {text}\n")
            elif isinstance(value, list | tuple) and value:
                pieces.append("\n")
                self._list(value, indent, indent)
            elif isinstance(value, Mapping) and value:
                tagged = _short_form(value)
                if tagged is not None:
                    pieces.append(" ")
                    self._tagged(*tagged, indent, indent)
                else:
                    pieces.append("\n")
                    self.mapping(value, indent + _STEP, indent + _STEP)
            else:
                pieces.append(f" {self._leaf(value, indent)}\n")

    def _long_entry(self, key: str, value: Any, indent: str, lead: str) -> None:
        """An entry whose key is too long for readers to find its end unmarked."""
        self.pieces.append(f"{lead}? {key}\n{indent}: ")
        tagged = _short_form(value) if isinstance(value, Mapping) else None
        if tagged is not None:
            self._tagged(*tagged, indent, indent)
        else:
            self._item(value, indent)

    def _list(self, items: Sequence[Any], indent: str, lead: str) -> None:
        for item in items:
            self.pieces.append(f"{lead}- ")
            lead = indent
            self._item(item, indent)

    def _item(self, item: Any, indent: str) -> None:
        """What stands behind an item's hyphen, which is at ``indent``."""
        inner = indent + _STEP
        if isinstance(item, list | tuple) and item:
            self._list(item, inner, "")
        elif isinstance(item, Mapping) and item:
            tagged = _short_form(item)
            if tagged is not None:
                self._tagged(*tagged, inner, indent)
            else:
                self.mapping(item, inner, "")
        else:
            self.pieces.append(f"{self._leaf(item, indent)}\n")

    def _tagged(self, tag: str, argument: str | Sequence[Any], indent: str, above: str) -> None:
        """A tag and its argument, whose items stand at ``indent``; ``above`` is that of the line with the tag."""
        if isinstance(argument, str):
            text = scalar(_plain(argument), tagged=True, indent=above + _STEP)
            self.pieces.append(f"{tag} {text}\n" if text else f"{tag}\n")
        elif _is_short(argument):
            self.pieces.append(f"{tag} {_flow(argument)}\n")
        else:
            self.pieces.append(f"{tag}\n")
            self._list(argument, indent, indent)

    def _leaf(self, value: Any, indent: str) -> str:
        """A value without parts, up to the end of its last line; ``indent`` is that of the line where it starts."""
        if isinstance(value, str):
            text = scalar(_plain(value), indent=indent + _STEP)
            if "\n" not in text and len(value) <= _LONGEST_KEY:
                self._known[value] = text
            return text
        if isinstance(value, Mapping):
            return "{}"
        return "[]" if isinstance(value, list | tuple) else _number(value)


# AWS's transform gives text in classes of its own.
def _plain(text: str) -> str:
    return text if type(text) is str else str.__str__(text)


def _number(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
        text = float.__repr__(value)
        # A reader of YAML 1.1 takes 1e+16 for text.
        return text if "." in text else text.replace("e", ".0e")
    raise DefinitionError(
        f"The template has {value!r} in it, which is of the type {type(value).__name__}.",
        right="It must be text, a number, True or False, a list or a mapping.",
        rule="LF100",
    )


def _short_form(value: Mapping[Any, Any]) -> tuple[str, str | Sequence[Any]] | None:
    """The tag and argument of an intrinsic that has a short form here."""
    if len(value) != 1:
        return None
    [(name, argument)] = value.items()
    if name == "Ref":
        return ("!Ref", argument) if isinstance(argument, str) else None
    if not isinstance(name, str) or not name.startswith("Fn::"):
        return None
    function = name[4:]
    if isinstance(argument, str):
        return (f"!{function}", argument) if function in _TEXTS else None
    if not isinstance(argument, list | tuple):
        return None
    if function == "GetAtt" and len(argument) == 2:
        owner, attribute = argument
        if isinstance(owner, str) and isinstance(attribute, str) and owner and "." not in owner:
            return ("!GetAtt", f"{owner}.{attribute}")
    return (f"!{function}", argument) if function in _LISTS else None


def _is_short(items: Sequence[Any]) -> bool:
    """Whether a function's arguments fit on one line."""
    width = 0
    pending: list[Any] = list(items)
    while pending:
        item = pending.pop()
        if isinstance(item, Mapping):
            tagged = _short_form(item)
            if tagged is None:
                return False
            tag, item = tagged
            width += len(tag) + 1
        if isinstance(item, list | tuple):
            pending.extend(item)
        else:
            text = str(item)
            width += len(text) + 2
            if "\n" in text:
                return False
        if width > _FLOW_WIDTH:
            return False
    return True


def _flow(item: Any) -> str:
    """A function's arguments, and what is in them, on one line."""
    if isinstance(item, Mapping):
        tagged = _short_form(item)
        assert tagged is not None
        tag, argument = tagged
        if isinstance(argument, str):
            return f"{tag} {scalar(_plain(argument), flow=True, tagged=True)}"
        return f"{tag} {_flow(argument)}"
    if isinstance(item, list | tuple):
        return f"[{', '.join(_flow(each) for each in item)}]"
    return scalar(_plain(item), flow=True) if isinstance(item, str) else _number(item)
