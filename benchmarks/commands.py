"""Whole commands against a bare ``python -c pass``, as processes, in one run."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import Ratio, in_turn, process_time, show

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "checkout"
LAMBDAFORM = Path(sys.executable).with_name("lambdaform")


def main() -> None:
    def command(*words: str) -> float:
        return process_time(words, EXAMPLE)

    times = in_turn(
        {
            "pass": lambda: command(sys.executable, "-c", "pass"),
            "help": lambda: command(str(LAMBDAFORM), "--help"),
            "synth": lambda: command(str(LAMBDAFORM), "synth"),
            "check": lambda: command(str(LAMBDAFORM), "check"),
        },
        rounds=15,
    )
    show(
        "Commands (processor time, median of 15), against python -c pass",
        [
            Ratio("lambdaform --help", times["help"], times["pass"], 6),
            Ratio("lambdaform synth, examples/checkout", times["synth"], times["pass"], 20),
            Ratio("lambdaform check, examples/checkout", times["check"], times["pass"], 20),
        ],
    )


if __name__ == "__main__":
    main()
