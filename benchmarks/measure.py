"""How benchmarks are measured and shown: rounds in turn, so that a busy machine slows both sides; then a ratio."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from attrs import frozen


class Row(Protocol):
    """One line of a table, with a target."""

    @property
    def met(self) -> bool:
        """Whether the target is reached."""

    def line(self) -> str:
        """The line."""


@frozen
class Ratio:
    """A subject against its floor or peer; both in seconds. ``target`` is what the ratio should be at most."""

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
        times = f"{self.subject * 1000:9.3f} ms / {self.floor * 1000:9.3f} ms"
        ratio = f"{self.subject / self.floor:7.3f}"
        return f"{self.name:<52}{times} = {ratio}   (at most {self.target:g})  {_mark(self)}"


@frozen
class Amount:
    """A measured amount that should be at most ``target``."""

    name: str
    amount: float
    target: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.amount <= self.target

    def line(self) -> str:
        """One line of the table."""
        amount = f"{self.amount:.1f} {self.unit}"
        return f"{self.name:<52}{amount:>37}   (at most {self.target:g} {self.unit})  {_mark(self)}"


def _mark(row: Row) -> str:
    return "ok" if row.met else "OVER"


@frozen
class Usage:
    """What a process took, with all processes that it started and waited for."""

    #: Seconds of a processor, in the process's own code and in the system on its behalf.
    seconds: float
    #: The most memory that it held at once, in bytes.
    peak: int


def in_turn(subjects: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median time of each subject over rounds in which all have their turn."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, measure in subjects.items():
            times[name].append(measure())
    return {name: statistics.median(each) for name, each in times.items()}


def usage(
    command: Sequence[str],
    folder: Path,
    variables: Mapping[str, str] | None = None,
    *,
    output: Path | None = None,
    allowed: tuple[int, ...] = (0,),
) -> Usage:
    """What a whole process takes; what it prints goes into ``output``. Raises where its exit code is another one.

    Time of the processor, not of the clock: what else the machine does is then no part of it.
    """
    # As on a user's machine, where modules are compiled once and not at every start.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with Path(output or os.devnull).open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=stream,
            stderr=subprocess.DEVNULL,
            env={**environment, **(variables or {})},
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def process_time(command: Sequence[str], folder: Path) -> float:
    """How many seconds of a processor a whole process takes. Raises where it fails."""
    return usage(command, folder).seconds


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the table."""
    print(title)
    for row in rows:
        print(" ", row.line())
