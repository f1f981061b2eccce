"""An account that is opened again: what an earlier run, whose clock was faster, has left under way in it is through."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.account_folder import AccountFolder
from lambdaform.local.clock import WallClock, utc_text, wall_time
from lambdaform.local.control.settling import last_moment, settle
from lambdaform.local.front import Request
from lambdaform.local.physical import ACCOUNT_ID
from lambdaform.local.service import LocalLambda
from tests.local.control.planes import START, Bench, bench, function, zipped
from tests.local.lab import HERE

DAY = 86_400.0
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"


@pytest.fixture
def ahead(tmp_path: Path) -> Bench:
    """The account of a run whose clock is a day ahead of that of the next one, with an update in progress."""
    before = bench(tmp_path, file=tmp_path / "records.sqlite3")
    before.clock.forward(DAY)
    before.make()
    before.ask("PublishVersion", FunctionName="checkout")
    before.ask(
        "PutProvisionedConcurrencyConfig",
        FunctionName="checkout",
        Qualifier="1",
        ProvisionedConcurrentExecutions=1,
    )
    before.ask("PutFunctionEventInvokeConfig", FunctionName="checkout", MaximumRetryAttempts=1)
    before.ask("CreateFunctionUrlConfig", FunctionName="checkout", AuthType="NONE")
    before.ask("PublishLayerVersion", LayerName="shared", Content={"ZipFile": zipped("")})
    before.ask("CreateEventSourceMapping", FunctionName="checkout", EventSourceArn=QUEUE)
    before.ask("UpdateFunctionConfiguration", FunctionName="checkout", Timeout=9)
    before.ask("CreateFunction", **function("fresh"))
    before.state.store.close()
    return before


def opened(folder: Path) -> Bench:
    """The account as the next run has it."""
    after = bench(folder, file=folder / "records.sqlite3")
    settle(after.state.store, after.clock.now())
    return after


def test_updates_of_an_earlier_run_are_through(ahead: Bench, tmp_path: Path) -> None:
    told = opened(tmp_path).ask("GetFunctionConfiguration", FunctionName="checkout")
    assert (told["State"], told["LastUpdateStatus"], told["Timeout"]) == ("Active", "Successful", 9)
    assert told["LastModified"] == "2026-11-26T00:00:00.000+0000"


def test_functions_of_an_earlier_run_can_be_edited_at_once(ahead: Bench, tmp_path: Path) -> None:
    after = opened(tmp_path)
    for name in ("checkout", "fresh"):
        assert after.ask("UpdateFunctionConfiguration", FunctionName=name, Timeout=5)["Timeout"] == 5


def test_mappings_of_an_earlier_run_are_no_longer_in_transition(ahead: Bench, tmp_path: Path) -> None:
    [mapping] = opened(tmp_path).ask("ListEventSourceMappings")["EventSourceMappings"]
    assert mapping["State"] == "Enabled"


def test_no_moment_of_an_account_lies_ahead_once_it_is_opened(ahead: Bench, tmp_path: Path) -> None:
    assert last_moment(ahead.state.store) > START + DAY
    after = opened(tmp_path)
    assert last_moment(after.state.store) == START
    after.state.store.close()
    # And that is what the file has.
    again = bench(tmp_path, file=tmp_path / "records.sqlite3")
    assert len(again.state.store.tables) > 5
    assert last_moment(again.state.store) == START


def test_moments_that_are_past_stay(tmp_path: Path) -> None:
    before = bench(tmp_path, file=tmp_path / "records.sqlite3")
    before.make()
    before.state.store.close()
    after = bench(tmp_path, file=tmp_path / "records.sqlite3")
    settle(after.state.store, START + DAY)
    assert dict(after.state.versions) == dict(before.state.versions)


def test_after_a_run_with_a_faster_clock_the_newest_code_runs(tmp_path: Path) -> None:
    members = {"Runtime": HERE, "Code": {"ZipFile": zipped("def handler(event, context): return 'old'")}}

    async def run(clock: WallClock, *calls: tuple[str, dict[str, Any]]) -> tuple[Any, bytes]:
        account = AccountFolder(tmp_path, ACCOUNT_ID, "us-east-1")
        async with LocalLambda(
            "",
            log=lambda _: None,
            notice=lambda _: None,
            clock=clock,
            state_folder=tmp_path,
            account_folder=account,
            sandboxed=False,
        ) as service:
            for operation, given in calls:
                await service.control.call(operation, {"FunctionName": "checkout", **given})
                # No update may still be in progress at the next call.
                await service.clock.sleep_until(service.clock.now() + 1)
            told = await service.control.call("GetFunctionConfiguration", {"FunctionName": "checkout"})
            answer = await service.invoke(Request(function_name="checkout", payload=b"{}"))
        account.close()
        return told, answer.payload

    newer = zipped("def handler(event, context): return 'new'")
    code = ("UpdateFunctionCode", {"ZipFile": newer})
    asyncio.run(run(WallClock(1e6), ("CreateFunction", function(**members)), code))
    told, answer = asyncio.run(run(WallClock()))
    assert answer == b'"new"'
    assert told["LastUpdateStatus"] == "Successful"
    assert told["LastModified"][:23] <= utc_text(wall_time())[:23]
