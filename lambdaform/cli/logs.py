"""``lambdaform logs``: what functions have logged here, and what they are logging."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lambdaform.cli.local import note, state_option
from lambdaform.cli.reader import is_read
from lambdaform.cli.since import moment_of, since_option
from lambdaform.errors import UsageError
from lambdaform.local.counted import counted

if TYPE_CHECKING:
    from lambdaform.local.log_store import Lost
    from lambdaform.local.logs import LogLine

#: How often files are looked at when they are followed, in seconds.
_PERIOD = 0.1
#: How many events are printed at once, for a printing each takes longer than all else.
_AT_ONCE = 500


@click.command(short_help="Show what functions have logged here.")
@click.argument("function", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@since_option
@state_option("Where the runs of which the logs are kept their state.")
def logs(function: str | None, follow: bool, since: str, state: Path) -> None:
    """Show what FUNCTION, or all functions, have logged in lambdaform invoke and lambdaform run in this folder.

    FUNCTION is its logical id, its name or its ARN.
    """
    from lambdaform.local.log_store import NAME, LogReader

    start = moment_of(since)
    function = function.rpartition(":function:")[2] if function is not None else None
    with closing(LogReader(state / NAME)) as reader:
        come = reader.new()
        none = _why_none(come, function)
        if none is not None and not follow:
            raise none
        if none is not None:
            note(f"{none} What comes is shown here, until Ctrl-C.")
        _print(come, reader.lost, function, start)
        while follow:
            time.sleep(_PERIOD)
            if not is_read():
                raise BrokenPipeError
            come = reader.new()
            if reader.missed:
                _say_missing(reader.missed, "came faster than they are read here, and are gone")
            _print(come, reader.lost, function, start)


def _is_of(line: LogLine, function: str | None) -> bool:
    return function is None or line.function_name == function or line.function_name.endswith(f"-{function}")


def _why_none(kept: list[LogLine], function: str | None) -> UsageError | None:
    """What is told where nothing was ever logged."""
    if not kept:
        return UsageError(
            "Nothing has been logged in this folder yet.", right="lambdaform invoke and lambdaform run do it."
        )
    if not any(_is_of(line, function) for line in kept):
        from lambdaform.suggest import did_you_mean

        names = sorted({line.function_name for line in kept})
        right = did_you_mean(function or "", names, f"There are {', '.join(names)}.")
        return UsageError(f"No function {function!r} has logged anything here.", right=right)
    return None


def _print(lines: Sequence[LogLine], lost: Sequence[Lost], function: str | None, start: float) -> None:
    """Print lines, and between them that some could not be written."""
    for each in sorted(lost, key=lambda each: each.moment):
        at = bisect_left(lines, each.moment, key=lambda line: line.timestamp)
        _print_lines(lines[:at], function, start)
        if each.moment >= start:
            _say_missing(each.count, "could not be written, and are not here")
        lines = lines[at:]
    _print_lines(lines, function, start)


def _say_missing(count: int, why: str) -> None:
    click.echo(click.style(f"… {counted(count, 'line')} {why}.", dim=True))


def _print_lines(lines: Sequence[LogLine], function: str | None, start: float) -> None:
    for at in range(0, len(lines), _AT_ONCE):
        texts = [
            text
            for line in lines[at : at + _AT_ONCE]
            if line.timestamp >= start and _is_of(line, function)
            for text in _shown(line)
        ]
        if texts:
            click.echo("\n".join(texts))


def _shown(line: LogLine) -> list[str]:
    from lambdaform.local.clock import utc_text

    head = f"{utc_text(line.timestamp)} {click.style(line.function_name, fg='cyan')} | "
    return [head + text for text in line.text.splitlines() or [""]]
