"""Aliases, concurrency, event-invoke, URLs, tags and event source mappings as boto3 sees them: types, pages, errors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.local.control.planes import ROLE, zipped
from tests.local.lab import HERE, Lab, laboratory
from tests.local.served_account import ServedAccount

if TYPE_CHECKING:
    pass

T = TypeVar("T")
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
#: How long anything may take that is awaited.
PATIENCE_S = 30


class Served(ServedAccount):
    """A lab behind an endpoint, with boto3's client and a function that has two versions."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self.call(self._make)

    def _make(self) -> None:
        client = self.client
        for number in ("1", "2"):
            code = zipped(f"def handler(event, context):\n    return {number}\n")
            if number == "1":
                client.create_function(
                    FunctionName="checkout",
                    Runtime=HERE,  # type: ignore[arg-type]
                    Handler="index.handler",
                    Role=ROLE,
                    Code={"ZipFile": code},
                )
                client.get_waiter("function_active_v2").wait(
                    FunctionName="checkout", WaiterConfig={"Delay": 1}
                )
            else:
                client.update_function_code(FunctionName="checkout", ZipFile=code)
                client.get_waiter("function_updated_v2").wait(
                    FunctionName="checkout", WaiterConfig={"Delay": 1}
                )
            client.publish_version(FunctionName="checkout")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served")
    with laboratory(folder) as lab:
        served = Served(lab)
        yield served
        served.client.close()
        served.endpoint.close()


def test_an_alias_is_made_moved_listed_and_deleted(served: Served) -> None:
    client = served.client

    def story() -> list[str]:
        for name in ("live", "canary", "2026-11-26"):
            client.create_alias(
                FunctionName="checkout",
                Name=name,
                FunctionVersion="1",
                RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
            )
        moved = client.update_alias(
            FunctionName="checkout",
            Name="live",
            FunctionVersion="2",
            RoutingConfig={"AdditionalVersionWeights": {}},
        )
        assert "RoutingConfig" not in moved
        pages = client.get_paginator("list_aliases").paginate(
            FunctionName="checkout", PaginationConfig={"PageSize": 1}
        )
        names = [each["Name"] for page in pages for each in page["Aliases"]]
        for name in names:
            client.delete_alias(FunctionName="checkout", Name=name)
        return names

    assert served.call(story) == ["2026-11-26", "canary", "live"]


def test_errors_are_those_of_the_model(served: Served) -> None:
    client = served.client
    missing = served.refusal(lambda: client.get_alias(FunctionName="checkout", Name="nobody"))
    assert missing["Error"]["Code"] == "ResourceNotFoundException"
    assert missing["Type"] == "User"
    assert missing["ResponseMetadata"]["HTTPStatusCode"] == 404
    number = served.refusal(
        lambda: client.create_alias(FunctionName="checkout", Name="2026", FunctionVersion="1")
    )
    assert number["Error"] == {
        "Code": "ValidationException",
        "Message": "1 validation error detected: Value '2026' at 'name' failed to satisfy constraint: Member must "
        "satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
    }
    with_latest = served.refusal(
        lambda: client.create_alias(
            FunctionName="checkout",
            Name="live",
            FunctionVersion="$LATEST",
            RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}},
        )
    )
    assert "Type" not in with_latest


def test_concurrency_is_reserved_and_provisioned(served: Served) -> None:
    client = served.client

    def story() -> dict[str, Any]:
        client.put_function_concurrency(FunctionName="checkout", ReservedConcurrentExecutions=5)
        client.put_provisioned_concurrency_config(
            FunctionName="checkout", Qualifier="1", ProvisionedConcurrentExecutions=1
        )
        deadline = time.monotonic() + PATIENCE_S
        told = client.get_provisioned_concurrency_config(FunctionName="checkout", Qualifier="1")
        while told["Status"] == "IN_PROGRESS" and time.monotonic() < deadline:
            time.sleep(0.05)
            told = client.get_provisioned_concurrency_config(FunctionName="checkout", Qualifier="1")
        client.delete_provisioned_concurrency_config(FunctionName="checkout", Qualifier="1")
        client.delete_function_concurrency(FunctionName="checkout")
        return dict(told)

    told = served.call(story)
    assert (told["Status"], told["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 1)
    gone = served.refusal(
        lambda: client.get_provisioned_concurrency_config(FunctionName="checkout", Qualifier="1")
    )
    assert gone["Error"]["Code"] == "ProvisionedConcurrencyConfigNotFoundException"


def test_event_invoke_configs_have_moments_and_pages(served: Served) -> None:
    client = served.client

    def story() -> list[str]:
        for qualifier in ("$LATEST", "1", "2"):
            put = client.put_function_event_invoke_config(
                FunctionName="checkout",
                Qualifier=qualifier,
                MaximumRetryAttempts=0,
                DestinationConfig={"OnFailure": {"Destination": QUEUE}},
            )
            assert isinstance(put["LastModified"], datetime)
            assert put["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}}
        pages = client.get_paginator("list_function_event_invoke_configs").paginate(
            FunctionName="checkout", PaginationConfig={"PageSize": 2}
        )
        arns = [each["FunctionArn"] for page in pages for each in page["FunctionEventInvokeConfigs"]]
        for qualifier in ("$LATEST", "1", "2"):
            client.delete_function_event_invoke_config(FunctionName="checkout", Qualifier=qualifier)
        return [arn.rpartition(":")[2] for arn in arns]

    assert served.call(story) == ["$LATEST", "1", "2"]


def test_a_function_url_is_made_changed_and_deleted(served: Served) -> None:
    client = served.client

    def story() -> None:
        made = client.create_function_url_config(
            FunctionName="checkout",
            AuthType="NONE",
            Cors={"AllowOrigins": ["https://shop.example"], "MaxAge": 60},
        )
        changed = client.update_function_url_config(FunctionName="checkout", AuthType="AWS_IAM")
        assert changed["FunctionUrl"] == made["FunctionUrl"]
        assert changed["Cors"] == {"AllowOrigins": ["https://shop.example"], "MaxAge": 60}
        pages = client.get_paginator("list_function_url_configs").paginate(FunctionName="checkout")
        [told] = [each for page in pages for each in page["FunctionUrlConfigs"]]
        assert (told["AuthType"], told["InvokeMode"]) == ("AWS_IAM", "BUFFERED")
        client.delete_function_url_config(FunctionName="checkout")

    served.call(story)
    gone = served.refusal(lambda: client.get_function_url_config(FunctionName="checkout"))
    assert gone["Error"]["Message"] == "The resource you requested does not exist."


def test_tags_come_and_go(served: Served) -> None:
    client = served.client

    def story() -> dict[str, str]:
        arn = client.get_function(FunctionName="checkout")["Configuration"]["FunctionArn"]
        client.tag_resource(Resource=arn, Tags={"team": "shop", "cost": "ä"})
        client.untag_resource(Resource=arn, TagKeys=["team", "nobody"])
        assert client.get_function(FunctionName="checkout")["Tags"] == {"cost": "ä"}
        tags = client.list_tags(Resource=arn)["Tags"]
        client.untag_resource(Resource=arn, TagKeys=[*tags])
        return tags

    assert served.call(story) == {"cost": "ä"}


def test_an_event_source_mapping_lives_from_creating_to_gone(served: Served) -> None:
    client = served.client

    def story() -> list[str]:
        kinesis = served.of("kinesis")
        kinesis.create_stream(StreamName="orders", ShardCount=1)
        kinesis.close()
        made = client.create_event_source_mapping(
            FunctionName="checkout",
            EventSourceArn=STREAM,
            StartingPosition="AT_TIMESTAMP",
            StartingPositionTimestamp=datetime(2026, 1, 1, tzinfo=UTC),
            Tags={"team": "shop"},
        )
        assert isinstance(made["LastModified"], datetime)
        assert made["StartingPositionTimestamp"] == datetime(2026, 1, 1, tzinfo=UTC)
        assert client.list_tags(Resource=made["EventSourceMappingArn"])["Tags"] == {"team": "shop"}
        seen = [made["State"]]

        def await_state(wanted: str) -> None:
            deadline = time.monotonic() + PATIENCE_S
            while seen[-1] != wanted and time.monotonic() < deadline:
                time.sleep(0.02)
                state = client.get_event_source_mapping(UUID=made["UUID"])["State"]
                if state != seen[-1]:
                    seen.append(state)

        await_state("Enabled")
        seen.append(client.update_event_source_mapping(UUID=made["UUID"], Enabled=False)["State"])
        await_state("Disabled")
        pages = client.get_paginator("list_event_source_mappings").paginate(EventSourceArn=STREAM)
        assert [each["UUID"] for page in pages for each in page["EventSourceMappings"]] == [made["UUID"]]
        seen.append(client.delete_event_source_mapping(UUID=made["UUID"])["State"])
        return seen

    assert served.call(story) == ["Creating", "Enabled", "Disabling", "Disabled", "Deleting"]


def test_recursion_runtime_management_and_the_account_are_told(served: Served) -> None:
    client = served.client

    def story() -> None:
        client.put_function_recursion_config(FunctionName="checkout", RecursiveLoop="Allow")
        assert client.get_function_recursion_config(FunctionName="checkout")["RecursiveLoop"] == "Allow"
        client.put_runtime_management_config(FunctionName="checkout", UpdateRuntimeOn="FunctionUpdate")
        told = client.get_runtime_management_config(FunctionName="checkout")
        assert told["UpdateRuntimeOn"] == "FunctionUpdate"
        account = client.get_account_settings()
        assert account["AccountUsage"]["FunctionCount"] == 1
        assert account["AccountUsage"]["TotalCodeSize"] > 0

    served.call(story)
