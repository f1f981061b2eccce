"""Clicks of a web shop, counted in order as they arrive, shard by shard."""

from lambdaform import (
    DestinationConfig,
    Function,
    KinesisEvent,
    Queue,
    Runtime,
    Stack,
    Stream,
    StreamEncryption,
)

stack = Stack("clicks", description="Counts clicks")

clicks = stack.add(
    Stream(
        "Clicks",
        shard_count=2,
        retention_period_hours=48,
        stream_encryption=StreamEncryption(encryption_type="KMS", key_id="alias/aws/kinesis"),
    )
)
given_up = stack.add(Queue("GivenUp", message_retention_period=14 * 24 * 60 * 60))
stack.add(
    Function(
        "Count",
        runtime=Runtime.PYTHON_3_13,
        handler="count.handler",
        code_uri="src",
        timeout=30,
        events={
            "Clicks": KinesisEvent(
                clicks,
                starting_position="TRIM_HORIZON",
                batch_size=200,
                maximum_batching_window_in_seconds=2,
                parallelization_factor=2,
                maximum_retry_attempts=3,
                maximum_record_age_in_seconds=3600,
                bisect_batch_on_function_error=True,
                function_response_types=["ReportBatchItemFailures"],
                destination_config=DestinationConfig(given_up),
            )
        },
    )
)
