"""How findings are shown."""

from __future__ import annotations

from collections.abc import Sequence

import click

from lambdaform.check.findings import Finding
from lambdaform.check.rule import Level

_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "blue"}


def print_findings(findings: Sequence[Finding], *, to_stderr: bool) -> None:
    """Each finding with its source line, then how many there are of each level."""
    for finding in findings:
        head, *rest = finding.text().splitlines()
        click.echo(click.style(head, fg=_COLOURS[finding.level], bold=True), err=to_stderr)
        for line in rest:
            click.echo(line, err=to_stderr)
        click.echo(err=to_stderr)
    if findings:
        click.echo(summary(findings), err=to_stderr)


def summary(findings: Sequence[Finding]) -> str:
    """``2 errors, 1 warning``."""
    counts = [(level, sum(finding.level is level for finding in findings)) for level in Level]
    return ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for level, count in counts if count)
