"""Whatever functions have written is removed."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from lambdaform.local import removal
from lambdaform.local.namespace import Namespace
from lambdaform.local.removal import Removals, remove
from lambdaform.local.sandbox import View


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


class Shown(Namespace):
    """A view that says when it was closed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(View(folder, folder, folder, folder))
        self.is_closed = threading.Event()

    def close(self) -> None:
        self.is_closed.set()


def test_a_folder_that_takes_long_holds_up_no_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = threading.Event()
    removed: list[str] = []

    def slowly(folder: Path) -> None:
        assert may_go_on.wait(20)
        removed.append(folder.name)

    monkeypatch.setattr(removal, "remove", slowly)
    removals, views = Removals(), [Shown(tmp_path) for _ in range(3)]
    for number, view in enumerate(views):
        removals.put(tmp_path / str(number), view)
    assert all(each.is_closed.wait(20) for each in views)
    assert removed == []
    may_go_on.set()
    ended(removals)
    assert removed == ["0", "1", "2"]


def test_what_cannot_be_removed_is_told_and_all_else_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda unhandled: told.append(str(unhandled.exc_value)))
    begun = threading.Event()

    def failing(folder: Path) -> None:
        assert begun.wait(20)
        if folder.name in "02":
            raise MemoryError(folder.name)
        remove(folder)

    monkeypatch.setattr(removal, "remove", failing)
    removals, folders = Removals(), [tmp_path / name for name in "0123"]
    for each in folders:
        each.mkdir()
        removals.put(each)
    begun.set()
    ended(removals)
    assert told == ["0", "2"]
    assert [each.name for each in folders if each.exists()] == ["0", "2"]


def test_where_the_system_gives_no_thread_it_is_removed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    removals = Removals()
    with monkeypatch.context() as without_threads:
        without_threads.setattr(threading.Thread, "start", refused)
        for name in "ab":
            (tmp_path / name).mkdir()
            removals.put(tmp_path / name, Shown(tmp_path))
        ended(removals)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "c").mkdir()
    removals.put(tmp_path / "c")
    ended(removals)
    assert list(tmp_path.iterdir()) == []


def ended(removals: Removals) -> None:
    """Wait until all is removed."""
    asyncio.run(asyncio.wait_for(removals.ended(), 20))
