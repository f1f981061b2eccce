"""How many processes and threads an environment may have: Lambda's 1,024, by a control group of its own.

For those who may make control groups, root as a rule. Somebody else's processes are counted by the kernel in the
environment's user namespace, and RLIMIT_NPROC is enough (`lambdaform.local.process`); for root it does not hold.
A group is a folder that lasts, so each has the name of its service's folder in its own: whoever cleans up after a
service that was killed finds them by it.

Source: AWS Lambda Developer Guide, gettingstarted-limits; cgroups(7); Linux, admin-guide/cgroup-v1/pids and
admin-guide/cgroup-v2; getrlimit(2).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from attrs import frozen

from lambdaform.local.steps import Step

#: A line of /proc/self/mountinfo: the root that is mounted, where, the file system's type, and its own options.
_MOUNT = re.compile(r"\S+ \S+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)")
#: How often, and after how long each time, in seconds, a group is looked at whose processes are still ending.
_TRIES, _PAUSE = 100, 0.01


@frozen
class ControlGroup:
    """One environment's group."""

    folder: Path

    def entrance(self) -> Step:
        """The step by which a child process comes into the group."""
        return ("write", str(self.folder / "cgroup.procs"), b"0")

    def take(self, pid: int, others: Callable[[], Iterable[int]]) -> None:
        """Put a process into the group that runs already, and those that it may have started by now.

        The kernel lets whoever changes a group wait for 5 to 15 ms, in which an interpreter can start.
        """
        outside = {pid}
        try:
            while outside:
                for each in outside:
                    # One that has ended needs no group.
                    with contextlib.suppress(ProcessLookupError):
                        self._put(each)
                inside = set(map(int, (self.folder / "cgroup.procs").read_text("ascii").split()))
                outside = set(others()) - inside - outside
        except OSError as error:
            # The environment is gone, and its group with it, perhaps between the opening of its file and the reading.
            if error.errno not in (errno.ENOENT, errno.ENODEV):
                raise

    def _put(self, pid: int) -> None:
        descriptor = os.open(self.folder / "cgroup.procs", os.O_WRONLY)
        try:
            os.write(descriptor, str(pid).encode())
        finally:
            os.close(descriptor)


class ControlGroups:
    """The groups of one service, whose folder is called ``name``."""

    def __init__(self, name: str, base: Path) -> None:
        self._name = name
        self._base = base
        self._count = 0
        self._left: list[Path] = []

    @classmethod
    def available(cls, name: str) -> ControlGroups | None:
        """The groups of a service, or None where it cannot have any."""
        base = base_folder()
        if base is None:
            return None
        groups = cls(name, base)
        try:
            groups.remove(groups.make(1))
        except OSError:
            return None
        return groups

    def make(self, processes: int) -> ControlGroup:
        """A group of at most so many processes and threads. Raises `OSError`."""
        self._count += 1
        folder = self._base / f"{self._name}.{self._count}"
        folder.mkdir()
        (folder / "pids.max").write_text(str(processes), "ascii")
        return ControlGroup(folder)

    @property
    def pattern(self) -> str:
        """What the shell finds its groups by."""
        return f"{self._base}/{self._name}.*"

    def remove(self, group: ControlGroup) -> None:
        """Remove a group, now or as soon as the last of its processes has ended."""
        self._left.append(group.folder)
        self._remove_left()

    async def close(self) -> None:
        """Remove all that is left."""
        for _ in range(_TRIES):
            self._remove_left()
            if not self._left:
                break
            await asyncio.sleep(_PAUSE)

    def _remove_left(self) -> None:
        self._left = [folder for folder in self._left if not _removed(folder)]


def remove_groups_of(name: str) -> None:
    """Remove the groups of a service that has died, and whose processes have ended."""
    base = base_folder()
    if base is not None:
        for folder in base.glob(f"{name}.*"):
            _removed(folder)


@cache
def base_folder() -> Path | None:
    """The folder of control groups in which this process may make its own, of those that count processes."""
    try:
        own = Path("/proc/self/cgroup").read_text("ascii").splitlines()
        mounts = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    except OSError:
        return None
    paths = {controllers: path for _, controllers, path in (line.split(":", 2) for line in own)}
    for root, point, kind, options in (found.groups() for line in mounts if (found := _MOUNT.match(line))):
        if kind == "cgroup" and "pids" in options.split(","):
            path = next((path for names, path in paths.items() if "pids" in names.split(",")), None)
        elif kind == "cgroup2":
            path = paths.get("")
        else:
            continue
        if path is None or not Path(path).is_relative_to(root):
            continue
        for folder in _upward(Path(point), Path(path).relative_to(root)):
            if _may_have_more(folder, kind):
                return folder
    return None


def _upward(point: Path, path: Path) -> list[Path]:
    """A group and all that it is in."""
    own = point / path
    return [own, *(each for each in own.parents if each.is_relative_to(point))]


def _may_have_more(folder: Path, kind: str) -> bool:
    """Whether this process may make groups in a group that count their processes."""
    if not os.access(folder, os.W_OK) or not os.access(folder / "cgroup.procs", os.W_OK):
        return False
    if kind == "cgroup":
        return True
    try:
        return "pids" in (folder / "cgroup.subtree_control").read_text("ascii").split()
    except OSError:
        return False


def _removed(folder: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        try:
            folder.rmdir()
        except OSError:
            return False
    return True
