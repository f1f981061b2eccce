"""Queues and topics, and a function's dead letters that go to one of them.

Source: AWS CloudFormation User Guide, AWS::SQS::Queue and AWS::SNS::Topic; SQS Developer Guide, "Quotas".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from attrs import field, frozen

from lambdaform.model.constraints import Within
from lambdaform.model.iam import arn_of
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape

_QUOTA = "SQS Developer Guide, message quotas"


@frozen(kw_only=True)
class RedrivePolicy(Shape):
    """Where a queue puts a message that was received ``max_receive_count`` times without being deleted."""

    SPELLING: ClassVar[Mapping[str, str]] = {}

    dead_letter_target_arn: str | Ref[str] = field(
        converter=arn_of, metadata={"aws_name": "deadLetterTargetArn"}
    )
    max_receive_count: Annotated[int, Within(1, 1000, "receives", source=_QUOTA)] | Ref[int] = field(
        metadata={"aws_name": "maxReceiveCount"}
    )


@frozen(kw_only=True)
class Queue(Resource):
    """``AWS::SQS::Queue``. Times are in seconds, sizes in bytes."""

    TYPE: ClassVar[str] = "AWS::SQS::Queue"

    queue_name: str | Ref[str] | None = None
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
    redrive_allow_policy: Mapping[str, Any] | Ref[Any] | None = None
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
    def is_fifo(self) -> bool:
        """Whether this is known to be a FIFO queue, by its setting or its name."""
        named = isinstance(self.queue_name, str) and self.queue_name.endswith(".fifo")
        return self.fifo_queue is True or named


@frozen(kw_only=True)
class Topic(Resource):
    """``AWS::SNS::Topic``."""

    TYPE: ClassVar[str] = "AWS::SNS::Topic"

    topic_name: str | Ref[str] | None = None
    display_name: str | Ref[str] | None = None
    fifo_topic: bool | Ref[bool] | None = None
    content_based_deduplication: bool | Ref[bool] | None = None
    kms_master_key_id: str | Ref[str] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The topic's ARN, which is what ``Ref`` gives."""
        return self.ref

    @property
    def is_fifo(self) -> bool:
        """Whether this is known to be a FIFO topic, by its setting or its name."""
        named = isinstance(self.topic_name, str) and self.topic_name.endswith(".fifo")
        return self.fifo_topic is True or named


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
