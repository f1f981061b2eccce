"""Three desks of one library, which share their settings and differ in one."""

from lambdaform import Function, Runtime, SimpleTable, Stack

stack = Stack("library", description="Lends books")

loans = stack.add(SimpleTable("Loans"))
stack.globals_for(
    Function,
    runtime=Runtime.PYTHON_3_13,
    code_uri="src",
    timeout=10,
    memory_size=256,
    environment={"LOANS": loans.ref, "DAYS": "28"},
)

for desk in ("lend", "renew"):
    stack.add(Function(desk.title(), handler=f"library.{desk}"))
stack.add(Function("Remind", handler="library.remind", timeout=60, environment={"DAYS": "21"}))
