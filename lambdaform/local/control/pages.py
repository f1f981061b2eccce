"""Lists in pages: at most so many items, and a marker with which the next call goes on.

A marker is opaque to callers. It says which item came last, and where that was: what is added or deleted between
two calls neither repeats nor hides the others.

::

    page = paged(aliases, lambda alias: alias.name, marker, max_items)
    return {"Aliases": [self._shown(alias) for alias in page.items], "NextMarker": page.next_marker}

Source: Lambda API Reference, Marker and MaxItems of each List operation ("Lambda returns up to 50 items in each
response, even if you set the number higher"; 100 for event source mappings).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from lambdaform.local.errors import invalid_parameter

_T = TypeVar("_T")
#: The most items of one answer, for most operations.
MOST = 50


@frozen
class Page(Generic[_T]):
    """Some of the items, in their order; ``next_marker`` is None on the last page."""

    items: Sequence[_T]
    next_marker: str | None


def paged(
    items: Iterable[_T],
    key: Callable[[_T], str],
    marker: str | None = None,
    max_items: int | None = None,
    *,
    most: int = MOST,
) -> Page[_T]:
    """The items that follow a marker. ``key`` tells one item from all others of the list.

    Raises `AwsError` for a marker that is none.
    """
    everything = list(items)
    start = _after(everything, key, marker) if marker else 0
    end = start + min(max_items or most, most)
    found = everything[start:end]
    return Page(found, _marker(end, key(found[-1])) if end < len(everything) else None)


def _marker(position: int, last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([position, last]).encode()).decode()


def _after(items: Sequence[_T], key: Callable[[_T], str], marker: str) -> int:
    """Where to go on: behind the item that came last, or where it was if it is gone."""
    try:
        position, last = json.loads(base64.urlsafe_b64decode(marker.encode()))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise invalid_parameter("The marker is not valid.") from None
    if type(position) is not int or type(last) is not str or position < 1:
        raise invalid_parameter("The marker is not valid.")
    if position <= len(items) and key(items[position - 1]) == last:
        return position
    for index, item in enumerate(items):
        if key(item) == last:
            return index + 1
    return min(position - 1, len(items))
