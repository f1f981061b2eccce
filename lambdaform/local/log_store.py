"""The log events of functions on this machine, kept for ``lambdaform logs``: files of JSON lines in one folder.

Each service writes files of its own, so that several may run at once; the oldest files go when there are too many.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from io import TextIOWrapper
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path

from lambdaform.errors import UsageError
from lambdaform.local.clock import wall_time
from lambdaform.local.logs import LogLine
from lambdaform.local.state_folder import make_state_folder

#: The folder with them, in the one that keeps the state, and where that is unless somebody says otherwise.
NAME = "logs"
FOLDER = Path(".lambdaform") / NAME
#: How much is kept in all, and in one file, in bytes; a file is larger only where one event is.
_MOST, _SIZE = 32 << 20, 4 << 20
#: How many files there are at most: each run begins one, however little it logs.
_FILES = 100
#: The names of files: when it was begun, by which store, and how many events that had kept before.
_NAME = re.compile(r"\d+-(?P<writer>[0-9a-f]+)-(?P<before>\d+)\.jsonl")


class LogStore:
    """Keeps events in ``folder``, which is made with the first. Where it cannot, ``notice`` is told once."""

    def __init__(self, folder: Path, notice: Callable[[str], None]) -> None:
        self._folder = folder
        self._notice = notice
        self._file: TextIOWrapper | None = None
        self._size = 0
        self._count = 0
        self._name = uuid.uuid4().hex[:12]
        self._is_broken = False

    def put(self, *lines: LogLine) -> None:
        """Keep events, which are written together."""
        if self._is_broken:
            return
        texts = [_written(line) for line in lines]
        try:
            if self._file is not None and os.fstat(self._file.fileno()).st_nlink == 0:
                # It was the oldest when another service began a file, or somebody has tidied up.
                self.close()
            if self._size + sum(map(len, texts)) <= _SIZE:
                self._write(texts)
            else:
                for text in texts:
                    self._write((text,))
            # For who follows it, and so that none is lost where the process is killed.
            if self._file is not None:
                self._file.flush()
        except OSError as error:
            self._is_broken = True
            reason = (error.strerror or str(error)).lower()
            self._notice(f"The log is not kept for lambdaform logs: {self._folder}: {reason}.")

    def _write(self, texts: Sequence[str]) -> None:
        text = "".join(texts)
        if self._file is None or (self._size and self._size + len(text) > _SIZE):
            self._file = self._next()
        self._file.write(text)
        self._size += len(text)
        self._count += len(texts)

    def _next(self) -> TextIOWrapper:
        self.close()
        make_state_folder(self._folder)
        files = [(path, _size_of(path)) for path in sorted(self._folder.glob("*.jsonl"))]
        kept = sum(size for _, size in files)
        for at, (old, size) in enumerate(files):
            if kept <= _MOST - _SIZE and len(files) - at < _FILES:
                break
            old.unlink(missing_ok=True)
            kept -= size
        name = f"{int(wall_time() * 1e6):017d}-{self._name}-{self._count}.jsonl"
        return (self._folder / name).open("a", encoding="ascii")

    def close(self) -> None:
        """The last event was put."""
        self._size = 0
        if self._file is not None:
            self._file.close()
            self._file = None


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


class LogReader:
    """Reads what stores have kept in ``folder``. A file that it has begun it reads to its end, though it be removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _KeptFile] = {}
        #: How many events each store has kept, up to the last that was read.
        self._counts: dict[str, int] = {}
        #: How many events that came since the call before were gone when `new` would have read them.
        self.missed = 0

    def new(self) -> list[LogLine]:
        """The events that have come since the last call, all at first, by their time.

        Raises `UsageError` where a file is not what a store writes.
        """
        lines: list[LogLine] = []
        self.missed = 0
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
