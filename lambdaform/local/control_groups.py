"""An environment's processes together: how many there may be, how much CPU they have, how they stand still.

By control groups, for those who may make them, root as a rule. Somebody else's processes are counted by the kernel in
the environment's user namespace, and RLIMIT_NPROC is enough (`lambdaform.local.process`); for root it does not hold.
A group is a folder that lasts, so each has the name of its service's folder in its own: whoever cleans up after a
service that was killed finds them by it.

Source: AWS Lambda Developer Guide, gettingstarted-limits and configuration-memory; cgroups(7); Linux,
admin-guide/cgroup-v1/pids, scheduler/sched-bwc and admin-guide/cgroup-v2 (cgroup.freeze, Linux 5.2); getrlimit(2).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from attrs import frozen

from lambdaform.local.steps import Step

#: A line of /proc/self/mountinfo: the root that is mounted, where, the file system's type, and its own options.
_MOUNT = re.compile(r"\S+ \S+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)")
#: How often, and after how long each time, in seconds, a group is looked at whose processes are still ending.
_TRIES, _PAUSE = 1000, 0.01
#: After how long a group is tried again to which processes still belong, in seconds, each time twice as long.
_SOON, _LATER = 0.1, 5.0
#: What control groups limit, as the kernel names it.
PROCESSES, CPU = "pids", "cpu"
#: What version 2 does without any controller. The controller of version 1, `freezer`, is never used: what it has frozen
#: cannot be killed, by nobody and not by the end of its parent, until somebody thaws it who may be dead.
FREEZE = "freeze"
_FREEZE = "cgroup.freeze"
#: In which time, in microseconds, a group may have its share of the CPU, and the least share that the kernel takes.
_PERIOD, _LEAST = 20_000, 1_000


@frozen
class ControlGroup:
    """One environment's group. It is one folder for all that is limited, or one for each.

    That which freezes is one of these where it can be, for it is of no use twice; else it is made and filled only for
    an environment that needs it.
    """

    folders: Mapping[str, Path]

    def entrance(self) -> list[Step]:
        """The steps by which a child process comes into the group."""
        return [("write", str(folder / "cgroup.procs"), b"0") for folder in self.entered]

    def take(self, pid: int, others: Callable[[], Iterable[int]]) -> None:
        """Put a process into the group that runs already, and those that it may have started by now.

        The kernel lets whoever changes a group wait for 5 to 15 ms, in which an interpreter can start.
        """
        for folder in self.entered:
            _take(folder, pid, others)

    def limit_cpu(self, cpus: float) -> None:
        """Give the group no more than so many CPUs from now on."""
        folder = self.folders[CPU]
        share = max(round(cpus * _PERIOD), _LEAST)
        if (folder / "cpu.max").exists():
            (folder / "cpu.max").write_text(f"{share} {_PERIOD}", "ascii")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(_PERIOD), "ascii")
            (folder / "cpu.cfs_quota_us").write_text(str(share), "ascii")

    def members(self) -> list[int]:
        """The living processes that are limited together, with all that they have forked by now."""
        if not self.entered:
            return []
        try:
            with open(f"{self.entered[0]}/cgroup.procs", "rb") as file:  # noqa: PTH123 - it must be quick
                return [int(line) for line in file]
        except OSError:
            # A group that somebody has removed has nobody in it.
            return []

    @property
    def can_freeze(self) -> bool:
        """Whether it can make processes stand still."""
        return FREEZE in self.folders

    def freeze(self) -> None:
        """Have all in it stand still, whatever they are forking, and whoever comes in later; they can be killed."""
        self._freeze(b"1")

    def thaw(self) -> None:
        """Let all in it go on."""
        self._freeze(b"0")

    def prepare(self) -> None:
        """Have it there to freeze. Raises `OSError`."""
        self.folders[FREEZE].mkdir(exist_ok=True)

    def gather(self, pid: int, others: Callable[[], Iterable[int]]) -> None:
        """Put a process where it can be frozen, and those that it has started by then. Raises `OSError`."""
        if self.folders[FREEZE] not in self.entered:
            _take(self.folders[FREEZE], pid, others)

    def _freeze(self, how: bytes) -> None:
        # Around an event: a Path would cost more than the kernel does.
        descriptor = os.open(f"{self.folders[FREEZE]}/{_FREEZE}", os.O_WRONLY)
        try:
            os.write(descriptor, how)
        finally:
            os.close(descriptor)

    @property
    def entered(self) -> tuple[Path, ...]:
        """The folders that its processes come into from the beginning."""
        return tuple(dict.fromkeys(folder for what, folder in self.folders.items() if what != FREEZE))


class ControlGroups:
    """The groups of one service, whose folder is called ``name``. ``bases`` are the folders to make them in."""

    def __init__(self, name: str, bases: Mapping[str, Path]) -> None:
        self._name = name
        self._bases = bases
        self._count = 0
        self._left: list[Path] = []
        self._again: asyncio.TimerHandle | None = None

    @classmethod
    def available(cls, name: str, what: Sequence[str]) -> ControlGroups | None:
        """The groups of a service that limit all this, or None where it cannot have any.

        They freeze too, where that is possible.
        """
        bases = {each: base for each in what if (base := base_folder(each)) is not None}
        if len(bases) < len(what):
            return None
        # A process is in one group of version 2 only: the one that limits has to be the one that freezes.
        freezing = next(filter(_is_version_2, bases.values()), None) or base_folder(FREEZE)
        if freezing is not None and (groups := cls(name, {**bases, FREEZE: freezing}))._work():
            return groups
        return groups if bases and (groups := cls(name, bases))._work() else None

    def _work(self) -> bool:
        """Whether such groups can be made here."""
        try:
            group = self.make(1)
            if group.can_freeze:
                group.prepare()
        except OSError:
            return False
        works = not group.can_freeze or (group.folders[FREEZE] / _FREEZE).exists()
        self.remove(group)
        return works

    @property
    def counts(self) -> bool:
        """Whether they count processes."""
        return PROCESSES in self._bases

    def make(self, processes: int) -> ControlGroup:
        """A group of at most so many processes and threads, where they count. Raises `OSError`."""
        self._count += 1
        name = f"{self._name}.{self._count}"
        group = ControlGroup({what: base / name for what, base in self._bases.items()})
        for folder in group.entered:
            folder.mkdir()
        if self.counts:
            (group.folders[PROCESSES] / "pids.max").write_text(str(processes), "ascii")
        return group

    @property
    def pattern(self) -> str:
        """What the shell finds its groups by."""
        return " ".join(dict.fromkeys(f"{base}/{self._name}.*" for base in self._bases.values()))

    def remove(self, group: ControlGroup) -> None:
        """Remove a group, now or soon after the last of its processes has ended."""
        self._left += dict.fromkeys(group.folders.values())
        self._remove_left()
        # Where no loop runs, there are no processes yet, or no more: `close` sees to what is left.
        with contextlib.suppress(RuntimeError):
            self._try_again(asyncio.get_running_loop())

    async def close(self) -> None:
        """Remove all that is left."""
        if self._again is not None:
            self._again.cancel()
        for _ in range(_TRIES):
            self._remove_left()
            if not self._left:
                break
            await asyncio.sleep(_PAUSE)

    def _remove_left(self) -> None:
        self._left = [folder for folder in self._left if not _removed(folder)]

    def _try_again(self, loop: asyncio.AbstractEventLoop, pause: float = _SOON) -> None:
        """What was killed takes its time to end, and its group stays as long."""

        def look() -> None:
            self._again = None
            self._remove_left()
            self._try_again(loop, min(2 * pause, _LATER))

        if self._left and self._again is None:
            self._again = loop.call_later(pause, look)


def _take(group: Path, pid: int, others: Callable[[], Iterable[int]]) -> None:
    outside = tried = {pid}
    try:
        while outside:
            for each in outside:
                # One that has ended needs no group.
                with contextlib.suppress(ProcessLookupError):
                    _put(group, each)
            inside = set(map(int, (group / "cgroup.procs").read_text("ascii").split()))
            outside = set(others()) - inside - tried
            tried = tried | outside
    except OSError as error:
        # The environment is gone, and its group with it, perhaps between the opening of its file and the reading.
        if error.errno not in (errno.ENOENT, errno.ENODEV):
            raise


def _put(group: Path, pid: int) -> None:
    descriptor = os.open(group / "cgroup.procs", os.O_WRONLY)
    try:
        os.write(descriptor, str(pid).encode())
    finally:
        os.close(descriptor)


def remove_groups_of(name: str) -> None:
    """Remove the groups of a service that has died, and whose processes have ended."""
    for base in {base_folder(PROCESSES), base_folder(CPU), base_folder(FREEZE)}:
        if base is not None:
            for folder in base.glob(f"{name}.*"):
                _removed(folder)


@cache
def base_folder(what: str) -> Path | None:
    """The folder of control groups in which this process may make its own, of those that do something."""
    try:
        own = Path("/proc/self/cgroup").read_text("ascii").splitlines()
        mounts = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    except OSError:
        return None
    paths = {controllers: path for _, controllers, path in (line.split(":", 2) for line in own)}
    for root, point, kind, options in (found.groups() for line in mounts if (found := _MOUNT.match(line))):
        if kind == "cgroup" and what in options.split(","):
            path = next((path for names, path in paths.items() if what in names.split(",")), None)
        elif kind == "cgroup2":
            path = paths.get("")
        else:
            continue
        if path is None or not Path(path).is_relative_to(root):
            continue
        for folder in _upward(Path(point), Path(path).relative_to(root)):
            if _may_have_more(folder, kind, what):
                return folder
    return None


def _upward(point: Path, path: Path) -> list[Path]:
    """A group and all that it is in."""
    own = point / path
    return [own, *(each for each in own.parents if each.is_relative_to(point))]


def _may_have_more(folder: Path, kind: str, what: str) -> bool:
    """Whether this process may make groups in a group that do something."""
    if not os.access(folder, os.W_OK) or not os.access(folder / "cgroup.procs", os.W_OK):
        return False
    if kind == "cgroup":
        return True
    if what == FREEZE:
        return _is_domain(folder)
    try:
        return what in (folder / "cgroup.subtree_control").read_text("ascii").split()
    except OSError:
        return False


def _is_version_2(folder: Path) -> bool:
    return (folder / "cgroup.controllers").exists()


def _is_domain(folder: Path) -> bool:
    """Whether the groups in one of version 2 take processes, and not threads only; the root has no type."""
    try:
        return (folder / "cgroup.type").read_text("ascii").strip() == "domain"
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _removed(folder: Path) -> bool:
    """Remove a group; whether it is gone, which somebody else may have seen to."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
