"""LF31x and LF32x: whether an execution role may do what the function needs, and whether its callers may call it.

Only roles of the same stack are judged, and only where everything that they grant can be told; the resources
of a statement and its conditions are taken to fit.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import (
    behind,
    function_behind,
    functions,
    items,
    of_aws_type,
    of_type,
    problem_at,
    prop,
    setting,
    text_of,
)
from lambdaform.model.awslambda import EventSourceMapping
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack

_ROLE = "AWS Lambda Developer Guide, lambda-intro-execution-role"
_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_NETWORK = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")
#: What the managed policies for execution roles allow of the actions that the rules here ask for.
_MANAGED = {
    "AdministratorAccess": ("*",),
    "PowerUserAccess": ("*",),
    "AWSLambdaBasicExecutionRole": _LOGS,
    "AWSLambdaVPCAccessExecutionRole": (*_LOGS, *_NETWORK),
    "AWSLambdaSQSQueueExecutionRole": (*_LOGS, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "AWSLambdaKinesisExecutionRole": (*_LOGS, "kinesis:*"),
    "AWSLambdaDynamoDBExecutionRole": (
        *_LOGS,
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ),
    "AWSXRayDaemonWriteAccess": ("xray:*",),
}  # fmt: skip


@per_check
def _own_role(stack: Stack, function: FunctionSettings) -> Resource | None:
    """The function's role, where it is a resource of this stack."""
    role = behind(stack, setting(stack, function, "role"))
    return role if role is not None and role.aws_type == "AWS::IAM::Role" else None


@per_check
def _granted(stack: Stack, role: Resource) -> list[str] | None:
    """The actions that a role allows, as patterns; None where that cannot be told."""
    documents = [prop(policy, "PolicyDocument") for policy in _whole(prop(role, "Policies"))]
    granted: list[str] = []
    for arn in _whole(prop(role, "ManagedPolicyArns")):
        own = behind(stack, arn)
        text = text_of(arn)
        if own is not None:
            documents.append(prop(own, "PolicyDocument"))
        elif text is None or text.rpartition("/")[2] not in _MANAGED:
            return None
        else:
            granted.extend(_MANAGED[text.rpartition("/")[2]])
    attached, name = _attached(stack), prop(role, "RoleName")
    for holder in (role.logical_id, None, *([(name,)] if isinstance(name, str) else [])):
        documents.extend(prop(policy, "PolicyDocument") for policy in attached.get(holder, ()))
    for document in documents:
        allowed = _allowed(document)
        if allowed is None:
            return None
        granted.extend(allowed)
    return granted


@per_check
def _attached(stack: Stack) -> dict[str | tuple[str] | None, list[Resource]]:
    """The policies that are resources of their own, by the role that has them.

    The role is its logical id, a tuple of its name where a policy says that, or None where it cannot be told.
    """
    found: dict[str | tuple[str] | None, list[Resource]] = {}
    for policy in of_aws_type(stack, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
        for holder in (*_whole(prop(policy, "Roles")), *_whole(prop(policy, "RoleName"))):
            role = behind(stack, holder)
            if isinstance(holder, str):
                found.setdefault((holder,), []).append(policy)
            elif isinstance(holder, Ref):
                found.setdefault(role.logical_id if role is not None else None, []).append(policy)
    return found


def _whole(value: Any) -> Sequence[Any]:
    return (value,) if isinstance(value, Ref) else items(value)


def _allowed(document: Any) -> list[str] | None:
    allowed: list[str] = []
    for statement in _whole(prop(document, "Statement")) or [None]:
        actions = _whole(prop(statement, "Action"))
        if statement is None or isinstance(statement, Ref) or prop(statement, "NotAction") is not None:
            return None
        if prop(statement, "Effect") != "Allow":
            continue
        if not actions or not all(isinstance(each, str) for each in actions):
            return None
        allowed.extend(actions)
    return allowed


def _may(granted: Sequence[str], action: str) -> bool:
    return any(fnmatch.fnmatchcase(action.lower(), each.lower()) for each in granted)


def _lacking(stack: Stack, role: Resource | None, needed: Sequence[str]) -> list[str]:
    granted = None if role is None else _granted(stack, role)
    return [] if granted is None else [action for action in needed if not _may(granted, action)]


@rule(
    "LF310",
    "role-trust",
    Level.ERROR,
    demand="A function's role lets Lambda take it on.",
    source=_ROLE,
)
def role_trust(stack: Stack) -> Iterator[Problem]:
    """Execution roles that Lambda may not assume."""
    roles = {id(role): role for each in functions(stack) if (role := _own_role(stack, each)) is not None}
    for role in roles.values():
        named: list[Any] = []
        for statement in _whole(prop(role, "AssumeRolePolicyDocument", "Statement")) or [None]:
            principal = prop(statement, "Principal")
            services = prop(principal, "Service") if not isinstance(principal, str | Ref) else principal
            named.extend([None] if statement is None or isinstance(statement, Ref) else _whole(services))
        if all(isinstance(each, str) and each not in ("*", "lambda.amazonaws.com") for each in named):
            to = ", ".join(map(str, named)) or "no service"
            yield problem_at(
                role,
                "LF310",
                f"Role {role.logical_id!r} trusts {to}, and a function uses it.",
                "Its AssumeRolePolicyDocument must allow sts:AssumeRole to the Service lambda.amazonaws.com.",
                "AssumeRolePolicyDocument",
            )


@rule(
    "LF311",
    "network-permission",
    Level.ERROR,
    demand="The role of a function in a VPC may manage network interfaces.",
    source="AWS Lambda Developer Guide, configuration-vpc",
)
def network_permission(stack: Stack) -> Iterator[Problem]:
    """Functions in a VPC whose role may not make the interfaces there; Lambda refuses them."""
    for function in functions(stack):
        role, vpc = _own_role(stack, function), setting(stack, function, "vpc_config")
        if not items(prop(vpc, "SubnetIds")) and not isinstance(prop(vpc, "SubnetIds"), Ref):
            continue
        lacking = _lacking(stack, role, _NETWORK)
        if role is not None and lacking:
            yield function.problem(
                "LF311",
                f"{function.logical_id!r} is in a VPC, and its role {role.logical_id!r} lacks {', '.join(lacking)}.",
                "Give the role the managed policy AWSLambdaVPCAccessExecutionRole.",
                "vpc_config",
            )


@rule(
    "LF312",
    "dead-letter-permission",
    Level.ERROR,
    demand="A function's role may write to its dead-letter target.",
    source="AWS Lambda Developer Guide, invocation-async-retain-records",
)
def dead_letter_permission(stack: Stack) -> Iterator[Problem]:
    """Roles that may not send to the dead-letter queue or topic; Lambda refuses them."""
    for function in functions(stack):
        role, target = _own_role(stack, function), function.dead_letter_target
        found = behind(stack, target)
        service = found.aws_type if found is not None else text_of(target) or ""
        action = (
            "sqs:SendMessage"
            if "sqs" in service.lower()
            else "sns:Publish"
            if "sns" in service.lower()
            else ""
        )
        if action and role is not None and _lacking(stack, role, [action]):
            yield function.problem(
                "LF312",
                f"{function.logical_id!r} has a dead-letter target, and its role {role.logical_id!r} lacks {action}.",
                f"Allow {action} on the target in the role's policies.",
                "dead_letter_queue" if isinstance(function, Function) else "dead_letter_config",
            )


_POLLING = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "kinesis": ("kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator"),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}
_SOURCES = {"SQS": ("sqs", "Queue"), "Kinesis": ("kinesis", "Stream"), "DynamoDB": ("dynamodb", "Stream")}


def _polled(stack: Stack) -> Iterator[tuple[FunctionSettings, Any, str, str]]:
    """Each function with a source that it polls: the event or mapping, the source's service, and its title."""
    for mapping in of_type(stack, EventSourceMapping):
        function, source = (
            function_behind(stack, mapping.function_name),
            behind(stack, mapping.event_source_arn),
        )
        text = source.aws_type if source is not None else text_of(mapping.event_source_arn) or ""
        service = text.lower().split("::")[1] if source is not None else (text.split(":") + [""] * 3)[2]
        if function is not None:
            yield function, mapping, service, f"Mapping {mapping.logical_id!r}"
    for function in of_type(stack, Function):
        events = function.events
        for name, event in events.items() if events is not None and not isinstance(events, Ref) else ():
            if event.event_type in _SOURCES:
                yield function, event, _SOURCES[event.event_type][0], f"Event {name!r}"


@rule(
    "LF313",
    "polling-permission",
    Level.ERROR,
    demand="A function's role may read the source that Lambda polls for it.",
    source="AWS Lambda Developer Guide, invocation-eventsourcemapping",
)
def polling_permission(stack: Stack) -> Iterator[Problem]:
    """Roles that may not read the queue or stream; Lambda refuses the mapping."""
    for function, place, service, title in _polled(stack):
        role = _own_role(stack, function)
        lacking = _lacking(stack, role, _POLLING.get(service, ()))
        if role is not None and lacking:
            yield place.problem(
                "LF313",
                f"{title} reads from {service}, and {function.logical_id!r}'s role {role.logical_id!r} lacks "
                f"{', '.join(lacking)}.",
                "Lambda polls with the function's own role: allow them on the source in its policies.",
            )


@rule(
    "LF314",
    "decrypt-permission",
    Level.ERROR,
    demand="The role of a function with a key of its own may decrypt with it.",
    source="AWS Lambda Developer Guide, configuration-envvars-encryption",
)
def decrypt_permission(stack: Stack) -> Iterator[Problem]:
    """Functions whose role cannot read their own environment variables."""
    for function in functions(stack):
        role, key = _own_role(stack, function), setting(stack, function, "kms_key_arn")
        if key is not None and role is not None and _lacking(stack, role, ["kms:Decrypt"]):
            yield function.problem(
                "LF314",
                f"{function.logical_id!r} encrypts its environment with a key of its own, and its role "
                f"{role.logical_id!r} lacks kms:Decrypt.",
                "Every invocation would fail. Allow kms:Decrypt on the key in the role's policies.",
                "kms_key_arn",
            )


@rule(
    "LF315",
    "log-permission",
    Level.WARNING,
    demand="A function's role may write its logs.",
    source=_ROLE,
)
def log_permission(stack: Stack) -> Iterator[Problem]:
    """Functions whose logs go nowhere."""
    told: set[str] = set()
    for function in functions(stack):
        role = _own_role(stack, function)
        lacking = _lacking(stack, role, ["logs:CreateLogStream", "logs:PutLogEvents"])
        if role is not None and lacking and role.logical_id not in told:
            told.add(role.logical_id)
            yield function.problem(
                "LF315",
                f"{function.logical_id!r} writes no logs: its role {role.logical_id!r} lacks {', '.join(lacking)}.",
                "Give the role the managed policy AWSLambdaBasicExecutionRole.",
                "role",
            )


def _callers(stack: Stack) -> Iterator[tuple[Resource, Any, str, str]]:
    """Each resource that calls a function by its resource policy: where, the function's ARN, and the principal."""
    for resource in stack.resources.values():
        if resource.aws_type == "AWS::Events::Rule":
            for target in items(prop(resource, "Targets")):
                if prop(target, "RoleArn") is None:
                    yield resource, prop(target, "Arn"), "events.amazonaws.com", "Targets"
        elif resource.aws_type == "AWS::SNS::Subscription" and prop(resource, "Protocol") == "lambda":
            yield resource, prop(resource, "Endpoint"), "sns.amazonaws.com", "Endpoint"
        elif resource.aws_type == "AWS::SNS::Topic":
            for each in items(prop(resource, "Subscription")):
                if prop(each, "Protocol") == "lambda":
                    yield resource, prop(each, "Endpoint"), "sns.amazonaws.com", "Subscription"
        elif resource.aws_type == "AWS::S3::Bucket":
            for each in items(prop(resource, "NotificationConfiguration", "LambdaConfigurations")):
                yield resource, prop(each, "Function"), "s3.amazonaws.com", "NotificationConfiguration"


@rule(
    "LF320",
    "invoke-permission",
    Level.ERROR,
    demand="What calls a function by itself has the function's permission.",
    source="AWS Lambda Developer Guide, access-control-resource-based",
)
def invoke_permission(stack: Stack) -> Iterator[Problem]:
    """Rules, subscriptions and buckets that name a function which does not let them in."""
    let_in = _let_in(stack)
    for caller, arn, principal, aws_name in _callers(stack):
        function = function_behind(stack, arn)
        if function is None:
            continue
        principals = (*let_in.get(function.logical_id, ()), *let_in.get(None, ()))
        if not any(to in (principal, "*") or isinstance(to, Ref) for to in principals):
            yield problem_at(
                caller,
                "LF320",
                f"{caller.logical_id} calls {function.logical_id!r}, which does not let {principal} in.",
                f"Add an AWS::Lambda::Permission with the Principal {principal} for {function.logical_id}.",
                aws_name,
            )


def _let_in(stack: Stack) -> dict[str | None, list[Any]]:
    """Whom each function's permissions name, by its logical id; None for permissions on what cannot be told."""
    found: dict[str | None, list[Any]] = {}
    for permission in of_aws_type(stack, "AWS::Lambda::Permission"):
        whose = function_behind(stack, prop(permission, "FunctionName"))
        found.setdefault(whose.logical_id if whose is not None else None, []).append(
            prop(permission, "Principal")
        )
    return found
