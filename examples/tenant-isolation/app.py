"""Reports of several customers: what is kept in memory for one is never there for another."""

from lambdaform import Function, Runtime, Stack, TenancyConfig

stack = Stack("reports", description="Tells how often each customer has asked")

stack.add(
    Function(
        "Report",
        runtime=Runtime.PYTHON_3_13,
        handler="report.handler",
        code_uri="src",
        tenancy_config=TenancyConfig("PER_TENANT"),
    )
)
