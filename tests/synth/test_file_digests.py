"""The hashes of files: remembered while a file stays as it is, and only where its times can tell."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest

from lambdaform.synth import file_digests
from lambdaform.synth.file_digests import digest_of


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written now lies back an hour."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3600 * 10**9)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read."""
    read: list[str] = []
    digest = hashlib.file_digest

    def told(file: Any, name: str) -> Any:
        read.append(file.name)
        return digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", told)
    return read


@pytest.mark.usefixtures("later")
def test_a_file_that_has_not_changed_is_read_once(tmp_path: Path, reads: list[str]) -> None:
    file = tmp_path / "a.js"
    file.write_text("one")
    assert [digest_of(str(file)) for _ in range(3)] == [sha256("one")] * 3
    assert reads == [str(file)]


@pytest.mark.usefixtures("later")
def test_a_file_of_the_same_size_and_time_is_another_once_it_was_written_to(tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_text("one")
    before = file.stat()
    assert digest_of(str(file)) == sha256("one")
    # The time of the change itself goes on by the kernel's tick, and cannot be set.
    while file.stat().st_ctime_ns == before.st_ctime_ns:
        file.write_text("two")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert digest_of(str(file)) == sha256("two")


@pytest.mark.usefixtures("later")
def test_a_file_that_took_the_place_of_another_is_read(tmp_path: Path) -> None:
    file, other = tmp_path / "a.js", tmp_path / "b.js"
    file.write_text("one")
    other.write_text("two")
    assert digest_of(str(file)) == sha256("one")
    other.replace(file)
    assert digest_of(str(file)) == sha256("two")


def test_a_file_that_was_written_just_now_may_be_written_again_in_the_same_tick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_digests, "_mark", lambda _: (1, 1, 3, 0, 0))
    file = tmp_path / "a.js"
    for text in ("one", "two"):
        file.write_text(text)
        assert digest_of(str(file)) == sha256(text)


@pytest.mark.usefixtures("later")
def test_what_is_written_while_it_is_read_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.js"
    file.write_text("one")
    digest = hashlib.file_digest

    def written_meanwhile(opened: Any, name: str) -> Any:
        found = digest(opened, name)
        file.write_text("two!")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "file_digest", written_meanwhile)
        assert digest_of(str(file)) == sha256("one")
    assert digest_of(str(file)) == sha256("two!")
