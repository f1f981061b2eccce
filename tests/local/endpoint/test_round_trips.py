"""What boto3 sends is read as it was given, and what is answered is what boto3 gives back: every operation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.facts.service_model import service_model
from lambdaform.local.endpoint import members, serialise
from lambdaform.local.endpoint.operations import INVOCATIONS
from lambdaform.local.endpoint.routes import Routes
from tests.local.api_values import structures
from tests.local.endpoint import botocores

OPERATIONS = service_model().operations
ROUTES = Routes(OPERATIONS.values())


@pytest.mark.parametrize("name", [each for each in OPERATIONS if each != "InvokeWithResponseStream"])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_sent_is_what_was_given(name: str, data: st.DataObject) -> None:
    operation = OPERATIONS[name]
    given_members = data.draw(structures(operation.input))
    request = botocores.request(name, dict(given_members))
    route = ROUTES.find(request.method, request.path, request.query)
    assert route is not None
    assert route.operation is operation
    read = members.read(operation, route.labels, request)
    for member in operation.input.members.values():
        if member.name not in given_members and member.name in read:
            # botocore makes tokens of its own up, and a body where there is to be one.
            del read[member.name]
        if given_members.get(member.name) == [] and member.location == "querystring":
            del given_members[member.name]
    assert read == given_members


@pytest.mark.parametrize(
    "name",
    [each for each, found in OPERATIONS.items() if found.output is not None and each not in INVOCATIONS],
)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_answered_is_what_boto3_gives(name: str, data: st.DataObject) -> None:
    operation = OPERATIONS[name]
    assert operation.output is not None
    output: dict[str, Any] = data.draw(structures(operation.output))
    for member in operation.output.members.values():
        if member.location == "statusCode" and member.name in output:
            output[member.name] = 200
    answer = serialise.answer(operation, output)
    told = botocores.result(name, answer)
    told = {key: value for key, value in told.items() if key in output}
    assert told == output
