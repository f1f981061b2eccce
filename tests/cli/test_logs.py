"""``lambdaform logs``: which lines it shows, and what it says where there are none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lambdaform.local.log_store import FOLDER, LogStore
from lambdaform.local.logs import LogLine
from tests.cli.command import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capsys)


def keep(*lines: tuple[str, str, float]) -> None:
    """Keep lines of these functions, of so many seconds ago."""
    store = LogStore(FOLDER, lambda text: pytest.fail(text))
    for name, text, age in lines:
        store.put(LogLine(name, f"/aws/lambda/{name}", "stream", None, text, time.time() - age))
    store.close()


def texts(out: str) -> list[str]:
    return [line.split(" | ")[1] for line in out.splitlines()]


def test_lines_have_their_time_and_function(run: Run) -> None:
    keep(("shop-Quote", "one\ntwo", 1))
    first, second = run("logs").out.splitlines()
    assert first.split(" ", 1)[1] == "shop-Quote | one"
    assert second.split(" ", 1)[1] == "shop-Quote | two"


@pytest.mark.parametrize(
    "name", ["Quote", "shop-Quote", "arn:aws:lambda:us-east-1:123456789012:function:shop-Quote"]
)
def test_one_functions_lines_are_shown_by_its_id_its_name_or_its_arn(run: Run, name: str) -> None:
    keep(("shop-Quote", "mine", 1), ("shop-Pay", "other", 1))
    assert texts(run("logs", name).out) == ["mine"]


@pytest.mark.parametrize(
    ("since", "shown"), [("30s", ["new"]), ("2h", ["old", "new"]), ("2020-01-01", ["old", "new"])]
)
def test_since_tells_from_when_on(run: Run, since: str, shown: list[str]) -> None:
    keep(("Quote", "old", 3700), ("Quote", "new", 1))
    assert texts(run("logs", "--since", since).out) == shown


def test_what_could_not_be_written_is_told_in_its_place(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 0.0
    store = LogStore(FOLDER, lambda _: None, lambda: moment)
    began = time.time() - 60

    def put(text: str, at: int) -> None:
        store.put(LogLine("shop-Quote", "group", "stream", None, text, began + at))

    put("before", 0)
    with monkeypatch.context() as broken:
        broken.setattr(LogStore, "_write", full)
        for at in range(12):
            put("lost", at)
    moment = 10.0
    put("after", 20)
    store.close()
    before, note, after = run("logs").out.splitlines()
    assert texts(f"{before}\n{after}") == ["before", "after"]
    assert note == "… 12 lines could not be written, and are not here."
    assert run("logs", "--since", "10s").out == ""


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_function_that_has_logged_nothing_is_told_with_the_nearest_name(run: Run) -> None:
    keep(("shop-Quote", "x", 1))
    outcome = run("logs", "shop-Qoute")
    assert (outcome.code, outcome.out) == (2, "")
    assert "Did you mean 'shop-Quote'?" in outcome.err


def test_where_nothing_was_logged_it_says_what_logs(run: Run) -> None:
    outcome = run("logs")
    assert outcome.code == 2
    assert "Nothing has been logged in this folder yet." in outcome.err


def test_a_since_that_is_no_time_is_refused(run: Run) -> None:
    outcome = run("logs", "--since", "yesterday")
    assert outcome.code == 2
    assert "--since 'yesterday' is no age and no time." in outcome.err


def test_follow_shows_what_comes(run: Run, tmp_path: Path) -> None:
    keep(("Quote", "before", 1))
    command = [sys.executable, "-c", "from lambdaform.cli.main import main; main()", "logs", "-f"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as following:
        assert following.stdout is not None
        assert texts(following.stdout.readline()) == ["before"]
        keep(("Quote", "after", 0))
        assert texts(following.stdout.readline()) == ["after"]
        following.terminate()


def test_follow_ends_when_nobody_reads_any_more(run: Run, tmp_path: Path) -> None:
    keep(("Quote", "before", 1))
    command = [sys.executable, "-c", "from lambdaform.cli.main import main; main()", "logs", "-f"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as following:
        assert following.stdout is not None
        assert following.stderr is not None
        following.stdout.readline()
        following.stdout.close()
        assert (following.stderr.read(), following.wait(10)) == (b"", 0)


@pytest.mark.parametrize("closed", ["1", "2"], ids=["output", "error"])
def test_what_is_closed_gets_nothing_and_fails_nothing(run: Run, tmp_path: Path, closed: str) -> None:
    keep(("Quote", "before", 1))
    program = "from lambdaform.cli.main import main; main()"
    command = ["sh", "-c", f'exec "$0" -c "{program}" logs {closed}>&-', sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("before" in done.stdout) == (closed == "2")


def test_follow_says_that_there_is_nothing_yet(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lambdaform.cli.logs.time.sleep", sleep)
    shown = "What comes is shown here, until Ctrl-C."
    first = run("logs", "-f").err.splitlines()[0]
    assert first == (
        f"Nothing has been logged in this folder yet. lambdaform invoke and lambdaform run do it. {shown}"
    )
    keep(("Quote", "before", 1))
    first = run("logs", "-f", "Quota").err.splitlines()[0]
    assert first == f"No function 'Quota' has logged anything here. Did you mean 'Quote'? {shown}"


def test_follow_tells_what_was_gone_before_it_was_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdaform.local.log_store._SIZE", 1000)
    monkeypatch.setattr("lambdaform.local.log_store._MOST", 4000)
    store = LogStore(FOLDER, lambda text: pytest.fail(text))
    lines = [LogLine("Quote", "/aws/lambda/Quote", "stream", None, str(n), time.time()) for n in range(101)]
    store.put(lines[0])

    def sleep(_seconds: float) -> None:
        if store._count == 1:
            store.put(*lines[1:])
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr("lambdaform.cli.logs.time.sleep", sleep)
    first, note, *others = run("logs", "-f").out.splitlines()
    store.close()
    assert texts(first) == ["0"]
    assert note == f"… {100 - len(others)} lines came faster than they are read here, and are gone."
    assert 0 < len(others) < 100
    assert texts(others[-1]) == ["100"]
