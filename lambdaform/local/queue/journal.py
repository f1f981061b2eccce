"""Accepted events on disk, from the moment they are accepted until they are through: a killed service loses none.

One file an event, in a folder of the service's own. The next service on the same stack goes on with what it finds in
the folders of services that have died. An event that was under way then is tried again, as Lambda promises: at
least once.

Source: AWS Lambda Developer Guide, invocation-async ("Lambda ... at least once").
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from lambdaform.local.front import Accepted
from lambdaform.local.leftovers import Ownership, is_abandoned
from lambdaform.local.state_folder import make_state_folder

_ENDING = ".json"


@frozen(kw_only=True)
class Kept:
    """An event as it was kept: for whom, when accepted (by the service's clock), and how often tried since."""

    request_id: str
    function_arn: str
    payload: bytes
    trace_id: str
    tenant_id: str | None
    accepted_at: float
    attempts: int
    file: Path


class Journal:
    """Keeps events in a folder of its own under ``folder``, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._all = folder
        self._own = folder / uuid.uuid4().hex
        self._ownership: Ownership | None = None

    def keep(self, event: Accepted, accepted_at: float, attempts: int) -> None:
        """Keep an event, or what has become of it. Raises `OSError` where that is not possible."""
        if self._ownership is None or not self._own.is_dir():
            self._begin()
        line = {
            "requestId": event.request_id,
            "functionArn": event.target.invoked_arn,
            "payload": event.payload.decode(),
            "traceId": event.trace_id,
            "tenantId": event.target.configuration.tenant_id,
            "acceptedAt": accepted_at,
            "attempts": attempts,
        }
        beginning = self._own / f"{event.request_id}.new"
        descriptor = os.open(beginning, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(line, file)
        beginning.rename(self._file(event))

    def forget(self, event: Accepted) -> None:
        """The event is through."""
        self._file(event).unlink(missing_ok=True)

    def abandoned(self) -> Iterator[Kept | Path]:
        """What services that have died had kept, in the order of acceptance; files that cannot be read come last."""
        folders = [each for each in self._all.glob("*") if each != self._own and is_abandoned(each)]
        kept, unreadable = [], []
        for file in (file for folder in folders for file in folder.glob(f"*{_ENDING}")):
            try:
                kept.append(_read(file))
            except (OSError, ValueError, KeyError, TypeError):
                unreadable.append(file)
        yield from sorted(kept, key=lambda each: each.accepted_at)
        yield from unreadable
        for folder in folders:
            _remove(folder)

    def close(self) -> None:
        """Remove the folder, if no event is in it any more."""
        if self._ownership is not None:
            self._ownership.give_up()
            self._ownership = None
            _remove(self._own)

    def _begin(self) -> None:
        """Make the folder, again where somebody has removed it."""
        self.close()
        make_state_folder(self._own.parent)
        self._own.mkdir(mode=0o700)
        self._ownership = Ownership(self._own)

    def _file(self, event: Accepted) -> Path:
        return self._own / f"{event.request_id}{_ENDING}"


def _read(file: Path) -> Kept:
    line = json.loads(file.read_text("utf-8"))
    return Kept(
        request_id=str(line["requestId"]),
        function_arn=str(line["functionArn"]),
        payload=line["payload"].encode(),
        trace_id=str(line["traceId"]),
        tenant_id=line.get("tenantId"),
        accepted_at=float(line["acceptedAt"]),
        attempts=int(line["attempts"]),
        file=file,
    )


def _remove(folder: Path) -> None:
    """Remove a folder of events in which there is none any more."""
    if any(folder.glob(f"*{_ENDING}")):
        return
    for file in folder.glob("*"):
        file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()
        folder.parent.rmdir()
