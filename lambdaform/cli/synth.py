"""``lambdaform synth``: the stack's template, or its whole assembly."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from attrs import frozen

from lambdaform.cli.main import EXIT_FINDINGS
from lambdaform.cli.source import Source, source_options
from lambdaform.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from lambdaform.model.stack import Stack
    from lambdaform.synth.assembly import Assembly


@click.command(short_help="Write the stack's template.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["sam", "cfn", "stack"]),
    default="sam",
    show_default=True,
    help="SAM as written, CloudFormation as AWS's own transform expands it, or the stack as data for --from.",
)
@click.option(
    "--output-format",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="How the template is written.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write an assembly there: the template, and the code as zip archives named by content.",
)
@click.option("--no-check", is_flag=True, help="Do not run the rules.")
@click.option("--all", "every", is_flag=True, help="Write every stack of the app, each into a folder of DIR.")
@click.option(
    "--split",
    "cut",
    is_flag=True,
    help="Cut a stack that is too large into nested ones, in CloudFormation's form.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --split: keep resources in the nested stacks that FILE has them in, and note new ones there.",
)
@source_options
def synth(
    source: Source,
    form: str,
    output_format: str,
    output: Path | None,
    *,
    no_check: bool,
    every: bool,
    cut: bool,
    plan_file: Path | None,
) -> None:
    """Write the stack's template to standard output, or its assembly to a folder.

    The rules run first: findings go to standard error, and an error among them stops the synthesis.
    """
    _refuse_options(source, form, output, every=every, cut=cut)
    if plan_file is not None and not cut:
        raise UsageError("--plan is about --split.", right="Give both, or none.")
    stacks = source.stacks() if every else [source.stack()]
    _keep_sources(source, output)
    if not no_check:
        _check(stacks, source, output, cut=cut)
    from lambdaform.synth.assembly import require_code

    for stack in stacks if not no_check else ():
        require_code(stack)
    json_output = output_format == "json"
    if form == "stack":
        _write_document(stacks[0], output, json_output=json_output)
        return
    plan = _read_plan(plan_file)
    work = _Work(
        "cfn" if cut else form, output, json_output=json_output, checked=not no_check, cut=cut, plan=plan
    )
    assemblies = [work.assembly(stack, source) for stack in stacks]
    if output is None:
        # Bytes, so that a template is UTF-8 wherever it is sent, whatever this terminal's encoding.
        click.echo(assemblies[0].text(json_output=json_output).encode(), nl=False)
        _say_nested(stacks[0], form)
    elif every:
        from lambdaform.model.crossing import needs
        from lambdaform.synth.manifest import App

        path = App(assemblies, needs(stacks)).write(output, json_output=json_output)
        click.echo(
            f"{path} with {_counted(len(stacks), 'stack')}, in the order of their deployment", err=True
        )
    else:
        path = assemblies[0].write(output, json_output=json_output)
        click.echo(f"{path} and {_counted(len(assemblies[0].every_asset), 'asset')}", err=True)
    if plan_file is not None:
        from lambdaform.synth.plan import write_plan

        write_plan(plan_file, plan)


def _read_plan(file: Path | None) -> dict[str, Mapping[str, Sequence[str]]]:
    if file is None:
        return {}
    from lambdaform.synth.plan import read_plan

    return dict(read_plan(file))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _refuse_options(source: Source, form: str, output: Path | None, *, every: bool, cut: bool) -> None:
    """Refuse options that do not go together."""
    if every and source.stack_name is not None:
        raise UsageError("--all and --stack contradict each other.", right="Give one of them.")
    if (every or cut) and output is None:
        option = "--all" if every else "--split"
        raise UsageError(
            f"{option} writes several templates.", right=f"Name a folder for them: {option} -o DIR."
        )
    if (every or cut) and form == "stack":
        raise UsageError("--format stack writes one stack.", right="Leave --all and --split out.")


def _check(stacks: Sequence[Stack], source: Source, output: Path | None, *, cut: bool) -> None:
    """Show the findings on the stacks; an error among them ends the command."""
    from lambdaform.check.findings import check, counting, has_errors
    from lambdaform.cli.report import print_findings
    from lambdaform.model.crossing import family

    findings = [
        finding for stack in stacks for each in family(stack) for finding in check(each, source.settings())
    ]
    if cut:
        findings = [each for each in findings if each.rule not in _TOO_LARGE]
    print_findings(findings, to_stderr=True)
    # What SAM makes too large may be looked at, but it is no assembly that could be deployed.
    too_large = output is not None and any(each.rule == _EXPANDS for each in counting(findings))
    if too_large or has_errors(findings):
        _stop()


def _stop() -> NoReturn:
    click.echo("Nothing was written. --no-check writes the template all the same.", err=True)
    sys.exit(EXIT_FINDINGS)


#: The rules on what a stack that is too large has too many of, and the one that counts what SAM makes of it.
_EXPANDS = "LF267"
_TOO_LARGE = ("LF601", "LF602", _EXPANDS)


@frozen
class _Work:
    """How the assembly of each stack is made."""

    form: str
    output: Path | None
    json_output: bool
    checked: bool
    cut: bool
    #: The parts of each stack as they were, and then as they are.
    plan: dict[str, Mapping[str, Sequence[str]]]

    def assembly(self, stack: Stack, source: Source) -> Assembly:
        """The stack's assembly in the form that was asked for."""
        from lambdaform.synth.assembly import as_written, assemble, expand

        parameters = source.parameters_of(stack)
        if self.output is None and self.form == "sam":
            return as_written(stack, parameters)
        from lambdaform.synth.packaging import Packaging

        packaging = Packaging(install=self.output is not None, output=self.output, progress=_say_progress)
        # Code may still have to be built; without an assembly to write, its path stands for it.
        missing = _say_missing if self.output is None else None
        assembly = assemble(stack, parameters, packaging=packaging, missing=missing)
        if self.output is not None:
            _require_room(stack, assembly)
        if self.form != "cfn":
            return assembly
        assembly = expand(assembly)
        if self.cut:
            assembly = self._parts_of(assembly, stack)
        if self.checked:
            self._check_limits(assembly, stack)
        return assembly

    def _parts_of(self, assembly: Assembly, stack: Stack) -> Assembly:
        from lambdaform.synth.limits import PER_OPERATION, excesses
        from lambdaform.synth.split import split

        size = len(assembly.text(json_output=self.json_output).encode())
        before = self.plan.get(stack.name, {})
        # What is in nested stacks already stays there, whatever its number.
        if not before and not excesses(assembly.template, size, stack.resources, stack.origin):
            click.echo(
                f"Stack {stack.name!r} is within CloudFormation's limits, and was not split.", err=True
            )
            return assembly
        done = split(assembly, plan=before)
        self.plan[stack.name] = done.parts
        parts = len(done.assembly.nested)
        click.echo(
            f"Stack {stack.name!r}: {done.total:,} resources in {_counted(parts, 'nested stack')}.", err=True
        )
        if before:
            _say_relocated(done.relocated)
            return done.assembly
        if done.moved:
            shown = ", ".join(done.moved[:5]) + (
                f" and {len(done.moved) - 5:,} more" if len(done.moved) > 5 else ""
            )
            click.echo(f"Warning: these hold data and are in nested stacks now: {shown}.", err=True)
        click.echo(
            "Warning: where the stack is deployed already, CloudFormation replaces what moves into a nested stack: "
            "functions get new names, and what holds data loses it.",
            err=True,
        )
        if done.total > PER_OPERATION:
            click.echo(
                f"Warning: one operation makes or changes at most {PER_OPERATION:,} resources of nested stacks. "
                "Make several stacks of this one.",
                err=True,
            )
        return done.assembly

    def _check_limits(self, assembly: Assembly, stack: Stack) -> None:
        """End the command where CloudFormation would not take a template."""
        from lambdaform.check.findings import findings_of
        from lambdaform.cli.report import print_findings
        from lambdaform.synth.limits import excesses

        problems = [
            problem
            for each in (assembly, *assembly.descendants())
            for problem in excesses(
                each.template,
                len(each.text(json_output=self.json_output).encode()),
                stack.resources,
                stack.origin,
            )
        ]
        if problems:
            print_findings(findings_of(problems, stack), to_stderr=True)
            _stop()


def _say_relocated(names: Sequence[str]) -> None:
    """Name what is no longer where the plan had it, and so is replaced at deployment."""
    if names:
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
        click.echo(f"Warning: these move to another nested stack, and are replaced: {shown}.", err=True)


def _require_room(stack: Stack, assembly: Assembly) -> None:
    """See that Lambda would unpack the packages of the stack and of those nested in it."""
    from lambdaform.synth.sizes import require_room

    require_room(stack, assembly)
    for logical_id, child in stack.children.items():
        _require_room(child, assembly.nested[logical_id])


def _say_nested(stack: Stack, form: str) -> None:
    """Say where the templates of nested stacks are, which standard output has no room for."""
    for logical_id, child in stack.children.items():
        if form == "sam" and not child.loaded:
            file = f"{child.name}.template.yaml"
            click.echo(
                f"Note: {logical_id} is made of {file}: lambdaform synth --stack {child.name} > {file}",
                err=True,
            )
    if stack.children and form == "cfn":
        click.echo("Note: -o DIR writes the templates of the nested stacks, too.", err=True)


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
