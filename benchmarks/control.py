"""The endpoint as boto3 sees it: Invoke and control calls beyond the client's own cost, 10,000 functions, and the start.

A client's own cost is what the same call takes against a server that answers with the very bytes of ours
(`static_server`). Exit code 1 where a target is missed.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import urllib3
from attrs import frozen
from botocore.config import Config

from benchmarks.invoke import PAYLOAD, RUNTIME, hello, service
from benchmarks.measure import Amount, Ratio, Row, show
from lambdaform.local.front import Request

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient

LAMBDAFORM = Path(sys.executable).with_name("lambdaform")
ROLE = "arn:aws:iam::123456789012:role/bench"
HANDLER = "def handler(event, context):\n    return event\n"
ROUNDS, CALLS = 20, 20
FUNCTIONS = 10_000
#: How many invocations processor time is taken of: it is counted in hundredths of a second.
MANY = 2000
#: What lies between two calls from Python, as boto3 takes its time between two: meanwhile the environment is frozen.
PAUSE = 0.0005


@contextmanager
def endpoint(folder: Path) -> Iterator[int]:
    """``lambdaform run`` in a folder; its port."""
    # A file and no pipe: what functions log would fill that.
    output = folder / "output"
    with output.open("w") as stream:
        process = subprocess.Popen(
            [str(LAMBDAFORM), "run", "--port", "0"], cwd=folder, stdout=stream, stderr=subprocess.DEVNULL
        )
    try:
        while not (found := re.search(r"^Serving on http\S+:(\d+) ", output.read_text(), re.MULTILINE)):
            if process.poll() is not None:
                raise RuntimeError("lambdaform run has ended.")
            time.sleep(0.001)
        yield int(found[1])
    finally:
        process.terminate()
        process.wait()


@frozen
class Child:
    """A process that serves."""

    port: int
    pid: int

    def processor_seconds(self) -> float:
        """How long it has had a processor."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def child(*words: str) -> Iterator[Child]:
    """A module of the benchmarks as a process that prints its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield Child(int(process.stdout.readline()), process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


@contextmanager
def static(folder: Path, answer: bytes) -> Iterator[int]:
    """A server that answers with these bytes; its port."""
    file = folder / "answer"
    file.write_bytes(answer)
    with child("benchmarks.static_server", str(file)) as made:
        yield made.port


def client(port: int) -> LambdaClient:
    """boto3's client, which keeps its connection."""
    return boto3.client(
        "lambda",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=Config(retries={"total_max_attempts": 1}),
    )


def bytes_of(port: int, call: Callable[[LambdaClient], Any]) -> bytes:
    """The answer of the endpoint to a call of boto3's, as it went over the wire."""
    taken: list[bytes] = []
    made = client(port)

    send = made._endpoint.http_session.send  # type: ignore[attr-defined]

    def sent(request: Any) -> Any:
        answer = send(request)
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        taken.append(f"HTTP/1.1 {answer.status_code} OK\r\n{head}\r\n".encode() + answer.content)
        # A payload is read by the caller, too.
        answer.raw = urllib3.HTTPResponse(body=io.BytesIO(answer.content), preload_content=False)
        return answer

    made._endpoint.http_session.send = sent  # type: ignore[attr-defined]
    call(made)
    made.close()
    return taken[-1]


def timed(call: Callable[[], Any]) -> float:
    """The median of some calls, in seconds."""
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def least(subjects: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The least time of each subject over rounds in which all have their turn: what else the machine does only adds."""
    times = dict.fromkeys(subjects, float("inf"))
    for _ in range(ROUNDS):
        for name, measure in subjects.items():
            times[name] = min(times[name], measure())
    return times


def invoke(made: LambdaClient) -> None:
    made.invoke(FunctionName="bench-Hello", Payload=PAYLOAD)["Payload"].read()


CONTROL: dict[str, Callable[[LambdaClient], Any]] = {
    "GetFunctionConfiguration": lambda made: made.get_function_configuration(FunctionName="made"),
    "ListFunctions": lambda made: made.list_functions(),
    "TagResource": lambda made: made.tag_resource(
        Resource="arn:aws:lambda:us-east-1:123456789012:function:made", Tags={"at": str(time.time_ns())}
    ),
    "UpdateAlias": lambda made: made.update_alias(
        FunctionName="made", Name="live", Description=str(time.time_ns())
    ),
}


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("index.py", HANDLER)
    return data.getvalue()


def make(made: LambdaClient) -> None:
    made.create_function(
        FunctionName="made",
        Role=ROLE,
        Handler="index.handler",
        Runtime=RUNTIME,  # type: ignore[arg-type]
        Code={"ZipFile": zipped()},
        Publish=True,
    )
    made.get_waiter("function_active_v2").wait(FunctionName="made", WaiterConfig={"Delay": 1})
    made.create_alias(FunctionName="made", Name="live", FunctionVersion="1")


def calls(port: int, folder: Path) -> list[Row]:
    """Invoke and control calls against the endpoint, and against their own bytes."""
    rows: list[Row] = []
    made = client(port)
    make(made)
    with ExitStack() as stack, asyncio.Runner() as runner:
        local = service()
        request = Request(function_name="Hello", payload=PAYLOAD)

        async def deploy() -> None:
            local.deploy(hello())
            await local.invoke(request)

        runner.run(deploy())

        def python() -> float:
            async def several() -> float:
                times = []
                for _ in range(CALLS):
                    started = time.perf_counter()
                    await local.invoke(request)
                    times.append(time.perf_counter() - started)
                    await asyncio.sleep(PAUSE)
                return statistics.median(times)

            return runner.run(several())

        subjects: dict[str, Callable[[], float]] = {"python": python}
        served = stack.enter_context(child("benchmarks.served"))
        for name, call in {"Invoke": invoke, **CONTROL}.items():
            asked = served.port if name == "Invoke" else port
            same = client(stack.enter_context(static(folder, bytes_of(asked, call))))
            subjects[f"{name} ours"] = partial(timed, partial(call, client(asked)))
            subjects[f"{name} same"] = partial(timed, partial(call, same))
        times = least(subjects)

        async def several() -> float:
            started = time.process_time()
            for _ in range(MANY):
                await local.invoke(request)
                await asyncio.sleep(PAUSE)
            return time.process_time() - started

        used = runner.run(several())
        if Path("/proc/self/stat").is_file():
            before, made = served.processor_seconds(), client(served.port)
            for _ in range(MANY):
                invoke(made)
            over_http = served.processor_seconds() - before
            name = "Invoke over HTTP / Python API, processor time"
            rows.append(Ratio(name, over_http / MANY, used / MANY, 1.4))
        runner.run(local.close())
    beyond = times["Invoke ours"] - times["Invoke same"]
    rows.append(Ratio("Invoke through boto3, beyond boto3 / Python API", beyond, times["python"], 1.4))
    for name in CONTROL:
        beyond = max(0.0, times[f"{name} ours"] - times[f"{name} same"])
        rows.append(Amount(f"{name}, beyond boto3", beyond * 1000, 3, "ms"))
    return rows


def many(port: int) -> list[Row]:
    """10,000 functions created and listed: what one call costs at the beginning and at the end."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    code = {"ZipFile": b64encode(zipped()).decode()}

    def ask(method: str, path: str, body: Any = None) -> Any:
        connection.request(method, path, json.dumps(body) if body is not None else None)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(text)
        return json.loads(text)

    created = []
    for number in range(FUNCTIONS):
        body = {
            "FunctionName": f"f{number:05d}",
            "Role": ROLE,
            "Handler": "index.handler",
            "Runtime": RUNTIME,
            "Code": code,
        }
        started = time.perf_counter()
        ask("POST", "/2015-03-31/functions", body)
        created.append(time.perf_counter() - started)

    def pages() -> tuple[list[float], int]:
        times, count, marker = [], 0, ""
        while True:
            started = time.perf_counter()
            page = ask("GET", f"/2015-03-31/functions?MaxItems=50{marker}")
            times.append(time.perf_counter() - started)
            count += len(page["Functions"])
            if not page.get("NextMarker"):
                return times, count
            marker = f"&Marker={page['NextMarker']}"

    walks = [pages() for _ in range(5)]
    listed = [min(times) for times in zip(*(walk for walk, _ in walks), strict=True)]
    count = walks[-1][1]
    connection.close()
    if count < FUNCTIONS:
        raise RuntimeError(f"{count} functions are listed.")
    tenth, few, median = FUNCTIONS // 10, len(listed) // 10, statistics.median
    return [
        Ratio(
            "CreateFunction: the last 1,000 of 10,000 / the first",
            median(created[-tenth:]),
            median(created[:tenth]),
            1.5,
        ),
        Ratio(
            "ListFunctions: the last pages / the first",
            median(listed[-few - 1 : -1]),
            median(listed[:few]),
            1.5,
        ),
    ]


def start(folder: Path) -> list[Row]:
    """From nothing to the first answer, the interpreter included: processor time, the end of the process with it."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with endpoint(folder) as port:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/2016-08-19/account-settings")
            connection.getresponse().read()
            connection.close()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [Amount("start to the first answer, processor time", min(times) * 1000, 600, "ms")]


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.pop("AWS_PROFILE", None)
        (folder / "empty").mkdir()
        rows = start(folder / "empty")
        with endpoint(folder / "empty") as port:
            rows += calls(port, folder)
            rows += many(port)
    show("The endpoint (the least of rounds of medians)", rows)
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
