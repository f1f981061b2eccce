"""The cases of `lambdaform.check.rules.access`: who is let in."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    MARK,
    function,
    plain_function,
    resource,
    template,
    twins,
)

SOURCE = "SourceArn: 'arn:aws:sns:eu-west-1:123456789012:news'"
QUEUE = resource("Queue", "AWS::SQS::Queue")


def permission(properties: str, mark: str = "") -> str:
    """A function and a permission to call it."""
    return template(
        plain_function(),
        resource(
            "Permission",
            "AWS::Lambda::Permission",
            f"FunctionName: !Ref Fn\n{properties}",
            mark,
        ),
    )


def queue_policy(statement: str) -> str:
    """A queue and a policy of it with one statement."""
    return template(
        QUEUE,
        resource(
            "Policy",
            "AWS::SQS::QueuePolicy",
            f"Queues: [!Ref Queue]\nPolicyDocument:\n  Statement:\n  - {statement}",
        ),
    )


def trust(statement: str) -> str:
    """A role with one statement in its trust policy."""
    return template(
        resource(
            "Role",
            "AWS::IAM::Role",
            "AssumeRolePolicyDocument:\n  Statement:\n  - Effect: Allow\n    Action: sts:AssumeRole\n    "
            + statement,
        )
    )


INVOKE = "Action: lambda:InvokeFunction"

CASES = [
    twins(
        "LF325",
        trust(f"Principal: '*'  {MARK}"),
        "everyone (*)",
        ("Principal: '*'", "Principal: {Service: lambda.amazonaws.com}"),
    ),
    twins(
        "LF329",
        trust(f"Principal: {{Service: lambda.amazonaws.com}}\n    Resource: '*'  {MARK}"),
        "Leave it out",
        ("\n          Resource: '*'", ""),
    ),
    twins(
        "LF340",
        permission(f"{INVOKE}\nPrincipal: '*'  {MARK}"),
        "lets everyone (*)",
        ("'*'", "'123456789012'"),
    ),
    twins(
        "LF340",
        queue_policy(
            f"Principal: '*'  {MARK}\n    Effect: Allow\n    Action: sqs:SendMessage\n    Resource: !GetAtt Queue.Arn"
        ),
        "lets everyone (*) in",
        ("Principal: '*'", "Principal: {AWS: '123456789012'}"),
        name="queue",
    ),
    twins(
        "LF341",
        permission(f"{INVOKE}\nPrincipal: s3.amazonaws.com\nSourceArn: arn:aws:s3:::in", MARK),
        "SourceAccount",
        ("arn:aws:s3:::in", "arn:aws:s3:::in\n      SourceAccount: !Ref AWS::AccountId"),
    ),
    twins(
        "LF342",
        permission(f"{INVOKE}\nPrincipal: sns.amazonaws.com", MARK),
        "no SourceArn",
        ("sns.amazonaws.com", f"sns.amazonaws.com\n      {SOURCE}"),
    ),
    twins(
        "LF343",
        permission(f"{INVOKE}\nPrincipal: event.amazonaws.com  {MARK}\n{SOURCE}"),
        "Did you mean 'events.amazonaws.com'?",
        ("event.amazonaws", "events.amazonaws"),
    ),
    twins(
        "LF344",
        template(function("FunctionUrlConfig:\n  AuthType: NONE  # wrong")),
        "everybody may call it",
        ("NONE", "AWS_IAM"),
    ),
    twins(
        "LF345",
        queue_policy(f"Effect: Allow  {MARK}\n    Action: sqs:SendMessage\n    Resource: !GetAtt Queue.Arn"),
        "no Principal",
        ("Effect: Allow", "Principal: {AWS: '123456789012'}\n          Effect: Allow"),
    ),
    twins(
        "LF346",
        permission(f"Action: lambda:Invoke  {MARK}\nPrincipal: sns.amazonaws.com\n{SOURCE}"),
        "lambda:InvokeFunction",
        ("lambda:Invoke", "lambda:InvokeFunction"),
    ),
    twins(
        "LF347",
        template(
            QUEUE,
            resource("Other", "AWS::SQS::Queue"),
            resource(
                "Subscription",
                "AWS::SNS::Subscription",
                f"TopicArn: arn:aws:sns:eu-west-1:123456789012:news\nProtocol: sqs\nEndpoint: !GetAtt Queue.Arn  {MARK}",
            ),
            resource(
                "Policy",
                "AWS::SQS::QueuePolicy",
                "Queues: [!Ref Other]\nPolicyDocument:\n  Statement:\n"
                "  - {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: 'sqs:SendMessage', Resource: '*'}",
            ),
        ),
        "AWS::SQS::QueuePolicy",
        ("[!Ref Other]", "[!Ref Queue]"),
    ),
    twins(
        "LF340",
        permission(f"Action: lambda:InvokeFunctionUrl\nPrincipal: '*'  {MARK}\nFunctionUrlAuthType: NONE"),
        "lets everyone (*)",
        ("Principal: '*'", "Principal: '123456789012'"),
        name="address",
    ),
    twins(
        "LF348",
        template(
            plain_function(),
            *[
                resource(
                    f"Permission{number}",
                    "AWS::Lambda::Permission",
                    f"FunctionName: !Ref Fn\n{INVOKE}\nPrincipal: events.amazonaws.com\n"
                    f"SourceArn: arn:aws:events:eu-west-1:123456789012:rule/{'r' * 100}{number:02}",
                    MARK if number == 57 else "",
                )
                for number in range(60)
            ],
        ),
        "20 KB",
        ("r" * 100, "r"),
    ),
    twins(
        "LF349",
        template(
            resource(
                "Role",
                "AWS::IAM::Role",
                "AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, "
                f"Action: 'sts:AssumeRole'}}]}}\nPolicies:  {MARK}\n- PolicyName: own\n  PolicyDocument:\n    Statement:\n"
                "    - Effect: Allow\n      Action: s3:GetObject\n      Resource:\n"
                + "".join(f"      - arn:aws:s3:::{'b' * 50}{number:03}/*\n" for number in range(150)),
            )
        ),
        "10,240 characters",
        ("b" * 50, "b"),
    ),
]
