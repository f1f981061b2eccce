"""What Lambda takes of a function's settings and what it refuses, in AWS's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.facts.quotas import quotas
from lambdaform.local.control.records import VersionRecord
from lambdaform.local.control.version_settings import default_logging, with_settings
from lambdaform.local.errors import AwsError
from tests.local.control.planes import ROLE, bench, function

REGION = "arn:aws:lambda:us-east-1:123456789012"


def version(**settings: Any) -> VersionRecord:
    return VersionRecord(
        function_name="checkout",
        revision_id="r",
        last_modified=0.0,
        active_at=0.0,
        updated_at=0.0,
        **{
            "runtime": "python3.13",
            "handler": "index.handler",
            "role": ROLE,
            "timeout": 3,
            "memory_size": 128,
            "ephemeral_storage": 512,
            "logging_config": default_logging("checkout"),
            **settings,
        },
    )


def changed(before: VersionRecord | None = None, **given: Any) -> VersionRecord:
    return with_settings(before or version(), given, quotas())


def refusal(before: VersionRecord | None = None, *, profile: str = "current", **given: Any) -> str:
    with pytest.raises(AwsError) as refused:
        with_settings(before or version(), given, quotas(profile))
    assert refused.value.status == 400
    return refused.value.message


def test_what_is_no_setting_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="memory"):
        changed(memory=1)


@pytest.mark.parametrize(
    ("value", "fits"), [("x" * 4080, True), ("x" * 4081, False), ("ä" * 2040, True), ("ä" * 2041, False)]
)
def test_an_environment_has_4_kb_as_json(value: str, fits: bool) -> None:
    given = {"Variables": {"LARGE_VAR": value}}
    if fits:
        assert changed(environment=given).environment == {"LARGE_VAR": value}
        return
    assert refusal(environment=given) == (
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        f'exceeded the 4KB limit. String measured: {{"LARGE_VAR":"{value}"}}'
    )


def test_the_environment_is_measured_whole_and_in_its_order() -> None:
    message = refusal(environment={"Variables": {"SMALL_VAR": "ok", "LARGE_VAR": "x" * 4064}})
    assert f'String measured: {{"SMALL_VAR":"ok","LARGE_VAR":"{"x" * 4064}"}}' in message


def test_names_that_lambda_sets_are_refused() -> None:
    assert refusal(environment={"Variables": {"A1": "1", "AWS_REGION": "x", "AWS_ACCESS_KEY": "y"}}) == (
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: "
        "AWS_REGION, AWS_ACCESS_KEY"
    )


def test_an_environment_can_be_emptied() -> None:
    assert changed(version(environment={"A": "1"}), environment={"Variables": {}}).environment == {}


def test_a_runtime_that_does_not_exist_is_refused_with_those_that_do() -> None:
    message = refusal(runtime="PYTHON3.9")
    assert message.startswith(
        "Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, "
        "python3.14, provided.al2023, "
    )
    assert message.endswith("dotnet6, nodejs18.x, provided.al2, java8.al2] or be a valid ARN")


def test_a_runtime_of_a_later_time_does_not_exist_in_2019() -> None:
    assert "failed to satisfy constraint" in refusal(runtime="python3.12", profile="2019-04-01")


@pytest.mark.parametrize(
    "runtime", ["java8", "go1.x", "provided", "ruby2.7", "nodejs14.x", "python3.7", "nodejs12.x"]
)
def test_no_function_is_made_on_a_runtime_that_aws_has_closed(tmp_path: Path, runtime: str) -> None:
    refused = bench(tmp_path).refused("CreateFunction", **function(Runtime=runtime))
    assert refused.message == (
        f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We "
        "recommend you use a supported runtime while creating or updating functions."
    )


@pytest.mark.parametrize("runtime", ["python3.8", "nodejs16.x", "dotnet6"])
def test_a_function_is_made_on_a_runtime_that_is_only_deprecated(tmp_path: Path, runtime: str) -> None:
    assert bench(tmp_path).make(Runtime=runtime)["Runtime"] == runtime


@pytest.mark.parametrize("missing", ["Runtime", "Handler"])
def test_a_function_of_an_archive_has_a_runtime_and_a_handler(tmp_path: Path, missing: str) -> None:
    refused = bench(tmp_path).refused("CreateFunction", **function(**{missing: None}))
    assert refused.message == (
        "Runtime and Handler are mandatory parameters for functions created with deployment packages."
    )


@pytest.mark.parametrize(
    ("setting", "value", "member", "most"),
    [
        ("timeout", 901, "timeout", 900),
        ("memory_size", 10241, "memorySize", 10240),
        ("ephemeral_storage", {"Size": 10241}, "ephemeralStorage.size", 10240),
    ],
)
def test_sizes_and_times_go_by_the_accounts_limits(setting: str, value: Any, member: str, most: int) -> None:
    number = value["Size"] if isinstance(value, dict) else value
    assert refusal(**{setting: value}) == (
        f"1 validation error detected: Value '{number}' at '{member}' failed to satisfy constraint: Member must have "
        f"value less than or equal to {most}"
    )


def test_memory_came_in_steps_in_2019() -> None:
    assert "multiple of 64" in refusal(memory_size=129, profile="2019-04-01")


def test_a_vpc_configuration_has_subnets_and_security_groups() -> None:
    given = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    assert changed(vpc_config=given).vpc_config == {**given, "VpcId": "", "Ipv6AllowedForDualStack": False}


@pytest.mark.parametrize(
    "given", [{"SubnetIds": ["subnet-1"]}, {"SecurityGroupIds": ["sg-1"], "SubnetIds": []}]
)
def test_half_a_vpc_configuration_is_refused(given: dict[str, Any]) -> None:
    assert refusal(vpc_config=given) == "SubnetIds and SecurityIds must coexist or be both empty list."


def test_a_function_can_leave_its_vpc() -> None:
    inside = changed(vpc_config={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})
    assert changed(inside, vpc_config={"SubnetIds": [], "SecurityGroupIds": []}).vpc_config == {
        "SubnetIds": [],
        "SecurityGroupIds": [],
        "VpcId": "",
        "Ipv6AllowedForDualStack": False,
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"LogFormat": "JSON"}, {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}),
        (
            {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"},
            {"ApplicationLogLevel": "DEBUG", "SystemLogLevel": "INFO"},
        ),
        (
            {"LogFormat": "JSON", "SystemLogLevel": "DEBUG"},
            {"ApplicationLogLevel": "INFO", "SystemLogLevel": "DEBUG"},
        ),
        ({"LogGroup": "cool_lambda"}, {}),
    ],
)
def test_a_logging_configuration_may_be_given_in_part(
    given: dict[str, str], expected: dict[str, str]
) -> None:
    before = {"LogFormat": "Text", "LogGroup": "/aws/lambda/checkout"}
    assert changed(logging_config=given).logging_config == {**before, **given, **expected}


def test_levels_go_with_the_json_format() -> None:
    json = changed(logging_config={"LogFormat": "JSON"})
    assert changed(json, logging_config={"LogFormat": "Text"}).logging_config == default_logging("checkout")


def test_levels_without_the_json_format_are_refused() -> None:
    assert refusal(logging_config={"ApplicationLogLevel": "DEBUG"}) == (
        'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the '
        'LogFormat to "JSON" and try again.'
    )


def test_more_than_five_layers_are_refused() -> None:
    layers = [f"{REGION}:layer:l{number}:1" for number in range(6)]
    assert refusal(layers=layers) == "Cannot reference more than 5 layers."


def test_two_versions_of_one_layer_are_refused() -> None:
    layers = [f"{REGION}:layer:shared:{number}" for number in (1, 2)]
    assert refusal(layers=layers) == (
        "Two different versions of the same layer are not allowed to be referenced in the same function. "
        f"{layers[0]} and {layers[1]} are versions of the same layer."
    )


@pytest.mark.parametrize(
    "runtime", ["nodejs22.x", "ruby3.4", "provided.al2023", "python3.11", "java8.al2", "dotnet6"]
)
def test_some_runtimes_cannot_start_from_a_snapshot(runtime: str) -> None:
    message = refusal(version(runtime=runtime), snap_start={"ApplyOn": "PublishedVersions"})
    assert message == f"{runtime} is not supported for SnapStart enabled functions."


@pytest.mark.parametrize("runtime", ["java11", "java21", "python3.12", "dotnet8", "dotnet10"])
def test_others_can(runtime: str) -> None:
    assert changed(version(runtime=runtime), snap_start={"ApplyOn": "PublishedVersions"}).snap_start == (
        "PublishedVersions"
    )


def test_a_dead_letter_queue_is_left_with_an_empty_arn() -> None:
    before = version(dead_letter_config={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:failed"})
    assert changed(before, dead_letter_config={"TargetArn": ""}).dead_letter_config is None


def test_an_image_configuration_can_be_emptied() -> None:
    before = version(package_type="Image", runtime=None, handler=None, image_config={"Command": ["a"]})
    assert changed(before, image_config={}).image_config is None


@given(
    st.dictionaries(
        st.sampled_from(["description", "timeout", "memory_size", "kms_key_arn", "role", "handler"]),
        st.one_of(st.none(), st.integers(1, 900)),
    )
)
def test_what_is_not_given_stays(given: dict[str, Any]) -> None:
    before, after = version(), changed(**given)
    for name in ("description", "timeout", "memory_size", "kms_key_arn", "role", "handler"):
        expected = getattr(before, name) if given.get(name) is None else given[name]
        assert getattr(after, name) == expected
