"""DynamoDB tables.

Source: SAM Developer Guide, AWS::Serverless::SimpleTable; CloudFormation User Guide, AWS::DynamoDB::Table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import DOCUMENT, Document, arn_of, to_policy_document
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tag, Tags
from lambdaform.model.shape import Shape

if TYPE_CHECKING:
    from lambdaform.model.grants import Grant


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
    GLOBALS: ClassVar[tuple[str, ...]] = ("sse_specification",)

    table_name: str | Ref[str] | None = None
    primary_key: PrimaryKey | Ref[Any] | None = None
    provisioned_throughput: ProvisionedThroughput | Ref[Any] | None = None
    point_in_time_recovery_specification: PointInTimeRecoverySpecification | Ref[Any] | None = None
    sse_specification: SSESpecification | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The table's ARN."""
        return self.attr("Arn")

    def read(self) -> Grant:
        """Leave to read the table's items."""
        from lambdaform.model import grants

        return grants.read(self)

    def write(self) -> Grant:
        """Leave to write and delete the table's items."""
        from lambdaform.model import grants

        return grants.write(self)

    def read_write(self) -> Grant:
        """Leave to read, write and delete the table's items."""
        from lambdaform.model import grants

        return grants.read_write(self)


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
class TableResourcePolicy(Shape):
    """A policy that belongs to the table or its stream."""

    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)


@frozen
class StreamSpecification(Shape):
    """What a table's stream shows of each change."""

    stream_view_type: Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] | Ref[str]
    resource_policy: TableResourcePolicy | Ref[Any] | None = field(default=None, kw_only=True)
    tags: Sequence[Tag | Ref[Any]] | Ref[Any] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class PointInTimeRecoverySpecification(Shape):
    """Whether the table can be restored to any second of the last days."""

    point_in_time_recovery_enabled: bool | Ref[bool] | None = None
    recovery_period_in_days: Annotated[int, Within(1, 35, "days")] | Ref[int] | None = None


@frozen
class TimeToLiveSpecification(Shape):
    """The attribute that says, in seconds since 1970, when an item goes."""

    attribute_name: str | Ref[str] | None = None
    enabled: bool | Ref[bool] = field(default=True, kw_only=True)


@frozen(kw_only=True)
class SSESpecification(Shape):
    """How the table is encrypted; without it, by a key that AWS owns."""

    SPELLING: ClassVar[Mapping[str, str]] = {"sse": "SSE", "kms": "KMS"}

    sse_enabled: bool | Ref[bool]
    sse_type: Literal["KMS"] | Ref[str] | None = None
    kms_master_key_id: str | Ref[str] | None = None


@frozen(kw_only=True)
class OnDemandThroughput(Shape):
    """The most request units a second that a table billed per request may use."""

    max_read_request_units: Annotated[int, Within(1, None)] | Ref[int] | None = None
    max_write_request_units: Annotated[int, Within(1, None)] | Ref[int] | None = None


@frozen(kw_only=True)
class WarmThroughput(Shape):
    """The units a second that the table can take at once."""

    read_units_per_second: Annotated[int, Within(1, None)] | Ref[int] | None = None
    write_units_per_second: Annotated[int, Within(1, None)] | Ref[int] | None = None


@frozen(kw_only=True)
class ContributorInsightsSpecification(Shape):
    """Whether CloudWatch shows the keys that are used most."""

    enabled: bool | Ref[bool] = True
    mode: Literal["ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS"] | Ref[str] | None = None


@frozen(kw_only=True)
class Projection(Shape):
    """The attributes that an index copies."""

    projection_type: Literal["ALL", "INCLUDE", "KEYS_ONLY"] | Ref[str] | None = None
    non_key_attributes: Sequence[str | Ref[str]] | Ref[Any] | None = None


def to_key_schema(
    key: Sequence[KeySchema | Ref[Any]] | Mapping[str, Literal["HASH", "RANGE"]] | Ref[Any],
) -> Sequence[KeySchema | Ref[Any]] | Ref[Any]:
    """A mapping of attributes to HASH and RANGE as the key it stands for."""
    if isinstance(key, Mapping):
        return tuple(KeySchema(name, kind) for name, kind in key.items())
    return key


def to_attribute_definitions(
    attributes: Sequence[AttributeDefinition | Ref[Any]] | Mapping[str, Literal["S", "N", "B"]] | Ref[Any],
) -> Sequence[AttributeDefinition | Ref[Any]] | Ref[Any]:
    """A mapping of attributes to their types as the definitions it stands for."""
    if isinstance(attributes, Mapping):
        return tuple(AttributeDefinition(name, kind) for name, kind in attributes.items())
    return attributes


def to_projection(projection: Projection | str | Ref[Any]) -> Projection | Ref[Any]:
    """``"ALL"`` or ``"KEYS_ONLY"`` as the projection it stands for."""
    if isinstance(projection, str):
        return Projection(projection_type=projection)  # type: ignore[arg-type]  # the field refuses other words
    return projection


_KEY = {"shorthand": "a mapping of attributes to HASH and RANGE, or a list of KeySchema"}
_PROJECTION = {"shorthand": "ALL, KEYS_ONLY, or a Projection"}


@frozen(kw_only=True)
class GlobalSecondaryIndex(Shape):
    """An index with a key of its own."""

    index_name: str | Ref[str]
    key_schema: Sequence[KeySchema | Ref[Any]] | Ref[Any] = field(converter=to_key_schema, metadata=_KEY)
    projection: Projection | Ref[Any] = field(converter=to_projection, metadata=_PROJECTION)
    provisioned_throughput: ProvisionedThroughput | Ref[Any] | None = None
    on_demand_throughput: OnDemandThroughput | Ref[Any] | None = None
    contributor_insights_specification: ContributorInsightsSpecification | Ref[Any] | None = None
    warm_throughput: WarmThroughput | Ref[Any] | None = None


@frozen(kw_only=True)
class LocalSecondaryIndex(Shape):
    """An index with the table's partition key and another sort key."""

    index_name: str | Ref[str]
    key_schema: Sequence[KeySchema | Ref[Any]] | Ref[Any] = field(converter=to_key_schema, metadata=_KEY)
    projection: Projection | Ref[Any] = field(converter=to_projection, metadata=_PROJECTION)


@frozen(kw_only=True)
class SearchSchemaElement(Shape):
    """An attribute by which a vector search is narrowed."""

    attribute_name: str | Ref[str]
    search_schema_element_type: Literal["HASH", "INLINE_FILTER"] | Ref[str]


@frozen
class VectorAttribute(Shape):
    """The attribute that holds an item's vector."""

    attribute_name: str | Ref[str]


@frozen(kw_only=True)
class VectorIndex(Shape):
    """An index that finds the items whose vectors are nearest."""

    index_name: str | Ref[str]
    vector_attribute: VectorAttribute | Ref[Any]
    dimensions: Annotated[int, Within(1, 4096)] | Ref[int]
    distance_function: Literal["COSINE", "DOT_PRODUCT", "EUCLIDEAN"] | Ref[str]
    search_schema: Annotated[Sequence[SearchSchemaElement | Ref[Any]], Count(low=1)] | Ref[Any] | None = None
    projection: Projection | Ref[Any] = field(converter=to_projection, metadata=_PROJECTION)


@frozen
class KinesisStreamSpecification(Shape):
    """The Kinesis stream that gets every change of the table."""

    stream_arn: str | Ref[str] = field(converter=arn_of)
    approximate_creation_date_time_precision: Literal["MICROSECOND", "MILLISECOND"] | Ref[str] | None = field(
        default=None, kw_only=True
    )


@frozen(kw_only=True)
class S3BucketSource(Shape):
    """Where the objects lie that fill a new table."""

    s3_bucket: str | Ref[str]
    s3_key_prefix: str | Ref[str] | None = None
    s3_bucket_owner: str | Ref[str] | None = None


@frozen(kw_only=True)
class ImportSourceSpecification(Shape):
    """What fills a new table."""

    s3_bucket_source: S3BucketSource | Ref[Any]
    input_format: str | Ref[str]
    input_compression_type: str | Ref[str] | None = None
    input_format_options: Mapping[str, Any] | Ref[Any] | None = None


@frozen(kw_only=True)
class Table(Resource):
    """``AWS::DynamoDB::Table``."""

    TYPE: ClassVar[str] = "AWS::DynamoDB::Table"
    SPELLING: ClassVar[Mapping[str, str]] = {"sse": "SSE"}

    table_name: str | Ref[str] | None = None
    attribute_definitions: Sequence[AttributeDefinition | Ref[Any]] | Ref[Any] | None = field(
        default=None,
        converter=optional(to_attribute_definitions),
        metadata={"shorthand": "a mapping of attributes to S, N or B, or a list of AttributeDefinitions"},
    )
    key_schema: Sequence[KeySchema | Ref[Any]] | Ref[Any] = field(converter=to_key_schema, metadata=_KEY)
    billing_mode: Literal["PAY_PER_REQUEST", "PROVISIONED"] | Ref[str] | None = None
    provisioned_throughput: ProvisionedThroughput | Ref[Any] | None = None
    on_demand_throughput: OnDemandThroughput | Ref[Any] | None = None
    warm_throughput: WarmThroughput | Ref[Any] | None = None
    global_secondary_indexes: Sequence[GlobalSecondaryIndex | Ref[Any]] | Ref[Any] | None = None
    local_secondary_indexes: Sequence[LocalSecondaryIndex | Ref[Any]] | Ref[Any] | None = None
    vector_indexes: Annotated[Sequence[VectorIndex | Ref[Any]], Count(low=1)] | Ref[Any] | None = None
    stream_specification: StreamSpecification | Ref[Any] | None = None
    time_to_live_specification: TimeToLiveSpecification | Ref[Any] | None = None
    point_in_time_recovery_specification: PointInTimeRecoverySpecification | Ref[Any] | None = None
    sse_specification: SSESpecification | Ref[Any] | None = None
    table_class: Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"] | Ref[str] | None = None
    deletion_protection_enabled: bool | Ref[bool] | None = None
    kinesis_stream_specification: KinesisStreamSpecification | Ref[Any] | None = None
    contributor_insights_specification: ContributorInsightsSpecification | Ref[Any] | None = None
    resource_policy: TableResourcePolicy | Ref[Any] | None = None
    import_source_specification: ImportSourceSpecification | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The table's ARN."""
        return self.attr("Arn")

    @property
    def name(self) -> Ref[str]:
        """The table's name, which is what ``Ref`` gives."""
        return self.ref

    @property
    def stream_arn(self) -> Ref[str]:
        """The ARN of the table's stream."""
        return self.attr("StreamArn")

    def read(self) -> Grant:
        """Leave to read the table's items, by its indexes too."""
        from lambdaform.model import grants

        return grants.read(self)

    def write(self) -> Grant:
        """Leave to write and delete the table's items."""
        from lambdaform.model import grants

        return grants.write(self)

    def read_write(self) -> Grant:
        """Leave to read, write and delete the table's items."""
        from lambdaform.model import grants

        return grants.read_write(self)

    def stream_read(self) -> Grant:
        """Leave to read the stream of the table's changes. Raises `DefinitionError` where it has none."""
        from lambdaform.model import grants

        return grants.stream_read(self)
