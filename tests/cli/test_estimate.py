"""``lambdaform estimate``: a table for a person, and mistakes in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Run, runner

APP = """\
from lambdaform import Function, Queue, Runtime, SqsEvent, Stack
stack = Stack("shop")
jobs = stack.add(Queue("Jobs"))
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, handler="app.handler", timeout=30)
stack.add(Function("Checkout", code_uri="src", memory_size=512))
stack.add(Function("Worker", code_uri="src", events={"Jobs": SqsEvent(jobs, batch_size=10)}))
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop with two functions, as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(APP)


def test_an_estimate_is_a_table(run: Run) -> None:
    done = run("estimate", "Checkout", "--requests-per-second", "200", "--duration", "150")
    assert done.code == 0
    assert "Checkout: 200/s at 512 MB, x86_64" in done.out
    assert "concurrency         30 of 1,000 (account)" in done.out


def test_an_old_profile_is_used(run: Run) -> None:
    options = ("--requests-per-second", "200", "--duration", "150", "--profile", "2019-04-01")
    assert "billed              200 ms each" in run("estimate", "Checkout", *options).out


def test_a_queue_s_batch_size_is_the_event_s(run: Run) -> None:
    done = run("estimate", "Worker", "--messages-per-second", "100", "--duration", "1000")
    assert "Worker: 10/s" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Checkout", "--duration", "5"), "The traffic has no rate. Give one of --requests-per-second"),
        (("Chekout", "--requests-per-second", "1", "--duration", "5"), "Did you mean 'Checkout'?"),
        (("Checkout", "--requests-per-second", "1", "--duration", "40000"), "may run for 30 s"),
        (("Jobs", "--requests-per-second", "1", "--duration", "5"), "'Jobs' is no function"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(run: Run, arguments: tuple[str, ...], message: str) -> None:
    done = run("estimate", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: ")
    assert message in done.err
    assert "click" not in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("Checkout", "--duration", "9"),
            "The traffic has no rate. Give one of --requests-per-second, --messages-per-second, --shards.",
        ),
        (("Checkout", "--requests-per-second", "1", "--duration", "0"), "--duration is 0.0."),
        (
            (
                "Checkout",
                "--requests-per-second",
                "1",
                "--duration",
                "9",
                "--cold-starts",
                "2",
                "--init",
                "1",
            ),
            "--cold-starts is 2.0.",
        ),
        (
            ("Checkout", "--requests-per-second", "1", "--duration", "9", "--account-concurrency", "0"),
            "--account-concurrency is 0.",
        ),
        (("Checkout", "--records-per-second", "1", "--shards", "-1", "--duration", "9"), "--shards is -1."),
    ],
)
def test_a_mistake_names_the_option(run: Run, arguments: tuple[str, ...], said: str) -> None:
    assert said in run("estimate", *arguments).err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--cold-starts", "0.1"), "Give both, or none."),
        (("--init", "100"), "Give both, or none."),
        (("--batch-size", "3"), "Leave it out"),
    ],
)
def test_an_option_that_changes_nothing_is_refused(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run("estimate", "Checkout", "--requests-per-second", "1", "--duration", "9", *arguments)
    assert (done.code, said in done.err) == (2, True)
