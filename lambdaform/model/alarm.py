"""CloudWatch alarms.

Source: AWS CloudFormation User Guide, AWS::CloudWatch::Alarm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from attrs import field, frozen

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


def _dimensions(
    dimensions: Mapping[str, str | Ref[str]] | Sequence[Dimension] | Ref[Any] | None,
) -> Sequence[Dimension] | Ref[Any] | None:
    if isinstance(dimensions, Mapping):
        return tuple(Dimension(name, item) for name, item in dimensions.items())
    return dimensions


@frozen(kw_only=True)
class Alarm(Resource):
    """``AWS::CloudWatch::Alarm``. ``period`` is in seconds; ``dimensions`` may be a plain mapping."""

    TYPE: ClassVar[str] = "AWS::CloudWatch::Alarm"
    SPELLING: ClassVar[Mapping[str, str]] = {"ok": "OK"}

    alarm_name: str | Ref[str] | None = None
    alarm_description: str | Ref[str] | None = None
    namespace: str | Ref[str] | None = None
    metric_name: str | Ref[str] | None = None
    dimensions: Sequence[Dimension] | Ref[Any] | None = field(default=None, converter=_dimensions)
    metrics: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    statistic: Literal["Average", "Maximum", "Minimum", "SampleCount", "Sum"] | Ref[str] | None = None
    extended_statistic: str | Ref[str] | None = None
    unit: str | Ref[str] | None = None
    period: int | Ref[int] | None = None
    evaluation_periods: int | Ref[int] | None = None
    datapoints_to_alarm: int | Ref[int] | None = None
    threshold: float | Ref[float] | None = None
    comparison_operator: Comparison | Ref[str] | None = None
    treat_missing_data: Literal["breaching", "notBreaching", "ignore", "missing"] | Ref[str] | None = None
    actions_enabled: bool | Ref[bool] | None = None
    alarm_actions: Sequence[str | Ref[str]] | Ref[Any] | None = field(default=None, converter=arns_of)
    ok_actions: Sequence[str | Ref[str]] | Ref[Any] | None = field(default=None, converter=arns_of)
    insufficient_data_actions: Sequence[str | Ref[str]] | Ref[Any] | None = field(
        default=None, converter=arns_of
    )
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The alarm's ARN."""
        return self.attr("Arn")
