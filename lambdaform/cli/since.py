"""``--since``: from when on a command shows what was kept."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import click

from lambdaform.errors import UsageError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

since_option = click.option(
    "--since",
    default="1h",
    show_default=True,
    metavar="AGE|TIME",
    help="From when on: 30s, 10m, 2h, 1d, or a time such as 2026-11-26T09:30.",
)


def moment_of(since: str) -> float:
    """When ``--since`` is, in seconds since the epoch."""
    if age := re.fullmatch(r"(\d{1,9})([smhd])", since):
        return time.time() - int(age[1]) * _SECONDS[age[2]]
    try:
        moment = datetime.fromisoformat(since)
    except ValueError as error:
        raise UsageError(
            f"--since {since!r} is no age and no time.", right="Write 10m, 2h or 2026-11-26T09:30 (UTC)."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
