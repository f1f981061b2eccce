"""Hot reload: from the write of a file in a large code folder to an answer by the new code.

The floor is what anybody has to do who keeps each state of a folder and tells its archive's hash: its tree once more,
every file of it a link, and a zip of that. Another function is invoked meanwhile, and what the watching takes is measured
while nothing changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

from attrs import define, field

from benchmarks.measure import Amount, Ratio, Row, show
from benchmarks.peers import Client, Server, Subject, free_port

ROOT = Path(__file__).resolve().parent.parent
SIZES = (5_000, 20_000)
ROUNDS = 5
#: How long the watching is measured, in seconds.
QUIET = 20.0
A_FOLDER = 20
TEXT = "module.exports = {number};\n" * 40
APP = f"""
from lambdaform import Function, Stack

stack = Stack("bench")
for name in ("large", "small"):
    stack.add(
        Function(
            name,
            function_name=name,
            runtime="python{sys.version_info.major}.{sys.version_info.minor}",
            handler="index.handler",
            code_uri=name,
        )
    )
"""


@define
class Times:
    """What was measured of a folder, in seconds; ``watching`` is the share of a processor."""

    reload: list[float] = field(factory=list)
    floor: list[float] = field(factory=list)
    meanwhile: list[float] = field(factory=list)
    watching: float = 0.0


def write(folder: Path, files: int) -> None:
    """An app with a function whose code folder has so many files, as packages are installed, and a small one."""
    for name, code in (
        ("large", answering(0)),
        ("small", "def handler(event, context):\n    return event\n"),
    ):
        (folder / name).mkdir()
        (folder / name / "index.py").write_text(code)
    for number in range(files):
        path = folder / "large" / "node_modules" / f"p{number // 200}" / f"d{number // A_FOLDER}"
        path.mkdir(parents=True, exist_ok=True)
        (path / f"{number}.js").write_text(TEXT.format(number=number))
    (folder / "app.py").write_text(APP)


def answering(state: int) -> str:
    """The code of a function that answers with a number."""
    return f"def handler(event, context):\n    return {state}\n"


@contextlib.asynccontextmanager
async def connected(port: int, name: str) -> AsyncIterator[Client]:
    """A client of one function."""
    client = Client(port, f"/2015-03-31/functions/{name}/invocations")
    await client.connect()
    try:
        yield client
    finally:
        client.close()


async def reloaded(port: int, code: Path, state: int) -> float:
    """How long it takes until the function answers with another number, which is written now."""
    started = time.perf_counter()
    code.write_text(answering(state))
    while True:
        async with connected(port, "large") as client:
            # An answer that is not the event is one by the old code.
            with contextlib.suppress(RuntimeError):
                await client.invoke(b"%d" % state)
                return time.perf_counter() - started
        await asyncio.sleep(0.02)


async def longest(port: int, until: asyncio.Task[float]) -> float:
    """The longest that another function took until the task is done."""
    times = []
    async with connected(port, "small") as client:
        while not until.done():
            times.append(await client.invoke())
            await asyncio.sleep(0.02)
    return max(times)


def kept(folder: Path, to: Path) -> float:
    """How long the tree takes once more, of links, and its archive."""
    started = time.perf_counter()
    shutil.copytree(folder, to, copy_function=os.link)
    with zipfile.ZipFile(to.with_suffix(".zip"), "w") as archive:
        for path, _, names in os.walk(to):
            for name in names:
                archive.write(os.path.join(path, name), os.path.join(os.path.relpath(path, to), name))  # noqa: PTH118
    return time.perf_counter() - started


def processor_seconds(pid: int) -> float:
    """What a process has used of a processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(folder: Path, files: int) -> Times:
    """Reload a function with so many files some times, and watch them for a while."""
    write(folder, files)
    port, times = free_port(), Times()
    command = [str(Path(sys.executable).with_name("lambdaform")), "run", "--port", str(port)]
    subject = Subject("lambdaform", command, "", folder, {"PYTHONPATH": str(ROOT)})
    async with Server(subject, port) as server:
        for name, event in (("large", b"0"), ("small", b"{}")):
            async with connected(port, name) as client:
                await client.invoke(event)
        for state in range(1, ROUNDS + 1):
            reloading = asyncio.ensure_future(reloaded(port, folder / "large" / "index.py", state))
            times.meanwhile.append(await longest(port, reloading))
            times.reload.append(await reloading)
            times.floor.append(kept(folder / "large", folder / f"tree-{state}"))
        pid = server.family()[0]
        before = processor_seconds(pid)
        await asyncio.sleep(QUIET)
        times.watching = (processor_seconds(pid) - before) / QUIET
    return times


def rows(files: int, times: Times) -> list[Row]:
    """The lines of one size."""
    return [
        Ratio(
            f"{files:,} files, to the new answer / links and zip",
            statistics.median(times.reload),
            statistics.median(times.floor),
            3,
        ),
        Amount(f"{files:,} files, to the new answer", statistics.median(times.reload) * 1000, 1000, "ms"),
        Amount(
            "  another function meanwhile, the longest", statistics.median(times.meanwhile) * 1000, 100, "ms"
        ),
        Amount("  of a processor, while nothing changes", times.watching * 100, 3, "%"),
    ]


async def main() -> int:
    found: list[Row] = []
    for files in SIZES:
        with tempfile.TemporaryDirectory() as name:
            found += rows(files, await measure(Path(name), files))
    show("Hot reload (medians)", found)
    return 0 if all(row.met for row in found) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
