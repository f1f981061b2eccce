"""The cases of `lambdaform.check.rules.settings`: settings of functions that do not go together."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    MARK,
    function,
    plain_function,
    resource,
    template,
    twins,
)

ONE = "'arn:aws:lambda:eu-west-1:123456789012:layer:one:1'"
SNAP = "SnapStart: {ApplyOn: PublishedVersions}"
FILES = "FileSystemConfigs:  # wrong\n- Arn: arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1\n"
IMAGE = "PackageType: Image\nImageUri: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1"


CASES = [
    twins(
        "LF243",
        template(function(f"Layers:\n- {ONE}\n- {ONE}  {MARK}")),
        "twice",
        (f"  - {ONE}\n      - {ONE}", f"  - {ONE}"),
    ),
    twins(
        "LF243",
        template(function(f"Layers:\n- {ONE}\n- {ONE.replace('one:1', 'one:2')}  {MARK}")),
        "in one version",
        ("one:2", "two:2"),
        name="versions",
    ),
    twins(
        "LF244",
        template(resource("Queue", "AWS::SQS::Queue"), function("Layers:\n- !GetAtt Queue.Arn  # wrong")),
        "an AWS::SQS::Queue",
        ("!GetAtt Queue.Arn", ONE),
    ),
    twins(
        "LF244",
        template(function("Layers:\n- arn:aws:lambda:eu-west-1:123456789012:layer:one  # wrong")),
        "no ARN of a layer's version",
        ("layer:one", "layer:one:7"),
        name="version",
    ),
    twins(
        "LF245",
        template(
            resource("Fn", "AWS::Serverless::Function", f"{IMAGE}\nHandler: app.handler  {MARK}"),
        ),
        "is a container image and has Handler",
        ("\n      Handler: app.handler", ""),
    ),
    twins(
        "LF245",
        template(function("ImageConfig: {Command: [app.handler]}  # wrong")),
        "ImageConfig is for container images",
        ("ImageConfig: {Command: [app.handler]}", "Timeout: 3"),
        name="zip",
    ),
    twins(
        "LF246",
        template(plain_function("Code: {S3Bucket: code}  # wrong")),
        "no S3Key",
        ("S3Bucket: code", "S3Bucket: code, S3Key: fn.zip"),
    ),
    twins(
        "LF246",
        template(
            plain_function(
                "Code: {ZipFile: 'def handler(event, context): pass', S3Bucket: b, S3Key: k}  # wrong"
            )
        ),
        "two sources",
        (", S3Bucket: b, S3Key: k", ""),
        name="two",
    ),
    twins(
        "LF247",
        template(function(f"{FILES}  LocalMountPath: /mnt/data")),
        "in no VPC",
        (
            "Handler:",
            "VpcConfig: {SubnetIds: [subnet-1, subnet-2], SecurityGroupIds: [sg-1]}\n      Handler:",
        ),
    ),
    twins(
        "LF248",
        template(function(f"Runtime: python3.11\n{SNAP}  {MARK}")),
        "its runtime python3.11",
        ("python3.11", "python3.13"),
    ),
    twins(
        "LF248",
        template(function(f"{SNAP}\nEphemeralStorage: {{Size: 1024}}  {MARK}")),
        "1024 MB of ephemeral storage",
        ("1024", "512"),
        name="storage",
    ),
    twins(
        "LF249",
        template(function("LoggingConfig:\n  LogFormat: Text\n  ApplicationLogLevel: DEBUG  # wrong")),
        "set LogFormat to JSON",
        ("Text", "JSON"),
    ),
    twins(
        "LF251",
        template(function("RuntimeManagementConfig:\n  UpdateRuntimeOn: Manual  # wrong")),
        "names no RuntimeVersionArn",
        ("Manual", "Auto"),
    ),
    twins(
        "LF252",
        template(function("Tags:\n  aws:team: orders  # wrong")),
        "'aws:team'",
        ("aws:team", "team"),
    ),
    twins(
        "LF258",
        template(
            function(
                "TenancyConfig: {TenantIsolationMode: PER_TENANT}  # wrong\nFunctionUrlConfig: {AuthType: AWS_IAM}"
            )
        ),
        "a function URL",
        ("\n      FunctionUrlConfig: {AuthType: AWS_IAM}", ""),
    ),
    twins(
        "LF259",
        template(function("Environment:\n  STAGE: prod  # wrong")),
        "right under Environment",
        ("STAGE: prod", "Variables: {STAGE: prod}"),
    ),
    twins(
        "LF240",
        template(
            resource("Topic", "AWS::SNS::Topic"),
            resource("Version", "AWS::Lambda::Version", "FunctionName: !Ref Topic  # wrong"),
        ),
        "It must be a function",
        ("!Ref Topic", "orders"),
    ),
    twins(
        "LF270",
        template(function("Runtime: provided\nArchitectures: [arm64]  # wrong\nCodeUri: s3://code/fn.zip")),
        "which the runtime provided does not have",
        ("Runtime: provided", "Runtime: provided.al2023"),
    ),
]
