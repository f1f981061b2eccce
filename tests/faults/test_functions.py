"""Functions that break their process, their files, or the rules of the Runtime API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.faults.conftest import Fault
from tests.local.lab import Outcome, laboratory
from tests.local.test_extensions import HEAD as EXTENSION

#: Does what the event says, and otherwise answers "well".
HEAD = """
import os, signal, socket, subprocess, sys, time

def handler(event, context):
    if event:
        return fault(event)
    return "well"

"""


def report_of(outcome: Outcome) -> dict[str, str]:
    """What the REPORT line says of how the event ended."""
    return {name: outcome.report[name] for name in ("Status", "Error Type") if name in outcome.report}


def did(fault: Fault, body: str, event: Any = 1, **configuration: Any) -> Outcome:
    """What comes of a fault; the function answers well before it and after it."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    name = fault.function(f"{HEAD}def fault(event):\n{lines}\n", **configuration)
    assert fault.invoke(name).value == "well"
    outcome = fault.invoke(name, event)
    after = fault.invoke(name)
    assert after.value == "well"
    assert report_of(after) == {}
    return outcome


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import ctypes\nctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault"),
        ("os._exit(1)", "Runtime exited with error: exit status 1"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os.killpg(0, signal.SIGKILL)", "Runtime exited with error: signal: killed"),
    ],
    ids=["segfault", "exit-1", "exit-0", "killpg"],
)
def test_a_process_that_ends_by_itself_is_an_exit_error_with_its_reason(
    fault: Fault, body: str, reason: str
) -> None:
    outcome = did(fault, body)
    assert outcome.error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {outcome.request_id} Error: {reason}",
    }
    assert report_of(outcome) == {"Status": "error", "Error Type": "Runtime.ExitError"}


def test_memory_taken_without_end_ends_the_process_and_only_that(fault: Fault) -> None:
    outcome = did(fault, "held = []\nwhile True:\n    held.append(b'x' * (8 << 20))", memory_size=128)
    assert outcome.error["errorType"] == "Runtime.ExitError"
    assert outcome.report["Max Memory Used"] == "128 MB"
    assert report_of(outcome) == {"Status": "error", "Error Type": "Runtime.OutOfMemory"}


#: More children than Lambda lets an environment have; they wait, or start children of their own.
FORKS = """
children = 0
try:
    while children < 1500:
        if os.fork() == 0:
            signal.pause()
        children += 1
except OSError as error:
    return [error.strerror, children]
return children
"""


def test_an_environment_has_at_most_1024_processes(fault: Fault, counted: None) -> None:
    outcome = did(fault, FORKS, memory_size=10_240, timeout=30)
    reason, children = outcome.value
    assert reason == "Resource temporarily unavailable"
    assert 1000 < children < 1024
    assert report_of(outcome) == {}


def test_the_number_of_processes_is_told(fault: Fault, in_view: Path, counted: None) -> None:
    limits = did(fault, "import resource\nreturn resource.getrlimit(resource.RLIMIT_NPROC)").value
    assert limits == [1024, 1024] or Path("/proc/self/uid_map").read_text("ascii").split()[1] != "0"


def test_a_fork_bomb_ends_with_its_event(fault: Fault) -> None:
    # Each fork costs a byte of a pipe, and there are 1,500: where nobody counts, this machine survives it, too.
    bomb = """
permits, given = os.pipe()
os.write(given, bytes(1500))
os.set_blocking(permits, False)
while True:
    try:
        os.read(permits, 1)
        os.fork()
    except OSError:
        time.sleep(60)
"""
    outcome = did(fault, bomb, memory_size=10_240, timeout=1)
    # What so many processes share is counted for each of them, and so they may have too much memory before that.
    if outcome.error["errorType"] == "Sandbox.Timedout":
        assert report_of(outcome) == {"Status": "timeout"}
    else:
        assert outcome.error["errorMessage"].endswith("signal: killed")
        assert report_of(outcome) == {"Status": "error", "Error Type": "Runtime.OutOfMemory"}


@pytest.mark.parametrize("closed", ["os.close(1)", "os.close(2)", "os.closerange(1, 3)"])
def test_a_function_without_its_outputs_still_answers(any_fault: Fault, closed: str) -> None:
    outcome = did(any_fault, f"{closed}\nreturn 'closed'")
    assert outcome.value == "closed"
    assert report_of(outcome) == {}


def test_standard_input_is_empty_and_may_be_closed(any_fault: Fault) -> None:
    outcome = did(any_fault, "read = sys.stdin.read()\nos.close(0)\nreturn ['read', read]")
    assert outcome.value == ["read", ""]
    assert report_of(outcome) == {}


def test_a_function_that_closes_every_descriptor_costs_at_most_its_own_answer(any_fault: Fault) -> None:
    outcome = did(any_fault, "os.closerange(0, 1024)\nreturn 'closed'", timeout=2)
    # Whether the runtime connects anew or gives up is the runtime's matter, as on Lambda.
    if outcome.response.function_error is None:
        assert outcome.value == "closed"
    else:
        assert outcome.error["errorType"] in ("Runtime.ExitError", "Sandbox.Timedout")


#: The runtime's own connection to the Runtime API is the one socket that its process has.
SOCKETS = """
def is_socket(number):
    try:
        return os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
    except OSError:
        return False
connections = [int(name) for name in os.listdir("/proc/self/fd") if is_socket(name)]
"""


@pytest.mark.parametrize(
    "written",
    [r"b'nonsense\r\n\r\n'", r"b'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n'", "b'\\0' * 70000"],
    ids=["nonsense", "half-a-request", "zeros"],
)
def test_writing_to_the_runtimes_own_connection_hangs_nobody(fault: Fault, written: str) -> None:
    body = SOCKETS + f"for each in connections:\n    os.write(each, {written})\nreturn len(connections)"
    outcome = did(fault, body, timeout=3)
    # As on Lambda: whether the runtime gets its answer through or gives up is the runtime's matter.
    if outcome.response.function_error is not None:
        assert outcome.error["errorType"] in ("Runtime.ExitError", "Sandbox.Timedout")
        assert report_of(outcome)["Status"] in ("error", "timeout")


#: An extension that is told of the end, and stays.
DEAF = (
    EXTENSION
    + """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
me = register("INVOKE", "SHUTDOWN")
while next_event(me)["eventType"] != "SHUTDOWN":
    pass
say("told, and stays")
time.sleep(600)
"""
)


@pytest.mark.parametrize("end", [None, 60], ids=["idle", "timeout"])
def test_processes_that_ignore_sigterm_and_shutdown_are_ended_all_the_same(
    any_fault: Fault, end: int | None
) -> None:
    code = """
import os, signal, time
signal.signal(signal.SIGTERM, lambda number, frame: os.write(1, b"asked, and stays\\n"))
def handler(event, context):
    while event:
        time.sleep(60)
    return "well"
"""
    name = any_fault.function(code, layers={"extensions/deaf": DEAF}, timeout=1)
    assert any_fault.invoke(name).value == "well"
    if end is not None:
        assert any_fault.invoke(name, end).error["errorType"] == "Sandbox.Timedout"
    any_fault.is_over()
    written = [line.text for line in any_fault.lab.log if line.function_name == name]
    assert written.index("asked, and stays") < written.index("told, and stays")


#: A child of no one, in a session of its own; the pipe closes once it is there.
DAEMON = """
import ctypes
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        {forget}
        os.execvpe("sleep", ["sleep", "600"], {environment})
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize("environment", ["os.environ", "{}"], ids=["marked", "unmarked"])
@pytest.mark.parametrize(
    "end", ["return 'left'", "os._exit(1)", "time.sleep(60)"], ids=["left", "exit", "timeout"]
)
def test_daemons_do_not_outlive_their_environment(
    fault: Fault, in_view: Path, environment: str, end: str
) -> None:
    body = DAEMON.format(environment=environment, forget="pass") + end
    outcome = did(fault, body, timeout=1)
    assert report_of(outcome).get("Status") == {"r": None, "o": "error", "t": "timeout"}[end[0]]


@pytest.mark.parametrize(
    "end", ["return 'left'", "os._exit(1)", "time.sleep(60)"], ids=["left", "exit", "timeout"]
)
def test_without_a_view_daemons_that_keep_their_variables_do_not_outlive_their_environment(
    open_fault: Fault, end: str
) -> None:
    outcome = did(open_fault, DAEMON.format(environment="os.environ", forget="pass") + end, timeout=1)
    assert report_of(outcome).get("Status") == {"r": None, "o": "error", "t": "timeout"}[end[0]]


def test_without_a_view_another_folder_that_is_gone_is_no_matter(open_fault: Fault) -> None:
    gone = "import shutil, tempfile\ngone = tempfile.mkdtemp()\nos.chdir(gone)\nshutil.rmtree(gone)\nreturn 'gone'"
    assert did(open_fault, gone).value == "gone"


def test_without_a_view_what_lies_in_tmp_is_gone_with_the_environment(open_fault: Fault) -> None:
    body = "import tempfile\nopen(os.path.join(tempfile.gettempdir(), 'kept'), 'x').close()\nreturn tempfile.gettempdir()"
    folder = Path(did(open_fault, body).value)
    assert (folder / "kept").exists()
    open_fault.is_over()
    assert not folder.exists()


def test_the_code_cannot_be_removed_and_another_folder_is_no_matter(fault: Fault, in_view: Path) -> None:
    outcome = did(
        fault,
        """
        import shutil
        refused = []
        for path in ("/var/task/index.py", "/var/runtime/bootstrap.py"):
            try:
                os.unlink(path)
            except OSError as error:
                refused.append(error.strerror)
        os.makedirs("/tmp/gone")
        os.chdir("/tmp/gone")
        shutil.rmtree("/tmp/gone")
        return refused
        """.replace("\n        ", "\n"),
    )
    assert outcome.value == ["Read-only file system"] * 2


FILL = """
written = 0
try:
    with open("/tmp/large", "wb", buffering=0) as file:
        while written < 600:
            written += file.write(b"x" * (1 << 20)) >> 20
except OSError as error:
    return [error.strerror, written]
"""


def test_a_full_tmp_has_no_space_left_and_the_next_event_finds_it_so(fault: Fault, in_view: Path) -> None:
    name = fault.function(f"{HEAD}def fault(event):\n" + FILL.replace("\n", "\n    "))
    assert fault.invoke(name, 1).value == ["No space left on device", 512]
    outcome = fault.invoke(name, 1)
    assert outcome.value == ["No space left on device", 512]
    assert report_of(outcome) == {}
    assert fault.invoke(name).value == "well"


CONNECT = """
host, _, port = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
connections = [socket.create_connection((host, int(port))) for _ in range(event)]
"""


@pytest.mark.parametrize(
    "written",
    [
        "POST /2018-06-01/runtime/invocation/",
        "POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\\r\\nContent-Length: 6000000\\r\\n\\r\\n{",
        "\\0",
        "",
    ],
    ids=["half-a-head", "half-a-body", "nonsense", "nothing"],
)
def test_half_written_requests_to_the_api_hang_nothing(fault: Fault, written: str) -> None:
    body = CONNECT + f"for each in connections:\n    each.sendall(b'{written}')\nreturn len(connections)"
    outcome = did(fault, f"global connections\n{body}", 200)
    assert outcome.value == 200
    assert report_of(outcome) == {}


def test_more_connections_than_the_api_keeps_make_room_for_each_other(fault: Fault) -> None:
    body = CONNECT + (
        "for each in connections:\n"
        "    each.settimeout(5)\n"
        "def is_open(each):\n"
        "    try:\n"
        "        each.sendall(b'GET /none HTTP/1.1\\r\\n\\r\\n')\n"
        "        return each.recv(12) == b'HTTP/1.1 404'\n"
        "    except OSError:\n"
        "        return False\n"
        "return [is_open(connections[0]), is_open(connections[-1]), len(connections)]"
    )
    assert did(fault, body, 700).value == [False, True, 700]


def test_a_response_in_chunks_that_are_none_is_refused_and_the_function_still_answers(fault: Fault) -> None:
    body = CONNECT + (
        "head = b'POST /2018-06-01/runtime/invocation/any/response HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n'\n"
        "connections[0].sendall(head + b'\\r\\nzz\\r\\n')\n"
        "answer = b''\n"
        "while piece := connections[0].recv(4096): answer += piece\n"
        "return answer.decode()"
    )
    answer = did(fault, body, 1).value
    assert answer.startswith("HTTP/1.1 400 ")
    assert answer.endswith(
        '{"errorMessage": "HTTP request detected as truncated", "errorType": "TruncatedHTTPRequest"}\n'
    )


def test_asking_for_an_event_out_of_turn_is_refused(fault: Fault) -> None:
    body = CONNECT + (
        "for each in connections:\n"
        "    each.sendall(b'GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\n\\r\\n')\n"
        "return sorted({each.recv(12).decode() for each in connections})"
    )
    assert did(fault, body, 200).value == ["HTTP/1.1 403"]


def test_seven_megabytes_are_refused_with_lambdas_words(any_fault: Fault) -> None:
    outcome = did(any_fault, "return 'x' * 7_000_000")
    assert outcome.error == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }


def test_an_error_of_seven_megabytes_is_answered_too(any_fault: Fault) -> None:
    outcome = did(any_fault, "raise Exception('x' * 7_000_000)", timeout=5)
    assert outcome.response.function_error == "Unhandled"


def test_output_without_end_is_a_timeout_and_the_rest_goes_on(any_fault: Fault) -> None:
    outcome = did(any_fault, "while True:\n    os.write(1, b'x' * 65535 + b'\\n')", timeout=1)
    assert outcome.error["errorType"] == "Sandbox.Timedout"
    assert report_of(outcome) == {"Status": "timeout"}


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Fault]:
    """A fault in a service that gives an init half a second."""
    with laboratory(tmp_path) as lab:
        lab.ready()
        pool = lab.service._pool
        short = evolve(lab.service.quotas, init_seconds=0.5)  # type: ignore[arg-type]  # less than AWS ever gives
        pool._settings = evolve(pool._settings, quotas=short)
        made = Fault(lab)
        yield made
        made.is_over()


#: A runtime in shell that does the fault in its first process, and then serves events.
SHELL = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
serve() {{
    curl -sS -D /tmp/head -o /dev/null "$api/invocation/next"
    id=$(tr -d '\\r' < /tmp/head | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: *//p')
    curl -sS -o /dev/null -d '"well"' "$api/invocation/$id/response"
}}
if [ ! -e /tmp/begun ]; then
    touch /tmp/begun
    {fault}
fi
while :; do serve; done
"""


def test_a_runtime_that_never_asks_for_its_event_is_a_timeout(hasty: Fault, in_view: Path) -> None:
    bootstrap = SHELL.format(fault="rm /tmp/begun; sleep 600")
    name = hasty.function({"bootstrap": bootstrap}, runtime="provided.al2023", timeout=1)
    outcome = hasty.invoke(name)
    assert outcome.error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {outcome.request_id} Error: Task timed out after 1.00 seconds",
    }
    assert report_of(outcome) == {"Status": "timeout"}


def test_a_runtime_that_does_not_ask_at_first_is_started_again_within_the_event(
    hasty: Fault, in_view: Path
) -> None:
    bootstrap = SHELL.format(fault="sleep 600")
    outcome = hasty.invoke(hasty.function({"bootstrap": bootstrap}, runtime="provided.al2023", timeout=5))
    assert outcome.value == "well"
    [line] = outcome.lines("INIT_REPORT")
    assert line.endswith("Phase: init\tStatus: timeout")


def test_a_runtime_that_answers_and_never_asks_again_is_a_timeout_after_the_answer(
    hasty: Fault, in_view: Path
) -> None:
    bootstrap = SHELL.format(fault="serve; sleep 600")
    name = hasty.function({"bootstrap": bootstrap}, runtime="provided.al2023", timeout=1)
    outcome = hasty.invoke(name)
    assert outcome.value == "well"
    assert report_of(outcome) == {"Status": "timeout"}
    assert hasty.invoke(name).value == "well"


def test_the_traces_see_what_is_there(fault: Fault) -> None:
    fault.invoke(fault.function(f"{HEAD}\n"))
    seen = fault.traces()
    assert len(seen.processes - fault.before.processes) == 1
    assert len(seen.folders) == 1
    assert seen.sockets > fault.before.sockets
