"""Which files of a stack have changed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from lambdaform.local.clock import wall_time
from lambdaform.local.watch import Watch, changed, signature


def test_nothing_has_changed_between_two_looks(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    assert changed(signature([tmp_path]), signature([tmp_path])) == []


def test_a_file_that_is_new_different_or_gone_is_named(tmp_path: Path) -> None:
    for name in ("same", "different", "gone"):
        (tmp_path / name).write_text("1")
    before = signature([tmp_path])
    (tmp_path / "different").write_text("22")
    (tmp_path / "gone").unlink()
    (tmp_path / "new").write_text("1")
    assert [Path(each).name for each in changed(before, signature([tmp_path]))] == [
        "different",
        "gone",
        "new",
    ]


def test_files_in_folders_are_looked_at(tmp_path: Path) -> None:
    before = signature([tmp_path])
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.py").write_text("1")
    assert changed(before, signature([tmp_path])) == [str(tmp_path / "deep" / "er" / "a.py")]


def test_a_path_may_be_a_file_and_may_be_missing(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    before = signature([file, tmp_path / "nowhere"])
    file.write_text("1")
    assert changed(before, signature([file])) == [str(file)]


def test_what_is_no_part_of_a_package_is_passed_over(tmp_path: Path) -> None:
    before = signature([tmp_path])
    for name in ("__pycache__/a.pyc", ".git/index", ".venv/x.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("1")
    assert signature([tmp_path]) == before


def test_a_change_that_comes_while_the_last_one_is_taken_is_told_next(tmp_path: Path) -> None:
    file, other = tmp_path / "a.py", tmp_path / "b.py"
    file.write_text("1")
    other.write_text("1")

    async def watching() -> list[list[str]]:
        watch = Watch([file])
        file.write_text("22")
        first = await watch.change()
        file.write_text("333")
        watch.follow([file, other], since=wall_time() + 60)
        return [first, await watch.change()]

    assert asyncio.run(watching()) == [[str(file)], [str(file)]]


def test_a_new_file_that_changes_while_it_is_read_is_told_next(tmp_path: Path) -> None:
    file, new = tmp_path / "app.py", tmp_path / "parts.py"
    file.write_text("1")
    new.write_text("1")

    async def watching() -> list[str]:
        watch = Watch([file])
        began = new.stat().st_mtime + 1
        os.utime(new, (began + 1, began + 1))
        watch.follow([file, new], since=began)
        return await watch.change()

    assert asyncio.run(watching()) == [str(new)]


def test_files_that_are_no_longer_followed_are_forgotten(tmp_path: Path) -> None:
    gone, folder = tmp_path / "gone.py", tmp_path / "src"
    folder.mkdir()
    gone.write_text("1")
    (folder / "a.py").write_text("1")

    async def watching() -> list[str]:
        watch = Watch([gone, folder])
        watch.follow([folder], since=wall_time() + 60)
        (folder / "a.py").write_text("22")
        return await watch.change()

    assert asyncio.run(watching()) == [str(folder / "a.py")]
