"""``lambdaform invoke --watch`` from outside: it runs again at every change, and ends at Ctrl-C."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
APP = f"""\
from lambdaform import Function, Stack
from settings import WORD
stack = Stack("shop")
stack.add(Function("Echo", runtime="{HERE}", handler="app.echo", code_uri="src", environment={{"WORD": WORD}}))
"""
CODE = """\
import os, time

def echo(event, context):
    print("at work")
    time.sleep(event.get("sleep", 0))
    return [event, os.environ["WORD"], 1]
"""


class Watching:
    """The command in a project of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from lambdaform.cli.main import main; main()"),
                *("invoke", "Echo", "--event", "event.json", "--watch"),
            ],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        self._out = self._lines(self.process.stdout)
        self._err = self._lines(self.process.stderr)

    def _lines(self, stream: IO[str] | None) -> queue.SimpleQueue[str]:
        assert stream is not None
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()

        def read() -> None:
            for line in stream:
                lines.put(line.rstrip("\n"))

        threading.Thread(target=read, daemon=True).start()
        return lines

    def result(self) -> object:
        """The next result."""
        return json.loads(self._out.get(timeout=30))

    def said(self, text: str) -> str:
        """The next line on standard error with this text."""
        while True:
            line = self._err.get(timeout=30)
            if text in line:
                return line

    def write(self, name: str, text: str) -> None:
        """Save a file in one go, as editors do."""
        new = self.folder / f"{name}.new"
        new.write_text(text)
        new.replace(self.folder / name)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    """The command, running."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "settings.py").write_text('WORD = "first"\n')
    (tmp_path / "event.json").write_text("{}")
    watching = Watching(tmp_path)
    yield watching
    watching.process.kill()
    watching.process.wait()


def test_it_runs_again_with_what_has_changed(watching: Watching) -> None:
    assert watching.result() == [{}, "first", 1]
    watching.said("Waiting for a change")
    watching.write("src/app.py", CODE.replace("1]", "2]"))
    assert watching.result() == [{}, "first", 2]
    watching.write("event.json", '{"a": 1}')
    assert watching.result() == [{"a": 1}, "first", 2]
    watching.write("settings.py", 'WORD = "second word"\n')
    assert watching.result() == [{"a": 1}, "second word", 2]


def test_a_mistake_is_told_and_the_next_change_is_waited_for(watching: Watching) -> None:
    assert watching.result() == [{}, "first", 1]
    watching.write("event.json", "{")
    assert "event.json is not JSON" in watching.said("Error")
    watching.write("event.json", "{ }")
    assert watching.result() == [{}, "first", 1]
    watching.write("app.py", f"{APP}stack.nonsense()\n")
    assert "nonsense" in watching.said("Error")
    watching.write("app.py", f"{APP}# mended\n")
    assert watching.result() == [{}, "first", 1]


def test_after_a_mistake_it_says_that_it_still_waits(watching: Watching) -> None:
    watching.said("Waiting for a change")
    watching.write("app.py", f"{APP}Function('A', timeout=0)\nFunction('B', timeout=901)\n")
    watching.said("timeout is 0")
    watching.said("timeout is 901")
    watching.said("Waiting for a change")
    watching.write("app.py", f"{APP}# mended\n")
    watching.said("Waiting for a change")


def test_what_is_written_beside_does_not_have_a_mistake_said_again(watching: Watching) -> None:
    reads = watching.folder.with_name("reads")
    watching.said("Waiting for a change")
    watching.write("wrong", "")
    watching.write(
        "app.py",
        f"from pathlib import Path\nPath({str(reads)!r}).open('a').write('.')\n"
        f"{APP}Path({str(watching.folder / 'wrong')!r}).exists() and stack.no\n",
    )
    watching.said("Waiting for a change")
    for count in (2, 3):
        watching.write("output", "." * count)
        deadline = time.monotonic() + 30
        while len(reads.read_text()) < count:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    # The app itself stays as it is: it may be read at just this moment.
    (watching.folder / "wrong").unlink()
    assert watching.said("").endswith(" changed.")


def test_what_an_app_has_failed_to_import_mends_it_once_it_is_written(watching: Watching) -> None:
    assert watching.result() == [{}, "first", 1]
    watching.write("app.py", f"import extra\n{APP}")
    assert "extra" in watching.said("No module named")
    watching.write("extra.py", "")
    assert watching.result() == [{}, "first", 1]


def test_a_mistake_in_a_module_that_was_saved_again_with_it_is_said_again(watching: Watching) -> None:
    watching.said("Waiting for a change")
    watching.write("extra.py", "nonsense\n")
    watching.write("app.py", f"import extra\n{APP}")
    for _ in range(2):
        assert "extra.py:1: " in watching.said("Error")
        watching.said("Waiting for a change")
        watching.write("extra.py", "nonsense\n")
        assert watching.said("") == "extra.py changed."


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_while_it_waits(watching: Watching, number: signal.Signals) -> None:
    watching.said("Waiting for a change")
    watching.process.send_signal(number)
    assert watching.process.wait(10) == 0


def test_ctrl_c_ends_it_while_the_app_is_read(watching: Watching) -> None:
    watching.said("Waiting for a change")
    watching.write("app.py", f"{APP}import time\nprint('reading', flush=True)\ntime.sleep(600)\n")
    watching.said("reading")
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(10) == 0


def test_an_app_that_has_a_loop_of_its_own_is_read_anew(watching: Watching) -> None:
    assert watching.result() == [{}, "first", 1]
    watching.said("Waiting for a change")
    watching.write("app.py", f"{APP}import asyncio\nasyncio.run(asyncio.sleep(0))\n")
    assert watching.result() == [{}, "first", 1]


def test_ctrl_c_ends_it_while_the_function_works(watching: Watching) -> None:
    watching.said("Waiting for a change")
    watching.write("event.json", '{"sleep": 600}')
    watching.said("at work")
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(10) == 0
