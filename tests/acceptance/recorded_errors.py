"""Refusals that AWS was recorded to give, each with the call that meets it in the account that `World` makes.

A case says the error's code, status and message as AWS gave them, with our names in place of those that were recorded.
What was recorded and is not here is in `ELSEWHERE`, with the reason.

Source: the recordings in https://github.com/localstack/localstack, tests/aws/services/lambda_/*.snapshot.json.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:"
NO_CONFIG = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-01234567890abcdef"
NO_UUID = "01234567-89ab-cdef-0123-456789abcdef"
MAPPING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{NO_UUID}"
PROVIDER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:capacity-provider:none"
ABSENT_TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/absent/stream/2025-02-22T03:03:25.490"
ABSENT_STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/absent"
ABSENT_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:absent"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
KAFKA = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}}
TWO_KAFKAS = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000", "kafka:2000"]}}
SECRET = [{"Type": "BASIC_AUTH", "URI": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:kafka-AbCdEf"}]


def archive(**files: bytes) -> bytes:
    """A zip of these Python files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(f"{name}.py", content)
    return packed.getvalue()


CODE = archive(index=b"def handler(event, context):\n    return event\n")
NEW: Mapping[str, Any] = {
    "FunctionName": "new",
    "Runtime": "python3.12",
    "Role": ROLE,
    "Handler": "index.handler",
    "Code": {"ZipFile": CODE},
}
PERMIT: Mapping[str, Any] = {
    "FunctionName": "shop",
    "StatementId": "s3",
    "Action": "lambda:InvokeFunction",
    "Principal": "s3.amazonaws.com",
}
PERMIT_LAYER: Mapping[str, Any] = {
    "LayerName": "lib",
    "VersionNumber": 1,
    "StatementId": "s1",
    "Action": "lambda:GetLayerVersion",
    "Principal": "*",
}


@frozen
class Case:
    """An error, and the call that meets it. ``{table}`` and its like in a message or value are the world's.

    ``message`` is None where AWS says nothing; we may say what is wrong.
    """

    code: str
    status: int
    message: str | None
    operation: str
    members: Mapping[str, Any] = field(repr=False)


def _invalid(message: str, operation: str, **members: Any) -> Case:
    return Case("InvalidParameterValueException", 400, message, operation, members)


def _missing(message: str, operation: str, **members: Any) -> Case:
    return Case("ResourceNotFoundException", 404, message, operation, members)


def _conflict(message: str, operation: str, **members: Any) -> Case:
    return Case("ResourceConflictException", 409, message, operation, members)


def _stale(call: str, operation: str, **members: Any) -> Case:
    message = (
        "The Revision Id provided does not match the latest Revision Id. "
        f"Call the {call} API to retrieve the latest Revision Id"
    )
    return Case("PreconditionFailedException", 412, message, operation, {**members, "RevisionId": "wrong"})


def _malformed(member: str, value: str, constraint: str, operation: str, **members: Any) -> Case:
    value = value if value == "null" else f"'{value}'"
    message = (
        f"1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: {constraint}"
    )
    return Case("ValidationException", 400, message, operation, members)


def _of_pattern(pattern: str) -> str:
    return f"Member must satisfy regular expression pattern: {pattern}"


_AREA = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"
_NAME = rf"(arn:(aws[a-zA-Z-]*)?:lambda:)?({_AREA}:)?(\d{{12}}:)?(function:)?"
_URL_QUALIFIER = _of_pattern(r"((?!^\d+$)^[0-9a-zA-Z-_]+$)")
_LAYER_VERSION = (
    rf"(arn:(aws[a-zA-Z-]*)?:lambda:{_AREA}:\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)"
    r"|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)
_TAGGABLE = _of_pattern(
    rf"arn:(aws[a-zA-Z-]*):lambda:{_AREA}:\d{{12}}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?"
    r"|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}"
    r"|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|capacity-provider:[a-zA-Z0-9-_]+)"
)
_CURRENT = (
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, "
    "python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, "
    "java11, dotnet6, nodejs18.x, provided.al2, java8.al2"
)
_EVERY = (
    "ruby3.5, ruby2.6, dotnetcore1.0, python3.7, nodejs8.10, nasa, ruby2.7, python2.7-greengrass, dotnetcore2.0, "
    "python3.8, java21, dotnet6, dotnetcore2.1, python3.9, java11, nodejs6.10, provided, dotnetcore3.1, dotnet8, "
    "java25, java17, nodejs, nodejs4.3, java8.al2, go1.x, dotnet10, nodejs20.x, go1.9, byol, nodejs10.x, "
    "provided.al2023, nodejs22.x, python3.10, java8, nodejs12.x, python3.11, nodejs24.x, nodejs8.x, python3.12, "
    "nodejs14.x, nodejs8.9, nodejs26.x, python3.13, python3.14, nodejs16.x, python3.15, provided.al2, "
    "nodejs4.3-edge, nodejs18.x, ruby3.2, python3.4, ruby3.3, ruby3.4, ruby2.5, python3.6, python2.7"
)
_ARCHITECTURES = "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
_WEIGHT = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
    "Member must have value greater than or equal to 0.0, Member must not be null]"
)
_UNMATCHED = "The derived qualifier from the function name does not match the specified qualifier."
_GONE = "The resource you requested does not exist."
_NO_FUNCTION = "The function doesn't exist."
_NO_TAGS = "Tags on function aliases and versions are not supported. Please specify a function ARN."
_TOO_MANY_TAGS = "Number of tags exceeds resource tag limit."
_NO_STATEMENTS = "No policy is associated with the given resource."
_LARGE = "x" * 4096
_NAMED = {"FunctionName": "shop", "Name": "custom", "FunctionVersion": "1"}


def _weighted(**weights: float) -> dict[str, Any]:
    return {
        **_NAMED,
        "RoutingConfig": {
            "AdditionalVersionWeights": {name.lstrip("v"): each for name, each in weights.items()}
        },
    }


def _retired(runtime: str) -> Case:
    message = (
        f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
        "We recommend you use a supported runtime while creating or updating functions."
    )
    return _invalid(message, "create_function", **{**NEW, "Runtime": runtime})


def _same_layer(first: int, second: int, *versions: int) -> Case:
    message = (
        "Two different versions of the same layer are not allowed to be referenced in the same function. "
        f"{LAYER}lib:{first} and {LAYER}lib:{second} are versions of the same layer."
    )
    layers = [f"{LAYER}lib:{version}" for version in versions]
    return _invalid(message, "update_function_configuration", FunctionName="shop", Layers=layers)


def _uncomposed(operation: str) -> list[Case]:
    named = {"FunctionName": "shop"}
    return [
        _malformed("qualifier", value, _URL_QUALIFIER, operation, **named, Qualifier=value)
        for value in ("$LATEST", "1", "2")
    ]


FUNCTIONS: tuple[Case, ...] = (
    Case(
        "AccessDeniedException",
        403,
        None,
        "create_function",
        {**NEW, "FunctionName": f"arn:aws:lambda:{REGION}:210987654321:function:new"},
    ),
    *(
        _retired(runtime)
        for runtime in (
            "dotnetcore3.1",
            "go1.x",
            "java8",
            "nodejs12.x",
            "nodejs14.x",
            "provided",
            "python3.7",
            "ruby2.7",
        )
    ),
    *(
        _invalid(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{_CURRENT}] or be a valid ARN",
            operation,
            **members,
            Runtime=runtime,
        )
        for runtime in ("PYTHON3.9", "non-existent-runtime")
        for operation, members in (
            ("create_function", {name: value for name, value in NEW.items() if name != "Runtime"}),
            ("update_function_configuration", {"FunctionName": "shop"}),
        )
    ),
    _invalid(
        "1 validation error detected: Value '"
        + "a" * 65
        + "' at 'functionName' failed to satisfy constraint: "
        "Member must have length less than or equal to 64",
        "create_function",
        **{**NEW, "FunctionName": "a" * 65},
    ),
    _malformed(
        "functionName",
        FUNCTION + "a" * (141 - len(FUNCTION)),
        "Member must have length less than or equal to 140",
        "create_function",
        **{**NEW, "FunctionName": FUNCTION + "a" * (141 - len(FUNCTION))},
    ),
    _malformed(
        "functionName",
        "invalid:function:name",
        _of_pattern(rf"{_NAME}([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"),
        "create_function",
        **{**NEW, "FunctionName": "invalid:function:name"},
    ),
    _malformed(
        "functionName",
        f"arn:aws:lambda:{REGION}:123400000000@function:myfn",
        _of_pattern(rf"{_NAME}([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"),
        "invoke",
        FunctionName=f"arn:aws:lambda:{REGION}:123400000000@function:myfn",
    ),
    _malformed(
        "role",
        "r1",
        _of_pattern(r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"),
        "create_function",
        **{**NEW, "Role": "r1"},
    ),
    _malformed(
        "architectures",
        "[x86_64, arm64]",
        "Member must have length less than or equal to 1",
        "create_function",
        **NEW,
        Architectures=["x86_64", "arm64"],
    ),
    _malformed(
        "architectures", "[X86_64]", _ARCHITECTURES, "create_function", **NEW, Architectures=["X86_64"]
    ),
    _malformed(
        "snapStart.applyOn",
        "invalidOption",
        "Member must satisfy enum value set: [PublishedVersions, None]",
        "create_function",
        **NEW,
        SnapStart={"ApplyOn": "invalidOption"},
    ),
    _malformed(
        "functionVersion",
        "invalid",
        "Member must satisfy enum value set: [ALL]",
        "list_functions",
        FunctionVersion="invalid",
    ),
    _malformed(
        "vpcConfig.subnetIds",
        "[subnet_1]",
        "Member must satisfy constraint: [Member must have length less than or equal to 1024, "
        "Member must have length greater than or equal to 0, "
        "Member must satisfy regular expression pattern: subnet-[0-9a-z]*]",
        "create_function",
        **NEW,
        VpcConfig={"SubnetIds": ["subnet_1"], "SecurityGroupIds": ["sg-1"]},
    ),
    _malformed(
        "vpcConfig.securityGroupIds",
        "[sg_1]",
        "Member must satisfy constraint: [Member must have length less than or equal to 1024, "
        "Member must have length greater than or equal to 0, "
        "Member must satisfy regular expression pattern: sg-[0-9a-zA-Z]*]",
        "create_function",
        **NEW,
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg_1"]},
    ),
    _invalid(
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
        "create_function",
        **{**NEW, "Code": {"ZipFile": b"this is no archive"}},
    ),
    _invalid(
        "Unzipped size must be smaller than 262144000 bytes",
        "create_function",
        **{**NEW, "Code": {"ZipFile": archive(index=bytes(262144001))}},
    ),
    Case(
        "RequestEntityTooLargeException",
        413,
        "Request must be smaller than 70167211 bytes for the CreateFunction operation",
        "create_function",
        {**NEW, "Code": {"ZipFile": bytes(52_700_000)}},
    ),
    Case(
        "RequestEntityTooLargeException",
        413,
        "Zipped size must be smaller than 52428800 bytes",
        "create_function",
        {**NEW, "Code": {"ZipFile": bytes(52_428_801)}},
    ),
    *(
        _invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. String measured: {{{measured}}}",
            "create_function",
            **NEW,
            Environment={"Variables": variables},
        )
        for measured, variables in (
            (f'"LARGE_VAR":"{_LARGE}"', {"LARGE_VAR": _LARGE}),
            (f'"SMALL_VAR":"ok","LARGE_VAR":"{_LARGE}"', {"SMALL_VAR": "ok", "LARGE_VAR": _LARGE}),
        )
    ),
    _invalid(
        "Please don't provide ImageUri when updating a function with packageType Zip.",
        "update_function_code",
        FunctionName="shop",
        ImageUri=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop:latest",
    ),
    _invalid(
        "CodeSHA256 (somenonexistentsha256) is different from current CodeSHA256 in $LATEST ({sha256}). "
        "Please try again with the CodeSHA256 in $LATEST.",
        "publish_version",
        FunctionName="shop",
        CodeSha256="somenonexistentsha256",
    ),
    _invalid(
        "$LATEST version cannot be deleted without deleting the function.",
        "delete_function",
        FunctionName=f"{FUNCTION}shop:$LATEST",
        Qualifier="$LATEST",
    ),
    _invalid(_UNMATCHED, "delete_function", FunctionName=f"{FUNCTION}shop:1", Qualifier="$LATEST"),
    _invalid(_UNMATCHED, "get_function", FunctionName=f"{FUNCTION}shop:1", Qualifier="$LATEST"),
    _missing(f"Function not found: {FUNCTION}none", "get_function", FunctionName="none"),
    _missing(f"Function not found: {FUNCTION}none", "delete_function", FunctionName="none"),
    _missing(f"Function not found: {FUNCTION}none", "delete_function", FunctionName="none", Qualifier="1233"),
    _missing(
        f"Function not found: {FUNCTION}none:$LATEST",
        "get_function",
        FunctionName="none",
        Qualifier="$LATEST",
    ),
    _missing(
        f"Function not found: {FUNCTION}shop:1221", "get_function", FunctionName="shop", Qualifier="1221"
    ),
    _missing(
        f"Function not found: {FUNCTION}shop:1221",
        "get_function_configuration",
        FunctionName="shop",
        Qualifier="1221",
    ),
    _missing(
        f"Function not found: {FUNCTION}shop:none", "get_function", FunctionName="shop", Qualifier="none"
    ),
    _missing(f"Function not found: {FUNCTION}shop:none", "get_function", FunctionName=f"{FUNCTION}shop:none"),
    *(
        _missing(
            f"Functions from 'ap-southeast-1' are not reachable in this region ('{REGION}')",
            operation,
            **members,
            FunctionName=f"arn:aws:lambda:ap-southeast-1:{ACCOUNT}:function:shop",
        )
        for operation, members in (
            ("create_function", {name: value for name, value in NEW.items() if name != "FunctionName"}),
            ("get_function", {}),
            ("delete_function", {}),
        )
    ),
    _stale("GetFunction/GetAlias", "update_function_code", FunctionName="shop", ZipFile=CODE),
    _stale("GetFunction/GetAlias", "update_function_configuration", FunctionName="shop", Timeout=4),
    _stale("GetFunction/GetAlias", "publish_version", FunctionName="shop"),
    _stale("GetFunction/GetAlias", "update_alias", FunctionName="shop", Name="live"),
)

INVOCATIONS: tuple[Case, ...] = (
    _missing(f"Function not found: {FUNCTION}none:$LATEST", "invoke", FunctionName="none"),
    _missing(
        f"Function not found: {FUNCTION}shop:non-existent-alias",
        "invoke",
        FunctionName="shop",
        Qualifier="non-existent-alias",
    ),
    Case("TooManyRequestsException", 429, "Rate Exceeded.", "invoke", {"FunctionName": "closed"}),
    Case(
        "InvalidRequestContentException",
        400,
        "Could not parse request body into json: Could not parse payload into json: Invalid UTF-8 start byte 0x87\n"
        " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 3]",
        "invoke",
        {"FunctionName": "shop", "Payload": b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt"},
    ),
    Case(
        "InvalidRequestContentException",
        400,
        "Could not parse request body into json: Could not parse payload into json: Unexpected character "
        "((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, Object or token 'null', "
        "'true' or 'false')\n"
        " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]",
        "invoke",
        {"FunctionName": "shop", "Payload": b"\x99\xeb,j\x07\xa1zYh"},
    ),
)

ALIASES: tuple[Case, ...] = (
    _invalid(
        "Number of items in AdditionalVersionWeights cannot be greater than 1",
        "create_alias",
        **_weighted(v1=0.8, v2=0.2),
    ),
    *(
        _malformed(
            "routingConfig.additionalVersionWeights",
            f"{{2={weight}}}",
            _WEIGHT,
            "create_alias",
            **_weighted(v2=weight),
        )
        for weight in (2.0, -1.0)
    ),
    _malformed(
        "routingConfig.additionalVersionWeights",
        "{$LATEST=0.5}",
        "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
        "Member must have length greater than or equal to 1, "
        "Member must satisfy regular expression pattern: [0-9]+]",
        "create_alias",
        **{**_NAMED, "RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}}},
    ),
    _malformed(
        "name",
        "2024",
        _of_pattern("(?!^[0-9]+$)([a-zA-Z0-9-_]+)"),
        "create_alias",
        **{**_NAMED, "Name": "2024"},
    ),
    _invalid(
        "Invalid function version 1. Function version 1 is already included in routing configuration.",
        "create_alias",
        **_weighted(v1=0.5),
    ),
    _invalid(
        "$LATEST is not supported for an alias pointing to more than 1 version",
        "create_alias",
        **{**_weighted(v1=0.5), "FunctionVersion": "$LATEST"},
    ),
    _missing(
        f"Function not found: {FUNCTION}shop:10",
        "create_alias",
        **{**_weighted(v2=0.5), "FunctionVersion": "10"},
    ),
    _missing(f"Function not found: {FUNCTION}shop:10", "create_alias", **_weighted(v10=0.5)),
    _missing(
        f"Function not found: {FUNCTION}none:1",
        "create_alias",
        **{**_weighted(v2=0.5), "FunctionName": "none"},
    ),
    _conflict(f"Alias already exists: {FUNCTION}shop:live", "create_alias", **{**_NAMED, "Name": "live"}),
    _missing(f"Alias not found: {FUNCTION}shop:none", "update_alias", FunctionName="shop", Name="none"),
    _missing(f"Cannot find alias arn: {FUNCTION}shop:none", "get_alias", FunctionName="shop", Name="none"),
)

CONCURRENCY: tuple[Case, ...] = (
    _missing(
        f"Function not found: {FUNCTION}none:$LATEST",
        "put_function_concurrency",
        FunctionName="none",
        ReservedConcurrentExecutions=0,
    ),
    _invalid(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN.",
        "put_function_concurrency",
        FunctionName=f"{FUNCTION}shop:$LATEST",
        ReservedConcurrentExecutions=0,
    ),
    _invalid(
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
        "below its minimum value of [100].",
        "put_function_concurrency",
        FunctionName="shop",
        ReservedConcurrentExecutions=1000,
    ),
    _invalid(
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
        "put_function_concurrency",
        FunctionName="ready",
        ReservedConcurrentExecutions=1,
    ),
    _invalid(
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
        "put_provisioned_concurrency_config",
        FunctionName="closed",
        Qualifier="1",
        ProvisionedConcurrentExecutions=1,
    ),
    _invalid(
        "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{unreserved}].",
        "put_provisioned_concurrency_config",
        FunctionName="shop",
        Qualifier="1",
        ProvisionedConcurrentExecutions=1001,
    ),
    _invalid(
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
        "minimum value of [100].",
        "put_provisioned_concurrency_config",
        FunctionName="shop",
        Qualifier="1",
        ProvisionedConcurrentExecutions=950,
    ),
    _malformed(
        "provisionedConcurrentExecutions",
        "0",
        "Member must have value greater than or equal to 1",
        "put_provisioned_concurrency_config",
        FunctionName="shop",
        Qualifier="1",
        ProvisionedConcurrentExecutions=0,
    ),
    _invalid(
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        "put_provisioned_concurrency_config",
        FunctionName="shop",
        Qualifier="$LATEST",
        ProvisionedConcurrentExecutions=1,
    ),
    _conflict(
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
        "put_provisioned_concurrency_config",
        FunctionName="ready",
        Qualifier="first",
        ProvisionedConcurrentExecutions=1,
    ),
    _conflict(
        "Version is pointed by a Provisioned Concurrency alias",
        "put_provisioned_concurrency_config",
        FunctionName="ready",
        Qualifier="2",
        ProvisionedConcurrentExecutions=1,
    ),
    Case(
        "ProvisionedConcurrencyConfigNotFoundException",
        404,
        "No Provisioned Concurrency Config found for this function",
        "get_provisioned_concurrency_config",
        {"FunctionName": "shop", "Qualifier": "1"},
    ),
    *(
        case
        for operation, members in (
            ("get_provisioned_concurrency_config", {}),
            ("put_provisioned_concurrency_config", {"ProvisionedConcurrentExecutions": 1}),
        )
        for case in (
            _missing(
                f"Cannot find alias arn: {FUNCTION}none:noalias",
                operation,
                **members,
                FunctionName="none",
                Qualifier="noalias",
            ),
            _missing(
                f"Cannot find alias arn: {FUNCTION}shop:noalias",
                operation,
                **members,
                FunctionName="shop",
                Qualifier="noalias",
            ),
            _missing(
                f"Function not found: {FUNCTION}shop:10",
                operation,
                **members,
                FunctionName="shop",
                Qualifier="10",
            ),
        )
    ),
    *(
        _invalid(
            "The function resource provided must be an alias or a published version.",
            operation,
            FunctionName="shop",
            Qualifier="$LATEST",
        )
        for operation in ("get_provisioned_concurrency_config", "delete_provisioned_concurrency_config")
    ),
    _missing(
        f"Function not found: {FUNCTION}none",
        "list_provisioned_concurrency_configs",
        FunctionName="none",
    ),
    _missing(
        f"Function not found: {FUNCTION}none:1",
        "delete_provisioned_concurrency_config",
        FunctionName="none",
        Qualifier="1",
    ),
)

EVENT_INVOKE_CONFIGS: tuple[Case, ...] = (
    _missing(_NO_FUNCTION, "put_function_event_invoke_config", FunctionName="none", MaximumRetryAttempts=1),
    _missing(
        _NO_FUNCTION,
        "put_function_event_invoke_config",
        FunctionName="shop",
        Qualifier="none",
        MaximumRetryAttempts=1,
    ),
    _missing(_NO_FUNCTION, "list_function_event_invoke_configs", FunctionName="none"),
    _missing(
        _NO_FUNCTION, "update_function_event_invoke_config", FunctionName="none", MaximumRetryAttempts=0
    ),
    _invalid(
        "You must specify at least one of error handling or destination setting.",
        "put_function_event_invoke_config",
        FunctionName="none",
    ),
    _invalid(
        f"The destination ARN {FUNCTION}doesnotexist is invalid.",
        "put_function_event_invoke_config",
        FunctionName="shop",
        DestinationConfig={"OnSuccess": {"Destination": f"{FUNCTION}doesnotexist"}},
    ),
    _invalid(
        "You can't specify the function as a destination for itself.",
        "put_function_event_invoke_config",
        FunctionName="shop",
        DestinationConfig={"OnSuccess": {"Destination": f"{FUNCTION}shop"}},
    ),
    _invalid(
        "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination="
        f"arn:aws:iam:{REGION}:{ACCOUNT}:function:shop), onFailure=null) is invalid.",
        "put_function_event_invoke_config",
        FunctionName="shop",
        DestinationConfig={"OnSuccess": {"Destination": f"arn:aws:iam:{REGION}:{ACCOUNT}:function:shop"}},
    ),
    _malformed(
        "destinationConfig.onFailure.destination",
        f"arn:aws:_-/!lambda:{REGION}:{ACCOUNT}:function:shop",
        _of_pattern(
            r"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:"
            rf"({_AREA})?:(\d{{12}})?:(.*)"
        ),
        "put_function_event_invoke_config",
        FunctionName="shop",
        DestinationConfig={
            "OnFailure": {"Destination": f"arn:aws:_-/!lambda:{REGION}:{ACCOUNT}:function:shop"}
        },
    ),
    *(
        _invalid(
            _UNMATCHED,
            "put_function_event_invoke_config",
            FunctionName=name,
            Qualifier=qualifier,
            MaximumRetryAttempts=1,
        )
        for name, qualifier in (
            ("shop:live", "none"),
            ("shop:1", "$LATEST"),
            ("shop:$LATEST", "1"),
            ("shop:1", "live"),
        )
    ),
    *(
        _missing(f"The function {FUNCTION}{missing} doesn't have an EventInvokeConfig", operation, **members)
        for operation, missing, members in (
            ("get_function_event_invoke_config", "none:$LATEST", {"FunctionName": "none"}),
            ("delete_function_event_invoke_config", "none:$LATEST", {"FunctionName": "none"}),
            ("get_function_event_invoke_config", "shop:1221", {"FunctionName": "shop", "Qualifier": "1221"}),
            ("get_function_event_invoke_config", "shop:1", {"FunctionName": "shop", "Qualifier": "1"}),
            ("get_function_event_invoke_config", "shop:none", {"FunctionName": "shop", "Qualifier": "none"}),
            ("get_function_event_invoke_config", "shop:live", {"FunctionName": f"{FUNCTION}shop:live"}),
            ("delete_function_event_invoke_config", "shop:$LATEST", {"FunctionName": "shop"}),
            (
                "update_function_event_invoke_config",
                "shop:live",
                {"FunctionName": f"{FUNCTION}shop:live", "MaximumRetryAttempts": 0},
            ),
            (
                "update_function_event_invoke_config",
                "shop:$LATEST",
                {"FunctionName": f"{FUNCTION}shop", "MaximumRetryAttempts": 0},
            ),
        )
    ),
)

URLS: tuple[Case, ...] = (
    *_uncomposed("get_function_url_config"),
    *_uncomposed("delete_function_url_config"),
    _missing("Function does not exist", "create_function_url_config", FunctionName="none", AuthType="NONE"),
    _missing(
        "Function does not exist",
        "create_function_url_config",
        FunctionName="shop",
        Qualifier="none",
        AuthType="NONE",
    ),
    _missing("Function does not exist", "update_function_url_config", FunctionName="none", AuthType="NONE"),
    _missing("Function does not exist", "list_function_url_configs", FunctionName="none"),
    _missing(_GONE, "get_function_url_config", FunctionName="none"),
    _missing(_GONE, "delete_function_url_config", FunctionName="ready"),
    _missing(_GONE, "update_function_url_config", FunctionName="ready", AuthType="NONE"),
    _invalid(_UNMATCHED, "get_function_url_config", FunctionName=f"{FUNCTION}shop:live", Qualifier="none"),
    _conflict(
        f"Failed to create function url config for [functionArn = {FUNCTION}shop]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function",
        "create_function_url_config",
        FunctionName="shop",
        AuthType="NONE",
    ),
    _malformed(
        "invokeMode",
        "UNKNOWN",
        "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
        "create_function_url_config",
        FunctionName="ready",
        AuthType="NONE",
        InvokeMode="UNKNOWN",
    ),
)

TAGS: tuple[Case, ...] = (
    *(
        case
        for operation, members in (
            ("tag_resource", {"Tags": {"A": "B"}}),
            ("untag_resource", {"TagKeys": ["A"]}),
            ("list_tags", {}),
        )
        for case in (
            _missing(f"Function not found: {FUNCTION}none", operation, **members, Resource=f"{FUNCTION}none"),
            _missing(f"Event source mapping not found: {MAPPING}", operation, **members, Resource=MAPPING),
            _missing(f"Capacity provider not found: {PROVIDER}", operation, **members, Resource=PROVIDER),
            _invalid(_NO_TAGS, operation, **members, Resource=f"{FUNCTION}shop:live"),
        )
    ),
    *(
        _malformed("resource", resource, _TAGGABLE, "list_tags", Resource=resource)
        for resource in (
            "arn:aws:something",
            f"{MAPPING}:alias",
            f"{PROVIDER}:alias",
            f"arn:aws:lambda:{REGION}:{ACCOUNT}:foobar:none",
        )
    ),
    _malformed(
        "tagKeys", "null", "Member must not be null", "untag_resource", Resource=f"{FUNCTION}shop", TagKeys=[]
    ),
    _invalid(
        "An error occurred and the request cannot be processed.",
        "tag_resource",
        Resource=f"{FUNCTION}shop",
        Tags={},
    ),
    _invalid(
        _TOO_MANY_TAGS,
        "tag_resource",
        Resource=f"{FUNCTION}shop",
        Tags={f"{key}_key": "value" for key in range(51)},
    ),
    _invalid(_TOO_MANY_TAGS, "create_function", **NEW, Tags={f"{key}_key": "value" for key in range(51)}),
)

OTHER_SETTINGS: tuple[Case, ...] = (
    _malformed(
        "recursiveLoop",
        "InvalidValue",
        "Member must satisfy enum value set: [Terminate, Allow]",
        "put_function_recursion_config",
        FunctionName="shop",
        RecursiveLoop="InvalidValue",
    ),
    *(
        _missing(
            f"The Lambda code signing configuration {NO_CONFIG} can not be found.",
            operation,
            CodeSigningConfigArn=NO_CONFIG,
        )
        for operation in (
            "delete_code_signing_config",
            "update_code_signing_config",
            "get_code_signing_config",
            "list_functions_by_code_signing_config",
        )
    ),
    *(
        Case(
            "CodeSigningConfigNotFoundException",
            404,
            "The code signing configuration cannot be found. "
            f"Check that the provided configuration is not deleted: {NO_CONFIG}.",
            "put_function_code_signing_config",
            {"FunctionName": name, "CodeSigningConfigArn": NO_CONFIG},
        )
        for name in ("shop", "none")
    ),
    *(
        _missing(f"Function not found: {FUNCTION}none", operation, FunctionName="none")
        for operation in ("delete_function_code_signing_config", "get_function_code_signing_config")
    ),
)

POLICIES: tuple[Case, ...] = (
    _malformed(
        "statementId",
        "example.com",
        _of_pattern("([a-zA-Z0-9-_]+)"),
        "add_permission",
        **{**PERMIT, "StatementId": "example.com"},
    ),
    _malformed(
        "qualifier",
        "invalid-qualifier-with-?-char",
        _of_pattern(r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"),
        "add_permission",
        **PERMIT,
        Qualifier="invalid-qualifier-with-?-char",
    ),
    _invalid(_UNMATCHED, "add_permission", **{**PERMIT, "FunctionName": "shop:live"}, Qualifier="42"),
    _invalid(
        "We currently do not support adding policies for $LATEST.",
        "add_permission",
        **{**PERMIT, "FunctionName": "shop:$LATEST"},
        Qualifier="$LATEST",
    ),
    _invalid(
        "The provided principal was invalid. Please check the principal and try again.",
        "add_permission",
        **{**PERMIT, "StatementId": "new", "Principal": "invalid.nonaws.com"},
    ),
    _missing(f"Function not found: {FUNCTION}none", "add_permission", **{**PERMIT, "FunctionName": "none"}),
    _missing(f"Function not found: {FUNCTION}shop:42", "add_permission", **PERMIT, Qualifier="42"),
    _missing(
        f"Function not found: {FUNCTION}shop:valid-with-$-but-doesnotexist",
        "add_permission",
        **PERMIT,
        Qualifier="valid-with-$-but-doesnotexist",
    ),
    _missing(
        f"Cannot find alias arn: {FUNCTION}shop:none",
        "add_permission",
        **{**PERMIT, "FunctionName": "shop:none"},
    ),
    _missing(
        f"Cannot find alias arn: {FUNCTION}shop:none",
        "remove_permission",
        FunctionName="shop",
        StatementId="s3",
        Qualifier="none",
    ),
    _conflict(
        "The statement id (s3) provided already exists. "
        "Please provide a new statement id, or remove the existing statement.",
        "add_permission",
        **PERMIT,
    ),
    _missing(_GONE, "get_policy", FunctionName="none"),
    _missing(_GONE, "get_policy", FunctionName="shop", Qualifier="1"),
    _missing(
        f"No policy found for: {FUNCTION}none", "remove_permission", FunctionName="none", StatementId="s3"
    ),
    _missing(_NO_STATEMENTS, "remove_permission", FunctionName="ready", StatementId="s3"),
    _missing(
        "Statement non-existent is not found in resource policy.",
        "remove_permission",
        FunctionName="shop",
        StatementId="non-existent",
    ),
    _stale("GetPolicy", "add_permission", **{**PERMIT, "StatementId": "new"}),
    _stale("GetPolicy", "remove_permission", FunctionName="shop", StatementId="s3"),
)

LAYERS: tuple[Case, ...] = (
    _invalid("Layer Version Cannot be less than 1", "get_layer_version", LayerName="lib", VersionNumber=0),
    _invalid("Layer Version Cannot be less than 1", "get_layer_version", LayerName="lib", VersionNumber=-1),
    _invalid(
        "Layer Version Cannot be less than 1", "delete_layer_version", LayerName="lib", VersionNumber=-1
    ),
    _missing(_GONE, "get_layer_version", LayerName="none", VersionNumber=1),
    _missing(_GONE, "get_layer_version_by_arn", Arn=f"{LAYER}lib:9"),
    _malformed(
        "arn", f"{LAYER}lib", _of_pattern(_LAYER_VERSION), "get_layer_version_by_arn", Arn=f"{LAYER}lib"
    ),
    _malformed(
        "layers",
        f"[{LAYER}lib]",
        "Member must satisfy constraint: [Member must have length less than or equal to 2048, "
        f"Member must have length greater than or equal to 1, {_of_pattern(_LAYER_VERSION)}, "
        "Member must not be null]",
        "update_function_configuration",
        FunctionName="shop",
        Layers=[f"{LAYER}lib"],
    ),
    _malformed(
        "compatibleRuntime",
        "runtimedoesnotexist",
        f"Member must satisfy enum value set: [{_EVERY}]",
        "list_layers",
        CompatibleRuntime="runtimedoesnotexist",
    ),
    _malformed(
        "compatibleArchitecture",
        "archdoesnotexist",
        "Member must satisfy enum value set: [x86_64, arm64]",
        "list_layers",
        CompatibleArchitecture="archdoesnotexist",
    ),
    *(
        Case(
            "ValidationException",
            400,
            f"2 validation errors detected: Value '[{', '.join(runtimes)}]' at 'compatibleRuntimes' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{_CURRENT}]; Value '[{', '.join(architectures)}]' "
            f"at 'compatibleArchitectures' failed to satisfy constraint: {_ARCHITECTURES}",
            "publish_layer_version",
            {
                "LayerName": "new",
                "Content": {"ZipFile": CODE},
                "CompatibleRuntimes": runtimes,
                "CompatibleArchitectures": architectures,
            },
        )
        for runtimes, architectures in (
            (["invalidruntime"], ["invalidarch"]),
            (["invalidruntime", "invalidruntime2", "nodejs20.x"], ["invalidarch", "x86_64"]),
        )
    ),
    _same_layer(1, 2, 1, 2),
    _same_layer(1, 2, 1, 2, 3),
    _same_layer(1, 1, 1, 1),
    *(
        _invalid(
            f"Layer version {LAYER}{name} does not exist.",
            "update_function_configuration",
            FunctionName="shop",
            Layers=[f"{LAYER}{name}"],
        )
        for name in ("none:1", "lib:9")
    ),
    _invalid(
        f"Layers are not in the same region as the function. Layers are expected to be in region {REGION}.",
        "create_function",
        **NEW,
        Layers=[f"arn:aws:lambda:ap-southeast-1:{ACCOUNT}:layer:lib:1"],
    ),
    _invalid(
        "Cannot reference more than 5 layers.",
        "create_function",
        **NEW,
        Layers=[f"{LAYER}lib{number}:1" for number in range(6)],
    ),
    _malformed(
        "action",
        "*",
        _of_pattern("lambda:GetLayerVersion"),
        "add_layer_version_permission",
        **{**PERMIT_LAYER, "Action": "*"},
    ),
    _conflict(
        "The statement id (s1) provided already exists. "
        "Please provide a new statement id, or remove the existing statement.",
        "add_layer_version_permission",
        **PERMIT_LAYER,
    ),
    _missing(_NO_STATEMENTS, "get_layer_version_policy", LayerName="lib", VersionNumber=2),
    *(
        _missing(f"Layer version {LAYER}{name}:{version} does not exist.", operation, **members)
        for name, version in (("none", 1), ("lib", 9))
        for operation, members in (
            ("get_layer_version_policy", {"LayerName": name, "VersionNumber": version}),
            (
                "add_layer_version_permission",
                {**PERMIT_LAYER, "LayerName": name, "VersionNumber": version},
            ),
            (
                "remove_layer_version_permission",
                {"LayerName": name, "VersionNumber": version, "StatementId": "s1"},
            ),
        )
    ),
    _missing(
        "Statement doesnotexist is not found in resource policy.",
        "remove_layer_version_permission",
        LayerName="lib",
        VersionNumber=1,
        StatementId="doesnotexist",
    ),
    _stale("GetLayerPolicy", "add_layer_version_permission", **{**PERMIT_LAYER, "StatementId": "s2"}),
    _stale(
        "GetLayerPolicy",
        "remove_layer_version_permission",
        LayerName="lib",
        VersionNumber=1,
        StatementId="s1",
    ),
)

EVENT_SOURCES: tuple[Case, ...] = (
    _missing(_GONE, "get_event_source_mapping", UUID=NO_UUID),
    _missing(_GONE, "delete_event_source_mapping", UUID=NO_UUID),
    _missing(_GONE, "update_event_source_mapping", UUID=NO_UUID, Enabled=False),
    _invalid("Unrecognized event source.", "create_event_source_mapping", FunctionName="none"),
    _invalid(
        "Function does not exist",
        "create_event_source_mapping",
        FunctionName="none",
        EventSourceArn=QUEUE,
    ),
    _invalid(
        "Unsupported DestinationConfig parameter for given event source mapping type.",
        "create_event_source_mapping",
        FunctionName="none",
        EventSourceArn=QUEUE,
        DestinationConfig={"OnSuccess": {"Destination": ABSENT_QUEUE}},
    ),
    _invalid(
        "Required 'sourceAccessConfigurations' parameter is missing.",
        "create_event_source_mapping",
        FunctionName="shop",
        Topics=["other"],
        SelfManagedEventSource=KAFKA,
    ),
    *(
        _conflict(
            f'An event source mapping with event source ("{",".join(source["Endpoints"]["KAFKA_BOOTSTRAP_SERVERS"])}"), '
            f'function ("{FUNCTION}shop"), topics ("topic") already exists. '
            f"Please update or delete the existing mapping with UUID {{kafka_mapping}}",
            "create_event_source_mapping",
            FunctionName="shop",
            Topics=["topic"],
            SelfManagedEventSource=source,
            SourceAccessConfigurations=SECRET,
        )
        for source in (KAFKA, TWO_KAFKAS)
    ),
)

#: Those that ask other services at the same address, which moto answers.
OTHER_SERVICES: tuple[Case, ...] = (
    *(
        _invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null.",
            "create_event_source_mapping",
            FunctionName="shop",
            EventSourceArn=source,
        )
        for source in ("{table}", "{stream}")
    ),
    _malformed(
        "startingPosition",
        "invalid",
        "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
        "create_event_source_mapping",
        FunctionName="shop",
        EventSourceArn="{table}",
        StartingPosition="invalid",
    ),
    _invalid(
        "Unsupported starting position for arn type: {table}",
        "create_event_source_mapping",
        FunctionName="shop",
        EventSourceArn="{table}",
        StartingPosition="AT_TIMESTAMP",
        StartingPositionTimestamp=1741010802,
    ),
    _invalid(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        "create_event_source_mapping",
        FunctionName="ready",
        EventSourceArn=QUEUE,
        BatchSize=11,
    ),
    *(
        _invalid(
            "Invalid filter pattern definition.",
            "create_event_source_mapping",
            FunctionName="ready",
            EventSourceArn=QUEUE,
            FilterCriteria={"Filters": [{"Pattern": pattern}]},
        )
        for pattern in ("single-string", '[{"eventName": ["INSERT"=123}]')
    ),
    _invalid(
        f"Stream not found: {ABSENT_TABLE}",
        "create_event_source_mapping",
        FunctionName="shop",
        EventSourceArn=ABSENT_TABLE,
        StartingPosition="LATEST",
    ),
    _invalid(
        f"Stream not found: {ABSENT_STREAM}",
        "create_event_source_mapping",
        FunctionName="shop",
        EventSourceArn=ABSENT_STREAM,
        StartingPosition="LATEST",
    ),
    _invalid(
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
        "SQS Error Message: The specified queue does not exist.",
        "create_event_source_mapping",
        FunctionName="shop",
        EventSourceArn=ABSENT_QUEUE,
    ),
    _conflict(
        f'An event source mapping with SQS arn (" {QUEUE} ") and function (" shop ") already exists. '
        "Please update or delete the existing mapping with UUID {queue_mapping}",
        "create_event_source_mapping",
        FunctionName="shop",
        EventSourceArn=QUEUE,
    ),
    *(
        _conflict(
            f'The event source arn (" {{{source}}} ") and function (" shop ") provided mapping already exists. '
            f"Please update or delete the existing mapping with UUID {{{source}_mapping}}",
            "create_event_source_mapping",
            FunctionName="shop",
            EventSourceArn=f"{{{source}}}",
            StartingPosition="TRIM_HORIZON",
        )
        for source in ("table", "stream")
    ),
    *(
        _invalid(
            f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}",
            operation,
            **members,
        )
        for code, message, place in (
            (
                "NoSuchBucket",
                "The specified bucket does not exist",
                {"S3Bucket": "no-such-bucket", "S3Key": "code.zip"},
            ),
            ("NoSuchKey", "The specified key does not exist.", {"S3Bucket": "code", "S3Key": "no/such.zip"}),
        )
        for operation, members in (
            ("create_function", {**NEW, "Code": place}),
            ("update_function_code", {"FunctionName": "shop", **place}),
        )
    ),
    _invalid(
        "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. "
        "EC2 Error Message: The subnet ID 'subnet-0123456789abcdef0' does not exist",
        "create_function",
        **NEW,
        VpcConfig={"SubnetIds": ["subnet-0123456789abcdef0"], "SecurityGroupIds": ["{group}"]},
    ),
    _invalid(
        "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. "
        "EC2 Error Message: The security group 'sg-0123456789abcdef0' does not exist",
        "create_function",
        **NEW,
        VpcConfig={"SubnetIds": ["{subnet}"], "SecurityGroupIds": ["sg-0123456789abcdef0"]},
    ),
)

CASES: tuple[Case, ...] = (
    *FUNCTIONS,
    *INVOCATIONS,
    *ALIASES,
    *CONCURRENCY,
    *EVENT_INVOKE_CONFIGS,
    *URLS,
    *TAGS,
    *OTHER_SETTINGS,
    *POLICIES,
    *LAYERS,
    *EVENT_SOURCES,
)

#: What was recorded and is no case, with the reason.
ELSEWHERE: Mapping[str, str] = {
    "Please provide ImageUri when updating a function with packageType Image.": "tests/local/control has it",
    "An update is in progress for resource": "tests/local/control has it, under a clock that stands still",
}
