"""What the endpoint refuses is refused as AWS was recorded to: code, status and message."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from attrs import frozen
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.acceptance.recorded_errors import (
    ACCOUNT,
    CASES,
    CODE,
    KAFKA,
    NEW,
    OTHER_SERVICES,
    PERMIT,
    PERMIT_LAYER,
    QUEUE,
    REGION,
    SECRET,
    Case,
)
from tests.acceptance.test_run_locally import waited_for


def client(url: str, service: str) -> Any:
    """boto3's client, which checks nothing by itself and asks once."""
    connect: Any = boto3.client  # its stubs know services by literal names only
    return connect(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            read_timeout=60,
            s3={"addressing_style": "path"},
        ),
    )


@frozen
class World:
    """An account with functions, layers and settings that the cases speak of; ``values`` are its generated ones."""

    client: Any
    values: dict[str, str]

    def filled(self, value: Any) -> Any:
        """A message or member with the world's values in it."""
        if isinstance(value, str):
            for name, each in self.values.items():
                value = value.replace(f"{{{name}}}", each)
            return value
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        return [self.filled(each) for each in value] if isinstance(value, list) else value

    def refused(self, case: Case) -> tuple[str, int, str]:
        """Code, status and message of the answer to a case's call, which must be an error."""
        with pytest.raises(ClientError) as raised:
            getattr(self.client, case.operation)(**self.filled(dict(case.members)))
        error = raised.value.response["Error"]
        return (
            error["Code"],
            raised.value.response["ResponseMetadata"]["HTTPStatusCode"],
            error["Message"],
        )


def _function(made: Any, name: str, versions: int) -> None:
    made.create_function(**{**NEW, "FunctionName": name})
    for number in range(1, versions + 1):
        made.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
        made.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
        made.publish_version(FunctionName=name)
        if number < versions:
            made.update_function_configuration(FunctionName=name, Description=f"after version {number}")


def _provision(made: Any, name: str, qualifier: str) -> None:
    made.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=1
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where ``lambdaform run`` serves an empty account."""
    folder = tmp_path_factory.mktemp("account")
    log = folder / "run.log"
    start = "from lambdaform.cli.main import main; main()"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", start, "run", "--port", "0", "--fresh"],
            cwd=folder,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        try:
            found = waited_for(
                lambda: re.search(r"Serving on (http://127\.0\.0\.1:\d+)", log.read_text()), 60
            )
            assert found is not None, log.read_text()
            yield found[1]
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def world(url: str) -> Iterator[World]:
    made = client(url, "lambda")
    _function(made, "shop", 2)
    made.create_alias(FunctionName="shop", Name="live", FunctionVersion="1")
    made.add_permission(**PERMIT)
    made.create_function_url_config(FunctionName="shop", AuthType="NONE")
    _function(made, "closed", 1)
    made.put_function_concurrency(FunctionName="closed", ReservedConcurrentExecutions=0)
    _function(made, "ready", 2)
    _provision(made, "ready", "1")
    made.create_alias(FunctionName="ready", Name="first", FunctionVersion="1")
    made.create_alias(FunctionName="ready", Name="second", FunctionVersion="2")
    _provision(made, "ready", "second")
    for _ in range(3):
        made.publish_layer_version(LayerName="lib", Content={"ZipFile": CODE})
    made.add_layer_version_permission(**PERMIT_LAYER)
    for number in range(6):
        made.publish_layer_version(LayerName=f"lib{number}", Content={"ZipFile": CODE})
    kafka = made.create_event_source_mapping(
        FunctionName="shop", Topics=["topic"], SelfManagedEventSource=KAFKA, SourceAccessConfigurations=SECRET
    )
    limits = made.get_account_settings()["AccountLimit"]
    values = {
        "sha256": made.get_function_configuration(FunctionName="shop")["CodeSha256"],
        "unreserved": str(limits["UnreservedConcurrentExecutions"]),
        "kafka_mapping": kafka["UUID"],
    }
    yield World(made, values)
    made.close()


def _mapping(made: Any, **members: Any) -> str:
    found: str = made.create_event_source_mapping(FunctionName="shop", **members)["UUID"]
    return found


@pytest.fixture(scope="module")
def whole_world(url: str, world: World) -> World:
    """The world with a queue, streams, a bucket and a network, which moto answers for."""
    pytest.importorskip("moto")
    made = world.client
    sqs, kinesis, dynamodb, s3, ec2 = (
        client(url, service) for service in ("sqs", "kinesis", "dynamodb", "s3", "ec2")
    )
    sqs.create_queue(QueueName="jobs")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    table = dynamodb.create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    s3.create_bucket(Bucket="code")
    subnet = ec2.describe_subnets()["Subnets"][0]
    stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"
    from_start = {"StartingPosition": "TRIM_HORIZON"}
    values = {
        "table": table,
        "stream": stream,
        "subnet": subnet["SubnetId"],
        "group": ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"],
        "queue_mapping": _mapping(made, EventSourceArn=QUEUE),
        "table_mapping": _mapping(made, EventSourceArn=table, **from_start),
        "stream_mapping": _mapping(made, EventSourceArn=stream, **from_start),
    }
    return World(made, {**world.values, **values})


def _name(case: Case) -> str:
    words = re.sub(r"[^A-Za-z0-9$]+", "-", case.message or case.code)[:60].strip("-")
    return f"{case.operation}-{words}"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_an_error_has_the_recorded_code_status_and_message(world: World, case: Case) -> None:
    code, status, message = world.refused(case)
    assert (code, status) == (case.code, case.status)
    if case.message is not None:
        assert message == world.filled(case.message)


@pytest.mark.parametrize("case", OTHER_SERVICES, ids=_name)
def test_an_error_of_another_service_is_told_as_recorded(whole_world: World, case: Case) -> None:
    assert whole_world.refused(case) == (case.code, case.status, whole_world.filled(case.message))
