"""The application in lambdaform: functions, each with an alias, a dead-letter queue, a schedule and policies."""

import os

from lambdaform import Allow, Function, Queue, Runtime, ScheduleEvent, Stack, rate

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"

stack = Stack("bench", tags={"service": "bench"})
for number in range(int(os.environ["FUNCTIONS"])):
    failed = stack.add(Queue(f"Failed{number}", message_retention_period=14 * 24 * 60 * 60))
    stack.add(
        Function(
            f"Part{number}",
            description=f"Works on part {number}",
            runtime=Runtime.PYTHON_3_13,
            handler="app.handler",
            code_uri="code",
            memory_size=512,
            timeout=30,
            environment={"PART": str(number), "FAILED_URL": failed.url},
            policies=[
                Allow("dynamodb:GetItem", "dynamodb:PutItem", on=TABLE),
                Allow("sqs:SendMessage", on=failed),
            ],
            dead_letter_queue=failed,
            events={
                "Every": ScheduleEvent(rate(5, "minutes"), description=f"Part {number}, each five minutes")
            },
            auto_publish_alias="live",
        )
    )
