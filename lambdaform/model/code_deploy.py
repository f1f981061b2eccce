"""CodeDeploy: applications, deployment groups, and deployment configurations of one's own.

A SAM function makes these itself, of its ``deployment_preference``; they are written by hand where a template goes
without SAM, or wants a split of the traffic that CodeDeploy does not predefine.

Source: AWS CloudFormation User Guide, AWS::CodeDeploy resources; CodeDeploy User Guide, "Deployments on an AWS
Lambda compute platform".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.alarm import Alarm, CompositeAlarm
from lambdaform.model.constraints import Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.deployment import TriggerConfig
from lambdaform.model.iam import role_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape

Name = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9+=,.@_-]{1,100}",
        "A name has 1 to 100 letters, digits and any of +=,.@_- (CodeDeploy API).",
    ),
]
Percentage = Annotated[int, Within(1, 99, "percent", source="CodeDeploy API, TrafficRoutingConfig")]
Minutes = Annotated[
    int,
    Within(1, 2880, "minutes", source="CodeDeploy quotas, minutes between the first and last traffic shift"),
]


@frozen(kw_only=True)
class CodeDeployApplication(Resource):
    """``AWS::CodeDeploy::Application``: deployment groups that belong together."""

    TYPE: ClassVar[str] = "AWS::CodeDeploy::Application"

    application_name: Name | Ref[str] | None = None
    compute_platform: Literal["ECS", "Lambda", "Server"] | Ref[str] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def name(self) -> Ref[str]:
        """The application's name, which is what ``Ref`` gives."""
        return self.ref


def _application_name(application: CodeDeployApplication | str | Ref[str]) -> str | Ref[str]:
    return application.name if isinstance(application, CodeDeployApplication) else application


@frozen(kw_only=True)
class TimeBasedCanary(Shape):
    """The share of the traffic, in percent, that moves first, and the minutes until the rest follows."""

    canary_percentage: Percentage | Ref[int]
    canary_interval: Minutes | Ref[int]


@frozen(kw_only=True)
class TimeBasedLinear(Shape):
    """The share of the traffic, in percent, that moves with each step, and the minutes between two."""

    linear_percentage: Percentage | Ref[int]
    linear_interval: Minutes | Ref[int]


@frozen(kw_only=True)
class TrafficRoutingConfig(Shape):
    """How the traffic moves to the new version: ``TrafficRoutingConfig.canary(percentage=20, interval=5)``."""

    type: Literal["AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"] | Ref[str]
    time_based_canary: TimeBasedCanary | Ref[Any] | None = None
    time_based_linear: TimeBasedLinear | Ref[Any] | None = None

    @classmethod
    def canary(cls, *, percentage: int, interval: int) -> TrafficRoutingConfig:
        """``percentage`` of the traffic first, the rest after ``interval`` minutes."""
        step = TimeBasedCanary(canary_percentage=percentage, canary_interval=interval)
        return cls(type="TimeBasedCanary", time_based_canary=step)

    @classmethod
    def linear(cls, *, percentage: int, interval: int) -> TrafficRoutingConfig:
        """``percentage`` of the traffic every ``interval`` minutes."""
        step = TimeBasedLinear(linear_percentage=percentage, linear_interval=interval)
        return cls(type="TimeBasedLinear", time_based_linear=step)


@frozen(kw_only=True)
class MinimumHealthyHosts(Shape):
    """How many servers must stay healthy; not for Lambda."""

    type: Literal["FLEET_PERCENT", "HOST_COUNT"] | Ref[str]
    value: int | Ref[int]


@frozen(kw_only=True)
class DeploymentConfig(Resource):
    """``AWS::CodeDeploy::DeploymentConfig``: a way of moving traffic that CodeDeploy does not predefine."""

    TYPE: ClassVar[str] = "AWS::CodeDeploy::DeploymentConfig"

    deployment_config_name: Name | Ref[str] | None = None
    compute_platform: Literal["ECS", "Lambda", "Server"] | Ref[str] | None = None
    traffic_routing_config: TrafficRoutingConfig | Ref[Any] | None = None
    minimum_healthy_hosts: MinimumHealthyHosts | Ref[Any] | None = None
    zonal_config: Mapping[str, Any] | Ref[Any] | None = None

    @property
    def name(self) -> Ref[str]:
        """The configuration's name, which is what ``Ref`` gives."""
        return self.ref


def _config_name(config: DeploymentConfig | str | Ref[str]) -> str | Ref[str]:
    return config.name if isinstance(config, DeploymentConfig) else config


def _alarm_name(alarm: Alarm | CompositeAlarm | str | Ref[str]) -> str | Ref[str]:
    return alarm.name if isinstance(alarm, Alarm | CompositeAlarm) else alarm


@frozen
class DeploymentAlarm(Shape):
    """An alarm that stops a deployment."""

    name: str | Ref[str] | None = field(
        default=None,
        converter=optional(_alarm_name),
        metadata={"shorthand": "an Alarm, its name or a reference"},
    )


def _to_alarms(
    alarms: Sequence[DeploymentAlarm | Alarm | CompositeAlarm | str | Ref[str]] | Ref[Any],
) -> Sequence[DeploymentAlarm] | Ref[Any]:
    if isinstance(alarms, list | tuple):
        return tuple(each if isinstance(each, DeploymentAlarm) else DeploymentAlarm(each) for each in alarms)
    return alarms  # type: ignore[return-value]  # what is no list is refused by the field


@frozen(kw_only=True)
class AlarmConfiguration(Shape):
    """The alarms that stop a deployment."""

    alarms: Sequence[DeploymentAlarm | Ref[Any]] | Ref[Any] | None = field(
        default=None,
        converter=optional(_to_alarms),
        metadata={"shorthand": "a list of Alarms, their names and references"},
    )
    enabled: bool | Ref[bool] | None = None
    ignore_poll_alarm_failure: bool | Ref[bool] | None = None


@frozen(kw_only=True)
class AutoRollbackConfiguration(Shape):
    """On which events a deployment goes back by itself."""

    enabled: bool | Ref[bool] | None = True
    events: (
        Sequence[
            Literal["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"] | Ref[str]
        ]
        | Ref[Any]
        | None
    ) = None


@frozen(kw_only=True)
class DeploymentStyle(Shape):
    """Whether traffic moves to new copies or stays; for Lambda it always moves."""

    deployment_type: Literal["BLUE_GREEN", "IN_PLACE"] | Ref[str] | None = None
    deployment_option: Literal["WITHOUT_TRAFFIC_CONTROL", "WITH_TRAFFIC_CONTROL"] | Ref[str] | None = None


@frozen(kw_only=True)
class DeploymentGroup(Resource):
    """``AWS::CodeDeploy::DeploymentGroup``: what a deployment moves, how, and when it goes back.

    For Lambda the alias itself says what moves: ``Alias(..., update_policy=CodeDeployLambdaAliasUpdate(...))``.
    What is only for servers and ECS is a plain mapping under AWS's own names.
    """

    TYPE: ClassVar[str] = "AWS::CodeDeploy::DeploymentGroup"
    SPELLING: ClassVar[Mapping[str, str]] = {"ecs": "ECS"}

    application_name: str | Ref[str] = field(
        converter=_application_name,
        metadata={"shorthand": "a CodeDeployApplication, its name or a reference"},
    )
    deployment_group_name: Name | Ref[str] | None = None
    service_role_arn: str | Ref[str] = field(
        converter=role_arn, metadata={"shorthand": "a Role, its ARN or a reference"}
    )
    deployment_config_name: str | Ref[str] | None = field(
        default=None,
        converter=optional(_config_name),
        metadata={"shorthand": "a DeploymentConfig, its name or a reference"},
    )
    deployment_style: DeploymentStyle | Ref[Any] | None = None
    alarm_configuration: AlarmConfiguration | Ref[Any] | None = None
    auto_rollback_configuration: AutoRollbackConfiguration | Ref[Any] | None = None
    trigger_configurations: Sequence[TriggerConfig | Ref[Any]] | Ref[Any] | None = None
    auto_scaling_groups: Sequence[str | Ref[str]] | Ref[Any] | None = None
    blue_green_deployment_configuration: Mapping[str, Any] | Ref[Any] | None = None
    deployment: Mapping[str, Any] | Ref[Any] | None = None
    ecs_services: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    ec2_tag_filters: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    ec2_tag_set: Mapping[str, Any] | Ref[Any] | None = None
    load_balancer_info: Mapping[str, Any] | Ref[Any] | None = None
    on_premises_instance_tag_filters: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    on_premises_tag_set: Mapping[str, Any] | Ref[Any] | None = None
    outdated_instances_strategy: Literal["IGNORE", "UPDATE"] | Ref[str] | None = None
    termination_hook_enabled: bool | Ref[bool] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def name(self) -> Ref[str]:
        """The group's name, which is what ``Ref`` gives."""
        return self.ref
