"""An execution role has what the function's settings need: each statement by its name, on the resource it is about."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import kms

from lambdaform import (
    Allow,
    Bucket,
    Code,
    DeadLetterConfig,
    Destination,
    DestinationConfig,
    DynamoDBEvent,
    EventBus,
    EventInvokeConfig,
    EventInvokeDestinationConfig,
    EventSourceMapping,
    FileSystemConfig,
    Function,
    InlinePolicy,
    KinesisEvent,
    LambdaDestinationConfig,
    LambdaEventInvokeConfig,
    LambdaFunction,
    LoggingConfig,
    LogGroup,
    MskEvent,
    OnFailure,
    Queue,
    Role,
    Runtime,
    SimpleTable,
    SqsEvent,
    Stack,
    Stream,
    StreamSpecification,
    Table,
    Topic,
    TracingConfig,
    VpcConfig,
    execution_role,
    get_att,
    ref,
)
from lambdaform.check.findings import check
from lambdaform.errors import DefinitionError
from lambdaform.model.iam import PolicyDocument
from lambdaform.synth.template import plain

CODE: dict[str, Any] = {"runtime": Runtime.PYTHON_3_13, "handler": "app.handler"}
LOG_GROUPS = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"


def function(**properties: Any) -> LambdaFunction:
    given = {"role": get_att("WorkerRole", "Arn"), "code": "src", **CODE}
    return LambdaFunction("Worker", **{**given, **properties})


def sam(**properties: Any) -> Function:
    return Function("Worker", role=get_att("WorkerRole", "Arn"), code_uri="src", **CODE, **properties)


def granted(role: Role) -> dict[str, tuple[list[str], list[Any]]]:
    """The role's statements by their names: actions, resources."""
    assert isinstance(role.policies, tuple)
    [policy] = role.policies
    assert isinstance(policy, InlinePolicy)
    assert isinstance(policy.policy_document, PolicyDocument)
    return {
        each.get("Sid", "own"): (each["Action"], each["Resource"])
        for each in plain(policy.policy_document)["Statement"]
    }


def test_a_function_with_nothing_special_writes_its_logs() -> None:
    role = execution_role(function())
    assert role.logical_id == "WorkerRole"
    assert granted(role) == {
        "Logs": (
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            [{"Fn::Sub": f"{LOG_GROUPS}/aws/lambda/*:*"}],
        )
    }
    assert role.managed_policy_arns is None


def test_a_function_with_a_name_writes_the_logs_of_that_name() -> None:
    _, resources = granted(execution_role(function(function_name="shop-worker")))["Logs"]
    assert resources == [{"Fn::Sub": f"{LOG_GROUPS}/aws/lambda/shop-worker:*"}]


def test_a_log_group_of_the_stack_need_not_be_made() -> None:
    config = LoggingConfig(log_group=LogGroup("Log").ref)
    assert granted(execution_role(function(logging_config=config))) == {
        "Logs": (["logs:CreateLogStream", "logs:PutLogEvents"], [{"Fn::GetAtt": ["Log", "Arn"]}])
    }


def test_settings_bring_what_they_need() -> None:
    stack = Stack("shop")
    key = stack.add(kms.Key("Key", KeyPolicy={}))
    failed = Queue("Failed", kms_master_key_id=key.ref)
    worker = function(
        dead_letter_config=DeadLetterConfig(failed),
        vpc_config=VpcConfig(subnet_ids=["subnet-1"], security_group_ids=["sg-1"]),
        tracing_config=TracingConfig("Active"),
        kms_key_arn=key.attr("Arn"),
    )
    found = granted(execution_role(worker))
    own = [{"Fn::GetAtt": ["Key", "Arn"]}]
    assert list(found) == ["Logs", "Network", "Tracing", "DeadLetters", "DeadLetters2", "Environment"]
    assert found["Network"][1] == ["*"]
    assert "ec2:CreateNetworkInterface" in found["Network"][0]
    assert found["Tracing"][0] == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    assert found["DeadLetters"] == (["sqs:SendMessage"], [{"Fn::GetAtt": ["Failed", "Arn"]}])
    assert found["DeadLetters2"] == (["kms:Decrypt", "kms:GenerateDataKey"], own)
    assert found["Environment"] == (["kms:Decrypt"], own)


def test_a_file_system_is_reached_by_its_access_point() -> None:
    arn = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0"
    role = execution_role(function(file_system_configs=[FileSystemConfig(arn, "/mnt/data")]))
    statement = plain(role.policies)[0]["PolicyDocument"]["Statement"][1]
    assert statement["Condition"] == {"StringEquals": {"elasticfilesystem:AccessPointArn": arn}}


def test_mappings_read_their_sources() -> None:
    worker = function()
    jobs, clicks = Queue("Jobs"), Stream("Clicks", shard_count=1)
    orders = Table("Orders", key_schema={"id": "HASH"}, stream_specification=StreamSpecification("NEW_IMAGE"))
    sources: tuple[Any, ...] = (jobs, clicks, orders)
    mappings = [
        EventSourceMapping(f"Poll{index}", function_name=worker, event_source_arn=source)
        for index, source in enumerate(sources)
    ]
    found = granted(execution_role(worker, *mappings))
    assert found["Poll"] == (
        ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        [{"Fn::GetAtt": ["Jobs", "Arn"]}],
    )
    assert "kinesis:GetRecords" in found["Poll2"][0]
    assert "dynamodb:GetRecords" in found["Poll3"][0]


def test_outcomes_go_to_every_kind_of_destination() -> None:
    worker = function()
    outcomes = LambdaEventInvokeConfig(
        "Outcomes",
        function_name=worker,
        destination_config=LambdaDestinationConfig(
            on_success=EventBus("Bus", name="shop"), on_failure=Topic("Alarms")
        ),
    )
    found = granted(execution_role(worker, outcomes))
    assert found["Succeeded"] == (["events:PutEvents"], [{"Fn::GetAtt": ["Bus", "Arn"]}])
    assert found["Failed"] == (["sns:Publish"], [{"Ref": "Alarms"}])


def test_a_bucket_gets_what_a_stream_s_function_did_not_process() -> None:
    worker = function()
    mapping = EventSourceMapping(
        "Poll",
        function_name=worker,
        event_source_arn=Stream("Clicks", shard_count=1),
        destination_config=DestinationConfig(OnFailure(Bucket("Lost"))),
    )
    found = granted(execution_role(worker, mapping))
    assert found["Failed"][0] == ["s3:PutObject"]
    assert found["Failed2"] == (["s3:ListBucket"], [{"Fn::GetAtt": ["Lost", "Arn"]}])


def test_arns_say_what_they_are() -> None:
    worker = function(dead_letter_config=DeadLetterConfig("arn:aws:sns:eu-west-1:123456789012:failed"))
    mapping = EventSourceMapping(
        "Poll", function_name=worker, event_source_arn="arn:aws:sqs:eu-west-1:123456789012:jobs"
    )
    outcomes = LambdaEventInvokeConfig(
        "Outcomes",
        function_name=worker,
        destination_config=LambdaDestinationConfig(
            on_failure=Destination("arn:aws:s3:::lost"),
            on_success=Destination("arn:aws:lambda:eu-west-1:123456789012:function:next"),
        ),
    )
    found = granted(execution_role(worker, mapping, outcomes))
    assert found["DeadLetters"] == (["sns:Publish"], ["arn:aws:sns:eu-west-1:123456789012:failed"])
    assert found["Poll"][1] == ["arn:aws:sqs:eu-west-1:123456789012:jobs"]
    assert found["Succeeded"][0] == ["lambda:InvokeFunction"]
    assert found["Failed"] == (["s3:PutObject"], ["arn:aws:s3:::lost/*"])


def test_sam_s_functions_have_events_and_outcomes_of_their_own() -> None:
    jobs, clicks = Queue("Jobs"), Stream("Clicks", shard_count=1)
    orders = Table("Orders", key_schema={"id": "HASH"}, stream_specification=StreamSpecification("NEW_IMAGE"))
    worker = sam(
        tracing="Active",
        dead_letter_queue=Topic("Alarms"),
        events={
            "Jobs": SqsEvent(jobs),
            "Clicks": KinesisEvent(
                clicks, starting_position="LATEST", destination_config=DestinationConfig(Queue("Lost"))
            ),
            "Orders": DynamoDBEvent(orders, starting_position="LATEST"),
        },
        event_invoke_config=EventInvokeConfig(
            destination_config=EventInvokeDestinationConfig(on_failure=Queue("Failed"))
        ),
    )
    names = list(granted(execution_role(worker)))
    assert names == ["Logs", "Tracing", "DeadLetters", "Poll", "Poll2", "Failed", "Poll3", "Poll4", "Failed2"]


def test_what_the_code_does_is_added() -> None:
    table = SimpleTable("Orders")
    found = granted(
        execution_role(function(), policies=[table.read(), Allow("s3:GetObject", on="*", sid="Files")])
    )
    assert found["own"][1] == [{"Fn::GetAtt": ["Orders", "Arn"]}]
    assert found["Files"] == (["s3:GetObject"], ["*"])


def test_a_function_with_its_role_passes_every_check() -> None:
    stack = Stack("shop")
    jobs = stack.add(Queue("Jobs", visibility_timeout=60))
    failed = stack.add(Queue("Failed"))
    worker = stack.add(
        LambdaFunction(
            "Worker",
            runtime=Runtime.PYTHON_3_13,
            handler="index.handler",
            code=Code(zip_file="def handler(event, context): pass"),
            role=get_att("WorkerRole", "Arn"),
            timeout=10,
            reserved_concurrent_executions=10,
            dead_letter_config=DeadLetterConfig(failed),
            vpc_config=VpcConfig(subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"]),
        )
    )
    polling = stack.add(EventSourceMapping("Poll", function_name=worker, event_source_arn=jobs))
    stack.add(execution_role(worker, polling))
    assert [each.text() for each in check(stack) if each.level != "info"] == []


def test_a_role_without_a_name_is_told() -> None:
    with pytest.raises(DefinitionError, match="'Worker' does not name its role"):
        execution_role(function(role="arn:aws:iam::123456789012:role/any"))
    assert execution_role(Function("Fn", code_uri="src", **CODE), logical_id="FnRole").logical_id == "FnRole"


def test_a_target_that_only_a_deployment_knows_is_told_at_its_line() -> None:
    worker = function(dead_letter_config=DeadLetterConfig(ref("Target")))
    with pytest.raises(DefinitionError, match="cannot tell what its dead-letter target needs"):
        execution_role(worker)


def test_a_source_that_it_does_not_know_is_told() -> None:
    cluster = "arn:aws:kafka:eu-west-1:123456789012:cluster/one/1"
    worker = sam(events={"Topic": MskEvent(cluster, topics=["orders"])})
    with pytest.raises(DefinitionError, match="the source of an event MSK"):
        execution_role(worker)
