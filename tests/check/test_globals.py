"""Rules see a function as SAM does: with what the Globals give, merged into what it says itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from samtranslator.plugins.globals.globals import GlobalProperties
from samtranslator.plugins.globals.merge_strategy import MergeOp

from lambdaform import EventInvokeConfig, Function, Layer, Stack, VpcConfig
from lambdaform.check.findings import check
from lambdaform.check.view import setting
from lambdaform.load.template import load_file
from lambdaform.synth.template import plain

TEMPLATE = """Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    {shared}
Resources:
  Dead: {{Type: AWS::SQS::Queue, Properties: {{FifoQueue: true}}}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): pass"
      {own}
"""


def found(tmp_path: Path, shared: str, own: str) -> list[tuple[str, int]]:
    """The findings on a function with globals: each rule, and the line that it points to."""
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE.format(shared=shared, own=own))
    return [(each.rule, each.location.line if each.location else 0) for each in check(load_file(file))]


@pytest.mark.parametrize(
    ("shared", "own"),
    [
        ("VpcConfig: {SubnetIds: [subnet-1, subnet-2]}", "VpcConfig: {SecurityGroupIds: [sg-1]}"),
        (
            "VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}",
            "VpcConfig: {SubnetIds: [subnet-2]}",
        ),
        ("LoggingConfig: {LogFormat: JSON}", "LoggingConfig: {ApplicationLogLevel: DEBUG}"),
        (
            "DeploymentPreference: {Type: AllAtOnce, Enabled: false}",
            "DeploymentPreference: {Type: AllAtOnce}",
        ),
    ],
)
def test_what_globals_and_function_say_together_is_whole(tmp_path: Path, shared: str, own: str) -> None:
    assert found(tmp_path, shared, own) == []


SHARED_LINE, OWN_LINE, FUNCTION_LINE = 4, 13, 7


@pytest.mark.parametrize(
    ("shared", "own", "rule", "line"),
    [
        (
            "Environment: {Variables: {AWS_REGION: x}}",
            "Environment: {Variables: {XX: x}}",
            "LF111",
            SHARED_LINE,
        ),
        ("Environment: {Variables: {XX: x}}", "Environment: {Variables: {AWS_REGION: x}}", "LF111", OWN_LINE),
        (
            "Layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:tools:1']",
            "Layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:tools:2']",
            "LF243",
            OWN_LINE,
        ),
        (
            "Layers: [tools]",
            "Layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:more:2']",
            "LF244",
            SHARED_LINE,
        ),
        ("DeploymentPreference: {Type: AllAtOnce}", "Timeout: 3", "LF204", FUNCTION_LINE),
        ("ReservedConcurrentExecutions: 0", "Timeout: 3", "LF255", FUNCTION_LINE),
        ("DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dead.Arn}", "Timeout: 3", "LF206", FUNCTION_LINE),
    ],
)
def test_a_finding_points_to_where_it_is_written(
    tmp_path: Path, shared: str, own: str, rule: str, line: int
) -> None:
    assert found(tmp_path, shared, own) == [(rule, line)]


def test_globals_that_a_function_ignores_are_not_its_settings() -> None:
    stack = Stack("shop")
    stack.globals_for(Function, timeout=20, memory_size=512)
    function = stack.add(Function("Fn", ignore_globals=["Timeout"]))
    assert (setting(stack, function, "timeout"), setting(stack, function, "memory_size")) == (None, 512)


SETTINGS = (
    "architectures",
    "environment",
    "event_invoke_config",
    "layers",
    "vpc_config",
    "timeout",
    "memory_size",
)


def test_settings_are_merged_as_the_sam_transform_merges_them() -> None:
    stack = Stack("shop")
    shared = stack.globals_for(
        Function,
        architectures=["arm64"],
        environment={"STAGE": "dev", "TABLE": "none"},
        event_invoke_config=EventInvokeConfig(maximum_retry_attempts=1, maximum_event_age_in_seconds=60),
        layers=["arn:aws:lambda:eu-west-1:123456789012:layer:tools:1"],
        vpc_config=VpcConfig(subnet_ids=["subnet-1"], security_group_ids=["sg-1"]),
        timeout=20,
        memory_size=512,
    )
    layer = stack.add(Layer("Own", content_uri="s3://bucket/layer.zip"))
    function = stack.add(
        Function(
            "Fn",
            architectures=["x86_64"],
            environment={"TABLE": "orders"},
            event_invoke_config=EventInvokeConfig(maximum_retry_attempts=0),
            layers=[layer],
            vpc_config=VpcConfig(subnet_ids=["subnet-2"]),
            memory_size=1024,
        )
    )
    names = {name: shared.names_of(name)[1] for name in SETTINGS}
    given = {aws: plain(getattr(shared, name)) for name, aws in names.items()}
    own = {aws: plain(value) for name, aws in names.items() if (value := getattr(function, name)) is not None}
    sam = GlobalProperties(given, schema={"Architectures": MergeOp.REPLACE}).merge(own)
    assert {aws: plain(setting(stack, function, name)) for name, aws in names.items()} == sam
