"""The cases of `lambdaform.check.rules.polling`: queues, streams and their pollers."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    MARK,
    QUEUE,
    event,
    function,
    mapping,
    plain_function,
    resource,
    template,
    twins,
)

TABLE = resource(
    "Table",
    "AWS::DynamoDB::Table",
    "BillingMode: PAY_PER_REQUEST\nAttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n"
    "KeySchema: [{AttributeName: id, KeyType: HASH}]",
)


def stream(properties: str) -> str:
    """A mapping of a stream from elsewhere."""
    start = "" if "StartingPosition" in properties else "StartingPosition: LATEST\n"
    return mapping(f"{start}{properties}", "arn:aws:kinesis:eu-west-1:123456789012:stream/s")


CASES = [
    Case(
        "LF205",
        template(
            resource("Queue", "AWS::SQS::Queue", "VisibilityTimeout: 60  # wrong"),
            function("Timeout: 61\nEvents: {Orders: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"),
        ),
        "at least 61",
        template(
            QUEUE,
            function("Timeout: 60\nEvents: {Orders: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"),
        ),
    ),
    Case(
        "LF207",
        template(
            resource("Queue", "AWS::SQS::Queue", "FifoQueue: true"),
            plain_function(),
            mapping("BatchSize: 11  # wrong"),
        ),
        "FIFO",
        template(
            resource("Queue", "AWS::SQS::Queue", "FifoQueue: true"),
            plain_function(),
            mapping("BatchSize: 10"),
        ),
    ),
    Case(
        "LF207",
        template(QUEUE, plain_function(), mapping("BatchSize: 100  # wrong")),
        "maximum_batching_window_in_seconds",
        template(QUEUE, plain_function(), mapping("BatchSize: 100\nMaximumBatchingWindowInSeconds: 5")),
        "window",
    ),
    Case(
        "LF208",
        template(
            resource("Stream", "AWS::Kinesis::Stream", "ShardCount: 1"),
            plain_function(),
            mapping("BatchSize: 10", "!GetAtt Stream.Arn").replace("Mapping:", "Mapping:  # wrong"),
        ),
        "StartingPosition",
        template(
            resource("Stream", "AWS::Kinesis::Stream", "ShardCount: 1"),
            plain_function(),
            mapping("StartingPosition: LATEST", "!GetAtt Stream.Arn"),
        ),
    ),
    Case(
        "LF221",
        template(
            resource("Topic", "AWS::SNS::Topic"),
            plain_function(),
            mapping("BatchSize: 1", "!Ref Topic  # wrong"),
        ),
        "AWS::SNS::Topic",
        template(QUEUE, plain_function(), mapping("BatchSize: 1")),
    ),
    Case(
        "LF222",
        template(QUEUE, plain_function(), mapping("StartingPosition: LATEST  # wrong")),
        "StartingPosition",
        template(QUEUE, plain_function(), mapping("Enabled: true")),
    ),
    Case(
        "LF223",
        template(
            QUEUE,
            plain_function("ReservedConcurrentExecutions: 5"),
            mapping("ScalingConfig:  # wrong\n  MaximumConcurrency: 10"),
        ),
        "reserve at least 10",
        template(
            QUEUE,
            plain_function("ReservedConcurrentExecutions: 10"),
            mapping("ScalingConfig: {MaximumConcurrency: 10}"),
        ),
    ),
    twins(
        "LF221",
        template(QUEUE, event("Kinesis", "Stream: !GetAtt Queue.Arn  # wrong\nStartingPosition: LATEST")),
        "It must be AWS::Kinesis::Stream",
        ("!GetAtt Queue.Arn", "arn:aws:kinesis:eu-west-1:123456789012:stream/s"),
        name="event",
    ),
    twins(
        "LF224",
        template(plain_function(), stream("MaximumRecordAgeInSeconds: 30  # wrong")),
        "60 to 604800",
        ("30", "60"),
    ),
    twins(
        "LF225",
        template(plain_function(), stream("StartingPosition: AT_TIMESTAMP  # wrong")),
        "no StartingPositionTimestamp",
        ("AT_TIMESTAMP", "LATEST"),
    ),
    twins(
        "LF226",
        template(
            resource("Queue", "AWS::SQS::Queue", "FifoQueue: true"),
            plain_function(),
            mapping("MaximumBatchingWindowInSeconds: 5  # wrong"),
        ),
        "FIFO queue",
        ("FifoQueue: true", "DelaySeconds: 1"),
    ),
    twins(
        "LF227",
        template(
            QUEUE,
            plain_function(),
            mapping(
                "ScalingConfig: {MaximumConcurrency: 5}\nProvisionedPollerConfig: {MinimumPollers: 2}  # wrong"
            ),
        ),
        "one of the two",
        ("\n      ScalingConfig: {MaximumConcurrency: 5}", ""),
    ),
    twins(
        "LF229",
        template(
            QUEUE,
            plain_function(),
            mapping('FilterCriteria:\n  Filters:\n  - Pattern: \'{"body": {"kind": "order"}}\'  # wrong'),
        ),
        "Values stand in a list",
        ('"order"', '["order"]'),
    ),
    twins(
        "LF229",
        template(
            QUEUE,
            plain_function(),
            mapping('FilterCriteria:\n  Filters:\n  - Pattern: \'{"data": {"kind": ["order"]}}\'  # wrong'),
        ),
        "is under 'body'",
        ("data", "body"),
        name="key",
    ),
    twins(
        "LF229",
        template(
            QUEUE,
            plain_function(),
            mapping("FilterCriteria:\n  Filters:\n  - Pattern: 'body: order'  # wrong"),
        ),
        "is no JSON",
        ("body: order", '{"body": ["order"]}'),
        name="json",
    ),
    twins(
        "LF230",
        template(
            QUEUE,
            plain_function(),
            mapping(
                f"FilterCriteria:  {MARK}\n  Filters:\n" + "  - Pattern: '{}'\n" * 5 + "  - {Pattern: '{}'}"
            ),
        ),
        "The quota is 5",
        ("\n        - {Pattern: '{}'}", ""),
    ),
    twins(
        "LF281",
        template(
            TABLE,
            plain_function(),
            resource(
                "Mapping",
                "AWS::Lambda::EventSourceMapping",
                "FunctionName: !Ref Fn\nStartingPosition: LATEST\nEventSourceArn: !GetAtt Table.StreamArn  # wrong",
            ),
        ),
        "StreamViewType",
        ("BillingMode:", "StreamSpecification: {StreamViewType: NEW_IMAGE}\n      BillingMode:"),
    ),
    twins(
        "LF282",
        template(
            QUEUE,
            plain_function(),
            mapping("Enabled: true"),
            mapping("Enabled: true").replace("Mapping:", "Second:  # wrong", 1),
        ),
        "twice",
        (
            "Second:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties:\n      FunctionName: !Ref Fn",
            "Second:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties:\n      FunctionName: other",
        ),
    ),
    twins(
        "LF283",
        template(
            QUEUE,
            plain_function(),
            plain_function(name="Other"),
            mapping("Enabled: true"),
            mapping("Enabled: true")
            .replace("Mapping:", "Second:  # wrong", 1)
            .replace("!Ref Fn", "!Ref Other"),
        ),
        "both read from 'Queue'",
        ("Enabled: true", "Enabled: true\n      ScalingConfig: {MaximumConcurrency: 5}"),
        ("FunctionName: !Ref Other", "FunctionName: other"),
    ),
    twins(
        "LF284",
        template(
            plain_function(),
            mapping("StartingPosition: LATEST", "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1").replace(
                "Mapping:", "Mapping:  # wrong", 1
            ),
        ),
        "Name the topic",
        ("StartingPosition:", "Topics: [orders]\n      StartingPosition:"),
    ),
]
