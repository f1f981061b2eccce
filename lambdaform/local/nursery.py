"""Processes from which environments are forked, which start in two milliseconds then and not in forty.

A nursery has loaded what each of its children would load before the function's handler, and nothing of any function
(`lambdaform/local/runtimes/python_files/nursery.py` is what it runs). Whether a function could tell the difference
is decided by its runtime, which names the nurseries that it may come from, and by the names of modules: one that the
nursery has loaded or looked for may not be in the function's own package. A child takes the same steps as a process
that is started anew (`lambdaform.local.steps`). Where a nursery cannot help, for it is not ready, or fails,
processes are started anew.

Source: fork(2), unix(7) (SCM_RIGHTS), pidfd_open(2).
"""

from __future__ import annotations

import asyncio
import io
import marshal
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from attrs import frozen

from lambdaform.local import sandbox
from lambdaform.local.control_groups import ControlGroup, ControlGroups
from lambdaform.local.steps import Step, take

#: The variable that tells the bootstrap of its socket and of what to load (`python_files/nursery.py`).
VARIABLE = "_LAMBDAFORM_NURSERY"
#: Room for the variables of the children, in bytes: those of Lambda, and the 4 KB of the function.
_ROOM = 16 * 1024
#: How long a nursery may take for one order, in seconds.
_PATIENCE = 10.0
#: How many environments show that a nursery is worth its start.
_WORTH = 2


@frozen(kw_only=True)
class Ancestor:
    """What a nursery starts with. ``loads`` are modules; ``runtime`` is the folder that is seen as ``/var/runtime``."""

    command: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    loads: tuple[str, ...]
    runtime: Path


class Child(Protocol):
    """A child process: one that was started, or `Forked`."""

    most_held: int | None

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def stdout(self) -> IO[bytes] | None:
        """What it writes."""

    @property
    def stderr(self) -> IO[bytes] | None:
        """What it writes of errors."""

    def poll(self) -> int | None:
        """How it has ended; None while it has not."""

    def wait(self) -> int:
        """How it ends, once it has."""


class Forked:
    """A child of a nursery."""

    def __init__(self, nursery: Nursery, pid: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.stdout: IO[bytes] = io.FileIO(stdout)
        self.stderr: IO[bytes] = io.FileIO(stderr)
        self._nursery = nursery
        self._code: int | None = None
        #: The most memory that it has held, in KB, once it has ended and that is known.
        self.most_held: int | None = None
        # It is this process's for as long as the nursery has not been asked how it ended.
        self._pidfd = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """How it has ended; None while it has not."""
        if self._code is None and _is_readable(self._pidfd, 0):
            self._code, self.most_held = self._nursery.status_of(self.pid)
            os.close(self._pidfd)
        return self._code

    def wait(self) -> int:
        """How it ends, once it has."""
        if self._code is None:
            _is_readable(self._pidfd, None)
        code = self.poll()
        assert code is not None
        return code


class Nursery:
    """One of them. It is ready once it has loaded everything, which ``names`` shows; `close` it after its children.

    ``failed`` is told why, if it fails.
    """

    def __init__(
        self,
        ancestor: Ancestor,
        *,
        root: Path | None,
        group: ControlGroup | None,
        failed: Callable[[str], None],
    ) -> None:
        #: The top-level modules that it has loaded or looked for, once it is ready.
        self.names: frozenset[str] | None = None
        #: Whether it has no more children, for one of them or itself has failed.
        self.has_given_up = False
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        steps: list[Step] = [("die with", os.getpid())]
        if group is not None:
            # A child is in it, and counted, until it is in its own.
            steps += group.entrance()
        if root is not None:
            steps += sandbox.antechamber(root, ancestor.runtime)
        with control:
            order = ":".join((str(control.fileno()), *ancestor.loads))
            try:
                self._process = subprocess.Popen(
                    ancestor.command,
                    # What a process is started with can be replaced later, where there is room.
                    env={**dict(ancestor.variables), VARIABLE: order, f"{VARIABLE}_ROOM": "." * _ROOM},
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    pass_fds=(control.fileno(),),
                    start_new_session=True,
                    preexec_fn=lambda: take(steps),
                )
            except (OSError, subprocess.SubprocessError):
                self._control.close()
                raise
        self.pid = self._process.pid
        self._loop.add_reader(self._control, self._ready)

    @property
    def is_closed(self) -> bool:
        """Whether it has failed, or ended."""
        return self._control.fileno() < 0

    def fork(
        self,
        command: Sequence[str],
        steps: Sequence[Step],
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
    ) -> Forked:
        """A process as if the command had been started after these steps; ``descriptors`` are those that they name.

        Raises `OSError` where that fails.
        """
        outputs = [os.pipe2(os.O_CLOEXEC) for _ in range(3)]
        [(output, to_output), (errors, to_errors), (told, tell)] = outputs
        given = [to_output, to_errors, tell, *descriptors]
        order = marshal.dumps(("fork", list(steps), given, dict(environment), list(command)))
        try:
            pid: int = self._answer(order, given)
            if pid < 0:
                raise OSError(-pid, os.strerror(-pid))
            child = Forked(self, pid, output, errors)
        except OSError:
            for each in (output, errors, told):
                os.close(each)
            raise
        finally:
            for each in (to_output, to_errors, tell):
                os.close(each)
        with open(told, "rb", buffering=0) as stream:  # noqa: PTH123 - a descriptor
            problem = stream.read() if _is_readable(told, _PATIENCE) else b"It takes too long."
        if problem:
            os.kill(pid, signal.SIGKILL)
            child.wait()
            child.stdout.close()
            child.stderr.close()
            self._give_up(problem.decode(errors="replace"))
            raise OSError(problem)
        return child

    def status_of(self, pid: int) -> tuple[int, int | None]:
        """How a child has ended that has, and the most memory that it has held, in KB.

        As if it was killed where the nursery is gone, for then it was.
        """
        try:
            code, held = self._answer(marshal.dumps(("wait", pid)))
        except OSError:
            return -signal.SIGKILL, None
        return code, held

    def close(self) -> None:
        """End it."""
        if not self.is_closed:
            self._loop.remove_reader(self._control)
            self._control.close()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def _ready(self) -> None:
        """It has loaded all, or has ended."""
        self._loop.remove_reader(self._control)
        data = self._control.recv(1 << 20)
        if data:
            self.names = frozenset(marshal.loads(data))  # noqa: S302 - our own process's, before any function's code
            self._control.settimeout(_PATIENCE)
        else:
            self._end()

    def _answer(self, order: bytes, descriptors: Sequence[int] = ()) -> Any:
        """What it answers to an order. Raises `OSError` where it does not."""
        if self.is_closed:
            raise ConnectionResetError
        try:
            socket.send_fds(self._control, [order], descriptors)
            data = self._control.recv(1 << 16)
        except OSError:
            self._end()
            raise
        if not data:
            self._end()
            raise ConnectionResetError
        return marshal.loads(data)  # noqa: S302 - our own process's

    def _end(self) -> None:
        """It answers no more."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        lines = (self._process.stderr.read() or b"").decode(errors="replace").strip().splitlines()
        self._give_up(lines[-1] if lines else f"it ended with status {self._process.poll()}")

    def _give_up(self, reason: str) -> None:
        """Have no more children."""
        self.names = None
        if not self.has_given_up:
            self.has_given_up = True
            self._failed(reason)


class Nurseries:
    """The nurseries of one service. ``folder`` is where they keep their files, where they are to have a view.

    Each has a group of ``groups``, where these are possible, for at most ``processes``.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        groups: ControlGroups | None,
        processes: int,
        notice: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._groups = groups
        self._processes = processes
        self._notice = notice
        self._asked: dict[Ancestor, int] = {}
        self._wanted: set[Ancestor] = set()
        self._hopeless: set[Ancestor] = set()
        self._made: dict[Ancestor, Nursery] = {}
        self._closing: list[Callable[[], None]] = []

    @property
    def pids(self) -> list[int]:
        """Their processes."""
        return [each.pid for each in self._made.values()]

    def find(self, ancestors: Sequence[Ancestor], names: Callable[[], Collection[str]]) -> Nursery | None:
        """The first nursery of these ancestors that is ready, and whose modules are not among ``names``.

        An ancestor that is asked for again gets a nursery, for the next time.
        """
        for ancestor in ancestors:
            nursery = self._made.get(ancestor)
            if nursery is None:
                self._asked[ancestor] = self._asked.get(ancestor, 0) + 1
                if self._asked[ancestor] >= _WORTH:
                    self.prepare(ancestor)
            elif nursery.names is not None and nursery.names.isdisjoint(names()):
                return nursery
        return None

    def prepare(self, ancestor: Ancestor) -> None:
        """Have a nursery for it soon; one that has failed is not tried again."""
        if ancestor not in self._wanted:
            self._wanted.add(ancestor)
            start = asyncio.get_running_loop().call_soon(self._start, ancestor)
            self._closing.append(start.cancel)

    async def ready(self) -> None:
        """Wait until all that are wanted are ready, or have failed."""
        while any(self._is_coming(each) for each in self._wanted):
            await asyncio.sleep(0.002)

    def close(self) -> None:
        """End them, once their children have ended."""
        for close in reversed(self._closing):
            close()
        self._made.clear()

    def _is_coming(self, ancestor: Ancestor) -> bool:
        nursery = self._made.get(ancestor)
        if nursery is None:
            return ancestor not in self._hopeless
        return nursery.names is None and not nursery.has_given_up

    def _start(self, ancestor: Ancestor) -> None:
        root = group = None
        groups = self._groups
        if self._folder is not None:
            root = self._folder / str(len(self._closing))
            root.mkdir(parents=True)
        if groups is not None:
            group = groups.make(self._processes)
            self._closing.append(partial(groups.remove, group))
        try:
            nursery = Nursery(ancestor, root=root, group=group, failed=self._say)
        except (OSError, subprocess.SubprocessError) as error:
            self._hopeless.add(ancestor)
            self._say(str(error))
        else:
            self._made[ancestor] = nursery
            self._closing.append(nursery.close)

    def _say(self, reason: str) -> None:
        self._notice(f"Environments start more slowly now, for none can be forked: {reason}")


def available() -> bool:
    """Whether this machine can fork environments: Linux has all that is needed, macOS has not (pidfd, PDEATHSIG)."""
    return sys.platform == "linux"


def _is_readable(descriptor: int, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))
