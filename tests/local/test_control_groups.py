"""The groups that count an environment's processes, and share the CPU among environments."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdaform.errors import LocalError
from lambdaform.local.control_groups import CPU, PROCESSES, ControlGroups
from lambdaform.local.process import limits_not_enforced
from tests.local.lab import Lab, laboratory


@pytest.fixture
def groups() -> Iterator[ControlGroups]:
    available = ControlGroups.available(f"lambdaform-test-{os.getpid()}-{time.monotonic_ns()}", [PROCESSES])
    if available is None:
        pytest.skip("this machine lets nobody make control groups that count processes")
    yield available
    # What was killed takes its time to end, and its group stays as long.
    asyncio.run(available.close())


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
        assert sorted(
            map(int, (group.folders[PROCESSES] / "cgroup.procs").read_text("ascii").split())
        ) == sorted(family)
        for pid in family:
            os.kill(pid, signal.SIGKILL)
    groups.remove(group)


def test_a_group_that_is_removed_twice_is_gone(groups: ControlGroups) -> None:
    group = groups.make(16)
    groups.remove(group)
    groups.remove(group)
    assert groups._left == []


def test_a_group_is_removed_soon_after_its_last_process_has_ended(groups: ControlGroups) -> None:
    async def gone() -> None:
        group = groups.make(16)
        folder = group.folders[PROCESSES]
        process = await asyncio.create_subprocess_exec("sleep", "60")
        group.take(process.pid, list)
        groups.remove(group)
        assert folder.exists()
        process.kill()
        await process.wait()
        async with asyncio.timeout(10):
            while folder.exists():
                await asyncio.sleep(0.01)

    asyncio.run(gone())


def test_a_process_that_has_ended_is_not_taken(groups: ControlGroups) -> None:
    group = groups.make(16)
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    group.take(process.pid, list)
    assert (group.folders[PROCESSES] / "cgroup.procs").read_text("ascii") == ""
    groups.remove(group)
    group.take(process.pid, list)


def test_a_group_may_go_while_it_is_read(groups: ControlGroups, monkeypatch: pytest.MonkeyPatch) -> None:
    group = groups.make(16)
    read = Path.read_text

    def removed_between_opening_and_reading(path: Path, *how: str) -> str:
        if path == group.folders[PROCESSES] / "cgroup.procs":
            with path.open() as file:
                groups.remove(group)
                return file.read()
        return read(path, *how)

    monkeypatch.setattr(Path, "read_text", removed_between_opening_and_reading)
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    group.take(process.pid, list)
    assert not group.folders[PROCESSES].exists()


#: Counts as long as the event says, and tells the seconds of CPU that it had.
COUNT = """
    import time
    def handler(event, context):
        end, had = time.monotonic() + event, time.process_time()
        while time.monotonic() < end:
            pass
        return time.process_time() - had
"""


@pytest.fixture
def sharing(tmp_path: Path) -> Iterator[Lab]:
    """A service whose functions have no more CPU than on Lambda."""
    if ControlGroups.available(f"lambdaform-test-{os.getpid()}-{time.monotonic_ns()}", [CPU]) is None:
        pytest.skip("this machine lets nobody make control groups for the CPU")
    with laboratory(tmp_path, cpu_share=True) as lab:
        yield lab


def test_a_function_has_the_cpu_of_its_memory_and_no_more(sharing: Lab) -> None:
    name = sharing.function(COUNT, memory_size=442)
    assert sharing.invoke(name, 1).value < 0.4
    # What it did not use before is not saved up.
    assert sharing.invoke(name, 1).value < 0.4


def test_its_share_is_a_quarter_of_a_cpu_for_a_quarter_of_1769_mb(sharing: Lab) -> None:
    sharing.invoke(sharing.function(COUNT, memory_size=442), 0)
    [environment] = sharing.service._pool._all
    group = environment._launch.group  # type: ignore[attr-defined]
    folder = group.folders[CPU]
    if (folder / "cpu.max").exists():
        share, period = map(int, (folder / "cpu.max").read_text("ascii").split())
    else:
        share, period = (
            int((folder / f"cpu.cfs_{name}_us").read_text("ascii")) for name in ("quota", "period")
        )
    assert share / period == pytest.approx(442 / 1769, abs=0.001)


def test_initialisation_has_all_the_cpu(sharing: Lab) -> None:
    # With 7 % of a CPU, this would take more than the ten seconds that it has.
    slow = "import time\nend = time.process_time() + 0.8\nwhile time.process_time() < end: pass\n"
    outcome = sharing.invoke(sharing.function(slow + textwrap.dedent(COUNT), memory_size=128), 0)
    assert outcome.lines("INIT_REPORT") == []


def test_where_the_cpu_cannot_be_shared_it_is_said_and_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ControlGroups, "available", lambda name, what: None)
    with (
        pytest.raises(LocalError, match="The CPU share cannot be limited") as raised,
        laboratory(tmp_path, cpu_share=True),
    ):
        pass
    assert "leave --cpu-share out" in str(raised.value)


def test_the_share_is_said_to_be_unlimited_only_where_it_is() -> None:
    assert "the CPU share (without --cpu-share)" in " ".join(limits_not_enforced(None))
    assert "the CPU share" not in " ".join(limits_not_enforced(None, shares_cpu=True))
