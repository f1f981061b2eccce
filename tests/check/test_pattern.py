"""Event patterns: which forms EventBridge and Lambda take."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.check.pattern import malformed, malformed_text

KEYS = st.text(max_size=8).map(lambda key: f"k{key}")
VALUES = st.lists(
    st.one_of(
        st.text(), st.integers(), st.none(), st.booleans(), st.fixed_dictionaries({"prefix": st.text()})
    ),
    min_size=1,
    max_size=3,
)
PATTERNS = st.recursive(
    st.dictionaries(KEYS, VALUES, max_size=3),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(PATTERNS)
def test_mappings_whose_leaves_are_lists_are_well_formed(pattern: object) -> None:
    assert malformed(pattern) is None
    assert malformed_text(json.dumps(pattern)) is None


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    found = malformed_text(text)
    assert found is None or found.what


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ({"body": {"kind": "order"}}, "has 'order' for 'kind'"),
        ({"body": {"kind": []}}, "has an empty list for 'kind'"),
        ({"body": {"kind": [{"prefx": "a"}]}}, "compares 'kind' by 'prefx'"),
        ({"$or": [{"a": ["b"]}]}, "has a $or"),
        ({"$or": [{"a": ["b"]}, {"a": "c"}]}, "has 'c' for 'a'"),
        (["a"], "is no mapping"),
    ],
)
def test_what_is_wrong_is_said(pattern: object, what: str) -> None:
    found = malformed(pattern)
    assert found is not None
    assert what in found.what


def test_the_way_to_it_is_told() -> None:
    found = malformed({"detail": {"state": ["on", {"prefx": "o"}]}})
    assert found is not None
    assert found.path == ("detail", "state", 1)
