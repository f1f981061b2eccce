"""Which events of which objects a bucket tells of.

Source: S3 User Guide, "Amazon S3 Event Notifications"; AWS CloudFormation User Guide, AWS::S3::Bucket
NotificationFilter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from lambdaform.model.constraints import Matching
from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape

BucketEvent = Annotated[
    str,
    Matching(
        r"s3:[A-Za-z]+(:[A-Za-z]+|:\*)?",
        "An event is s3:Kind:Name, such as s3:ObjectCreated:* or s3:ObjectRemoved:Delete.",
    ),
]


@frozen
class FilterRule(Shape):
    """One condition on an object's key: its ``prefix`` or its ``suffix``."""

    name: Literal["prefix", "suffix", "Prefix", "Suffix"] | Ref[str]
    value: str | Ref[str]


@frozen
class S3KeyFilter(Shape):
    """The conditions on an object's key; all must hold."""

    rules: Sequence[FilterRule | Ref[Any]] | Ref[Any]


@frozen
class NotificationFilter(Shape):
    """Which objects a notification is about; ``filter={"prefix": "in/", "suffix": ".csv"}`` says the same."""

    s3_key: S3KeyFilter | Ref[Any]


def to_notification_filter(
    given: NotificationFilter | Mapping[str, str | Ref[str]] | Ref[Any],
) -> NotificationFilter | Ref[Any]:
    """A mapping of ``prefix`` and ``suffix`` as the filter it stands for."""
    if not isinstance(given, Mapping):
        return given
    rules = tuple(FilterRule(name, value) for name, value in given.items())  # type: ignore[arg-type]  # the field refuses other names
    return NotificationFilter(S3KeyFilter(rules))
