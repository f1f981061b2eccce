"""What type checkers and editors make of an application: mypy and pyright, both strict."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lambdaform import LambdaformError

HERE = Path(__file__).parent
MISTAKES = HERE / "mistakes.py"
RIGHT = HERE / "right.py"
SOURCE = MISTAKES.read_text("utf-8")
MARK = re.compile(r".*  # (types|LF\d{3})$")


def statements() -> dict[int, tuple[str, ast.stmt]]:
    """Each mistake's line with what sees it first."""
    lines = SOURCE.splitlines()
    found = {}
    for node in ast.parse(SOURCE).body:
        if marked := MARK.fullmatch(lines[node.lineno - 1]):
            found[node.lineno] = marked[1], node
    return found


STATEMENTS = statements()


@cache
def mypy() -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(MISTAKES), str(RIGHT)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@cache
def pyright() -> str:
    command = [sys.executable, "-m", "pyright"]
    known = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    if known.returncode:
        pytest.skip("pyright fetches itself from npm when it is first used, and could not")
    command += ["--project", str(HERE), "--pythonpath", sys.executable, str(MISTAKES), str(RIGHT)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def flagged(output: str, file: Path) -> set[int]:
    return {int(number) for number in re.findall(rf"{re.escape(file.name)}:(\d+).*error", output)}


def test_there_are_thirty_mistakes() -> None:
    assert len(STATEMENTS) >= 30


@pytest.mark.slow
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_types_tell_what_the_table_says_they_tell(checker: Callable[[], str]) -> None:
    told_by_types = {line for line, (mark, _) in STATEMENTS.items() if mark == "types"}
    assert flagged(checker(), MISTAKES) == told_by_types


@pytest.mark.slow
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_what_is_right_is_not_flagged(checker: Callable[[], str]) -> None:
    assert flagged(checker(), RIGHT) == set(), checker()


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the statements before the mistakes define."""
    first = min(STATEMENTS)
    before = [node for node in ast.parse(SOURCE).body if node.lineno < first]
    defined: dict[str, Any] = {}
    exec(compile(ast.Module(before, []), str(MISTAKES), "exec"), defined)
    return defined


@pytest.mark.parametrize("line", STATEMENTS, ids=lambda line: ast.unparse(STATEMENTS[line][1])[:70])
def test_a_mistake_does_not_survive_its_statement(line: int, names: dict[str, Any]) -> None:
    mark, node = STATEMENTS[line]
    with pytest.raises((LambdaformError, TypeError, AttributeError)) as caught:
        exec(compile(ast.Module([node], []), str(MISTAKES), "exec"), names)
    if mark != "types":
        assert isinstance(caught.value, LambdaformError)
        assert caught.value.rule == mark
    if isinstance(caught.value, LambdaformError):
        assert caught.value.where is not None
        assert caught.value.where.line == line


def test_the_documentation_shows_the_mistakes_as_they_are() -> None:
    page = (HERE.parent.parent / "docs" / "how-to" / "types.md").read_text("utf-8")
    lines = SOURCE.splitlines()
    rows = [
        f"| `{lines[line - 1].rpartition('  # ')[0]}` | {mark} |" for line, (mark, _) in STATEMENTS.items()
    ]
    assert [each for each in page.splitlines() if each.startswith("| `")] == rows
