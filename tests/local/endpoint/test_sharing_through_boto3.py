"""Layers, resource policies and code signing as boto3 sees them: types, pages, errors, and what can be downloaded."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
import pytest
from botocore.config import Config

from tests.local.control.planes import ROLE, zipped
from tests.local.lab import HERE, Lab, laboratory
from tests.local.served_account import ServedAccount

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient

T = TypeVar("T")
CONTENT = zipped("x = 1", "python/shared.py")
ARN = "arn:aws:lambda:us-east-1:123456789012:"
PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/test"
PATIENCE_S = 30


class Served(ServedAccount):
    """A lab behind an endpoint, with boto3's client and a function."""

    def __init__(self, lab: Lab, notices: list[str]) -> None:
        super().__init__(lab)
        self.notices = notices
        self.call(
            lambda: self.client.create_function(
                FunctionName="gong",
                Runtime=HERE,  # type: ignore[arg-type]
                Handler="index.handler",
                Role=ROLE,
                Code={"ZipFile": zipped("def handler(event, context):\n    return 1\n")},
            )
        )
        waiter = self.client.get_waiter("function_active_v2")
        self.call(lambda: waiter.wait(FunctionName="gong", WaiterConfig={"Delay": 1}))

    def publish(self, name: str, **more: Any) -> dict[str, Any]:
        """Publish a version of a layer."""
        return dict(
            self.call(
                lambda: self.client.publish_layer_version(
                    LayerName=name, Content={"ZipFile": CONTENT}, **more
                )
            )
        )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    notices: list[str] = []
    folder = tmp_path_factory.mktemp("sharing")
    with laboratory(folder, sandboxed=False, notice=notices.append) as lab:
        made = Served(lab, notices)
        yield made
        made.close()


def test_a_layer_is_published_and_its_content_can_be_downloaded(served: Served) -> None:
    told = served.publish("content", CompatibleRuntimes=["python3.13"])
    assert (told["Version"], told["LayerVersionArn"]) == (1, f"{ARN}layer:content:1")
    location = told["Content"]["Location"]

    def download() -> bytes:
        with urllib.request.urlopen(location, timeout=PATIENCE_S) as answer:
            data: bytes = answer.read()
        return data

    assert served.call(download) == CONTENT


def test_versions_of_a_layer_come_in_pages(served: Served) -> None:
    for _ in range(3):
        served.publish("pages")

    def numbers() -> list[int]:
        pages = served.client.get_paginator("list_layer_versions").paginate(
            LayerName="pages", PaginationConfig={"PageSize": 2}
        )
        return [each["Version"] for page in pages for each in page["LayerVersions"]]

    assert served.call(numbers) == [3, 2, 1]


def test_a_layer_that_is_not_there_is_an_exception_of_its_own(served: Served) -> None:
    with pytest.raises(served.client.exceptions.ResourceNotFoundException):
        served.call(lambda: served.client.get_layer_version(LayerName="nothing", VersionNumber=1))


def test_a_version_below_one_is_refused(served: Served) -> None:
    told = served.refusal(lambda: served.client.get_layer_version(LayerName="x", VersionNumber=0))
    assert (told["Error"]["Code"], told["message"], told["Type"]) == (
        "InvalidParameterValueException",
        "Layer Version Cannot be less than 1",
        "User",
    )


def test_a_layer_is_shared(served: Served) -> None:
    served.publish("shared")
    added = served.call(
        lambda: served.client.add_layer_version_permission(
            LayerName="shared",
            VersionNumber=1,
            StatementId="all",
            Action="lambda:GetLayerVersion",
            Principal="*",
        )
    )
    policy = served.call(lambda: served.client.get_layer_version_policy(LayerName="shared", VersionNumber=1))
    assert added["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert json.loads(policy["Policy"])["Statement"] == [json.loads(added["Statement"])]
    assert policy["RevisionId"] == added["RevisionId"]


def test_a_permission_is_added_told_and_removed(served: Served) -> None:
    client = served.client
    added = served.call(
        lambda: client.add_permission(
            FunctionName="gong",
            StatementId="events",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn="arn:aws:events:us-east-1:123456789012:rule/hourly",
        )
    )
    policy = served.call(lambda: client.get_policy(FunctionName="gong"))
    assert json.loads(policy["Policy"])["Statement"] == [json.loads(added["Statement"])]
    stale = served.refusal(
        lambda: client.remove_permission(FunctionName="gong", StatementId="events", RevisionId="wrong")
    )
    assert (stale["ResponseMetadata"]["HTTPStatusCode"], stale["Error"]["Code"]) == (
        412,
        "PreconditionFailedException",
    )
    removed = served.call(
        lambda: client.remove_permission(
            FunctionName="gong", StatementId="events", RevisionId=policy["RevisionId"]
        )
    )
    assert removed["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        served.call(lambda: client.get_policy(FunctionName="gong"))


def test_a_whole_policy_is_put_and_deleted(served: Served) -> None:
    client, arn = served.client, f"{ARN}function:gong"
    statement = {"Effect": "Deny", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": arn}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    put = served.call(lambda: client.put_resource_policy(ResourceArn=arn, Policy=text))
    got = served.call(lambda: client.get_resource_policy(ResourceArn=arn))
    assert (json.loads(got["Policy"]), got["RevisionId"]) == (json.loads(text), put["RevisionId"])
    served.call(lambda: client.delete_resource_policy(ResourceArn=arn, RevisionId=put["RevisionId"]))
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        served.call(lambda: client.get_resource_policy(ResourceArn=arn))


def test_a_statement_id_that_is_none_is_refused_by_the_model(served: Served) -> None:
    told = served.refusal(
        lambda: served.client.add_permission(
            FunctionName="gong",
            StatementId="example.com",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        )
    )
    assert told["Error"]["Message"] == (
        "1 validation error detected: Value 'example.com' at 'statementId' failed to satisfy constraint: Member must "
        "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"
    )


def test_a_code_signing_configuration_is_made_used_and_deleted(served: Served) -> None:
    client = served.client
    made = served.call(
        lambda: client.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [PROFILE]})
    )
    arn = made["CodeSigningConfig"]["CodeSigningConfigArn"]
    served.call(
        lambda: client.put_function_code_signing_config(FunctionName="gong", CodeSigningConfigArn=arn)
    )
    listed = served.call(lambda: client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn))
    assert listed["FunctionArns"] == [f"{ARN}function:gong"]
    served.call(lambda: client.delete_function_code_signing_config(FunctionName="gong"))
    served.call(lambda: client.delete_code_signing_config(CodeSigningConfigArn=arn))
    told = served.refusal(lambda: client.get_code_signing_config(CodeSigningConfigArn=arn))
    assert told["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": f"The Lambda code signing configuration {arn} can not be found.",
    }
    assert "Type" not in told


def test_another_accounts_layer_is_refused_and_it_is_said_what_would_help(served: Served) -> None:
    arn = "arn:aws:lambda:us-east-1:210987654321:layer:theirs:3"
    told = served.refusal(
        lambda: served.client.update_function_configuration(FunctionName="gong", Layers=[arn])
    )
    assert told["Error"]["Code"] == "AccessDeniedException"
    assert "is not authorized to perform: lambda:GetLayerVersion" in told["Error"]["Message"]
    assert served.notices[-1].startswith(
        "UpdateFunctionConfiguration was refused. Its account would allow it with"
    )
    assert f"--layer {arn}=PATH" in served.notices[-1]


def test_another_account_invokes_where_a_statement_lets_it(served: Served) -> None:
    partner: LambdaClient = boto3.client(
        "lambda",
        endpoint_url=served.endpoint.url,
        region_name="us-east-1",
        aws_access_key_id="210987654321",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE_S),
    )
    arn = f"{ARN}function:gong"

    def invoke(name: str = arn) -> bytes:
        return partner.invoke(FunctionName=name)["Payload"].read()

    told = served.refusal(invoke)["Error"]
    assert told == {
        "Code": "AccessDeniedException",
        "Message": "User: arn:aws:iam::210987654321:root is not authorized to perform: lambda:InvokeFunction on "
        f"resource: {arn} because no resource-based policy allows the lambda:InvokeFunction action",
    }
    assert "--principal 210987654321" in served.notices[-1]
    own = served.refusal(lambda: invoke("gong"))["Error"]["Message"]
    assert own == "Function not found: arn:aws:lambda:us-east-1:210987654321:function:gong"
    served.call(
        lambda: served.client.add_permission(
            FunctionName="gong",
            StatementId="partner",
            Action="lambda:InvokeFunction",
            Principal="210987654321",
        )
    )
    assert served.call(invoke) == b"1"
    partner.close()
