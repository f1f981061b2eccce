"""An address book whose functions share one package: each handler is a path into it."""

from lambdaform import Function, Runtime, Stack

stack = Stack("addresses", description="Checks and formats addresses")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src")

stack.add(Function("CheckAddress", handler="addresses.checks.handler"))
stack.add(Function("FormatAddress", handler="addresses/labels.handler"))
