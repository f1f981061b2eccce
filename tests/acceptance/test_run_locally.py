"""``lambdaform run`` from outside: a process that serves, reloads, and leaves nothing behind however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local import nursery
from tests.local.lab import descendants, ends

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
APP = f"""\
from lambdaform import Function, ScheduleEvent, Stack, rate
stack = Stack("shop")
stack.add(Function("Echo", runtime="{HERE}", handler="app.echo", code_uri="src", timeout=30))
stack.add(Function("Spawn", runtime="{HERE}", handler="app.spawn", code_uri="src", timeout=30))
stack.add(Function("Tick", runtime="{HERE}", handler="app.tick", code_uri="src",
    events={{"Often": ScheduleEvent(rate(1, "minute"))}}))
"""
CODE = """\
import os, subprocess, time

def echo(event, context):
    time.sleep(event.get("sleep", 0))
    return {"event": event, "pid": os.getpid(), "code": "first"}

def spawn(event, context):
    plain = subprocess.Popen(["sleep", "600"])
    away = subprocess.Popen(["setsid", "sleep", "600"])
    return [os.getpid(), plain.pid, away.pid]

def tick(event, context):
    print("tick", event["detail-type"])
"""


class Running:
    """A ``lambdaform run`` in a project of its own, and what it has printed."""

    def __init__(self, folder: Path, *arguments: str, stderr: int = subprocess.STDOUT) -> None:
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from lambdaform.cli.main import main; main()"),
                *("run", "--port", "0", *arguments),
            ],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={
                **os.environ,
                "TMPDIR": str(self.temporary),
                "PYTHONUNBUFFERED": "1",
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.url = self.line(r"Serving on (http://127\.0\.0\.1:\d+)")[1]
        # The last of the first lines: from here on signals end it cleanly.
        self.line(r"Try: aws lambda invoke .*|Not limited here.*")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def line(self, pattern: str, *, since: int = 0, seconds: float = 60) -> re.Match[str]:
        """The first line with the pattern, once it is there."""
        found: re.Match[str] | None = waited_for(
            lambda: next((m for line in self.lines[since:] if (m := re.search(pattern, line))), None), seconds
        )
        assert found is not None, "\n".join(self.lines)
        return found

    def invoke(self, name: str, event: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of the answer to an Invoke."""
        request = urllib.request.Request(
            f"{self.url}/2015-03-31/functions/{name}/invocations",
            data=json.dumps(event if event is not None else {}).encode(),
            headers=headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                body = answer.read()
                return answer.status, json.loads(body) if body else None
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(20)


def waited_for(look: Callable[[], Any], seconds: float) -> Any:
    """What ``look`` finds as soon as it finds something; None after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A shop with three functions."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def running(project: Path) -> Iterator[Running]:
    """A service that runs; it is killed if a test leaves it."""
    made = Running(project)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_functions_are_served_and_their_logs_shown(running: Running) -> None:
    status, answer = running.invoke("Echo", {"a": 1})
    assert (status, answer["event"]) == (200, {"a": 1})
    running.line(r"shop-Echo \| END RequestId: ")


def test_the_command_to_try_names_the_region(project: Path) -> None:
    running = Running(project, "--region", "eu-central-1")
    running.line(r"Try: aws lambda invoke .* --region eu-central-1 --function-name shop-\w+ out\.json")
    assert running.end(signal.SIGINT) == 0


def test_a_warm_environment_is_used_again(running: Running) -> None:
    first, second = (running.invoke("Echo")[1]["pid"] for _ in range(2))
    assert first == second


@pytest.mark.skipif(not nursery.available(), reason="this machine forks no environments")
def test_what_python_processes_are_forked_from_is_there_before_the_first_event(running: Running) -> None:
    assert waited_for(lambda: len(bootstraps(running)) == 1, 30)


@pytest.mark.skipif(not nursery.available(), reason="processes are found in /proc")
def test_each_python_process_is_started_anew_where_that_is_wanted(project: Path) -> None:
    running = Running(project, "--no-fork")
    try:
        assert not bootstraps(running)
        pid = running.invoke("Echo")[1]["pid"]
        assert bootstraps(running) == [pid]
    finally:
        assert running.end(signal.SIGINT) == 0


def bootstraps(running: Running) -> list[int]:
    """The processes below it that run the bootstrap of Python functions."""
    found = []
    for pid in descendants(running.process.pid):
        # One that has ended meanwhile is none.
        with contextlib.suppress(OSError):
            if "/bootstrap.py" in Path(f"/proc/{pid}/cmdline").read_text():
                found.append(pid)
    return found


def test_several_at_once_run_in_several_processes(running: Running) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: running.invoke("Echo", {"sleep": 0.5})[1], range(4)))
    assert len({answer["pid"] for answer in answers}) == 4


def test_an_event_is_accepted_and_runs(running: Running) -> None:
    status, _ = running.invoke("Tick", {"detail-type": "by hand"}, **{"X-Amz-Invocation-Type": "Event"})
    assert status == 202
    running.line(r"tick by hand")


def test_schedules_fire_at_the_given_speed(project: Path) -> None:
    running = Running(project, "--speed", "300")
    try:
        running.line(r"shop-Tick \| tick Scheduled Event")
    finally:
        assert running.end(signal.SIGINT) == 0


def test_code_that_changes_is_what_runs_next(running: Running) -> None:
    assert running.invoke("Echo")[1]["code"] == "first"
    (running.folder / "src" / "app.py").write_text(CODE.replace('"first"', '"second one"'))
    running.line(r"Reloaded: app\.py changed\.")
    assert running.invoke("Echo")[1]["code"] == "second one"


def test_a_change_of_code_is_there_within_a_second(running: Running) -> None:
    taken = []
    for attempt in range(3):
        (running.folder / "src" / "app.py").write_text(CODE.replace('"first"', f'"change {attempt}"'))
        saved = time.monotonic()
        assert waited_for(lambda: running.invoke("Echo")[1]["code"] == f"change {attempt}", 30)  # noqa: B023
        taken.append(time.monotonic() - saved)
    # Others may have kept this machine busy meanwhile.
    assert min(taken) < 1


def test_functions_answer_and_are_logged_while_the_app_is_read_anew(project: Path) -> None:
    running = Running(project, stderr=subprocess.DEVNULL)
    try:
        waiting = "from pathlib import Path\nimport time\nPath('read').touch()\n"
        waiting += "print('reading')\nwhile not Path('go on').exists(): time.sleep(0.01)\n"
        (project / "app.py").write_text(APP.replace('"Tick"', '"Tock"') + waiting)
        assert waited_for((project / "read").exists, 30)
        assert running.invoke("Echo", {"a": 1})[1]["event"] == {"a": 1}
        running.line(r"shop-Echo \| END RequestId: ")
        (project / "go on").touch()
        assert waited_for(lambda: running.invoke("Tock", {"detail-type": "x"})[0] == 200, 30)
        assert "reading" not in running.lines
    finally:
        assert running.end(signal.SIGINT) == 0


def test_it_ends_at_once_while_the_app_is_read_anew(running: Running) -> None:
    (running.folder / "app.py").write_text(
        "from pathlib import Path\nimport time\nPath('read').touch()\ntime.sleep(60)\n"
    )
    assert waited_for((running.folder / "read").exists, 30)
    assert running.end(signal.SIGINT) == 0


def test_an_app_that_is_away_for_a_moment_leaves_its_functions_alone(running: Running) -> None:
    pid = running.invoke("Echo")[1]["pid"]
    (running.folder / "app.py").rename(running.folder / "away.py")
    running.line(r"There is no app\.py any more\. The stack as it was before goes on\.")
    (running.folder / "away.py").rename(running.folder / "app.py")
    running.line(r"Reloaded: app\.py changed\.")
    assert running.invoke("Echo")[1]["pid"] == pid


def test_a_handler_that_is_not_in_the_code_is_said_at_the_start_and_once(project: Path) -> None:
    said = r"app\.py:\d+: LF504: '%s' has the handler 'app\.%s', but src/app\.py has no '%s'\. Did you mean \"app\.%s\"\?"
    app = APP.replace("app.echo", "app.ecko")
    (project / "app.py").write_text(app)
    running = Running(project)
    try:
        echo = said % ("Echo", "ecko", "ecko", "echo")
        running.line(echo)
        # What is written above it is no news of it.
        (project / "app.py").write_text(f"# A shop\n{app.replace('app.tick', 'app.tock')}")
        running.line(said % ("Tick", "tock", "tock", "tick"))
        assert sum(bool(re.search(echo, line)) for line in running.lines) == 1
        (project / "app.py").write_text(APP)
        running.line(r"Reloaded", since=len(running.lines))
        (project / "app.py").write_text(app)
        running.line(echo, since=len(running.lines))
        assert running.invoke("Tick", {"detail-type": "x"})[0] == 200
    finally:
        assert running.end(signal.SIGINT) == 0


def test_a_handler_that_the_project_ignores_is_not_said(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.lambdaform.check.ignore]\nLF504 = "it is made by a build"\n'
    )
    (project / "app.py").write_text(APP.replace("app.echo", "app.ecko"))
    running = Running(project)
    assert running.end(signal.SIGINT) == 0
    assert not [line for line in running.lines if "LF504" in line]


def test_a_component_that_changes_is_what_is_made_next(running: Running) -> None:
    component = "def more(stack, name):\n    stack.add(Function(name, **CODE))\n"
    head = f'from lambdaform import Function\nCODE = dict(runtime="{HERE}", handler="app.echo", code_uri="src")\n'
    (running.folder / "parts.py").write_text(head + component)
    (running.folder / "app.py").write_text(APP + 'from parts import more\nmore(stack, "More")\n')
    running.line(r"Reloaded: app\.py .*changed\.")
    (running.folder / "parts.py").write_text(head + component.replace("(name,", "(name + 'Over',"))
    running.line(r"Reloaded: parts\.py .*changed\.")
    assert running.invoke("MoreOver")[0] == 200


def test_an_app_that_becomes_wrong_is_said_and_the_old_one_goes_on(running: Running) -> None:
    (running.folder / "app.py").write_text("def broken(:\n")
    running.line(r"The stack as it was before goes on\.")
    assert running.invoke("Echo")[0] == 200
    (running.folder / "app.py").write_text(APP.replace('"Tick"', '"Tock"'))
    running.line(r"Reloaded: app\.py changed\.")
    assert running.invoke("Tock", {"detail-type": "x"})[0] == 200
    assert running.invoke("Tick")[0] == 404


def test_what_an_app_has_failed_to_import_mends_it_once_it_is_written(running: Running) -> None:
    (running.folder / "app.py").write_text("import extra\n" + APP)
    running.line(r"The stack as it was before goes on\.")
    (running.folder / "extra.py").write_text("wrong(\n")
    running.line(r"extra\.py:1: syntax error")
    (running.folder / "extra.py").write_text("")
    running.line(r"Reloaded: extra\.py changed\.")


def test_an_app_that_raises_a_keyboard_interrupt_ends_nothing(running: Running) -> None:
    (running.folder / "app.py").write_text(APP + "raise KeyboardInterrupt\n")
    running.line(r"app\.py raised KeyboardInterrupt")
    running.line(r"The stack as it was before goes on\.")
    assert running.invoke("Echo")[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_and_leaves_no_process_socket_or_folder(
    running: Running, number: signal.Signals
) -> None:
    pids = running.invoke("Spawn")[1]
    below = descendants(running.process.pid)
    assert set(pids) <= set(below)
    assert running.end(number) == 0
    assert all(ends(pid) for pid in {*pids, *below})
    assert list(running.temporary.iterdir()) == []
    with pytest.raises(urllib.error.URLError):
        running.invoke("Echo")
    running.line(r"Stopped\.")


def test_the_first_line_says_which_region_is_served(project: Path) -> None:
    running = Running(project, "--region", "eu-west-1")
    running.line(r"^Serving on http://127\.0\.0\.1:\d+ \(eu-west-1\)$")
    running.end(signal.SIGINT)


def sqs(running: Running, **parameters: str) -> bytes:
    """The answer of the account's SQS to an action."""
    of_sqs = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0"
    call = urllib.request.Request(
        running.url, urllib.parse.urlencode(parameters).encode(), {"Authorization": of_sqs}
    )
    with urllib.request.urlopen(call, timeout=30) as answer:
        body: bytes = answer.read()
        return body


def test_who_waits_for_messages_does_not_hold_up_the_end(running: Running) -> None:
    pytest.importorskip("moto")
    created = sqs(running, Action="CreateQueue", QueueName="jobs")
    url = re.findall(r"<QueueUrl>(.*)</QueueUrl>", created.decode())[0]
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2]))) as waiting:
        query = urllib.parse.urlencode({"Action": "ReceiveMessage", "QueueUrl": url, "WaitTimeSeconds": "20"})
        head = f"POST / HTTP/1.1\r\nHost: {running.url.removeprefix('http://')}\r\n"
        signed = "Authorization: Credential=test/20260101/us-east-1/sqs/aws4_request\r\n"
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(query)}\r\n\r\n"
        waiting.sendall(f"{head}{signed}{form}{query}".encode())
        # It came after that.
        assert b"jobs" in sqs(running, Action="ListQueues")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(10) == 0


def test_the_start_says_that_moto_is_not_installed(project: Path) -> None:
    without = (
        "from lambdaform.local.services import moto_services\nmoto_services.find_spec = lambda _: None\n"
    )
    (project / "app.py").write_text(without + APP)
    running = Running(project)
    try:
        assert running.line(r"moto is not installed\. (.*)")[1].startswith("pip install 'lambdaform[local]'")
    finally:
        running.end(signal.SIGINT)


def test_the_end_does_not_look_through_all_of_moto_for_garbage(project: Path) -> None:
    pytest.importorskip("moto")
    count = "import atexit, gc, pathlib\natexit.register(lambda: pathlib.Path('left').write_text(str(len(gc.get_objects()))))\n"
    (project / "app.py").write_text(count + APP)
    running = Running(project)
    sqs(running, Action="ListQueues")
    assert running.end(signal.SIGINT) == 0
    assert int((project / "left").read_text()) < 10_000


def unread(project: Path) -> tuple[subprocess.Popen[str], str]:
    """A service of which nothing is read but the first lines, and where it serves."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", "from lambdaform.cli.main import main; main()"),
            *("run", "--port", "0"),
        ],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    while not (line := process.stdout.readline()).startswith("Try: "):
        assert line
    return process, line.split()[5]


def test_who_does_not_read_its_log_holds_up_nobody_and_misses_nothing_by_that(project: Path) -> None:
    flood = "def echo(event, context):\n    print(*range(event.get('lines', 0)), sep='\\n')\n    return event"
    (project / "src" / "app.py").write_text(flood)
    process, url = unread(project)
    for event in (b'{"lines": 50000}', b'{"who": "others"}'):
        call = urllib.request.Request(f"{url}/2015-03-31/functions/Echo/invocations", data=event)
        with urllib.request.urlopen(call, timeout=30) as answer:
            assert json.load(answer) == json.loads(event)
    process.send_signal(signal.SIGINT)
    shown, said = process.communicate(timeout=30)
    assert said.endswith("Stopped.\n")
    numbers = [line.removeprefix("shop-Echo | ") for line in shown.splitlines()]
    assert [line for line in numbers if line.isdecimal()] == list(map(str, range(50_000)))


@pytest.mark.parametrize("logs", [True, False], ids=["and it logs", "and it logs nothing"])
def test_it_ends_when_nobody_reads_its_log_any_more(project: Path, logs: bool) -> None:
    if not logs and sys.platform != "linux":
        pytest.skip("only Linux tells of a pipe that nobody reads")
    process, url = unread(project)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    call = urllib.request.Request(f"{url}/2015-03-31/functions/Echo/invocations", data=b"{}")
    if logs:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(call, timeout=30)
    assert process.wait(30) == 0
    with process.stderr as said:
        assert "Traceback" not in said.read()


def invoked(project: Path, *options: str) -> subprocess.Popen[str]:
    """``lambdaform invoke Echo`` with these options, while it runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "lambdaform", "invoke", "Echo", *options],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def test_ctrl_c_ends_one_invocation_without_blaming_lambda(project: Path) -> None:
    process = invoked(project, "--event", '{"sleep": 25}')
    assert process.stderr is not None
    said: list[str] = []
    while not said or not said[-1].startswith("START "):
        said.append(process.stderr.readline())
        assert said[-1]
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert (process.returncode, rest.strip()) == (130, "Interrupted.")


def test_ctrl_c_after_the_result_is_no_signal_that_kills(project: Path) -> None:
    process = invoked(project)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("{")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    # Interrupted, if the result was not yet all that there was to do.
    assert process.returncode in (0, 130)


def test_who_invokes_asynchronously_is_told_when_the_event_is_tried_again(project: Path) -> None:
    (project / "src" / "app.py").write_text("def echo(event, context):\n    raise ValueError('no')\n")
    process = invoked(project, "--invocation-type", "Event")
    assert process.stderr is not None
    told = next(line for line in process.stderr if "tried again" in line)
    assert told == (
        "Attempt 1 has failed. The event is tried again in 60 seconds, as on Lambda. Ctrl-C gives it up.\n"
    )
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    [letter] = (project / ".lambdaform" / "dead-letters.jsonl").read_text().splitlines()
    assert json.loads(letter)["condition"] == "ServiceEnded"


def test_a_signal_ends_it_even_while_a_function_runs(running: Running) -> None:
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(running.invoke, "Echo", {"sleep": 25})
        running.line(r"shop-Echo \| START ")
        below = descendants(running.process.pid)
        assert running.end(signal.SIGINT) == 0
        assert call.exception(20) is not None
    assert all(ends(pid) for pid in below)
    assert list(running.temporary.iterdir()) == []


def test_an_event_that_is_under_way_when_it_ends_is_kept(running: Running) -> None:
    running.invoke("Echo", {"sleep": 25}, **{"X-Amz-Invocation-Type": "Event"})
    running.line(r"shop-Echo \| START ")
    running.end(signal.SIGINT)
    [letter] = (running.folder / ".lambdaform" / "dead-letters.jsonl").read_text().splitlines()
    assert json.loads(letter)["condition"] == "ServiceEnded"


def test_killed_it_leaves_no_process_and_no_folder(running: Running) -> None:
    pids = running.invoke("Spawn")[1]
    below = descendants(running.process.pid)
    assert set(pids) <= set(below)
    running.end(signal.SIGKILL)
    assert [pid for pid in {*pids, *below} if not ends(pid)] == []
    assert waited_for(lambda: not list(running.temporary.iterdir()), 5)


def test_an_invoke_that_is_terminated_leaves_no_process_and_no_folder(project: Path) -> None:
    temporary = project / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", "from lambdaform.cli.main import main; main()"),
            *("invoke", "Echo", "-e", '{"sleep": 25}'),
        ],
        cwd=project,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stderr is not None
    while not process.stderr.readline().startswith("START "):
        assert process.poll() is None
    below = descendants(process.pid)
    process.terminate()
    process.wait(20)
    process.stderr.close()
    assert below
    assert all(ends(pid) for pid in below)
    assert waited_for(lambda: not list(temporary.iterdir()), 5)
