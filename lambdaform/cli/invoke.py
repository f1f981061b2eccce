"""``lambdaform invoke``: one function with one event, here."""

from __future__ import annotations

import asyncio
import base64
import gc
import signal
import sys
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from attrs import frozen

from lambdaform.cli.function import Chosen, choose_function
from lambdaform.cli.local import (
    event_file,
    files_of,
    local_assembly,
    local_options,
    note,
    overrides,
    port_to_debug,
    print_log,
    read_event,
    require_debugger,
    say,
    what_changed,
)
from lambdaform.cli.main import EXIT_FINDINGS
from lambdaform.cli.source import Source, source_options
from lambdaform.errors import LambdaformError, UsageError
from lambdaform.local.physical import Account
from lambdaform.suggest import did_you_mean

if TYPE_CHECKING:
    from lambdaform.local.cognito_identity import CognitoIdentity
    from lambdaform.local.front import InvocationType, Response
    from lambdaform.local.logs import Log, LogLine
    from lambdaform.local.provisioning.overrides import Overrides
    from lambdaform.model.stack import Stack

T = TypeVar("T")
_WAITING = "Waiting for a change of a file. Ctrl-C ends it."


@frozen(kw_only=True)
class _Wanted:
    """What is to be run, as the options say it."""

    source: Source
    function: str | None
    event: str | None
    qualifier: str | None
    invocation_type: InvocationType
    client_context: str | None
    cognito_identity: str | None
    cognito_pool: str | None
    tenant_id: str | None
    debug: bool
    debug_port: int | None
    env_vars: Path | None
    layers: tuple[str, ...]
    region: str
    account_id: str
    account_concurrency: int | None
    cpu_share: bool

    def read(self) -> _Job:
        """All that it names, as it is now. Raises `LambdaformError` where something is wrong with it."""
        payload = read_event(self.event)
        context = self.client_context
        if context is not None:
            context = read_event(context, "--client-context", "client context").decode()
        caller = self._caller()
        given = overrides(self.env_vars, self.layers)
        stacks = tuple(self.source.stacks())
        account = Account("", self.region, self.account_id)
        chosen = choose_function(stacks, self.function, account, self.source.parameters)
        if self.debug:
            require_debugger(chosen)
        return _Job(
            wanted=self,
            stacks=stacks,
            chosen=chosen,
            payload=payload,
            client_context=context,
            cognito_identity=caller,
            given=given,
        )

    def _caller(self) -> CognitoIdentity | None:
        """The Cognito identity that calls. Raises `UsageError` where half of it is missing, or nobody would get it."""
        from lambdaform.local.cognito_identity import CognitoIdentity

        identity, pool = self.cognito_identity, self.cognito_pool
        if identity is None and pool is None:
            return None
        if not identity or not pool:
            missing = "--cognito-pool POOL" if identity else "--cognito-identity ID"
            raise UsageError("A Cognito identity is one of an identity pool.", right=f"Give both: {missing}.")
        if self.invocation_type == "Event":
            raise UsageError(
                "An asynchronous event has no Cognito identity.",
                right="Leave --invocation-type Event out, or --cognito-identity and --cognito-pool.",
            )
        return CognitoIdentity(identity_id=identity, identity_pool_id=pool)


@frozen(kw_only=True)
class _Job:
    """One run."""

    wanted: _Wanted
    stacks: tuple[Stack, ...]
    chosen: Chosen
    payload: bytes
    client_context: str | None
    cognito_identity: CognitoIdentity | None
    given: Overrides

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of which a change asks for another run."""
        wanted = self.wanted
        named = (event_file(wanted.event), wanted.env_vars, *self.given.layers.values())
        return (
            *files_of(self.stacks, wanted.source),
            *(each.resolve() for each in named if each is not None),
        )


@click.command(short_help="Run one function here with one event.")
@click.argument("function", required=False)
@click.option("-e", "--event", metavar="FILE|-|JSON", help="The event.  [default: {}]")
@click.option("--qualifier", metavar="NAME", help="A version or an alias.  [default: $LATEST]")
@click.option(
    "--invocation-type",
    type=click.Choice(("RequestResponse", "Event", "DryRun"), case_sensitive=False),
    default="RequestResponse",
    show_default=True,
    help="Event: asynchronously, with Lambda's attempts, until it is processed or given up. DryRun: not at all.",
)
@click.option(
    "--client-context", metavar="FILE|JSON", help="What context.client_context has, as of a mobile app."
)
@click.option(
    "--cognito-identity", metavar="ID", help="Who calls, as context.identity has it of a mobile app's user."
)
@click.option("--cognito-pool", metavar="POOL", help="The identity pool that this identity is of.")
@click.option("--tenant-id", metavar="NAME", help="For whom, where the function isolates its tenants.")
@click.option("--watch", is_flag=True, help="Run it again whenever a file changes, until Ctrl-C.")
@click.option("--debug", is_flag=True, help="Wait for a debugger first, and limit neither time nor memory.")
@click.option(
    "--debug-port",
    type=click.IntRange(1, 65_535),
    metavar="PORT",
    help="Where to wait for it.  [default: 5678 for Python, 9229 for Node.js]",
)
@local_options
@source_options
def invoke(
    source: Source,
    function: str | None,
    event: str | None,
    qualifier: str | None,
    invocation_type: InvocationType,
    client_context: str | None,
    cognito_identity: str | None,
    cognito_pool: str | None,
    tenant_id: str | None,
    watch: bool,
    debug: bool,
    debug_port: int | None,
    env_vars: Path | None,
    layers: tuple[str, ...],
    region: str,
    account_id: str,
    account_concurrency: int | None,
    cpu_share: bool,
) -> None:
    """Run FUNCTION with one event in a real process, as Lambda would.

    FUNCTION is its logical id, its name or its ARN; it may be left out where the stack has one function only. Its log
    goes to standard error, its result to standard output. Exit code 0, or 1 where the function failed.
    """
    wanted = _Wanted(
        source=source,
        function=function,
        event=event,
        qualifier=qualifier,
        invocation_type=invocation_type,
        client_context=client_context,
        cognito_identity=cognito_identity,
        cognito_pool=cognito_pool,
        tenant_id=tenant_id,
        debug=debug or debug_port is not None,
        debug_port=debug_port,
        env_vars=env_vars,
        layers=layers,
        region=region,
        account_id=account_id,
        account_concurrency=account_concurrency,
        cpu_share=cpu_share,
    )
    if watch and event == "-":
        raise UsageError(
            "--watch needs the event at every run, and standard input gives it only once.",
            right="Give a file: --event event.json.",
        )
    job = wanted.read()
    gc.enable()
    if watch:
        asyncio.run(_watch(job))
        return
    response = asyncio.run(_run(job))
    _print(response)
    if response.function_error is not None:
        sys.exit(EXIT_FINDINGS)


def _say_wait(seconds: float, failed: int | None) -> None:
    """Say why nothing happens for the next seconds."""
    what = f"Attempt {failed} has failed" if failed is not None else "It was throttled"
    say(f"{what}. The event is tried again in {seconds:g} seconds, as on Lambda. Ctrl-C gives it up.")


def _print(response: Response) -> None:
    """The result, where somebody waited for one."""
    if response.status == 200:
        click.echo(response.payload.decode(errors="replace"))


async def _watch(job: _Job) -> None:
    """Run it now, and anew whenever one of its files has changed, until Ctrl-C."""
    from lambdaform.local.aside import aside
    from lambdaform.local.clock import wall_time
    from lambdaform.local.watch import Watch, mended_in, named_in

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    watch, wanted = Watch(job.files), job.wanted
    while True:
        try:
            response = await _unless(stop, _run(job))
            if response is not None:
                _print(response)
        except LambdaformError as error:
            _say_wrong(error)
        note(_WAITING)
        again: _Job | None = None
        wrong, own = "", {*map(str, job.files)}
        while again is None:
            names = await _unless(stop, watch.change())
            if names is None:
                return
            # What is written beside the files of a stack that is wrong, such as this output, is no news of it by itself.
            is_beside = wrong != "" and own.isdisjoint(names)
            if not is_beside:
                note(what_changed(names))
            began = wall_time()
            try:
                again = await _unless(stop, aside(wanted.read))
            except LambdaformError as error:
                said = "\n".join(error.texts())
                if not is_beside or said != wrong:
                    _say_wrong(error)
                    note(_WAITING)
                wrong, own = said, {*map(str, (*job.files, *named_in(error)))}
                watch.follow((*job.files, *mended_in(error, job.files)), since=began)
            else:
                if is_beside:
                    note(what_changed(names))
        job = again
        watch.follow(job.files, since=began)


def _say_wrong(error: LambdaformError) -> None:
    for text in error.texts():
        say(f"Error: {text}")


async def _unless(stop: asyncio.Event, work: Coroutine[object, object, T]) -> T | None:
    """What the work gives; None, and the work is cancelled, where the event is set before."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


async def _run(job: _Job) -> Response:
    """Run it; what it logs is shown, and kept for ``lambdaform logs``."""
    from lambdaform.local.log_store import FOLDER, LogStore

    with closing(LogStore(FOLDER, say)) as store:

        def log(line: LogLine) -> None:
            store.put(line)
            print_log(line)

        return await _run_once(job, log)


async def _run_once(job: _Job, log: Log) -> Response:
    from lambdaform.local.endpoint.server import Endpoint
    from lambdaform.local.errors import (
        ACCOUNT_LIMIT,
        RESERVED_LIMIT,
        TENANT_MISSING,
        TENANT_UNEXPECTED,
        AwsError,
    )
    from lambdaform.local.front import Request
    from lambdaform.local.service import LocalLambda

    wanted, chosen = job.wanted, job.chosen
    # What the function's stack imports comes from the others of its app.
    together = chosen.stack.app if chosen.stack in chosen.stack.app else (chosen.stack,)
    # Code that is missing matters only where it is this function's, which then says so itself.
    logical_id = chosen.function.logical_id
    assemblies = [local_assembly(stack, wanted.source, lambda _: None, only=logical_id) for stack in together]
    async with LocalLambda(
        chosen.stack.name,
        log=log,
        notice=say,
        region=wanted.region,
        account_id=wanted.account_id,
        profile=chosen.stack.profile,
        overrides=job.given,
        account_concurrency=wanted.account_concurrency,
        cpu_share=wanted.cpu_share,
        # For one event nothing is initialised ahead, and nothing started that others could be forked from.
        provisions=False,
        forks=False,
    ) as service:
        made = service.deploy(*assemblies)
        whole_name = (chosen.deployed_in, logical_id)
        for sentence in made.unused:
            say(sentence)
        for notice in made.notices:
            if (notice.stack, notice.function) == whole_name:
                say(notice.text)
        function = next(
            (each for each in made.functions if (each.stack, each.logical_id) == whole_name), None
        )
        if function is None:
            condition = chosen.function.condition
            which = f"its condition {condition!r}" if condition else "the condition of a stack that it is in"
            raise UsageError(
                f"{logical_id} is not made: {which} does not hold.",
                right="Give the parameters with which it does: --parameter NAME=VALUE.",
            )
        names = [*function.versions, *function.aliases]
        if wanted.qualifier is not None and wanted.qualifier not in names:
            raise UsageError(
                f"{logical_id} has no version or alias {wanted.qualifier!r}.",
                right=did_you_mean(wanted.qualifier, names),
            )
        size, limit = (
            len(base64.b64encode((job.client_context or "").encode())),
            service.front.client_context_limit,
        )
        if size > limit:
            raise UsageError(
                f"The client context has {size} bytes in Base64.", right=f"Lambda takes {limit} at most."
            )
        endpoint = Endpoint.of(service)
        await endpoint.start(0)
        service.endpoint_url = endpoint.url
        try:
            if wanted.debug:
                configuration = service.front.target(function.name, wanted.qualifier).configuration
                service.debug(function.name, port_to_debug(configuration, wanted.debug_port))
            # The whole log is there before the result is printed.
            is_awaited = wanted.invocation_type == "RequestResponse"
            request = Request(
                function_name=function.name,
                payload=job.payload,
                qualifier=wanted.qualifier,
                invocation_type=wanted.invocation_type,
                client_context=job.client_context,
                cognito_identity=job.cognito_identity,
                tenant_id=wanted.tenant_id,
                wants_tail=is_awaited,
            )
            service.queue.on_wait = _say_wait
            response = await service.invoke(request)
            if not is_awaited:
                await service.queue.finish()
            return response
        except AwsError as error:
            # With one event at a time, nothing else leaves no room for it.
            rights = {
                RESERVED_LIMIT: f"{logical_id} has a reserved concurrency of 0: it is switched off.",
                ACCOUNT_LIMIT: f"--account-concurrency {wanted.account_concurrency} leaves no room: give 1 or more.",
                TENANT_MISSING: "Name a tenant: --tenant-id NAME.",
                TENANT_UNEXPECTED: "Leave --tenant-id out.",
            }
            right = rights.get(error.extra.get("Reason", error.message), "")
            raise UsageError(error.message, right=right) from error
        finally:
            endpoint.close()
