"""What a flow of Amazon Connect hands to a function. The function answers with a flat object of texts, or JSON.

Source: Amazon Connect Administrator Guide, connect-lambda-functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload, named, nullable


@frozen(kw_only=True)
class Endpoint(Payload):
    """A telephone number, or another address."""

    FORM: ClassVar[str] = "pascal"

    address: str
    type: str


@frozen(kw_only=True)
class Queue(Payload):
    """The queue that the contact waits in."""

    FORM: ClassVar[str] = "pascal"

    arn: str = named("ARN")
    name: str
    outbound_caller_id: Endpoint | None = None


@frozen(kw_only=True)
class ContactData(Payload):
    """The contact."""

    FORM: ClassVar[str] = "pascal"

    attributes: Mapping[str, str]
    channel: str
    contact_id: str
    customer_endpoint: Endpoint | None = nullable()
    customer_id: str | None = None
    description: str | None = None
    initial_contact_id: str
    initiation_method: str
    instance_arn: str = named("InstanceARN")
    language_code: str | None = None
    media_streams: Mapping[str, Any] | None = None
    name: str | None = None
    previous_contact_id: str | None = None
    queue: Queue | None = nullable()
    references: Mapping[str, Any] | None = None
    system_endpoint: Endpoint | None = nullable()


@frozen(kw_only=True)
class Details(Payload):
    """The contact, and the parameters that the flow gives."""

    FORM: ClassVar[str] = "pascal"

    contact_data: ContactData
    parameters: Mapping[str, Any]


@frozen(kw_only=True)
class Event(Payload):
    """A step of a flow."""

    FORM: ClassVar[str] = "pascal"

    details: Details
    name: str


def sample(
    phone: str = "+1234567890",
    *,
    channel: str = "VOICE",
    parameters: Mapping[str, Any] | None = None,
    region: str = "eu-west-2",
    account: str = "111111111111",
) -> Event:
    """Somebody who calls."""
    contact = "4a573372-1f28-4e26-b97b-XXXXXXXXXXX"
    instance = f"arn:aws:connect:{region}:{account}:instance/c8c0e68d-2200-4265-82c0-XXXXXXXXXX"
    data = ContactData(
        attributes={"exampleAttributeKey1": "exampleAttributeValue1"},
        channel=channel,
        contact_id=contact,
        customer_endpoint=Endpoint(address=phone, type="TELEPHONE_NUMBER"),
        initial_contact_id=contact,
        initiation_method="INBOUND",
        instance_arn=instance,
        previous_contact_id=contact,
        system_endpoint=Endpoint(address="+1234567899", type="TELEPHONE_NUMBER"),
    )
    given = parameters or {"exampleParameterKey1": "exampleParameterValue1"}
    return Event(details=Details(contact_data=data, parameters=given), name="ContactFlowEvent")
