"""``lambdaform run`` over HTTP against its peers and a floor: one handler, one client, all of them in turns in one run.

The peers are AWS's Runtime Interface Emulator, whose binary is in the PyPI package aws-sam-cli, and
serverless-offline; the floor is AWS's runtime client, with its compiled module, behind a bare asyncio server
(`bare_service`). They are downloaded once, into a cache; one that cannot be had is left out, and that is said. Exit
code 1 where a target is missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from attrs import define, field, frozen

from benchmarks.measure import Ratio, Row, show

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "lambdaform"
SAM = "aws-sam-cli==1.170.0"
SERVERLESS = ("serverless@3.40.0", "serverless-offline@13.9.0")
#: Why peers are left out, if they are.
LEFT_OUT: list[str] = []
RIE_HOME = CACHE / SAM.replace("==", "-")
SERVERLESS_HOME = CACHE / SERVERLESS[1].replace("@", "-")
HANDLER = "def handler(event, context):\n    return event\n"
PAYLOAD = b'{"name": "world", "count": 3}'
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
#: As many as `lambdaform run` has at most on two cores: the floor is to have as many.
PROCESSES = 10
ROUNDS = 3
TURNS = 4
WARM_CALLS = 250
CLIENTS = (8, 32)
LOAD_CALLS = 3000
APP = f"""\
from lambdaform import Function, Stack

stack = Stack("bench")
stack.add(Function("Hello", function_name="hello", runtime="{PYTHON}", handler="index.handler", code_uri="code"))
"""
SERVERLESS_APP = """\
service: bench
provider: {{name: aws, runtime: {runtime}, region: us-east-1}}
plugins: [serverless-offline]
custom: {{serverless-offline: {{lambdaPort: {lambda_port}, httpPort: {http_port}, reloadHandler: false}}}}
functions: {{hello: {{handler: index.handler}}}}
"""


class Client:
    """One connection that stays open, one request at a time."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._path = path
        self._head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: "

    async def connect(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 24)

    async def invoke(self, payload: bytes = PAYLOAD) -> float:
        """One invocation; how long it took, in seconds. Raises where the answer is not the event."""
        started = time.perf_counter()
        self._writer.write(f"{self._head}{len(payload)}\r\n\r\n".encode() + payload)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        if length:
            body = await self._reader.readexactly(int(length))
        else:
            body = await self._chunks()
        spent = time.perf_counter() - started
        if not head.startswith(b"http/1.1 200") or body.replace(b" ", b"") != payload.replace(b" ", b""):
            raise RuntimeError(f"{self._path} answered {head!r} {body[:200]!r}")
        return spent

    async def _chunks(self) -> bytes:
        body = b""
        while length := int(await self._reader.readline(), 16):
            body += await self._reader.readexactly(length)
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return body

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()


@define
class Times:
    """What was measured of one subject, in seconds, calls each second, and bytes."""

    first: list[float] = field(factory=list)
    warm: list[float] = field(factory=list)
    calls: dict[int, list[float]] = field(factory=lambda: {clients: [] for clients in CLIENTS})
    one: list[int] = field(factory=list)
    memory: list[int] = field(factory=list)


@frozen
class Subject:
    """A server: its command, the path of the function on it, and how many callers it takes at once.

    Of one that takes a single caller, ``another`` gives one more, with its port.
    """

    name: str
    command: Sequence[str]
    path: str
    folder: Path
    variables: Mapping[str, str] = field(factory=dict)
    most: int = max(CLIENTS)
    another: Callable[[], tuple[Subject, int]] | None = None


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _memory(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(text.partition("\nPss:")[2].split(maxsplit=1)[0]) * 1024


class Server:
    """A subject that runs; it ends with every process that it started."""

    def __init__(self, subject: Subject, port: int) -> None:
        self.subject = subject
        self.port = port

    async def __aenter__(self) -> Server:
        self._process = subprocess.Popen(
            self.subject.command,
            cwd=self.subject.folder,
            env={**os.environ, **self.subject.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            await self._listens()
        except BaseException:
            self._end()
            raise
        return self

    async def _listens(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                break
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.subject.name} does not listen") from None
                await asyncio.sleep(0.05)
        # What it still does at its start is not to be measured.
        await asyncio.sleep(1)

    async def __aexit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        family = self.family()
        self._process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def family(self) -> list[int]:
        """The process and all its descendants."""
        family = [self._process.pid]
        for pid in family:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    family.extend(map(int, children.read_text().split()))
        return family

    def memory(self) -> int:
        """The memory of all its processes, in bytes; what they share counts once."""
        return sum(_memory(pid) for pid in self.family())

    def own_memory(self) -> int:
        """The memory of its first process alone, in bytes."""
        return _memory(self._process.pid)

    async def first(self) -> float:
        """The first answer."""
        return (await self.warm(1))[0]

    async def warm(self, calls: int) -> list[float]:
        """One invocation after the other."""
        client = Client(self.port, self.subject.path)
        await client.connect()
        times = [await client.invoke() for _ in range(calls)]
        client.close()
        return times

    async def load(self, clients: int, calls: int) -> float:
        """How many invocations a second it answers to so many callers."""
        each = [Client(self.port, self.subject.path) for _ in range(min(clients, self.subject.most))]
        for client in each:
            await client.connect()
        left = calls

        async def call(client: Client) -> None:
            nonlocal left
            while left > 0:
                left -= 1
                await client.invoke()

        started = time.perf_counter()
        await asyncio.gather(*map(call, each))
        spent = time.perf_counter() - started
        for client in each:
            client.close()
        return calls / spent


def leave_out(reason: str) -> None:
    """Say that a peer is left out, at once and again at the end."""
    print(reason, file=sys.stderr)
    LEFT_OUT.append(reason)


def rie() -> Path | None:
    """The emulator's binary; it is downloaded at the first time."""
    machine = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        leave_out("RIE is left out: it runs on Linux.")
        return None
    binary = RIE_HOME / f"aws-lambda-rie-{machine}"
    if binary.exists():
        return binary
    RIE_HOME.mkdir(parents=True, exist_ok=True)
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", SAM]
    with tempfile.TemporaryDirectory() as name:
        try:
            subprocess.run([*download, "-d", name], check=True)
        except subprocess.CalledProcessError as error:
            leave_out(f"RIE is left out: it cannot be downloaded ({error}).")
            return None
        [wheel] = Path(name).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(f"samcli/local/rapid/{binary.name}")
    unfinished = binary.with_suffix(".new")
    unfinished.write_bytes(data)
    unfinished.chmod(0o755)
    unfinished.rename(binary)
    return binary


def serverless() -> Path | None:
    """The script of the serverless command; it is installed at the first time, with serverless-offline."""
    script = SERVERLESS_HOME / "node_modules" / "serverless" / "bin" / "serverless.js"
    if shutil.which("npm") is None:
        leave_out("serverless-offline is left out: it needs node and npm on the PATH.")
        return None
    if (SERVERLESS_HOME / ".complete").exists():
        return script
    print(f"Installing {SERVERLESS[1]} into {SERVERLESS_HOME} (once; 280 MB)", file=sys.stderr)
    SERVERLESS_HOME.mkdir(parents=True, exist_ok=True)
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(SERVERLESS_HOME)]
    try:
        subprocess.run([*install, *SERVERLESS], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        leave_out(f"serverless-offline is left out: it cannot be installed ({error}).")
        return None
    (SERVERLESS_HOME / ".complete").touch()
    return script


def emulated(emulator: Path, path: str, code: Path) -> tuple[Subject, int]:
    """RIE with AWS's runtime client, and its port."""
    port, runtime_port = free_port(), free_port()
    command = [
        str(emulator),
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{runtime_port}",
        sys.executable,
        "-m",
        "awslambdaric",
        "index.handler",
    ]
    # It ends at a second invocation while it has one.
    return Subject("RIE", command, path, code, most=1, another=partial(emulated, emulator, path, code)), port


def subjects(folder: Path) -> list[tuple[Subject, int]]:
    """What is measured, each with its port. ``folder`` gets an application for each."""
    (folder / "code").mkdir()
    (folder / "code" / "index.py").write_text(HANDLER)
    (folder / "app.py").write_text(APP)
    code = folder / "code"
    path = "/2015-03-31/functions/{}/invocations"
    variables = {"PYTHONPATH": str(ROOT)}
    ours, bare = free_port(), free_port()
    found = [
        (
            Subject(
                "lambdaform",
                [str(Path(sys.executable).with_name("lambdaform")), "run", "--port", str(ours)],
                path.format("hello"),
                folder,
                variables,
            ),
            ours,
        ),
        (
            Subject(
                "bare",
                [sys.executable, "-m", "benchmarks.bare_service", str(bare), str(PROCESSES)],
                path.format("hello"),
                code,
                variables,
            ),
            bare,
        ),
    ]
    emulator = rie()
    if emulator is not None:
        found.append(emulated(emulator, path.format("function"), code))
    script = serverless()
    if script is not None:
        port, http_port = free_port(), free_port()
        offline = folder / "offline"
        offline.mkdir()
        shutil.copy(code / "index.py", offline)
        (offline / "serverless.yml").write_text(
            SERVERLESS_APP.format(runtime=PYTHON, lambda_port=port, http_port=http_port)
        )
        (offline / "node_modules").symlink_to(SERVERLESS_HOME / "node_modules")
        # It starts "python3.11", whichever is first on the PATH.
        on_path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        off = {"PATH": on_path, "SLS_NOTIFICATIONS_MODE": "off", "SLS_TRACKING_DISABLED": "1", "CI": "1"}
        command = ["node", str(script), "offline", "start"]
        found.append(
            (Subject("serverless-offline", command, path.format("bench-dev-hello"), offline, off), port)
        )
    return found


async def measure(found: Sequence[tuple[Subject, int]]) -> dict[str, Times]:
    times = {subject.name: Times() for subject, _ in found}
    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        async with contextlib.AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(Server(*each)) for each in found]
            for server in servers:
                times[server.subject.name].first.append(await server.first())
            for server in servers:
                await server.warm(50)
                times[server.subject.name].one.append(server.memory())
            for _ in range(TURNS):
                for server in servers:
                    times[server.subject.name].warm += await server.warm(WARM_CALLS)
            for clients in CLIENTS:
                for server in servers:
                    # The first time is for the processes that have to be started.
                    await server.load(clients, 10 * clients)
                for server in servers:
                    times[server.subject.name].calls[clients].append(await server.load(clients, LOAD_CALLS))
            for server in servers:
                times[server.subject.name].memory.append(await memory_of_all(server))
    return times


async def memory_of_all(server: Server) -> int:
    """A server's memory; of one that takes a single caller, that of as many as others have processes."""
    another = server.subject.another
    if another is None:
        return server.memory()
    async with contextlib.AsyncExitStack() as stack:
        servers = [server]
        for _ in range(PROCESSES - 1):
            servers.append(await stack.enter_async_context(Server(*another())))
            await servers[-1].first()
        return sum(each.memory() for each in servers)


@frozen
class Rate:
    """Calls a second, against a floor's or peer's; ``target`` is what the ratio should be at least."""

    name: str
    subject: float
    floor: float
    target: float

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.subject >= self.target * self.floor

    def line(self) -> str:
        """One line of the table."""
        rates = f"{self.subject:9.0f} /s / {self.floor:9.0f} /s"
        mark = "ok" if self.met else "UNDER"
        return (
            f"{self.name:<52}{rates} = {self.subject / self.floor:7.3f}   (at least {self.target:g})  {mark}"
        )


@frozen
class Memory:
    """Memory in bytes, against a floor's or peer's; ``target`` is what the ratio should be at most."""

    name: str
    subject: float
    floor: float
    target: float

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.subject <= self.target * self.floor

    def line(self) -> str:
        """One line of the table."""
        sizes = f"{self.subject / 1e6:9.1f} MB / {self.floor / 1e6:9.1f} MB"
        mark = "ok" if self.met else "OVER"
        return (
            f"{self.name:<52}{sizes} = {self.subject / self.floor:7.3f}   (at most {self.target:g})  {mark}"
        )


def rows(times: Mapping[str, Times]) -> list[Row]:
    median = statistics.median

    def p99(values: Sequence[float]) -> float:
        return statistics.quantiles(values, n=100)[98]

    ours = times["lambdaform"]
    made: list[Row] = []
    for name, peer in times.items():
        if name in ("lambdaform", "bare"):
            continue
        made += [
            Ratio(f"first answer / {name}", median(ours.first), median(peer.first), 1),
            Ratio(f"warm, median / {name}", median(ours.warm), median(peer.warm), 1),
            Ratio(f"warm, 99th percentile / {name}", p99(ours.warm), p99(peer.warm), 1),
        ]
        for clients in CLIENTS:
            alone = " (it takes 1)" if name == "RIE" else ""
            rates = median(ours.calls[clients]), median(peer.calls[clients])
            made.append(Rate(f"{clients} clients / {name}{alone}", *rates, 1))
        made.append(Memory(f"memory after one client / {name}", median(ours.one), median(peer.one), 1))
        several = f", {PROCESSES} of it" if name == "RIE" else ""
        made.append(
            Memory(f"memory after 32 clients / {name}{several}", median(ours.memory), median(peer.memory), 1)
        )
    bare = times["bare"]
    made += [
        Ratio("warm, median / runtime client, bare server", median(ours.warm), median(bare.warm), 1.3),
        Rate("32 clients / runtime client, bare server", median(ours.calls[32]), median(bare.calls[32]), 0.7),
    ]
    return made


async def main() -> int:
    # What it has started ends with it, however it ends.
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with tempfile.TemporaryDirectory() as name:
        try:
            times = await measure(subjects(Path(name)))
        except asyncio.CancelledError:
            print("Broken off: nothing is said of what was measured.", file=sys.stderr)
            return 130
    made = rows(times)
    show("lambdaform run against other local servers, over HTTP (medians)", made)
    for reason in LEFT_OUT:
        print(f"  NOT MEASURED: {reason}")
    return 0 if all(row.met for row in made) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
