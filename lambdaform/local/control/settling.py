"""What an earlier run has left under way is through when the account is opened again.

Its clock may have been faster than the one of now: what it made an hour ahead would be pending for an hour.

Source: design, "state persists in a local folder between runs": what was to go on went with the service.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve, fields

from lambdaform.local.control.store import Owned, Store


def settle(store: Store, now: float) -> None:
    """Take the moments of all records that lie ahead to be now, so that nothing is in progress."""
    with store.transaction():
        for table in store.tables:
            names = _moments(table)
            for key, record in tuple(table.items()):
                ahead = {name: now for name in names if getattr(record, name) > now}
                if ahead:
                    table[key] = evolve(record, **ahead)


def last_moment(store: Store) -> float:
    """The latest moment that any record has; 0 where there is none."""
    moments = (
        getattr(record, name)
        for table in store.tables
        for name in _moments(table)
        for record in table.values()
    )
    return max(moments, default=0.0)


def _moments(table: Owned[Any]) -> tuple[str, ...]:
    """The members of a table's records that are moments: there is no other use of a float in them."""
    for record in table.values():
        return tuple(each.name for each in fields(type(record)) if each.type in (float, "float"))
    return ()
