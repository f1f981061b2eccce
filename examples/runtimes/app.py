"""A short-link service in three languages: Python makes the code, Node.js looks it up, Ruby says where it leads."""

from lambdaform import Function, Runtime, RuntimeManagementConfig, Stack

stack = Stack("links", description="Short links")

stack.add(Function("Shorten", runtime=Runtime.PYTHON_3_13, handler="shorten.handler", code_uri="src/shorten"))
stack.add(
    Function(
        "Expand",
        runtime=Runtime.NODEJS_22_X,
        handler="expand.handler",
        code_uri="src/expand",
        runtime_management_config=RuntimeManagementConfig("FunctionUpdate"),
    )
)
stack.add(Function("Preview", runtime=Runtime.RUBY_3_4, handler="preview.handler", code_uri="src/preview"))
