"""The operations on function URLs, with the answers that AWS gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from lambdaform.local.control.records import LATEST
from tests.local.control.placed import ask, place, refused
from tests.local.control.planes import Bench, bench

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"


@pytest.fixture
def lab(tmp_path: Path) -> Bench:
    lab = bench(tmp_path)
    place(lab)
    ask(lab, "CreateAlias", FunctionName="checkout", Name="live", FunctionVersion="1")
    return lab


def create(lab: Bench, **members: Any) -> dict[str, Any]:
    return ask(lab, "CreateFunctionUrlConfig", FunctionName="checkout", AuthType="NONE", **members)


def test_a_url_is_told_as_it_was_made(lab: Bench) -> None:
    made = create(lab)
    assert made == {
        "FunctionUrl": made["FunctionUrl"],
        "FunctionArn": ARN,
        "AuthType": "NONE",
        "CreationTime": "2026-11-26T00:00:00.000Z",
    }
    assert ask(lab, "GetFunctionUrlConfig", FunctionName="checkout") == {
        **made,
        "InvokeMode": "BUFFERED",
        "LastModifiedTime": "2026-11-26T00:00:00.000Z",
    }


def test_a_url_has_awss_host_unless_somebody_serves_it(lab: Bench) -> None:
    url = create(lab)["FunctionUrl"]
    assert url.startswith("https://")
    assert url.endswith(".lambda-url.us-east-1.on.aws/")
    lab.state.url_of = lambda url_id: f"http://{url_id}.lambda-url.us-east-1.localhost:4566/"
    served = ask(lab, "GetFunctionUrlConfig", FunctionName="checkout")["FunctionUrl"]
    assert served.endswith(".localhost:4566/")
    assert served.split("//")[1].split(".")[0] == url.split("//")[1].split(".")[0]


def test_an_alias_has_a_url_of_its_own(lab: Bench) -> None:
    own, aliass = create(lab), create(lab, Qualifier="live")
    assert aliass["FunctionArn"] == f"{ARN}:live"
    assert aliass["FunctionUrl"] != own["FunctionUrl"]
    ask(lab, "DeleteFunctionUrlConfig", FunctionName="checkout")
    left = ask(lab, "ListFunctionUrlConfigs", FunctionName="checkout")["FunctionUrlConfigs"]
    assert [each["FunctionArn"] for each in left] == [f"{ARN}:live"]


def test_a_function_that_isolates_its_tenants_has_no_url(lab: Bench) -> None:
    latest = lab.state.versions["checkout", LATEST]
    lab.state.versions["checkout", LATEST] = evolve(
        latest, tenancy_config={"TenantIsolationMode": "PER_TENANT"}
    )
    error = refused(lab, "CreateFunctionUrlConfig", FunctionName="checkout", AuthType="NONE")
    assert error.code == "InvalidParameterValueException"


def test_a_second_url_is_refused(lab: Bench) -> None:
    create(lab)
    error = refused(lab, "CreateFunctionUrlConfig", FunctionName="checkout", AuthType="NONE")
    assert (error.code, error.status) == ("ResourceConflictException", 409)
    assert error.message == (
        f"Failed to create function url config for [functionArn = {ARN}]. Error message:  FunctionUrlConfig exists "
        "for this Lambda function"
    )


def test_an_update_changes_what_is_given_and_keeps_the_address(lab: Bench) -> None:
    made = create(lab, InvokeMode="RESPONSE_STREAM", Cors={"AllowOrigins": ["*"]})
    lab.clock.forward(60)
    updated = ask(lab, "UpdateFunctionUrlConfig", FunctionName="checkout", AuthType="AWS_IAM")
    assert updated == {**made, "AuthType": "AWS_IAM", "LastModifiedTime": "2026-11-26T00:01:00.000Z"}


def test_empty_cors_takes_the_rules_away(lab: Bench) -> None:
    create(lab, Cors={"AllowOrigins": ["*"]})
    assert "Cors" not in ask(lab, "UpdateFunctionUrlConfig", FunctionName="checkout", Cors={})


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        ("CreateFunctionUrlConfig", {"AuthType": "NONE"}, "Function does not exist"),
        ("UpdateFunctionUrlConfig", {}, "Function does not exist"),
        ("GetFunctionUrlConfig", {}, "The resource you requested does not exist."),
        ("DeleteFunctionUrlConfig", {}, "The resource you requested does not exist."),
    ],
)
@pytest.mark.parametrize("name", ["nobody", "checkout:nobody"])
def test_what_is_not_there_is_told_in_each_operations_words(
    lab: Bench, operation: str, members: dict[str, Any], message: str, name: str
) -> None:
    error = refused(lab, operation, FunctionName=name, **members)
    assert (error.code, error.status, error.message) == ("ResourceNotFoundException", 404, message)


@pytest.mark.parametrize(
    "operation", ["GetFunctionUrlConfig", "UpdateFunctionUrlConfig", "DeleteFunctionUrlConfig"]
)
def test_a_function_without_a_url_has_none(lab: Bench, operation: str) -> None:
    error = refused(lab, operation, FunctionName="checkout")
    assert error.message == "The resource you requested does not exist."


def test_a_qualifier_that_contradicts_the_name_is_refused(lab: Bench) -> None:
    error = refused(
        lab, "CreateFunctionUrlConfig", FunctionName="checkout:live", Qualifier="other", AuthType="NONE"
    )
    assert error.message.startswith("The derived qualifier from the function name does not match")


def test_urls_are_listed_in_pages(lab: Bench) -> None:
    assert ask(lab, "ListFunctionUrlConfigs", FunctionName="checkout") == {"FunctionUrlConfigs": []}
    create(lab)
    create(lab, Qualifier="live")
    first = ask(lab, "ListFunctionUrlConfigs", FunctionName="checkout", MaxItems=1)
    rest = ask(lab, "ListFunctionUrlConfigs", FunctionName="checkout", MaxItems=1, Marker=first["NextMarker"])
    found = [*first["FunctionUrlConfigs"], *rest["FunctionUrlConfigs"]]
    assert [each["FunctionArn"] for each in found] == [ARN, f"{ARN}:live"]
    assert refused(lab, "ListFunctionUrlConfigs", FunctionName="nobody").message == "Function does not exist"
