"""The operating-system process of an execution environment: started, watched, frozen, ended with all it began.

It lives in a session of its own and dies with this process, however that ends. What this machine does not
enforce (mounts, network, CPU share) is said by `limits_not_enforced`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from lambdaform.local import confine, frames, network, sandbox
from lambdaform.local.output import FRAMES, LINES
from lambdaform.local.steps import Step, take

if TYPE_CHECKING:
    from lambdaform.local.control_groups import ControlGroup
    from lambdaform.local.namespace import Namespace
    from lambdaform.local.network import Network
    from lambdaform.local.nursery import Child, Nursery

_IS_LINUX = sys.platform == "linux"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MB = 1 << 20
#: How many full pieces of output are read in a row, for one process must not keep all others waiting.
_READS = 16
#: How much more memory than this process a child may hold between fork and exec, in KB.
_SLACK = 4096
#: Of how many processes at most it is asked what they share: that waits for each of them, and a thousand that all
#: fork make everybody wait for minutes.
_SHARERS = 64
#: What root's processes may do with files, users and ports, as capabilities(7) numbers it. A function of root's may
#: neither mount anything nor look into processes that may do more, such as lambdaform.
_CAPABILITIES_OF_ROOT = sum(1 << each for each in (0, 1, 2, 3, 4, 5, 6, 7, 10))
#: How often at most what is left of an environment is looked for and killed: a fork bomb is faster than one round.
_KILL_ROUNDS = 100
#: How often at most it is looked for what was forked while others were stopped.
_STOP_ROUNDS = 30
#: How often a family is listed to have it whole: where a child ends meanwhile, the kernel leaves out another.
_LISTINGS = 3


def limits_not_enforced(
    no_view: str | None, *, counts_processes: bool = True, shares_cpu: bool = False
) -> list[str]:
    """What Lambda enforces and this machine does not, one sentence each.

    ``no_view`` says why processes have no view of their own (`lambdaform.local.sandbox`), if they have none;
    ``counts_processes`` whether each environment may have so many and no more, ``shares_cpu`` whether it has its share
    of the CPU.
    """
    missing = []
    if no_view is not None:
        missing.append(
            f"Code, layers and /tmp are real folders, named by variables, not /var/task and /opt ({no_view})."
        )
    unlimited = [] if shares_cpu else ["the CPU share (without --cpu-share)"]
    if no_view is not None:
        unlimited.append("the size of /tmp")
    if no_view is not None or not sandbox.can_be_read_only():
        unlimited.append("writing outside of /tmp")
    if no_view is not None or network.unavailable() is not None:
        unlimited.append("inbound connections")
    if network.unavailable() is not None:
        unlimited.append("port 25")
    if not counts_processes:
        unlimited.append("the number of processes")
    if confine.unavailable() is not None:
        unlimited += ["ptrace", "signals to other processes"]
    if unlimited:
        missing.append(f"Not limited here, but on Lambda: {', '.join(unlimited)}.")
    if not _IS_LINUX:
        missing.append("The memory limit is not enforced, and processes may outlive a killed lambdaform.")
    return missing


class Memory(NamedTuple):
    """What a process has held at most, and what it and all its descendants hold now, in MB."""

    most: int
    now: int


class Process:
    """One process and its descendants. ``on_output`` gets (`LINES` or `FRAMES`, bytes); ``on_exit`` the return code.

    Standard output and error are one pipe, so that what is written to both keeps its order. Where it ``frames_log``,
    it gets a descriptor for that.

    It starts in ``folder``, as seen in its ``namespace``, counts in its ``group``, and its ``network`` says what it may
    connect to, where it has these; one that ``starts_slowly``, an interpreter before it runs anybody's code, comes into
    the group meanwhile. Where there is a ``nursery``, it is forked from that and not started by the command, if that is
    possible. Raises `OSError` where the command cannot be started, `subprocess.SubprocessError` where its view or
    limits cannot be made.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: str,
        environment: Mapping[str, str],
        file_descriptors: int,
        processes: int,
        namespace: Namespace | None,
        group: ControlGroup | None,
        network: Network | None,
        starts_slowly: bool,
        nursery: Nursery | None = None,
        frames_log: bool = False,
        on_output: Callable[[int, bytes], None],
        on_exit: Callable[[int], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_output = on_output
        self._on_exit = on_exit
        self._marker = f"AWS_LAMBDA_RUNTIME_API={environment['AWS_LAMBDA_RUNTIME_API']}".encode()
        self._namespace = namespace
        self.frozen = False
        joins_later = starts_slowly and namespace is not None

        def begin(nursery: Nursery | None) -> Child:
            """Have it as a child of this process or of a nursery."""
            parent = nursery.pid if nursery is not None else os.getpid()
            steps: list[Step] = [("die with", parent), ("adopt",)] if _IS_LINUX else []
            if group is not None and not joins_later:
                steps += group.entrance()
            steps += _limited_files(file_descriptors)
            if namespace is not None:
                steps += namespace.entrance()
            if _is_never_counted() or (namespace is not None and is_counted_by_namespace()):
                steps.append(("limit", resource.RLIMIT_NPROC, (processes, processes)))
            steps.append(("chdir", folder))
            if _IS_LINUX:
                steps.append(("capabilities", _CAPABILITIES_OF_ROOT if os.getuid() == 0 else 0))
            ours, theirs = socket.socketpair() if network is not None else (None, None)
            framed = _Pipe() if frames_log else None
            variables = dict(environment)
            if framed is not None:
                variables[frames.VARIABLE] = str(framed.writing)
            try:
                questions = theirs.fileno() if theirs is not None else None
                # Last, for then it may do less.
                steps += confine.confinement(parent, questions=questions)
                child: Child
                if nursery is not None:
                    passed = [questions] if questions is not None else []
                    passed += namespace.descriptors if namespace is not None else []
                    child = nursery.fork(command, steps, environment, passed)
                else:
                    child = _Started(
                        command,
                        env=variables,
                        pass_fds=(framed.writing,) if framed is not None else (),
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                        preexec_fn=lambda: take(steps),
                    )
                if namespace is not None:
                    namespace.keep(child.pid, parent)
                self._questions = network.answers(ours) if network is not None and ours is not None else None
                self._framed = framed.taken() if framed is not None else None
                return child
            finally:
                for each in (ours, theirs, framed):
                    if each is not None:
                        each.close()

        child: Child | None = None
        if nursery is not None and (namespace is None or namespace.is_open_to(nursery.pid)):
            # Where it cannot be forked, it is started.
            with contextlib.suppress(OSError):
                child = begin(nursery)
        self._child = child = child or begin(None)
        self.pid = child.pid
        self._joining: asyncio.Future[None] | None = None
        if namespace is not None and group is not None and joins_later:
            self._joining = self._loop.run_in_executor(None, group.take, self.pid, namespace.members)
        self._pipes: list[int] = []
        self._written = select.poll()
        self._streams = {
            number: stream
            for number, stream in ((LINES, child.stdout), (FRAMES, self._framed))
            if stream is not None
        }
        for number, stream in self._streams.items():
            descriptor = stream.fileno()
            os.set_blocking(descriptor, False)
            self._pipes.append(descriptor)
            self._written.register(descriptor, select.POLLIN)
            self._loop.add_reader(descriptor, self._readable, number, descriptor)
        self._pidfd: int | None = None
        self._group = group
        self._freezer = group if group is not None and group.can_freeze else None
        self._is_gathered = self._is_in_ice = False
        self._stopped: list[int] = []
        # Kept open, for they are read around every event.
        self._status = _opened(f"/proc/{self.pid}/status")
        self._children = _opened(f"/proc/{self.pid}/task/{self.pid}/children")
        if _IS_LINUX:
            self._pidfd = os.pidfd_open(self.pid)
            self._loop.add_reader(self._pidfd, self._exited)
        else:
            self._loop.run_in_executor(None, self._child.wait).add_done_callback(lambda _: self._exited())

    @property
    def has_exited(self) -> bool:
        """Whether it has ended."""
        return self._child.poll() is not None

    def drain(self) -> None:
        """Read what the process has written up to now."""
        if self._pipes and not self._written.poll(0):
            return
        for number, descriptor in zip(self._streams, tuple(self._pipes), strict=False):
            self._readable(number, descriptor)

    def freeze(self) -> None:
        """Have the process and all its descendants stand still.

        One by itself is stopped by a signal. Its group would freeze it at the same price (110 us there and back), but
        waits while any process of this machine is moved to another group: 10 ms, for which the next event would wait
        too. Where there are more, only a group catches what is forked meanwhile, and is not seen by their parents; ten
        take 240 us there and back, and 510 us to be found and stopped.
        """
        if self.frozen:
            return
        self.frozen = True
        descendants = [] if self._is_gathered else self._descendants()
        if self._freezer is not None and (descendants or self._is_gathered):
            self._freeze(self._freezer)
        else:
            self._stop(descendants)

    def thaw(self) -> None:
        """Let it go on."""
        if not self.frozen:
            return
        self.frozen = False
        if self._is_in_ice and self._freezer is not None:
            self._is_in_ice = False
            self._freezer.thaw()
        else:
            self._signal(signal.SIGCONT, self._stopped)

    def _freeze(self, freezer: ControlGroup) -> None:
        """Freeze them by their group. They may still be on their way there; they stand still when they come."""
        try:
            if not self._is_gathered:
                freezer.prepare()
            freezer.freeze()
        except OSError:
            self._stop_instead()
            return
        self._is_in_ice = True
        if not self._is_gathered:
            self._is_gathered = True
            if self._joining is None or self._joining.done():
                self._gather()
            else:
                # Its members are listed once all have come into it.
                self._joining.add_done_callback(self._gather)

    def _gather(self, _joined: asyncio.Future[None] | None = None) -> None:
        if self._freezer is not None:
            gathering = self._loop.run_in_executor(None, self._freezer.gather, self.pid, self._all)
            gathering.add_done_callback(self._gathered)

    def _gathered(self, gathering: asyncio.Future[None]) -> None:
        if not gathering.cancelled() and gathering.exception() is not None and self._freezer is not None:
            # This machine lets nobody move them there.
            with contextlib.suppress(OSError):
                self._freezer.thaw()
            self._stop_instead()

    def _stop_instead(self) -> None:
        """Do without the group."""
        self._freezer, self._is_gathered, self._is_in_ice = None, False, False
        if self.frozen:
            self._stop(self._descendants())

    def _stop(self, descendants: list[int]) -> None:
        """Stop them one by one, and what these have forked before they were, until there is nothing new."""
        self._stopped = descendants
        self._signal(signal.SIGSTOP, descendants)
        for _ in range(_STOP_ROUNDS if descendants else 0):
            new = sorted(self._all() - {self.pid, *self._stopped})
            if not new:
                break
            self._signal(signal.SIGSTOP, new)
            self._stopped += new

    def _all(self) -> set[int]:
        """The process and all that it has started, or all of its group."""
        members = self._group.members() if self._group is not None else []
        if self.pid in members:
            return set(members)
        return {pid for _ in range(_LISTINGS) for pid in _family(self.pid)}

    def terminate(self) -> None:
        """Ask the process and its group to end."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGTERM)

    def kill(self, *, strays: bool = True) -> None:
        """End the process and every descendant at once, those in sessions of their own too.

        Without ``strays``, other processes that talk to the same Runtime API are left alone.
        """
        self._signal(signal.SIGKILL, self._descendants())
        rounds = _KILL_ROUNDS if _IS_LINUX and strays else 0
        while rounds and (left := self._members()):
            # What is forked while others are killed is found in the next round.
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            rounds -= 1
        # Who comes into its group next must not stand still there.
        if self._is_in_ice and self._freezer is not None:
            self._freezer.thaw()
        self._freezer = None
        self._child.wait()
        self.drain()
        self._unwatch()

    def _members(self) -> list[int]:
        """Every living process of the environment, wherever it has gone."""
        inside = self._namespace.members() if self._namespace is not None else []
        if self._group is not None:
            # Those too that are there only for a moment, which a list of all processes leaves out now and then.
            inside += self._group.members()
        # Variables are read once nobody is inside any more, for that waits for whoever is busy forking.
        return inside or _marked(self._marker)

    def memory_mb(self, *, shared_once: bool = False) -> int:
        """The memory that the process and its descendants hold now, in MB.

        With ``shared_once``, what they share after a fork counts once; that takes longer to find out.
        """
        family = (self.pid, *self._descendants())
        held = _share if shared_once and 1 < len(family) <= _SHARERS else _resident
        return sum(held(pid) for pid in family) // _MB

    def memory(self) -> Memory:
        """What is held: a descendant that has ended is not known any more."""
        status = _read_again(self._status)
        descendants = self._descendants(status)
        if descendants:
            share = _share if len(descendants) < _SHARERS else _resident
            now = sum(share(pid) for pid in (self.pid, *descendants))
        else:
            now = _number_in(status, b"\nVmRSS:") * 1024
        return Memory(max(_number_in(status, b"\nVmHWM:") * 1024, now) // _MB, now // _MB)

    def forget_peak(self) -> int:
        """Have the kernel forget what it has held at most; what it says then, in MB.

        Source: proc(5), /proc/PID/clear_refs.
        """
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/clear_refs", "wb") as file:  # noqa: PTH123
            file.write(b"5")
        return self.memory().most

    @property
    def held_at_end_mb(self) -> int:
        """The most memory that it has held, in MB, if it has ended by itself and that is known; else 0."""
        return (self._child.most_held or 0) // 1024

    def _descendants(self, status: bytes | None = None) -> list[int]:
        """All that the process has started and that still belongs to it."""
        threads = _number_in(_read_again(self._status) if status is None else status, b"\nThreads:")
        if threads == 1 and not _read_again(self._children):
            return []
        return _family(self.pid)[1:]

    def _signal(self, number: int, descendants: Sequence[int]) -> None:
        """Send a signal to the process's group, and to descendants that have left it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
        for pid in descendants:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _readable(self, number: int, descriptor: int) -> None:
        for _ in range(_READS):
            try:
                data = os.read(descriptor, 65_536)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._loop.remove_reader(descriptor)
                with contextlib.suppress(KeyError):
                    self._written.unregister(descriptor)
                return
            self._on_output(number, data)
            if len(data) < 65_536:
                return

    def _exited(self) -> None:
        code = self._child.poll()
        if code is None:
            return
        self.drain()
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
        self._on_exit(code)

    def _unwatch(self) -> None:
        if self._questions is not None:
            self._questions.close()
        for descriptor in self._pipes:
            self._loop.remove_reader(descriptor)
        self._pipes.clear()
        for stream in self._streams.values():
            stream.close()
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
        for each in (self._pidfd, self._status, self._children):
            if each is not None:
                os.close(each)
        self._pidfd = self._status = self._children = None


class _Started(subprocess.Popen[bytes]):
    """A child that was started by a command.

    The kernel counts for it what its memory was between fork and exec, which is this process's: ``most_held``, in KB, is
    known of one that has held more.

    Source: getrusage(2).
    """

    most_held: int | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._before = _resident(os.getpid()) // 1024 + _SLACK
        super().__init__(*arguments, **options)

    def poll(self) -> int | None:
        """How it has ended; None while it has not."""
        if not _IS_LINUX or self.returncode is not None:
            return super().poll()
        try:
            pid, status, used = os.wait4(self.pid, os.WNOHANG)
        except ChildProcessError:
            return super().poll()
        if pid == 0:
            return None
        self.returncode = os.waitstatus_to_exitcode(status)
        if used.ru_maxrss > self._before:
            self.most_held = used.ru_maxrss
        return self.returncode


class _Pipe:
    """The two ends of a pipe, until they are closed or taken."""

    def __init__(self) -> None:
        self._reading: int | None
        self._reading, self.writing = os.pipe()

    def taken(self) -> IO[bytes]:
        """The end to read from, which is the caller's to close."""
        reading, self._reading = self._reading, None
        assert reading is not None
        return os.fdopen(reading, "rb", 0)

    def close(self) -> None:
        """Close what is left."""
        os.close(self.writing)
        if self._reading is not None:
            os.close(self._reading)


def is_counted_by_namespace() -> bool:
    """Whether RLIMIT_NPROC counts the processes in a user namespace of their own (Linux 5.14); root is not limited."""
    release = os.uname().release.split(".")
    return _IS_LINUX and os.getuid() != 0 and (int(release[0]), int(release[1])) >= (5, 14)


@cache
def _is_never_counted() -> bool:
    """Whether RLIMIT_NPROC is only told: it does not hold for root, but for one that is somebody else outside a container."""
    return os.getuid() == 0 and _read("/proc/self/uid_map").split() == [b"0", b"0", b"4294967295"]


def _limited_files(most: int) -> list[Step]:
    """The steps to have no more files open at once, and leave no core dump."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = most if hard == resource.RLIM_INFINITY else min(most, hard)
    return [("limit", resource.RLIMIT_NOFILE, (files, files)), ("limit", resource.RLIMIT_CORE, (0, 0))]


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - this runs often, and a Path costs more than the read
            return file.read()
    except OSError:
        return b""


def _resident(pid: int) -> int:
    words = _read(f"/proc/{pid}/statm").split()
    return int(words[1]) * _PAGE if len(words) > 1 else 0


def _share(pid: int) -> int:
    """A process's memory, of what it shares with others its share."""
    return _number_in(_read(f"/proc/{pid}/smaps_rollup"), b"\nPss:") * 1024 or _resident(pid)


def _opened(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _read_again(descriptor: int | None) -> bytes:
    """What an open file under /proc says now; nothing where its process is gone."""
    if descriptor is None:
        return b""
    try:
        return os.pread(descriptor, 8192, 0)
    except OSError:
        return b""


def _number_in(status: bytes, name: bytes) -> int:
    """The number behind a name in /proc/PID/status; 0 where it is not there."""
    at = status.find(name)
    return int(status[at + len(name) :].split(maxsplit=1)[0]) if at >= 0 else 0


def _family(pid: int) -> list[int]:
    """The process and its descendants."""
    family = [pid]
    for member in family:
        try:
            threads = os.listdir(f"/proc/{member}/task")  # noqa: PTH208 - names are all that is wanted
        except OSError:
            continue
        for thread in threads:
            family.extend(int(child) for child in _read(f"/proc/{member}/task/{thread}/children").split())
    return family


def _marked(marker: bytes) -> list[int]:
    """Every process whose environment names our Runtime API: descendants, wherever they have gone."""
    return [
        int(name)
        for name in os.listdir("/proc")  # noqa: PTH208 - names are all that is wanted
        if name.isdigit() and marker in _read(f"/proc/{name}/environ").split(b"\0")
    ]
