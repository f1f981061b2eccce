"""Events that another service pushes: changed objects, messages, log lines, device data, sign-ins, speech.

Source: SAM Developer Guide, S3, SNS, CloudWatchLogs, IoTRule, Cognito and AlexaSkill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.model.constraints import Count
from lambdaform.model.definition import frozen
from lambdaform.model.event import FunctionEvent
from lambdaform.model.polling import BatchSize
from lambdaform.model.references import Ref
from lambdaform.model.s3_filter import BucketEvent, NotificationFilter, to_notification_filter
from lambdaform.model.shape import Shape
from lambdaform.model.sources import (
    bucket_name,
    log_group_name,
    queue_arn,
    queue_url,
    topic_arn,
    user_pool_id,
)


def _listed(values: str | Sequence[str | Ref[str]] | Ref[Any]) -> Any:
    return (values,) if isinstance(values, str) else values


@frozen
class S3Event(FunctionEvent):
    """Changes of a bucket's objects: ``S3Event(uploads, events="s3:ObjectCreated:*", filter={"suffix": ".csv"})``.

    The bucket must be one of the same template.
    """

    TYPE: ClassVar[str] = "S3"

    bucket: str | Ref[str] = field(
        converter=bucket_name, metadata={"shorthand": "a Bucket or a reference to one of this template"}
    )
    events: Sequence[BucketEvent | Ref[str]] | BucketEvent | Ref[Any] = field(kw_only=True)
    filter: NotificationFilter | Ref[Any] | None = field(
        default=None,
        kw_only=True,
        converter=to_notification_filter,
        metadata={"shorthand": "a mapping of prefix and suffix, or a NotificationFilter"},
    )


@frozen
class SqsSubscription(Shape):
    """The queue between a topic and the function: ``SqsSubscription(queue)``."""

    queue_arn: str | Ref[str] = field(
        converter=queue_arn, metadata={"shorthand": "a Queue, an ARN or a reference"}
    )
    queue_url: str | Ref[str] = field(
        converter=queue_url, metadata={"shorthand": "a Queue, a URL or a reference"}
    )
    batch_size: BatchSize | str | Ref[int] | None = field(default=None, kw_only=True)
    enabled: bool | None = field(default=None, kw_only=True)
    queue_policy_logical_id: str | None = field(default=None, kw_only=True)


@frozen
class SnsEvent(FunctionEvent):
    """Messages of a topic, each its own invocation: ``SnsEvent(alerts)``.

    ``sqs_subscription`` puts a queue between them, of SAM's making or one's own, and so gives batches.
    """

    TYPE: ClassVar[str] = "SNS"

    topic: str | Ref[str] = field(
        converter=topic_arn, metadata={"shorthand": "a Topic, an ARN or a reference"}
    )
    region: str | Ref[str] | None = field(default=None, kw_only=True)
    filter_policy: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    filter_policy_scope: Literal["MessageAttributes", "MessageBody"] | Ref[str] | None = field(
        default=None, kw_only=True
    )
    redrive_policy: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    sqs_subscription: SqsSubscription | bool | None = field(default=None, kw_only=True)


@frozen
class CloudWatchLogsEvent(FunctionEvent):
    """Lines of a log group that match a pattern; the empty pattern matches all."""

    TYPE: ClassVar[str] = "CloudWatchLogs"

    log_group_name: str | Ref[str] = field(
        converter=log_group_name, metadata={"shorthand": "a log group, its name or a reference"}
    )
    filter_pattern: (
        Annotated[str, Count(high=1024, unit="characters", source="Logs API, PutSubscriptionFilter")]
        | Ref[str]
    )


@frozen
class IoTRuleEvent(FunctionEvent):
    """Messages of devices that an SQL statement selects: ``IoTRuleEvent("SELECT * FROM 'sensors/#'")``."""

    TYPE: ClassVar[str] = "IoTRule"

    sql: str | Ref[str]
    aws_iot_sql_version: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen
class AlexaSkillEvent(FunctionEvent):
    """Requests of an Alexa skill; of one skill only where its id is given."""

    TYPE: ClassVar[str] = "AlexaSkill"

    skill_id: str | Ref[str] | None = None


CognitoTrigger = Literal[
    "CreateAuthChallenge",
    "CustomEmailSender",
    "CustomMessage",
    "CustomSMSSender",
    "DefineAuthChallenge",
    "InboundFederation",
    "PostAuthentication",
    "PostConfirmation",
    "PreAuthentication",
    "PreSignUp",
    "PreTokenGeneration",
    "PreTokenGenerationConfig",
    "UserMigration",
    "VerifyAuthChallengeResponse",
]


@frozen
class CognitoEvent(FunctionEvent):
    """Steps of signing up and in with a user pool of the same template."""

    TYPE: ClassVar[str] = "Cognito"

    user_pool: str | Ref[str] = field(
        converter=user_pool_id, metadata={"shorthand": "a user pool or a reference to one of this template"}
    )
    trigger: CognitoTrigger | Sequence[CognitoTrigger | Ref[str]] | Ref[Any] = field(kw_only=True)
