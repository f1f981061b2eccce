"""The cost of each rule grows no faster than the stack: counted in steps of the interpreter, not in time."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from lambdaform.check.findings import check
from lambdaform.check.index import one_look
from lambdaform.check.rule import Rule, rules
from lambdaform.load.template import load_file
from lambdaform.model.stack import Stack

#: One part of an application with something for every rule to look at; ``#`` stands for its number.
PART = """{
  "Failed#": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failed-#"}},
  "Orders#": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}},
  "Topic#": {"Type": "AWS::SNS::Topic"},
  "Table#": {"Type": "AWS::Serverless::SimpleTable", "Properties": {"TableName": "table-#"}},
  "Layer#": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "s3://bucket/layer-#.zip"}},
  "Sam#": {"Type": "AWS::Serverless::Function", "Properties": {
    "FunctionName": "sam-#", "Runtime": "python3.13", "Handler": "app.handler", "CodeUri": "s3://bucket/#.zip",
    "Role": {"Fn::GetAtt": ["Role#", "Arn"]}, "Timeout": 10, "AutoPublishAlias": "live",
    "Layers": [{"Ref": "Layer#"}],
    "DeadLetterQueue": {"Type": "SQS", "TargetArn": {"Fn::GetAtt": ["Failed#", "Arn"]}},
    "Environment": {"Variables": {"TABLE": {"Ref": "Table#"}, "TEXT": {"Fn::Sub": "${Topic#}/${Orders#.Arn}"}}},
    "Events": {
      "Every": {"Type": "Schedule", "Properties": {"Schedule": "rate(5 minutes)"}},
      "Orders": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Orders#", "Arn"]}, "BatchSize": 5}},
      "Get": {"Type": "HttpApi", "Properties": {"Path": "/part-#", "Method": "get"}}}}},
  "Role#": {"Type": "AWS::IAM::Role", "Properties": {
    "RoleName": "role-#",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]},
    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"],
    "Policies": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": {"Fn::GetAtt": ["Table#", "Arn"]}}]}}]}},
  "Policy#": {"Type": "AWS::IAM::Policy", "Properties": {
    "PolicyName": "policy-#", "Roles": [{"Ref": "Role#"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Resource": "arn:aws:sqs:us-east-1:123456789012:part-#", "Action": [
        "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]}]}}},
  "Plain#": {"Type": "AWS::Lambda::Function", "Properties": {
    "Runtime": "python3.13", "Handler": "index.handler", "Timeout": 20, "ReservedConcurrentExecutions": 5,
    "Code": {"ZipFile": "def handler(event, context):\\n    return event\\n"},
    "Role": {"Fn::GetAtt": ["Role#", "Arn"]},
    "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Failed#", "Arn"]}},
    "VpcConfig": {"SubnetIds": ["subnet-1#", "subnet-2#"], "SecurityGroupIds": ["sg-1#"]}}},
  "Version#": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Plain#"}}},
  "Alias#": {"Type": "AWS::Lambda::Alias", "Properties": {"Name": "live", "FunctionName": {"Ref": "Plain#"},
    "FunctionVersion": {"Fn::GetAtt": ["Version#", "Version"]}}},
  "Mapping#": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
    "FunctionName": {"Ref": "Plain#"}, "EventSourceArn": {"Fn::GetAtt": ["Orders#", "Arn"]}, "BatchSize": 10}},
  "Rule#": {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(5 minutes)", "Targets": [
    {"Id": "part", "Arn": {"Fn::GetAtt": ["Plain#", "Arn"]}}]}},
  "Subscription#": {"Type": "AWS::SNS::Subscription", "Properties": {
    "TopicArn": {"Ref": "Topic#"}, "Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Plain#", "Arn"]}}},
  "ByRule#": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction",
    "FunctionName": {"Ref": "Plain#"}, "Principal": "events.amazonaws.com",
    "SourceArn": {"Fn::GetAtt": ["Rule#", "Arn"]}}},
  "ByTopic#": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction",
    "FunctionName": {"Ref": "Plain#"}, "Principal": "sns.amazonaws.com", "SourceArn": {"Ref": "Topic#"}}},
  "Bucket#": {"Type": "AWS::S3::Bucket", "DependsOn": "ByBucket#", "Properties": {"BucketName": "bucket-#",
    "NotificationConfiguration": {"LambdaConfigurations": [
      {"Event": "s3:ObjectCreated:*", "Function": {"Fn::GetAtt": ["Plain#", "Arn"]}}]}}},
  "ByBucket#": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction",
    "FunctionName": {"Ref": "Plain#"}, "Principal": "s3.amazonaws.com", "SourceAccount": "123456789012",
    "SourceArn": "arn:aws:s3:::bucket-#"}},
  "Alarm#": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Namespace": "AWS/Lambda", "MetricName": "Errors",
    "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold", "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "Plain#"}}]}}
}"""
SMALL, LARGE = 12, 24
#: Twice the stack, and what a doubled table of Python's takes when it grows.
MOST = 2.3


def stack_of(parts: int, folder: Path) -> Stack:
    resources: dict[str, Any] = {}
    # Names of one length, so that texts are equally long.
    for number in range(1000, 1000 + parts):
        resources.update(json.loads(PART.replace("#", str(number))))
    outputs = {f"Output{name}": {"Value": {"Ref": name}} for name in resources if name.startswith("Topic")}
    file = folder / f"{parts}.json"
    file.write_text(json.dumps({"Resources": resources, "Outputs": outputs}))
    return load_file(file)


def steps(work: Callable[[], object]) -> int:
    """How many instructions of Python's the work takes."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stack, Stack]:
    folder = tmp_path_factory.mktemp("cost")
    both = stack_of(SMALL, folder), stack_of(LARGE, folder)
    for stack in both:
        # What is worked out once for each class of the model, and tables of facts that are read once.
        check(stack)
    return both


@cache
def finders() -> list[Rule]:
    return [each for each in rules().values() if each.find is not None]


def test_the_parts_have_nothing_wrong(stacks: tuple[Stack, Stack]) -> None:
    assert [each.text() for each in check(stacks[0]) if each.level == "error"] == []


@pytest.mark.parametrize("rule", finders(), ids=lambda rule: rule.id)
def test_a_rule_takes_twice_as_long_on_twice_the_stack(rule: Rule, stacks: tuple[Stack, Stack]) -> None:
    assert rule.find is not None
    counts = []
    for stack in stacks:
        with one_look(stack):
            find = rule.find
            counts.append(steps(lambda find=find, stack=stack: list(find(stack))))  # type: ignore[misc]
    assert counts[1] <= MOST * counts[0] + 500


def test_all_rules_together_look_at_each_reference_and_part_once(stacks: tuple[Stack, Stack]) -> None:
    small, large = (steps(lambda stack=stack: check(stack)) for stack in stacks)  # type: ignore[misc]
    assert large <= MOST * small
