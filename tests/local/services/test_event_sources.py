"""An event source is looked for in the account's other services before it is mapped to a function."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from botocore.exceptions import ClientError

from lambdaform.local.services import moto_services
from tests.local.control.planes import function
from tests.local.lab import HERE, Lab, laboratory
from tests.local.served_account import ServedAccount

T = TypeVar("T")
PREFIX = "us-east-1:123456789012"


class Served(ServedAccount):
    """An account behind its endpoint, with a function whose timeout is 30 seconds."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self.functions: Any = self.client
        self.call(self.functions.create_function, **function(Runtime=HERE, Timeout=30))

    def map(self, arn: str, **members: Any) -> str:
        """Map a source to the function; returns the mapping's state."""
        made = self.call(
            self.functions.create_event_source_mapping,
            FunctionName="checkout",
            EventSourceArn=arn,
            **members,
        )
        return str(made["State"])

    def unmapped(self, arn: str, **members: Any) -> str:
        """Why a source is not mapped."""
        with pytest.raises(ClientError) as caught:
            self.map(arn, **members)
        assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
        return caught.value.response["Error"]["Message"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with laboratory(tmp_path) as lab:
        served = Served(lab)
        yield served
        served.close()


def test_a_queue_that_is_there_and_hides_messages_long_enough_is_mapped(served: Served) -> None:
    sqs = served.of("sqs")
    served.call(sqs.create_queue, QueueName="orders")
    served.call(sqs.create_queue, QueueName="fast", Attributes={"VisibilityTimeout": "10"})
    assert served.map(f"arn:aws:sqs:{PREFIX}:orders") == "Creating"
    assert served.unmapped(f"arn:aws:sqs:{PREFIX}:fast") == (
        "Queue visibility timeout: 10 seconds is less than Function timeout: 30 seconds"
    )
    assert served.unmapped(f"arn:aws:sqs:{PREFIX}:nowhere") == (
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error "
        "Message: The specified queue does not exist."
    )


def test_streams_that_are_there_are_mapped(served: Served) -> None:
    served.call(served.of("kinesis").create_stream, StreamName="orders", ShardCount=1)
    table = served.call(
        served.of("dynamodb").create_table,
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    stream = table["TableDescription"]["LatestStreamArn"]
    for arn in (f"arn:aws:kinesis:{PREFIX}:stream/orders", stream):
        assert served.map(arn, StartingPosition="LATEST") == "Creating"
        gone = arn.replace("orders", "nowhere")
        assert served.unmapped(gone, StartingPosition="LATEST") == f"Stream not found: {gone}"


def test_without_moto_a_source_is_taken_as_it_is(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> Any:
        return None if name == "moto" else importlib.util.find_spec(name)

    monkeypatch.setattr(moto_services, "find_spec", found)
    assert served.map(f"arn:aws:sqs:{PREFIX}:nowhere") == "Creating"
