"""Extensions, external and internal, and telemetry: real processes that speak AWS's APIs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import evolve

from lambdaform.errors import LocalError
from lambdaform.facts.quotas import quotas
from lambdaform.local.environment import ExecutionEnvironment, State
from lambdaform.local.extensions import Extension
from lambdaform.local.front import Request as Invocation
from lambdaform.local.http import Connection, Head, Request
from lambdaform.local.telemetry import Telemetry
from tests.local.lab import Lab, Outcome, laboratory, stands_still
from tests.local.test_custom_runtimes import custom, respond

HELLO = "def handler(event, context):\n    print('in the function')\n    return event\n"

#: What every extension here begins with: calls on the API, and a loop that says each event.
HEAD = f"""#!{sys.executable} -S
import json, os, sys, time, urllib.request

API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"]
NAME = os.path.basename(sys.argv[0])

def call(method, path, body=None, **headers):
    named = {{"Lambda-Extension-" + key.replace("_", "-"): value for key, value in headers.items()}}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data, named, method=method)
    with urllib.request.urlopen(request) as response:
        return response.headers, json.loads(response.read() or b"null")

def say(*words):
    print(*words, flush=True)

def register(*events):
    headers, facts = call("POST", "/2020-01-01/extension/register", {{"events": events}}, Name=NAME,
                          Accept_Feature="accountId")
    say("registered", json.dumps(facts, sort_keys=True))
    return headers["Lambda-Extension-Identifier"]

def next_event(me):
    return call("GET", "/2020-01-01/extension/event/next", Identifier=me)[1]
"""

WATCHER = (
    HEAD
    + """
me = register("INVOKE", "SHUTDOWN")
while True:
    event = next_event(me)
    say("got", event["eventType"], event.get("requestId"), event.get("shutdownReason"))
    if event["eventType"] == "SHUTDOWN":
        sys.exit(0)
    time.sleep(PAUSE)
"""
)


def watcher(pause: float = 0) -> dict[str, str]:
    return {"extensions/watcher": WATCHER.replace("PAUSE", str(pause))}


@pytest.fixture
def own_lab(tmp_path: Path) -> Iterator[Lab]:
    """A service of the test's own, for what can be seen only as it ends."""
    with laboratory(tmp_path) as made:
        yield made


@pytest.fixture
def own_open_lab(tmp_path: Path) -> Iterator[Lab]:
    """The same, whose processes see this machine as it is: the function's Python and the extension's differ."""
    with laboratory(tmp_path, sandboxed=False) as made:
        yield made


def test_an_extension_registers_before_the_runtime_and_hears_of_each_event(any_lab: Lab) -> None:
    name = any_lab.function(HELLO, layers=watcher())
    outcome = any_lab.invoke(name, 1)
    facts = {
        "accountId": "123456789012",
        "functionName": name,
        "functionVersion": "$LATEST",
        "handler": "index.handler",
    }
    assert outcome.value == 1
    assert f"registered {json.dumps(facts, sort_keys=True)}" in outcome.log
    assert "EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE, SHUTDOWN]" in outcome.log
    assert f"got INVOKE {outcome.request_id} None" in outcome.log
    again = any_lab.invoke(name, 2)
    assert f"got INVOKE {again.request_id} None" in again.log
    assert again.lines("INIT_START") == []


def test_the_invoke_phase_lasts_until_the_extension_is_done_and_the_caller_need_not_wait(lab: Lab) -> None:
    name = lab.function(HELLO, layers=watcher(0.4))
    lab.invoke(name)

    async def answer_then_end() -> tuple[float, float]:
        loop = lab.runner.get_loop()
        started = loop.time()
        await lab.service.invoke(Invocation(function_name=name, payload=b"1"))
        answered = loop.time() - started
        while (
            len([line for line in lab.log if line.text.startswith("REPORT") and line.function_name == name])
            < 2
        ):
            await asyncio.sleep(0.01)
        return answered, loop.time() - started

    answered, ended = lab.run(answer_then_end())
    assert answered < 0.3
    assert ended > 0.4


def test_an_extension_has_the_functions_variables_but_not_the_runtimes(lab: Lab) -> None:
    code = (
        HEAD + 'me = register()\nsay("names", json.dumps(sorted(os.environ)))\nwhile True: next_event(me)\n'
    )
    name = lab.function(HELLO, layers={"extensions/names": code}, environment={"MINE": "1"})
    [line] = lab.invoke(name).lines("names ")
    names = set(json.loads(line.removeprefix("names ")))
    assert {"MINE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_ACCESS_KEY_ID"} <= names
    assert not {"_HANDLER", "LAMBDA_TASK_ROOT", "AWS_EXECUTION_ENV"} & names


def test_an_extension_is_told_that_the_environment_ends(own_lab: Lab) -> None:
    name = own_lab.function(HELLO, layers=watcher())
    own_lab.invoke(name)
    own_lab.run(own_lab.service.close())
    assert "got SHUTDOWN None SPINDOWN" in [line.text for line in own_lab.log]


def test_an_extension_is_told_of_a_timeout_and_the_next_event_starts_all_anew(lab: Lab) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'well'\n"
    name = lab.function(code, layers=watcher(), timeout=1)
    assert lab.invoke(name, 5).error["errorType"] == "Sandbox.Timedout"
    again = lab.invoke(name, 0)
    assert again.value == "well"
    assert "got SHUTDOWN None TIMEOUT" in [line.text for line in lab.log if line.function_name == name]


CRASH = "import os\ndef handler(event, context):\n    os._exit(event) if event else None\n"


def told_at_the_end(lab: Lab, name: str) -> list[str]:
    lines = [line.text for line in lab.log if line.function_name == name]
    return [line.removeprefix("got SHUTDOWN None ") for line in lines if line.startswith("got SHUTDOWN")]


def test_an_extension_that_is_at_work_when_the_runtime_crashes_is_told_when_it_asks_next(lab: Lab) -> None:
    name = lab.function(CRASH, layers=watcher(0.2))
    assert lab.invoke(name, 1).error["errorType"] == "Runtime.ExitError"
    assert told_at_the_end(lab, name) == ["FAILURE"]


def test_an_extension_that_is_at_work_when_the_time_is_up_is_told_when_it_asks_next(lab: Lab) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(event)\n"
    name = lab.function(code, layers=watcher(1.2), timeout=1)
    assert lab.invoke(name, 5).error["errorType"] == "Sandbox.Timedout"
    assert told_at_the_end(lab, name) == ["TIMEOUT"]


def test_an_extension_is_told_of_the_end_of_an_init_that_failed(lab: Lab) -> None:
    name = lab.function("raise ValueError('no')\n", layers=watcher())
    assert lab.invoke(name).error["errorType"] == "ValueError"
    # Of the first init, and of the second, which is part of the event.
    assert told_at_the_end(lab, name) == ["FAILURE", "FAILURE"]


def test_an_extension_that_does_not_want_to_be_told_is_not_waited_for(own_lab: Lab) -> None:
    patient = evolve(quotas(), shutdown_ms_external_extensions=600_000)
    own_lab.service._pool._settings = evolve(own_lab.service._settings, quotas=patient)
    code = WATCHER.replace('"INVOKE", "SHUTDOWN"', '"INVOKE"').replace("PAUSE", "600")
    name = own_lab.function(CRASH, layers={**watcher(), "extensions/indifferent": code})
    assert own_lab.invoke(name, 1).error["errorType"] == "Runtime.ExitError"
    assert told_at_the_end(own_lab, name) == ["FAILURE"]


def test_an_answer_after_the_timeout_is_refused(open_lab: Lab) -> None:
    late = (
        "import signal, time\n"
        "def answer(*_):\n"
        "    print('late', call('POST', 'invocation/' + id + '/response', b'1')[::2], flush=True)\n"
        "    raise SystemExit(0)\n"
        "signal.signal(signal.SIGTERM, answer)\n"
        "time.sleep(60)"
    )
    name = custom(open_lab, layers=watcher(), timeout=1)
    assert open_lab.invoke(name, {"do": late}).error["errorType"] == "Sandbox.Timedout"
    open_lab.invoke(name, {"do": respond("1")})
    [line] = [
        line.text for line in open_lab.log if line.function_name == name and line.text.startswith("late ")
    ]
    assert line.startswith("late (400, ")
    assert "InvalidRequestID" in line


GRACEFUL = """
import signal, sys, time
def leave(number, frame):
    print("asked to end", flush=True)
    TAIL
signal.signal(signal.SIGTERM, leave)
def handler(event, context):
    if event:
        time.sleep(event)
    return event
"""


def graceful(tail: str = "sys.exit(0)") -> str:
    return GRACEFUL.replace("TAIL", tail)


#: Its runtime client lets the main thread take signals while it waits.
TAKES_SIGNALS = "python3.13"


def test_with_an_extension_the_runtime_is_asked_to_end_before_the_extension_is_told(
    own_open_lab: Lab,
) -> None:
    name = own_open_lab.function(graceful(), layers=watcher(), runtime=TAKES_SIGNALS)
    own_open_lab.invoke(name, 0)
    own_open_lab.run(own_open_lab.service.close())
    lines = [line.text for line in own_open_lab.log]
    assert lines.index("asked to end") < lines.index("got SHUTDOWN None SPINDOWN")


def test_a_runtime_that_does_not_end_when_asked_is_killed_and_the_extension_is_told(
    own_open_lab: Lab,
) -> None:
    name = own_open_lab.function(
        graceful("time.sleep(30); print('ended by itself')"), layers=watcher(), runtime=TAKES_SIGNALS
    )
    own_open_lab.invoke(name, 0)
    own_open_lab.run(own_open_lab.service.close())
    lines = [line.text for line in own_open_lab.log]
    assert "got SHUTDOWN None SPINDOWN" in lines
    assert "ended by itself" not in lines


def test_after_a_timeout_too_the_runtime_is_asked_to_end(open_lab: Lab) -> None:
    name = open_lab.function(graceful(), layers=watcher(), runtime=TAKES_SIGNALS, timeout=2)
    assert open_lab.invoke(name, 10).error["errorType"] == "Sandbox.Timedout"
    assert open_lab.invoke(name, 0).value == 0
    lines = [line.text for line in open_lab.log if line.function_name == name]
    assert lines.index("asked to end") < lines.index("got SHUTDOWN None TIMEOUT")


def test_without_extensions_the_runtime_is_killed_at_once(own_open_lab: Lab) -> None:
    name = own_open_lab.function(graceful(), runtime=TAKES_SIGNALS)
    own_open_lab.invoke(name, 0)
    own_open_lab.run(own_open_lab.service.close())
    assert "asked to end" not in [line.text for line in own_open_lab.log]


def test_an_internal_extension_gives_the_runtime_time_to_end(own_open_lab: Lab) -> None:
    code = """
import json, os, threading, urllib.request
API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension/"
def listen():
    body = json.dumps({"events": ["INVOKE"]}).encode()
    register = urllib.request.Request(API + "register", body, {"Lambda-Extension-Name": "inner"})
    with urllib.request.urlopen(register) as response:
        me = response.headers["Lambda-Extension-Identifier"]
    ready.set()
    while True:
        urllib.request.urlopen(urllib.request.Request(API + "event/next", headers={"Lambda-Extension-Identifier": me})).read()
ready = threading.Event()
threading.Thread(target=listen, daemon=True).start()
ready.wait()
"""
    name = own_open_lab.function(code + graceful(), runtime=TAKES_SIGNALS)
    own_open_lab.invoke(name, 0)
    own_open_lab.run(own_open_lab.service.close())
    assert "asked to end" in [line.text for line in own_open_lab.log]


def has_failed(outcome: Outcome, error_type: str, reason: str) -> bool:
    """Whether the caller and the log are told this of the environment."""
    message = f"RequestId: {outcome.request_id} Error: {reason}"
    return (
        outcome.error == {"errorType": error_type, "errorMessage": message}
        and f"{message}\n{error_type}" in outcome.log
        and outcome.report["Error Type"] == error_type
    )


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("sys.exit(0)", "exit code 0"),
        ("sys.exit(3)", "exit status 3"),
        ("os.kill(os.getpid(), 9)", "signal: killed"),
    ],
)
def test_an_extension_that_ends_by_itself_is_a_crash(lab: Lab, end: str, reason: str) -> None:
    name = lab.function(HELLO, layers={"extensions/brittle": HEAD + f"register('INVOKE')\n{end}\n"})
    outcome = lab.invoke(name)
    assert has_failed(outcome, "Extension.Crash", reason)
    assert outcome.log.count("EXTENSION\tName: brittle\tState: Registered\tEvents: [INVOKE]") == 2


LASTING = """
import os, tempfile
def handler(event, context):
    kept = os.path.join(tempfile.gettempdir(), "kept")
    was_there = os.path.exists(kept)
    open(kept, "w").close()
    return was_there
"""
INDIFFERENT = WATCHER.replace('"INVOKE", "SHUTDOWN"', '"INVOKE"').replace("PAUSE", "0")
#: Takes its time at the end.
SLOW_TO_END = WATCHER.replace("sys.exit(0)", "time.sleep(0.3); say('ended in time'); sys.exit(0)").replace(
    "PAUSE", "0"
)


def at_rest(lab: Lab, name: str) -> ExecutionEnvironment:
    """The only environment of a function, which has nothing to do."""
    [found] = [each for each in lab.service._pool._all if each.configuration.function_name == name]
    assert isinstance(found, ExecutionEnvironment)
    return found


async def killed(environment: ExecutionEnvironment, which: str | None) -> None:
    """End an extension or the runtime as nobody wants it to end, and wait until its environment knows."""
    process = environment._processes.runtime if which is None else environment._processes.of_extensions[which]
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    while not environment._shutdown.is_on and environment.state is State.READY:
        await asyncio.sleep(0.001)


async def broken(environment: ExecutionEnvironment) -> None:
    """Wait until all of an environment's processes have ended."""
    while environment.state is not State.BROKEN:
        await asyncio.sleep(0.002)


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("indifferent", "signal: killed\nExtension.Crash"),
        (None, "Runtime exited with error: signal: killed\nRuntime.ExitError"),
    ],
)
def test_what_ends_by_itself_between_events_is_a_crash_of_which_extensions_are_told(
    lab: Lab, which: str | None, said: str
) -> None:
    name = lab.function(LASTING, layers={**watcher(), "extensions/indifferent": INDIFFERENT})
    first = lab.invoke(name)
    environment = at_rest(lab, name)

    async def crashed() -> None:
        await killed(environment, which)
        await broken(environment)

    lab.run(crashed())
    assert told_at_the_end(lab, name) == ["FAILURE"]
    lines = [line.text for line in lab.log if line.function_name == name]
    assert f"RequestId: {first.request_id} Error: {said}" in lines
    again = lab.invoke(name)
    assert again.value is True
    assert any(line.startswith("registered") for line in again.log)


@pytest.fixture
def only_one(tmp_path: Path) -> Iterator[Lab]:
    """A service with room for one environment."""
    with laboratory(tmp_path, max_environments=1) as made:
        yield made


def crashing(lab: Lab) -> tuple[str, ExecutionEnvironment]:
    """A function whose environment is at rest, of which one extension may crash and the other takes its time to end."""
    name = lab.function(HELLO, layers={"extensions/slow": SLOW_TO_END, "extensions/indifferent": INDIFFERENT})
    lab.invoke(name)
    return name, at_rest(lab, name)


def test_an_event_that_comes_while_extensions_are_told_of_a_crash_waits_for_them(only_one: Lab) -> None:
    name, environment = crashing(only_one)

    async def meanwhile() -> Outcome:
        await killed(environment, "indifferent")
        return await only_one.invoking(name, 3)

    outcome = only_one.run(meanwhile())
    assert outcome.value == 3
    log = list(outcome.log)
    again = [at for at, line in enumerate(log) if line.startswith("registered")]
    assert len(again) == 2
    assert log.index("ended in time") < min(again)


def test_what_extensions_say_of_a_crash_is_not_the_next_events(only_one: Lab) -> None:
    name, environment = crashing(only_one)

    async def meanwhile() -> Outcome:
        await killed(environment, "indifferent")
        return await only_one.invoking(name, 3)

    only_one.run(meanwhile())
    [last] = [line for line in only_one.log if line.text == "ended in time"]
    assert last.request_id is None


async def waiting(lab: Lab, name: str) -> asyncio.Task[Outcome]:
    """An event that waits for the only environment, in which something has just crashed."""
    task = asyncio.ensure_future(lab.invoking(name, 3))
    while not lab.service._pool._needs:
        await asyncio.sleep(0)
    return task


def test_an_event_that_waits_for_the_end_of_a_crash_gets_another_environment_where_all_are_ended(
    only_one: Lab,
) -> None:
    name, environment = crashing(only_one)

    async def ended() -> Outcome:
        await killed(environment, "indifferent")
        task = await waiting(only_one, name)
        only_one.service.end_environments()
        return await asyncio.wait_for(task, 10)

    assert only_one.run(ended()).value == 3


def test_an_event_that_waits_for_the_end_of_a_crash_is_told_that_the_service_ends(only_one: Lab) -> None:
    name, environment = crashing(only_one)

    async def ended() -> None:
        await killed(environment, "indifferent")
        task = await waiting(only_one, name)
        await only_one.service.close()
        with pytest.raises(LocalError, match="The local service has ended"):
            await asyncio.wait_for(task, 10)

    only_one.run(ended())


def test_an_event_does_not_wait_for_the_end_of_a_crash_where_there_is_room(own_lab: Lab) -> None:
    name, environment = crashing(own_lab)

    async def meanwhile() -> Outcome:
        await killed(environment, "indifferent")
        return await own_lab.invoking(name, 3)

    assert own_lab.run(meanwhile()).value == 3
    # The one in which something crashed, and another one.
    assert len(own_lab.service._pool) == 2


def test_a_service_that_ends_while_extensions_are_told_of_a_crash_waits_for_them(own_lab: Lab) -> None:
    name, environment = crashing(own_lab)

    async def ending() -> None:
        await killed(environment, "indifferent")
        await own_lab.service.close()

    own_lab.run(ending())
    assert told_at_the_end(own_lab, name) == ["FAILURE"]
    assert "ended in time" in [line.text for line in own_lab.log]


def reporting(phase: str, before: str = "") -> dict[str, str]:
    """An extension that reports an error, and ends as Lambda wants it to."""
    code = HEAD + (
        f"me = register('INVOKE')\n{before}\n"
        f"call('POST', '/2020-01-01/extension/{phase}/error', {{}}, Identifier=me, "
        "Function_Error_Type='Extension.NoKey')\nsys.exit(1)\n"
    )
    return {"extensions/keyless": code}


def test_an_extension_may_say_that_it_cannot_start(lab: Lab) -> None:
    outcome = lab.invoke(lab.function(HELLO, layers=reporting("init")))
    assert has_failed(outcome, "Extension.InitError", "exit status 1")
    line = "EXTENSION\tName: keyless\tState: InitError\tEvents: [INVOKE]\tError Type: Extension.NoKey"
    assert outcome.log.count(line) == 2


def test_an_extension_may_say_that_it_cannot_go_on(lab: Lab) -> None:
    slow = "import time\ndef handler(event, context):\n    time.sleep(5)\n"
    outcome = lab.invoke(lab.function(slow, layers=reporting("exit", "next_event(me)")))
    assert has_failed(outcome, "Extension.ExitError", "exit status 1")


def test_an_error_that_an_internal_extension_reports_names_the_end_of_the_runtime(lab: Lab) -> None:
    code = """
        import json, os, sys, urllib.request
        API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension/"
        def post(path, body, **headers):
            named = {"Lambda-Extension-" + key.replace("_", "-"): value for key, value in headers.items()}
            return urllib.request.urlopen(urllib.request.Request(API + path, json.dumps(body).encode(), named))
        me = post("register", {"events": []}, Name="inner").headers["Lambda-Extension-Identifier"]
        post("init/error", {}, Identifier=me, Function_Error_Type="Extension.NoKey")
        sys.exit(2)
    """
    outcome = lab.invoke(lab.function(code))
    assert has_failed(outcome, "Extension.InitError", "Runtime exited with error: exit status 2")


@pytest.mark.parametrize(
    ("text", "error_type", "reason"),
    [
        ("#!/nowhere\n", "UnknownError", "no such file or directory"),
        ("not a program\n", "PermissionDenied", "permission denied"),
    ],
)
def test_an_extension_that_cannot_be_executed_is_a_launch_error(
    lab: Lab, text: str, error_type: str, reason: str
) -> None:
    outcome = lab.invoke(lab.function(HELLO, layers={"extensions/broken": text}))
    assert has_failed(outcome, "Extension.LaunchError", f"fork/exec /opt/extensions/broken: {reason}")
    line = f"EXTENSION\tName: broken\tState: LaunchError\tEvents: []\tError Type: {error_type}"
    assert outcome.log.count(line) == 2


def test_an_eleventh_extension_is_not_started(lab: Lab) -> None:
    layers = {f"extensions/number{number:02}": "#!/bin/sh\necho $0\nsleep 60\n" for number in range(11)}
    outcome = lab.invoke(lab.function(HELLO, layers=layers))
    message = f"RequestId: {outcome.request_id} Error: ErrTooManyExtensions"
    assert outcome.error == {"errorType": "Extension.LaunchError", "errorMessage": message}
    assert not [line for line in outcome.log if line.endswith("number10")]


REFUSALS = [
    ("POST", "register", {}, "Extension.InvalidExtensionName"),
    ("GET", "event/next", {}, "Extension.MissingExtensionIdentifier"),
    ("GET", "event/next", {"Identifier": "x"}, "Extension.InvalidExtensionIdentifier"),
    (
        "GET",
        "event/next",
        {"Identifier": "2a1f5a30-0000-4000-8000-000000000000"},
        "Extension.UnknownExtensionIdentifier",
    ),
    ("POST", "register", {"Name": "late", "body": {"events": ["INVOKE"]}}, "Extension.RegistrationClosed"),
    ("POST", "register", {"Name": "inner", "body": {"events": ["SHUTDOWN"]}}, "Extension.InvalidEventType"),
    ("POST", "register", {"Name": "deep", "text": "[" * 100_000}, "InvalidRequestFormat"),
]


def test_misuse_of_the_api_is_answered_as_aws_does(lab: Lab) -> None:
    code = """
        import json, os, urllib.error, urllib.request

        def handler(event, context):
            answers = []
            for method, path, headers in event:
                text = headers.pop("text", None) or json.dumps(headers.pop("body", {}))
                body = text.encode() if method == "POST" else None
                url = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension/{path}"
                named = {f"Lambda-Extension-{name}": value for name, value in headers.items()}
                try:
                    urllib.request.urlopen(urllib.request.Request(url, body, named, method=method))
                except urllib.error.HTTPError as error:
                    answers.append([error.code, json.loads(error.read())["errorType"]])
            return answers
    """
    answers = lab.invoke(lab.function(code), [case[:3] for case in REFUSALS]).value
    assert answers == [[403, case[3]] for case in REFUSALS]


def test_an_internal_extension_hears_of_events_too(lab: Lab) -> None:
    code = """
        import json, os, threading, urllib.request

        API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension/"
        heard = []

        def listen():
            body = json.dumps({"events": ["INVOKE"]}).encode()
            register = urllib.request.Request(API + "register", body, {"Lambda-Extension-Name": "inner"})
            with urllib.request.urlopen(register) as response:
                me = response.headers["Lambda-Extension-Identifier"]
            ready.set()
            while True:
                wait = urllib.request.Request(API + "event/next", headers={"Lambda-Extension-Identifier": me})
                with urllib.request.urlopen(wait) as response:
                    heard.append(json.loads(response.read())["requestId"])

        ready = threading.Event()
        threading.Thread(target=listen, daemon=True).start()
        ready.wait()

        def handler(event, context):
            return heard
    """
    name = lab.function(code)
    first = lab.invoke(name)
    assert "EXTENSION\tName: inner\tState: Ready\tEvents: [INVOKE]" in first.log
    assert first.request_id in lab.invoke(name).value


#: A subscriber says what it is told at once, so that it is in the log before it may be ended.
RECEIVER = (
    HEAD
    + """
import http.server, threading

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for event in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            say("telemetry", json.dumps(event))
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args): pass

server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
"""
)
SUBSCRIBER = (
    RECEIVER
    + """
me = register("INVOKE")
call("PUT", "/2022-07-01/telemetry", {
    "schemaVersion": "2022-12-13", "types": ["platform", "function"],
    "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
    "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:%d" % server.server_port},
}, Identifier=me)
while True: next_event(me)
"""
)


async def told(lab: Lab, name: str) -> list[dict[str, object]]:
    """What a subscriber has heard, once that is a whole event."""
    while True:
        lines = [line.text for line in lab.log if line.function_name == name]
        events = [
            json.loads(line.removeprefix("telemetry ")) for line in lines if line.startswith("telemetry ")
        ]
        if any(event["type"] == "platform.report" for event in events):
            return events
        await asyncio.sleep(0.02)


def test_what_is_below_the_functions_level_is_telemetry_all_the_same(lab: Lab) -> None:
    layers = {"extensions/subscriber": SUBSCRIBER}
    name = lab.function(HELLO, layers=layers, log_format="JSON", application_log_level="ERROR")
    assert "in the function" not in lab.invoke(name).log
    assert "in the function" in [event["record"] for event in lab.run(told(lab, name))]


def test_telemetry_tells_the_whole_story_of_an_event(lab: Lab) -> None:
    name = lab.function(HELLO, layers={"extensions/subscriber": SUBSCRIBER})
    assert (
        "TELEMETRY\tName: subscriber\tState: Subscribed\tTypes: [Platform, Function]" in lab.invoke(name).log
    )

    events = lab.run(told(lab, name))
    types = [event["type"] for event in events]
    for each in (
        "platform.initRuntimeDone",
        "platform.start",
        "function",
        "platform.runtimeDone",
        "platform.report",
    ):
        assert each in types
    assert {"in the function"} == {event["record"] for event in events if event["type"] == "function"}


@pytest.mark.usefixtures("view")
def test_extensions_of_two_environments_listen_on_the_same_port(lab: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    subscriber = SUBSCRIBER.replace('("127.0.0.1", 0)', f'("0.0.0.0", {port})')
    names = [lab.function(HELLO, layers={"extensions/subscriber": subscriber}) for _ in range(2)]
    requests = {name: lab.invoke(name).request_id for name in names}

    async def heard_of(name: str) -> set[str]:
        """The requests of which a function's subscriber has heard."""
        while True:
            lines = [line.text for line in lab.log if line.function_name == name]
            events = [
                json.loads(line.removeprefix("telemetry ")) for line in lines if line.startswith("telemetry ")
            ]
            heard = {event["record"]["requestId"] for event in events if event["type"] == "platform.report"}
            if heard:
                return heard
            await asyncio.sleep(0.02)

    assert {name: lab.run(heard_of(name)) for name in names} == {
        name: {each} for name, each in requests.items()
    }


def test_a_subscription_outside_the_limits_is_refused(lab: Lab) -> None:
    code = SUBSCRIBER.replace("262144", "1").replace("me = register", "import urllib.error\nme = register")
    code = code.replace('call("PUT"', 'try: call("PUT"').replace(
        "}, Identifier=me)",
        "}, Identifier=me)\nexcept urllib.error.HTTPError as error:\n"
        "    say('refused', error.code, error.read().decode())",
    )
    name = lab.function(HELLO, layers={"extensions/greedy": code})
    [line] = lab.invoke(name).lines("refused ")
    assert line.startswith("refused 400")
    assert "ValidationError" in line
    assert "maxBytes" in line


def test_json_log_format_has_platform_events_as_json_and_no_lines_of_text(lab: Lab) -> None:
    name = lab.function(HELLO, log_format="JSON")
    outcome = lab.invoke(name)
    events = [json.loads(line) for line in outcome.log if line.startswith("{")]
    assert [event["type"] for event in events] == ["platform.initStart", "platform.start", "platform.report"]
    assert events[-1]["record"]["status"] == "success"
    assert events[-1]["record"]["metrics"]["memorySizeMB"] == 256
    assert not outcome.lines("START") + outcome.lines("END") + outcome.lines("REPORT")


FAILURES = [
    ("import os; os._exit(1)", "error", "Runtime.ExitError"),
    ("import time; time.sleep(5)", "timeout", None),
    ("len(b'x' * (300 << 20))", "error", "Runtime.OutOfMemory"),
]


@pytest.mark.parametrize(("statement", "status", "error_type"), FAILURES, ids=["exit", "timeout", "memory"])
def test_the_platform_says_how_the_runtime_failed(
    lab: Lab, statement: str, status: str, error_type: str | None
) -> None:
    name = lab.function(
        f"def handler(event, context):\n    {statement}\n",
        log_format="JSON",
        system_log_level="WARN",
        timeout=1,
    )
    done, report = (json.loads(line) for line in lab.invoke(name).log if line.startswith("{"))
    assert (done["type"], report["type"]) == ("platform.runtimeDone", "platform.report")
    record = done["record"]
    assert (record["status"], record.get("errorType")) == (status, error_type)
    assert record["metrics"]["producedBytes"] == 0
    assert record["metrics"]["durationMs"] == pytest.approx(
        report["record"]["metrics"]["durationMs"], abs=200
    )


def test_the_platform_says_once_that_the_runtime_is_done_whatever_an_extension_does_then(lab: Lab) -> None:
    name = lab.function(HELLO, layers=watcher(5), log_format="JSON", system_log_level="DEBUG", timeout=1)
    events = [json.loads(line) for line in lab.invoke(name, 7).log if line.startswith("{")]
    done = [event["record"] for event in events if event["type"] == "platform.runtimeDone"]
    assert [(each["status"], each["metrics"]["producedBytes"]) for each in done] == [("success", 1)]
    assert events[-1]["record"]["status"] == "timeout"


def test_system_logs_below_their_level_are_left_out(lab: Lab) -> None:
    name = lab.function(HELLO, log_format="JSON", system_log_level="WARN")
    assert [line for line in lab.invoke(name).log if line.startswith("{")] == []


def test_a_wrapper_script_starts_the_runtime(any_lab: Lab) -> None:
    wrapper = '#!/bin/sh\nexport WRAPPED="yes"\nexec "$@"\n'
    code = "import os\ndef handler(event, context):\n    return os.environ['WRAPPED']\n"
    environment = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"}
    name = any_lab.function(code, layers={"wrapper": wrapper}, environment=environment)
    assert any_lab.invoke(name).value == "yes"


@pytest.mark.parametrize(
    ("wrapper", "words", "status"),
    [("nowhere", "does not exist", 127), ("plain", "is not an executable", 126)],
)
def test_a_wrapper_script_that_cannot_be_started_ends_as_on_lambda(
    any_lab: Lab, wrapper: str, words: str, status: int
) -> None:
    environment = {"AWS_LAMBDA_EXEC_WRAPPER": f"/opt/{wrapper}"}
    outcome = any_lab.invoke(any_lab.function(HELLO, layers={"plain": "exit"}, environment=environment))
    assert outcome.error["errorType"] == "Runtime.ExitError"
    assert outcome.error["errorMessage"].endswith(f"Error: Runtime exited with error: exit status {status}")
    assert outcome.log.count(f"/opt/{wrapper}: {words}") == 2


def test_what_an_extension_wrote_last_is_logged_without_its_line_end(own_lab: Lab) -> None:
    code = HEAD + (
        "me = register('INVOKE', 'SHUTDOWN')\n"
        "while next_event(me)['eventType'] != 'SHUTDOWN': pass\n"
        "sys.stdout.write('last words')\n"
    )
    own_lab.invoke(own_lab.function(HELLO, layers={"extensions/terse": code}))
    own_lab.run(own_lab.service.close())
    assert "last words" in [line.text for line in own_lab.log]


def test_a_subscriber_that_takes_nothing_does_not_keep_the_environment_awake(own_lab: Lab) -> None:
    code = HEAD + (
        "me = register('INVOKE')\n"
        "call('PUT', '/2022-07-01/telemetry', {'schemaVersion': '2022-12-13', 'types': ['platform'],\n"
        "     'destination': {'protocol': 'HTTP', 'URI': 'http://sandbox.localdomain:9'}}, Identifier=me)\n"
        "say('pid', os.getpid())\n"
        "while True: next_event(me)\n"
    )
    outcome = own_lab.invoke(own_lab.function(HELLO, layers={"extensions/deaf": code}))
    [line] = outcome.lines("pid ")
    pid = int(line.removeprefix("pid "))

    async def frozen() -> None:
        while not stands_still(pid):
            await asyncio.sleep(0.005)

    own_lab.run(frozen(), seconds=10)


def test_telemetry_that_nobody_takes_is_kept_up_to_a_bound_and_its_loss_is_told() -> None:
    async def lost() -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = []
        ready = asyncio.Event()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.extend([json.loads(line) async for line in reader])
            writer.close()
            ready.set()

        server = await asyncio.start_server(take, "127.0.0.1", 0, limit=1 << 24)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        telemetry = Telemetry(known, lambda _: None)
        wire = Wire(telemetry, {"protocol": "TCP", "URI": f"tcp://sandbox.localdomain:{port}"})
        assert wire.answer == "OK"
        for number in range(60):
            telemetry.log("function", f"{number} {'x' * 100_000}", "2026-11-24T12:00:00.000Z")
        await telemetry.flush()
        server = await asyncio.start_server(take, "127.0.0.1", port, limit=1 << 24)
        await telemetry.flush()
        await ready.wait()
        server.close()
        return got

    got = asyncio.run(asyncio.wait_for(lost(), 20))
    [dropped] = [event for event in got if event["type"] == "platform.logsDropped"]
    kept = [int(event["record"].split(" ")[0]) for event in got if event["type"] == "function"]
    assert dropped["time"].endswith("Z")
    assert kept == list(range(60 - len(kept), 60))
    assert dropped["record"]["droppedRecords"] == 60 - len(kept) > 0


def test_what_a_subscriber_answers_with_something_else_than_http_is_kept() -> None:
    async def kept() -> bool:
        async def take(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"x" * 100_000)
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        telemetry = Telemetry(known, lambda _: None)
        port = server.sockets[0].getsockname()[1]
        Wire(telemetry, {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{port}"})
        telemetry.log("function", "here", "2026-11-24T12:00:00.000Z")
        await telemetry.flush()
        server.close()
        return telemetry.has_kept

    assert asyncio.run(asyncio.wait_for(kept(), 30))


def test_what_is_on_its_way_is_still_to_be_delivered() -> None:
    async def under_way() -> list[bool]:
        asked, may_answer = asyncio.Event(), asyncio.Event()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            asked.set()
            await may_answer.wait()
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        telemetry = Telemetry(known, lambda _: None)
        Wire(telemetry, {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{port}"})
        telemetry.log("function", "here", "2026-11-24T12:00:00.000Z")
        delivering = asyncio.ensure_future(telemetry.flush())
        await asked.wait()
        said = [telemetry.has_kept]
        may_answer.set()
        await delivering
        said.append(telemetry.has_kept)
        server.close()
        return said

    assert asyncio.run(asyncio.wait_for(under_way(), 30)) == [True, False]


@pytest.mark.parametrize(
    ("path", "schema"), [("/2022-07-01/telemetry", "2022-12-13"), ("/2020-08-15/logs", "2021-03-18")]
)
def test_a_batch_has_as_many_bytes_as_the_subscriber_asked_for_or_one_record(path: str, schema: str) -> None:
    sizes = [100_000, 100_000, 100_000, 300_000, 10, 10]

    async def taken() -> list[list[int]]:
        batches: list[list[int]] = []

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            batches.append([len(each["record"]) for each in json.loads(await reader.readexactly(length))])
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        telemetry = Telemetry(known, lambda _: None)
        Wire(telemetry, {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{port}"}, path, schema)
        for size in sizes:
            telemetry.log("function", "x" * size, "2026-11-24T12:00:00.000Z")
        await telemetry.flush()
        server.close()
        return batches

    batches = asyncio.run(asyncio.wait_for(taken(), 20))
    assert batches == [[100_000, 100_000], [100_000], [300_000], [10, 10]]


@pytest.mark.parametrize("protocol", ["HTTP", "TCP"])
def test_what_stands_between_records_counts_among_the_bytes_of_a_batch(protocol: str) -> None:
    async def taken() -> list[int]:
        sizes: list[int] = []

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if protocol == "TCP":
                sizes.append(len(await reader.read()))
            else:
                head = await reader.readuntil(b"\r\n\r\n")
                sizes.append(int(head.lower().partition(b"content-length: ")[2].split()[0]))
                await reader.readexactly(sizes[-1])
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        telemetry = Telemetry(known, lambda _: None)
        of_http = {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{port}"}
        Wire(telemetry, {"protocol": "TCP", "port": port} if protocol == "TCP" else of_http)
        # Each is a record of 128 bytes, and a batch takes 262,144.
        for _ in range(2049):
            telemetry.log("function", "x" * 63, "2026-11-24T12:00:00.000Z")
        await telemetry.flush()
        while sum(sizes) < 2049 * 128:
            await asyncio.sleep(0.002)
        server.close()
        return sizes

    sizes = asyncio.run(asyncio.wait_for(taken(), 20))
    # One line end or comma each, and a bracket: 2,032 of them fit.
    assert sizes == ([262_128, 2_193] if protocol == "TCP" else [262_129, 2_194])


def known(_connection: Connection, _request: Request) -> Extension:
    return Extension("one", True, "2a1f5a30-0000-4000-8000-000000000000")


class Wire:
    """A subscription without a socket: what the API answers to it."""

    def __init__(
        self,
        telemetry: Telemetry,
        destination: dict[str, Any],
        path: str = "/2022-07-01/telemetry",
        schema: str = "2022-12-13",
    ) -> None:
        self.answer: Any = None
        asked = {"schemaVersion": schema, "types": ["function"], "destination": destination}
        body = json.dumps(asked).encode()
        request = Request(Head("PUT", path, "", {}), body, len(body))
        telemetry.request(cast("Connection", self), request)

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.answer = json.loads(body)
