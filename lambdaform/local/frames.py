"""What a runtime writes to the descriptor that Lambda gives it for its log, ``_LAMBDA_TELEMETRY_LOG_FD``.

::

    type, a55a0003 or with a level (4 bytes) | length (4) | microseconds since 1970 (8) | message

Each frame is one log event, whatever lines are in it. Numbers are big-endian. A type without its second bit has no
time.

Source: aws-lambda-python-runtime-interface-client and aws-lambda-java-runtime-interface-client, FramedTelemetryLogSink.
"""

from __future__ import annotations

import struct

from lambdaform.local.logs import EventCutter, LineSplitter, text_of

#: The variable that names the descriptor.
VARIABLE = "_LAMBDA_TELEMETRY_LOG_FD"
_HEAD = struct.Struct(">II")
_MAGIC, _HAS_TIME, _TIME_BYTES = 0xA55A, 0x2, 8


class FrameSplitter:
    """Cuts frames out of the bytes that come; what is none counts as lines."""

    def __init__(self) -> None:
        self._rest = bytearray()
        #: How many bytes of the frame that has begun are still to come.
        self._left = 0
        self._message = EventCutter()
        self._lines = LineSplitter()

    def feed(self, data: bytes) -> list[str]:
        """The messages that are complete now, or are more than one event can have."""
        self._rest += data
        texts: list[str] = []
        while self._rest:
            if self._left:
                piece = bytes(self._rest[: self._left])
                del self._rest[: self._left]
                self._left -= len(piece)
                texts += self._message.feed(piece if self._left else piece.removesuffix(b"\n"))
                if not self._left:
                    texts += self._message.end()
            elif len(self._rest) < _HEAD.size:
                break
            else:
                kind, length = _HEAD.unpack_from(self._rest)
                head = _HEAD.size + (_TIME_BYTES if kind & _HAS_TIME else 0)
                if kind >> 16 != _MAGIC:
                    texts += self._lines.feed(bytes(self._rest))
                    self._rest.clear()
                elif len(self._rest) < head:
                    break
                else:
                    del self._rest[:head]
                    self._left = length
        return texts

    @property
    def has_rest(self) -> bool:
        """Whether something has come that is no whole frame."""
        return bool(self._rest) or self._message.has_rest or self._lines.has_rest

    def flush(self) -> list[str]:
        """What has come of a frame, or of a line, whose end has not."""
        texts = self._lines.flush()
        if self._message.has_rest:
            texts += self._message.end()
        if self._rest:
            texts.append(text_of(bytes(self._rest)))
        self._rest.clear()
        self._left = 0
        return texts
