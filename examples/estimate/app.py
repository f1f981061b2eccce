"""A ticket office: a shop front behind an API, and a printer behind a queue that must not be overrun."""

from lambdaform import Function, HttpApiEvent, Queue, Runtime, ScalingConfig, SqsEvent, Stack

stack = Stack("tickets", description="Sells and prints tickets")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src", architectures=["arm64"])

jobs = stack.add(Queue("Printing", visibility_timeout=180))
stack.add(
    Function(
        "Sell",
        handler="tickets.sell",
        memory_size=512,
        timeout=10,
        events={"Sell": HttpApiEvent(path="/tickets", method="post")},
    )
)
stack.add(
    Function(
        "Print",
        handler="tickets.print_tickets",
        memory_size=1024,
        timeout=30,
        events={"Jobs": SqsEvent(jobs, batch_size=10, scaling_config=ScalingConfig(maximum_concurrency=20))},
    )
)
