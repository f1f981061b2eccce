"""Provisioned concurrency: environments that are initialised before any event comes, and kept so."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lambdaform import DefinitionError, Function, Runtime, Stack
from lambdaform.local.account_folder import AccountFolder
from lambdaform.local.control.allocation import AllocationStatus
from lambdaform.local.environment import ExecutionEnvironment, State
from lambdaform.local.errors import AwsError
from lambdaform.local.physical import ACCOUNT_ID
from lambdaform.local.session import Session, Source
from lambdaform.synth.assembly import assemble, expand
from tests.local.lab import HERE, Lab, ends, laboratory

#: Says how its environment was initialised, and waits for a file where the event names one.
WHO = """
import os, pathlib, tempfile, time
left = pathlib.Path(tempfile.gettempdir(), "left")
kind = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
def handler(event, context):
    if event == "exit":
        left.touch()
        os._exit(1)
    if event:
        mark = pathlib.Path(event)
        (mark / ("started-%s" % os.getpid())).touch()
        while not (mark / "go").exists():
            time.sleep(0.005)
    return [kind, os.getpid(), left.exists()]
"""


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def service(tmp_path: Path, told: list[str]) -> Iterator[Lab]:
    with laboratory(tmp_path, sandboxed=False, max_environments=8, notice=told.append) as made:
        yield made


def shop(count: int | None = 1, code: str = WHO, **properties: Any) -> Stack:
    stack = Stack("lab")
    stack.add(
        Function(
            "Sell",
            function_name="Sell",
            runtime=Runtime(HERE),
            handler="index.handler",
            inline_code=code,
            memory_size=256,
            auto_publish_alias="live",
            provisioned_concurrency_config=count,
            **properties,
        )
    )
    return stack


def deployed(service: Lab, stack: Stack) -> AllocationStatus:
    service.deploy(stack)
    return service.allocation("Sell", "live").status


def test_environments_are_initialised_before_any_event(service: Lab, told: list[str]) -> None:
    assert deployed(service, shop(2)) is AllocationStatus.READY
    assert len(service.service._pool) == 2
    assert told == ["Sell:live: 2 environments are ready."]


def test_an_event_of_the_alias_finds_one_that_says_how_it_was_initialised(service: Lab) -> None:
    deployed(service, shop())
    outcome = service.invoke("Sell", qualifier="live")
    assert outcome.value[0] == "provisioned-concurrency"
    assert "Init Duration" not in outcome.report


def test_its_initialisation_is_logged_as_it_happens(service: Lab) -> None:
    deployed(service, shop())
    starts = [line.text.split(" ")[0] for line in service.log]
    assert starts == ["INIT_START", "INIT_REPORT"]
    assert service.log[1].text.endswith("Phase: init\tStatus: success")


def test_the_unpublished_version_runs_on_demand(service: Lab) -> None:
    deployed(service, shop())
    assert service.invoke("Sell").value[0] == "on-demand"


def test_the_version_behind_the_alias_is_provisioned_under_its_number_too(service: Lab) -> None:
    deployed(service, shop())
    assert service.invoke("Sell", qualifier="1").value[0] == "provisioned-concurrency"


def test_what_is_too_much_for_it_spills_over_to_on_demand(service: Lab, tmp_path: Path) -> None:
    deployed(service, shop())
    kinds = [value[0] for value in at_once(service, tmp_path / "mark", 2)]
    assert sorted(kinds) == ["on-demand", "provisioned-concurrency"]


def test_provisioned_environments_are_used_one_event_after_another(service: Lab) -> None:
    deployed(service, shop())
    values = [service.invoke("Sell", qualifier="live").value for _ in range(3)]
    assert len({tuple(value) for value in values}) == 1


def test_reserved_and_all_provisioned_leaves_nothing_to_the_unpublished_version(service: Lab) -> None:
    deployed(service, shop(1, reserved_concurrent_executions=1))
    service.invoke("Sell", qualifier="live")
    with pytest.raises(AwsError) as raised:
        service.invoke("Sell")
    assert raised.value.extra == {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}


async def initialised_twice(service: Lab) -> None:
    while [line.text.split(" ")[0] for line in service.log].count("INIT_REPORT") < 2:
        await asyncio.sleep(0.002)


def test_after_a_crash_the_environment_is_made_ready_again_with_its_tmp(service: Lab) -> None:
    deployed(service, shop())
    service.invoke("Sell", "exit", qualifier="live")
    service.run(initialised_twice(service))
    outcome = service.invoke("Sell", qualifier="live")
    assert outcome.value[0] == "provisioned-concurrency"
    assert outcome.value[2] is True


def test_after_a_crash_between_two_events_it_is_made_ready_again_without_waiting_for_one(
    service: Lab,
) -> None:
    deployed(service, shop())
    _, pid, _ = service.invoke("Sell", qualifier="live").value
    os.kill(pid, signal.SIGKILL)
    service.run(asyncio.wait_for(initialised_twice(service), 10))
    outcome = service.invoke("Sell", qualifier="live")
    assert outcome.value[0] == "provisioned-concurrency"
    assert "Init Duration" not in outcome.report


def test_one_that_ends_without_an_event_is_begun_again_by_the_next_one(service: Lab) -> None:
    deployed(service, shop())
    [environment] = service.service._pool._all
    assert isinstance(environment, ExecutionEnvironment)
    assert environment._processes.runtime is not None
    os.kill(environment._processes.runtime.pid, signal.SIGKILL)

    async def ended() -> None:
        while environment.state is not State.BROKEN:
            await asyncio.sleep(0.002)

    service.run(asyncio.wait_for(ended(), 10))
    assert [line.text.split(" ")[0] for line in service.log].count("INIT_START") == 1
    assert service.invoke("Sell", qualifier="live").value[0] == "provisioned-concurrency"


def test_what_cannot_be_made_for_it_fails_the_allocation(
    service: Lab, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: ExecutionEnvironment) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ExecutionEnvironment, "prepare", full)
    assert deployed(service, shop()) is AllocationStatus.FAILED
    assert "No space left on device" in (service.allocation("Sell", "live").reason or "")


def test_one_that_cannot_be_initialised_fails_the_allocation_and_runs_on_demand(
    service: Lab, told: list[str]
) -> None:
    assert deployed(service, shop(2, code="raise ValueError('no')\n")) is AllocationStatus.FAILED
    assert service.allocation("Sell", "live").reason == "FUNCTION_ERROR_INIT_FAILURE"
    assert told[0].startswith("Sell:live: its provisioned concurrency failed. FUNCTION_ERROR_INIT_FAILURE")
    assert len(service.service._pool) == 0
    assert service.invoke("Sell", qualifier="live").error["errorMessage"] == "no"


def test_the_same_stack_again_keeps_its_environments(service: Lab) -> None:
    deployed(service, shop())
    before = service.invoke("Sell", qualifier="live").value
    deployed(service, shop())
    assert service.invoke("Sell", qualifier="live").value == before


def test_changed_code_gets_new_environments_and_ends_the_old(service: Lab) -> None:
    deployed(service, shop())
    before = service.invoke("Sell", qualifier="live").value
    deployed(service, shop(code=WHO + "\n"))
    assert service.invoke("Sell", qualifier="live").value[1] != before[1]
    assert len(service.service._pool) == 1


def test_no_more_provisioned_concurrency_ends_its_environments(service: Lab) -> None:
    deployed(service, shop())
    pid = service.invoke("Sell", qualifier="live").value[1]
    service.deploy(shop(None))
    assert ends(pid)
    assert service.invoke("Sell", qualifier="live").value[0] == "on-demand"


def test_a_machine_keeps_ready_what_leaves_room_for_others(service: Lab, told: list[str]) -> None:
    assert deployed(service, shop(20)) is AllocationStatus.READY
    assert len(service.service._pool) == 4
    assert told[0].startswith("Sell:live provisions 20 environments; this machine keeps 4 of them ready.")


def test_a_change_while_environments_are_still_made_leaves_none_behind(service: Lab) -> None:
    slow = "import time\ntime.sleep(30)\n" + WHO
    service.deploy(shop(2, code=slow))
    service.run(asyncio.sleep(0.1))
    deployed(service, shop(1))
    assert len(service.service._pool) == 1


def test_a_service_that_ends_while_environments_are_made_ends_at_once(tmp_path: Path) -> None:
    with laboratory(tmp_path) as made:
        made.deploy(shop(2, code="import time\ntime.sleep(30)\n" + WHO))
        made.run(asyncio.sleep(0.05))
    assert len(made.service._pool) == 0


def test_more_than_leaves_the_others_100_is_refused_in_awss_words(service: Lab) -> None:
    with pytest.raises(DefinitionError) as raised:
        service.deploy(shop(901))
    assert "decreases account's UnreservedConcurrentExecution below its minimum value of [100]" in str(
        raised.value
    )


def test_more_than_the_function_reserves_is_refused(service: Lab) -> None:
    with pytest.raises(DefinitionError, match="not be greater than the reservedConcurrentExecution"):
        service.deploy(shop(3, reserved_concurrent_executions=2))


def test_a_reservation_that_leaves_the_others_less_than_100_is_refused(service: Lab) -> None:
    with pytest.raises(DefinitionError, match=r"below its minimum value of \[100\]"):
        service.deploy(shop(None, reserved_concurrent_executions=901))


def test_an_account_with_a_higher_limit_may_reserve_more(tmp_path: Path) -> None:
    with laboratory(tmp_path, account_concurrency=2000) as made:
        made.deploy(shop(None, reserved_concurrent_executions=1900))
        function = made.service.functions.find("Sell")
    assert function is not None
    assert function.reserved_concurrency == 1900


def test_what_is_refused_leaves_the_functions_as_they_were(service: Lab) -> None:
    deployed(service, shop())
    with pytest.raises(DefinitionError):
        service.deploy(shop(901))
    assert service.invoke("Sell", qualifier="live").value[0] == "provisioned-concurrency"


def at_once(service: Lab, mark: Path, count: int) -> list[Any]:
    """What so many events at once give."""
    mark.mkdir()

    async def all_of_them() -> list[Any]:
        tasks = [
            asyncio.ensure_future(service.invoking("Sell", str(mark), qualifier="live")) for _ in range(count)
        ]
        while len(list(mark.glob("started-*"))) < count:
            await asyncio.sleep(0.005)
        (mark / "go").touch()
        return [each.value for each in await asyncio.gather(*tasks)]

    return service.run(all_of_them())


def test_what_the_stack_provisions_no_more_is_not_taken_up_from_an_earlier_run(
    tmp_path: Path, told: list[str]
) -> None:
    for count in (20, 2):
        told.clear()
        assembly = expand(assemble(shop(count)))
        with (
            closing(AccountFolder(tmp_path / "account", ACCOUNT_ID, "us-east-1")) as account,
            laboratory(
                tmp_path / str(count),
                sandboxed=False,
                max_environments=8,
                notice=told.append,
                account_folder=account,
            ) as lab,
        ):
            session = Session(
                lab.service, lambda: Source((), ()), notice=told.append, on_reload=lambda made, names: None
            )
            lab.run(session.start(Source((assembly,), ()), 0))
            session.close()
            assert lab.allocation("Sell", "live").requested == count
        assert any("provisions 20 environments" in each for each in told) is (count == 20)
