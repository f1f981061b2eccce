"""``lambdaform run`` killed with -9, and started again: nothing accepted is lost, and nothing of it is left."""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdaform.local import sandbox
from tests.acceptance.test_run_locally import Running, waited_for
from tests.faults.traces import groups_of
from tests.local.lab import descendants, ends, is_alive

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
APP = f"""\
from lambdaform import Function, Stack
stack = Stack("post")
stack.add(Function("Stamp", runtime="{HERE}", handler="app.stamp", code_uri="src", timeout=30))
stack.add(Function("Spawn", runtime="{HERE}", handler="app.spawn", code_uri="src", timeout=30))
"""
CODE = """\
import os, subprocess, time

def stamp(event, context):
    time.sleep(0.02)
    print("stamped", event["letter"])

def spawn(event, context):
    away = subprocess.Popen(["setsid", "sleep", "600"])
    unmarked = subprocess.Popen(["setsid", "sleep", "600"], env={})
    return [os.getpid(), away.pid, unmarked.pid]
"""


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A post office."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def runs(project: Path) -> Iterator[list[Running]]:
    """The runs of a test, which are killed if it leaves them."""
    made: list[Running] = []
    yield made
    for each in made:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def stamped(runs: list[Running]) -> set[int]:
    """The letters that were stamped, in any run."""
    return {
        int(found[1])
        for run in runs
        for line in tuple(run.lines)
        if (found := re.search(r"\| stamped (\d+)", line))
    }


def test_no_accepted_event_is_lost_however_often_it_is_killed(project: Path, runs: list[Running]) -> None:
    chance = random.Random(4)
    accepted: set[int] = set()
    for _ in range(3):
        running = Running(project)
        runs.append(running)
        for letter in range(len(accepted), len(accepted) + 12):
            status, _ = running.invoke("Stamp", {"letter": letter}, **{"X-Amz-Invocation-Type": "Event"})
            assert status == 202
            accepted.add(letter)
        time.sleep(chance.random() * 0.2)
        running.end(signal.SIGKILL)
    last = Running(project)
    runs.append(last)
    assert waited_for(lambda: stamped(runs) == accepted, 20), accepted - stamped(runs)
    assert waited_for(lambda: not list((project / ".lambdaform" / "events").glob("*/*.json")), 5)


def test_killed_it_leaves_no_process_no_folder_and_no_control_group(
    project: Path, runs: list[Running]
) -> None:
    runs.append(Running(project))
    pids = runs[0].invoke("Spawn")[1]
    [folder] = runs[0].temporary.glob("lambdaform-*")
    runs[0].end(signal.SIGKILL)
    assert ends(pids[0])
    assert ends(pids[1])
    assert waited_for(lambda: not folder.exists() and not groups_of(folder), 5)


def test_what_is_through_is_not_tried_again(project: Path, runs: list[Running]) -> None:
    runs.append(Running(project))
    runs[0].invoke("Stamp", {"letter": 1}, **{"X-Amz-Invocation-Type": "Event"})
    runs[0].line(r"post-Stamp \| REPORT ")
    assert waited_for(lambda: not list((project / ".lambdaform" / "events").glob("*/*.json")), 5)
    runs[0].end(signal.SIGKILL)
    runs.append(Running(project))
    runs[1].end(signal.SIGINT)
    assert not any("tried again" in line or "stamped" in line for line in runs[1].lines)


def test_killed_with_its_guard_the_next_start_ends_what_was_left(project: Path, runs: list[Running]) -> None:
    runs.append(Running(project))
    pids = runs[0].invoke("Spawn")[1]
    [guard] = [pid for pid in descendants(runs[0].process.pid) if "lambdaform-guard" in command(pid)]
    [folder] = runs[0].temporary.glob("lambdaform-*")
    os.kill(guard, signal.SIGKILL)
    runs[0].end(signal.SIGKILL)
    assert folder.exists()
    assert any(is_alive(pid) for pid in pids)
    runs.append(Running(project))
    known = pids if sandbox.unavailable(project) is None else pids[:-1]
    assert all(ends(pid) for pid in known)
    assert not folder.exists()
    assert waited_for(lambda: not groups_of(folder), 5)


def test_a_file_that_is_no_event_is_said_and_stays(project: Path, runs: list[Running]) -> None:
    runs.append(Running(project))
    runs[0].invoke("Stamp", {"letter": 1}, **{"X-Amz-Invocation-Type": "Event"})
    runs[0].line(r"post-Stamp \| REPORT ")
    [folder] = (project / ".lambdaform" / "events").iterdir()
    torn = folder / "torn.json"
    torn.write_text('{"requestId": "1", "functionArn')
    runs[0].end(signal.SIGKILL)
    runs.append(Running(project))
    runs[1].line(r"torn\.json is no event that can be read\. It stays there\.")
    assert torn.exists()


def command(pid: int) -> str:
    """A process's command line."""
    return Path(f"/proc/{pid}/cmdline").read_text()
