"""A bakery's clock: a nightly count, opening hours in the bakery's own time zone, and one reminder."""

from lambdaform import Function, Runtime, ScheduleEvent, ScheduleV2Event, Stack, at, cron, rate

stack = Stack("bakery", description="Bakes on time")

stack.add(
    Function(
        "Bake",
        runtime=Runtime.PYTHON_3_13,
        handler="bake.handler",
        code_uri="src",
        events={
            "Count": ScheduleEvent(rate(1, "day"), input={"task": "count the flour"}),
            "Open": ScheduleV2Event(
                cron("30 5 ? * TUE-SUN *"),
                schedule_expression_timezone="Europe/Paris",
                flexible_time_window=5,
                input={"task": "light the oven"},
            ),
            "Fair": ScheduleV2Event(
                at("2030-05-04T03:00:00"),
                schedule_expression_timezone="Europe/Paris",
                input={"task": "bake for the fair"},
            ),
        },
    )
)
