"""A component: a queue, its dead letters, an alarm on these, and the function that works on it."""

from lambdaform import Alarm, Function, Queue, RedrivePolicy, Runtime, ScalingConfig, Scope, SqsEvent


def worker(scope: Scope, handler: str, *, timeout: int = 10, at_once: int = 5) -> Queue:
    """Gives back the queue, for whoever puts work into it."""
    failed = scope.add(Queue("Failed", message_retention_period=14 * 86_400))
    work = scope.add(
        Queue(
            "Work",
            visibility_timeout=6 * timeout,
            redrive_policy=RedrivePolicy(dead_letter_target_arn=failed, max_receive_count=5),
        )
    )
    scope.add(
        Function(
            "Worker",
            runtime=Runtime.PYTHON_3_13,
            handler=handler,
            code_uri="src",
            timeout=timeout,
            events={"Work": SqsEvent(work, scaling_config=ScalingConfig(maximum_concurrency=at_once))},
        )
    )
    scope.add(
        Alarm(
            "FailedAlarm",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": failed.attr("QueueName")},
            statistic="Maximum",
            period=300,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
        )
    )
    return work
