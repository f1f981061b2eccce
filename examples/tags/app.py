"""Costs by team: every resource has the stack's tags, and one has a tag of its own."""

from lambdaform import Function, Queue, Runtime, SqsEvent, Stack

stack = Stack(
    "reports",
    description="Makes reports",
    tags={"team": "finance", "service": "prod:reports"},
)

requests = stack.add(Queue("Requests", visibility_timeout=60))
stack.add(
    Function(
        "Report",
        runtime=Runtime.PYTHON_3_13,
        handler="report.handler",
        code_uri="src",
        timeout=10,
        tags={"team": "controlling"},
        propagate_tags=True,
        events={"Requests": SqsEvent(requests)},
    )
)
