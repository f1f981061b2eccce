"""Which files of a code folder are packaged: patterns as in a ``.gitignore``, and those that always apply.

A pattern without a slash matches a name at any depth; with one, the path from the folder on. ``*`` stays within a
name, ``**`` goes through folders, a slash at the end means folders only, and ``!`` in front takes back what an earlier
pattern left out. What lies in a folder that is left out is left out with it.

Source: Git's manual, gitignore, "Pattern format".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby

#: What is never part of a package: caches, version control, virtual environments, editors' and build leftovers.
DEFAULT_EXCLUDES = (
    "__pycache__", "*.py[co]", ".git", ".hg", ".svn", ".DS_Store", "Thumbs.db", ".venv", "venv", ".env",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox", ".idea", ".vscode",
    ".aws-sam", ".serverless", ".lambdaform", ".lambdaform-*", "*.egg-info", "**/node_modules/.cache",
)  # fmt: skip


class Patterns:
    """Patterns in their order; the last one that matches decides."""

    def __init__(self, patterns: Sequence[str]) -> None:
        rules = [rule for each in patterns if (rule := _rule(each)) is not None]
        # Neighbours that decide alike become one expression: there are many files, and many patterns.
        self._rules = [
            (taken_back, folders_only, re.compile("|".join(expression for _, _, expression in group)))
            for (taken_back, folders_only), group in groupby(rules, key=lambda rule: rule[:2])
        ]

    def leave_out(self, path: str, *, folder: bool) -> bool:
        """Whether a file or folder, by its path from the code folder on, is no part of the package."""
        for taken_back, folders_only, expression in reversed(self._rules):
            if (folder or not folders_only) and expression.fullmatch(path):
                return not taken_back
        return False


@cache
def patterns_for(exclude: tuple[str, ...] = (), include: tuple[str, ...] = ()) -> Patterns:
    """The default patterns and further ones; what ``include`` names is packaged all the same."""
    return Patterns((*DEFAULT_EXCLUDES, *exclude, *(f"!{each}" for each in include)))


def _rule(pattern: str) -> tuple[bool, bool, str] | None:
    """Whether a pattern takes back, whether it is for folders only, and its expression; None for an empty one."""
    taken_back = pattern.startswith("!")
    text = pattern[1:] if taken_back else pattern
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    anchored = "/" in text
    text = text.lstrip("/")
    if not text:
        return None
    return taken_back, folders_only, ("" if anchored else "(?:.*/)?") + "".join(_expressions(text))


def _expressions(text: str) -> Iterator[str]:
    parts = text.split("/")
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            yield ".+" if last else "(?:.*/)?"
        else:
            yield _name(part) + ("" if last else "/")


def _name(part: str) -> str:
    """The expression for one name of a path."""
    expression = ""
    at = 0
    while at < len(part):
        char = part[at]
        end = part.find("]", at + 2) if char == "[" else -1
        if end > 0:
            inside = part[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            expression += f"[^/{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]"
            at = end
        elif char == "\\" and at + 1 < len(part):
            at += 1
            expression += re.escape(part[at])
        else:
            expression += {"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char)
        at += 1
    return expression
