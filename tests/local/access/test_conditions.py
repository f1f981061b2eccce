"""Conditions: each operator as IAM's guide describes it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.access.conditions import Context, first_failing, is_operator, matches

OPERATORS = [
    *(f"String{each}" for each in ("Equals", "NotEquals", "Like", "NotLike")),
    *(f"Arn{each}" for each in ("Equals", "NotEquals", "Like", "NotLike")),
    *(f"Numeric{each}" for each in ("Equals", "NotEquals", "LessThan", "GreaterThanEquals")),
    *(f"Date{each}" for each in ("Equals", "NotEquals", "LessThan", "GreaterThanEquals")),
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "StringNotEqualsIgnoreCase",
]


def holds(operator: str, expected: Any, given: Any) -> bool:
    context: Context = {} if given is None else {"aws:key": given}
    return first_failing({operator: {"AWS:Key": expected}}, context) is None


@pytest.mark.parametrize(
    ("operator", "expected", "given", "is_so"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringLike", "a*z", "abz", True),
        ("StringLike", "a?z", "abbz", False),
        ("StringNotLike", "a*", "b", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "10", "10", False),
        ("NumericEquals", 10, "10", True),
        ("NumericEquals", "ten", "10", False),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", True),
        ("DateLessThan", "2026-01-01", "2026-01-02T00:00:00Z", False),
        ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.9", False),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("NotIpAddress", "203.0.113.0/24", "203.0.114.9", True),
        ("ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::b", True),
        ("ArnLike", "arn:aws:events:us-east-1:*:rule/*", "arn:aws:events:us-east-1:1:rule/a:b", True),
        ("ArnLike", "arn:aws:*:rule/a", "arn:aws:events:us-east-1:1:rule/a", False),
        ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", True),
        ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("Null", "true", None, True),
        ("Null", True, None, True),
        ("Null", "false", None, False),
        ("Null", "false", "x", True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
    ],
)
def test_an_operator_compares_as_iam_does(operator: str, expected: Any, given: Any, is_so: bool) -> None:
    assert holds(operator, expected, given) is is_so


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_key_that_is_missing_passes_only_where_the_contrary_is_asked_for(operator: str) -> None:
    assert holds(operator, "1", None) is ("Not" in operator)
    assert holds(f"{operator}IfExists", "1", None)
    assert holds(f"ForAllValues:{operator}", "1", None)
    assert not holds(f"ForAnyValue:{operator}", "1", None)


def test_all_operators_and_all_keys_have_to_hold() -> None:
    condition = {"StringEquals": {"a": "1", "b": "2"}, "Bool": {"c": "true"}}
    assert first_failing(condition, {"a": "1", "b": "2", "c": "true"}) is None
    assert first_failing(condition, {"a": "1", "b": "3", "c": "true"}) == "b"
    assert first_failing(condition, {"a": "1", "b": "2", "c": "false"}) == "c"


def test_an_operator_that_iam_does_not_have_never_holds() -> None:
    assert not holds("StringIs", "a", "a")
    assert not is_operator("StringIs")
    assert is_operator("ForAllValues:StringLikeIfExists")


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab", max_size=8))
def test_a_pattern_with_stars_only_agrees_with_a_plain_search(pattern: str, text: str) -> None:
    def slowly(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(slowly(pattern[1:], text[at:]) for at in range(len(text) + 1))
        return bool(text) and pattern[0] in ("?", text[0]) and slowly(pattern[1:], text[1:])

    assert matches(pattern, text) is slowly(pattern, text)


@given(st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4) | st.none(), max_size=3))
def test_what_is_no_condition_never_raises(condition: Any) -> None:
    first_failing(condition, {"aws:sourcearn": "x"})
