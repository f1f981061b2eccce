"""GraphQL APIs of AWS AppSync: schema, data sources, functions and resolvers in one place.

Source: SAM Developer Guide, AWS::Serverless::GraphQLApi; AWS CloudFormation User Guide, AWS::AppSync resources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.api_auth import FUNCTION
from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.embedded_connector import Permissions, to_permissions
from lambdaform.model.iam import arn_of, role_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape
from lambdaform.model.sources import function_arn, table_name

_API = "AppSync API, CreateGraphqlApi"
AuthenticationType = Literal[
    "AWS_IAM", "API_KEY", "AWS_LAMBDA", "OPENID_CONNECT", "AMAZON_COGNITO_USER_POOLS"
]
InlineCode = Annotated[str, Count(high=32_768, unit="characters", source="AppSync API, CreateResolver")]
BatchCount = Annotated[int, Within(0, 2000, "requests", source="AppSync API, CreateResolver")]


@frozen
class GraphQLLambdaAuthorizer(Shape):
    """The function that judges a request's token, and for how many seconds its answer holds."""

    authorizer_uri: str | Ref[str] = field(converter=function_arn, metadata=FUNCTION)
    authorizer_result_ttl_in_seconds: (
        Annotated[int, Within(0, 3600, "seconds", source=_API)] | Ref[int] | None
    ) = field(default=None, kw_only=True)
    identity_validation_expression: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class OpenIDConnectConfig(Shape):
    """The issuer whose tokens are let in; how long they hold, in milliseconds."""

    SPELLING: ClassVar[Mapping[str, str]] = {"ttl": "TTL"}

    issuer: str | Ref[str] | None = None
    client_id: str | Ref[str] | None = None
    auth_ttl: float | Ref[float] | None = None
    iat_ttl: float | Ref[float] | None = None


@frozen(kw_only=True)
class UserPoolConfig(Shape):
    """The Cognito user pool whose users are let in."""

    user_pool_id: str | Ref[str]
    aws_region: str | Ref[str] | None = None
    app_id_client_regex: str | Ref[str] | None = None
    default_action: Literal["ALLOW", "DENY"] | Ref[str] | None = None


@frozen
class GraphQLAuthorizer(Shape):
    """One way to let requests in, beside the first."""

    SPELLING: ClassVar[Mapping[str, str]] = {"openid": "OpenID"}

    type: AuthenticationType
    lambda_authorizer: GraphQLLambdaAuthorizer | Ref[Any] | None = field(default=None, kw_only=True)
    openid_connect: OpenIDConnectConfig | Ref[Any] | None = field(default=None, kw_only=True)
    user_pool: UserPoolConfig | Ref[Any] | None = field(default=None, kw_only=True)


@frozen
class GraphQLAuth(GraphQLAuthorizer):
    """How requests are let in: ``GraphQLAuth("API_KEY")``; ``additional`` has further ways."""

    WRITTEN_AS: ClassVar[str | None] = "auth"

    additional: Sequence[GraphQLAuthorizer | Ref[Any]] | Ref[Any] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class GraphQLApiKey(Shape):
    """An API key; ``expires_on`` is in seconds since 1970."""

    api_key_id: str | Ref[str] | None = None
    description: str | Ref[str] | None = None
    expires_on: float | Ref[float] | None = None


@frozen(kw_only=True)
class GraphQLLogging(Shape):
    """What an API logs of its fields."""

    WRITTEN_AS: ClassVar[str | None] = "logging"

    field_log_level: Literal["NONE", "ERROR", "INFO", "DEBUG", "ALL"] | Ref[str] | None = None
    cloud_watch_logs_role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    exclude_verbose_content: bool | Ref[bool] | None = None


@frozen(kw_only=True)
class DeltaSync(Shape):
    """The table of changes of a versioned table; times to live are in minutes."""

    SPELLING: ClassVar[Mapping[str, str]] = {"ttl": "TTL"}

    base_table_ttl: str | int | Ref[Any]
    delta_sync_table_name: str | Ref[str]
    delta_sync_table_ttl: str | int | Ref[Any]


@frozen
class DynamoDBDataSource(Shape):
    """A table as a source of data; SAM permits what ``permissions`` says, both reading and writing unless said."""

    table_name: str | Ref[str] = field(
        converter=table_name, metadata={"shorthand": "a table, its name or a reference"}
    )
    table_arn: str | Ref[str] | None = field(default=None, kw_only=True, converter=optional(arn_of))
    permissions: Permissions | None = field(default=None, kw_only=True, converter=optional(to_permissions))
    service_role_arn: str | Ref[str] | None = field(default=None, kw_only=True, converter=optional(role_arn))
    name: str | Ref[str] | None = field(default=None, kw_only=True)
    description: str | Ref[str] | None = field(default=None, kw_only=True)
    region: str | Ref[str] | None = field(default=None, kw_only=True)
    use_caller_credentials: bool | Ref[bool] | None = field(default=None, kw_only=True)
    versioned: bool | Ref[bool] | None = field(default=None, kw_only=True)
    delta_sync: DeltaSync | Ref[Any] | None = field(default=None, kw_only=True)


@frozen
class LambdaDataSource(Shape):
    """A function as a source of data."""

    function_arn: str | Ref[str] = field(converter=function_arn, metadata=FUNCTION)
    service_role_arn: str | Ref[str] | None = field(default=None, kw_only=True, converter=optional(role_arn))
    name: str | Ref[str] | None = field(default=None, kw_only=True)
    description: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class DataSources(Shape):
    """The sources of data by name: ``DataSources(dynamodb={"Orders": DynamoDBDataSource(table)})``."""

    SPELLING: ClassVar[Mapping[str, str]] = {"dynamodb": "DynamoDb"}
    WRITTEN_AS: ClassVar[str | None] = "data_sources"

    dynamodb: Mapping[str, DynamoDBDataSource | Ref[Any]] | Ref[Any] | None = None
    lambda_: Mapping[str, LambdaDataSource | Ref[Any]] | Ref[Any] | None = field(
        default=None, metadata={"aws_name": "Lambda"}
    )


@frozen
class GraphQLRuntime(Shape):
    """The language of functions and resolvers: ``GraphQLRuntime("APPSYNC_JS", "1.0.0")``."""

    name: Literal["APPSYNC_JS"] | Ref[str]
    version: str | Ref[str]


@frozen
class LambdaConflictHandlerConfig(Shape):
    """The function that settles conflicting changes."""

    lambda_conflict_handler_arn: str | Ref[str] = field(converter=function_arn, metadata=FUNCTION)


@frozen(kw_only=True)
class GraphQLSync(Shape):
    """How conflicting changes of a versioned source are found and settled."""

    conflict_detection: Literal["VERSION", "NONE"] | Ref[str]
    conflict_handler: Literal["OPTIMISTIC_CONCURRENCY", "LAMBDA", "AUTOMERGE", "NONE"] | Ref[str] | None = (
        None
    )
    lambda_conflict_handler_config: LambdaConflictHandlerConfig | Ref[Any] | None = None


@frozen(kw_only=True)
class GraphQLFunction(Shape):
    """One step of a resolver: code that asks a data source. ``NONE`` as the source asks none."""

    data_source: str | Ref[str] | None = None
    runtime: GraphQLRuntime | Ref[Any] | None = None
    code_uri: str | Ref[str] | None = None
    inline_code: InlineCode | Ref[str] | None = None
    id: str | Ref[str] | None = None
    name: str | None = None
    description: str | Ref[str] | None = None
    max_batch_size: BatchCount | Ref[int] | None = None
    sync: GraphQLSync | Ref[Any] | None = None


@frozen
class GraphQLCaching(Shape):
    """For how many seconds a resolver's answers are kept, told apart by the keys."""

    ttl: Annotated[int, Within(1, 3600, "seconds", source="AppSync API, CachingConfig")] | Ref[int]
    caching_keys: Sequence[str | Ref[str]] | Ref[Any] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class GraphQLResolver(Shape):
    """How one field is resolved: the functions of ``pipeline`` one after the other, by their names."""

    field_name: str | None = None
    pipeline: Sequence[str] | None = None
    runtime: GraphQLRuntime | Ref[Any] | None = None
    code_uri: str | Ref[str] | None = None
    inline_code: InlineCode | Ref[str] | None = None
    caching: GraphQLCaching | Ref[Any] | None = None
    max_batch_size: BatchCount | Ref[int] | None = None
    sync: GraphQLSync | Ref[Any] | None = None


@frozen(kw_only=True)
class GraphQLDomainName(Shape):
    """A domain name of an API, with its certificate."""

    domain_name: str | Ref[str]
    certificate_arn: str | Ref[str] = field(converter=arn_of)
    description: str | Ref[str] | None = None


@frozen(kw_only=True)
class GraphQLCache(Shape):
    """An API's cache: what it keeps, for how many seconds, and on what size of instance."""

    WRITTEN_AS: ClassVar[str | None] = "cache"

    api_caching_behavior: (
        Literal["FULL_REQUEST_CACHING", "PER_RESOLVER_CACHING", "OPERATION_LEVEL_CACHING"] | Ref[str]
    )
    type: (
        Literal[
            "SMALL",
            "MEDIUM",
            "LARGE",
            "XLARGE",
            "LARGE_2X",
            "LARGE_4X",
            "LARGE_8X",
            "LARGE_12X",
            "T2_SMALL",
            "T2_MEDIUM",
            "R4_LARGE",
            "R4_XLARGE",
            "R4_2XLARGE",
            "R4_4XLARGE",
            "R4_8XLARGE",
        ]
        | Ref[str]
    )
    ttl: Annotated[int, Within(1, 3600, "seconds", source="AppSync API, CreateApiCache")] | Ref[int]
    at_rest_encryption_enabled: bool | Ref[bool] | None = None
    transit_encryption_enabled: bool | Ref[bool] | None = None


@frozen(kw_only=True)
class GraphQLApi(Resource):
    """``AWS::Serverless::GraphQLApi``. The schema is text (``schema_inline``) or a file (``schema_uri``).

    ``resolvers`` are by type and field: ``{"Query": {"getOrder": GraphQLResolver(pipeline=["readOrder"])}}``.
    """

    TYPE: ClassVar[str] = "AWS::Serverless::GraphQLApi"
    TAGS_AS_LIST: ClassVar[bool] = False

    name: str | Ref[str] | None = None
    schema_uri: str | Ref[str] | None = None
    schema_inline: str | Ref[str] | None = None
    auth: GraphQLAuth | Ref[Any]
    api_keys: Mapping[str, GraphQLApiKey | Ref[Any]] | Ref[Any] | None = None
    data_sources: DataSources | Ref[Any] | None = None
    functions: Mapping[str, GraphQLFunction | Ref[Any]] | Ref[Any] | None = None
    resolvers: Mapping[str, Mapping[str, GraphQLResolver | Ref[Any]]] | Ref[Any] | None = None
    domain_name: GraphQLDomainName | Ref[Any] | None = None
    cache: GraphQLCache | Ref[Any] | None = None
    logging: GraphQLLogging | bool | Ref[Any] | None = None
    xray_enabled: bool | Ref[bool] | None = None
    visibility: Literal["GLOBAL", "PRIVATE"] | Ref[str] | None = None
    introspection_config: Literal["ENABLED", "DISABLED"] | Ref[str] | None = None
    query_depth_limit: Annotated[int, Within(0, 75, "levels", source=_API)] | Ref[int] | None = None
    resolver_count_limit: Annotated[int, Within(0, 10_000, "resolvers", source=_API)] | Ref[int] | None = None
    owner_contact: str | Ref[str] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The API's ARN."""
        return self.attr("Arn")

    @property
    def url(self) -> Ref[str]:
        """Where queries go."""
        return self.attr("GraphQLUrl")
