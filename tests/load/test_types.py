"""A type's class is found without making all the others."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lambdaform.load.types import event_type, event_types, resource_type, resource_types


@pytest.mark.parametrize("aws_type", sorted(resource_types()))
def test_a_resource_type_alone_gives_the_class_that_all_give(aws_type: str) -> None:
    assert resource_type(aws_type) is resource_types()[aws_type]


@pytest.mark.parametrize("kind", sorted(event_types()))
def test_a_kind_of_event_alone_gives_the_class_that_all_give(kind: str) -> None:
    assert event_type(kind) is event_types()[kind]


def test_a_type_that_has_no_class_is_none() -> None:
    assert resource_type("AWS::EC2::VPC") is None


def test_an_event_is_no_resource() -> None:
    assert resource_type("SQS") is None


def test_one_type_makes_no_other_services_classes() -> None:
    code = (
        "import sys; from lambdaform.load.types import resource_type; resource_type('AWS::SQS::Queue');"
        "print('lambdaform.model.bucket' in sys.modules, 'lambdaform.model.graphql_api' in sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == ["False", "False"]
