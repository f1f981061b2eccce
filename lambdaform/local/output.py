"""What a process writes, as events of the log: lines of its standard output and error, and frames, where it has these.

Source: AWS Lambda Developer Guide, monitoring-cloudwatchlogs; aws-lambda-runtime-interface-emulator, LogsEgressAPI
(standard output and error are one writer); see `lambdaform.local.frames`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lambdaform.local.frames import FrameSplitter
from lambdaform.local.logs import LOGGED, LineSplitter

#: What stands for standard output and error, and for the descriptor of frames, whatever number it has in the process.
LINES, FRAMES = 1, 3


class Output:
    """What one process writes, as log events; ``write`` gets each, and whether the runtime's own logger wrote it."""

    def __init__(self, write: Callable[[str, bool], None]) -> None:
        self._write = write
        self._splitters: dict[int, LineSplitter | FrameSplitter] = {
            LINES: LineSplitter(),
            FRAMES: FrameSplitter(),
        }

    def take(self, descriptor: int, data: bytes) -> None:
        """Take bytes as they come."""
        self._write_all(descriptor, self._splitters[descriptor].feed(data))

    def flush(self) -> None:
        """The process stands still or has ended: what it wrote last may have no line end."""
        for descriptor, splitter in self._splitters.items():
            if splitter.has_rest:
                self._write_all(descriptor, splitter.flush())

    def _write_all(self, descriptor: int, texts: Iterable[str]) -> None:
        for text in texts:
            if text.startswith(LOGGED):
                self._write(text[len(LOGGED) :], True)
            else:
                self._write(text, descriptor == FRAMES)
