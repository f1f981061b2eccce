"""LF11x: names: of variables, properties, types, attributes, and what must be unique or end in a certain way."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import environments, parts, uses
from lambdaform.facts.reserved import reserved_names
from lambdaform.facts.resource_types import attributes, attributes_of
from lambdaform.model.event import Event
from lambdaform.model.queue import Queue, Topic
from lambdaform.model.references import GetAtt, Ref, Sub
from lambdaform.model.resource import RawResource, Resource
from lambdaform.model.shape import Problem, Shape, prop, properties_of
from lambdaform.model.stack import Stack


@rule(
    "LF111",
    "reserved-variable",
    Level.ERROR,
    demand="A function sets no environment variable that Lambda sets itself.",
    source="AWS Lambda Developer Guide, configuration-envvars; deck section C5",
)
def reserved_variable(stack: Stack) -> Iterator[Problem]:
    """Environment variables with a reserved name, which Lambda refuses."""
    reserved = reserved_names(stack.profile)
    for function, environment in environments(stack):
        variables = prop(environment, "Variables")
        for name in variables if isinstance(variables, Mapping) else ():
            if name in reserved:
                yield environment.problem(
                    "LF111",
                    f"{function.logical_id!r} sets the variable {name!r}, which Lambda sets itself "
                    f"({reserved[name]}).",
                    "Lambda refuses it: choose another name.",
                    "variables",
                    name,
                )


@rule(
    "LF112",
    "unknown-property",
    Level.ERROR,
    demand="A property has a name that its type knows.",
    source="AWS CloudFormation User Guide, the resource type's page",
)
def unknown_property(stack: Stack) -> Iterator[Problem]:
    """Properties with a misspelt name. Names that are like no other are taken to be newer than this release."""
    for resource, shape, name, meant in _misspelt(stack):
        if not _is_passed_over(shape, resource):
            yield Problem(
                "LF112",
                f"{resource.logical_id}: {type(shape).__name__} has no property {name!r}.",
                f"Did you mean {meant!r}?",
                shape.origin,
                (name, "raw"),
            )


@rule(
    "LF117",
    "ignored-property",
    Level.WARNING,
    demand="A part of a SAM resource has no property that SAM passes over.",
    source="SAM Developer Guide, the property type's page",
)
def ignored_property(stack: Stack) -> Iterator[Problem]:
    """Misspelt names deeper in a SAM resource, where SAM says nothing and goes on without them."""
    for resource, shape, name, meant in _misspelt(stack):
        if _is_passed_over(shape, resource):
            yield Problem(
                "LF117",
                f"{resource.logical_id}: {type(shape).__name__} has no property {name!r}, and SAM passes it over.",
                f"Did you mean {meant!r}?",
                shape.origin,
                (name, "raw"),
            )


def _is_passed_over(shape: Shape, resource: Resource) -> bool:
    """Whether SAM says nothing to an unknown name there: it does in a resource and an event themselves."""
    return resource.aws_type.startswith("AWS::Serverless::") and not isinstance(shape, Resource | Event)


@per_check
def _misspelt(stack: Stack) -> Iterable[tuple[Resource, Shape, str, str]]:
    """Each property whose name is unknown and nearly that of another: its resource, owner, name, and the other."""
    for resource, shape in parts(stack, Shape):
        if not shape.raw or isinstance(shape, RawResource):
            continue
        known = {name for slot in properties_of(type(shape)) for name in (slot.aws_name, *slot.aliases)}
        for name in shape.raw if known else ():
            if name in known or name.startswith("Fn::"):
                continue
            same = [each for each in known if each.lower() == name.lower()]
            near = same or difflib.get_close_matches(name, known - shape.raw.keys(), n=1, cutoff=0.85)
            if near and shape.property_value(near[0]) is None:
                yield resource, shape, name, near[0]


@rule(
    "LF113",
    "unknown-type",
    Level.ERROR,
    demand="A resource has a type that CloudFormation has.",
    source="AWS CloudFormation User Guide, resource and property types reference",
)
def unknown_type(stack: Stack) -> Iterator[Problem]:
    """Resource types that are misspelt. Types that are like no other are taken to be newer than this release."""
    for resource in stack.resources.values():
        aws_type = resource.aws_type
        if isinstance(resource, RawResource) and aws_type and "::" not in aws_type and "${" not in aws_type:
            yield Problem(
                "LF113",
                f"{resource.logical_id} has the type {aws_type!r}, which is no resource type.",
                "A type has parts with :: between them, such as AWS::SQS::Queue or Custom::Name.",
                resource.origin,
            )
            continue
        if (
            not isinstance(resource, RawResource)
            or not aws_type.startswith("AWS::")
            or aws_type in attributes()
        ):
            continue
        near = difflib.get_close_matches(aws_type, attributes(), n=1, cutoff=0.92)
        if near:
            yield Problem(
                "LF113",
                f"{resource.logical_id} has the type {aws_type!r}, which CloudFormation does not have.",
                f"Did you mean {near[0]!r}?",
                resource.origin,
            )


@rule(
    "LF114",
    "unknown-attribute",
    Level.ERROR,
    demand="Fn::GetAtt names an attribute that the resource's type has.",
    source="AWS CloudFormation User Guide, Fn::GetAtt",
)
def unknown_attribute(stack: Stack) -> Iterator[Problem]:
    """Attributes that a type does not have."""
    for _, owner, _, ref in uses(stack):
        for logical_id, attribute in _attributes(ref):
            target = stack.resources.get(logical_id)
            known = attributes_of(target.aws_type) if target is not None else None
            if target is None or known is None or attribute in known or _of_sam(target.aws_type, attribute):
                continue
            near = difflib.get_close_matches(attribute, known, n=1)
            yield Problem(
                "LF114",
                f"{owner.logical_id} asks for {logical_id}.{attribute}, and {target.aws_type} has no such "
                "attribute.",
                f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(sorted(known))}.",
                ref.origin or owner.origin,
            )


def _attributes(ref: Ref[object]) -> Iterator[tuple[str, str]]:
    if type(ref) is GetAtt and isinstance(ref.attribute, str):
        yield ref.logical_id, ref.attribute
    elif type(ref) is Sub:
        for name in ref.names():
            logical_id, dot, attribute = name.partition(".")
            if dot:
                yield logical_id, attribute


def _of_sam(aws_type: str, attribute: str) -> bool:
    """Whether the attribute is one of those that SAM puts before CloudFormation's (``Alias``, ``Version.Version``)."""
    first = attribute.partition(".")[0]
    return aws_type.startswith("AWS::Serverless::") and first in (
        "Alias",
        "Deployment",
        "Stage",
        "Version",
        "Role",
    )


#: The property that names a resource of a type, and must be unique in its account and region.
_NAMED_BY = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::Serverless::SimpleTable": "TableName",
}


@rule(
    "LF115",
    "same-name",
    Level.ERROR,
    demand="Two resources of a type have two names.",
    source="AWS CloudFormation User Guide, Name type",
)
def same_name(stack: Stack) -> Iterator[Problem]:
    """Resources that would have the name of another one of the stack."""
    seen: dict[tuple[str, str], str] = {}
    for resource in stack.resources.values():
        aws_name = _NAMED_BY.get(resource.aws_type)
        name = prop(resource, aws_name) if aws_name else None
        if aws_name is None or not isinstance(name, str) or resource.condition is not None:
            continue
        kind = resource.aws_type.replace("Serverless::Function", "Lambda::Function")
        first = seen.setdefault(
            (kind.replace("Serverless::SimpleTable", "DynamoDB::Table"), name), resource.logical_id
        )
        if first != resource.logical_id:
            yield Problem(
                "LF115",
                f"{resource.logical_id} has the name {name!r}, which {first} has already.",
                "Leave the name out, and CloudFormation makes one; or choose another.",
                resource.origin,
                tuple(
                    word
                    for slot in properties_of(type(resource))
                    if slot.aws_name == aws_name
                    for word in resource.names_of(slot.name)
                )
                or (aws_name,),
            )


@rule(
    "LF116",
    "fifo-name",
    Level.ERROR,
    demand="The name of a FIFO queue or topic ends in .fifo, and no other does.",
    source="SQS Developer Guide, FIFO queue and message identifiers",
)
def fifo_name(stack: Stack) -> Iterator[Problem]:
    """Queues and topics whose name says one thing, and their setting the other."""
    for resource in stack.resources.values():
        if not isinstance(resource, Queue | Topic):
            continue
        name_field = "queue_name" if isinstance(resource, Queue) else "topic_name"
        name = getattr(resource, name_field)
        fifo = resource.fifo_queue if isinstance(resource, Queue) else resource.fifo_topic
        if not isinstance(name, str) or isinstance(fifo, Ref):
            continue
        setting_name = "FifoQueue" if isinstance(resource, Queue) else "FifoTopic"
        if fifo is True and not name.endswith(".fifo"):
            what, right = f"is FIFO, and its name {name!r} does not end in .fifo.", f'Name it "{name}.fifo".'
        elif name.endswith(".fifo") and fifo is not True:
            what, right = (
                f"has the name {name!r} and is not FIFO.",
                f"Set {setting_name} to true, or rename it.",
            )
        else:
            continue
        yield resource.problem("LF116", f"{resource.logical_id} {what}", right, name_field)
