"""Extensions, external and internal, and telemetry: real processes that speak AWS's APIs."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from lambdaform.local.front import Request as Invocation
from lambdaform.local.http import Connection, Request
from lambdaform.local.telemetry import Telemetry
from tests.local.lab import Lab, laboratory, stands_still

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


def test_an_extension_that_ends_by_itself_is_a_crash(lab: Lab) -> None:
    name = lab.function(HELLO, layers={"extensions/brittle": HEAD + "register('INVOKE')\nsys.exit(3)\n"})
    assert lab.invoke(name).error["errorType"] == "Extension.Crash"


def test_an_extension_may_say_that_it_cannot_start(lab: Lab) -> None:
    code = HEAD + (
        "me = register('INVOKE')\n"
        "call('POST', '/2020-01-01/extension/init/error', {}, Identifier=me, Function_Error_Type='Extension.NoKey')\n"
        "time.sleep(60)\n"
    )
    name = lab.function(HELLO, layers={"extensions/keyless": code})
    outcome = lab.invoke(name)
    assert outcome.error["errorType"] == "Extension.InitError"
    assert "Extension.NoKey" in outcome.error["errorMessage"]


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
]


def test_misuse_of_the_api_is_answered_as_aws_does(lab: Lab) -> None:
    code = """
        import json, os, urllib.error, urllib.request

        def handler(event, context):
            answers = []
            for method, path, headers in event:
                body = json.dumps(headers.pop("body", {})).encode() if method == "POST" else None
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


SUBSCRIBER = (
    HEAD
    + """
import http.server, threading

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for event in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            if event["type"] != "extension":
                say("telemetry", json.dumps(event))
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args): pass

server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
me = register("INVOKE")
call("PUT", "/2022-07-01/telemetry", {
    "schemaVersion": "2022-12-13", "types": ["platform", "function"],
    "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
    "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:%d" % server.server_port},
}, Identifier=me)
while True: next_event(me)
"""
)


def test_telemetry_tells_the_whole_story_of_an_event(lab: Lab) -> None:
    name = lab.function(HELLO, layers={"extensions/subscriber": SUBSCRIBER})
    assert (
        "TELEMETRY\tName: subscriber\tState: Subscribed\tTypes: [Platform, Function]" in lab.invoke(name).log
    )

    async def told() -> list[dict[str, object]]:
        while True:
            lines = [line.text for line in lab.log if line.function_name == name]
            events = [
                json.loads(line.removeprefix("telemetry ")) for line in lines if line.startswith("telemetry ")
            ]
            if any(event["type"] == "platform.report" for event in events):
                return events
            await asyncio.sleep(0.02)

    events = lab.run(told())
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

    async def told(name: str) -> set[str]:
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

    assert {name: lab.run(told(name)) for name in names} == {name: {each} for name, each in requests.items()}


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


def test_system_logs_below_their_level_are_left_out(lab: Lab) -> None:
    name = lab.function(HELLO, log_format="JSON", system_log_level="WARN")
    assert [line for line in lab.invoke(name).log if line.startswith("{")] == []


def test_a_wrapper_script_starts_the_runtime(any_lab: Lab) -> None:
    wrapper = '#!/bin/sh\nexport WRAPPED="yes"\nexec "$@"\n'
    code = "import os\ndef handler(event, context):\n    return os.environ['WRAPPED']\n"
    environment = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"}
    name = any_lab.function(code, layers={"wrapper": wrapper}, environment=environment)
    assert any_lab.invoke(name).value == "yes"


def test_a_wrapper_script_that_is_not_there_ends_as_on_lambda(lab: Lab) -> None:
    name = lab.function(HELLO, environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/nowhere"})
    error = lab.invoke(name).error
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: exit status 127")


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
        telemetry = Telemetry(lambda _: None)
        wire = Wire(telemetry, {"protocol": "TCP", "URI": f"tcp://sandbox.localdomain:{port}"})
        assert wire.answer == "OK"
        for number in range(60):
            telemetry.publish("function", {"number": number, "filler": "x" * 100_000})
        await telemetry.flush()
        server = await asyncio.start_server(take, "127.0.0.1", port, limit=1 << 24)
        await telemetry.flush()
        await ready.wait()
        server.close()
        return got

    got = asyncio.run(asyncio.wait_for(lost(), 20))
    [dropped] = [event for event in got if event.get("type") == "platform.logsDropped"]
    kept = [event["number"] for event in got if "number" in event]
    assert dropped["time"].endswith("Z")
    assert kept == list(range(60 - len(kept), 60))
    assert dropped["record"]["droppedRecords"] == 60 - len(kept) > 0


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
        telemetry = Telemetry(lambda _: None)
        Wire(telemetry, {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{port}"})
        telemetry.publish("function", {"record": "here"})
        delivering = asyncio.ensure_future(telemetry.flush())
        await asked.wait()
        said = [telemetry.has_kept]
        may_answer.set()
        await delivering
        said.append(telemetry.has_kept)
        server.close()
        return said

    assert asyncio.run(asyncio.wait_for(under_way(), 30)) == [True, False]


class Wire:
    """A subscription without a socket: what the API answers to it."""

    def __init__(self, telemetry: Telemetry, destination: dict[str, str]) -> None:
        self.answer: Any = None
        body = json.dumps({"types": ["function"], "destination": destination}).encode()
        request = Request("PUT", "/2022-07-01/telemetry", "", {}, body, len(body), {})
        telemetry.subscribe(cast("Connection", self), request, "one")

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.answer = json.loads(body)
