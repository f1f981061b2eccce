"""A project's settings: ``[tool.lambdaform]`` in the ``pyproject.toml`` of the app's folder or of one above.

::

    [tool.lambdaform]
    app = "infra/app.py"         # or template = "template.yaml", or from = "stack.yaml"; relative to this file
    stack = "checkout"
    stage = "dev"

    [tool.lambdaform.check]
    fail-on = "error"            # or "warning", "info"
    lint = true
    ignore = { LF402 = "until the March release" }
    level = { LF401 = "error" }

The command line wins over what is written there. A name or a value that there is not is an error: a setting that
is misspelt would else go unnoticed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from lambdaform.errors import UsageError
from lambdaform.origin import Location
from lambdaform.suggest import did_you_mean

if TYPE_CHECKING:
    from lambdaform.check.settings import Settings

_TABLE = "tool.lambdaform"
_SOURCES = ("app", "template", "from")
_NAMES = (*_SOURCES, "stage", "stack")
_CHECK = ("ignore", "level", "fail-on", "lint")


@frozen
class Project:
    """What ``[tool.lambdaform]`` says; ``check`` is its table of that name, as it was read."""

    file: Path
    text: str
    app: Path | None = None
    template: Path | None = None
    document: Path | None = None
    stage: str | None = None
    stack: str | None = None
    check: Mapping[str, Any] | None = None

    def settings(self) -> Settings:
        """The settings of the checks. Raises `UsageError` at the line of what is wrong in them."""
        from lambdaform.check.rule import Level
        from lambdaform.check.settings import Settings

        values = self.check or {}
        _refuse_unknown(self, values, _CHECK, "check")
        levels = {
            rule: _choice(self, text, [each.value for each in Level], ("check", "level", rule))
            for rule, text in self._by_rule(values, "level")
        }
        ignored = dict(self._by_rule(values, "ignore"))
        for rule, reason in ignored.items():
            if not isinstance(reason, str) or not reason.strip():
                raise self.wrong(
                    ("check", "ignore", rule),
                    f"{rule} is ignored without a reason.",
                    f'Say why: {rule} = "until the March release".',
                )
        fail_on = values.get("fail-on", "warning")
        lint = values.get("lint", False)
        if not isinstance(lint, bool):
            raise self.wrong(("check", "lint"), f"lint is {lint!r}.", "It must be true or false.")
        return Settings(
            ignore={each: why for rule, why in ignored.items() for each in self._ids(rule, "ignore")},
            level={each: Level(level) for rule, level in levels.items() for each in self._ids(rule, "level")},
            fail_on=Level(_choice(self, fail_on, [each.value for each in Level], ("check", "fail-on"))),
            lint=lint,
        )

    def require_source(self) -> None:
        """Raise `UsageError` at its line where the file that is named as the source is not there."""
        for name, path in zip(_SOURCES, (self.app, self.template, self.document), strict=True):
            if path is not None and not os.path.exists(path):  # noqa: PTH110 - a name that no file can have is none, too
                shown = os.path.relpath(path, self.file.parent)
                raise self.wrong((name,), f"There is no {shown}.", "The path is relative to this file.")

    def _by_rule(self, values: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
        table = values.get(key, {})
        if not isinstance(table, Mapping):
            shown = '{ LF402 = "until the March release" }' if key == "ignore" else '{ LF401 = "error" }'
            raise self.wrong(("check", key), f"{key} is {table!r}.", f"It maps rules: {key} = {shown}.")
        yield from table.items()

    def _ids(self, name: str, key: str) -> tuple[str, ...]:
        """The ids of the rule that a setting names."""
        from lambdaform.check.rule import rules
        from lambdaform.check.suppression import ids_of

        ids = ids_of(name)
        if not ids:
            names = [*rules(), *(each.name for each in rules().values())]
            right = did_you_mean(name, names, "lambdaform explain lists the rules.")
            raise self.wrong(("check", key, name), f"{name!r} is no rule.", right)
        return ids

    def wrong(self, path: tuple[str, ...], what: str, right: str) -> UsageError:
        """An error about a setting, at its line."""
        line = _line_of(self.text, (*_TABLE.split("."), *path))
        return UsageError(what, right=right, where=Location(str(self.file), line))


def read_project(file: Path, written: bytes) -> Project | None:
    """The settings in a ``pyproject.toml``; None where it has none. Raises `UsageError` at the line of what is wrong."""
    import tomllib

    try:
        text = written.decode("utf-8")
        data = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        found = re.search(r"at line (\d+), column (\d+)", str(error))
        where = Location(str(file), int(found[1]), int(found[2])) if found else Location(str(file), 1)
        what = re.sub(r" \(at .*\)$", "", str(error))
        raise UsageError(f"It is not readable as TOML: {what}.", where=where) from error
    tool = data.get("tool")
    table = tool.get("lambdaform") if isinstance(tool, Mapping) else None
    if table is None:
        return None
    project = Project(file, text)
    if not isinstance(table, Mapping):
        raise project.wrong((), f"lambdaform is {table!r}.", f"It is a table: [{_TABLE}].")
    _refuse_unknown(project, table, (*_NAMES, "check"))
    for name in _NAMES:
        value = table.get(name, "-")
        if not isinstance(value, str) or not value:
            raise project.wrong((name,), f"{name} is {value!r}.", f'It is a text: {name} = "…".')
    check = table.get("check", {})
    if not isinstance(check, Mapping):
        raise project.wrong(("check",), f"check is {check!r}.", f"It is a table: [{_TABLE}.check].")
    sources = [name for name in _SOURCES if name in table]
    if len(sources) > 1:
        raise project.wrong((sources[-1],), f"{' and '.join(sources)} name two sources.", "Give one of them.")
    path: Callable[[str], Path | None] = lambda name: file.parent / table[name] if name in table else None  # noqa: E731
    return Project(
        file, text, path("app"), path("template"), path("from"), table.get("stage"), table.get("stack"), check
    )


def _refuse_unknown(project: Project, table: Mapping[str, Any], known: tuple[str, ...], *path: str) -> None:
    for name in table:
        if name not in known:
            title = ".".join((_TABLE, *path))
            raise project.wrong(
                (*path, name), f"[{title}] has no setting {name!r}.", did_you_mean(name, known)
            )


def _choice(project: Project, value: object, choices: list[str], path: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        right = did_you_mean(str(value), choices, f"It must be one of {', '.join(choices)}.")
        raise project.wrong(path, f"{path[-1]} is {value!r}.", right)
    return value


_HEADER = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]+")


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """The line where a key is written; of the nearest table or key around it where it cannot be told."""
    found, length = 1, 0
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = tuple(part.strip(" \"'") for part in header[1].split("."))
            keys: tuple[str, ...] = ()
        else:
            keys = tuple(re.findall(r"""["']?([\w.-]+)["']?\s*=""", line))
        steps = [*table, *(step for key in keys for step in key.split("."))]
        # How much of the path the table and the keys on this line spell out, in order.
        common = 0
        for step in steps:
            if common < len(path) and step == path[common]:
                common += 1
        whole = header is not None and tuple(table) == path[: len(table)]
        if common > length and (keys or whole):
            found, length = number, common
    return found
