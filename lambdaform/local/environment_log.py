"""The log of one environment, and its telemetry: what the platform says, and what function and extensions write.

Source: AWS Lambda Developer Guide, monitoring-cloudwatchlogs, monitoring-cloudwatchlogs-log-level and telemetry-api.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from lambdaform.local import log_level, logs, platform_events
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.event import Event
from lambdaform.local.extensions import Extensions
from lambdaform.local.logs import LogLine
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
        self._stream = stream
        self._tail_bytes = tail_bytes
        self._put = put

    @property
    def is_told_all(self) -> bool:
        """Whether anybody sees platform events that have no line of text."""
        return not self.is_in_text or self.telemetry.is_wanted

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

    def say_start(self) -> None:
        """The event that is on has begun."""
        event, version = self.event, self._configuration.version
        assert event is not None
        if self.is_told_all:
            self.say(platform_events.start(event.request_id, version, event.trace_id))
        else:
            self.write(logs.start(event.request_id, version))

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
