"""Secrets and parameters that CloudFormation fetches: how they are written, and where they may not stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from troposphere import secretsmanager, sqs

from lambdaform import Function, Ref, Runtime, Stack, ref, secret, ssm
from lambdaform.check.findings import check
from lambdaform.errors import DefinitionError
from lambdaform.load.template import load_file
from lambdaform.model.shape import prop
from lambdaform.synth.template import plain

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (secret("shop/database"), "{{resolve:secretsmanager:shop/database:SecretString}}"),
        (secret("shop", "password"), "{{resolve:secretsmanager:shop:SecretString:password}}"),
        (
            secret("shop", "password", version_stage="AWSPREVIOUS"),
            "{{resolve:secretsmanager:shop:SecretString:password:AWSPREVIOUS}}",
        ),
        (secret("shop", version_id="ab-12"), "{{resolve:secretsmanager:shop:SecretString:::ab-12}}"),
        (secret(ARN, "user"), f"{{{{resolve:secretsmanager:{ARN}:SecretString:user}}}}"),
        (ssm("/shop/rate"), "{{resolve:ssm:/shop/rate}}"),
        (ssm("rate", 3), "{{resolve:ssm:rate:3}}"),
        (ssm("rate", secure=True), "{{resolve:ssm-secure:rate}}"),
        (
            secret(ref("SecretArn"), "user"),
            {
                "Fn::Sub": [
                    "{{resolve:secretsmanager:${Name}:SecretString:user}}",
                    {"Name": {"Ref": "SecretArn"}},
                ]
            },
        ),
    ],
)
def test_a_reference_is_written_as_cloudformation_reads_it(made: str | Ref[str], written: Any) -> None:
    assert plain(made) == written


def test_a_secret_of_the_stack_is_named_by_its_arn() -> None:
    password = Stack("shop").add(secretsmanager.Secret("Password"))
    assert plain(secret(password, "value")) == {
        "Fn::Sub": [
            "{{resolve:secretsmanager:${Name}:SecretString:value}}",
            {"Name": {"Ref": "Password"}},
        ]
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: secret("no blanks"), "name is 'no blanks'"),
        (lambda: secret(""), "name is ''"),
        (lambda: secret("shop}}"), "name is 'shop}}'"),
        (lambda: secret("shop", "a:b"), "key is 'a:b'"),
        (lambda: secret("shop", version_stage="A", version_id="B"), "a version_stage and a version_id"),
        (lambda: secret(Stack("shop").add(sqs.Queue("Jobs"))), "the AWS::SQS::Queue 'Jobs'"),
        (lambda: ssm("a b"), "name is 'a b'"),
        (lambda: ssm("rate", 0), "version is 0"),
        (lambda: ssm(7), "name is 7"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_a_reference_is_refused_at_its_line(make: Any, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        make()
    assert message in str(caught.value)
    assert caught.value.where is not None


def function(value: Any) -> Function:
    return Function(
        "Fn",
        runtime=Runtime.PYTHON_3_13,
        handler="index.handler",
        inline_code="def handler(event, context): pass",
        environment={"PASSWORD": value},
    )


def test_an_environment_takes_secrets_and_plain_parameters() -> None:
    for value in (secret("shop", "password"), ssm("/shop/rate"), secret(ref("SecretArn"))):
        assert prop(function(value), "Environment", "Variables", "PASSWORD") == value


def test_an_environment_takes_no_secure_string() -> None:
    with pytest.raises(DefinitionError, match="ssm-secure:rate") as caught:
        function(ssm("rate", secure=True))
    assert "secret(name)" in (caught.value.right or "")


def test_a_template_with_a_secure_string_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(
        "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Runtime: python3.13\n      Handler: index.handler\n"
        "      Role: arn:aws:iam::123456789012:role/any\n"
        '      Code: {ZipFile: "def handler(event, context): pass"}\n'
        '      Environment: {Variables: {PASSWORD: "{{resolve:ssm-secure:password:1}}"}}\n'
    )
    (finding,) = [each for each in check(load_file(file)) if each.rule == "LF102"]
    assert finding.location is not None
    assert finding.location.line == 9
