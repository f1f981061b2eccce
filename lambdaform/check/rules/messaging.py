"""LF234, LF253 and LF28x: ARNs where ARNs are wanted, and queues: redrive, retention, what only FIFO ones have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.polling import pollers
from lambdaform.check.view import (
    behind,
    events,
    items,
    none_of,
    of_aws_type,
    of_type,
    problem_at,
    whole_number,
)
from lambdaform.facts.resource_types import attributes_of
from lambdaform.model.queue import Queue, Topic
from lambdaform.model.references import GetAtt, LogicalRef, Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

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
            *(attributes_of(target.aws_type) or [arn.attribute]),
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
