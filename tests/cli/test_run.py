"""``lambdaform run``: what it refuses. What it serves is seen from outside, in tests/acceptance."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdaform.cli.run import _load
from lambdaform.cli.source import Source
from lambdaform.local.watch import Watch, watched_path
from lambdaform.synth.assets import NoCodeError
from tests.cli.command import Run, runner

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
APP = f"""\
from lambdaform import Function, Stack
stack = Stack("shop")
stack.add(Function("Echo", runtime="{HERE}", handler="app.echo", inline_code="def echo(e, c): return e"))
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with one function, as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_port_in_use_is_one_sentence_and_exit_code_2(run: Run, taken: int) -> None:
    done = run("run", "--port", str(taken))
    assert done.code == 2
    assert (
        f"Error: Port {taken} is in use. End what listens there, or choose another with --port." in done.err
    )
    assert "Traceback" not in done.err


def test_a_port_in_use_leaves_no_folder_behind(
    run: Run, taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    run("run", "--port", str(taken))
    assert list(temporary.iterdir()) == []


def test_a_debug_port_in_use_is_one_sentence_and_exit_code_2(run: Run, taken: int) -> None:
    done = run("run", "--port", "0", "--debug", "Echo", "--debug-port", str(taken))
    assert done.code == 2
    assert f"Error: Port {taken}, where a debugger would be awaited, cannot be used." in done.err
    assert "Traceback" not in done.err


RUBY = """\
from lambdaform import Function, Stack
stack = Stack("shop")
language = stack.parameter("Language", default="ruby3.4")
stack.add(Function("Echo", runtime=RUNTIME, handler="app.echo", code_uri="src"))
"""


@pytest.mark.parametrize(
    "command", [("run", "--port", "0", "--debug", "Echo"), ("invoke", "Echo", "--debug")]
)
@pytest.mark.parametrize("runtime", ['"ruby3.4"', "language.ref"])
def test_a_function_that_cannot_be_debugged_is_refused_before_anything_starts(
    run: Run, project: Path, command: tuple[str, ...], runtime: str
) -> None:
    (project / "app.py").write_text(RUBY.replace("RUNTIME", runtime))
    (project / "src").mkdir()
    (project / "src" / "app.rb").write_text("def echo(event:, context:) = event\n")
    done = run(*command)
    assert (done.code, done.out) == (2, "")
    [sentence] = done.err.splitlines()
    assert re.fullmatch(
        r"Error: Function '(shop-)?Echo' has the runtime ruby3\.4, which cannot be debugged here\. "
        r"Python and Node\.js can\.",
        sentence,
    )


def test_without_debugpy_no_debugger_is_awaited(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "debugpy", None)
    done = run("run", "--port", "0", "--debug", "Echo")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "Error: debugpy is not installed, which debugs Python functions. Install it: pip install 'lambdaform[debug]'.\n"
    )


BAD = [
    (("--port", "70000"), "70000"),
    (("--port", "http"), "http"),
    (("--speed", "0"), "--speed"),
    (("--speed", "-1"), "--speed"),
    (("--speed", "nan"), "--speed"),
    (("--speed", "inf"), "--speed"),
    (("--max-environments", "0"), "--max-environments"),
    (("--env-vars", "missing.json"), "The file missing.json cannot be read: no such file or directory."),
    (("--layer", "arn=gone"), "--layer: there is no gone."),
    (("--account-id", "12345"), "'12345' is no account's number. It has twelve digits"),
    (("--services", "localhost"), "--services 'localhost' is no address of an emulator."),
    (("--app", "gone.py"), "There is no gone.py."),
    (("--template", "gone.yaml"), "The template gone.yaml cannot be read: no such file or directory."),
    (("--region", "nowhere"), "'nowhere' is no region"),
    (("Echo",), "unexpected extra argument"),
    (("--debug-port", "5000"), "--debug-port has no function."),
    (("--debug", "Ecko"), "Stack 'shop' has no function 'Ecko'."),
    (("--debug", "Echo", "--debug-port", "70000"), "70000"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=[" ".join(each) for each, _ in BAD])
def test_bad_input_is_one_sentence_and_exit_code_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run("run", *arguments)
    assert done.code == 2
    assert done.out == ""
    [sentence] = [line for line in done.err.splitlines() if line.startswith("Error")]
    assert said in sentence
    assert "Traceback" not in done.err


def test_code_that_cannot_be_read_keeps_the_others_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "app.py")

    monkeypatch.setattr("lambdaform.check.findings.finders_in", lambda _: [unreadable])
    served = _load(Source(None, None, None, None, None, {}))
    assert (len(served.assemblies), served.warnings) == (1, ())


def test_code_behind_a_link_that_vanishes_is_gone(project: Path) -> None:
    (project / "app.py").write_text(APP.replace('inline_code="def echo(e, c): return e"', 'code_uri="src"'))
    (project / "real").mkdir()
    (project / "real" / "app.py").write_text("def echo(e, c): return e\n")
    (project / "src").symlink_to("real")
    source = Source(None, None, None, None, None, {})
    served = _load(source)
    watch = Watch(served.files)
    (project / "src").unlink()
    assert watch.look() == [str(project / "src" / "app.py")]
    [missing] = _load(source).unpackaged
    assert isinstance(missing, NoCodeError)
    # By this the session knows that it was there.
    assert watched_path(missing.path) in served.files


def test_ctrl_c_ends_an_app_that_takes_long(project: Path) -> None:
    (project / "slow.py").write_text("import sys, time\nprint('begun', flush=True)\ntime.sleep(600)\n")
    process = subprocess.Popen(
        [sys.executable, "-c", "from lambdaform.cli.main import main; main()", "run", "--app", "slow.py"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (130, "Interrupted.")
