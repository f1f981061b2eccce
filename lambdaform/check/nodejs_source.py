"""What a JavaScript or TypeScript module exports, read off its text: cheap, and certain or silent.

Comments, strings and regular expressions are blanked first. Then every use of ``exports`` and every ``export`` must
have a form that is known here; one that has not, and the module's exports are not known.

Source: ECMAScript Language Specification, "Exports"; Node.js documentation, "Modules: CommonJS modules"; AWS Lambda's
Node.js runtime interface client, how it loads a handler.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from attrs import frozen

_MOST_BYTES = 1 << 18
#: A module gives all its exports at once, or twice where a condition decides.
_MOST_WHOLES = 4
_IDENTIFIER = r"[A-Za-z_$][\w$]*"
#: After these a slash begins a regular expression, elsewhere it divides.
_BEFORE_REGEX = re.compile(
    r"(?:^|[(,=:\[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete))\s*$"
)
_MARK = re.compile(r"//|/\*|/|['\"`]")
_STRING_END = {
    "'": re.compile(r"(?:[^'\\\n]|\\.)*'", re.DOTALL),
    '"': re.compile(r'(?:[^"\\\n]|\\.)*"', re.DOTALL),
    "`": re.compile(r"(?:[^`\\]|\\.)*`", re.DOTALL),
}
_REGEX_END = re.compile(r"(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/")

_EXPORTS = r"(?:module\s*\.\s*)?\bexports\b"
_WORD = re.compile(r"\bexports\b")
_ASSIGNED = re.compile(rf"{_EXPORTS}\s*\.\s*({_IDENTIFIER})\s*=(?![=>])")
_READ = re.compile(rf"{_EXPORTS}\s*\.\s*{_IDENTIFIER}")
_DEFINED = re.compile(rf"Object\s*\.\s*defineProperty\s*\(\s*{_EXPORTS}\s*,\s*@(\d+)@")
_BY_TEXT = re.compile(rf"{_EXPORTS}\s*\[\s*@(\d+)@\s*\]\s*=(?!=)")
_WHOLE = re.compile(r"\bmodule\s*\.\s*exports\s*=\s*(?=\{)")
_KEY = re.compile(rf"(?:async\s+)?\*?\s*({_IDENTIFIER}|@\d+@)\s*(?=[,:(}}])")

_DECLARED = re.compile(
    rf"\bexport\s+(?:declare\s+)?(?:async\s+)?(?:const|let|var|function\s*\*?|class|abstract\s+class|enum)\s+({_IDENTIFIER})"
)
_TYPE = re.compile(r"\bexport\s+(?:declare\s+)?(?:type|interface|namespace)\b")
_DEFAULT = re.compile(r"\bexport\s+default\b")
_LIST = re.compile(r"\bexport\s*\{([^{}]*)\}")
_ALL_AS = re.compile(rf"\bexport\s*\*\s*as\s+({_IDENTIFIER})")
#: The word itself, not a property of that name. TypeScript's ``export =`` is none of the known forms.
_EXPORT = re.compile(r"(?<![.\w$])export\b(?!\s*[:.,(})])")
_ES_SYNTAX = re.compile(r"^[ \t]*(?:export\b(?!\s*[:.,(})])|import\b(?!\s*[(.]))", re.MULTILINE)
#: Other ways to Node's ``exports``.
_OTHER_WAYS = re.compile(r"\bmodule\b(?!\s*\.\s*exports\b)|\bthis\s*[.\[]|\beval\b")


@frozen
class Exports:
    """The names that a module exports; ``whole`` says whether these are all.

    ``is_es`` says whether it uses ECMAScript's own words for it, ``is_common`` whether it uses Node's.
    """

    names: frozenset[str]
    whole: bool
    is_es: bool
    is_common: bool


def exports_of(file: Path) -> Exports:
    """What a file exports; nothing is said of one that is too large to be written by people."""
    if file.stat().st_size > _MOST_BYTES:
        return Exports(frozenset(), whole=False, is_es=False, is_common=False)
    return _exports(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _exports(file: Path, changed: int) -> Exports:  # noqa: ARG001 - a changed file is another one
    return exports_in(file.read_text("utf-8", errors="replace"))


def exports_in(text: str) -> Exports:
    """What a module with this text exports."""
    blanked = _blanked(text)
    if blanked is None:
        return Exports(frozenset(), whole=False, is_es=False, is_common=False)
    code, strings = blanked
    common, all_common = _common(code, strings)
    own, all_own = _own(code)
    hidden = _OTHER_WAYS.search(code) is not None and not own
    return Exports(
        frozenset({*common, *own}),
        whole=all_common and all_own and not hidden,
        is_es=_ES_SYNTAX.search(code) is not None,
        is_common=_WORD.search(code) is not None,
    )


def _blanked(text: str) -> tuple[str, list[str]] | None:
    """The text without comments, and with ``@n@`` for its n-th string or regular expression; None if it has no end."""
    parts: list[str] = []
    strings: list[str] = []
    at = 0
    while found := _MARK.search(text, at):
        parts.append(text[at : found.start()])
        mark, start = found[0], found.start()
        if mark == "//":
            end = text.find("\n", start)
            at = len(text) if end < 0 else end
        elif mark == "/*":
            end = text.find("*/", start + 2)
            if end < 0:
                return None
            at = end + 2
            parts.append(" ")
        elif mark == "/":
            if not _BEFORE_REGEX.search("".join(part[-80:] for part in parts[-2:])[-80:]):
                at = start + 1
                parts.append("/")
                continue
            regex = _REGEX_END.match(text, start + 1)
            if regex is None:
                return None
            at = regex.end()
            parts.append(" @0@ ")
        else:
            string = _STRING_END[mark].match(text, start + 1)
            if string is None or (mark == "`" and _has_an_end_inside(string[0])):
                return None
            strings.append(string[0][:-1])
            parts.append(f"@{len(strings)}@")
            at = string.end()
    parts.append(text[at:])
    return "".join(parts), ["", *strings]


def _has_an_end_inside(template: str) -> bool:
    """Whether a template seems to end within one of its own expressions, which then has a template too."""
    inside = template.partition("${")[2]
    return bool(inside) and inside.count("{") + 1 != inside.count("}")


def _common(code: str, strings: list[str]) -> tuple[set[str], bool]:
    """The names that Node's ``exports`` gets, and whether every use of it is understood."""
    names = {found[1] for found in _ASSIGNED.finditer(code)}
    names |= {strings[int(found[1])] for pattern in (_DEFINED, _BY_TEXT) for found in pattern.finditer(code)}
    patterns = (_ASSIGNED, _READ, _DEFINED, _BY_TEXT, _WHOLE)
    understood = {
        found.start() + found[0].index("exports") for each in patterns for found in each.finditer(code)
    }
    whole = all(found.start() in understood for found in _WORD.finditer(code))
    wholes = [*_WHOLE.finditer(code)]
    if len(wholes) > _MOST_WHOLES:
        return names, False
    for found in wholes:
        keys, closed = _keys(code[found.end() :], strings)
        names |= keys
        whole &= closed
    return names, whole


def _keys(text: str, strings: list[str]) -> tuple[set[str], bool]:
    """The keys of an object literal at the start of a text, and whether each is plain to see."""
    names: set[str] = set()
    depth, at, key_next = 0, 0, False
    while at < len(text):
        char = text[at]
        if char in "{[(":
            depth += 1
            key_next = depth == 1
        elif char in "}])":
            depth -= 1
            if depth == 0:
                return names, True
        elif char == "," and depth == 1:
            key_next = True
        elif key_next and not char.isspace():
            found = _KEY.match(text, at)
            if found is None:
                return names, False
            key = found[1]
            names.add(strings[int(key.strip("@"))] if key.startswith("@") else key)
            key_next = False
            at = found.end()
            continue
        at += 1
    return names, False


def _own(code: str) -> tuple[set[str], bool]:
    """The names after ECMAScript's ``export``, and whether every one of them is understood."""
    names: set[str] = set()
    known: set[int] = set()
    for pattern in (_DECLARED, _ALL_AS):
        for found in pattern.finditer(code):
            names.add(found[1])
            known.add(found.start())
    for found in _LIST.finditer(code):
        known.add(found.start())
        names |= {each.split()[-1] for each in found[1].split(",") if each.strip()}
    for found in _DEFAULT.finditer(code):
        known.add(found.start())
        names.add("default")
    known |= {found.start() for found in _TYPE.finditer(code)}
    return names, all(found.start() in known for found in _EXPORT.finditer(code))


def candidates(path: str, *, typescript: bool) -> Iterator[str]:
    """The files that may be a handler's module, in the order in which the runtime tries them."""
    yield from (path, *(f"{path}{ending}" for ending in (".js", ".mjs", ".cjs")))
    if typescript:
        yield from (f"{path}{ending}" for ending in (".ts", ".mts", ".cts"))
