"""Log events of a CloudWatch Logs subscription filter; what they are is packed, and `decode` unpacks it.

Source: CloudWatch Logs User Guide, SubscriptionFilters.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence

from attrs import frozen

from lambdaform.errors import PayloadError
from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class LogEvent(Payload):
    """One log event; ``timestamp`` is in milliseconds since 1970."""

    id: str
    timestamp: int
    message: str


@frozen(kw_only=True)
class Batch(Payload):
    """The log events, and where they come from. A CONTROL_MESSAGE only checks that there is somebody."""

    message_type: str
    owner: str
    log_group: str
    log_stream: str
    subscription_filters: Sequence[str]
    log_events: Sequence[LogEvent]

    def encode(self) -> str:
        """The batch as CloudWatch Logs packs it: JSON, gzip, Base64. The same batch gives the same text."""
        text = json.dumps(self.to_json(), separators=(",", ":")).encode()
        return base64.b64encode(gzip.compress(text, mtime=0)).decode()


@frozen(kw_only=True)
class Packed(Payload):
    """The packed batch."""

    data: str

    def decode(self) -> Batch:
        """The batch. Raises `PayloadError` where it is not packed as CloudWatch Logs does it."""
        try:
            text = gzip.decompress(base64.b64decode(self.data, validate=True))
        except (ValueError, OSError, EOFError) as error:
            raise PayloadError(
                f"awslogs.data cannot be unpacked: {error}.", right="It is gzip in Base64."
            ) from error
        return Batch.from_json(text)


@frozen(kw_only=True)
class Event(Payload):
    """A batch of log events."""

    awslogs: Packed


def sample(
    message: str = "[ERROR] First test message",
    *,
    log_group: str = "testLogGroup",
    log_stream: str = "testLogStream",
    account: str = "123456789012",
) -> Event:
    """One log event."""
    batch = Batch(
        message_type="DATA_MESSAGE",
        owner=account,
        log_group=log_group,
        log_stream=log_stream,
        subscription_filters=["testFilter"],
        log_events=[
            LogEvent(
                id="31953106606966983378809025079804211143289615424298221568",
                timestamp=1440442987000,
                message=message,
            )
        ],
    )
    return Event(awslogs=Packed(data=batch.encode()))
