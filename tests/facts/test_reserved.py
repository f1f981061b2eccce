"""Environment variable names: which are Lambda's own, and what a name looks like."""

from __future__ import annotations

import re

import pytest

from lambdaform.errors import UsageError
from lambdaform.facts.reserved import ENVIRONMENT_NAME, OVERRIDABLE, UNDOCUMENTED, reserved_names

#: The names that the deck's table marks as reserved.
DECK = {
    "_HANDLER",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "TZ",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "AWS_LAMBDA_RUNTIME_API",
}

#: What AWS's page has as reserved today and the deck has not.
SINCE = {
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
}


def test_today_s_reserved_names_are_those_of_aws_s_page() -> None:
    assert set(reserved_names()) == (DECK - {"TZ"}) | SINCE


def test_the_deck_s_reserved_names_are_all_reserved_in_its_profile() -> None:
    assert set(reserved_names("2019-04-01")) >= DECK


def test_what_came_after_the_deck_is_not_reserved_in_its_profile() -> None:
    assert not {"AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_INITIALIZATION_TYPE"} & set(
        reserved_names("2019-04-01")
    )


def test_the_time_zone_was_reserved_and_is_free_now() -> None:
    assert "TZ" in reserved_names("2019-04-01")
    assert "TZ" in OVERRIDABLE


def test_no_name_is_of_two_kinds() -> None:
    assert not set(reserved_names()) & OVERRIDABLE
    assert not (set(reserved_names()) | OVERRIDABLE) & UNDOCUMENTED


def test_every_reserved_name_says_what_lambda_keeps_there() -> None:
    assert all(reserved_names().values())


def test_an_unknown_profile_reserves_nothing() -> None:
    with pytest.raises(UsageError, match="2020"):
        reserved_names("2020")


@pytest.mark.parametrize("name", ["AB", "a1", "TABLE_NAME", "x_"])
def test_a_name_starts_with_a_letter_and_goes_on_with_letters_digits_and_underscores(name: str) -> None:
    assert re.fullmatch(ENVIRONMENT_NAME, name)


@pytest.mark.parametrize("name", ["", "A", "1BAD", "_A", "A-B", "A B", "Ä1", "A\n"])
def test_anything_else_is_no_name(name: str) -> None:
    assert not re.fullmatch(ENVIRONMENT_NAME, name)


@pytest.mark.parametrize("name", sorted(OVERRIDABLE))
def test_what_may_be_overridden_can_be_written(name: str) -> None:
    assert re.fullmatch(ENVIRONMENT_NAME, name)
