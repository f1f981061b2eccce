"""A pizza oven with its numbers: a metric the function prints, one from its log, and alarms on Lambda's own."""

from lambdaform import (
    Alarm,
    CompositeAlarm,
    Function,
    LoggingConfig,
    LogGroup,
    MetricFilter,
    MetricTransformation,
    Runtime,
    Stack,
    Topic,
    sub,
)

stack = Stack("oven", description="Bakes pizzas, measured")

staff = stack.add(Topic("Staff"))
log = stack.add(LogGroup("OvenLog", retention_in_days=30))
bake = stack.add(
    Function(
        "Bake",
        runtime=Runtime.PYTHON_3_13,
        handler="bake.handler",
        code_uri="src",
        logging_config=LoggingConfig(log_group=log.name),
    )
)
stack.add(
    MetricFilter(
        "Burnt",
        log_group_name=log,
        filter_pattern="burnt",
        metric_transformations=[
            MetricTransformation(
                metric_namespace="Oven", metric_name="Burnt", metric_value="1", default_value=0
            )
        ],
    )
)


def over(logical_id: str, metric: str, threshold: float, statistic: str = "Sum") -> Alarm:
    """An alarm on one of Lambda's metrics of the oven."""
    return stack.add(
        Alarm(
            logical_id,
            namespace="AWS/Lambda",
            metric_name=metric,
            dimensions={"FunctionName": bake.name},
            statistic=statistic,
            period=300,
            evaluation_periods=1,
            threshold=threshold,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
        )
    )


failing, throttled = over("Failing", "Errors", 3), over("Throttled", "Throttles", 0)
stack.add(
    CompositeAlarm(
        "Trouble",
        alarm_rule=sub(
            "ALARM(${failing}) OR ALARM(${throttled})", failing=failing.name, throttled=throttled.name
        ),
        alarm_actions=[staff],
    )
)
