"""The operations on reserved and provisioned concurrency, with the answers that AWS gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from lambdaform.facts.quotas import quotas
from lambdaform.local.control.allocation import Allocation, AllocationStatus
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.errors import AwsError
from tests.local.control.placed import ask, place, refused
from tests.local.control.planes import Bench, bench

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
FIFTEEN = evolve(quotas(), account_concurrency=15, unreserved_minimum=10)


@pytest.fixture
def lab(tmp_path: Path) -> Bench:
    lab = bench(tmp_path, limits=FIFTEEN)
    place(lab)
    return lab


def reserve(lab: Bench, count: int, name: str = "checkout") -> dict[str, Any]:
    return ask(lab, "PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=count)


def provision(lab: Bench, count: int, qualifier: str = "1", name: str = "checkout") -> dict[str, Any]:
    return ask(
        lab,
        "PutProvisionedConcurrencyConfig",
        FunctionName=name,
        Qualifier=qualifier,
        ProvisionedConcurrentExecutions=count,
    )


def alias(lab: Bench, name: str, version: str) -> None:
    ask(lab, "CreateAlias", FunctionName="checkout", Name=name, FunctionVersion=version)


def config(lab: Bench, qualifier: str = "1") -> dict[str, Any]:
    return ask(lab, "GetProvisionedConcurrencyConfig", FunctionName="checkout", Qualifier=qualifier)


def refused_provision(lab: Bench, count: int, qualifier: str, name: str = "checkout") -> AwsError:
    return refused(
        lab,
        "PutProvisionedConcurrencyConfig",
        FunctionName=name,
        Qualifier=qualifier,
        ProvisionedConcurrentExecutions=count,
    )


def refused_reserve(lab: Bench, count: int, name: str = "checkout") -> AwsError:
    return refused(lab, "PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=count)


def test_what_is_reserved_is_told_until_it_is_given_back(lab: Bench) -> None:
    assert reserve(lab, 1) == {"ReservedConcurrentExecutions": 1}
    assert ask(lab, "GetFunctionConcurrency", FunctionName="checkout") == {"ReservedConcurrentExecutions": 1}
    assert ask(lab, "DeleteFunctionConcurrency", FunctionName="checkout") == {}
    assert ask(lab, "GetFunctionConcurrency", FunctionName="checkout") == {}


def test_a_reservation_of_none_at_all_is_one(lab: Bench) -> None:
    reserve(lab, 0)
    assert ask(lab, "GetFunctionConcurrency", FunctionName="checkout") == {"ReservedConcurrentExecutions": 0}


@pytest.mark.parametrize("count", [6, 15, 16])
def test_a_reservation_leaves_the_others_their_minimum(lab: Bench, count: int) -> None:
    error = refused_reserve(lab, count)
    assert (error.code, error.status, error.kind) == ("InvalidParameterValueException", 400, "")
    assert error.message == (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
        "below its minimum value of [10]."
    )


def test_all_but_the_minimum_can_be_reserved(lab: Bench) -> None:
    reserve(lab, 5)
    place(lab, "other")
    assert refused_reserve(lab, 1, "other").message.endswith("below its minimum value of [10].")


def test_a_reservation_may_go_down_in_an_account_that_has_too_many(tmp_path: Path) -> None:
    file = tmp_path / "control.sqlite3"
    lab = bench(tmp_path / "a", limits=FIFTEEN, file=file)
    place(lab)
    reserve(lab, 5)
    lab.state.store.close()
    smaller = bench(tmp_path / "b", limits=evolve(FIFTEEN, account_concurrency=11), file=file)
    assert reserve(smaller, 4) == {"ReservedConcurrentExecutions": 4}


def test_a_function_that_is_not_there_is_told_with_latest(lab: Bench) -> None:
    error = refused_reserve(lab, 1, "nobody")
    assert error.message == f"Function not found: {ARN.replace('checkout', 'nobody')}:$LATEST"


def test_versions_and_aliases_reserve_nothing(lab: Bench) -> None:
    error = refused_reserve(lab, 0, f"{ARN}:$LATEST")
    assert error.message.startswith(
        "This operation is permitted on Lambda functions only. Aliases and versions"
    )


def test_provisioned_environments_are_ready_after_a_moment(lab: Bench) -> None:
    made = provision(lab, 5)
    assert made == {
        "RequestedProvisionedConcurrentExecutions": 5,
        "AvailableProvisionedConcurrentExecutions": 0,
        "AllocatedProvisionedConcurrentExecutions": 0,
        "Status": "IN_PROGRESS",
        "LastModified": "2026-11-26T00:00:00+0000",
    }
    assert config(lab) == made
    lab.settle()
    assert config(lab) == {
        **made,
        "Status": "READY",
        "AvailableProvisionedConcurrentExecutions": 5,
        "AllocatedProvisionedConcurrentExecutions": 5,
    }


def test_where_a_service_runs_its_own_allocation_is_told(lab: Bench) -> None:
    provision(lab, 2)
    configuration = FunctionConfiguration(
        function_name="checkout",
        function_arn=ARN,
        runtime="python3.13",
        handler="index.handler",
        code=Path(),
        opt=Path(),
    )
    allocation = Allocation(qualifier="1", configuration=configuration, requested=2)
    lab.state.allocation_of = lambda name, qualifier: (
        allocation if (name, qualifier) == ("checkout", "1") else None
    )
    lab.settle()
    assert config(lab)["Status"] == "IN_PROGRESS"
    allocation.status, allocation.reason = AllocationStatus.FAILED, "FUNCTION_ERROR_INIT_FAILURE"
    told = config(lab)
    assert (told["Status"], told["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")
    assert told["AllocatedProvisionedConcurrentExecutions"] == 0
    allocation.status, allocation.reason = AllocationStatus.READY, None
    assert config(lab)["AllocatedProvisionedConcurrentExecutions"] == 2


@pytest.mark.parametrize(
    ("name", "qualifier", "message"),
    [
        (
            "checkout",
            "$LATEST",
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        ),
        ("checkout", "10", f"Function not found: {ARN}:10"),
        ("checkout", "nobody", f"Cannot find alias arn: {ARN}:nobody"),
        ("nobody", "1", f"Function not found: {ARN.replace('checkout', 'nobody')}:1"),
        ("nobody", "live", f"Cannot find alias arn: {ARN.replace('checkout', 'nobody')}:live"),
    ],
)
def test_only_what_is_published_and_there_is_provisioned(
    lab: Bench, name: str, qualifier: str, message: str
) -> None:
    assert refused_provision(lab, 1, qualifier, name).message == message


def test_an_alias_of_the_unpublished_version_is_not_provisioned(lab: Bench) -> None:
    alias(lab, "next", "$LATEST")
    assert "unpublished" in refused_provision(lab, 1, "next").message


@pytest.mark.parametrize(
    "setting",
    [{"snap_start": "PublishedVersions"}, {"tenancy_config": {"TenantIsolationMode": "PER_TENANT"}}],
)
def test_what_has_snapshots_or_tenants_is_not_provisioned(lab: Bench, setting: dict[str, Any]) -> None:
    lab.state.versions["checkout", "2"] = evolve(lab.state.versions["checkout", "2"], **setting)
    alias(lab, "live", "1")
    provision(lab, 1, "live")
    assert "not supported" in refused_provision(lab, 1, "2").message
    moved = refused(lab, "UpdateAlias", FunctionName="checkout", Name="live", FunctionVersion="2")
    assert "not supported" in moved.message


def test_latest_has_no_provisioned_concurrency_to_get(lab: Bench) -> None:
    error = refused(lab, "GetProvisionedConcurrencyConfig", FunctionName="checkout", Qualifier="$LATEST")
    assert error.message == "The function resource provided must be an alias or a published version."


def test_what_was_not_provisioned_is_not_found_and_can_be_deleted(lab: Bench) -> None:
    error = refused(lab, "GetProvisionedConcurrencyConfig", FunctionName="checkout", Qualifier="1")
    assert (error.code, error.status) == ("ProvisionedConcurrencyConfigNotFoundException", 404)
    assert error.message == "No Provisioned Concurrency Config found for this function"
    assert ask(lab, "DeleteProvisionedConcurrencyConfig", FunctionName="checkout", Qualifier="1") == {}


def test_more_than_the_account_has_is_refused(lab: Bench) -> None:
    assert refused_provision(lab, 16, "1").message == (
        "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [15]."
    )
    assert refused_provision(lab, 15, "1").message == (
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
        "minimum value of [10]."
    )


def test_a_function_provisions_no_more_than_it_reserves(lab: Bench) -> None:
    provision(lab, 2)
    assert refused_reserve(lab, 1).message == (
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2]."
    )
    reserve(lab, 2)
    for count, qualifier in ((1, "2"), (3, "1")):
        assert refused_provision(lab, count, qualifier).message == (
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
        )


def test_no_version_is_provisioned_under_two_names(lab: Bench) -> None:
    alias(lab, "live", "1")
    alias(lab, "canary", "1")
    provision(lab, 1)
    error = refused_provision(lab, 1, "live")
    assert (error.code, error.status) == ("ResourceConflictException", 409)
    assert error.message == (
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
    )
    ask(lab, "DeleteProvisionedConcurrencyConfig", FunctionName="checkout", Qualifier="1")
    provision(lab, 1, "live")
    assert refused_provision(lab, 1, "1").message == "Version is pointed by a Provisioned Concurrency alias"
    assert refused_provision(lab, 1, "canary").message.startswith("Alias can't be used")


def test_an_alias_with_provisioned_concurrency_does_not_move_to_a_provisioned_version(lab: Bench) -> None:
    alias(lab, "live", "1")
    provision(lab, 1, "live")
    provision(lab, 1, "2")
    error = refused(lab, "UpdateAlias", FunctionName="checkout", Name="live", FunctionVersion="2")
    assert error.code == "ResourceConflictException"
    assert ask(lab, "GetAlias", FunctionName="checkout", Name="live")["FunctionVersion"] == "1"


def test_provisioned_concurrency_goes_with_its_alias(lab: Bench) -> None:
    alias(lab, "live", "1")
    provision(lab, 1, "live")
    ask(lab, "DeleteAlias", FunctionName="checkout", Name="live")
    assert ask(lab, "ListProvisionedConcurrencyConfigs", FunctionName="checkout") == {
        "ProvisionedConcurrencyConfigs": []
    }


def test_all_of_a_function_are_listed(lab: Bench) -> None:
    provision(lab, 1, "1")
    provision(lab, 2, "2")
    first = ask(lab, "ListProvisionedConcurrencyConfigs", FunctionName="checkout", MaxItems=1)
    rest = ask(lab, "ListProvisionedConcurrencyConfigs", FunctionName="checkout", Marker=first["NextMarker"])
    found = [*first["ProvisionedConcurrencyConfigs"], *rest["ProvisionedConcurrencyConfigs"]]
    assert [each["FunctionArn"] for each in found] == [f"{ARN}:1", f"{ARN}:2"]
    error = refused(lab, "ListProvisionedConcurrencyConfigs", FunctionName="nobody")
    assert error.message == f"Function not found: {ARN.replace('checkout', 'nobody')}"


def test_the_account_tells_what_is_left(lab: Bench) -> None:
    place(lab, "other")
    reserve(lab, 3)
    provision(lab, 2, name="other")
    limit = ask(lab, "GetAccountSettings")["AccountLimit"]
    assert (limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]) == (15, 10)


def test_what_is_provisioned_within_a_reservation_is_not_counted_twice(lab: Bench) -> None:
    reserve(lab, 3)
    provision(lab, 2)
    assert ask(lab, "GetAccountSettings")["AccountLimit"]["UnreservedConcurrentExecutions"] == 12
