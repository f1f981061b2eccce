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

    @property
    def size(self) -> int:
        """The size of what the function has answered, in bytes."""
        return len(self.payload) if self.streamed is None else self.streamed

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

    @property
    def told_status(self) -> str:
        """How it ended, in the words of telemetry (RIE, rapid/handlers.go)."""
        if self.status == "error" and (self.error_type or "").startswith("Sandbox."):
            return "failure"
        if self.status is not None:
            return self.status
        return "error" if self.answer is not None and self.answer.function_error is not None else "success"

    @property
    def told_error_type(self) -> str | None:
        """The type of error that telemetry gives: a timeout has none (telemetry-schema-reference, Status)."""
        if self.status == "timeout":
            return None
        return self.error_type or (self.answer.error_type if self.answer is not None else None)

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
    # Where none was ahead of what failed, there is no event to name.
    named = f"RequestId: {request_id} " if request_id else ""
    message = f"{named}Error: {reason}"
    return End("error", error_type, Answer.failure(answered, message), f"{message}\n{answered}")


def init_failed(payload: bytes, error_type: str) -> End:
    """The runtime said that it could not initialise."""
    return End("error", error_type, raised(payload, error_type))


def timed_out(request_id: str, seconds: int) -> End:
    """The function's time was up."""
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return End("timeout", "Sandbox.Timedout", Answer.failure("Sandbox.Timedout", message))


def exited(request_id: str, code: int, error_type: str = "Runtime.ExitError") -> End:
    """The runtime's process ended: with an exit status, or by a signal (a negative code)."""
    how = "without providing a reason" if code == 0 else f"with error: {_ended(code)}"
    return failed(error_type, request_id, f"Runtime exited {how}")


def out_of_memory(request_id: str) -> End:
    """The environment held more memory than the function has, and was killed for it.

    Only REPORT names the cause; the caller is told what the process ended with.
    """
    reason = "Runtime exited with error: signal: killed"
    return _failed("Runtime.OutOfMemory", "Runtime.ExitError", request_id, reason)


def extension_exited(request_id: str, code: int, error_type: str) -> End:
    """An extension's process ended, after it had reported an error or by itself.

    Source: aws-lambda-runtime-interface-emulator, rapid/handlers.go; log lines recorded from AWS.
    """
    return failed(error_type, request_id, "exit code 0" if code == 0 else _ended(code))


def extension_not_started(request_id: str, path: str, number: int) -> End:
    """An extension could not be executed; ``number`` is the system's error."""
    return failed("Extension.LaunchError", request_id, _not_executed(path, number))


def no_bootstrap(request_id: str) -> End:
    """A custom runtime's bootstrap is not there."""
    reason = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    return failed("Runtime.InvalidEntrypoint", request_id, reason)


def bootstrap_not_started(request_id: str, path: str, number: int) -> End:
    """A custom runtime's bootstrap could not be executed; ``number`` is the system's error."""
    return failed("Runtime.InvalidEntrypoint", request_id, _not_executed(path, number))


def _not_executed(path: str, number: int) -> str:
    return f"fork/exec {path}: {os.strerror(number).lower()}"


#: Lambda is written in Go, and signals are called what Go calls them (syscall, zerrors_linux_amd64.go).
_SIGNALS = {
    "SIGHUP": "hangup",
    "SIGINT": "interrupt",
    "SIGQUIT": "quit",
    "SIGILL": "illegal instruction",
    "SIGTRAP": "trace/breakpoint trap",
    "SIGABRT": "aborted",
    "SIGBUS": "bus error",
    "SIGFPE": "floating point exception",
    "SIGKILL": "killed",
    "SIGUSR1": "user defined signal 1",
    "SIGSEGV": "segmentation fault",
    "SIGUSR2": "user defined signal 2",
    "SIGPIPE": "broken pipe",
    "SIGALRM": "alarm clock",
    "SIGTERM": "terminated",
    "SIGSTKFLT": "stack fault",
    "SIGCHLD": "child exited",
    "SIGCONT": "continued",
    "SIGSTOP": "stopped (signal)",
    "SIGTSTP": "stopped",
    "SIGTTIN": "stopped (tty input)",
    "SIGTTOU": "stopped (tty output)",
    "SIGURG": "urgent I/O condition",
    "SIGXCPU": "CPU time limit exceeded",
    "SIGXFSZ": "file size limit exceeded",
    "SIGVTALRM": "virtual timer expired",
    "SIGPROF": "profiling timer expired",
    "SIGWINCH": "window changed",
    "SIGIO": "I/O possible",
    "SIGPWR": "power failure",
    "SIGSYS": "bad system call",
}


def _ended(code: int) -> str:
    """How a process ended otherwise than well: its exit status, or the signal (a negative code) that ended it."""
    if code > 0:
        return f"exit status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = ""
    return f"signal: {_SIGNALS.get(name, f'signal {-code}')}"
