"""Each rule by its smallest wrong template, at the very line that is wrong, and its smallest right one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from attrs import frozen

from lambdaform.check.findings import Finding, check, finding_of
from lambdaform.check.rule import Level, rules
from lambdaform.errors import DefinitionError
from lambdaform.load.template import load_file
from lambdaform.model.shape import Problem
from lambdaform.origin import Location
from lambdaform.synth.sam_transform import refusals
from tests.check.templates import (
    MARK,
    QUEUE,
    VERSION,
    alias,
    function,
    mapping,
    plain_function,
    resource,
    role,
    template,
)


@frozen
class Case:
    """A wrong template, what the finding must mention, and a right twin."""

    rule: str
    wrong: str
    mentions: str
    right: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.rule}-{self.name}" if self.name else self.rule


ROLE = "Role: !GetAtt Role.Arn"
VPC = "VpcConfig: {SubnetIds: [subnet-1, subnet-2], SecurityGroupIds: [sg-1]}"
NETWORK = "{Effect: Allow, Action: 'ec2:*NetworkInterface*', Resource: '*'}"


def allow(*lines: str) -> str:
    return "\n".join(("Effect: Allow", *lines))


def long_parameter(number: int) -> str:
    return resource(f"P{number}", "AWS::SSM::Parameter", f"Type: String\nValue: {'v' * 4000}")


def handle(number: int) -> str:
    return resource(f"H{number}", "AWS::CloudFormation::WaitConditionHandle")


def api(properties: str, logical_id: str = "Web") -> str:
    return resource(logical_id, "AWS::Serverless::Api", f"StageName: prod\n{properties}")


LAYER_ARN = "arn:aws:lambda:eu-west-1:123456789012:layer:one:1"
IMAGE = "PackageType: Image\nImageUri: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1"
STAGE = "Parameters: {Stage: {Type: String}}"
CHOICE = "Parameters:\n  Stage:\n    Type: String\n    AllowedValues: [dev, prod]"
GRAPHQL = 'SchemaInline: "type Query { a: String }"\nAuth: {Type: AWS_IAM}'
STAGES = "Mappings: {Memory: {prod: {size: 512}}}"

CASES = [
    Case("LF001", "Resources:\n  Fn: [1  # wrong\n", "Not readable", template(function())),
    Case(
        "LF002",
        template(
            function(
                "Events:\n  Web:  # wrong\n    Type: Api\n    Properties: {Path: /, Method: get, Cors: x}"
            )
        ),
        "Cors",
        template(function("Events:\n  Web:\n    Type: Api\n    Properties: {Path: /, Method: get}")),
    ),
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
        "LF111",
        template(function("Environment:\n  Variables:\n    AWS_REGION: eu-west-1  # wrong")),
        "AWS_REGION",
        template(function("Environment: {Variables: {HOME_REGION: eu-west-1}}")),
    ),
    Case(
        "LF112",
        template(plain_function("MemorySzie: 256  # wrong")),
        "Did you mean 'MemorySize'?",
        template(plain_function("SomethingNewer: 256")),
    ),
    Case(
        "LF112",
        template(function("memorySize: 256  # wrong")),
        "Did you mean 'MemorySize'?",
        template(function("MemorySize: 256")),
        "case",
    ),
    Case(
        "LF113",
        template(resource("Stream", "AWS::Kinesis::Steam", mark=MARK)),
        "Did you mean 'AWS::Kinesis::Stream'?",
        template(
            resource(
                "Mine", "Custom::Stream", "ServiceToken: arn:aws:lambda:eu-west-1:123456789012:function:x"
            )
        ),
    ),
    Case(
        "LF114",
        template(QUEUE, function("Environment:\n  Variables:\n    QUEUE: !GetAtt Queue.Arm  # wrong")),
        "Did you mean 'Arn'?",
        template(
            QUEUE, function("Environment: {Variables: {QUEUE: !GetAtt Queue.Arn, ROLE: !GetAtt FnRole.Arn}}")
        ),
    ),
    Case(
        "LF114",
        template(QUEUE, function("Environment:\n  Variables:\n    QUEUE: !Sub 'x${Queue.URL}'  # wrong")),
        "Queue.URL",
        template(QUEUE, function("Environment: {Variables: {QUEUE: !Sub 'x${Queue.QueueUrl}'}}")),
        "sub",
    ),
    Case(
        "LF114",
        template(
            function(),
            resource("Made", "Custom::Made", "ServiceToken: !GetAtt Fn.Arm  # wrong"),
            head="Outputs: {Token: {Value: !GetAtt Made.Token}}",
        ),
        "Did you mean 'Arn'?",
        template(
            function(),
            resource("Made", "AWS::CloudFormation::CustomResource", "ServiceToken: !GetAtt Fn.Arn"),
            head="Outputs: {Token: {Value: !GetAtt Made.Token}}",
        ),
        "custom resource",
    ),
    Case(
        "LF115",
        template(function("FunctionName: one"), plain_function("FunctionName: one  # wrong", "Other")),
        "which Fn has already",
        template(function("FunctionName: one"), plain_function("FunctionName: two", "Other")),
    ),
    Case(
        "LF116",
        template(resource("Queue", "AWS::SQS::Queue", "QueueName: orders  # wrong\nFifoQueue: true")),
        '"orders.fifo"',
        template(resource("Queue", "AWS::SQS::Queue", "QueueName: orders.fifo\nFifoQueue: true")),
    ),
    Case(
        "LF116",
        template(resource("Topic", "AWS::SNS::Topic", "TopicName: news.fifo  # wrong")),
        "FifoTopic",
        template(resource("Topic", "AWS::SNS::Topic", "TopicName: news")),
        "topic",
    ),
    Case(
        "LF117",
        template(api("EndpointConfiguration:\n  Type: PRIVATE\n  VpcEndpointsIds: [vpce-1]  # wrong")),
        "Did you mean 'VpcEndpointIds'?",
        # SAM takes both spellings.
        template(
            api("EndpointConfiguration: {Type: PRIVATE, VPCEndpointIds: [vpce-1]}"),
            api("EndpointConfiguration: {Type: PRIVATE, VpcEndpointIds: [vpce-1]}", "Other"),
        ),
    ),
    Case(
        "LF118",
        template(api("Cors:\n  AllowOrigin: '*'  # wrong")),
        "The quotes are part of the value",
        template(api("Cors: {AllowOrigin: \"'*'\", AllowHeaders: \"'Authorization'\", MaxAge: '600'}")),
    ),
    Case(
        "LF200",
        template(QUEUE, QUEUE.replace("Queue:", "Queue:  # wrong")),
        "stands at line 3 already",
        template(QUEUE),
    ),
    Case(
        "LF201",
        template(QUEUE, function("Environment:\n  Variables:\n    URL: !Ref Queu  # wrong")),
        "Did you mean Queue?",
        template(QUEUE, function("Environment: {Variables: {URL: !Ref Queue, REGION: !Ref AWS::Region}}")),
    ),
    Case(
        "LF201",
        template(QUEUE, "Later:\n  Type: AWS::SNS::Topic\n  DependsOn: Queu  # wrong"),
        "Did you mean Queue?",
        template(QUEUE, "Later:\n  Type: AWS::SNS::Topic\n  DependsOn: [Queue]"),
        "depends-on",
    ),
    Case(
        "LF202",
        template(
            function("Environment: {Variables: {OTHER: !Ref Other}}", mark=MARK),
            function("Environment: {Variables: {OTHER: !GetAtt Fn.Arn}}", "Other"),
        ),
        "Circular dependency: Fn → Other → Fn",
        template(function("Environment: {Variables: {OTHER: !Ref Other}}"), function(name="Other")),
    ),
    Case(
        "LF202",
        template(
            function("Environment: {Variables: {API: !Ref Api}}", mark=MARK),
            resource("Api", "AWS::Serverless::HttpApi", "DefinitionBody: {info: {title: !Ref Fn}}"),
        ),
        "Circular dependency: Fn → Api → Fn",
        template(
            function("Environment: {Variables: {API: !Ref Api}}"),
            resource(
                "Api",
                "AWS::Serverless::WebSocketApi",
                "RouteSelectionExpression: $request.body.action\n"
                "Routes: {$default: {FunctionArn: !GetAtt Fn.Arn}}",
            ),
        ),
        "routes",
    ),
    Case(
        "LF202",
        template(
            function("Environment: {Variables: {API: !GetAtt Api.GraphQLUrl}}", mark=MARK),
            resource("Api", "AWS::Serverless::GraphQLApi", f"Name: !Ref Fn\n{GRAPHQL}"),
        ),
        "Circular dependency: Fn → Api → Fn",
        template(
            function("Environment: {Variables: {API: !GetAtt Api.GraphQLUrl}}"),
            resource(
                "Api",
                "AWS::Serverless::GraphQLApi",
                f"{GRAPHQL}\nDataSources: {{Lambda: {{Source: {{FunctionArn: !GetAtt Fn.Arn}}}}}}",
            ),
        ),
        "data sources",
    ),
    Case(
        "LF203",
        template(
            function("MemorySize: !If [IsProd, 512, 256]  # wrong"),
            head="Conditions: {InProd: !Equals [a, b]}",
        ),
        "Did you mean 'InProd'?",
        template(function("MemorySize: !If [InProd, 512, 256]"), head="Conditions: {InProd: !Equals [a, b]}"),
    ),
    Case(
        "LF201",
        template(
            function(), head=f"Conditions:\n  IsProd: !Equals\n  - !Ref Stag  # wrong\n  - prod\n{STAGE}"
        ),
        "Did you mean Stage?",
        template(function(), head=f"Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}\n{STAGE}"),
        "condition",
    ),
    Case(
        "LF203",
        template("Topic:\n  Type: AWS::SNS::Topic\n  Condition: InProd  # wrong"),
        "not defined",
        template(
            "Topic:\n  Type: AWS::SNS::Topic\n  Condition: InProd",
            head="Conditions: {InProd: !Equals [a, b]}",
        ),
        "resource",
    ),
    Case(
        "LF204",
        template(function("DeploymentPreference: {Type: AllAtOnce}  # wrong")),
        "auto_publish_alias",
        template(function("AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce}")),
    ),
    Case(
        "LF205",
        template(
            resource("Queue", "AWS::SQS::Queue", "VisibilityTimeout: 60  # wrong"),
            function("Timeout: 61\nEvents: {Orders: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"),
        ),
        "at least 61",
        template(
            QUEUE,
            function("Timeout: 60\nEvents: {Orders: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"),
        ),
    ),
    Case(
        "LF206",
        template(
            resource("Dead", "AWS::SQS::Queue", "FifoQueue: true"),
            function("DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dead.Arn}  # wrong"),
        ),
        "FIFO",
        template(
            resource("Dead", "AWS::SQS::Queue"),
            function("DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dead.Arn}"),
        ),
    ),
    Case(
        "LF206",
        template(
            resource("Bin", "AWS::S3::Bucket"),
            plain_function("DeadLetterConfig: {TargetArn: !GetAtt Bin.Arn}  # wrong"),
        ),
        "AWS::S3::Bucket",
        template(
            resource("Bin", "AWS::SNS::Topic"), plain_function("DeadLetterConfig: {TargetArn: !Ref Bin}")
        ),
        "bucket",
    ),
    Case(
        "LF207",
        template(
            resource("Queue", "AWS::SQS::Queue", "FifoQueue: true"),
            plain_function(),
            mapping("BatchSize: 11  # wrong"),
        ),
        "FIFO",
        template(
            resource("Queue", "AWS::SQS::Queue", "FifoQueue: true"),
            plain_function(),
            mapping("BatchSize: 10"),
        ),
    ),
    Case(
        "LF207",
        template(QUEUE, plain_function(), mapping("BatchSize: 100  # wrong")),
        "maximum_batching_window_in_seconds",
        template(QUEUE, plain_function(), mapping("BatchSize: 100\nMaximumBatchingWindowInSeconds: 5")),
        "window",
    ),
    Case(
        "LF208",
        template(
            resource("Stream", "AWS::Kinesis::Stream", "ShardCount: 1"),
            plain_function(),
            mapping("BatchSize: 10", "!GetAtt Stream.Arn").replace("Mapping:", "Mapping:  # wrong"),
        ),
        "StartingPosition",
        template(
            resource("Stream", "AWS::Kinesis::Stream", "ShardCount: 1"),
            plain_function(),
            mapping("StartingPosition: LATEST", "!GetAtt Stream.Arn"),
        ),
    ),
    Case(
        "LF209",
        template(
            plain_function(),
            alias(
                """
                Name: live
                FunctionVersion: $LATEST  # wrong
                RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '1', FunctionWeight: 0.1}]}
                """
            ),
        ),
        "$LATEST",
        template(plain_function(), alias("Name: live\nFunctionVersion: $LATEST")),
    ),
    Case(
        "LF210",
        template(
            function(
                "AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce, Hooks: {PreTraffic: !Ref Hook}}"
            ),
            function("FunctionName: smoke  # wrong", "Hook"),
        ),
        "CodeDeployHook_",
        template(
            function(
                "AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce, Hooks: {PreTraffic: !Ref Hook}}"
            ),
            function("FunctionName: CodeDeployHook_smoke", "Hook"),
        ),
    ),
    Case(
        "LF211",
        template(function("MemorySize: !FindInMap [Memory, prod, sizes]  # wrong"), head=STAGES),
        "Did you mean 'size'?",
        template(function("MemorySize: !FindInMap [Memory, prod, size]"), head=STAGES),
    ),
    Case(
        "LF212",
        template(function(), head=f"{CHOICE}\n    Default: test  # wrong"),
        "dev, prod",
        template(function(), head=f"{CHOICE}\n    Default: dev"),
    ),
    Case(
        "LF221",
        template(
            resource("Topic", "AWS::SNS::Topic"),
            plain_function(),
            mapping("BatchSize: 1", "!Ref Topic  # wrong"),
        ),
        "AWS::SNS::Topic",
        template(QUEUE, plain_function(), mapping("BatchSize: 1")),
    ),
    Case(
        "LF222",
        template(QUEUE, plain_function(), mapping("StartingPosition: LATEST  # wrong")),
        "StartingPosition",
        template(QUEUE, plain_function(), mapping("Enabled: true")),
    ),
    Case(
        "LF223",
        template(
            QUEUE,
            plain_function("ReservedConcurrentExecutions: 5"),
            mapping("ScalingConfig:  # wrong\n  MaximumConcurrency: 10"),
        ),
        "reserve at least 10",
        template(
            QUEUE,
            plain_function("ReservedConcurrentExecutions: 10"),
            mapping("ScalingConfig: {MaximumConcurrency: 10}"),
        ),
    ),
    Case(
        "LF231",
        template(
            function(
                "AutoPublishAlias: live\nDeploymentPreference:\n  Type: Canary10Percent7Minutes  # wrong"
            )
        ),
        "Did you mean Canary10Percent5Minutes?",
        template(function("AutoPublishAlias: live\nDeploymentPreference: {Type: Canary10Percent5Minutes}")),
    ),
    Case(
        "LF232",
        template(
            plain_function(),
            alias(
                """
                Name: live
                FunctionVersion: '3'
                RoutingConfig:
                  AdditionalVersionWeights:
                  - FunctionVersion: '3'  # wrong
                    FunctionWeight: 0.1
                """
            ),
        ),
        "the same version",
        template(
            plain_function(),
            alias(
                """
                Name: live
                FunctionVersion: '3'
                RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '4', FunctionWeight: 0.1}]}
                """
            ),
        ),
    ),
    Case(
        "LF233",
        template(
            plain_function(),
            plain_function(name="Other"),
            VERSION.replace("!Ref Fn", "!Ref Other"),
            alias("Name: live\nFunctionVersion: !GetAtt Version.Version  # wrong"),
        ),
        "a version of 'Other'",
        template(plain_function(), VERSION, alias("Name: live\nFunctionVersion: !GetAtt Version.Version")),
    ),
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
    Case(
        "LF301",
        template(role(allow("Action: '*'  # wrong", "Resource: '*'"))),
        "administrator",
        template(role(allow("Action: s3:*", "Resource: '*'"))),
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
    Case(
        "LF401",
        template(function("VpcConfig:\n  SubnetIds: [subnet-1]  # wrong\n  SecurityGroupIds: [sg-1]")),
        "one subnet",
        template(function(VPC)),
    ),
    Case(
        "LF402",
        template(function("Runtime: python3.8  # wrong")),
        "deprecated on 2024-10-14",
        template(function("Runtime: python3.13")),
    ),
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
        template(plain_function("Runtime: nodejs24.x")),
    ),
    Case(
        "LF503",
        template(function("Handler: handler  # wrong")),
        "handler.handler",
        template(function("Handler: index.handler")),
    ),
    Case(
        "LF504",
        template(function("CodeUri: src\nHandler: app.main  # wrong")),
        "main",
        template(function("CodeUri: src\nHandler: app.handler")),
    ),
    Case(
        "LF504",
        template(function("CodeUri: src\nHandler: apps.handler  # wrong")),
        'Did you mean "app.handler"?',
        template(function("CodeUri: src\nHandler: app.handler")),
        "module",
    ),
    Case(
        "LF601",
        template(*[long_parameter(n) for n in range(260)], mark=MARK),
        "1,000,000 bytes",
        template(*[long_parameter(n) for n in range(200)]),
    ),
    Case(
        "LF602",
        template(*[handle(n) for n in range(501)], mark=MARK),
        "501 resources",
        template(*[handle(n) for n in range(500)]),
    ),
    Case(
        "LF603",
        template(function(f"InlineCode: 'def handler(event, context): pass # {'x' * 4_194_304}'  # wrong")),
        "4,194,304",
        template(function()),
    ),
    Case(
        "LF604",
        template(function("CodeUri: huge  # wrong\nHandler: app.handler")),
        "262,144,000 bytes",
        template(function("CodeUri: src\nHandler: app.handler")),
    ),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with code that has the handler app.handler, and with code that is too much."""
    project = tmp_path_factory.mktemp("project")
    for folder in ("src", "huge"):
        (project / folder).mkdir()
        (project / folder / "app.py").write_text("def handler(event, context):\n    return 1\n")
    with (project / "huge" / "model.bin").open("wb") as sparse:
        sparse.truncate(300 * 2**20)
    return project


@cache
def findings_of(project: Path, text: str) -> list[Finding]:
    """What is found on a template, by the rules and, where they find no error, by SAM's transform."""
    file = project / f"{len(text)}-{abs(hash(text))}.yaml"
    file.write_text(text)
    try:
        stack = load_file(file)
    except DefinitionError as error:
        return [finding_of(Problem(error.rule or "", error.what, error.right or "", _Place(error.where)))]
    found = check(stack)
    if any(each.level is Level.ERROR for each in found):
        return found
    return [*found, *map(finding_of, refusals(stack))]


class _Place:
    def __init__(self, location: Location | None) -> None:
        self.location = location

    def locate(self, names: object = (), inside: object = ()) -> Location | None:
        return self.location


def test_no_rule_is_without_a_case() -> None:
    # No field's type refuses a whole property yet: troposphere does, at synthesis (tests/synth).
    assert {case.rule for case in CASES} == rules().keys() - {"LF106"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_wrong_template_has_this_finding_and_says_what(case: Case, project: Path) -> None:
    found = [each for each in findings_of(project, case.wrong) if each.rule == case.rule]
    assert len(found) == 1, found
    assert case.mentions in f"{found[0].what} {found[0].right}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_finding_points_to_the_wrong_line(case: Case, project: Path) -> None:
    [found] = [each for each in findings_of(project, case.wrong) if each.rule == case.rule]
    wrong = [number for number, line in enumerate(case.wrong.splitlines(), 1) if MARK in line]
    assert found.location is not None
    assert [found.location.line] == wrong


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_finding_points_to_the_first_word_of_that_line(case: Case, project: Path) -> None:
    [found] = [each for each in findings_of(project, case.wrong) if each.rule == case.rule]
    [line] = [each for each in case.wrong.splitlines() if MARK in each]
    if case.rule in ("LF001", "LF601", "LF602"):
        pytest.skip("it is about the file, not about a word of it")
    assert found.location is not None
    assert found.location.column == len(line) - len(line.lstrip(" -")) + 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_wrong_template_has_no_other_finding(case: Case, project: Path) -> None:
    # Code that is too long for a function is too long for its template as well.
    others = {"LF601"} if case.rule == "LF603" else set()
    assert {each.rule for each in findings_of(project, case.wrong)} - others == {case.rule}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_right_template_has_no_finding(case: Case, project: Path) -> None:
    assert findings_of(project, case.right) == []
