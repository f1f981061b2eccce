"""Templates as text on ruamel.yaml's C emitter, which is libyaml: what the writer of templates is held against.

Keys keep their order. Text is quoted only where a reader of YAML 1.1 (CloudFormation's, PyYAML's) would take it
for something else. ruamel.yaml writes it, on its C emitter.

Source: AWS CloudFormation User Guide, "Template formats" and "Intrinsic function reference".
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from ruamel.yaml import YAML
from ruamel.yaml.nodes import Node
from ruamel.yaml.representer import SafeRepresenter

#: Functions whose argument is a list.
_LISTS = frozenset(
    ["And", "Cidr", "Equals", "FindInMap", "If", "Join", "Not", "Or", "Select", "Split", "Sub"]
)
#: Functions whose argument is one text.
_TEXTS = frozenset(["Base64", "GetAZs", "ImportValue", "Sub"])
_FLOW_WIDTH = 90
#: What YAML 1.1 takes for the end of a line, and would read back as a space or a line feed.
_OTHER_LINE_ENDS = "\r\x85\u2028\u2029"

# What a YAML 1.1 reader takes for a boolean, null, number, date or merge key when it stands unquoted.
_MISREAD = re.compile(
    r"""(?xi) y|n|yes|no|on|off|true|false|null|~|=|<<
    | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)?(e[-+]?[0-9]+)?
    | [-+]?\.[0-9_]+(e[-+]?[0-9]+)?
    | [-+]?0[box][0-9a-f_]+
    | [-+]?\.(inf|nan)
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?
    """
)


@frozen
class _Tagged:
    tag: str
    value: Any


class _Representer(SafeRepresenter):
    def ignore_aliases(self, data: Any) -> bool:
        """A template has no anchors: what is there twice is written twice."""
        return True


def _text(representer: _Representer, text: str) -> Node:
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    if any(char in text for char in _OTHER_LINE_ENDS):
        return '"'
    if "\n" in text and _can_be_literal(text):
        return "|"
    return "'" if _MISREAD.fullmatch(text) else None


def _can_be_literal(text: str) -> bool:
    """Whether a literal block gives the text back: printable, no white space first, no empty lines last.

    Empty lines at the end of a block belong to it, and so would the one that `_spaced` puts after it.
    """
    return (
        not text[0].isspace()
        and not text.endswith("\n\n")
        and all(char.isprintable() or char in "\n\t" for char in text)
    )


def _tagged(representer: _Representer, tagged: _Tagged) -> Node:
    if isinstance(tagged.value, str):
        style = _style(tagged.value)
        style = None if style == "'" else style
        return representer.represent_scalar(tagged.tag, tagged.value, style=style)
    return representer.represent_sequence(tagged.tag, tagged.value, flow_style=_is_short(tagged.value))


def _list(representer: _Representer, items: list[Any]) -> Node:
    return representer.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=not items)


def _is_short(items: list[Any]) -> bool:
    """Whether a function's arguments fit on one line."""
    width = 0
    pending = list(items)
    while pending:
        item = pending.pop()
        if isinstance(item, _Tagged):
            width += len(item.tag) + 1
            item = item.value
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            return False
        else:
            text = str(item)
            width += len(text) + 2
            if "\n" in text:
                return False
        if width > _FLOW_WIDTH:
            return False
    return True


_Representer.add_representer(str, _text)
_Representer.add_representer(list, _list)
_Representer.add_representer(_Tagged, _tagged)


def to_yaml(template: Mapping[str, Any]) -> str:
    """The template as YAML; reading it gives the same data back."""
    yaml = YAML(typ="safe")
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 1_000_000
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # declared by its first value
    stream = io.StringIO()
    yaml.dump(_short(template), stream)
    return _spaced(stream.getvalue())


def _short(value: Any) -> Any:
    """The data with each intrinsic that has a short form here as a tag."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            [(name, argument)] = value.items()
            tagged = _short_form(name, argument)
            if tagged is not None:
                return tagged
        return {_short(key): _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    # AWS's transform gives text in classes of its own.
    return str.__str__(value) if isinstance(value, str) else value


def _short_form(name: Any, argument: Any) -> _Tagged | None:
    if name == "Ref" and isinstance(argument, str):
        return _Tagged("!Ref", argument)
    if not isinstance(name, str) or not name.startswith("Fn::"):
        return None
    function = name.removeprefix("Fn::")
    if function == "GetAtt" and isinstance(argument, list) and len(argument) == 2:
        owner, attribute = argument
        if isinstance(owner, str) and isinstance(attribute, str) and owner and "." not in owner:
            return _Tagged("!GetAtt", f"{owner}.{attribute}")
    if function in _TEXTS and isinstance(argument, str):
        return _Tagged(f"!{function}", argument)
    if function in _LISTS and isinstance(argument, list):
        return _Tagged(f"!{function}", [_short(item) for item in argument])
    return None


def _spaced(text: str) -> str:
    """The text with an empty line before each section and before each resource."""
    lines: list[str] = []
    section = ""
    for line in text.removesuffix("\n").split("\n"):
        if line and not line[0].isspace() and line[0] not in "-'\"?|":
            section = line
            if lines and not line.startswith(("Transform:", "Description:")):
                lines.append("")
        elif section == "Resources:" and re.match(r"  [A-Za-z0-9]", line) and lines[-1] != "Resources:":
            lines.append("")
        lines.append(line)
    return "\n".join(lines) + "\n"
