"""The operations on functions, against what real AWS answered: made, told, changed, listed and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field

from lambdaform.facts.quotas import quotas
from lambdaform.local.errors import AwsError
from tests.local.control.planes import ROLE, Bench, bench, function, zipped

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
PENDING = {
    "State": "Pending",
    "StateReason": "The function is being created.",
    "StateReasonCode": "Creating",
}
IN_PROGRESS = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",
    "LastUpdateStatusReasonCode": "Creating",
}
REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the "
    "latest Revision Id"
)


@pytest.fixture
def aws(tmp_path: Path) -> Bench:
    return bench(tmp_path)


def status(document: dict[str, Any]) -> dict[str, Any]:
    """What a configuration says of how it is."""
    return {name: value for name, value in document.items() if name.startswith(("State", "LastUpdate"))}


def code(error: AwsError) -> tuple[str, int, str]:
    return error.code, error.status, error.message


def test_a_new_function_is_told_with_all_its_defaults(aws: Bench) -> None:
    made = aws.ask("CreateFunction", **function())
    assert made | {"RevisionId": "", "CodeSha256": "", "CodeSize": 0, "RuntimeVersionConfig": {}} == {
        "FunctionName": "checkout",
        "FunctionArn": ARN,
        "Runtime": "python3.13",
        "Role": ROLE,
        "Handler": "index.handler",
        "CodeSize": 0,
        "CodeSha256": "",
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "LastModified": "2026-11-26T00:00:00.000+0000",
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": "",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/checkout"},
        "RuntimeVersionConfig": {},
        **PENDING,
    }


def test_a_new_function_becomes_active_under_another_revision(aws: Bench) -> None:
    made = aws.make()
    told = aws.ask("GetFunctionConfiguration", FunctionName="checkout")
    assert status(told) == {"State": "Active", "LastUpdateStatus": "Successful"}
    assert told["RevisionId"] != made["RevisionId"]


def test_code_is_told_by_its_hash_and_size(aws: Bench) -> None:
    archive = zipped("x = 1")
    made = aws.make(Code={"ZipFile": archive})
    stored = aws.state.versions["checkout", "$LATEST"].code
    assert stored is not None
    assert (made["CodeSize"], made["CodeSha256"]) == (len(archive), stored.sha256)


def test_where_code_can_be_had_is_told(aws: Bench) -> None:
    archive = zipped("x = 1")
    aws.make(Code={"ZipFile": archive})
    told = aws.ask("GetFunction", FunctionName="checkout")["Code"]
    assert told["RepositoryType"] == "S3"
    assert Path(told["Location"].removeprefix("file://")).read_bytes() == archive


def test_settings_are_told_as_they_were_given(aws: Bench) -> None:
    given = {
        "Description": "Takes orders",
        "Timeout": 30,
        "MemorySize": 512,
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:failed"},
        "Environment": {"Variables": {"STAGE": "dev"}},
        "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1",
        "TracingConfig": {"Mode": "Active"},
        "FileSystemConfigs": [{"Arn": "arn:aws:elasticfilesystem:…", "LocalMountPath": "/mnt/a"}],
        "Architectures": ["arm64"],
        "EphemeralStorage": {"Size": 1024},
        "SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"},
        "TenancyConfig": {"TenantIsolationMode": "PER_TENANT"},
        "DurableConfig": {"ExecutionTimeout": 60},
    }
    made = aws.make(**{**given, "SnapStart": {"ApplyOn": "PublishedVersions"}})
    assert {name: made[name] for name in given} == given


def test_tags_and_reserved_concurrency_are_told_beside_the_configuration(aws: Bench) -> None:
    aws.make(Tags={"team": "orders"})
    aws.ask("PutFunctionConcurrency", FunctionName="checkout", ReservedConcurrentExecutions=5)
    told = aws.ask("GetFunction", FunctionName="checkout")
    assert told["Tags"] == {"team": "orders"}
    assert told["Concurrency"] == {"ReservedConcurrentExecutions": 5}


def test_without_tags_none_are_told(aws: Bench) -> None:
    aws.make()
    assert aws.ask("GetFunction", FunctionName="checkout").keys() == {"Configuration", "Code"}


@pytest.mark.parametrize("name", ["checkout", ARN, "123456789012:function:checkout", "function:checkout"])
def test_a_function_is_made_under_any_form_of_its_name(aws: Bench, name: str) -> None:
    assert aws.make(name)["FunctionArn"] == ARN


def test_a_name_that_is_taken_is_refused(aws: Bench) -> None:
    aws.make()
    refused = aws.refused("CreateFunction", **function())
    assert code(refused) == ("ResourceConflictException", 409, "Function already exist: checkout")


def test_a_name_that_is_too_long_is_refused(aws: Bench) -> None:
    refused = aws.refused("CreateFunction", **function("a" * 65))
    assert code(refused) == (
        "InvalidParameterValueException",
        400,
        f"1 validation error detected: Value '{'a' * 65}' at 'functionName' failed to satisfy constraint: Member must "
        "have length less than or equal to 64",
    )


def test_a_function_of_another_account_is_refused(aws: Bench) -> None:
    refused = aws.refused("CreateFunction", **function(ARN.replace("123456789012", "210987654321")))
    assert code(refused)[:2] == ("AccessDeniedException", 403)


def test_a_function_of_another_partition_is_not_found(aws: Bench) -> None:
    aws.make()
    other = ARN.replace("arn:aws:", "arn:aws-cn:")
    refused = aws.refused("GetFunction", FunctionName=other)
    assert code(refused) == ("ResourceNotFoundException", 404, f"Function not found: {other}")


def test_a_function_of_another_region_is_refused(aws: Bench) -> None:
    refused = aws.refused("CreateFunction", **function(ARN.replace("us-east-1", "ap-southeast-1")))
    assert code(refused) == (
        "ResourceNotFoundException",
        404,
        "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')",
    )


def test_code_that_is_no_zip_is_refused(aws: Bench) -> None:
    refused = aws.refused("CreateFunction", **function(Code={"ZipFile": b"no zip"}))
    assert code(refused) == (
        "InvalidParameterValueException",
        400,
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
    )


def test_an_archive_of_50_mb_is_refused(aws: Bench) -> None:
    refused = aws.refused("CreateFunction", **function(Code={"ZipFile": bytes(52428800)}))
    assert code(refused) == (
        "RequestEntityTooLargeException",
        413,
        "Zipped size must be smaller than 52428800 bytes",
    )


def test_an_archive_over_a_megabyte_is_unpacked_too(aws: Bench) -> None:
    made = aws.make(Code={"ZipFile": zipped("#" * (2 << 20))})
    assert made["CodeSize"] > 2 << 20


def test_code_without_a_source_is_refused(aws: Bench) -> None:
    assert aws.refused("CreateFunction", **function(Code={})).code == "InvalidParameterValueException"


def test_code_comes_from_s3_where_somebody_reads_it(aws: Bench) -> None:
    archive = zipped("x = 1")

    async def read(bucket: str, key: str, version: str | None) -> bytes:
        assert (bucket, key, version) == ("codes", "a.zip", "7")
        return archive

    aws.state.read_object = read
    made = aws.make(Code={"S3Bucket": "codes", "S3Key": "a.zip", "S3ObjectVersion": "7"})
    assert made["CodeSize"] == len(archive)


def test_what_s3_refuses_is_told(aws: Bench) -> None:
    async def read(_bucket: str, _key: str, _version: str | None) -> bytes:
        raise AwsError("NoSuchKey", "The specified key does not exist.", 404)

    aws.state.read_object = read
    refused = aws.refused("CreateFunction", **function(Code={"S3Bucket": "codes", "S3Key": "a.zip"}))
    assert code(refused) == (
        "InvalidParameterValueException",
        400,
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    )


@define
class SlowS3:
    """An S3 that answers only once so many have asked."""

    archives: list[bytes]
    asked: int = 0
    all_asked: asyncio.Event = field(factory=asyncio.Event)

    async def read(self, _bucket: str, key: str, _version: str | None) -> bytes:
        """Wait for the others."""
        self.asked += 1
        if self.asked == len(self.archives):
            self.all_asked.set()
        await asyncio.wait_for(self.all_asked.wait(), 30)
        return self.archives[int(key)]


@pytest.mark.parametrize("operation", ["CreateFunction", "UpdateFunctionCode"])
def test_of_several_at_once_one_wins_whole_and_the_others_are_refused(aws: Bench, operation: str) -> None:
    archives = [zipped(f"x = '{number * 'x'}'") for number in range(4)]
    given = [{"S3Bucket": "codes", "S3Key": str(number)} for number in range(4)]
    if operation == "UpdateFunctionCode":
        aws.make()
        calls = [{"FunctionName": "checkout", **each} for each in given]
    else:
        calls = [function(Code=each, Timeout=number + 1) for number, each in enumerate(given)]

    async def at_once() -> list[Any]:
        aws.state.read_object = SlowS3(archives).read
        tasks = [asyncio.create_task(aws.call(operation, **each)) for each in calls]
        await asyncio.wait(tasks)
        return [each.exception() or each.result() for each in tasks]

    answers = asyncio.run(at_once())
    [won] = [each for each in answers if isinstance(each, dict)]
    assert {each.code for each in answers if isinstance(each, AwsError)} == {"ResourceConflictException"}
    kept = aws.ask("GetFunctionConfiguration", FunctionName="checkout")
    assert kept["CodeSha256"] == won["CodeSha256"]
    if operation == "CreateFunction":
        assert archives[kept["Timeout"] - 1] == archives[answers.index(won)]


def test_without_s3_code_from_there_is_refused(aws: Bench) -> None:
    refused = aws.refused("CreateFunction", **function(Code={"S3Bucket": "codes", "S3Key": "a.zip"}))
    assert "s3://codes/a.zip cannot be read" in refused.message


def trust(service: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"Service": service}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("statements", "taken"),
    [
        ([trust("lambda.amazonaws.com")], True),
        (trust("lambda.amazonaws.com"), True),
        ([trust("ec2.amazonaws.com"), trust("lambda.amazonaws.com")], True),
        ([trust("ec2.amazonaws.com")], False),
        ([trust("lambda.amazonaws.com"), trust("lambda.amazonaws.com", "Deny")], False),
        ([], False),
    ],
)
def test_lambda_must_be_able_to_assume_the_role(aws: Bench, statements: Any, taken: bool) -> None:
    async def trust_of(_role: str) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": statements}

    aws.state.trust_of = trust_of
    if taken:
        assert aws.make()["Role"] == ROLE
        return
    refused = aws.refused("CreateFunction", **function())
    assert code(refused) == (
        "InvalidParameterValueException",
        400,
        "The role defined for the function cannot be assumed by Lambda.",
    )


def test_a_role_that_nobody_has_made_is_taken(aws: Bench) -> None:
    async def trust_of(_role: str) -> None:
        return None

    aws.state.trust_of = trust_of
    assert aws.make()["Role"] == ROLE


def test_another_role_must_let_lambda_in_too(aws: Bench) -> None:
    async def trust_of(role: str) -> dict[str, Any] | None:
        return {"Statement": [trust("ec2.amazonaws.com")]} if role.endswith("/other") else None

    aws.state.trust_of = trust_of
    aws.make()
    other = ROLE.replace("/lambda", "/other")
    refused = aws.refused("UpdateFunctionConfiguration", FunctionName="checkout", Role=other)
    assert refused.message == "The role defined for the function cannot be assumed by Lambda."
    assert aws.change(Role=ROLE)["Role"] == ROLE


class Ec2:
    """An EC2 with one subnet and one security group."""

    async def check_security_groups(self, ids: Sequence[str]) -> None:
        """See that all are there."""
        if list(ids) != ["sg-1"]:
            raise AwsError("InvalidGroup.NotFound", f"The security group '{ids[0]}' does not exist", 400)

    async def vpc_of(self, subnets: Sequence[str]) -> str:
        """The VPC of the one."""
        if list(subnets) != ["subnet-1"]:
            raise AwsError("InvalidSubnetID.NotFound", f"The subnet ID '{subnets[0]}' does not exist", 400)
        return "vpc-1"


@pytest.mark.parametrize("operation", ["CreateFunction", "UpdateFunctionConfiguration"])
def test_a_function_is_told_with_the_vpc_of_its_subnets(aws: Bench, operation: str) -> None:
    aws.state.network = Ec2()
    config = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    if operation == "CreateFunction":
        told = aws.make(VpcConfig=config)
    else:
        aws.make()
        told = aws.change(VpcConfig=config)
    assert told["VpcConfig"] == {**config, "VpcId": "vpc-1", "Ipv6AllowedForDualStack": False}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"SubnetIds": ["subnet-2"], "SecurityGroupIds": ["sg-1"]},
            "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet "
            "ID 'subnet-2' does not exist",
        ),
        (
            {"SubnetIds": ["subnet-2"], "SecurityGroupIds": ["sg-2"]},
            "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The "
            "security group 'sg-2' does not exist",
        ),
    ],
)
def test_a_network_that_is_not_there_is_refused(aws: Bench, config: dict[str, Any], message: str) -> None:
    aws.state.network = Ec2()
    refused = aws.refused("CreateFunction", **function(VpcConfig=config))
    assert code(refused) == ("InvalidParameterValueException", 400, message)


@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_only_latest_is_updated(aws: Bench, qualifier: str) -> None:
    aws.make(Publish=True)
    aws.ask("CreateAlias", FunctionName="checkout", Name="live", FunctionVersion="1")
    refused = aws.refused("UpdateFunctionConfiguration", FunctionName=f"checkout:{qualifier}", Timeout=9)
    assert refused.message.startswith("This operation is permitted on Lambda functions only.")
    assert aws.ask("UpdateFunctionConfiguration", FunctionName="checkout:$LATEST", Timeout=9)["Timeout"] == 9


def test_code_beyond_the_code_store_is_refused(tmp_path: Path) -> None:
    aws = bench(tmp_path, limits=evolve(quotas(), code_storage_gb=0))
    refused = aws.refused("CreateFunction", **function())
    assert code(refused) == ("CodeStorageExceededException", 400, "Code storage limit exceeded.")


def test_a_function_of_an_image_fails_and_says_why(aws: Bench) -> None:
    members = function(
        Code={"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:latest"}, PackageType="Image"
    )
    del members["Runtime"], members["Handler"]
    made = aws.ask("CreateFunction", **members)
    aws.settle()
    told = aws.ask("GetFunction", FunctionName="checkout")
    assert status(made) == PENDING
    assert status(told["Configuration"]) == {
        "State": "Failed",
        "StateReason": "lambdaform runs no containers: functions of container images can be defined, not invoked.",
        "StateReasonCode": "InvalidImage",
    }
    assert told["Code"] == {"RepositoryType": "ECR", "ImageUri": members["Code"]["ImageUri"]}


def test_an_image_that_is_named_by_its_digest_is_resolved(aws: Bench) -> None:
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/a@sha256:{'0' * 64}"
    members = function(Code={"ImageUri": image}, PackageType="Image")
    del members["Runtime"], members["Handler"]
    assert aws.ask("CreateFunction", **members)["CodeSha256"] == "0" * 64
    assert aws.ask("GetFunction", FunctionName="checkout")["Code"]["ResolvedImageUri"] == image


def test_an_image_has_no_handler(aws: Bench) -> None:
    refused = aws.refused("CreateFunction", **function(Code={"ImageUri": "a:latest"}, PackageType="Image"))
    assert refused.message == (
        "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
    )


def test_new_code_is_an_update_in_progress(aws: Bench) -> None:
    before = aws.make()
    archive = zipped("y = 2")
    changed = aws.ask("UpdateFunctionCode", FunctionName="checkout", ZipFile=archive)
    assert status(changed) == {"State": "Active", **IN_PROGRESS}
    assert changed["CodeSize"] == len(archive)
    assert changed["CodeSha256"] != before["CodeSha256"]


def test_every_update_has_a_revision_of_its_own_and_one_once_it_is_through(aws: Bench) -> None:
    seen = [aws.make()["RevisionId"]]
    for description in ("first", "first", "second"):
        seen.append(aws.ask("GetFunctionConfiguration", FunctionName="checkout")["RevisionId"])
        seen.append(aws.change(Description=description)["RevisionId"])
    assert len(set(seen)) == len(seen)


def test_an_update_changes_only_what_is_given(aws: Bench) -> None:
    aws.make(MemorySize=512, Environment={"Variables": {"A": "1"}})
    changed = aws.change(Timeout=10)
    assert (changed["Timeout"], changed["MemorySize"]) == (10, 512)
    assert changed["Environment"] == {"Variables": {"A": "1"}}


def test_an_update_tells_when_it_was(aws: Bench) -> None:
    aws.make()
    assert aws.change(Timeout=10)["LastModified"] == "2026-11-26T00:00:01.000+0000"


def test_a_dry_run_says_what_would_be_and_changes_nothing(aws: Bench) -> None:
    aws.make()
    before, archive = aws.everything(), zipped("y = 2")
    told = aws.ask("UpdateFunctionCode", FunctionName="checkout", ZipFile=archive, DryRun=True)
    assert told["CodeSize"] == len(archive)
    assert aws.everything() == before


def test_an_update_during_another_is_refused(aws: Bench) -> None:
    aws.make()
    aws.ask("UpdateFunctionConfiguration", FunctionName="checkout", Timeout=10)
    for operation, members in (
        ("UpdateFunctionCode", {"ZipFile": zipped("y = 2")}),
        ("UpdateFunctionConfiguration", {"Timeout": 11}),
        ("PublishVersion", {}),
        ("TagResource", {"Tags": {"a": "b"}}),
    ):
        which = {"Resource": ARN} if operation == "TagResource" else {"FunctionName": "checkout"}
        refused = aws.refused(operation, **which, **members)
        assert code(refused) == (
            "ResourceConflictException",
            409,
            f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}",
        )


def test_an_update_of_a_function_that_is_pending_is_refused(aws: Bench) -> None:
    aws.ask("CreateFunction", **function())
    refused = aws.refused("UpdateFunctionConfiguration", FunctionName="checkout", Timeout=10)
    assert code(refused) == (
        "ResourceConflictException",
        409,
        f"The operation cannot be performed at this time. The resource {ARN} is currently in the following state: "
        "'Pending'. StateReasonCode: 'Creating'",
    )


def test_an_update_goes_by_the_revision(aws: Bench) -> None:
    aws.make()
    right = aws.ask("GetFunctionConfiguration", FunctionName="checkout")["RevisionId"]
    for operation, members in (
        ("UpdateFunctionCode", {"ZipFile": zipped("y = 2")}),
        ("UpdateFunctionConfiguration", {"Timeout": 11}),
    ):
        refused = aws.refused(operation, FunctionName="checkout", RevisionId="wrong", **members)
        assert code(refused) == ("PreconditionFailedException", 412, REVISION)
    assert aws.change(Timeout=11, RevisionId=right)["Timeout"] == 11


@pytest.mark.parametrize(
    ("kind", "members", "message"),
    [
        (
            "Zip",
            {"ImageUri": "a"},
            "Please don't provide ImageUri when updating a function with packageType Zip.",
        ),
        (
            "Image",
            {"ZipFile": b""},
            "Please provide ImageUri when updating a function with packageType Image.",
        ),
    ],
)
def test_a_function_keeps_its_kind_of_package(
    aws: Bench, kind: str, members: dict[str, Any], message: str
) -> None:
    given = function(PackageType=kind)
    if kind == "Image":
        given |= {"Code": {"ImageUri": "a:latest"}, "Runtime": None, "Handler": None}
    aws.ask("CreateFunction", **given)
    aws.settle()
    assert aws.refused("UpdateFunctionCode", FunctionName="checkout", **members).message == message


def test_a_deleted_function_is_gone_with_all_that_it_had(aws: Bench) -> None:
    aws.make(Publish=True)
    aws.ask("CreateAlias", FunctionName="checkout", Name="live", FunctionVersion="1")
    assert aws.ask("DeleteFunction", FunctionName="checkout") == {"StatusCode": 204}
    assert aws.everything() == ({}, {}, {})
    assert aws.state.versions.weight == 0


def test_a_function_that_is_made_again_starts_anew(aws: Bench) -> None:
    aws.make(Publish=True)
    aws.ask("DeleteFunction", FunctionName="checkout")
    assert aws.make(Publish=True)["Version"] == "1"


@pytest.mark.parametrize("operation", ["GetFunction", "GetFunctionConfiguration", "DeleteFunction"])
def test_a_function_that_is_not_there_is_not_found(aws: Bench, operation: str) -> None:
    refused = aws.refused(operation, FunctionName="checkout")
    assert code(refused) == ("ResourceNotFoundException", 404, f"Function not found: {ARN}")


def test_a_version_that_is_not_there_is_not_found(aws: Bench) -> None:
    aws.make()
    refused = aws.refused("GetFunction", FunctionName="checkout", Qualifier="1221")
    assert code(refused) == ("ResourceNotFoundException", 404, f"Function not found: {ARN}:1221")


def test_deleting_a_version_that_is_not_there_is_no_error(aws: Bench) -> None:
    aws.make()
    before = aws.everything()
    assert aws.ask("DeleteFunction", FunctionName="checkout", Qualifier="1233") == {"StatusCode": 204}
    assert aws.everything() == before


@pytest.mark.parametrize(
    ("qualifier", "message"),
    [
        ("$LATEST", "$LATEST version cannot be deleted without deleting the function."),
        ("live", "Deletion of aliases is not currently supported."),
    ],
)
def test_only_numbered_versions_can_be_deleted(aws: Bench, qualifier: str, message: str) -> None:
    refused = aws.refused("DeleteFunction", FunctionName=f"checkout:{qualifier}")
    assert code(refused) == ("InvalidParameterValueException", 400, message)


def test_a_version_that_an_alias_names_stays(aws: Bench) -> None:
    aws.make(Publish=True)
    aws.change(Timeout=10)
    aws.ask("PublishVersion", FunctionName="checkout")
    weights = {"AdditionalVersionWeights": {"1": 0.1}}
    aws.ask("CreateAlias", FunctionName="checkout", Name="live", FunctionVersion="2", RoutingConfig=weights)
    for version in ("1", "2"):
        refused = aws.refused("DeleteFunction", FunctionName="checkout", Qualifier=version)
        assert code(refused) == (
            "ResourceConflictException",
            409,
            "Unable to delete version because the following aliases reference it: [live]",
        )


def test_functions_are_listed_without_how_they_are(aws: Bench) -> None:
    aws.make("one")
    aws.make("two")
    listed = aws.ask("ListFunctions")["Functions"]
    assert [each["FunctionName"] for each in listed] == ["one", "two"]
    assert not any(each.keys() & {"State", "LastUpdateStatus", "RuntimeVersionConfig"} for each in listed)
    assert listed[0]["FunctionArn"].endswith(":function:one")


def test_all_versions_of_all_functions_are_listed_by_their_own_arns(aws: Bench) -> None:
    aws.make("one", Publish=True)
    aws.make("two")
    listed = aws.ask("ListFunctions", FunctionVersion="ALL")["Functions"]
    assert [each["FunctionArn"].partition(":function:")[2] for each in listed] == [
        "one:$LATEST",
        "one:1",
        "two:$LATEST",
    ]


def test_functions_are_listed_in_pages(aws: Bench) -> None:
    for name in ("one", "two", "three"):
        aws.make(name)
    first = aws.ask("ListFunctions", MaxItems=2)
    rest = aws.ask("ListFunctions", MaxItems=2, Marker=first["NextMarker"])
    assert [each["FunctionName"] for each in first["Functions"] + rest["Functions"]] == [
        "one",
        "two",
        "three",
    ]
    assert "NextMarker" not in rest


def test_no_function_is_another_regions_replica(aws: Bench) -> None:
    aws.make()
    assert aws.ask("ListFunctions", FunctionVersion="ALL", MasterRegion="us-west-2")["Functions"] == []


def test_who_serves_invocations_is_told_of_every_change(aws: Bench) -> None:
    aws.make()
    aws.change(Timeout=10)
    aws.ask("PublishVersion", FunctionName="checkout")
    aws.ask("DeleteFunction", FunctionName="checkout")
    assert aws.told == ["checkout"] * 4


def test_functions_are_there_in_the_next_run(tmp_path: Path) -> None:
    file, archives = tmp_path / "control.sqlite3", tmp_path / "archives"
    aws = bench(tmp_path / "first", file=file, archives=archives)
    made = aws.make(Publish=True, Tags={"a": "b"}, Environment={"Variables": {"A": "1"}})
    before = aws.everything()
    aws.state.store.close()
    later = bench(tmp_path / "second", file=file, archives=archives)
    assert later.everything() == before
    told = later.ask("GetFunction", FunctionName="checkout", Qualifier="1")
    assert told["Configuration"]["CodeSha256"] == made["CodeSha256"]
    assert Path(told["Code"]["Location"].removeprefix("file://")).exists()
