"""AWS's managed policies: that SAM's names lead to the right ARNs."""

from __future__ import annotations

import pytest

from lambdaform.facts.managed_policies import managed_policies
from lambdaform.facts.schemas import read_schema


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("AWSLambdaBasicExecutionRole", "service-role/"),
        ("AWSLambdaVPCAccessExecutionRole", "service-role/"),
        ("AWSLambdaSQSQueueExecutionRole", "service-role/"),
        ("AWSLambdaKinesisExecutionRole", "service-role/"),
        ("AWSLambdaDynamoDBExecutionRole", "service-role/"),
        ("AWSLambdaMSKExecutionRole", "service-role/"),
        ("AWSLambdaBasicDurableExecutionRolePolicy", "service-role/"),
        ("AWSCodeDeployRoleForLambda", "service-role/"),
        ("AmazonAPIGatewayPushToCloudWatchLogs", "service-role/"),
        ("AWSLambdaRole", "service-role/"),
        ("AWSLambdaExecute", ""),
        ("AWSXrayWriteOnlyAccess", ""),
        ("AWSXRayDaemonWriteAccess", ""),
        ("CloudWatchLambdaInsightsExecutionRolePolicy", ""),
        ("AWSLambda_FullAccess", ""),
        ("AmazonDynamoDBFullAccess", ""),
        ("AdministratorAccess", ""),
        ("PowerUserAccess", ""),
        ("ViewOnlyAccess", "job-function/"),
    ],
)
def test_a_policy_has_aws_s_own_path(name: str, path: str) -> None:
    assert managed_policies()[name] == f"arn:aws:iam::aws:policy/{path}{name}"


def test_a_policy_has_one_path() -> None:
    names = [name for names in read_schema("managed_policies.json")["paths"].values() for name in names]
    assert len(names) == len(set(names)) == len(managed_policies())


def test_other_partitions_have_their_own_arns() -> None:
    arn = managed_policies("aws-cn")["AWSLambdaBasicExecutionRole"]
    assert arn == "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_the_sam_transform_finds_a_policy_by_its_name() -> None:
    from lambdaform.synth.sam_transform import transform

    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "CodeUri": "s3://bucket/key",
            "Policies": ["AWSLambdaSQSQueueExecutionRole", "AWSLambdaExecute"],
        },
    }
    expanded = transform({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"F": function}})
    policies = expanded["Resources"]["FRole"]["Properties"]["ManagedPolicyArns"]
    assert policies[1:] == [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
        "arn:aws:iam::aws:policy/AWSLambdaExecute",
    ]
