"""The Node.js packages that code depends on, installed by npm beside nothing but their lists.

With a lock file npm installs exactly what that names (``npm ci``), else what fits ``package.json``. Development
dependencies stay out. The packages' own install scripts are not run: they would run on this machine, with this
user's rights, and what they build would be for this machine. For Lambda, npm is told its system and processor, so
that packages with prebuilt parts bring the right ones.

Source: AWS Lambda Developer Guide, nodejs-package; npm's documentation, npm-ci, npm-install and config.
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import define, field

from lambdaform.errors import DefinitionError
from lambdaform.model.layer import Architecture
from lambdaform.origin import Location, shown_path
from lambdaform.synth.tool import run, shown

_LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
_OTHER_LOCKS = {"yarn.lock": "Yarn", "pnpm-lock.yaml": "pnpm", "bun.lock": "Bun", "bun.lockb": "Bun"}
_DEPENDENCIES = ("dependencies", "optionalDependencies")
_CPU = {"x86_64": "x64", "arm64": "arm64"}
_OPTIONS = (
    "--omit=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
)
_MOST_LINES = 6
_FORM = "1"


@define(slots=False)
class NodePackages:
    """The packages that a ``package.json`` lists; ``architecture`` is Lambda's, None for this machine."""

    file: Path
    architecture: Architecture | None
    where: Location | None = field(default=None, eq=False)

    def __str__(self) -> str:
        target = f"Node.js on {self.architecture}" if self.architecture else "Node.js on this machine"
        return f"{shown_path(str(self.file))} for {target}"

    @cached_property
    def _data(self) -> dict[str, Any]:
        """What the file says of dependencies. Raises `DefinitionError` where it is no such file."""
        name = shown_path(str(self.file))
        try:
            data = json.loads(self.file.read_text("utf-8-sig"))
        except (OSError, ValueError) as error:
            raise DefinitionError(f"{name} is not JSON: {error}.", where=self.where) from error
        given = data if isinstance(data, dict) else {}
        return {key: given[key] for key in (*_DEPENDENCIES, "overrides") if isinstance(given.get(key), dict)}

    @property
    def listed(self) -> dict[str, str]:
        """Each package with its version, tag or address."""
        return {
            package: str(version)
            for key in _DEPENDENCIES
            for package, version in self._data.get(key, {}).items()
        }

    def key(self) -> Iterator[str | bytes]:
        """All that decides what is installed. Raises `DefinitionError` where npm is not the one to install it."""
        self._refuse_links()
        lock = self._lock()
        yield from (_FORM, self.architecture or f"{platform.system()} {platform.machine()}")
        yield json.dumps(self._data, sort_keys=True)
        yield lock.read_bytes() if lock is not None else ""

    def install(self, folder: Path) -> None:
        """Install into a new folder, which then has ``node_modules``.

        Raises `DefinitionError` where npm is not there or fails.
        """
        npm = shutil.which("npm")
        if npm is None:
            raise DefinitionError(
                f"The packages of {self} cannot be installed: there is no npm on the PATH.",
                right="Install Node.js.",
                where=self.where,
            )
        lock = self._lock()
        if lock is not None:
            command = [npm, "ci"]
            shutil.copy(self.file, folder)
            shutil.copy(lock, folder)
        else:
            command = [npm, "install", "--no-package-lock"]
            # Without the development tools, which npm would look up even where it leaves them out.
            (folder / "package.json").write_text(json.dumps(self._data), "utf-8")
        settings = self.file.with_name(".npmrc")
        if settings.is_file():
            shutil.copy(settings, folder)
        if self.architecture is not None:
            command += ["--os=linux", f"--cpu={_CPU[self.architecture]}", "--libc=glibc"]
        output = run([*command, *_OPTIONS], folder)
        if output is not None:
            raise DefinitionError(
                f"The packages of {self} cannot be installed.",
                right=f"Mend what npm names.{shown(output, _MOST_LINES)}",
                where=self.where,
            )
        modules = folder / "node_modules"
        modules.mkdir(exist_ok=True)
        # What npm notes for itself, and commands that nothing calls on Lambda; and, perhaps, a password.
        (modules / ".package-lock.json").unlink(missing_ok=True)
        for commands in modules.rglob(".bin"):
            shutil.rmtree(commands)
        for each in folder.iterdir():
            if each != modules:
                each.unlink()

    def _lock(self) -> Path | None:
        for name in _LOCKS:
            if self.file.with_name(name).is_file():
                return self.file.with_name(name)
        for name, tool in _OTHER_LOCKS.items():
            if self.file.with_name(name).is_file():
                raise DefinitionError(
                    f"{shown_path(str(self.file.with_name(name)))} has the versions that {tool} chose, and lambdaform "
                    "installs with npm.",
                    right="Make npm's own list beside it: npm install --package-lock-only.",
                    where=self.where,
                )
        return None

    def _refuse_links(self) -> None:
        for package, version in self.listed.items():
            if version.startswith(("file:", "link:", "workspace:", "./", "../")):
                raise DefinitionError(
                    f"{shown_path(str(self.file))} has {package!r} at {version}, which npm would only link to.",
                    right="Bundle the function (BuildMethod: esbuild in its Metadata), or pack the package: npm pack.",
                    where=self.where,
                )
