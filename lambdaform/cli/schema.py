"""``lambdaform schema``: the JSON Schemas that come with lambdaform, for editors and other programs."""

from __future__ import annotations

import click

from lambdaform.errors import UsageError
from lambdaform.facts.schemas import schema_file
from lambdaform.suggest import did_you_mean

#: What ``lambdaform schema`` prints, by the name that is asked for.
NAMES = ("stack",)


@click.command(short_help="Print a JSON Schema.")
@click.argument("name")
def schema(name: str) -> None:
    """Print the JSON Schema NAME.

    stack is that of a stack written as data, for --from.
    """
    if name not in NAMES:
        raise UsageError(
            f"There is no schema {name!r}.", right=did_you_mean(name, NAMES, f"There is {', '.join(NAMES)}.")
        )
    click.echo(schema_file(f"{name}.schema.json").read_bytes(), nl=False)
