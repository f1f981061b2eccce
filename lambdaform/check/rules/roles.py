"""LF31x and LF32x: whether an execution role may do what the function needs, and whether its callers may call it.

Only roles of the same stack are judged, and only where everything that they grant can be told. The resources of a
statement are taken to fit unless all of them are other resources of the stack; its conditions are taken to hold.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.polling import pollers
from lambdaform.check.view import (
    behind,
    dead_letters,
    events,
    function_behind,
    functions,
    items,
    of_aws_type,
    problem_at,
    setting,
    text_of,
)
from lambdaform.facts.iam_actions import nearest_action
from lambdaform.facts.principals import meant_principal
from lambdaform.model.awslambda import EventSourceMapping
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.references import GetAtt, Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop
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
def own_role(stack: Stack, function: FunctionSettings) -> Resource | None:
    """The function's role, where it is a resource of this stack."""
    role = behind(stack, setting(stack, function, "role"))
    return role if role is not None and role.aws_type == "AWS::IAM::Role" else None


#: An action that is allowed, as a pattern, and the resources on which it is; none where these are not known.
Grant = tuple[str, Sequence[Any]]


@per_check
def _granted(stack: Stack, role: Resource) -> list[Grant] | None:
    """What a role allows; None where that cannot be told."""
    documents = [prop(policy, "PolicyDocument") for policy in _whole(prop(role, "Policies"))]
    granted: list[Grant] = []
    for arn in _whole(prop(role, "ManagedPolicyArns")):
        own = behind(stack, arn)
        text = text_of(arn)
        if own is not None:
            documents.append(prop(own, "PolicyDocument"))
        elif text is None or text.rpartition("/")[2] not in _MANAGED:
            return None
        else:
            granted.extend((action, ()) for action in _MANAGED[text.rpartition("/")[2]])
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


def _allowed(document: Any) -> list[Grant] | None:
    allowed: list[Grant] = []
    for statement in _whole(prop(document, "Statement")) or [None]:
        actions = _whole(prop(statement, "Action"))
        if statement is None or isinstance(statement, Ref) or prop(statement, "NotAction") is not None:
            return None
        if prop(statement, "Effect") != "Allow":
            continue
        if not actions or not all(isinstance(each, str) for each in actions):
            return None
        allowed.extend((action, _whole(prop(statement, "Resource"))) for action in actions)
    return allowed


def _may(stack: Stack, granted: Sequence[Grant], action: str, target: Any) -> bool:
    return any(
        fnmatch.fnmatchcase(action.lower(), pattern.lower()) and _covers(stack, resources, target)
        for pattern, resources in granted
    )


def _covers(stack: Stack, resources: Sequence[Any], target: Any) -> bool:
    """Whether one of the resources may be the target: all but those that are plainly another resource of the stack."""
    wanted = behind(stack, target)
    if wanted is None or not resources:
        return True
    for each in resources:
        found = behind(stack, each)
        if found is None or (found is wanted and (type(each) is not GetAtt or not _other_part(each, target))):
            return True
    return False


def _other_part(given: GetAtt[Any], target: Any) -> bool:
    """Whether a table is given where its stream is wanted."""
    return isinstance(target, GetAtt) and target.attribute == "StreamArn" and given.attribute != "StreamArn"


def lacking_of(stack: Stack, role: Resource | None, needed: Sequence[str], target: Any = None) -> list[str]:
    """The actions of those needed that the role does not allow on the target."""
    granted = None if role is None else _granted(stack, role)
    return [] if granted is None else [each for each in needed if not _may(stack, granted, each, target)]


def _is_trust(statement: Any) -> bool:
    """Whether a statement may allow ``sts:AssumeRole``; a misspelt action is a finding by itself (LF303)."""
    actions = _whole(prop(statement, "Action"))
    meant = [nearest_action(each) or each for each in actions if isinstance(each, str)]
    told = len(meant) == len(actions) > 0
    return prop(statement, "Effect") != "Deny" and not (
        told and not any(each.lower() in _ASSUME for each in meant)
    )


_ASSUME = ("sts:assumerole", "sts:*", "sts:assume*", "*")


@rule(
    "LF310",
    "role-trust",
    Level.ERROR,
    demand="A function's role lets Lambda take it on.",
    source=_ROLE,
)
def role_trust(stack: Stack) -> Iterator[Problem]:
    """Execution roles that Lambda may not assume."""
    roles = {id(role): role for each in functions(stack) if (role := own_role(stack, each)) is not None}
    for role in roles.values():
        named: list[Any] = []
        for statement in _whole(prop(role, "AssumeRolePolicyDocument", "Statement")) or [None]:
            if statement is not None and not isinstance(statement, Ref) and not _is_trust(statement):
                continue
            principal = prop(statement, "Principal")
            services = prop(principal, "Service") if not isinstance(principal, str | Ref) else principal
            named.extend([None] if statement is None or isinstance(statement, Ref) else _whole(services))
        if all(isinstance(each, str) and each not in ("*", "lambda.amazonaws.com") for each in named):
            to = ", ".join(map(str, named)) or "no service as a Principal"
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
        role, vpc = own_role(stack, function), setting(stack, function, "vpc_config")
        if not items(prop(vpc, "SubnetIds")) and not isinstance(prop(vpc, "SubnetIds"), Ref):
            continue
        lacking = lacking_of(stack, role, _NETWORK)
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
        role, target = own_role(stack, function), dead_letters(stack, function)
        found = behind(stack, target)
        service = found.aws_type if found is not None else text_of(target) or ""
        action = (
            "sqs:SendMessage"
            if "sqs" in service.lower()
            else "sns:Publish"
            if "sns" in service.lower()
            else ""
        )
        if action and role is not None and lacking_of(stack, role, [action], target):
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


@rule(
    "LF313",
    "polling-permission",
    Level.ERROR,
    demand="A function's role may read the source that Lambda polls for it.",
    source="AWS Lambda Developer Guide, invocation-eventsourcemapping",
)
def polling_permission(stack: Stack) -> Iterator[Problem]:
    """Roles that may not read the queue or stream; Lambda refuses the mapping."""
    for function, place, service, source in pollers(stack):
        role = None if function is None else own_role(stack, function)
        if _is_consumer(stack, source):
            continue
        lacking = lacking_of(stack, role, _POLLING.get(service, ()), source)
        if function is not None and role is not None and lacking:
            title = f"Mapping {place.logical_id!r}" if isinstance(place, EventSourceMapping) else "An event"
            yield place.problem(
                "LF313",
                f"{title} reads from {service}, and {function.logical_id!r}'s role {role.logical_id!r} lacks "
                f"{', '.join(lacking)}.",
                "Lambda polls with the function's own role: allow them on the source in its policies.",
            )


def _is_consumer(stack: Stack, source: Any) -> bool:
    """Whether a mapping reads a stream through a consumer, to which other actions and ARNs belong."""
    found = behind(stack, source)
    return (found is not None and found.aws_type == "AWS::Kinesis::StreamConsumer") or (
        ":stream/" in (text_of(source) or "") and "/consumer/" in (text_of(source) or "")
    )


@rule(
    "LF314",
    "decrypt-permission",
    Level.WARNING,
    demand="The role of a function with a key of its own may decrypt with it.",
    source="AWS Lambda Developer Guide, configuration-envvars-encryption",
)
def decrypt_permission(stack: Stack) -> Iterator[Problem]:
    """Functions whose role cannot read their own environment variables, unless the key's policy lets it."""
    for function in functions(stack):
        role, key = own_role(stack, function), setting(stack, function, "kms_key_arn")
        if key is None or role is None or _key_lets_in(stack, key, role):
            continue
        if lacking_of(stack, role, ["kms:Decrypt"]):
            yield function.problem(
                "LF314",
                f"{function.logical_id!r} encrypts its environment with a key of its own, and its role "
                f"{role.logical_id!r} lacks kms:Decrypt.",
                "Unless the key's own policy allows it, every invocation fails: allow kms:Decrypt on the key in the role's "
                "policies.",
                "kms_key_arn",
            )


def _key_lets_in(stack: Stack, key: Any, role: Resource) -> bool:
    """Whether the policy of a key of this stack names the role, or somebody whom it cannot tell from the role."""
    statements = _whole(prop(behind(stack, key), "KeyPolicy", "Statement"))
    principals = [each for one in statements for each in _whole(prop(one, "Principal", "AWS"))]
    return any(
        each == "*" or behind(stack, each) is role or (isinstance(each, Ref) and text_of(each) is None)
        for each in principals
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
        role = own_role(stack, function)
        lacking = lacking_of(stack, role, ["logs:CreateLogStream", "logs:PutLogEvents"])
        if role is not None and lacking and role.logical_id not in told:
            told.add(role.logical_id)
            yield function.problem(
                "LF315",
                f"{function.logical_id!r} writes no logs: its role {role.logical_id!r} lacks {', '.join(lacking)}.",
                "Give the role the managed policy AWSLambdaBasicExecutionRole.",
                "role",
            )


@rule(
    "LF321",
    "trace-permission",
    Level.WARNING,
    demand="The role of a function that samples for X-Ray may send what it samples.",
    source="AWS Lambda Developer Guide, services-xray; deck section C11",
)
def trace_permission(stack: Stack) -> Iterator[Problem]:
    """Functions with active tracing whose traces go nowhere."""
    for function in functions(stack):
        mode = prop(function, "TracingConfig", "Mode") or setting(stack, function, "tracing")
        role = own_role(stack, function) if mode == "Active" else None
        lacking = lacking_of(stack, role, ("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
        if role is not None and lacking:
            yield function.problem(
                "LF321",
                f"{function.logical_id!r} has active tracing, and its role {role.logical_id!r} lacks "
                f"{', '.join(lacking)}.",
                "Give the role the managed policy AWSXRayDaemonWriteAccess.",
                "tracing" if isinstance(function, Function) else "tracing_config",
            )


@rule(
    "LF323",
    "schedule-role",
    Level.ERROR,
    demand="A schedule's role lets Scheduler take it on, and may call the schedule's target.",
    source="EventBridge Scheduler User Guide, setting-up",
)
def schedule_role(stack: Stack) -> Iterator[Problem]:
    """Roles of schedules that trust another service, or may not invoke the function."""
    for schedule in of_aws_type(stack, "AWS::Scheduler::Schedule"):
        target = prop(schedule, "Target")
        role, callee = behind(stack, prop(target, "RoleArn")), behind(stack, prop(target, "Arn"))
        if role is None or role.aws_type != "AWS::IAM::Role" or not isinstance(target, Shape):
            continue
        services = [
            service
            for statement in _whole(prop(role, "AssumeRolePolicyDocument", "Statement"))
            for service in _whole(prop(statement, "Principal", "Service") or prop(statement, "Principal"))
        ]
        action = _CALLS.get(callee.aws_type) if callee is not None else None
        if services and all(isinstance(each, str) and each not in ("*", _SCHEDULER) for each in services):
            what = f"trusts {', '.join(map(str, services))}"
            right = f"Its AssumeRolePolicyDocument must allow sts:AssumeRole to the Service {_SCHEDULER}."
        elif action and lacking_of(stack, role, [action], prop(target, "Arn")):
            what, right = f"lacks {action}", f"Allow {action} on the target in the role's policies."
        else:
            continue
        yield problem_at(
            target,
            "LF323",
            f"Schedule {schedule.logical_id!r} calls its target with the role {role.logical_id!r}, which {what}.",
            right,
            "RoleArn",
        )


#: What calling a target takes.
_CALLS = {
    "AWS::SQS::Queue": "sqs:SendMessage",
    "AWS::SNS::Topic": "sns:Publish",
    "AWS::Lambda::Function": "lambda:InvokeFunction",
    "AWS::Serverless::Function": "lambda:InvokeFunction",
}
_SCHEDULER = "scheduler.amazonaws.com"


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
        elif resource.aws_type == "AWS::Cognito::UserPool":
            triggers = prop(resource, "LambdaConfig")
            for trigger in triggers.values() if isinstance(triggers, Mapping) else ():
                yield resource, trigger, "cognito-idp.amazonaws.com", "LambdaConfig"
        elif resource.aws_type == "AWS::ApiGatewayV2::Integration":
            if prop(resource, "CredentialsArn") is None:
                yield resource, prop(resource, "IntegrationUri"), "apigateway.amazonaws.com", "IntegrationUri"
        elif resource.aws_type == "AWS::Logs::SubscriptionFilter":
            yield resource, prop(resource, "DestinationArn"), "logs.amazonaws.com", "DestinationArn"


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
    # A connector of SAM's permits what it connects; a function's own event permits its bucket.
    if any(True for _ in of_aws_type(stack, "AWS::Serverless::Connector")):
        return
    by_event = {
        (function.logical_id, id(behind(stack, prop(event, "Bucket"))))
        for function, _, event in events(stack)
        if event.event_type == "S3"
    }
    for caller, arn, principal, aws_name in _callers(stack):
        function = function_behind(stack, arn)
        if function is None or caller.connectors or (function.logical_id, id(caller)) in by_event:
            continue
        permissions = (*let_in.get(function.logical_id, ()), *let_in.get(None, ()))
        if not any(_lets_in(stack, each, caller, principal) for each in permissions):
            yield problem_at(
                caller,
                "LF320",
                f"{caller.logical_id} calls {function.logical_id!r}, which does not let {principal} in.",
                f"Add an AWS::Lambda::Permission with the Principal {principal} for {function.logical_id}.",
                aws_name,
            )


def _let_in(stack: Stack) -> dict[str | None, list[Resource]]:
    """Each function's permissions, by its logical id; None for permissions on what cannot be told."""
    found: dict[str | None, list[Resource]] = {}
    for permission in of_aws_type(stack, "AWS::Lambda::Permission"):
        whose = function_behind(stack, prop(permission, "FunctionName"))
        found.setdefault(whose.logical_id if whose is not None else None, []).append(permission)
    return found


def _lets_in(stack: Stack, permission: Resource, caller: Resource, principal: str) -> bool:
    """Whether a permission is for the caller; one whose principal is misspelt is a finding by itself (LF343)."""
    to = prop(permission, "Principal")
    service = principal.partition(".")[0]
    regional = (text_of(to) or "").startswith(f"{service}.") and service == "logs"
    if to not in (principal, "*") and not isinstance(to, Ref) and not regional:
        return isinstance(to, str) and meant_principal(to) is not None
    source = behind(stack, prop(permission, "SourceArn"))
    topic = behind(stack, prop(caller, "TopicArn")) or behind(stack, prop(caller, "LogGroupName"))
    # A source of another type, such as a parameter's or a stack's, may stand for anything.
    return source is None or source in (caller, topic) or source.aws_type != (topic or caller).aws_type
