"""The cases of `lambdaform.check.rules.values`: what one value may be."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    MARK,
    VERSION,
    alias,
    api,
    function,
    plain_function,
    resource,
    template,
)

LAYER_ARN = "arn:aws:lambda:eu-west-1:123456789012:layer:one:1"

CASES = [
    Case(
        "LF100",
        template(function("MemorySize: large  # wrong")),
        "'large'",
        template(function("MemorySize: 256")),
    ),
    Case(
        "LF101",
        template(function("Timeout: 901  # wrong")),
        "1 to 900 seconds",
        template(function("Timeout: 900")),
    ),
    Case(
        "LF101",
        template(function("MemorySize: 64  # wrong")),
        "128 to 10240 MB",
        template(function("MemorySize: 128")),
        "memory",
    ),
    Case(
        "LF101",
        template(
            plain_function(),
            VERSION,
            alias(
                """
                Name: live
                FunctionVersion: !GetAtt Version.Version
                RoutingConfig:
                  AdditionalVersionWeights:
                  - FunctionVersion: '7'
                    FunctionWeight: 1.5  # wrong
                """
            ),
        ),
        "0 to 1",
        template(
            plain_function(),
            VERSION,
            alias(
                """
                Name: live
                FunctionVersion: !GetAtt Version.Version
                RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '7', FunctionWeight: 0.5}]}
                """
            ),
        ),
        "weight",
    ),
    Case(
        "LF102",
        template(function("FunctionName: has space  # wrong")),
        "has space",
        template(function("FunctionName: has-none")),
    ),
    Case(
        "LF102",
        template(function("Environment:\n  Variables:\n    1BAD: x  # wrong")),
        "1BAD",
        template(function("Environment: {Variables: {BAD1: x}}")),
        "variable",
    ),
    Case(
        "LF103",
        template(function("Runtime: pythn3.13  # wrong")),
        "Did you mean 'python3.13'?",
        template(function("Runtime: python3.13")),
    ),
    Case(
        "LF103",
        template(function("Architectures:\n- arm  # wrong")),
        "arm64",
        template(function("Architectures: [arm64]")),
        "architecture",
    ),
    Case(
        "LF104",
        template(function(f"Layers:  {MARK}\n" + "\n".join([f"- {LAYER_ARN}"] * 6))),
        "has 6 layers",
        template(function(f"Layers: ['{LAYER_ARN}']")),
    ),
    Case(
        "LF104",
        template(function(f"Environment:\n  Variables: {MARK}\n    BIG: {'x' * 4100}")),
        "4,096 bytes",
        template(function(f"Environment:\n  Variables:\n    BIG: {'x' * 4000}")),
        "environment",
    ),
    Case(
        "LF105",
        template(resource("Layer", "AWS::Serverless::LayerVersion", "LayerName: empty", MARK)),
        "content_uri is missing",
        template(resource("Layer", "AWS::Serverless::LayerVersion", "ContentUri: s3://bucket/key")),
    ),
    Case(
        "LF106",
        'from lambdaform import Queue, Stack\n\nstack = Stack("shop")\nstack.add(Queue("Orders", visibility=60))  # wrong\n',
        "Queue has no property 'visibility'",
        'from lambdaform import Queue, Stack\n\nstack = Stack("shop")\nstack.add(Queue("Orders", visibility_timeout=60))\n',
        is_app=True,
    ),
    Case(
        "LF107",
        template("Orphan: # wrong\n  Properties: {Name: x}"),
        "has no Type",
        template(resource("Handle", "AWS::CloudFormation::WaitConditionHandle")),
    ),
    Case(
        "LF110",
        template(
            function(
                "Events:\n  Tick:\n    Type: Schedule\n    Properties:\n      Schedule: rate(5 minute)  # wrong"
            )
        ),
        "rate(5 minutes)",
        template(function("Events: {Tick: {Type: Schedule, Properties: {Schedule: rate(5 minutes)}}}")),
    ),
    Case(
        "LF110",
        template(
            function(
                "Events:\n  Tick:\n    Type: Schedule\n    Properties:\n      Schedule: cron(0 12 * * * *)  # wrong"
            )
        ),
        "?",
        template(function("Events: {Tick: {Type: Schedule, Properties: {Schedule: cron(0 12 * * ? *)}}}")),
        "cron",
    ),
    Case(
        "LF118",
        template(api("Cors:\n  AllowOrigin: '*'  # wrong")),
        "The quotes are part of the value",
        template(api("Cors: {AllowOrigin: \"'*'\", AllowHeaders: \"'Authorization'\", MaxAge: '600'}")),
    ),
]
