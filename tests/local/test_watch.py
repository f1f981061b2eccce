"""Which files of a stack have changed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from lambdaform.local.clock import wall_time
from lambdaform.local.watch import Pace, Watch, watched_path


def test_nothing_has_changed_between_two_looks(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    assert Watch([tmp_path]).look() == []


def test_a_file_that_is_new_different_or_gone_is_named_once(tmp_path: Path) -> None:
    for name in ("same", "different", "gone"):
        (tmp_path / name).write_text("1")
    watch = Watch([tmp_path])
    (tmp_path / "different").write_text("22")
    (tmp_path / "gone").unlink()
    (tmp_path / "new").write_text("1")
    assert [Path(each).name for each in watch.look()] == ["different", "gone", "new"]
    assert watch.look() == []


def test_a_file_that_may_now_be_executed_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bootstrap"
    file.write_text("#!/bin/sh")
    watch = Watch([tmp_path])
    file.chmod(0o755)
    assert watch.look() == [str(file)]


def test_a_file_that_takes_the_place_of_one_of_the_same_size_and_time_is_named(tmp_path: Path) -> None:
    file, other = tmp_path / "package.json", tmp_path / "other"
    for each, text in ((file, "1.0.1"), (other, "1.0.2")):
        each.write_text(text)
        os.utime(each, (499162500, 499162500))
    watch = Watch([file])
    other.replace(file)
    assert watch.look() == [str(file)]


def test_files_in_folders_are_looked_at(tmp_path: Path) -> None:
    watch = Watch([tmp_path])
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.py").write_text("1")
    assert watch.look() == [str(tmp_path / "deep" / "er" / "a.py")]


def test_a_folder_that_goes_and_comes_back_is_named_by_its_files(tmp_path: Path) -> None:
    folder, away = tmp_path / "src", tmp_path / "away"
    folder.mkdir()
    (folder / "a.py").write_text("1")
    watch = Watch([folder])
    folder.rename(away)
    assert watch.look() == [str(folder / "a.py")]
    away.rename(folder)
    assert watch.look() == [str(folder / "a.py")]


def test_a_link_that_goes_or_leads_elsewhere_is_named_by_the_files_behind_it(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(name)
    link = tmp_path / "src"
    link.symlink_to("first")
    watch = Watch([watched_path(link)])
    link.unlink()
    assert watch.look() == [str(link / "a.py")]
    link.symlink_to("first")
    assert watch.look() == [str(link / "a.py")]
    link.unlink()
    link.symlink_to("second")
    assert watch.look() == [str(link / "a.py")]


def test_what_lies_above_a_link_is_looked_at_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "real" / "infra").mkdir(parents=True)
    (tmp_path / "infra").symlink_to("real/infra")
    assert watched_path(tmp_path / "infra" / ".." / "src") == (tmp_path / "real" / "src").resolve()
    assert watched_path(tmp_path / "infra" / "." / "src") == tmp_path / "infra" / "src"


def test_a_folder_that_has_rested_is_not_listed_again_and_changes_in_it_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    rest(tmp_path)
    watch = Watch([tmp_path])
    (tmp_path / "a.py").write_text("22")
    assert watch.look(whole=False) == [str(tmp_path / "a.py")]
    (tmp_path / "b.py").write_text("1")
    assert watch.look(whole=False) == [str(tmp_path / "b.py")]


def test_installed_packages_are_looked_at_by_their_folders_and_now_and_then_whole(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "left-pad"
    package.mkdir(parents=True)
    (package / "index.js").write_text("1")
    rest(package)
    watch = Watch([tmp_path])
    (package / "index.js").write_text("22")
    assert watch.look(whole=False) == []
    assert watch.look() == [str(package / "index.js")]
    (package / "new.js").write_text("1")
    assert watch.look(whole=False) == [str(package / "new.js")]


def test_a_workspaces_own_package_is_looked_at_though_it_is_linked_among_the_installed(
    tmp_path: Path,
) -> None:
    package, source = tmp_path / "packages" / "own", tmp_path / "src"
    (source / "node_modules").mkdir(parents=True)
    package.mkdir(parents=True)
    (package / "index.js").write_text("1")
    (source / "node_modules" / "own").symlink_to(package)
    for folder in (package, source / "node_modules"):
        rest(folder)
    watch = Watch([source])
    (package / "index.js").write_text("22")
    assert watch.look(whole=False) == [str(source / "node_modules" / "own" / "index.js")]


def test_a_link_that_leads_up_is_no_way_without_end(tmp_path: Path) -> None:
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "a.py").write_text("1")
    watch = Watch([tmp_path])
    (tmp_path / "a.py").write_text("22")
    assert watch.look() == [str(tmp_path / "a.py")]


def test_a_path_may_be_a_file_and_may_be_missing(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    watch = Watch([file, tmp_path / "nowhere"])
    file.write_text("1")
    assert watch.look() == [str(file)]


def test_what_is_no_part_of_a_package_is_passed_over(tmp_path: Path) -> None:
    watch = Watch([tmp_path])
    for name in ("__pycache__/a.pyc", ".git/index", ".venv/x.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("1")
    assert watch.look() == []


@pytest.mark.parametrize(
    ("spent", "rest", "pause", "until_whole"),
    [(0.003, 0, 0.2, 5), (0.003, 3600, 0.5, 5), (0.05, 60, 0.5, 10), (0.05, 3600, 2.5, 10), (0.5, 0, 5, 30)],
)
def test_looks_are_as_often_as_they_cost_little_and_less_once_nobody_works_on_the_files(
    spent: float, rest: float, pause: float, until_whole: float
) -> None:
    pace = Pace.after(rest)
    assert pace.pause(spent, whole=False) == pytest.approx(pause)
    assert pace.pause(spent, whole=True) == pytest.approx(until_whole)


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
    watch = Watch([file])
    began = new.stat().st_mtime + 1
    os.utime(new, (began + 1, began + 1))
    watch.follow([file, new], since=began)
    assert watch.look() == [str(new)]


def test_a_new_file_that_was_written_within_the_kernels_tick_is_told_next(tmp_path: Path) -> None:
    file, new = tmp_path / "app.py", tmp_path / "parts.py"
    file.write_text("1")
    watch = Watch([file])
    new.write_text("1")
    watch.follow([file, new], since=new.stat().st_mtime + 0.005)
    assert watch.look() == [str(new)]


def test_a_new_folder_is_no_change_but_for_what_was_written_while_it_was_read(tmp_path: Path) -> None:
    for name in ("old", "src/old.py", "src/new.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    watch = Watch([tmp_path / "old"])
    began = wall_time() + 60
    os.utime(tmp_path / "src" / "new.py", (began + 1, began + 1))
    watch.follow([tmp_path / "old", tmp_path / "src"], since=began)
    assert watch.look() == [str(tmp_path / "src" / "new.py")]
    assert watch.look() == []


def test_files_that_are_no_longer_followed_are_forgotten(tmp_path: Path) -> None:
    gone, folder, other = tmp_path / "gone.py", tmp_path / "src", tmp_path / "src-2"
    for each in (folder, other):
        each.mkdir()
        (each / "a.py").write_text("1")
    gone.write_text("1")
    watch = Watch([gone, folder, other])
    watch.follow([folder], since=wall_time() + 60)
    (folder / "a.py").write_text("22")
    assert watch.look() == [str(folder / "a.py")]


def rest(folder: Path) -> None:
    """Have a folder be as it is for some time already."""
    os.utime(folder, (wall_time() - 60, wall_time() - 60))
