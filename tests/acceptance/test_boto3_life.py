"""A function's life through boto3, with its waiters and paginators, against ``lambdaform run``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from tests.acceptance.lives import ROLE, RUNTIME, archive, served
from tests.acceptance.test_run_locally import waited_for

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient

pytestmark = pytest.mark.slow
NAME = "life-boto3"
WAIT: Any = {"Delay": 1, "MaxAttempts": 30}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[LambdaClient]:
    with served(tmp_path) as running:
        made: LambdaClient = boto3.client(
            "lambda",
            endpoint_url=running.url,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="y",
            config=Config(retries={"total_max_attempts": 1}),
        )
        yield made
        made.close()


def test_a_function_lives_through_boto3(client: LambdaClient) -> None:
    def invoked(qualifier: str | None = None) -> tuple[str, str]:
        more: Any = {"Qualifier": qualifier} if qualifier else {}
        answer = client.invoke(FunctionName=NAME, Payload=b'{"name": "boto3"}', **more)
        assert answer["StatusCode"] == 200
        assert "FunctionError" not in answer
        return answer["ExecutedVersion"], json.loads(answer["Payload"].read())

    made = client.create_function(
        FunctionName=NAME,
        Runtime=RUNTIME,  # type: ignore[arg-type]
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": archive(1)},
        Environment={"Variables": {"GREETING": "hello"}},
        Tags={"team": "blue"},
    )
    assert made["State"] == "Pending"
    client.get_waiter("function_active_v2").wait(FunctionName=NAME, WaiterConfig=WAIT)
    assert invoked() == ("$LATEST", "hello boto3 1")

    client.update_function_configuration(FunctionName=NAME, Environment={"Variables": {"GREETING": "ciao"}})
    client.get_waiter("function_updated_v2").wait(FunctionName=NAME, WaiterConfig=WAIT)
    assert invoked() == ("$LATEST", "ciao boto3 1")

    assert client.publish_version(FunctionName=NAME)["Version"] == "1"
    client.get_waiter("published_version_active").wait(FunctionName=NAME, Qualifier="1", WaiterConfig=WAIT)
    client.create_alias(FunctionName=NAME, Name="live", FunctionVersion="1")
    client.update_function_code(FunctionName=NAME, ZipFile=archive(2))
    client.get_waiter("function_updated_v2").wait(FunctionName=NAME, WaiterConfig=WAIT)
    assert invoked() == ("$LATEST", "ciao boto3 2")
    assert invoked("live") == ("1", "ciao boto3 1")

    assert client.publish_version(FunctionName=NAME)["Version"] == "2"
    client.update_alias(
        FunctionName=NAME, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}}
    )
    assert invoked("live") == ("2", "ciao boto3 2")
    versions = client.get_paginator("list_versions_by_function").paginate(
        FunctionName=NAME, PaginationConfig={"PageSize": 1}
    )
    assert [each["Version"] for page in versions for each in page["Versions"]] == ["$LATEST", "1", "2"]
    aliases = client.get_paginator("list_aliases").paginate(FunctionName=NAME)
    assert [each["Name"] for page in aliases for each in page["Aliases"]] == ["live"]

    client.add_permission(
        FunctionName=NAME,
        Qualifier="live",
        StatementId="bucket",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::photos",
    )
    [statement] = json.loads(client.get_policy(FunctionName=NAME, Qualifier="live")["Policy"])["Statement"]
    assert statement["Resource"] == f"{made['FunctionArn']}:live"
    client.remove_permission(FunctionName=NAME, Qualifier="live", StatementId="bucket")

    url = client.create_function_url_config(FunctionName=NAME, AuthType="NONE", Qualifier="live")[
        "FunctionUrl"
    ]
    urls = client.get_paginator("list_function_url_configs").paginate(FunctionName=NAME)
    assert [each["FunctionUrl"] for page in urls for each in page["FunctionUrlConfigs"]] == [url]

    client.put_function_event_invoke_config(FunctionName=NAME, MaximumRetryAttempts=0)
    client.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=5)
    assert client.get_function(FunctionName=NAME)["Concurrency"] == {"ReservedConcurrentExecutions": 5}

    mapping = client.create_event_source_mapping(
        FunctionName=NAME, EventSourceArn="arn:aws:sqs:us-east-1:123456789012:orders", BatchSize=5
    )
    mappings = client.get_paginator("list_event_source_mappings").paginate(FunctionName=NAME)
    assert [each["UUID"] for page in mappings for each in page["EventSourceMappings"]] == [mapping["UUID"]]

    def is_enabled() -> bool:
        return client.get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled"

    assert waited_for(is_enabled, 30)
    client.delete_event_source_mapping(UUID=mapping["UUID"])

    client.tag_resource(Resource=made["FunctionArn"], Tags={"stage": "prod"})
    client.untag_resource(Resource=made["FunctionArn"], TagKeys=["team"])
    assert client.list_tags(Resource=made["FunctionArn"])["Tags"] == {"stage": "prod"}

    layer = client.publish_layer_version(LayerName="shared", Content={"ZipFile": archive(3)})
    client.update_function_configuration(FunctionName=NAME, Layers=[layer["LayerVersionArn"]])
    client.get_waiter("function_updated_v2").wait(FunctionName=NAME, WaiterConfig=WAIT)
    layers = client.get_paginator("list_layers").paginate()
    assert [each["LayerName"] for page in layers for each in page["Layers"]] == ["shared"]

    functions = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 1})
    assert NAME in [each["FunctionName"] for page in functions for each in page["Functions"]]

    client.delete_alias(FunctionName=NAME, Name="live")
    client.delete_function(FunctionName=NAME)
    with pytest.raises(client.exceptions.ResourceNotFoundException) as raised:
        client.get_function(FunctionName=NAME)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
