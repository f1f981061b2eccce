"""The cases of `lambdaform.check.rules.network`: VPCs and layers."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import VPC, function, resource, template

CASES = [
    Case(
        "LF241",
        template(function("VpcConfig:\n  SubnetIds: [subnet-1, subnet-2]  # wrong")),
        "no SecurityGroupIds",
        template(function(VPC)),
    ),
    Case(
        "LF242",
        template(
            resource(
                "Layer",
                "AWS::Serverless::LayerVersion",
                "ContentUri: s3://b/k\nCompatibleRuntimes: [nodejs24.x]",
            ),
            function("Layers: [!Ref Layer]  # wrong"),
        ),
        "is for nodejs24.x",
        template(
            resource(
                "Layer",
                "AWS::Serverless::LayerVersion",
                "ContentUri: s3://b/k\nCompatibleRuntimes: [python3.13]",
            ),
            function("Layers: [!Ref Layer]"),
        ),
    ),
]
