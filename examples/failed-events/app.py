"""Letters that must not get lost: retried, then kept; what became of them goes to a topic and a queue."""

from lambdaform import (
    EventInvokeConfig,
    EventInvokeDestinationConfig,
    Function,
    Queue,
    Runtime,
    Stack,
    Topic,
)

stack = Stack("letters", description="Prints letters")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src")

failed = stack.add(Queue("FailedLetters", message_retention_period=14 * 24 * 60 * 60))
printed = stack.add(Topic("PrintedLetters"))

stack.add(Function("Stamp", handler="letters.stamp", dead_letter_queue=failed))
stack.add(
    Function(
        "Print",
        handler="letters.print_letter",
        event_invoke_config=EventInvokeConfig(
            maximum_retry_attempts=1,
            maximum_event_age_in_seconds=3600,
            destination_config=EventInvokeDestinationConfig(on_success=printed, on_failure=failed),
        ),
    )
)
