"""Where AWS's own answers say something else than botocore's model.

Source: recordings of real AWS answers (LocalStack, tests/aws/services/lambda_, 2024 to 2026).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_REGION = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"

#: Patterns, by the shape's name.
PATTERNS: Mapping[str, str] = {
    "LayerVersionArn": (
        rf"(arn:(aws[a-zA-Z-]*)?:lambda:{_REGION}:\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)"
        r"|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
    ),
    "TaggableResource": (
        rf"arn:(aws[a-zA-Z-]*):lambda:{_REGION}:\d{{12}}:"
        r"(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)"
        r"|code-signing-config:csc-[a-z0-9]{17}"
        r"|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
        r"|capacity-provider:[a-zA-Z0-9-_]+)"
    ),
}

#: The order in which AWS lists an enumeration, by the shape's name.
ENUMS: Mapping[str, Sequence[str]] = {
    "EventSourcePosition": ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"),
    "InvokeMode": ("RESPONSE_STREAM", "BUFFERED"),
    "RecursiveLoop": ("Terminate", "Allow"),
    "Runtime": [
        "ruby3.5",
        "ruby2.6",
        "dotnetcore1.0",
        "python3.7",
        "nodejs8.10",
        "nasa",
        "ruby2.7",
        "python2.7-greengrass",
        "dotnetcore2.0",
        "python3.8",
        "java21",
        "dotnet6",
        "dotnetcore2.1",
        "python3.9",
        "java11",
        "nodejs6.10",
        "provided",
        "dotnetcore3.1",
        "dotnet8",
        "java25",
        "java17",
        "nodejs",
        "nodejs4.3",
        "java8.al2",
        "go1.x",
        "dotnet10",
        "nodejs20.x",
        "go1.9",
        "byol",
        "nodejs10.x",
        "provided.al2023",
        "nodejs22.x",
        "python3.10",
        "java8",
        "nodejs12.x",
        "python3.11",
        "nodejs24.x",
        "nodejs8.x",
        "python3.12",
        "nodejs14.x",
        "nodejs8.9",
        "nodejs26.x",
        "python3.13",
        "python3.14",
        "nodejs16.x",
        "python3.15",
        "provided.al2",
        "nodejs4.3-edge",
        "nodejs18.x",
        "ruby3.2",
        "python3.4",
        "ruby3.3",
        "ruby3.4",
        "ruby2.5",
        "python3.6",
        "python2.7",
    ],
}

#: What Lambda itself says of an element, where its list is checked after the request was read.
LISTED: Mapping[str, str] = {
    "CompatibleRuntimes": (
        "Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, "
        "nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, "
        "python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2]"
    ),
}

#: Lists and maps whose elements may be null, as far as their errors tell.
SPARSE = frozenset({"SubnetIds", "SecurityGroupIds"})

#: Members that the operation itself looks at, with errors of its own.
UNCHECKED = frozenset(
    {("CreateFunctionRequest", "Runtime"), ("UpdateFunctionConfigurationRequest", "Runtime")}
)

#: Members whose errors AWS tells before those of the members that come before them in the model.
FIRST: Mapping[str, Sequence[str]] = {"PublishLayerVersionRequest": ("CompatibleRuntimes",)}
