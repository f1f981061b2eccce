"""The local Lambda service as one object: made from an assembly, called from Python, from the CLI, over HTTP.

::

    async with LocalLambda("checkout", log=print_line, notice=print) as service:
        service.deploy(assembly)
        response = await service.invoke(Request(function_name="Checkout", payload=b"{}"))

It holds the parts together and has no rules of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from lambdaform.errors import DefinitionError, LocalError
from lambdaform.facts.quotas import quotas
from lambdaform.local import network, nursery, sandbox
from lambdaform.local.account_folder import AccountFolder
from lambdaform.local.admission import Admission
from lambdaform.local.clock import Clock, WallClock
from lambdaform.local.concurrency import Concurrency
from lambdaform.local.control.allocation import Allocation
from lambdaform.local.control.code_store import CodeStore
from lambdaform.local.control.functions import Functions
from lambdaform.local.control.layer import forget_unused_code
from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.control.settling import settle
from lambdaform.local.control.state import State
from lambdaform.local.control.store import Store
from lambdaform.local.control_groups import CPU, PROCESSES, ControlGroups, base_folder
from lambdaform.local.deployed import Deployed
from lambdaform.local.errors import AwsError
from lambdaform.local.front import Accepted, Front, Request, Response
from lambdaform.local.guard import Guard
from lambdaform.local.hosts import Hosts
from lambdaform.local.launch import Settings
from lambdaform.local.leftovers import PREFIX, Ownership, remove_leftovers
from lambdaform.local.logs import Log, LogLine
from lambdaform.local.loopback import Loopbacks
from lambdaform.local.network import Network
from lambdaform.local.nursery import Nurseries
from lambdaform.local.physical import ACCOUNT_ID, Account
from lambdaform.local.pool import Pool
from lambdaform.local.process import is_counted_by_namespace, limits_not_enforced
from lambdaform.local.provisioning.overrides import Overrides
from lambdaform.local.provisioning.provisioner import Provisioned, Provisioner
from lambdaform.local.queue.asynchronous import AsynchronousQueue
from lambdaform.local.queue.dead_letters import DeadLetterFile
from lambdaform.local.queue.journal import Journal
from lambdaform.local.request_rate import RequestRate
from lambdaform.local.response_stream import ResponseStream
from lambdaform.local.scaling import Scaling
from lambdaform.local.services.door import OtherServices
from lambdaform.local.services.forwarding import Forwarding
from lambdaform.local.services.function_logs import FunctionLogs
from lambdaform.local.services.moto_services import MotoServices
from lambdaform.local.sources.function_url.address import host_of
from lambdaform.local.sources.schedule import Schedules
from lambdaform.local.trail import Trail

if TYPE_CHECKING:
    from types import TracebackType

    from lambdaform.synth.assembly import Assembly


def _on_the_loop(notice: Callable[[str], None]) -> Callable[[str], None]:
    """Have notices told by the thread of the loop that runs now, if one does: who takes them may hold logs, as it does."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return notice
    home = threading.get_ident()

    def told(text: str) -> None:
        if threading.get_ident() == home:
            notice(text)
        else:
            loop.call_soon_threadsafe(notice, text)

    return told


def most_environments() -> int:
    """How many environments this machine is asked to hold, unless the user says otherwise."""
    return max(10, 4 * (os.cpu_count() or 1))


class LocalLambda:
    """A Lambda service for one stack. Everything it starts ends with it, and so do its files.

    ``log`` gets every log event, ``notice`` what a person should know; ``state_folder`` is where dead letters
    are kept, and ``account_folder`` where all that is made lasts; without one it is gone with the service.
    ``sandboxed=False`` gives processes real folders even where they could have a view of their own.
    Other AWS services are moto's in this process, or those of the emulator at ``services_url``.
    ``account_concurrency`` is the account's limit where it is not the usual one; ``provisions=False`` leaves
    provisioned concurrency out, and all runs on demand. ``cpu_share`` gives each environment the CPU that its memory
    gets on Lambda, and no more. ``forks=False`` starts each process anew, even where it could be forked from one that has
    loaded the same (`lambdaform.local.nursery`).

    Raises `LocalError` where this machine cannot limit the CPU.
    """

    def __init__(
        self,
        stack_name: str,
        *,
        log: Log,
        notice: Callable[[str], None],
        region: str = "us-east-1",
        account_id: str = ACCOUNT_ID,
        profile: str = "current",
        clock: Clock | None = None,
        seed: int | None = None,
        overrides: Overrides | None = None,
        state_folder: Path = Path(".lambdaform"),
        account_folder: AccountFolder | None = None,
        max_environments: int | None = None,
        account_concurrency: int | None = None,
        services_url: str | None = None,
        provisions: bool = True,
        sandboxed: bool = True,
        cpu_share: bool = False,
        forks: bool = True,
    ) -> None:
        notice = self._for_this_account(_on_the_loop(notice))
        self.account = Account(stack_name, region=region, account_id=account_id)
        self.functions = Functions()
        self.quotas = quotas(profile)
        if account_concurrency is not None:
            self.quotas = evolve(self.quotas, account_concurrency=account_concurrency)
        self._debug_ports: dict[str, int] = {}
        self.clock = clock or WallClock()
        #: Where functions reach the AWS services of this machine; set by whoever serves them.
        self.endpoint_url: str | None = None
        if cpu_share and ControlGroups.available(f"{PREFIX}trial-{os.getpid()}", [CPU]) is None:
            raise LocalError(
                "The CPU share cannot be limited: lambdaform may make no control groups for the CPU here.",
                right="Run it as root on Linux, or leave --cpu-share out.",
            )
        remove_leftovers()
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._ownership = Ownership(self._folder)
        # Somebody else's processes are counted in a user namespace.
        limited = ([PROCESSES] if base_folder(PROCESSES) and os.getuid() == 0 else []) + [CPU] * cpu_share
        groups = ControlGroups.available(self._folder.name, limited)
        self._guard = Guard(self._folder, groups.pattern if groups is not None else "")
        for name in ("environments", "runtimes", "code", "layers", "trial"):
            (self._folder / name).mkdir()
        self._hosts = Hosts(self._folder / "hosts")
        no_view = sandbox.unavailable(self._folder / "trial") if sandboxed else "not wanted"
        # Who may make mounts may make networks.
        self._loopbacks = Loopbacks() if no_view is None else None
        self._nurseries = None
        if forks and nursery.available():
            self._nurseries = Nurseries(
                self._folder / "nurseries" if no_view is None else None,
                groups=groups,
                processes=self.quotas.processes,
                notice=notice,
            )
        logs = FunctionLogs()

        def logged(line: LogLine) -> None:
            logs.put(line)
            log(line)

        self._settings = Settings(
            quotas=self.quotas,
            log=logged,
            folder=self._folder,
            endpoint_url=lambda: self.endpoint_url,
            no_view=no_view,
            watch=self._guard.watch,
            groups=groups,
            shares_cpu=cpu_share,
            networks=self._network,
            debug_port=self._debug_ports.get,
            nurseries=self._nurseries,
        )
        most = max_environments or most_environments()
        self._pool = Pool(self._settings, most=most, clock=self.clock, notice=notice)
        self._concurrency = Concurrency(self.quotas)
        self._scaling = Scaling(self.quotas, region, self.clock.now)
        self.front = Front(
            account=self.account,
            quotas=self.quotas,
            functions=self.functions,
            admission=Admission(self._concurrency, self._scaling, RequestRate(self.quotas, self.clock.now)),
            pool=self._pool,
            chance=random.Random(seed),  # noqa: S311 - a simulation that can be repeated, nothing secret
            now=self.clock.now,
        )
        self.control = ControlPlane(
            State(
                self.account,
                self.quotas,
                self.clock,
                account_folder.store() if account_folder is not None else Store(),
                CodeStore(
                    account_folder.code if account_folder is not None else None,
                    self._folder / "code",
                    notice,
                    shares_files=no_view is None,
                ),
                self.front.new_id,
            )
        )
        settle(self.control.state.store, self.clock.now())
        #: Whoever answers for the other AWS services.
        self.services: OtherServices = (
            Forwarding(services_url, region, notice)
            if services_url is not None
            else MotoServices(self.account, self.front, logs, notice)
        )
        self.front.policies = self.control.policies.statements
        self.control.state.on_change.append(self._name_urls)
        self._name_urls()
        self.control.state.allocation_of = self._allocation_of
        self.control.state.read_object = self.services.read_object
        self.control.state.describe_source = self.services.describe
        self.control.state.network = self.services
        self.control.state.trust_of = self.services.trust_of
        overrides = overrides or Overrides()
        self._deployed = Deployed(
            state=self.control.state,
            overrides=overrides,
            folder=self._folder / "layers",
            functions=self.functions,
            concurrency=self._concurrency,
            scaling=self._scaling,
            pool=self._pool,
            notice=notice,
            provisions=provisions,
        )
        self.notice = notice
        self.trail = Trail(state_folder / "trail.jsonl", notice)
        self._journal = Journal(state_folder / "events")
        dead_letters = DeadLetterFile(state_folder / "dead-letters.jsonl", self.quotas, notice)
        self.queue = AsynchronousQueue(self.front, self.clock, self.quotas, dead_letters, self._journal)
        self.front.queue = self.queue
        self.schedules = Schedules(self.front, self.clock, self.account, notice)
        self._provisioner = Provisioner(self.control, self.account, overrides)

    async def __aenter__(self) -> LocalLambda:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _network(self) -> Network | None:
        return Network(self._loopbacks) if network.unavailable() is None else None

    def limits_not_enforced(self) -> list[str]:
        """What Lambda enforces and this machine does not."""
        settings = self._settings
        counts = settings.groups is not None and settings.groups.counts
        counts = counts or (settings.no_view is None and is_counted_by_namespace())
        return limits_not_enforced(settings.no_view, counts_processes=counts, shares_cpu=settings.shares_cpu)

    def _for_this_account(self, notice: Callable[[str], None]) -> Callable[[str], None]:
        """Have commands that are proposed go to this account, and not to that of the reader's credentials."""

        def told(text: str) -> None:
            if self.endpoint_url is not None:
                text = text.replace("aws lambda add-", f"aws lambda --endpoint-url {self.endpoint_url} add-")
            notice(text)

        return told

    def take_up(self) -> None:
        """Keep ready what earlier runs have left in the account that must be ready ahead of events."""
        self._deployed.start()

    def take_code(self, *assemblies: Assembly) -> None:
        """Unpack the assemblies' code, so that `deploy` finds it; may be called from any thread.

        Raises `CodeChangedError` where it is not what was hashed, and `LocalError` where there is no room.
        """
        for assembly in assemblies:
            for asset in assembly.every_asset.values():
                # What cannot be unpacked is said when it is deployed, if it is.
                with contextlib.suppress(DefinitionError):
                    self.control.state.codes.put_asset(asset)

    def deploy(self, *assemblies: Assembly) -> Provisioned:
        """Make the assemblies' functions, in the place of those of earlier ones; what to tell is in the result.

        Environments of what has changed end after their current event. Raises `DefinitionError`, and leaves
        all as it was, where the template is wrong.
        """
        names, made = self._provisioner.provision(*assemblies)
        self.control.state.tell()
        self.services.take(made.others)
        made.functions += [function for name in names if (function := self.functions.find(name)) is not None]
        self._pool.prepare([each for function in made.functions for each in function.versions.values()])
        return made

    def _allocation_of(self, name: str, qualifier: str) -> Allocation | None:
        function = self.functions.known(name)
        return function.allocations.get(qualifier) if function is not None else None

    def _name_urls(self, _: str = "") -> None:
        """Let functions find the hosts of function URLs."""
        urls = self.control.state.urls.values()
        self._hosts.show(host_of(each.url_id, self.account.region) for each in urls)

    def debug(self, function_name: str, port: int) -> None:
        """Have a function wait for a debugger on a port of this machine, before it is initialised.

        It has one environment at a time then, which nothing limits in time or memory. To be said before its first event.
        """
        self._debug_ports[function_name] = port

    def resume(self) -> None:
        """Go on with the events that earlier services on this state folder had accepted before they were killed."""
        count = 0
        for kept in self._journal.abandoned():
            if isinstance(kept, Path):
                self.notice(f"{kept} is no event that can be read. It stays there.")
                continue
            try:
                target = self.front.target(kept.function_arn, None).of_tenant(kept.tenant_id)
            except AwsError as error:
                self.notice(f"An event waits in {kept.file}: {error.message}")
                continue
            event = Accepted(
                request_id=kept.request_id, payload=kept.payload, target=target, trace_id=kept.trace_id
            )
            self.queue.resume(event, kept.accepted_at, kept.attempts)
            kept.file.unlink(missing_ok=True)
            count += 1
        if count:
            events = "1 event" if count == 1 else f"{count} events"
            self.notice(f"{events} that an earlier run had accepted when it was killed: tried again.")

    async def invoke(self, request: Request, stream: ResponseStream | None = None) -> Response:
        """One invocation; see `Front.invoke`."""
        return await self.front.invoke(request, stream)

    def end_environments(self) -> None:
        """End every environment: the next invocation of each function is a cold start."""
        self._pool.clear()

    async def close(self) -> None:
        """End schedules, events, environments, and remove their files."""
        self.schedules.close()
        self.trail.close()
        await self.queue.close()
        self._pool.close()
        await self._pool.ended()
        if self._nurseries is not None:
            self._nurseries.close()
        if self._loopbacks is not None:
            self._loopbacks.close()
        if self._settings.groups is not None:
            await self._settings.groups.close()
        self.services.close()
        forget_unused_code(self.control.state)
        self.control.state.store.close()
        removals = self._settings.removals
        removals.put(self._folder)
        await removals.ended()
        self._ownership.give_up()
        self._guard.dismiss()
