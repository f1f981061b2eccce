"""A tea house with its kitchen: one function calls the other, one wakes by the clock."""

from lambdaform import Function, Runtime, ScheduleEvent, Stack, policies, rate

stack = Stack("teahouse", description="Serves tea")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src", timeout=10)

kitchen = stack.add(Function("Kitchen", handler="kitchen.handler"))
stack.add(
    Function(
        "Waiter",
        handler="waiter.handler",
        environment={"KITCHEN": kitchen.name},
        policies=[policies.lambda_invoke(kitchen)],
    )
)
stack.add(Function("Gong", handler="waiter.gong", events={"Hourly": ScheduleEvent(rate(1, "hour"))}))
