"""The references in template data: which there are, and the same data with others in their places.

It knows CloudFormation's long forms only, as the expanded template has them.

Source: AWS CloudFormation User Guide, "Intrinsic function reference".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")


class Key(NamedTuple):
    """What a reference asks for: a parameter's value or what ``Ref`` gives (attribute None), or an attribute."""

    name: str
    attribute: str | None = None

    def as_data(self) -> dict[str, Any]:
        """The reference as a template has it."""
        if self.attribute is None:
            return {"Ref": self.name}
        return {"Fn::GetAtt": [self.name, self.attribute]}


#: Stands for an attribute whose name is worked out at deployment.
ANY_ATTRIBUTE = "*"


def references(data: Any) -> Iterator[Key]:
    """Each reference in the data, pseudo parameters too."""
    if isinstance(data, Mapping):
        key = _whole(data)
        if key is not None:
            yield key
            return
        sub = _sub(data)
        if sub is not None:
            text, values = sub
            yield from (_of_text(name) for name in _names(text) if name not in values)
            yield from references(values)
            return
        for item in data.values():
            yield from references(item)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from references(item)


def rewritten(data: Any, replace: Callable[[Key], Any | None]) -> Any:
    """The data with each reference as ``replace`` gives it; None leaves it as it is."""
    if isinstance(data, Mapping):
        key = _whole(data)
        if key is not None:
            replacement = replace(key)
            return data if replacement is None else replacement
        sub = _sub(data)
        if sub is not None:
            return {"Fn::Sub": _rewritten_sub(*sub, replace)}
        return {name: rewritten(item, replace) for name, item in data.items()}
    if isinstance(data, list | tuple):
        return [rewritten(item, replace) for item in data]
    return data


def functions(data: Any, name: str) -> Iterator[Any]:
    """The argument of each call of an intrinsic function."""
    if isinstance(data, Mapping):
        if len(data) == 1 and name in data:
            yield data[name]
        for item in data.values():
            yield from functions(item, name)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from functions(item, name)


def _whole(data: Mapping[str, Any]) -> Key | None:
    if len(data) != 1:
        return None
    [(function, argument)] = data.items()
    if function == "Ref" and isinstance(argument, str):
        return Key(argument)
    if function == "Fn::GetAtt":
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if isinstance(parts, list | tuple) and len(parts) == 2 and isinstance(parts[0], str):
            return Key(parts[0], parts[1] if isinstance(parts[1], str) else ANY_ATTRIBUTE)
    return None


def _sub(data: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    argument = data.get("Fn::Sub") if len(data) == 1 else None
    if isinstance(argument, str):
        return argument, {}
    if (
        isinstance(argument, list | tuple)
        and len(argument) == 2
        and isinstance(argument[0], str)
        and isinstance(argument[1], Mapping)
    ):
        return argument[0], argument[1]
    return None


def _names(text: str) -> list[str]:
    return [found[1].strip() for found in _PLACEHOLDER.finditer(text)]


def _of_text(name: str) -> Key:
    owner, dot, attribute = name.partition(".")
    return Key(owner, attribute if dot else None)


def _rewritten_sub(text: str, values: Mapping[str, Any], replace: Callable[[Key], Any | None]) -> Any:
    given = {name: rewritten(item, replace) for name, item in values.items()}

    def replaced(found: re.Match[str]) -> str:
        name = found[1].strip()
        replacement = None if name in values else replace(_of_text(name))
        if replacement is None:
            return found[0]
        key = _whole(replacement) if isinstance(replacement, Mapping) else None
        if key is not None:
            return "${" + ".".join(part for part in key if part) + "}"
        variable = "".join(filter(str.isalnum, name))
        given[variable] = replacement
        return "${" + variable + "}"

    text = _PLACEHOLDER.sub(replaced, text)
    return [text, given] if given else text
