"""Functions that would end others: their parent, its group, everybody, and whoever else is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lambdaform.local import confine
from lambdaform.local.steps import take
from tests.local.lab import is_alive

pytestmark = pytest.mark.skipif(
    confine.unavailable() is not None, reason=f"this machine cannot confine: {confine.unavailable()}"
)

#: Run in a process group of its own, which is what would be lost.
SERVICE = """
import json, os, subprocess, sys
from pathlib import Path
from tests.faults.traces import Traces
from tests.local.lab import laboratory

with laboratory(Path(sys.argv[1])) as lab, subprocess.Popen(["sleep", "60"]) as neighbour:
    name = lab.function('''
        import ctypes, os, signal
        def handler(event, context):
            if event is None:
                return "well"
            what, number = event
            try:
                if what == "kill":
                    os.kill(number, signal.SIGKILL)
                elif what == "thread":
                    libc = ctypes.CDLL(None, use_errno=True)
                    if libc.syscall({"x86_64": 234, "aarch64": 131}[os.uname().machine], number, number, 9) != 0:
                        return os.strerror(ctypes.get_errno())
                elif what == "variables":
                    with open(f"/proc/{number}/environ", "rb") as file:
                        return file.read().decode()
                elif what == "mount":
                    libc = ctypes.CDLL(None, use_errno=True)
                    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) != 0:
                        return os.strerror(ctypes.get_errno())
                elif what == "trace":
                    libc = ctypes.CDLL(None, use_errno=True)
                    if libc.ptrace(16, number, None, None) != 0:
                        return os.strerror(ctypes.get_errno())
            except OSError as error:
                return error.strerror
            return "done"
    ''')
    this = os.getpid()
    targets = {"parent": this, "group": -os.getpgrp(), "everybody": -1, "neighbour": neighbour.pid}
    attempts = {target: ["kill", pid] for target, pid in targets.items()}
    attempts |= {"thread": ["thread", this], "trace": ["trace", neighbour.pid], "variables": ["variables", this]}
    attempts |= {"mount": ["mount", 0], "after": None}
    outcomes = {attempt: lab.invoke(name, event) for attempt, event in attempts.items()}
    said = {attempt: outcome.value for attempt, outcome in outcomes.items()}
    said["reported"] = [outcome.report["Status"] for outcome in outcomes.values() if "Status" in outcome.report]
    said["neighbour lives"] = neighbour.poll() is None
    neighbour.kill()
left = Traces.found("of nobody", lab.service._folder)
said["left"] = [each for some in (left.processes, left.mounts, left.groups, left.folders) for each in some]
print(json.dumps(said))
"""


def served(folder: Path, *become: str) -> dict[str, object]:
    """What functions of a service in a process of its own get for their attempts."""
    done = subprocess.run(
        [*become, sys.executable, "-c", SERVICE, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
        env={**os.environ, "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


REFUSED = "Operation not permitted"


@pytest.mark.parametrize("user", ["as we are", "somebody else"])
def test_a_function_can_end_neither_what_runs_it_nor_its_neighbours(tmp_path: Path, user: str) -> None:
    become = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if user == "somebody else" else []
    if become and (
        shutil.which("unshare") is None or subprocess.run([*become, "true"], check=False).returncode
    ):
        pytest.skip("this machine has no user namespaces")
    said = served(tmp_path / "lab", *become)
    neighbour, variables = said.pop("neighbour"), said.pop("variables")
    # Of the same user and without a namespace of users in between, variables can be read.
    assert variables == "Permission denied" or (os.getuid() != 0 and not become)
    assert said == {
        "parent": REFUSED,
        "group": REFUSED,
        "everybody": REFUSED,
        "thread": REFUSED,
        "trace": REFUSED,
        "mount": REFUSED,
        "after": "well",
        "reported": [],
        "left": [],
        "neighbour lives": confine._has_landlock(),
    }
    # Before Linux 6.12 a neighbour of the same user can be reached, as from any program.
    assert neighbour == (REFUSED if confine._has_landlock() else "done")


def test_without_landlock_what_runs_it_is_safe_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confine, "_has_landlock", lambda: False)
    confined = confine.confinement()
    reading, writing = os.pipe()
    parent, group = os.getpid(), os.getpgrp()
    child = os.fork()
    if child == 0:
        said = b""
        take(confined)
        for target in (parent, -group, -1, os.getpid()):
            try:
                # A signal that would do nothing where it is let through.
                os.kill(target, 0)
                said += b"y"
            except PermissionError:
                said += b"n"
        os.write(writing, said)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert stream.read() == b"nnny"
    os.waitpid(child, 0)
    assert is_alive(parent)
