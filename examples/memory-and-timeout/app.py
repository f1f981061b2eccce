"""Monthly statements: one function with enough memory, time, disk and the cheaper processor."""

from lambdaform import Function, Runtime, Stack

stack = Stack("statements", description="Adds up the bookings of a month")

stack.add(
    Function(
        "Statement",
        runtime=Runtime.PYTHON_3_13,
        handler="statement.handler",
        code_uri="src",
        memory_size=1769,
        timeout=20,
        ephemeral_storage=2048,
        architectures=["arm64"],
    )
)
