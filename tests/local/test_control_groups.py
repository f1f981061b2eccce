"""The groups that count an environment's processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from lambdaform.local.control_groups import ControlGroups


@pytest.fixture
def groups() -> ControlGroups:
    available = ControlGroups.available(f"lambdaform-test-{os.getpid()}-{time.monotonic_ns()}")
    if available is None:
        pytest.skip("this machine lets nobody make control groups that count processes")
    return available


def test_what_a_process_has_started_before_it_is_taken_counts_with_it(groups: ControlGroups) -> None:
    group = groups.make(16)
    with subprocess.Popen(
        ["/bin/sh", "-c", "sleep 60 & sleep 60 & echo there; wait"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        family = [process.pid, *map(int, children)]
        group.take(process.pid, lambda: family)
        assert sorted(map(int, (group.folder / "cgroup.procs").read_text("ascii").split())) == sorted(family)
        for pid in family:
            os.kill(pid, signal.SIGKILL)
    groups.remove(group)


def test_a_process_that_has_ended_is_not_taken(groups: ControlGroups) -> None:
    group = groups.make(16)
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    group.take(process.pid, list)
    assert (group.folder / "cgroup.procs").read_text("ascii") == ""
    groups.remove(group)
    group.take(process.pid, list)


def test_a_group_may_go_while_it_is_read(groups: ControlGroups, monkeypatch: pytest.MonkeyPatch) -> None:
    group = groups.make(16)
    read = Path.read_text

    def removed_between_opening_and_reading(path: Path, *how: str) -> str:
        if path == group.folder / "cgroup.procs":
            with path.open() as file:
                groups.remove(group)
                return file.read()
        return read(path, *how)

    monkeypatch.setattr(Path, "read_text", removed_between_opening_and_reading)
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    group.take(process.pid, list)
    assert not group.folder.exists()
