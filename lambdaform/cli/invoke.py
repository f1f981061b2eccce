"""``lambdaform invoke``: one function with one event, here."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lambdaform.cli.function import Chosen, choose_function
from lambdaform.cli.local import local_assembly, local_options, overrides, print_log, read_event, say
from lambdaform.cli.main import EXIT_FINDINGS
from lambdaform.cli.source import Source, source_options
from lambdaform.errors import UsageError

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
    account_concurrency: int | None,
) -> None:
    """Run FUNCTION with one event in a real process, as Lambda would.

    FUNCTION is its logical id; it may be left out where the stack has one function only. Its log goes to
    standard error, its result to standard output. Exit code 0, or 1 where the function failed.
    """
    payload = read_event(event)
    given = overrides(env_vars, layers)
    stacks = source.stacks()
    chosen = choose_function(stacks, function)
    # What the function's stack imports comes from the others of its app.
    together = chosen.stack.app if chosen.stack in chosen.stack.app else (chosen.stack,)
    gc.enable()
    response = asyncio.run(
        _run(together, chosen, source, payload, qualifier, given, region, account_concurrency)
    )
    click.echo(response.payload.decode(errors="replace"))
    if response.function_error is not None:
        sys.exit(EXIT_FINDINGS)


async def _run(
    stacks: Sequence[Stack],
    chosen: Chosen,
    source: Source,
    payload: bytes,
    qualifier: str | None,
    given: Overrides,
    region: str,
    account_concurrency: int | None,
) -> Response:
    from lambdaform.local.endpoint.server import Endpoint
    from lambdaform.local.errors import RESERVED_LIMIT, AwsError
    from lambdaform.local.front import Request
    from lambdaform.local.service import LocalLambda

    # Code that is missing matters only where it is this function's, which then says so itself.
    logical_id = chosen.function.logical_id
    assemblies = [local_assembly(stack, source, lambda _: None, only=logical_id) for stack in stacks]
    async with LocalLambda(
        chosen.stack.name,
        log=print_log,
        notice=say,
        region=region,
        profile=chosen.stack.profile,
        overrides=given,
        account_concurrency=account_concurrency,
        # For one event nothing is initialised ahead.
        provisions=False,
    ) as service:
        made = service.deploy(*assemblies)
        whole_name = (chosen.deployed_in, logical_id)
        for notice in made.notices:
            if (notice.stack, notice.function) == whole_name:
                say(notice.text)
        name = next(
            (each.name for each in made.functions if (each.stack, each.logical_id) == whole_name), None
        )
        if name is None:
            condition = chosen.function.condition
            which = f"its condition {condition!r}" if condition else "the condition of a stack that it is in"
            raise UsageError(
                f"{logical_id} is not made: {which} does not hold.",
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
