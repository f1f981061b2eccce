"""``lambdaform check``: the findings on a stack."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve

from lambdaform.cli.main import EXIT_FINDINGS, EXIT_USAGE
from lambdaform.cli.source import Source, source_options
from lambdaform.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from lambdaform.check.findings import Finding
    from lambdaform.check.settings import Settings
    from lambdaform.model.stack import Stack

_LEVELS = ("error", "warning", "info")


@click.command(short_help="Check the stack against the rules.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="Text for people, JSON, SARIF 2.1.0, or annotations in GitHub's workflows.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the findings there."
)
@click.option(
    "--fail-on",
    type=click.Choice(_LEVELS),
    help="From which level on findings end the command with 1.  [default: warning]",
)
@click.option(
    "--lint/--no-lint",
    default=None,
    help="Also run cfn-lint, and CloudFormation Validate where it is installed; needs lambdaform[lint].",
)
@click.option(
    "--show-suppressed/--hide-suppressed",
    default=None,
    help="Whether suppressed findings are shown, with their reasons.  [default: in JSON and SARIF]",
)
@source_options
def check(
    source: Source,
    output_format: str,
    output: Path | None,
    fail_on: str | None,
    *,
    lint: bool | None,
    show_suppressed: bool | None,
) -> None:
    """Check the stack, and show each finding at the line where it was written.

    What a resource suppresses, or the project ignores in its pyproject.toml, does not count; suppressed errors
    are listed all the same. "lambdaform explain RULE" says more of a rule.

    Exit code 0 where nothing was found, 1 where there are findings of the level --fail-on or worse, 2 where the
    command or the definition itself is wrong.
    """
    from lambdaform.check.findings import counting, findings_in
    from lambdaform.check.rule import Level
    from lambdaform.model.crossing import family
    from lambdaform.synth.assembly import require_code

    settings = source.settings()
    if lint is not None:
        settings = evolve(settings, lint=lint)
    every: list[Stack] = []
    found: list[tuple[str | None, Finding]] = []
    broken: DefinitionError | None = None
    try:
        stacks = source.stacks()
        every = [each for stack in stacks for each in family(stack)]
        for each in every:
            # A nested stack gets its parameters from the one that nests it.
            given = source.parameters_of(each) if each in stacks else {}
            found += [(each.name, finding) for finding in _findings(each, given, settings)]
        for stack in stacks:
            require_code(stack)
    except DefinitionError as error:
        broken = error
    if broken is not None and output_format != "text":
        found += [(None, finding) for finding in findings_in(broken)]
    findings = [finding for _, finding in found]
    text = _written(found, every, output_format, broken=broken is not None, show_suppressed=show_suppressed)
    if output is None and not text:
        pass
    elif output is None:
        # Bytes, so that data is UTF-8 wherever it is sent, whatever this terminal's encoding.
        click.echo(
            text if output_format == "text" else text.encode("utf-8", "backslashreplace"),
            nl=output_format == "text",
        )
    else:
        _write(output, click.unstyle(text))
    limit = Level(fail_on) if fail_on else settings.fail_on
    if broken is not None and output_format == "text":
        raise broken
    if broken is not None:
        sys.exit(EXIT_USAGE)
    if any(each.level.reaches(limit) for each in counting(findings)):
        sys.exit(EXIT_FINDINGS)


def _findings(stack: Stack, parameters: Mapping[str, str], settings: Settings) -> list[Finding]:
    from lambdaform.check.findings import check as find
    from lambdaform.check.findings import findings_of, has_errors, needless_suppressions

    findings = find(stack, settings)
    asked_sam = not has_errors(findings)
    if asked_sam:
        # What is wrong in a value makes the transform stumble too: its own words add something only after that.
        from lambdaform.synth.sam_transform import refusals

        findings += findings_of(refusals(stack, parameters), stack, settings)

    if settings.lint:
        from lambdaform.lint.findings import lint

        findings += lint(stack, parameters, settings, findings)

    def looked_for(rule: str) -> bool:
        return settings.lint if not rule.startswith("LF") else asked_sam or rule != "LF002"

    return [*findings, *needless_suppressions(stack, findings, looked_for, settings)]


def _written(
    found: Sequence[tuple[str | None, Finding]],
    stacks: Sequence[Stack],
    output_format: str,
    *,
    broken: bool,
    show_suppressed: bool | None,
) -> str:
    """The whole output, also where there is nothing to tell; each finding with the name of its stack."""
    from lambdaform.check.findings import counting

    if show_suppressed is False and output_format != "text":
        found = [(name, finding) for name, finding in found if finding.suppression is None]
    findings = [finding for _, finding in found]
    if output_format == "json":
        import json

        from lambdaform.check.document import as_data, document_of

        document = document_of(found)
        return json.dumps(as_data(document), indent=2, ensure_ascii=False) + "\n"
    if output_format == "sarif":
        import json

        from lambdaform.check.sarif import sarif

        return (
            json.dumps(sarif(findings, stacks[0].file if stacks else None), indent=2, ensure_ascii=False)
            + "\n"
        )
    if output_format == "github":
        from lambdaform.check.github import workflow_commands
        from lambdaform.cli.report import summary

        return "\n".join([*workflow_commands(counting(findings)), summary(findings) or "No findings."]) + "\n"
    from lambdaform.cli.report import report

    last = None
    if stacks and not broken and not counting(findings):
        last = "\n".join(_nothing(each, sum(name == each.name for name, _ in found)) for each in stacks)
    return report(findings, show_suppressed=bool(show_suppressed), last=last)


def _nothing(stack: Stack, suppressed: int) -> str:
    """What is said of a stack where there is no finding that counts."""
    if not stack.resources and not suppressed:
        return f"Stack {stack.name!r} has no resources. Add them: stack.add(Function(...))."
    count = len(stack.resources)
    passed = f", {suppressed} suppressed" if suppressed else ""
    return f"Stack {stack.name!r}: no findings in {count} resource{'s' if count != 1 else ''}{passed}."


def _write(output: Path, text: str) -> None:
    try:
        text = text if text.endswith("\n") else f"{text}\n"
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"The output file {output} cannot be written: {reason}.", right="Name another with --output."
        ) from error
