"""The log events of functions on this machine, kept for ``lambdaform logs``: files of JSON lines in one folder.

Each service writes files of its own, so that several may run at once; the oldest files go when there are too many.
Where a disk is full, what comes is counted, and the next file that can be written says in its name how much that was.
"""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from io import FileIO
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path

from attrs import frozen

from lambdaform.errors import UsageError
from lambdaform.local.clock import wall_time
from lambdaform.local.counted import counted
from lambdaform.local.logs import LogLine
from lambdaform.local.state_folder import make_state_folder

#: The folder with them, in the one that keeps the state, and where that is unless somebody says otherwise.
NAME = "logs"
FOLDER = Path(".lambdaform") / NAME
#: How much is kept in all, and in one file, in bytes; a file is larger only where one event is.
_MOST, _SIZE = 32 << 20, 4 << 20
#: How many files there are at most: each run begins one, however little it logs.
_FILES = 100
#: The names of files: when it was begun, by which store, how many events that had kept before, and how many it could
#: not keep since.
_NAME = re.compile(r"\d+-(?P<writer>[0-9a-f]+)-(?P<before>\d+)(-(?P<lost>\d+))?\.jsonl")
#: How long after a failure it is tried again, at the earliest, in seconds.
_PATIENCE = 5.0


class LogStore:
    """Keeps events in ``folder``, which is made with the first. ``notice`` is told where it cannot, and when it can again.

    ``now`` is a clock that only goes forward, in seconds.
    """

    def __init__(
        self, folder: Path, notice: Callable[[str], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._notice = notice
        self._now = now
        self._file: FileIO | None = None
        self._size = 0
        self._count = 0
        self._name = uuid.uuid4().hex[:12]
        #: When it is tried again, while it cannot; and how many events were lost since then, and since the last file.
        self._retry_at: float | None = None
        self._lost = self._lost_since = 0

    def put(self, *lines: LogLine) -> None:
        """Keep events, which are written together."""
        if self._retry_at is not None and self._now() < self._retry_at:
            self._lose(len(lines))
            return
        texts = [_written(line) for line in lines]
        count = self._count
        try:
            if self._file is not None and os.fstat(self._file.fileno()).st_nlink == 0:
                # It was the oldest when another service began a file, or somebody has tidied up.
                self._end_file()
            if self._size + sum(map(len, texts)) <= _SIZE:
                self._write(texts)
            else:
                for text in texts:
                    self._write((text,))
        except OSError as error:
            if self._retry_at is None:
                reason = (error.strerror or str(error)).lower()
                self._notice(f"The log is not kept for lambdaform logs: {self._folder}: {reason}.")
            self._retry_at = self._now() + _PATIENCE
            self._lose(len(lines) - (self._count - count))
            # What comes after a gap begins a file, whose name tells of the gap.
            with suppress(OSError):
                self._end_file()
        else:
            if self._retry_at is not None:
                self._notice(f"The log is kept for lambdaform logs again. {_missing(self._lost)}")
                self._retry_at, self._lost = None, 0

    def _lose(self, count: int) -> None:
        self._lost += count
        self._lost_since += count

    def _write(self, texts: Sequence[str]) -> None:
        # Without a buffer: for who follows it, and so that none is lost where the process is killed.
        data = "".join(texts).encode("ascii")
        if self._file is None or (self._size and self._size + len(data) > _SIZE):
            self._file = self._next()
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError:
            # An event of which only a part has room stays away.
            written = data.rfind(b"\n", 0, written) + 1
            self._wrote(written, data.count(b"\n", 0, written))
            self._break_off(self._file)
            raise
        self._wrote(written, len(texts))

    def _wrote(self, size: int, count: int) -> None:
        self._size += size
        self._count += count
        if count:
            self._lost_since = 0

    def _break_off(self, file: FileIO) -> None:
        """Cut the file after its last whole event; one without any goes."""
        with suppress(OSError):
            file.truncate(self._size)
            if not self._size:
                Path(os.fsdecode(file.name)).unlink()

    def _next(self) -> FileIO:
        self._end_file()
        make_state_folder(self._folder)
        files = [(path, _size_of(path)) for path in sorted(self._folder.glob("*.jsonl"))]
        kept = sum(size for _, size in files)
        for at, (old, size) in enumerate(files):
            if kept <= _MOST - _SIZE and len(files) - at < _FILES:
                break
            old.unlink(missing_ok=True)
            kept -= size
        lost = f"-{self._lost_since}" if self._lost_since else ""
        name = f"{int(wall_time() * 1e6):017d}-{self._name}-{self._count}{lost}.jsonl"
        return FileIO(self._folder / name, "a")

    def _end_file(self) -> None:
        self._size = 0
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def close(self) -> None:
        """The last event was put."""
        self._end_file()
        if self._lost:
            self._notice(f"The log was not kept for lambdaform logs to the end. {_missing(self._lost)}")


def _missing(count: int) -> str:
    """How many lines there are not."""
    return f"{counted(count, 'line')} {'is' if count == 1 else 'are'} not there."


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # Another service has removed it.


def _written(line: LogLine) -> str:
    """An event as JSON, which is put together here: that takes a fifth of the time."""
    name, group, stream, request_id, text, timestamp = line
    told = "null" if request_id is None else _quoted(request_id)
    return f'{_beginning(name, group, stream)}{told},"text":{_quoted(text)},"timestamp":{timestamp!r}}}\n'


@lru_cache(maxsize=64)
def _beginning(name: str, group: str, stream: str) -> str:
    """What all events of an environment begin with."""
    return f'{{"function_name":{_quoted(name)},"log_group":{_quoted(group)},"stream":{_quoted(stream)},"request_id":'


@frozen
class Lost:
    """So many events could not be written, at a time (in seconds since the epoch)."""

    moment: float
    count: int


class LogReader:
    """Reads what stores have kept in ``folder``. A file that it has begun it reads to its end, though it be removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _KeptFile] = {}
        #: How many events each store has kept, up to the last that was read.
        self._counts: dict[str, int] = {}
        #: How many events that came since the call before were gone when `new` would have read them.
        self.missed = 0
        #: What could not be written before some of those that the call gave.
        self.lost: list[Lost] = []

    def new(self) -> list[LogLine]:
        """The events that have come since the last call, all at first, by their time.

        Raises `UsageError` where a file is not what a store writes.
        """
        lines: list[LogLine] = []
        self.missed, self.lost = 0, []
        paths = {path.name: path for path in self._folder.glob("*.jsonl")}
        for name, path in paths.items():
            if name not in self._files:
                with suppress(FileNotFoundError):  # It was one too many, meanwhile.
                    self._files[name] = _KeptFile(path)
        for name in sorted(self._files):
            file = self._files[name]
            come = file.new()
            if come:
                self._count(file, len(come))
                if file.lost and file.count == len(come):
                    self.lost.append(Lost(come[0].timestamp, file.lost))
                lines += come
            if name not in paths:
                self._files.pop(name).close()
        return sorted(lines, key=lambda line: line.timestamp)

    def _count(self, file: _KeptFile, come: int) -> None:
        """See whether all that its store had kept before was read."""
        if file.writer is not None:
            before = file.before + file.count - come
            self.missed += max(before - self._counts.get(file.writer, before), 0)
            self._counts[file.writer] = before + come

    def close(self) -> None:
        """Read no more."""
        for file in self._files.values():
            file.close()
        self._files.clear()


class _KeptFile:
    """One file of a store, open. ``count`` is how many of its events were read. Raises `FileNotFoundError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Without a buffer, for what is in one may have changed.
        self._file = path.open("rb", buffering=0)
        self._read = 0
        self.count = 0
        name = _NAME.fullmatch(path.name)
        self.writer = name["writer"] if name else None
        self.before = int(name["before"]) if name else 0
        self.lost = int(name["lost"] or 0) if name else 0

    def new(self) -> list[LogLine]:
        """The events that have come since the last call. Raises `UsageError` where they are none."""
        self._file.seek(self._read)
        data = self._file.read()
        # A line that is still being written is read when it is whole.
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        try:
            lines = [LogLine(**json.loads(each)) for each in whole.splitlines()]
        except (ValueError, TypeError) as error:
            raise UsageError(f"{self._path} is no log of lambdaform's.", right="Delete it.") from error
        self.count += len(lines)
        return lines

    def close(self) -> None:
        """Read no more of it."""
        self._file.close()
