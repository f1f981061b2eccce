"""The errors that the simulated service answers to its callers, as AWS words them.

Source: recordings of real AWS answers; Lambda API Reference, Invoke.
"""

from __future__ import annotations

from collections.abc import Mapping

#: The reason of a throttle by what all functions share.
ACCOUNT_LIMIT = "ConcurrentInvocationLimitExceeded"
#: The reason of a throttle by the function's own reserved concurrency.
RESERVED_LIMIT = "ReservedFunctionConcurrentInvocationLimitExceeded"

#: The reasons of a throttle by requests per second.
RATE_LIMIT = "FunctionInvocationRateLimitExceeded"
RESERVED_RATE_LIMIT = "ReservedFunctionInvocationRateLimitExceeded"

#: What is said where no tenant was named to a function that isolates them, and where one was named to another function
#: (Developer Guide, tenant-isolation-troubleshooting; the first as recorded, the second in the words of AWS SAM CLI).
TENANT_MISSING = (
    "The invoked function is enabled with tenancy configuration. "
    "Add a valid tenant ID in your request and try again."
)
TENANT_UNEXPECTED = (
    "The invoked function is not enabled with tenancy configuration. "
    "Remove the tenant ID from your request and try again."
)


class AwsError(Exception):
    """An error answer: code, message, HTTP status, and further members of its body.

    ``kind`` is its Type, ``User`` or ``Service``; empty for the few answers of AWS that have none.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int,
        *,
        kind: str = "User",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.kind = kind
        self.extra = dict(extra or {})


def not_found(arn: str) -> AwsError:
    """No such function, version or alias."""
    return AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404)


def pending() -> AwsError:
    """A version that is still being made."""
    message = "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    return AwsError("ResourceConflictException", message, 409)


def throttled(reason: str) -> AwsError:
    """Too many at once, and why."""
    return AwsError("TooManyRequestsException", "Rate Exceeded.", 429, extra={"Reason": reason})


def snapshot_not_restored() -> AwsError:
    """An environment could not be restored in time."""
    message = "Lambda couldn't restore the snapshot within the timeout limit."
    return AwsError("SnapStartTimeoutException", message, 408)


def restore_hook_failed() -> AwsError:
    """An environment failed while it was restored."""
    message = "The afterRestore() runtime hook encountered an error. For more information, check the Amazon CloudWatch logs."
    return AwsError("SnapStartException", message, 400)


def invalid_parameter(message: str) -> AwsError:
    """A parameter that Lambda refuses."""
    return AwsError("InvalidParameterValueException", message, 400)


def invalid_payload(detail: str) -> AwsError:
    """A payload that is no JSON."""
    return AwsError(
        "InvalidRequestContentException",
        f"Could not parse request body into json: Could not parse payload into json: {detail}",
        400,
    )


def no_utf8(payload: bytes, at: int) -> AwsError:
    """A payload whose byte at a place is no UTF-8, in the words of the parser that AWS uses."""
    before, byte = payload[:at], payload[at]
    if not before.strip(b" \t\r\n"):
        what = (
            f"Unexpected character ((CTRL-CHAR, code {byte})): expected a valid value "
            "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        )
        column = 1
    else:
        what, column = f"Invalid UTF-8 start byte 0x{byte:02x}", 2
    line = before.count(b"\n") + 1
    column += at - (before.rfind(b"\n") + 1)
    where = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
    return invalid_payload(f"{what}\n at [Source: {where}; line: {line}, column: {column}]")


def too_large(limit: int) -> AwsError:
    """A payload over the limit, in bytes."""
    message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
    return AwsError("RequestTooLargeException", message, 413)
