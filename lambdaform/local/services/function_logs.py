"""What functions log, in CloudWatch Logs: their groups and streams are there as soon as somebody asks for logs.

Until then the newest events are kept; nothing is imported for functions that merely log.

Source: AWS Lambda Developer Guide, monitoring-cloudwatchlogs; CloudWatch Logs API Reference, PutLogEvents (its limits).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

from lambdaform.local.logs import LogLine
from lambdaform.local.services.stack_resources import Clients

#: How many events are kept for whoever asks for logs later, and how many characters of them.
_MOST, _MOST_TEXT = 10_000, 16 << 20
#: PutLogEvents takes so many events, and so many bytes, each event's text and 26 more.
_BATCH, _BATCH_BYTES, _EVENT_BYTES = 10_000, 1_048_576, 26


class FunctionLogs:
    """Log events on their way to CloudWatch Logs; of very many that nobody asks for the oldest go."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque()
        self._text = 0
        self._lock = Lock()
        self._streams: set[tuple[str, str]] = set()

    def put(self, line: LogLine) -> None:
        """Take one event."""
        with self._lock:
            self._lines.append(line)
            self._text += len(line.text)
            while self._text > _MOST_TEXT or len(self._lines) > _MOST:
                self._text -= len(self._lines.popleft().text)

    def hand_over(self, clients: Clients) -> None:
        """Put what has come since into its streams; from any thread, one at a time."""
        with self._lock:
            kept, self._lines, self._text = self._lines, deque(), 0
        by_stream: dict[tuple[str, str], list[LogLine]] = {}
        for line in kept:
            by_stream.setdefault((line.log_group, line.stream), []).append(line)
        for (group, stream), lines in by_stream.items():
            self._make(clients("logs"), group, stream)
            for events in _batches(sorted(lines, key=lambda line: line.timestamp)):
                clients("logs").put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def _make(self, logs: Any, group: str, stream: str) -> None:
        """Make a stream, and its group, where they are not there."""
        if (group, stream) in self._streams:
            return
        for make, names in (
            (logs.create_log_group, {"logGroupName": group}),
            (logs.create_log_stream, {"logGroupName": group, "logStreamName": stream}),
        ):
            try:
                make(**names)
            except logs.exceptions.ResourceAlreadyExistsException:
                continue
        self._streams.add((group, stream))


def _batches(lines: Sequence[LogLine]) -> Iterator[list[dict[str, Any]]]:
    """Events as PutLogEvents takes them."""
    events: list[dict[str, Any]] = []
    size = 0
    for line in lines:
        # An event without any text is none.
        message = line.text or " "
        weight = len(message.encode(errors="replace")) + _EVENT_BYTES
        if events and (size + weight > _BATCH_BYTES or len(events) == _BATCH):
            yield events
            events, size = [], 0
        events.append({"timestamp": round(line.timestamp * 1000), "message": message})
        size += weight
    if events:
        yield events
