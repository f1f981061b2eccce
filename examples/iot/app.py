"""A doorbell: a button on the kitchen wall, its messages selected with SQL by AWS IoT."""

from lambdaform import Function, IoTRuleEvent, Queue, Runtime, Stack

stack = Stack("doorbell", description="Rings where it is heard")

missed = stack.add(Queue("MissedRings", message_retention_period=24 * 60 * 60))
stack.add(
    Function(
        "Ring",
        runtime=Runtime.PYTHON_3_13,
        handler="ring.handler",
        code_uri="src",
        dead_letter_queue=missed,
        events={
            "Pressed": IoTRuleEvent(
                "SELECT *, topic(2) AS button FROM 'iotbutton/+' WHERE clickType <> 'LONG'",
                aws_iot_sql_version="2016-03-23",
            )
        },
    )
)
