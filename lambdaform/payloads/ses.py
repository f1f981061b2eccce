"""An email that SES has received, without its body; and what a synchronous function answers.

Source: Amazon SES Developer Guide, receiving-email-action-lambda-event, receiving-email-action-lambda.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class Header(Payload):
    """One header."""

    name: str
    value: str


@frozen(kw_only=True)
class CommonHeaders(Payload):
    """The headers that are asked for most."""

    return_path: str | None = None
    from_: Sequence[str] | None = named("from", None)
    reply_to: Sequence[str] | None = None
    date: str | None = None
    to: Sequence[str] | None = None
    cc: Sequence[str] | None = None
    bcc: Sequence[str] | None = None
    message_id: str | None = None
    subject: str | None = None


@frozen(kw_only=True)
class Mail(Payload):
    """The email."""

    timestamp: str
    source: str
    message_id: str
    destination: Sequence[str]
    headers_truncated: bool
    headers: Sequence[Header]
    common_headers: CommonHeaders


@frozen(kw_only=True)
class Verdict(Payload):
    """How a check went: PASS, FAIL, GRAY or PROCESSING_FAILED."""

    status: str


@frozen(kw_only=True)
class Action(Payload):
    """The action that sent this."""

    type: str
    function_arn: str
    invocation_type: str


@frozen(kw_only=True)
class Receipt(Payload):
    """How the email was received, and how the checks went."""

    timestamp: str
    processing_time_millis: int
    recipients: Sequence[str]
    spam_verdict: Verdict
    virus_verdict: Verdict
    spf_verdict: Verdict
    dkim_verdict: Verdict
    dmarc_verdict: Verdict | None = None
    dmarc_policy: str | None = None
    action: Action


@frozen(kw_only=True)
class Message(Payload):
    """The email and its receipt."""

    mail: Mail
    receipt: Receipt


@frozen(kw_only=True)
class Record(Payload):
    """One email."""

    event_source: str
    event_version: str
    ses: Message


@frozen(kw_only=True)
class Event(Payload):
    """What was received."""

    records: Sequence[Record] = named("Records")


@frozen(kw_only=True)
class Response(Payload):
    """What a function that SES waits for answers: whether further rules and actions apply."""

    disposition: Literal["CONTINUE", "STOP_RULE", "STOP_RULE_SET"]


def sample(
    subject: str = "This is a test",
    *,
    sender: str = "sender@example.com",
    recipient: str = "recipient@example.com",
    function: str = "IncomingEmail",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Event:
    """One email."""
    date = "Mon, 5 Aug 2019 21:29:57 +0000"
    message_id = "<F8098FDD-49A3-442D-9935-F6112B195BDA@example.com>"
    headers = {"From": sender, "To": recipient, "Subject": subject, "Date": date, "Message-ID": message_id}
    mail = Mail(
        timestamp="2019-08-05T21:30:02.028Z",
        source=sender,
        message_id="EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
        destination=[recipient],
        headers_truncated=False,
        headers=[Header(name=name, value=value) for name, value in headers.items()],
        common_headers=CommonHeaders(
            return_path=sender,
            from_=[sender],
            date=date,
            to=[recipient],
            message_id=message_id,
            subject=subject,
        ),
    )
    passed = Verdict(status="PASS")
    receipt = Receipt(
        timestamp="2019-08-05T21:30:02.028Z",
        processing_time_millis=1205,
        recipients=[recipient],
        spam_verdict=passed,
        virus_verdict=passed,
        spf_verdict=passed,
        dkim_verdict=passed,
        dmarc_verdict=Verdict(status="GRAY"),
        action=Action(
            type="Lambda",
            function_arn=f"arn:aws:lambda:{region}:{account}:function:{function}",
            invocation_type="Event",
        ),
    )
    record = Record(event_source="aws:ses", event_version="1.0", ses=Message(mail=mail, receipt=receipt))
    return Event(records=[record])
