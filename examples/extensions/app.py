"""A till whose every receipt is counted by an extension beside the function, whatever language that has."""

from lambdaform import Function, Layer, Runtime, Stack

stack = Stack("till", description="Prints receipts")

auditor = stack.add(Layer("Auditor", content_uri="layers/auditor"))
stack.add(
    Function(
        "Receipt", runtime=Runtime.PYTHON_3_13, handler="receipt.handler", code_uri="src", layers=[auditor]
    )
)
