"""How an event or an initialisation ended, in Lambda's words: the answer to the caller, and what the log says.

Source: AWS Lambda Developer Guide, runtimes-api and troubleshooting-invocation; answers recorded from AWS.
"""

from __future__ import annotations

import json
import os
import signal

from attrs import frozen


@frozen(kw_only=True)
class Answer:
    """What the caller of a function gets. ``function_error`` is ``Unhandled`` where it failed.

    ``streamed`` is the size of what the caller has got already, piece by piece.
    """

    payload: bytes
    streamed: int | None = None
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


@frozen
class End:
    """How a phase ended: well, where ``status`` is None, else with ``error`` or ``timeout``, and of which type.

    ``log`` is what Lambda writes to the log about it.
    """

    status: str | None = None
    error_type: str | None = None
    answer: Answer | None = None
    log: str | None = None

    @property
    def is_well(self) -> bool:
        """Whether the environment may go on."""
        return self.status is None

    def answered(self, answer: Answer) -> End:
        """The same end after the function had answered already: the caller gets that answer."""
        return End(self.status, self.error_type, answer, self.log)


def returned(payload: bytes, streamed: int | None = None) -> Answer:
    """The function returned."""
    return Answer(payload=payload, streamed=streamed)


def raised(payload: bytes, error_type: str) -> Answer:
    """The function, or its initialisation, raised; the runtime's own words are the answer."""
    return Answer(payload=payload, function_error="Unhandled", error_type=error_type)


def too_large(limit: int) -> Answer:
    """The function returned more than Lambda carries."""
    message = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
    return Answer.failure("Function.ResponseSizeTooLarge", message)


def truncated(request_id: str) -> Answer:
    """The function's stream broke off."""
    message = f"RequestId: {request_id} Error: The response was truncated"
    return Answer.failure("Runtime.TruncatedResponse", message)


def invalid_mode(request_id: str) -> Answer:
    """The function returned in a way that there is not."""
    message = f"RequestId: {request_id} Error: Invalid function response mode"
    return Answer.failure("Runtime.InvalidResponseModeHeader", message)


def failed(error_type: str, request_id: str, reason: str) -> End:
    """The environment failed."""
    return _failed(error_type, error_type, request_id, reason)


def _failed(error_type: str, answered: str, request_id: str, reason: str) -> End:
    """The environment failed; its caller is told another type than the log's last line."""
    message = f"RequestId: {request_id} Error: {reason}"
    return End("error", error_type, Answer.failure(answered, message), f"{message}\n{answered}")


def init_failed(payload: bytes, error_type: str) -> End:
    """The runtime said that it could not initialise."""
    return End("error", error_type, raised(payload, error_type))


def timed_out(request_id: str, seconds: int) -> End:
    """The function's time was up."""
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return End("timeout", "Sandbox.Timedout", Answer.failure("Sandbox.Timedout", message))


def exited(request_id: str, code: int) -> End:
    """The runtime's process ended: with an exit status, or by a signal (a negative code)."""
    if code < 0:
        reason = f"Runtime exited with error: signal: {_signal_words(-code)}"
    elif code > 0:
        reason = f"Runtime exited with error: exit status {code}"
    else:
        reason = "Runtime exited without providing a reason"
    return failed("Runtime.ExitError", request_id, reason)


def out_of_memory(request_id: str) -> End:
    """The environment held more memory than the function has, and was killed for it.

    Only REPORT names the cause; the caller is told what the process ended with.
    """
    reason = "Runtime exited with error: signal: killed"
    return _failed("Runtime.OutOfMemory", "Runtime.ExitError", request_id, reason)


def extension_failed(request_id: str, name: str, state: str, error_type: str | None) -> End:
    """An extension reported an error, or its process ended by itself."""
    kind = {"InitError": "Extension.InitError", "ExitError": "Extension.ExitError"}.get(
        state, "Extension.Crash"
    )
    reason = f"{name}: {error_type}" if error_type is not None else f"The extension {name} ended by itself"
    return failed(kind, request_id, reason)


def no_bootstrap(request_id: str) -> End:
    """A custom runtime's bootstrap is not there, or not executable."""
    reason = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    return failed("Runtime.InvalidEntrypoint", request_id, reason)


def bootstrap_not_started(request_id: str, path: str, number: int) -> End:
    """A custom runtime's bootstrap could not be executed; ``number`` is the system's error."""
    reason = f"fork/exec {path}: {os.strerror(number).lower()}"
    return failed("Runtime.InvalidEntrypoint", request_id, reason)


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
