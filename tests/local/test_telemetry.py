"""The Telemetry API and the Logs API: what subscribers, which are real processes, are told and when."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.local.lab import Lab, Outcome
from tests.local.test_custom_runtimes import custom
from tests.local.test_extensions import HEAD, HELLO, RECEIVER
from tests.local.test_streaming import do

TELEMETRY, LOGS = "/2022-07-01/telemetry", "/2020-08-15/logs"

SUBSCRIBER = (
    RECEIVER
    + """
me = register("INVOKE", "SHUTDOWN")
call("PUT", <path>, {
    "schemaVersion": <schema>, "types": ["platform", "function"],
    "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": <timeout>},
    "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:%d" % server.server_port},
}, Identifier=me)
while True:
    if next_event(me)["eventType"] == "SHUTDOWN":
        say("told to end")
        sys.exit(0)
    time.sleep(<pause>)
"""
)


def subscriber(
    path: str = TELEMETRY, schema: str = "2022-12-13", milliseconds: int = 25, pause: float = 0
) -> dict[str, str]:
    code = SUBSCRIBER.replace("<path>", repr(path)).replace("<schema>", repr(schema))
    code = code.replace("<timeout>", str(milliseconds)).replace("<pause>", str(pause))
    return {"extensions/listener": code}


def lines_of(lab: Lab, name: str) -> list[str]:
    return [line.text for line in lab.log if line.function_name == name]


async def told_to_end(lab: Lab, name: str) -> None:
    """Wait until the subscriber of a function has been."""
    while "told to end" not in lines_of(lab, name):
        await asyncio.sleep(0.01)


async def told(lab: Lab, name: str, until: str = "platform.report") -> list[dict[str, Any]]:
    """What the subscriber of a function has heard, once it has heard of something."""
    while True:
        lines = [line for line in lines_of(lab, name) if line.startswith("telemetry {")]
        events = [json.loads(line.removeprefix("telemetry ")) for line in lines]
        if any(event["type"] == until for event in events):
            return events
        await asyncio.sleep(0.01)


def heard(lab: Lab, name: str, payload: Any = None, until: str = "platform.report") -> list[dict[str, Any]]:
    """What the subscriber hears of one invocation."""
    lab.invoke(name, payload)
    return lab.run(told(lab, name, until))


def records(events: list[dict[str, Any]], kind: str) -> list[Any]:
    return [event["record"] for event in events if event["type"] == kind]


def test_a_subscriber_hears_that_initialisation_has_begun(lab: Lab) -> None:
    events = heard(lab, lab.function(HELLO, layers=subscriber()))
    assert [event["type"] for event in events] == [
        "platform.initStart",
        "platform.telemetrySubscription",
        "platform.initRuntimeDone",
        "platform.extension",
        "platform.initReport",
        "platform.start",
        "function",
        "platform.runtimeDone",
        "platform.report",
    ]
    assert events[0]["time"] <= events[1]["time"]


def test_the_logs_api_has_its_own_events_and_its_own_line(lab: Lab) -> None:
    name = lab.function(HELLO, layers=subscriber(LOGS, "2020-08-15"))
    outcome = lab.invoke(name)
    assert "LOGS\tName: listener\tState: Subscribed\tTypes: [Platform, Function]" in outcome.log
    assert not outcome.lines("TELEMETRY")
    events = lab.run(told(lab, name))
    assert [event["type"] for event in events] == [
        "platform.logsSubscription",
        "platform.initRuntimeDone",
        "platform.extension",
        "platform.initReport",
        "platform.start",
        "function",
        "platform.end",
        "platform.report",
    ]
    assert records(events, "platform.end") == [{"requestId": outcome.request_id}]


#: It ends once its extension waits again.
CRASH = "import os, time\ndef handler(event, context):\n    time.sleep(0.2)\n    os._exit(3)\n"


def test_the_logs_api_tells_of_a_fault(lab: Lab) -> None:
    name = lab.function(CRASH, layers=subscriber(LOGS, "2021-03-18"))
    events = heard(lab, name)
    [fault] = records(events, "platform.fault")
    [start] = records(events, "platform.start")
    assert fault == f"RequestId: {start['requestId']} Status: error\tErrorType: Runtime.ExitError"
    assert [event["type"] for event in events][-4:] == [
        "platform.runtimeDone",
        "platform.fault",
        "platform.end",
        "platform.report",
    ]
    assert records(events, "platform.runtimeDone")[0]["status"] == "failure"


JSON_LINE = 'def handler(event, context):\n    print(\'{"level": "INFO", "message": "here"}\')\n'


@pytest.mark.parametrize(
    ("schema", "log_format", "record"),
    [
        ("2025-01-29", "JSON", {"level": "INFO", "message": "here"}),
        ("2022-12-13", "JSON", {"level": "INFO", "message": "here"}),
        ("2022-07-01", "JSON", '{"level": "INFO", "message": "here"}'),
        ("2022-12-13", "Text", '{"level": "INFO", "message": "here"}'),
    ],
)
def test_where_logs_are_in_json_a_line_is_an_object(
    lab: Lab, schema: str, log_format: str, record: Any
) -> None:
    name = lab.function(JSON_LINE, layers=subscriber(schema=schema), log_format=log_format)
    assert records(heard(lab, name), "function") == [record]


def test_the_parts_of_an_events_time_are_told(lab: Lab) -> None:
    name = lab.function(
        "import time\ndef handler(event, context):\n    time.sleep(0.1)\n", layers=subscriber(pause=0.1)
    )
    events = heard(lab, name)
    [done] = records(events, "platform.runtimeDone")
    latency, duration, overhead = done["spans"]
    assert [each["name"] for each in done["spans"]] == [
        "responseLatency",
        "responseDuration",
        "runtimeOverhead",
    ]
    assert latency["durationMs"] >= 100
    assert latency["start"] < duration["start"] <= overhead["start"]
    parts = sum(each["durationMs"] for each in done["spans"])
    assert parts == pytest.approx(done["metrics"]["durationMs"], abs=0.01)
    [report] = records(events, "platform.report")
    [extensions] = report["spans"]
    assert extensions["name"] == "extensionOverhead"
    assert extensions["durationMs"] > 0
    assert done["metrics"]["durationMs"] + extensions["durationMs"] == pytest.approx(
        report["metrics"]["durationMs"], abs=0.01
    )


def test_a_response_that_is_streamed_takes_from_its_beginning_to_its_end(open_lab: Lab) -> None:
    name = custom(open_lab, layers=subscriber())
    events = heard(open_lab, name, do('s = begin()\nchunk(s, b"a")\ntime.sleep(0.1)\nend(s)'))
    [done] = records(events, "platform.runtimeDone")
    assert done["spans"][1]["name"] == "responseDuration"
    assert done["spans"][1]["durationMs"] > 50


def test_a_function_that_raises_has_not_responded_and_has_no_parts(lab: Lab) -> None:
    name = lab.function("def handler(event, context):\n    raise ValueError\n", layers=subscriber())
    events = heard(lab, name)
    [done], [report] = records(events, "platform.runtimeDone"), records(events, "platform.report")
    assert done["status"] == report["status"] == "error"
    assert "spans" not in done


SLOW = "import time\ndef handler(event, context):\n    time.sleep(30)\n"


@pytest.mark.parametrize(
    ("code", "status", "error_type"),
    [(SLOW, "timeout", None), (CRASH, "error", "Runtime.ExitError")],
    ids=["timeout", "crash"],
)
def test_before_a_subscriber_is_told_to_end_it_hears_of_what_failed(
    lab: Lab, code: str, status: str, error_type: str | None
) -> None:
    name = lab.function(code, layers=subscriber(milliseconds=30_000), timeout=1)
    events = heard(lab, name)
    [report] = records(events, "platform.report")
    assert (report["status"], report.get("errorType")) == (status, error_type)
    lab.run(told_to_end(lab, name))
    lines = lines_of(lab, name)
    end = lines.index("told to end")
    assert [line for line in lines[:end] if '"platform.report"' in line]


def test_a_subscriber_that_does_not_answer_is_told_to_end_all_the_same(lab: Lab) -> None:
    layers = subscriber(milliseconds=30_000)
    layers["extensions/listener"] = layers["extensions/listener"].replace(
        "def do_POST(self):", "def do_POST(self):\n        time.sleep(60)"
    )
    name = lab.function(CRASH, layers=layers, timeout=1)
    assert lab.invoke(name).error["errorType"] == "Runtime.ExitError"
    lab.run(told_to_end(lab, name))


ATTEMPTS = (
    HEAD
    + """
import http.client
me = register("INVOKE", "SHUTDOWN")
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
TELEMETRY, LOGS = "/2022-07-01/telemetry", "/2020-08-15/logs"
BODY = {"schemaVersion": "2022-12-13", "types": ["platform"],
        "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:9"}}

def attempt(what, path, body=BODY, method="PUT"):
    text = body if isinstance(body, str) else json.dumps(body)
    client = http.client.HTTPConnection(host, int(port))
    client.request(method, path, text, {"Lambda-Extension-Identifier": me})
    answer = client.getresponse()
    say("attempt", json.dumps([what, answer.status, answer.read().decode().strip()]))

attempt("another method", TELEMETRY, method="POST")
attempt("another path", TELEMETRY + "foo")
attempt("no version", TELEMETRY, {**BODY, "schemaVersion": None})
attempt("no buffering", TELEMETRY, {**BODY, "buffering": 5})
attempt("deep", TELEMETRY, "[" * 50000)
attempt("no logs", LOGS, "{}")
attempt("right", TELEMETRY)
attempt("again", TELEMETRY + "/")
attempt("both", LOGS, {**BODY, "schemaVersion": "2020-08-15"})
next_event(me)
attempt("late", TELEMETRY)
attempt("late logs", LOGS)
while next_event(me)["eventType"] != "SHUTDOWN": pass
"""
)


@pytest.fixture(scope="module")
def attempts(lab: Lab) -> Outcome:
    code = "import time\ndef handler(event, context):\n    pass\n"
    return lab.invoke(lab.function(code, layers={"extensions/listener": ATTEMPTS}))


def answers(outcome: Outcome) -> dict[str, tuple[int, str]]:
    lines = [json.loads(line.removeprefix("attempt ")) for line in outcome.lines("attempt ")]
    return {what: (status, text) for what, status, text in lines}


def test_only_put_subscribes_and_only_at_the_apis_path(attempts: Outcome) -> None:
    assert answers(attempts)["another method"] == (405, "")
    assert answers(attempts)["another path"] == (404, "404 page not found")


@pytest.mark.parametrize("what", ["no version", "no buffering", "deep"])
def test_what_is_no_subscription_is_refused(attempts: Outcome, what: str) -> None:
    status, text = answers(attempts)[what]
    assert (status, json.loads(text)["errorType"]) == (400, "ValidationError")


def test_the_logs_api_has_its_own_error(attempts: Outcome) -> None:
    status, text = answers(attempts)["no logs"]
    assert (status, json.loads(text)["errorType"]) == (400, "Logs.ValidationError")


def test_subscribing_again_is_one_subscription(attempts: Outcome) -> None:
    assert answers(attempts)["right"] == answers(attempts)["again"] == (200, '"OK"')
    assert len(attempts.lines("TELEMETRY")) == 1


def test_an_extension_subscribes_through_one_of_the_apis(attempts: Outcome) -> None:
    status, text = answers(attempts)["both"]
    assert (status, json.loads(text)["errorType"]) == (400, "Logs.ValidationError")


@pytest.mark.parametrize(("what", "api"), [("late", "Telemetry"), ("late logs", "Logs")])
def test_nobody_subscribes_once_initialisation_is_over(attempts: Outcome, what: str, api: str) -> None:
    status, text = answers(attempts)[what]
    assert status == 403
    assert json.loads(text) == {
        "errorMessage": f"{api} API subscription is closed already",
        "errorType": f"{api}.SubscriptionClosed",
    }
