"""The cases of `lambdaform.check.rules.permissions`: statements of policies."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    allow,
    function,
    policy,
    resource,
    role,
    template,
    twins,
)

CASES = [
    Case(
        "LF301",
        template(role(allow("Action: '*'  # wrong", "Resource: '*'"))),
        "administrator",
        template(role(allow("Action: s3:*", "Resource: 'arn:aws:s3:::data/*'"))),
    ),
    Case(
        "LF302",
        template(
            function("Policies:\n- Statement:\n  - Effect: Allow  # wrong\n    Action: s3:GetObject"),
        ),
        "no Resource",
        template(function("Policies:\n- Statement: [{Effect: Allow, Action: s3:GetObject, Resource: '*'}]")),
    ),
    Case(
        "LF303",
        template(role(allow("Action:", "- s3:GetObjet  # wrong", "Resource: 'arn:aws:s3:::data/*'"))),
        "Did you mean 's3:GetObject'?",
        template(
            role(allow("Action: [s3:GetObject, 's3:List*', s3:SomethingNewAndDifferent]", "Resource: '*'"))
        ),
    ),
    Case(
        "LF304",
        template(role(allow("Principal: '*'  # wrong", "Action: s3:GetObject", "Resource: '*'"))),
        "names a Principal",
        template(role(allow("Action: s3:GetObject", "Resource: '*'"))),
    ),
    twins(
        "LF301",
        template(function("Policies:\n- AdministratorAccess  # wrong")),
        "AdministratorAccess",
        ("AdministratorAccess", "AWSLambdaBasicExecutionRole"),
        name="managed",
    ),
    twins(
        "LF305",
        template(policy("Effect: Allow\nAction: dynamodb:GetItem\nResource: orders  # wrong")),
        "no ARN",
        ("Resource: orders", "Resource: arn:aws:dynamodb:eu-west-1:123456789012:table/orders"),
    ),
    twins(
        "LF306",
        template(policy("Effect: Allow\nAction: iam:PassRole  # wrong\nResource: '*'")),
        "iam:PassRole on every resource",
        ("'*'", "arn:aws:iam::123456789012:role/task"),
    ),
    twins(
        "LF307",
        template(policy("Effect: Allow\nAction: dynamodb:*  # wrong\nResource: '*'")),
        "dynamodb:* on every resource",
        ("'*'", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"),
    ),
    twins(
        "LF308",
        template(policy("Effect: Allow\nNotAction: iam:*  # wrong\nResource: '*'")),
        "NotAction is for Deny",
        ("Effect: Allow", "Effect: Deny"),
    ),
    twins(
        "LF309",
        template(policy("Effect: Deny\nAction: sqs:SendMessage\nNotAction: iam:*  # wrong\nResource: '*'")),
        "both Action and NotAction",
        ("\n          NotAction: iam:*", ""),
    ),
    twins(
        "LF316",
        template(
            policy(
                "Effect: Allow\nAction: sqs:SendMessage\nResource: '*'\n"
                "Condition:\n  StringEqual: {'aws:RequestedRegion': eu-west-1}  # wrong"
            )
        ),
        "Did you mean 'StringEquals'?",
        ("StringEqual:", "StringEquals:"),
    ),
    twins(
        "LF317",
        template(policy("Effect: Allow\nAction: s3:GetObject  # wrong\nResource: arn:aws:s3:::data")),
        "with /* at the end",
        (":::data", ":::data/*"),
    ),
    twins(
        "LF317",
        template(policy("Effect: Allow\nAction: s3:ListBucket  # wrong\nResource: arn:aws:s3:::data/*")),
        "without /* at the end",
        (":::data/*", ":::data"),
        name="bucket",
    ),
    twins(
        "LF318",
        template(policy("Sid: send orders  # wrong\nEffect: Allow\nAction: sqs:SendMessage\nResource: '*'")),
        "letters and digits only",
        ("send orders", "SendOrders"),
    ),
    twins(
        "LF319",
        template(
            resource(
                "Role",
                "AWS::IAM::Role",
                "AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, "
                "Action: 'sts:AssumeRole'}]}\nPolicies:\n"
                "- {PolicyName: own, PolicyDocument: {Statement: [{Effect: Deny, Action: '*', Resource: '*'}]}}\n"
                "- PolicyName: own  # wrong\n"
                "  PolicyDocument: {Statement: [{Effect: Deny, Action: '*', Resource: '*'}]}",
            )
        ),
        "two policies with the name 'own'",
        ("- PolicyName: own", "- PolicyName: other"),
    ),
    twins(
        "LF326",
        template(function("Policies:\n- AWSLambdaBasicExecutonRole  # wrong")),
        "Did you mean AWSLambdaBasicExecutionRole?",
        ("Executon", "Execution"),
    ),
    twins(
        "LF326",
        template(
            role(more="ManagedPolicyArns:\n- arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole  # wrong")
        ),
        "service-role/",
        ("policy/AWS", "policy/service-role/AWS"),
        name="path",
    ),
    twins(
        "LF327",
        template(
            function(
                "Role: arn:aws:iam::123456789012:role/fn\nPolicies: [AWSLambdaBasicExecutionRole]  # wrong"
            )
        ),
        "SAM leaves the Policies out",
        ("\n      Role: arn:aws:iam::123456789012:role/fn", ""),
    ),
    twins(
        "LF328",
        template(function("Policies:\n- DynamoDBCrudPolcy: {TableName: orders}  # wrong")),
        "Did you mean 'DynamoDBCrudPolicy'?",
        ("Polcy", "Policy"),
    ),
]
