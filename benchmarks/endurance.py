"""What ``lambdaform run`` takes and how long it lasts: a hundred environments, large payloads, many invocations.

The memory is that of the service itself, without the functions' processes. Large payloads are compared with the same
client on a server that only sends them back (`echo_server`), and with AWS's runtime client behind a bare server
(`bare_service`): that reads and writes their JSON, which alone takes longer than to send them there and back. Exit
code 1 where a target is missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from benchmarks.measure import Amount, Ratio, Row, show
from benchmarks.peers import PYTHON, ROOT, Client, Server, Subject, free_port

ENVIRONMENTS = 100
INVOCATIONS = 100_000
CLIENTS = 8
#: Just under the 6 MB that an invocation takes.
LARGE = b'{"text": "%s"}' % (b"x" * ((6 << 20) - 20))
ROUNDS = 15
#: The handler holds each event until so many are there, so that each has an environment of its own.
HANDLER = """\
import time


def handler(event, context):
    time.sleep(event.get("seconds", 0))
    return event
"""
APP = f"""\
from lambdaform import Function, Stack

stack = Stack("bench")
stack.add(
    Function(
        "Hello", function_name="hello", runtime="{PYTHON}", handler="index.handler", code_uri="code", timeout=900
    )
)
"""
PATH = "/2015-03-31/functions/hello/invocations"


def service(folder: Path, port: int) -> Subject:
    """``lambdaform run`` with room for all environments."""
    (folder / "code").mkdir()
    (folder / "code" / "index.py").write_text(HANDLER)
    (folder / "app.py").write_text(APP)
    program = str(Path(sys.executable).with_name("lambdaform"))
    command = [program, "run", "--port", str(port), "--max-environments", str(ENVIRONMENTS)]
    return Subject("lambdaform", command, PATH, folder, {"PYTHONPATH": str(ROOT)})


def echo(folder: Path, port: int) -> Subject:
    """A server that sends bodies back."""
    command = [sys.executable, "-m", "benchmarks.echo_server", str(port)]
    return Subject("echo", command, "/", folder, {"PYTHONPATH": str(ROOT)})


def bare(folder: Path, port: int) -> Subject:
    """AWS's runtime client, behind a server that does nothing else."""
    command = [sys.executable, "-m", "benchmarks.bare_service", str(port), "1"]
    return Subject("bare", command, PATH, folder / "code", {"PYTHONPATH": str(ROOT)})


async def memory_with_all(server: Server) -> int:
    """The service's memory once all environments are there, in bytes."""
    seconds = 5
    while True:
        payload = b'{"seconds": %d}' % seconds
        clients = [Client(server.port, PATH) for _ in range(ENVIRONMENTS)]
        async with connected(*clients):
            await asyncio.gather(*(client.invoke(payload) for client in clients))
        if len(server.family()) > ENVIRONMENTS:
            return server.own_memory()
        # A slow machine has ended with the first before it has begun with the last.
        seconds *= 2


async def large(*servers: Server) -> Iterator[float]:
    """The medians of how long a large payload takes there and back, by server, in seconds."""
    times: list[list[float]] = [[] for _ in servers]
    clients = [Client(server.port, server.subject.path) for server in servers]
    async with connected(*clients):
        for client in clients:
            await client.invoke(LARGE)
        for _ in range(ROUNDS):
            for client, each in zip(clients, times, strict=True):
                each.append(await client.invoke(LARGE))
    return map(statistics.median, times)


@contextlib.asynccontextmanager
async def connected(*clients: Client) -> AsyncIterator[None]:
    """The clients are connected within the block."""
    for client in clients:
        await client.connect()
    try:
        yield
    finally:
        for client in clients:
            client.close()


async def measure(folder: Path) -> list[Row]:
    port, echo_port, bare_port = free_port(), free_port(), free_port()
    subject = service(folder, port)
    async with Server(subject, port) as server:
        async with (
            Server(echo(folder, echo_port), echo_port) as floor,
            Server(bare(folder, bare_port), bare_port) as client,
        ):
            ours, copied, in_client = await large(server, floor, client)
        # The first tenth fills what is kept of earlier invocations, such as the files of the log.
        await server.load(CLIENTS, INVOCATIONS // 10)
        early = server.own_memory()
        await server.load(CLIENTS, INVOCATIONS - INVOCATIONS // 10)
        late = server.own_memory()
        most = await memory_with_all(server)
    return [
        Ratio("6 MB there and back / runtime client, bare server", ours, in_client, 1.3),
        Ratio("6 MB there and back / loopback copy", ours, copied, 2),
        Amount(f"memory of the service, {ENVIRONMENTS} environments", most / 1e6, 120, "MB"),
        Amount(f"memory gained, 10,000th to {INVOCATIONS:,}th event", (late - early) / 1e6, 2, "MB"),
    ]


async def main() -> int:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with tempfile.TemporaryDirectory() as name:
        try:
            rows = await measure(Path(name))
        except asyncio.CancelledError:
            print("Broken off: nothing is said of what was measured.", file=sys.stderr)
            return 130
    show("lambdaform run: large payloads, and memory", rows)
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
