"""A cloakroom: who may do what with whom, said with connectors instead of policies."""

from lambdaform import Connector, EmbeddedConnector, Function, Queue, Runtime, SimpleTable, Stack

stack = Stack("cloakroom", description="Keeps coats")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src")

coats = stack.add(SimpleTable("Coats"))
forgotten = stack.add(Queue("Forgotten"))
keep = stack.add(
    Function(
        "Keep",
        handler="cloakroom.keep",
        environment={"COATS": coats.ref},
        connectors={"Coats": EmbeddedConnector(coats, ["Read", "Write"])},
    )
)
close = stack.add(
    Function("Close", handler="cloakroom.close", environment={"COATS": coats.ref, "QUEUE": forgotten.url})
)
stack.add(Connector("CloseReads", source=close, destination=coats, permissions="Read"))
stack.add(Connector("CloseReports", source=close, destination=forgotten, permissions="Write"))
