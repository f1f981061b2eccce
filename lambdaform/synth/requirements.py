"""What Python code depends on, as it is written: a file in pip's form, or the ``[project]`` of a ``pyproject.toml``.

It is read to know whether there is anything to install, and whether it is still the same; pip reads it to install.

Source: pip's documentation, "Requirements File Format"; PEP 621.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import define, field

from lambdaform.errors import DefinitionError
from lambdaform.model.code_patterns import patterns_for
from lambdaform.origin import Location, shown_path
from lambdaform.synth.assets import Asset
from lambdaform.synth.tool import without_passwords

INSTALL_NONE = "To install none, say dependencies=False, in a template Metadata: SkipBuild: true."
_FILE_OPTION = re.compile(r"(?:-r|-c|--requirement|--constraint)[ =]*(\S.*)")
_EDITABLE = re.compile(r"(-e|--editable)\b")
_EXTRAS_AND_OPTIONS = re.compile(r"(\[[^]]*\])?(\s+--.*)?$")


@define(slots=False)
class Requirements:
    """The requirements in a file; ``where`` a definition names them. All raise `DefinitionError` where they are wrong."""

    file: Path
    where: Location | None = field(default=None, eq=False)

    @property
    def is_project(self) -> bool:
        """Whether the file is a ``pyproject.toml``."""
        return self.file.suffix == ".toml"

    @cached_property
    def lines(self) -> list[str]:
        """One for each requirement or option."""
        text = self._text(self.file)
        return self._project_dependencies(text) if self.is_project else list(_lines(text))

    def content(self) -> Iterator[str]:
        """All that these requirements say: further files that they name included, and local packages' content."""
        yield from self._content(self.file, self.lines, {self.file.resolve()})

    def _content(self, file: Path, lines: list[str], seen: set[Path]) -> Iterator[str]:
        yield from lines
        for line in lines:
            if _EDITABLE.match(line):
                raise DefinitionError(
                    f"{shown_path(str(file))} has {without_passwords(line)!r}, which is a link to a folder of this machine.",
                    right="Without -e the package itself is installed.",
                    where=self.where,
                )
            if option := _FILE_OPTION.match(line):
                named = file.parent / option[1].strip("\"'")
                if named.resolve() not in seen:
                    seen.add(named.resolve())
                    yield from self._content(named, list(_lines(self._text(named))), seen)
            elif (local := _local_path(line, self.file.parent)) is not None:
                yield Asset.from_path(
                    local, patterns=patterns_for(("build", "dist")), where=self.where
                ).sha256

    def _text(self, file: Path) -> str:
        try:
            return file.read_text("utf-8-sig")
        except FileNotFoundError as error:
            raise DefinitionError(
                f"There is no {shown_path(str(file))}, which {shown_path(str(self.file))} takes in.",
                right="A path in a list of requirements is relative to that list.",
                where=self.where,
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise DefinitionError(
                f"The requirements {shown_path(str(file))} cannot be read.",
                right="They are a text file in UTF-8.",
                where=self.where,
            ) from error

    def _project_dependencies(self, text: str) -> list[str]:
        name = shown_path(str(self.file))
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DefinitionError(f"{name} is not TOML: {error}.", where=self.where) from error
        project = _table(data, "project")
        dynamic = project.get("dynamic")
        if isinstance(dynamic, list) and "dependencies" in dynamic:
            raise DefinitionError(
                f"{name} says that its build works out the dependencies.",
                right=f"Write them to a requirements.txt beside it. {INSTALL_NONE}",
                where=self.where,
            )
        dependencies = project.get("dependencies", [])
        if not isinstance(dependencies, list) or not all(isinstance(each, str) for each in dependencies):
            raise DefinitionError(
                f"{name}: its dependencies are no list of texts.",
                right='They are one such as ["requests>=2"].',
                where=self.where,
            )
        if not dependencies and _table(data, "tool", "poetry", "dependencies").keys() - {"python"}:
            raise DefinitionError(
                f"{name} has its dependencies in Poetry's own table.",
                right=f"Export them beside it: poetry export --output requirements.txt. {INSTALL_NONE}",
                where=self.where,
            )
        return dependencies


def _table(data: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        inner = data.get(name)
        data = inner if isinstance(inner, dict) else {}
    return data


def _lines(text: str) -> Iterator[str]:
    """The lines that say something, as pip joins and strips them."""
    for line in text.replace("\\\n", " ").splitlines():
        bare = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if bare:
            yield bare


def _local_path(line: str, base: Path) -> Path | None:
    """The folder or file of this machine that a requirement names."""
    text = line.partition(";")[0].rpartition(" @ ")[2].strip().removeprefix("file://")
    text = _EXTRAS_AND_OPTIONS.sub("", text)
    if text.startswith("-") or not ("/" in text or os.sep in text or text.endswith((".whl", ".gz", ".zip"))):
        return None
    path = base / text
    return path if path.exists() else None
