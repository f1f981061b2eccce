"""SAM's own freedoms are read as SAM reads them: one for many, other spellings, parts that globals complete."""

from __future__ import annotations

from typing import Any

from lambdaform import (
    Api,
    CapacityProviderConfig,
    Function,
    LambdaRequestAuthorizer,
    LambdaTokenAuthorizer,
    PolicyTemplate,
    Stack,
)
from lambdaform.load.template import load_template
from lambdaform.load.yaml_reader import read_template

FUNCTION = """
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src
"""
API = """
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
"""


def read(text: str, more: str = "", head: str = "") -> Stack:
    properties = "".join(f"      {line}\n" for line in more.splitlines())
    return load_template(read_template(head + text + properties, "template.yaml"))


def said(stack: Stack) -> list[str]:
    return [problem.what for problem in stack.problems]


def function_of(stack: Stack) -> Function:
    function = stack.resources["Worker"]
    assert isinstance(function, Function)
    return function


def test_one_policy_template_may_stand_alone() -> None:
    stack = read(FUNCTION, "Policies:\n  SQSPollerPolicy:\n    QueueName: orders")
    assert (said(stack), function_of(stack).policies) == (
        [],
        (PolicyTemplate("SQSPollerPolicy", {"QueueName": "orders"}),),
    )


def test_one_statement_may_stand_alone() -> None:
    stack = read(
        FUNCTION, "Policies:\n  - Statement:\n      Effect: Allow\n      Action: '*'\n      Resource: '*'"
    )
    policies: Any = function_of(stack).policies
    assert (said(stack), policies[0].statement[0].effect) == ([], "Allow")


def test_a_part_that_globals_complete_need_not_be_whole() -> None:
    head = "Globals:\n  Function:\n    CapacityProviderConfig:\n      Arn: arn\n"
    stack = read(FUNCTION, "CapacityProviderConfig:\n  PerExecutionEnvironmentMaxConcurrency: 4", head)
    assert (said(stack), isinstance(function_of(stack).capacity_provider_config, CapacityProviderConfig)) == (
        [],
        True,
    )


def test_without_globals_a_part_must_be_whole() -> None:
    stack = read(FUNCTION, "CapacityProviderConfig:\n  PerExecutionEnvironmentMaxConcurrency: 4")
    assert said(stack) == ["CapacityProviderConfig: arn is missing."]


def test_globals_that_sam_refuses_are_told() -> None:
    stack = read(FUNCTION, head="Globals:\n  Function:\n    FunctionName: worker\n")
    assert said(stack) == ["Globals of Function: SAM takes no FunctionName there."]


def test_an_authorizer_is_of_the_kind_that_its_payload_says() -> None:
    text = (
        "Auth:\n  Authorizers:\n"
        "    Token: {FunctionArn: arn}\n"
        "    Request: {FunctionArn: arn, FunctionPayloadType: REQUEST, Identity: {Headers: [Accept]}}"
    )
    api: Any = read(API, text).resources["Rest"]
    assert isinstance(api, Api)
    kinds: Any = api.auth
    assert {name: type(each) for name, each in kinds.authorizers.items()} == {
        "Token": LambdaTokenAuthorizer,
        "Request": LambdaRequestAuthorizer,
    }


def test_an_event_of_the_other_owner_is_told() -> None:
    text = """
Resources:
  Steps:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A}
      Events:
        Orders:
          Type: SQS
          Properties: {Queue: arn}
"""
    assert said(read(text)) == ["StateMachine 'Steps': events['Orders'] is SqsEvent."]


def test_a_connector_without_properties_is_told() -> None:
    text = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Connectors:\n      May: {}\n"
    assert "Connector 'May' has no Properties." in said(read(text))
