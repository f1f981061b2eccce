"""A greeting in a language that Lambda has no runtime for: the shell."""

from lambdaform import Function, Layer, Runtime, Stack

stack = Stack("greetings", description="Functions in shell script")

shell = stack.add(Layer("ShellRuntime", content_uri="runtime", compatible_runtimes=[Runtime.PROVIDED_AL2023]))
stack.add(
    Function(
        "Greet",
        runtime=Runtime.PROVIDED_AL2023,
        handler="greet.handler",
        code_uri="src",
        layers=[shell],
    )
)
