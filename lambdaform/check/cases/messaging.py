"""The cases of `lambdaform.check.rules.messaging`: ARNs, and queues with their dead letters."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    MARK,
    function,
    mapping,
    plain_function,
    resource,
    template,
    twins,
)

FIFO = resource("Queue", "AWS::SQS::Queue", "FifoQueue: true")
STANDARD = resource("Queue", "AWS::SQS::Queue")
OTHER = resource("Dead", "AWS::SQS::Queue")


def redrive(queue: str, dead: str, count: str = "5") -> tuple[str, str]:
    """A queue with a dead-letter queue."""
    return (
        resource(
            "Queue",
            "AWS::SQS::Queue",
            f"{queue}\nRedrivePolicy:\n  deadLetterTargetArn: !GetAtt Dead.Arn{dead}\n  maxReceiveCount: {count}",
        ),
        OTHER,
    )


CASES = [
    twins(
        "LF234",
        template(STANDARD, plain_function("Role: !GetAtt Queue.Arn  # wrong")),
        "It must be an AWS::IAM::Role",
        ("!GetAtt Queue.Arn", "arn:aws:iam::123456789012:role/fn"),
    ),
    twins(
        "LF253",
        template(STANDARD, function("DeadLetterQueue:\n  Type: SQS\n  TargetArn: !Ref Queue  # wrong")),
        "the queue's URL",
        ("!Ref Queue", "!GetAtt Queue.Arn"),
    ),
    twins(
        "LF253",
        template(
            resource("Table", "AWS::Serverless::SimpleTable"),
            plain_function(),
            resource(
                "Mapping",
                "AWS::Lambda::EventSourceMapping",
                "FunctionName: !Ref Fn\nStartingPosition: LATEST\nEventSourceArn: !GetAtt Table.Arn  # wrong",
            ),
        ),
        "Table.StreamArn",
        ("!GetAtt Table.Arn", "'arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/1'"),
        name="table",
    ),
    twins(
        "LF286",
        template(*redrive("FifoQueue: true", f"  {MARK}")),
        "a standard queue, and is FIFO itself",
        ("FifoQueue: true", "DelaySeconds: 1"),
    ),
    twins(
        "LF287",
        template(
            redrive("VisibilityTimeout: 60", "")[0],
            resource("Dead", "AWS::SQS::Queue", "MessageRetentionPeriod: 3600  # wrong"),
        ),
        "for 3600 s",
        ("3600", "1209600"),
    ),
    twins(
        "LF288",
        template(
            *redrive("VisibilityTimeout: 60", "", f"1  {MARK}"), plain_function(), mapping("Enabled: true")
        ),
        "at least 5",
        ("maxReceiveCount: 1", "maxReceiveCount: 5"),
    ),
    twins(
        "LF289",
        template(resource("Queue", "AWS::SQS::Queue", "ContentBasedDeduplication: true  # wrong")),
        "Set FifoQueue to true",
        ("ContentBased", "FifoQueue: true\n      ContentBased"),
    ),
]
