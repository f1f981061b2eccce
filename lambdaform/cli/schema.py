"""``lambdaform schema``: the JSON Schemas that come with lambdaform, for editors and other programs."""

from __future__ import annotations

import click

from lambdaform.errors import UsageError
from lambdaform.facts.schemas import schema_file
from lambdaform.suggest import did_you_mean

#: The schemas of one file each, and those of which there is one for each event source.
_SINGLE = ("stack", "findings")
_BY_SOURCE = ("event", "answer")


@click.command(short_help="Print a JSON Schema.")
@click.argument("kind")
@click.argument("source", required=False)
def schema(kind: str, source: str | None) -> None:
    """Print a JSON Schema.

    KIND is stack, for a stack written as data (--from); findings, for check --output-format json; or event or
    answer with a SOURCE: what that hands to a function, and what the function answers. "lambdaform event" lists
    the sources.
    """
    kinds = (*_SINGLE, *_BY_SOURCE)
    if kind not in kinds:
        right = did_you_mean(kind, kinds, f"There are {', '.join(kinds)}.")
        raise UsageError(f"There is no schema {kind!r}.", right=right)
    click.echo(schema_file(_file(kind, source)).read_bytes(), nl=False)


def _file(kind: str, source: str | None) -> str:
    if kind in _SINGLE:
        if source is not None:
            raise UsageError(
                f"The schema of a {kind} has no source.", right=f"Write lambdaform schema {kind}."
            )
        return f"{kind}.schema.json"
    from lambdaform.payloads.catalog import NAMES, takes_answer

    names = [each for each in NAMES if kind == "event" or takes_answer(each)]
    if source is None:
        raise UsageError(f"schema {kind} needs a source.", right=f"There are {', '.join(names)}.")
    if source not in names:
        right = did_you_mean(source, names, f"There are {', '.join(names)}.")
        raise UsageError(f"There is no {kind} schema for {source!r}.", right=right)
    return f"events/{source}.{'answer.' if kind == 'answer' else ''}schema.json"
