"""What is shown while somebody reads, reads late, or does not read at all."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import TextIO

import pytest

from lambdaform.cli import screen as module
from lambdaform.cli.screen import Screen


class Pipe:
    """A pipe that a screen writes to, as text and as bytes."""

    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        self.writing: TextIO = os.fdopen(writing, "w", encoding="utf-8")

    def rest(self) -> str:
        """All that is still to be read, once nobody writes any more."""
        self.writing.close()
        with os.fdopen(os.dup(self.reading), "r", encoding="utf-8") as stream:
            return stream.read()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    os.close(made.reading)
    made.writing.close()


def read(pipe: Pipe, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(pipe.reading, 65_536)
    return data


def unexpected() -> None:
    raise AssertionError


def test_what_is_shown_and_said_comes_in_this_order(pipe: Pipe) -> None:
    screen = Screen(pipe.writing, pipe.writing, unexpected)
    screen.show("one", "two\nthree")
    screen.say("four")
    screen.show("five")
    screen.close()
    assert pipe.rest() == "one\ntwo\nthree\nfour\nfive\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")
def test_only_notes_are_dim_on_a_terminal() -> None:
    reading, writing = os.openpty()
    with open(writing, "w", encoding="utf-8") as terminal:  # noqa: PTH123
        screen = Screen(terminal, terminal, unexpected)
        screen.say("app.py:3: LF504: there is no such module")
        screen.note("Reloaded.")
        screen.close()
        shown = b""
        while b"\x1b[0m" not in shown:
            shown += os.read(reading, 1000)
    os.close(reading)
    assert shown.decode().splitlines() == [
        "app.py:3: LF504: there is no such module",
        "\x1b[2mReloaded.\x1b[0m",
    ]


def test_who_does_not_read_holds_nobody_up_and_misses_nothing_that_fits(pipe: Pipe) -> None:
    screen = Screen(pipe.writing, pipe.writing, unexpected)
    lines = [f"line {number}" for number in range(50_000)]
    for at in range(0, len(lines), 500):
        screen.show(*lines[at : at + 500])
    reading = threading.Thread(target=screen.close)
    reading.start()
    whole = "".join(f"{line}\n" for line in lines).encode()
    assert read(pipe, len(whole)) == whole
    reading.join()


def test_what_is_too_much_is_counted_in_its_place(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 100_000)
    screen = Screen(pipe.writing, pipe.writing, unexpected)
    lines = [f"{number:09}" for number in range(30_000)]
    for at in range(0, len(lines), 7500):
        # The first are more than the pipe takes.
        screen.show(*lines[at : at + 7500])
        assert screen._size <= 100_000
    shown: list[bytes] = [b""]
    while b"not shown" not in b"".join(shown[-2:]):
        shown.append(os.read(pipe.reading, 65_536))
    screen.show("afterwards")
    screen.close()
    *kept, note, last = (b"".join(shown).decode() + pipe.rest()).splitlines()
    assert kept == lines[: len(kept)]
    assert (len(kept), last) == (10_000, "afterwards")
    assert note == "… 20,000 lines are not shown here, for nobody read in time. See lambdaform logs."


def test_the_end_does_not_wait_for_somebody_who_does_not_read(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    screen = Screen(pipe.writing, pipe.writing, unexpected)
    screen.show("x" * 1_000_000)
    screen.close()
    assert screen._thread.is_alive()
    assert len(read(pipe, 1_000_001)) == 1_000_001
    screen._thread.join()


def test_that_nobody_can_read_is_told_once() -> None:
    pipe, errors, lost = Pipe(), Pipe(), threading.Semaphore(0)
    os.close(pipe.reading)
    screen = Screen(pipe.writing, errors.writing, lost.release)
    screen.show("one")
    assert lost.acquire(timeout=10)
    screen.show("two")
    screen.say("said")
    screen.close()
    assert not lost.acquire(blocking=False)
    assert errors.rest() == "said\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")  # noqa: PTH110
def test_an_output_that_takes_no_more_is_said_once(pipe: Pipe) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123
        screen = Screen(full, pipe.writing, unexpected)
        screen.show("one")
        while not screen._gone:
            screen.show("two")
        screen.close()
    assert pipe.rest() == "The log is not shown any more: no space left on device.\n"


def test_a_pipe_that_somebody_has_made_not_to_wait_loses_nothing(pipe: Pipe) -> None:
    os.set_blocking(pipe.writing.fileno(), False)
    screen = Screen(pipe.writing, pipe.writing, unexpected)
    screen.show("x" * 1_000_000)
    assert len(read(pipe, 1_000_001)) == 1_000_001
    screen.close()
    assert pipe.rest() == ""
