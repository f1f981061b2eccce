"""The cases of `lambdaform.check.rules.code`: the code behind a function."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import MARK, plain_function, resource, template

CASES = [
    Case(
        "LF501",
        template(resource("Fn", "AWS::Serverless::Function", "Runtime: python3.13\nCodeUri: s3://b/k", MARK)),
        "no handler",
        template(
            resource(
                "Fn",
                "AWS::Serverless::Function",
                "PackageType: Image\nImageUri: 1.dkr.ecr.eu-west-1.amazonaws.com/x:1",
            )
        ),
    ),
    Case(
        "LF502",
        template(plain_function("Runtime: java21  # wrong")),
        "java21",
        template(plain_function("Runtime: nodejs24.x\nCode: {ZipFile: 'exports.handler = () => 1'}")),
    ),
]
