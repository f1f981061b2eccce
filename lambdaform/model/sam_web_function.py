"""Web functions: a web server that Lambda runs behind an endpoint of its own, in one region or several.

Source: the schema of AWS::Serverless::WebFunction in aws-sam-translator; AWS CloudFormation User Guide,
AWS::Lambda::WebFunction, WebFunctionRevision and WebFunctionEndpoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.code_folder import CodeFolder
from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import role_arn
from lambdaform.model.location import CodeLocation
from lambdaform.model.network_connector import network_connector_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.web_function import (
    WebFunctionLoggingConfig,
    WebFunctionScalingConfig,
    WebFunctionThrottleConfig,
)

_SOURCE = "AWS CloudFormation User Guide, AWS::Lambda::WebFunctionEndpoint"
_SAM = "SAM's transform of AWS::Serverless::WebFunction"


WebVariableName = Annotated[
    str,
    Matching(
        r"[a-zA-Z][a-zA-Z0-9_]*",
        f"A name starts with a letter and has letters, digits and underscores ({_SAM}).",
    ),
]


@frozen(kw_only=True)
class WebFunction(Resource):
    """``AWS::Serverless::WebFunction``.

    ``auth_type`` says who lets requests in: Lambda by IAM (``IamAuth``), or the application itself.
    """

    TYPE: ClassVar[str] = "AWS::Serverless::WebFunction"
    TAGS_AS_LIST: ClassVar[bool] = False

    function_name: str | Ref[str] | None = None
    runtime: str | Ref[str]
    entry_point: str | Ref[str] | None = None
    code_uri: str | CodeFolder | CodeLocation | Ref[Any] | None = None
    inline_code: str | None = None
    timeout: Annotated[int, Within(3, 900, "seconds", source=_SAM)] | Ref[int] | None = None
    environment_variables: Mapping[WebVariableName, str | int | float | bool | Ref[Any]] | Ref[Any] | None = (
        None
    )
    execution_role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
    auth_type: Literal["IamAuth", "ApplicationManaged"] | Ref[str]
    endpoint_name: str | Ref[str] | None = None
    endpoint_type: Literal["HomeRegion", "MultiRegion", "PerRegion"] | Ref[str] | None = None
    endpoint_description: (
        Annotated[str, Count(high=256, unit="characters", source=_SOURCE)] | Ref[str] | None
    ) = None
    auto_deployment_mode: Literal["LatestRevision", "Disabled"] | Ref[str] | None = None
    revision_description: (
        Annotated[str, Count(high=256, unit="characters", source=_SOURCE)] | Ref[str] | None
    ) = None
    revision_weights: (
        Annotated[
            Mapping[str, Annotated[int, Within(1, 100, "percent", source=_SAM)] | Ref[int]],
            Count(high=2, unit="revisions", source=_SAM),
        ]
        | None
    ) = None
    replica_regions: Sequence[str | Ref[str]] | Mapping[str, Any] | Ref[Any] | None = None
    max_concurrency_per_environment: Annotated[int, Within(1, None, "requests")] | Ref[int] | None = None
    scaling_config: WebFunctionScalingConfig | Ref[Any] | None = None
    throttle_config: WebFunctionThrottleConfig | Ref[Any] | None = None
    egress_network_connector_arn: str | Ref[str] | None = field(
        default=None,
        converter=optional(network_connector_arn),
        metadata={"shorthand": "a NetworkConnector, its ARN or a reference"},
    )
    logging_config: WebFunctionLoggingConfig | Ref[Any] | None = None
    kms_key_arn: str | Ref[str] | None = None
    tags: Tags | Ref[Any] | None = None
