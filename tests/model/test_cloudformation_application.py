"""A whole application in CloudFormation's own types, with troposphere's among them, as AWS's linter sees it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from cfnlint.api import lint
from troposphere import ec2, kms

from lambdaform import (
    Alarm,
    AlarmConfiguration,
    Alias,
    Allow,
    AutoRollbackConfiguration,
    Aws,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    Code,
    CodeDeployApplication,
    CodeDeployLambdaAliasUpdate,
    CompositeAlarm,
    CustomResource,
    DeadLetterConfig,
    Deny,
    DeploymentConfig,
    DeploymentGroup,
    DeploymentStyle,
    EventBus,
    EventSourceMapping,
    GlobalSecondaryIndex,
    InlinePolicy,
    LambdaDestinationConfig,
    LambdaEventInvokeConfig,
    LambdaFunction,
    LambdaUrl,
    LifecycleConfiguration,
    LifecycleRule,
    LogGroup,
    ManagedPolicy,
    MetricFilter,
    MetricTransformation,
    NoncurrentVersionExpiration,
    NotificationConfiguration,
    Permission,
    PointInTimeRecoverySpecification,
    PublicAccessBlockConfiguration,
    Queue,
    QueueConfiguration,
    QueuePolicy,
    RedrivePolicy,
    Role,
    Rule,
    Runtime,
    Schedule,
    ScheduleGroup,
    ScheduleTarget,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
    Stack,
    Stream,
    StreamModeDetails,
    StreamSpecification,
    Subscription,
    SubscriptionFilter,
    Table,
    TimeToLiveSpecification,
    Topic,
    TrafficRoutingConfig,
    Trust,
    Version,
    VersioningConfiguration,
    VpcConfig,
    cidr,
    cron,
    get_azs,
    rate,
    select,
    sub,
)
from lambdaform.check.findings import check
from lambdaform.check.rule import Level
from lambdaform.synth.template import template_of
from lambdaform.synth.yaml_writer import to_yaml

EXECUTION = [
    sub(f"arn:${{AWS::Partition}}:iam::aws:policy/service-role/AWSLambda{name}ExecutionRole")
    for name in ("VPCAccess", "SQSQueue", "DynamoDB", "Kinesis")
]


def application() -> Stack:
    stack = Stack("orders", description="Takes uploads, orders and clicks", tags={"team": "shop"})

    vpc: Any = stack.add(ec2.VPC("Vpc", CidrBlock="10.0.0.0/16"))
    subnet: Any = stack.add(
        ec2.Subnet(
            "Subnet",
            VpcId=vpc.ref,
            CidrBlock=select(0, cidr(vpc.attr("CidrBlock"), 4, 8)),
            AvailabilityZone=select(0, get_azs()),
        )
    )
    group: Any = stack.add(ec2.SecurityGroup("Group", GroupDescription="Orders", VpcId=vpc.ref))
    key: Any = stack.add(
        kms.Key("Key", KeyPolicy={"Version": "2012-10-17", "Statement": []}, EnableKeyRotation=True)
    )

    failed = stack.add(Queue("Failed", message_retention_period=1_209_600, kms_master_key_id=key.ref))
    orders = stack.add(
        Queue(
            "Orders",
            visibility_timeout=180,
            redrive_policy=RedrivePolicy(dead_letter_target_arn=failed, max_receive_count=3),
        )
    )
    news = stack.add(Topic("News", display_name="News"))
    uploads = stack.add(
        Bucket(
            "Uploads",
            versioning_configuration=VersioningConfiguration("Enabled"),
            bucket_encryption=BucketEncryption(
                [
                    ServerSideEncryptionRule(
                        server_side_encryption_by_default=ServerSideEncryptionByDefault("AES256")
                    )
                ]
            ),
            public_access_block_configuration=PublicAccessBlockConfiguration(
                block_public_acls=True, block_public_policy=True
            ),
            lifecycle_configuration=LifecycleConfiguration(
                [
                    LifecycleRule(
                        id="old",
                        noncurrent_version_expiration=NoncurrentVersionExpiration(noncurrent_days=30),
                    )
                ]
            ),
            notification_configuration=NotificationConfiguration(
                queue_configurations=[
                    QueueConfiguration(
                        "s3:ObjectCreated:*", orders, filter={"prefix": "in/", "suffix": ".csv"}
                    )
                ]
            ),
            depends_on="QueuePolicy",
        )
    )
    stack.add(
        QueuePolicy(
            "QueuePolicy",
            queues=[orders],
            policy_document=[
                Allow("sqs:SendMessage", on=orders, principal={"Service": "s3.amazonaws.com"}),
                Allow("sqs:SendMessage", on=orders, principal={"Service": "sns.amazonaws.com"}),
            ],
        )
    )
    stack.add(
        BucketPolicy(
            "BucketPolicy",
            bucket=uploads,
            policy_document=Deny(
                "s3:*",
                on=[uploads, uploads.objects_arn],
                principal="*",
                condition={"Bool": {"aws:SecureTransport": False}},
            ),
        )
    )
    stack.add(
        Subscription(
            "NewsToOrders", topic_arn=news, protocol="sqs", endpoint=orders, raw_message_delivery=True
        )
    )
    table = stack.add(
        Table(
            "Baskets",
            key_schema={"id": "HASH", "at": "RANGE"},
            attribute_definitions={"id": "S", "at": "N", "day": "S"},
            billing_mode="PAY_PER_REQUEST",
            global_secondary_indexes=[
                GlobalSecondaryIndex(index_name="by-day", key_schema={"day": "HASH"}, projection="ALL")
            ],
            stream_specification=StreamSpecification("NEW_AND_OLD_IMAGES"),
            time_to_live_specification=TimeToLiveSpecification("expires"),
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_policy="Retain",
            update_replace_policy="Retain",
        )
    )
    clicks = stack.add(Stream("Clicks", stream_mode_details=StreamModeDetails("ON_DEMAND")))

    read = stack.add(ManagedPolicy("Read", policy_document=Allow("dynamodb:GetItem", on=table)))
    role = stack.add(
        Role(
            "WorkerRole",
            assume_role_policy_document=Trust("lambda.amazonaws.com"),
            managed_policy_arns=[read, *EXECUTION],
            policies=[
                InlinePolicy("send", [Allow("sqs:SendMessage", on=failed), Allow("sns:Publish", on=news)])
            ],
        )
    )
    worker = stack.add(
        LambdaFunction(
            "Worker",
            runtime=Runtime.PYTHON_3_13,
            handler="index.handler",
            code=Code(zip_file="def handler(event, context):\n    return event\n"),
            role=role,
            timeout=30,
            memory_size=256,
            environment={"TABLE": table.ref, "BUS": Aws.REGION},
            vpc_config=VpcConfig(subnet_ids=[subnet.ref], security_group_ids=[group.attr("GroupId")]),
            dead_letter_config=DeadLetterConfig(failed),
        )
    )
    version = stack.add(Version("WorkerVersion", function_name=worker))
    shifts = stack.add(CodeDeployApplication("Shifts", compute_platform="Lambda"))
    slowly = stack.add(
        DeploymentConfig(
            "Slowly",
            compute_platform="Lambda",
            traffic_routing_config=TrafficRoutingConfig.linear(percentage=20, interval=7),
        )
    )
    errors = stack.add(
        Alarm(
            "Errors",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={"FunctionName": worker.ref},
            statistic="Sum",
            period=60,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
            alarm_actions=[news],
        )
    )
    stack.add(CompositeAlarm("Down", alarm_rule=sub("ALARM(${Errors})"), alarm_actions=[news]))
    shift_role = stack.add(Role("ShiftRole", assume_role_policy_document=Trust("codedeploy.amazonaws.com")))
    shift = stack.add(
        DeploymentGroup(
            "Shift",
            application_name=shifts,
            service_role_arn=shift_role,
            deployment_config_name=slowly,
            deployment_style=DeploymentStyle(
                deployment_type="BLUE_GREEN", deployment_option="WITH_TRAFFIC_CONTROL"
            ),
            alarm_configuration=AlarmConfiguration(alarms=[errors], enabled=True),
            auto_rollback_configuration=AutoRollbackConfiguration(events=["DEPLOYMENT_STOP_ON_ALARM"]),
        )
    )
    live = stack.add(
        Alias(
            "live",
            function_name=worker,
            function_version=version,
            provisioned_concurrency_config=2,
            update_policy=CodeDeployLambdaAliasUpdate(application_name=shifts, deployment_group_name=shift),
        )
    )
    stack.add(
        LambdaUrl("Url", target_function_arn=worker, qualifier="live", auth_type="AWS_IAM", depends_on=live)
    )
    stack.add(
        LambdaEventInvokeConfig(
            "Async",
            function_name=worker,
            qualifier="live",
            maximum_retry_attempts=1,
            destination_config=LambdaDestinationConfig(on_success=news, on_failure=failed),
            depends_on=live,
        )
    )
    stack.add(EventSourceMapping("FromOrders", function_name=live, event_source_arn=orders, batch_size=10))
    stack.add(
        EventSourceMapping(
            "FromBaskets", function_name=live, event_source_arn=table, starting_position="TRIM_HORIZON"
        )
    )
    stack.add(
        EventSourceMapping(
            "FromClicks",
            function_name=live,
            event_source_arn=clicks,
            starting_position="LATEST",
            parallelization_factor=2,
            filter_criteria=[{"data": {"kind": ["order"]}}],
        )
    )

    bus = stack.add(EventBus("Bus", name="orders"))
    rule = stack.add(
        Rule("Paid", event_bus_name=bus, event_pattern={"source": ["payment"]}, targets=[worker])
    )
    stack.add(
        Permission("RuleMayInvoke", function_name=worker, principal="events.amazonaws.com", source_arn=rule)
    )
    stack.add(Rule("Hourly", schedule_expression=rate(1, "hour"), targets=[orders]))
    scheduler = stack.add(
        Role(
            "SchedulerRole",
            assume_role_policy_document=Trust("scheduler.amazonaws.com"),
            policies=[InlinePolicy("invoke", Allow("lambda:InvokeFunction", on=worker))],
        )
    )
    reports = stack.add(ScheduleGroup("Reports", name="reports"))
    stack.add(
        Schedule(
            "EveryEvening",
            group_name=reports,
            schedule_expression=cron("0 18 ? * MON-FRI *"),
            schedule_expression_timezone="Europe/Berlin",
            flexible_time_window=15,
            target=ScheduleTarget(worker, scheduler),
        )
    )

    logs = stack.add(LogGroup("Logs", log_group_name=sub("/aws/lambda/${Worker}"), retention_in_days=30))
    stack.add(
        MetricFilter(
            "Slow",
            log_group_name=logs,
            filter_pattern="SLOW",
            metric_transformations=[
                MetricTransformation(metric_namespace="Shop", metric_name="Slow", metric_value="1")
            ],
        )
    )
    stack.add(
        SubscriptionFilter(
            "ToClicks", log_group_name=logs, filter_pattern="", destination_arn=clicks, role_arn=role
        )
    )
    seed = stack.add(
        CustomResource("Seed", type="Custom::Seed", service_token=worker, properties={"Table": table.ref})
    )
    stack.output("Seeded", seed.attr("Count"))
    stack.output("Queue", orders.url, export=sub("${AWS::StackName}-queue"))
    return stack


@cache
def text() -> str:
    return to_yaml(template_of(application()))


@pytest.mark.slow
def test_awss_linter_finds_no_error() -> None:
    found = lint(text(), regions=["eu-west-1"])
    assert [f"{each.rule.id} {each.message} ({each.path})" for each in found if each.rule.id[0] == "E"] == []


def test_our_own_check_finds_no_error() -> None:
    assert [each.text() for each in check(application()) if each.level is Level.ERROR] == []


def test_the_text_is_the_same_every_time() -> None:
    assert to_yaml(template_of(application())) == text()
