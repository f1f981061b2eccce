"""``lambdaform invoke``: one function with one event, here."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lambdaform.cli.local import local_assembly, local_options, overrides, print_log, read_event, say
from lambdaform.cli.main import EXIT_FINDINGS
from lambdaform.cli.source import Source, source_options
from lambdaform.errors import UsageError
from lambdaform.suggest import did_you_mean

if TYPE_CHECKING:
    from lambdaform.local.front import Response
    from lambdaform.local.provision import Overrides
    from lambdaform.model.stack import Stack


@click.command(short_help="Run one function here with one event.")
@click.argument("function", required=False)
@click.option("-e", "--event", metavar="FILE|-|JSON", help="The event.  [default: {}]")
@click.option("--qualifier", metavar="NAME", help="A version or an alias.  [default: $LATEST]")
@local_options
@source_options
def invoke(
    source: Source,
    function: str | None,
    event: str | None,
    qualifier: str | None,
    env_vars: Path | None,
    layers: tuple[str, ...],
    region: str,
) -> None:
    """Run FUNCTION with one event in a real process, as Lambda would.

    FUNCTION is its logical id; it may be left out where the stack has one function only. Its log goes to
    standard error, its result to standard output. Exit code 0, or 1 where the function failed.
    """
    payload = read_event(event)
    given = overrides(env_vars, layers)
    stack = source.stack()
    logical_id = function_id(stack, function)
    gc.enable()
    response = asyncio.run(_run(stack, source, logical_id, payload, qualifier, given, region))
    click.echo(response.payload.decode(errors="replace"))
    if response.function_error is not None:
        sys.exit(EXIT_FINDINGS)


def function_id(stack: Stack, name: str | None) -> str:
    """The logical id of the function to run. Raises `UsageError` where that is not clear."""
    from lambdaform.model.function import FunctionSettings

    functions = [each for each in stack.resources.values() if isinstance(each, FunctionSettings)]
    ids = [each.logical_id for each in functions]
    if not ids:
        raise UsageError(
            f"Stack {stack.name!r} has no functions.", right="Add one: stack.add(Function(...))."
        )
    if name is None:
        if len(ids) > 1:
            raise UsageError(
                f"Stack {stack.name!r} has several functions: {', '.join(ids)}.", right="Name one."
            )
        return ids[0]
    named = {each.function_name: each.logical_id for each in functions if isinstance(each.function_name, str)}
    if name in ids or name in named:
        return name if name in ids else named[name]
    if name in stack.resources:
        raise UsageError(
            f"{name!r} is no function, but an {stack.resources[name].aws_type}.",
            right=f"The functions are {', '.join(ids)}.",
        )
    right = did_you_mean(name, [*ids, *named], f"It has {', '.join(ids)}.")
    raise UsageError(f"Stack {stack.name!r} has no function {name!r}.", right=right)


async def _run(
    stack: Stack,
    source: Source,
    logical_id: str,
    payload: bytes,
    qualifier: str | None,
    given: Overrides,
    region: str,
) -> Response:
    from lambdaform.local.endpoint.server import Endpoint
    from lambdaform.local.errors import RESERVED_LIMIT, AwsError
    from lambdaform.local.front import Request
    from lambdaform.local.service import LocalLambda

    # Code that is missing matters only where it is this function's, which then says so itself.
    assembly = local_assembly(stack, source, lambda _: None)
    async with LocalLambda(
        stack.name, log=print_log, notice=say, region=region, profile=assembly.profile, overrides=given
    ) as service:
        made = service.deploy(assembly)
        for notice in made.notices:
            if notice.function == logical_id:
                say(notice.text)
        name = next((each.name for each in made.functions if each.logical_id == logical_id), None)
        if name is None:
            raise UsageError(
                f"{logical_id} is not made: its condition {stack.resources[logical_id].condition!r} does not hold.",
                right="Give the parameters with which it does: --parameter NAME=VALUE.",
            )
        endpoint = Endpoint(service.front)
        await endpoint.start(0)
        service.endpoint_url = endpoint.url
        try:
            # The whole log is there before the result is printed.
            request = Request(function_name=name, payload=payload, qualifier=qualifier, wants_tail=True)
            return await service.invoke(request)
        except AwsError as error:
            # With one event at a time, nothing else leaves no room for it.
            throttled = error.extra.get("Reason") == RESERVED_LIMIT
            right = f"{logical_id} has a reserved concurrency of 0: it is switched off." if throttled else ""
            raise UsageError(error.message, right=right) from error
        finally:
            endpoint.close()
