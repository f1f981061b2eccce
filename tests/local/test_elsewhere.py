"""A machine without what only Linux has: functions run all the same, and what is missing is said.

It is played on whatever machine there is: no /proc, none of Linux's calls, and macOS's name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.local.lab import ends

PLAYED = """
import builtins, io, os, select, signal, socket, sys

for module, names in (
    (os, ("pidfd_open", "memfd_create", "eventfd", "sched_getaffinity", "setns", "unshare", "prlimit")),
    (signal, ("pidfd_send_signal",)),
    (socket, ("MSG_CMSG_CLOEXEC", "SOCK_CLOEXEC", "SOCK_NONBLOCK", "TCP_KEEPIDLE", "AF_NETLINK", "AF_VSOCK")),
    (select, ("epoll",)),
):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)

def without_proc(function):
    def called(path, *arguments, **named):
        if isinstance(path, (str, bytes, os.PathLike)) and os.fspath(path).startswith(
            b"/proc" if isinstance(path, bytes) else "/proc"
        ):
            raise FileNotFoundError(2, "No such file or directory", path)
        return function(path, *arguments, **named)
    return called

for module, name in (
    (builtins, "open"), (io, "open"), (os, "open"), (os, "listdir"), (os, "scandir"), (os, "stat"), (os, "readlink")
):
    setattr(module, name, without_proc(getattr(module, name)))

# What asks for the platform's name itself comes before it is another.
import asyncio, json, subprocess, urllib.request
from pathlib import Path
sys.platform = "darwin"

from tests.local.lab import laboratory

said = []
with laboratory(Path(sys.argv[1])) as lab:
    name = lab.function('''
        import os, subprocess, sys
        def handler(event, context):
            if event == "end":
                os._exit(3)
            if event == "spawn":
                return subprocess.Popen(["sleep", "600"]).pid
            if event == "sleep":
                import time
                time.sleep(60)
            return [os.path.basename(os.environ["LAMBDA_TASK_ROOT"]), os.getpid()]
    ''', timeout=2)
    first, second = lab.invoke(name).value, lab.invoke(name).value
    said.append(first == second)
    said.append(lab.invoke(name, "end").error["errorType"])
    said.append(lab.invoke(name).value[1] != first[1])
    said.append(lab.invoke(name, "sleep").error["errorType"])
    said.append(lab.invoke(name, "spawn").value)
    said.append(lab.service.limits_not_enforced())
print(json.dumps(said))
"""


def test_a_machine_without_what_only_linux_has_runs_functions_and_says_what_it_does_not_limit(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PLAYED, str(tmp_path / "lab")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 0, done.stderr
    again, exited, renewed, timed_out, spawned, missing = json.loads(done.stdout)
    assert (again, exited, renewed, timed_out) == (True, "Runtime.ExitError", True, "Sandbox.Timedout")
    # What stays in the group of its process ends with it everywhere.
    assert ends(spawned)
    said = " ".join(missing)
    for each in (
        "darwin has no mount namespaces",
        "the CPU share",
        "the size of /tmp",
        "inbound connections",
        "port 25",
        "the number of processes",
        "ptrace",
        "signals to other processes",
        "The memory limit is not enforced",
    ):
        assert each in said, each
