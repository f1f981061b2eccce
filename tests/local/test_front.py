"""Invoke: which payloads and names are taken, which version answers, how many run at once."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from attrs import evolve

from lambdaform.errors import LocalError
from lambdaform.local.bucket import Bucket
from lambdaform.local.control.functions import Alias
from lambdaform.local.environment import ExecutionEnvironment
from lambdaform.local.errors import AwsError
from lambdaform.local.front import Request
from tests.local.lab import Lab, laboratory

ECHO = "def handler(event, context):\n    return event\n"
WHO = """
    import os
    def handler(event, context):
        return [context.function_version, context.invoked_function_arn.rpartition(":")[2]]
"""
#: Waits for a file to appear, so that tests decide when it ends.
HOLD = """
    import os, pathlib, time
    def handler(event, context):
        mark = pathlib.Path(event["folder"])
        (mark / ("started-%s" % os.getpid())).touch()
        while not (mark / "go").exists():
            time.sleep(0.005)
        return os.getpid()
"""

#: A runtime that asks for its next event only once a file is there, whose path is the event.
DAWDLING = f"""#!{sys.executable}
import http.client, os, pathlib, time
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
def call(method, path, body=None):
    api.request(method, "/2018-06-01/runtime/invocation/" + path, body)
    answer = api.getresponse()
    return answer.headers["Lambda-Runtime-Aws-Request-Id"], answer.read()
while True:
    request_id, event = call("GET", "next")
    call("POST", request_id + "/response", event)
    while not pathlib.Path(event.decode().strip('"')).exists():
        time.sleep(0.002)
"""


@pytest.fixture
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A service that holds two environments at most."""
    with laboratory(tmp_path_factory.mktemp("small"), sandboxed=False, max_environments=2) as made:
        yield made


def refused(lab: Lab, name: str, payload: bytes = b"{}", **request: Any) -> AwsError:
    with pytest.raises(AwsError) as raised:
        lab.invoke(name, payload, **request)
    return raised.value


def test_a_dry_run_is_answered_with_204_and_runs_nothing(lab: Lab) -> None:
    outcome = lab.invoke(lab.function(ECHO), invocation_type="DryRun")
    assert (outcome.response.status, outcome.response.payload, outcome.log) == (204, b"", ())


def test_a_dry_run_of_what_is_not_there_is_refused(lab: Lab) -> None:
    assert refused(lab, "Nowhere", invocation_type="DryRun").status == 404


def test_no_payload_is_an_empty_event(lab: Lab) -> None:
    assert lab.invoke(lab.function(ECHO), b"").value == {}


@pytest.mark.parametrize("payload", [b"null", b"0", b'"x"', b"[]", b' {"a": 1} ', b'"\\ud83d\\ude00"'])
def test_any_json_value_is_an_event(lab: Lab, payload: bytes) -> None:
    assert lab.invoke(_echo(lab), payload).value == json.loads(payload)


@pytest.mark.parametrize(
    "payload",
    [
        b"{",
        b"{'a': 1}",
        b"NaN",
        b'{"a": Infinity}',
        b"[1,]",
        b"\xff",
        '{"a": 1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a": 1} x',
    ],
    ids=lambda payload: repr(payload[:20]),
)
def test_a_payload_that_is_no_json_in_utf8_is_refused(lab: Lab, payload: bytes) -> None:
    error = refused(lab, _echo(lab), payload)
    assert (error.code, error.status) == ("InvalidRequestContentException", 400)
    assert error.message.startswith(
        "Could not parse request body into json: Could not parse payload into json: "
    )


SOURCE = "Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        # As recorded from AWS.
        (
            b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt",
            f"Invalid UTF-8 start byte 0x87\n at [{SOURCE}; line: 1, column: 3]",
        ),
        (
            b"\x99\xeb,j\x07\xa1zYh",
            "Unexpected character ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, "
            f"Object or token 'null', 'true' or 'false')\n at [{SOURCE}; line: 1, column: 1]",
        ),
        (b'{"a":\n"\xff"}', f"Invalid UTF-8 start byte 0xff\n at [{SOURCE}; line: 2, column: 3]"),
    ],
)
def test_a_payload_that_is_no_utf8_is_refused_in_awss_words(lab: Lab, payload: bytes, words: str) -> None:
    assert refused(lab, _echo(lab), payload).message == (
        f"Could not parse request body into json: Could not parse payload into json: {words}"
    )


def test_a_payload_of_6_mb_is_carried(lab: Lab) -> None:
    payload = b'"' + b"x" * (6 * 1024 * 1024 - 2) + b'"'
    name = lab.function("def handler(event, context):\n    return len(event)\n")
    assert lab.invoke(name, payload).value == len(payload) - 2


def test_a_payload_over_6_mb_is_refused(lab: Lab) -> None:
    error = refused(lab, _echo(lab), b'"' + b"x" * (6 * 1024 * 1024 - 1) + b'"')
    assert (error.code, error.status) == ("RequestTooLargeException", 413)
    assert str(6 * 1024 * 1024) in error.message


def test_an_event_over_1_mb_is_refused(lab: Lab) -> None:
    error = refused(lab, _echo(lab), b'"' + b"x" * (1 << 20) + b'"', invocation_type="Event")
    assert (error.code, error.status) == ("RequestTooLargeException", 413)


def test_a_client_context_that_is_no_json_is_refused(lab: Lab) -> None:
    assert refused(lab, _echo(lab), client_context="{").code == "InvalidRequestContentException"


def test_a_client_context_over_several_lines_arrives_whole(lab: Lab) -> None:
    name = lab.function("def handler(event, context):\n    return context.client_context.custom\n")
    assert lab.invoke(name, client_context='{\r\n "custom": {"a": "\\u2603"}\n}').value == {"a": "☃"}


def test_an_alias_runs_its_version_and_the_context_names_the_alias(lab: Lab) -> None:
    name = _with_version(lab, live=Alias("live", "1"))
    assert lab.invoke(name, qualifier="live").value == ["1", "live"]
    assert lab.invoke(f"{name}:live").value == ["1", "live"]
    assert lab.invoke(name).value == ["$LATEST", name]


def test_the_answer_says_which_version_ran(lab: Lab) -> None:
    name = _with_version(lab, live=Alias("live", "1"))
    assert lab.invoke(name, qualifier="live").response.executed_version == "1"


def test_an_alias_with_weights_runs_both_versions(lab: Lab) -> None:
    name = _with_version(lab, live=Alias("live", "1", {"$LATEST": 0.5}))
    versions = {lab.invoke(name, qualifier="live").value[0] for _ in range(20)}
    assert versions == {"1", "$LATEST"}


def test_an_event_for_an_alias_runs_the_aliass_version(lab: Lab) -> None:
    name = _with_version(lab, live=Alias("live", "1"))

    async def accepted() -> list[str]:
        before = len(lab.log)
        await lab.service.invoke(
            Request(function_name=f"{name}:live", payload=b"{}", invocation_type="Event")
        )
        while len(lab.service.queue):
            await asyncio.sleep(0.002)
        return [line.text for line in lab.log[before:] if line.text.startswith("START")]

    [start] = lab.run(accepted())
    assert start.endswith("Version: 1")


def test_a_function_that_cannot_run_here_says_why(lab: Lab) -> None:
    name = lab.function(ECHO, refusal="It is a container image.")
    error = refused(lab, name)
    assert (error.status, error.message) == (400, "It is a container image.")


def test_a_runtime_that_is_not_here_is_an_error_of_this_machine(lab: Lab) -> None:
    with pytest.raises(LocalError, match="dotnet8"):
        lab.invoke(lab.function(ECHO, runtime="dotnet8"))


def test_after_a_runtime_that_is_not_here_nothing_is_counted_as_in_flight(lab: Lab) -> None:
    name = lab.function(ECHO, runtime="dotnet8")
    lab.service._concurrency.reserve({name: 1})
    for _ in range(2):
        with pytest.raises(LocalError):
            lab.invoke(name)


def _dawdling(lab: Lab) -> tuple[Path, Request]:
    """The file that lets a runtime go on whose function reserves 1, and an event for it."""
    name = lab.function({"bootstrap": DAWDLING}, runtime="provided.al2023")
    lab.service._concurrency.reserve({name: 1})
    go_on = lab.folder / f"go-on-{name}"
    return go_on, Request(function_name=name, payload=json.dumps(str(go_on)).encode())


def test_an_environment_is_in_use_until_its_runtime_asks_for_the_next_event(open_lab: Lab) -> None:
    go_on, request = _dawdling(open_lab)

    async def called_twice() -> AwsError:
        assert (await open_lab.service.invoke(request)).status == 200
        with pytest.raises(AwsError) as raised:
            await open_lab.service.invoke(request)
        go_on.touch()
        return raised.value

    assert open_lab.run(called_twice()).extra == {
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"
    }


def test_who_calls_again_at_once_finds_room_as_soon_as_the_runtime_has_asked(
    open_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As long as it takes on a busy machine, where a moment is meant.
    monkeypatch.setattr("lambdaform.local.front.MOMENT", 30.0)
    go_on, request = _dawdling(open_lab)

    async def called_twice() -> tuple[bool, int]:
        await open_lab.service.invoke(request)
        second = asyncio.ensure_future(open_lab.service.invoke(request))
        await asyncio.sleep(0)
        waits = not second.done()
        go_on.touch()
        return waits, (await second).status

    assert open_lab.run(called_twice()) == (True, 200)


def test_an_event_that_waited_for_room_and_cannot_be_started_runs_once(tmp_path: Path) -> None:
    with laboratory(tmp_path, account_concurrency=1, sandboxed=False) as lab:
        busy = lab.function({"bootstrap": DAWDLING}, runtime="provided.al2023")
        first = Request(function_name=busy, payload=json.dumps(str(tmp_path)).encode())
        name = lab.function({"nothing": ""}, runtime="provided.al2023")
        # Its environment is broken now, and fails again before anything else can happen.
        lab.invoke(name)

        async def at_once() -> int:
            told: list[Any] = []
            ended = asyncio.Event()

            def answered(response: Any) -> None:
                told.append(response)
                ended.set()

            def begin(_first: Any) -> None:
                lab.service.front.begin(Request(function_name=name), answered)

            lab.service.front.begin(first, begin)
            await ended.wait()
            # It is over for all who could begin it again.
            await lab.service.invoke(Request(function_name=name))
            return len(told)

        before = len(lab.log)
        assert lab.run(at_once()) == 1
        starts = [
            each for each in lab.log[before:] if each.text.startswith("START") and each.function_name == name
        ]
        assert len(starts) == 2


def test_what_comes_faster_than_the_function_may_scale_is_refused(open_lab: Lab) -> None:
    name = open_lab.function(HOLD)
    open_lab.service._scaling._buckets[name] = Bucket.full(1, 0.0, open_lab.service.clock.now())
    folder = open_lab.folder / f"mark-{name}"
    folder.mkdir()

    async def second_while_the_first_runs() -> AwsError:
        first = asyncio.ensure_future(open_lab.invoking(name, {"folder": str(folder)}))
        while not list(folder.glob("started-*")):
            await asyncio.sleep(0.005)
        with pytest.raises(AwsError) as raised:
            await open_lab.invoking(name)
        (folder / "go").touch()
        await first
        await open_lab.invoking(name, {"folder": str(folder)})
        return raised.value

    error = open_lab.run(second_while_the_first_runs())
    assert (error.status, error.extra) == (429, {"Reason": "ConcurrentInvocationLimitExceeded"})


def test_several_events_at_once_run_in_several_environments(open_lab: Lab) -> None:
    name = open_lab.function(HOLD)
    assert len(set(_at_once(open_lab, name, 3))) == 3


def test_an_environment_is_used_again_by_the_next_event(open_lab: Lab) -> None:
    name = open_lab.function(HOLD)
    first = set(_at_once(open_lab, name, 2))
    assert set(_at_once(open_lab, name, 2)) == first


def test_a_reservation_of_1_lets_one_event_in_and_refuses_the_second(open_lab: Lab) -> None:
    name = open_lab.function(HOLD)
    open_lab.service._concurrency.reserve({name: 1})
    folder = open_lab.folder / f"mark-{name}"
    folder.mkdir()

    async def second_while_the_first_runs() -> AwsError:
        first = asyncio.ensure_future(open_lab.invoking(name, {"folder": str(folder)}))
        while not list(folder.glob("started-*")):
            await asyncio.sleep(0.005)
        with pytest.raises(AwsError) as raised:
            await open_lab.invoking(name)
        (folder / "go").touch()
        await first
        return raised.value

    error = open_lab.run(second_while_the_first_runs())
    assert (error.status, error.extra) == (
        429,
        {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"},
    )
    assert open_lab.invoke(name, {"folder": str(folder)}).response.status == 200


def test_events_beyond_this_machines_environments_wait_for_one(small: Lab) -> None:
    assert len(set(_at_once(small, small.function(HOLD), 4, started=2))) == 2


def test_that_events_wait_for_this_machine_is_said_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    told: list[str] = []
    with laboratory(
        tmp_path_factory.mktemp("told"), sandboxed=False, max_environments=1, notice=told.append
    ) as lab:
        name = lab.function(HOLD)
        for _ in range(2):
            _at_once(lab, name, 3, started=1)
    assert told == ["All environments are busy: further events wait. (--max-environments 1)"]


def test_events_that_wait_come_in_the_order_in_which_they_were_sent(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with laboratory(tmp_path_factory.mktemp("order"), sandboxed=False, max_environments=1) as lab:
        name = lab.function(
            "seen = []\ndef handler(event, context):\n    seen.append(event)\n    return seen\n"
        )

        async def many() -> list[Any]:
            return [
                each.value
                for each in await asyncio.gather(*(lab.invoking(name, number) for number in range(6)))
            ]

        assert lab.run(many())[-1] == list(range(6))


def test_an_idle_environment_makes_room_for_another_function(small: Lab) -> None:
    first, second, third = (small.function(ECHO) for _ in range(3))
    for name in (first, second, third, first):
        assert small.invoke(name, 1).value == 1


def test_a_busy_service_ends_without_leaving_anybody_waiting(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with laboratory(tmp_path_factory.mktemp("busy"), sandboxed=False, max_environments=1) as busy:
        name = busy.function(HOLD)
        folder = busy.folder / "mark"
        folder.mkdir()

        async def closed_in_between() -> list[object]:
            calls = [asyncio.ensure_future(busy.invoking(name, {"folder": str(folder)})) for _ in range(3)]
            while not list(folder.glob("started-*")):
                await asyncio.sleep(0.005)
            await busy.service.close()
            return list(await asyncio.gather(*calls, return_exceptions=True))

        results = busy.run(closed_in_between(), seconds=20)
    assert len(results) == 3


def test_an_environment_that_cannot_take_its_event_is_ended_and_keeps_no_place(
    small: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = small.function(ECHO)
    with monkeypatch.context() as broken:
        broken.setattr(ExecutionEnvironment, "run", Mock(side_effect=RuntimeError("no way")))
        for _ in range(3):
            with pytest.raises(RuntimeError, match="no way"):
                small.invoke(name)
    assert len(small.service._pool) == 0
    assert small.invoke(name, 1).value == 1


def test_a_seed_repeats_the_request_ids(tmp_path_factory: pytest.TempPathFactory) -> None:
    ids = []
    for number in (1, 2):
        with laboratory(tmp_path_factory.mktemp(f"seed{number}"), sandboxed=False, seed=5) as made:
            ids.append([made.service.front.new_id() for _ in range(3)])
    assert ids[0] == ids[1]


def _echo(lab: Lab) -> str:
    """One function for many payloads."""
    for function in lab.service.functions:
        if function.logical_id == "Echo":
            return function.name
    name = lab.function(ECHO)
    made = lab.service.functions.find(name)
    assert made is not None
    made.logical_id = "Echo"
    return name


def _with_version(lab: Lab, **aliases: Alias) -> str:
    name = lab.function(WHO)
    function = lab.service.functions.find(name)
    assert function is not None
    function.versions["1"] = evolve(function.versions["$LATEST"], version="1")
    function.aliases.update(aliases)
    return name


def _at_once(lab: Lab, name: str, count: int, *, started: int | None = None) -> list[int]:
    """The process ids that answered events which all ran at the same time, as far as there was room."""
    folder = lab.folder / f"mark-{name}-{len(list(lab.folder.iterdir()))}"
    folder.mkdir()

    async def work() -> list[int]:
        calls = [asyncio.ensure_future(lab.invoking(name, {"folder": str(folder)})) for _ in range(count)]
        while len(list(folder.glob("started-*"))) < (started or count):
            await asyncio.sleep(0.005)
        (folder / "go").touch()
        return [outcome.value for outcome in await asyncio.gather(*calls)]

    return lab.run(work())
