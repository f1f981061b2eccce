"""Parcels on their way: a bus of one's own, a rule for one kind of event, and an archive to replay from."""

from lambdaform import (
    Archive,
    EventBridgeRuleEvent,
    EventBus,
    Function,
    InputTransformer,
    Queue,
    RetryPolicy,
    Runtime,
    Stack,
)

stack = Stack("parcels", description="Tells customers where their parcels are")

bus = stack.add(EventBus("Parcels", name="parcels"))
stack.add(Archive("ParcelArchive", source_arn=bus, retention_days=30))
missed = stack.add(Queue("MissedParcels", message_retention_period=14 * 24 * 60 * 60))
stack.add(
    Function(
        "Tell",
        runtime=Runtime.PYTHON_3_13,
        handler="tell.handler",
        code_uri="src",
        dead_letter_queue=missed,
        events={
            "Delayed": EventBridgeRuleEvent(
                {
                    "source": ["parcels.tracking"],
                    "detail": {"state": ["delayed"], "hours": [{"numeric": [">", 2]}]},
                },
                event_bus_name=bus,
                input_transformer=InputTransformer(
                    input_paths_map={"parcel": "$.detail.parcel", "hours": "$.detail.hours"},
                    input_template='{"parcel": "<parcel>", "hours": <hours>}',
                ),
                retry_policy=RetryPolicy(maximum_retry_attempts=5, maximum_event_age_in_seconds=3600),
            )
        },
    )
)
