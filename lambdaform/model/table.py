"""DynamoDB tables.

Source: SAM Developer Guide, AWS::Serverless::SimpleTable; CloudFormation User Guide, AWS::DynamoDB::Table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from attrs import frozen

from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape


@frozen
class PrimaryKey(Shape):
    """The one key attribute of a simple table."""

    name: str | Ref[str]
    type: Literal["String", "Number", "Binary"] | Ref[str]


@frozen(kw_only=True)
class ProvisionedThroughput(Shape):
    """Capacity units bought ahead; a table without them is billed per request."""

    read_capacity_units: int | Ref[int]
    write_capacity_units: int | Ref[int]


@frozen(kw_only=True)
class SimpleTable(Resource):
    """``AWS::Serverless::SimpleTable``: a table with one key attribute, billed per request unless said."""

    TYPE: ClassVar[str] = "AWS::Serverless::SimpleTable"
    SPELLING: ClassVar[Mapping[str, str]] = {"sse": "SSE"}
    TAGS_AS_LIST: ClassVar[bool] = False

    table_name: str | Ref[str] | None = None
    primary_key: PrimaryKey | Ref[Any] | None = None
    provisioned_throughput: ProvisionedThroughput | Ref[Any] | None = None
    point_in_time_recovery_specification: Mapping[str, Any] | Ref[Any] | None = None
    sse_specification: Mapping[str, Any] | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The table's ARN."""
        return self.attr("Arn")


@frozen
class AttributeDefinition(Shape):
    """The type of an attribute that is part of a key: S text, N number, B bytes."""

    attribute_name: str | Ref[str]
    attribute_type: Literal["S", "N", "B"] | Ref[str]


@frozen
class KeySchema(Shape):
    """One attribute of a key: HASH (partition key) or RANGE (sort key)."""

    attribute_name: str | Ref[str]
    key_type: Literal["HASH", "RANGE"] | Ref[str]


@frozen
class StreamSpecification(Shape):
    """What a table's stream shows of each change."""

    stream_view_type: Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] | Ref[str]


@frozen(kw_only=True)
class Table(Resource):
    """``AWS::DynamoDB::Table``."""

    TYPE: ClassVar[str] = "AWS::DynamoDB::Table"

    table_name: str | Ref[str] | None = None
    attribute_definitions: Sequence[AttributeDefinition] | Ref[Any] | None = None
    key_schema: Sequence[KeySchema] | Ref[Any] | None = None
    billing_mode: Literal["PAY_PER_REQUEST", "PROVISIONED"] | Ref[str] | None = None
    provisioned_throughput: ProvisionedThroughput | Ref[Any] | None = None
    stream_specification: StreamSpecification | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The table's ARN."""
        return self.attr("Arn")

    @property
    def stream_arn(self) -> Ref[str]:
        """The ARN of the table's stream."""
        return self.attr("StreamArn")
