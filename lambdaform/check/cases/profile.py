"""The cases of `lambdaform.check.rules.profile`: stacks of an older profile."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import function, plain_function, resource, template

_2019 = 'Metadata: {lambdaform: {profile: "2019-04-01"}}'


def _old(*resources: str) -> str:
    return template(*resources, head=_2019)


_FIFO = resource("Jobs", "AWS::SQS::Queue", "FifoQueue: true\nVisibilityTimeout: 60")
_STANDARD = resource("Jobs", "AWS::SQS::Queue", "VisibilityTimeout: 60")
_EVENT = "Events:\n  Jobs:\n    Type: SQS\n    Properties:\n      Queue: !GetAtt Jobs.Arn"

CASES = [
    Case(
        "LF701",
        _old(function("Runtime: python3.7\nArchitectures: [arm64]  # wrong")),
        "arm64 architecture, which came on 2021-09-29",
        _old(function("Runtime: python3.7\nArchitectures: [x86_64]")),
    ),
    Case(
        "LF701",
        _old(function("Runtime: python3.7\nMemorySize: 4096  # wrong")),
        "memory above 3,008 MB",
        _old(function("Runtime: python3.7\nMemorySize: 3008")),
        name="memory",
    ),
    Case(
        "LF701",
        _old(function("Runtime: python3.7\nEphemeralStorage:  # wrong\n  Size: 1024")),
        "ephemeral storage above 512 MB",
        _old(function("Runtime: python3.7\nEphemeralStorage: {Size: 512}")),
        name="ephemeral-storage",
    ),
    Case(
        "LF701",
        _old(_FIFO, function(f"Runtime: python3.7\n{_EVENT}  # wrong")),
        "FIFO queues",
        _old(_STANDARD, function(f"Runtime: python3.7\n{_EVENT}")),
        name="fifo-source",
    ),
    Case(
        "LF701",
        _old(
            plain_function("Runtime: python3.7"),
            resource(
                "Url",
                "AWS::Lambda::Url",
                "TargetFunctionArn: !Ref Fn\nAuthType: AWS_IAM",
                mark="# wrong",
            ),
        ),
        "function URLs",
        _old(plain_function("Runtime: python3.7")),
        name="resource",
    ),
    Case(
        "LF702",
        _old(function("Runtime: python3.13  # wrong")),
        "python3.13, which came on 2024-11-13",
        _old(function("Runtime: python2.7")),
    ),
    Case(
        "LF703",
        _old(function("Runtime: nodejs8.10\nCodeUri: s3://b/k\nMemorySize: 200  # wrong")),
        "steps of 64",
        _old(function("Runtime: nodejs8.10\nCodeUri: s3://b/k\nMemorySize: 192")),
    ),
]
