"""A hundred environments of a Python function at once, against as many of AWS's Python client on a bare server.

What is timed is from the first event, or the first process, until all have theirs, or wait for it. Then the memory: of
the service's own process, and of all together, where what is shared counts once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from attrs import frozen

from benchmarks.bare_service import BareService
from benchmarks.measure import Amount, Ratio, show
from benchmarks.peers import Memory
from lambdaform import Function, Stack
from lambdaform.local.front import Request
from lambdaform.local.logs import LogLine
from lambdaform.local.service import LocalLambda
from lambdaform.synth.assembly import Assembly, assemble, expand

COUNT = 100
ROUNDS = 3
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
#: One that keeps its environment until it is ended.
WAITING = "import time\n\ndef handler(event, context):\n    time.sleep(300)\n"


@frozen
class Start:
    """How long it took until all were there, in seconds, and the memory then, in bytes."""

    seconds: float
    together: int
    alone: int


def waiting() -> Assembly:
    """A stack with one function whose events take long."""
    stack = Stack("bench")
    stack.add(
        Function("Wait", runtime=RUNTIME, handler="index.handler", inline_code=WAITING, timeout=600)  # type: ignore[arg-type]
    )
    return expand(assemble(stack))


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found.extend(map(int, children.read_text().split()))
    return found


def memory(pid: int) -> int:
    """A process's memory in bytes; of what it shares, its share."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.partition("\nPss:")[2].split(maxsplit=1)[0]) * 1024
    return 0


async def ours(assembly: Assembly, *, forks: bool) -> Start:
    """Our service's."""
    left, all_there = COUNT, asyncio.Event()

    def log(line: LogLine) -> None:
        nonlocal left
        left -= line.text.startswith("START ")
        if left == 0:
            all_there.set()

    async with LocalLambda("bench", log=log, notice=print, max_environments=COUNT, forks=forks) as local:
        local.deploy(assembly)
        # What it still does at its start is not to be measured.
        await asyncio.sleep(1)
        started = time.perf_counter()
        request = Request(function_name="Wait", payload=b"{}")
        calls = [asyncio.ensure_future(local.invoke(request)) for _ in range(COUNT)]
        await all_there.wait()
        seconds = time.perf_counter() - started
        start = Start(seconds, sum(map(memory, family(os.getpid()))), memory(os.getpid()))
        local.end_environments()
        await asyncio.gather(*calls)
    return start


async def bare(folder: Path) -> Start:
    """The client's on a bare server."""
    service = BareService()
    started = time.perf_counter()
    with contextlib.chdir(folder):
        await service.start(COUNT)
    seconds = time.perf_counter() - started
    start = Start(seconds, sum(map(memory, family(os.getpid()))), memory(os.getpid()))
    for process in service.processes:
        process.kill()
        await process.wait()
    return start


async def main() -> None:
    assembly = waiting()
    starts: dict[str, list[Start]] = {"bare": [], "forked": [], "anew": []}
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "index.py").write_text(WAITING)
        for _ in range(ROUNDS):
            starts["bare"].append(await bare(Path(name)))
            starts["forked"].append(await ours(assembly, forks=True))
            starts["anew"].append(await ours(assembly, forks=False))
    seconds = {each: statistics.median(start.seconds for start in found) for each, found in starts.items()}
    together = {each: statistics.median(start.together for start in found) for each, found in starts.items()}
    alone = statistics.median(start.alone for start in starts["forked"])
    show(
        f"{COUNT} environments (medians), against as many of awslambdaric on a bare asyncio server",
        [
            Ratio("all started, forked", seconds["forked"], seconds["bare"], 1.3),
            Ratio("all started, each anew", seconds["anew"], seconds["bare"], 1.3),
            Memory("memory of all, forked", together["forked"], together["bare"], 1),
            Amount("memory of the service itself", alone / 1e6, 120, "MB"),
        ],
    )


if __name__ == "__main__":
    asyncio.run(main())
