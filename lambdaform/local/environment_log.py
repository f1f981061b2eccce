"""The log of one environment, and its telemetry: what the platform says, and what function and extensions write.

Source: AWS Lambda Developer Guide, monitoring-cloudwatchlogs, monitoring-cloudwatchlogs-log-level and telemetry-api.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from lambdaform.local import log_level, logs, platform_events, tracing
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.event import Event
from lambdaform.local.extensions import Extensions
from lambdaform.local.logs import LogLine
from lambdaform.local.outcome import End
from lambdaform.local.phase import Phase
from lambdaform.local.platform_events import PlatformEvent
from lambdaform.local.telemetry import Telemetry


class EnvironmentLog:
    """One environment's; ``put`` takes each line. ``event`` is the one that is on, to which all lines belong."""

    def __init__(
        self,
        configuration: FunctionConfiguration,
        stream: str,
        tail_bytes: int,
        put: Callable[[LogLine], None],
        extensions: Extensions,
        socket_to: Callable[[int], socket.socket | None],
    ) -> None:
        self.event: Event | None = None
        self.is_in_text = configuration.log_format != "JSON"
        self.telemetry = Telemetry(extensions.known, self.say, socket_to, in_json=not self.is_in_text)
        self._configuration = configuration
        self._extensions = extensions
        self._stream = stream
        self._tail_bytes = tail_bytes
        self._put = put

    @property
    def is_told_all(self) -> bool:
        """Whether anybody sees platform events that have no line of text."""
        return not self.is_in_text or self.telemetry.is_wanted

    @property
    def _on(self) -> Event:
        event = self.event
        assert event is not None
        return event

    def say(self, event: PlatformEvent, *, in_tail: bool = True) -> None:
        """What the platform says: a line of the log, if it is one, and telemetry."""
        if not self.is_told_all:
            if event.text is not None:
                self.write(event.text, in_tail=in_tail)
            return
        configuration = self._configuration
        if configuration.tenant_id is not None:
            event = event.of_tenant(configuration.tenant_id)
        time = utc_text(wall_time())
        line = event.line(configuration.log_format, configuration.system_log_level, time)
        if line is not None:
            self.write(line, in_tail=in_tail)
        self.telemetry.publish(event, time)

    def say_init(self, kind: str, phase: str, end: End, elapsed_ms: float) -> None:
        """An initialisation of a kind, in a phase, is over."""
        status = end.status or "success"
        error_type = end.error_type if status == "error" else None
        self.say(platform_events.init_runtime_done(kind, phase, status, error_type))
        for each in self._extensions:
            self.say(platform_events.extension(each.name, each.state.value, each.events, each.error_type))
        self.say(platform_events.init_report(kind, phase, status, error_type, elapsed_ms))

    def say_start(self) -> None:
        """The event that is on has begun."""
        event, version = self._on, self._configuration.version
        if self.is_told_all:
            self.say(platform_events.start(event.request_id, version, event.trace_id))
        else:
            self.write(logs.start(event.request_id, version))

    def say_done(self, end: End, phase: Phase | None, elapsed_ms: float) -> None:
        """The runtime is done with the event that is on, well or not; said once."""
        event, answer = self._on, end.answer
        if event.is_done:
            return
        event.is_done = True
        assert answer is not None
        self.say(
            platform_events.runtime_done(
                event.request_id,
                end.told_status,
                end.told_error_type,
                elapsed_ms,
                answer.size if event.is_told else 0,
                event.trace_id,
                phase.spans() if phase is not None else [],
            )
        )

    def say_timeout(self) -> None:
        """The time of the event that is on is up."""
        if self.is_in_text:
            words = f"Task timed out after {self._configuration.timeout:.2f} seconds"
            self.write(f"{utc_text(wall_time())} {self._on.request_id} {words}\n")

    def say_end(self, end: End, phase: Phase | None, elapsed_ms: float) -> None:
        """The event that is on is over: what comes before its report. ``phase`` is the one that it ended with."""
        request_id = self._on.request_id
        if not self.is_told_all:
            if end.log is not None:
                self.write(end.log)
            self.write(logs.end(request_id))
            return
        if not end.is_well:
            self.say_done(end, phase, elapsed_ms)
        if self.telemetry.is_wanted:
            # A log in JSON has no more than that.
            if end.status == "error":
                self.say(platform_events.fault(request_id, end.error_type, end.log))
            self.say(platform_events.end(request_id))

    def say_report(self, end: End, spent: logs.Spent, phase: Phase | None, elapsed_ms: float) -> None:
        """What the event that is on has taken; it ended with a phase that took so long."""
        event = self._on
        text = logs.report(
            event.request_id,
            spent,
            status=end.status,
            error_type=end.error_type if end.status == "error" else None,
            xray=tracing.log_line(event.trace_id) if self._configuration.tracing_mode == "Active" else None,
        )
        if not self.is_told_all:
            self.write(text)
            return
        is_told_spans = end.is_well and bool(self._extensions)
        self.say(
            platform_events.report(
                event.request_id,
                spent,
                end.told_status,
                end.told_error_type,
                trace_id=event.trace_id,
                spans=phase.spans_of_extensions(elapsed_ms) if phase is not None and is_told_spans else [],
                text=text,
            )
        )

    def write_of_function(self, text: str, by_logger: bool) -> None:
        """What the function has written; ``by_logger``, by the runtime's own logger, which has filtered it."""
        least = self._configuration.application_log_level
        is_kept = self.is_in_text or by_logger or log_level.is_logged(text, least)
        self.write(text, "function", is_kept=is_kept)

    def write_of_extension(self, text: str, _by_logger: bool) -> None:
        """What an extension has written."""
        self.write(text, "extension")

    def write(
        self, text: str, kind: str | None = None, *, in_tail: bool = True, is_kept: bool = True
    ) -> None:
        """A line of the log; one of the function or of an extension is telemetry, too, even if it is not kept."""
        if kind is not None and self.telemetry.is_wanted:
            self.telemetry.log(kind, text, utc_text(wall_time()))
        if not is_kept:
            return
        event, configuration = self.event, self._configuration
        self._put(
            LogLine(
                configuration.function_name,
                configuration.log_group,
                self._stream,
                event.request_id if event is not None else None,
                text,
                wall_time(),
            )
        )
        if event is not None and event.tail is not None and in_tail:
            event.tail += text.encode() + b"\n"
            del event.tail[: -self._tail_bytes]
