"""What a project keeps of its local runs is no part of the project."""

from __future__ import annotations

from pathlib import Path

from lambdaform.local.state_folder import make_state_folder


def test_git_leaves_a_new_one_alone(tmp_path: Path) -> None:
    make_state_folder(tmp_path / ".lambdaform" / "logs")
    assert (tmp_path / ".lambdaform" / ".gitignore").read_text() == "*\n"


def test_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / ".lambdaform").mkdir()
    make_state_folder(tmp_path / ".lambdaform" / "logs")
    assert [each.name for each in (tmp_path / ".lambdaform").iterdir()] == ["logs"]


def test_a_folder_of_another_name_gets_nothing_of_ours(tmp_path: Path) -> None:
    make_state_folder(tmp_path / "elsewhere" / "logs")
    assert [each.name for each in (tmp_path / "elsewhere").iterdir()] == ["logs"]
