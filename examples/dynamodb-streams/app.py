"""A stock ledger: when an article runs low, the change of its item says so."""

from lambdaform import (
    DestinationConfig,
    DynamoDBEvent,
    Function,
    Queue,
    Runtime,
    Stack,
    StreamSpecification,
    Table,
)

stack = Stack("stock", description="Watches the stock")

articles = stack.add(
    Table(
        "Articles",
        attribute_definitions={"article": "S"},
        key_schema={"article": "HASH"},
        billing_mode="PAY_PER_REQUEST",
        stream_specification=StreamSpecification("NEW_AND_OLD_IMAGES"),
    )
)
given_up = stack.add(Queue("GivenUp", message_retention_period=14 * 24 * 60 * 60))
stack.add(
    Function(
        "Watch",
        runtime=Runtime.PYTHON_3_13,
        handler="watch.handler",
        code_uri="src",
        events={
            "Changes": DynamoDBEvent(
                articles,
                starting_position="LATEST",
                batch_size=100,
                maximum_retry_attempts=5,
                bisect_batch_on_function_error=True,
                filter_criteria=[{"eventName": ["MODIFY"]}],
                destination_config=DestinationConfig(given_up),
            )
        },
    )
)
