"""One execution environment: where one version of a function runs, one event at a time.

::

    NEW ──init──► READY (frozen) ─(restore)─event──► BUSY ──► READY
                    │                         │
                    └───────── close ─► GONE  └─ crash, timeout, out of memory ─► BROKEN ──init at next event──► BUSY

It starts the process when the first event comes, times it, reads what it writes, and turns whatever happens to
it into the answer and the log lines that Lambda gives. It is a state machine that is driven by what happens: the
calls of the Runtime API, the process's output and end, and a timer. Which event goes to which environment is not
decided here.

Source: AWS Lambda Developer Guide, lambda-runtime-environment; deck section B11; answers and log lines recorded
from AWS.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Protocol

from attrs import define

from lambdaform.local import logs, outcome, platform_events, tracing
from lambdaform.local.alarm import Alarm
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.credentials import Credentials
from lambdaform.local.errors import AwsError, restore_hook_failed, snapshot_not_restored
from lambdaform.local.extensions import PREFIX, Extensions, FunctionFacts, found_in
from lambdaform.local.http import Connection, Request
from lambdaform.local.launch import Launch, Settings
from lambdaform.local.logs import LogLine
from lambdaform.local.outcome import Answer, End
from lambdaform.local.output import Output
from lambdaform.local.platform_events import PlatformEvent
from lambdaform.local.process import Process
from lambdaform.local.response_stream import ResponseStream
from lambdaform.local.runtime_api import Invocation, RuntimeApi
from lambdaform.local.runtimes import Runtime
from lambdaform.local.runtimes.provided import ProvidedRuntime
from lambdaform.local.telemetry import PATHS as TELEMETRY_PATHS
from lambdaform.local.telemetry import Telemetry
from lambdaform.local.variables import CREDENTIALS_PATH

#: The initialisation types, as ``AWS_LAMBDA_INITIALIZATION_TYPE`` names them.
ON_DEMAND, PROVISIONED, SNAP_START = "on-demand", "provisioned-concurrency", "snap-start"
#: How long a function that is debugged may take for anything, in seconds.
_DEBUG_SECONDS = 86_400
#: How often a running process's memory is looked at, in seconds.
_MEMORY_PERIOD = 0.05
#: At most which share of the time it may take to look.
_MEMORY_SHARE = 0.2
#: Reading the highest use of memory costs as much as an event. It is read after one that took so long, in seconds, and
#: once shorter ones have together taken so long.
_MEMORY_ONE, _MEMORY_SUM = 0.005, 0.05
#: The runtime's share of the time that an environment with extensions has to end
#: (aws-lambda-runtime-interface-emulator, rapid/shutdown.go).
_RUNTIME_SHARE = 0.3
#: How long an environment must have had nothing to do, in seconds, before its processes are stopped: events that
#: follow each other at once need not wait for them to be woken.
_FREEZE_AFTER = 0.002
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


class Watcher(Protocol):
    """Who is told how an event goes."""

    def answered(self, answer: Answer) -> None:
        """The function has answered; told once."""

    def refused(self, error: AwsError) -> None:
        """The event never came to the function; told once, in the place of an answer."""

    def over(self) -> None:
        """The environment is free again."""


@define(kw_only=True, eq=False)
class Event:
    """One event on its way through an environment.

    ``tail`` collects the last 4 KB of the event's log where somebody wants it, ``stream`` takes what the function
    streams, where its caller takes that.
    """

    request_id: str
    payload: bytes
    function_arn: str
    trace_id: str
    client_context: str | None = None
    cognito_identity: str | None = None
    tail: bytearray | None = None
    stream: ResponseStream | None = None
    watcher: Watcher | None = None
    _is_told: bool = False

    def hand_out(self, answer: Answer | None) -> None:
        """Let the caller have the answer, if there is one and it has not been given yet."""
        if answer is not None and not self._is_told:
            self._is_told = True
            if self.stream is not None:
                self.stream.end()
            if self.watcher is not None:
                self.watcher.answered(answer)

    def refuse(self, error: AwsError) -> None:
        """The event never came to the function: let the caller have Lambda's error."""
        if not self._is_told:
            self._is_told = True
            if self.watcher is not None:
                self.watcher.refused(error)

    def over(self) -> None:
        """The environment is free again."""
        if self.watcher is not None:
            self.watcher.over()


@define(eq=False)
class _Phase:
    """An init or invoke phase under way: when it began and must end (in the loop's time), and what comes after."""

    started: float
    deadline: float
    after: Callable[[End], None]
    looked: float
    answer: Answer | None = None


class ExecutionEnvironment:
    """One environment. `prepare` it, `run` one event after another, `close` it with every process it started."""

    def __init__(
        self,
        configuration: FunctionConfiguration,
        runtime: Runtime,
        settings: Settings,
        initialization_type: str = ON_DEMAND,
    ) -> None:
        self.configuration = configuration
        self.state = State.NEW
        #: When it was made, and last had its event done, by the clock of whoever keeps it.
        self.made_at = self.free_at = 0.0
        self._settings = settings
        self._in_text = configuration.log_format != "JSON"
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
        self._telemetry = Telemetry(self._say, self._socket_to)
        self._is_from_snapshot = initialization_type == SNAP_START
        credentials = Credentials(configuration) if self._is_from_snapshot else None
        self._api = RuntimeApi(
            self,
            {
                PREFIX: self._extensions.request,
                **dict.fromkeys(TELEMETRY_PATHS, self._subscribe),
                **({CREDENTIALS_PATH: credentials.request} if credentials is not None else {}),
            },
            self._extensions.disconnected,
            snap_start=self._is_from_snapshot,
            max_streamed=settings.quotas.payload_streamed_bytes,
        )
        self._extension_processes: dict[str, Process] = {}
        self._runtime_output = Output(self._write_function)
        self._extension_outputs: list[Output] = []
        self._when_left: Callable[[], None] | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._leave_reason, self._leave_until = "", 0.0
        self._flushing: asyncio.Task[None] | None = None
        self._initialization_type = initialization_type
        identifier = uuid.uuid4().hex
        self._folder: Path = settings.folder / "environments" / identifier
        day = utc_text(wall_time())[:10].replace("-", "/")
        self._log_stream = f"{day}/[{configuration.version}]{identifier}"
        self._launch = Launch(
            configuration=configuration,
            runtime=runtime,
            settings=settings,
            folder=self._folder,
            log_stream=self._log_stream,
            initialization_type=initialization_type,
            credentials_token=credentials.token if credentials is not None else None,
        )
        self._process: Process | None = None
        self._phase: _Phase | None = None
        self._free_since = 0.0
        self._watch = Alarm(self._watch_due, self._look)
        self._rest = Alarm(self._rest_due, self._freeze)
        self._event: Event | None = None
        #: Of the current event: its init or restoration, if that counts by itself, and what it has spent on a second
        #: init.
        self._init_ms: float | None = None
        self._restore_ms: float | None = None
        self._spent_ms = 0.0
        self._has_all_cpu = settings.shares_cpu
        #: How long the last phase took.
        self._elapsed_ms = 0.0
        self._memory_mb = 0
        #: For how long its processes may have run since their memory was read, in seconds.
        self._unmeasured = math.inf

    async def prepare(self) -> None:
        """Make the environment's folders and its Runtime API; needed once, before the first event."""
        for name in ("tmp", "root"):
            (self._folder / name).mkdir(parents=True)
        await self._api.start()
        if self._launch.network is not None:
            self._launch.network.runtime_api_port = int(self._api.address.rpartition(":")[2])
        self._settings.watch(f"AWS_LAMBDA_RUNTIME_API={self._api.address}")

    @property
    def notice(self) -> str | None:
        """What a person should know of how it runs here."""
        return self._launch.notice

    def run(self, event: Event) -> None:
        """Take one event; the environment must be free."""
        self._event, self._init_ms, self._restore_ms, self._spent_ms = event, None, None, 0.0
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
        self._event, self._init_ms = None, None
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
        self._say(
            platform_events.init_start(
                configuration.runtime,
                configuration.function_name,
                configuration.version,
                self._initialization_type,
                phase,
                configuration.memory_size,
            )
        )
        self.state = State.INIT
        if phase == "invoke":
            self._limit_cpu()
        self._begin(limit, after)
        for name in self._extensions.external:
            if not self._start_extension(name):
                return
        self._progress()

    def _start_extension(self, name: str) -> bool:
        def on_exit(_code: int) -> None:
            self._extensions.has_exited(name)
            if self._when_left is not None and self._process is None and self._have_extensions_exited:
                self._left()

        try:
            output = Output(self._write_extension)
            self._extension_outputs.append(output)
            process = self._launch.start_extension(name, self._api.address, output.take, on_exit)
        except (OSError, subprocess.SubprocessError) as error:
            self._end(outcome.failed("Extension.LaunchError", self._request_id, f"{name}: {error}"))
            return False
        self._extension_processes[name] = process
        return True

    def _start_runtime(self) -> None:
        try:
            self._runtime_output = output = Output(self._write_function)
            self._process = self._launch.start(self._api.address, output.take, self._on_exit)
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
        if self._when_left is not None:
            return
        failed = self._extensions.failed if self._extensions else None
        if failed is not None:
            if phase is not None:
                self._end(
                    outcome.extension_failed(self._request_id, failed.name, failed.state, failed.error_type)
                )
            elif self.state is State.READY:
                self._break()
        elif phase is not None and self.state is State.INIT:
            if self._process is None:
                if self._extensions.have_registered:
                    self._start_runtime()
            elif (self._api.is_waiting or self._api.has_snapshot) and self._extensions.are_done:
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
        kind, status = self._initialization_type, end.status or "success"
        error_type = end.error_type if status == "error" else None
        self._say(platform_events.init_runtime_done(kind, phase, status, error_type))
        for each in self._extensions:
            state = each.state.value if each.has_failed else "Ready"
            self._say(platform_events.extension(each.name, state, each.events, each.error_type))
        self._say(platform_events.init_report(kind, phase, status, error_type, self._elapsed_ms))
        self._extensions.close_registration()
        self._telemetry.close_subscription()

    def _after_first_init(self, end: End) -> None:
        self._say_init(end, "init")
        elapsed = self._elapsed_ms
        if end.is_well:
            self._init_ms = None if self._is_from_snapshot else elapsed
            self._go_on()
            return
        if self.state is State.GONE:
            self._finish(end, elapsed)
            return
        self._break()
        # What failed is tried once more, as part of the event and under the function's timeout.
        self._init("invoke", self.configuration.timeout, self._after_second_init)

    def _after_second_init(self, end: End) -> None:
        self._spent_ms = self._elapsed_ms
        if end.is_well or end.status == "error":
            self._say_init(end, "invoke")
        if end.is_well:
            self._go_on()
            return
        if self.state is not State.GONE:
            self._write_start()
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
        for process in self._processes():
            process.thaw()
        self._say(
            platform_events.restore_start(
                configuration.runtime,
                configuration.function_name,
                configuration.version,
                configuration.memory_size,
            )
        )
        self._begin(self._settings.quotas.snapstart_restore_seconds, self._after_restore)
        self._api.restore()

    def _after_restore(self, end: End) -> None:
        event, elapsed = self._event, self._elapsed_ms
        assert event is not None
        if self.state is State.GONE:
            self._finish(end, elapsed)
            return
        status, error_type = end.status or "success", end.error_type if end.status == "error" else None
        self._say(platform_events.restore_runtime_done(status, error_type))
        self._say(platform_events.restore_report(status, error_type, elapsed))
        if end.is_well:
            self._restore_ms = elapsed
            self._invoke()
            return
        self._event = None
        timed_out = end.status == "timeout"
        event.refuse(snapshot_not_restored() if timed_out else restore_hook_failed())
        self._leave("TIMEOUT" if timed_out else "FAILURE", event.over)

    def _invoke(self) -> None:
        """Hand the event over, and go on once the runtime asks for the next, ends, or the time is up."""
        event = self._event
        assert event is not None
        assert self._process is not None
        self.state = State.BUSY
        if self._has_all_cpu:
            self._limit_cpu()
        limit = _DEBUG_SECONDS if self._is_debugged else self.configuration.timeout - self._spent_ms / 1000
        deadline_ms = int((wall_time() + limit) * 1000)
        if len(event.payload) > _LARGE:
            # It goes on only as it is read.
            self._thaw()
        self._api.hand_over(
            Invocation(
                request_id=event.request_id,
                payload=event.payload,
                deadline_ms=deadline_ms,
                function_arn=event.function_arn,
                trace_id=event.trace_id,
                client_context=event.client_context,
                cognito_identity=event.cognito_identity,
                tenant_id=self.configuration.tenant_id,
            )
        )
        # With the event there already, a runtime wakes once. It works on it meanwhile; nothing of it is read before we
        # are back.
        self._thaw()
        self._begin(limit, self._after_invoke)
        self._write_start()
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

    def _thaw(self) -> None:
        for process in self._processes():
            process.thaw()

    def _after_invoke(self, end: End) -> None:
        self._finish(end, self._spent_ms + self._elapsed_ms)

    def _finish(self, end: End, duration_ms: float) -> None:
        """Write the last lines of the event, let its caller have the answer, and be free for the next."""
        event, configuration, quotas = self._event, self.configuration, self._settings.quotas
        assert event is not None
        if self.state is State.GONE:
            # Lambda ends none that is busy, and so its log has no words for it.
            self._kill_runtime()
            self._event = None
            event.hand_out(end.answer)
            event.over()
            return
        used = self._memory_used(end)
        if end.status == "timeout":
            duration_ms = configuration.timeout * 1000.0
            if self._in_text:
                words = f"Task timed out after {configuration.timeout:.2f} seconds"
                self._write(f"{utc_text(wall_time())} {event.request_id} {words}\n")
        if not end.is_well and (end.status != "timeout" or not self._extensions):
            self._kill_runtime()
        if self._in_text:
            if end.log is not None:
                self._write(end.log)
            self._write(logs.end(event.request_id))
        restored_ms = math.ceil(self._restore_ms) if self._restore_ms is not None else 0
        billed = logs.billed(
            duration_ms + restored_ms,
            self._init_ms,
            quotas.billing_granularity_ms,
            init_is_billed=quotas.init_is_billed,
        )
        status = _status(end)
        spent = logs.Spent(
            duration_ms, billed, configuration.memory_size, used, self._init_ms, self._restore_ms
        )
        xray = tracing.log_line(event.trace_id) if configuration.tracing_mode == "Active" else None
        text = platform_events.report_text(event.request_id, spent, status, end.error_type, xray=xray)
        if self._is_told_all:
            self._say(
                platform_events.report(
                    event.request_id, spent, status, end.error_type, trace_id=event.trace_id, text=text
                )
            )
        else:
            self._write(text)
        self._event = None
        event.hand_out(end.answer)
        if end.is_well:
            self.state = State.READY
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
        self._unmeasured += min(now - self._free_since, 2 * _FREEZE_AFTER)
        self._phase = _Phase(now, now + max(limit, 0), after, now)
        self._watch.arm()

    def _end(self, end: End) -> None:
        """The phase that is under way is over."""
        phase, self._phase = self._phase, None
        if phase is None:
            return
        for process in self._processes():
            process.drain()
        self._runtime_output.flush()
        for output in self._extension_outputs:
            output.flush()
        elapsed = self._loop.time() - phase.started
        self._unmeasured += elapsed if elapsed < _MEMORY_ONE else math.inf
        self._elapsed_ms = elapsed * 1000
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
        if looking >= phase.deadline - 0.001:
            self._end(outcome.timed_out(self._request_id, self.configuration.timeout))
        elif not self._is_debugged and self._is_out_of_memory:
            self._kill_runtime()
            self._end(outcome.out_of_memory(self._request_id))
        else:
            # Where there are a thousand processes to look at, that is not all that is done.
            phase.looked += (self._loop.time() - looking) / _MEMORY_SHARE

    @property
    def _is_out_of_memory(self) -> bool:
        limit, processes = self.configuration.memory_size, self._processes()
        return (
            sum(each.memory_mb() for each in processes) > limit
            and sum(each.memory_mb(shared_once=True) for each in processes) > limit
        )

    def _rest_due(self) -> float | None:
        is_frozen = self._process is None or self._process.frozen or self._flushing is not None
        rests = self.state is State.READY and self._when_left is None and not is_frozen
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
        if self.state is State.READY and self._when_left is None:
            self._stop()

    def _stop(self) -> None:
        for process in self._processes():
            process.freeze()

    def _memory_used(self, end: End) -> int:
        most = self.configuration.memory_size
        if end.error_type == "Runtime.OutOfMemory":
            return most
        if self._process is not None and self._unmeasured >= _MEMORY_SUM:
            self._memory_mb = sum(each.peak_memory_mb() for each in self._processes())
            self._unmeasured = 0.0
        return max(min(self._memory_mb, most), 1)

    def on_next(self) -> None:
        """The runtime waits: it is initialised, or done with the event that it has answered."""
        phase, event = self._phase, self._event
        if phase is not None and event is not None and phase.answer is not None and self._is_told_all:
            answer, elapsed = phase.answer, (self._loop.time() - phase.started) * 1000
            status = "error" if answer.function_error is not None else "success"
            size = len(answer.payload) if answer.streamed is None else answer.streamed
            self._say(
                platform_events.runtime_done(
                    event.request_id, status, answer.error_type, elapsed, size, event.trace_id
                )
            )
        self._progress()

    def on_response(self, payload: bytes, streamed: int | None = None) -> None:
        """The function returned; the phase goes on until the runtime waits for the next event."""
        self._answered(outcome.returned(payload, streamed))

    def on_stream(self, connection: Connection, content_type: str) -> ResponseStream | None:
        """The function begins to stream; what takes it, if its caller does."""
        stream = self._event.stream if self._event is not None else None
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
        event, phase = self._event, self._phase
        if event is not None and phase is not None and phase.answer is None:
            phase.answer = answer
            event.hand_out(answer)

    def _on_exit(self, code: int) -> None:
        if self._phase is not None:
            self._end(outcome.exited(self._request_id, code))
        elif self._when_left is not None:
            self._runtime_left()
        elif self._process is not None:
            self._break()

    def _write_function(self, text: str) -> None:
        self._write(text, "function")

    def _write_extension(self, text: str) -> None:
        self._write(text, "extension")

    def _subscribe(self, connection: Connection, request: Request) -> None:
        """One request to the Telemetry or Logs API."""
        extension = self._extensions.known(connection, request)
        if extension is not None:
            self._telemetry.subscribe(connection, request, extension.name)

    def _socket_to(self, port: int) -> socket.socket | None:
        """A socket for whoever listens on a port of the environment's own network."""
        return self._launch.network.socket_to(port) if self._launch.network is not None else None

    def _processes(self) -> list[Process]:
        """All processes of the environment: the extensions', then the runtime's."""
        runtime = [self._process] if self._process is not None else []
        return [*self._extension_processes.values(), *runtime] if self._extension_processes else runtime

    @property
    def _is_told_all(self) -> bool:
        """Whether anybody sees platform events that have no line of text."""
        return not self._in_text or self._telemetry.is_wanted

    @property
    def _request_id(self) -> str:
        return self._event.request_id if self._event is not None else ""

    def _write_start(self) -> None:
        event = self._event
        assert event is not None
        if event.tail:
            event.tail.clear()
        version = self.configuration.version
        if self._is_told_all:
            self._say(platform_events.start(event.request_id, version, event.trace_id))
        else:
            self._write(logs.start(event.request_id, version))

    def _say(self, event: PlatformEvent) -> None:
        """What the platform says: a line of the log, if it is one, and telemetry."""
        if not self._is_told_all:
            if event.text is not None:
                self._write(event.text)
            return
        if self.configuration.tenant_id is not None:
            event = event.of_tenant(self.configuration.tenant_id)
        time = utc_text(wall_time())
        line = event.line(self.configuration.log_format, self.configuration.system_log_level, time)
        if line is not None:
            self._write(line)
        self._telemetry.publish("platform", event.telemetry(time))

    def _write(self, text: str, kind: str | None = None) -> None:
        """A line of the log; one of the function or of an extension is telemetry, too."""
        if kind is not None and self._telemetry.is_wanted:
            self._telemetry.publish(kind, {"time": utc_text(wall_time()), "type": kind, "record": text})
        event = self._event
        self._settings.log(
            LogLine(
                self.configuration.function_name,
                self.configuration.log_group,
                self._log_stream,
                event.request_id if event is not None else None,
                text,
                wall_time(),
            )
        )
        if event is not None and event.tail is not None:
            event.tail += text.encode() + b"\n"
            del event.tail[: -self._settings.quotas.log_tail_bytes]

    def _kill_runtime(self) -> None:
        """End the runtime's process, with what it wrote last."""
        if self._process is not None:
            process, self._process = self._process, None
            # Extensions are strays of the runtime's, which have their own end.
            process.kill(strays=not self._extension_processes)
            self._runtime_output.flush()

    def _break(self) -> None:
        """End all processes; the next event starts others. ``/tmp`` stays."""
        self._kill_runtime()
        for process in self._extension_processes.values():
            process.kill()
        for output in self._extension_outputs:
            output.flush()
        self._extension_outputs.clear()
        self._extension_processes.clear()
        self._extensions.reset()
        self._telemetry.reset()
        self._api.reset()
        if self.state is not State.GONE:
            self.state = State.BROKEN

    def _leave(self, reason: str, then: Callable[[], None]) -> None:
        """End all processes, then go on.

        Without extensions they are killed. With some, the runtime is asked to end and has its share of the time;
        then external extensions are told why, and have the rest.
        """
        for process in self._processes():
            process.thaw()
        if not self._extensions:
            self._break()
            then()
            return
        quotas = self._settings.quotas
        is_external = bool(self._extension_processes)
        seconds = (
            quotas.shutdown_ms_external_extensions if is_external else quotas.shutdown_ms_internal_extensions
        ) / 1000
        self._when_left, self._leave_reason = then, reason
        self._leave_until = self._loop.time() + seconds
        if self._process is None or self._process.has_exited:
            self._runtime_left()
        else:
            self._process.terminate()
            self._leaving = self._loop.call_later(seconds * _RUNTIME_SHARE, self._runtime_left)

    def _runtime_left(self) -> None:
        """The runtime has ended, or its time is up: external extensions are told, those at least that want to be."""
        if self._leaving is not None:
            self._leaving.cancel()
        self._kill_runtime()
        seconds = max(self._leave_until - self._loop.time(), 0)
        deadline_ms = int((wall_time() + seconds) * 1000)
        if (
            not self._extension_processes
            or not self._extensions.shut_down(self._leave_reason, deadline_ms)
            or self._have_extensions_exited
        ):
            self._left()
        else:
            self._leaving = self._loop.call_later(seconds, self._left)

    @property
    def _have_extensions_exited(self) -> bool:
        return all(each.has_exited for each in self._extension_processes.values())

    def _left(self) -> None:
        """The extensions have ended, or their time is up."""
        if self._when_left is None:
            return
        then, self._when_left = self._when_left, None
        if self._leaving is not None:
            self._leaving.cancel()
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
            self._leave("SPINDOWN", left.set)
            await left.wait()
        self.close()

    def close(self) -> None:
        """End all processes and all they started, answer an event that is under way, and remove the files."""
        self.state = State.GONE
        self._left()
        if self._phase is not None:
            self._end(outcome.failed("Sandbox.Failure", self._request_id, "The environment was closed"))
        self._left()
        self._break()
        for alarm in (self._watch, self._rest):
            alarm.close()
        self._api.close()
        self._launch.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _status(end: End) -> str:
    """How an event ended, in the words of telemetry."""
    if end.status is not None:
        return "timeout" if end.status == "timeout" else "failure"
    return "error" if end.answer is not None and end.answer.function_error is not None else "success"
