"""A mail room: messages of a queue in batches, and only those that fail come back."""

from lambdaform import Function, Queue, RedrivePolicy, Runtime, ScalingConfig, SqsEvent, Stack

stack = Stack("mailroom", description="Sorts letters from a queue")

undeliverable = stack.add(Queue("Undeliverable", message_retention_period=14 * 24 * 60 * 60))
letters = stack.add(
    Queue(
        "Letters",
        visibility_timeout=180,
        redrive_policy=RedrivePolicy(dead_letter_target_arn=undeliverable, max_receive_count=5),
    )
)
stack.add(
    Function(
        "Sort",
        runtime=Runtime.PYTHON_3_13,
        handler="sort.handler",
        code_uri="src",
        timeout=30,
        events={
            "Letters": SqsEvent(
                letters,
                batch_size=50,
                maximum_batching_window_in_seconds=5,
                function_response_types=["ReportBatchItemFailures"],
                scaling_config=ScalingConfig(maximum_concurrency=5),
            )
        },
    )
)
