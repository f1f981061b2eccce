"""What the platform itself says of an environment: each event's record, as a JSON log line, and as text.

The text lines (START, END, REPORT) are those that everybody knows from CloudWatch; not every event has one.

Source: AWS Lambda Developer Guide, telemetry-schema-reference, monitoring-cloudwatchlogs-log-level; log lines
recorded from AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from lambdaform.local import logs
from lambdaform.local.clock import utc_text
from lambdaform.local.runtime_version import RuntimeVersion

LEVELS = ("DEBUG", "INFO", "WARN")
INIT_START = "platform.initStart"
#: What only the Logs API tells.
LOGS_ONLY = ("platform.end", "platform.fault", "platform.logsSubscription")

Record = Mapping[str, Any] | str


@frozen
class PlatformEvent:
    """One event: its type, its record, its level among system logs, and its text line, if it has one.

    One without a level is in no log in JSON (monitoring-cloudwatchlogs-log-level).
    """

    type: str
    record: Record
    level: str | None
    text: str | None = None

    def of_tenant(self, tenant_id: str) -> PlatformEvent:
        """The same with a tenant's id, where it is about an invocation (tenant-isolation-monitor)."""
        return (
            evolve(self, record={**self.record, "tenantId": tenant_id})
            if not isinstance(self.record, str) and "requestId" in self.record
            else self
        )

    def line(self, log_format: str, least: str, time: str) -> str | None:
        """What is written to the log: in JSON format events of at least a level, in text those with a line."""
        if log_format != "JSON":
            return self.text
        if self.level is None or LEVELS.index(self.level) < LEVELS.index(least):
            return None
        event = {"time": time, "type": self.type, "record": self.record}
        return json.dumps(event, separators=(",", ":"))


@frozen
class Span:
    """A part of an event: when it began, in seconds since the epoch, and how long it took, in seconds."""

    name: str
    started: float
    seconds: float

    def record(self) -> dict[str, Any]:
        """The part as events carry it."""
        milliseconds = round(self.seconds * 1000, 3)
        return {"name": self.name, "start": utc_text(self.started), "durationMs": milliseconds}


def _status_level(status: str, otherwise: str) -> str:
    return otherwise if status == "success" else "WARN"


def init_start(
    runtime: RuntimeVersion,
    function_name: str,
    version: str,
    initialization_type: str,
    phase: str,
    memory_mb: int,
) -> PlatformEvent:
    """Initialisation has started."""
    record = {
        "initializationType": initialization_type,
        "phase": phase,
        "runtimeVersion": runtime.name,
        "runtimeVersionArn": runtime.arn,
        "functionName": function_name,
        "functionVersion": version,
        "instanceMaxMemory": memory_mb * 1_048_576,
    }
    return PlatformEvent(INIT_START, record, "INFO", logs.init_start(runtime) if phase == "init" else None)


def init_runtime_done(
    initialization_type: str, phase: str, status: str, error_type: str | None
) -> PlatformEvent:
    """The runtime has initialised itself, or failed to."""
    record = {"initializationType": initialization_type, "phase": phase, "status": status}
    if error_type is not None:
        record["errorType"] = error_type
    return PlatformEvent("platform.initRuntimeDone", record, _status_level(status, "DEBUG"))


def init_report(
    initialization_type: str, phase: str, status: str, error_type: str | None, milliseconds: float
) -> PlatformEvent:
    """Initialisation is over; there is a text line for one that failed, or that went ahead of its event."""
    record: dict[str, Any] = {
        "initializationType": initialization_type,
        "phase": phase,
        "status": status,
        "metrics": {"durationMs": round(milliseconds, 3)},
    }
    if error_type is not None:
        record["errorType"] = error_type
    ahead = initialization_type != "on-demand"
    text = None
    if status != "success" or ahead:
        text = logs.init_report(milliseconds, phase, status if status != "failure" else "error", error_type)
    return PlatformEvent(
        "platform.initReport", record, _status_level(status, "INFO" if ahead else "DEBUG"), text
    )


def restore_start(runtime: RuntimeVersion, function_name: str, version: str, memory_mb: int) -> PlatformEvent:
    """An environment is being restored from its snapshot."""
    record = {
        "runtimeVersion": runtime.name,
        "runtimeVersionArn": runtime.arn,
        "functionName": function_name,
        "functionVersion": version,
        "instanceMaxMemory": memory_mb * 1_048_576,
    }
    return PlatformEvent("platform.restoreStart", record, "INFO", logs.restore_start(runtime))


def restore_runtime_done(status: str, error_type: str | None) -> PlatformEvent:
    """The runtime has been restored, or failed to be."""
    record = {"status": status}
    if error_type is not None:
        record["errorType"] = error_type
    return PlatformEvent("platform.restoreRuntimeDone", record, _status_level(status, "DEBUG"))


def restore_report(status: str, error_type: str | None, milliseconds: float) -> PlatformEvent:
    """The restoration is over."""
    record: dict[str, Any] = {"status": status, "metrics": {"durationMs": round(milliseconds, 3)}}
    if error_type is not None:
        record["errorType"] = error_type
    text = logs.restore_report(milliseconds, None if status == "success" else status, error_type)
    return PlatformEvent("platform.restoreReport", record, _status_level(status, "INFO"), text)


def tracing(trace_id: str) -> dict[str, str]:
    """A trace id as events carry it."""
    return {"type": "X-Amzn-Trace-Id", "value": trace_id}


def start(request_id: str, version: str, trace_id: str) -> PlatformEvent:
    """The runtime has got an event."""
    record = {"requestId": request_id, "version": version, "tracing": tracing(trace_id)}
    return PlatformEvent("platform.start", record, "INFO", logs.start(request_id, version))


def runtime_done(
    request_id: str,
    status: str,
    error_type: str | None,
    milliseconds: float,
    produced: int,
    trace_id: str,
    spans: Sequence[Span] = (),
) -> PlatformEvent:
    """The runtime is done with an event; ``produced`` is the size of what it answered, in bytes."""
    record: dict[str, Any] = {
        "requestId": request_id,
        "status": status,
        "tracing": tracing(trace_id),
        "metrics": {"durationMs": round(milliseconds, 3), "producedBytes": produced},
    }
    if spans:
        record["spans"] = [each.record() for each in spans]
    if error_type is not None:
        record["errorType"] = error_type
    return PlatformEvent("platform.runtimeDone", record, _status_level(status, "DEBUG"))


def report(
    request_id: str,
    spent: logs.Spent,
    status: str,
    error_type: str | None,
    *,
    trace_id: str,
    spans: Sequence[Span] = (),
    text: str,
) -> PlatformEvent:
    """The sum of an event. ``status`` is success, error, failure or timeout; ``text`` is its line."""
    metrics: dict[str, Any] = {
        "durationMs": round(spent.duration_ms, 3),
        "billedDurationMs": spent.billed_ms,
        "memorySizeMB": spent.memory_size,
        "maxMemoryUsedMB": spent.memory_used,
    }
    if spent.init_ms is not None:
        metrics["initDurationMs"] = round(spent.init_ms, 3)
    if spent.restore_ms is not None:
        metrics["restoreDurationMs"] = round(spent.restore_ms, 3)
    record: dict[str, Any] = {
        "requestId": request_id,
        "status": status,
        "metrics": metrics,
        "tracing": tracing(trace_id),
    }
    if spans:
        record["spans"] = [each.record() for each in spans]
    if error_type is not None:
        record["errorType"] = error_type
    return PlatformEvent("platform.report", record, _status_level(status, "INFO"), text)


def end(request_id: str) -> PlatformEvent:
    """An event is over."""
    return PlatformEvent("platform.end", {"requestId": request_id}, None, logs.end(request_id))


def fault(request_id: str, error_type: str | None, text: str | None) -> PlatformEvent:
    """An event has ended with an error of the runtime or its environment; ``text`` are the log's words for it."""
    record = f"RequestId: {request_id} Status: error\tErrorType: {error_type}"
    return PlatformEvent("platform.fault", record, None, text)


def extension(name: str, state: str, events: Sequence[str], error_type: str | None) -> PlatformEvent:
    """An extension has registered, or failed."""
    record: dict[str, Any] = {"name": name, "state": state, "events": list(events)}
    text = f"EXTENSION\tName: {name}\tState: {state}\tEvents: [{', '.join(events)}]"
    if error_type is not None:
        record["errorType"] = error_type
        text += f"\tError Type: {error_type}"
    return PlatformEvent("platform.extension", record, "INFO" if error_type is None else "WARN", text)


def telemetry_subscription(name: str, types: Sequence[str]) -> PlatformEvent:
    """An extension has subscribed through the Telemetry API."""
    return _subscription("telemetry", name, types)


def logs_subscription(name: str, types: Sequence[str]) -> PlatformEvent:
    """An extension has subscribed through the Logs API."""
    return _subscription("logs", name, types)


def _subscription(api: str, name: str, types: Sequence[str]) -> PlatformEvent:
    record = {"name": name, "state": "Subscribed", "types": list(types)}
    shown = ", ".join(each.capitalize() for each in types)
    text = f"{api.upper()}\tName: {name}\tState: Subscribed\tTypes: [{shown}]"
    return PlatformEvent(f"platform.{api}Subscription", record, "INFO", text)


def logs_dropped(count: int, size: int, reason: str) -> PlatformEvent:
    """Telemetry that a subscriber did not take."""
    record = {"droppedRecords": count, "droppedBytes": size, "reason": reason}
    return PlatformEvent("platform.logsDropped", record, "WARN")
