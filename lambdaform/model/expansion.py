"""How many resources AWS's SAM transform makes of a stack, at least, told without running it.

What SAM adds to a resource depends on a few of its properties; what is left out here (permissions of authorizers,
connectors, domains) comes on top. `lambdaform.synth.sam_transform` gives the exact template.

Source: SAM Developer Guide, "Generated CloudFormation resources for AWS SAM"; AWS CloudFormation User Guide,
cloudformation-limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from lambdaform.model.globals import setting_of
from lambdaform.model.resource import Resource
from lambdaform.model.stack import Stack

#: The most resources that CloudFormation takes in one template.
MOST_RESOURCES = 500
TO_SPLIT = (
    "Nest parts of it with stack.nest(), make several stacks, or let lambdaform synth --split -o DIR cut it into "
    "nested stacks."
)
#: What makes a twentieth of a stack is worth naming.
_GOOD_PART = 20
_SAM = "AWS::Serverless::"
_OF_RESOURCE: Mapping[str, tuple[str, ...]] = {
    "AWS::Serverless::Api": (
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::Stage",
    ),
    "AWS::Serverless::Application": ("AWS::CloudFormation::Stack",),
    "AWS::Serverless::Function": ("AWS::Lambda::Function",),
    "AWS::Serverless::HttpApi": ("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"),
    "AWS::Serverless::LayerVersion": ("AWS::Lambda::LayerVersion",),
    "AWS::Serverless::SimpleTable": ("AWS::DynamoDB::Table",),
    "AWS::Serverless::StateMachine": ("AWS::StepFunctions::StateMachine",),
}
_MAPPING = ("AWS::Lambda::EventSourceMapping",)
_PERMISSION = ("AWS::Lambda::Permission",)
_RULE = ("AWS::Events::Rule",)
#: What an event makes beside the permission to invoke, or the role, that all of its kind get.
_OF_EVENT: Mapping[str, tuple[str, ...]] = {
    "AlexaSkill": _PERMISSION,
    "Api": _PERMISSION,
    "CloudWatchEvent": _RULE + _PERMISSION,
    "CloudWatchLogs": ("AWS::Logs::SubscriptionFilter", *_PERMISSION),
    "Cognito": _PERMISSION,
    "DocumentDB": _MAPPING,
    "DynamoDB": _MAPPING,
    "EventBridgeRule": _RULE + _PERMISSION,
    "HttpApi": _PERMISSION,
    "IoTRule": ("AWS::IoT::TopicRule", *_PERMISSION),
    "Kinesis": _MAPPING,
    "MQ": _MAPPING,
    "MSK": _MAPPING,
    "S3": _PERMISSION,
    "SNS": ("AWS::SNS::Subscription", *_PERMISSION),
    "SQS": _MAPPING,
    "Schedule": _RULE + _PERMISSION,
    "ScheduleV2": ("AWS::Scheduler::Schedule", "AWS::IAM::Role"),
    "SelfManagedKafka": _MAPPING,
}
_OF_SETTING: Mapping[str, tuple[str, ...]] = {
    "auto_publish_alias": ("AWS::Lambda::Version", "AWS::Lambda::Alias"),
    "event_invoke_config": ("AWS::Lambda::EventInvokeConfig",),
    "function_url_config": ("AWS::Lambda::Url",),
}


def least_resources(stack: Stack) -> tuple[Counter[str], Counter[str]]:
    """How many resources SAM makes of the stack, at least: by the logical ids that they come from, and by type."""
    owners: Counter[str] = Counter()
    types: Counter[str] = Counter()
    for resource in stack.resources.values():
        made = list(_made_of(resource, stack))
        owners[resource.logical_id] = len(made)
        types.update(made)
    return owners, types


def _made_of(resource: Resource, stack: Stack) -> Iterator[str]:
    aws_type = resource.aws_type
    if not aws_type.startswith(_SAM):
        yield aws_type
        return
    yield from _OF_RESOURCE.get(aws_type, (aws_type,))
    if aws_type not in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        return
    shared = stack.globals.get(aws_type.removeprefix(_SAM))
    if all(
        getattr(each, "role", None) is None and "Role" not in each.raw for each in (resource, shared) if each
    ):
        yield "AWS::IAM::Role"
    function = aws_type == "AWS::Serverless::Function"
    for name, made in _OF_SETTING.items() if function else ():
        if setting_of(stack, resource, name) is not None:
            yield from made
    events: Any = getattr(resource, "events", None)
    for event in events.values() if isinstance(events, Mapping) else ():
        made = _OF_EVENT.get(getattr(event, "event_type", ""), ())
        # What starts a state machine does so with a role of its own.
        yield from made if function else made[:1]


def sources_of(owners: Counter[str]) -> str:
    """Where most of a large number comes from, if some make a good part of it: ``; most come from …``."""
    largest = max(owners.values(), default=0)
    return f"; most come from {counted(owners)}" if largest * _GOOD_PART >= owners.total() else ""


def counted(counter: Counter[str], most: int = 4) -> str:
    """The largest numbers: ``400 AWS::Lambda::Function, 400 AWS::IAM::Role and 3 more``."""
    largest = sorted(counter.items(), key=itemgetter(1), reverse=True)[:most]
    shown = [f"{count:,} {name}" for name, count in largest]
    more = len(counter) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
