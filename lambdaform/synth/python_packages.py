"""The Python packages that code depends on, installed by pip into a folder: for Lambda, or for this machine.

A package without a wheel for Lambda is built here, and refused where that gives native code. What pip leaves of this
machine (scripts with its interpreter's path, the places of local packages) is removed, so that the same packages give
the same files everywhere.

Source: AWS Lambda Developer Guide, python-package; pip's documentation, "pip install"; PEP 376, 427, 610.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from lambdaform.errors import DefinitionError
from lambdaform.origin import shown_path
from lambdaform.synth.python_platform import ForLambda, ForThisMachine
from lambdaform.synth.requirements import Requirements
from lambdaform.synth.tool import run

_OPTIONS = (
    "--no-user",
    "--no-compile",
    "--no-warn-script-location",
    "--root-user-action=ignore",
    "--progress-bar=off",
)
#: Settings of the user's that say where pip installs; here that is said already.
_PLACES = {
    "PIP_TARGET",
    "PIP_USER",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_EDITABLE",
    "PIP_PYTHON",
}
_NO_WHEEL = re.compile(r"No matching distribution found for (\S+)")
_REASON = re.compile(r"\s*(ERROR|error|fatal):")
#: How many of pip's reasons are told, the last ones.
_MOST_REASONS = 6
#: The form of what is installed: with another one, what was kept before is made anew.
_FORM = "1"


@frozen
class PythonPackages:
    """What to install, and for what."""

    requirements: Requirements
    platform: ForLambda | ForThisMachine

    def __str__(self) -> str:
        return f"{shown_path(str(self.requirements.file))} for {self.platform}"

    def key(self) -> Iterator[str]:
        """All that decides what is installed."""
        import pip

        yield from (_FORM, pip.__version__, *self.platform.key)
        yield from self.requirements.content()

    def install(self, folder: Path) -> None:
        """Install into a new folder. Raises `DefinitionError` where pip cannot, with its reasons."""
        with tempfile.TemporaryDirectory(prefix="lambdaform-pip-") as scratch:
            file = self.requirements.file.absolute()
            if self.requirements.is_project:
                file = Path(scratch, "requirements.txt")
                file.write_text("\n".join(self.requirements.lines) + "\n", "utf-8")
            built = Path(scratch, "built")
            built.mkdir()
            command = [
                *self.platform.command(),
                *_OPTIONS,
                f"--find-links={built}",
                f"--target={folder}",
                f"--requirement={file}",
            ]
            tried: set[str] = set()
            while (output := self._run(command)) is not None:
                missing = _NO_WHEEL.search(output)
                if isinstance(self.platform, ForThisMachine) or missing is None or missing[1] in tried:
                    raise self._failed(output)
                tried.add(missing[1])
                self._build(missing[1], built)
                shutil.rmtree(folder)
                folder.mkdir()
        if isinstance(self.platform, ForLambda):
            self._refuse_foreign_code(folder, self.platform)
        _remove_traces(folder)

    def _run(self, command: Sequence[str]) -> str | None:
        """Run pip; what it says where it fails, else None."""
        environment = {key: value for key, value in os.environ.items() if key not in _PLACES}
        fixed = {
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "PIP_REQUIRE_VIRTUALENV": "0",
            "PYTHONUTF8": "1",
        }
        # Relative paths in requirements are looked for from here.
        return run(command, self.requirements.file.parent, {**environment, **fixed})

    def _build(self, requirement: str, folder: Path) -> None:
        """Make a wheel of a package that has none, if it is pure Python."""
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            command = [sys.executable, "-P", "-m", "pip", "wheel", "--no-deps", f"--wheel-dir={scratch}"]
            output = self._run([*command, requirement])
            if output is not None and _NO_WHEEL.search(output):
                raise self._failed(output)
            wheels = list(Path(scratch).glob("*.whl"))
            if output is not None or not wheels or not all(each.stem.endswith("-any") for each in wheels):
                raise DefinitionError(
                    f"{requirement!r} in {self} has no wheel, and cannot be built as pure Python here.",
                    right="Name a version that has a wheel, build one on Amazon Linux and name it by its path, or "
                    f"use a container image.{_reasons(output or '')}",
                    where=self.requirements.where,
                )
            for each in wheels:
                each.rename(folder / each.name)

    def _failed(self, output: str) -> DefinitionError:
        return DefinitionError(
            f"The packages of {self} cannot be installed.",
            right=f"Mend what pip names, or name another file.{_reasons(output)}",
            where=self.requirements.where,
        )

    def _refuse_foreign_code(self, folder: Path, platform: ForLambda) -> None:
        """Refuse native code that was built on this machine, of a package from a folder or a repository."""
        runs = {*platform.platforms, "any"}
        for wheel in folder.glob("*.dist-info/WHEEL"):
            tags = re.findall(r"^Tag: *\S+-(\S+)$", wheel.read_text("utf-8", errors="replace"), re.MULTILINE)
            if tags and not any(part in runs for tag in tags for part in tag.split(".")):
                name = wheel.parent.name.partition("-")[0]
                raise DefinitionError(
                    f"{name!r} in {self} has native code, which was built on this machine ({tags[0]}).",
                    right="Build its wheel on Amazon Linux and name that by its path, or use a container image.",
                    where=self.requirements.where,
                )


def _reasons(output: str) -> str:
    """What pip says is wrong, the last of it."""
    lines = [line.strip() for line in output.splitlines() if _REASON.match(line)]
    return "".join(f"\n  pip: {line}" for line in lines[-_MOST_REASONS:])


def _remove_traces(folder: Path) -> None:
    """Remove what differs from machine to machine: scripts, and where local packages were found."""
    for file in (*folder.glob("bin/*"), *folder.glob("*.dist-info/direct_url.json")):
        if file.is_file() and (file.name == "direct_url.json" or file.read_bytes()[:2] == b"#!"):
            file.unlink()
    scripts = folder / "bin"
    if scripts.is_dir() and not any(scripts.iterdir()):
        scripts.rmdir()
    for record in folder.glob("*.dist-info/RECORD"):
        with record.open(newline="", encoding="utf-8") as lines:
            # Scripts stand there with the place where they would usually be, outside this folder.
            rows = [row for row in csv.reader(lines) if not row[0].startswith("../")]
        kept = [row for row in rows if not row[0].endswith(".dist-info/direct_url.json")]
        with record.open("w", newline="", encoding="utf-8") as lines:
            csv.writer(lines, lineterminator="\n").writerows(kept)
