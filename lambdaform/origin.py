"""Where a definition was written: a line of the user's Python, or of a template.

Recording must cost next to nothing, for it happens at every object made; so `here` keeps only a code object
and an instruction offset, and all else (file, line, column, the source text, the line of one keyword
argument) is worked out when an error or a finding asks for it.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping
    from types import CodeType

_OWN_PACKAGE = __name__.partition(".")[0]


@frozen
class Location:
    """A place in a text file: its path as the user would type it, and line and column counted from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{shown_path(self.file)}:{self.line}"

    @property
    def source_line(self) -> str | None:
        """The text of the line, without its line end; None where the file cannot be read."""
        lines = _lines(self.file)
        return lines[self.line - 1] if lines and 0 < self.line <= len(lines) else None


class Origin(Protocol):
    """Anything that can say where an object was written, and where one of its fields was."""

    def locate(self, name: str | None = None) -> Location | None:
        """The place of the object, or of its field ``name`` (the model's snake_case) where that is known."""


@frozen(eq=False)
class CodeOrigin:
    """A call in the user's Python code."""

    code: CodeType
    instruction: int

    def locate(self, name: str | None = None) -> Location | None:
        """The call's place, or that of its keyword argument ``name``."""
        line, end_line, column, end_column = self._span()
        if line is None:
            return None
        file = self.code.co_filename
        if name is not None and end_line is not None and column is not None and end_column is not None:
            for call in _calls(file).get((line, column), ()):
                if (call.end_lineno, call.end_col_offset) != (end_line, end_column):
                    continue
                for keyword in call.keywords:
                    if keyword.arg == name:
                        return Location(file, keyword.lineno, keyword.col_offset + 1)
        return Location(file, line, (column or 0) + 1)

    def _span(self) -> tuple[int | None, int | None, int | None, int | None]:
        for index, span in enumerate(self.code.co_positions()):
            if index == self.instruction // 2:
                return span
        return None, None, None, None


@frozen(eq=False)
class TemplateOrigin:
    """A mapping in a template file; ``marks`` has the place of every key path of that file."""

    file: str
    path: tuple[str | int, ...]
    marks: Mapping[tuple[str | int, ...], tuple[int, int]] = field(repr=False)

    def locate(self, name: str | None = None) -> Location | None:
        """The place of the mapping, or of its key ``name``; the nearest enclosing one that is known."""
        path = self.path if name is None else (*self.path, name)
        while path not in self.marks:
            if not path:
                return None
            path = path[:-1]
        line, column = self.marks[path]
        return Location(self.file, line, column)


def here() -> Origin | None:
    """The nearest frame outside lambdaform and its generated code, as an origin; about 0.3 µs."""
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if (
            not code.co_filename.startswith("<")
            and frame.f_globals.get("__name__", "").partition(".")[0] != _OWN_PACKAGE
        ):
            return CodeOrigin(code, frame.f_lasti)
        frame = frame.f_back  # type: ignore[assignment]  # None at the outermost frame ends the loop
    return None


def shown_path(file: str) -> str:
    """The path relative to the current folder where it lies inside it, else as it is."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return file


@lru_cache(maxsize=64)
def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(Path(file).read_text("utf-8", errors="replace").splitlines())
    except OSError:
        return ()


@lru_cache(maxsize=64)
def _calls(file: str) -> dict[tuple[int, int], list[ast.Call]]:
    """The calls of a Python file by the line and column (from 0) where each starts."""
    import ast

    calls: dict[tuple[int, int], list[ast.Call]] = {}
    try:
        tree = ast.parse("\n".join(_lines(file)))
    except SyntaxError:
        return calls
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.setdefault((node.lineno, node.col_offset), []).append(node)
    return calls
