"""The cases of `lambdaform.check.rules.polling`: queues, streams and their pollers."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import QUEUE, function, mapping, plain_function, resource, template

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
]
