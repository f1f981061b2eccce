"""Where AWS wants an ARN, a name or a URL, the object itself may be given, and only one of the right kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdaform import (
    Alarm,
    AlarmConfiguration,
    Alias,
    Allow,
    Archive,
    Bucket,
    BucketPolicy,
    CodeDeployApplication,
    CodeDeployLambdaAliasUpdate,
    CompositeAlarm,
    CustomResource,
    DefinitionError,
    DeploymentConfig,
    DeploymentGroup,
    EventBus,
    EventSourceMapping,
    FlexibleTimeWindow,
    Function,
    GlobalSecondaryIndex,
    InlinePolicy,
    LambdaConfiguration,
    LambdaDestinationConfig,
    LambdaEventInvokeConfig,
    LambdaFunction,
    LambdaUrl,
    Layer,
    LayerVersionPermission,
    LogGroup,
    ManagedPolicy,
    NestedStack,
    Permission,
    Policy,
    PolicyDocument,
    Queue,
    QueuePolicy,
    Resource,
    Role,
    Rule,
    Schedule,
    ScheduleGroup,
    ScheduleTarget,
    Stack,
    Stream,
    StreamConsumer,
    Subscription,
    SubscriptionFilter,
    Table,
    Topic,
    TopicPolicy,
    TrafficRoutingConfig,
    Trust,
    Version,
    VersionWeight,
    WaitCondition,
    WaitConditionHandle,
    cron,
    rate,
)
from lambdaform.model.polling import DestinationConfig
from lambdaform.synth.template import template_of

FUNCTION = LambdaFunction("Worker", code="src", role="arn:aws:iam::123456789012:role/worker")
QUEUE = Queue("Orders")
TOPIC = Topic("News")
TABLE = Table("Baskets", key_schema={"id": "HASH"})
STREAM = Stream("Clicks")
BUCKET = Bucket("Uploads")
ROLE = Role("WorkerRole", assume_role_policy_document=Trust("lambda.amazonaws.com"))
LAYER = Layer("Shared", content_uri="layers/shared")
VERSION = Version("First", function_name=FUNCTION)
ALIAS = Alias("live", function_name=FUNCTION, function_version=VERSION)
ALARM = Alarm("Errors", metric_name="Errors", dimensions={"FunctionName": FUNCTION.ref})
BUS = EventBus("Shop", name="shop")
LOGS = LogGroup("WorkerLogs")
APPLICATION = CodeDeployApplication("Deployments", compute_platform="Lambda")


def properties(resource: Resource) -> dict[str, Any]:
    """The resource's properties as its template has them."""
    stack = Stack("shop")
    stack.add(resource)
    written: dict[str, Any] = template_of(stack)["Resources"][resource.logical_id]["Properties"]
    return written


def refused(make: Callable[[], object]) -> str:
    with pytest.raises(DefinitionError) as caught:
        make()
    return str(caught.value)


def arn(resource: Resource) -> dict[str, Any]:
    return {"Fn::GetAtt": [resource.logical_id, "Arn"]}


def ref(resource: Resource) -> dict[str, Any]:
    return {"Ref": resource.logical_id}


class TestAnAlias:
    def test_takes_the_function_and_the_version_themselves(self) -> None:
        assert properties(ALIAS) == {
            "Name": "live",
            "FunctionName": ref(FUNCTION),
            "FunctionVersion": {"Fn::GetAtt": ["First", "Version"]},
        }

    def test_is_named_by_its_logical_id_unless_it_has_a_name(self) -> None:
        assert Alias("Live", name="live", function_name="f", function_version="1").name == "live"

    def test_has_no_name_of_digits_only(self) -> None:
        assert "not digits only" in refused(lambda: Alias("42", function_name="f", function_version="1"))

    @pytest.mark.parametrize(
        "routing",
        [VersionWeight("2", 0.1), [VersionWeight("2", 0.1)], {"2": 0.1}],
        ids=lambda each: type(each).__name__,
    )
    def test_shares_its_traffic_as_a_weight_says(self, routing: Any) -> None:
        alias = Alias("live", function_name="f", function_version="1", routing_config=routing)
        assert properties(alias)["RoutingConfig"] == {
            "AdditionalVersionWeights": [{"FunctionVersion": "2", "FunctionWeight": 0.1}]
        }

    def test_refuses_a_weight_over_one(self) -> None:
        message = refused(
            lambda: Alias("live", function_name="f", function_version="1", routing_config={"2": 1.5})
        )
        assert "function_weight is 1.5" in message

    def test_refuses_a_second_weight(self) -> None:
        weights = {"2": 0.1, "3": 0.1}
        message = refused(
            lambda: Alias("live", function_name="f", function_version="1", routing_config=weights)
        )
        assert "At most 1" in message

    def test_keeps_a_number_of_environments_ready(self) -> None:
        alias = Alias("live", function_name="f", function_version="1", provisioned_concurrency_config=5)
        assert properties(alias)["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 5}

    def test_moves_as_its_update_policy_says(self) -> None:
        group = DeploymentGroup("Group", application_name=APPLICATION, service_role_arn=ROLE)
        policy = CodeDeployLambdaAliasUpdate(
            application_name=APPLICATION, deployment_group_name=group, before_allow_traffic_hook=FUNCTION
        )
        alias = Alias("live", function_name="f", function_version="1", update_policy=policy)
        stack = Stack("shop")
        stack.add(alias)
        assert template_of(stack)["Resources"]["live"]["UpdatePolicy"] == {
            "CodeDeployLambdaAliasUpdate": {
                "ApplicationName": ref(APPLICATION),
                "DeploymentGroupName": ref(group),
                "BeforeAllowTrafficHook": ref(FUNCTION),
            }
        }


class TestAnEventSourceMapping:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            (QUEUE, arn(QUEUE)),
            (STREAM, arn(STREAM)),
            (TABLE, {"Fn::GetAtt": ["Baskets", "StreamArn"]}),
            (StreamConsumer("Reader", consumer_name="reader", stream_arn=STREAM), {"Ref": "Reader"}),
        ],
        ids=lambda each: each.logical_id if isinstance(each, Resource) else "",
    )
    def test_takes_what_it_polls_itself(self, source: Any, expected: object) -> None:
        mapping = EventSourceMapping("Mapping", function_name=FUNCTION, event_source_arn=source)
        assert properties(mapping)["EventSourceArn"] == expected

    @pytest.mark.parametrize("function", [FUNCTION, ALIAS, VERSION, Function("Sam")])
    def test_takes_the_function_the_version_or_the_alias(self, function: Any) -> None:
        assert properties(EventSourceMapping("Mapping", function_name=function))["FunctionName"] == ref(
            function
        )

    def test_does_not_poll_a_layer(self) -> None:
        message = refused(lambda: EventSourceMapping("Mapping", function_name="f", event_source_arn=LAYER))  # type: ignore[arg-type]
        assert "event_source_arn is Layer 'Shared'. It must be a Queue" in message

    def test_names_a_failures_queue_without_the_type_that_only_sam_knows(self) -> None:
        mapping = EventSourceMapping(
            "Mapping", function_name="f", destination_config=DestinationConfig(on_failure=QUEUE)
        )
        assert properties(mapping)["DestinationConfig"] == {"OnFailure": {"Destination": arn(QUEUE)}}


class TestAPermission:
    def test_is_to_invoke_unless_it_says_otherwise(self) -> None:
        permission = Permission("May", function_name=ALIAS, principal="sns.amazonaws.com", source_arn=TOPIC)
        assert properties(permission) == {
            "FunctionName": ref(ALIAS),
            "Action": "lambda:InvokeFunction",
            "Principal": "sns.amazonaws.com",
            "SourceArn": ref(TOPIC),
        }

    def test_is_for_operations_of_lambda(self) -> None:
        message = refused(
            lambda: Permission("May", function_name="f", action="sqs:SendMessage", principal="*")
        )
        assert "lambda:Operation" in message

    def test_of_a_layer_is_to_get_it(self) -> None:
        permission = LayerVersionPermission("Share", layer_version_arn=LAYER, principal="*")
        assert properties(permission) == {
            "LayerVersionArn": ref(LAYER),
            "Action": "lambda:GetLayerVersion",
            "Principal": "*",
        }


def test_outcomes_of_asynchronous_invocations_go_to_the_objects_given() -> None:
    config = LambdaEventInvokeConfig(
        "Async",
        function_name=FUNCTION,
        destination_config=LambdaDestinationConfig(on_success=BUS, on_failure=QUEUE),
    )
    assert properties(config)["DestinationConfig"] == {
        "OnSuccess": {"Destination": arn(BUS)},
        "OnFailure": {"Destination": arn(QUEUE)},
    }


def test_a_version_of_the_latest_code_is_meant_where_no_qualifier_is_given() -> None:
    assert properties(LambdaEventInvokeConfig("Async", function_name="f"))["Qualifier"] == "$LATEST"


def test_a_function_url_takes_the_function() -> None:
    url = LambdaUrl("Url", target_function_arn=FUNCTION, auth_type="AWS_IAM")
    assert properties(url)["TargetFunctionArn"] == arn(FUNCTION)


class TestARule:
    def test_takes_functions_and_queues_as_targets(self) -> None:
        rule = Rule("Nightly", schedule_expression=rate(1, "day"), targets=[FUNCTION, QUEUE])
        assert properties(rule)["Targets"] == [
            {"Arn": arn(FUNCTION), "Id": "Worker"},
            {"Arn": arn(QUEUE), "Id": "Orders"},
        ]

    def test_takes_a_parsed_schedule(self) -> None:
        rule = Rule("Nightly", schedule_expression=cron("0 18 ? * * *"))
        assert properties(rule)["ScheduleExpression"] == "cron(0 18 ? * * *)"

    def test_takes_the_bus_it_listens_on(self) -> None:
        rule = Rule("Orders", event_bus_name=BUS, event_pattern={"source": ["shop"]})
        assert properties(rule)["EventBusName"] == ref(BUS)

    def test_has_at_most_five_targets(self) -> None:
        targets = [Queue(f"Q{number}") for number in range(6)]
        assert "At most 5" in refused(lambda: Rule("Nightly", targets=targets))


def test_an_archive_takes_the_bus() -> None:
    assert properties(Archive("Past", source_arn=BUS)) == {"SourceArn": arn(BUS)}


class TestASchedule:
    @staticmethod
    def schedule(**values: Any) -> Schedule:
        given = {"schedule_expression": rate(1, "hour"), "target": ScheduleTarget(FUNCTION, ROLE), **values}
        return Schedule("Hourly", **given)

    def test_takes_the_function_and_the_role(self) -> None:
        assert properties(self.schedule())["Target"] == {"Arn": arn(FUNCTION), "RoleArn": arn(ROLE)}

    def test_starts_on_time_unless_it_may_be_late(self) -> None:
        assert properties(self.schedule())["FlexibleTimeWindow"] == {"Mode": "OFF"}

    def test_may_be_late_by_a_number_of_minutes(self) -> None:
        schedule = self.schedule(flexible_time_window=15)
        assert schedule.flexible_time_window == FlexibleTimeWindow("FLEXIBLE", 15)

    def test_is_not_late_by_more_than_a_day(self) -> None:
        assert "1 to 1440 minutes" in refused(lambda: self.schedule(flexible_time_window=1441))

    def test_may_be_once(self) -> None:
        schedule = self.schedule(schedule_expression="at(2030-01-01T12:00:00)")
        assert properties(schedule)["ScheduleExpression"] == "at(2030-01-01T12:00:00)"

    def test_brings_the_nearest_time_zone_to_mind(self) -> None:
        message = refused(lambda: self.schedule(schedule_expression_timezone="Europe/Berln"))
        assert "Did you mean 'Europe/Berlin'?" in message

    def test_starts_and_ends_at_moments_in_utc(self) -> None:
        schedule = self.schedule(start_date=datetime(2030, 1, 1, 12, tzinfo=UTC))
        assert properties(schedule)["StartDate"] == "2030-01-01T12:00:00Z"

    def test_belongs_to_the_group_given(self) -> None:
        group = ScheduleGroup("Reports", name="reports")
        assert properties(self.schedule(group_name=group))["GroupName"] == ref(group)


class TestABucket:
    def test_tells_a_function_of_the_objects_that_a_filter_names(self) -> None:
        told = LambdaConfiguration("s3:ObjectCreated:*", FUNCTION, filter={"prefix": "in/", "suffix": ".csv"})
        assert dict(told.property_values())["Function"] == FUNCTION.arn
        assert told.filter is not None

    def test_names_its_objects_for_a_policy(self) -> None:
        policy = BucketPolicy(
            "Read", bucket=BUCKET, policy_document=Allow("s3:GetObject", on=BUCKET.objects_arn, principal="*")
        )
        assert properties(policy) == {
            "Bucket": ref(BUCKET),
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": ["s3:GetObject"],
                        "Resource": [{"Fn::Sub": "${Uploads.Arn}/*"}],
                    }
                ],
            },
        }

    @pytest.mark.parametrize("name", ["Upper", "a", "under_score", "-start"])
    def test_has_a_name_that_s3_takes(self, name: str) -> None:
        assert "bucket_name" in refused(lambda: Bucket("B", bucket_name=name))


class TestAPolicy:
    def test_may_be_one_statement(self) -> None:
        statement = Allow("sqs:SendMessage", on=QUEUE, principal={"Service": "sns.amazonaws.com"})
        policy = QueuePolicy("May", queues=[QUEUE], policy_document=statement)
        assert policy.policy_document == PolicyDocument(statement=[statement])

    def test_may_be_several_statements(self) -> None:
        statements = [
            Allow("sns:Publish", on=TOPIC, principal="*"),
            Allow("sns:Subscribe", on=TOPIC, principal="*"),
        ]
        policy = TopicPolicy("May", topics=[TOPIC], policy_document=statements)
        assert policy.policy_document == PolicyDocument(statement=statements)

    def test_may_be_a_mapping_as_it_was_pasted(self) -> None:
        document = {"Version": "2012-10-17", "Statement": []}
        assert (
            properties(Policy("P", policy_name="p", policy_document=document))["PolicyDocument"] == document
        )

    def test_is_no_statement_of_nothing(self) -> None:
        message = refused(lambda: Policy("P", policy_name="p", policy_document=[]))
        assert "It must be statements" in message

    def test_is_written_into_the_roles_given(self) -> None:
        policy = Policy("P", policy_name="p", policy_document=Allow("s3:GetObject", on="*"), roles=[ROLE])
        assert properties(policy)["Roles"] == [ref(ROLE)]

    def test_of_its_own_may_be_shared_by_roles(self) -> None:
        shared = ManagedPolicy("Shared", policy_document=Allow("s3:GetObject", on="*"))
        role = Role(
            "R", assume_role_policy_document=Trust("lambda.amazonaws.com"), managed_policy_arns=[shared]
        )
        assert properties(role)["ManagedPolicyArns"] == [ref(shared)]

    def test_may_be_part_of_a_role(self) -> None:
        inline = InlinePolicy("read", Allow("s3:GetObject", on=BUCKET.objects_arn))
        role = Role("R", assume_role_policy_document=Trust("lambda.amazonaws.com"), policies=[inline])
        assert properties(role)["Policies"][0]["PolicyName"] == "read"

    def test_of_a_function_that_is_none_is_refused(self) -> None:
        with pytest.raises(DefinitionError, match=r"policies\[1\] is None"):
            Function("F", policies=["AWSLambdaExecute", None])  # type: ignore[list-item]

    def test_of_trust_names_who_may_take_the_role_on(self) -> None:
        assert properties(ROLE)["AssumeRolePolicyDocument"]["Statement"] == [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["sts:AssumeRole"],
            }
        ]


class TestATable:
    def test_takes_its_key_as_a_mapping(self) -> None:
        table = Table(
            "T", key_schema={"id": "HASH", "at": "RANGE"}, attribute_definitions={"id": "S", "at": "N"}
        )
        assert properties(table) == {
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "at", "AttributeType": "N"},
            ],
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
        }

    def test_has_indexes_that_copy_all_attributes(self) -> None:
        index = GlobalSecondaryIndex(index_name="by-day", key_schema={"day": "HASH"}, projection="ALL")
        table = Table("T", key_schema={"id": "HASH"}, global_secondary_indexes=[index])
        assert properties(table)["GlobalSecondaryIndexes"][0]["Projection"] == {"ProjectionType": "ALL"}

    def test_offers_its_stream(self) -> None:
        assert properties(EventSourceMapping("M", function_name="f", event_source_arn=TABLE.stream_arn))[
            "EventSourceArn"
        ] == {"Fn::GetAtt": ["Baskets", "StreamArn"]}


def test_a_subscription_takes_the_topic_and_the_queue() -> None:
    subscription = Subscription("Sub", topic_arn=TOPIC, protocol="sqs", endpoint=QUEUE)
    assert properties(subscription) == {"TopicArn": ref(TOPIC), "Protocol": "sqs", "Endpoint": arn(QUEUE)}


def test_a_subscription_filter_takes_the_log_group_and_the_function() -> None:
    subscription = SubscriptionFilter(
        "Filter", log_group_name=LOGS, filter_pattern="ERROR", destination_arn=FUNCTION
    )
    assert properties(subscription) == {
        "LogGroupName": ref(LOGS),
        "FilterPattern": "ERROR",
        "DestinationArn": arn(FUNCTION),
    }


def test_a_log_group_keeps_events_for_days_that_the_service_offers() -> None:
    assert "retention_in_days is 10" in refused(lambda: LogGroup("L", retention_in_days=10))  # type: ignore[arg-type]


class TestCodeDeploy:
    def test_stops_at_the_alarms_given(self) -> None:
        group = DeploymentGroup(
            "Group",
            application_name=APPLICATION,
            service_role_arn=ROLE,
            alarm_configuration=AlarmConfiguration(alarms=[ALARM], enabled=True),
        )
        assert properties(group)["AlarmConfiguration"] == {"Alarms": [{"Name": ref(ALARM)}], "Enabled": True}

    def test_moves_the_traffic_by_a_split_of_ones_own(self) -> None:
        config = DeploymentConfig(
            "Slow",
            compute_platform="Lambda",
            traffic_routing_config=TrafficRoutingConfig.canary(percentage=20, interval=7),
        )
        assert properties(config)["TrafficRoutingConfig"] == {
            "Type": "TimeBasedCanary",
            "TimeBasedCanary": {"CanaryPercentage": 20, "CanaryInterval": 7},
        }

    def test_moves_no_more_than_99_percent_at_a_time(self) -> None:
        assert "1 to 99 percent" in refused(lambda: TrafficRoutingConfig.linear(percentage=100, interval=1))


class TestACustomResource:
    RESOURCE = CustomResource(
        "Seed", type="Custom::Seed", service_token=FUNCTION, properties={"Table": TABLE.ref, "title": "x"}
    )

    def test_tells_the_function_its_properties(self) -> None:
        assert properties(self.RESOURCE) == {"ServiceToken": arn(FUNCTION), "Table": ref(TABLE), "title": "x"}

    def test_has_the_type_it_is_given(self) -> None:
        stack = Stack("shop")
        stack.add(self.RESOURCE)
        assert template_of(stack)["Resources"]["Seed"]["Type"] == "Custom::Seed"

    def test_has_a_type_under_custom(self) -> None:
        assert "type is 'My::Seed'" in refused(
            lambda: CustomResource("S", type="My::Seed", service_token="arn")
        )

    def test_offers_what_the_function_answers(self) -> None:
        assert self.RESOURCE.attr("Count").attribute == "Count"  # type: ignore[attr-defined]


def test_a_composite_alarm_is_kept_silent_by_another() -> None:
    alarm = CompositeAlarm(
        "Down", alarm_rule='ALARM("Errors")', actions_suppressor=ALARM, alarm_actions=[TOPIC]
    )
    assert properties(alarm) == {
        "AlarmRule": 'ALARM("Errors")',
        "AlarmActions": [ref(TOPIC)],
        "ActionsSuppressor": arn(ALARM),
    }


def test_a_nested_stack_offers_its_outputs() -> None:
    nested = NestedStack("Network", template_url="https://s3.amazonaws.com/bucket/network.yaml")
    function = LambdaFunction("F", code="src", role=nested.output("RoleArn"))
    assert properties(function)["Role"] == {"Fn::GetAtt": ["Network", "Outputs.RoleArn"]}


def test_a_wait_condition_takes_its_handle() -> None:
    handle = WaitConditionHandle("Handle")
    assert properties(WaitCondition("Wait", handle=handle, timeout=60)) == {
        "Handle": ref(handle),
        "Timeout": 60,
    }
