"""What may be done with a resource, in a stack written as data: the statements are those of Python's grants."""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform import DefinitionError, Function, RawResource, Resource, Stack, grants
from lambdaform.load.document import read_document
from lambdaform.load.document_writer import to_document
from lambdaform.load.written import grant_makers
from lambdaform.synth.template import template_of
from lambdaform.synth.yaml_writer import to_yaml

ON = {
    "read": "AWS::DynamoDB::Table",
    "write": "AWS::S3::Bucket",
    "read_write": "AWS::Kinesis::Stream",
    "delete": "AWS::S3::Bucket",
    "stream_read": "AWS::DynamoDB::Table",
    "send": "AWS::SQS::Queue",
    "consume": "AWS::SQS::Queue",
    "publish": "AWS::SNS::Topic",
    "put_events": "AWS::Events::EventBus",
    "invoke": "AWS::Lambda::Function",
    "start": "AWS::StepFunctions::StateMachine",
    "decrypt": "AWS::KMS::Key",
    "encrypt": "AWS::KMS::Key",
}
ARGUMENT = {
    "read": "resource",
    "write": "resource",
    "read_write": "resource",
    "delete": "bucket",
    "stream_read": "table",
    "send": "queue",
    "consume": "queue",
    "publish": "topic",
    "put_events": "bus",
    "invoke": "function",
    "start": "state_machine",
    "decrypt": "key",
    "encrypt": "key",
}
RAW = {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}
ANSWER = "Write the statement: its effect, action and resource."


def on_data(policies: str, more: str = "") -> Stack:
    """A function with these policies, written before what they are on."""
    return read_document(
        f"name: shop\nresources:\n  Use: {{class: Function, policies: {policies}}}\n{more}", "stack.yaml"
    )


def error_of(policies: str, more: str = "") -> str:
    with pytest.raises(DefinitionError) as caught:
        on_data(policies, more)
    assert not getattr(caught.value, "__notes__", ())
    return str(caught.value).splitlines()[0]


def in_python(granted: Any, *resources: Resource) -> Stack:
    stack = Stack("shop")
    stack.add(Function("Use", policies=granted))
    for each in resources:
        stack.add(each)
    return stack


def test_there_is_every_grant() -> None:
    assert grant_makers().keys() == ON.keys()


@pytest.mark.parametrize("name", ON)
def test_a_grant_makes_the_statements_that_python_makes(name: str) -> None:
    thing = RawResource("Thing", type=ON[name], raw=RAW)
    python = in_python([getattr(grants, name)(thing), "AWSLambdaExecute"], thing)
    data = on_data(
        f"[{{grant: {name}, {ARGUMENT[name]}: !Resource Thing}}, AWSLambdaExecute]",
        f"  Thing: {{class: RawResource, type: {ON[name]}, raw: {{StreamSpecification: {{StreamViewType: KEYS_ONLY}}}}}}\n",
    )
    assert to_yaml(template_of(data)) == to_yaml(template_of(python))
    again = read_document(to_yaml(to_document(data)), "stack.yaml")
    assert to_yaml(template_of(again)) == to_yaml(template_of(python))


def test_a_grant_has_the_key_of_what_it_is_on_whatever_the_order() -> None:
    data = on_data(
        "{grant: send, queue: {$resource: Orders}}",
        "  Orders: {class: Queue, kms_master_key_id: !Ref Secret}\n"
        "  Secret: {class: RawResource, type: AWS::KMS::Key}\n",
    )
    used: Any = data.resources["Use"]
    [policy] = used.policies
    assert [each.action for each in policy.statement] == [
        ("sqs:SendMessage",),
        ("kms:Decrypt", "kms:GenerateDataKey"),
    ]


@pytest.mark.parametrize(
    "where",
    [
        "Sample: {class: ManagedPolicy, policy_document: GRANT}",
        "Sample: {class: ManagedPolicy, policy_document: [GRANT]}",
        "Sample: {class: ManagedPolicy, policy_document: {class: PolicyDocument, statement: [GRANT]}}",
        "Sample: {class: Role, assume_role_policy_document: {}, policies: [GRANT]}",
        "Sample: {class: Role, assume_role_policy_document: {}, "
        "policies: [{policy_name: a, policy_document: GRANT}]}",
    ],
)
def test_a_grant_stands_wherever_statements_do(where: str) -> None:
    grant = "{grant: read, resource: !Resource Films, prefix: new/}"
    stack = read_document(
        f"name: shop\nresources:\n  {where.replace('GRANT', grant)}\n  Films: {{class: Bucket}}\n",
        "stack.yaml",
    )
    assert "s3:prefix: new/*" in to_yaml(template_of(stack))


@pytest.mark.parametrize(
    ("policies", "error"),
    [
        (
            "[{grant: sendd}]",
            "stack.yaml:3:38: resources.Use.policies[0].grant: There is no grant 'sendd'. Did you mean 'send'?",
        ),
        (
            "{grant: []}",
            "stack.yaml:3:37: resources.Use.policies.grant: There is no grant []. There are "
            + ", ".join(ON)
            + ".",
        ),
        (
            "[{grant: send}]",
            "stack.yaml:3:37: resources.Use.policies[0]: The grant 'send' has no queue. It takes a resource itself: "
            "queue: !Resource NAME, or {$resource: NAME}.",
        ),
        (
            "[{grant: send, queue: Q}]",
            "stack.yaml:3:37: resources.Use.policies[0]: The grant 'send': queue is 'Q'. It takes a resource itself: "
            "queue: !Resource NAME, or {$resource: NAME}.",
        ),
        (
            "[{grant: send, queue: !Resource Quee}]",
            "stack.yaml:3:51: resources.Use.policies[0].queue: There is no resource 'Quee'. Did you mean 'Queue'?",
        ),
        (
            "[{grant: send, queue: !Resource Queue, prefix: a}]",
            "stack.yaml:3:75: resources.Use.policies[0].prefix: The grant 'send' has no 'prefix'. It has queue.",
        ),
        (
            "[{grant: read, resource: !Resource Queue, prefix: a}]",
            "stack.yaml:3:37: resources.Use.policies[0]: prefix is 'a', and the AWS::SQS::Queue 'Queue' has none. "
            "Only a bucket has prefixes.",
        ),
        (
            "[{grant: invoke, function: !Resource Use}]",
            "stack.yaml:3:53: resources.Use.policies[0].function: Use refers to this, and this to it. "
            + ANSWER,
        ),
    ],
)
def test_what_is_no_grant_is_told_at_its_place(policies: str, error: str) -> None:
    assert error_of(policies, "  Queue: {class: Queue}\n") == error


@pytest.mark.parametrize("first", ["Use", "Films"])
def test_what_a_grant_is_on_may_refer_back(first: str) -> None:
    parts = {
        "Use": "  Use: {class: Function, policies: [{grant: read, resource: !Resource Films}]}\n",
        "Films": "  Films: {class: Bucket, notification_configuration: "
        "{lambda_configurations: [{event: 's3:ObjectCreated:*', function: !Resource Use}]}}\n",
    }
    other = next(each for each in parts if each != first)
    stack = read_document(f"name: shop\nresources:\n{parts[first]}{parts[other]}", "stack.yaml")
    assert list(stack.resources) == [first, other]
    assert "s3:ListBucket" in to_yaml(template_of(stack))


def test_two_that_have_grants_on_each_other_are_told() -> None:
    other = "  Other: {class: Function, policies: [{grant: invoke, function: !Resource Use}]}\n"
    error = error_of("[{grant: invoke, function: !Resource Other}]", other)
    assert error.endswith("Other refers to this, and this to it. " + ANSWER)
