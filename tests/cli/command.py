"""Running the command line within the test's own process."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

from lambdaform.cli.main import main


@frozen
class Outcome:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


def runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs ``lambdaform`` with these arguments."""

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["lambdaform", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
        finally:
            # A command turns it off, for its process ends soon; this one goes on with the next test.
            gc.enable()
            gc.unfreeze()
        written = capsys.readouterr()
        assert isinstance(code, int)
        return Outcome(code, written.out, written.err)

    return run


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, to see that a command left them alone."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
