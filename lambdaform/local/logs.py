"""What an execution environment writes to its log: Lambda's own lines, and the function's.

Source: recordings of real AWS log lines; AWS Lambda Developer Guide, monitoring-cloudwatchlogs.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lambdaform.local.runtime_version import RuntimeVersion

#: CloudWatch Logs takes events of up to 256 KB; a longer line is cut into several (CloudWatch Logs quotas).
MAX_EVENT_BYTES = 262_144
#: What is not longer than this is not longer than an event as text either: a byte that is no UTF-8 becomes three.
_SURELY_ONE_EVENT = MAX_EVENT_BYTES // 3


#: What the bootstraps write before an event of the runtime's own logger, where the log's format is JSON.
LOGGED = "\x1e\x1f"
_LOGGED = LOGGED.encode()


class LogLine(NamedTuple):
    """One log event. ``timestamp`` is in seconds since the epoch; ``text`` has no line end."""

    function_name: str
    log_group: str
    stream: str
    request_id: str | None
    text: str
    timestamp: float


Log = Callable[[LogLine], None]


class Spent(NamedTuple):
    """What an invocation took: durations in milliseconds, sizes in MB.

    ``init_ms`` is None in an environment that was warm, ``restore_ms`` in one of no snapshot.
    """

    duration_ms: float
    billed_ms: int
    memory_size: int
    memory_used: int
    init_ms: float | None = None
    restore_ms: float | None = None


def init_start(version: RuntimeVersion) -> str:
    """The first line of a new environment."""
    return f"INIT_START Runtime Version: {version.name}\tRuntime Version ARN: {version.arn}"


def init_report(milliseconds: float, phase: str, status: str, error_type: str | None) -> str:
    """The line on an initialisation that failed."""
    line = f"INIT_REPORT Init Duration: {milliseconds:.2f} ms\tPhase: {phase}\tStatus: {status}"
    return f"{line}\tError Type: {error_type}" if error_type else line


def restore_start(version: RuntimeVersion) -> str:
    """The first line of an environment that is restored from its snapshot."""
    return f"RESTORE_START Runtime Version: {version.name}\tRuntime Version ARN: {version.arn}"


def restore_report(milliseconds: float, status: str | None, error_type: str | None) -> str:
    """The line on a restoration; ``status`` is that of one that failed."""
    line = f"RESTORE_REPORT Restore Duration: {milliseconds:.2f} ms"
    if status is not None:
        line += f"\tStatus: {status}"
    return f"{line}\tError Type: {error_type}" if error_type else line


def start(request_id: str, version: str) -> str:
    """The line before an invocation."""
    return f"START RequestId: {request_id} Version: {version}"


def end(request_id: str) -> str:
    """The line after an invocation."""
    return f"END RequestId: {request_id}"


def billed(duration_ms: float, init_ms: float | None, granularity_ms: int, *, init_is_billed: bool) -> int:
    """The billed milliseconds: duration and, today, initialisation, as they are shown, rounded up together."""
    if init_ms is None and granularity_ms == 1:
        return math.ceil(round(duration_ms, 2)) or 1
    total = round(duration_ms, 2) + round(init_ms or 0.0 if init_is_billed else 0.0, 2)
    return max(math.ceil(round(total, 2) / granularity_ms), 1) * granularity_ms


def report(
    request_id: str, spent: Spent, *, status: str | None, error_type: str | None, xray: str | None = None
) -> str:
    """The line that sums an invocation up. ``xray`` is what is said of its trace, in a second line."""
    line = (
        f"REPORT RequestId: {request_id}\tDuration: {spent.duration_ms:.2f} ms\t"
        f"Billed Duration: {spent.billed_ms} ms\t"
        f"Memory Size: {spent.memory_size} MB\tMax Memory Used: {spent.memory_used} MB\t"
    )
    if spent.init_ms is not None:
        line += f"Init Duration: {spent.init_ms:.2f} ms\t"
    if spent.restore_ms is not None:
        line += (
            f"Restore Duration: {spent.restore_ms:.2f} ms\t"
            f"Billed Restore Duration: {math.ceil(spent.restore_ms)} ms\t"
        )
    if status is not None:
        line += f"Status: {status}\t"
    if error_type is not None:
        line += f"Error Type: {error_type}\t"
    return line if xray is None else f"{line}\n{xray}"


class EventCutter:
    """Cuts one text, whose bytes come in pieces, into log events: at most 256 KB each, between characters.

    What begins with `LOGGED` does so in each of its events.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._is_cut = False

    @property
    def has_rest(self) -> bool:
        """Whether something has come that is no event yet."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[str]:
        """The events that are full now."""
        self._rest += data
        # More than the most: a text of just that length is one event, with its end still to come.
        return self._cut(is_whole=False) if len(self._rest) > MAX_EVENT_BYTES else []

    def end(self) -> list[str]:
        """What is left, now that the text is whole; the next one may begin."""
        texts = self._cut(is_whole=True) if len(self._rest) > _SURELY_ONE_EVENT else []
        last = text_of(bytes(self._rest))
        if last.removeprefix(LOGGED) or not (texts or self._is_cut):
            texts.append(last)
        self._rest.clear()
        self._is_cut = False
        return texts

    def _cut(self, *, is_whole: bool) -> list[str]:
        # What is no UTF-8 becomes longer as text, and that is what counts.
        text, used = codecs.utf_8_decode(self._rest, "replace", is_whole)
        written, texts = text.encode(), []
        mark = _LOGGED if written.startswith(_LOGGED) else b""
        begin = len(mark)
        while len(written) - begin > MAX_EVENT_BYTES:
            end = begin + MAX_EVENT_BYTES
            while written[end] & 0xC0 == 0x80:  # A byte inside a character.
                end -= 1
            texts.append(text_of(mark + written[begin:end]))
            begin = end
        self._rest[:used] = mark + written[begin:]
        self._is_cut = self._is_cut or bool(texts)
        return texts


class LineSplitter:
    """Cuts the bytes that a process writes into log events: lines, at most 256 KB each."""

    def __init__(self) -> None:
        self._line = EventCutter()

    def feed(self, data: bytes) -> list[str]:
        """The lines that are complete now."""
        rest, *lines = data.split(b"\n")
        texts = self._line.feed(rest)
        if lines:
            *lines, rest = lines
            texts += self._line.end()
            for line in lines:
                if len(line) <= _SURELY_ONE_EVENT:
                    texts.append(text_of(line))
                else:
                    texts += self._line.feed(line) + self._line.end()
            texts += self._line.feed(rest)
        return texts

    @property
    def has_rest(self) -> bool:
        """Whether something was written without a line end."""
        return self._line.has_rest

    def flush(self) -> list[str]:
        """What was written without a line end."""
        return self._line.end() if self._line.has_rest else []


def text_of(line: bytes) -> str:
    """What was written, as text."""
    # A runtime that writes one event over several lines separates them with a bare carriage return.
    return line.decode("utf-8", errors="replace").rstrip("\r").replace("\r", "\n")
