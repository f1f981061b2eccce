"""The operations on event source mappings, with the answers that AWS gave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.local.control.placed import ask, place, refused
from tests.local.control.planes import START, Bench, bench

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-11-26T00:00:00.000"
CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/orders/8b5e6a0e-6a39-4d5e-9d0c-0f8a5a0a8f11-1"
BROKER = "arn:aws:mq:us-east-1:123456789012:broker:orders:b-8b5e6a0e-6a39-4d5e-9d0c-0f8a5a0a8f11"
DOCUMENTS = "arn:aws:rds:us-east-1:123456789012:cluster:orders"
SECRET = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:kafka"}]
SERVERS = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}}
LATEST: dict[str, Any] = {"StartingPosition": "LATEST"}


@pytest.fixture
def lab(tmp_path: Path) -> Bench:
    lab = bench(tmp_path)
    place(lab)
    ask(lab, "CreateAlias", FunctionName="checkout", Name="live", FunctionVersion="1")
    return lab


def create(lab: Bench, arn: str | None = QUEUE, name: str = "checkout", **members: Any) -> dict[str, Any]:
    source = {"EventSourceArn": arn} if arn else {}
    made = ask(lab, "CreateEventSourceMapping", FunctionName=name, **source, **members)
    lab.settle()
    return made


def refusal(lab: Bench, arn: str | None = QUEUE, name: str = "checkout", **members: Any) -> str:
    source = {"EventSourceArn": arn} if arn else {}
    error = refused(lab, "CreateEventSourceMapping", FunctionName=name, **source, **members)
    assert error.status in (400, 409)
    return error.message


def get(lab: Bench, made: Mapping[str, Any]) -> dict[str, Any]:
    return ask(lab, "GetEventSourceMapping", UUID=made["UUID"])


def update(lab: Bench, made: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    return ask(lab, "UpdateEventSourceMapping", UUID=made["UUID"], **members)


def test_a_queues_mapping_is_told_with_its_defaults(lab: Bench) -> None:
    made = create(lab)
    assert made == {
        "UUID": made["UUID"],
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "EventSourceArn": QUEUE,
        "FunctionArn": FUNCTION,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{made['UUID']}",
        "FunctionResponseTypes": [],
        "LastModified": START,
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }
    assert get(lab, made) == {**made, "State": "Enabled"}


@pytest.mark.parametrize("arn", [STREAM, f"{STREAM}/consumer/fast:1", TABLE])
def test_a_streams_mapping_is_told_with_its_defaults(lab: Bench, arn: str) -> None:
    made = create(lab, arn, StartingPosition="TRIM_HORIZON", BatchSize=1, FilterCriteria={"Filters": []})
    assert made == {
        "UUID": made["UUID"],
        "BatchSize": 1,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": arn,
        "EventSourceMappingArn": made["EventSourceMappingArn"],
        "FunctionArn": FUNCTION,
        "FunctionResponseTypes": [],
        "LastModified": START,
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }


def test_a_kafka_clusters_consumer_group_has_the_mappings_id(lab: Bench) -> None:
    own = create(
        lab,
        None,
        Topics=["topic"],
        SelfManagedEventSource=SERVERS,
        SourceAccessConfigurations=SECRET,
    )
    assert own["SelfManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": own["UUID"]}
    assert (own["BatchSize"], own["StartingPosition"]) == (100, "TRIM_HORIZON")
    managed = create(
        lab,
        CLUSTER,
        Topics=["topic"],
        AmazonManagedKafkaEventSourceConfig={"ConsumerGroupId": "shop"},
    )
    assert managed["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "shop"}


def test_a_brokers_and_a_document_databases_mapping_have_their_defaults(lab: Bench) -> None:
    broker = create(lab, BROKER, Queues=["orders"], SourceAccessConfigurations=SECRET)
    assert (broker["BatchSize"], broker["StateTransitionReason"]) == (100, "USER_INITIATED")
    documents = create(
        lab,
        DOCUMENTS,
        SourceAccessConfigurations=SECRET,
        DocumentDBEventSourceConfig={"DatabaseName": "shop"},
        **LATEST,
    )
    assert documents["DocumentDBEventSourceConfig"] == {"DatabaseName": "shop", "FullDocument": "Default"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("checkout", FUNCTION),
        ("checkout:$LATEST", f"{FUNCTION}:$LATEST"),
        ("checkout:1", f"{FUNCTION}:1"),
        ("checkout:live", f"{FUNCTION}:live"),
        (FUNCTION, FUNCTION),
        (f"{FUNCTION}:live", f"{FUNCTION}:live"),
    ],
)
def test_the_function_is_told_as_it_was_named(lab: Bench, name: str, told: str) -> None:
    assert create(lab, name=name)["FunctionArn"] == told


@pytest.mark.parametrize(
    ("arn", "members", "message"),
    [
        (None, {}, "Unrecognized event source."),
        (
            "arn:aws:events:us-east-1:123456789012:rule/nightly",
            {},
            "Unrecognized event source. Unsupported source arn : arn:aws:events:us-east-1:123456789012:rule/nightly",
        ),
        (
            "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
            LATEST,
            "Unrecognized event source. Unsupported source arn : arn:aws:dynamodb:us-east-1:123456789012:table/orders",
        ),
        (
            QUEUE,
            {"DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}},
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ),
        (QUEUE, LATEST, "StartingPosition is not valid for SQS event sources."),
        (
            QUEUE,
            {"ParallelizationFactor": 2},
            "Unsupported 'parallelizationFactor' parameter for given event source mapping type.",
        ),
        (
            QUEUE,
            {"BatchSize": 11},
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ),
        (
            f"{QUEUE}.fifo",
            {"MaximumBatchingWindowInSeconds": 5},
            "Batching window is not supported for FIFO queues",
        ),
        (
            STREAM,
            {},
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must "
            "not be null.",
        ),
        (
            TABLE,
            {
                "StartingPosition": "AT_TIMESTAMP",
                "StartingPositionTimestamp": datetime(2025, 3, 3, tzinfo=UTC),
            },
            f"Unsupported starting position for arn type: {TABLE}",
        ),
        (
            STREAM,
            {
                "StartingPosition": "AT_TIMESTAMP",
                "StartingPositionTimestamp": datetime(2030, 1, 1, tzinfo=UTC),
            },
            "StartingPositionTimestamp cannot be in the future.",
        ),
        (
            None,
            {"Topics": ["topic"], "SelfManagedEventSource": SERVERS},
            "Required 'sourceAccessConfigurations' parameter is missing.",
        ),
        (CLUSTER, {}, "Required 'topics' parameter is missing."),
        (
            STREAM,
            {**LATEST, "DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}},
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ),
    ],
)
def test_what_a_source_does_not_take_is_refused(
    lab: Bench, arn: str | None, members: dict[str, Any], message: str
) -> None:
    assert refusal(lab, arn, **members) == message


@pytest.mark.parametrize(
    "members",
    [
        {"MaximumRecordAgeInSeconds": 59},
        {"DestinationConfig": {"OnFailure": {"Destination": FUNCTION}}},
    ],
)
def test_what_a_stream_does_not_take_is_refused(lab: Bench, members: dict[str, Any]) -> None:
    assert refusal(lab, STREAM, **LATEST, **members)


@pytest.mark.parametrize(
    "members",
    [
        {"ProvisionedPollerConfig": {"MinimumPollers": 5, "MaximumPollers": 4}},
        {"ProvisionedPollerConfig": {"MinimumPollers": 1}},
        {"ProvisionedPollerConfig": {"MinimumPollers": 2}, "ScalingConfig": {"MaximumConcurrency": 2}},
    ],
)
def test_a_queues_pollers_have_their_limits(lab: Bench, members: dict[str, Any]) -> None:
    assert refusal(lab, QUEUE, **members)


@pytest.mark.parametrize("name", ["nobody", "checkout:nobody", "checkout:99"])
def test_a_function_that_is_not_there_gets_no_events(lab: Bench, name: str) -> None:
    assert refusal(lab, name=name) == "Function does not exist"


@pytest.mark.parametrize(
    "pattern",
    [
        "null",
        "simple string",
        '"simple string"',
        '{"eventSource": "aws:sqs"}',
        '{"eventSource": []}',
        '[{"eventName": ["INSERT"=123}]',
        '{"":' * 1000 + '["a"]' + "}" * 1000,
    ],
)
def test_a_filter_that_is_no_pattern_is_refused(lab: Bench, pattern: str) -> None:
    found = refusal(lab, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    assert found == "Invalid filter pattern definition."


def test_filters_are_told_as_they_were_given(lab: Bench) -> None:
    criteria = {
        "Filters": [{"Pattern": json.dumps({"body": {"kind": [{"numeric": [">=", 100, "<", 200]}]}})}]
    }
    assert create(lab, FilterCriteria=criteria)["FilterCriteria"] == criteria


@pytest.mark.parametrize(
    ("arn", "members", "message"),
    [
        (
            QUEUE,
            {},
            f'An event source mapping with SQS arn (" {QUEUE} ") and function (" checkout ") already exists.',
        ),
        (
            STREAM,
            LATEST,
            f'The event source arn (" {STREAM} ") and function (" checkout ") provided mapping already exists.',
        ),
        (
            None,
            {"Topics": ["topic"], "SelfManagedEventSource": SERVERS, "SourceAccessConfigurations": SECRET},
            f'An event source mapping with event source ("kafka:1000"), function ("{FUNCTION}"), topics ("topic") '
            "already exists.",
        ),
    ],
)
def test_no_source_has_two_mappings_to_one_function(
    lab: Bench, arn: str | None, members: dict[str, Any], message: str
) -> None:
    place(lab, "other")
    made = create(lab, arn, **members)
    wanted = f"{message} Please update or delete the existing mapping with UUID {made['UUID']}"
    assert refusal(lab, arn, **members) == wanted
    create(lab, arn, "other", **members)
    create(lab, arn, "checkout:live", **members)


def test_kafka_clusters_that_share_a_server_are_one(lab: Bench) -> None:
    members: dict[str, Any] = {"Topics": ["topic"], "SourceAccessConfigurations": SECRET}
    create(lab, None, SelfManagedEventSource=SERVERS, **members)
    both = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000", "kafka:2000"]}}
    found = refusal(lab, None, SelfManagedEventSource=both, **members)
    assert found.startswith('An event source mapping with event source ("kafka:1000,kafka:2000"), function')


def test_a_mapping_that_is_made_disabled_is_so_at_once_and_can_be_enabled(lab: Bench) -> None:
    made = create(lab, Enabled=False)
    assert made["State"] == "Disabled"
    assert update(lab, made, Enabled=True)["State"] == "Enabling"
    lab.settle()
    assert get(lab, made)["State"] == "Enabled"
    assert update(lab, made, Enabled=False)["State"] == "Disabling"
    lab.settle()
    assert get(lab, made)["State"] == "Disabled"


def test_an_update_changes_what_is_given(lab: Bench) -> None:
    made = create(lab, FilterCriteria={"Filters": [{"Pattern": '{"body": ["a"]}'}]})
    changed = update(lab, made, FunctionName=f"{FUNCTION}:2", BatchSize=5)
    assert (changed["State"], changed["FunctionArn"], changed["BatchSize"]) == (
        "Updating",
        f"{FUNCTION}:2",
        5,
    )
    assert changed["FilterCriteria"] == made["FilterCriteria"]
    lab.settle()
    assert get(lab, made) == {**changed, "State": "Enabled"}
    assert "FilterCriteria" not in update(lab, made, FilterCriteria={})


def test_an_update_of_what_a_source_is_read_by_keeps_the_rest(lab: Bench) -> None:
    kafka = create(
        lab, None, Topics=["topic"], SelfManagedEventSource=SERVERS, SourceAccessConfigurations=SECRET
    )
    changed = update(lab, kafka, SelfManagedKafkaEventSourceConfig={"ConsumptionMode": "Queue"})
    assert changed["SelfManagedKafkaEventSourceConfig"] == {
        "ConsumerGroupId": kafka["UUID"],
        "ConsumptionMode": "Queue",
    }
    documents = create(
        lab,
        DOCUMENTS,
        SourceAccessConfigurations=SECRET,
        DocumentDBEventSourceConfig={"DatabaseName": "shop"},
        **LATEST,
    )
    changed = update(lab, documents, DocumentDBEventSourceConfig={"FullDocument": "UpdateLookup"})
    assert changed["DocumentDBEventSourceConfig"] == {"DatabaseName": "shop", "FullDocument": "UpdateLookup"}


def test_an_update_is_held_to_the_same_rules(lab: Bench) -> None:
    made = create(lab)
    error = refused(lab, "UpdateEventSourceMapping", UUID=made["UUID"], BatchSize=11)
    assert error.message.startswith("Maximum batch window in seconds must be greater than 0")
    assert get(lab, made)["BatchSize"] == 10


def test_an_update_does_not_make_a_second_mapping_of_one_source(lab: Bench) -> None:
    create(lab)
    other = create(lab, name="checkout:live")
    error = refused(lab, "UpdateEventSourceMapping", UUID=other["UUID"], FunctionName="checkout")
    assert error.code == "ResourceConflictException"


@pytest.mark.parametrize(
    ("operation", "verb"), [("UpdateEventSourceMapping", "update"), ("DeleteEventSourceMapping", "delete")]
)
def test_a_mapping_on_its_way_is_in_use(lab: Bench, operation: str, verb: str) -> None:
    made = ask(lab, "CreateEventSourceMapping", FunctionName="checkout", EventSourceArn=QUEUE)
    error = refused(lab, operation, UUID=made["UUID"])
    assert (error.code, error.status) == ("ResourceInUseException", 400)
    assert error.message == f"Cannot {verb} the event source mapping because it is in use."


def test_a_deleted_mapping_is_gone_after_a_moment(lab: Bench) -> None:
    made = create(lab)
    assert ask(lab, "DeleteEventSourceMapping", UUID=made["UUID"])["State"] == "Deleting"
    assert get(lab, made)["State"] == "Deleting"
    lab.settle()
    for operation in ("GetEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping"):
        error = refused(lab, operation, UUID=made["UUID"])
        assert (error.status, error.message) == (404, "The resource you requested does not exist.")
    create(lab)


def test_a_mapping_outlives_its_function(lab: Bench) -> None:
    made = create(lab)
    lab.state.drop_function("checkout")
    assert get(lab, made)["FunctionArn"] == FUNCTION
    assert ask(lab, "DeleteEventSourceMapping", UUID=made["UUID"])["State"] == "Deleting"


def test_mappings_are_listed_by_source_and_by_function(lab: Bench) -> None:
    place(lab, "other")
    queue, stream = create(lab), create(lab, STREAM, **LATEST)
    other = create(lab, name="other")

    def listed(**members: Any) -> list[str]:
        found = ask(lab, "ListEventSourceMappings", **members)["EventSourceMappings"]
        return [each["UUID"] for each in found]

    assert listed() == [queue["UUID"], stream["UUID"], other["UUID"]]
    assert listed(EventSourceArn=QUEUE) == [queue["UUID"], other["UUID"]]
    assert listed(FunctionName=FUNCTION) == [queue["UUID"], stream["UUID"]]
    assert listed(FunctionName="checkout:live") == []
    assert listed(FunctionName="nobody") == []
    first = ask(lab, "ListEventSourceMappings", MaxItems=2)
    assert listed(Marker=first["NextMarker"]) == [other["UUID"]]


def test_a_source_that_is_not_there_is_refused_where_somebody_knows(lab: Bench) -> None:
    async def nothing(arn: str) -> None:
        return None

    lab.state.describe_source = nothing
    assert refusal(lab) == (
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error "
        "Message: The specified queue does not exist."
    )
    assert refusal(lab, STREAM, **LATEST) == f"Stream not found: {STREAM}"
    create(lab, QUEUE.replace("123456789012", "210987654321"))


def test_a_queue_hides_messages_as_long_as_the_function_may_take(lab: Bench) -> None:
    async def queue(arn: str) -> dict[str, Any]:
        return {"VisibilityTimeout": 2}

    lab.state.describe_source = queue
    assert refusal(lab) == "Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds"


def test_a_moment_to_start_from_is_kept(lab: Bench) -> None:
    moment = datetime(2025, 3, 3, tzinfo=UTC)
    made = create(lab, STREAM, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
    assert made["StartingPositionTimestamp"] == moment.timestamp()


def test_mappings_are_there_when_the_account_is_opened_again(tmp_path: Path) -> None:
    file = tmp_path / "control.sqlite3"
    lab = bench(tmp_path / "a", file=file)
    place(lab)
    made = create(lab, STREAM, **LATEST)
    told = get(lab, made)
    lab.state.store.close()
    again = bench(tmp_path / "b", file=file)
    again.settle()
    assert get(again, made) == told


def test_two_that_are_made_at_once_are_one(lab: Bench) -> None:
    async def slowly(arn: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {}

    async def both() -> list[str]:
        made = [
            lab.call("CreateEventSourceMapping", FunctionName="checkout", EventSourceArn=QUEUE)
            for _ in range(2)
        ]
        answers = await asyncio.gather(*made, return_exceptions=True)
        return sorted(type(each).__name__ for each in answers)

    lab.state.describe_source = slowly
    assert asyncio.run(both()) == ["AwsError", "dict"]


def test_a_function_that_is_deleted_while_its_source_is_looked_at_gets_no_mapping(lab: Bench) -> None:
    async def slowly(arn: str) -> dict[str, Any]:
        lab.state.drop_function("checkout")
        return {}

    lab.state.describe_source = slowly
    assert refusal(lab) == "Function does not exist"
    assert not lab.state.event_source_mappings
