"""The kinds of event sources that Lambda polls: which settings each takes, their defaults, and its rules.

Not whether a source exists, and no poller.

Source: AWS Lambda Developer Guide, services-sqs-parameters, services-kinesis-parameters, services-ddb-params,
services-mq-params, with-documentdb, with-msk, with-kafka and invocation-eventsourcemapping; Lambda API Reference,
CreateEventSourceMapping; recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from lambdaform.local.errors import AwsError, invalid_parameter

#: What each source takes.
_ALL = frozenset(
    {"BatchSize", "FilterCriteria", "KMSKeyArn", "MaximumBatchingWindowInSeconds", "MetricsConfig"}
)
_FAILURE = frozenset(
    {
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "FunctionResponseTypes",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
    }
)
_POSITION = frozenset({"StartingPosition", "StartingPositionTimestamp"})
_STREAM = _FAILURE | _POSITION | {"ParallelizationFactor", "TumblingWindowInSeconds"}
_KAFKA = (
    _FAILURE
    | _POSITION
    | {"LoggingConfig", "ProvisionedPollerConfig", "SourceAccessConfigurations", "Topics"}
)
_STREAM_DEFAULTS = {
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 0,
    "ParallelizationFactor": 1,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumRecordAgeInSeconds": -1,
    "BisectBatchOnFunctionError": False,
    "MaximumRetryAttempts": -1,
    "TumblingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
}
_USER_INITIATED, _USER_ACTION = "USER_INITIATED", "User action"


def _with_all(names: frozenset[str]) -> frozenset[str]:
    return _ALL | names


@frozen(kw_only=True)
class EventSourceKind:
    """One kind. ``resource`` is what its ARNs name after service and account."""

    name: str
    service: str | None
    resource: str = ""
    takes: frozenset[str] = field(converter=_with_all)
    requires: tuple[str, ...] = ()
    defaults: Mapping[str, Any]
    reason: str
    is_told_to_be_idle: bool = True

    def check(self, members: Mapping[str, Any], arn: str | None, now: float) -> None:
        """See that a mapping may have these settings, defaults included. Raises `AwsError`."""
        for name in self.requires:
            if not members.get(name):
                raise _missing(name)
        _check_position(self, members, arn or "", now)
        _check_batches(self, members, arn or "")
        _check_failures(members)
        _check_pollers(self, members)
        _check_filters(members)

    def check_takes(self, given: Mapping[str, Any]) -> None:
        """See that nothing is set that this kind does not have. Raises `AwsError`."""
        for name, value in given.items():
            if name in self.takes or value in (None, [], {}, False):
                continue
            if name == "DestinationConfig":
                raise _unsupported_destination()
            if name == "StartingPosition" and self.name == "sqs":
                raise invalid_parameter("StartingPosition is not valid for SQS event sources.")
            raise invalid_parameter(
                f"Unsupported '{_lower(name)}' parameter for given event source mapping type."
            )


KINDS = (
    EventSourceKind(
        name="sqs",
        service="sqs",
        takes=frozenset({"FunctionResponseTypes", "ProvisionedPollerConfig", "ScalingConfig"}),
        defaults={"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []},
        reason=_USER_INITIATED,
        is_told_to_be_idle=False,
    ),
    EventSourceKind(
        name="kinesis",
        service="kinesis",
        resource="stream/",
        takes=_STREAM,
        defaults=_STREAM_DEFAULTS,
        reason=_USER_ACTION,
    ),
    EventSourceKind(
        name="dynamodb",
        service="dynamodb",
        resource="table/",
        takes=_STREAM,
        defaults=_STREAM_DEFAULTS,
        reason=_USER_ACTION,
    ),
    EventSourceKind(
        name="msk",
        service="kafka",
        takes=_KAFKA | {"AmazonManagedKafkaEventSourceConfig"},
        requires=("Topics",),
        defaults={"BatchSize": 100, "StartingPosition": "TRIM_HORIZON"},
        reason=_USER_INITIATED,
    ),
    EventSourceKind(
        name="kafka",
        service=None,
        takes=_KAFKA | {"SelfManagedEventSource", "SelfManagedKafkaEventSourceConfig"},
        requires=("Topics", "SourceAccessConfigurations"),
        defaults={"BatchSize": 100, "StartingPosition": "TRIM_HORIZON"},
        reason=_USER_INITIATED,
    ),
    EventSourceKind(
        name="mq",
        service="mq",
        resource="broker:",
        takes=frozenset({"Queues", "SourceAccessConfigurations"}),
        requires=("Queues", "SourceAccessConfigurations"),
        defaults={"BatchSize": 100},
        reason=_USER_INITIATED,
    ),
    EventSourceKind(
        name="documentdb",
        service="rds",
        resource="cluster:",
        takes=_POSITION | {"DocumentDBEventSourceConfig", "SourceAccessConfigurations"},
        requires=("DocumentDBEventSourceConfig", "SourceAccessConfigurations"),
        defaults={"BatchSize": 100, "MaximumBatchingWindowInSeconds": 0},
        reason=_USER_ACTION,
    ),
)


def kind_named(name: str) -> EventSourceKind:
    """A kind by its name."""
    return next(kind for kind in KINDS if kind.name == name)


def kind_of(arn: str | None, self_managed: Mapping[str, Any] | None) -> EventSourceKind:
    """What an event source is. Raises `AwsError` for one that Lambda does not poll."""
    if arn is None:
        if not (self_managed or {}).get("Endpoints"):
            raise invalid_parameter("Unrecognized event source.")
        return kind_named("kafka")
    _, _, service, _, _, resource = arn.split(":", 5)
    for kind in KINDS:
        if kind.service == service and resource.startswith(kind.resource):
            if service == "dynamodb" and "/stream/" not in resource:
                break
            return kind
    raise invalid_parameter(f"Unrecognized event source. Unsupported source arn : {arn}")


def _check_position(kind: EventSourceKind, members: Mapping[str, Any], arn: str, now: float) -> None:
    if "StartingPosition" not in kind.takes:
        return
    position, moment = members.get("StartingPosition"), members.get("StartingPositionTimestamp")
    if position is None:
        raise _null("startingPosition")
    if position != "AT_TIMESTAMP":
        return
    if kind.name == "dynamodb":
        raise invalid_parameter(f"Unsupported starting position for arn type: {arn}")
    if moment is None:
        raise _null("startingPositionTimestamp")
    if moment > now:
        raise invalid_parameter("StartingPositionTimestamp cannot be in the future.")


def _check_batches(kind: EventSourceKind, members: Mapping[str, Any], arn: str) -> None:
    if kind.name != "sqs":
        return
    window = members.get("MaximumBatchingWindowInSeconds") or 0
    if window and arn.endswith(".fifo"):
        raise invalid_parameter("Batching window is not supported for FIFO queues")
    if members["BatchSize"] > 10 and not window:
        raise invalid_parameter(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )


def _check_failures(members: Mapping[str, Any]) -> None:
    age = members.get("MaximumRecordAgeInSeconds")
    if age is not None and -1 < age < 60:
        raise invalid_parameter("MaximumRecordAgeInSeconds must be -1, or between 60 and 604800.")
    destinations = members.get("DestinationConfig") or {}
    if (destinations.get("OnSuccess") or {}).get("Destination"):
        raise _unsupported_destination()
    target = (destinations.get("OnFailure") or {}).get("Destination")
    if target and not target.startswith("kafka://") and target.split(":")[2] not in ("sqs", "sns", "s3"):
        raise invalid_parameter(f"The destination ARN {target} is invalid.")


def _check_pollers(kind: EventSourceKind, members: Mapping[str, Any]) -> None:
    pollers = members.get("ProvisionedPollerConfig") or {}
    least, most = pollers.get("MinimumPollers"), pollers.get("MaximumPollers")
    if least is not None and most is not None and least > most:
        raise invalid_parameter("MinimumPollers must be less than or equal to MaximumPollers.")
    if kind.name != "sqs" or not pollers:
        return
    if (members.get("ScalingConfig") or {}).get("MaximumConcurrency"):
        raise invalid_parameter("ScalingConfig cannot be used together with ProvisionedPollerConfig.")
    if 1 in (least, most):
        raise invalid_parameter("An SQS event source mapping has at least 2 pollers.")


def _check_filters(members: Mapping[str, Any]) -> None:
    filters = (members.get("FilterCriteria") or {}).get("Filters") or []
    if not filters:
        return
    from lambdaform.check.pattern import malformed_text

    for each in filters:
        try:
            found = malformed_text(each.get("Pattern") or "")
        except RecursionError:
            raise _bad_pattern() from None
        if found is not None:
            raise _bad_pattern()
    if len(filters) > 10:
        raise invalid_parameter("A FilterCriteria object can have at most 10 filters.")


def _bad_pattern() -> AwsError:
    return invalid_parameter("Invalid filter pattern definition.")


def _unsupported_destination() -> AwsError:
    return invalid_parameter("Unsupported DestinationConfig parameter for given event source mapping type.")


def _missing(name: str) -> AwsError:
    return invalid_parameter(f"Required '{_lower(name)}' parameter is missing.")


def _null(name: str) -> AwsError:
    return invalid_parameter(
        f"1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null."
    )


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
