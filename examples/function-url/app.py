"""A mood ring: one function, one HTTPS address, no gateway."""

from lambdaform import Function, FunctionUrlConfig, FunctionUrlCors, Runtime, Stack

stack = Stack("mood", description="Tells a mood")

stack.add(
    Function(
        "Mood",
        runtime=Runtime.PYTHON_3_13,
        handler="mood.handler",
        code_uri="src",
        timeout=10,
        reserved_concurrent_executions=10,
        function_url_config=FunctionUrlConfig(
            "AWS_IAM",
            cors=FunctionUrlCors(allow_origins=["https://example.com"], allow_methods=["GET"], max_age=3600),
        ),
    )
)
