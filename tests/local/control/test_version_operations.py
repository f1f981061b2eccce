"""Versions, against what real AWS answered: published only where something changed, and never changed again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local.control.planes import Bench, bench, function, zipped

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"


@pytest.fixture
def aws(tmp_path: Path) -> Bench:
    made = bench(tmp_path)
    made.make(Description="No version :(")
    return made


def publish(aws: Bench, **members: Any) -> dict[str, Any]:
    return aws.ask("PublishVersion", FunctionName="checkout", **members)


def versions(aws: Bench) -> list[str]:
    return [
        each["Version"] for each in aws.ask("ListVersionsByFunction", FunctionName="checkout")["Versions"]
    ]


def told(aws: Bench, qualifier: str | None = None) -> dict[str, Any]:
    members = {"Qualifier": qualifier} if qualifier else {}
    return aws.ask("GetFunctionConfiguration", FunctionName="checkout", **members)


def test_a_version_is_a_snapshot_under_an_arn_of_its_own(aws: Bench) -> None:
    latest, version = told(aws), publish(aws)
    own = {
        "Version": "1",
        "FunctionArn": f"{ARN}:1",
        "RevisionId": version["RevisionId"],
        "LastModified": "2026-11-26T00:00:01.000+0000",
    }
    assert version == {**latest, **own}


def test_a_version_is_active_at_once(aws: Bench) -> None:
    version = publish(aws)
    assert (version["State"], version["LastUpdateStatus"]) == ("Active", "Successful")
    aws.settle()
    assert told(aws, "1") == version


def test_publishing_gives_latest_another_revision(aws: Bench) -> None:
    before = told(aws)["RevisionId"]
    version = publish(aws)["RevisionId"]
    assert len({before, version, told(aws)["RevisionId"]}) == 3


def test_a_version_may_have_a_description_of_its_own(aws: Bench) -> None:
    assert publish(aws, Description="First version")["Description"] == "First version"
    assert told(aws)["Description"] == "No version :("


def test_a_version_without_a_description_has_that_of_latest(aws: Bench) -> None:
    assert publish(aws)["Description"] == "No version :("


def test_nothing_is_published_where_nothing_changed(aws: Bench) -> None:
    first = publish(aws, Description="First version")
    assert publish(aws, Description="Again") == first
    assert versions(aws) == ["$LATEST", "1"]


@pytest.mark.parametrize(
    "change",
    [{"Description": "Other"}, {"Timeout": 9}, {"Environment": {"Variables": {"A": "1"}}}, {"Layers": []}],
)
def test_a_changed_setting_is_published(aws: Bench, change: dict[str, Any]) -> None:
    publish(aws)
    aws.change(**change)
    assert publish(aws)["Version"] == ("1" if change == {"Layers": []} else "2")


def test_changed_code_is_published(aws: Bench) -> None:
    publish(aws)
    aws.ask("UpdateFunctionCode", FunctionName="checkout", ZipFile=zipped("y = 2"))
    aws.settle()
    assert publish(aws)["Version"] == "2"


def test_what_was_changed_and_changed_back_is_not_published(aws: Bench) -> None:
    publish(aws)
    aws.change(Timeout=9)
    aws.change(Timeout=3)
    assert publish(aws)["Version"] == "1"


def test_a_version_stays_as_it_was(aws: Bench) -> None:
    version = publish(aws)
    aws.change(Timeout=9, Environment={"Variables": {"A": "1"}})
    aws.ask("UpdateFunctionCode", FunctionName="checkout", ZipFile=zipped("y = 2"))
    aws.settle()
    assert told(aws, "1") == version


def test_the_number_of_a_deleted_version_is_not_used_again(aws: Bench) -> None:
    publish(aws)
    aws.ask("DeleteFunction", FunctionName="checkout:1")
    assert publish(aws)["Version"] == "2"
    assert versions(aws) == ["$LATEST", "2"]


def test_what_belongs_to_a_version_goes_with_it(aws: Bench) -> None:
    publish(aws)
    aws.ask("PutFunctionEventInvokeConfig", FunctionName="checkout", Qualifier="1", MaximumRetryAttempts=0)
    aws.ask("DeleteFunction", FunctionName="checkout", Qualifier="1")
    assert dict(aws.state.event_invoke_configs) == {}


def test_publishing_goes_by_the_hash_of_the_code(aws: Bench) -> None:
    own = told(aws)["CodeSha256"]
    refused = aws.refused("PublishVersion", FunctionName="checkout", CodeSha256="somenonexistentsha256")
    assert (refused.code, refused.status, refused.message) == (
        "InvalidParameterValueException",
        400,
        f"CodeSHA256 (somenonexistentsha256) is different from current CodeSHA256 in $LATEST ({own}). Please try again "
        "with the CodeSHA256 in $LATEST.",
    )
    assert publish(aws, CodeSha256=own)["Version"] == "1"


def test_publishing_goes_by_the_revision(aws: Bench) -> None:
    refused = aws.refused("PublishVersion", FunctionName="checkout", RevisionId="wrong")
    assert (refused.code, refused.status) == ("PreconditionFailedException", 412)
    assert publish(aws, RevisionId=told(aws)["RevisionId"])["Version"] == "1"


def test_a_function_can_be_made_with_its_first_version(aws: Bench) -> None:
    made = aws.ask("CreateFunction", **function("other", Publish=True))
    assert (made["Version"], made["State"]) == ("1", "Pending")
    assert made["FunctionArn"].endswith(":function:other")
    aws.settle()
    version = aws.ask("GetFunctionConfiguration", FunctionName="other:1")
    assert (version["State"], version["LastUpdateStatus"]) == ("Active", "Successful")


def test_new_code_can_be_published_at_once(aws: Bench) -> None:
    made = aws.ask("UpdateFunctionCode", FunctionName="checkout", ZipFile=zipped("y = 2"), Publish=True)
    assert (made["Version"], made["FunctionArn"], made["State"]) == ("1", f"{ARN}:1", "Pending")
    assert "LastUpdateStatus" not in made
    assert told(aws, "1") == made
    assert told(aws, "$LATEST")["LastUpdateStatus"] == "InProgress"


def test_a_version_that_starts_from_a_snapshot_is_pending_until_there_is_one(aws: Bench) -> None:
    aws.change(SnapStart={"ApplyOn": "PublishedVersions"})
    assert told(aws)["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}
    version = publish(aws)
    assert (version["State"], version["SnapStart"]["OptimizationStatus"]) == ("Pending", "Off")
    aws.settle()
    version = told(aws, "1")
    assert (version["State"], version["SnapStart"]["OptimizationStatus"]) == ("Active", "On")


def test_an_alias_tells_its_version_under_its_own_arn(aws: Bench) -> None:
    version = publish(aws)
    aws.ask("CreateAlias", FunctionName="checkout", Name="live", FunctionVersion="1")
    assert told(aws, "live") == {**version, "FunctionArn": f"{ARN}:live"}


def test_versions_are_listed_in_pages_in_their_order(aws: Bench) -> None:
    for number in range(3):
        aws.change(Timeout=number + 5)
        publish(aws)
    first = aws.ask("ListVersionsByFunction", FunctionName="checkout", MaxItems=3)
    rest = aws.ask("ListVersionsByFunction", FunctionName="checkout", Marker=first["NextMarker"])
    assert [each["Version"] for each in first["Versions"]] == ["$LATEST", "1", "2"]
    assert [each["Version"] for each in rest["Versions"]] == ["3"]


def test_versions_of_a_function_that_is_not_there_are_not_found(aws: Bench) -> None:
    assert aws.refused("ListVersionsByFunction", FunctionName="other").status == 404
    assert aws.refused("PublishVersion", FunctionName="other").status == 404
