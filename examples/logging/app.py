"""A lift whose log a machine reads: JSON, nothing below INFO from the function, kept for two weeks."""

from lambdaform import Function, LoggingConfig, LogGroup, Runtime, Stack

stack = Stack("lift", description="A lift and its log")

log = stack.add(LogGroup("LiftLog", retention_in_days=14))
stack.add(
    Function(
        "Lift",
        runtime=Runtime.PYTHON_3_13,
        handler="lift.handler",
        code_uri="src",
        logging_config=LoggingConfig(
            log_format="JSON",
            application_log_level="INFO",
            system_log_level="WARN",
            log_group=log.name,
        ),
    )
)
