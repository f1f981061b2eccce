"""A message of an SNS topic.

Source: AWS Lambda Developer Guide, with-sns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload, nullable


@frozen(kw_only=True)
class MessageAttribute(Payload):
    """An attribute that the publisher gave a message; a binary one in Base64."""

    FORM: ClassVar[str] = "pascal"

    type: str
    value: str


@frozen(kw_only=True)
class Message(Payload):
    """The message and what the topic says of it."""

    FORM: ClassVar[str] = "pascal"

    type: str
    message_id: str
    topic_arn: str
    subject: str | None = nullable()
    message: str
    timestamp: str
    signature_version: str
    signature: str
    #: AWS's page writes ``SigningCertURL``; the service and AWS's own libraries, as here.
    signing_cert_url: str | None = None
    unsubscribe_url: str
    message_attributes: Mapping[str, MessageAttribute]


@frozen(kw_only=True)
class Record(Payload):
    """One message as it reaches the subscription."""

    FORM: ClassVar[str] = "pascal"

    event_version: str
    event_subscription_arn: str
    event_source: str
    sns: Message


@frozen(kw_only=True)
class Event(Payload):
    """A message; SNS sends one at a time."""

    FORM: ClassVar[str] = "pascal"

    records: Sequence[Record]


def sample(
    message: str = "Hello from SNS!",
    *,
    subject: str | None = "TestInvoke",
    topic: str = "sns-lambda",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Event:
    """One message."""
    arn = f"arn:aws:sns:{region}:{account}:{topic}"
    subscription = f"{arn}:21be56ed-a058-49f5-8c98-aedd2564c486"
    host = f"https://sns.{region}.amazonaws.com"
    sent = Message(
        type="Notification",
        message_id="95df01b4-ee98-5cb9-9903-4c221d41eb5e",
        topic_arn=arn,
        subject=subject,
        message=message,
        timestamp="2019-01-02T12:45:07.000Z",
        signature_version="1",
        signature="tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1+82j65r==",
        signing_cert_url=f"{host}/SimpleNotificationService-ac565b8b1a6c5d002d285f9598aa1d9b.pem",
        unsubscribe_url=f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription}",
        message_attributes={"Test": MessageAttribute(type="String", value="TestString")},
    )
    record = Record(
        event_version="1.0", event_subscription_arn=subscription, event_source="aws:sns", sns=sent
    )
    return Event(records=[record])
