"""The cases of `lambdaform.check.rules.notifications`: what topics and buckets tell."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    DEAD,
    MARK,
    event,
    resource,
    template,
    twins,
)

FIFO = resource("Queue", "AWS::SQS::Queue", "FifoQueue: true")


def notify(first: str, second: str) -> str:
    """A bucket that tells two queues."""
    one = f"Event: {first}\n    Queue: 'arn:aws:sqs:eu-west-1:123456789012:a'"
    two = f"Event: {second}\n    Queue: 'arn:aws:sqs:eu-west-1:123456789012:b'"
    return resource(
        "Bucket",
        "AWS::S3::Bucket",
        f"NotificationConfiguration:\n  QueueConfigurations:\n  - {one}\n  - {two}",
    )


CASES = [
    twins(
        "LF291",
        template(
            resource("Topic", "AWS::SNS::Topic", "FifoTopic: true"),
            event("SNS", "Topic: !Ref Topic  # wrong", more=DEAD),
        ),
        "which is FIFO",
        ("FifoTopic: true", "DisplayName: news"),
    ),
    twins(
        "LF292",
        template(
            resource("Bucket", "AWS::S3::Bucket"),
            event("S3", "Bucket: !Ref Bucket\nEvents: s3:ObjectCreate:*  # wrong", more=DEAD),
        ),
        "s3:ObjectCreated:*",
        ("ObjectCreate:", "ObjectCreated:"),
    ),
    twins(
        "LF293",
        template(notify("s3:ObjectCreated:*", f"s3:ObjectCreated:Put  {MARK}")),
        "overlaps",
        ("s3:ObjectCreated:Put", "s3:ObjectRemoved:*"),
    ),
    twins(
        "LF294",
        template(
            FIFO,
            resource(
                "Bucket",
                "AWS::S3::Bucket",
                "NotificationConfiguration:\n  QueueConfigurations:\n  - Event: s3:ObjectCreated:*\n"
                "    Queue: !GetAtt Queue.Arn  # wrong",
            ),
            resource(
                "Policy",
                "AWS::SQS::QueuePolicy",
                "Queues: [!Ref Queue]\nPolicyDocument:\n  Statement:\n"
                "  - {Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: 'sqs:SendMessage', Resource: '*'}",
            ),
        ),
        "which is FIFO",
        ("FifoQueue: true", "DelaySeconds: 1"),
    ),
]
