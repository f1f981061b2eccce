"""A dice in the template: CloudFormation asks a function for a value, and the stack uses it."""

from lambdaform import CustomResource, Function, Runtime, Stack

stack = Stack("dice", description="Throws a dice at deployment")

throw = stack.add(
    Function("Throw", runtime=Runtime.PYTHON_3_13, handler="throw.handler", code_uri="src", timeout=30)
)
dice = stack.add(
    CustomResource(
        "Dice", type="Custom::Dice", service_token=throw, service_timeout=60, properties={"Sides": 20}
    )
)
stack.output("Thrown", dice.attr("Value"))
