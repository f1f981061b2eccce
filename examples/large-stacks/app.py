"""A switchboard: a function for each of its lines, and a table that they share."""

from lambdaform import Function, PrimaryKey, Runtime, SimpleTable, Stack

LINES = 40

stack = Stack("switchboard")
calls = stack.add(SimpleTable("Calls", primary_key=PrimaryKey("id", "String")))
for line in range(LINES):
    stack.add(
        Function(
            f"Line{line}",
            runtime=Runtime.PYTHON_3_13,
            handler="line.handler",
            code_uri="src",
            environment={"CALLS": calls.ref, "LINE": str(line)},
            policies=[calls.write()],
            auto_publish_alias="live",
        )
    )
