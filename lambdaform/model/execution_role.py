"""An execution role made from what a function is: what its settings, sources and destinations need, and no more.

::

    worker = stack.add(LambdaFunction("Worker", role=get_att("WorkerRole", "Arn"), dead_letter_config=..., ...))
    polling = stack.add(EventSourceMapping("Poll", function_name=worker, event_source_arn=orders))
    stack.add(execution_role(worker, polling, policies=[table.read()]))

SAM makes such a role for each function without one, from managed policies; here every statement is on the resource
that it is about, keys included, and it is a value like any other. What the code itself does is for ``policies``.

Source: AWS Lambda Developer Guide, lambda-intro-execution-role, configuration-vpc, invocation-async-retain-records,
with-sqs, with-kinesis, with-ddb; CloudWatch Logs User Guide, permissions-reference-cwl; EFS User Guide,
iam-access-control-nfs-efs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve

from lambdaform.errors import DefinitionError
from lambdaform.model import grants
from lambdaform.model.arguments import checked
from lambdaform.model.asynchronous import EventInvokeConfig
from lambdaform.model.awslambda import EventSourceMapping, LambdaEventInvokeConfig
from lambdaform.model.function import Function, FunctionSettings, VpcConfig
from lambdaform.model.function_parts import FileSystemConfig, LoggingConfig
from lambdaform.model.grants import Grant, key_arn
from lambdaform.model.iam import Allow, InlinePolicy, Role, Statement, Trust, flat_statements
from lambdaform.model.references import GetAtt, LogicalRef, Ref, sub
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape, prop

_NETWORK = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
_TRACING = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
_POLL_QUEUE = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
#: What each kind of source is called, and what its poller does there, by the service in its ARN.
_POLLED = {
    "sqs": _POLL_QUEUE,
    "kinesis": (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ),
    "dynamodb": (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ),
}
#: What is done with a target, by the service in its ARN.
_SENT = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}
_EVENT_SOURCES = {"SQS": "queue", "Kinesis": "stream", "DynamoDB": "stream"}
_OTHER_POLLERS = ("MSK", "SelfManagedKafka", "MQ", "DocumentDB")
_LOG_GROUP = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
_DURABLE = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy"

Needs = Iterator[tuple[str, Grant]]


@checked
def execution_role(
    function: FunctionSettings,
    *parts: EventSourceMapping | LambdaEventInvokeConfig,
    logical_id: str | None = None,
    policies: Sequence[Statement | Sequence[Statement]] = (),
    managed_policy_arns: Sequence[str | Ref[str]] = (),
    permissions_boundary: str | Ref[str] | None = None,
) -> Role:
    """The role of a function: its logs, VPC, tracing, dead letters, keys, file systems, sources and destinations.

    ``parts`` are the mappings and the `LambdaEventInvokeConfig` that are resources of their own. The role's logical
    id is the one that the function's ``role`` names, unless it is given. Raises `DefinitionError` where what is
    needed cannot be told: a target that only a deployment knows, a source other than queues and streams.
    """
    needs = [*_own_needs(function), *(need for part in parts for need in _needs_of(part))]
    statements = [*_named(needs), *flat_statements(policies)]
    managed: list[str | Ref[str]] = [
        *([sub(_DURABLE)] if function.durable_config is not None else []),
        *managed_policy_arns,
    ]
    return Role(
        logical_id or _role_id(function),
        assume_role_policy_document=Trust("lambda.amazonaws.com"),
        managed_policy_arns=managed or None,
        policies=[InlinePolicy("execution", statements)],
        permissions_boundary=permissions_boundary,
    )


def _role_id(function: FunctionSettings) -> str:
    role = function.role
    if isinstance(role, GetAtt | LogicalRef):
        return role.logical_id
    raise DefinitionError(
        f"{function.logical_id!r} does not name its role.",
        right='Give the function role=get_att("WorkerRole", "Arn"), or the role logical_id="WorkerRole".',
        where=function.problem("", "", "", "role").location,
    )


def _named(needs: Sequence[tuple[str, Grant]]) -> Iterator[Statement]:
    """The statements, each once and under a name that says what it is for."""
    counts: dict[str, int] = {}
    told: list[Statement] = []
    for name, grant in needs:
        for statement in grant:
            if statement in told:
                continue
            told.append(statement)
            counts[name] = counts.get(name, 0) + 1
            sid = name if counts[name] == 1 else f"{name}{counts[name]}"
            yield evolve(statement, sid=sid)


def _own_needs(function: FunctionSettings) -> Needs:
    yield "Logs", _logs(function)
    vpc = function.vpc_config
    if isinstance(vpc, Ref) or (isinstance(vpc, VpcConfig) and vpc.subnet_ids):
        yield "Network", (Allow(*_NETWORK, on="*"),)
    if "Active" in (prop(function, "Tracing"), prop(function, "TracingConfig", "Mode")):
        yield "Tracing", (Allow(*_TRACING, on="*"),)
    if function.dead_letter_target is not None:
        yield "DeadLetters", _sending(function, "its dead-letter target", function.dead_letter_target)
    if function.kms_key_arn is not None:
        arn = key_arn(function.kms_key_arn)
        yield "Environment", (Allow("kms:Decrypt", on=function.kms_key_arn if arn is None else arn),)
    for each in function.file_system_configs if isinstance(function.file_system_configs, tuple) else ():
        if isinstance(each, FileSystemConfig):
            yield "FileSystem", (_mounting(each),)
    if isinstance(function, Function):
        yield from _needs_of_sam(function)


def _needs_of_sam(function: Function) -> Needs:
    for event in function.events.values() if isinstance(function.events, Mapping) else ():
        if event.event_type in _OTHER_POLLERS:
            raise _unknown(event, f"the source of an event {event.event_type}")
        if event.event_type in _EVENT_SOURCES:
            yield "Poll", _polling(event, getattr(event, _EVENT_SOURCES[event.event_type]))
            yield from _failures(event)
    config = function.event_invoke_config
    if isinstance(config, EventInvokeConfig):
        yield from _outcomes(config)


def _needs_of(part: EventSourceMapping | LambdaEventInvokeConfig) -> Needs:
    if isinstance(part, EventSourceMapping):
        if part.event_source_arn is None:
            raise _unknown(part, "the source of the mapping")
        yield "Poll", _polling(part, part.event_source_arn)
        yield from _failures(part)
    else:
        yield from _outcomes(part)


def _failures(poller: Shape) -> Needs:
    target = prop(poller, "DestinationConfig", "OnFailure", "Destination")
    if target is not None:
        yield "Failed", _sending(poller, "its destination for failures", target)


def _outcomes(config: Shape) -> Needs:
    for name, field in (("Succeeded", "OnSuccess"), ("Failed", "OnFailure")):
        target = prop(config, "DestinationConfig", field, "Destination")
        if target is not None:
            yield name, _sending(config, f"its destination {field}", target)


def _logs(function: FunctionSettings) -> Grant:
    config = function.logging_config
    group = config.log_group if isinstance(config, LoggingConfig) else None
    owner = getattr(group, "target", None)
    if isinstance(owner, Resource) and owner.aws_type == "AWS::Logs::LogGroup":
        return grants.write(owner)
    if group is None:
        # CloudFormation gives a function without a name one that begins with the stack's, cut off at some length.
        name = "*" if function.function_name is None else function.function_name
        on = (
            sub(f"{_LOG_GROUP}/aws/lambda/{name}:*")
            if isinstance(name, str)
            else sub(f"{_LOG_GROUP}/aws/lambda/${{Name}}:*", Name=name)
        )
    else:
        on = (
            sub(f"{_LOG_GROUP}{group}:*")
            if isinstance(group, str)
            else sub(f"{_LOG_GROUP}${{Group}}:*", Group=group)
        )
    return (Allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", on=on),)


def _mounting(config: FileSystemConfig) -> Statement:
    return Allow(
        "elasticfilesystem:ClientMount",
        "elasticfilesystem:ClientWrite",
        on="*",
        condition={"StringEquals": {"elasticfilesystem:AccessPointArn": config.arn}},
    )


def _polling(place: Shape, source: Any) -> Grant:
    owner = getattr(source, "target", None)
    if isinstance(owner, Resource):
        match owner.aws_type:
            case "AWS::SQS::Queue":
                read = grants.consume(owner)
                return Allow(*_POLL_QUEUE, on=owner.attr("Arn")), *read[1:]
            case "AWS::Kinesis::Stream" | "AWS::Kinesis::StreamConsumer":
                return grants.read(owner)
            case "AWS::DynamoDB::Table":
                return grants.stream_read(owner)
    actions = _POLLED.get(_service(source))
    if actions is None:
        raise _unknown(place, "the source")
    return (Allow(*actions, on=source),)


def _sending(place: Shape, what: str, target: Any) -> Grant:
    owner = getattr(target, "target", None)
    if isinstance(owner, Resource):
        match owner.aws_type:
            case "AWS::SQS::Queue":
                return grants.send(owner)
            case "AWS::SNS::Topic":
                return grants.publish(owner)
            case "AWS::Events::EventBus":
                return grants.put_events(owner)
            case "AWS::S3::Bucket":
                put, *rest = grants.write(owner)
                return (
                    evolve(put, action=("s3:PutObject",)),
                    Allow("s3:ListBucket", on=owner.attr("Arn")),
                    *rest,
                )
            case "AWS::Serverless::Function" | "AWS::Lambda::Function":
                return (Allow("lambda:InvokeFunction", on=target),)
    if _service(target) == "s3":
        return Allow("s3:PutObject", on=f"{target}/*"), Allow("s3:ListBucket", on=target)
    action = _SENT.get(_service(target))
    if action is None:
        raise _unknown(place, what)
    return (Allow(action, on=target),)


def _service(arn: Any) -> str:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[2] if len(parts) > 5 else ""


def _unknown(place: Shape, what: str) -> DefinitionError:
    return DefinitionError(
        f"execution_role cannot tell what {what} needs.",
        right="Give the resource itself, or its ARN as text; of sources, it knows queues and streams. "
        "For others, write the role with Role(...).",
        where=place.problem("", "", "").location,
    )
