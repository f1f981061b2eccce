"""Whatever functions have written is removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lambdaform.local.removal import remove


def test_all_that_is_in_a_folder_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    folder, kept = tmp_path / "folder", tmp_path / "kept"
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("1")
    kept.mkdir()
    (kept / "file").write_text("1")
    (folder / "a" / "link").symlink_to(kept)
    remove(folder)
    assert not folder.exists()
    assert (kept / "file").read_text() == "1"


def test_a_folder_that_is_not_there_is_no_matter(tmp_path: Path) -> None:
    remove(tmp_path / "nowhere")


def test_folders_in_folders_without_end_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    # More than Python calls functions in functions, and than a path has letters.
    for _ in range(1200):
        os.mkdir("deeper")  # noqa: PTH102
        os.chdir("deeper")
    os.chdir(tmp_path)
    remove(folder)
    assert not folder.exists()


def test_what_is_closed_to_its_owner_goes(tmp_path: Path) -> None:
    inside = tmp_path / "folder" / "a" / "b"
    inside.mkdir(parents=True)
    (inside / "file").write_text("1")
    for each in (inside, inside.parent):
        each.chmod(0)
    remove(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()
