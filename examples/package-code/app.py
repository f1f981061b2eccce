"""A digest of orders. Its packages come from PyPI: one function's own, and a layer's for all functions."""

from lambdaform import CodeFolder, Function, Layer, Runtime, Stack

stack = Stack("digest", description="Says in words what the last orders were worth")

common = stack.add(
    Layer(
        "Common",
        content_uri=CodeFolder("layers/common", dependencies="layers/requirements.txt"),
        compatible_runtimes=[Runtime.PYTHON_3_13],
        compatible_architectures=["arm64"],
    )
)

stack.add(
    Function(
        "Digest",
        runtime=Runtime.PYTHON_3_13,
        architectures=["arm64"],
        handler="digest.handler",
        code_uri=CodeFolder("src", exclude=["tests/", "*.md"]),
        layers=[common],
        timeout=10,
    )
)
