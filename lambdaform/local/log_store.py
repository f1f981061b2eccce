"""The log events of functions on this machine, kept for ``lambdaform logs``: files of JSON lines in one folder.

Each service writes files of its own, so that several may run at once; the oldest files go when there are too many.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
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
#: How many files are kept, and how large one becomes, in bytes.
_FILES, _SIZE = 8, 4 << 20


class LogStore:
    """Keeps events in ``folder``, which is made with the first. Where it cannot, ``notice`` is told once."""

    def __init__(self, folder: Path, notice: Callable[[str], None]) -> None:
        self._folder = folder
        self._notice = notice
        self._file: TextIOWrapper | None = None
        self._size = 0
        self._is_broken = False

    def put(self, *lines: LogLine) -> None:
        """Keep events, which are written together."""
        if self._is_broken:
            return
        text = "".join(map(_written, lines))
        try:
            if self._file is None or self._size > _SIZE:
                self._file = self._next()
                self._size = 0
            self._file.write(text)
            # For who follows it, and so that none is lost where the process is killed.
            self._file.flush()
        except OSError as error:
            self._is_broken = True
            reason = (error.strerror or str(error)).lower()
            self._notice(f"The log is not kept for lambdaform logs: {self._folder}: {reason}.")
        self._size += len(text)

    def _next(self) -> TextIOWrapper:
        self.close()
        make_state_folder(self._folder)
        for old in sorted(self._folder.glob("*.jsonl"))[: -_FILES + 1]:
            old.unlink(missing_ok=True)
        name = f"{int(wall_time() * 1e6):017d}-{os.getpid()}.jsonl"
        return (self._folder / name).open("a", encoding="ascii")

    def close(self) -> None:
        """The last event was put."""
        if self._file is not None:
            self._file.close()
            self._file = None


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
    """Reads what stores have kept in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, int] = {}

    def new(self) -> list[LogLine]:
        """The events that have come since the last call, all at first, by their time.

        Raises `UsageError` where a file is not what a store writes.
        """
        lines = []
        for path in sorted(self._folder.glob("*.jsonl")):
            try:
                with path.open("rb") as file:
                    file.seek(self._read.get(path.name, 0))
                    data = file.read()
            except FileNotFoundError:
                continue  # It was one too many, meanwhile.
            # A line that is still being written is read when it is whole.
            whole = data[: data.rfind(b"\n") + 1]
            self._read[path.name] = self._read.get(path.name, 0) + len(whole)
            try:
                lines += [LogLine(**json.loads(each)) for each in whole.splitlines()]
            except (ValueError, TypeError) as error:
                raise UsageError(f"{path} is no log of lambdaform's.", right="Delete it.") from error
        return sorted(lines, key=lambda line: line.timestamp)
