"""Errors as HTTP answers."""

from __future__ import annotations

import json

import pytest

from lambdaform.facts.service_model import service_model
from lambdaform.local.endpoint.refusals import CAPITAL, SMALL, refusal
from lambdaform.local.errors import AwsError, not_found, throttled


def test_the_member_of_each_errors_text_is_the_models() -> None:
    told = {name: set(shape.members) for name, shape in service_model().errors.items()}
    assert {name for name, found in told.items() if "Message" in found} == CAPITAL
    assert {name for name, found in told.items() if "message" in found} == SMALL


def test_an_error_of_the_model_has_its_type() -> None:
    answer = refusal(not_found("arn"))
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    assert json.loads(answer.body) == {"Type": "User", "Message": "Function not found: arn"}


@pytest.mark.parametrize("code", ["ValidationException", "RequestEntityTooLargeException"])
def test_an_error_that_the_model_does_not_know_has_a_message_alone(code: str) -> None:
    assert json.loads(refusal(AwsError(code, "text", 400)).body) == {"message": "text"}


def test_a_throttle_says_why_and_when_to_try_again() -> None:
    answer = refusal(throttled("ConcurrentInvocationLimitExceeded"))
    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
    assert json.loads(answer.body) == {
        "Reason": "ConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    }


def test_a_throttle_by_the_functions_own_reservation_says_no_time_as_recorded() -> None:
    answer = refusal(throttled("ReservedFunctionConcurrentInvocationLimitExceeded"))
    assert answer.status == 429
    assert "Retry-After" not in answer.headers
