"""LF22x: what Lambda polls for a function: queues and streams, their batches, and where reading starts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.pattern import malformed_text
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import (
    behind,
    events,
    from_elsewhere,
    function_behind,
    items,
    none_of,
    of_type,
    problem_at,
    setting,
    text_of,
    whole_number,
)
from lambdaform.model.awslambda import EventSourceMapping
from lambdaform.model.function import FunctionSettings
from lambdaform.model.queue import Queue
from lambdaform.model.references import GetAtt, LogicalRef, Ref
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack


@per_check
def pollers(stack: Stack) -> Iterable[tuple[FunctionSettings | None, Shape, str, Any]]:
    """Each mapping and each SAM event that Lambda polls for: its function, itself, the service, and the source."""
    for mapping in of_type(stack, EventSourceMapping):
        arn = mapping.event_source_arn
        source = behind(stack, arn)
        if source is not None:
            service = _SERVICE_OF.get(source.aws_type, "")
        elif prop(mapping, "SelfManagedEventSource") is not None:
            service = "kafka"
        else:
            service = ((text_of(arn) or "").split(":") + [""] * 3)[2]
        yield function_behind(stack, mapping.function_name), mapping, service, arn
    for function, _, event in events(stack):
        if event.event_type in _EVENT_SERVICES:
            service, aws_name = _EVENT_SERVICES[event.event_type]
            yield function, event, service, prop(event, aws_name)


_SERVICE_OF = {
    "AWS::SQS::Queue": "sqs",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::Kinesis::StreamConsumer": "kinesis",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::MSK::Cluster": "kafka",
    "AWS::MSK::ServerlessCluster": "kafka",
    "AWS::AmazonMQ::Broker": "mq",
}
_EVENT_SERVICES = {
    "SQS": ("sqs", "Queue"),
    "Kinesis": ("kinesis", "Stream"),
    "DynamoDB": ("dynamodb", "Stream"),
    "MSK": ("kafka", "Stream"),
    "SelfManagedKafka": ("kafka", "KafkaBootstrapServers"),
    "MQ": ("mq", "Broker"),
}


@per_check
def queues(stack: Stack) -> Iterable[tuple[FunctionSettings, Shape, Queue]]:
    """Each queue of the stack that Lambda polls: the function that reads it, the event or mapping, and the queue."""
    for function, place, _, arn in pollers(stack):
        queue = behind(stack, arn)
        if function is not None and isinstance(queue, Queue):
            yield function, place, queue


@rule(
    "LF205",
    "visibility-timeout",
    Level.ERROR,
    demand="A queue hides a message at least as long as the function that reads it may run.",
    source="AWS Lambda Developer Guide, services-sqs-configure; deck section B7",
)
def visibility_timeout(stack: Stack) -> Iterator[Problem]:
    """Queues that show a message again while the function still works on it."""
    for function, event, queue in queues(stack):
        timeout = setting(stack, function, "timeout")
        if isinstance(timeout, Ref) or isinstance(queue.visibility_timeout, Ref):
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
    for _, event, queue in queues(stack):
        size, window = (prop(event, name) for name in ("BatchSize", "MaximumBatchingWindowInSeconds"))
        if not isinstance(size, int) or size <= 10:
            continue
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
#: The services that Lambda polls, as ARNs name them.
_POLLED_SERVICES = ("sqs", "kinesis", "dynamodb", "kafka", "mq", "rds")
#: The property of a SAM event that names its source, and the types that it may be.
_EVENT_SOURCES = {
    "SQS": ("Queue", "AWS::SQS::Queue"),
    "Kinesis": ("Stream", "AWS::Kinesis::Stream", "AWS::Kinesis::StreamConsumer"),
    "DynamoDB": ("Stream", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable"),
    "MQ": ("Broker", "AWS::AmazonMQ::Broker"),
    "MSK": ("Stream", "AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster"),
    "DocumentDB": ("Cluster", "AWS::DocDB::DBCluster"),
}  # fmt: skip


@rule(
    "LF221",
    "not-polled",
    Level.ERROR,
    demand="A mapping reads from a queue, a stream, a broker or a cluster.",
    source="AWS Lambda Developer Guide, invocation-eventsourcemapping",
)
def not_polled(stack: Stack) -> Iterator[Problem]:
    """Mappings of what calls functions by itself, and events that name a source of another kind."""
    right = (
        "Lambda polls queues, streams, brokers and clusters. What calls functions by itself needs an "
        "AWS::Lambda::Permission instead of a mapping."
    )
    for mapping in of_type(stack, EventSourceMapping):
        arn = mapping.event_source_arn
        source, text = behind(stack, arn), (text_of(arn) or "").split(":")
        if source is not None and source.aws_type in _NO_SOURCES:
            what = f"reads from {source.logical_id!r}, an {source.aws_type}."
        elif source is None and len(text) > 5 and text[0] == "arn" and text[2] not in _POLLED_SERVICES:
            if "${" in text[2]:
                continue
            what = f"reads from {':'.join(text)}, of the service {text[2]}."
        elif arn is None and "EventSourceArn" not in mapping.raw:
            if prop(mapping, "SelfManagedEventSource") is not None or from_elsewhere(mapping):
                continue
            yield mapping.problem(
                "LF221",
                f"Mapping {mapping.logical_id!r} has no EventSourceArn.",
                "Name the queue, stream, broker or cluster, or a SelfManagedEventSource.",
            )
            continue
        else:
            continue
        yield mapping.problem("LF221", f"Mapping {mapping.logical_id!r} {what}", right, "event_source_arn")
    for function, name, event in events(stack):
        aws_name, *types = _EVENT_SOURCES.get(event.event_type, ("",))
        source = behind(stack, prop(event, aws_name)) if aws_name else None
        if not aws_name or not none_of(source, *types):
            continue
        yield problem_at(
            event,
            "LF221",
            f"{function.logical_id!r}: the {event.event_type} event {name!r} names {source.logical_id!r}, "
            f"an {source.aws_type}.",
            f"It must be {' or '.join(types[:1])}.",
            aws_name,
        )


_OF_STREAMS = (
    "StartingPosition",
    "StartingPositionTimestamp",
    "ParallelizationFactor",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "TumblingWindowInSeconds",
    "DestinationConfig",
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


@rule(
    "LF223",
    "scaling-over-reserve",
    Level.WARNING,
    demand="A queue's maximum concurrency is within what the function has reserved.",
    source="AWS Lambda Developer Guide, services-sqs-scaling",
)
def scaling_over_reserve(stack: Stack) -> Iterator[Problem]:
    """Queues that may use more environments than their function may have."""
    for function, event, _, _ in pollers(stack):
        most = whole_number(prop(event, "ScalingConfig", "MaximumConcurrency"))
        if function is None or most is None:
            continue
        reserved = whole_number(setting(stack, function, "reserved_concurrent_executions"))
        if reserved is not None and most > reserved:
            yield problem_at(
                event,
                "LF223",
                f"The queue may use {most} environments, and {function.logical_id!r} reserves {reserved}.",
                f"Messages would be throttled: reserve at least {most}, or lower MaximumConcurrency.",
                "ScalingConfig",
            )


def _title(place: Shape) -> str:
    return f"Mapping {place.logical_id!r}" if isinstance(place, EventSourceMapping) else "The event"


@rule(
    "LF224",
    "record-age",
    Level.ERROR,
    demand="A record's greatest age is -1, for none, or at least 60 seconds.",
    source="Lambda API, CreateEventSourceMapping",
)
def record_age(stack: Stack) -> Iterator[Problem]:
    """Ages that lie between -1 and 60."""
    for _, place, _, _ in pollers(stack):
        age = whole_number(prop(place, "MaximumRecordAgeInSeconds"))
        if age is not None and 0 <= age < 60:
            yield problem_at(
                place,
                "LF224",
                f"{_title(place)} has MaximumRecordAgeInSeconds {age}.",
                "It must be 60 to 604800 seconds, or -1 for records of any age.",
                "MaximumRecordAgeInSeconds",
            )


@rule(
    "LF225",
    "start-timestamp",
    Level.ERROR,
    demand="A moment to start from is given with AT_TIMESTAMP, and only there; a DynamoDB stream has none.",
    source="Lambda API, CreateEventSourceMapping",
)
def start_timestamp(stack: Stack) -> Iterator[Problem]:
    """AT_TIMESTAMP without a moment, a moment without AT_TIMESTAMP, and either for a table's stream."""
    for _, place, service, _ in pollers(stack):
        position, moment = prop(place, "StartingPosition"), prop(place, "StartingPositionTimestamp")
        if not isinstance(position, str):
            continue
        if position == "AT_TIMESTAMP" and service == "dynamodb":
            what, name = "reads a DynamoDB stream from AT_TIMESTAMP", "StartingPosition"
            right = "A DynamoDB stream is read from TRIM_HORIZON or LATEST."
        elif position == "AT_TIMESTAMP" and moment is None:
            what, name = "starts AT_TIMESTAMP and has no StartingPositionTimestamp", "StartingPosition"
            right = "Add StartingPositionTimestamp, in seconds since 1970."
        elif position != "AT_TIMESTAMP" and moment is not None:
            what, name = (
                f"starts at {position} and has StartingPositionTimestamp",
                "StartingPositionTimestamp",
            )
            right = "A moment goes with AT_TIMESTAMP only."
        else:
            continue
        yield problem_at(place, "LF225", f"{_title(place)} {what}.", right, name)


@rule(
    "LF226",
    "fifo-window",
    Level.ERROR,
    demand="A FIFO queue is read without a batching window.",
    source="AWS Lambda Developer Guide, services-sqs-configure",
)
def fifo_window(stack: Stack) -> Iterator[Problem]:
    """Batching windows for FIFO queues, which Lambda refuses."""
    for _, place, queue in queues(stack):
        window = whole_number(prop(place, "MaximumBatchingWindowInSeconds"))
        # A batch that is too large is the first thing to mend.
        if queue.is_fifo and window and (whole_number(prop(place, "BatchSize")) or 0) <= 10:
            yield problem_at(
                place,
                "LF226",
                f"{_title(place)} has a batching window of {window} s, and {queue.logical_id!r} is a FIFO queue.",
                "Lambda takes MaximumBatchingWindowInSeconds for standard queues only.",
                "MaximumBatchingWindowInSeconds",
            )


@rule(
    "LF227",
    "scaling-conflict",
    Level.ERROR,
    demand="A mapping scales in one way, within bounds in order, that its source supports.",
    source="AWS Lambda Developer Guide, invocation-eventsourcemapping-provisioned-mode; Lambda API, ScalingConfig",
)
def scaling_conflict(stack: Stack) -> Iterator[Problem]:
    """Maximum concurrency of streams, or beside provisioned pollers; more pollers at least than at most."""
    for _, place, service, _ in pollers(stack):
        scaling, provisioned = prop(place, "ScalingConfig"), prop(place, "ProvisionedPollerConfig")
        low, high = (whole_number(prop(provisioned, name)) for name in ("MinimumPollers", "MaximumPollers"))
        name = "ProvisionedPollerConfig"
        if scaling is not None and service in ("kinesis", "dynamodb", "kafka", "mq"):
            what, name = f"has a ScalingConfig, and reads from {service}", "ScalingConfig"
            right = "Only queues have a maximum concurrency. Streams have ParallelizationFactor."
        elif prop(scaling, "MaximumConcurrency") is not None and provisioned is not None:
            what = "has both ScalingConfig and ProvisionedPollerConfig"
            right = "Lambda takes one of the two: MaximumPollers bounds the concurrency too."
        elif low is not None and high is not None and low > high:
            what, right = (
                f"has {low} pollers at least and {high} at most",
                "MinimumPollers is no more than MaximumPollers.",
            )
        else:
            continue
        yield problem_at(place, "LF227", f"{_title(place)} {what}.", right, name)


@rule(
    "LF229",
    "filter-pattern",
    Level.ERROR,
    demand="A filter's pattern is JSON, its leaves are lists, and its keys are of the source's records.",
    source="AWS Lambda Developer Guide, invocation-eventfiltering",
)
def filter_pattern(stack: Stack) -> Iterator[Problem]:
    """Filters that Lambda refuses, and filters that match nothing because they look in the wrong place."""
    for _, place, service, _ in pollers(stack):
        criteria = prop(place, "FilterCriteria")
        for index, each in enumerate(items(prop(criteria, "Filters"))):
            text = prop(each, "Pattern")
            if not isinstance(text, str) or not isinstance(each, Shape):
                continue
            found = malformed_text(text)
            # At the top level, only the keys of records are judged: another one matches nothing, whatever it has.
            if found is not None and (len(found.path) != 1 or found.path[0] in _PAYLOADS):
                yield problem_at(
                    each,
                    "LF229",
                    f"{_title(place)}: the pattern of filter {index + 1} {found.what}.",
                    found.right,
                    "Pattern",
                )
                continue
            own = _PAYLOAD_KEYS.get(service) if found is None else None
            wrong = [key for key in json.loads(text) if own and key in _PAYLOADS and key not in own]
            if wrong and own:
                yield problem_at(
                    each,
                    "LF229",
                    f"{_title(place)}: filter {index + 1} looks at {wrong[0]!r}, which a record of {service} does not have.",
                    f"It would match nothing. The content of a record is under {own[0]!r}.",
                    "Pattern",
                )


#: The keys under which the records of each source have their content.
_PAYLOAD_KEYS = {
    "sqs": ("body",),
    "kinesis": ("data",),
    "dynamodb": ("dynamodb",),
    "kafka": ("value", "key"),
    "mq": ("data",),
}
_PAYLOADS = frozenset(("body", "data", "dynamodb", "value", "Body", "Data", "detail"))


@rule(
    "LF281",
    "no-stream",
    Level.ERROR,
    demand="A table whose changes are read has a stream.",
    source="AWS Lambda Developer Guide, with-ddb",
)
def no_stream(stack: Stack) -> Iterator[Problem]:
    """Pollers of tables without StreamSpecification; a table's StreamArn is then nothing."""
    for _, place, _, arn in pollers(stack):
        table = behind(stack, arn)
        if table is None or table.aws_type not in ("AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable"):
            continue
        if prop(table, "StreamSpecification") is None and getattr(arn, "attribute", None) == "StreamArn":
            name = "EventSourceArn" if isinstance(place, EventSourceMapping) else "Stream"
            yield problem_at(
                place,
                "LF281",
                f"{_title(place)} reads the stream of table {table.logical_id!r}, which has none.",
                "Add StreamSpecification with a StreamViewType to the table.",
                name,
            )


@rule(
    "LF282",
    "mapping-twice",
    Level.ERROR,
    demand="A function reads from a source by one mapping.",
    source="Lambda API, CreateEventSourceMapping",
)
def mapping_twice(stack: Stack) -> Iterator[Problem]:
    """A second mapping of the same source to the same function, which Lambda refuses."""
    seen: dict[Any, Shape] = {}
    for function, place, service, arn in pollers(stack):
        source = behind(stack, arn)
        named = source.logical_id if source is not None else arn if isinstance(arn, str) else None
        if function is None or named is None or service not in ("sqs", "kinesis", "dynamodb"):
            continue
        first = seen.setdefault((function.logical_id, _qualifier(stack, function, place), named), place)
        if first is not place and not _conditional(first) and not _conditional(place):
            yield place.problem(
                "LF282",
                f"{_title(place)} makes {function.logical_id!r} read from {named!r} twice.",
                "One mapping is enough: more filters, or a larger batch, are its own settings.",
            )


def _qualifier(stack: Stack, function: FunctionSettings, place: Shape) -> str:
    """Which of a function's versions and aliases a poller calls; empty for the function itself."""
    if not isinstance(place, EventSourceMapping):
        return "Alias" if setting(stack, function, "auto_publish_alias") else ""
    named = place.function_name
    if behind(stack, named) is not function:
        return named.logical_id if isinstance(named, LogicalRef | GetAtt) else str(named)
    return named.logical_id.partition(".")[2] if isinstance(named, LogicalRef) else ""


def _conditional(place: Shape) -> bool:
    return getattr(place, "condition", None) is not None


@rule(
    "LF283",
    "queue-shared",
    Level.WARNING,
    demand="A queue's messages go to one function.",
    source="AWS Lambda Developer Guide, with-sqs",
)
def queue_shared(stack: Stack) -> Iterator[Problem]:
    """Queues that two functions read from, so that each gets some of the messages."""
    first: dict[str, FunctionSettings] = {}
    for function, place, service, arn in pollers(stack):
        queue = behind(stack, arn)
        if function is None or queue is None or service != "sqs" or _conditional(place):
            continue
        other = first.setdefault(queue.logical_id, function)
        if other is not function and prop(place, "FilterCriteria") is None:
            yield place.problem(
                "LF283",
                f"{function.logical_id!r} and {other.logical_id!r} both read from {queue.logical_id!r}.",
                "Each message goes to one of them, by chance. Give each a queue of its own, behind a topic.",
            )


@rule(
    "LF284",
    "broker-setting",
    Level.ERROR,
    demand="A mapping of a Kafka topic or a broker's queue names it, and says how to get in; no other names one.",
    source="Lambda API, CreateEventSourceMapping",
)
def broker_setting(stack: Stack) -> Iterator[Problem]:
    """Kafka without a topic or a start, brokers without a queue or a secret, and either for another source."""
    for _, place, service, _ in pollers(stack):
        if not isinstance(place, EventSourceMapping) or not service or from_elsewhere(place):
            continue
        wanted = {
            "kafka": ("Topics", "StartingPosition"),
            "mq": ("Queues", "SourceAccessConfigurations"),
        }.get(service, ())
        for name in wanted:
            if prop(place, name) is None:
                yield place.problem(
                    "LF284",
                    f"{_title(place)} reads from {service} and has no {name}.",
                    {
                        "Topics": "Name the topic.",
                        "StartingPosition": "Say TRIM_HORIZON (the oldest record there is) or LATEST.",
                        "Queues": "Name the broker's queue.",
                        "SourceAccessConfigurations": "Name the secret with the broker's user: Type BASIC_AUTH.",
                    }[name],
                )
        for name, owner in (("Topics", "kafka"), ("Queues", "mq")):
            if prop(place, name) is not None and service != owner and service in _PAYLOAD_KEYS:
                yield problem_at(
                    place,
                    "LF284",
                    f"{_title(place)} reads from {service} and has {name}.",
                    f"{name} is for {'Kafka' if owner == 'kafka' else 'Amazon MQ'} only.",
                    name,
                )


@rule(
    "LF230",
    "filter-count",
    Level.WARNING,
    demand="A mapping has at most five filters, unless AWS has raised the quota.",
    source="AWS Lambda Developer Guide, invocation-eventfiltering",
)
def filter_count(stack: Stack) -> Iterator[Problem]:
    """Mappings with more filters than an account may have without asking."""
    for _, place, _, _ in pollers(stack):
        count = len(items(prop(place, "FilterCriteria", "Filters")))
        if count > 5:
            yield problem_at(
                place,
                "LF230",
                f"{_title(place)} has {count} filters.",
                "The quota is 5, and AWS raises it to 10 on request.",
                "FilterCriteria",
            )
