"""The cases of `lambdaform.check.rules.destinations`: where what an invocation leaves goes."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    MARK,
    function,
    plain_function,
    resource,
    template,
    twins,
)

FIFO = resource("Queue", "AWS::SQS::Queue", "FifoQueue: true")
INVOKE = "AWS::Lambda::EventInvokeConfig"


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
]
