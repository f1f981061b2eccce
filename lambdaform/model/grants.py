"""Least-privilege statements by what is done with a resource: ``policies=[grants.read(table), grants.send(queue)]``.

Each gives a tuple of statements, to stand wherever statements do: in a function's ``policies``, an `InlinePolicy`, a
`PolicyDocument`. The classes here have the same as methods (``table.read()``); for resources that have no class here,
such as troposphere's secrets and keys, these functions go by their type. What is encrypted with a key that its
property names needs that key, too: the statements say so.

Values only: nothing is changed, and what a policy does not have is not granted.

Source: the services' pages in the Service Authorization Reference; AWS Lambda Developer Guide, with-sqs, with-kinesis,
with-ddb; AWS KMS Developer Guide, services-sqs, services-dynamodb; SQS Developer Guide, sqs-key-management.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lambdaform.errors import DefinitionError, shown
from lambdaform.model.iam import Allow, Statement
from lambdaform.model.references import GetAtt, LogicalRef, Ref, Sub, sub
from lambdaform.model.resource import Resource
from lambdaform.model.shape import prop
from lambdaform.origin import here

Grant: TypeAlias = tuple[Statement, ...]
_QUALIFIER = re.compile(r"\*|\$LATEST|[A-Za-z0-9_-]{1,128}")
_Maker = Callable[[Resource], Grant]

_TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable")
_READ_TABLE = (
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
)
_WRITE_TABLE = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
_READ_STREAM = (
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
)
#: What producers and consumers of encrypted things need of the key.
_USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


def read(resource: Resource, prefix: str = "") -> Grant:
    """Read a table's items, a bucket's objects (below ``prefix``), a stream's records, a secret or a parameter."""
    _check_prefix(resource, prefix)
    readers: Mapping[str, _Maker] = {
        **dict.fromkeys(_TABLES, _read_table),
        "AWS::S3::Bucket": lambda bucket: _read_bucket(bucket, prefix),
        "AWS::Kinesis::Stream": lambda stream: (
            Allow(*_READ_STREAM, on=stream.attr("Arn")),
            *_key(stream, ("StreamEncryption", "KeyId"), "kms:Decrypt"),
        ),
        "AWS::Kinesis::StreamConsumer": _read_consumer,
        "AWS::SecretsManager::Secret": lambda secret: (
            Allow("secretsmanager:GetSecretValue", on=secret.ref),
            *_key(secret, ("KmsKeyId",), "kms:Decrypt"),
        ),
        "AWS::SSM::Parameter": _read_parameter,
    }
    return _by_type("read", readers, resource)


def write(resource: Resource, prefix: str = "") -> Grant:
    """Write a table's items, a bucket's objects (below ``prefix``), a stream's records or a log group's events."""
    _check_prefix(resource, prefix)
    writers: Mapping[str, _Maker] = {
        **dict.fromkeys(
            _TABLES,
            lambda table: (Allow(*_WRITE_TABLE, on=table.attr("Arn")), *_table_key(table, writes=True)),
        ),
        "AWS::S3::Bucket": lambda bucket: (
            Allow("s3:AbortMultipartUpload", "s3:PutObject", on=_objects(bucket, prefix)),
            *_bucket_key(bucket, *_USE_KEY),
        ),
        "AWS::Kinesis::Stream": lambda stream: (
            Allow("kinesis:PutRecord", "kinesis:PutRecords", on=stream.attr("Arn")),
            *_key(stream, ("StreamEncryption", "KeyId"), "kms:GenerateDataKey"),
        ),
        "AWS::Logs::LogGroup": lambda group: (
            Allow("logs:CreateLogStream", "logs:PutLogEvents", on=group.attr("Arn")),
        ),
    }
    return _by_type("write", writers, resource)


def read_write(resource: Resource, prefix: str = "") -> Grant:
    """What `read` and `write` give, together."""
    _check_prefix(resource, prefix)
    if getattr(resource, "aws_type", None) in _TABLES:
        return (
            Allow(*_READ_TABLE, *_WRITE_TABLE, on=_table_and_indexes(resource)),
            *_table_key(resource, writes=True),
        )
    return (*read(resource, prefix), *write(resource, prefix))


def delete(bucket: Resource, prefix: str = "") -> Grant:
    """Delete a bucket's objects (below ``prefix``)."""
    _check_prefix(bucket, prefix)
    makers: Mapping[str, _Maker] = {
        "AWS::S3::Bucket": lambda each: (Allow("s3:DeleteObject", on=_objects(each, prefix)),)
    }
    return _by_type("delete", makers, bucket)


def stream_read(table: Resource) -> Grant:
    """Read the stream of a table's changes. Raises `DefinitionError` where the table has none."""
    kinds = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
    return _by_type("stream_read", dict.fromkeys(kinds, _read_table_stream), table)


def send(queue: Resource) -> Grant:
    """Send messages to a queue."""
    makers: Mapping[str, _Maker] = {
        "AWS::SQS::Queue": lambda each: (
            Allow("sqs:SendMessage", on=each.attr("Arn")),
            *_key(each, ("KmsMasterKeyId",), *_USE_KEY),
        )
    }
    return _by_type("send", makers, queue)


def consume(queue: Resource) -> Grant:
    """Receive a queue's messages and delete them, as Lambda's poller and a consumer of one's own do."""
    makers: Mapping[str, _Maker] = {
        "AWS::SQS::Queue": lambda each: (
            Allow(
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
                on=each.attr("Arn"),
            ),
            *_key(each, ("KmsMasterKeyId",), "kms:Decrypt"),
        )
    }
    return _by_type("consume", makers, queue)


def publish(topic: Resource) -> Grant:
    """Publish messages to a topic."""
    makers: Mapping[str, _Maker] = {
        "AWS::SNS::Topic": lambda each: (
            Allow("sns:Publish", on=each.ref),
            *_key(each, ("KmsMasterKeyId",), *_USE_KEY),
        )
    }
    return _by_type("publish", makers, topic)


def put_events(bus: Resource) -> Grant:
    """Put events on an event bus."""
    makers: Mapping[str, _Maker] = {
        "AWS::Events::EventBus": lambda each: (Allow("events:PutEvents", on=each.attr("Arn")),)
    }
    return _by_type("put_events", makers, bus)


def invoke(function: Resource, qualifier: str | None = None) -> Grant:
    """Invoke a function as it is, or its version or alias ``qualifier`` (``*`` for all); or a Version or Alias."""

    given: object = qualifier
    if given is not None and not (isinstance(given, str) and _QUALIFIER.fullmatch(given)):
        raise _refused(f"qualifier is {shown(given)}.", "It is a version's number, an alias's name or *.")

    def whole(each: Resource) -> Grant:
        arn: Ref[str] = each.attr("Arn")
        on = arn if qualifier is None else sub(f"${{Function}}:{qualifier}", Function=arn)
        return (Allow("lambda:InvokeFunction", on=on),)

    def one(each: Resource) -> Grant:
        if qualifier is not None:
            raise _refused(
                f"qualifier is {qualifier!r}, and {_shown(each)} is one already.", "Leave the qualifier out."
            )
        return (Allow("lambda:InvokeFunction", on=each.ref),)

    makers: Mapping[str, _Maker] = {
        "AWS::Serverless::Function": whole,
        "AWS::Lambda::Function": whole,
        "AWS::Lambda::Version": one,
        "AWS::Lambda::Alias": one,
    }
    return _by_type("invoke", makers, function)


def start(state_machine: Resource) -> Grant:
    """Start executions of a state machine; of an express one also those that are waited for."""

    def starter(each: Resource) -> Grant:
        kind = prop(each, "Type") or prop(each, "StateMachineType")
        actions = ("states:StartExecution", *(("states:StartSyncExecution",) if kind == "EXPRESS" else ()))
        return (Allow(*actions, on=each.ref),)

    kinds = ("AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine")
    return _by_type("start", dict.fromkeys(kinds, starter), state_machine)


def decrypt(key: Resource) -> Grant:
    """Decrypt with a key."""
    makers: Mapping[str, _Maker] = {
        "AWS::KMS::Key": lambda each: (Allow("kms:Decrypt", on=each.attr("Arn")),)
    }
    return _by_type("decrypt", makers, key)


def encrypt(key: Resource) -> Grant:
    """Encrypt with a key, and make data keys of it."""
    makers: Mapping[str, _Maker] = {
        "AWS::KMS::Key": lambda each: (Allow("kms:Encrypt", "kms:GenerateDataKey", on=each.attr("Arn")),)
    }
    return _by_type("encrypt", makers, key)


def _check_prefix(resource: Resource, prefix: str) -> None:
    given: object = prefix
    to: object = resource
    if not isinstance(given, str):
        raise _refused(f"prefix is {shown(given)}.", "It must be text, such as 'incoming/'.")
    if given and isinstance(to, Resource) and resource.aws_type != "AWS::S3::Bucket":
        raise _refused(
            f"prefix is {shown(given)}, and {_shown(resource)} has none.", "Only a bucket has prefixes."
        )


def _by_type(verb: str, makers: Mapping[str, _Maker], resource: Resource) -> Grant:
    given: object = resource
    maker = makers.get(given.aws_type) if isinstance(given, Resource) else None
    if maker is None:
        what = _shown(given) if isinstance(given, Resource) else shown(given)
        raise _refused(
            f"grants.{verb}() was given {what}.",
            f"It takes {', '.join(f'an {each}' for each in makers)}; for others, write Allow(action, on=arn).",
        )
    return maker(resource)


def _refused(what: str, right: str) -> DefinitionError:
    origin = here()
    return DefinitionError(what, right=right, where=origin.locate() if origin else None, rule="LF100")


def _shown(resource: Resource) -> str:
    return f"the {resource.aws_type} {resource.logical_id!r}"


def _table_and_indexes(table: Resource) -> list[Ref[str]]:
    arn: Ref[str] = table.attr("Arn")
    indexed = any(prop(table, name) for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"))
    return [arn, sub("${Table}/index/*", Table=arn)] if indexed else [arn]


def _read_table(table: Resource) -> Grant:
    return Allow(*_READ_TABLE, on=_table_and_indexes(table)), *_table_key(table, writes=False)


def _table_key(table: Resource, *, writes: bool) -> Grant:
    actions = ["kms:Decrypt", "kms:DescribeKey"]
    if writes:
        actions += ["kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    return _key(table, ("SSESpecification", "KMSMasterKeyId"), *actions)


def _read_table_stream(table: Resource) -> Grant:
    if prop(table, "StreamSpecification") is None:
        raise _refused(
            f"{table.logical_id!r} has no stream.",
            'Give it one: stream_specification=StreamSpecification("NEW_AND_OLD_IMAGES").',
        )
    return (
        Allow(
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            on=table.attr("StreamArn"),
        ),
        Allow("dynamodb:ListStreams", on=sub("${Table}/stream/*", Table=table.attr("Arn"))),
        *_table_key(table, writes=False),
    )


def _objects(bucket: Resource, prefix: str) -> Ref[str]:
    return sub(f"${{Bucket}}/{_literal(prefix)}*", Bucket=bucket.attr("Arn"))


def _literal(text: str) -> str:
    """Text as it stands in ``Fn::Sub``; IAM's own ``${aws:username}`` among it is not the template's."""
    return text.replace("${", "${!")


def _read_bucket(bucket: Resource, prefix: str) -> Grant:
    below = {"StringLike": {"s3:prefix": f"{prefix}*"}} if prefix else None
    return (
        Allow("s3:GetObject", on=_objects(bucket, prefix)),
        # Without it a missing object is answered as a forbidden one.
        Allow("s3:ListBucket", on=bucket.attr("Arn"), condition=below),
        *_bucket_key(bucket, "kms:Decrypt"),
    )


def _bucket_key(bucket: Resource, *actions: str) -> Grant:
    rules = prop(bucket, "BucketEncryption", "ServerSideEncryptionConfiguration")
    for rule in rules if isinstance(rules, list | tuple) else ():
        found = _key(rule, ("ServerSideEncryptionByDefault", "KMSMasterKeyID"), *actions)
        if found:
            return found
    return ()


def _read_consumer(consumer: Resource) -> Grant:
    stream = prop(consumer, "StreamARN")
    owner = getattr(stream, "target", None)
    return (
        Allow("kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard", on=consumer.ref),
        *(read(owner) if isinstance(owner, Resource) else (Allow(*_READ_STREAM, on=stream),)),
    )


def _read_parameter(parameter: Resource) -> Grant:
    name = prop(parameter, "Name")
    # A parameter's ARN has one slash before the name, which may bring its own.
    slashes = [""] if isinstance(name, str) and name.startswith("/") else ["/"]
    if isinstance(name, Ref):
        slashes = ["", "/"]
    arn = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter"
    resources = [sub(f"{arn}{slash}${{Name}}", Name=parameter.ref) for slash in slashes]
    return (Allow("ssm:GetParameter", "ssm:GetParameters", on=resources),)


def _key(owner: Any, path: tuple[str, ...], *actions: str) -> Grant:
    """Leave to use the key that a property names; nothing where it names none, or one of AWS's own."""
    arn = key_arn(prop(owner, *path))
    return () if arn is None else (Allow(*actions, on=arn),)


def key_arn(named: Any) -> str | Ref[str] | None:
    """The ARN of a key that a property names by ARN or id, or as a resource; None for AWS's own and for aliases."""
    target = getattr(named, "target", None)
    if isinstance(target, Resource):
        if target.aws_type == "AWS::KMS::Key":
            return target.attr("Arn")
        if target.aws_type == "AWS::KMS::Alias":
            return key_arn(prop(target, "TargetKeyId"))
    if isinstance(named, GetAtt | Sub):
        return named
    if isinstance(named, LogicalRef):
        return sub("arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${Key}", Key=named)
    if isinstance(named, str) and named.startswith("arn:") and ":key/" in named:
        return named
    if isinstance(named, str) and "alias/" not in named:
        return sub(f"arn:${{AWS::Partition}}:kms:${{AWS::Region}}:${{AWS::AccountId}}:key/{named}")
    return None
