"""LF254 to LF257: reserved and provisioned concurrency."""

from __future__ import annotations

from collections.abc import Iterator

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import (
    function_behind,
    functions_with,
    of_aws_type,
    of_type,
    setting,
    whole_number,
)
from lambdaform.facts.quotas import quotas
from lambdaform.model.awslambda import Alias
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack


def provisioned(stack: Stack) -> Iterator[tuple[FunctionSettings, Shape]]:
    """Each function with provisioned concurrency, and the object that says so."""
    for function in of_type(stack, Function):
        if setting(stack, function, "provisioned_concurrency_config") is not None:
            yield function, function
    for resource in of_aws_type(stack, "AWS::Lambda::Alias", "AWS::Lambda::Version"):
        if prop(resource, "ProvisionedConcurrencyConfig") is not None:
            owner = function_behind(stack, prop(resource, "FunctionName"))
            if owner is not None:
                yield owner, resource


@rule(
    "LF254",
    "reserve-over-account",
    Level.WARNING,
    demand="Functions reserve no more concurrency than an account has by default, less what must stay unreserved.",
    source="AWS Lambda Developer Guide, gettingstarted-limits and configuration-concurrency; deck section B10",
)
def reserve_over_account(stack: Stack) -> Iterator[Problem]:
    """Functions that reserve, alone or together, more than an account has unless AWS raises its limit."""
    limits = quotas(stack.profile)
    most = limits.account_concurrency - limits.unreserved_minimum
    total = 0
    for function in functions_with(stack, "reserved_concurrent_executions"):
        reserved = whole_number(setting(stack, function, "reserved_concurrent_executions")) or 0
        total += reserved
        if reserved and total > most:
            alone = reserved > most or total == reserved
            yield function.problem(
                "LF254",
                f"{function.logical_id!r} reserves {reserved} concurrent executions"
                + ("." if alone else f", and the functions up to it {total} together."),
                f"An account has {limits.account_concurrency}, and {limits.unreserved_minimum} must stay unreserved: "
                f"at most {most}, unless AWS has raised the account's limit.",
                "reserved_concurrent_executions",
            )
            return


@rule(
    "LF255",
    "switched-off",
    Level.INFO,
    demand="A function that is to run has some concurrency.",
    source="AWS Lambda Developer Guide, configuration-concurrency",
)
def switched_off(stack: Stack) -> Iterator[Problem]:
    """Functions that reserve 0, so that every invocation is throttled."""
    for function in functions_with(stack, "reserved_concurrent_executions"):
        if whole_number(setting(stack, function, "reserved_concurrent_executions")) == 0:
            yield function.problem(
                "LF255",
                f"{function.logical_id!r} reserves 0 concurrent executions: every invocation is throttled.",
                "That switches the function off. Leave the setting out to let it run.",
                "reserved_concurrent_executions",
            )


@rule(
    "LF256",
    "provisioned-over-reserve",
    Level.ERROR,
    demand="A function's provisioned concurrency is within what it has reserved.",
    source="AWS Lambda Developer Guide, provisioned-concurrency",
)
def provisioned_over_reserve(stack: Stack) -> Iterator[Problem]:
    """Aliases and versions that keep more environments than their function may have."""
    for function, place in provisioned(stack):
        config = (
            setting(stack, function, "provisioned_concurrency_config")
            if place is function
            else prop(place, "ProvisionedConcurrencyConfig")
        )
        wanted = whole_number(prop(config, "ProvisionedConcurrentExecutions"))
        reserved = whole_number(setting(stack, function, "reserved_concurrent_executions"))
        if wanted is not None and reserved is not None and wanted > reserved:
            yield place.problem(
                "LF256",
                f"{function.logical_id!r} provisions {wanted} environments and reserves {reserved}.",
                f"Reserve at least {wanted}, or provision at most {reserved}.",
                "provisioned_concurrency_config",
            )


@rule(
    "LF257",
    "provisioned-latest",
    Level.ERROR,
    demand="Provisioned concurrency is for a published version.",
    source="AWS Lambda Developer Guide, provisioned-concurrency",
)
def provisioned_latest(stack: Stack) -> Iterator[Problem]:
    """Aliases with provisioned concurrency that point to $LATEST."""
    for function in of_type(stack, Function):
        config = setting(stack, function, "provisioned_concurrency_config")
        if config is not None and not setting(stack, function, "auto_publish_alias"):
            yield function.problem(
                "LF257",
                f"{function.logical_id!r} has provisioned concurrency and no AutoPublishAlias.",
                'It is for a published version: add auto_publish_alias="live".',
                "provisioned_concurrency_config",
            )
    for alias in of_type(stack, Alias):
        if alias.provisioned_concurrency_config is not None and alias.function_version == "$LATEST":
            yield alias.problem(
                "LF257",
                f"Alias {alias.logical_id!r} has provisioned concurrency and points to $LATEST.",
                "Publish a version and name its number.",
                "function_version",
            )
