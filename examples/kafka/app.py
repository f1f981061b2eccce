"""Meter readings from a Kafka topic of Amazon MSK, the newest of each meter."""

from lambdaform import (
    DestinationConfig,
    Function,
    MskEvent,
    ProvisionedPollerConfig,
    Queue,
    Runtime,
    Stack,
)

stack = Stack("meters", description="Reads meters from Kafka")

cluster = stack.parameter(
    "ClusterArn", default="arn:aws:kafka:us-east-1:123456789012:cluster/meters/6cc0432b-8618"
)
given_up = stack.add(Queue("GivenUp", message_retention_period=14 * 24 * 60 * 60))
stack.add(
    Function(
        "Read",
        runtime=Runtime.PYTHON_3_13,
        handler="read.handler",
        code_uri="src",
        timeout=60,
        events={
            "Readings": MskEvent(
                cluster.ref,
                topics=["readings"],
                consumer_group_id="meters",
                starting_position="LATEST",
                batch_size=500,
                maximum_batching_window_in_seconds=5,
                provisioned_poller_config=ProvisionedPollerConfig(minimum_pollers=1, maximum_pollers=4),
                destination_config=DestinationConfig(given_up),
            )
        },
    )
)
