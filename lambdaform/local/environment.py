"""One execution environment: where one version of a function runs, one event at a time.

::

    NEW ──init──► READY (frozen) ──invoke──► BUSY ──► READY
                    │                          │
                    └───────── close ──► GONE  └─ crash, timeout, out of memory ──► BROKEN ──init at next use──► BUSY

It starts the process when the first event comes, times it, reads what it writes, and turns whatever happens to
it into the answer and the log lines that Lambda gives. Which event goes to which environment is not decided here.

Source: AWS Lambda Developer Guide, lambda-runtime-environment; deck section B11; answers and log lines recorded
from AWS.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import subprocess
import uuid
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from attrs import define, evolve, field, frozen

from lambdaform.facts.quotas import Quotas
from lambdaform.local import logs
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.logs import LineSplitter, Log, LogLine
from lambdaform.local.process import Process
from lambdaform.local.runtime_api import MAX_RESPONSE, Invocation, RuntimeApi
from lambdaform.local.runtimes import Runtime
from lambdaform.local.sandbox import OPT, RUNTIME, TASK, TMP, View, plan
from lambdaform.local.variables import Paths, variables

#: How often a running process's memory is looked at, in seconds.
_MEMORY_PERIOD = 0.05
#: How long an answer is held back, in seconds, while the runtime may be about to ask for its next event: so that
#: a caller who calls again at once finds the environment free, as over a real network.
_HOLD_BACK = 0.005


class State(Enum):
    """What an environment is doing."""

    NEW = "new"
    INIT = "init"
    READY = "ready"
    BUSY = "busy"
    BROKEN = "broken"
    GONE = "gone"


@frozen(kw_only=True)
class Answer:
    """What the caller of a function gets. ``function_error`` is ``Unhandled`` where it failed."""

    payload: bytes
    function_error: str | None = None
    error_type: str | None = None

    @classmethod
    def failure(cls, error_type: str, message: str) -> Answer:
        """A failure that Lambda itself reports, not the function."""
        payload = {"errorType": error_type, "errorMessage": message}
        return cls(
            payload=json.dumps(payload, separators=(",", ":")).encode(),
            function_error="Unhandled",
            error_type=error_type,
        )


@define(kw_only=True)
class Event:
    """One event on its way through an environment. ``answer`` is set once, as soon as the function has answered.

    ``tail`` collects the last 4 KB of its log where somebody wants it.
    """

    request_id: str
    payload: bytes
    function_arn: str
    trace_id: str
    client_context: str | None = None
    answer: asyncio.Future[Answer]
    tail: bytearray | None = None


@frozen(kw_only=True)
class Settings:
    """What all environments of a service share. ``folder`` is where they keep their files.

    ``no_view`` says why processes cannot have a view of their own of the file system, if they cannot.
    """

    quotas: Quotas
    log: Log
    folder: Path
    endpoint_url: Callable[[], str | None]
    no_view: str | None


@frozen
class _End:
    """How an init or invoke phase ended: well, or with an error type and a status for the log."""

    error_type: str | None = None
    status: str | None = None
    answer: Answer | None = None


@define
class _Phase:
    """An init or invoke phase under way."""

    done: asyncio.Future[_End]
    started: float
    timer: asyncio.TimerHandle | None = None
    memory_timer: asyncio.TimerHandle | None = None
    event: Event | None = None
    answer: Answer | None = None
    hold_timer: asyncio.TimerHandle | None = None

    def end(self, end: _End) -> None:
        if not self.done.done():
            self.done.set_result(end)

    def hand_out(self) -> None:
        """Let the caller have the answer, although the phase goes on."""
        if self.event is not None and self.answer is not None and not self.event.answer.done():
            self.event.answer.set_result(self.answer)

    def cancel_timers(self) -> None:
        for timer in (self.timer, self.memory_timer, self.hold_timer):
            if timer is not None:
                timer.cancel()


@define(eq=False)
class ExecutionEnvironment:
    """One environment. `run` gives it an event; `close` ends it with every process that it started."""

    configuration: FunctionConfiguration
    runtime: Runtime
    settings: Settings
    initialization_type: str = "on-demand"
    state: State = State.NEW
    _log_stream: str = ""
    _api: RuntimeApi = field(init=False)
    _process: Process | None = None
    _phase: _Phase | None = None
    _event: Event | None = None
    _splitters: dict[int, LineSplitter] = field(factory=dict)
    #: How long the last phase took.
    _elapsed_ms: float = 0.0
    _folder: Path = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._api = RuntimeApi(self)
        identifier = uuid.uuid4().hex
        self._folder = self.settings.folder / "environments" / identifier
        day = utc_text(wall_time())[:10].replace("-", "/")
        self._log_stream = f"{day}/[{self.configuration.version}]{identifier}"

    async def run(self, event: Event) -> None:
        """One event from beginning to end: its answer is set on the way, and its log is complete at the end."""
        self._event = event
        if not self._api.address:
            await self._api.start()
            for name in ("tmp", "root"):
                (self._folder / name).mkdir(parents=True)
        try:
            await self._run(event)
        finally:
            self._event = None
            if not event.answer.done():
                event.answer.set_result(
                    Answer.failure("Sandbox.Failure", f"RequestId: {event.request_id} Error")
                )

    async def _run(self, event: Event) -> None:
        limit = self.configuration.timeout
        init_ms: float | None = None
        spent = 0.0
        if self.state is State.NEW:
            self._write(logs.init_start(self.configuration.runtime))
            init = await self._init(self.settings.quotas.init_seconds)
            if init.error_type is None and init.status is None:
                init_ms = self._elapsed_ms
            else:
                self._write(
                    logs.init_report(self._elapsed_ms, "init", init.status or "error", init.error_type)
                )
        if self.state is not State.READY:
            # What failed, or was reset, is initialised again as part of the invocation, under its timeout.
            init = await self._init(limit)
            spent = self._elapsed_ms
            if init.answer is not None or init.status is not None:
                self._fail_in_init(event, init, spent)
                return
        remaining = limit - spent / 1000
        self._start_event(event)
        end = await self._invoke(event, remaining)
        self._finish(event, end, spent + self._elapsed_ms, init_ms)

    def _start_event(self, event: Event) -> None:
        if event.tail:
            event.tail.clear()
        self._write(logs.start(event.request_id, self.configuration.version))

    def _fail_in_init(self, event: Event, init: _End, spent: float) -> None:
        if init.status == "timeout":
            self._start_event(event)
            self._finish(event, init, spent, None)
            return
        self._write(logs.init_report(spent, "invoke", init.status or "error", init.error_type))
        self._start_event(event)
        self._finish(event, init, spent, None)

    def _finish(self, event: Event, end: _End, duration_ms: float, init_ms: float | None) -> None:
        configuration, quotas = self.configuration, self.settings.quotas
        request_id = event.request_id
        used = self._memory_used(end)
        if end.status == "timeout":
            duration_ms = configuration.timeout * 1000.0
            self._write(
                f"{utc_text(wall_time())} {request_id} Task timed out after {configuration.timeout:.2f} seconds\n"
            )
        self._write(logs.end(request_id))
        billed = logs.billed(
            duration_ms, init_ms, quotas.billing_granularity_ms, init_is_billed=quotas.init_is_billed
        )
        self._write(
            logs.report(
                request_id,
                duration_ms=duration_ms,
                billed_ms=billed,
                memory_size=configuration.memory_size,
                memory_used=used,
                init_ms=init_ms,
                status=end.status,
                error_type=end.error_type if end.status == "error" else None,
            )
        )
        if end.status is None:
            self.state = State.READY
            if self._process is not None:
                self._process.freeze()
        else:
            self._break()
        if end.answer is not None and not event.answer.done():
            event.answer.set_result(end.answer)

    def _memory_used(self, end: _End) -> int:
        if end.error_type == "Runtime.OutOfMemory":
            return self.configuration.memory_size
        used = self._process.peak_memory_mb() if self._process is not None else 0
        return max(min(used, self.configuration.memory_size), 1)

    async def _init(self, limit: float) -> _End:
        """Start the process and wait until it asks for an event, fails, or ``limit`` seconds have passed."""
        self.state = State.INIT
        self._break(State.INIT)
        phase = self._begin(limit, None)
        self._phase = phase
        try:
            self._process = self._start_process()
        except (OSError, subprocess.SubprocessError) as error:
            phase.end(self._not_startable(error))
        end = await self._ended(phase)
        if end.status is None and end.error_type is None:
            self.state = State.READY
        else:
            self._break()
        return end

    async def _invoke(self, event: Event, limit: float) -> _End:
        """Hand the event over and wait until the runtime asks for the next, ends, or the time is up."""
        self.state = State.BUSY
        phase = self._begin(limit, event)
        self._phase = phase
        assert self._process is not None
        self._process.thaw()
        if not phase.done.done():
            self._api.hand_over(
                Invocation(
                    request_id=event.request_id,
                    payload=event.payload,
                    deadline_ms=int((wall_time() + limit) * 1000),
                    function_arn=event.function_arn,
                    trace_id=event.trace_id,
                    client_context=event.client_context,
                )
            )
        return await self._ended(phase)

    def _begin(self, limit: float, event: Event | None) -> _Phase:
        loop = asyncio.get_running_loop()
        phase = _Phase(loop.create_future(), loop.time(), event=event)
        phase.timer = loop.call_later(max(limit, 0), self._time_is_up)
        phase.memory_timer = loop.call_later(_MEMORY_PERIOD, self._watch_memory)
        return phase

    async def _ended(self, phase: _Phase) -> _End:
        try:
            return await phase.done
        finally:
            self._elapsed_ms = (asyncio.get_running_loop().time() - phase.started) * 1000
            self._phase = None
            phase.cancel_timers()
            if self._process is not None:
                self._process.drain()

    def _start_process(self) -> Process:
        configuration, settings = self.configuration, self.settings
        folder, runtime = self._folder, self.runtime
        self._splitters = {1: LineSplitter(), 2: LineSplitter()}
        enter = None
        if settings.no_view is None:
            paths = Paths(task=str(TASK), opt=str(OPT), tmp=str(TMP), runtime=str(RUNTIME))
            view = View(
                task=configuration.code,
                opt=configuration.opt,
                tmp=folder / "tmp",
                root=folder / "root",
                runtime=runtime.folder,
                visible=runtime.visible,
            )
            enter = plan(view).enter
        else:
            paths = Paths(
                task=str(configuration.code),
                opt=str(configuration.opt),
                tmp=str(folder / "tmp"),
                runtime=str(runtime.folder or RUNTIME),
            )
        environment = variables(
            configuration,
            paths,
            runtime_api=self._api.address,
            log_stream=self._log_stream,
            initialization_type=self.initialization_type,
            runtime_variables=runtime.variables(paths),
            endpoint_url=settings.endpoint_url(),
            in_sandbox=enter is not None,
        )
        return Process(
            runtime.command(paths),
            folder=paths.task,
            environment=environment,
            file_descriptors=settings.quotas.file_descriptors,
            enter=enter,
            on_output=self._on_output,
            on_exit=self._on_exit,
        )

    def _not_startable(self, error: Exception) -> _End:
        request_id = self._event.request_id if self._event else ""
        if isinstance(error, OSError) and self.runtime.folder is None:
            message = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
            return _failed("Runtime.InvalidEntrypoint", request_id, message)
        return _failed("Sandbox.Failure", request_id, f"The runtime could not be started: {error}")

    def on_next(self) -> None:
        """The runtime waits: its phase is over."""
        if self._phase is not None:
            if self._process is not None:
                self._process.drain()
            if self._phase.event is None or self._phase.answer is not None:
                self._phase.end(_End(answer=self._phase.answer))

    def on_response(self, payload: bytes) -> None:
        """The function returned; the phase goes on until the runtime waits for the next event."""
        self._set_answer(Answer(payload=payload))

    def on_error(self, payload: bytes, error_type: str) -> None:
        """The function raised."""
        self._set_answer(Answer(payload=payload, function_error="Unhandled", error_type=error_type))

    def on_too_large(self, size: int) -> None:  # noqa: ARG002 - AWS's sentence does not name it
        """The function returned more than Lambda carries."""
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
        self._set_answer(Answer.failure("Function.ResponseSizeTooLarge", message))

    def on_init_error(self, payload: bytes, error_type: str) -> None:
        """The runtime could not initialise; its own words are the answer."""
        if self._phase is not None:
            answer = Answer(payload=payload, function_error="Unhandled", error_type=error_type)
            self._phase.end(_End(error_type, "error", answer))

    def _set_answer(self, answer: Answer) -> None:
        phase = self._phase
        if phase is not None and phase.event is not None and phase.answer is None:
            phase.answer = answer
            phase.hold_timer = asyncio.get_running_loop().call_later(_HOLD_BACK, phase.hand_out)

    def _on_exit(self, code: int) -> None:
        if self._phase is None:
            self._break()
            return
        request_id = self._event.request_id if self._event else ""
        if code < 0:
            reason = f"Runtime exited with error: signal: {_signal_words(-code)}"
        elif code > 0:
            reason = f"Runtime exited with error: exit status {code}"
        else:
            reason = "Runtime exited without providing a reason"
        end = _failed("Runtime.ExitError", request_id, reason)
        # A runtime that ends after it has answered has answered.
        self._phase.end(end if self._phase.answer is None else evolve(end, answer=self._phase.answer))

    def _time_is_up(self) -> None:
        if self._phase is None:
            return
        request_id = self._event.request_id if self._event else ""
        message = f"Task timed out after {self.configuration.timeout:.2f} seconds"
        answer = self._phase.answer or _failed("Sandbox.Timedout", request_id, message).answer
        self._phase.end(_End("Sandbox.Timedout", "timeout", answer))

    def _watch_memory(self) -> None:
        phase = self._phase
        if phase is None or self._process is None:
            return
        if self._process.memory_mb() > self.configuration.memory_size:
            self._process.kill()
            request_id = self._event.request_id if self._event else ""
            phase.end(_failed("Runtime.OutOfMemory", request_id, "Runtime exited with error: signal: killed"))
            return
        phase.memory_timer = asyncio.get_running_loop().call_later(_MEMORY_PERIOD, self._watch_memory)

    def _on_output(self, descriptor: int, data: bytes) -> None:
        for line in self._splitters[descriptor].feed(data):
            self._write(line)

    def _write(self, text: str) -> None:
        event = self._event
        self.settings.log(
            LogLine(
                function_name=self.configuration.function_name,
                log_group=self.configuration.log_group,
                stream=self._log_stream,
                request_id=event.request_id if event is not None else None,
                text=text,
                timestamp=wall_time(),
            )
        )
        if event is not None and event.tail is not None:
            event.tail += text.encode() + b"\n"
            del event.tail[: -self.settings.quotas.log_tail_bytes]

    def _break(self, state: State = State.BROKEN) -> None:
        """End the process, with what it wrote last; the next use starts another one. ``/tmp`` stays."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            for splitter in self._splitters.values():
                for line in splitter.flush():
                    self._write(line)
        self._api.reset()
        if self.state is not State.GONE:
            self.state = state

    def close(self) -> None:
        """End the process and all it started, and remove its files."""
        self.state = State.GONE
        if self._phase is not None:
            request_id = self._event.request_id if self._event else ""
            self._phase.end(_failed("Sandbox.Failure", request_id, "The environment was closed"))
        self._break()
        self._api.close()
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._folder)


def _failed(error_type: str, request_id: str, reason: str) -> _End:
    return _End(error_type, "error", Answer.failure(error_type, f"RequestId: {request_id} Error: {reason}"))


_SIGNALS = {
    signal.SIGKILL: "killed",
    signal.SIGTERM: "terminated",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGILL: "illegal instruction",
    signal.SIGINT: "interrupt",
    signal.SIGHUP: "hangup",
    signal.SIGPIPE: "broken pipe",
    signal.SIGTRAP: "trace/breakpoint trap",
}


def _signal_words(number: int) -> str:
    """A signal as Lambda, which is written in Go, names it."""
    try:
        return _SIGNALS.get(signal.Signals(number)) or f"signal {number}"
    except ValueError:
        return f"signal {number}"
