"""A stack's queues, topics, tables, streams, buckets, buses, rules, log groups and roles, in the other services.

They are made through the services' own APIs, so it is the same for moto and for another emulator: each is made when it
is not there yet, and deleted when it is gone from the template. What is in it is left alone, and so are its properties
once it is there.

Source: AWS CloudFormation User Guide, each type's page; API References of SQS, SNS, DynamoDB, Kinesis, S3, EventBridge,
CloudWatch Logs and IAM.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import frozen

#: A client of boto3, by the name of its service.
Clients = Callable[[str], Any]
#: The types that are made, each after those that it refers to.
TYPES = (
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
    "AWS::DynamoDB::Table",
    "AWS::Kinesis::Stream",
    "AWS::Events::EventBus",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::Events::Rule",
)
_TABLE = (
    *("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes", "BillingMode"),
    *("StreamSpecification", "SSESpecification", "TableClass", "DeletionProtectionEnabled"),
)
_NOTIFICATIONS = {
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
    "QueueConfigurations": ("QueueConfigurations", "Queue", "QueueArn"),
    "TopicConfigurations": ("TopicConfigurations", "Topic", "TopicArn"),
}


@frozen(kw_only=True)
class ServiceResource:
    """A resource of a stack that is another service's: its type, its physical name, its properties worked out."""

    stack: str
    logical_id: str
    aws_type: str
    name: str
    properties: Mapping[str, Any]


class StackResources:
    """Brings the other services to what stacks describe. ``notice`` is told of what a service refuses."""

    def __init__(self, clients: Clients, region: str, notice: Callable[[str], None]) -> None:
        self._clients = clients
        self._region = region
        self._notice = notice
        self._made: dict[tuple[str, str], ServiceResource] = {}

    def take(self, wanted: Iterable[ServiceResource]) -> None:
        """Make what is new, and delete what is gone."""
        resources = {(each.aws_type, each.name): each for each in wanted}
        gone = [each for key, each in self._made.items() if key not in resources]
        for each in sorted(gone, key=lambda each: -TYPES.index(each.aws_type)):
            self._try("deleted", each, _DELETE[each.aws_type])
            del self._made[each.aws_type, each.name]
        for key, new in sorted(resources.items(), key=lambda item: TYPES.index(item[1].aws_type)):
            before = self._made.get(key)
            if before is None:
                if self._try("made", new, _CREATE[new.aws_type]):
                    self._made[key] = new
            elif before.properties != new.properties:
                self._made[key] = new
                self._change(before, new)

    def _change(self, before: ServiceResource, new: ServiceResource) -> None:
        """Change what can be changed without a loss; of the rest it is said that it stays."""
        if new.aws_type == "AWS::S3::Bucket":
            self._try("changed", new, _bucket_settings)
        elif new.aws_type in _MADE_AGAIN:
            self._try("deleted", before, _DELETE[new.aws_type])
            self._try("made", new, _CREATE[new.aws_type])
        else:
            self._notice(f"{new.logical_id} has changed; what it was stays until the next run.")

    def _try(
        self, verb: str, resource: ServiceResource, work: Callable[[Clients, ServiceResource, str], None]
    ) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            work(self._clients, resource, self._region)
        except ClientError as error:
            if error.response["Error"]["Code"] in (_THERE_ALREADY if verb == "made" else _GONE_ALREADY):
                return True
            self._notice(f"{resource.logical_id} could not be {verb}: {error}")
            return False
        except (BotoCoreError, KeyError, TypeError, ValueError) as error:
            self._notice(f"{resource.logical_id} could not be {verb}: {error}")
            return False
        return True


#: Types in which nothing is kept, so that another one may take the place of the first.
_MADE_AGAIN = frozenset({"AWS::SNS::Subscription", "AWS::Events::Rule", "AWS::IAM::Role"})
_THERE_ALREADY = frozenset(
    {
        *("EntityAlreadyExists", "ResourceAlreadyExistsException", "ResourceInUseException"),
        *("BucketAlreadyOwnedByYou", "BucketAlreadyExists", "QueueAlreadyExists", "QueueNameExists"),
    }
)


_GONE_ALREADY = frozenset(
    {
        *("NoSuchEntity", "ResourceNotFoundException", "NotFound", "NoSuchBucket", "QueueDoesNotExist"),
        "AWS.SimpleQueueService.NonExistentQueue",
    }
)


def _attributes(properties: Mapping[str, Any], *without: str) -> dict[str, str]:
    """Attributes as SQS and SNS take them: all as text."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in properties.items()
        if name not in without
    }


def _role(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001 - alike for all
    properties = resource.properties
    iam = clients("iam")
    iam.create_role(
        RoleName=resource.name,
        Path=properties.get("Path", "/"),
        AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
    )
    for policy in properties.get("Policies") or []:
        iam.put_role_policy(
            RoleName=resource.name,
            PolicyName=policy["PolicyName"],
            # AWS takes one without a version, moto does not.
            PolicyDocument=json.dumps({"Version": "2012-10-17", **policy["PolicyDocument"]}),
        )


def _log_group(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    logs = clients("logs")
    logs.create_log_group(logGroupName=resource.name)
    if resource.properties.get("RetentionInDays"):
        logs.put_retention_policy(
            logGroupName=resource.name, retentionInDays=int(resource.properties["RetentionInDays"])
        )


def _queue(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    attributes = _attributes(resource.properties, "QueueName", "Tags")
    clients("sqs").create_queue(QueueName=resource.name, Attributes=attributes)


def _topic(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    sns = clients("sns")
    attributes = _attributes(resource.properties, "TopicName", "Tags", "Subscription")
    arn = sns.create_topic(Name=resource.name, Attributes=attributes)["TopicArn"]
    for each in resource.properties.get("Subscription") or []:
        sns.subscribe(TopicArn=arn, Protocol=each["Protocol"], Endpoint=each["Endpoint"])


def _subscription(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    properties = resource.properties
    attributes = _attributes(properties, "TopicArn", "Protocol", "Endpoint", "Region")
    clients("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties.get("Endpoint", ""),
        Attributes=attributes,
    )


def _table(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    properties = resource.properties
    given = {name: properties[name] for name in _TABLE if name in properties}
    if "StreamSpecification" in given:
        given["StreamSpecification"] = {"StreamEnabled": True, **given["StreamSpecification"]}
    throughput = properties.get("ProvisionedThroughput")
    if throughput is None:
        given["BillingMode"] = "PAY_PER_REQUEST"
    else:
        given["ProvisionedThroughput"] = {name: int(value) for name, value in throughput.items()}
    clients("dynamodb").create_table(TableName=resource.name, **given)


def _stream(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    count = int(resource.properties.get("ShardCount") or 1)
    clients("kinesis").create_stream(StreamName=resource.name, ShardCount=count)


def _bus(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    clients("events").create_event_bus(Name=resource.name)


def _bucket(clients: Clients, resource: ServiceResource, region: str) -> None:
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    clients("s3").create_bucket(Bucket=resource.name, **where)
    _bucket_settings(clients, resource, region)


def _bucket_settings(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    s3 = clients("s3")
    if resource.properties.get("VersioningConfiguration"):
        s3.put_bucket_versioning(
            Bucket=resource.name,
            VersioningConfiguration={
                "Status": resource.properties["VersioningConfiguration"].get("Status", "Suspended")
            },
        )
    notifications = resource.properties.get("NotificationConfiguration") or {}
    told = {
        theirs: [
            {
                arn_name: each[target],
                "Events": [each["Event"]],
                **({"Filter": _filter(each["Filter"])} if "Filter" in each else {}),
            }
            for each in notifications[ours]
        ]
        for ours, (theirs, target, arn_name) in _NOTIFICATIONS.items()
        if ours in notifications
    }
    s3.put_bucket_notification_configuration(Bucket=resource.name, NotificationConfiguration=told)


def _filter(given: Mapping[str, Any]) -> dict[str, Any]:
    rules = (given.get("S3Key") or {}).get("Rules") or []
    return {"Key": {"FilterRules": [{"Name": each["Name"], "Value": each["Value"]} for each in rules]}}


def _rule(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    properties = resource.properties
    events = clients("events")
    bus = properties.get("EventBusName", "default")
    events.put_rule(
        Name=resource.name,
        EventPattern=json.dumps(properties["EventPattern"]),
        State=properties.get("State", "ENABLED"),
        EventBusName=bus,
    )
    if properties.get("Targets"):
        events.put_targets(Rule=resource.name, EventBusName=bus, Targets=properties["Targets"])


def _without_role(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    iam = clients("iam")
    for name in iam.list_role_policies(RoleName=resource.name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=resource.name, PolicyName=name)
    iam.delete_role(RoleName=resource.name)


def _without_queue(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    sqs = clients("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=resource.name)["QueueUrl"])


def _without_topic(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    sns = clients("sns")
    sns.delete_topic(TopicArn=sns.create_topic(Name=resource.name)["TopicArn"])


def _without_subscription(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    sns = clients("sns")
    properties = resource.properties
    for each in sns.list_subscriptions_by_topic(TopicArn=properties["TopicArn"])["Subscriptions"]:
        if (each["Protocol"], each["Endpoint"]) == (properties["Protocol"], properties.get("Endpoint", "")):
            sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def _without_rule(clients: Clients, resource: ServiceResource, region: str) -> None:  # noqa: ARG001
    events, bus = clients("events"), resource.properties.get("EventBusName", "default")
    targets = [each["Id"] for each in resource.properties.get("Targets") or []]
    if targets:
        events.remove_targets(Rule=resource.name, EventBusName=bus, Ids=targets)
    events.delete_rule(Name=resource.name, EventBusName=bus)


_Work = Callable[[Clients, ServiceResource, str], None]
_CREATE: Mapping[str, _Work] = {
    "AWS::IAM::Role": _role,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::SQS::Queue": _queue,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::Subscription": _subscription,
    "AWS::DynamoDB::Table": _table,
    "AWS::Kinesis::Stream": _stream,
    "AWS::Events::EventBus": _bus,
    "AWS::S3::Bucket": _bucket,
    "AWS::Events::Rule": _rule,
}
_DELETE: Mapping[str, _Work] = {
    "AWS::IAM::Role": _without_role,
    "AWS::Logs::LogGroup": lambda clients, each, _: clients("logs").delete_log_group(logGroupName=each.name),
    "AWS::SQS::Queue": _without_queue,
    "AWS::SNS::Topic": _without_topic,
    "AWS::SNS::Subscription": _without_subscription,
    "AWS::DynamoDB::Table": lambda clients, each, _: clients("dynamodb").delete_table(TableName=each.name),
    "AWS::Kinesis::Stream": lambda clients, each, _: clients("kinesis").delete_stream(StreamName=each.name),
    "AWS::Events::EventBus": lambda clients, each, _: clients("events").delete_event_bus(Name=each.name),
    "AWS::S3::Bucket": lambda clients, each, _: clients("s3").delete_bucket(Bucket=each.name),
    "AWS::Events::Rule": _without_rule,
}
