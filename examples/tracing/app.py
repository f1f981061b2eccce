"""An order that passes through a queue and two functions, followed from end to end with X-Ray."""

from lambdaform import Function, Queue, Runtime, ScalingConfig, SqsEvent, Stack, policies

stack = Stack("orders", description="Orders, traced")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src", tracing="Active", timeout=10)

accepted = stack.add(Queue("Accepted", visibility_timeout=60))
stack.add(
    Function(
        "Accept",
        handler="orders.accept",
        environment={"QUEUE_URL": accepted.url},
        policies=[policies.sqs_send_message(accepted)],
    )
)
stack.add(
    Function(
        "Pack",
        handler="orders.pack",
        events={
            "Accepted": SqsEvent(accepted, batch_size=5, scaling_config=ScalingConfig(maximum_concurrency=10))
        },
    )
)
