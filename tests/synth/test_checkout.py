"""The example application's template: as it was looked at, and as AWS's translator and cfn-lint take it.

``checkout.yaml`` is what a reader would write. After a change that is meant, write it anew with
``lambdaform synth --app examples/checkout/app.py > tests/synth/checkout.yaml`` and read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambdaform.check.findings import check
from lambdaform.load.app import load_app
from lambdaform.load.template import load_file
from lambdaform.model.stack import Stack
from lambdaform.synth.assembly import Assembly, as_written, assemble, expand
from lambdaform.synth.template import template_of

GOLDEN = Path(__file__).with_name("checkout.yaml")
APP = Path(__file__).parents[2] / "examples" / "checkout" / "app.py"


@pytest.fixture(scope="module")
def stack() -> Stack:
    """The example's stack."""
    return load_app(APP)


@pytest.fixture(scope="module")
def expanded(stack: Stack) -> Assembly:
    """The example as CloudFormation."""
    return expand(assemble(stack))


def test_the_template_is_the_one_that_was_looked_at(stack: Stack) -> None:
    assert as_written(stack).text() == GOLDEN.read_text("utf-8")


def test_the_template_is_the_same_whether_read_or_made(stack: Stack) -> None:
    assert template_of(load_file(GOLDEN)) == template_of(stack)


def test_nothing_is_found_on_it(stack: Stack) -> None:
    assert check(stack) == []


def lint(text: str) -> list[str]:
    api = pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed (extra: lint)")
    return [str(match) for match in api.lint(text, regions=["eu-west-1"])]


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_cfn_lint_has_nothing_against_what_is_written(stack: Stack, form: str) -> None:
    assert lint(as_written(stack).text(json_output=form == "json")) == []


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_cfn_lint_has_nothing_against_what_it_expands_to(expanded: Assembly, form: str) -> None:
    assert lint(expanded.text(json_output=form == "json")) == []


def of_type(assembly: Assembly, aws_type: str) -> list[Any]:
    return [each for each in assembly.template["Resources"].values() if each["Type"] == aws_type]


@pytest.mark.parametrize(
    "aws_type",
    [
        "AWS::Lambda::Alias",
        "AWS::Lambda::Version",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Events::Rule",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::IAM::Role",
        "AWS::SQS::Queue",
        "AWS::DynamoDB::Table",
    ],
)
def test_it_expands_to_what_the_application_needs(expanded: Assembly, aws_type: str) -> None:
    assert of_type(expanded, aws_type)


def test_traffic_shifts_on_the_alias(expanded: Assembly) -> None:
    [alias] = of_type(expanded, "AWS::Lambda::Alias")
    policy = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert (alias["Properties"]["Name"], "BeforeAllowTrafficHook" in policy) == ("live", True)


def test_the_function_may_write_what_its_stack_says(expanded: Assembly) -> None:
    role = expanded.template["Resources"]["CheckoutRole"]["Properties"]
    actions = json.dumps([policy["PolicyDocument"]["Statement"] for policy in role["Policies"]])
    assert "dynamodb:PutItem" in actions
    assert "sqs:SendMessage" in actions
