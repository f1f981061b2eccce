"""``lambdaform check``: the findings on a stack."""

from __future__ import annotations

import sys

import click

from lambdaform.cli.main import EXIT_FINDINGS
from lambdaform.cli.source import Source, source_options


@click.command(short_help="Check the stack against the rules.")
@source_options
def check(source: Source) -> None:
    """Check the stack, and show each finding at the line where it was written.

    Exit code 0 where nothing was found, 1 where there are errors or warnings, 2 where the command or the
    definition itself is wrong.
    """
    from lambdaform.check.findings import check as find
    from lambdaform.check.findings import finding_of
    from lambdaform.check.rule import Level
    from lambdaform.cli.report import print_findings
    from lambdaform.synth.assembly import require_code

    stack = source.stack()
    findings = find(stack)
    if not any(finding.level is Level.ERROR for finding in findings):
        # What is wrong in a value makes the transform stumble too: its own words add something only after that.
        from lambdaform.synth.sam_transform import refusals

        findings += [finding_of(problem) for problem in refusals(stack, source.parameters)]
    print_findings(findings, to_stderr=False)
    require_code(stack)
    if any(finding.level is not Level.INFO for finding in findings):
        sys.exit(EXIT_FINDINGS)
    if not stack.resources and not findings:
        click.echo(f"Stack {stack.name!r} has no resources. Add them: stack.add(Function(...)).")
    elif not findings:
        count = len(stack.resources)
        click.echo(f"Stack {stack.name!r}: no findings in {count} resource{'s' if count != 1 else ''}.")
