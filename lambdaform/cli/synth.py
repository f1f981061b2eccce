"""``lambdaform synth``: the stack's template, or its whole assembly."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lambdaform.cli.main import EXIT_FINDINGS
from lambdaform.cli.source import Source, source_options
from lambdaform.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from lambdaform.model.stack import Stack


@click.command(short_help="Write the stack's template.")
@source_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["sam", "cfn", "stack"]),
    default="sam",
    show_default=True,
    help="SAM as written, CloudFormation as AWS's own transform expands it, or the stack as data for --from.",
)
@click.option("--output-format", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write an assembly there: the template, and the code as zip archives named by content.",
)
@click.option("--no-check", is_flag=True, help="Do not run the rules.")
def synth(source: Source, form: str, output_format: str, output: Path | None, *, no_check: bool) -> None:
    """Write the stack's template to standard output, or its assembly to a folder.

    The rules run first: findings go to standard error, and an error among them stops the synthesis.
    """
    stack = source.stack()
    _keep_sources(source, output)
    if not no_check:
        from lambdaform.check.findings import check, has_errors
        from lambdaform.cli.report import print_findings

        findings = check(stack, source.settings())
        print_findings(findings, to_stderr=True)
        if has_errors(findings):
            click.echo("Nothing was written. --no-check writes the template all the same.", err=True)
            sys.exit(EXIT_FINDINGS)
    from lambdaform.synth.assembly import as_written, assemble, expand, require_code

    if not no_check:
        require_code(stack)
    if form == "stack":
        _write_document(stack, output, json_output=output_format == "json")
        return
    if output is None and form == "sam":
        assembly = as_written(stack, source.parameters)
    else:
        from lambdaform.synth.packaging import Packaging
        from lambdaform.synth.sizes import require_room

        packaging = Packaging(install=output is not None, progress=_say_progress)
        # Code may still have to be built; without an assembly to write, its path stands for it.
        missing = _say_missing if output is None else None
        assembly = assemble(stack, source.parameters, packaging=packaging, missing=missing)
        if output is not None:
            require_room(stack, assembly)
    if form == "cfn":
        assembly = expand(assembly)
    json_output = output_format == "json"
    if output is None:
        text = assembly.text(json_output=json_output)
        # Bytes, so that a template is UTF-8 wherever it is sent, whatever this terminal's encoding.
        click.echo(text.encode(), nl=False)
    else:
        path = assembly.write(output, json_output=json_output)
        click.echo(
            f"{path} and {len(assembly.assets)} asset{'s' if len(assembly.assets) != 1 else ''}", err=True
        )


def _write_document(stack: Stack, output: Path | None, *, json_output: bool) -> None:
    """The stack as data, on standard output."""
    if output is not None:
        raise UsageError(
            "--format stack makes no assembly.", right="Leave --output out, and redirect the text."
        )
    from lambdaform.load.document_writer import to_document
    from lambdaform.synth.yaml_writer import to_json, to_yaml

    document = to_document(stack)
    text = to_json(document) if json_output else to_yaml(document)
    click.echo(text.encode(), nl=False)


def _say_missing(error: DefinitionError) -> None:
    click.echo(f"Note: {error}", err=True)


def _say_progress(sentence: str) -> None:
    click.echo(sentence, err=True)


def _keep_sources(source: Source, output: Path | None) -> None:
    """Refuse an output that would replace the template from which it is made."""
    if output is None:
        return
    written = [output.resolve() / name for name in ("template.yaml", "template.json")]
    for file in source.files():
        if file.resolve() in written:
            raise UsageError(
                f"The output folder {output} holds {file.name}, the source itself.",
                right="Name another folder.",
            )
