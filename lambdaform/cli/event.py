"""``lambdaform event``: a sample of what a source hands to a function."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from lambdaform.errors import UsageError
from lambdaform.suggest import did_you_mean

if TYPE_CHECKING:
    from lambdaform.payloads.catalog import Source


_INDEX = re.compile(r"\[(\d+)\]")


@click.command(short_help="Print a sample event.")
@click.argument("source", required=False)
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME=VALUE",
    help="One of the source's own fields, or a path into the event: Records.0.body=hello.",
)
def event(source: str | None, fields: tuple[str, ...]) -> None:
    """Print an event as SOURCE sends it to a function; without SOURCE, all sources and their fields.

    It goes right into a function: lambdaform event sqs | lambdaform invoke Checkout --event -
    """
    from lambdaform.payloads.catalog import NAMES
    from lambdaform.payloads.catalog import source as found

    if source is None:
        if fields:
            raise UsageError(
                "--field is given, and no source.", right="Write lambdaform event SOURCE --field NAME=VALUE."
            )
        for name in NAMES:
            kind = found(name)
            click.echo(f"{name}: {kind.title} ({', '.join(kind.parameters())})")
        return
    if source not in NAMES:
        right = did_you_mean(source, NAMES, "lambdaform event lists them all.")
        raise UsageError(f"There is no event source {source!r}.", right=right)
    data = _sample(found(source), fields)
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def _sample(source: Source, fields: tuple[str, ...]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    paths: dict[str, str] = {}
    hints = typing.get_type_hints(source.sample)
    for each in fields:
        name, separator, value = each.partition("=")
        if not separator or not name:
            raise UsageError(f"--field {each!r} has no value.", right="Write --field NAME=VALUE.")
        if name in source.parameters():
            parameters[name] = _value(name, value, hints[name])
        else:
            paths[_INDEX.sub(r".\1", name)] = value
    data = source.sample(**parameters).to_json()
    for path, value in paths.items():
        _put(data, path, value, source)
    return _checked(data, paths, source)


def _value(name: str, text: str, hint: Any) -> Any:
    """The value for a parameter: text as it is, anything else as JSON."""
    if hint is str or str in typing.get_args(hint):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    kind = typing.get_origin(hint) or hint
    wanted = {int: (int,), float: (int, float)}.get(kind, (Mapping,) if hint is not Any else (object,))
    if not isinstance(value, wanted) or isinstance(value, bool):
        words = {int: "a whole number", float: "a number"}.get(kind, "a JSON object")
        raise UsageError(f"--field {name} is {text!r}.", right=f"It must be {words}.")
    return value


def _put(data: Any, path: str, text: str, source: Source) -> None:
    """Set what lies at a path. The last key may be one that the sample does not have."""
    *steps, last = path.split(".")
    holder = data
    for index, step in enumerate(steps):
        found = _step(holder, step)
        if found is None:
            raise _no_such(source, ".".join(steps[: index + 1]), step, holder)
        holder = holder[found[0]]
    found = _step(holder, last)
    if found is None and not isinstance(holder, dict):
        raise _no_such(source, path, last, holder)
    key = found[0] if found else last
    # A new key, such as a header, is text among texts.
    beside = [holder[key]] if found else list(holder.values()) if isinstance(holder, dict) else []
    texts = bool(beside) and all(isinstance(each, str) for each in beside)
    holder[key] = text if texts else _json_or_text(text)


def _step(holder: Any, step: str) -> tuple[str | int] | None:
    """The key or index that a step of a path means, in a tuple; None where there is no such one."""
    if isinstance(holder, dict):
        return (step,) if step in holder else None
    if isinstance(holder, list) and step.isdecimal() and int(step) < len(holder):
        return (int(step),)
    return None


def _no_such(source: Source, path: str, step: str, holder: Any) -> UsageError:
    keys = (
        list(holder)
        if isinstance(holder, dict)
        else [str(i) for i in range(len(holder))]
        if isinstance(holder, list)
        else []
    )
    known = [*source.parameters(), *keys] if "." not in path else keys
    return UsageError(f"The event of {source.name} has no {path!r}.", right=did_you_mean(step, known))


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _checked(data: dict[str, Any], paths: Mapping[str, str], source: Source) -> dict[str, Any]:
    """The event, if it is still one of its source's. Raises `PayloadError` or `UsageError` where it is not."""
    from lambdaform.payloads.payload import keys_of, unknown_in

    event = source.event.from_json(data)
    for path in unknown_in(event) if paths else ():
        *steps, last = path
        whole = ".".join(map(str, path))
        if whole in paths:
            known = (
                [*source.parameters(), *(key.name for key in keys_of(source.event))]
                if not steps
                else list(_at(data, steps))
            )
            right = did_you_mean(str(last), [each for each in known if each != last])
            raise UsageError(f"The event of {source.name} has no {whole!r}.", right=right)
    return event.to_json()


def _at(data: Any, steps: list[str | int]) -> Any:
    for step in steps:
        data = data[step]
    return data
