"""CloudWatch log groups, and the filters on them.

Source: AWS CloudFormation User Guide, AWS::Logs::LogGroup, LogStream, SubscriptionFilter and MetricFilter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching
from lambdaform.model.definition import frozen
from lambdaform.model.iam import DOCUMENT, Document, arn_of, role_arn, to_policy_document
from lambdaform.model.references import Ref
from lambdaform.model.resource import RawResource, Resource, Tags, reference_of
from lambdaform.model.shape import Shape

if TYPE_CHECKING:
    from lambdaform.model.grants import Grant

LogGroupName = Annotated[
    str,
    Matching(
        r"[.\-_/#A-Za-z0-9]{1,512}",
        "A log group's name has 1 to 512 letters, digits, dots, hyphens, underscores, slashes and #.",
    ),
]

#: How many days log events are kept.
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


@frozen(kw_only=True)
class LogGroup(Resource):
    """``AWS::Logs::LogGroup``. A function's own is named ``/aws/lambda/`` and the function's name, unless it says otherwise."""

    TYPE: ClassVar[str] = "AWS::Logs::LogGroup"

    log_group_name: LogGroupName | Ref[str] | None = None
    retention_in_days: RetentionDays | Ref[int] | None = None
    log_group_class: Literal["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"] | Ref[str] | None = None
    kms_key_id: str | Ref[str] | None = None
    data_protection_policy: Mapping[str, Any] | str | Ref[Any] | None = None
    field_index_policies: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    deletion_protection_enabled: bool | Ref[bool] | None = None
    bearer_token_authentication_enabled: bool | Ref[bool] | None = None
    resource_policy_document: Document | None = field(
        default=None, converter=optional(to_policy_document), metadata=DOCUMENT
    )
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The log group's ARN, with ``:*`` for its streams."""
        return self.attr("Arn")

    @property
    def name(self) -> Ref[str]:
        """The log group's name, which is what ``Ref`` gives."""
        return self.ref

    def write(self) -> Grant:
        """Leave to write log events to the group."""
        from lambdaform.model import grants

        return grants.write(self)


def log_group_name(group: LogGroup | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The name of a log group given as an object."""
    return reference_of(group, "AWS::Logs::LogGroup")


_GROUP = {"shorthand": "a LogGroup, its name or a reference"}
FilterPattern = Annotated[
    str, Count(high=1024, unit="characters", source="CloudWatch Logs API, FilterPattern")
]


@frozen(kw_only=True)
class LogStream(Resource):
    """``AWS::Logs::LogStream``."""

    TYPE: ClassVar[str] = "AWS::Logs::LogStream"

    log_group_name: str | Ref[str] = field(converter=log_group_name, metadata=_GROUP)
    log_stream_name: str | Ref[str] | None = None


@frozen(kw_only=True)
class SubscriptionFilter(Resource):
    """``AWS::Logs::SubscriptionFilter``: sends matching log events on.

    A function as destination needs a `Permission` for ``logs.amazonaws.com``.
    """

    TYPE: ClassVar[str] = "AWS::Logs::SubscriptionFilter"

    log_group_name: str | Ref[str] = field(converter=log_group_name, metadata=_GROUP)
    filter_name: str | Ref[str] | None = None
    filter_pattern: FilterPattern | Ref[str]
    destination_arn: str | Ref[str] = field(
        converter=arn_of, metadata={"shorthand": "a function, a Stream, an ARN or a reference"}
    )
    role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    distribution: Literal["Random", "ByLogStream"] | Ref[str] | None = None
    apply_on_transformed_logs: bool | Ref[bool] | None = None
    emit_system_fields: Sequence[str | Ref[str]] | Ref[Any] | None = None
    field_selection_criteria: str | Ref[str] | None = None


@frozen
class MetricDimension(Shape):
    """A dimension of a metric, taken from a log event."""

    key: str | Ref[str]
    value: str | Ref[str]


@frozen(kw_only=True)
class MetricTransformation(Shape):
    """What a matching log event adds to a metric."""

    metric_namespace: str | Ref[str]
    metric_name: str | Ref[str]
    metric_value: str | Ref[str]
    default_value: float | Ref[float] | None = None
    unit: (
        Literal[
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
        | Ref[str]
        | None
    ) = None
    dimensions: Annotated[Sequence[MetricDimension | Ref[Any]], Count(high=3, low=1)] | Ref[Any] | None = None


@frozen(kw_only=True)
class MetricFilter(Resource):
    """``AWS::Logs::MetricFilter``: makes a metric out of log events."""

    TYPE: ClassVar[str] = "AWS::Logs::MetricFilter"

    log_group_name: str | Ref[str] = field(converter=log_group_name, metadata=_GROUP)
    filter_name: str | Ref[str] | None = None
    filter_pattern: FilterPattern | Ref[str]
    metric_transformations: (
        Annotated[Sequence[MetricTransformation | Ref[Any]], Count(high=1, low=1)] | Ref[Any]
    )
    apply_on_transformed_logs: bool | Ref[bool] | None = None
    emit_system_field_dimensions: Sequence[str | Ref[str]] | Ref[Any] | None = None
    field_selection_criteria: str | Ref[str] | None = None
