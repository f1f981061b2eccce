"""What ``lambdaform run`` shows, written by a thread: who reads slowly, or not at all, holds up nobody but themselves.

No function waits for a screen on AWS, so none does here. What waits to be read is bounded; beyond that lines are left
out, and counted in their place.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TextIO

import click

from lambdaform.local.counted import counted

#: How much may wait to be read, in bytes.
_MOST = 8 << 20
#: How much is written at once, in bytes.
_PIECE = 1 << 18
#: How long at the end it is waited for somebody who reads nothing, in seconds.
_PATIENCE = 1.0


class Screen:
    """Standard output and error. `close` it; ``lost`` is called, by its thread, once nobody reads the output any more."""

    def __init__(self, output: TextIO, errors: TextIO, lost: Callable[[], object]) -> None:
        self._output, self._errors = output, errors
        self._lost = lost
        self._waiting: list[tuple[TextIO, bytes]] = []
        #: The bytes of these, and of those that are being written.
        self._size = 0
        self._skipped = 0
        self._written = 0
        self._gone: set[TextIO] = set()
        self._is_closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)
        self._thread.start()

    def show(self, *texts: str) -> None:
        """Show texts on standard output, each on lines of its own."""
        self._put(self._output, texts)

    def say(self, text: str) -> None:
        """Show on standard error something that a person should know."""
        self._put(self._errors, (text,))

    def note(self, text: str) -> None:
        """Show on standard error something that may be overlooked."""
        self.say(click.style(text, dim=True))

    def close(self) -> None:
        """Wait until all is written, for as long as somebody reads."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        written = -1
        while self._thread.is_alive() and written != self._written:
            written = self._written
            self._thread.join(_PATIENCE)

    def _put(self, stream: TextIO, texts: Sequence[str]) -> None:
        data = _encoded(stream, texts)
        with self._changed:
            if self._skipped:
                # Until all is written that waits: nobody is helped by every tenth line.
                self._skipped += len(texts)
            elif self._size + len(data) <= _MOST:
                self._waiting.append((stream, data))
                self._size += len(data)
                self._changed.notify()
            elif len(texts) == 1:
                self._skipped = 1
            else:
                half = len(texts) // 2
                self._put(stream, texts[:half])
                self._put(stream, texts[half:])

    def _run(self) -> None:
        while taken := self._take():
            for stream, parts in groupby(taken, itemgetter(0)):
                if stream not in self._gone:
                    self._write(stream, b"".join(data for _, data in parts))
            with self._changed:
                self._size -= sum(len(data) for _, data in taken)

    def _take(self) -> list[tuple[TextIO, bytes]]:
        """All that waits, once something does; nothing at the end."""
        with self._changed:
            while not (self._waiting or self._skipped or self._is_closed):
                self._changed.wait()
            taken, self._waiting = self._waiting, []
            if not taken and self._skipped:
                are = "is" if self._skipped == 1 else "are"
                note = f"… {counted(self._skipped, 'line')} {are} not shown here, for nobody read in time. See lambdaform logs."
                self._skipped = 0
                taken = [(self._output, _encoded(self._output, (click.style(note, dim=True),)))]
                self._size += len(taken[0][1])
            return taken

    def _write(self, stream: TextIO, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                count = os.write(stream.fileno(), left[:_PIECE])
            except BlockingIOError:
                # Somebody who has the same terminal or pipe made it so.
                select.select((), (stream,), ())
            except OSError as error:
                self._gone.add(stream)
                if stream is self._output and not self._is_closed:
                    if isinstance(error, BrokenPipeError):
                        self._lost()
                    else:
                        self.say(f"The log is not shown any more: {(error.strerror or str(error)).lower()}.")
                return
            else:
                left = left[count:]
                self._written += count


def _encoded(stream: TextIO, texts: Sequence[str]) -> bytes:
    """Lines as the stream takes them, with colours if it is a terminal."""
    text = "\n".join((*texts, ""))
    shown = text if stream.isatty() else click.unstyle(text)
    return shown.encode(stream.encoding, stream.errors or "strict")
