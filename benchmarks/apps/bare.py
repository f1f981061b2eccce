"""The same template as bare dicts, written by PyYAML's C emitter: the floor for every tool in Python."""

import os
import sys
from typing import Any

import yaml

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"

resources: dict[str, Any] = {}
for number in range(int(os.environ["FUNCTIONS"])):
    failed = f"Failed{number}"
    resources[failed] = {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "MessageRetentionPeriod": 14 * 24 * 60 * 60,
            "Tags": [{"Key": "service", "Value": "bench"}],
        },
    }
    resources[f"Part{number}"] = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Description": f"Works on part {number}",
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "CodeUri": "code",
            "MemorySize": 512,
            "Timeout": 30,
            "Environment": {"Variables": {"PART": str(number), "FAILED_URL": {"Ref": failed}}},
            "Policies": [
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
                            "Resource": [TABLE],
                        },
                        {
                            "Effect": "Allow",
                            "Action": ["sqs:SendMessage"],
                            "Resource": [{"Fn::GetAtt": [failed, "Arn"]}],
                        },
                    ],
                }
            ],
            "DeadLetterQueue": {"Type": "SQS", "TargetArn": {"Fn::GetAtt": [failed, "Arn"]}},
            "AutoPublishAlias": "live",
            "Events": {
                "Every": {
                    "Type": "Schedule",
                    "Properties": {
                        "Schedule": "rate(5 minutes)",
                        "Description": f"Part {number}, each five minutes",
                    },
                }
            },
            "Tags": {"service": "bench"},
        },
    }
template = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": resources,
}
yaml.dump(template, sys.stdout, Dumper=yaml.CSafeDumper, sort_keys=False)
