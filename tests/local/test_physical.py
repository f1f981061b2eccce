"""What resources are called once they exist: the same in every run, in AWS's forms."""

from __future__ import annotations

import pytest

from lambdaform.local.physical import Account

APP = Account("app", region="eu-central-1")


def test_a_name_is_made_of_the_stack_and_the_logical_id() -> None:
    assert APP.name("Orders", "AWS::SQS::Queue", {}) == "app-Orders"


def test_a_name_that_was_given_is_kept() -> None:
    assert APP.name("Orders", "AWS::SQS::Queue", {"QueueName": "mine"}) == "mine"


def test_a_bucket_has_a_name_in_lower_case_of_63_characters_at_most() -> None:
    assert APP.name("X" * 80, "AWS::S3::Bucket", {}) == ("app-" + "x" * 80)[:63]


def test_a_function_has_a_name_of_64_characters_at_most() -> None:
    assert len(APP.name("X" * 80, "AWS::Lambda::Function", {})) == 64


def test_a_fifo_queue_has_a_name_that_says_so() -> None:
    made = APP.name("X" * 100, "AWS::SQS::Queue", {"FifoQueue": True})
    assert made.endswith(".fifo")
    assert len(made) == 80


@pytest.mark.parametrize(
    ("aws_type", "arn"),
    [
        ("AWS::Lambda::Function", "arn:aws:lambda:eu-central-1:123456789012:function:n"),
        ("AWS::SQS::Queue", "arn:aws:sqs:eu-central-1:123456789012:n"),
        ("AWS::SNS::Topic", "arn:aws:sns:eu-central-1:123456789012:n"),
        ("AWS::DynamoDB::Table", "arn:aws:dynamodb:eu-central-1:123456789012:table/n"),
        ("AWS::S3::Bucket", "arn:aws:s3:::n"),
        ("AWS::IAM::Role", "arn:aws:iam::123456789012:role/n"),
        ("AWS::Events::Rule", "arn:aws:events:eu-central-1:123456789012:rule/n"),
        ("AWS::Logs::LogGroup", "arn:aws:logs:eu-central-1:123456789012:log-group:n:*"),
        ("AWS::Lambda::LayerVersion", "arn:aws:lambda:eu-central-1:123456789012:layer:n:1"),
        ("AWS::Unheard::Of", None),
    ],
)
def test_arns_have_aws_s_form(aws_type: str, arn: str | None) -> None:
    assert APP.arn(aws_type, "n") == arn


@pytest.mark.parametrize(
    ("aws_type", "attribute", "expected"),
    [
        ("AWS::SQS::Queue", "QueueUrl", "https://sqs.eu-central-1.amazonaws.com/123456789012/n"),
        ("AWS::SQS::Queue", "QueueName", "n"),
        ("AWS::S3::Bucket", "DomainName", "n.s3.amazonaws.com"),
        ("AWS::S3::Bucket", "RegionalDomainName", "n.s3.eu-central-1.amazonaws.com"),
        ("AWS::SNS::Topic", "TopicArn", "arn:aws:sns:eu-central-1:123456789012:n"),
        ("AWS::ApiGateway::RestApi", "RootResourceId", None),
    ],
)
def test_attributes_are_given_or_said_to_be_unknown(
    aws_type: str, attribute: str, expected: str | None
) -> None:
    assert APP.attribute(aws_type, "n", attribute) == expected
