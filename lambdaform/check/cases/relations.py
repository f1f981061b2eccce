"""The cases of `lambdaform.check.rules.relations`: what refers to what."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    DEAD,
    MARK,
    QUEUE,
    event,
    function,
    plain_function,
    resource,
    template,
    twins,
)

STAGE = "Parameters: {Stage: {Type: String}}"
CHOICE = "Parameters:\n  Stage:\n    Type: String\n    AllowedValues: [dev, prod]"
GRAPHQL = 'SchemaInline: "type Query { a: String }"\nAuth: {Type: AWS_IAM}'
STAGES = "Mappings: {Memory: {prod: {size: 512}}}"

READS = "{S3ReadPolicy: {BucketName: !Ref Bucket}}"

CASES = [
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
    twins(
        "LF201",
        template(function("Environment:\n  Variables:\n    REGION: !Ref AWS::Regoin  # wrong")),
        "Did you mean 'AWS::Region'?",
        ("Regoin", "Region"),
        name="pseudo",
    ),
    twins(
        "LF201",
        template(
            resource("Bucket", "AWS::S3::Bucket"),
            function("Policies:\n- S3ReadPolicy: {BucketName: !Ref Bukcet}  # wrong"),
        ),
        "Did you mean Bucket?",
        ("Bukcet", "Bucket"),
        name="policy template",
    ),
    twins(
        "LF202",
        template(
            resource("Bucket", "AWS::S3::Bucket", mark=MARK),
            event(
                "S3", "Bucket: !Ref Bucket\nEvents: s3:ObjectCreated:*", more=f"{DEAD}\nPolicies: [{READS}]"
            ),
        ),
        "Bucket → Fn → Bucket",
        ("!Ref Bucket}", "album}"),
        name="notification",
    ),
]
