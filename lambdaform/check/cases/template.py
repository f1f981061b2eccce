"""The cases of `lambdaform.check.rules.template`: parameters, outputs, sections, attributes."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    MARK,
    function,
    resource,
    template,
    twins,
)

CONDITION = "Conditions: {InProd: !Equals [!Ref 'AWS::Region', eu-west-1]}"
MAYBE = "Queue:\n  Type: AWS::SQS::Queue\n  Condition: InProd"


def headed(head: str) -> str:
    """A function under further sections."""
    return template(function(), head=head)


CASES = [
    twins(
        "LF213",
        headed(f"Description: {'x' * 1025}  # wrong"),
        "1,024",
        ("x" * 1025, "x" * 1024),
    ),
    twins(
        "LF214",
        headed("Parameters:\n  Size:\n    Type: Number\n    MaxValue: 5\n    Default: 7  # wrong"),
        "at most 5",
        ("Default: 7", "Default: 5"),
    ),
    twins(
        "LF214",
        headed(
            "Parameters:\n  Stage:\n    Type: String\n    AllowedPattern: '[a-z]+'\n    Default: A1  # wrong"
        ),
        "must match its AllowedPattern",
        ("Default: A1", "Default: a"),
        name="pattern",
    ),
    twins(
        "LF215",
        headed(
            "Outputs:\n  One: {Value: a, Export: {Name: fn}}\n  Two:\n    Value: b\n    Export: {Name: fn}  # wrong"
        ),
        "which One is already",
        ("    Export: {Name: fn}", "    Export: {Name: other}"),
    ),
    Case(
        "LF216",
        template(
            MAYBE, function("Environment:\n  Variables:\n    QUEUE: !Ref Queue  # wrong"), head=CONDITION
        ),
        "only if the condition 'InProd' holds",
        template(
            MAYBE,
            function("Environment: {Variables: {QUEUE: !If [InProd, !Ref Queue, none]}}"),
            head=CONDITION,
        ),
    ),
    twins(
        "LF217",
        headed("Paramters:  # wrong\n  Stage: {Type: String}"),
        "Did you mean 'Parameters'?",
        ("Paramters", "Parameters"),
    ),
    twins(
        "LF218",
        headed("AWSTemplateFormatVersion: '2010-09-90'  # wrong"),
        "2010-09-09",
        ("2010-09-90", "2010-09-09"),
    ),
    Case(
        "LF219",
        "Transform: AWS::Serverless-2016-10-30  # wrong\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n",
        "AWS::Serverless-2016-10-31",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n",
    ),
    twins(
        "LF273",
        template("Topic:\n  Type: AWS::SNS::Topic\n  DeletePolicy: Retain  # wrong"),
        "Did you mean 'DeletionPolicy'?",
        ("DeletePolicy", "DeletionPolicy"),
    ),
    twins(
        "LF274",
        template("Queue:\n  Type: AWS::SQS::Queue\n  DeletionPolicy: Snapshot  # wrong"),
        "AWS::SQS::Queue has none",
        ("Snapshot", "Retain"),
    ),
    twins(
        "LF275",
        headed("Mappings:\n  Sizes:\n    prod: 512  # wrong"),
        "two levels",
        ("prod: 512", "prod: {size: 512}"),
    ),
    twins(
        "LF276",
        headed("Outputs:\n  Names:\n    Value: [a, b]  # wrong"),
        "is a list",
        ("[a, b]", "'a,b'"),
    ),
    twins(
        "LF278",
        template(resource("Queue", "AWS::SQS::Queue", "Tags:  # wrong\n  team: orders")),
        "no list",
        ("team: orders", "- {Key: team, Value: orders}"),
    ),
    twins(
        "LF278",
        template(
            resource(
                "Queue", "AWS::SQS::Queue", "Tags:\n- {Key: team, Value: a}\n- Key: team  # wrong\n  Value: b"
            )
        ),
        "twice",
        ("- Key: team", "- Key: cost"),
        name="twice",
    ),
    twins(
        "LF220",
        template(function(mark=MARK), head="Parameters:\n  Fn: {Type: String}"),
        "rename one of them",
        ("  Fn: {Type", "  Stage: {Type"),
    ),
]
