"""LF228, LF279 and LF285: where what an invocation leaves goes: dead letters, and destinations of events and records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.polling import pollers
from lambdaform.check.view import (
    behind,
    dead_letters,
    function_behind,
    functions,
    none_of,
    of_type,
    problem_at,
    setting,
    text_of,
)
from lambdaform.model.awslambda import LambdaEventInvokeConfig
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.queue import Queue, Topic
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

_ASYNC = "AWS Lambda Developer Guide, invocation-async-retain-records"


@per_check
def destinations(
    stack: Stack,
) -> Iterable[tuple[FunctionSettings | None, Shape, str, Any, Any]]:
    """Each destination: its function, the object that names it, when it is used, the ARN, and SAM's type."""
    for config in of_type(stack, LambdaEventInvokeConfig):
        function = function_behind(stack, config.function_name)
        for when in ("OnSuccess", "OnFailure"):
            holder = prop(config, "DestinationConfig", when)
            if isinstance(holder, Shape):
                yield function, holder, when, prop(holder, "Destination"), None
    for function in of_type(stack, Function):
        for when in ("OnSuccess", "OnFailure"):
            holder = prop(setting(stack, function, "event_invoke_config"), "DestinationConfig", when)
            if isinstance(holder, Shape):
                yield function, holder, when, prop(holder, "Destination"), prop(holder, "Type")


@per_check
def record_destinations(stack: Stack) -> Iterable[tuple[FunctionSettings | None, Shape, Any]]:
    """Each destination of records that failed: the function that reads, the object that names it, and the ARN.

    A queue has none; that a mapping gives it one is a finding by itself (LF222).
    """
    for function, place, service, _ in pollers(stack):
        holder = prop(place, "DestinationConfig", "OnFailure")
        if isinstance(holder, Shape) and service != "sqs":
            yield function, holder, prop(holder, "Destination")


#: What a destination of asynchronous invocations may be, with SAM's name for it.
_DESTINATIONS = {
    "AWS::SQS::Queue": "SQS",
    "AWS::SNS::Topic": "SNS",
    "AWS::Lambda::Function": "Lambda",
    "AWS::Serverless::Function": "Lambda",
    "AWS::Lambda::Alias": "Lambda",
    "AWS::Lambda::Version": "Lambda",
    "AWS::Events::EventBus": "EventBridge",
    "AWS::S3::Bucket": "S3Bucket",
}
#: What the failed records of a stream may go to.
_RECORD_DESTINATIONS = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket")


@rule(
    "LF285",
    "destination-target",
    Level.ERROR,
    demand="A destination is a standard queue or topic, another function, an event bus, or for failures a bucket.",
    source=_ASYNC,
)
def destination_target(stack: Stack) -> Iterator[Problem]:
    """Destinations that Lambda cannot write to."""
    for function, holder, when, arn, kind in destinations(stack):
        target = behind(stack, arn)
        title = f"{function.logical_id!r}" if function is not None else "A function"
        text = text_of(arn) or ""
        if (isinstance(target, Queue | Topic) and target.is_fifo) or text.endswith(".fifo"):
            what, right = (
                f"{_named(target, text)}, which is FIFO",
                "Lambda writes only to standard queues and topics.",
            )
        elif target is not None and target is function:
            what, right = "itself", "It would call itself without end: name another function, or a queue."
        elif target is not None and target.aws_type == "AWS::S3::Bucket" and when == "OnSuccess":
            what, right = f"{target.logical_id!r}, a bucket", "A bucket takes only failures: OnFailure."
        elif none_of(target, *_DESTINATIONS):
            what = f"{target.logical_id!r}, an {target.aws_type}"
            right = "A destination is a queue, a topic, a function, an event bus or a bucket."
        elif (
            target is not None
            and kind in _DESTINATIONS.values()
            and kind != _DESTINATIONS.get(target.aws_type, kind)
        ):
            yield problem_at(
                holder,
                "LF285",
                f"{title} names {target.logical_id!r}, an {target.aws_type}, as a destination of the type {kind}.",
                f"Set Type to {_DESTINATIONS[target.aws_type]}.",
                "Type",
            )
            continue
        else:
            continue
        yield problem_at(
            holder, "LF285", f"{title} sends what {when} is for to {what}.", right, "Destination"
        )
    for function, holder, arn in record_destinations(stack):
        target, text = behind(stack, arn), text_of(arn) or ""
        title = f"{function.logical_id!r}" if function is not None else "A mapping"
        if (isinstance(target, Queue | Topic) and target.is_fifo) or text.endswith(".fifo"):
            what, right = (
                f"{_named(target, text)}, which is FIFO",
                "Lambda writes only to standard queues and topics.",
            )
        elif none_of(target, *_RECORD_DESTINATIONS):
            what = f"{target.logical_id!r}, an {target.aws_type}"
            right = "They may go to an SQS queue, an SNS topic or an S3 bucket."
        else:
            continue
        yield problem_at(
            holder, "LF285", f"{title} sends the records that failed to {what}.", right, "Destination"
        )


def _named(target: Resource | None, text: str) -> str:
    return repr(target.logical_id) if target is not None else text


@rule(
    "LF279",
    "empty-invoke-config",
    Level.ERROR,
    demand="A configuration of asynchronous invocations sets something.",
    source="Lambda API, PutFunctionEventInvokeConfig",
)
def empty_invoke_config(stack: Stack) -> Iterator[Problem]:
    """Configurations with neither retries, age nor destinations, which Lambda refuses."""
    for config in of_type(stack, LambdaEventInvokeConfig):
        names = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
        if all(prop(config, name) is None for name in names):
            yield config.problem(
                "LF279",
                f"{config.logical_id} sets neither {names[0]}, {names[1]} nor {names[2]}.",
                "Lambda takes it with at least one of them.",
            )


@rule(
    "LF228",
    "dead-letter-arn",
    Level.ERROR,
    demand="The ARN for dead letters is that of a standard queue or topic, of the type that SAM is told.",
    source=_ASYNC,
)
def dead_letter_arn(stack: Stack) -> Iterator[Problem]:
    """Dead-letter targets from elsewhere that are neither queue nor topic, or FIFO, and a type that is another's."""
    for function in functions(stack):
        target = dead_letters(stack, function)
        text = text_of(target) or ""
        name = "dead_letter_queue" if isinstance(function, Function) else "dead_letter_config"
        found, parts = behind(stack, target), text.split(":")
        if found is None and len(parts) > 5 and parts[0] == "arn":
            if parts[2] not in ("sqs", "sns") and "${" not in parts[2]:
                what, right = f"to {text}, of the service {parts[2]}", "Name an SQS queue or an SNS topic."
            elif text.endswith(".fifo"):
                what, right = (
                    f"to {text}, which is FIFO",
                    "Lambda writes dead letters only to standard queues and topics.",
                )
            else:
                continue
            yield function.problem(
                "LF228", f"{function.logical_id!r} sends its dead letters {what}.", right, name
            )
        elif isinstance(found, Queue | Topic) and isinstance(function, Function):
            kind = prop(setting(stack, function, "dead_letter_queue"), "Type")
            own = "SQS" if isinstance(found, Queue) else "SNS"
            if kind in ("SQS", "SNS") and kind != own:
                yield function.problem(
                    "LF228",
                    f"{function.logical_id!r} has {found.logical_id!r}, an {found.aws_type}, as a dead-letter target of "
                    f"the type {kind}.",
                    f"Set Type to {own}: by it SAM permits the sending.",
                    name,
                    "Type",
                )
