"""``lambdaform run`` killed with -9, and started again: nothing accepted is lost, and nothing of it is left."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdaform.local import sandbox
from tests.acceptance.test_run_locally import Running, waited_for
from tests.faults.traces import groups_of, mounts_of, open_sockets, sockets_of
from tests.local.lab import descendants, ends, is_alive, stands_still

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
APP = f"""\
from lambdaform import Function, Stack
stack = Stack("post")
stack.add(Function("Stamp", runtime="{HERE}", handler="app.stamp", code_uri="src", timeout=30))
stack.add(Function("Spawn", runtime="{HERE}", handler="app.spawn", code_uri="src", timeout=30))
"""
CODE = """\
import os, socket, subprocess, time

def stamp(event, context):
    time.sleep(0.02)
    if "book" in event:
        with socket.create_connection(("127.0.0.1", event["book"])) as book:
            book.sendall(str(event["letter"]).encode())
    print("stamped", event["letter"])

def spawn(event, context):
    away = subprocess.Popen(["setsid", "sleep", "600"])
    unmarked = subprocess.Popen(["setsid", "sleep", "600"], env={})
    return [os.getpid(), away.pid, unmarked.pid]
"""
#: An app during which nothing is ever removed: it says when all else has ended, and that is waited for.
HELD = """\
import time
from lambdaform.local import removal

removal.remove = lambda folder: time.sleep(600)
ended = removal.Removals.ended

def told(removals):
    print("removing", flush=True)
    return ended(removals)

removal.Removals.ended = told
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


class Book:
    """Where letters are entered that are stamped: not the log, whose last lines may be lost with the service."""

    def __init__(self) -> None:
        self.letters: set[int] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, connection.makefile("rb") as stream:
                    written = stream.read()
                if written:
                    self.letters.add(int(written))

    def close(self) -> None:
        """Enter no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def book() -> Iterator[Book]:
    """An empty one."""
    made = Book()
    yield made
    made.close()


def test_no_accepted_event_is_lost_however_often_it_is_killed(
    project: Path, runs: list[Running], book: Book
) -> None:
    chance = random.Random(4)
    accepted: set[int] = set()
    for _ in range(3):
        running = Running(project)
        runs.append(running)
        for letter in range(len(accepted), len(accepted) + 12):
            event = {"letter": letter, "book": book.port}
            status, _ = running.invoke("Stamp", event, **{"X-Amz-Invocation-Type": "Event"})
            assert status == 202
            accepted.add(letter)
        time.sleep(chance.random() * 0.2)
        running.end(signal.SIGKILL)
    last = Running(project)
    runs.append(last)
    assert waited_for(lambda: book.letters == accepted, 30), accepted - book.letters
    assert waited_for(lambda: not list((project / ".lambdaform" / "events").glob("*/*.json")), 30)


def test_killed_it_leaves_no_process_folder_control_group_mount_or_socket(
    project: Path, runs: list[Running]
) -> None:
    runs.append(Running(project))
    pids = runs[0].invoke("Spawn")[1]
    [folder] = runs[0].temporary.glob("lambdaform-*")
    # Also what environments are forked from; but one that has no view and no variables cannot be known.
    others = [pid for pid in descendants(runs[0].process.pid) if "lambdaform-guard" not in command(pid)]
    in_view = has_view(project)
    known = [pid for pid in others if pid != pids[2] or in_view]
    assert {*pids[:2]} < set(known)
    assert bool(mounts_of(folder)) == in_view
    sockets = frozenset[str]().union(*map(sockets_of, [runs[0].process.pid, *known])) & open_sockets()
    assert sockets
    assert waited_for(lambda: all(map(stands_still, pids)), 5)
    runs[0].end(signal.SIGKILL)
    assert all(ends(pid) for pid in known)
    assert waited_for(lambda: not folder.exists() and not groups_of(folder), 5)
    assert not mounts_of(folder)
    assert waited_for(lambda: not sockets & open_sockets(), 5)


def test_killed_while_it_removes_what_functions_wrote_it_leaves_nothing(
    project: Path, runs: list[Running]
) -> None:
    (project / "app.py").write_text(f"{HELD}{APP}")
    runs.append(Running(project))
    runs[0].invoke("Stamp", {"letter": 1})
    [folder] = runs[0].temporary.glob("lambdaform-*")
    runs[0].process.send_signal(signal.SIGINT)
    runs[0].line("^removing$")
    assert list((folder / "environments").iterdir())
    runs[0].end(signal.SIGKILL)
    assert waited_for(lambda: not folder.exists(), 10)


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
    assert waited_for(lambda: all(map(stands_still, pids)), 5)
    os.kill(guard, signal.SIGKILL)
    runs[0].end(signal.SIGKILL)
    assert folder.exists()
    assert any(is_alive(pid) for pid in pids)
    runs.append(Running(project))
    known = pids if has_view(project) else pids[:-1]
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


def has_view(project: Path) -> bool:
    """Whether this machine gives processes a view of their own."""
    trial = project / "trial"
    trial.mkdir()
    return sandbox.unavailable(trial) is None


def command(pid: int) -> str:
    """A process's command line."""
    return Path(f"/proc/{pid}/cmdline").read_text()
