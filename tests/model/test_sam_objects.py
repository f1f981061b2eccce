"""Objects of the stack stand for values in SAM's resources and events; what does not fit is told where it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import lambdaform as lf
from lambdaform import policies
from lambdaform.model.references import GetAtt, LogicalRef

QUEUE = lf.Queue("Orders")
TOPIC = lf.Topic("Alerts")
BUCKET = lf.Bucket("Uploads")
STREAM = lf.Stream("Clicks")
WORKER = lf.Function("Worker", inline_code="x")
LAYER = lf.Layer("Shared", content_uri="layers/shared")
TABLE = lf.Table(
    "Table",
    key_schema=[lf.KeySchema("id", "HASH")],
    attribute_definitions=[lf.AttributeDefinition("id", "S")],
)


def raw(aws_type: str) -> lf.RawResource:
    return lf.RawResource("Other", type=aws_type)


def refused(make: Callable[[], object]) -> lf.DefinitionError:
    with pytest.raises(lf.DefinitionError) as caught:
        make()
    return caught.value


def arn(logical_id: str) -> GetAtt[str]:
    return GetAtt(logical_id, "Arn")


def ref(logical_id: str) -> LogicalRef[str]:
    return LogicalRef(logical_id)


SOURCES: list[tuple[str, object, object]] = [
    ("a queue for its ARN", lf.SqsEvent(QUEUE).queue, arn("Orders")),
    ("a raw queue for its ARN", lf.SqsEvent(raw("AWS::SQS::Queue")).queue, arn("Other")),
    ("a topic for its reference", lf.SnsEvent(TOPIC).topic, ref("Alerts")),
    ("a bucket for its name", lf.S3Event(BUCKET, events="s3:ObjectCreated:*").bucket, ref("Uploads")),
    ("a stream for its ARN", lf.KinesisEvent(STREAM).stream, arn("Clicks")),
    (
        "a stream's consumer for its reference",
        lf.KinesisEvent(raw("AWS::Kinesis::StreamConsumer")).stream,
        ref("Other"),
    ),
    ("a table for its stream's ARN", lf.DynamoDBEvent(TABLE).stream, GetAtt("Table", "StreamArn")),
    ("a cluster for its reference", lf.MskEvent(raw("AWS::MSK::Cluster"), topics=["t"]).stream, ref("Other")),
    (
        "a broker for its ARN",
        lf.MqEvent(
            raw("AWS::AmazonMQ::Broker"),
            queues=["q"],
            source_access_configurations=[lf.SourceAccessConfiguration("BASIC_AUTH", "arn")],
        ).broker,
        arn("Other"),
    ),
    (
        "an event bus for its name",
        lf.EventBridgeRuleEvent({}, event_bus_name=lf.EventBus("Bus", name="shop")).event_bus_name,
        ref("Bus"),
    ),
    (
        "a log group for its name",
        lf.CloudWatchLogsEvent(lf.LogGroup("Log"), "ERROR").log_group_name,
        ref("Log"),
    ),
    (
        "a user pool for its id",
        lf.CognitoEvent(raw("AWS::Cognito::UserPool"), trigger="PreSignUp").user_pool,
        ref("Other"),
    ),
    (
        "an API for its id",
        lf.ApiEvent("/", "get", rest_api_id=lf.Api("Rest", stage_name="live")).rest_api_id,
        ref("Rest"),
    ),
    ("an HTTP API for its id", lf.HttpApiEvent("/", "GET", api_id=lf.HttpApi("Http")).api_id, ref("Http")),
    ("a function for its ARN", lf.WebSocketRoute(WORKER).function_arn, arn("Worker")),
    ("a function as authorizer for its ARN", lf.LambdaTokenAuthorizer(WORKER).function_arn, arn("Worker")),
    (
        "user pools for their ARNs",
        lf.CognitoAuthorizer([raw("AWS::Cognito::UserPool")]).user_pool_arn,
        (arn("Other"),),
    ),
    ("a table for its name", lf.DynamoDBDataSource(TABLE).table_name, ref("Table")),
    (
        "a capacity provider for its ARN",
        lf.CapacityProviderConfig(lf.CapacityProvider("Provider")).arn,
        arn("Provider"),
    ),
    ("a layer for its reference", lf.Function("F", layers=[LAYER]).layers, (ref("Shared"),)),
    (
        "a role for its ARN",
        lf.Function(
            "F", role=lf.Role("Own", assume_role_policy_document=lf.Trust("lambda.amazonaws.com"))
        ).role,
        arn("Own"),
    ),
    (
        "a queue on failure for its ARN and kind",
        lf.DestinationConfig(QUEUE).on_failure,
        lf.OnFailure(arn("Orders"), type="SQS"),
    ),
    (
        "a bucket on failure for its ARN and kind",
        lf.DestinationConfig(BUCKET).on_failure,
        lf.OnFailure(arn("Uploads"), type="S3"),
    ),
    (
        "a function on success for its ARN and kind",
        lf.EventInvokeDestinationConfig(on_success=WORKER).on_success,
        lf.EventInvokeDestination("Lambda", arn("Worker")),
    ),
    (
        "a queue for a schedule's dead letters",
        lf.ScheduleEvent("rate(5 minutes)", dead_letter_config=QUEUE).dead_letter_config,
        lf.EventDeadLetterConfig(arn=arn("Orders")),
    ),
    (
        "resources for the ends of a connector",
        lf.Connector("May", source=WORKER, destination=[QUEUE], permissions="Write").destination,
        (lf.ResourceReference(id="Orders"),),
    ),
    (
        "a log group for where a state machine logs",
        lf.StateMachineLogging(destinations=[lf.LogGroup("Log")]).destinations,
        (lf.LogDestination(lf.CloudWatchLogsLogGroup(arn("Log"))),),
    ),
    (
        "a network connector for its ARN",
        lf.WebFunction(
            "Site",
            runtime="python3.13",
            auth_type="IamAuth",
            egress_network_connector_arn=lf.NetworkConnector(
                "Way",
                vpc_config=lf.NetworkConnectorVpcConfig(
                    subnet_ids=["s"], security_group_ids=["g"], network_protocol="IPv4"
                ),
            ),
        ).egress_network_connector_arn,
        arn("Way"),
    ),
]


@pytest.mark.parametrize(
    ("given", "stands_for"), [each[1:] for each in SOURCES], ids=[each[0] for each in SOURCES]
)
def test_an_object_stands_for(given: object, stands_for: object) -> None:
    assert given == stands_for


SHORTHANDS: list[tuple[str, object, object]] = [
    (
        "a number of environments",
        lf.Function("F", provisioned_concurrency_config=5).provisioned_concurrency_config,
        lf.ProvisionedConcurrencyConfig(5),
    ),
    (
        "SnapStart by its word",
        lf.Function("F", snap_start="PublishedVersions").snap_start,
        lf.SnapStart("PublishedVersions"),
    ),
    (
        "patterns",
        lf.SqsEvent(QUEUE, filter_criteria=[{"body": ["a"]}]).filter_criteria,
        lf.FilterCriteria([lf.Filter('{"body": ["a"]}')]),
    ),
    ("data as JSON text", lf.ScheduleEvent("rate(5 minutes)", input={"a": 1}).input, '{"a": 1}'),
    (
        "minutes of a window",
        lf.ScheduleV2Event("rate(5 minutes)", flexible_time_window=15).flexible_time_window,
        lf.FlexibleTimeWindow("FLEXIBLE", 15),
    ),
    (
        "no window",
        lf.ScheduleV2Event("rate(5 minutes)", flexible_time_window=0).flexible_time_window,
        lf.FlexibleTimeWindow("OFF"),
    ),
    (
        "a datetime",
        lf.ScheduleV2Event("rate(5 minutes)", start_date=datetime(2030, 1, 1, tzinfo=UTC)).start_date,
        "2030-01-01T00:00:00Z",
    ),
    (
        "a schedule that was made",
        lf.ScheduleV2Event(lf.rate(5, "minutes")).schedule_expression,
        "rate(5 minutes)",
    ),
    (
        "prefix and suffix",
        lf.S3Event(BUCKET, events="s3:ObjectCreated:*", filter={"suffix": ".csv"}).filter,
        lf.NotificationFilter(lf.S3KeyFilter([lf.FilterRule("suffix", ".csv")])),
    ),
    (
        "an endpoint's kind",
        lf.Api("Rest", stage_name="live", endpoint_configuration="EDGE").endpoint_configuration,
        lf.EndpointConfiguration("EDGE"),
    ),
    ("whether to trace", lf.StateMachine("S", tracing=True).tracing, lf.StateMachineTracing(True)),
    (
        "a log's form",
        lf.AccessLogSettings("arn", {"id": "$context.requestId"}).format,
        '{"id": "$context.requestId"}',
    ),
    ("one permission", lf.EmbeddedConnector(QUEUE, "Write").permissions, ("Write",)),
    (
        "statements as a role's trust",
        lf.Function(
            "F", assume_role_policy_document=lf.Trust("lambda.amazonaws.com")
        ).assume_role_policy_document,
        lf.PolicyDocument(statement=[lf.Trust("lambda.amazonaws.com")]),
    ),
]


@pytest.mark.parametrize(
    ("given", "means"), [each[1:] for each in SHORTHANDS], ids=[each[0] for each in SHORTHANDS]
)
def test_a_short_form_means(given: object, means: object) -> None:
    assert given == means


Anyhow: Any = lf
REFUSED: list[tuple[str, Callable[[], object], str, str]] = [
    (
        "a topic as a queue",
        lambda: Anyhow.SqsEvent(TOPIC),
        "LF100",
        "It must be a Queue, an ARN or a reference.",
    ),
    ("a layer as a bucket", lambda: Anyhow.S3Event(LAYER, events="s3:ObjectCreated:*"), "LF100", "a Bucket"),
    ("a queue as a stream", lambda: Anyhow.KinesisEvent(QUEUE), "LF100", "a Kinesis stream"),
    ("a simple table as a source", lambda: Anyhow.DynamoDBEvent(lf.SimpleTable("T")), "LF100", "a Table"),
    ("a layer as a destination", lambda: Anyhow.DestinationConfig(LAYER), "LF100", "a Queue, a Topic"),
    ("a queue as a role", lambda: Anyhow.Function("F", role=QUEUE), "LF100", "a Role"),
    (
        "text where an event belongs",
        lambda: Anyhow.Function("F", events={"E": "SQS"}),
        "LF100",
        "an event of a function",
    ),
    (
        "a queue's event of a state machine",
        lambda: Anyhow.StateMachine("S", events={"E": lf.SqsEvent(QUEUE)}),
        "LF100",
        "an event of a state machine",
    ),
    (
        "a state machine's property on a function's event",
        lambda: lf.Function("F", events={"E": lf.ScheduleEvent("rate(5 minutes)", role_arn="arn")}),
        "LF106",
        "Only a state machine's Schedule event has it.",
    ),
    (
        "a function's property on a state machine's event",
        lambda: lf.StateMachine("S", events={"E": lf.ApiEvent("/", "get", timeout_in_millis=500)}),
        "LF106",
        "Only a function's Api event has it.",
    ),
    ("a batch of none", lambda: lf.SqsEvent(QUEUE, batch_size=0), "LF101", "1 to 10000 messages"),
    (
        "a window over five minutes",
        lambda: lf.KinesisEvent(STREAM, maximum_batching_window_in_seconds=301),
        "LF101",
        "0 to 300 seconds",
    ),
    (
        "eleven batches of a shard",
        lambda: lf.KinesisEvent(STREAM, parallelization_factor=11),
        "LF101",
        "1 to 10 batches",
    ),
    ("two topics", lambda: lf.MskEvent("arn", topics=["a", "b"]), "LF104", "At most 1"),
    (
        "an unknown place to start",
        lambda: Anyhow.KinesisEvent(STREAM, starting_position="FIRST"),
        "LF103",
        "TRIM_HORIZON",
    ),
    (
        "an unknown trigger",
        lambda: Anyhow.CognitoEvent("pool", trigger="PreSignup"),
        "LF103",
        "Did you mean 'PreSignUp'?",
    ),
    ("an event of no bucket", lambda: lf.S3Event(BUCKET, events="ObjectCreated"), "LF102", "s3:Kind:Name"),
    ("a path without a slash", lambda: lf.ApiEvent("orders", "get"), "LF102", "starts with a slash"),
    ("an unknown method", lambda: lf.HttpApiEvent("/", "FETCH"), "LF102", "A method is GET"),
    (
        "a timeout that HTTP APIs lack",
        lambda: lf.HttpApiEvent("/", "GET", timeout_in_millis=30_001),
        "LF101",
        "50 to 30000 ms",
    ),
    ("a schedule with a wrong unit", lambda: lf.ScheduleV2Event("rate(5 minute)"), "LF110", "minutes"),
    (
        "no time zone",
        lambda: lf.ScheduleV2Event("rate(5 minutes)", schedule_expression_timezone="Europe/Berln"),
        "LF110",
        "Europe/Berlin",
    ),
    (
        "an origin without its quotes",
        lambda: lf.ApiCors(allow_origin="*"),
        "LF118",
        "quotes are part of the value",
    ),
    ("an API without a stage", lambda: lf.Api("Rest"), "LF105", "stage_name"),
    ("a layer without content", lambda: lf.Layer("L"), "LF105", "content_uri"),
    ("a WebSocket API without routes", lambda: lf.WebSocketApi("Socket"), "LF105", "routes"),
    ("a third retry", lambda: lf.EventInvokeConfig(maximum_retry_attempts=3), "LF101", "0 to 2 attempts"),
    ("a mount outside of /mnt", lambda: lf.FileSystemConfig("arn", "/data"), "LF102", "/mnt/data"),
    (
        "two file systems",
        lambda: lf.Function(
            "F",
            file_system_configs=[lf.FileSystemConfig("arn", "/mnt/a"), lf.FileSystemConfig("arn", "/mnt/b")],
        ),
        "LF104",
        "At most 1",
    ),
    ("an unknown log level", lambda: Anyhow.LoggingConfig(system_log_level="ERROR"), "LF103", "DEBUG"),
    ("a URL with another kind of auth", lambda: Anyhow.FunctionUrlConfig("IAM"), "LF103", "AWS_IAM"),
    ("an unknown kind of state machine", lambda: Anyhow.StateMachine("S", type="FAST"), "LF103", "EXPRESS"),
    ("an unknown permission", lambda: Anyhow.EmbeddedConnector(QUEUE, "Delete"), "LF103", "Read"),
    (
        "all of a canary at once",
        lambda: lf.StateMachineDeploymentPreference("CANARY", percentage=100),
        "LF101",
        "1 to 99 percent",
    ),
]


@pytest.mark.parametrize(
    ("make", "rule", "right"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_what_aws_would_refuse_is_refused_where_it_stands(
    make: Callable[[], object], rule: str, right: str
) -> None:
    error = refused(make)
    assert (error.rule, right in str(error), error.where is not None) == (rule, True, True)


def test_an_events_problem_points_at_its_own_argument() -> None:
    error = refused(
        lambda: lf.Function(
            "F",
            events={
                "E": lf.ScheduleEvent(
                    "rate(5 minutes)",
                    role_arn="arn",
                )
            },
        )
    )
    assert error.where is not None
    assert error.where.source_line is not None
    assert error.where.source_line.strip() == 'role_arn="arn",'


def test_data_with_references_is_no_json_text() -> None:
    error = refused(lambda: lf.ScheduleEvent("rate(5 minutes)", input={"queue": QUEUE.url}))
    assert "input" in str(error)


def test_globals_are_kept_under_their_sections_name() -> None:
    stack = lf.Stack("s")
    shared = stack.globals_for(lf.Layer, publish_lambda_version=False)
    assert stack.globals == {"LayerVersion": shared}


def test_globals_need_not_have_what_each_resource_must() -> None:
    assert lf.Stack("s").globals_for(lf.Api, tracing_enabled=True).stage_name is None


def test_after_globals_a_resource_must_have_all_again() -> None:
    lf.Stack("s").globals_for(lf.Api, tracing_enabled=True)
    assert refused(lambda: lf.Api("Rest")).rule == "LF105"


def test_globals_refuse_what_sam_takes_on_each_resource_only() -> None:
    error = refused(lambda: lf.Stack("s").globals_for(lf.Function, function_name="worker"))
    assert (error.rule, "SAM takes no FunctionName there" in str(error)) == ("LF106", True)


def test_globals_of_a_class_are_given_once() -> None:
    stack = lf.Stack("s")
    stack.globals_for(lf.Function, timeout=10)
    assert refused(lambda: stack.globals_for(lf.Function, memory_size=512)).rule == "LF200"


def test_globals_check_their_values() -> None:
    assert refused(lambda: lf.Stack("s").globals_for(lf.Function, timeout=901)).rule == "LF101"


def test_a_class_without_globals_says_which_have_some() -> None:
    assert "HttpApi" in str(refused(lambda: lf.Stack("s").globals_for(lf.Queue, delay_seconds=5)))


NAMED: list[tuple[str, lf.PolicyTemplate, dict[str, object]]] = [
    ("a queue", policies.sqs_send_message(QUEUE), {"QueueName": GetAtt("Orders", "QueueName")}),
    ("a topic", policies.sns_publish_message(TOPIC), {"TopicName": GetAtt("Alerts", "TopicName")}),
    ("a table", policies.dynamodb_crud(TABLE), {"TableName": ref("Table")}),
    ("a simple table", policies.dynamodb_read(lf.SimpleTable("T")), {"TableName": ref("T")}),
    ("a bucket", policies.s3_read(BUCKET), {"BucketName": ref("Uploads")}),
    ("a function", policies.lambda_invoke(WORKER), {"FunctionName": ref("Worker")}),
    ("a stream", policies.kinesis_stream_read(STREAM), {"StreamName": ref("Clicks")}),
    (
        "a state machine",
        policies.step_functions_execution(lf.StateMachine("S")),
        {"StateMachineName": GetAtt("S", "Name")},
    ),
    ("a name", policies.sqs_poller("orders"), {"QueueName": "orders"}),
    ("a reference", policies.sqs_poller(lf.ref("Name")), {"QueueName": ref("Name")}),
    ("nothing", policies.vpc_access(), {}),
    (
        "a table and all its streams",
        policies.dynamodb_stream_read(TABLE),
        {"TableName": ref("Table"), "StreamName": "*"},
    ),
]


@pytest.mark.parametrize(
    ("template", "parameters"), [each[1:] for each in NAMED], ids=[each[0] for each in NAMED]
)
def test_a_policy_template_names(template: lf.PolicyTemplate, parameters: dict[str, object]) -> None:
    assert dict(template.parameters) == parameters


def test_a_policy_template_for_the_wrong_kind_of_resource_says_which_is_right() -> None:
    call: Any = policies.sqs_poller
    error = refused(lambda: call(TOPIC))
    assert "AWS::SNS::Topic 'Alerts'" in str(error)
    assert "AWS::SQS::Queue" in str(error)


def test_an_apis_url_has_its_stage() -> None:
    url = lf.Api("Rest", stage_name="live").url
    assert url == lf.sub("https://${Rest}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live")


def test_an_apis_url_may_have_a_stage_that_is_a_parameter() -> None:
    stage = lf.Stack("s").parameter("Stage").ref
    url = lf.Api("Rest", stage_name=stage).url
    assert url == lf.sub("https://${Rest}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}", Stage=stage)


def test_a_nested_application_has_outputs() -> None:
    nested = lf.Application("Nested", location="nested.yaml")
    assert nested.output("Url") == GetAtt("Nested", "Outputs.Url")
