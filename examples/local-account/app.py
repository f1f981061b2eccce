"""A guest book: a function writes who was here into a table, and says so on a topic."""

from lambdaform import Function, Runtime, SimpleTable, Stack, Topic

stack = Stack("guestbook", description="Who was here")
guests = stack.add(SimpleTable("Guests"))
arrivals = stack.add(Topic("Arrivals"))
stack.add(
    Function(
        "Sign",
        runtime=Runtime.PYTHON_3_13,
        handler="sign.handler",
        code_uri="src",
        timeout=10,
        environment={"TABLE": guests.ref, "TOPIC": arrivals.ref},
        policies=[guests.write(), arrivals.publish()],
    )
)
