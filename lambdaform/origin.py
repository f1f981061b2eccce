"""Where a definition was written: a line of the user's Python, or of a template.

Recording must cost next to nothing, for it happens at every object made; so `here` keeps only a code object
and an instruction offset, and all else (file, line, column, the source text, the line of one keyword
argument) is worked out when an error or a finding asks for it.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping, Sequence
    from types import CodeType

#: What makes objects on the user's behalf: this package, and attrs, which runs its converters.
_MAKERS = frozenset({__name__.partition(".")[0], "attr", "attrs"})
#: What a mark of a template's reader points to: a key, a quoted text, or a plain scalar up to where it may end.
_WORD = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'|[^\s,\]}#][^,\]}#\s]*?(?=:(?:\s|$)|[\s,\]}]|$)""")


@frozen
class Location:
    """A place in a text file: its path as the user would type it, and line and column counted from 1.

    ``end`` is the column after its last character, where Python says it.
    """

    file: str
    line: int
    column: int = 1
    end: int | None = field(default=None, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{shown_path(self.file)}:{self.line}"

    @property
    def source_line(self) -> str | None:
        """The text of the line, without its line end; None where the file cannot be read."""
        lines = _lines(self.file)
        return lines[self.line - 1] if lines and 0 < self.line <= len(lines) else None

    @property
    def end_column(self) -> int | None:
        """The column after the place's last character on its line: of the word there, where nothing else is known."""
        source = self.source_line
        if source is None:
            return None
        if self.end is not None and self.end > self.column:
            return min(self.end, len(source) + 1)
        word = _WORD.match(source, self.column - 1)
        return word.end() + 1 if word else None

    def frame(self) -> list[str]:
        """The source line under its number, and a mark below the column; nothing where it cannot be read."""
        source = self.source_line
        if source is None or not source.strip():
            return []
        number = str(self.line)
        indent = len(source) - len(source.lstrip())
        column = max(self.column - 1, indent)
        return [f"  {number} | {source.rstrip()}", f"  {' ' * len(number)} | {' ' * column}^"]


class Origin(Protocol):
    """Anything that can say where an object was written, and where one of its fields was."""

    def locate(self, names: Sequence[str] = (), inside: Sequence[str | int] = ()) -> Location | None:
        """The place of the object; with ``names``, of the first of these fields that is written there.

        ``inside`` leads on into the field's own value, by keys and indices.
        """


@frozen(eq=False)
class CodeOrigin:
    """A call in the user's Python code."""

    code: CodeType
    instruction: int

    def locate(self, names: Sequence[str] = (), inside: Sequence[str | int] = ()) -> Location | None:
        """The call's place, or that of one of its keyword arguments."""
        line, end_line, column, end_column = self._span()
        if line is None:
            return None
        file = self.code.co_filename
        for call in _calls(file).get((line, column or 0), ()):
            if (call.end_lineno, call.end_col_offset) == (end_line, end_column):
                place = _place_in_call(call, file, names, inside)
                if place:
                    return place
        end = end_column if end_line == line else None
        return _location(file, line, column or 0, end)

    def _span(self) -> tuple[int | None, int | None, int | None, int | None]:
        for index, span in enumerate(self.code.co_positions()):
            if index == self.instruction // 2:
                return span
        return None, None, None, None


@frozen(eq=False)
class CalleeOrigin:
    """A call that made an object without telling us, such as ``ec2.VPC("Vpc", ...)``: known by what it calls and names.

    It is looked for in the file that then handed the object over; ``handed_over`` is where, and stands in for it.
    """

    handed_over: CodeOrigin
    callee: str
    first_argument: str

    def locate(self, names: Sequence[str] = (), inside: Sequence[str | int] = ()) -> Location | None:
        """The place of the object or of one of its keyword arguments; of several such calls, in the nearest."""
        added = self.handed_over.locate()
        if added is None:
            return None
        made = [
            call
            for calls in _calls(added.file).values()
            for call in calls
            if _is_call_of(call, self.callee, self.first_argument)
        ]
        if made:
            call = min(made, key=lambda each: abs(each.lineno - added.line))
            return _place_in_call(call, added.file, names, inside) or _place_of(call, added.file)
        return self.handed_over.locate(names, inside)


@frozen(eq=False)
class FieldOrigin:
    """A value somewhere within one field of an object."""

    owner: Origin
    name: str

    def locate(self, names: Sequence[str] = (), inside: Sequence[str | int] = ()) -> Location | None:  # noqa: ARG002
        """The place of the field."""
        return self.owner.locate((self.name,))


@frozen(eq=False)
class TemplateOrigin:
    """A mapping in a template file; ``marks`` has the place of every key and item of that file.

    ``path`` leads to the mapping that holds the properties, ``owner`` to what a person would call the object
    (the logical id), where that is another place.
    """

    file: str
    path: tuple[str | int, ...]
    marks: Mapping[tuple[str | int, ...], tuple[int, int]] = field(repr=False)
    owner: tuple[str | int, ...] | None = None

    def locate(self, names: Sequence[str] = (), inside: Sequence[str | int] = ()) -> Location | None:
        """The place of the object or of one of its keys; the nearest enclosing one that is known."""
        path = self.path_of(names, inside)
        while path not in self.marks:
            if not path:
                return None
            path = path[:-1]
        return Location(self.file, *self.marks[path])

    def path_of(self, names: Sequence[str] = (), inside: Sequence[str | int] = ()) -> tuple[str | int, ...]:
        """The path in the file to the object, or to the first of the keys that stands there and on into its value."""
        # A resource's attributes (Condition, DependsOn) stand beside its properties.
        bases = (self.path,) if self.owner is None else (self.path, self.owner)
        for path in ((*base, name) for base in bases for name in names):
            if path in self.marks:
                for step in inside:
                    if (*path, step) in self.marks:
                        path = (*path, step)
                return path
        return self.path if self.owner is None else self.owner


_written_at: ContextVar[Origin | None] = ContextVar("written_at", default=None)


@contextmanager
def written_at(origin: Origin) -> Iterator[None]:
    """Within the block, whatever is made was written there: its data were, and code of ours makes it."""
    token = _written_at.set(origin)
    try:
        yield
    finally:
        _written_at.reset(token)


def here() -> Origin | None:
    """The nearest frame outside lambdaform, attrs and generated code, as an origin; about 0.3 µs."""
    origin = _written_at.get()
    if origin is not None:
        return origin
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if (
            not code.co_filename.startswith("<")
            and frame.f_globals.get("__name__", "").partition(".")[0] not in _MAKERS
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


def _lines(file: str) -> tuple[str, ...]:
    return _lines_of(file, _stamp(file))


def _stamp(file: str) -> tuple[int, int] | None:
    """What tells a file's text from an earlier one, as long as commands go on that read it anew."""
    try:
        status = os.stat(file)  # noqa: PTH116 - it is asked at each place that is shown
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=64)
def _lines_of(file: str, stamp: tuple[int, int] | None) -> tuple[str, ...]:  # noqa: ARG001 - it is a part of the key
    try:
        return tuple(Path(file).read_text("utf-8", errors="replace").splitlines())
    except OSError:
        return ()


def _calls(file: str) -> dict[tuple[int, int], list[ast.Call]]:
    """The calls of a Python file by the line and column (from 0) where each starts."""
    return _calls_of(file, _stamp(file))


@lru_cache(maxsize=64)
def _calls_of(file: str, stamp: tuple[int, int] | None) -> dict[tuple[int, int], list[ast.Call]]:
    import ast

    calls: dict[tuple[int, int], list[ast.Call]] = {}
    try:
        tree = ast.parse("\n".join(_lines_of(file, stamp)))
    except SyntaxError:
        return calls
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.setdefault((node.lineno, node.col_offset), []).append(node)
    return calls


def _is_call_of(call: ast.Call, callee: str, first_argument: str) -> bool:
    import ast

    function, arguments = call.func, call.args
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    first = arguments[0] if arguments else None
    return name == callee and isinstance(first, ast.Constant) and first.value == first_argument


def _place_in_call(
    call: ast.Call, file: str, names: Sequence[str], inside: Sequence[str | int]
) -> Location | None:
    """The place of the first of the named keyword arguments that the call has."""
    for name in names:
        for keyword in call.keywords:
            if keyword.arg == name:
                return _place_of(_node_inside(keyword.value, inside) or keyword, file)
    return None


def _place_of(node: ast.expr | ast.keyword, file: str) -> Location:
    end = node.end_col_offset if node.end_lineno == node.lineno else None
    return _location(file, node.lineno, node.col_offset, end)


def _location(file: str, line: int, start: int, end: int | None) -> Location:
    """A place from offsets as Python has them: in bytes of UTF-8, from 0."""
    lines = _lines(file)
    text = lines[line - 1].encode() if 0 < line <= len(lines) else b""
    if text.isascii():
        return Location(file, line, start + 1, None if end is None else end + 1)
    before, upto = (len(text[:offset].decode("utf-8", "replace")) for offset in (start, end or 0))
    return Location(file, line, before + 1, upto + 1 if end else None)


def _node_inside(node: ast.expr, steps: Sequence[str | int]) -> ast.expr | None:
    """The part of a literal list or dict that the steps lead to; its key, for a dict."""
    import ast

    found: ast.expr | None = None
    for step in steps:
        if isinstance(step, int) and isinstance(node, ast.List | ast.Tuple) and step < len(node.elts):
            node = found = node.elts[step]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            match = [
                (key, value) for key, value in pairs if isinstance(key, ast.Constant) and key.value == step
            ]
            # As in a template: a step that is not there may be one that only the other form has.
            if match:
                found, node = match[0]
        else:
            break
    return found
