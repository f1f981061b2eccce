"""One text as YAML writes it: plain, in quotes, or as a literal block.

What stands plain is what every reader gives back as the same text: CloudFormation's and PyYAML's, which know YAML
1.1, as well as those of YAML 1.2. The choice between the styles is libyaml's, so that templates look as people know
them from other tools.

Source: YAML 1.1 and 1.2, chapters "Flow Scalar Styles" and "Literal Style"; libyaml's emitter for what both leave open.
"""

from __future__ import annotations

import re
from functools import cache

# What a YAML 1.1 reader takes for a boolean, null, number, date or merge key when it stands unquoted.
_MISREAD = re.compile(
    r"""(?xi) |y|n|yes|no|on|off|true|false|null|~|=|<<
    | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)?(e[-+]?[0-9]+)?
    | [-+]?\.[0-9_]+(e[-+]?[0-9]+)?
    | [-+]?0[box][0-9a-f_]+
    | [-+][0-9_]+
    | [-+]?\.(inf|nan)
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?
    """
)
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
#: Most texts of a template: nothing in them means anything to YAML but, perhaps, the whole as a word.
_EASY = re.compile(
    r"""[A-Za-z_/($][A-Za-z0-9_./()$+*=@%^~;<>|&,?'"{}\[\]\\-]*(?:(?:\ |:+)[A-Za-z0-9_./()$+*=@%^~;<>|&,?'"{}\[\]\\-]+)*""",
)
_FLOW_INDICATORS = re.compile(r"[,?:\[\]{}]")
#: What YAML 1.1 takes for the end of a line, and would read back as a space or a line feed.
_OTHER_LINE_ENDS = re.compile("[\r\x85\u2028\u2029]")
#: What stands in double quotes as an escape only. The two patterns for all of Unicode take long to compile, and most
#: templates need neither.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_special = cache(lambda: re.compile("[^\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]"))
_escaped = cache(lambda: re.compile("[^ !#-\\[\\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]"))
_INDICATORS = re.compile(r"""---|\.\.\.|[#,\[\]{}&*!|>'"%@`]|[?:-](?=\s|\Z)""")
_INDICATORS_INSIDE = re.compile(r":(?=\s|\Z)|(?<=\s)\#")
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip


def scalar(
    text: str, *, flow: bool = False, key: bool = False, tagged: bool = False, indent: str = ""
) -> str:
    """The text where a value, a key or, in ``flow``, an item between brackets stands.

    Under a tag no reader guesses, so that fewer texts need quotes. ``indent`` is that of the lines that follow the
    first, where there are several.
    """
    if _EASY.fullmatch(text):
        plain = len(text) > 5 or tagged or text.lower() not in _WORDS
        if plain and not (flow and _FLOW_INDICATORS.search(text)):
            return text
        return _single_quoted(text, indent)
    if _OTHER_LINE_ENDS.search(text):
        return _double_quoted(text)
    special = (_CONTROL if text.isascii() else _special()).search(text) is not None or " \n" in text
    if "\n" in text:
        if key or special or (flow and _can_be_literal(text)):
            return _double_quoted(text)
        if _can_be_literal(text):
            return _double_quoted(text) if text.endswith(" ") else _literal(text, indent)
        return _double_quoted(text) if "\n " in text else _single_quoted(text, indent)
    if special:
        return _double_quoted(text)
    if tagged and not text:
        return "''" if flow else ""
    plain = (
        (tagged or not _MISREAD.fullmatch(text))
        and text[0] != " "
        and text[-1] != " "
        and not (flow and _FLOW_INDICATORS.search(text))
        and not _INDICATORS.match(text)
        and not _INDICATORS_INSIDE.search(text)
    )
    return text if plain else _single_quoted(text, indent)


def _can_be_literal(text: str) -> bool:
    """Whether a literal block gives the text back: printable, no white space first, no empty lines last.

    Empty lines at the end of a block belong to it, and so would the one that comes before the next resource.
    """
    return (
        not text[0].isspace()
        and not text.endswith("\n\n")
        and all(char.isprintable() or char in "\n\t" for char in text)
    )


def _literal(text: str, indent: str) -> str:
    lines = [f"{indent}{line}" if line else "" for line in text.removesuffix("\n").split("\n")]
    return "\n".join(["|" if text.endswith("\n") else "|-", *lines])


def _single_quoted(text: str, indent: str) -> str:
    """In single quotes, where a line end is one more than is meant: a single one would be a space."""
    doubled = text.replace("'", "''")
    if "\n" in doubled:
        doubled = re.sub("(\n+)([^\n]|\\Z)", lambda found: f"\n{found[1]}{indent}{found[2]}", doubled)
    return f"'{doubled}'"


def _double_quoted(text: str) -> str:
    return f'"{_escaped().sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char in _ESCAPES:
        return f"\\{_ESCAPES[char]}"
    code = ord(char)
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
