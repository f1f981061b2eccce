"""What a resource stands for that is given as an event's source: its ARN for one kind of event, its name for another.

Each function takes the resource of its kind (also a raw one), text, or a reference; anything else it leaves as it
is, for the field to refuse.

Source: SAM Developer Guide, "EventSource"; AWS CloudFormation User Guide, "Return values" of each type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource

if TYPE_CHECKING:
    from lambdaform.model.api import Api
    from lambdaform.model.awslambda import Alias, Version
    from lambdaform.model.bucket import Bucket
    from lambdaform.model.function import FunctionSettings
    from lambdaform.model.http_api import HttpApi
    from lambdaform.model.log_group import LogGroup
    from lambdaform.model.queue import Queue, Topic
    from lambdaform.model.resource import RawResource
    from lambdaform.model.rule import EventBus
    from lambdaform.model.stream import Stream, StreamConsumer
    from lambdaform.model.table import SimpleTable, Table

Source = Resource | str | Ref[str]


def queue_arn(queue: Queue | RawResource | str | Ref[str]) -> str | Ref[str]:
    """A queue's ARN."""
    return _attribute(queue, "Arn", "AWS::SQS::Queue")


def queue_url(queue: Queue | RawResource | str | Ref[str]) -> str | Ref[str]:
    """A queue's URL."""
    return _reference(queue, "AWS::SQS::Queue")


def topic_arn(topic: Topic | RawResource | str | Ref[str]) -> str | Ref[str]:
    """A topic's ARN."""
    return _reference(topic, "AWS::SNS::Topic")


def bucket_name(bucket: Bucket | RawResource | str | Ref[str]) -> str | Ref[str]:
    """A bucket's name."""
    return _reference(bucket, "AWS::S3::Bucket")


def stream_arn(stream: Stream | StreamConsumer | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a Kinesis stream, or of one of its consumers."""
    if isinstance(stream, Resource) and stream.aws_type == "AWS::Kinesis::StreamConsumer":
        return stream.ref
    return _attribute(stream, "Arn", "AWS::Kinesis::Stream")


def table_stream_arn(table: Table | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a table's stream."""
    return _attribute(table, "StreamArn", "AWS::DynamoDB::Table")


def table_name(table: Table | SimpleTable | RawResource | str | Ref[str]) -> str | Ref[str]:
    """A table's name."""
    return _reference(
        table, "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable"
    )


def kafka_cluster_arn(cluster: RawResource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a Kafka cluster of Amazon MSK."""
    return _reference(cluster, "AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster")


def broker_arn(broker: RawResource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a broker of Amazon MQ."""
    return _attribute(broker, "Arn", "AWS::AmazonMQ::Broker")


def event_bus_name(bus: EventBus | RawResource | str | Ref[str]) -> str | Ref[str]:
    """An event bus's name."""
    return _reference(bus, "AWS::Events::EventBus")


def log_group_name(group: LogGroup | RawResource | str | Ref[str]) -> str | Ref[str]:
    """A log group's name."""
    return _reference(group, "AWS::Logs::LogGroup")


def user_pool_id(pool: RawResource | str | Ref[str]) -> str | Ref[str]:
    """A Cognito user pool's id."""
    return _reference(pool, "AWS::Cognito::UserPool")


def rest_api_id(api: Api | RawResource | str | Ref[str]) -> str | Ref[str]:
    """A REST API's id."""
    return _reference(api, "AWS::Serverless::Api", "AWS::ApiGateway::RestApi")


def http_api_id(api: HttpApi | RawResource | str | Ref[str]) -> str | Ref[str]:
    """An HTTP API's id."""
    return _reference(api, "AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api")


_FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")


def function_arn(
    function: FunctionSettings | Alias | Version | RawResource | str | Ref[str],
) -> str | Ref[str]:
    """The ARN of a function, version or alias."""
    if isinstance(function, Resource) and function.aws_type in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        return function.ref
    return _attribute(function, "Arn", *_FUNCTIONS)


def user_pool_arn(pool: RawResource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a Cognito user pool."""
    return _attribute(pool, "Arn", "AWS::Cognito::UserPool")


def _reference(source: Source, *aws_types: str) -> str | Ref[str]:
    if isinstance(source, Resource) and source.aws_type in aws_types:
        return source.ref
    return source  # type: ignore[return-value]  # the field refuses a resource of another type


def _attribute(source: Source, attribute: str, *aws_types: str) -> str | Ref[str]:
    if isinstance(source, Resource) and source.aws_type in aws_types:
        return source.attr(attribute)
    return source  # type: ignore[return-value]  # the field refuses a resource of another type
