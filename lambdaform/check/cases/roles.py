"""The cases of `lambdaform.check.rules.roles`: what a function's role must allow."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    MARK,
    QUEUE,
    ROLE,
    VPC,
    allow,
    mapping,
    plain_function,
    resource,
    role,
    template,
    twins,
)

NETWORK = "{Effect: Allow, Action: 'ec2:*NetworkInterface*', Resource: '*'}"

CASES = [
    Case(
        "LF310",
        template(role(trusts="ec2.amazonaws.com", mark=MARK), plain_function(ROLE)),
        "trusts ec2.amazonaws.com",
        template(role(), plain_function(ROLE)),
    ),
    Case(
        "LF311",
        template(role(), plain_function(f"{ROLE}\n{VPC}  # wrong")),
        "AWSLambdaVPCAccessExecutionRole",
        template(role(NETWORK), plain_function(f"{ROLE}\n{VPC}")),
    ),
    Case(
        "LF312",
        template(
            QUEUE,
            role(),
            plain_function(f"{ROLE}\nDeadLetterConfig: {{TargetArn: !GetAtt Queue.Arn}}  # wrong"),
        ),
        "lacks sqs:SendMessage",
        template(
            QUEUE,
            role(allow("Action: sqs:SendMessage", "Resource: !GetAtt Queue.Arn")),
            plain_function(f"{ROLE}\nDeadLetterConfig: {{TargetArn: !GetAtt Queue.Arn}}"),
        ),
    ),
    Case(
        "LF313",
        template(
            QUEUE,
            role(),
            plain_function(ROLE),
            mapping("Enabled: true").replace("Mapping:", "Mapping:  # wrong"),
        ),
        "sqs:ReceiveMessage",
        template(
            QUEUE,
            role(
                more="ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole']"
            ),
            plain_function(ROLE),
            mapping("Enabled: true"),
        ),
    ),
    Case(
        "LF314",
        template(
            role(), plain_function(f"{ROLE}\nKmsKeyArn: arn:aws:kms:eu-west-1:123456789012:key/1  # wrong")
        ),
        "kms:Decrypt",
        template(
            role(allow("Action: kms:Decrypt", "Resource: '*'")),
            plain_function(f"{ROLE}\nKmsKeyArn: arn:aws:kms:eu-west-1:123456789012:key/1"),
        ),
    ),
    Case(
        "LF315",
        template(
            role().replace("logs:CreateLogStream, logs:PutLogEvents", "xray:PutTraceSegments"),
            plain_function(f"{ROLE}  # wrong"),
        ),
        "writes no logs",
        template(role(), plain_function(ROLE)),
    ),
    Case(
        "LF320",
        template(
            plain_function(),
            resource(
                "Nightly",
                "AWS::Events::Rule",
                "ScheduleExpression: rate(1 day)\nTargets:  # wrong\n- {Id: fn, Arn: !GetAtt Fn.Arn}",
            ),
        ),
        "events.amazonaws.com",
        template(
            plain_function(),
            resource(
                "Nightly",
                "AWS::Events::Rule",
                "ScheduleExpression: rate(1 day)\nTargets: [{Id: fn, Arn: !GetAtt Fn.Arn}]",
            ),
            resource(
                "Permission",
                "AWS::Lambda::Permission",
                """
                Action: lambda:InvokeFunction
                FunctionName: !Ref Fn
                Principal: events.amazonaws.com
                SourceArn: !GetAtt Nightly.Arn
                """,
            ),
        ),
    ),
    twins(
        "LF312",
        template(
            QUEUE,
            resource("Other", "AWS::SQS::Queue"),
            role(allow("Action: sqs:SendMessage", "Resource: !GetAtt Other.Arn")),
            plain_function(f"{ROLE}\nDeadLetterConfig: {{TargetArn: !GetAtt Queue.Arn}}  # wrong"),
        ),
        "lacks sqs:SendMessage",
        ("Resource: !GetAtt Other.Arn", "Resource: !GetAtt Queue.Arn"),
        name="another queue",
    ),
    twins(
        "LF321",
        template(role(), plain_function(f"{ROLE}\nTracingConfig: {{Mode: Active}}  # wrong")),
        "xray:PutTraceSegments",
        ("Mode: Active", "Mode: PassThrough"),
    ),
    twins(
        "LF323",
        template(
            plain_function(),
            role("{Effect: Allow, Action: 'lambda:InvokeFunction', Resource: !GetAtt Fn.Arn}"),
            resource(
                "Schedule",
                "AWS::Scheduler::Schedule",
                "ScheduleExpression: rate(1 day)\nFlexibleTimeWindow: {Mode: 'OFF'}\nTarget:\n"
                "  Arn: !GetAtt Fn.Arn\n  RoleArn: !GetAtt Role.Arn  # wrong",
            ),
        ),
        "trusts lambda.amazonaws.com",
        ("lambda.amazonaws.com", "scheduler.amazonaws.com"),
    ),
    twins(
        "LF320",
        template(
            plain_function(),
            resource(
                "Pool",
                "AWS::Cognito::UserPool",
                "LambdaConfig:  # wrong\n  PreSignUp: !GetAtt Fn.Arn",
            ),
            resource(
                "Permission",
                "AWS::Lambda::Permission",
                "Action: lambda:InvokeFunction\nFunctionName: other\nPrincipal: cognito-idp.amazonaws.com\n"
                "SourceArn: !GetAtt Pool.Arn",
            ).replace("FunctionName: other", "FunctionName: !Ref Other"),
            plain_function(name="Other"),
        ),
        "cognito-idp.amazonaws.com",
        ("FunctionName: !Ref Other", "FunctionName: !Ref Fn"),
        name="cognito",
    ),
]
