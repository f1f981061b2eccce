"""How benchmarks are measured and shown: rounds in turn, so that a busy machine slows both sides; then a ratio."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import frozen


@frozen
class Ratio:
    """A subject against its floor or peer; both in seconds. ``target`` is what the ratio should be at most."""

    name: str
    subject: float
    floor: float
    target: float

    def line(self) -> str:
        """One line of the table."""
        ratio = self.subject / self.floor
        mark = "ok" if ratio <= self.target else "OVER"
        times = f"{self.subject * 1000:9.3f} ms / {self.floor * 1000:8.3f} ms"
        return f"{self.name:<44}{times} = {ratio:6.2f}   (at most {self.target:g})  {mark}"


def in_turn(subjects: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median time of each subject over rounds in which all have their turn."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, measure in subjects.items():
            times[name].append(measure())
    return {name: statistics.median(each) for name, each in times.items()}


def process_time(command: Sequence[str], folder: Path) -> float:
    """How long a whole process takes, in seconds. Raises where it fails."""
    # As on a user's machine, where modules are compiled once and not at every start.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    output = subprocess.DEVNULL
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=output, stderr=output, env=environment)
    return time.perf_counter() - started


def show(title: str, ratios: Sequence[Ratio]) -> None:
    """Print the table."""
    print(title)
    for ratio in ratios:
        print(" ", ratio.line())
