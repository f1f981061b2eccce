"""The cases of `lambdaform.check.rules.practice`: good practice."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    DEAD,
    QUEUE,
    VPC,
    event,
    function,
    resource,
    template,
    twins,
)

CASES = [
    Case(
        "LF401",
        template(function("VpcConfig:\n  SubnetIds: [subnet-1]  # wrong\n  SecurityGroupIds: [sg-1]")),
        "one subnet",
        template(function(VPC)),
    ),
    Case(
        "LF401",
        template(
            function("VpcConfig:\n  SubnetIds: [!Ref Net]  # wrong\n  SecurityGroupIds: [sg-1]"),
            head="Parameters: {Net: {Type: AWS::EC2::Subnet::Id}}",
        ),
        "one subnet",
        template(
            function("VpcConfig:\n  SubnetIds: !Ref Nets\n  SecurityGroupIds: [sg-1]"),
            head="Parameters: {Nets: {Type: List<AWS::EC2::Subnet::Id>}}",
        ),
        name="reference",
    ),
    Case(
        "LF402",
        template(function("Runtime: python3.8  # wrong")),
        "deprecated on 2024-10-14",
        template(function("Runtime: python3.13")),
    ),
    twins(
        "LF403",
        template(event("Api", "Path: /\nMethod: get", more="Timeout: 60  # wrong")),
        "at most 29",
        ("60", "29"),
    ),
    twins(
        "LF404",
        template(function("Environment:\n  Variables:\n    DB_PASSWORD: hunter2  # wrong")),
        "Secrets Manager",
        ("hunter2", "/prod/db/password"),
    ),
    twins(
        "LF404",
        template(function("Environment:\n  Variables:\n    KEY: AKIAIOSFODNN7EXAMPLE  # wrong")),
        "an AWS access key",
        ("AKIAIOSFODNN7EXAMPLE", "orders"),
        name="form",
    ),
    twins(
        "LF405",
        template(
            event("SNS", "Topic: arn:aws:sns:eu-west-1:123456789012:news").replace("Fn:", "Fn:  # wrong", 1)
        ),
        "dead_letter_queue",
        ("Runtime:", f"{DEAD}\n      Runtime:"),
    ),
    twins(
        "LF406",
        template(
            QUEUE,
            function(name="Other"),
            event("SQS", "Queue: !GetAtt Queue.Arn").replace("Happens:", "Happens:  # wrong"),
        ),
        "MaximumConcurrency",
        (
            "Queue: !GetAtt Queue.Arn",
            "Queue: !GetAtt Queue.Arn\n            ScalingConfig: {MaximumConcurrency: 5}",
        ),
    ),
    twins(
        "LF407",
        template(
            event(
                "Kinesis",
                "Stream: arn:aws:kinesis:eu-west-1:123456789012:stream/s\nStartingPosition: TRIM_HORIZON",
            ).replace("Happens:", "Happens:  # wrong")
        ),
        "MaximumRetryAttempts",
        ("TRIM_HORIZON", "TRIM_HORIZON\n            MaximumRetryAttempts: 3"),
    ),
    twins(
        "LF408",
        template(
            event(
                "Kinesis",
                "Stream: arn:aws:kinesis:eu-west-1:123456789012:stream/s\nStartingPosition: LATEST\n"
                "BatchSize: 5000  # wrong",
                more="Timeout: 5",
            )
        ),
        "1 ms for each message",
        ("Timeout: 5", "Timeout: 500"),
    ),
    twins(
        "LF409",
        template(
            QUEUE,
            event(
                "SQS",
                "Queue: !GetAtt Queue.Arn  # wrong",
                more="Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Queue.QueueName}}]",
            ),
        ),
        "again and again",
        ("!GetAtt Queue.QueueName", "other"),
    ),
    twins(
        "LF410",
        template(
            function(),
            head="Parameters:\n  Password:\n    Type: String\n    NoEcho: true\n    Default: hunter2  # wrong",
        ),
        "Leave the default out",
        ("\n    Default: hunter2", ""),
    ),
    twins(
        "LF411",
        template(resource("Bucket", "AWS::S3::Bucket", "AccessControl: PublicRead  # wrong")),
        "open to everyone",
        ("PublicRead", "Private"),
    ),
    twins(
        "LF412",
        template(function("RecursiveLoop: Allow  # wrong")),
        "16 rounds",
        ("Allow", "Terminate"),
    ),
]
