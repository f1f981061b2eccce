"""``lambdaform status``: what is in the account that earlier runs have left."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.account_folder import AccountFolder
from lambdaform.local.clock import Clock, VirtualClock, wall_time
from lambdaform.local.physical import ACCOUNT_ID
from lambdaform.local.service import LocalLambda
from lambdaform.synth.assembly import Assembly
from tests.cli.command import Run, runner

FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Code": {"ZipFile": "def handler(event, context): pass"},
        "ReservedConcurrentExecutions": 5,
    },
}
PUBLISHED = {
    "Fn": FUNCTION,
    "V": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Fn"}}},
    "Live": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "Name": "live",
            "FunctionName": {"Ref": "Fn"},
            "FunctionVersion": {"Fn::GetAtt": ["V", "Version"]},
            "RoutingConfig": {
                "AdditionalVersionWeights": [{"FunctionVersion": "$LATEST", "FunctionWeight": 0.25}]
            },
        },
    },
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capsys)


def leave(resources: dict[str, Any], region: str = "us-east-1", clock: Clock | None = None) -> None:
    """An account in the current folder, as a service leaves it."""

    async def serving() -> None:
        account = AccountFolder(Path(".lambdaform"), ACCOUNT_ID, region)
        async with LocalLambda(
            "shop",
            log=lambda _: None,
            notice=lambda _: None,
            region=region,
            account_folder=account,
            clock=clock,
        ) as service:
            service.deploy(Assembly("shop", {"Resources": resources}, "cfn", {}, {}))
        account.close()

    asyncio.run(serving())


def test_functions_are_told_with_their_versions_and_aliases(run: Run) -> None:
    leave(PUBLISHED)
    lines = [line.strip() for line in run("status").out.splitlines()]
    assert lines[0] == "Account 123456789012, us-east-1"
    assert lines[1].split("  ") == ["shop-Fn", "python3.13", "128 MB", "3 s", "Active"]
    assert lines[2:] == [
        "version 1",
        "alias live → 1 (0.75), $LATEST (0.25)",
        "reserved concurrency 5",
        "stack shop: 3 resources",
    ]


def test_all_of_it_is_there_as_json(run: Run) -> None:
    leave(PUBLISHED)
    [account] = json.loads(run("status", "--json").out)
    [function] = account["functions"]
    assert (function["name"], function["stack"], function["logical_id"]) == ("shop-Fn", "shop", "Fn")
    assert function["aliases"] == {"live": {"1": 0.75, "$LATEST": 0.25}}


def test_each_region_is_an_account_and_one_may_be_asked_for(run: Run) -> None:
    leave({}, "us-east-1")
    leave({"Fn": FUNCTION}, "eu-west-1")
    assert "us-east-1" in run("status").out
    assert "us-east-1" not in run("status", "--region", "eu-west-1").out


def test_the_account_of_a_run_that_goes_on_is_told_too(run: Run) -> None:
    async def serving() -> str:
        account = AccountFolder(Path(".lambdaform"), ACCOUNT_ID, "us-east-1")
        async with LocalLambda(
            "shop", log=lambda _: None, notice=lambda _: None, account_folder=account
        ) as service:
            service.deploy(Assembly("shop", {"Resources": {"Fn": FUNCTION}}, "cfn", {}, {}))
            told = run("status").out
        account.close()
        return told

    assert "shop-Fn" in asyncio.run(serving())


def test_what_a_run_with_a_faster_clock_has_made_is_not_pending(run: Run) -> None:
    leave({"Fn": FUNCTION}, clock=VirtualClock(wall_time() + 86_400))
    [function] = json.loads(run("status", "--json").out)[0]["functions"]
    assert function["state"] == "Active"


def test_without_an_account_that_is_said(run: Run) -> None:
    done = run("status")
    assert done.code == 2
    assert "There is no account in .lambdaform yet. lambdaform run makes one." in done.err


def test_a_region_without_an_account_is_said(run: Run) -> None:
    leave({})
    done = run("status", "--region", "eu-west-9")
    assert done.code == 2
    assert "There is one of us-east-1." in done.err


@pytest.mark.parametrize("content", [b"no database, but long enough to be looked at" * 30, b""])
def test_a_file_that_is_no_account_is_said(run: Run, content: bytes) -> None:
    leave({"Fn": FUNCTION})
    for file in Path(".lambdaform/account/123456789012/us-east-1").glob("records.sqlite3*"):
        file.unlink()
    Path(".lambdaform/account/123456789012/us-east-1/records.sqlite3").write_bytes(content)
    done = run("status")
    assert done.code == 2
    assert "cannot be read" in done.err
    assert "--fresh" in done.err


def test_two_services_do_not_share_an_account(tmp_path: Path, run: Run) -> None:
    account = AccountFolder(tmp_path / ".lambdaform", ACCOUNT_ID, "us-east-1")
    done = run("run", "--port", "0")
    assert done.code == 2
    assert "Another lambdaform run serves the account" in done.err
    assert "--state FOLDER" in done.err
    account.close()


def test_a_fresh_account_has_nothing_of_earlier_runs(tmp_path: Path, run: Run) -> None:
    leave({"Fn": FUNCTION})
    account = AccountFolder(tmp_path / ".lambdaform", ACCOUNT_ID, "us-east-1")
    account.clear()
    account.close()
    assert run("status").code == 2
