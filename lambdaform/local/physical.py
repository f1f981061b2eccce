"""What resources are called once they exist: physical names, ARNs, and what ``Ref`` and ``Fn::GetAtt`` give.

Names are as CloudFormation makes them, without its random ending, so that they are the same in every run. What
only a real service could tell (an endpoint's host, a generated key) is not made up: it is `None`.

Source: AWS CloudFormation User Guide, each resource type's page, "Return values"; Service Authorization
Reference, "Resource types" (the form of ARNs).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

#: The account that is played, unless another one is asked for: the one of AWS's examples, and moto's.
ACCOUNT_ID = "123456789012"
#: The property that holds a resource's name, and the form of its ARN. ``{p}`` is the partition, ``{r}`` the
#: region, ``{a}`` the account, ``{n}`` the name.
_TYPES: Mapping[str, tuple[str, str]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", "arn:{p}:cloudwatch:{r}:{a}:alarm:{n}"),
    "AWS::CodeDeploy::Application": ("ApplicationName", "arn:{p}:codedeploy:{r}:{a}:application:{n}"),
    "AWS::DynamoDB::Table": ("TableName", "arn:{p}:dynamodb:{r}:{a}:table/{n}"),
    "AWS::Events::EventBus": ("Name", "arn:{p}:events:{r}:{a}:event-bus/{n}"),
    "AWS::Events::Rule": ("Name", "arn:{p}:events:{r}:{a}:rule/{n}"),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", "arn:{p}:iam::{a}:policy/{n}"),
    "AWS::IAM::Role": ("RoleName", "arn:{p}:iam::{a}:role/{n}"),
    "AWS::Kinesis::Stream": ("Name", "arn:{p}:kinesis:{r}:{a}:stream/{n}"),
    "AWS::Lambda::Function": ("FunctionName", "arn:{p}:lambda:{r}:{a}:function:{n}"),
    "AWS::Lambda::LayerVersion": ("LayerName", "arn:{p}:lambda:{r}:{a}:layer:{n}:1"),
    "AWS::Logs::LogGroup": ("LogGroupName", "arn:{p}:logs:{r}:{a}:log-group:{n}:*"),
    "AWS::S3::Bucket": ("BucketName", "arn:{p}:s3:::{n}"),
    "AWS::SNS::Topic": ("TopicName", "arn:{p}:sns:{r}:{a}:{n}"),
    "AWS::SQS::Queue": ("QueueName", "arn:{p}:sqs:{r}:{a}:{n}"),
    "AWS::Scheduler::Schedule": ("Name", "arn:{p}:scheduler:{r}:{a}:schedule/default/{n}"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "arn:{p}:states:{r}:{a}:stateMachine:{n}"),
}
#: Types whose ``Ref`` is the ARN.
_REF_IS_ARN = frozenset(
    {
        "AWS::IAM::ManagedPolicy",
        "AWS::Lambda::LayerVersion",
        "AWS::SNS::Topic",
        "AWS::StepFunctions::StateMachine",
    }
)
#: Attributes that give the name.
_NAMES = frozenset(
    {"Name", "QueueName", "TopicName", "TableName", "FunctionName", "BucketName", "StateMachineName"}
)


def naming_properties(aws_type: str) -> tuple[str, ...]:
    """The properties on which a resource's physical name depends."""
    return (_TYPES.get(aws_type, ("Name", ""))[0], "FifoQueue")


@frozen
class Account:
    """Where a stack exists: names that are the same for all of its resources."""

    stack_name: str
    region: str = "us-east-1"
    account_id: str = ACCOUNT_ID
    partition: str = "aws"

    def name(self, logical_id: str, aws_type: str, properties: Mapping[str, Any]) -> str:
        """A resource's physical name: the one it was given, or one made of the stack's and its own."""
        given = properties.get(naming_properties(aws_type)[0])
        if isinstance(given, str) and given:
            return given
        made = f"{self.stack_name}-{logical_id}"
        if aws_type == "AWS::S3::Bucket":
            return made.lower()[:63]
        if aws_type == "AWS::SQS::Queue" and str(properties.get("FifoQueue")).lower() == "true":
            return f"{made[:75]}.fifo"
        return made[:64] if aws_type == "AWS::Lambda::Function" else made

    def arn(self, aws_type: str, name: str) -> str | None:
        """The ARN of a resource with this name; None for types whose ARNs are not known here."""
        form = _TYPES.get(aws_type)
        if form is None:
            return None
        return form[1].format(p=self.partition, r=self.region, a=self.account_id, n=name)

    def ref(self, aws_type: str, name: str) -> str:
        """What ``Ref`` gives."""
        if aws_type == "AWS::SQS::Queue":
            return f"https://sqs.{self.region}.amazonaws.com/{self.account_id}/{name}"
        return (self.arn(aws_type, name) if aws_type in _REF_IS_ARN else None) or name

    def attribute(self, aws_type: str, name: str, attribute: str) -> str | None:
        """What ``Fn::GetAtt`` gives; None where only the real resource could tell."""
        if attribute in ("Arn", "TopicArn"):
            return self.arn(aws_type, name)
        if attribute == "StreamArn" and aws_type == "AWS::DynamoDB::Table":
            return f"{self.arn(aws_type, name)}/stream/2026-01-01T00:00:00.000"
        if attribute == "QueueUrl":
            return self.ref(aws_type, name)
        if attribute in _NAMES:
            return name
        if aws_type == "AWS::S3::Bucket" and attribute in ("DomainName", "RegionalDomainName"):
            region = f".{self.region}" if attribute == "RegionalDomainName" else ""
            return f"{name}.s3{region}.amazonaws.com"
        return None
