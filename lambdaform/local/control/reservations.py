"""Whether functions may reserve and provision the concurrency that they ask for.

Source: AWS Lambda Developer Guide, configuration-concurrency, provisioned-concurrency, snapstart and
tenant-isolation; AWS's sentences as recorded from it.
"""

from __future__ import annotations

from collections.abc import Iterable

from lambdaform.facts.quotas import Quotas
from lambdaform.local.control.functions import Function
from lambdaform.local.control.records import LATEST, FunctionRecord
from lambdaform.local.control.state import State
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


def provisioned_of(state: State, name: str) -> int:
    """How much concurrency a function's versions and aliases have provisioned."""
    return sum(each.requested for each in state.provisioned.of(name).values())


def claim(state: State, function: FunctionRecord) -> int:
    """What a function takes of the account's concurrency: what it reserves, or else what it provisions."""
    reserved = function.reserved_concurrency
    return provisioned_of(state, function.name) if reserved is None else reserved


def unreserved(state: State, *, but: str | None = None) -> int:
    """What all functions leave of the account's concurrency; ``but`` is one that is not counted."""
    claimed = state.functions.weight + sum(
        provisioned_of(state, name)
        for name in state.provisioned.owners()
        if state.functions[name].reserved_concurrency is None
    )
    excepted = state.functions.get(but or "")
    if excepted is not None:
        claimed -= claim(state, excepted)
    return state.quotas.account_concurrency - claimed


def check_reserved(state: State, function: FunctionRecord, reserved: int) -> None:
    """See that a function may reserve so much. Raises `AwsError`."""
    provisioned = provisioned_of(state, function.name)
    if reserved < provisioned:
        message = (
            f" ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned "
            f"concurrency [{provisioned}]."
        )
        raise AwsError("InvalidParameterValueException", message, 400, kind="")
    if reserved > claim(state, function):
        _check_minimum(state, function, reserved, "ReservedConcurrentExecutions")


def check_provisioned(state: State, function: FunctionRecord, qualifier: str, requested: int) -> None:
    """See that a version or alias may have so many environments ready. Raises `AwsError`."""
    before = state.provisioned.of(function.name).get(qualifier)
    others = provisioned_of(state, function.name) - (before.requested if before is not None else 0)
    if function.reserved_concurrency is not None:
        if others + requested > function.reserved_concurrency:
            raise invalid_parameter(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for "
                "function"
            )
        return
    left = unreserved(state, but=function.name) - others
    if requested > left:
        message = f"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{left}]."
        raise AwsError("InvalidParameterValueException", message, 400, kind="")
    if others + requested > claim(state, function):
        _check_minimum(state, function, others + requested, "ConcurrentExecutions")


def check_one_allocation_each(state: State, name: str, qualifier: str) -> None:
    """See that a version or alias may be provisioned, and is not under another name. Raises `AwsError`."""
    aliases, provisioned = state.aliases.of(name), state.provisioned.of(name)
    alias = aliases.get(qualifier)
    version = state.versions[name, alias.version if alias is not None else qualifier]
    if version.snap_start != "None":
        raise invalid_parameter("Provisioned Concurrency is not supported for functions with SnapStart.")
    if version.tenancy_config is not None:
        raise invalid_parameter(
            "Provisioned Concurrency is not supported for functions with tenant isolation."
        )
    if alias is None:
        if any(aliases[each].version == qualifier for each in provisioned if each in aliases):
            message = "Version is pointed by a Provisioned Concurrency alias"
            raise AwsError("ResourceConflictException", message, 409)
        return
    taken = {aliases[each].version if each in aliases else each for each in provisioned if each != qualifier}
    if alias.version in taken:
        raise AwsError(
            "ResourceConflictException",
            "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
            409,
        )
    if alias.version == LATEST:
        raise invalid_parameter(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
        )


def _check_minimum(state: State, function: FunctionRecord, wanted: int, what: str) -> None:
    least = state.quotas.unreserved_minimum
    if unreserved(state, but=function.name) - wanted < least:
        message = (
            f"Specified {what} for function decreases account's UnreservedConcurrentExecution below its minimum "
            f"value of [{least}]."
        )
        raise AwsError("InvalidParameterValueException", message, 400, kind="")


def _refused(function: Function, message: str) -> AwsError:
    error = invalid_parameter(message)
    error.extra["Function"] = function.name
    return error
