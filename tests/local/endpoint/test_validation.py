"""What AWS says of members that it does not take, as it was recorded."""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform.facts.service_model import service_model
from lambdaform.local.endpoint import validation
from lambdaform.local.errors import AwsError

CODE = {"ZipFile": b"x"}
ROLE = "arn:aws:iam::123456789012:role/r"
NAMED = "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?"


def refusal(operation: str, **members: Any) -> str:
    with pytest.raises(AwsError) as raised:
        validation.check(service_model().operations[operation].input, members)
    assert (raised.value.code, raised.value.status) == ("ValidationException", 400)
    return raised.value.message


@pytest.mark.parametrize(
    ("operation", "members", "told"),
    [
        (
            "GetFunction",
            {"FunctionName": "my-function!"},
            "1 validation error detected: Value 'my-function!' at 'functionName' failed to satisfy constraint: Member "
            f"must satisfy regular expression pattern: {NAMED}"
            "([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?",
        ),
        (
            "CreateFunction",
            {"FunctionName": "my-function:invalid!", "Role": ROLE, "Code": CODE},
            "1 validation error detected: Value 'my-function:invalid!' at 'functionName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {NAMED}([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
        ),
        (
            "GetFunction",
            {"FunctionName": "f", "Qualifier": "a" * 129},
            f"1 validation error detected: Value '{'a' * 129}' at 'qualifier' failed to satisfy constraint: Member must "
            "have length less than or equal to 128",
        ),
        (
            "GetFunction",
            {"FunctionName": "f", "Qualifier": "invalid!"},
            "1 validation error detected: Value 'invalid!' at 'qualifier' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
        ),
        (
            "CreateFunction",
            {"FunctionName": "f", "Role": "r1", "Code": CODE},
            "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
        ),
        (
            "CreateFunction",
            {"FunctionName": "f", "Role": ROLE, "Code": CODE, "Architectures": ["X86_64"]},
            "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must "
            "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
        ),
        (
            "CreateFunction",
            {"FunctionName": "f", "Role": ROLE, "Code": CODE, "Architectures": ["x86_64", "arm64"]},
            "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: "
            "Member must have length less than or equal to 1",
        ),
        (
            "CreateFunction",
            {"FunctionName": "f", "Role": ROLE, "Code": CODE, "SnapStart": {"ApplyOn": "invalidOption"}},
            "1 validation error detected: Value 'invalidOption' at 'snapStart.applyOn' failed to satisfy constraint: "
            "Member must satisfy enum value set: [PublishedVersions, None]",
        ),
        (
            "CreateFunction",
            {"FunctionName": "f", "Role": ROLE, "Code": CODE, "VpcConfig": {"SubnetIds": ["bad-subnet"]}},
            "1 validation error detected: Value '[bad-subnet]' at 'vpcConfig.subnetIds' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have "
            "length greater than or equal to 0, Member must satisfy regular expression pattern: subnet-[0-9a-z]*]",
        ),
        (
            "CreateAlias",
            {"FunctionName": "f", "Name": "2024", "FunctionVersion": "1"},
            "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
        ),
        (
            "CreateAlias",
            {
                "FunctionName": "f",
                "Name": "a",
                "FunctionVersion": "1",
                "RoutingConfig": {"AdditionalVersionWeights": {"2": 2.0}},
            },
            "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy "
            "constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member "
            "must have value greater than or equal to 0.0, Member must not be null]",
        ),
        (
            "CreateAlias",
            {
                "FunctionName": "f",
                "Name": "a",
                "FunctionVersion": "1",
                "RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}},
            },
            "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to "
            "satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
            "Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]",
        ),
        (
            "PutProvisionedConcurrencyConfig",
            {"FunctionName": "f", "Qualifier": "1", "ProvisionedConcurrentExecutions": 0},
            "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
        (
            "PutFunctionRecursionConfig",
            {"FunctionName": "f", "RecursiveLoop": "InvalidValue"},
            "1 validation error detected: Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: Member "
            "must satisfy enum value set: [Terminate, Allow]",
        ),
        (
            "UntagResource",
            {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f"},
            "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
        ),
        (
            "ListLayers",
            {"CompatibleArchitecture": "archdoesnotexist"},
            "1 validation error detected: Value 'archdoesnotexist' at 'compatibleArchitecture' failed to satisfy "
            "constraint: Member must satisfy enum value set: [x86_64, arm64]",
        ),
        (
            "GetLayerVersionByArn",
            {"Arn": "arn:aws:lambda:us-east-1:111111111111:layer:l"},
            "1 validation error detected: Value 'arn:aws:lambda:us-east-1:111111111111:layer:l' at 'arn' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?"
            "[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:"
            "lambda:::awslayer:[a-zA-Z0-9-_]+)",
        ),
        (
            "UpdateFunctionConfiguration",
            {"FunctionName": "f", "Layers": ["l"]},
            "1 validation error detected: Value '[l]' at 'layers' failed to satisfy constraint: Member must satisfy "
            "constraint: [Member must have length less than or equal to 2048, Member must have length greater than or "
            "equal to 1, Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}"
            "((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::"
            "awslayer:[a-zA-Z0-9-_]+), Member must not be null]",
        ),
        (
            "CreateFunctionUrlConfig",
            {"FunctionName": "f", "AuthType": "NONE", "Qualifier": "$LATEST"},
            "1 validation error detected: Value '$LATEST' at 'qualifier' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)",
        ),
        (
            "PublishLayerVersion",
            {
                "LayerName": "l",
                "Content": {"ZipFile": b""},
                "CompatibleRuntimes": ["invalidruntime"],
                "CompatibleArchitectures": ["invalidarch"],
            },
            "2 validation errors detected: Value '[invalidruntime]' at 'compatibleRuntimes' failed to satisfy "
            "constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, python3.12, "
            "python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, "
            "python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, "
            "java8.al2]; Value '[invalidarch]' at 'compatibleArchitectures' failed to satisfy constraint: Member must "
            "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalnum() else "",
)
def test_a_refusal_is_in_awss_words(operation: str, members: dict[str, Any], told: str) -> None:
    assert refusal(operation, **members) == told


def test_all_that_is_wrong_is_told_at_once() -> None:
    long_name = "arn:aws:lambda:invalid-region:111111111111:function:my-function" + "a" * 140
    told = refusal("CreateFunction", FunctionName=long_name, Code=CODE)
    assert told.startswith("3 validation errors detected: Value 'arn:aws:lambda:invalid-region:")
    assert told.count("at 'functionName'") == 2
    assert "; Value null at 'role' failed to satisfy constraint: Member must not be null" in told


def test_a_structure_within_a_list_is_told_by_its_number() -> None:
    told = refusal(
        "UpdateFunctionConfiguration",
        FunctionName="f",
        FileSystemConfigs=[
            {"Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-" + "0" * 17}
        ],
    )
    assert told == (
        "1 validation error detected: Value null at 'fileSystemConfigs.1.member.localMountPath' failed to satisfy "
        "constraint: Member must not be null"
    )


def test_a_secret_is_not_repeated() -> None:
    told = refusal(
        "UpdateFunctionConfiguration", FunctionName="f", Environment={"Variables": {"1BAD": "secret"}}
    )
    assert told == (
        "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must "
        "satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
    )


@pytest.mark.parametrize("key", ["team", "größe", "a b", "x:y/z=1@_.-+", "名前", "\u00a0"])
def test_tags_are_of_letters_of_any_language(key: str) -> None:
    resource = "arn:aws:lambda:us-east-1:123456789012:function:f"
    validation.check(
        service_model().operations["TagResource"].input, {"Resource": resource, "Tags": {key: key}}
    )


@pytest.mark.parametrize("key", ["", "a*b", "a\tb", "\u200b", "🙂"])
def test_tags_are_of_nothing_else(key: str) -> None:
    resource = "arn:aws:lambda:us-east-1:123456789012:function:f"
    assert "Map keys must satisfy constraint" in refusal("TagResource", Resource=resource, Tags={key: "x"})


def test_every_pattern_of_the_model_is_understood() -> None:
    for operation in service_model().operations.values():
        for shape in _within(operation.input, set()):
            if shape.pattern is not None:
                assert validation.constraints(shape)
                validation.pattern(shape)


def _within(shape: Any, seen: set[str]) -> list[Any]:
    if shape.name in seen:
        return []
    seen.add(shape.name)
    inner = [member.shape for member in shape.members.values()]
    if shape.kind in ("list", "map"):
        inner.append(shape.value)
    if shape.kind == "map":
        inner.append(shape.key)
    return [shape, *(found for each in inner for found in _within(each, seen))]
