"""Invocations through the Python API against AWS's Python client on a bare server, interleaved in one run."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bare_server import BareServer
from benchmarks.measure import Ratio, show
from lambdaform import Function, Stack
from lambdaform.local.front import Request
from lambdaform.local.service import LocalLambda
from lambdaform.synth.assembly import Assembly, assemble, expand

HANDLER = "def handler(event, context):\n    return event\n"
PAYLOAD = b'{"name": "world", "count": 3}'
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
COLD_ROUNDS = 15
WARM_ROUNDS = 20
WARM_CALLS = 200


def hello() -> Assembly:
    """A stack with one function that returns its event."""
    stack = Stack("bench")
    stack.add(Function("Hello", runtime=RUNTIME, handler="index.handler", inline_code=HANDLER))  # type: ignore[arg-type]
    return expand(assemble(stack))


def service() -> LocalLambda:
    """A service whose log goes nowhere."""
    return LocalLambda("bench", log=lambda _: None, notice=print)


async def cold_bare(folder: Path) -> float:
    started = time.perf_counter()
    server = BareServer(PAYLOAD)
    await server.start(folder, "index.handler")
    await server.invoke()
    spent = time.perf_counter() - started
    await server.stop()
    return spent


async def cold_ours(local: LocalLambda) -> float:
    started = time.perf_counter()
    await local.invoke(Request(function_name="Hello", payload=PAYLOAD))
    spent = time.perf_counter() - started
    local.end_environments()
    return spent


async def main() -> None:
    assembly = hello()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "index.py").write_text(HANDLER)
        async with service() as local:
            local.deploy(assembly)
            await cold_ours(local)
            cold: dict[str, list[float]] = {"ours": [], "bare": []}
            for _ in range(COLD_ROUNDS):
                cold["bare"].append(await cold_bare(folder))
                cold["ours"].append(await cold_ours(local))
            server = BareServer(PAYLOAD)
            await server.start(folder, "index.handler")
            warm: dict[str, list[float]] = {"ours": [], "bare": []}
            for _ in range(WARM_ROUNDS):
                for _ in range(WARM_CALLS):
                    started = time.perf_counter()
                    await server.invoke()
                    warm["bare"].append(time.perf_counter() - started)
                for _ in range(WARM_CALLS):
                    started = time.perf_counter()
                    await local.invoke(Request(function_name="Hello", payload=PAYLOAD))
                    warm["ours"].append(time.perf_counter() - started)
            await server.stop()
    median = statistics.median
    show(
        "Invocations (medians), against awslambdaric on a bare asyncio server",
        [
            Ratio("cold: start, init, first answer", median(cold["ours"]), median(cold["bare"]), 0.6),
            Ratio("warm: one after the other", median(warm["ours"]), median(warm["bare"]), 1.5),
        ],
    )


if __name__ == "__main__":
    asyncio.run(main())
