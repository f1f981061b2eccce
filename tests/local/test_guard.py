"""The guard: what is left when lambdaform is killed is ended and removed, and nothing else is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdaform.local.guard import Guard
from tests.local.lab import ends, is_alive


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process with a variable of its own."""
    with subprocess.Popen(["sleep", "600"], env={"MARK": f"of this test {os.getpid()}"}) as process:
        yield process
        process.kill()


def lose(guard: Guard) -> None:
    """What happens to a guard whose lambdaform is killed: its pipe ends."""
    assert guard._shell.stdin is not None
    guard._shell.stdin.close()
    guard._shell.wait(20)


def guarded(tmp_path: Path) -> tuple[Guard, Path]:
    folder = tmp_path / "it's a folder"
    (folder / "deep").mkdir(parents=True)
    return Guard(folder), folder


def test_a_lost_guard_ends_the_processes_that_it_watches(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    guard, _ = guarded(tmp_path)
    guard.watch(f"MARK=of this test {os.getpid()}")
    lose(guard)
    assert ends(sleeper.pid)


def test_a_lost_guard_leaves_all_others_alone(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    guard, _ = guarded(tmp_path)
    guard.watch("MARK=of this test")
    guard.watch("MARK=.*")
    lose(guard)
    assert is_alive(sleeper.pid)


def test_a_lost_guard_removes_the_folder(tmp_path: Path) -> None:
    guard, folder = guarded(tmp_path)
    lose(guard)
    assert not folder.exists()


def test_a_dismissed_guard_touches_nothing(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    guard, folder = guarded(tmp_path)
    guard.watch(f"MARK=of this test {os.getpid()}")
    guard.dismiss()
    assert folder.exists()
    assert is_alive(sleeper.pid)


def test_a_guard_that_somebody_has_killed_is_no_failure(tmp_path: Path) -> None:
    guard, _ = guarded(tmp_path)
    guard._shell.kill()
    guard._shell.wait()
    for _ in range(2):
        guard.watch("MARK=x")
    guard.dismiss()
