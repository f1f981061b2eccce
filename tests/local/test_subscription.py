"""What is a subscription to telemetry, and the form of events for each API and version of its schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdaform.local import platform_events
from lambdaform.local.logs import Spent
from lambdaform.local.platform_events import PlatformEvent
from lambdaform.local.runtime_version import RuntimeVersion
from lambdaform.local.subscription import (
    APIS,
    LOGS,
    TELEMETRY,
    InvalidSubscription,
    Subscription,
    line_as_object,
    read,
)

TIME = "2026-11-24T12:00:00.000Z"
TRACE = "Root=1-692cc535-0338d3516cb745b7b41f878e;Parent=0efbd19962d95b05;Sampled=1"
RIGHT: dict[str, Any] = {
    "schemaVersion": "2022-12-13",
    "types": ["platform", "function"],
    "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080/logs"},
}


def asked(**changes: Any) -> bytes:
    return json.dumps({**RIGHT, **changes}).encode()


def to(uri: Any, protocol: Any = "HTTP") -> bytes:
    return asked(destination={"protocol": protocol, "URI": uri})


def test_what_is_not_given_is_as_documented() -> None:
    wanted = read(TELEMETRY, asked(buffering=None))
    assert (wanted.max_items, wanted.max_bytes, wanted.timeout) == (10_000, 262_144, 1.0)
    assert (wanted.port, wanted.path) == (8080, "/logs")


def test_a_tcp_port_may_stand_by_itself() -> None:
    assert read(TELEMETRY, asked(destination={"protocol": "TCP", "port": 9000})).port == 9000
    assert read(TELEMETRY, to("tcp://sandbox.localdomain:9000", "TCP")).port == 9000


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"[" * 100_000, "The body must be a JSON object"),
        (b"[1]", "The body must be a JSON object"),
        (b"\xff", "The body must be a JSON object"),
        (
            b"{}",
            "types should not be empty; schemaVersion must be one of 2025-01-29, 2022-12-13, 2022-07-01; ",
        ),
        (asked(types=[["platform"]]), "types must be some of platform, function, extension"),
        (asked(types=[]), "types should not be empty"),
        (asked(schemaVersion=None), "schemaVersion must be one of 2025-01-29, 2022-12-13, 2022-07-01"),
        (
            asked(schemaVersion="2020-08-15"),
            "schemaVersion must be one of 2025-01-29, 2022-12-13, 2022-07-01",
        ),
        (asked(schemaVersion=[]), "schemaVersion must be one of 2025-01-29, 2022-12-13, 2022-07-01"),
        (asked(buffering=5), "buffering must be an object"),
        (asked(buffering={"maxItems": 1}), "buffering.maxItems must be from 1000 to 10000"),
        (asked(buffering={"timeoutMs": True}), "buffering.timeoutMs must be from 25 to 30000"),
        (asked(destination=[]), "destination.protocol must be HTTP or TCP"),
        (to("http://sandbox.localdomain:8080", ["HTTP"]), "destination.protocol must be HTTP or TCP"),
        (to("http://sandbox.localdomain"), "URI port is not provided"),
        (to("http://sandbox.localdomain:0"), "URI port is not provided"),
        (to("http://sandbox.localdomain:9001"), "port 9001 is Lambda's own"),
        (to("https://sandbox.localdomain:8080"), "destination.URI must begin with http://"),
        (to("http://sandbox.localdomain:8080", "TCP"), "destination.URI must begin with tcp://"),
        (to("http://example.com:80"), "destination.URI must name sandbox.localdomain"),
        (to("http://sandbox.localdomain:99999"), "destination.URI must be an address such as "),
        (
            to("http://sandbox.localdomain:8080/\ud800"),
            "destination.URI must be of printable characters of ASCII",
        ),
        (to(5), "destination.URI must be an address such as "),
        (to([5]), "destination.URI must be an address such as "),
    ],
)
def test_what_is_wrong_is_said(body: bytes, sentence: str) -> None:
    with pytest.raises(InvalidSubscription) as caught:
        read(TELEMETRY, body)
    assert str(caught.value).startswith(sentence)


def test_the_logs_api_needs_no_version_of_its_schema() -> None:
    assert APIS["/2020-08-15/logs"] is LOGS
    assert read(LOGS, asked(schemaVersion=None)).schema == "2020-08-15"
    with pytest.raises(InvalidSubscription, match="schemaVersion must be one of 2021-03-18, 2020-08-15"):
        read(LOGS, asked(schemaVersion="2022-12-13"))


def logs(schema: str = "2021-03-18") -> Subscription:
    return read(LOGS, asked(schemaVersion=schema))


def told(wants: Subscription, event: PlatformEvent) -> dict[str, Any] | None:
    data = wants.form(event, TIME)
    return None if data is None else json.loads(data)


START = platform_events.start("1", "$LATEST", TRACE)
DONE = platform_events.runtime_done("1", "error", "Runtime.ExitError", 5, 0, TRACE)
END = platform_events.end("1")
FAULT = platform_events.fault("1", "Runtime.ExitError", None)
REPORT = platform_events.report("1", Spent(5, 5, 128, 30), "success", None, trace_id=TRACE, text="")
INIT = platform_events.init_start(
    RuntimeVersion.of("python3.13", "aws", "us-east-1"), "one", "$LATEST", "on-demand", "init", 128
)
INIT_REPORT = platform_events.init_report("on-demand", "init", "success", None, 731.79)
SUBSCRIBED = platform_events.telemetry_subscription("one", ["platform"])
LOGS_SUBSCRIBED = platform_events.logs_subscription("one", ["platform"])


@pytest.mark.parametrize("event", [END, FAULT, LOGS_SUBSCRIBED])
def test_what_only_the_logs_api_has_is_not_telemetry(event: PlatformEvent) -> None:
    assert told(read(TELEMETRY, asked()), event) is None
    assert told(logs(), event) is not None


@pytest.mark.parametrize("event", [INIT, SUBSCRIBED])
def test_what_only_the_telemetry_api_has_is_not_in_logs(event: PlatformEvent) -> None:
    assert told(read(TELEMETRY, asked()), event) is not None
    assert told(logs(), event) is None


def test_the_logs_api_tells_less_of_an_event() -> None:
    metrics = {"durationMs": 5, "billedDurationMs": 5, "memorySizeMB": 128, "maxMemoryUsedMB": 30}
    assert told(logs(), START) == {
        "time": TIME,
        "type": "platform.start",
        "record": {"requestId": "1", "version": "$LATEST"},
    }
    assert told(logs(), REPORT) == {
        "time": TIME,
        "type": "platform.report",
        "record": {"requestId": "1", "metrics": metrics},
    }
    assert told(logs(), FAULT) == {
        "time": TIME,
        "type": "platform.fault",
        "record": "RequestId: 1 Status: error\tErrorType: Runtime.ExitError",
    }
    assert told(logs(), INIT_REPORT) == {
        "time": TIME,
        "type": "platform.initReport",
        "record": {
            "initializationType": "on-demand",
            "metrics": {"durationMs": 731.79, "billedDurationMs": 732},
        },
    }


def test_that_the_runtime_is_done_is_in_the_logs_api_since_its_second_schema() -> None:
    assert told(logs("2020-08-15"), DONE) is None
    assert told(logs("2021-03-18"), DONE) == {
        "time": TIME,
        "type": "platform.runtimeDone",
        "record": {"requestId": "1", "status": "failure"},
    }


@pytest.mark.parametrize("event", [END, FAULT])
def test_what_only_the_logs_api_has_is_in_no_log_in_json(event: PlatformEvent) -> None:
    assert event.line("JSON", "DEBUG", TIME) is None


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ('{"level": "INFO", "n": 1.0}', {"level": "INFO", "n": 1.0}),
        ('{\n  "a": "b\\n"\n}', {"a": "b\n"}),
        ("[1]", "[1]"),
        ('{"a": NaN}', '{"a": NaN}'),
        ('{"a": 1} more', '{"a": 1} more'),
        ('{"a":' * 100_000, '{"a":' * 100_000),
        ("plain", "plain"),
    ],
)
def test_a_line_that_is_an_object_comes_as_one(line: str, record: Any) -> None:
    data = line_as_object("function", line, TIME)
    assert json.loads(data) == {"time": TIME, "type": "function", "record": record}
    assert b"\n" not in data


def test_objects_came_with_the_second_schema() -> None:
    schemas = {each: read(TELEMETRY, asked(schemaVersion=each)).takes_objects for each in TELEMETRY.schemas}
    assert schemas == {"2025-01-29": True, "2022-12-13": True, "2022-07-01": False}
    assert not logs().takes_objects
