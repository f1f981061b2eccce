"""``lambdaform trail``: who called what on the local endpoint, as CloudTrail would have recorded it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lambdaform.cli.local import state_option
from lambdaform.cli.since import moment_of, since_option
from lambdaform.errors import UsageError

if TYPE_CHECKING:
    from lambdaform.local.trail import Query, Record


@click.command(short_help="Show the calls that the local endpoint has recorded.")
@click.option("--event-name", metavar="NAME", help="Calls of one operation: CreateFunction.")
@click.option(
    "--resource", metavar="NAME", help="Calls about one function, layer or other resource; a name or an ARN."
)
@since_option
@state_option("Where the run of which the calls are kept its state.")
@click.option("--json", "as_json", is_flag=True, help="Whole records, one a line, in CloudTrail's format.")
def trail(event_name: str | None, resource: str | None, since: str, state: Path, as_json: bool) -> None:
    """Show the calls to the endpoint of lambdaform run in this folder, the oldest first."""
    from lambdaform.local.clock import utc_text
    from lambdaform.local.trail import NAME, Query, read

    query = Query(event_name=event_name, resource=resource, since=f"{utc_text(moment_of(since))[:19]}Z")
    found = list(read(state / NAME, query))
    if not found:
        every = list(read(state / NAME, Query()))
        if not every:
            raise UsageError("No call has been recorded in this folder yet.", right="lambdaform run does it.")
        click.echo(" ".join(["No call matches.", *_suggestions(query, every)]), err=True)
    for record in found:
        click.echo(json.dumps(record) if as_json else _line(record))


def _suggestions(query: Query, every: Sequence[Record]) -> Iterator[str]:
    """The nearest names that have been recorded, where what is asked for has not been."""
    from lambdaform.local.trail import names_of, operation_of
    from lambdaform.suggest import did_you_mean

    events = {name for each in every for name in (each["eventName"], operation_of(each["eventName"]))}
    about = {name for each in every for name in names_of(each)}
    for asked, known in ((query.event_name, events), (query.resource, about)):
        if asked is not None and asked not in known and (hint := did_you_mean(asked, sorted(known), "")):
            yield hint


def _line(record: Record) -> str:
    """One call on one line: when, which, about what, by whom, and what was wrong."""
    identity = record["userIdentity"]
    who = identity.get("arn", identity["accountId"]).rpartition(":")[2]
    from lambdaform.local.trail import resources

    about = ", ".join(resources(record))
    line = (
        f"{record['eventTime']} {click.style(record['eventName'], fg='cyan')} {about}".rstrip() + f" by {who}"
    )
    if "errorCode" in record:
        line += ": " + click.style(f"{record['errorCode']}: {record['errorMessage']}".rstrip(": "), fg="red")
    return line
