"""The operations on aliases, with the answers that AWS gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local.control.placed import ask, place, refused
from tests.local.control.planes import Bench, bench

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"


@pytest.fixture
def lab(tmp_path: Path) -> Bench:
    lab = bench(tmp_path)
    place(lab)
    return lab


def create(lab: Bench, name: str = "live", version: str = "1", **members: Any) -> dict[str, Any]:
    return ask(lab, "CreateAlias", FunctionName="checkout", Name=name, FunctionVersion=version, **members)


def test_an_alias_is_told_as_it_was_made(lab: Bench) -> None:
    made = create(lab, Description="for all", RoutingConfig={"AdditionalVersionWeights": {"2": 0.2}})
    assert made == {
        "AliasArn": f"{ARN}:live",
        "Name": "live",
        "FunctionVersion": "1",
        "Description": "for all",
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.2}},
        "RevisionId": made["RevisionId"],
    }
    assert ask(lab, "GetAlias", FunctionName="checkout", Name="live") == made


def test_empty_weights_are_none(lab: Bench) -> None:
    assert "RoutingConfig" not in create(lab, RoutingConfig={"AdditionalVersionWeights": {}})


@pytest.mark.parametrize(
    ("version", "weights", "code", "message"),
    [
        (
            "1",
            {"1": 0.8, "2": 0.2},
            400,
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ),
        (
            "1",
            {"1": 0.5},
            400,
            "Invalid function version 1. Function version 1 is already included in routing configuration.",
        ),
        ("10", {"2": 0.5}, 404, f"Function not found: {ARN}:10"),
        ("1", {"10": 0.5}, 404, f"Function not found: {ARN}:10"),
        ("$LATEST", {"1": 0.5}, 400, "$LATEST is not supported for an alias pointing to more than 1 version"),
    ],
)
def test_a_route_that_cannot_be_is_refused(
    lab: Bench, version: str, weights: dict[str, float], code: int, message: str
) -> None:
    error = refused(
        lab,
        "CreateAlias",
        FunctionName="checkout",
        Name="live",
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": weights},
    )
    assert (error.status, error.message) == (code, message)


def test_an_alias_of_the_unpublished_version_may_be(lab: Bench) -> None:
    assert (create(lab, version="$LATEST"))["FunctionVersion"] == "$LATEST"


def test_no_two_aliases_have_one_name(lab: Bench) -> None:
    create(lab)
    error = refused(lab, "CreateAlias", FunctionName="checkout", Name="live", FunctionVersion="2")
    assert (error.code, error.status) == ("ResourceConflictException", 409)
    assert error.message == f"Alias already exists: {ARN}:live"


def test_a_function_that_is_not_there_is_told_with_the_version(lab: Bench) -> None:
    error = refused(lab, "CreateAlias", FunctionName="nobody", Name="live", FunctionVersion="1")
    assert error.message == f"Function not found: {ARN.replace('checkout', 'nobody')}:1"


def test_getting_and_updating_tell_differently_of_an_alias_that_is_not_there(lab: Bench) -> None:
    got = refused(lab, "GetAlias", FunctionName="checkout", Name="live")
    updated = refused(lab, "UpdateAlias", FunctionName="checkout", Name="live")
    assert got.message == f"Cannot find alias arn: {ARN}:live"
    assert updated.message == f"Alias not found: {ARN}:live"


def test_an_update_changes_what_is_given_and_always_the_revision(lab: Bench) -> None:
    made = create(lab, Description="old", RoutingConfig={"AdditionalVersionWeights": {"2": 0.2}})
    updated = ask(lab, "UpdateAlias", FunctionName="checkout", Name="live")
    assert updated == {**made, "RevisionId": updated["RevisionId"]}
    assert updated["RevisionId"] != made["RevisionId"]


def test_empty_weights_take_the_further_version_away(lab: Bench) -> None:
    create(lab, RoutingConfig={"AdditionalVersionWeights": {"2": 0.2}})
    updated = ask(
        lab,
        "UpdateAlias",
        FunctionName="checkout",
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {}},
    )
    assert "RoutingConfig" not in updated


def test_an_alias_cannot_be_moved_to_the_version_that_has_its_further_weight(lab: Bench) -> None:
    create(lab, RoutingConfig={"AdditionalVersionWeights": {"2": 0.2}})
    error = refused(lab, "UpdateAlias", FunctionName="checkout", Name="live", FunctionVersion="2")
    assert error.message.startswith("Invalid function version 2.")


def test_an_update_with_another_revision_is_refused(lab: Bench) -> None:
    create(lab)
    error = refused(lab, "UpdateAlias", FunctionName="checkout", Name="live", RevisionId="wrong")
    assert (error.code, error.status) == ("PreconditionFailedException", 412)
    assert error.message.endswith("Call the GetFunction/GetAlias API to retrieve the latest Revision Id")


def test_deleting_an_alias_twice_is_no_error(lab: Bench) -> None:
    create(lab)
    for _ in range(2):
        assert ask(lab, "DeleteAlias", FunctionName="checkout", Name="live") == {}
    assert (ask(lab, "ListAliases", FunctionName="checkout")) == {"Aliases": []}


def test_what_belongs_to_an_alias_goes_with_it(lab: Bench) -> None:
    create(lab)
    ask(lab, "CreateFunctionUrlConfig", FunctionName="checkout", Qualifier="live", AuthType="NONE")
    ask(lab, "DeleteAlias", FunctionName="checkout", Name="live")
    create(lab)
    assert ask(lab, "ListFunctionUrlConfigs", FunctionName="checkout") == {"FunctionUrlConfigs": []}


def test_aliases_are_listed_in_pages_and_by_version(lab: Bench) -> None:
    for name, version in (("c", "2"), ("a", "1"), ("b", "1")):
        create(lab, name, version)
    first = ask(lab, "ListAliases", FunctionName="checkout", MaxItems=2)
    rest = ask(lab, "ListAliases", FunctionName="checkout", MaxItems=2, Marker=first["NextMarker"])
    assert [each["Name"] for each in (*first["Aliases"], *rest["Aliases"])] == ["a", "b", "c"]
    of_one = ask(lab, "ListAliases", FunctionName="checkout", FunctionVersion="1")
    assert [each["Name"] for each in of_one["Aliases"]] == ["a", "b"]


def test_an_operation_on_functions_refuses_a_qualified_name(lab: Bench) -> None:
    error = refused(lab, "ListAliases", FunctionName="checkout:live")
    assert error.message.startswith("This operation is permitted on Lambda functions only.")


def test_who_goes_by_aliases_is_told_of_each_change(lab: Bench) -> None:
    create(lab)
    ask(lab, "UpdateAlias", FunctionName="checkout", Name="live", FunctionVersion="2")
    ask(lab, "DeleteAlias", FunctionName="checkout", Name="live")
    assert lab.told == ["checkout"] * 3
