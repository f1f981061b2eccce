"""When what a template may use came to Lambda, so that a stack of an older profile is told what it did not have.

The table is ``schemas/features.json``: each feature by the resources, events and properties in which it shows,
with the day of its announcement and where AWS says so.

Source: AWS Lambda Developer Guide, lambda-releases; AWS What's New, where the table says so.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from attrs import frozen

from lambdaform.facts.schemas import read_schema


@frozen
class Feature:
    """Something that Lambda has had since a day.

    It shows in a resource of a CloudFormation type, or an event of SAM's, that is in ``on``: by being there at
    all, or where the property at ``path`` has one of ``values``, or more than ``above``, or is there, whatever
    its value.
    """

    name: str
    since: date
    source: str
    on: frozenset[str]
    path: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    above: int | None = None
    #: Whether the day is only the latest on which it can have come.
    at_the_latest: bool = False
    #: Whether it shows where the property names a FIFO queue of the stack.
    source_is_fifo: bool = False


@cache
def features() -> tuple[Feature, ...]:
    """Every feature of the table, in its order."""
    table = _table()
    return tuple(
        Feature(
            name=entry["name"],
            since=date.fromisoformat(entry["since"]),
            source=table["sources"][entry["source"]],
            on=frozenset(kind for each in entry["on"] for kind in table["groups"].get(each, [each])),
            path=tuple(entry["property"].split(".")) if "property" in entry else (),
            values=tuple(entry.get("values", ())),
            above=entry.get("above"),
            at_the_latest=entry.get("at_the_latest", False),
            source_is_fifo=entry.get("source_is_fifo", False),
        )
        for entry in table["features"]
    )


@cache
def newer_than(day: date) -> tuple[Feature, ...]:
    """The features that came after a day."""
    return tuple(each for each in features() if each.since > day)


def runtime_since(identifier: str) -> date | None:
    """The day on which a runtime came; None where the table does not say."""
    text = _table()["runtimes"]["value"].get(identifier)
    return date.fromisoformat(text) if text else None


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_schema("features.json")
    return table
