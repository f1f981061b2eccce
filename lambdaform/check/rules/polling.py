"""LF22x: what Lambda polls for a function: queues and streams, their batches, and where reading starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import behind, of_type, problem_at, prop, queue_sources, setting, text_of
from lambdaform.model.awslambda import EventSourceMapping
from lambdaform.model.queue import Queue
from lambdaform.model.references import Ref
from lambdaform.model.shape import Problem, Shape
from lambdaform.model.stack import Stack


@rule(
    "LF205",
    "visibility-timeout",
    Level.ERROR,
    demand="A queue hides a message at least as long as the function that reads it may run.",
    source="AWS Lambda Developer Guide, services-sqs-configure; deck section B7",
)
def visibility_timeout(stack: Stack) -> Iterator[Problem]:
    """Queues that show a message again while the function still works on it."""
    for function, event, source, _ in queue_sources(stack):
        queue = behind(stack, source)
        timeout = setting(stack, function, "timeout")
        if (
            not isinstance(queue, Queue)
            or isinstance(timeout, Ref)
            or isinstance(queue.visibility_timeout, Ref)
        ):
            continue
        if "Timeout" in function.raw or "VisibilityTimeout" in queue.raw:
            continue
        seconds = 3 if timeout is None else timeout
        hidden = 30 if queue.visibility_timeout is None else queue.visibility_timeout
        if hidden < seconds:
            place: Shape = queue if queue.visibility_timeout is not None else event
            yield place.problem(
                "LF205",
                f"Queue {queue.logical_id!r} hides a message for {hidden} s, but {function.logical_id!r} may run "
                f"for {seconds} s.",
                f"Lambda refuses the mapping. visibility_timeout must be at least {seconds}; AWS recommends six "
                f"times that, {6 * seconds}.",
                "visibility_timeout" if place is queue else "queue",
            )


@rule(
    "LF207",
    "batch-size",
    Level.ERROR,
    demand="A batch is no larger than its source allows.",
    source="AWS Lambda Developer Guide, services-sqs-configure",
)
def batch_size(stack: Stack) -> Iterator[Problem]:
    """Batches over 10 from a FIFO queue, or from a queue without a batching window."""
    for _, event, source, size in queue_sources(stack):
        queue = behind(stack, source)
        if not isinstance(queue, Queue) or not isinstance(size, int) or size <= 10:
            continue
        window = getattr(event, "maximum_batching_window_in_seconds", None)
        if queue.is_fifo:
            yield event.problem(
                "LF207",
                f"batch_size is {size}, and {queue.logical_id!r} is a FIFO queue.",
                "A FIFO queue gives batches of at most 10.",
                "batch_size",
            )
        elif window is None or window == 0:
            yield event.problem(
                "LF207",
                f"batch_size is {size} without a batching window.",
                "A batch over 10 needs maximum_batching_window_in_seconds of at least 1.",
                "batch_size",
            )


_STREAMS = ("AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::Kinesis::StreamConsumer")


_STREAMS = ("AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::Kinesis::StreamConsumer")


@rule(
    "LF208",
    "starting-position",
    Level.ERROR,
    demand="A mapping of a stream says where to start reading.",
    source="Lambda API, CreateEventSourceMapping",
)
def starting_position(stack: Stack) -> Iterator[Problem]:
    """Stream mappings without a starting position."""
    for mapping in of_type(stack, EventSourceMapping):
        source = behind(stack, mapping.event_source_arn)
        arn = mapping.event_source_arn if isinstance(mapping.event_source_arn, str) else ""
        stream = arn.startswith("arn:") and arn.split(":")[2] in ("kinesis", "dynamodb")
        if source is not None and source.aws_type in _STREAMS:
            stream = True
        if stream and mapping.starting_position is None and "StartingPosition" not in mapping.raw:
            yield mapping.problem(
                "LF208",
                f"Mapping {mapping.logical_id!r} reads a stream and has no StartingPosition.",
                "Say TRIM_HORIZON (the oldest record there is) or LATEST.",
            )


#: What a mapping may read from, of the types that are sources of events in some other way or look like one.
_NO_SOURCES = (
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::Serverless::Api",
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
)


@rule(
    "LF221",
    "not-polled",
    Level.ERROR,
    demand="A mapping reads from a queue, a stream, a broker or a cluster.",
    source="AWS Lambda Developer Guide, invocation-eventsourcemapping",
)
def not_polled(stack: Stack) -> Iterator[Problem]:
    """Mappings of what calls functions by itself."""
    for mapping in of_type(stack, EventSourceMapping):
        source = behind(stack, mapping.event_source_arn)
        if source is not None and source.aws_type in _NO_SOURCES:
            yield mapping.problem(
                "LF221",
                f"Mapping {mapping.logical_id!r} reads from {source.logical_id!r}, a {source.aws_type}.",
                "Lambda polls queues, streams, brokers and clusters. What calls functions by itself needs an "
                "AWS::Lambda::Permission instead of a mapping.",
                "event_source_arn",
            )


_OF_STREAMS = (
    "StartingPosition",
    "StartingPositionTimestamp",
    "ParallelizationFactor",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "TumblingWindowInSeconds",
)


@rule(
    "LF222",
    "stream-setting",
    Level.ERROR,
    demand="A mapping of a queue has no settings of streams.",
    source="Lambda API, CreateEventSourceMapping",
)
def stream_setting(stack: Stack) -> Iterator[Problem]:
    """Mappings of queues with a starting position and the like."""
    for mapping in of_type(stack, EventSourceMapping):
        source = behind(stack, mapping.event_source_arn)
        arn = (text_of(mapping.event_source_arn) or "").split(":")
        if not isinstance(source, Queue) and (source is not None or len(arn) < 3 or arn[2] != "sqs"):
            continue
        for name in _OF_STREAMS:
            if prop(mapping, name) is not None:
                yield problem_at(
                    mapping,
                    "LF222",
                    f"Mapping {mapping.logical_id!r} reads a queue and has {name}.",
                    f"{name} is for streams. A queue keeps its order, age and attempts in its own settings.",
                    name,
                )


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@rule(
    "LF223",
    "scaling-over-reserve",
    Level.WARNING,
    demand="A queue's maximum concurrency is within what the function has reserved.",
    source="AWS Lambda Developer Guide, services-sqs-scaling",
)
def scaling_over_reserve(stack: Stack) -> Iterator[Problem]:
    """Queues that may use more environments than their function may have."""
    for function, event, _, _ in queue_sources(stack):
        most = _number(prop(event, "ScalingConfig", "MaximumConcurrency"))
        reserved = _number(setting(stack, function, "reserved_concurrent_executions"))
        if most is not None and reserved is not None and most > reserved:
            yield problem_at(
                event,
                "LF223",
                f"The queue may use {most} environments, and {function.logical_id!r} reserves {reserved}.",
                f"Messages would be throttled: reserve at least {most}, or lower MaximumConcurrency.",
                "ScalingConfig",
            )
