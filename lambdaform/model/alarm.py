"""CloudWatch alarms and dashboards.

Source: AWS CloudFormation User Guide, AWS::CloudWatch::Alarm, CompositeAlarm and Dashboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import arns_of
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape

Comparison = Literal[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "GreaterThanUpperThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
]


@frozen
class Dimension(Shape):
    """A name and value that narrow a metric, such as ``FunctionName``."""

    name: str | Ref[str]
    value: str | Ref[str]


def to_dimensions(
    dimensions: Mapping[str, str | Ref[str]] | Sequence[Dimension | Ref[Any]] | Ref[Any] | None,
) -> Sequence[Dimension | Ref[Any]] | Ref[Any] | None:
    """A mapping of names to values as the dimensions it stands for."""
    if isinstance(dimensions, Mapping):
        return tuple(Dimension(name, item) for name, item in dimensions.items())
    return dimensions


_DIMENSIONS = {"shorthand": "a mapping of names to values, or a list of Dimensions"}
Unit = Literal[
    "Bits",
    "Bits/Second",
    "Bytes",
    "Bytes/Second",
    "Count",
    "Count/Second",
    "Gigabits",
    "Gigabits/Second",
    "Gigabytes",
    "Gigabytes/Second",
    "Kilobits",
    "Kilobits/Second",
    "Kilobytes",
    "Kilobytes/Second",
    "Megabits",
    "Megabits/Second",
    "Megabytes",
    "Megabytes/Second",
    "Microseconds",
    "Milliseconds",
    "None",
    "Percent",
    "Seconds",
    "Terabits",
    "Terabits/Second",
    "Terabytes",
    "Terabytes/Second",
]


@frozen(kw_only=True)
class Metric(Shape):
    """A metric that an expression works on."""

    namespace: str | Ref[str] | None = None
    metric_name: str | Ref[str] | None = None
    dimensions: Sequence[Dimension | Ref[Any]] | Ref[Any] | None = field(
        default=None, converter=to_dimensions, metadata=_DIMENSIONS
    )


@frozen(kw_only=True)
class MetricStat(Shape):
    """A statistic of a metric over a period in seconds."""

    metric: Metric | Ref[Any]
    stat: str | Ref[str]
    period: Annotated[int, Within(1, None)] | Ref[int]
    unit: Unit | Ref[str] | None = None


@frozen(kw_only=True)
class MetricDataQuery(Shape):
    """A metric, or an expression over others, that an alarm looks at."""

    id: str | Ref[str]
    label: str | Ref[str] | None = None
    expression: str | Ref[str] | None = None
    metric_stat: MetricStat | Ref[Any] | None = None
    period: Annotated[int, Within(1, None)] | Ref[int] | None = None
    return_data: bool | Ref[bool] | None = None
    account_id: str | Ref[str] | None = None


@frozen(kw_only=True)
class AlarmTagsPropagation(Shape):
    """Which of an alarm's tags its actions get."""

    enabled: bool | Ref[bool]
    excluded_tag_keys: Annotated[Sequence[str | Ref[str]], Count(high=50, low=1)] | Ref[Any] | None = None
    included_tag_keys: Annotated[Sequence[str | Ref[str]], Count(high=50, low=1)] | Ref[Any] | None = None


@frozen(kw_only=True)
class ActionConfiguration(Shape):
    """What an alarm's actions get."""

    alarm_tags_propagation: AlarmTagsPropagation | Ref[Any] | None = None


@frozen(kw_only=True)
class PromQLCriteria(Shape):
    """A PromQL query, and how long in seconds it must hold, or hold no more."""

    query: str | Ref[str] | None = None
    pending_period: int | Ref[int] | None = None
    recovery_period: int | Ref[int] | None = None


@frozen(kw_only=True)
class EvaluationCriteria(Shape):
    """What an alarm evaluates in place of a metric."""

    SPELLING: ClassVar[Mapping[str, str]] = {"promql": "PromQL"}

    promql_criteria: PromQLCriteria | Ref[Any] | None = None


@frozen(kw_only=True)
class WallClockWindow(Shape):
    """A window that starts with the hour or the day of a time zone."""

    timezone: str | Ref[str] | None = None


@frozen(kw_only=True)
class EvaluationWindow(Shape):
    """Over which window an alarm evaluates."""

    sliding_window: Mapping[str, Any] | Ref[Any] | None = None
    wall_clock_window: WallClockWindow | Ref[Any] | None = None


@frozen(kw_only=True)
class WarmUpConfiguration(Shape):
    """How long a new alarm waits."""

    warm_up_period_duration_in_minutes: Annotated[int, Within(1, 2880, "minutes")] | Ref[int] | None = None
    only_start_evaluating_after_warm_up_period_ends: bool | Ref[bool] | None = None


@frozen(kw_only=True)
class Alarm(Resource):
    """``AWS::CloudWatch::Alarm``. ``period`` is in seconds; ``dimensions`` may be a plain mapping."""

    TYPE: ClassVar[str] = "AWS::CloudWatch::Alarm"
    SPELLING: ClassVar[Mapping[str, str]] = {"ok": "OK"}

    alarm_name: str | Ref[str] | None = None
    alarm_description: str | Ref[str] | None = None
    namespace: str | Ref[str] | None = None
    metric_name: str | Ref[str] | None = None
    dimensions: (
        Annotated[Sequence[Dimension | Ref[Any]], Count(high=30, unit="dimensions")] | Ref[Any] | None
    ) = field(default=None, converter=to_dimensions, metadata=_DIMENSIONS)
    metrics: Sequence[MetricDataQuery | Ref[Any]] | Ref[Any] | None = None
    statistic: Literal["Average", "Maximum", "Minimum", "SampleCount", "Sum"] | Ref[str] | None = None
    extended_statistic: str | Ref[str] | None = None
    unit: Unit | Ref[str] | None = None
    period: Annotated[int, Within(1, None, "seconds")] | Ref[int] | None = None
    evaluation_periods: Annotated[int, Within(1, None)] | Ref[int] | None = None
    datapoints_to_alarm: Annotated[int, Within(1, None)] | Ref[int] | None = None
    threshold: float | Ref[float] | None = None
    threshold_metric_id: str | Ref[str] | None = None
    comparison_operator: Comparison | Ref[str] | None = None
    treat_missing_data: Literal["breaching", "notBreaching", "ignore", "missing"] | Ref[str] | None = None
    evaluate_low_sample_count_percentile: Literal["evaluate", "ignore"] | Ref[str] | None = None
    evaluation_criteria: EvaluationCriteria | Ref[Any] | None = None
    evaluation_interval: Annotated[int, Within(10, 3600)] | Ref[int] | None = None
    evaluation_window: EvaluationWindow | Ref[Any] | None = None
    warm_up_configuration: WarmUpConfiguration | Ref[Any] | None = None
    actions_enabled: bool | Ref[bool] | None = None
    alarm_actions: (
        Annotated[
            Sequence[str | Ref[str]], Count(high=5, unit="actions", source="CloudWatch API, PutMetricAlarm")
        ]
        | Ref[Any]
        | None
    ) = field(default=None, converter=arns_of)
    ok_actions: (
        Annotated[
            Sequence[str | Ref[str]], Count(high=5, unit="actions", source="CloudWatch API, PutMetricAlarm")
        ]
        | Ref[Any]
        | None
    ) = field(default=None, converter=arns_of)
    insufficient_data_actions: (
        Annotated[
            Sequence[str | Ref[str]], Count(high=5, unit="actions", source="CloudWatch API, PutMetricAlarm")
        ]
        | Ref[Any]
        | None
    ) = field(default=None, converter=arns_of)
    action_configuration: ActionConfiguration | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The alarm's ARN."""
        return self.attr("Arn")

    @property
    def name(self) -> Ref[str]:
        """The alarm's name, which is what ``Ref`` gives."""
        return self.ref


def _alarm_arn(alarm: Alarm | CompositeAlarm | str | Ref[str]) -> str | Ref[str]:
    return alarm.arn if isinstance(alarm, Alarm | CompositeAlarm) else alarm


@frozen(kw_only=True)
class CompositeAlarm(Resource):
    """``AWS::CloudWatch::CompositeAlarm``: an alarm on other alarms, as ``alarm_rule`` combines them."""

    TYPE: ClassVar[str] = "AWS::CloudWatch::CompositeAlarm"
    SPELLING: ClassVar[Mapping[str, str]] = {"ok": "OK"}

    alarm_name: str | Ref[str] | None = None
    alarm_description: str | Ref[str] | None = None
    alarm_rule: Annotated[str, Count(high=10_240, low=1, unit="characters")] | Ref[str]
    actions_enabled: bool | Ref[bool] | None = None
    alarm_actions: (
        Annotated[
            Sequence[str | Ref[str]], Count(high=5, unit="actions", source="CloudWatch API, PutMetricAlarm")
        ]
        | Ref[Any]
        | None
    ) = field(default=None, converter=arns_of)
    ok_actions: (
        Annotated[
            Sequence[str | Ref[str]], Count(high=5, unit="actions", source="CloudWatch API, PutMetricAlarm")
        ]
        | Ref[Any]
        | None
    ) = field(default=None, converter=arns_of)
    insufficient_data_actions: (
        Annotated[
            Sequence[str | Ref[str]], Count(high=5, unit="actions", source="CloudWatch API, PutMetricAlarm")
        ]
        | Ref[Any]
        | None
    ) = field(default=None, converter=arns_of)
    actions_suppressor: str | Ref[str] | None = field(
        default=None,
        converter=optional(_alarm_arn),
        metadata={"shorthand": "an Alarm, its ARN or a reference"},
    )
    actions_suppressor_wait_period: Annotated[int, Within(0, None)] | Ref[int] | None = None
    actions_suppressor_extension_period: Annotated[int, Within(0, None)] | Ref[int] | None = None
    action_configuration: ActionConfiguration | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The alarm's ARN."""
        return self.attr("Arn")

    @property
    def name(self) -> Ref[str]:
        """The alarm's name, which is what ``Ref`` gives."""
        return self.ref


@frozen(kw_only=True)
class Dashboard(Resource):
    """``AWS::CloudWatch::Dashboard``. The body is JSON text."""

    TYPE: ClassVar[str] = "AWS::CloudWatch::Dashboard"

    dashboard_name: str | Ref[str] | None = None
    dashboard_body: str | Ref[str]
    tags: Tags | Ref[Any] | None = None
