"""``lambdaform explain``: what a rule demands and why, with an example, and all the rules that there are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lambdaform.errors import UsageError
from lambdaform.suggest import did_you_mean

if TYPE_CHECKING:
    from lambdaform.check.page import Example
    from lambdaform.check.rule import Rule

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


@click.command(short_help="Explain a rule, or list all of them.")
@click.argument("name", metavar="[RULE]", required=False)
def explain(name: str | None) -> None:
    """Explain RULE: what it demands and why, wrong and right, where it comes from, and how to suppress it.

    RULE is its id (LF402), its name (old-runtime), or the id of a rule of cfn-lint that says the same (E2531).
    Without it all rules are listed.
    """
    if name is None:
        click.echo(_list())
        return
    from lambdaform.check.page import rules_for

    found = rules_for(name)
    if not found:
        raise _unknown(name)
    click.echo("\n\n".join(_page(rule) for rule in found))


def _unknown(name: str) -> UsageError:
    from lambdaform.check.aliases import ALIASES
    from lambdaform.check.rule import rules
    from lambdaform.check.suppression import LINT_ID

    if LINT_ID.fullmatch(name.upper()):
        return UsageError(
            f"{name.upper()} is a linter's rule, and none of ours says the same.",
            right="See https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/rules.md.",
        )
    names = [*rules(), *(rule.name for rule in rules().values()), *ALIASES]
    right = did_you_mean(name, names, "lambdaform explain lists the rules.")
    return UsageError(f"There is no rule {name!r}.", right=right)


def _list() -> str:
    from lambdaform.check.page import GROUPS
    from lambdaform.check.rule import rules

    width = max(len(rule.name) for rule in rules().values())
    lines: list[str] = []
    for prefix, title in GROUPS.items():
        group = [rule for rule in rules().values() if rule.id.startswith(prefix)]
        if not group:
            continue
        lines += ["", click.style(title, bold=True)] if lines else [click.style(title, bold=True)]
        lines += [f"  {rule.id}  {_level(rule, 7)}  {rule.name:<{width}}  {rule.demand}" for rule in group]
    return "\n".join(lines)


def _level(rule: Rule, width: int) -> str:
    return click.style(f"{rule.level:<{width}}", fg=_COLOURS[rule.level])


def _page(rule: Rule) -> str:
    from lambdaform.check.page import sections

    head = f"{click.style(rule.id, bold=True)} {rule.name} ({_level(rule, 0)})"
    lines = [head, "", click.wrap_text(rule.demand, 100)]
    for part in sections(rule):
        lines += ["", click.style(part.title, bold=True)]
        for reference in part.references:
            lines.append(f"  {reference.text}" + (f"\n  {reference.url}" if reference.url else ""))
        if part.text:
            lines.append(click.wrap_text(part.text, 100, "  ", "  "))
        if part.example is not None:
            lines += [""] if part.text else []
            lines += [f"  {line}".rstrip() for line in _coloured(part.example).splitlines()]
    return "\n".join(lines)


def _coloured(example: Example) -> str:
    """The example, highlighted where a terminal shows it."""
    if not sys.stdout.isatty():
        return example.text
    from rich.console import Console
    from rich.syntax import Syntax

    console = Console(force_terminal=True, width=200)
    with console.capture() as capture:
        console.print(
            Syntax(example.text, example.language, theme="ansi_dark", background_color="default"),
            soft_wrap=True,
        )
    return "\n".join(line.rstrip() for line in capture.get().splitlines())
