"""EventBridge: rules, the buses they listen on, and archives.

Source: AWS CloudFormation User Guide, AWS::Events::Rule, EventBus, EventBusPolicy and Archive; EventBridge User
Guide, "Event bus targets".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import DOCUMENT, Document, arn_of, role_arn, to_policy_document
from lambdaform.model.references import Ref
from lambdaform.model.resource import RawResource, Resource, Tags, reference_of
from lambdaform.model.schedule_expression import CronExpression, RateExpression
from lambdaform.model.schedule_syntax import ScheduleSyntax
from lambdaform.model.shape import Shape
from lambdaform.model.timed import Timed

if TYPE_CHECKING:
    from lambdaform.model.grants import Grant

_API = "EventBridge API, PutTargets"
_ARN = {"shorthand": "a resource with an ARN, an ARN or a reference"}


@frozen
class RuleDeadLetterConfig(Shape):
    """The standard queue for events that never reached their target."""

    arn: str | Ref[str] | None = field(default=None, converter=optional(arn_of), metadata=_ARN)


@frozen(kw_only=True)
class RetryPolicy(Shape):
    """How long, and how often, an event is sent to its target again."""

    maximum_event_age_in_seconds: Annotated[int, Within(60, 86400, "seconds")] | Ref[int] | None = None
    maximum_retry_attempts: Annotated[int, Within(0, 185)] | Ref[int] | None = None


@frozen(kw_only=True)
class InputTransformer(Shape):
    """What a target gets instead of the event: a text with ``<name>`` parts that are taken out of the event."""

    input_paths_map: Mapping[str, Any] | Ref[Any] | None = None
    input_template: str | Ref[str]


@frozen(kw_only=True)
class HttpParameters(Shape):
    """What an API destination gets beside the event."""

    path_parameter_values: Sequence[str | Ref[str]] | Ref[Any] | None = None
    header_parameters: Mapping[str, Any] | Ref[Any] | None = None
    query_string_parameters: Mapping[str, Any] | Ref[Any] | None = None


@frozen
class RuleKinesisParameters(Shape):
    """The part of the event that is a stream's partition key."""

    partition_key_path: str | Ref[str]


@frozen
class RuleSqsParameters(Shape):
    """The message group of a FIFO queue."""

    message_group_id: str | Ref[str]


@frozen
class AppSyncParameters(Shape):
    """The operation that an AppSync API runs."""

    SPELLING: ClassVar[Mapping[str, str]] = {"graphql": "GraphQL"}

    graphql_operation: str | Ref[str]


@frozen
class RuleTarget(Shape):
    """Whom a rule calls: ``RuleTarget(function, id="Report")``. A function also needs a `Permission`."""

    arn: str | Ref[str] = field(converter=arn_of, metadata=_ARN)
    id: (
        Annotated[
            str,
            Matching(
                r"[.\-_A-Za-z0-9]{1,64}",
                "A target id has 1 to 64 letters, digits, dots, hyphens and underscores.",
            ),
        ]
        | Ref[str]
    ) = field(kw_only=True)
    role_arn: str | Ref[str] | None = field(default=None, kw_only=True, converter=optional(role_arn))
    input: str | Ref[str] | None = field(default=None, kw_only=True)
    input_path: str | Ref[str] | None = field(default=None, kw_only=True)
    input_transformer: InputTransformer | Ref[Any] | None = field(default=None, kw_only=True)
    dead_letter_config: RuleDeadLetterConfig | Ref[Any] | None = field(default=None, kw_only=True)
    retry_policy: RetryPolicy | Ref[Any] | None = field(default=None, kw_only=True)
    sqs_parameters: RuleSqsParameters | Ref[Any] | None = field(default=None, kw_only=True)
    kinesis_parameters: RuleKinesisParameters | Ref[Any] | None = field(default=None, kw_only=True)
    http_parameters: HttpParameters | Ref[Any] | None = field(default=None, kw_only=True)
    app_sync_parameters: AppSyncParameters | Ref[Any] | None = field(default=None, kw_only=True)
    batch_parameters: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    ecs_parameters: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    redshift_data_parameters: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    run_command_parameters: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)
    sage_maker_pipeline_parameters: Mapping[str, Any] | Ref[Any] | None = field(default=None, kw_only=True)


def to_rule_targets(
    targets: Sequence[RuleTarget | Resource] | RuleTarget | Resource | Ref[Any],
) -> Sequence[RuleTarget] | Ref[Any]:
    """Functions, queues and other resources as the targets that they are when a rule calls them."""
    if isinstance(targets, RuleTarget | Resource):
        targets = (targets,)
    if isinstance(targets, list | tuple):
        return tuple(
            RuleTarget(each, id=each.logical_id[:64]) if isinstance(each, Resource) else each
            for each in targets
        )
    return targets  # type: ignore[return-value]  # what is neither is refused by the field


def to_schedule(
    schedule: CronExpression | RateExpression | str | Ref[str],
) -> str | Ref[str]:
    """A parsed schedule as its text."""
    return str(schedule) if isinstance(schedule, CronExpression | RateExpression) else schedule


def bus_name(bus: EventBus | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The name of an event bus given as an object."""
    return reference_of(bus, "AWS::Events::EventBus")


@frozen(kw_only=True)
class Rule(Timed, Resource):
    """``AWS::Events::Rule``: a schedule or an event pattern, and what it calls.

    ::

        Rule("Nightly", schedule_expression=cron("0 18 ? * * *"), targets=[report])
    """

    TYPE: ClassVar[str] = "AWS::Events::Rule"

    name: (
        Annotated[
            str,
            Matching(
                r"[.\-_A-Za-z0-9]{1,64}",
                "A rule name has 1 to 64 letters, digits, dots, hyphens and underscores.",
            ),
        ]
        | Ref[str]
        | None
    ) = None
    description: Annotated[str, Count(high=512, unit="characters")] | Ref[str] | None = None
    event_bus_name: str | Ref[str] | None = field(
        default=None,
        converter=optional(bus_name),
        metadata={"shorthand": "an EventBus, its name or a reference"},
    )
    event_pattern: Mapping[str, Any] | str | Ref[Any] | None = None
    schedule_expression: Annotated[str, ScheduleSyntax()] | Ref[str] | None = field(
        default=None, converter=optional(to_schedule)
    )
    state: (
        Literal["DISABLED", "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"] | Ref[str] | None
    ) = None
    role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    targets: (
        Annotated[Sequence[RuleTarget | Ref[Any]], Count(high=5, unit="targets", source=_API)]
        | Ref[Any]
        | None
    ) = field(
        default=None,
        converter=optional(to_rule_targets),
        metadata={"shorthand": "a list of RuleTargets, functions, queues and other resources with an ARN"},
    )
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The rule's ARN."""
        return self.attr("Arn")


@frozen(kw_only=True)
class BusLogConfig(Shape):
    """What an event bus logs of the events that pass."""

    include_detail: Literal["FULL", "NONE"] | Ref[str] | None = None
    level: Literal["INFO", "ERROR", "TRACE", "OFF"] | Ref[str] | None = None


@frozen(kw_only=True)
class EventBus(Resource):
    """``AWS::Events::EventBus``."""

    TYPE: ClassVar[str] = "AWS::Events::EventBus"

    name: (
        Annotated[
            str,
            Matching(
                r"[/.\-_A-Za-z0-9]{1,256}",
                "A bus name has 1 to 256 letters, digits, slashes, dots, hyphens and underscores.",
            ),
        ]
        | Ref[str]
    )
    description: str | Ref[str] | None = None
    dead_letter_config: RuleDeadLetterConfig | Ref[Any] | None = None
    event_source_name: str | Ref[str] | None = None
    kms_key_identifier: str | Ref[str] | None = None
    log_config: BusLogConfig | Ref[Any] | None = None
    policy: Document | None = field(default=None, converter=optional(to_policy_document), metadata=DOCUMENT)
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The bus's ARN."""
        return self.attr("Arn")

    def put_events(self) -> Grant:
        """Leave to put events on the bus."""
        from lambdaform.model import grants

        return grants.put_events(self)


@frozen(kw_only=True)
class EventBusPolicyCondition(Shape):
    """What must hold of the account that sends."""

    key: str | Ref[str] | None = None
    type: Literal["StringEquals"] | Ref[str] = "StringEquals"
    value: str | Ref[str] | None = None


@frozen(kw_only=True)
class EventBusPolicy(Resource):
    """``AWS::Events::EventBusPolicy``: who may send events to a bus."""

    TYPE: ClassVar[str] = "AWS::Events::EventBusPolicy"

    event_bus_name: str | Ref[str] | None = field(
        default=None,
        converter=optional(bus_name),
        metadata={"shorthand": "an EventBus, its name or a reference"},
    )
    statement_id: str | Ref[str]
    action: Literal["events:PutEvents"] | Ref[str] | None = None
    sender_condition: EventBusPolicyCondition | Ref[Any] | None = field(
        default=None, metadata={"aws_name": "Condition"}
    )
    principal: str | Ref[str] | None = None
    statement: Mapping[str, Any] | str | Ref[Any] | None = None


@frozen(kw_only=True)
class Archive(Resource):
    """``AWS::Events::Archive``: a bus's events, kept to be sent again."""

    TYPE: ClassVar[str] = "AWS::Events::Archive"

    archive_name: str | Ref[str] | None = None
    description: str | Ref[str] | None = None
    source_arn: str | Ref[str] = field(
        converter=arn_of, metadata={"shorthand": "an EventBus, its ARN or a reference"}
    )
    event_pattern: Mapping[str, Any] | str | Ref[Any] | None = None
    retention_days: Annotated[int, Within(0, None, "days")] | Ref[int] | None = None
    kms_key_identifier: str | Ref[str] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The archive's ARN."""
        return self.attr("Arn")
