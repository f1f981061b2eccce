"""The cases of `lambdaform.check.rules.messaging`: where messages and events go."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    DEAD,
    MARK,
    event,
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
INVOKE = "AWS::Lambda::EventInvokeConfig"
ELSEWHERE = "Queue: 'arn:aws:sqs:eu-west-1:123456789012:orders'"


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
        "LF228",
        template(
            plain_function(
                "DeadLetterConfig: {TargetArn: 'arn:aws:lambda:eu-west-1:123456789012:function:x'}  # wrong"
            )
        ),
        "an SQS queue or an SNS topic",
        (":lambda:eu-west-1:123456789012:function:x", ":sqs:eu-west-1:123456789012:x"),
    ),
    twins(
        "LF228",
        template(
            resource("Topic", "AWS::SNS::Topic"),
            function("DeadLetterQueue:\n  Type: SQS  # wrong\n  TargetArn: !Ref Topic"),
        ),
        "Set Type to SNS",
        ("Type: SQS", "Type: SNS"),
        name="type",
    ),
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
        "LF279",
        template(
            plain_function(), resource("Config", INVOKE, "FunctionName: !Ref Fn\nQualifier: $LATEST", MARK)
        ),
        "at least one",
        ("Qualifier: $LATEST", "Qualifier: $LATEST\n      MaximumRetryAttempts: 1"),
    ),
    twins(
        "LF285",
        template(
            FIFO,
            plain_function(),
            resource(
                "Config",
                INVOKE,
                "FunctionName: !Ref Fn\nQualifier: $LATEST\nDestinationConfig:\n  OnFailure:\n"
                "    Destination: !GetAtt Queue.Arn  # wrong",
            ),
        ),
        "FIFO",
        ("FifoQueue: true", "DelaySeconds: 1"),
    ),
    twins(
        "LF285",
        template(
            resource("Bin", "AWS::S3::Bucket"),
            plain_function(),
            resource(
                "Config",
                INVOKE,
                "FunctionName: !Ref Fn\nQualifier: $LATEST\nDestinationConfig:\n  OnSuccess:\n"
                "    Destination: !GetAtt Bin.Arn  # wrong",
            ),
        ),
        "only failures",
        ("OnSuccess", "OnFailure"),
        name="bucket",
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
