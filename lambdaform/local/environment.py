"""One execution environment: where one version of a function runs, one event at a time.

::

    NEW ──init──► READY (frozen) ─(restore)─event──► BUSY ──► READY
                    │                         │
                    └───────── close ─► GONE  └─ crash (also of a READY one), timeout, out of memory ─► BROKEN
                                                 BROKEN ──init at next event──► BUSY

It starts the processes when the first event comes, times it, reads what it writes, and turns whatever happens to
it into the answer and the log lines that Lambda gives. It is a state machine that is driven by what happens: the
calls of the Runtime API, the process's output and end, and a timer. Which event goes to which environment is not
decided here.

Source: AWS Lambda Developer Guide, lambda-runtime-environment; deck section B11; answers and log lines recorded
from AWS.
"""

from __future__ import annotations

import asyncio
import math
import socket
import subprocess
import uuid
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Protocol

from lambdaform.local import logs, outcome, platform_events
from lambdaform.local.alarm import Alarm
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.credentials import Credentials
from lambdaform.local.environment_log import EnvironmentLog
from lambdaform.local.errors import restore_hook_failed, snapshot_not_restored
from lambdaform.local.event import Event
from lambdaform.local.extensions import FOLDER, PREFIX, Extensions, FunctionFacts, found_in
from lambdaform.local.http import Connection
from lambdaform.local.launch import Launch, Settings
from lambdaform.local.memory import MemoryUse
from lambdaform.local.metadata import PATH as METADATA_PATH
from lambdaform.local.metadata import Metadata
from lambdaform.local.outcome import Answer, End
from lambdaform.local.phase import Phase
from lambdaform.local.processes import Processes
from lambdaform.local.response_stream import ResponseStream
from lambdaform.local.runtime_api import RuntimeApi
from lambdaform.local.runtime_version import RuntimeVersion
from lambdaform.local.runtimes import Runtime
from lambdaform.local.runtimes.provided import ProvidedRuntime
from lambdaform.local.shutdown import Shutdown
from lambdaform.local.telemetry import PATHS as TELEMETRY_PATHS
from lambdaform.local.variables import CREDENTIALS_PATH

#: The initialisation types, as ``AWS_LAMBDA_INITIALIZATION_TYPE`` names them.
ON_DEMAND, PROVISIONED, SNAP_START = "on-demand", "provisioned-concurrency", "snap-start"
#: How long a function that is debugged may take for anything, in seconds.
_DEBUG_SECONDS = 86_400
#: How often a running process's memory is looked at, in seconds.
_MEMORY_PERIOD = 0.05
#: At most which share of the time it may take to look.
_MEMORY_SHARE = 0.2
#: How late a look may come, in seconds, before an answer may have waited for this process; and how long it then has,
#: at most, to be read.
_LATE, _GRACE = 0.02, 0.5
#: How long an environment must have had nothing to do, in seconds, before its processes are stopped: events that
#: follow each other at once need not wait for them to be woken.
_FREEZE_AFTER = 0.002
#: How many rounds of the loop it takes, at most, to accept a connection that is there and read what came on it.
_LAST_ROUNDS = 8
#: More bytes of an event than surely fit between this process and one that is stopped.
_LARGE = 65_536


class State(Enum):
    """What an environment is doing."""

    NEW = "new"
    INIT = "init"
    RESTORE = "restore"
    READY = "ready"
    BUSY = "busy"
    BROKEN = "broken"
    GONE = "gone"


class Keeper(Protocol):
    """Who gives events to an environment, and is told when it cannot take any for a while."""

    def set_aside(self, environment: ExecutionEnvironment) -> None:
        """One of its processes has crashed while there was nothing to do, and the others end."""

    def take_back(self, environment: ExecutionEnvironment, *, has_served: bool) -> None:
        """They have ended: it begins anew. ``has_served`` says that an event has ended well in it before."""


class ExecutionEnvironment:
    """One environment. `prepare` it, `run` one event after another, `close` it with every process it started."""

    def __init__(
        self,
        configuration: FunctionConfiguration,
        runtime: Runtime,
        settings: Settings,
        initialization_type: str = ON_DEMAND,
        keeper: Keeper | None = None,
    ) -> None:
        self.configuration = configuration
        self.state = State.NEW
        #: When it was made, and last had its event done, by the clock of whoever keeps it.
        self.made_at = self.free_at = 0.0
        #: How long its initialisation took, where an event waited for that.
        self.init_seconds = 0.0
        self._settings = settings
        self._keeper = keeper
        self._is_debugged = settings.debug_port(configuration.function_name) is not None
        self._loop = asyncio.get_running_loop()
        facts = FunctionFacts(
            name=configuration.function_name,
            version=configuration.version,
            handler=configuration.handler,
            account_id=configuration.function_arn.split(":")[4],
        )
        self._extensions = Extensions(
            facts, found_in(configuration.opt), settings.quotas.extensions_max, self._progress
        )
        identifier = uuid.uuid4().hex
        day = utc_text(wall_time())[:10].replace("-", "/")
        log_stream = f"{day}/[{configuration.version}]{identifier}"
        self._log = EnvironmentLog(
            configuration,
            log_stream,
            settings.quotas.log_tail_bytes,
            settings.log,
            self._extensions,
            self._socket_to,
        )
        self._telemetry = self._log.telemetry
        self._is_from_snapshot = initialization_type == SNAP_START
        credentials = Credentials(configuration) if self._is_from_snapshot else None
        metadata = Metadata(configuration.region)
        self._api = RuntimeApi(
            self,
            {
                PREFIX: self._extensions.request,
                **dict.fromkeys(TELEMETRY_PATHS, self._telemetry.request),
                METADATA_PATH: metadata.request,
                **({CREDENTIALS_PATH: credentials.request} if credentials is not None else {}),
            },
            self._extensions.disconnected,
            snap_start=self._is_from_snapshot,
            max_streamed=settings.quotas.payload_streamed_bytes,
        )
        self._flushing: asyncio.Task[None] | None = None
        self._initialization_type = initialization_type
        self._folder: Path = settings.folder / "environments" / identifier
        self._launch = Launch(
            configuration=configuration,
            runtime=runtime,
            settings=settings,
            folder=self._folder,
            log_stream=log_stream,
            initialization_type=initialization_type,
            credentials_token=credentials.token if credentials is not None else None,
            metadata_token=metadata.token,
        )
        self._processes = Processes(self._launch, self._log)
        self._shutdown = Shutdown(
            settings.quotas, self._extensions, self._telemetry, self._processes, self._break
        )
        self._phase: Phase | None = None
        #: The one that was on last.
        self._ended: Phase | None = None
        self._free_since = 0.0
        #: Whose event was on last: what fails afterwards is told with it.
        self._last_request_id = ""
        #: Whether an event has ended well since it was initialised.
        self._has_served = False
        self._watch = Alarm(self._watch_due, self._look)
        self._rest = Alarm(self._rest_due, self._freeze)
        #: Of the current event: its init or restoration, if that counts by itself, and what it has spent on a second
        #: init.
        self._init_ms: float | None = None
        self._restore_ms: float | None = None
        self._spent_ms = 0.0
        self._has_all_cpu = settings.shares_cpu
        #: How long the last phase took.
        self._elapsed_ms = 0.0
        self._memory = MemoryUse(configuration.memory_size, self._processes.all)

    async def prepare(self) -> None:
        """Make the environment's folders and its Runtime API; needed once, before the first event."""
        for name in ("tmp", "root"):
            (self._folder / name).mkdir(parents=True)
        await self._api.start()
        if self._launch.network is not None:
            self._launch.network.runtime_api_port = int(self._api.address.rpartition(":")[2])
        self._settings.watch(f"AWS_LAMBDA_RUNTIME_API={self._api.address}")

    @property
    def _runtime_version(self) -> RuntimeVersion:
        partition, _, region = self.configuration.function_arn.split(":")[1:4]
        return RuntimeVersion.of(self.configuration.runtime, partition, region)

    @property
    def notice(self) -> str | None:
        """What a person should know of how it runs here."""
        return self._launch.notice

    def run(self, event: Event) -> None:
        """Take one event; the environment must be free."""
        self._log.event = event
        self._init_ms, self._restore_ms, self._spent_ms = None, None, 0.0
        if self.state is State.READY:
            self._go_on()
        elif self.state is State.NEW:
            limit = self._ahead_limit if self._is_from_snapshot else self._settings.quotas.init_seconds
            self._init("init", limit, self._after_first_init)
        else:
            self._init("invoke", self.configuration.timeout, self._after_second_init)

    def initialise(self, over: Callable[[End], None]) -> None:
        """Initialise ahead of any event; ``over`` is told how it went.

        The environment must be new, or broken. After a failure it is broken: the next event tries again.
        """
        self._log.event = self._init_ms = None
        self._init("init", self._ahead_limit, lambda end: self._after_init_ahead(end, over))

    @property
    def _ahead_limit(self) -> int:
        """How long an initialisation may take for which no event waits, in seconds."""
        return max(self._settings.quotas.init_seconds_ahead, self.configuration.timeout)

    @property
    def has_snapshot(self) -> bool:
        """Whether it stands where its snapshot was taken, and its first event will restore it."""
        return self._api.has_snapshot

    def _after_init_ahead(self, end: End, over: Callable[[End], None]) -> None:
        if self.state is State.GONE:
            over(end)
            return
        self._say_init(end, "init")
        if end.is_well:
            self._be_ready()
            over(end)
        else:
            self._leave("TIMEOUT" if end.status == "timeout" else "FAILURE", lambda: over(end))

    def _be_ready(self) -> None:
        """Have nothing to do, and so be frozen soon."""
        self.state = State.READY
        self._free_since = self._loop.time()
        self._rest.arm()

    def _init(self, phase: str, limit: float, after: Callable[[End], None]) -> None:
        """Start the processes, and go on once all of them wait, one fails, or ``limit`` seconds have passed."""
        configuration = self.configuration
        self._log.say(
            platform_events.init_start(
                self._runtime_version,
                configuration.function_name,
                configuration.version,
                self._initialization_type,
                phase,
                configuration.memory_size,
            ),
            in_tail=False,
        )
        self.state = State.INIT
        self._has_served = False
        self._memory.begin()
        if phase == "invoke":
            self._limit_cpu()
        self._begin(limit, after)
        for name in self._extensions.external:
            if not self._start_extension(name):
                return
        self._progress()

    def _start_extension(self, name: str) -> bool:
        if len(self._processes.of_extensions) >= self._settings.quotas.extensions_max:
            self._extensions.not_started(name, "TooManyExtensions")
            self._end(outcome.failed("Extension.LaunchError", self._request_id, "ErrTooManyExtensions"))
            return False

        def on_exit(code: int) -> None:
            self._extensions.has_exited(name, code)
            self._shutdown.extension_left()

        try:
            self._processes.start_extension(name, self._api.address, on_exit)
        except (OSError, subprocess.SubprocessError) as error:
            self._end(self._no_extension(name, error))
            return False
        return True

    def _no_extension(self, name: str, error: Exception) -> End:
        """What Lambda says of an extension that could not be started."""
        denied = isinstance(error, PermissionError)
        self._extensions.not_started(name, "PermissionDenied" if denied else "UnknownError")
        if not isinstance(error, OSError) or error.errno is None:
            return outcome.failed("Extension.LaunchError", self._request_id, str(error))
        return outcome.extension_not_started(self._request_id, f"/opt/{FOLDER}/{name}", error.errno)

    def _start_runtime(self) -> None:
        try:
            self._processes.start_runtime(self._api.address, self._on_exit)
        except (OSError, subprocess.SubprocessError) as error:
            runtime = self._launch.runtime
            if isinstance(error, OSError) and isinstance(runtime, ProvidedRuntime):
                self._end(self._no_bootstrap(runtime, error))
            else:
                reason = f"The runtime could not be started: {error}"
                self._end(outcome.failed("Sandbox.Failure", self._request_id, reason))

    def _no_bootstrap(self, runtime: ProvidedRuntime, error: OSError) -> End:
        """What Lambda says of a bootstrap that could not be started."""
        if not runtime.is_there or error.errno is None:
            return outcome.no_bootstrap(self._request_id)
        path = f"{'/opt' if runtime.in_layer else '/var/task'}/{runtime.file}"
        return outcome.bootstrap_not_started(self._request_id, path, error.errno)

    def _progress(self) -> None:
        """Something has happened in the environment: see whether its phase is over."""
        phase = self._phase
        if self._shutdown.is_on:
            return
        exited = self._extensions.exited if self._extensions else None
        if exited is not None and exited.exit_code is not None:
            error_type = self._extensions.reported or "Extension.Crash"
            if phase is not None:
                self._end(outcome.extension_exited(self._request_id, exited.exit_code, error_type))
            elif self.state is State.READY:
                self._fail_at_rest(
                    outcome.extension_exited(self._last_request_id, exited.exit_code, error_type)
                )
        elif phase is not None and self.state is State.INIT:
            if self._processes.runtime is None:
                if self._extensions.have_registered:
                    self._start_runtime()
            elif (
                (self._api.is_waiting or self._api.has_snapshot)
                and self._extensions.are_done
                and not self._ends_by_memory(phase)
            ):
                self._end(End())
        elif phase is not None and self.state is State.RESTORE:
            if self._api.is_waiting:
                self._end(End())
        elif (
            phase is not None
            and phase.answer is not None
            and self._api.is_waiting
            and self._extensions.are_done
        ):
            self._end(End(answer=phase.answer))

    def _say_init(self, end: End, phase: str) -> None:
        """What the platform says of an initialisation that is over, unless whoever runs it had enough."""
        if self.state is State.GONE:
            return
        self._log.say_init(self._initialization_type, phase, end, self._elapsed_ms)
        self._extensions.close_registration()
        self._telemetry.close_subscription()

    def _after_first_init(self, end: End) -> None:
        self._say_init(end, "init")
        elapsed = self._elapsed_ms
        self.init_seconds = elapsed / 1000
        if end.is_well:
            self._init_ms = None if self._is_from_snapshot else elapsed
            self._go_on()
            return
        if self.state is State.GONE:
            self._finish(end, elapsed)
            return
        self._leave("TIMEOUT" if end.status == "timeout" else "FAILURE", self._init_again)

    def _init_again(self) -> None:
        """What failed is tried once more, as part of the event and under the function's timeout."""
        if self.state is State.GONE:
            self._finish(self._was_closed, 0.0)
        else:
            self._init("invoke", self.configuration.timeout, self._after_second_init)

    def _after_second_init(self, end: End) -> None:
        self._spent_ms = self._elapsed_ms
        self._say_init(end, "invoke")
        if end.is_well:
            self._go_on()
            return
        if self.state is not State.GONE:
            self._log.say_start()
        self._finish(end, self._spent_ms)

    def _go_on(self) -> None:
        """Hand the event over, after the environment was restored if it stands at its snapshot."""
        if self._api.has_snapshot:
            self._restore()
        else:
            self._invoke()

    def _restore(self) -> None:
        """Let the runtime go on from where its snapshot was taken, and run its hooks."""
        configuration = self.configuration
        self.state = State.RESTORE
        self._processes.thaw()
        self._log.say(
            platform_events.restore_start(
                self._runtime_version,
                configuration.function_name,
                configuration.version,
                configuration.memory_size,
            )
        )
        self._begin(self._settings.quotas.snapstart_restore_seconds, self._after_restore)
        self._api.restore()

    def _after_restore(self, end: End) -> None:
        event, elapsed = self._log.event, self._elapsed_ms
        assert event is not None
        if self.state is State.GONE:
            self._finish(end, elapsed)
            return
        status, error_type = end.status or "success", end.error_type if end.status == "error" else None
        self._log.say(platform_events.restore_runtime_done(status, error_type))
        self._log.say(platform_events.restore_report(status, error_type, elapsed))
        if end.is_well:
            self._restore_ms = elapsed
            self._invoke()
            return
        self._log.event = None
        timed_out = end.status == "timeout"
        event.refuse(snapshot_not_restored() if timed_out else restore_hook_failed())
        self._leave("TIMEOUT" if timed_out else "FAILURE", event.over)

    def _invoke(self) -> None:
        """Hand the event over, and go on once the runtime asks for the next, ends, or the time is up."""
        event = self._log.event
        assert event is not None
        self.state = State.BUSY
        if self._has_all_cpu:
            self._limit_cpu()
        limit = _DEBUG_SECONDS if self._is_debugged else self.configuration.timeout - self._spent_ms / 1000
        deadline_ms = int((wall_time() + limit) * 1000)
        if len(event.payload) > _LARGE:
            # It goes on only as it is read.
            self._processes.thaw()
        self._api.hand_over(event, deadline_ms, self.configuration.tenant_id)
        # With the event there already, a runtime wakes once. It works on it meanwhile; nothing of it is read before we
        # are back.
        self._processes.thaw()
        self._begin(limit, self._after_invoke)
        self._log.say_start()
        if self._extensions:
            self._extensions.invoke(
                {
                    "eventType": "INVOKE",
                    "deadlineMs": deadline_ms,
                    "requestId": event.request_id,
                    "invokedFunctionArn": event.function_arn,
                    "tracing": platform_events.tracing(event.trace_id),
                }
            )

    def _limit_cpu(self) -> None:
        """Have the function's share of the CPU; for initialisation ahead of an event Lambda gives more."""
        self._has_all_cpu = False
        self._launch.limit_cpu()

    def _after_invoke(self, end: End) -> None:
        self._finish(end, self._spent_ms + self._elapsed_ms)

    def _finish(self, end: End, duration_ms: float) -> None:
        """Write the last lines of the event, let its caller have the answer, and be free for the next."""
        event, configuration, quotas = self._log.event, self.configuration, self._settings.quotas
        assert event is not None
        if self.state is State.GONE:
            # Lambda ends none that is busy, and so its log has no words for it.
            self._processes.kill_runtime()
            self._log.event = None
            event.hand_out(end.answer)
            event.over()
            return
        used = self._memory_used(end)
        self._last_request_id = event.request_id
        if end.status == "timeout":
            duration_ms = configuration.timeout * 1000.0
            self._log.say_timeout()
        if not end.is_well and (end.status != "timeout" or not self._extensions):
            self._processes.kill_runtime()
        self._log.say_end(end, self._ended, self._elapsed_in_event)
        restored_ms = math.ceil(self._restore_ms) if self._restore_ms is not None else 0
        billed = logs.billed(
            duration_ms + restored_ms,
            self._init_ms,
            quotas.billing_granularity_ms,
            init_is_billed=quotas.init_is_billed,
        )
        spent = logs.Spent(
            duration_ms, billed, configuration.memory_size, used, self._init_ms, self._restore_ms
        )
        self._log.say_report(end, spent, self._ended, self._elapsed_ms)
        self._log.event = None
        event.hand_out(end.answer)
        if end.is_well:
            self.state = State.READY
            self._has_served = True
            self._free_since = self._loop.time()
            event.over()
            # Unless the next event is here already.
            if self.state is State.READY:
                self._rest.arm()
        else:
            self._leave("TIMEOUT" if end.status == "timeout" else "FAILURE", event.over)

    def _begin(self, limit: float, after: Callable[[End], None]) -> None:
        now = self._loop.time()
        if self._is_debugged:
            limit = _DEBUG_SECONDS
        # Until they were stopped, the processes ran.
        self._memory.rested(min(now - self._free_since, 2 * _FREEZE_AFTER))
        self._phase = Phase(now, now + max(limit, 0), after, now, now)
        self._watch.arm()

    def _end(self, end: End) -> None:
        """The phase that is under way is over."""
        phase, self._phase = self._phase, None
        if phase is None:
            return
        self._ended = phase
        self._processes.flush()
        now = self._loop.time()
        self._memory.ran(now - phase.measured)
        self._elapsed_ms = (now - phase.started) * 1000
        if phase.answer is not None and end.answer is not phase.answer:
            end = end.answered(phase.answer)
        phase.after(end)

    def _watch_due(self) -> float | None:
        phase = self._phase
        return None if phase is None else min(phase.looked + _MEMORY_PERIOD, phase.deadline)

    def _look(self) -> None:
        """Look at the time and the memory now and then, while a phase is under way."""
        phase = self._phase
        assert phase is not None
        looking = phase.looked = self._loop.time()
        late = looking - phase.deadline
        if late > _LATE and not phase.has_grace:
            phase.has_grace = True
            phase.deadline = looking + min(late, _GRACE)
        elif late >= -0.001:
            self._end(outcome.timed_out(self._request_id, self.configuration.timeout))
        elif not self._is_debugged and self._memory.is_too_much:
            self._processes.kill_runtime()
            self._end(outcome.out_of_memory(self._request_id))
        else:
            # Where there are a thousand processes to look at, that is not all that is done.
            phase.looked += (self._loop.time() - looking) / _MEMORY_SHARE

    def _rest_due(self) -> float | None:
        runtime = self._processes.runtime
        is_frozen = runtime is None or runtime.frozen or self._flushing is not None
        rests = self.state is State.READY and not self._shutdown.is_on and not is_frozen
        # A debugger wants its answers between two events, too.
        rests = rests and not self._is_debugged
        return self._free_since + _FREEZE_AFTER if rests else None

    def _freeze(self) -> None:
        if self._telemetry.has_kept and self._flushing is None:
            # What is kept for subscribers is delivered while they can still take it.
            self._flushing = asyncio.ensure_future(self._telemetry.flush())
            self._flushing.add_done_callback(self._flushed)
        elif self._flushing is None:
            self._stop()

    def _flushed(self, _task: asyncio.Task[None]) -> None:
        # Whether or not it was taken: what is left is delivered with the next event.
        self._flushing = None
        if self.state is State.READY and not self._shutdown.is_on:
            self._stop()

    def _stop(self) -> None:
        self._processes.freeze()
        self._memory.read_at_rest()

    def _memory_used(self, end: End) -> int:
        if end.error_type == "Runtime.OutOfMemory":
            return self.configuration.memory_size
        return self._memory.reported(is_running=self._processes.runtime is not None)

    def _ends_by_memory(self, phase: Phase) -> bool:
        """End the phase that is on if it has had too much memory."""
        phase.measured = self._loop.time()
        if not self._memory.was_too_much() or self._is_debugged:
            return False
        self._processes.kill_runtime()
        self._end(outcome.out_of_memory(self._request_id))
        return True

    def on_next(self) -> None:
        """The runtime waits: it is initialised, or done with the event that it has answered."""
        phase, event = self._phase, self._log.event
        if phase is not None and event is not None and phase.answer is not None and self._log.is_told_all:
            phase.done = self._loop.time()
            self._elapsed_ms = (phase.done - phase.started) * 1000
            if self._processes.runtime is not None:
                # What the function has said comes before that it is done.
                self._processes.runtime.drain()
            self._log.say_done(End(answer=phase.answer), phase, self._elapsed_in_event)
        self._progress()

    def on_response(self, payload: bytes, streamed: int | None = None) -> None:
        """The function returned; the phase goes on until the runtime waits for the next event."""
        self._answered(outcome.returned(payload, streamed))

    def on_stream(self, connection: Connection, content_type: str) -> ResponseStream | None:
        """The function begins to stream; what takes it, if its caller does."""
        stream = self._log.event.stream if self._log.event is not None else None
        if self._phase is not None:
            self._phase.responding = self._loop.time()
        if stream is not None:
            stream.begin(connection, content_type)
        return stream

    def on_invalid_mode(self) -> None:
        """The function returned in a way that there is not."""
        self._answered(outcome.invalid_mode(self._request_id))

    def on_truncated(self) -> None:
        """The function's stream broke off; whether its process goes on is seen by itself."""
        self._answered(outcome.truncated(self._request_id))

    def on_error(self, payload: bytes, error_type: str) -> None:
        """The function raised."""
        self._answered(outcome.raised(payload, error_type))

    def on_too_large(self, limit: int) -> None:
        """The function returned more than Lambda carries."""
        self._answered(outcome.too_large(limit))

    def on_snapshot(self) -> None:
        """The runtime stands where its snapshot is taken."""
        self._progress()

    def on_restore_error(self, error_type: str) -> None:
        """A hook of the function failed while the runtime was restored; its own words are in the log."""
        if self.state is State.RESTORE:
            self._end(outcome.failed(error_type, self._request_id, "The runtime could not be restored"))

    def on_init_error(self, payload: bytes, error_type: str) -> None:
        """The runtime could not initialise; its own words are the answer."""
        if self.state is State.INIT:
            self._end(outcome.init_failed(payload, error_type))

    def _answered(self, answer: Answer) -> None:
        event, phase = self._log.event, self._phase
        if event is None or phase is None or phase.answer is not None:
            return
        now = self._loop.time()
        if self._memory.is_to_be_read(now - phase.started) and self._ends_by_memory(phase):
            return
        phase.answer, phase.answered = answer, now
        event.hand_out(answer)

    def _on_exit(self, code: int) -> None:
        runtime = self._processes.runtime
        if runtime is not None:
            self._memory.ended(runtime.held_at_end_mb)
        phase = self._phase
        if phase is not None:
            self._exited(phase, code, _LAST_ROUNDS)
        elif self._shutdown.is_on:
            self._shutdown.runtime_left()
        elif runtime is not None:
            self._fail_at_rest(outcome.exited(self._last_request_id, code, self._exit_type))

    def _exited(self, phase: Phase, code: int, rounds: int) -> None:
        """The runtime has ended; what it sent before is read first, in so many rounds of the loop."""
        if phase is not self._phase:
            # By what was read the phase has ended well, and with it the environment has not.
            runtime = self._processes.runtime
            if runtime is not None and runtime.has_exited:
                self._on_exit(code)
            return
        if phase.answer is None and rounds:
            self._loop.call_soon(self._exited, phase, code, rounds - 1)
        else:
            self._end(outcome.exited(self._request_id, code, self._exit_type))

    @property
    def _exit_type(self) -> str:
        return self._extensions.reported or "Runtime.ExitError"

    def _fail_at_rest(self, end: End) -> None:
        """A process has ended though there was nothing to do: said, and told, as where there is an event."""
        self._processes.flush()
        self._log.say(platform_events.fault(self._last_request_id, end.error_type, end.log))
        if self._keeper is not None:
            self._keeper.set_aside(self)
        self._leave("FAILURE", self._recovered)

    def _recovered(self) -> None:
        if self._keeper is not None and self.state is not State.GONE:
            self._keeper.take_back(self, has_served=self._has_served)

    def _socket_to(self, port: int) -> socket.socket | None:
        """A socket for whoever listens on a port of the environment's own network."""
        return self._launch.network.socket_to(port) if self._launch.network is not None else None

    @property
    def _elapsed_in_event(self) -> float:
        """How long the event has taken that was on, in milliseconds; nothing where it never came to the function."""
        return self._elapsed_ms if self.state is State.BUSY else 0.0

    @property
    def _was_closed(self) -> End:
        return outcome.failed("Sandbox.Failure", self._request_id, "The environment was closed")

    @property
    def _request_id(self) -> str:
        return self._log.event.request_id if self._log.event is not None else ""

    def _break(self) -> None:
        """End all processes; the next event starts others. ``/tmp`` stays."""
        self._processes.kill()
        self._extensions.reset()
        self._telemetry.reset()
        self._api.reset()
        if self.state is not State.GONE:
            self.state = State.BROKEN

    def _leave(self, reason: str, then: Callable[[], None]) -> None:
        """End all processes, then go on. Extensions are told the reason, and have time; all else is killed."""
        self._api.give_up()
        self._processes.thaw()
        if self._extensions:
            self._shutdown.begin(reason, then)
        else:
            self._break()
            then()

    @property
    def takes_time_to_end(self) -> bool:
        """Whether there are extensions that must be told, so that `end` is the right way."""
        return self.state is State.READY and bool(self._extensions)

    async def end(self) -> None:
        """End the environment as Lambda does one that is not needed: extensions are told, then all is closed."""
        if self.takes_time_to_end:
            await self._telemetry.flush()
            left = asyncio.Event()
            if self._shutdown.is_on:
                # They are told already.
                self._shutdown.then = left.set
            else:
                self._leave("SPINDOWN", left.set)
            await left.wait()
        self.close()

    def close(self) -> None:
        """End all processes and all they started, and answer an event that is under way; the files go beside the loop."""
        self.state = State.GONE
        self._shutdown.end()
        if self._phase is not None:
            self._end(self._was_closed)
        self._shutdown.end()
        self._break()
        for alarm in (self._watch, self._rest):
            alarm.close()
        self._api.close()
        self._launch.close()
