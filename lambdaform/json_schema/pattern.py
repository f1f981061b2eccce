"""A pattern of Python's as one that JSON Schema's readers take: ECMA-262's, without flags, matching whole texts.

Source: JSON Schema draft 2020-12, "Regular expressions"; ECMA-262, "Patterns".
"""

from __future__ import annotations

import re

_ANY_CASE = re.compile(r"\(\?i:([^()]*)\)")
_DOT_ALL = "(?s)"


def portable(pattern: str) -> str:
    """The pattern, anchored, with its flags written out: ``(?i:get)`` is ``(?:[gG][eE][tT])``."""
    if pattern.startswith(_DOT_ALL):
        pattern = _every_character(pattern.removeprefix(_DOT_ALL))
    pattern = _ANY_CASE.sub(lambda found: f"(?:{_both_cases(found[1])})", pattern)
    return f"^(?:{pattern})$"


def _both_cases(text: str) -> str:
    return "".join(f"[{each.lower()}{each.upper()}]" if each.isalpha() else each for each in text)


def _every_character(pattern: str) -> str:
    """Each dot that stands for a character as a class that has line ends too."""
    return re.sub(r"(\\.)|\.", lambda found: found[1] or r"[\s\S]", pattern)
