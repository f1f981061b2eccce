"""How findings are shown."""

from __future__ import annotations

from collections.abc import Sequence

import click

from lambdaform.check.findings import Finding, counting
from lambdaform.check.rule import Level

_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "blue"}


def print_findings(findings: Sequence[Finding], *, to_stderr: bool, show_suppressed: bool = False) -> None:
    """Each finding with its source line, then how many there are of each level."""
    text = report(findings, show_suppressed=show_suppressed)
    if text:
        click.echo(text, err=to_stderr)


def report(findings: Sequence[Finding], *, show_suppressed: bool = False, last: str | None = None) -> str:
    """The findings as people read them, with ``last`` instead of how many there are as the last line.

    Suppressed errors are listed in any case, each in one line: AWS may refuse what they are about.
    """
    lines: list[str] = []
    for finding in findings:
        if finding.suppression is not None and not show_suppressed:
            continue
        head, *rest = finding.text().splitlines()
        passed = finding.suppression is not None
        lines.append(click.style(head, fg=_COLOURS[finding.level], bold=not passed, dim=passed))
        lines += [*rest, ""]
    if not show_suppressed:
        passed_errors = [
            _in_one_line(each) for each in findings if each.suppression and each.level is Level.ERROR
        ]
        lines += [*passed_errors, ""] if passed_errors else []
    lines += [last] if last else [summary(findings)] if findings else []
    return "\n".join(lines)


def _in_one_line(finding: Finding) -> str:
    place = f"{finding.location}: " if finding.location else ""
    reason = finding.suppression.reason if finding.suppression else ""
    return f"{place}suppressed {finding.level} {finding.rule}: {finding.what} ({reason})"


def summary(findings: Sequence[Finding]) -> str:
    """``2 errors, 1 warning, 1 suppressed``."""
    open_ones = counting(findings)
    counts = [(level, sum(finding.level is level for finding in open_ones)) for level in Level]
    parts = [f"{count} {level}{'s' if count > 1 else ''}" for level, count in counts if count]
    passed = len(findings) - len(open_ones)
    return ", ".join([*parts, f"{passed} suppressed"] if passed else parts)
