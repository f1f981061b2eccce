"""Permissions for invokers: whom each lets in, and for which resource alone."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import cognito, iot, secretsmanager, sqs
from troposphere import elasticloadbalancingv2 as elb

from lambdaform import (
    Alias,
    Api,
    Aws,
    Bucket,
    Function,
    HttpApi,
    LambdaConfiguration,
    LogGroup,
    NotificationConfiguration,
    Permission,
    Queue,
    Rule,
    Runtime,
    Schedule,
    ScheduleTarget,
    Stack,
    Topic,
    Version,
)
from lambdaform.errors import DefinitionError
from lambdaform.synth.template import plain

ACCOUNT = {"Ref": "AWS::AccountId"}


def function() -> Function:
    return Function("Fn", runtime=Runtime.PYTHON_3_13, handler="app.handler", code_uri="src")


def written(permission: Permission) -> dict[str, Any]:
    return {name: plain(value) for name, value in permission.property_values()}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Topic("News"), {"Principal": "sns.amazonaws.com", "SourceArn": {"Ref": "News"}}),
        (
            Bucket("Files", bucket_name="shop-files"),
            {
                "Principal": "s3.amazonaws.com",
                "SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::shop-files"},
                "SourceAccount": ACCOUNT,
            },
        ),
        (
            Rule("Nightly", schedule_expression="rate(1 day)"),
            {"Principal": "events.amazonaws.com", "SourceArn": {"Fn::GetAtt": ["Nightly", "Arn"]}},
        ),
        (
            LogGroup("Log"),
            {
                "Principal": "logs.amazonaws.com",
                "SourceArn": {"Fn::GetAtt": ["Log", "Arn"]},
                "SourceAccount": ACCOUNT,
            },
        ),
    ],
)
def test_a_service_may_invoke_for_its_resource_alone(source: Any, expected: dict[str, Any]) -> None:
    permission = function().allow_invoke_from(source)
    assert permission.logical_id == f"FnInvokedBy{source.logical_id}"
    assert written(permission) == {
        "FunctionName": {"Ref": "Fn"},
        "Action": "lambda:InvokeFunction",
        **expected,
    }


def test_a_bucket_that_notifies_the_function_is_known_by_its_owner() -> None:
    fn = function()
    notifications = NotificationConfiguration(
        lambda_configurations=[LambdaConfiguration(event="s3:ObjectCreated:*", function=fn)]
    )
    found = written(fn.allow_invoke_from(Bucket("Files", notification_configuration=notifications)))
    assert (found["SourceAccount"], "SourceArn" in found) == (ACCOUNT, False)


@pytest.mark.parametrize("api", [Api("Web", stage_name="prod"), HttpApi("Web")])
def test_an_api_may_invoke_from_all_its_routes(api: Any) -> None:
    found = written(function().allow_invoke_from(api))
    assert found["Principal"] == "apigateway.amazonaws.com"
    assert found["SourceArn"] == {
        "Fn::Sub": [
            "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*",
            {"Api": {"Ref": "Web"}},
        ]
    }


def test_troposphere_s_resources_go_by_their_type() -> None:
    stack = Stack("shop")
    pool = stack.add(cognito.UserPool("Pool"))
    rule = stack.add(
        iot.TopicRule(
            "Sensor", TopicRulePayload=iot.TopicRulePayload(Actions=[], RuleDisabled=False, Sql="select 1")
        )
    )
    group = stack.add(elb.TargetGroup("Group", TargetType="lambda"))
    secret = stack.add(secretsmanager.Secret("Password"))
    principals = [
        written(function().allow_invoke_from(each))["Principal"] for each in (pool, rule, group, secret)
    ]
    assert principals == [
        "cognito-idp.amazonaws.com",
        "iot.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "secretsmanager.amazonaws.com",
    ]


def test_another_account_a_role_and_an_organization() -> None:
    fn = function()
    role = "arn:aws:iam::123456789012:role/deploy"
    assert written(fn.allow_invoke_from("123456789012"))["Principal"] == "123456789012"
    assert written(fn.allow_invoke_from(role))["Principal"] == role
    everyone = written(fn.allow_invoke_from(organization="o-a1b2c3d4e5"))
    assert (everyone["Principal"], everyone["PrincipalOrgID"]) == ("*", "o-a1b2c3d4e5")


def test_a_service_by_name_is_held_to_a_resource_or_an_owner() -> None:
    fn = function()
    arn = "arn:aws:ses:eu-west-1:123456789012:receipt-rule-set/inbox:receipt-rule/first"
    found = written(fn.allow_invoke_from("ses.amazonaws.com", source_account=Aws.ACCOUNT_ID, source_arn=arn))
    assert (found["SourceArn"], found["SourceAccount"]) == (arn, ACCOUNT)
    with pytest.raises(DefinitionError, match="might invoke for anybody's resources") as caught:
        fn.allow_invoke_from("ses.amazonaws.com")
    assert caught.value.where is not None


def test_versions_and_aliases_are_invoked_as_such() -> None:
    version = Version("One", function_name=function())
    alias = Alias("live", function_name=function(), function_version=version)
    assert written(version.allow_invoke_from(Topic("News")))["FunctionName"] == {"Ref": "One"}
    assert written(alias.allow_invoke_from(Topic("News")))["FunctionName"] == {"Ref": "live"}


def test_a_permission_may_have_a_name_of_its_own() -> None:
    assert (
        function().allow_invoke_from(Topic("News"), logical_id="NewsMayInvoke").logical_id == "NewsMayInvoke"
    )


@pytest.mark.parametrize(
    ("source", "right"),
    [
        (Queue("Jobs"), "Lambda polls it"),
        (Stack("shop").add(sqs.Queue("Jobs")), "Lambda polls it"),
        (
            Schedule(
                "Daily",
                schedule_expression="rate(1 day)",
                target=ScheduleTarget("arn:aws:sqs:eu-west-1:1:a", "arn:aws:iam::123456789012:role/a"),
            ),
            "with its own role",
        ),
        (Version("One", function_name="fn"), "Name its service and its ARN"),
        ("everybody", "It takes a resource"),
        (17, "It takes a resource"),
        (None, "Give a resource, an account or organization="),
    ],
)
def test_who_needs_another_way_is_told_which(source: Any, right: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        function().allow_invoke_from(source)
    assert right in (caught.value.right or "")
