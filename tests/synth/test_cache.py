"""What is made once: whole or not at all, by whoever comes first."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lambdaform.errors import UsageError
from lambdaform.synth.cache import keep, kept, key_of


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMBDAFORM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_it_is_made_once(cache: Path) -> None:
    times: list[Path] = []

    def make(folder: Path) -> None:
        times.append(folder)
        (folder / "a").write_text("a")

    assert keep("x", "key", make) == keep("x", "key", make) == kept("x", "key")
    assert len(times) == 1


def test_what_fails_leaves_nothing(cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        keep("x", "key", fail)
    assert kept("x", "key") is None
    assert list((cache / "x").iterdir()) == []


def test_of_two_at_once_both_have_the_same_whole_folder() -> None:
    both = threading.Barrier(2)

    def make(folder: Path) -> None:
        (folder / "a").write_text("a")
        both.wait(timeout=30)

    with ThreadPoolExecutor(2) as pool:
        folders = {each.result() for each in [pool.submit(keep, "x", "key", make) for _ in range(2)]}
    [folder] = folders
    assert [each.name for each in folder.iterdir()] == ["a"]
    assert [each.name for each in folder.parent.iterdir()] == ["key"]


def test_a_cache_that_cannot_be_written_is_told(cache: Path) -> None:
    cache.write_text("a file")
    with pytest.raises(UsageError, match="LAMBDAFORM_CACHE"):
        keep("x", "key", lambda folder: None)


def test_parts_are_told_apart() -> None:
    assert key_of(["ab", "c"]) != key_of(["a", "bc"])


def test_what_a_killed_process_has_left_goes_after_a_day(cache: Path) -> None:
    for name, age in ((".old", 2 * 86_400), (".new", 60)):
        (cache / "x" / name).mkdir(parents=True)
        os.utime(cache / "x" / name, (time.time() - age,) * 2)
    keep("x", "key", lambda folder: None)
    assert {each.name for each in (cache / "x").iterdir()} == {".new", "key"}
