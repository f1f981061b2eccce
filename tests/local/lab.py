"""A local Lambda service for tests: functions from source text, invoked in real processes.

One event loop serves a whole module of tests; between two tests it stands still.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import textwrap
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from attrs import field, frozen

from lambdaform import Stack
from lambdaform.local.clock import Clock
from lambdaform.local.control.allocation import Allocation, AllocationStatus
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Function
from lambdaform.local.control_groups import FREEZE, base_folder
from lambdaform.local.front import Request, Response
from lambdaform.local.logs import LogLine
from lambdaform.local.provisioning.provisioner import Provisioned
from lambdaform.local.service import LocalLambda
from lambdaform.synth.assembly import assemble, expand

T = TypeVar("T")
#: The Python that runs the tests, as a runtime.
HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"


@frozen
class Outcome:
    """What one invocation gave: the response, and every line that was logged meanwhile."""

    response: Response
    log: tuple[str, ...] = field(repr=False)

    @property
    def value(self) -> Any:
        """What the function returned or raised."""
        return json.loads(self.response.payload)

    @property
    def error(self) -> dict[str, Any]:
        """The error that the caller gets; there must be one."""
        assert self.response.function_error == "Unhandled", self
        error: dict[str, Any] = self.value
        return error

    @property
    def request_id(self) -> str:
        """The invocation's id."""
        return self.response.request_id

    @property
    def report(self) -> dict[str, str]:
        """The parts of the REPORT line by their names."""
        [line] = [line for line in self.log if line.startswith("REPORT ")]
        return dict(part.split(": ", 1) for part in line.rstrip("\t").split("\t") if ": " in part)

    def lines(self, start: str) -> list[str]:
        """The log lines that start so."""
        return [line for line in self.log if line.startswith(start)]


class Lab:
    """The service, its log, and functions by their source."""

    def __init__(
        self, runner: asyncio.Runner, folder: Path, service: LocalLambda, log: list[LogLine]
    ) -> None:
        self.runner = runner
        self.folder = folder
        self.service = service
        self.log = log
        self._numbers = itertools.count(1)

    def function(
        self,
        code: str | Mapping[str, str],
        *,
        layers: Mapping[str, str] | None = None,
        reserved: int | None = None,
        **configuration: Any,
    ) -> str:
        """A new function; returns its name. ``code`` is the text of index.py, or files by their names."""
        number = next(self._numbers)
        files = {"index.py": code} if isinstance(code, str) else code
        name = f"Function{number}"
        arn = str(self.service.account.arn("AWS::Lambda::Function", name))
        values: dict[str, Any] = {
            "function_name": name,
            "function_arn": arn,
            "runtime": HERE,
            "handler": "index.handler",
            "code": written(self.folder / f"code{number}", files),
            "opt": written(self.folder / f"opt{number}", layers or {}),
            "log_group": f"/aws/lambda/{name}",
            "memory_size": 256,
            "timeout": 10,
            **configuration,
        }
        latest = FunctionConfiguration(**values)
        self.service.functions.put(
            Function(name=name, arn=arn, versions={"$LATEST": latest}, reserved_concurrency=reserved)
        )
        return name

    def deploy(self, *stacks: Stack) -> Provisioned:
        """Deploy stacks, in the place of all functions there are."""

        async def deploying() -> Provisioned:
            return self.service.deploy(*[expand(assemble(stack)) for stack in stacks])

        return self.run(deploying())

    def allocation(self, name: str, qualifier: str) -> Allocation:
        """The provisioned concurrency of an alias or a version, once all of it is there or has failed."""
        function = self.service.functions.find(name)
        assert function is not None
        allocation = function.allocations[qualifier]

        async def allocated() -> None:
            while allocation.status is AllocationStatus.IN_PROGRESS:
                await asyncio.sleep(0.002)

        self.run(allocated())
        return allocation

    def ready(self, code: str = "", **configuration: Any) -> None:
        """Have environments of such functions forked from now on, where this machine can do that."""
        name = self.function(f"{code}\ndef handler(event, context):\n    pass\n", **configuration)
        function = self.service.functions.find(name)
        assert function is not None
        versions = list(function.versions.values())

        async def readying() -> None:
            nurseries = self.service._settings.nurseries
            if nurseries is not None:
                for ancestor in itertools.chain(*map(self.service._pool._ancestors, versions)):
                    nurseries.prepare(ancestor)
                await nurseries.ready()

        self.run(readying())

    def run(self, work: Coroutine[Any, Any, T], *, seconds: float = 60) -> T:
        """Let the loop run until the work is done; no test waits for ever."""
        return self.runner.run(asyncio.wait_for(work, seconds))

    def invoke(self, name: str, event: Any = None, **request: Any) -> Outcome:
        """One invocation, up to the last line of its log."""
        return self.run(self.invoking(name, event, **request))

    async def invoking(self, name: str, event: Any = None, **request: Any) -> Outcome:
        """The same, on the loop."""
        before = len(self.log)
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        response = await self.service.invoke(
            Request(function_name=name, payload=payload, wants_tail=True, **request)
        )
        return Outcome(response, tuple(line.text for line in self.log[before:] if line.function_name == name))


@contextmanager
def laboratory(folder: Path, *, clock: Clock | None = None, **service: Any) -> Iterator[Lab]:
    """A service on a loop of its own; everything that it started has ended afterwards."""
    service.setdefault("notice", lambda text: None)
    log: list[LogLine] = []
    with asyncio.Runner() as runner:
        local = LocalLambda(
            "lab",
            log=log.append,
            state_folder=folder / "state",
            clock=clock,
            **service,
        )
        try:
            yield Lab(runner, folder, local, log)
        finally:
            runner.run(asyncio.wait_for(local.close(), 30))


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder with these files; a bootstrap is executable."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        if file.name == "bootstrap" or text.startswith("#!"):
            file.chmod(0o755)
    return folder


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    return state_of(pid) not in ("", "Z", "X")


def ends(pid: int, *, seconds: float = 5) -> bool:
    """Whether a process that was told to end has ended: that may take a moment."""
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.002)
    return not is_alive(pid)


def state_of(pid: int) -> str:
    """A process's state as /proc has it: R, S, T (stopped), Z …; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def stands_still(pid: int) -> bool:
    """Whether a process is stopped, or frozen with its group."""
    if state_of(pid) == "T":
        return True
    base = base_folder(FREEZE)
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text("ascii").splitlines()
        [group] = [line.rpartition("/")[2] for line in lines if line.startswith("0::")]
        return base is not None and "frozen 1\n" in (base / group / "cgroup.events").read_text("ascii")
    except (OSError, ValueError):
        return False


async def standing_still(*pids: int) -> None:
    """Wait until all of them stand still; the test's loop ends a wait that takes too long."""
    while not all(map(stands_still, pids)):
        await asyncio.sleep(0.005)


def descendants(pid: int) -> list[int]:
    """The living processes below one."""
    below: dict[int, list[int]] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if words[0] not in ("Z", "X"):
                below.setdefault(int(words[1]), []).append(int(process.name))
    found, todo = [], [pid]
    while todo:
        children = below.get(todo.pop(), [])
        found += children
        todo += children
    return found
