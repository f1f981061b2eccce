"""The metadata endpoint: in which Availability Zone a function runs, for who has the token."""

from __future__ import annotations

import pytest

from lambdaform.local.metadata import availability_zone_id
from tests.local.lab import Lab

ASK = """
    import http.client, os

    def handler(event, context):
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_METADATA_API"])
        path = event.get("path", "/2026-01-15/metadata/execution-environment")
        authorization = event.get("authorization", "Bearer {token}")
        headers = {"Authorization": authorization.format(token=os.environ["AWS_LAMBDA_METADATA_TOKEN"])}
        connection.request(event.get("method", "GET"), path, headers=headers)
        response = connection.getresponse()
        headers = [response.getheader(name) for name in ("Content-Type", "Cache-Control", "Allow")]
        return [response.status, response.read().decode(), *headers]
"""


def test_a_function_finds_out_in_which_zone_it_runs(any_lab: Lab) -> None:
    assert any_lab.invoke(any_lab.function(ASK), {}).value == [
        200,
        '{"AvailabilityZoneID": "use1-az1"}',
        "application/json",
        "private, max-age=43200, immutable",
        None,
    ]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "{token}"}, 401),
        ({"authorization": ""}, 401),
        ({"method": "POST"}, 405),
        ({"path": "/2026-01-15/metadata/execution-environments"}, 404),
    ],
)
def test_it_answers_nobody_else_and_nothing_else(lab: Lab, asked: dict[str, str], status: int) -> None:
    found, _, _, _, allowed = lab.invoke(lab.function(ASK), asked).value
    assert found == status
    assert allowed == ("GET" if status == 405 else None)


def test_each_environment_has_a_token_of_its_own(lab: Lab) -> None:
    name = lab.function(
        "import os\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_METADATA_TOKEN']\n"
    )
    first = lab.invoke(name).value
    assert lab.invoke(name).value == first
    lab.service.end_environments()
    assert lab.invoke(name).value != first


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("us-east-1", "use1-az1"),
        ("us-gov-west-1", "usgw1-az1"),
        ("ap-northeast-2", "apne2-az1"),
        ("cn-northwest-1", "cnnw1-az1"),
        ("ca-central-1", "cac1-az1"),
    ],
)
def test_ids_of_zones_have_the_form_of_aws(region: str, zone: str) -> None:
    assert availability_zone_id(region) == zone
