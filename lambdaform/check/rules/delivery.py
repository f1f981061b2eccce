"""LF33x: whether a function's role reaches its destinations, and the keys of what it reads and writes.

Source: AWS Lambda Developer Guide, invocation-async-retain-records; SQS Developer Guide, sqs-key-management.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.destinations import destinations, record_destinations
from lambdaform.check.rules.roles import lacking_of, own_role
from lambdaform.check.view import (
    behind,
    dead_letters,
    events,
    function_behind,
    items,
    of_type,
    setting,
    text_of,
)
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.iam import PolicyDocument, PolicyTemplate, Statement
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

#: What sending to a target takes, by its type or the service in its ARN.
_SENDING = {
    "AWS::SQS::Queue": "sqs:SendMessage",
    "AWS::SNS::Topic": "sns:Publish",
    "AWS::Lambda::Function": "lambda:InvokeFunction",
    "AWS::Serverless::Function": "lambda:InvokeFunction",
    "AWS::Events::EventBus": "events:PutEvents",
    "AWS::S3::Bucket": "s3:PutObject",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
    "s3": "s3:PutObject",
}
#: Where each type says which key encrypts it.
_KEYS = {
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::Kinesis::Stream": ("StreamEncryption", "KeyId"),
}
_POLLED = {"SQS": "queue", "Kinesis": "stream"}


@per_check
def _every_destination(stack: Stack) -> Iterable[tuple[FunctionSettings, Shape, Any]]:
    """Each destination of events and records: the function, the object that names it, and the target."""
    for function, place, _, target, _ in destinations(stack):
        if function is not None and target is not None:
            yield function, place, target
    for function, place, target in record_destinations(stack):
        # A function is no destination of records (LF285).
        if function is not None and target is not None and function_behind(stack, target) is None:
            yield function, place, target


def _action(stack: Stack, target: Any) -> str | None:
    found = behind(stack, target)
    if found is not None:
        return _SENDING.get(found.aws_type)
    return _SENDING.get(([*(text_of(target) or "").split(":"), "", "", ""])[2])


@rule(
    "LF330",
    "destination-permission",
    Level.ERROR,
    demand="A function's role may write to the function's destinations.",
    source="AWS Lambda Developer Guide, invocation-async-retain-records",
)
def destination_permission(stack: Stack) -> Iterator[Problem]:
    """Roles that may not send to a destination, which then never gets anything."""
    for function, place, target in _every_destination(stack):
        role, action = own_role(stack, function), _action(stack, target)
        if role is not None and action is not None and lacking_of(stack, role, [action], target):
            yield place.problem(
                "LF330",
                f"{function.logical_id!r} has a destination, and its role {role.logical_id!r} lacks {action}.",
                f"Allow {action} on the destination in the role's policies.",
                "destination",
            )


def _encrypted(stack: Stack) -> Iterator[tuple[Function, Shape, str, Resource, str]]:
    """What a SAM function reads and writes: where it is named, the resource, and what of its key that takes."""
    for function in of_type(stack, Function):
        found = behind(stack, dead_letters(stack, function))
        if found is not None:
            yield function, function, "dead_letter_queue", found, "kms:GenerateDataKey"
    for function, _, event in events(stack):
        field = _POLLED.get(event.event_type)
        source = behind(stack, getattr(event, field)) if field is not None else None
        if field is not None and source is not None:
            yield function, event, field, source, "kms:Decrypt"
    for owner, place, target in _every_destination(stack):
        found = behind(stack, target)
        if isinstance(owner, Function) and found is not None:
            yield owner, place, "destination", found, "kms:GenerateDataKey"


def _key_of(stack: Stack, resource: Resource) -> str | None:
    """How the key of one's own that encrypts a resource is called; None where it is AWS's, or not plain to see."""
    path = _KEYS.get(resource.aws_type)
    named = prop(resource, *path) if path is not None else None
    found = behind(stack, named)
    if found is not None and found.aws_type in ("AWS::KMS::Key", "AWS::KMS::Alias"):
        return found.logical_id
    return named if isinstance(named, str) and not named.startswith("alias/aws/") else None


def _may_use_keys(stack: Stack, function: Function) -> bool | None:
    """Whether the function's policies allow anything with a key; None where that cannot be told."""
    policies = setting(stack, function, "policies")
    for policy in items(policies):
        if isinstance(policy, PolicyTemplate):
            if policy.name.startswith("KMS"):
                return True
            continue
        if not isinstance(policy, PolicyDocument):
            # A managed policy may allow it: SAM knows it by name or ARN only.
            return None
        for statement in items(policy.statement):
            actions = items(statement.action) if isinstance(statement, Statement) else ()
            if not actions or any(not isinstance(each, str) for each in actions):
                return None
            if any(each == "*" or each.lower().startswith("kms:") for each in actions):
                return True
    return None if isinstance(policies, Ref) else False


@rule(
    "LF331",
    "key-permission",
    Level.WARNING,
    demand="A function that reads or writes what a key of one's own encrypts may use the key.",
    source="AWS Lambda Developer Guide, with-sqs; SQS Developer Guide, sqs-key-management",
)
def key_permission(stack: Stack) -> Iterator[Problem]:
    """Functions whose role SAM makes: it allows the queue or topic, and not the key."""
    for function, place, field, resource, action in _encrypted(stack):
        if setting(stack, function, "role") is not None:
            continue
        key = _key_of(stack, resource)
        if key is not None and _may_use_keys(stack, function) is False:
            grant = "consume" if action == "kms:Decrypt" else "send"
            yield place.problem(
                "LF331",
                f"{function.logical_id!r} uses {resource.logical_id!r}, which the key {key!r} encrypts, and its "
                f"policies lack {action}.",
                f"SAM does not add it. Allow {action} on the key, unless the key's own policy does; in Python, "
                f"policies=[queue.{grant}()] has it.",
                field,
            )
