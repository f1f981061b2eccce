"""Lists in pages: each item once, whatever the size of the pages and whatever comes and goes meanwhile."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.control.pages import paged
from lambdaform.local.errors import AwsError

NAMES = st.lists(st.text(min_size=1, max_size=3), unique=True, max_size=12)


def name(item: str) -> str:
    return item


def test_a_short_list_is_one_page() -> None:
    page = paged(["a", "b"], name)
    assert (page.items, page.next_marker) == (["a", "b"], None)


def test_a_full_last_page_has_no_marker() -> None:
    assert paged(["a", "b"], name, max_items=2).next_marker is None


def test_no_page_has_more_than_the_most() -> None:
    assert len(paged(map(str, range(80)), name, max_items=10_000).items) == 50
    assert len(paged(map(str, range(180)), name, max_items=10_000, most=100).items) == 100


@given(items=NAMES, size=st.integers(1, 5))
def test_all_pages_together_are_the_list(items: list[str], size: int) -> None:
    got: list[str] = []
    page = paged(items, name, None, size)
    got += page.items
    while page.next_marker:
        page = paged(items, name, page.next_marker, size)
        got += page.items
    assert got == items


@given(items=NAMES, size=st.integers(1, 4), data=st.data())
def test_deleting_between_pages_neither_repeats_nor_hides_the_others(
    items: list[str], size: int, data: st.DataObject
) -> None:
    first = paged(items, name, None, size)
    if not items:
        return
    gone = data.draw(st.sampled_from(items))
    left = [item for item in items if item != gone]
    rest: list[str] = []
    marker = first.next_marker
    while marker:
        page = paged(left, name, marker, size)
        rest += page.items
        marker = page.next_marker
    assert [*first.items, *rest] == [item for item in items if item != gone or item in first.items]


@given(
    st.text(max_size=20) | st.binary(max_size=20).map(lambda each: base64.urlsafe_b64encode(each).decode())
)
def test_any_other_marker_is_refused(marker: str) -> None:
    if not marker:
        return
    with pytest.raises(AwsError, match="InvalidParameterValueException"):
        paged(["a"], name, marker)
