"""LocalStack's own tests of Lambda's API against ``lambdaform run``, compared with what AWS answered to them.

``python -m tests.acceptance.localstack CHECKOUT`` takes a checkout of LocalStack's repository, whose tests carry
recordings of AWS's answers. They run in an environment of their own, ``CHECKOUT/.venv``, which is made from that
repository's requirements if it is not there (Python 3.13; some minutes). Nothing of LocalStack answers: the tests speak
to the endpoint that this serves from an empty folder, or to ``--endpoint``. It prints what differs first in each test,
and ``--results`` writes that as JSON.

It is no test of ours by itself: it needs the network and takes minutes.

Source: https://github.com/localstack/localstack, tests/aws/services/lambda_.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path

from attrs import asdict, frozen

TESTS = "tests/aws/services/lambda_"
#: The account that ``lambdaform run`` serves, and the credentials that LocalStack's tests sign with.
ACCOUNT = "123456789012"
#: A version for the checkout's package where the checkout has no history to tell one from.
UNKNOWN_VERSION = "0.0.1"
#: Tests of SnapStart create functions from archives that are built with Docker, and never run them.
UNBUILT = ("java", "dotnet", "dotnet8", "dotnet10")
_COLOUR = re.compile(r"#x1B\[\d*m|\x1b\[\d*m")
_MATCH = re.compile(r"^>> match key: (?P<key>.+)$")
_CHANGE = re.compile(r"^\s*\((?P<kind>[~+-])\) (?P<what>.*)$")


@frozen
class Result:
    """How one test ended: ``outcome`` is passed, failed, error or skipped; ``first`` what differed first."""

    test: str
    outcome: str
    seconds: float
    first: str = ""
    all: tuple[str, ...] = ()


def differences(message: str) -> tuple[str, ...]:
    """What a failure's message says, one line each: recorded answers that differ, by their keys, or the error.

    >>> differences(">> match key: created\\n\\t(~) /State 'Pending' → 'Active' ... (expected → actual)")
    ("created: (~) /State 'Pending' → 'Active' ... (expected → actual)",)
    """
    found: list[str] = []
    key = ""
    for line in _COLOUR.sub("", message).splitlines():
        if match := _MATCH.match(line):
            key = match["key"]
        elif key and (change := _CHANGE.match(line)):
            found.append(f"{key}: ({change['kind']}) {change['what']}")
    return tuple(found) or (" ".join(message.split())[:600],)


def results(report: Path) -> tuple[Result, ...]:
    """The results in a JUnit report."""
    found = []
    for case in ET.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
        seconds = float(case.get("time", "0"))
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                outcome = "failed" if child.tag == "failure" else child.tag
                said = differences(child.get("message", ""))
                found.append(Result(name, outcome, seconds, said[0], said))
                break
        else:
            found.append(Result(name, "passed", seconds))
    return tuple(found)


def environment(checkout: Path, base: str) -> Path:
    """The Python that has what LocalStack's tests import; it is made in ``CHECKOUT/.venv`` if it is missing."""
    folder = checkout / ".venv"
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Making {folder} (some minutes) …", file=sys.stderr, flush=True)
        subprocess.run([base, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run(
            [*install, "-r", str(checkout / "requirements-test.txt"), "pytest-timeout"], check=True
        )
        variables = {"SETUPTOOLS_SCM_PRETEND_VERSION": UNKNOWN_VERSION, **os.environ}
        subprocess.run([*install, "--no-deps", "--editable", str(checkout)], check=True, env=variables)
    return python


def stand_in_archives(checkout: Path) -> None:
    """Archives in place of those that would be built with Docker: they are uploaded and never run."""
    for name in UNBUILT:
        folder = checkout / TESTS / "functions" / "common" / "echo" / name
        archive = folder / "handler.zip"
        if folder.is_dir() and not archive.exists():
            with zipfile.ZipFile(archive, "w") as opened:
                opened.writestr("readme.txt", f"Stands in for the {name} function, which is not run.")


def answers(port: int) -> bool:
    """Whether something listens at ``port`` of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def served(port: int, log: Path) -> Iterator[None]:
    """An empty account of ours at ``port``, from an empty folder; what it prints goes to ``log``."""
    if answers(port):
        raise SystemExit(f"Something else answers at port {port}. Stop it, or test it with --endpoint.")
    start = "from lambdaform.cli.main import main; main()"
    command = [sys.executable, "-c", start, "run", "--port", str(port), "--fresh"]
    with tempfile.TemporaryDirectory() as folder, log.open("wb") as output:
        path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, env={**os.environ, "PYTHONPATH": path}
        )
        try:
            deadline = time.monotonic() + 60
            while not answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{' '.join(command)} does not serve:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(
    python: Path, checkout: Path, tests: str, only: str, report: Path, *, port: int, account: str
) -> None:
    """Runs the tests against what answers at ``port``, and writes a JUnit report."""
    command = [str(python), "-m", "pytest", f"{TESTS}/{tests}", f"--junitxml={report}", "--timeout=180", "-q"]
    command += ["-o", "junit_logging=no", "--show-capture=no", "--tb=short", "-p", "no:warnings"]
    command += ["-k", only] if only else []
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))},
        "TEST_SKIP_LOCALSTACK_START": "1",
        "TEST_AWS_ACCOUNT_ID": account,
        "TEST_AWS_ENDPOINT_URL": f"http://localhost:{port}",
    }
    ended = subprocess.run(command, cwd=checkout, env=variables, check=False, capture_output=True, text=True)
    if not report.exists():
        raise SystemExit(f"The tests did not run:\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}")


def main() -> None:
    """Runs the tests and prints what they found."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.acceptance.localstack", description=__doc__.split("\n")[0]
    )
    parser.add_argument("checkout", type=Path, help="a checkout of LocalStack's repository")
    parser.add_argument("--tests", default="test_lambda_api.py", help=f"a file or folder in {TESTS}")
    parser.add_argument("--only", default="", help="pytest's -k")
    parser.add_argument("--python", default="python3.13", help="what to make CHECKOUT/.venv with")
    parser.add_argument("--endpoint", action="store_true", help="test what answers at the port already")
    parser.add_argument("--port", type=int, default=4566, help="where to serve (4566)")
    parser.add_argument("--account", default=ACCOUNT, help="the account that answers")
    parser.add_argument("--results", type=Path, help="where to write the results as JSON")
    parser.add_argument("--log", type=Path, help="where to write what lambdaform run prints")
    arguments = parser.parse_args()
    checkout = arguments.checkout.resolve()
    if not (checkout / TESTS).is_dir():
        parser.error(f"{checkout} is no checkout of LocalStack's repository: it has no {TESTS}.")
    python = environment(checkout, arguments.python)
    stand_in_archives(checkout)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        log = arguments.log or Path(folder) / "run.log"
        with contextlib.nullcontext() if arguments.endpoint else served(arguments.port, log):
            run(
                python,
                checkout,
                arguments.tests,
                arguments.only,
                report,
                port=arguments.port,
                account=arguments.account,
            )
        found = results(report)
    for result in found:
        if result.outcome != "passed":
            print(f"{result.outcome:<8}{result.test}\n        {result.first[:300]}")
    counts = collections.Counter(result.outcome for result in found)
    print(
        ", ".join(f"{counts[kind]} {kind}" for kind in ("passed", "failed", "error", "skipped")),
        f"of {len(found)}",
    )
    if arguments.results:
        arguments.results.write_text(
            json.dumps([asdict(result) for result in found], indent=1, ensure_ascii=False)
        )


if __name__ == "__main__":
    main()
