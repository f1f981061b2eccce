"""Lists of requirements: read to know whether there is anything to install, and whether it is still the same."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.errors import DefinitionError
from lambdaform.synth.requirements import Requirements


def content(folder: Path, text: str) -> list[str]:
    (folder / "requirements.txt").write_text(text)
    return [*Requirements(folder / "requirements.txt").content()]


def test_comments_and_empty_lines_say_nothing(tmp_path: Path) -> None:
    assert content(tmp_path, "# a\n\n  requests==2 # b\nurl @ https://x/y#sha256=1\n") == [
        "requests==2",
        "url @ https://x/y#sha256=1",
    ]


def test_a_line_may_go_on_in_the_next(tmp_path: Path) -> None:
    assert content(tmp_path, "requests==2 \\\n    --hash=sha256:1\n") == ["requests==2      --hash=sha256:1"]


@pytest.mark.parametrize(
    "option", ["-r more.txt", "--requirement=more.txt", "-c more.txt", "--constraint more.txt"]
)
def test_what_another_file_says_counts(tmp_path: Path, option: str) -> None:
    (tmp_path / "more.txt").write_text("requests\n")
    assert content(tmp_path, f"{option}\n") == [option, "requests"]


def test_files_that_name_each_other_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("-r requirements.txt\nrequests\n")
    assert content(tmp_path, "-r more.txt\n") == ["-r more.txt", "-r requirements.txt", "requests"]


@pytest.mark.parametrize(
    "line",
    ["./mine", "mine @ ./mine", "./mine[extra]", './mine; python_version > "3"', "file://{folder}/mine"],
)
def test_what_a_local_package_has_counts(tmp_path: Path, line: str) -> None:
    (tmp_path / "mine").mkdir()
    line = line.format(folder=tmp_path) if "{" in line else line
    contents = []
    for text in ("1", "2"):
        (tmp_path / "mine/module.py").write_text(text)
        contents.append(content(tmp_path, f"{line}\n"))
    assert contents[0] != contents[1]


@given(st.text())
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name in ("requirements.txt", "pyproject.toml"):
        (folder / name).write_bytes(text.encode(errors="surrogatepass"))
        with contextlib.suppress(DefinitionError):
            [*Requirements(folder / name).content()]


def test_a_list_that_is_taken_in_and_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        DefinitionError, match=r"There is no \S*more\.txt, which \S*requirements\.txt takes in\."
    ):
        content(tmp_path, "-r more.txt\n")
