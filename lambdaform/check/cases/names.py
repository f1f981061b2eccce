"""The cases of `lambdaform.check.rules.names`: names."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    MARK,
    QUEUE,
    api,
    function,
    plain_function,
    resource,
    template,
    twins,
)

CASES = [
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
    twins(
        "LF113",
        template(resource("Thing", "MyThing", mark=MARK)),
        "no resource type",
        (
            "Type: MyThing",
            "Type: Custom::Thing\n    Properties: {ServiceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:x'}",
        ),
        name="form",
    ),
]
