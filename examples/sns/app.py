"""Alerts of a weather service: every subscriber of the topic gets its own copy, and ours only the storms."""

from lambdaform import Function, Queue, Runtime, SnsEvent, Stack, Topic

stack = Stack("weather", description="Warns of storms")

warnings = stack.add(Topic("Warnings", display_name="Weather"))
missed = stack.add(Queue("MissedWarnings", message_retention_period=14 * 24 * 60 * 60))
stack.add(
    Function(
        "Warn",
        runtime=Runtime.PYTHON_3_13,
        handler="warn.handler",
        code_uri="src",
        dead_letter_queue=missed,
        events={
            "Storms": SnsEvent(warnings, filter_policy={"kind": ["storm"], "wind": [{"numeric": [">=", 75]}]})
        },
    )
)
