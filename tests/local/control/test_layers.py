"""Layers: versions that are published, told, shared and deleted, and what functions may have of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from lambdaform.facts.quotas import quotas
from lambdaform.local.access.invocation import AccessDeniedError
from lambdaform.local.control.layer import check_layers, find_layer, forget_unused_code
from lambdaform.local.errors import AwsError
from tests.local.control.ground import add_function
from tests.local.control.ground import refusal as refusal_of
from tests.local.control.planes import Bench, bench, zipped

ARN = "arn:aws:lambda:us-east-1:123456789012:layer:"
OTHERS = "arn:aws:lambda:us-east-1:210987654321:layer:shared:3"
CONTENT = zipped("x = 1", "python/shared.py")
NO_RESOURCE = (404, "ResourceNotFoundException", "The resource you requested does not exist.")


@pytest.fixture
def made(tmp_path: Path) -> Bench:
    return bench(tmp_path)


def call(made: Bench, operation: str, **members: Any) -> dict[str, Any]:
    return asyncio.run(made.call(operation, **members))


def publish(made: Bench, name: str = "shared", **members: Any) -> dict[str, Any]:
    return call(made, "PublishLayerVersion", LayerName=name, Content={"ZipFile": CONTENT}, **members)


def refusal(made: Bench, operation: str, **members: Any) -> tuple[int, str, str]:
    return refusal_of(lambda: call(made, operation, **members))


def versions(made: Bench, name: str = "shared", **members: Any) -> list[int]:
    listed = call(made, "ListLayerVersions", LayerName=name, **members)["LayerVersions"]
    return [each["Version"] for each in listed]


def test_a_version_is_told_as_aws_tells_it(made: Bench) -> None:
    told = publish(
        made,
        Description="all of it",
        LicenseInfo="MIT",
        CompatibleRuntimes=["python3.13"],
        CompatibleArchitectures=["x86_64"],
    )
    assert told.pop("Content").keys() == {"Location", "CodeSha256", "CodeSize"}
    assert told == {
        "LayerArn": f"{ARN}shared",
        "LayerVersionArn": f"{ARN}shared:1",
        "Version": 1,
        "Description": "all of it",
        "CreatedDate": "2026-11-26T00:00:00.000+0000",
        "LicenseInfo": "MIT",
        "CompatibleRuntimes": ["python3.13"],
        "CompatibleArchitectures": ["x86_64"],
    }


def test_what_was_not_given_is_not_told_and_what_is_empty_is(made: Bench) -> None:
    assert {"CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"}.isdisjoint(publish(made))
    empty = publish(made, CompatibleRuntimes=[], CompatibleArchitectures=[])
    assert (empty["CompatibleRuntimes"], empty["CompatibleArchitectures"]) == ([], [])


def test_a_version_is_got_by_name_by_arn_and_by_its_own_arn(made: Bench) -> None:
    told = publish(made)
    assert call(made, "GetLayerVersion", LayerName="shared", VersionNumber=1) == told
    assert call(made, "GetLayerVersion", LayerName=f"{ARN}shared", VersionNumber=1) == told
    assert call(made, "GetLayerVersionByArn", Arn=f"{ARN}shared:1") == told


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetLayerVersion", {"LayerName": "nothing", "VersionNumber": 1}),
        ("GetLayerVersion", {"LayerName": "shared", "VersionNumber": 2}),
        ("GetLayerVersionByArn", {"Arn": f"{ARN}shared:2"}),
    ],
)
def test_a_version_that_is_not_there_is_not_told(
    made: Bench, operation: str, members: dict[str, Any]
) -> None:
    publish(made)
    assert refusal(made, operation, **members) == NO_RESOURCE


@pytest.mark.parametrize("operation", ["GetLayerVersion", "DeleteLayerVersion", "GetLayerVersionPolicy"])
@pytest.mark.parametrize("number", [0, -1])
def test_versions_are_counted_from_one(made: Bench, operation: str, number: int) -> None:
    assert refusal(made, operation, LayerName="shared", VersionNumber=number) == (
        400,
        "InvalidParameterValueException",
        "Layer Version Cannot be less than 1",
    )


def test_a_number_is_never_used_again(made: Bench) -> None:
    publish(made)
    publish(made)
    for number in (1, 2, 2, 9):
        assert call(made, "DeleteLayerVersion", LayerName="shared", VersionNumber=number) == {}
    assert versions(made) == []
    assert publish(made)["Version"] == 3


def test_versions_are_listed_from_the_newest_on(made: Bench) -> None:
    for runtime in ("python3.12", "python3.13", "python3.12"):
        publish(made, CompatibleRuntimes=[runtime], CompatibleArchitectures=["arm64"])
    assert versions(made) == [3, 2, 1]
    assert versions(made, CompatibleRuntime="python3.12") == [3, 1]
    assert versions(made, CompatibleArchitecture="x86_64") == []
    assert versions(made, "nothing") == []


def test_lists_come_in_pages(made: Bench) -> None:
    for _ in range(3):
        publish(made)
    first = call(made, "ListLayerVersions", LayerName="shared", MaxItems=2)
    assert [each["Version"] for each in first["LayerVersions"]] == [3, 2]
    assert versions(made, Marker=first["NextMarker"]) == [1]


def test_each_layer_is_listed_with_its_latest_suitable_version(made: Bench) -> None:
    publish(made, CompatibleRuntimes=["python3.12"])
    publish(made, CompatibleRuntimes=["python3.13"])
    publish(made, "other")
    every = call(made, "ListLayers")["Layers"]
    assert [(each["LayerName"], each["LatestMatchingVersion"]["Version"]) for each in every] == [
        ("shared", 2),
        ("other", 1),
    ]
    [older] = call(made, "ListLayers", CompatibleRuntime="python3.12")["Layers"]
    assert (older["LayerArn"], older["LatestMatchingVersion"]["Version"]) == (f"{ARN}shared", 1)


def test_content_that_is_no_archive_is_refused_and_takes_no_number(made: Bench) -> None:
    told = refusal(made, "PublishLayerVersion", LayerName="shared", Content={"ZipFile": b"no zip"})
    assert told[:2] == (400, "InvalidParameterValueException")
    assert publish(made)["Version"] == 1


def test_content_comes_from_s3_too(made: Bench) -> None:
    asked: list[tuple[str, str, str | None]] = []

    async def read(bucket: str, key: str, version: str | None) -> bytes:
        asked.append((bucket, key, version))
        return CONTENT

    made.state.read_object = read
    content = {"S3Bucket": "code", "S3Key": "/layer.zip"}
    told = call(made, "PublishLayerVersion", LayerName="shared", Content=content)
    assert asked == [("code", "/layer.zip", None)]
    assert told["Content"]["CodeSize"] == len(CONTENT)


def test_every_version_counts_in_the_accounts_storage(made: Bench) -> None:
    def used() -> int:
        size: int = call(made, "GetAccountSettings")["AccountUsage"]["TotalCodeSize"]
        return size

    publish(made)
    publish(made)
    assert used() == 2 * len(CONTENT)
    call(made, "DeleteLayerVersion", LayerName="shared", VersionNumber=1)
    assert used() == len(CONTENT)


def test_without_room_nothing_is_published(tmp_path: Path) -> None:
    made = bench(tmp_path, limits=evolve(quotas(), code_storage_gb=0))
    told = refusal(made, "PublishLayerVersion", LayerName="shared", Content={"ZipFile": CONTENT})
    assert told == (400, "CodeStorageExceededException", "Code storage limit exceeded.")
    assert versions(made) == []


def permit(made: Bench, **members: Any) -> dict[str, Any]:
    given = {
        "LayerName": "shared",
        "VersionNumber": 1,
        "StatementId": "s1",
        "Action": "lambda:GetLayerVersion",
        "Principal": "*",
    }
    return call(made, "AddLayerVersionPermission", **{**given, **members})


def policy(made: Bench) -> dict[str, Any]:
    return call(made, "GetLayerVersionPolicy", LayerName="shared", VersionNumber=1)


def test_a_permission_is_written_as_aws_writes_it(made: Bench) -> None:
    publish(made)
    told = permit(made)
    assert told["Statement"] == (
        '{"Sid":"s1","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion",'
        f'"Resource":"{ARN}shared:1"}}'
    )
    assert policy(made) == {
        "Policy": f'{{"Version":"2012-10-17","Id":"default","Statement":[{told["Statement"]}]}}',
        "RevisionId": told["RevisionId"],
    }


def test_an_organisation_is_a_condition(made: Bench) -> None:
    publish(made)
    statement = json.loads(permit(made, OrganizationId="o-1234567890")["Statement"])
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}


def test_each_change_of_a_policy_has_a_revision(made: Bench) -> None:
    publish(made)
    first = permit(made)["RevisionId"]
    second = permit(made, StatementId="s2", RevisionId=first)["RevisionId"]
    named = {"LayerName": "shared", "VersionNumber": 1}
    call(made, "RemoveLayerVersionPermission", **named, StatementId="s2", RevisionId=second)
    assert len({first, second, policy(made)["RevisionId"]}) == 3


def test_a_revision_that_is_not_the_latest_is_refused(made: Bench) -> None:
    publish(made)
    permit(made)
    stale = (
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve "
        "the latest Revision Id",
    )
    assert refusal_of(lambda: permit(made, StatementId="s2", RevisionId="wrong")) == stale
    named = {"LayerName": "shared", "VersionNumber": 1, "StatementId": "s1", "RevisionId": "wrong"}
    assert refusal(made, "RemoveLayerVersionPermission", **named) == stale


def test_a_statement_is_there_once_and_goes_once(made: Bench) -> None:
    publish(made)
    named = {"LayerName": "shared", "VersionNumber": 1}
    none = (404, "ResourceNotFoundException", "No policy is associated with the given resource.")
    assert refusal(made, "GetLayerVersionPolicy", **named) == none
    permit(made)
    assert refusal_of(lambda: permit(made))[:2] == (409, "ResourceConflictException")
    assert refusal(made, "RemoveLayerVersionPermission", **named, StatementId="other") == (
        404,
        "ResourceNotFoundException",
        "Statement other is not found in resource policy.",
    )
    call(made, "RemoveLayerVersionPermission", **named, StatementId="s1")
    assert refusal(made, "GetLayerVersionPolicy", **named) == none


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        (
            "AddLayerVersionPermission",
            {"StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": "*"},
        ),
        ("GetLayerVersionPolicy", {}),
        ("RemoveLayerVersionPermission", {"StatementId": "s"}),
    ],
)
@pytest.mark.parametrize(("name", "number"), [("nothing", 1), ("shared", 2)])
def test_what_is_not_there_has_no_policy(
    made: Bench, operation: str, more: dict[str, Any], name: str, number: int
) -> None:
    publish(made)
    told = refusal(made, operation, LayerName=name, VersionNumber=number, **more)
    message = f"Layer version {ARN}{name}:{number} does not exist."
    assert told == (404, "ResourceNotFoundException", message)


def test_what_a_restart_finds_is_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    file, archives = tmp_path / "control.sqlite3", tmp_path / "archives"
    first = bench(tmp_path / "one", file=file, archives=archives)
    told = publish(first)
    permit(first)
    first.state.store.close()
    again = bench(tmp_path / "two", file=file, archives=archives)
    assert call(again, "GetLayerVersion", LayerName="shared", VersionNumber=1) == told
    assert "s1" in policy(again)["Policy"]
    again.state.store.close()


def with_layers(made: Bench, *arns: str) -> None:
    add_function(made.state, "f")
    latest = made.state.versions["f", "$LATEST"]
    made.state.versions["f", "$LATEST"] = evolve(latest, layers=arns)


@pytest.mark.parametrize("arn", [f"{ARN}nothing:1", f"{ARN}shared:9"])
def test_a_function_gets_no_layer_that_is_not_there(made: Bench, arn: str) -> None:
    publish(made)
    told = refusal_of(check_layers, state=made.state, arns=[f"{ARN}shared:1", arn])
    assert told == (400, "InvalidParameterValueException", f"Layer version {arn} does not exist.")


def test_a_function_gets_no_layer_of_another_region(made: Bench) -> None:
    arn = f"{ARN}shared:1".replace("us-east-1", "eu-west-1")
    assert refusal_of(check_layers, state=made.state, arns=[arn])[2] == (
        "Layers are not in the same region as the function. Layers are expected to be in region us-east-1."
    )


def archives(made: Bench, *layers: int) -> list[bool]:
    """Whether the archives of these versions are kept once what is unused is forgotten."""
    forget_unused_code(made.state)
    found = [find_layer(made.state, f"{ARN}shared:{number}") for number in layers]
    return [made.state.codes.archive(each.code).exists() for each in found if each is not None]


def test_a_function_keeps_a_layer_that_was_deleted(made: Bench) -> None:
    publish(made)
    arn = f"{ARN}shared:1"
    with_layers(made, arn)
    call(made, "DeleteLayerVersion", LayerName="shared", VersionNumber=1)
    check_layers(made.state, [arn], kept=[arn])
    assert refusal_of(check_layers, state=made.state, arns=[arn])[0] == 400
    assert archives(made, 1) == [True]


def test_what_was_deleted_and_nobody_has_is_not_kept(made: Bench) -> None:
    publish(made)
    other = {"ZipFile": zipped("y = 2", "python/other.py")}
    call(made, "PublishLayerVersion", LayerName="shared", Content=other)
    call(made, "DeleteLayerVersion", LayerName="shared", VersionNumber=1)
    assert archives(made, 1, 2) == [False, True]


def test_the_code_of_functions_is_kept(made: Bench) -> None:
    made.make("f")
    code = made.state.versions["f", "$LATEST"].code
    forget_unused_code(made.state)
    assert code is not None
    kept = made.state.codes.archive(code)
    assert kept.exists()
    call(made, "DeleteFunction", FunctionName="f")
    forget_unused_code(made.state)
    assert not kept.exists()


def test_code_and_layers_together_have_a_limit(tmp_path: Path) -> None:
    made = bench(tmp_path, limits=evolve(quotas(), unzipped_bytes=14))
    publish(made)
    arn = f"{ARN}shared:1"
    code = made.state.codes.put_zip(zipped("0123456789"))
    check_layers(made.state, [arn])
    assert refusal_of(check_layers, state=made.state, arns=[arn], code=code)[2] == (
        "Function code combined with layers exceeds the maximum allowed size of 14 bytes. The actual size is 15 bytes."
    )


def test_another_accounts_layer_is_not_told_apart_from_none(made: Bench) -> None:
    with pytest.raises(AccessDeniedError) as refused:
        check_layers(made.state, [OTHERS])
    assert refused.value.message == (
        "User: arn:aws:iam::123456789012:root is not authorized to perform: lambda:GetLayerVersion on resource: "
        f"{OTHERS} because no resource-based policy allows the lambda:GetLayerVersion action"
    )
    assert "--statement-id Allow123456789012" in refused.value.remedy
    assert refusal(made, "GetLayerVersionByArn", Arn=OTHERS)[:2] == (403, "AccessDeniedException")


def test_another_accounts_layer_that_is_known_here_may_be_used(made: Bench) -> None:
    made.plane.layers.know(OTHERS, made.state.codes.put_zip(CONTENT))
    check_layers(made.state, [OTHERS])
    assert call(made, "GetLayerVersionByArn", Arn=OTHERS)["LayerVersionArn"] == OTHERS
    assert call(made, "ListLayers")["Layers"] == []


@pytest.mark.parametrize(
    ("principal", "may"),
    [("123456789012", True), ("111111111111", False)],
)
def test_another_accounts_policy_says_who_may(made: Bench, principal: str, may: bool) -> None:
    made.plane.layers.know(OTHERS, made.state.codes.put_zip(CONTENT))
    layer = find_layer(made.state, OTHERS)
    assert layer is not None
    assert layer.policy is not None
    [given] = layer.policy.statements
    statement = {**given, "Principal": {"AWS": f"arn:aws:iam::{principal}:root"}}
    document = {**layer.policy.document, "Statement": [statement]}
    made.state.layers[layer.layer_arn, "3"] = evolve(layer, policy=evolve(layer.policy, document=document))
    assert _succeeds(lambda: check_layers(made.state, [OTHERS])) is may


def test_another_accounts_layer_cannot_be_changed(made: Bench) -> None:
    name = OTHERS.rpartition(":")[0]
    for operation in ("DeleteLayerVersion", "GetLayerVersionPolicy"):
        assert refusal(made, operation, LayerName=name, VersionNumber=3)[1] == "AccessDeniedException"


def _succeeds(work: Callable[[], object]) -> bool:
    try:
        work()
    except AwsError:
        return False
    return True


def test_a_function_is_told_with_its_layers(made: Bench) -> None:
    publish(made)
    arn = f"{ARN}shared:1"
    made.make("f", Layers=[arn])
    layers = [{"Arn": arn, "CodeSize": len(CONTENT)}]
    assert call(made, "GetFunctionConfiguration", FunctionName="f")["Layers"] == layers
    call(made, "DeleteLayerVersion", LayerName="shared", VersionNumber=1)
    assert call(made, "GetFunctionConfiguration", FunctionName="f")["Layers"] == layers
    call(made, "UpdateFunctionCode", FunctionName="f", ZipFile=zipped("y = 2"))
    assert call(made, "GetFunctionConfiguration", FunctionName="f")["Layers"] == layers


def test_a_function_is_not_made_or_changed_with_layers_that_are_not_there(made: Bench) -> None:
    arn = f"{ARN}nothing:1"
    told = (400, "InvalidParameterValueException", f"Layer version {arn} does not exist.")
    assert refusal_of(lambda: made.make("f", Layers=[arn])) == told
    made.make("f")
    assert refusal(made, "UpdateFunctionConfiguration", FunctionName="f", Layers=[arn]) == told
    assert "Layers" not in call(made, "GetFunctionConfiguration", FunctionName="f")


def test_a_layer_of_another_region_is_refused_before_a_name_that_is_taken(made: Bench) -> None:
    made.make("f")
    arn = f"{ARN}shared:1".replace("us-east-1", "eu-west-1")
    assert refusal_of(lambda: made.make("f", Layers=[arn]))[2].startswith("Layers are not in the same region")
