"""State machines of AWS Step Functions.

Source: SAM Developer Guide, AWS::Serverless::StateMachine; AWS CloudFormation User Guide,
AWS::StepFunctions::StateMachine and StateMachineAlias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.event import StateMachineEvent, out_of_place
from lambdaform.model.function import Policy, to_policies
from lambdaform.model.iam import arn_of, policy_arn, role_arn
from lambdaform.model.location import S3Location
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape, report

if TYPE_CHECKING:
    from lambdaform.model.grants import Grant

_ALIAS = "AWS CloudFormation User Guide, AWS::StepFunctions::StateMachineAlias"


@frozen
class CloudWatchLogsLogGroup(Shape):
    """A log group by its ARN, which for Step Functions ends in ``:*``."""

    log_group_arn: str | Ref[str] = field(converter=arn_of)


@frozen
class LogDestination(Shape):
    """Where a state machine logs: ``LogDestination(log_group)``."""

    cloud_watch_logs_log_group: CloudWatchLogsLogGroup | Ref[Any]


def _to_log_destination(group: LogDestination | Resource | Ref[Any]) -> LogDestination | Ref[Any]:
    if isinstance(group, Resource) and group.aws_type == "AWS::Logs::LogGroup":
        return LogDestination(CloudWatchLogsLogGroup(group))
    return group  # type: ignore[return-value]  # the field refuses other resources


def _to_log_destinations(
    groups: Sequence[LogDestination | Resource | Ref[Any]] | Ref[Any],
) -> Sequence[LogDestination | Ref[Any]] | Ref[Any]:
    if isinstance(groups, list | tuple):
        return tuple(_to_log_destination(each) for each in groups)
    return groups  # type: ignore[return-value]  # the field refuses what is no list


@frozen(kw_only=True)
class StateMachineLogging(Shape):
    """Which steps of an execution are logged, where, and whether with their data."""

    WRITTEN_AS: ClassVar[str | None] = "logging"

    level: Literal["ALL", "ERROR", "FATAL", "OFF"] | Ref[str] | None = None
    include_execution_data: bool | Ref[bool] | None = None
    destinations: Sequence[LogDestination | Ref[Any]] | Ref[Any] | None = field(
        default=None,
        converter=optional(_to_log_destinations),
        metadata={"shorthand": "a list of log groups, LogDestinations and references"},
    )


@frozen
class StateMachineTracing(Shape):
    """Whether executions are traced with X-Ray."""

    WRITTEN_AS: ClassVar[str | None] = "tracing"

    enabled: bool | Ref[bool] | None = None


def _to_tracing(tracing: StateMachineTracing | bool | Ref[Any]) -> StateMachineTracing | Ref[Any]:
    return StateMachineTracing(tracing) if isinstance(tracing, bool) else tracing


def _alarm_names(alarms: Sequence[Resource | str | Ref[str]] | Ref[Any]) -> Any:
    if isinstance(alarms, list | tuple):
        return tuple(each.ref if isinstance(each, Resource) else each for each in alarms)
    return alarms


@frozen
class StateMachineDeploymentPreference(Shape):
    """How the alias moves to a new version: in one canary step or a line of ``percentage`` every ``interval`` minutes.

    It goes back by itself when one of the ``alarms`` fires.
    """

    WRITTEN_AS: ClassVar[str | None] = "deployment_preference"

    type: Literal["LINEAR", "ALL_AT_ONCE", "CANARY"] | Ref[str]
    percentage: Annotated[int, Within(1, 99, "percent", source=_ALIAS)] | Ref[int] | None = field(
        default=None, kw_only=True
    )
    interval: Annotated[int, Within(1, 2100, "minutes", source=_ALIAS)] | Ref[int] | None = field(
        default=None, kw_only=True
    )
    alarms: (
        Annotated[Sequence[str | Ref[str]], Count(high=100, unit="alarms", source=_ALIAS)] | Ref[Any] | None
    ) = field(default=None, kw_only=True, converter=optional(_alarm_names))


@frozen(kw_only=True)
class StateMachine(Resource):
    """``AWS::Serverless::StateMachine``: steps in the Amazon States Language, what starts them, and what they may do.

    The steps are ``definition``, a mapping that may hold references, or the file ``definition_uri``, whose
    ``${names}`` are filled in from ``definition_substitutions``.
    """

    TYPE: ClassVar[str] = "AWS::Serverless::StateMachine"
    TAGS_AS_LIST: ClassVar[bool] = False
    GLOBALS: ClassVar[tuple[str, ...]] = ("propagate_tags",)

    name: Annotated[str, Count(high=80, low=1, unit="characters")] | Ref[str] | None = None
    type: Literal["STANDARD", "EXPRESS"] | Ref[str] | None = None
    definition: Mapping[str, Any] | Ref[Any] | None = None
    definition_uri: str | S3Location | Ref[Any] | None = None
    definition_substitutions: Mapping[str, str | int | float | bool | Ref[Any]] | Ref[Any] | None = None
    events: Mapping[str, StateMachineEvent] | Ref[Any] | None = None
    role: str | Ref[str] | None = field(
        default=None,
        converter=optional(role_arn),
        metadata={"shorthand": "a Role, its ARN or a reference"},
    )
    role_path: str | Ref[str] | None = None
    policies: Sequence[Policy] | Ref[Any] | None = field(
        default=None,
        converter=to_policies,
        metadata={
            "shorthand": "a list of statements (Allow, Deny), managed policies' names, documents and SAM templates"
        },
    )
    permissions_boundary: str | Ref[str] | None = field(default=None, converter=optional(policy_arn))
    logging: StateMachineLogging | Ref[Any] | None = None
    tracing: StateMachineTracing | Ref[Any] | None = field(
        default=None,
        converter=optional(_to_tracing),
        metadata={"shorthand": "True, False or a StateMachineTracing"},
    )
    auto_publish_alias: (
        Annotated[
            str,
            Matching(
                r"(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}",
                f"An alias name has letters, digits and _-., at most 80, and is not digits only ({_ALIAS}).",
            ),
        ]
        | Ref[str]
        | None
    ) = None
    use_alias_as_event_target: bool | None = None
    deployment_preference: StateMachineDeploymentPreference | Ref[Any] | None = None
    propagate_tags: bool | None = None
    tags: Tags | Ref[Any] | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        problems = list(out_of_place(self.events, on_function=False))
        if problems:
            report(*problems)

    @property
    def arn(self) -> Ref[str]:
        """The state machine's ARN, which is what ``Ref`` gives."""
        return self.ref

    @property
    def physical_name(self) -> Ref[str]:
        """The name that the state machine has once it is deployed."""
        return self.attr("Name")

    def start(self) -> Grant:
        """Leave to start executions of the state machine."""
        from lambdaform.model import grants

        return grants.start(self)
