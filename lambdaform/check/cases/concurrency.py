"""The cases of `lambdaform.check.rules.concurrency`: reserved and provisioned concurrency."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    MARK,
    VERSION,
    alias,
    function,
    plain_function,
    template,
    twins,
)

PROVISIONED = "ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 20}"


CASES = [
    twins(
        "LF254",
        template(function("ReservedConcurrentExecutions: 950  # wrong")),
        "at most 900",
        ("950", "900"),
    ),
    twins(
        "LF255",
        template(function("ReservedConcurrentExecutions: 0  # wrong")),
        "every invocation is throttled",
        ("Executions: 0", "Executions: 10"),
    ),
    twins(
        "LF256",
        template(
            function(f"AutoPublishAlias: live\nReservedConcurrentExecutions: 10\n{PROVISIONED}  {MARK}")
        ),
        "provisions 20 environments and reserves 10",
        ("Executions: 10", "Executions: 20"),
    ),
    twins(
        "LF257",
        template(
            plain_function(), VERSION, alias(f"Name: live\nFunctionVersion: $LATEST  {MARK}\n{PROVISIONED}")
        ),
        "points to $LATEST",
        ("$LATEST", "!GetAtt Version.Version"),
    ),
    twins(
        "LF257",
        template(function(f"{PROVISIONED}  {MARK}")),
        "no AutoPublishAlias",
        ("Handler:", "AutoPublishAlias: live\n      Handler:"),
        name="sam",
    ),
]
