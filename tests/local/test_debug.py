"""Functions that are debugged: real debuggers attach, and nothing limits the function meanwhile."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from attrs import evolve

from lambdaform.errors import LocalError
from tests.local.lab import Lab, Outcome, is_alive

PYTHON = """\
import os
def handler(event, context):
    word = event["word"]
    return [word, os.getpid(), context.get_remaining_time_in_millis() > 60_000]
"""
NODE = """\
export const handler = async (event) => {
  let word = event.word;
  debugger;
  return [word, process.pid];
};
"""


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection, as soon as somebody listens there."""
    while True:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.02)


class Debugpy:
    """The part of the Debug Adapter Protocol that an editor speaks to attach, stop, look and go on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._kept: list[dict[str, Any]] = []

    def send(self, command: str, **arguments: Any) -> int:
        """A request; its number."""
        number = next(self._numbers)
        message = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return number

    async def ask(self, command: str, **arguments: Any) -> Any:
        """A request, and what it is answered."""
        number = self.send(command, **arguments)
        answer = await self._message(lambda each: each.get("request_seq") == number)
        assert answer["success"], answer
        return answer.get("body")

    async def event(self, name: str) -> Any:
        """The next event of this name."""
        return (await self._message(lambda each: each.get("event") == name)).get("body")

    async def _message(self, wanted: Any) -> dict[str, Any]:
        for each in self._kept:
            if wanted(each):
                self._kept.remove(each)
                return each
        while True:
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.decode().partition("Content-Length:")[2].split()[0])
            message: dict[str, Any] = json.loads(await self._reader.readexactly(length))
            if wanted(message):
                return message
            self._kept.append(message)

    async def attach(self, file: str, line: int) -> None:
        """Attach with one breakpoint."""
        await self.ask("initialize", adapterID="debugpy", pathFormat="path")
        self.send("attach", justMyCode=True)
        await self.event("initialized")
        await self.ask("setBreakpoints", source={"path": file}, breakpoints=[{"line": line}])
        await self.ask("configurationDone")

    async def stopped(self) -> tuple[int, int]:
        """The thread that has stopped at a breakpoint, and its innermost frame."""
        thread = (await self.event("stopped"))["threadId"]
        frames = (await self.ask("stackTrace", threadId=thread))["stackFrames"]
        return thread, frames[0]["id"]


@contextlib.asynccontextmanager
async def debugpy(port: int) -> AsyncIterator[Debugpy]:
    """A debugger's connection."""
    reader, writer = await connected(port)
    try:
        yield Debugpy(reader, writer)
    finally:
        writer.close()


async def code_of(lab: Lab) -> str:
    """Where the function that waits sees its code, as it says itself."""
    while True:
        for line in lab.log:
            if "A debugger is awaited on" in line.text:
                return line.text.partition("the code is in ")[2].strip().removesuffix(".")
        await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def fresh_log(lab: Lab) -> None:
    """What other functions have said is of no interest."""
    lab.log.clear()


def test_python_stops_where_the_debugger_says_for_longer_than_its_timeout(lab: Lab) -> None:
    port = free_port()
    name = lab.function(PYTHON, timeout=1, memory_size=128)
    lab.service.debug(name, port)

    async def debugging() -> Outcome:
        invocation = asyncio.ensure_future(lab.invoking(name, {"word": "as sent"}))
        folder = await code_of(lab)
        async with debugpy(port) as debugger:
            await debugger.attach(f"{folder}/index.py", 4)
            thread, frame = await debugger.stopped()
            seen = await debugger.ask("evaluate", expression="word", frameId=frame)
            assert seen["result"] == "'as sent'"
            await debugger.ask("evaluate", expression="word = 'changed'", frameId=frame, context="repl")
            await asyncio.sleep(1.2)
            await debugger.ask("continue", threadId=thread)
            return await invocation

    [word, _, has_time] = lab.run(debugging(), seconds=20).value
    assert word == "changed"
    assert has_time


def test_a_function_that_is_debugged_takes_one_event_after_the_other_in_one_process(lab: Lab) -> None:
    port = free_port()
    name = lab.function(PYTHON)
    lab.service.debug(name, port)

    async def debugging() -> list[Any]:
        invocations = [asyncio.ensure_future(lab.invoking(name, {"word": each})) for each in ("a", "b")]
        await code_of(lab)
        async with debugpy(port) as debugger:
            await debugger.attach("/nowhere.py", 1)
            return [(await each).value for each in invocations]

    [[first, pid, _], [second, other_pid, _]] = lab.run(debugging(), seconds=20)
    assert (first, second) == ("a", "b")
    assert pid == other_pid


def test_only_the_function_that_is_debugged_sees_debugpy(lab: Lab) -> None:
    name = lab.function(
        "import importlib.util\ndef handler(e, c): return importlib.util.find_spec('debugpy') is None"
    )
    assert lab.invoke(name).value is True


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_node_stops_at_a_debugger_statement_for_an_inspector(lab: Lab) -> None:
    port = free_port()
    name = lab.function({"index.mjs": NODE}, runtime="nodejs22.x", timeout=1)
    lab.service.debug(name, port)

    async def debugging() -> Outcome:
        invocation = asyncio.ensure_future(lab.invoking(name, {"word": "as sent"}))
        reader, writer = await connected(port)
        writer.write(f"GET /json/list HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        [target] = json.loads(await reader.readexactly(length))
        writer.close()
        inspector = await Inspector.open(port, target["webSocketDebuggerUrl"].partition(str(port))[2])
        await inspector.ask("Debugger.enable")
        await inspector.ask("Runtime.runIfWaitingForDebugger")
        paused = await inspector.event("Debugger.paused")
        frame = paused["callFrames"][0]["callFrameId"]
        seen = await inspector.ask("Debugger.evaluateOnCallFrame", callFrameId=frame, expression="word")
        assert seen["result"]["value"] == "as sent"
        await inspector.ask("Debugger.evaluateOnCallFrame", callFrameId=frame, expression="word = 'changed'")
        await asyncio.sleep(1.2)
        await inspector.ask("Debugger.resume")
        outcome = await invocation
        inspector.close()
        return outcome

    assert lab.run(debugging(), seconds=20).value[0] == "changed"


def test_a_runtime_without_a_debugger_is_refused(lab: Lab) -> None:
    name = lab.function({"bootstrap": "#!/bin/sh\n"}, runtime="provided.al2023")
    lab.service.debug(name, free_port())
    with pytest.raises(LocalError, match=r"cannot be debugged here. Python and Node.js can"):
        lab.invoke(name)


class Inspector:
    """Node's inspector, over a WebSocket (RFC 6455) whose messages are short or of one frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._kept: list[dict[str, Any]] = []

    @classmethod
    async def open(cls, port: int, path: str) -> Inspector:
        """Connect, and change from HTTP to the WebSocket."""
        reader, writer = await connected(port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    async def ask(self, method: str, **parameters: Any) -> Any:
        """A call, and its result."""
        number = next(self._numbers)
        text = json.dumps({"id": number, "method": method, "params": parameters}).encode()
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
        # A mask of zeros leaves the text as it is.
        self._writer.write(b"\x81" + size + bytes(4) + text)
        answer = await self._message(lambda each: each.get("id") == number)
        assert "error" not in answer, answer
        return answer["result"]

    async def event(self, method: str) -> Any:
        """The next event of this name."""
        return (await self._message(lambda each: each.get("method") == method))["params"]

    async def _message(self, wanted: Any) -> dict[str, Any]:
        for each in self._kept:
            if wanted(each):
                self._kept.remove(each)
                return each
        while True:
            _, size = await self._reader.readexactly(2)
            if size >= 126:
                size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
            message: dict[str, Any] = json.loads(await self._reader.readexactly(size))
            if wanted(message):
                return message
            self._kept.append(message)

    def close(self) -> None:
        """Leave the function alone."""
        self._writer.close()


def test_another_version_of_a_function_that_is_debugged_takes_its_place_and_its_port(lab: Lab) -> None:
    port = free_port()
    name = lab.function(PYTHON)
    function = lab.service.functions.find(name)
    assert function is not None
    function.versions["1"] = evolve(function.versions["$LATEST"], version="1")
    lab.service.debug(name, port)

    async def debugging(qualifier: str) -> Outcome:
        lab.log.clear()
        invocation = asyncio.ensure_future(lab.invoking(name, {"word": qualifier}, qualifier=qualifier))
        await code_of(lab)
        async with debugpy(port) as debugger:
            await debugger.attach("/nowhere.py", 1)
            return await invocation

    [first, pid, _] = lab.run(debugging("$LATEST"), seconds=20).value
    [second, other_pid, _] = lab.run(debugging("1"), seconds=20).value
    assert (first, second) == ("$LATEST", "1")
    assert not is_alive(pid)
    assert pid != other_pid
