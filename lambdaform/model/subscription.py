"""Subscriptions of SNS topics, and topics' policies.

Source: AWS CloudFormation User Guide, AWS::SNS::Subscription and AWS::SNS::TopicPolicy; SNS Developer Guide,
"Message filtering".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.definition import frozen
from lambdaform.model.iam import DOCUMENT, Document, arn_of, role_arn, to_policy_document
from lambdaform.model.queue import Protocol, Topic
from lambdaform.model.references import Ref
from lambdaform.model.resource import RawResource, Resource, reference_of
from lambdaform.model.shape import Shape


def topic_arn(topic: Topic | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a topic given as an object."""
    return reference_of(topic, "AWS::SNS::Topic")


def _topic_arns(
    topics: Sequence[Topic | RawResource | str | Ref[str]] | Ref[Any],
) -> Sequence[str | Ref[str]] | Ref[Any]:
    if isinstance(topics, list | tuple):
        return tuple(topic_arn(each) for each in topics)
    return topics  # type: ignore[return-value]  # what is no list is refused by the field


@frozen
class SubscriptionRedrivePolicy(Shape):
    """The queue for messages that a subscriber never took."""

    dead_letter_target_arn: str | Ref[str] = field(
        converter=arn_of, metadata={"aws_name": "deadLetterTargetArn"}
    )


@frozen(kw_only=True)
class Subscription(Resource):
    """``AWS::SNS::Subscription``: who gets a topic's messages, and which.

    ``endpoint`` may be the function or queue itself. A function needs a `Permission` for ``sns.amazonaws.com``,
    a queue a policy that lets the topic send.
    """

    TYPE: ClassVar[str] = "AWS::SNS::Subscription"

    topic_arn: str | Ref[str] = field(
        converter=topic_arn, metadata={"shorthand": "a Topic, its ARN or a reference"}
    )
    protocol: Protocol | Ref[str]
    endpoint: str | Ref[str] | None = field(default=None, converter=optional(arn_of))
    filter_policy: Mapping[str, Any] | str | Ref[Any] | None = None
    filter_policy_scope: Literal["MessageAttributes", "MessageBody"] | Ref[str] | None = None
    raw_message_delivery: bool | Ref[bool] | None = None
    redrive_policy: SubscriptionRedrivePolicy | str | Ref[Any] | None = None
    delivery_policy: Mapping[str, Any] | str | Ref[Any] | None = None
    replay_policy: Mapping[str, Any] | str | Ref[Any] | None = None
    subscription_role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    region: str | Ref[str] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The subscription's ARN, which is what ``Ref`` gives."""
        return self.ref


@frozen(kw_only=True)
class TopicPolicy(Resource):
    """``AWS::SNS::TopicPolicy``: who may do what with some topics."""

    TYPE: ClassVar[str] = "AWS::SNS::TopicPolicy"

    topics: Sequence[str | Ref[str]] | Ref[Any] = field(
        converter=_topic_arns, metadata={"shorthand": "a list of Topics, their ARNs and references"}
    )
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)


@frozen(kw_only=True)
class TopicInlinePolicy(Resource):
    """``AWS::SNS::TopicInlinePolicy``: who may do what with one topic."""

    TYPE: ClassVar[str] = "AWS::SNS::TopicInlinePolicy"

    topic_arn: str | Ref[str] = field(
        converter=topic_arn, metadata={"shorthand": "a Topic, its ARN or a reference"}
    )
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)
