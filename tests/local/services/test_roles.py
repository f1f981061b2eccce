"""Execution roles: one that the account's IAM has must let Lambda in; others are taken as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.local.control.planes import function
from tests.local.lab import laboratory
from tests.local.services.test_other_services import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with laboratory(tmp_path, sandboxed=False) as lab:
        made = Served(lab)
        yield made
        made.endpoint.close()


def role(served: Served, name: str, service: str) -> str:
    """A role that a service can assume."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = served.call(served.of("iam").create_role, RoleName=name, AssumeRolePolicyDocument=trust)
    return str(made["Role"]["Arn"])


def test_a_role_that_lambda_cannot_assume_is_refused(served: Served) -> None:
    client = served.of("lambda")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        served.call(client.create_function, **function(Role=role(served, "machine", "ec2.amazonaws.com")))


def test_a_role_that_lets_lambda_in_is_taken(served: Served) -> None:
    client = served.of("lambda")
    arn = role(served, "worker", "lambda.amazonaws.com")
    assert served.call(client.create_function, **function(Role=arn))["Role"] == arn


def test_a_role_that_nobody_has_made_is_taken(served: Served) -> None:
    role(served, "machine", "ec2.amazonaws.com")
    client = served.of("lambda")
    arn = "arn:aws:iam::123456789012:role/unknown"
    assert served.call(client.create_function, **function(Role=arn))["Role"] == arn
