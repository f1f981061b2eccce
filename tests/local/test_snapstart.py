"""SnapStart: versions that are initialised when they are published, and restored by their first event."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from attrs import evolve

from lambdaform import Function, Stack
from lambdaform.facts.quotas import quotas
from lambdaform.local.errors import AwsError
from lambdaform.local.runtime_api import RuntimeApi, RuntimeEvents
from tests.local.lab import Lab, laboratory

HOOKS = """
import os
from snapshot_restore_py import register_after_restore, register_before_snapshot

said = []
print("initialised")

@register_before_snapshot
def first_registered():
    said.append("before 1")

@register_before_snapshot
def second_registered():
    said.append("before 2")
    print("snapshot")

@register_after_restore
def restored():
    said.append("after 1")
    print("restored")

register_after_restore(said.append, "after 2")

def handler(event, context):
    return said
"""


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def service(tmp_path: Path, told: list[str]) -> Iterator[Lab]:
    with laboratory(tmp_path, sandboxed=False, notice=told.append) as made:
        yield made


def translator(code: str, **properties: Any) -> Stack:
    stack = Stack("lab")
    stack.add(
        Function(
            "Translate",
            function_name="Translate",
            handler="index.handler",
            inline_code=code,
            memory_size=256,
            auto_publish_alias="live",
            snap_start="PublishedVersions",
            **{"runtime": "python3.13", **properties},
        )
    )
    return stack


def published(service: Lab, code: str, **properties: Any) -> None:
    """Deploy the function, and wait for its snapshot."""
    service.deploy(translator(code, **properties))

    async def initialised() -> None:
        await asyncio.gather(*service.service._pool._ahead._publishing.values())

    service.run(initialised())


def words(lines: list[str]) -> list[str]:
    return [re.split(r"[ \t:]", line)[0] for line in lines]


def test_a_version_is_initialised_up_to_its_snapshot_when_it_is_published(service: Lab) -> None:
    published(service, HOOKS)
    assert words([line.text for line in service.log]) == [
        "INIT_START",
        "initialised",
        "snapshot",
        "INIT_REPORT",
    ]


def test_its_first_event_restores_it_and_the_hooks_run_in_aws_s_order(service: Lab) -> None:
    published(service, HOOKS)
    outcome = service.invoke("Translate", qualifier="live")
    assert outcome.value == ["before 2", "before 1", "after 1", "after 2"]
    assert words(list(outcome.log)) == [
        "RESTORE_START",
        "restored",
        "RESTORE_REPORT",
        "START",
        "END",
        "REPORT",
    ]


def test_the_report_has_the_restoration_and_bills_it_and_has_no_init(service: Lab) -> None:
    published(service, HOOKS)
    report = service.invoke("Translate", qualifier="live").report
    restored, billed = (
        float(report[key].removesuffix(" ms")) for key in ("Restore Duration", "Billed Restore Duration")
    )
    # Durations are shown with two digits only.
    assert restored <= billed < restored + 1.01
    total = float(report["Duration"].removesuffix(" ms")) + billed
    assert total - 0.01 <= int(report["Billed Duration"].removesuffix(" ms")) < total + 1.01
    assert "Init Duration" not in report


def test_a_later_event_finds_it_restored(service: Lab) -> None:
    published(service, HOOKS)
    service.invoke("Translate", qualifier="live")
    outcome = service.invoke("Translate", qualifier="live")
    assert words(list(outcome.log)) == ["START", "END", "REPORT"]
    assert "Restore Duration" not in outcome.report


def test_the_unpublished_version_is_initialised_on_demand(service: Lab) -> None:
    published(service, "import os\ndef handler(event, context):\n    return os.environ[event]\n")
    outcome = service.invoke("Translate", "AWS_LAMBDA_INITIALIZATION_TYPE")
    assert outcome.value == "on-demand"
    assert "Init Duration" in outcome.report


def test_more_events_at_once_initialise_environments_and_restore_them(service: Lab, tmp_path: Path) -> None:
    published(
        service,
        """
        import os, pathlib, time
        def handler(event, context):
            mark = pathlib.Path(event)
            (mark / str(os.getpid())).touch()
            while not (mark / "go").exists():
                time.sleep(0.005)
            return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
        """.replace("\n        ", "\n"),
    )
    mark = tmp_path / "mark"
    mark.mkdir()

    async def two_at_once() -> list[Any]:
        events = [
            asyncio.ensure_future(service.invoking("Translate", str(mark), qualifier="live"))
            for _ in range(2)
        ]
        while len(list(mark.iterdir())) < 2:
            await asyncio.sleep(0.005)
        (mark / "go").touch()
        return [each.value for each in await asyncio.gather(*events)]

    assert service.run(two_at_once()) == ["snap-start", "snap-start"]
    assert words([line.text for line in service.log]).count("RESTORE_REPORT") == 2


def test_its_environment_has_no_log_stream_and_no_credentials_but_asks_for_them(service: Lab) -> None:
    published(
        service,
        """
import json, os, urllib.request
from pathlib import Path
def handler(event, context):
    names = sorted(name for name in os.environ if name.startswith(("AWS_LAMBDA_LOG_", "AWS_CONTAINER", "AWS_ACCESS")))
    token = os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    request = urllib.request.Request(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers={"Authorization": token})
    with urllib.request.urlopen(request) as answer:
        return [names, sorted(json.load(answer))]
""",
    )
    names, keys = service.invoke("Translate", qualifier="live").value
    assert names == [
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ]
    assert keys == ["AccessKeyId", "Expiration", "SecretAccessKey", "Token"]


def test_credentials_are_not_for_those_who_do_not_have_the_token(service: Lab) -> None:
    published(
        service,
        """
import os, urllib.error, urllib.request
def handler(event, context):
    request = urllib.request.Request(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers={"Authorization": "x"})
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        return error.code
""",
    )
    assert service.invoke("Translate", qualifier="live").value == 404


def test_boto3_finds_the_credentials(service: Lab) -> None:
    published(
        service,
        """
import boto3
def handler(event, context):
    return boto3.Session().get_credentials().method
""",
        timeout=30,
    )
    assert service.invoke("Translate", qualifier="live").value == "container-role"


def test_a_hook_that_fails_before_the_snapshot_is_told_and_answered_as_init_error(
    service: Lab, told: list[str]
) -> None:
    published(service, HOOKS.replace('said.append("before 1")', 'raise ValueError("not now")'))
    assert told[-1].startswith("Translate:1: its snapshot could not be taken.")
    report = next(line.text for line in service.log if line.text.startswith("INIT_REPORT"))
    assert report.endswith("Status: error\tError Type: Runtime.BeforeSnapshotError")
    assert service.invoke("Translate", qualifier="live").error["errorMessage"] == "not now"


def test_a_hook_that_fails_after_the_restoration_is_aws_s_error(service: Lab) -> None:
    published(service, HOOKS.replace('said.append("after 1")', 'raise ValueError("not now")'))
    with pytest.raises(AwsError) as raised:
        service.invoke("Translate", qualifier="live")
    assert (raised.value.code, raised.value.status) == ("SnapStartException", 400)
    report = next(line.text for line in service.log if line.text.startswith("RESTORE_REPORT"))
    assert report.endswith("Status: error\tError Type: Runtime.AfterRestoreError")


def test_hooks_that_take_too_long_after_the_restoration_are_aws_s_timeout(service: Lab) -> None:
    short = evolve(quotas(), snapstart_restore_seconds=0.2)  # type: ignore[arg-type]  # less than AWS ever gives
    service.service._pool._settings = evolve(service.service._settings, quotas=short)
    published(service, HOOKS.replace('said.append("after 1")', "import time; time.sleep(30)"))
    with pytest.raises(AwsError) as raised:
        service.invoke("Translate", qualifier="live")
    assert (raised.value.code, raised.value.status) == ("SnapStartTimeoutException", 408)
    report = next(line.text for line in service.log if line.text.startswith("RESTORE_REPORT"))
    assert report.endswith("Status: timeout")


def test_after_a_crash_it_is_initialised_and_restored_within_the_next_event(service: Lab) -> None:
    published(service, HOOKS.replace("return said", "return said if event else os._exit(1)"))
    service.invoke("Translate", qualifier="live")
    assert service.invoke("Translate", 1, qualifier="live").value[-1] == "after 2"


def test_a_snapshot_waits_longer_than_an_idle_environment(service: Lab) -> None:
    published(service, HOOKS)
    now = service.service.clock.now
    service.service.clock.now = lambda: now() + 3600  # type: ignore[method-assign]
    assert "Restore Duration" in service.invoke("Translate", qualifier="live").report
    assert words([line.text for line in service.log]).count("INIT_START") == 1


def test_asking_to_be_restored_out_of_turn_is_refused(service: Lab) -> None:
    code = """
import http.client, json, os
def handler(event, context):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request("GET", "/2018-06-01/runtime/restore/next")
    answer = connection.getresponse()
    return [answer.status, json.load(answer)["errorType"]]
"""
    published(service, code)
    assert service.invoke("Translate", qualifier="live").value == [403, "InvalidStateTransition"]
    assert service.invoke("Translate").value == [404, "InvalidRequest"]


@pytest.mark.parametrize("asks_first", [True, False], ids=["before the event", "after it has come"])
def test_a_runtime_that_gives_up_its_call_at_the_snapshot_is_restored_when_it_asks_again(
    asks_first: bool,
) -> None:
    asking = b"GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nHost: x\r\n\r\n"

    async def answered() -> bytes:
        events = Mock(spec=RuntimeEvents)
        api = RuntimeApi(events, snap_start=True)
        await api.start()
        host, _, port = api.address.partition(":")
        _, given_up = await asyncio.open_connection(host, int(port))
        given_up.write(asking)
        while not api.has_snapshot:
            await asyncio.sleep(0)
        given_up.close()
        while api._connections:
            await asyncio.sleep(0)
        reader, writer = await asyncio.open_connection(host, int(port))
        if not asks_first:
            api.restore()
        writer.write(asking)
        if asks_first:
            while events.on_snapshot.call_count < 2:
                await asyncio.sleep(0)
            api.restore()
        answer = await reader.readline()
        writer.close()
        api.close()
        return answer

    assert asyncio.run(asyncio.wait_for(answered(), 10)) == b"HTTP/1.1 200 OK\r\n"
