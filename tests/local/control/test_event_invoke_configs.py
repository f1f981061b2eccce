"""The operations on how asynchronous invocations end, with the answers that AWS gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local.control.placed import ask, place, refused
from tests.local.control.planes import START, Bench, bench

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
OTHER = ARN.replace("checkout", "other")
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failed"


@pytest.fixture
def lab(tmp_path: Path) -> Bench:
    lab = bench(tmp_path)
    place(lab)
    place(lab, "other")
    ask(lab, "CreateAlias", FunctionName="checkout", Name="live", FunctionVersion="1")
    return lab


def put(lab: Bench, name: str = "checkout", **members: Any) -> dict[str, Any]:
    return ask(lab, "PutFunctionEventInvokeConfig", FunctionName=name, **members)


def get(lab: Bench, name: str = "checkout", **members: Any) -> dict[str, Any]:
    return ask(lab, "GetFunctionEventInvokeConfig", FunctionName=name, **members)


def test_what_is_put_is_told_with_both_destinations(lab: Bench) -> None:
    assert put(lab, MaximumRetryAttempts=0) == {
        "LastModified": START,
        "FunctionArn": f"{ARN}:$LATEST",
        "MaximumRetryAttempts": 0,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}},
    }


def test_a_put_takes_away_what_it_does_not_name_and_an_update_keeps_it(lab: Bench) -> None:
    put(lab, MaximumRetryAttempts=2, DestinationConfig={"OnFailure": {"Destination": QUEUE}})
    updated = ask(
        lab, "UpdateFunctionEventInvokeConfig", FunctionName="checkout", MaximumEventAgeInSeconds=60
    )
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (2, 60)
    assert updated["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}}
    told = put(lab, MaximumEventAgeInSeconds=120)
    assert "MaximumRetryAttempts" not in told
    assert told["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}


def test_an_update_takes_a_destination_away_that_it_names_empty(lab: Bench) -> None:
    put(lab, DestinationConfig={"OnSuccess": {"Destination": OTHER}, "OnFailure": {"Destination": QUEUE}})
    told = ask(
        lab,
        "UpdateFunctionEventInvokeConfig",
        FunctionName="checkout",
        DestinationConfig={"OnSuccess": {}},
    )
    assert told["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}}


@pytest.mark.parametrize(
    ("name", "qualifier", "told"),
    [
        ("checkout", None, "$LATEST"),
        ("checkout", "$LATEST", "$LATEST"),
        ("checkout", "1", "1"),
        ("checkout", "live", "live"),
        ("checkout:live", None, "live"),
        ("checkout:live", "live", "live"),
        (f"{ARN}:1", None, "1"),
    ],
)
def test_each_version_and_alias_has_its_own(lab: Bench, name: str, qualifier: str | None, told: str) -> None:
    members = {"Qualifier": qualifier} if qualifier else {}
    assert put(lab, name, MaximumRetryAttempts=1, **members)["FunctionArn"] == f"{ARN}:{told}"
    assert get(lab, Qualifier=told)["MaximumRetryAttempts"] == 1


@pytest.mark.parametrize(
    ("name", "members", "status", "message"),
    [
        (
            "nobody",
            {},
            400,
            "You must specify at least one of error handling or destination setting.",
        ),
        ("nobody", {"MaximumRetryAttempts": 1}, 404, "The function doesn't exist."),
        ("checkout", {"MaximumRetryAttempts": 1, "Qualifier": "nobody"}, 404, "The function doesn't exist."),
        (
            "checkout:live",
            {"MaximumRetryAttempts": 1, "Qualifier": "1"},
            400,
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
        (
            "checkout",
            {"DestinationConfig": {"OnSuccess": {"Destination": ARN.replace("checkout", "nobody")}}},
            400,
            f"The destination ARN {ARN.replace('checkout', 'nobody')} is invalid.",
        ),
        (
            "checkout",
            {"DestinationConfig": {"OnSuccess": {"Destination": ARN}}},
            400,
            "You can't specify the function as a destination for itself.",
        ),
        (
            "checkout",
            {"DestinationConfig": {"OnSuccess": {"Destination": ARN.replace(":lambda:", ":iam:")}}},
            400,
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination="
            "arn:aws:iam:us-east-1:123456789012:function:checkout), onFailure=null) is invalid.",
        ),
        (
            "checkout",
            {"DestinationConfig": {"OnFailure": {"Destination": f"{QUEUE}.fifo"}}},
            400,
            "The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination="
            f"{QUEUE}.fifo)) is invalid.",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    lab: Bench, name: str, members: dict[str, Any], status: int, message: str
) -> None:
    error = refused(lab, "PutFunctionEventInvokeConfig", FunctionName=name, **members)
    assert (error.status, error.message) == (status, message)


@pytest.mark.parametrize(
    "arn",
    [
        QUEUE,
        "arn:aws:sns:us-east-1:123456789012:failed",
        "arn:aws:events:us-east-1:123456789012:event-bus/default",
        "arn:aws:s3:::failed",
        OTHER,
        f"{OTHER}:1",
    ],
)
def test_queues_topics_buses_buckets_and_functions_get_records(lab: Bench, arn: str) -> None:
    told = put(lab, DestinationConfig={"OnFailure": {"Destination": arn}})
    assert told["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": arn}}


def test_a_bucket_gets_no_records_of_success(lab: Bench) -> None:
    config = {"OnSuccess": {"Destination": "arn:aws:s3:::failed"}}
    error = refused(lab, "PutFunctionEventInvokeConfig", FunctionName="checkout", DestinationConfig=config)
    assert error.message.startswith("The provided destination config")


@pytest.mark.parametrize("operation", ["GetFunctionEventInvokeConfig", "DeleteFunctionEventInvokeConfig"])
@pytest.mark.parametrize(("name", "arn"), [("checkout", ARN), ("nobody", ARN.replace("checkout", "nobody"))])
def test_what_was_not_set_is_not_found(lab: Bench, operation: str, name: str, arn: str) -> None:
    error = refused(lab, operation, FunctionName=name)
    assert (error.status, error.message) == (
        404,
        f"The function {arn}:$LATEST doesn't have an EventInvokeConfig",
    )


def test_only_what_was_set_can_be_updated(lab: Bench) -> None:
    error = refused(
        lab, "UpdateFunctionEventInvokeConfig", FunctionName=f"{ARN}:live", MaximumRetryAttempts=0
    )
    assert error.message == f"The function {ARN}:live doesn't have an EventInvokeConfig"


def test_all_of_a_function_are_listed_in_pages_and_deleted_one_by_one(lab: Bench) -> None:
    for qualifier in ("$LATEST", "1", "live"):
        put(lab, Qualifier=qualifier, MaximumRetryAttempts=1)
    first = ask(lab, "ListFunctionEventInvokeConfigs", FunctionName="checkout", MaxItems=2)
    rest = ask(
        lab, "ListFunctionEventInvokeConfigs", FunctionName="checkout", Marker=first["NextMarker"], MaxItems=2
    )
    found = [*first["FunctionEventInvokeConfigs"], *rest["FunctionEventInvokeConfigs"]]
    assert [each["FunctionArn"].rpartition(":")[2] for each in found] == ["$LATEST", "1", "live"]
    ask(lab, "DeleteFunctionEventInvokeConfig", FunctionName="checkout", Qualifier="1")
    left = ask(lab, "ListFunctionEventInvokeConfigs", FunctionName="checkout")
    assert len(left["FunctionEventInvokeConfigs"]) == 2
    error = refused(lab, "ListFunctionEventInvokeConfigs", FunctionName="nobody")
    assert error.message == "The function doesn't exist."
