"""Patterns of what is packaged: Git's, checked against Git itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.model.code_patterns import Patterns, patterns_for

PATHS = ["a.py", "b.md", "tests/a.py", "src/tests/b.py", "src/a.py", "src/deep/er/b.md", "x/a.pyc", "[a].py"]
LINES = [
    "*.md", "/*.md", "tests", "tests/", "/tests/", "tests/**", "**/tests", "src/**/b.md", "src/*", "src/", "*.py[co]",
    "[!a].py", "[a]*", "\\[a\\].py", "?.py", "src/deep/", "!a.py", "!b.md", "!/a.py", "**", "*", "a.py/", "src/tests/b.py",
]  # fmt: skip


def left_out(patterns: Patterns, path: str) -> bool:
    """Whether a file, or a folder in which it lies, is left out."""
    parts = path.split("/")
    folders = ["/".join(parts[:n]) for n in range(1, len(parts))]
    return any(patterns.leave_out(each, folder=True) for each in folders) or patterns.leave_out(
        path, folder=False
    )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        pytest.skip("there is no git on the PATH")
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    for path in PATHS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")
    return folder


@given(lines=st.lists(st.sampled_from(LINES), max_size=4))
def test_they_mean_what_they_mean_to_git(repository: Path, lines: list[str]) -> None:
    (repository / ".gitignore").write_text("\n".join(lines) + "\n")
    listed = ["git", "ls-files", "--others", "--ignored", "--exclude-per-directory=.gitignore", "-z"]
    ignored = subprocess.run(listed, cwd=repository, check=True, capture_output=True, text=True).stdout
    patterns = Patterns(lines)
    assert {path for path in PATHS if left_out(patterns, path)} == {*ignored.split("\0")} - {"", ".gitignore"}


@pytest.mark.parametrize(
    "name", ["__pycache__", ".git", ".venv", ".DS_Store", "node_modules/.cache", "a.pyc"]
)
def test_leftovers_are_always_left_out(name: str) -> None:
    assert patterns_for().leave_out(name, folder=True)


def test_what_is_included_is_packaged_all_the_same() -> None:
    assert patterns_for((), (".env",)).leave_out(".env", folder=False) is False


@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_any_text_is_a_pattern(pattern: str, path: str) -> None:
    Patterns([pattern]).leave_out(path, folder=False)
