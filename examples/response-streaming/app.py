"""A storyteller that sends its story sentence by sentence, while it is being made up."""

from lambdaform import Function, FunctionUrlConfig, Runtime, Stack

stack = Stack("storyteller", description="Tells stories as they come to mind")

stack.add(
    Function(
        "Tell",
        runtime=Runtime.NODEJS_22_X,
        handler="tell.handler",
        code_uri="src",
        timeout=60,
        function_url_config=FunctionUrlConfig(auth_type="AWS_IAM", invoke_mode="RESPONSE_STREAM"),
    )
)
