"""The record of every call to the endpoint, as CloudTrail writes it: JSON lines in one file, which `lambdaform trail` reads.

Records wait a moment and are then written many at once, after their calls were answered. A file that is full becomes
the older one, in the place of the one that was. Where a disk is full, what comes is counted.

Source: AWS CloudTrail User Guide, cloudtrail-event-reference-record-contents.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

from attrs import frozen

from lambdaform.errors import UsageError
from lambdaform.local.keeping import Keeping, append_lines
from lambdaform.local.state_folder import make_state_folder

#: Where it is, below a project's folder.
NAME = "trail.jsonl"
FILE = Path(".lambdaform") / NAME
#: How large a file becomes, in bytes.
_SIZE = 16 << 20
#: How long a record may wait to be written, in seconds, and how many may.
_PERIOD, _WAITING = 0.05, 4096

Record = Mapping[str, Any]


class Trail:
    """Keeps records in ``file``, which is made with the first. ``notice`` is told where it cannot, and when it can again.

    ``now`` is a clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        file: Path,
        notice: Callable[[str], None],
        *,
        size: int = _SIZE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        #: Where the records are.
        self.file = file
        self._size = size
        self._waiting: list[Callable[[], Record | str]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._keeping = Keeping("The record of calls", "call", "lambdaform trail", notice, now)

    def put(self, record: Callable[[], Record | str]) -> None:
        """Keep what ``record`` makes, which is called later: a record, or the JSON of one."""
        if self._keeping.waits:
            self._keeping.lose(1)
            return
        self._waiting.append(record)
        if len(self._waiting) >= _WAITING:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_PERIOD, self.flush)

    def flush(self) -> None:
        """Write what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        data = "".join([f"{_text(record())}\n" for record in waiting]).encode("ascii")
        size, error = 0, None
        try:
            make_state_folder(self.file.parent)
            with suppress(FileNotFoundError):
                if self.file.stat().st_size > self._size:
                    self.file.replace(older(self.file))
            with FileIO(self.file, "a") as file:
                size, error = append_lines(file, data)
        except OSError as failure:
            error = failure
        if error is None:
            self._keeping.succeed()
        else:
            self._keeping.fail(self.file, error, len(waiting) - data.count(b"\n", 0, size))

    def close(self) -> None:
        """The last record was put."""
        self.flush()
        self._keeping.end()


def _text(record: Record | str) -> str:
    return record if isinstance(record, str) else json.dumps(record, separators=(",", ":"))


def older(file: Path) -> Path:
    """Where the records before those of a file are."""
    return file.with_name(f"{file.stem}.1{file.suffix}")


@frozen(kw_only=True)
class Query:
    """Which records are asked for. An event's name may be given with the date of its version or without."""

    event_name: str | None = None
    resource: str | None = None
    since: str = ""

    def takes(self, record: Record) -> bool:
        """Whether a record is one of them."""
        name = record["eventName"]
        if self.event_name is not None and self.event_name not in (name, operation_of(name)):
            return False
        if self.resource is not None and self.resource not in names_of(record):
            return False
        return bool(record["eventTime"] >= self.since)


def read(file: Path, query: Query) -> Iterator[Record]:
    """The records that are asked for, the oldest first. Raises `UsageError` for a file that is none of ours."""
    for path in (older(file), file):
        try:
            lines = path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            continue
        for line in lines:
            if not line.endswith(b"\n"):
                continue  # It is being written.
            try:
                record = json.loads(line)
                is_wanted = query.takes(record)
            except (ValueError, TypeError, KeyError) as error:
                raise UsageError(f"{path} is no trail of lambdaform's.", right="Delete it.") from error
            if is_wanted:
                yield record


def operation_of(event_name: str) -> str:
    """The operation that an event is named for: ``CreateFunction`` for ``CreateFunction20150331``."""
    name = event_name
    if name[-2:-1] == "v" and name[-1].isdigit():
        name = name[:-2]
    return name[:-8] if name[-8:].isdigit() else event_name


#: The parameters that say what a call is about.
_NAMING = (
    "functionName",
    "layerName",
    "resource",
    "resourceArn",
    "arn",
    "uUID",
    "codeSigningConfigArn",
    "eventSourceArn",
    "name",
)


def resources(record: Record) -> list[str]:
    """What a record's call was about, by name or ARN as the caller gave it."""
    given = record.get("requestParameters") or {}
    return [given[name] for name in _NAMING if isinstance(given.get(name), str)]


def names_of(record: Record) -> Iterator[str]:
    """All names by which `Query` finds a record for what it was about."""
    for each in resources(record):
        yield from (each, each.rpartition(":")[2], _unqualified(each))


def _unqualified(name: str) -> str:
    """The name of the function within an ARN or a name with a qualifier."""
    parts = name.split(":")
    if "function" in parts[:-1]:
        return parts[parts.index("function") + 1]
    return parts[0]
