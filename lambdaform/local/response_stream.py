"""A response that a function streams: piece by piece from its environment to one caller.

It holds about a megabyte. When the caller is slower than the function, the function waits, as it does on Lambda.
Lambda's bandwidth limit (2 MB a second after the first 6 MB) is not imposed.

Source: AWS Lambda Developer Guide, configuration-response-streaming, runtimes-custom.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from lambdaform.local.http import Connection

#: How much is held for a caller, in bytes, before the function has to wait, and when it may go on.
_FULL, _EMPTY = 1 << 20, 1 << 18


class ResponseStream:
    """Give one to `Front.invoke`, and iterate over the pieces while that is awaited.

    A function that does not stream gives no pieces: what it returns is the response's payload.
    """

    def __init__(self) -> None:
        #: Set once the event is on its way to the function.
        self.request_id: str | None = None
        self.executed_version: str | None = None
        #: The media type that the function gave its stream; None until it has begun.
        self.content_type: str | None = None
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._source: Connection | None = None
        self._is_paused = False
        self._has_ended = False
        self._changed = asyncio.Event()

    def begin(self, source: Connection, content_type: str) -> None:
        """The function begins to stream, over this connection."""
        self._source, self.content_type = source, content_type
        self._changed.set()

    def put(self, piece: bytes) -> None:
        """The next piece, as it comes from the function."""
        self._pieces.append(piece)
        self._held += len(piece)
        self._changed.set()
        if self._held > _FULL and not self._is_paused and self._source is not None:
            self._is_paused = True
            self._source.pause_reading()

    def end(self) -> None:
        """The function has answered, or never will."""
        self._has_ended = True
        self._changed.set()

    async def begun(self) -> bool:
        """Wait until the function streams, or has answered without; whether it streams."""
        while self.content_type is None and not self._has_ended:
            await self._change()
        return self.content_type is not None

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            if self._pieces:
                piece = self._pieces.popleft()
                self._held -= len(piece)
                if self._is_paused and self._held < _EMPTY and self._source is not None:
                    self._is_paused = False
                    self._source.resume_reading()
                yield piece
            elif self._has_ended:
                return
            else:
                await self._change()


class StreamedBody:
    """Takes a streamed response's body off the wire: for the stream of its caller, or kept for one that waits.

    ``take`` counts; a body over ``limit`` bytes is said to be by `take`, once, and no more of it is kept.
    """

    def __init__(self, stream: ResponseStream | None, limit: int) -> None:
        self.size = 0
        self.limit = limit
        self.kept = bytearray()
        self.is_streamed = stream is not None
        self._stream = stream

    @property
    def is_too_large(self) -> bool:
        """Whether there was more than the limit."""
        return self.size > self.limit

    def take(self, piece: bytes) -> bool:
        """The next piece; whether it was the one that is too much."""
        was_too_large = self.is_too_large
        self.size += len(piece)
        if self.is_too_large:
            self.kept.clear()
            return not was_too_large
        if self._stream is not None:
            self._stream.put(piece)
        else:
            self.kept += piece
        return False
