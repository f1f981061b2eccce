"""Messages of an event stream, as AWS's services write them and SDKs read them.

::

    total length (4) | length of the headers (4) | CRC of those 8 bytes (4) | headers | payload | CRC of all before (4)

Source: Amazon Transcribe Developer Guide, event-stream; Smithy, "Amazon Event Stream Specification".
"""

from __future__ import annotations

import struct
from binascii import crc32

#: The type of a header's value that is text.
_STRING = 7


def message(kind: str, content_type: str, payload: bytes) -> bytes:
    """One event; ``kind`` is its name in the service's model."""
    headers = b"".join(
        _header(name, value)
        for name, value in (
            (":event-type", kind),
            (":content-type", content_type),
            (":message-type", "event"),
        )
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    begun = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return begun + struct.pack(">I", crc32(begun))


def _header(name: str, value: str) -> bytes:
    told, text = name.encode(), value.encode()
    return struct.pack(">B", len(told)) + told + struct.pack(">BH", _STRING, len(text)) + text
