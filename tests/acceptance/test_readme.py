"""README.md tells the truth: what its commands print is what it shows, but for ids, times and measurements.

Its files and commands are run in a copy of the example, in their order. A comment before a block says which text
of ``app.py`` is another for that block. Commands that other programs are part of (a server, the AWS CLI) are left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
_FILE = re.compile(r"`([\w.]+)`[^`\n]*:\n\n```(?:python|yaml|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(
    r"(?:^<!-- app\.py: (.*?) -> (.*?) -->\n)?^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_CHANGING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"(Duration|Max Memory Used): [\d.]+"), r"\1: N"),
    (re.compile(r"^No Python .* runs it instead\.\n", re.MULTILINE), ""),
)


@frozen
class Shown:
    """A command of the README, what it shows below it, and the text of ``app.py`` that is another for it."""

    command: str
    output: str
    replaced: str | None
    replacement: str | None


def shown() -> list[Shown]:
    """Every command of the README that is lambdaform's alone and ends by itself."""
    return [
        Shown(command, output, replaced, replacement)
        for replaced, replacement, block in _BLOCK.findall(README)
        for command, output in _COMMAND.findall(block)
        if re.match(r"lambdaform (?!run\b)", command)
    ]


def lasting(text: str) -> str:
    """The text without what is another each time."""
    for changing, stand_in in _CHANGING:
        text = changing.sub(stand_in, text)
    return text


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example's folder with the README's files in it."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "examples" / "checkout", folder)
    for name, content in _FILE.findall(README):
        (folder / name).write_text(content, "utf-8")
    return folder


@pytest.mark.parametrize("example", shown(), ids=lambda each: each.command.split(" \\")[0])
def test_a_command_prints_what_the_readme_shows(example: Shown, project: Path) -> None:
    if example.replaced:
        app = project / "app.py"
        text = app.read_text("utf-8")
        assert example.replaced in text
        app.write_text(text.replace(example.replaced, str(example.replacement)), "utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        example.command,
        shell=True,
        cwd=project,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert lasting(ran.stdout) == lasting(example.output)


def test_the_readme_shows_each_command() -> None:
    assert {each.command.split()[1] for each in shown()} == {"synth", "check", "invoke"}


def test_each_file_that_is_named_is_there() -> None:
    missing = [
        target
        for target in re.findall(r"\]\(([^)]+)\)", README)
        if "://" not in target and not (ROOT / target).exists()
    ]
    assert missing == []
