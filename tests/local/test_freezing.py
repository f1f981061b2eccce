"""How environments of more than one process stand still between events: by their control group, or one by one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdaform.local import control_groups
from lambdaform.local.control_groups import CPU, FREEZE, PROCESSES, ControlGroup, ControlGroups, base_folder
from lambdaform.local.environment import ExecutionEnvironment
from tests.local.lab import Lab, ends, laboratory, stands_still, state_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")

#: Starts processes in a session of their own, each of which lives for a millisecond and leaves another one behind.
RELAY = """
    import subprocess, sys
    RUN = '''
    import os, time
    os.setsid()
    print("off", flush=True)
    while True:
        if os.fork():
            os._exit(0)
        time.sleep(0.002)
    '''
    def handler(event, context):
        if event is None:
            return None
        first = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE)
        return first.stdout.readline().decode()
"""

CHILD = """
    import os, subprocess
    child = None
    def handler(event, context):
        global child
        if child is None:
            child = subprocess.Popen(["sleep", "600"])
        told = os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WCONTINUED | os.WNOHANG)
        return [os.getpid(), child.pid, str(told)]
"""


@pytest.fixture(scope="module")
def freezing(lab: Lab) -> Lab:
    """A service whose groups freeze."""
    groups = lab.service._settings.groups
    if groups is None or FREEZE not in groups._bases:
        pytest.skip("this machine lets nobody make control groups that freeze")
    return lab


@pytest.fixture(scope="module")
def stopping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A service without such groups."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            control_groups, "base_folder", lambda what: None if what == FREEZE else base_folder(what)
        )
        with laboratory(tmp_path_factory.mktemp("stopping")) as made:
            yield made


def environment_of(lab: Lab, name: str) -> ExecutionEnvironment:
    [found] = [each for each in lab.service._pool._all if each.configuration.function_name == name]
    assert isinstance(found, ExecutionEnvironment)
    return found


def grouped(lab: Lab, name: str) -> ExecutionEnvironment:
    """A function's environment, once its process is in its group, where others that it starts are in it, too."""
    lab.invoke(name)
    environment = environment_of(lab, name)
    assert environment._processes.runtime is not None
    if environment._processes.runtime._joining is not None:
        lab.run(asyncio.wait_for(environment._processes.runtime._joining, 10))
    return environment


def members(environment: ExecutionEnvironment) -> list[int]:
    """The living processes of an environment, wherever they are."""
    assert environment._processes.runtime is not None
    found = environment._processes.runtime._members()
    return [pid for pid in found if state_of(pid) not in ("", "Z", "X")]


async def resting(environment: ExecutionEnvironment) -> list[int]:
    """Wait until all processes of an environment stand still, and these are."""
    while not all(map(stands_still, found := members(environment))) or found != members(environment):
        await asyncio.sleep(0.005)
    return found


def test_processes_that_fork_without_end_are_frozen_with_their_group(freezing: Lab) -> None:
    name = freezing.function(RELAY)
    environment = grouped(freezing, name)
    for _ in range(3):
        freezing.invoke(name, "run")
        assert len(freezing.run(resting(environment))) > 1


def test_processes_that_fork_without_end_are_stopped_one_by_one(stopping: Lab) -> None:
    for _ in range(4):
        name = stopping.function(RELAY)
        environment = grouped(stopping, name)
        stopping.invoke(name, "run")
        assert len(stopping.run(resting(environment))) > 1


def test_a_parent_is_not_told_that_its_child_stood_still(freezing: Lab) -> None:
    name = freezing.function(CHILD)
    freezing.invoke(name)
    freezing.run(resting(environment_of(freezing, name)))
    assert freezing.invoke(name).value[2] == "None"


def test_what_is_frozen_can_be_killed_and_the_next_event_has_a_process_that_runs(freezing: Lab) -> None:
    name = freezing.function(CHILD)
    runtime, child, _ = freezing.invoke(name).value
    environment = environment_of(freezing, name)
    freezing.run(resting(environment))
    os.kill(runtime, signal.SIGKILL)
    assert ends(runtime)

    async def broken() -> None:
        while environment._processes.runtime is not None:
            await asyncio.sleep(0.005)

    freezing.run(broken())
    assert ends(child)
    assert freezing.invoke(name).value[0] != runtime


def test_the_memory_of_what_is_frozen_can_be_read(freezing: Lab) -> None:
    name = freezing.function(CHILD)
    freezing.invoke(name)
    environment = environment_of(freezing, name)
    freezing.run(resting(environment))
    assert environment._processes.runtime is not None
    assert environment._processes.runtime.memory().most > 0
    assert environment._processes.runtime.memory_mb(shared_once=True) > 0


def test_the_group_of_a_frozen_environment_goes_with_it(freezing: Lab) -> None:
    name = freezing.function(CHILD)
    freezing.invoke(name)
    environment = environment_of(freezing, name)
    pids = freezing.run(resting(environment))
    group = environment._launch.group
    assert group is not None
    freezing.service.end_environments()
    assert all(map(ends, pids))

    async def removed() -> None:
        groups = freezing.service._settings.groups
        while any(folder.exists() for folder in group.folders.values()):
            assert groups is not None
            groups._remove_left()
            await asyncio.sleep(0.005)

    freezing.run(removed())


def test_where_nobody_may_be_moved_to_the_group_that_freezes_they_are_stopped(
    freezing: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(ControlGroup, "gather", refused)
    name = freezing.function(CHILD)
    pids = freezing.invoke(name).value[:2]
    freezing.run(resting(environment_of(freezing, name)))
    assert [state_of(pid) for pid in pids] == ["T", "T"]
    assert freezing.invoke(name).value[:2] == pids


def test_the_group_that_limits_is_the_one_that_freezes_where_both_are_of_version_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiting, other = tmp_path / "slice", tmp_path / "scope"
    for folder in (limiting, other):
        folder.mkdir()
        (folder / "cgroup.controllers").write_text("pids\n")
    monkeypatch.setattr(control_groups, "base_folder", lambda what: other if what == FREEZE else limiting)
    monkeypatch.setattr(Path, "exists", lambda _: True)
    groups = ControlGroups.available("one", [PROCESSES])
    assert groups is not None
    group = groups.make(16)
    assert group.folders == {PROCESSES: limiting / "one.2", FREEZE: limiting / "one.2"}
    assert group.entrance() == [("write", str(limiting / "one.2/cgroup.procs"), b"0")]


def test_a_group_that_only_freezes_is_entered_by_nobody_at_first(tmp_path: Path) -> None:
    group = ControlGroup({CPU: tmp_path / "cpu", FREEZE: tmp_path / "ice"})
    assert group.entrance() == [("write", str(tmp_path / "cpu/cgroup.procs"), b"0")]


def test_groups_of_a_kernel_that_cannot_freeze_limit_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_groups, "base_folder", lambda _: tmp_path)

    def removed(folder: Path) -> bool:
        shutil.rmtree(folder)
        return True

    # In a plain folder there is no cgroup.freeze, and files keep it from being removed.
    monkeypatch.setattr(control_groups, "_removed", removed)
    groups = ControlGroups.available("one", [PROCESSES])
    assert groups is not None
    assert groups.counts
    assert not groups.make(16).can_freeze
