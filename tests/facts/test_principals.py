"""Service principals: which are misspelt, and what was meant."""

from __future__ import annotations

import pytest

from lambdaform.facts.principals import meant_principal


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lamda.amazonaws.com", "lambda.amazonaws.com"),
        ("event.amazonaws.com", "events.amazonaws.com"),
        ("sns", "sns.amazonaws.com"),
        ("sns.amazonaws.co", "sns.amazonaws.com"),
        ("sns.amazon.com", "sns.amazonaws.com"),
    ],
)
def test_a_misspelt_service_is_told(written: str, meant: str) -> None:
    assert meant_principal(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "sns.amazonaws.com",
        "logs.eu-west-1.amazonaws.com",
        "alexa-appkit.amazon.com",
        "newservice.amazonaws.com",
        "123456789012",
        "arn:aws:iam::123456789012:root",
        "*",
        "lambda.amazonaws.com.cn",
    ],
)
def test_what_may_be_right_is_left_alone(written: str) -> None:
    assert meant_principal(written) is None
