"""``lambdaform estimate``: what traffic means for a function: concurrency, throttling, and the month's price."""

from __future__ import annotations

import re

import click

from lambdaform.cli.source import Source, source_options
from lambdaform.errors import UsageError

_FIELD = re.compile(
    r"\b(?:(?:requests|messages|records)_per_second|duration_ms|batch_size|cold_starts|init_ms|account_concurrency"
    r"|(?<=, )shards|^shards)\b"
)


@click.command(short_help="Estimate a function under given traffic.")
@click.argument("function", required=False)
@click.option("--requests-per-second", type=float, metavar="N", help="Invocations by callers.")
@click.option("--messages-per-second", type=float, metavar="N", help="Messages of a queue that Lambda polls.")
@click.option("--shards", type=int, metavar="N", help="Shards of a stream that Lambda polls.")
@click.option("--records-per-second", type=float, metavar="N", help="Records in all shards together.")
@click.option(
    "--duration", "duration_ms", type=float, required=True, metavar="MS", help="How long an invocation takes."
)
@click.option("--batch-size", type=int, metavar="N", help="Messages or records an invocation gets.")
@click.option(
    "--cold-starts", type=float, default=0.0, metavar="SHARE", help="The share of cold starts, 0 to 1."
)
@click.option("--init", "init_ms", type=float, default=0.0, metavar="MS", help="How long a cold start takes.")
@click.option(
    "--account-concurrency", type=int, metavar="N", help="The account's limit, where it was raised."
)
@click.option("--free-tier", is_flag=True, help="Take off what is free each month.")
@source_options
def estimate(
    source: Source,
    function: str | None,
    requests_per_second: float | None,
    messages_per_second: float | None,
    shards: int | None,
    records_per_second: float | None,
    duration_ms: float,
    batch_size: int | None,
    cold_starts: float,
    init_ms: float,
    account_concurrency: int | None,
    free_tier: bool,
) -> None:
    """Estimate the concurrency, throttling, network interfaces and monthly price of FUNCTION.

    FUNCTION is its logical id or its name; it may be left out where the stack has one function only. Limits and
    prices are today's, in us-east-1, or with --profile 2019-04-01 those of that day.
    """
    from lambdaform.cli.function import choose_function
    from lambdaform.model.estimate import estimate_function
    from lambdaform.model.traffic import Traffic, TrafficError

    _refuse_options(requests_per_second, batch_size, cold_starts, init_ms)
    chosen = choose_function(source.stacks(), function, parameters=source.parameters)
    stack, named = chosen.home, chosen.function
    try:
        traffic = Traffic(
            requests_per_second=requests_per_second,
            messages_per_second=messages_per_second,
            shards=shards,
            records_per_second=records_per_second,
            duration_ms=duration_ms,
            batch_size=batch_size,
            cold_starts=cold_starts,
            init_ms=init_ms,
        )
        made = estimate_function(
            named, traffic, stack=stack, account_concurrency=account_concurrency, free_tier=free_tier
        )
    except TrafficError as error:
        raise UsageError(_as_options(error.what), right=_as_options(error.right or "")) from error
    click.echo(str(made))


def _refuse_options(
    requests_per_second: float | None, batch_size: int | None, cold_starts: float, init_ms: float
) -> None:
    """Refuse options that would change nothing."""
    if bool(cold_starts) != bool(init_ms):
        raise UsageError(
            "--cold-starts says how many there are, --init how long one takes.", right="Give both, or none."
        )
    if batch_size is not None and requests_per_second is not None:
        raise UsageError(
            "--batch-size is about queues and streams, and a request is one invocation.",
            right="Leave it out, or give --messages-per-second or --shards.",
        )


def _as_options(text: str) -> str:
    """What is said of the fields of a `Traffic`, with the names of the options that gave them."""
    return _FIELD.sub(lambda found: "--" + found[0].removesuffix("_ms").replace("_", "-"), text)
