"""S3 buckets, their notifications and their policies.

What a bucket is rarely given by hand in a Lambda application (analytics, inventory, metadata tables, replication)
is a plain mapping under AWS's own names.

Source: AWS CloudFormation User Guide, AWS::S3::Bucket and AWS::S3::BucketPolicy; S3 User Guide, "Amazon S3 Event
Notifications".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.function import FunctionSettings
from lambdaform.model.iam import DOCUMENT, Document, to_policy_document
from lambdaform.model.queue import Queue, Topic
from lambdaform.model.references import Ref, Sub
from lambdaform.model.resource import RawResource, Resource, Tags, attribute_of, reference_of
from lambdaform.model.s3_filter import BucketEvent, NotificationFilter, to_notification_filter
from lambdaform.model.shape import Shape

if TYPE_CHECKING:
    from lambdaform.model.grants import Grant


def _function_arn(function: FunctionSettings | RawResource | str | Ref[str]) -> str | Ref[str]:
    return attribute_of(function, "Arn", "AWS::Lambda::Function", "AWS::Serverless::Function")


def _queue_arn(queue: Queue | RawResource | str | Ref[str]) -> str | Ref[str]:
    return attribute_of(queue, "Arn", "AWS::SQS::Queue")


def _topic_arn(topic: Topic | RawResource | str | Ref[str]) -> str | Ref[str]:
    return reference_of(topic, "AWS::SNS::Topic")


_FILTER = {"shorthand": "a mapping of prefix and suffix, or a NotificationFilter"}


@frozen
class LambdaConfiguration(Shape):
    """A function that the bucket invokes when the event happens. It needs a `Permission` for ``s3.amazonaws.com``."""

    event: BucketEvent | Ref[str]
    function: str | Ref[str] = field(
        converter=_function_arn, metadata={"shorthand": "a function, an ARN or a reference"}
    )
    filter: NotificationFilter | Ref[Any] | None = field(
        default=None, kw_only=True, converter=optional(to_notification_filter), metadata=_FILTER
    )


@frozen
class QueueConfiguration(Shape):
    """A queue that gets a message when the event happens. Its policy must let S3 send."""

    event: BucketEvent | Ref[str]
    queue: str | Ref[str] = field(
        converter=_queue_arn, metadata={"shorthand": "a Queue, an ARN or a reference"}
    )
    filter: NotificationFilter | Ref[Any] | None = field(
        default=None, kw_only=True, converter=optional(to_notification_filter), metadata=_FILTER
    )


@frozen
class TopicConfiguration(Shape):
    """A topic that gets a message when the event happens. Its policy must let S3 publish."""

    event: BucketEvent | Ref[str]
    topic: str | Ref[str] = field(
        converter=_topic_arn, metadata={"shorthand": "a Topic, an ARN or a reference"}
    )
    filter: NotificationFilter | Ref[Any] | None = field(
        default=None, kw_only=True, converter=optional(to_notification_filter), metadata=_FILTER
    )


@frozen(kw_only=True)
class EventBridgeConfiguration(Shape):
    """Whether the bucket sends all its events to EventBridge."""

    event_bridge_enabled: bool | Ref[bool] = True


@frozen(kw_only=True)
class NotificationConfiguration(Shape):
    """Whom the bucket tells of what happens to its objects."""

    lambda_configurations: Sequence[LambdaConfiguration | Ref[Any]] | Ref[Any] | None = None
    queue_configurations: Sequence[QueueConfiguration | Ref[Any]] | Ref[Any] | None = None
    topic_configurations: Sequence[TopicConfiguration | Ref[Any]] | Ref[Any] | None = None
    event_bridge_configuration: EventBridgeConfiguration | Ref[Any] | None = None


@frozen
class VersioningConfiguration(Shape):
    """Whether the bucket keeps every version of an object."""

    status: Literal["Enabled", "Suspended"] | Ref[str]


@frozen(kw_only=True)
class PublicAccessBlockConfiguration(Shape):
    """What public access the bucket shuts out, whatever its policy says."""

    block_public_acls: bool | Ref[bool] | None = None
    block_public_policy: bool | Ref[bool] | None = None
    ignore_public_acls: bool | Ref[bool] | None = None
    restrict_public_buckets: bool | Ref[bool] | None = None


@frozen
class ServerSideEncryptionByDefault(Shape):
    """How the bucket encrypts an object that comes without its own wish."""

    SPELLING: ClassVar[Mapping[str, str]] = {"sse": "SSE", "kms": "KMS", "id": "ID"}

    sse_algorithm: Literal["aws:kms", "AES256", "aws:kms:dsse"] | Ref[str]
    kms_master_key_id: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class BlockedEncryptionTypes(Shape):
    """The ways of encryption that an upload may not ask for."""

    encryption_type: Sequence[Literal["NONE", "SSE-C"] | Ref[str]] | Ref[Any] | None = None


@frozen(kw_only=True)
class ServerSideEncryptionRule(Shape):
    """One rule of the bucket's encryption."""

    server_side_encryption_by_default: ServerSideEncryptionByDefault | Ref[Any] | None = None
    bucket_key_enabled: bool | Ref[bool] | None = None
    blocked_encryption_types: BlockedEncryptionTypes | Ref[Any] | None = None


@frozen
class BucketEncryption(Shape):
    """How the bucket encrypts its objects."""

    server_side_encryption_configuration: Sequence[ServerSideEncryptionRule | Ref[Any]] | Ref[Any]


@frozen(kw_only=True)
class CorsRule(Shape):
    """Which web pages of other origins may reach the bucket, and how. ``max_age`` is in seconds."""

    id: str | Ref[str] | None = None
    allowed_origins: Sequence[str | Ref[str]] | Ref[Any]
    allowed_methods: Sequence[Literal["GET", "PUT", "HEAD", "POST", "DELETE"] | Ref[str]] | Ref[Any]
    allowed_headers: Sequence[str | Ref[str]] | Ref[Any] | None = None
    exposed_headers: Sequence[str | Ref[str]] | Ref[Any] | None = None
    max_age: Annotated[int, Within(0, None)] | Ref[int] | None = None


@frozen
class CorsConfiguration(Shape):
    """The bucket's rules for web pages of other origins."""

    cors_rules: Sequence[CorsRule | Ref[Any]] | Ref[Any]


@frozen
class TagFilter(Shape):
    """A tag that an object must have."""

    key: str | Ref[str]
    value: str | Ref[str]


@frozen
class AbortIncompleteMultipartUpload(Shape):
    """After how many days an upload that was never finished goes."""

    days_after_initiation: Annotated[int, Within(0, None, "days")] | Ref[int]


@frozen(kw_only=True)
class Transition(Shape):
    """When an object moves to another storage class."""

    storage_class: (
        Literal[
            "DEEP_ARCHIVE",
            "GLACIER",
            "Glacier",
            "GLACIER_IR",
            "INTELLIGENT_TIERING",
            "ONEZONE_IA",
            "STANDARD_IA",
        ]
        | Ref[str]
    )
    transition_in_days: int | Ref[int] | None = None
    transition_date: str | Ref[str] | None = None


@frozen(kw_only=True)
class NoncurrentVersionTransition(Shape):
    """When an older version moves to another storage class."""

    storage_class: (
        Literal[
            "DEEP_ARCHIVE",
            "GLACIER",
            "Glacier",
            "GLACIER_IR",
            "INTELLIGENT_TIERING",
            "ONEZONE_IA",
            "STANDARD_IA",
        ]
        | Ref[str]
    )
    transition_in_days: int | Ref[int]
    newer_noncurrent_versions: int | Ref[int] | None = None


@frozen(kw_only=True)
class NoncurrentVersionExpiration(Shape):
    """When an older version goes."""

    noncurrent_days: int | Ref[int]
    newer_noncurrent_versions: int | Ref[int] | None = None


@frozen(kw_only=True)
class LifecycleRule(Shape):
    """What becomes of objects with time."""

    id: str | Ref[str] | None = None
    status: Literal["Enabled", "Disabled"] | Ref[str] = "Enabled"
    prefix: str | Ref[str] | None = None
    tag_filters: Sequence[TagFilter | Ref[Any]] | Ref[Any] | None = None
    object_size_greater_than: str | Ref[str] | None = None
    object_size_less_than: str | Ref[str] | None = None
    expiration_in_days: int | Ref[int] | None = None
    expiration_date: str | Ref[str] | None = None
    expired_object_delete_marker: bool | Ref[bool] | None = None
    transitions: Sequence[Transition | Ref[Any]] | Ref[Any] | None = None
    transition: Transition | Ref[Any] | None = None
    noncurrent_version_expiration: NoncurrentVersionExpiration | Ref[Any] | None = None
    noncurrent_version_expiration_in_days: int | Ref[int] | None = None
    noncurrent_version_transitions: Sequence[NoncurrentVersionTransition | Ref[Any]] | Ref[Any] | None = None
    noncurrent_version_transition: NoncurrentVersionTransition | Ref[Any] | None = None
    abort_incomplete_multipart_upload: AbortIncompleteMultipartUpload | Ref[Any] | None = None


@frozen
class LifecycleConfiguration(Shape):
    """What becomes of the bucket's objects with time."""

    rules: Sequence[LifecycleRule | Ref[Any]] | Ref[Any]
    transition_default_minimum_object_size: (
        Literal["varies_by_storage_class", "all_storage_classes_128K"] | Ref[str] | None
    ) = field(default=None, kw_only=True)


@frozen(kw_only=True)
class LoggingConfiguration(Shape):
    """Where the bucket logs the requests it gets."""

    destination_bucket_name: str | Ref[str] | None = None
    log_file_prefix: str | Ref[str] | None = None
    target_object_key_format: Mapping[str, Any] | Ref[Any] | None = None


@frozen
class OwnershipControlsRule(Shape):
    """Who owns an object that another account puts into the bucket."""

    object_ownership: (
        Literal["ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"] | Ref[str] | None
    ) = None


@frozen
class OwnershipControls(Shape):
    """Who owns the bucket's objects."""

    rules: Sequence[OwnershipControlsRule | Ref[Any]] | Ref[Any]


@frozen(kw_only=True)
class RedirectAllRequestsTo(Shape):
    """The host to which a website's requests are all sent on."""

    host_name: str | Ref[str]
    protocol: Literal["http", "https"] | Ref[str] | None = None


@frozen(kw_only=True)
class RedirectRule(Shape):
    """Where a request is sent on."""

    host_name: str | Ref[str] | None = None
    protocol: Literal["http", "https"] | Ref[str] | None = None
    http_redirect_code: str | Ref[str] | None = None
    replace_key_prefix_with: str | Ref[str] | None = None
    replace_key_with: str | Ref[str] | None = None


@frozen(kw_only=True)
class RoutingRuleCondition(Shape):
    """Which requests are sent on."""

    http_error_code_returned_equals: str | Ref[str] | None = None
    key_prefix_equals: str | Ref[str] | None = None


@frozen(kw_only=True)
class RoutingRule(Shape):
    """A redirection of some of a website's requests."""

    routing_rule_condition: RoutingRuleCondition | Ref[Any] | None = None
    redirect_rule: RedirectRule | Ref[Any]


@frozen(kw_only=True)
class WebsiteConfiguration(Shape):
    """How the bucket serves a website."""

    index_document: str | Ref[str] | None = None
    error_document: str | Ref[str] | None = None
    routing_rules: Sequence[RoutingRule | Ref[Any]] | Ref[Any] | None = None
    redirect_all_requests_to: RedirectAllRequestsTo | Ref[Any] | None = None


@frozen(kw_only=True)
class DefaultRetention(Shape):
    """How long a new object cannot be deleted; in days or in years."""

    mode: Literal["COMPLIANCE", "GOVERNANCE"] | Ref[str] | None = None
    days: int | Ref[int] | None = None
    years: int | Ref[int] | None = None
    default_event_hold: Mapping[str, Any] | Ref[Any] | None = None


@frozen(kw_only=True)
class ObjectLockRule(Shape):
    """The lock that a new object gets."""

    default_retention: DefaultRetention | Ref[Any] | None = None


@frozen(kw_only=True)
class ObjectLockConfiguration(Shape):
    """The lock that keeps objects from being deleted."""

    object_lock_enabled: Literal["Enabled"] | Ref[str] | None = None
    rule: ObjectLockRule | Ref[Any] | None = None


@frozen(kw_only=True)
class AccelerateConfiguration(Shape):
    """Whether uploads may take the way over CloudFront's edges."""

    acceleration_status: Literal["Enabled", "Suspended"] | Ref[str]


@frozen(kw_only=True)
class Bucket(Resource):
    """``AWS::S3::Bucket``."""

    TYPE: ClassVar[str] = "AWS::S3::Bucket"

    bucket_name: (
        Annotated[
            str,
            Matching(
                r"[a-z0-9]([a-z0-9.-]{1,61}[a-z0-9])?",
                "A bucket name has 3 to 63 lower-case letters, digits, dots and hyphens (S3 User Guide, bucketnamingrules).",
            ),
            Count(low=3, unit="characters"),
        ]
        | Ref[str]
        | None
    ) = None
    bucket_name_prefix: str | Ref[str] | None = None
    bucket_namespace: Literal["global", "account-regional"] | Ref[str] | None = None
    versioning_configuration: VersioningConfiguration | Ref[Any] | None = None
    bucket_encryption: BucketEncryption | Ref[Any] | None = None
    public_access_block_configuration: PublicAccessBlockConfiguration | Ref[Any] | None = None
    ownership_controls: OwnershipControls | Ref[Any] | None = None
    access_control: (
        Literal[
            "AuthenticatedRead",
            "AwsExecRead",
            "BucketOwnerFullControl",
            "BucketOwnerRead",
            "LogDeliveryWrite",
            "Private",
            "PublicRead",
            "PublicReadWrite",
        ]
        | Ref[str]
        | None
    ) = None
    notification_configuration: NotificationConfiguration | Ref[Any] | None = None
    lifecycle_configuration: LifecycleConfiguration | Ref[Any] | None = None
    cors_configuration: CorsConfiguration | Ref[Any] | None = None
    website_configuration: WebsiteConfiguration | Ref[Any] | None = None
    logging_configuration: LoggingConfiguration | Ref[Any] | None = None
    object_lock_enabled: bool | Ref[bool] | None = None
    object_lock_configuration: ObjectLockConfiguration | Ref[Any] | None = None
    accelerate_configuration: AccelerateConfiguration | Ref[Any] | None = None
    abac_status: Literal["Enabled", "Disabled"] | Ref[str] | None = None
    analytics_configurations: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    intelligent_tiering_configurations: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    inventory_configurations: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    metadata_configuration: Mapping[str, Any] | Ref[Any] | None = None
    metadata_table_configuration: Mapping[str, Any] | Ref[Any] | None = None
    metrics_configurations: Sequence[Mapping[str, Any]] | Ref[Any] | None = None
    replication_configuration: Mapping[str, Any] | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The bucket's ARN."""
        return self.attr("Arn")

    @property
    def name(self) -> Ref[str]:
        """The bucket's name, which is what ``Ref`` gives."""
        return self.ref

    @property
    def domain_name(self) -> Ref[str]:
        """The bucket's host name."""
        return self.attr("DomainName")

    @property
    def regional_domain_name(self) -> Ref[str]:
        """The bucket's host name in its Region."""
        return self.attr("RegionalDomainName")

    @property
    def dual_stack_domain_name(self) -> Ref[str]:
        """The bucket's host name over IPv6."""
        return self.attr("DualStackDomainName")

    @property
    def website_url(self) -> Ref[str]:
        """The address of the bucket's website."""
        return self.attr("WebsiteURL")

    @property
    def objects_arn(self) -> Ref[str]:
        """The ARN of all the bucket's objects: ``Allow("s3:GetObject", on=bucket.objects_arn)``."""
        return Sub(f"${{{self.logical_id}.Arn}}/*")

    def read(self, prefix: str = "") -> Grant:
        """Leave to read and list the bucket's objects, or those below a prefix."""
        from lambdaform.model import grants

        return grants.read(self, prefix)

    def write(self, prefix: str = "") -> Grant:
        """Leave to write objects into the bucket, or below a prefix."""
        from lambdaform.model import grants

        return grants.write(self, prefix)

    def read_write(self, prefix: str = "") -> Grant:
        """Leave to read, list and write the bucket's objects, or those below a prefix."""
        from lambdaform.model import grants

        return grants.read_write(self, prefix)

    def delete(self, prefix: str = "") -> Grant:
        """Leave to delete the bucket's objects, or those below a prefix."""
        from lambdaform.model import grants

        return grants.delete(self, prefix)


def bucket_name(bucket: Bucket | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The name of a bucket given as an object."""
    return reference_of(bucket, "AWS::S3::Bucket")


@frozen(kw_only=True)
class BucketPolicy(Resource):
    """``AWS::S3::BucketPolicy``: who may do what with a bucket and its objects."""

    TYPE: ClassVar[str] = "AWS::S3::BucketPolicy"

    bucket: str | Ref[str] = field(
        converter=bucket_name, metadata={"shorthand": "a Bucket, its name or a reference"}
    )
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)
