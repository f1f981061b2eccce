"""Our classes have every property of the CloudFormation types they stand for, as cfn-lint's schemas list them.

The schemas are AWS's own, of the date that the installed cfn-lint ships. A property that AWS adds makes these
tests fail until a field is added.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import pytest

from lambdaform.load.types import resource_types
from lambdaform.model.references import Ref
from lambdaform.model.shape import (
    ChoiceFit,
    ConstrainedFit,
    Fit,
    ListFit,
    Misfit,
    Shape,
    UnionFit,
    properties_of,
)
from tests.model.samples import sample

Schema = Mapping[str, Any]

#: The types that a Lambda application is wired to. All that begin with AWS::Lambda:: come with them.
AROUND_LAMBDA = (
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Macro",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::Events::EventBusPolicy",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::Logs::LogGroup",
    "AWS::Logs::LogStream",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::SubscriptionFilter",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
)


@cache
def catalogue() -> Mapping[str, str]:
    text = resources.files("cfnlint.data.schemas.providers").joinpath("us-east-1.json").read_text("utf-8")
    known: Mapping[str, str] = json.loads(text)
    return known


@cache
def schema_of(aws_type: str) -> Schema:
    file = resources.files("cfnlint.data.schemas.resources").joinpath(f"{catalogue()[aws_type]}.json")
    schema: Schema = json.loads(file.read_text("utf-8"))
    return schema


TYPES = sorted([*AROUND_LAMBDA, *(each for each in catalogue() if each.startswith("AWS::Lambda::"))])


def resolved(node: Schema, schema: Schema) -> Schema:
    while "$ref" in node:
        node = schema["definitions"][node["$ref"].rpartition("/")[2]]
    return node


def kinds(annotation: Any) -> Iterator[Any]:
    """The kinds of value that an annotation names, without `Annotated`, unions and references."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        yield from kinds(arguments[0])
    elif (origin is not None and not isinstance(origin, type)) or type(annotation).__name__ == "UnionType":
        for each in arguments:
            yield from kinds(each)
    elif not (isinstance(origin, type) and issubclass(origin, Ref)):
        yield annotation


def part_of(annotation: Any) -> type[Shape] | None:
    """The class of our own behind an annotation, or behind the items of its list."""
    for kind in kinds(annotation):
        if isinstance(kind, type) and issubclass(kind, Shape):
            return kind
        arguments = typing.get_args(kind)
        if len(arguments) == 1 and (inner := part_of(arguments[0])):
            return inner
    return None


def pairs(aws_type: str) -> Iterator[tuple[str, type[Shape], Schema, frozenset[str]]]:
    """Each class that the type's class is made of: where it stands, the schema's node, what is read-only there."""
    schema = schema_of(aws_type)
    read_only = [path.split("/")[2:] for path in schema.get("readOnlyProperties", [])]
    pending: list[tuple[tuple[str, ...], type[Shape], Schema]] = [((), resource_types()[aws_type], schema)]
    while pending:
        path, cls, node = pending.pop()
        hidden = frozenset(each[-1] for each in read_only if tuple(each[:-1]) == path)
        yield ".".join((aws_type, *path)), cls, node, hidden
        for slot in properties_of(cls):
            below = resolved(node["properties"].get(slot.aws_name, {}), schema)
            if "items" in below:
                below = resolved(below["items"], schema)
            inner = part_of(slot.annotation)
            if inner is not None and "properties" in below:
                pending.append(((*path, slot.aws_name), inner, below))


@pytest.mark.parametrize("aws_type", TYPES)
def test_every_type_has_a_class(aws_type: str) -> None:
    assert aws_type in resource_types()


@pytest.mark.parametrize("aws_type", TYPES)
def test_every_property_that_can_be_written_has_a_field(aws_type: str) -> None:
    missing = [
        f"{place}.{name}"
        for place, cls, node, read_only in pairs(aws_type)
        for name in node["properties"]
        if name not in read_only and name not in {slot.aws_name for slot in properties_of(cls)}
    ]
    assert missing == []


#: What SAM says of a destination, which the same class carries there.
ONLY_IN_SAM = {"AWS::Lambda::EventSourceMapping.DestinationConfig.OnFailure.Type"}
#: What the schemas leave open and the services refuse to be without: half a pair says nothing.
NEEDED_ALL_THE_SAME = (
    ".RedrivePolicy.deadLetterTargetArn",
    ".RedrivePolicy.maxReceiveCount",
    ".SourceAccessConfigurations.Type",
    ".SourceAccessConfigurations.URI",
    ".SchemaRegistryConfig.AccessConfigs.Type",
    ".SchemaRegistryConfig.AccessConfigs.URI",
    ".SchemaRegistryConfig.SchemaValidationConfigs.Attribute",
    ".ExplicitTags.Value",
)


@pytest.mark.parametrize("aws_type", TYPES)
def test_every_field_is_spelt_as_aws_spells_it(aws_type: str) -> None:
    unknown = {
        f"{place}.{slot.aws_name}"
        for place, cls, node, _ in pairs(aws_type)
        for slot in properties_of(cls)
        if slot.aws_name not in node["properties"]
    }
    assert unknown - ONLY_IN_SAM == set()


@pytest.mark.parametrize("aws_type", TYPES)
def test_what_aws_requires_cannot_be_empty(aws_type: str) -> None:
    optional = [
        f"{place}.{slot.aws_name}"
        for place, cls, node, _ in pairs(aws_type)
        for slot in properties_of(cls)
        if slot.aws_name in node.get("required", ()) and slot.fit.optional
    ]
    assert optional == []


@pytest.mark.parametrize("aws_type", TYPES)
def test_what_aws_does_not_require_can_be_left_out(aws_type: str) -> None:
    demanded = [
        f"{place}.{slot.aws_name}"
        for place, cls, node, _ in pairs(aws_type)
        for slot in properties_of(cls)
        if slot.required and slot.aws_name not in node.get("required", ())
    ]
    assert [each for each in demanded if not each.endswith(NEEDED_ALL_THE_SAME)] == []


def choices(fit: Fit) -> set[Any] | None:
    """The closed set of values that a field takes, whole or item by item; None where it is open."""
    if isinstance(fit, ChoiceFit):
        return set(fit.choices)
    if isinstance(fit, ConstrainedFit):
        return choices(fit.base)
    if isinstance(fit, ListFit):
        return choices(fit.item)
    if isinstance(fit, UnionFit):
        found = [each for each in map(choices, fit.members) if each is not None]
        return set().union(*found) if found else None
    return None


@pytest.mark.parametrize("aws_type", TYPES)
def test_every_choice_that_aws_offers_is_taken(aws_type: str) -> None:
    schema = schema_of(aws_type)
    refused = []
    for place, cls, node, _ in pairs(aws_type):
        for slot in properties_of(cls):
            below = resolved(node["properties"].get(slot.aws_name, {}), schema)
            if "items" in below:
                below = resolved(below["items"], schema)
            ours = choices(slot.fit)
            if ours is not None and "enum" in below:
                refused += [f"{place}.{slot.aws_name}={each}" for each in set(below["enum"]) - ours]
    assert refused == []


def bounds(node: Schema) -> Iterator[Any]:
    """The least and the greatest number that a schema's node allows."""
    for name in ("minimum", "maximum"):
        if name in node:
            yield node[name]


#: Functions on managed instances may be larger and run longer; the quotas in facts are those of all others.
ON_MANAGED_INSTANCES = {
    "AWS::Lambda::Function.MemorySize=32768",
    "AWS::Lambda::Function.Timeout=5400",
    "AWS::Lambda::Function.EphemeralStorage.Size=32768",
}


@pytest.mark.parametrize("aws_type", TYPES)
def test_the_least_and_the_greatest_number_that_aws_allows_are_taken(aws_type: str) -> None:
    schema = schema_of(aws_type)
    refused = set()
    for place, cls, node, _ in pairs(aws_type):
        for slot in properties_of(cls):
            for bound in bounds(resolved(node["properties"].get(slot.aws_name, {}), schema)):
                try:
                    slot.fit.fit(bound)
                except Misfit:
                    refused.add(f"{place}.{slot.aws_name}={bound}")
    assert refused - ON_MANAGED_INSTANCES == set()


@pytest.mark.parametrize("aws_type", TYPES)
def test_as_many_items_as_aws_allows_are_taken(aws_type: str) -> None:
    schema = schema_of(aws_type)
    refused = []
    for place, cls, node, _ in pairs(aws_type):
        for slot in properties_of(cls):
            below = resolved(node["properties"].get(slot.aws_name, {}), schema)
            if "maxItems" in below and slot.aws_name != "Tags":  # tags are a mapping here
                try:
                    slot.fit.fit(sample_list(slot.fit, below["maxItems"]))
                except Misfit as misfit:
                    refused.append(f"{place}.{slot.aws_name} with {below['maxItems']} items {misfit.what}")
    assert refused == []


def sample_list(fit: Fit, count: int) -> list[Any]:
    [item] = sample(fit)
    return [item] * count
