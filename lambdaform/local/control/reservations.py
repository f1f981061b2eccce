"""Whether functions may reserve and provision the concurrency that they ask for.

Source: AWS Lambda Developer Guide, configuration-concurrency and provisioned-concurrency; AWS's sentences as
recorded from it.
"""

from __future__ import annotations

from collections.abc import Iterable

from lambdaform.facts.quotas import Quotas
from lambdaform.local.control.functions import Function
from lambdaform.local.errors import AwsError, invalid_parameter


def check_reservations(functions: Iterable[Function], quotas: Quotas) -> None:
    """See that what is reserved and provisioned leaves the others their minimum.

    Raises `AwsError` for the first function that asks for too much; its ``extra`` has the function's name.
    """
    left = quotas.account_concurrency - quotas.unreserved_minimum
    least = f"UnreservedConcurrentExecution below its minimum value of [{quotas.unreserved_minimum}]."
    for function in functions:
        reserved, provisioned = function.reserved_concurrency, sum(function.provisioned.values())
        if reserved is not None and provisioned > reserved:
            raise _refused(
                function,
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution "
                "for function",
            )
        for qualifier in function.provisioned:
            alias = function.aliases.get(qualifier)
            if alias is not None and alias.version in function.provisioned:
                message = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
                raise AwsError("ResourceConflictException", message, 409, extra={"Function": function.name})
        left -= provisioned if reserved is None else reserved
        if left < 0 and (reserved or provisioned):
            what = "ConcurrentExecutions" if reserved is None else "ReservedConcurrentExecutions"
            raise _refused(function, f"Specified {what} for function decreases account's {least}")


def _refused(function: Function, message: str) -> AwsError:
    error = invalid_parameter(message)
    error.extra["Function"] = function.name
    return error
