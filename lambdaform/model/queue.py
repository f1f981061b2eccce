"""Queues and topics, and a function's dead letters that go to one of them.

Source: AWS CloudFormation User Guide, AWS::SQS::Queue and AWS::SNS::Topic; SQS Developer Guide, "Quotas".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import DOCUMENT, Document, arn_of, arns_of, role_arn, to_policy_document
from lambdaform.model.references import Ref
from lambdaform.model.resource import RawResource, Resource, Tags, reference_of
from lambdaform.model.shape import Shape

if TYPE_CHECKING:
    from lambdaform.model.grants import Grant

_QUOTA = "SQS Developer Guide, message quotas"


@frozen(kw_only=True)
class RedrivePolicy(Shape):
    """Where a queue puts a message that was received ``max_receive_count`` times without being deleted."""

    dead_letter_target_arn: str | Ref[str] = field(
        converter=arn_of, metadata={"aws_name": "deadLetterTargetArn"}
    )
    max_receive_count: Annotated[int, Within(1, 1000, "receives", source=_QUOTA)] | Ref[int] = field(
        metadata={"aws_name": "maxReceiveCount"}
    )


@frozen(kw_only=True)
class RedriveAllowPolicy(Shape):
    """Which queues may use this one for their dead letters."""

    redrive_permission: Literal["allowAll", "denyAll", "byQueue"] | Ref[str] = field(
        metadata={"aws_name": "redrivePermission"}
    )
    source_queue_arns: (
        Annotated[Sequence[str | Ref[str]], Count(high=10, unit="queues", source=_QUOTA)] | Ref[Any] | None
    ) = field(default=None, converter=arns_of, metadata={"aws_name": "sourceQueueArns"})


@frozen(kw_only=True)
class Queue(Resource):
    """``AWS::SQS::Queue``. Times are in seconds, sizes in bytes."""

    TYPE: ClassVar[str] = "AWS::SQS::Queue"

    queue_name: (
        Annotated[
            str,
            Matching(
                r"(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?",
                "A queue name has letters, digits, hyphens and underscores, at most 80; that of a FIFO queue ends in "
                ".fifo (SQS API, CreateQueue).",
            ),
        ]
        | Ref[str]
        | None
    ) = None
    fifo_queue: bool | Ref[bool] | None = None
    content_based_deduplication: bool | Ref[bool] | None = None
    deduplication_scope: Literal["messageGroup", "queue"] | Ref[str] | None = None
    fifo_throughput_limit: Literal["perQueue", "perMessageGroupId"] | Ref[str] | None = None
    visibility_timeout: Annotated[int, Within(0, 43_200, "seconds", source=_QUOTA)] | Ref[int] | None = None
    message_retention_period: (
        Annotated[int, Within(60, 1_209_600, "seconds", source=_QUOTA)] | Ref[int] | None
    ) = None
    delay_seconds: Annotated[int, Within(0, 900, "seconds", source=_QUOTA)] | Ref[int] | None = None
    receive_message_wait_time_seconds: (
        Annotated[int, Within(0, 20, "seconds", source=_QUOTA)] | Ref[int] | None
    ) = None
    maximum_message_size: (
        Annotated[int, Within(1024, 1_048_576, "bytes", source=_QUOTA)] | Ref[int] | None
    ) = None
    kms_master_key_id: str | Ref[str] | None = None
    kms_data_key_reuse_period_seconds: (
        Annotated[int, Within(60, 86_400, "seconds", source=_QUOTA)] | Ref[int] | None
    ) = None
    sqs_managed_sse_enabled: bool | Ref[bool] | None = None
    redrive_policy: RedrivePolicy | Ref[Any] | None = None
    redrive_allow_policy: RedriveAllowPolicy | str | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The queue's ARN."""
        return self.attr("Arn")

    @property
    def url(self) -> Ref[str]:
        """The queue's URL, which is what ``Ref`` gives."""
        return self.ref

    @property
    def name(self) -> Ref[str]:
        """The queue's name."""
        return self.attr("QueueName")

    @property
    def is_fifo(self) -> bool:
        """Whether this is known to be a FIFO queue, by its setting or its name."""
        named = isinstance(self.queue_name, str) and self.queue_name.endswith(".fifo")
        return self.fifo_queue is True or named

    def send(self) -> Grant:
        """Leave to send messages to the queue."""
        from lambdaform.model import grants

        return grants.send(self)

    def consume(self) -> Grant:
        """Leave to receive the queue's messages and delete them."""
        from lambdaform.model import grants

        return grants.consume(self)


def queue_url(queue: Queue | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The URL of a queue given as an object."""
    return reference_of(queue, "AWS::SQS::Queue")


def _queue_urls(
    queues: Sequence[Queue | RawResource | str | Ref[str]] | Ref[Any],
) -> Sequence[str | Ref[str]] | Ref[Any]:
    if isinstance(queues, list | tuple):
        return tuple(queue_url(each) for each in queues)
    return queues  # type: ignore[return-value]  # what is no list is refused by the field


@frozen(kw_only=True)
class QueuePolicy(Resource):
    """``AWS::SQS::QueuePolicy``: who may do what with some queues."""

    TYPE: ClassVar[str] = "AWS::SQS::QueuePolicy"

    queues: Sequence[str | Ref[str]] | Ref[Any] = field(
        converter=_queue_urls, metadata={"shorthand": "a list of Queues, their URLs and references"}
    )
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)


@frozen(kw_only=True)
class QueueInlinePolicy(Resource):
    """``AWS::SQS::QueueInlinePolicy``: who may do what with one queue."""

    TYPE: ClassVar[str] = "AWS::SQS::QueueInlinePolicy"

    queue: str | Ref[str] = field(
        converter=queue_url, metadata={"shorthand": "a Queue, its URL or a reference"}
    )
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)


Protocol = Literal["http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"]


@frozen
class TopicSubscription(Shape):
    """A subscriber that is part of its topic; `Subscription` stands by itself and can do more."""

    protocol: Protocol | Ref[str]
    endpoint: str | Ref[str] = field(converter=arn_of)


@frozen(kw_only=True)
class DeliveryStatusLogging(Shape):
    """Whether a topic logs what became of its messages to one kind of subscriber."""

    protocol: Literal["http/s", "sqs", "lambda", "firehose", "application"] | Ref[str]
    success_feedback_role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    success_feedback_sample_rate: str | Ref[str] | None = None
    failure_feedback_role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))


@frozen(kw_only=True)
class Topic(Resource):
    """``AWS::SNS::Topic``."""

    TYPE: ClassVar[str] = "AWS::SNS::Topic"

    topic_name: (
        Annotated[
            str,
            Matching(
                r"(?=.{1,256}$)[A-Za-z0-9_-]+(\.fifo)?",
                "A topic name has letters, digits, hyphens and underscores, at most 256; that of a FIFO topic ends in "
                ".fifo (SNS API, CreateTopic).",
            ),
        ]
        | Ref[str]
        | None
    ) = None
    display_name: str | Ref[str] | None = None
    fifo_topic: bool | Ref[bool] | None = None
    content_based_deduplication: bool | Ref[bool] | None = None
    fifo_throughput_scope: Literal["Topic", "MessageGroup"] | Ref[str] | None = None
    subscription: Sequence[TopicSubscription | Ref[Any]] | Ref[Any] | None = None
    kms_master_key_id: str | Ref[str] | None = None
    signature_version: Literal["1", "2"] | Ref[str] | None = None
    tracing_config: Literal["Active", "PassThrough"] | Ref[str] | None = None
    maximum_message_size: (
        Annotated[int, Within(1024, 1_048_576, "bytes", source="SNS API, CreateTopic")] | Ref[int] | None
    ) = None
    archive_policy: Mapping[str, Any] | str | Ref[Any] | None = None
    data_protection_policy: Mapping[str, Any] | str | Ref[Any] | None = None
    delivery_status_logging: Sequence[DeliveryStatusLogging | Ref[Any]] | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The topic's ARN, which is what ``Ref`` gives."""
        return self.ref

    @property
    def name(self) -> Ref[str]:
        """The topic's name."""
        return self.attr("TopicName")

    @property
    def is_fifo(self) -> bool:
        """Whether this is known to be a FIFO topic, by its setting or its name."""
        named = isinstance(self.topic_name, str) and self.topic_name.endswith(".fifo")
        return self.fifo_topic is True or named

    def publish(self) -> Grant:
        """Leave to publish messages to the topic."""
        from lambdaform.model import grants

        return grants.publish(self)


@frozen
class DeadLetterQueue(Shape):
    """Where an asynchronous event goes whose attempts have all failed: a standard queue or topic."""

    WRITTEN_AS: ClassVar[str | None] = "dead_letter_queue"

    type: Literal["SQS", "SNS"] | Ref[str]
    target_arn: str | Ref[str]


def to_dead_letter_queue(
    target: DeadLetterQueue | Queue | Topic | Ref[Any] | None,
) -> DeadLetterQueue | Ref[Any] | None:
    """A queue or topic as the dead-letter queue it stands for."""
    if isinstance(target, Queue):
        return DeadLetterQueue("SQS", target.arn)
    if isinstance(target, Topic):
        return DeadLetterQueue("SNS", target.arn)
    return target
