"""Messages of an Amazon MQ broker: ActiveMQ's and RabbitMQ's.

Source: AWS Lambda Developer Guide, with-mq.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload, named, nullable


@frozen(kw_only=True)
class Destination(Payload):
    """The queue of a message."""

    physical_name: str


@frozen(kw_only=True)
class ActiveMqMessage(Payload):
    """One message of ActiveMQ; ``data`` is in Base64."""

    message_id: str = named("messageID")
    message_type: str
    delivery_mode: int | None = None
    reply_to: str | None = nullable()
    type: str | None = nullable()
    expiration: str | None = nullable()
    priority: int | None = None
    correlation_id: str | None = nullable()
    redelivered: bool
    destination: Destination
    data: str
    timestamp: int
    broker_in_time: int
    broker_out_time: int
    properties: Mapping[str, Any] | None = None

    @property
    def decoded(self) -> bytes:
        """The data."""
        return base64.b64decode(self.data)


@frozen(kw_only=True)
class ActiveMqEvent(Payload):
    """A batch of messages of ActiveMQ."""

    event_source: str
    event_source_arn: str
    messages: Sequence[ActiveMqMessage]


@frozen(kw_only=True)
class BasicProperties(Payload):
    """What RabbitMQ says of a message."""

    content_type: str | None = nullable()
    content_encoding: str | None = nullable()
    headers: Mapping[str, Any] | None = nullable()
    delivery_mode: int | None = nullable()
    priority: int | None = nullable()
    correlation_id: str | None = nullable()
    reply_to: str | None = nullable()
    expiration: str | None = nullable()
    message_id: str | None = nullable()
    timestamp: str | None = nullable()
    type: str | None = nullable()
    user_id: str | None = nullable()
    app_id: str | None = nullable()
    cluster_id: str | None = nullable()
    body_size: int


@frozen(kw_only=True)
class RabbitMqMessage(Payload):
    """One message of RabbitMQ; ``data`` is in Base64."""

    basic_properties: BasicProperties
    redelivered: bool
    data: str

    @property
    def decoded(self) -> bytes:
        """The data."""
        return base64.b64decode(self.data)


@frozen(kw_only=True)
class RabbitMqEvent(Payload):
    """A batch of messages of RabbitMQ by queue and virtual host (``pizzaQueue::/``)."""

    event_source: str
    event_source_arn: str
    rmq_messages_by_queue: Mapping[str, Sequence[RabbitMqMessage]]


def sample_active(
    data: str = "ABC:AAAA",
    *,
    queue: str = "testQueue",
    region: str = "us-east-2",
    account: str = "111122223333",
) -> ActiveMqEvent:
    """One message of ActiveMQ; ``data`` is text, which the event has in Base64."""
    broker = "b-9bcfa592-423a-4942-879d-eb284b418fc8"
    message = ActiveMqMessage(
        message_id=f"ID:{broker}-1.mq.{region}.amazonaws.com-37557-1234520418293-4:1:1:1:1",
        message_type="jms/text-message",
        delivery_mode=1,
        expiration="60000",
        priority=1,
        correlation_id="myJMSCoID",
        redelivered=False,
        destination=Destination(physical_name=queue),
        data=base64.b64encode(data.encode()).decode(),
        timestamp=1598827811958,
        broker_in_time=1598827811958,
        broker_out_time=1598827811959,
        properties={"index": "1", "doAlarm": "false", "myCustomProperty": "value"},
    )
    return ActiveMqEvent(
        event_source="aws:mq",
        event_source_arn=f"arn:aws:mq:{region}:{account}:broker:test:{broker}",
        messages=[message],
    )


def sample_rabbit(
    data: str = '{"timeout":0,"data":"CZrmf0Gw8Ov4bqLQxD4E"}',
    *,
    queue: str = "pizzaQueue",
    virtual_host: str = "/",
    region: str = "us-east-2",
    account: str = "111122223333",
) -> RabbitMqEvent:
    """One message of RabbitMQ; ``data`` is text, which the event has in Base64."""
    properties = BasicProperties(
        content_type="text/plain",
        headers={"header1": {"bytes": list(b"value1")}, "numberInHeader": 10},
        delivery_mode=1,
        priority=34,
        expiration="60000",
        timestamp="Jan 1, 1970, 12:33:41 AM",
        user_id="AIDACKCEVSQ6C2EXAMPLE",
        body_size=80,
    )
    message = RabbitMqMessage(
        basic_properties=properties, redelivered=False, data=base64.b64encode(data.encode()).decode()
    )
    return RabbitMqEvent(
        event_source="aws:rmq",
        event_source_arn=f"arn:aws:mq:{region}:{account}:broker:pizzaBroker:b-9bcfa592-423a-4942-879d-eb284b418fc8",
        rmq_messages_by_queue={f"{queue}::{virtual_host}": [message]},
    )
