"""``lambdaform run``: the stack's functions on an AWS-compatible endpoint, its schedules, and reload."""

from __future__ import annotations

import asyncio
import gc
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lambdaform.cli.function import Chosen, choose_function
from lambdaform.cli.local import (
    files_of,
    local_assembly,
    local_options,
    overrides,
    port_to_debug,
    require_debugger,
    state_option,
    what_changed,
)
from lambdaform.cli.reader import watch_reader
from lambdaform.cli.screen import Screen
from lambdaform.cli.source import Source, source_options
from lambdaform.errors import DefinitionError, LambdaformError, UsageError
from lambdaform.local.physical import Account

if TYPE_CHECKING:
    from lambdaform.local.clock import Clock
    from lambdaform.local.control.state import State
    from lambdaform.local.logs import LogLine
    from lambdaform.local.provisioning.provisioner import Provisioned
    from lambdaform.local.service import LocalLambda
    from lambdaform.local.session import Source as Served
    from lambdaform.model.stack import Stack


def _number(context: click.Context, parameter: click.Parameter, value: float) -> float:  # noqa: ARG001 - click's
    if math.isnan(value):
        raise click.BadParameter("it is not a number.")
    return value


@click.command(short_help="Serve the stack's functions here.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    metavar="N",
    default=4566,
    show_default=True,
    help="0 takes a free one.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True, max=1_000_000),
    metavar="N",
    default=1.0,
    show_default=True,
    callback=_number,
    help="How many seconds pass for schedules and retries in one real second.",
)
@click.option(
    "--max-environments",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many environments there may be at once.  [default: 4 for each CPU, and at least 10]",
)
@click.option(
    "--no-fork",
    is_flag=True,
    help="Start each Python process anew, which takes longer, even where it can be forked from one that is there.",
)
@click.option(
    "--debug",
    "debugged",
    multiple=True,
    metavar="FUNCTION",
    help="A function that waits for a debugger, and is limited in neither time nor memory. May be given again.",
)
@click.option(
    "--debug-port",
    type=click.IntRange(1, 65_535),
    metavar="PORT",
    help="Where the first of them waits; each further one on the next port.  [default: 5678 or 9229]",
)
@click.option("--fresh", is_flag=True, help="Forget first what earlier runs have left in the account.")
@state_option("Where the account lasts between runs, beside its logs and its trail.")
@click.option(
    "--services",
    metavar="URL",
    help="Another emulator that answers for AWS services other than Lambda.  [default: moto, in this process]",
)
@local_options
@source_options
def run(
    source: Source,
    port: int,
    speed: float,
    max_environments: int | None,
    no_fork: bool,
    debugged: tuple[str, ...],
    debug_port: int | None,
    fresh: bool,
    state: Path,
    services: str | None,
    env_vars: Path | None,
    layers: tuple[str, ...],
    region: str,
    account_id: str,
    account_concurrency: int | None,
    cpu_share: bool,
) -> None:
    """Serve an AWS account with the stack's functions on http://127.0.0.1:PORT, for the AWS CLI and every SDK.

    Schedules fire, asynchronous events are tried again, and code is reloaded when it changes. What calls make in the
    account (functions, versions, aliases, layers) is there again at the next run. Without an app.py or another stack
    the account is empty. Ctrl-C ends it.
    """
    from lambdaform.local.account_folder import AccountFolder
    from lambdaform.local.clock import WallClock
    from lambdaform.local.event_loop import new_event_loop
    from lambdaform.local.open_files import allow_many
    from lambdaform.local.service import LocalLambda

    allow_many()
    given = overrides(env_vars, layers)
    gc.enable()
    if debug_port is not None and not debugged:
        raise UsageError("--debug-port has no function.", right="Name one: --debug FUNCTION.")
    # Before the loop begins, so that Ctrl-C ends an app that takes long.
    served = _load(source)
    stacks, played = source.stacks() if debugged else [], Account("", region, account_id)
    chosen = [choose_function(stacks, name, played, source.parameters) for name in debugged]
    for each in chosen:
        require_debugger(each)
    account = AccountFolder(state, account_id, region)
    if fresh:
        account.clear()
    with closing(account):
        service = partial(
            LocalLambda,
            region=region,
            account_id=account_id,
            clock=WallClock(speed),
            overrides=given,
            state_folder=state,
            account_folder=account,
            max_environments=max_environments,
            account_concurrency=account_concurrency,
            services_url=services,
            cpu_share=cpu_share,
            # What is debugged has one environment, made when it is needed.
            provisions=not debugged,
            forks=not no_fork,
        )
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(service, served, source, port, chosen, debug_port, state))


async def _serve(
    make: Callable[..., LocalLambda],
    served: Served,
    source: Source,
    port: int,
    debugged: Sequence[Chosen],
    debug_port: int | None,
    state: Path,
) -> None:
    from lambdaform.local.log_batch import LogBatch
    from lambdaform.local.log_store import NAME, LogStore
    from lambdaform.local.session import Session

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def lost_reader() -> None:
        # Whoever read the log has enough, as at Ctrl-C. What is logged until the end has no reader.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
        stop.set()

    # While an app is read again, ``sys.stdout`` is what the app prints to.
    output = sys.stdout
    screen = Screen(output, sys.stderr, partial(loop.call_soon_threadsafe, lost_reader))
    store = LogStore(state / NAME, screen.say)

    def write(lines: Sequence[LogLine]) -> None:
        store.put(*lines)
        screen.show(*map(_shown, lines))

    batch = LogBatch(write)

    def notice(text: str) -> None:
        # After what was logged before it.
        batch.flush()
        screen.say(text)

    def reloaded(_: Provisioned, names: Sequence[str]) -> None:
        screen.note(f"Reloaded: {what_changed(names)}")

    with closing(screen):
        async with make(
            served.assemblies[0].stack_name if served.assemblies else "",
            log=batch.put,
            notice=notice,
            profile=served.profile or "current",
        ) as service:
            session = Session(service, lambda: _load(source), notice=notice, on_reload=reloaded)
            try:
                made = await session.start(served, port)
                # Who reads that it serves may end it.
                for number in (signal.SIGINT, signal.SIGTERM):
                    loop.add_signal_handler(number, stop.set)
                waits = _debug(service, made, debugged, debug_port)
                others = len(service.control.state.functions) - len(made.functions)
                screen.show(*_banner(session.url, made, service.control.state, others, service.clock))
                for sentence in (*waits, *service.limits_not_enforced()):
                    screen.note(sentence)
                for sentence in (
                    *made.unused,
                    *filter(None, [service.services.lacks]),
                    *(each.text for each in made.notices),
                    *map(str, session.warnings),
                ):
                    screen.say(sentence)
                # What is here now stays until the end: it need not be looked through for garbage.
                gc.freeze()
                watch_reader(loop, lost_reader)
                await session.serve(stop)
            finally:
                session.close()
        batch.flush()
        store.close()
        # What is left goes with the process: looking through all of moto for garbage would take longer than the rest.
        gc.freeze()
        screen.note("Stopped.")


def _load(source: Source) -> Served:
    from lambdaform.local.session import Source as Served

    if not source.names_a_stack():
        # One that is written meanwhile is taken.
        return Served((), (Path("app.py").resolve(),))
    stacks = source.stacks()
    missing: list[LambdaformError] = []
    assemblies = tuple(local_assembly(stack, source, missing.append) for stack in stacks)
    return Served(
        assemblies, files_of(stacks, source), tuple(missing), tuple(_wrong_handlers(stacks, source))
    )


def _wrong_handlers(stacks: Sequence[Stack], source: Source) -> Iterator[LambdaformError]:
    """What ``lambdaform check`` finds on handlers, which otherwise the first invocations would tell one by one."""
    from lambdaform.check.findings import check_handlers, counting
    from lambdaform.model.crossing import family

    try:
        settings = source.settings()
    except UsageError as error:
        # They are about checks alone, and keep nobody from running.
        yield error
        return
    for each in (each for stack in stacks for each in family(stack)):
        try:
            findings = counting(check_handlers(each, settings))
        except OSError:
            continue  # Code that cannot be read was not packaged, which is said.
        for finding in findings:
            yield DefinitionError(
                f"{finding.rule}: {finding.what}",
                right=finding.right,
                where=finding.location,
                rule=finding.rule,
            )


def _debug(
    service: LocalLambda, made: Provisioned, debugged: Sequence[Chosen], given: int | None
) -> list[str]:
    """Have functions wait for debuggers, each on a port of its own; a sentence on each."""
    sentences: list[str] = []
    for each in debugged:
        whole_name = (each.deployed_in, each.function.logical_id)
        for function in made.functions:
            if (function.stack, function.logical_id) == whole_name:
                port = port_to_debug(function.versions["$LATEST"], given, len(sentences))
                service.debug(function.name, port)
                sentences.append(
                    f"{function.name} waits at its first event for a debugger on 127.0.0.1:{port}; "
                    "nothing is initialised ahead."
                )
    return sentences


def _banner(url: str, made: Provisioned, state: State, others: int, clock: Clock) -> Iterator[str]:
    """The first lines: where it serves, what, and how to try."""
    from lambdaform.model.schedule_expression import parse

    yield f"Serving on {url} ({state.account.region})"
    for function in made.functions:
        aliases = f"  ({', '.join(function.aliases)})" if function.aliases else ""
        refusal = f"  {function.refusal}" if function.refusal else ""
        yield f"  {function.name}{aliases}{refusal}"
        for each in state.urls.of(function.name).values():
            name = f"{function.name}:{each.qualifier}" if each.qualifier else function.name
            signed = "  AWS_IAM" if each.auth_type == "AWS_IAM" else ""
            yield f"  {name}  {state.url_of(each.url_id)}{signed}"
    now = datetime.fromtimestamp(clock.now(), UTC)
    for schedule in made.schedules:
        try:
            due = parse(schedule.expression).next_after(now) if schedule.enabled else None
        except DefinitionError:
            due = None  # What is wrong with it has been said.
        when = f"next at {due:%Y-%m-%d %H:%M} UTC" if due else "never"
        yield f"  {schedule.function_arn.split(':function:')[1]}  {schedule.expression}  {when}"
    if others:
        functions = "1 function" if others == 1 else f"{others} functions"
        yield f"  and {functions} that calls or other stacks have made (lambdaform status)"
    elif not made.functions:
        yield "  The account is empty."
    runs = [each for each in made.functions if each.refusal is None]
    if runs:
        name = runs[-1].name
        region = state.account.region
        yield f"Try: aws lambda invoke --endpoint-url {url} --region {region} --function-name {name} out.json"


def _shown(line: LogLine) -> str:
    begin = _beginning(line.function_name)
    return "\n".join([begin + text for text in line.text.splitlines() or [""]])


@cache
def _beginning(function_name: str) -> str:
    return f"{click.style(function_name, fg='cyan')} | "
