"""A watchman: lines of another function's log that say ERROR are counted by message."""

from lambdaform import CloudWatchLogsEvent, Function, LoggingConfig, LogGroup, Runtime, Stack

stack = Stack("watchman", description="Looks through logs")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src")

log = stack.add(LogGroup("ShopLog", retention_in_days=14))
stack.add(Function("Shop", handler="shop.handler", logging_config=LoggingConfig(log_group=log.name)))
stack.add(
    Function(
        "Watch",
        handler="watch.handler",
        events={"Errors": CloudWatchLogsEvent(log, filter_pattern="?ERROR ?Error")},
    )
)
