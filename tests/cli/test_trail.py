"""``lambdaform trail``: which calls it shows, and what it says where there are none."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from lambdaform.local.trail import FILE, Trail
from tests.cli.command import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capsys)


def keep(name: str, function: str, *, age: float = 1, **more: str) -> None:
    """Keep a record of so many seconds ago."""
    record = {
        "userIdentity": {"arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"},
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age)),
        "eventName": name,
        "requestParameters": {"functionName": function},
        **more,
    }

    async def put() -> None:
        trail = Trail(FILE, lambda text: pytest.fail(text))
        trail.put(lambda: record)
        trail.flush()

    asyncio.run(put())


def test_a_call_is_a_line(run: Run) -> None:
    keep("CreateFunction20150331", "shop")
    keep(
        "GetFunction20150331v2",
        "shop",
        errorCode="ResourceNotFoundException",
        errorMessage="Function not found: x",
    )
    first, second = run("trail").out.splitlines()
    assert first.split(" ", 1)[1] == "CreateFunction20150331 shop by root"
    assert second.split(" ", 1)[1] == (
        "GetFunction20150331v2 shop by root: ResourceNotFoundException: Function not found: x"
    )


def test_calls_are_chosen_by_operation_resource_and_age(run: Run) -> None:
    keep("CreateFunction20150331", "shop", age=7200)
    keep("CreateFunction20150331", "other")
    keep("DeleteFunction20150331", "shop")
    assert len(run("trail", "--since", "1d").out.splitlines()) == 3
    assert len(run("trail").out.splitlines()) == 2
    assert " other " in run("trail", "--event-name", "CreateFunction").out
    assert "DeleteFunction" in run("trail", "--resource", "shop").out


def test_json_gives_whole_records(run: Run) -> None:
    keep("CreateFunction20150331", "shop")
    [line] = run("trail", "--json").out.splitlines()
    assert json.loads(line)["requestParameters"] == {"functionName": "shop"}


def test_where_nothing_was_called_that_is_said(run: Run) -> None:
    outcome = run("trail")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "Error: No call has been recorded in this folder yet. lambdaform run does it.\n"


def test_where_nothing_is_found_that_is_said(run: Run) -> None:
    keep("CreateFunction20150331", "shop")
    outcome = run("trail", "--resource", "nowhere")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "No call matches.\n")


def test_where_a_name_is_nearly_right_the_nearest_is_proposed(run: Run) -> None:
    keep("CreateFunction20150331", "arn:aws:lambda:us-east-1:123456789012:function:shop-Price")
    said = run("trail", "--event-name", "CreateFuncton", "--resource", "shop-Prise").err
    assert said == "No call matches. Did you mean 'CreateFunction'? Did you mean 'shop-Price'?\n"
