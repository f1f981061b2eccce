"""What a Python module defines, read without running it: whether it has a name, and how that function is called.

The answer is certain or there is none: a name that comes from a package that is not at hand, from a decorator or
from code that makes names as it runs, is not known.

Source: The Python Language Reference, "Naming and binding" and "The import system".
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from attrs import frozen

#: How far an import is followed from module to module.
_DEPTH = 8
#: The oldest version that this Python can play, and its own.
_OLDEST, _THIS = (3, 7), sys.version_info[:2]
#: What a Python after 3.11, the oldest that lambdaform runs on, may have learnt: type parameters and statements, quotes
#: in f-strings, t-strings, and ``except`` without parentheses.
_NEWER_SYNTAX = re.compile(
    r"""^\s*type\s+\w|\b(?:def|class)\s+\w+\s*\[|\b(?:[ft]|[ft]r|r[ft])['"]|\bexcept\*?\s+[\w.]+\s*,""",
    re.MULTILINE | re.IGNORECASE,
)
#: What makes names that cannot be read off.
_MAKERS = {"globals", "locals", "vars", "setattr", "exec", "eval", "__import__", "__getattr__"}
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@frozen
class Definition:
    """A function whose definition was found, and the file that has it; None for code in the template."""

    node: Function
    file: Path | None


@frozen
class Absent:
    """A name that a module certainly does not have, and those that it has."""

    file: Path | None
    names: tuple[str, ...]


@frozen
class Flaw:
    """Why Python cannot read a module, in its own words, and the line; 0 where it names none."""

    line: int
    what: str


@frozen
class Unreadable:
    """A module that Python certainly cannot read: its file, None for code in the template, and why."""

    file: Path | None
    flaw: Flaw


#: The version of Python by which a module is judged; None where it is not judged.
Version = tuple[int, int] | None
#: What is known of a name; None where that is nothing.
Known = Definition | Absent | Unreadable | None
#: Finds the file of a module by its dotted name.
Finder = Callable[[str], Path | None]


def version_of(runtime: object) -> Version:
    """The Python of a runtime, where something can be told of what that reads."""
    number = runtime.removeprefix("python3.") if isinstance(runtime, str) else ""
    version = (3, int(number)) if number.isdecimal() else None
    return version if version is not None and version >= _OLDEST else None


def flaw_in(text: str, version: Version) -> Flaw | None:
    """Why Python cannot read a text; None where it can, or where that cannot be told."""
    found = _tree(text, version)
    return found if isinstance(found, Flaw) else None


def look_up(file: Path, module: str, name: str, find: Finder, version: Version = None) -> Known:
    """A name in a module's file; None where it cannot be told what it is."""
    return _Module(_parsed(file, file.stat().st_mtime_ns, version), file, module, find, version).look_up(
        name, _DEPTH
    )


def look_up_in_text(text: str, name: str, version: Version = None) -> Known:
    """A name in the text of a module that stands alone."""
    return _Module(_tree(text, version), None, "index", lambda _: None, version).look_up(name, _DEPTH)


@lru_cache(maxsize=256)
def _parsed(file: Path, changed: int, version: Version) -> ast.Module | Flaw | None:  # noqa: ARG001 - a changed file is another one
    return _tree(file.read_bytes(), version)


@lru_cache(maxsize=64)
def _tree(source: str | bytes, version: Version) -> ast.Module | Flaw | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source, feature_version=version and min(version, _THIS))
            if version is not None:
                # What is no mistake of grammar, such as a return outside a function, is found by the compiler alone.
                compile(source, "", "exec", dont_inherit=True)
        except SyntaxError as error:
            if version is None or (version > _THIS and _may_be_newer(source, error)):
                return None
            return Flaw(error.lineno or 0, error.msg)
        except (ValueError, RecursionError, MemoryError):
            return None
    return tree


def _may_be_newer(source: str | bytes, error: SyntaxError) -> bool:
    """Whether what this Python cannot read may be what a newer one has learnt."""
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    first, last = error.lineno or 0, error.end_lineno or 0
    if first and "never closed" not in error.msg and "triple-quoted" not in error.msg:
        # What is not understood stands there, and not somewhere else in the file.
        text = "\n".join(text.splitlines()[first - 1 : max(first, last)])
    return "f-string" in error.msg or _NEWER_SYNTAX.search(text) is not None


@frozen
class _Module:
    tree: ast.Module | Flaw | None
    file: Path | None
    name: str
    find: Finder
    version: Version

    def look_up(self, name: str, depth: int) -> Known:
        for package in self._packages():
            before = _parsed(package, package.stat().st_mtime_ns, self.version)
            if isinstance(before, Flaw):
                return Unreadable(package, before)
        if isinstance(self.tree, Flaw):
            return Unreadable(self.file, self.tree)
        if self.tree is None or depth == 0:
            return None
        bound: dict[str, list[ast.AST]] = {}
        for each, node in _bindings(self.tree.body):
            bound.setdefault(each, []).append(node)
        if name in bound:
            return self._meaning(name, bound[name], bound, depth)
        for node in bound.get("*", ()):
            # Whatever `import *` brings in that cannot be read may have the name.
            found = self._imported(node, name, depth)
            if not isinstance(found, Absent):
                return found
        if any(_may_make(node, name) for node in ast.walk(self.tree)):
            return None
        return Absent(self.file, tuple(each for each in bound if each != "*"))

    def _packages(self) -> Iterator[Path]:
        """The files of the packages that the module is in, which are imported before it."""
        parts = self.name.split(".")
        for end in range(1, len(parts)):
            file = self.find(".".join(parts[:end]))
            if file is not None and file.name == "__init__.py":
                yield file

    def _meaning(self, name: str, nodes: list[ast.AST], bound: dict[str, list[ast.AST]], depth: int) -> Known:
        """What a bound name is; of several bindings, none is certain."""
        node = nodes[0]
        if len(nodes) > 1:
            return None
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return None if node.decorator_list else Definition(node, self.file)
        if isinstance(node, ast.Lambda):
            return Definition(node, self.file)
        if isinstance(node, ast.Name) and node.id in bound and node.id != name:
            return self._meaning(node.id, bound[node.id], bound, depth - 1) if depth > 1 else None
        if isinstance(node, ast.ImportFrom):
            original = next(each.name for each in node.names if (each.asname or each.name) == name)
            return self._imported(node, original, depth)
        return None

    def _imported(self, node: ast.AST, name: str, depth: int) -> Known:
        """A name as another module has it."""
        if not isinstance(node, ast.ImportFrom):
            return None
        module = self._absolute(node)
        file = self.find(module) if module else None
        if file is None or self.find(f"{module}.{name}") is not None:
            return None
        tree = _parsed(file, file.stat().st_mtime_ns, self.version)
        return _Module(tree, file, module, self.find, self.version).look_up(name, depth - 1)

    def _absolute(self, node: ast.ImportFrom) -> str:
        """The full name of the module from which a statement imports; empty where it leads out of the package."""
        if not node.level:
            return node.module or ""
        package = self.name.split(".")
        if self.file is None or self.file.name != "__init__.py":
            package = package[:-1]
        above = package[: len(package) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])


def _bindings(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Each name that statements bind when the module is imported, with what says to what; ``*`` for all of a module."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or (
                    alias.name if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0]
                )
                yield name, node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                # The whole value is that of a plain name; of a part of a tuple, only its name is known.
                plain = isinstance(target, ast.Name)
                yield from ((each, node.value if plain else target) for each in _names(target))
        elif isinstance(node, ast.AnnAssign):
            # Without a value it declares the name and binds nothing.
            value = node.value
            yield from ((each, value) for each in _names(node.target) if value is not None)
        elif isinstance(node, ast.If) and _never_here(node.test):
            yield from _bindings(node.orelse)
        else:
            yield from _bound_within(node)


def _bound_within(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """What the other statements bind: loops, ``with``, ``try``, ``match`` and their bodies."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from _bindings([child])
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from _bindings(child.body)
        else:
            yield from ((each, child) for each in _names(child))


def _names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id


def _never_here(test: ast.expr) -> bool:
    """Whether a condition never holds on Lambda: `TYPE_CHECKING`, or being the main module."""
    if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
        return isinstance(test.ops[0], ast.Eq) and getattr(test.comparators[0], "value", None) == "__main__"
    return (test.id if isinstance(test, ast.Name) else getattr(test, "attr", "")) == "TYPE_CHECKING"


def _may_make(node: ast.AST, name: str) -> bool:
    """Whether something may bind the name without its standing at the top of the module."""
    if isinstance(node, ast.Global):
        return name in node.names
    if isinstance(node, ast.NamedExpr):
        return node.target.id == name
    if isinstance(node, ast.FunctionDef):
        return node.name in _MAKERS
    called = node.func if isinstance(node, ast.Call) else None
    return (isinstance(called, ast.Name) and called.id in _MAKERS) or (
        isinstance(node, ast.Attribute) and node.attr == "modules"
    )


def takes_two(node: Function) -> bool:
    """Whether a function can be called with two arguments by position."""
    arguments = node.args
    by_position = len(arguments.posonlyargs) + len(arguments.args)
    required = by_position - len(arguments.defaults)
    most = by_position if arguments.vararg is None else max(by_position, 2)
    missing = any(default is None for default in arguments.kw_defaults)
    return required <= 2 <= most and not missing


def is_coroutine(node: Function) -> bool:
    """Whether calling a function gives something that must be awaited."""
    return isinstance(node, ast.AsyncFunctionDef)


def is_generator(node: Function) -> bool:
    """Whether calling a function gives a generator instead of running it."""
    pending: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(each, Function | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(each))
    return False
