"""A ticket shop: sales are always warm, and the printer is never asked by more than two at once."""

from lambdaform import Function, Runtime, Stack

stack = Stack("tickets", description="Sells and prints tickets")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src")

stack.add(
    Function(
        "Sell",
        handler="tickets.sell",
        reserved_concurrent_executions=100,
        auto_publish_alias="live",
        provisioned_concurrency_config=20,
    )
)
stack.add(Function("Print", handler="tickets.print_ticket", reserved_concurrent_executions=2))
