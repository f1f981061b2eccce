"""LF28x and LF29x: where messages and events go: dead letters, redrive, destinations, subscriptions, notifications."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.polling import pollers
from lambdaform.check.view import (
    behind,
    dead_letters,
    events,
    function_behind,
    functions,
    items,
    none_of,
    of_aws_type,
    of_type,
    problem_at,
    setting,
    text_of,
    whole_number,
)
from lambdaform.facts.resource_types import attributes_of
from lambdaform.model.awslambda import LambdaEventInvokeConfig
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.queue import Queue, Topic
from lambdaform.model.references import GetAtt, LogicalRef, Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

_ASYNC = "AWS Lambda Developer Guide, invocation-async-retain-records"
_REDRIVE = "SQS Developer Guide, sqs-dead-letter-queues"


#: Where an ARN is wanted, by type: the properties, one inside the other.
_ARN_WANTED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "AWS::Lambda::Function": (("Role",), ("DeadLetterConfig", "TargetArn")),
    "AWS::Serverless::Function": (("Role",), ("DeadLetterQueue", "TargetArn")),
    "AWS::Lambda::EventSourceMapping": (
        ("EventSourceArn",),
        ("DestinationConfig", "OnFailure", "Destination"),
    ),
    "AWS::Lambda::EventInvokeConfig": (
        ("DestinationConfig", "OnFailure", "Destination"),
        ("DestinationConfig", "OnSuccess", "Destination"),
    ),
    "AWS::SQS::Queue": (("RedrivePolicy", "deadLetterTargetArn"),),
    "AWS::Lambda::Permission": (("SourceArn",),),
    "AWS::Logs::SubscriptionFilter": (("DestinationArn",), ("RoleArn",)),
    "AWS::Scheduler::Schedule": (("Target", "Arn"), ("Target", "RoleArn")),
    "AWS::Lambda::Url": (),
}
#: What ``Ref`` gives for types whose reference is no ARN.
_REF_GIVES = {
    "AWS::SQS::Queue": "the queue's URL",
    "AWS::IAM::Role": "the role's name",
    "AWS::Lambda::Function": "the function's name",
    "AWS::Serverless::Function": "the function's name",
    "AWS::DynamoDB::Table": "the table's name",
    "AWS::Serverless::SimpleTable": "the table's name",
    "AWS::Kinesis::Stream": "the stream's name",
    "AWS::S3::Bucket": "the bucket's name",
    "AWS::Events::Rule": "the rule's name",
    "AWS::Events::EventBus": "the bus's name",
    "AWS::Logs::LogGroup": "the group's name",
    "AWS::Serverless::StateMachine": "",
}


@per_check
def _arns(stack: Stack) -> Iterable[tuple[Resource, Shape, str, Any]]:
    """Each place that wants an ARN: its resource, the object, AWS's name of the property, and the value."""
    for aws_type, paths in _ARN_WANTED.items():
        for resource in of_aws_type(stack, aws_type):
            for *outer, last in paths:
                holder: Any = resource
                for name in outer:
                    holder = prop(holder, name)
                if isinstance(holder, Shape) and (value := prop(holder, last)) is not None:
                    yield resource, holder, last, value
    for resource in of_aws_type(stack, "AWS::SNS::Subscription"):
        if prop(resource, "Protocol") in ("lambda", "sqs", "firehose"):
            yield resource, resource, "Endpoint", prop(resource, "Endpoint")
    for resource in of_aws_type(stack, "AWS::Events::Rule"):
        for target in items(prop(resource, "Targets")):
            if isinstance(target, Shape):
                yield resource, target, "Arn", prop(target, "Arn")
    for bucket in of_aws_type(stack, "AWS::S3::Bucket"):
        for section, name in (("Lambda", "Function"), ("Queue", "Queue"), ("Topic", "Topic")):
            for each in items(prop(bucket, "NotificationConfiguration", f"{section}Configurations")):
                if isinstance(each, Shape):
                    yield bucket, each, name, prop(each, name)
    for function, _, event in events(stack):
        wanted = {"SQS": "Queue", "Kinesis": "Stream", "DynamoDB": "Stream", "SNS": "Topic"}.get(
            event.event_type
        )
        if wanted is not None:
            yield function, event, wanted, prop(event, wanted)


@rule(
    "LF253",
    "name-for-arn",
    Level.ERROR,
    demand="A property that takes an ARN is given one, not a name or a URL; one that takes a URL, no ARN.",
    source="AWS CloudFormation User Guide, each type's return values",
)
def name_for_arn(stack: Stack) -> Iterator[Problem]:
    """``Ref`` where ``Fn::GetAtt`` with Arn is wanted, a table's ARN where its stream's is, and the reverse."""
    for owner, holder, name, value in _arns(stack):
        target = behind(stack, value)
        if target is None:
            continue
        if type(value) is LogicalRef and _REF_GIVES.get(target.aws_type):
            if "." in value.logical_id or (target.aws_type == "AWS::S3::Bucket" and name == "Bucket"):
                continue
            attribute = "StreamArn" if target.aws_type == "AWS::DynamoDB::Table" else "Arn"
            what = f"gives Ref {target.logical_id}, {_REF_GIVES[target.aws_type]}, for {name}"
            right = f"It takes an ARN: Fn::GetAtt {target.logical_id}.{attribute}."
        elif (
            isinstance(value, GetAtt)
            and value.attribute == "Arn"
            and target.aws_type in ("AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable")
            and name in ("EventSourceArn", "Stream")
        ):
            what = f"gives the ARN of table {target.logical_id} for {name}"
            right = f"Lambda reads the table's stream: Fn::GetAtt {target.logical_id}.StreamArn."
        else:
            continue
        yield problem_at(holder, "LF253", f"{owner.logical_id} {what}.", right, name)
    for policy in of_aws_type(stack, "AWS::SQS::QueuePolicy"):
        for index, value in enumerate(items(prop(policy, "Queues"))):
            if (
                isinstance(value, GetAtt)
                and value.attribute == "Arn"
                and isinstance(behind(stack, value), Queue)
            ):
                yield problem_at(
                    policy,
                    "LF253",
                    f"{policy.logical_id} gives the ARN of queue {value.logical_id} for Queues.",
                    f"It takes queues by their URL: Ref {value.logical_id}.",
                    "Queues",
                    index,
                )


@rule(
    "LF234",
    "not-a-role",
    Level.ERROR,
    demand="What is named as a role is a role.",
    source="Lambda API, CreateFunction",
)
def not_a_role(stack: Stack) -> Iterator[Problem]:
    """Roles that are another resource."""
    for owner, holder, name, value in _arns(stack):
        target = behind(stack, value)
        if name in ("Role", "RoleArn") and none_of(target, "AWS::IAM::Role"):
            yield problem_at(
                holder,
                "LF234",
                f"{owner.logical_id} names as its role {target.logical_id!r}, an {target.aws_type}.",
                "It must be an AWS::IAM::Role.",
                name,
            )


@per_check
def _destinations(
    stack: Stack,
) -> Iterable[tuple[FunctionSettings | None, Shape, str, Any, Any]]:
    """Each destination: its function, the object that names it, when it is used, the ARN, and SAM's type."""
    for config in of_type(stack, LambdaEventInvokeConfig):
        function = function_behind(stack, config.function_name)
        for when in ("OnSuccess", "OnFailure"):
            holder = prop(config, "DestinationConfig", when)
            if isinstance(holder, Shape):
                yield function, holder, when, prop(holder, "Destination"), None
    for function in of_type(stack, Function):
        for when in ("OnSuccess", "OnFailure"):
            holder = prop(setting(stack, function, "event_invoke_config"), "DestinationConfig", when)
            if isinstance(holder, Shape):
                yield function, holder, when, prop(holder, "Destination"), prop(holder, "Type")


#: What a destination of asynchronous invocations may be, with SAM's name for it.
_DESTINATIONS = {
    "AWS::SQS::Queue": "SQS",
    "AWS::SNS::Topic": "SNS",
    "AWS::Lambda::Function": "Lambda",
    "AWS::Serverless::Function": "Lambda",
    "AWS::Lambda::Alias": "Lambda",
    "AWS::Lambda::Version": "Lambda",
    "AWS::Events::EventBus": "EventBridge",
    "AWS::S3::Bucket": "S3Bucket",
}
#: What the failed records of a stream may go to.
_RECORD_DESTINATIONS = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket")


@rule(
    "LF285",
    "destination-target",
    Level.ERROR,
    demand="A destination is a standard queue or topic, another function, an event bus, or for failures a bucket.",
    source=_ASYNC,
)
def destination_target(stack: Stack) -> Iterator[Problem]:
    """Destinations that Lambda cannot write to."""
    for function, holder, when, arn, kind in _destinations(stack):
        target = behind(stack, arn)
        title = f"{function.logical_id!r}" if function is not None else "A function"
        text = text_of(arn) or ""
        if (isinstance(target, Queue | Topic) and target.is_fifo) or text.endswith(".fifo"):
            what, right = (
                f"{_named(target, text)}, which is FIFO",
                "Lambda writes only to standard queues and topics.",
            )
        elif target is not None and target is function:
            what, right = "itself", "It would call itself without end: name another function, or a queue."
        elif target is not None and target.aws_type == "AWS::S3::Bucket" and when == "OnSuccess":
            what, right = f"{target.logical_id!r}, a bucket", "A bucket takes only failures: OnFailure."
        elif none_of(target, *_DESTINATIONS):
            what = f"{target.logical_id!r}, an {target.aws_type}"
            right = "A destination is a queue, a topic, a function, an event bus or a bucket."
        elif (
            target is not None
            and kind in _DESTINATIONS.values()
            and kind != _DESTINATIONS.get(target.aws_type, kind)
        ):
            yield problem_at(
                holder,
                "LF285",
                f"{title} names {target.logical_id!r}, an {target.aws_type}, as a destination of the type {kind}.",
                f"Set Type to {_DESTINATIONS[target.aws_type]}.",
                "Type",
            )
            continue
        else:
            continue
        yield problem_at(
            holder, "LF285", f"{title} sends what {when} is for to {what}.", right, "Destination"
        )
    for function, place, service, _ in pollers(stack):
        holder = prop(place, "DestinationConfig", "OnFailure")
        arn = prop(holder, "Destination")
        target, text = behind(stack, arn), text_of(arn) or ""
        if not isinstance(holder, Shape) or service == "sqs":
            continue
        title = f"{function.logical_id!r}" if function is not None else "A mapping"
        if (isinstance(target, Queue | Topic) and target.is_fifo) or text.endswith(".fifo"):
            what, right = (
                f"{_named(target, text)}, which is FIFO",
                "Lambda writes only to standard queues and topics.",
            )
        elif none_of(target, *_RECORD_DESTINATIONS):
            what = f"{target.logical_id!r}, an {target.aws_type}"
            right = "They may go to an SQS queue, an SNS topic or an S3 bucket."
        else:
            continue
        yield problem_at(
            holder, "LF285", f"{title} sends the records that failed to {what}.", right, "Destination"
        )


def _named(target: Resource | None, text: str) -> str:
    return repr(target.logical_id) if target is not None else text


@rule(
    "LF279",
    "empty-invoke-config",
    Level.ERROR,
    demand="A configuration of asynchronous invocations sets something.",
    source="Lambda API, PutFunctionEventInvokeConfig",
)
def empty_invoke_config(stack: Stack) -> Iterator[Problem]:
    """Configurations with neither retries, age nor destinations, which Lambda refuses."""
    for config in of_type(stack, LambdaEventInvokeConfig):
        names = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
        if all(prop(config, name) is None for name in names):
            yield config.problem(
                "LF279",
                f"{config.logical_id} sets neither {names[0]}, {names[1]} nor {names[2]}.",
                "Lambda takes it with at least one of them.",
            )


@rule(
    "LF286",
    "redrive-target",
    Level.ERROR,
    demand="A queue's dead letters go to another queue of its kind, standard or FIFO.",
    source=_REDRIVE,
)
def redrive_target(stack: Stack) -> Iterator[Problem]:
    """Dead-letter queues of queues that are no queue, or FIFO where the queue is not."""
    for queue in of_type(stack, Queue):
        arn = prop(queue.redrive_policy, "deadLetterTargetArn")
        target = behind(stack, arn)
        if target is None or isinstance(queue.fifo_queue, Ref):
            continue
        if isinstance(arn, GetAtt) and arn.attribute not in (
            attributes_of(target.aws_type) or (arn.attribute,)
        ):
            continue
        if not isinstance(target, Queue):
            if not none_of(target):
                continue
            what, right = f"an {target.aws_type}", "It must be a queue."
        elif queue.is_fifo and not target.is_fifo:
            what, right = (
                "a standard queue, and is FIFO itself",
                "A FIFO queue needs a FIFO queue for its dead letters.",
            )
        elif target.is_fifo and not queue.is_fifo and not isinstance(target.fifo_queue, Ref):
            what, right = (
                "a FIFO queue, and is standard itself",
                "A standard queue needs a standard queue for its dead letters.",
            )
        else:
            continue
        yield queue.problem(
            "LF286",
            f"{queue.logical_id} sends its dead letters to {target.logical_id!r}, {what}.",
            right,
            "redrive_policy",
            "deadLetterTargetArn",
        )


@rule(
    "LF287",
    "redrive-retention",
    Level.WARNING,
    demand="A dead-letter queue keeps messages at least as long as the queue they come from.",
    source=_REDRIVE,
)
def redrive_retention(stack: Stack) -> Iterator[Problem]:
    """Dead-letter queues that forget sooner: a message's age counts on when it moves."""
    for queue in of_type(stack, Queue):
        target = behind(stack, prop(queue.redrive_policy, "deadLetterTargetArn"))
        if not isinstance(target, Queue) or target.is_fifo or target.message_retention_period is None:
            continue
        own = (
            345_600
            if queue.message_retention_period is None
            else whole_number(queue.message_retention_period)
        )
        kept = whole_number(target.message_retention_period)
        if own is not None and kept is not None and kept < own:
            yield target.problem(
                "LF287",
                f"{target.logical_id} keeps the dead letters of {queue.logical_id!r} for {kept} s, and that one "
                f"keeps messages for {own} s.",
                "A message's age counts on when it moves, so that it may be gone at once: set "
                f"MessageRetentionPeriod to more than {own}, such as 1209600 (14 days).",
                "message_retention_period",
            )


@rule(
    "LF288",
    "few-receives",
    Level.INFO,
    demand="A queue that a function reads gives a message several times before it is a dead letter.",
    source="AWS Lambda Developer Guide, services-sqs-configure: at least 5",
)
def few_receives(stack: Stack) -> Iterator[Problem]:
    """Queues that give up a message at once: throttling alone makes it a dead letter."""
    told: set[str] = set()
    for function, _, service, arn in pollers(stack):
        queue = behind(stack, arn)
        if function is None or service != "sqs" or not isinstance(queue, Queue) or queue.logical_id in told:
            continue
        most = whole_number(prop(queue.redrive_policy, "maxReceiveCount"))
        if most is not None and most < 3:
            told.add(queue.logical_id)
            yield queue.problem(
                "LF288",
                f"{queue.logical_id} gives a message {'once' if most == 1 else 'twice'} before it is a dead letter.",
                "When the function is throttled, a message counts as received: AWS recommends a maxReceiveCount of "
                "at least 5.",
                "redrive_policy",
                "maxReceiveCount",
            )


@rule(
    "LF289",
    "fifo-setting",
    Level.ERROR,
    demand="Deduplication and its like are set for FIFO queues and topics only.",
    source="SQS API, CreateQueue; SNS API, CreateTopic",
)
def fifo_setting(stack: Stack) -> Iterator[Problem]:
    """Settings of FIFO queues and topics on standard ones, which SQS and SNS refuse."""
    both: list[Queue | Topic] = [*of_type(stack, Queue), *of_type(stack, Topic)]
    for resource in both:
        fifo = resource.fifo_queue if isinstance(resource, Queue) else resource.fifo_topic
        if isinstance(fifo, Ref) or resource.is_fifo:
            continue
        for name in (
            "ContentBasedDeduplication",
            "DeduplicationScope",
            "FifoThroughputLimit",
            "FifoThroughputScope",
        ):
            value = prop(resource, name)
            if value is not None and value is not False and not isinstance(value, Ref):
                flag = "FifoQueue" if isinstance(resource, Queue) else "FifoTopic"
                yield problem_at(
                    resource,
                    "LF289",
                    f"{resource.logical_id} is not FIFO and has {name}.",
                    f"Set {flag} to true, or leave {name} out.",
                    name,
                )
                break


@rule(
    "LF291",
    "fifo-topic",
    Level.ERROR,
    demand="A function listens to a standard topic; a FIFO topic tells queues only.",
    source="SNS Developer Guide, sns-fifo-topics",
)
def fifo_topic(stack: Stack) -> Iterator[Problem]:
    """Functions that are subscribed to a FIFO topic, which SNS refuses."""
    right = "A FIFO topic tells queues only: put an SQS queue between them, or make the topic a standard one."
    for function, name, event in events(stack):
        if event.event_type == "SNS" and not prop(event, "SqsSubscription"):
            topic = behind(stack, prop(event, "Topic"))
            if isinstance(topic, Topic) and topic.is_fifo:
                yield event.problem(
                    "LF291",
                    f"{function.logical_id!r}: the SNS event {name!r} listens to {topic.logical_id!r}, which is FIFO.",
                    right,
                    "topic",
                )
    for subscription in of_aws_type(stack, "AWS::SNS::Subscription"):
        topic = behind(stack, prop(subscription, "TopicArn"))
        protocol = prop(subscription, "Protocol")
        if isinstance(topic, Topic) and topic.is_fifo and isinstance(protocol, str) and protocol != "sqs":
            yield problem_at(
                subscription,
                "LF291",
                f"{subscription.logical_id} subscribes {protocol} to {topic.logical_id!r}, which is FIFO.",
                right,
                "Protocol",
            )


@per_check
def _notifications(stack: Stack) -> Iterable[tuple[str, Shape, str, Any, tuple[str, str]]]:
    """Each notification of a bucket: the bucket, the object, AWS's name of its events, these, prefix and suffix."""
    for bucket in of_aws_type(stack, "AWS::S3::Bucket"):
        for section in ("Lambda", "Queue", "Topic"):
            for each in items(prop(bucket, "NotificationConfiguration", f"{section}Configurations")):
                if isinstance(each, Shape):
                    yield bucket.logical_id, each, "Event", prop(each, "Event"), _filter_of(each)
    for function, _, event in events(stack):
        if event.event_type == "S3" and function.condition is None:
            found = behind(stack, prop(event, "Bucket"))
            yield found.logical_id if found else "", event, "Events", prop(event, "Events"), _filter_of(event)


def _filter_of(place: Shape) -> tuple[str, str]:
    """The prefix and suffix; both empty where there is none; a question mark where they cannot be told."""
    given = prop(place, "Filter")
    rules = prop(given, "S3Key", "Rules")
    if isinstance(given, Ref) or isinstance(rules, Ref):
        return "?", "?"
    found = {"prefix": "", "suffix": ""}
    for each in items(rules):
        name, value = prop(each, "Name"), prop(each, "Value")
        if not isinstance(name, str) or name.lower() not in found:
            return "?", "?"
        found[name.lower()] = value if isinstance(value, str) else "?"
    return found["prefix"], found["suffix"]


BUCKET_EVENTS = (
    "s3:IntelligentTiering",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:ObjectAcl:Put",
    "s3:ObjectAnnotation:*",
    "s3:ObjectAnnotation:Delete",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Put",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ObjectRestore:Post",
    "s3:ObjectRetention:Put",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Delete",
    "s3:ObjectTagging:Put",
    "s3:ReducedRedundancyLostObject",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:TestEvent",
)


@rule(
    "LF292",
    "bucket-event",
    Level.ERROR,
    demand="A bucket's notification is of an event that S3 has.",
    source="S3 User Guide, notification-how-to-event-types-and-destinations",
)
def bucket_event(stack: Stack) -> Iterator[Problem]:
    """Misspelt events of buckets. Those that are like no other are taken to be newer than this release."""
    for _, place, name, given, _ in _notifications(stack):
        for event in items(given):
            if not isinstance(event, str) or event in BUCKET_EVENTS:
                continue
            near = difflib.get_close_matches(event, BUCKET_EVENTS, n=1, cutoff=0.75)
            if near:
                yield problem_at(
                    place,
                    "LF292",
                    f"A notification is about {event!r}, which S3 does not have.",
                    f"Did you mean {near[0]!r}?",
                    name,
                )


@rule(
    "LF293",
    "overlapping-notifications",
    Level.ERROR,
    demand="Two notifications of a bucket are about different events or different keys.",
    source="S3 User Guide, notification-how-to-filtering",
)
def overlapping_notifications(stack: Stack) -> Iterator[Problem]:
    """Notifications of which one key could set off two, which S3 refuses."""
    seen: dict[str, list[tuple[str, tuple[str, str]]]] = {}
    for bucket, place, name, given, (prefix, suffix) in _notifications(stack):
        for event in items(given):
            if not isinstance(event, str) or not bucket or "?" in (prefix, suffix):
                continue
            for other, (start, end) in seen.setdefault(bucket, []):
                if (
                    _same_event(event, other)
                    and (prefix.startswith(start) or start.startswith(prefix))
                    and (suffix.endswith(end) or end.endswith(suffix))
                ):
                    keys = f"keys from {prefix!r}" if prefix else "all keys"
                    others = f"another about keys from {start!r}" if start else "another about all keys"
                    yield problem_at(
                        place,
                        "LF293",
                        f"A notification of {bucket} about {event} for {keys} overlaps with {others}.",
                        "S3 takes one notification for an event of a key: give them prefixes or suffixes that exclude "
                        "each other, or send one to a topic that several listen to.",
                        name,
                    )
                    break
            seen[bucket].append((event, (prefix, suffix)))


def _same_event(one: str, other: str) -> bool:
    kind, _, rest = one.rpartition(":")
    other_kind, _, other_rest = other.rpartition(":")
    return one == other or (kind == other_kind and "*" in (rest, other_rest))


@rule(
    "LF294",
    "fifo-notification",
    Level.ERROR,
    demand="A bucket tells standard queues and topics only.",
    source="S3 User Guide, notification-how-to-event-types-and-destinations",
)
def fifo_notification(stack: Stack) -> Iterator[Problem]:
    """Notifications of buckets to FIFO queues and topics, which S3 refuses."""
    for bucket in of_aws_type(stack, "AWS::S3::Bucket"):
        for name in ("Queue", "Topic"):
            for each in items(prop(bucket, "NotificationConfiguration", f"{name}Configurations")):
                target = behind(stack, prop(each, name))
                if isinstance(each, Shape) and isinstance(target, Queue | Topic) and target.is_fifo:
                    yield problem_at(
                        each,
                        "LF294",
                        f"{bucket.logical_id} tells {target.logical_id!r}, which is FIFO.",
                        "S3 tells only standard queues and topics. EventBridge can pass its events on to a FIFO queue.",
                        name,
                    )


@rule(
    "LF228",
    "dead-letter-arn",
    Level.ERROR,
    demand="The ARN for dead letters is that of a standard queue or topic, of the type that SAM is told.",
    source=_ASYNC,
)
def dead_letter_arn(stack: Stack) -> Iterator[Problem]:
    """Dead-letter targets from elsewhere that are neither queue nor topic, or FIFO, and a type that is another's."""
    for function in functions(stack):
        target = dead_letters(stack, function)
        text = text_of(target) or ""
        name = "dead_letter_queue" if isinstance(function, Function) else "dead_letter_config"
        found, parts = behind(stack, target), text.split(":")
        if found is None and len(parts) > 5 and parts[0] == "arn":
            if parts[2] not in ("sqs", "sns") and "${" not in parts[2]:
                what, right = f"to {text}, of the service {parts[2]}", "Name an SQS queue or an SNS topic."
            elif text.endswith(".fifo"):
                what, right = (
                    f"to {text}, which is FIFO",
                    "Lambda writes dead letters only to standard queues and topics.",
                )
            else:
                continue
            yield function.problem(
                "LF228", f"{function.logical_id!r} sends its dead letters {what}.", right, name
            )
        elif isinstance(found, Queue | Topic) and isinstance(function, Function):
            kind = prop(setting(stack, function, "dead_letter_queue"), "Type")
            own = "SQS" if isinstance(found, Queue) else "SNS"
            if kind in ("SQS", "SNS") and kind != own:
                yield function.problem(
                    "LF228",
                    f"{function.logical_id!r} has {found.logical_id!r}, an {found.aws_type}, as a dead-letter target of "
                    f"the type {kind}.",
                    f"Set Type to {own}: by it SAM permits the sending.",
                    name,
                    "Type",
                )
