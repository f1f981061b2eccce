"""Tools that install: quiet where all is well, and no passwords where it is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lambdaform.errors import DefinitionError
from lambdaform.synth.tool import run, shown


def test_a_tool_that_ends_well_says_nothing(tmp_path: Path) -> None:
    assert run([sys.executable, "-c", "print('done')"], tmp_path) is None


def test_what_a_tool_says_has_no_passwords(tmp_path: Path) -> None:
    script = "import sys; sys.exit('cannot reach https://me:secret@host/simple and //token@host')"
    assert (
        run([sys.executable, "-c", script], tmp_path)
        == "cannot reach https://****@host/simple and //****@host\n"
    )


def test_a_tool_has_nothing_to_read(tmp_path: Path) -> None:
    assert run([sys.executable, "-c", "import sys; sys.exit(len(sys.stdin.read()))"], tmp_path) is None


def test_a_tool_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="cannot be started: no such file"):
        run([str(tmp_path / "gone")], tmp_path)


def test_the_first_lines_are_shown() -> None:
    assert shown("a\n\n b\nc\n", 2) == "\n  a\n   b"
