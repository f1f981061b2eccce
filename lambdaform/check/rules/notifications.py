"""LF29x: what topics and buckets tell, and to whom."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import (
    behind,
    events,
    items,
    of_aws_type,
    problem_at,
)
from lambdaform.model.queue import Queue, Topic
from lambdaform.model.references import Ref
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack


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
