"""What services that were killed have left on this machine: found by the next one, ended and removed.

Usually the guard sees to that at once (`lambdaform.local.guard`); but somebody may have killed the guard as well,
or the machine may have lost power. Every service holds a lock on a file in its folder for as long as it lives, so
that a folder whose lock is free belongs to nobody any more.

Source: flock(2); proc(5), /proc/PID/environ and /proc/PID/mountinfo.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import stat
import tempfile
from pathlib import Path

from lambdaform.local.control_groups import remove_groups_of
from lambdaform.local.removal import remove

#: How the name of a service's folder begins.
PREFIX = "lambdaform-"
_OWNER = "owner"
#: How long a process may take to end that was killed, in seconds.
_PATIENCE = 1.0


class Ownership:
    """Says that a folder has a living owner, until it is given up or this process ends."""

    def __init__(self, folder: Path) -> None:
        beginning = folder / f"{_OWNER}.new"
        self._lock: int | None = os.open(beginning, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Only now does it have the name under which others look for it.
        beginning.rename(folder / _OWNER)

    def give_up(self) -> None:
        """Let the folder be anybody's; a second time is no mistake."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


def is_abandoned(folder: Path) -> bool:
    """Whether a folder had an owner who has died."""
    try:
        lock = os.open(folder / _OWNER, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def remove_leftovers() -> int:
    """End the processes and remove the folders of services that have died; how many services that were."""
    with os.scandir(tempfile.gettempdir()) as entries:
        names = [entry.path for entry in entries if entry.name.startswith(PREFIX) and _is_own(entry)]
    abandoned = [folder for folder in map(Path, names) if is_abandoned(folder)]
    for folder in abandoned:
        for pid in _processes_of(folder):
            _end(pid)
        remove_groups_of(folder.name)
        remove(folder)
    return len(abandoned)


def _is_own(entry: os.DirEntry[str]) -> bool:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def _processes_of(folder: Path) -> list[int]:
    """Functions' processes that see the folder's files in their own view, or are told of them by variables."""
    if not os.path.isdir("/proc/self/ns"):  # noqa: PTH112 - cheap, at every start
        return []
    ours = _link("/proc/self/ns/mnt")
    inside, mention = f"/{folder.name}/".encode(), f"={folder}/".encode()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are all that is wanted
        if not name.isdigit():
            continue
        in_view = _link(f"/proc/{name}/ns/mnt") != ours and inside in _read(f"/proc/{name}/mountinfo")
        variables = _read(f"/proc/{name}/environ")
        if in_view or (b"AWS_LAMBDA_RUNTIME_API=" in variables and mention in variables):
            found.append(int(name))
    return found


def _end(pid: int) -> None:
    """End a process, and see it go: its control group can be removed only then."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        descriptor = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            select.select([descriptor], [], [], _PATIENCE)
        finally:
            os.close(descriptor)


def _link(path: str) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 - for every process of the machine
    except OSError:
        return ""


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - for every process of the machine
            return file.read()
    except OSError:
        return b""
