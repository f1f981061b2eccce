"""The cases of `lambdaform.check.rules.delivery`: destinations, and keys of what is read and written."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    QUEUE,
    ROLE,
    allow,
    function,
    mapping,
    plain_function,
    resource,
    role,
    template,
)

_KEY = resource("Key", "AWS::KMS::Key", "KeyPolicy: {}")
_ENCRYPTED = resource("Queue", "AWS::SQS::Queue", "VisibilityTimeout: 60\nKmsMasterKeyId: !Ref Key")
_STREAM = resource("Stream", "AWS::Kinesis::Stream", "ShardCount: 1")
_READS = "{Effect: Allow, Action: 'kinesis:*', Resource: !GetAtt Stream.Arn}"
_SENDS = allow("Action: sqs:SendMessage", "Resource: !GetAtt Queue.Arn")
_EVENT = "Events:\n  Jobs:\n    Type: SQS\n    Properties:\n      Queue: !GetAtt Queue.Arn"
_DECRYPTS = (
    "Policies:\n- Version: '2012-10-17'\n  Statement:\n"
    "  - {Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt Key.Arn}"
)


def _outcomes(mark: str = "") -> str:
    return resource(
        "Outcomes",
        "AWS::Lambda::EventInvokeConfig",
        "FunctionName: !Ref Fn\nQualifier: $LATEST\nDestinationConfig:\n  OnFailure:\n"
        f"    Destination: !GetAtt Queue.Arn  {mark}",
    )


def _lost(mark: str = "") -> str:
    return mapping(
        "StartingPosition: LATEST\nMaximumRetryAttempts: 2\nDestinationConfig:\n  OnFailure:\n"
        f"    Destination: !GetAtt Queue.Arn  {mark}",
        source="!GetAtt Stream.Arn",
    )


CASES = [
    Case(
        "LF330",
        template(QUEUE, role(), plain_function(ROLE), _outcomes("# wrong")),
        "lacks sqs:SendMessage",
        template(QUEUE, role(_SENDS), plain_function(ROLE), _outcomes()),
    ),
    Case(
        "LF330",
        template(QUEUE, _STREAM, role(_READS), plain_function(ROLE), _lost("# wrong")),
        "lacks sqs:SendMessage",
        template(QUEUE, _STREAM, role(_READS, _SENDS), plain_function(ROLE), _lost()),
        name="stream",
    ),
    Case(
        "LF331",
        template(_KEY, _ENCRYPTED, function(f"{_EVENT}  # wrong")),
        "the key 'Key' encrypts",
        template(_KEY, _ENCRYPTED, function(f"{_EVENT}\n{_DECRYPTS}")),
    ),
    Case(
        "LF331",
        template(
            _KEY,
            _ENCRYPTED,
            function("DeadLetterQueue:  # wrong\n  Type: SQS\n  TargetArn: !GetAtt Queue.Arn"),
        ),
        "lack kms:GenerateDataKey",
        template(QUEUE, function("DeadLetterQueue:\n  Type: SQS\n  TargetArn: !GetAtt Queue.Arn")),
        name="dead-letters",
    ),
]
