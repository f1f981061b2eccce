"""Code signing configurations: kept and told as AWS tells them, and what they refuse."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.control.code_signing import CodeSigning, check_signed
from lambdaform.local.control.state import State
from lambdaform.local.control.tags import Tags
from tests.local.control.ground import add_function, refusal
from tests.local.control.planes import bench, function, zipped

PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/test"
GONE = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-00000000000000000"
NO_FUNCTION = (
    404,
    "ResourceNotFoundException",
    "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody",
)
NO_CONFIG = (
    404,
    "ResourceNotFoundException",
    f"The Lambda code signing configuration {GONE} can not be found.",
)
NOT_THERE = (
    404,
    "CodeSigningConfigNotFoundException",
    f"The code signing configuration cannot be found. Check that the provided configuration is not deleted: {GONE}.",
)


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = bench(tmp_path).state
    add_function(state, "signed")
    return state


@pytest.fixture
def signing(state: State) -> CodeSigning:
    return CodeSigning(state)


def make(signing: CodeSigning, policy: str | None = "Enforce", **members: Any) -> dict[str, Any]:
    config: dict[str, Any] = signing.create_code_signing_config(
        allowed_publishers={"SigningProfileVersionArns": [PROFILE]},
        code_signing_policies={"UntrustedArtifactOnDeployment": policy} if policy else None,
        **members,
    )["CodeSigningConfig"]
    return config


def test_a_configuration_is_told_as_aws_tells_it(signing: CodeSigning) -> None:
    config = make(signing, description="ours")
    name = config.pop("CodeSigningConfigId")
    assert re.fullmatch("csc-[a-z0-9]{17}", name)
    assert config == {
        "CodeSigningConfigArn": f"arn:aws:lambda:us-east-1:123456789012:code-signing-config:{name}",
        "Description": "ours",
        "AllowedPublishers": {"SigningProfileVersionArns": [PROFILE]},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
        "LastModified": "2026-11-26T00:00:00.000+0000",
    }


def test_without_a_policy_it_warns(signing: CodeSigning) -> None:
    assert make(signing, None)["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}


def test_what_is_given_of_an_update_changes(signing: CodeSigning) -> None:
    config = make(signing, description="ours")
    arn = config["CodeSigningConfigArn"]
    assert signing.update_code_signing_config(code_signing_config_arn=arn)["CodeSigningConfig"] == config
    changed = signing.update_code_signing_config(
        code_signing_config_arn=arn,
        description="",
        allowed_publishers={"SigningProfileVersionArns": [f"{PROFILE}2"]},
        code_signing_policies={"UntrustedArtifactOnDeployment": "Warn"},
    )["CodeSigningConfig"]
    assert (changed["Description"], changed["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"]) == (
        "",
        "Warn",
    )
    assert signing.get_code_signing_config(code_signing_config_arn=arn) == {"CodeSigningConfig": changed}


def test_configurations_are_listed(signing: CodeSigning) -> None:
    made = [make(signing)["CodeSigningConfigArn"] for _ in range(3)]
    first = signing.list_code_signing_configs(max_items=2)
    rest = signing.list_code_signing_configs(marker=first["NextMarker"])
    listed = first["CodeSigningConfigs"] + rest["CodeSigningConfigs"]
    assert [each["CodeSigningConfigArn"] for each in listed] == made


def test_a_function_has_one_configuration_or_none(signing: CodeSigning) -> None:
    arn = make(signing)["CodeSigningConfigArn"]
    told = {"CodeSigningConfigArn": arn, "FunctionName": "signed"}
    assert signing.get_function_code_signing_config(function_name="signed") == {}
    assert signing.list_functions_by_code_signing_config(code_signing_config_arn=arn)["FunctionArns"] == []
    assert (
        signing.put_function_code_signing_config(code_signing_config_arn=arn, function_name="signed") == told
    )
    assert signing.get_function_code_signing_config(function_name="signed") == told
    assert signing.list_functions_by_code_signing_config(code_signing_config_arn=arn)["FunctionArns"] == [
        "arn:aws:lambda:us-east-1:123456789012:function:signed"
    ]
    signing.delete_function_code_signing_config(function_name="signed")
    signing.delete_function_code_signing_config(function_name="signed")
    assert signing.get_function_code_signing_config(function_name="signed") == {}


def test_a_configuration_goes_when_no_function_has_it(signing: CodeSigning) -> None:
    arn = make(signing)["CodeSigningConfigArn"]
    signing.put_function_code_signing_config(code_signing_config_arn=arn, function_name="signed")
    assert refusal(signing.delete_code_signing_config, code_signing_config_arn=arn)[:2] == (
        409,
        "ResourceConflictException",
    )
    signing.delete_function_code_signing_config(function_name="signed")
    signing.delete_code_signing_config(code_signing_config_arn=arn)
    assert refusal(signing.get_code_signing_config, code_signing_config_arn=arn)[0] == 404


def test_what_is_not_there_is_said_in_awss_words(signing: CodeSigning) -> None:
    arn = make(signing)["CodeSigningConfigArn"]
    for operation in (
        signing.get_code_signing_config,
        signing.update_code_signing_config,
        signing.delete_code_signing_config,
        signing.list_functions_by_code_signing_config,
    ):
        assert refusal(operation, code_signing_config_arn=GONE) == NO_CONFIG
    put = signing.put_function_code_signing_config
    assert refusal(put, code_signing_config_arn=arn, function_name="nobody") == NO_FUNCTION
    assert refusal(put, code_signing_config_arn=GONE, function_name="signed") == NOT_THERE
    assert refusal(put, code_signing_config_arn=GONE, function_name="nobody") == NOT_THERE
    for of_a_function in (
        signing.get_function_code_signing_config,
        signing.delete_function_code_signing_config,
    ):
        assert refusal(of_a_function, function_name="nobody") == NO_FUNCTION


def test_enforce_refuses_code_and_warn_takes_it(signing: CodeSigning, state: State) -> None:
    check_signed(state, None)
    check_signed(state, make(signing, "Warn")["CodeSigningConfigArn"])
    enforcing = make(signing)["CodeSigningConfigArn"]
    assert refusal(check_signed, state=state, arn=enforcing) == (
        400,
        "CodeVerificationFailedException",
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client "
        "is not configured to accept. Check the provided signature for unsigned.",
    )
    assert refusal(check_signed, state=state, arn=GONE) == NOT_THERE


def test_a_configuration_has_tags(signing: CodeSigning, state: State) -> None:
    arn = make(signing, tags={"team": "a"})["CodeSigningConfigArn"]
    tags = Tags(state)
    tags.tag_resource(resource=arn, tags={"more": "b"})
    tags.untag_resource(resource=arn, tag_keys=["team"])
    assert tags.list_tags(resource=arn) == {"Tags": {"more": "b"}}


def test_a_function_that_enforces_signatures_gets_no_code(tmp_path: Path) -> None:
    made = bench(tmp_path)
    enforcing = make(CodeSigning(made.state))["CodeSigningConfigArn"]

    def code(operation: str, **members: Any) -> None:
        asyncio.run(made.call(operation, FunctionName="f", **members))

    created = function("f", CodeSigningConfigArn=enforcing)
    assert refusal(lambda: asyncio.run(made.call("CreateFunction", **created)))[1] == (
        "CodeVerificationFailedException"
    )
    made.make("f")
    code("PutFunctionCodeSigningConfig", CodeSigningConfigArn=enforcing)
    assert refusal(lambda: code("UpdateFunctionCode", ZipFile=zipped("x = 1")))[1] == (
        "CodeVerificationFailedException"
    )
