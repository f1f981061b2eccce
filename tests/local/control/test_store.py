"""The control plane's store: mappings of records that are on disk once a transaction ends, and as before where it fails."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.local.control.store import Owned, Store, Table


@frozen
class Note:
    """A record of the tests'."""

    text: str
    tags: dict[str, str] = field(factory=dict)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "control.sqlite3"


def notes(store: Store) -> Owned[Note]:
    return store.owned("notes", Note)


def test_what_was_put_is_there_when_the_file_is_opened_again(file: Path) -> None:
    store = Store(file)
    notes(store)["ann", "first"] = Note("a", {"k": "v"})
    store.close()
    assert dict(notes(Store(file))) == {("ann", "first"): Note("a", {"k": "v"})}


def test_what_was_deleted_is_gone_when_the_file_is_opened_again(file: Path) -> None:
    store = Store(file)
    own = notes(store)
    own["ann", "first"] = Note("a")
    del own["ann", "first"]
    store.close()
    assert dict(notes(Store(file))) == {}


def test_the_records_of_one_owner_are_no_others(file: Path) -> None:
    own = notes(Store(file))
    own["ann", "first"], own["bob", "first"] = Note("a"), Note("b")
    assert dict(own.of("ann")) == {"first": Note("a")}


def test_an_owners_records_can_be_dropped_together(file: Path) -> None:
    own = notes(Store(file))
    own["ann", "first"], own["ann", "second"], own["bob", "first"] = Note("a"), Note("a"), Note("b")
    own.drop("ann")
    assert list(own) == [("bob", "first")]


def test_a_table_has_records_by_name(file: Path) -> None:
    store = Store(file)
    table: Table[Note] = store.table("notes", Note)
    table["one"] = Note("a")
    assert list(table) == ["one"]
    store.close()
    assert Store(file).table("notes", Note)["one"] == Note("a")


def test_kinds_do_not_see_each_other(file: Path) -> None:
    store = Store(file)
    store.table("notes", Note)["one"] = Note("a")
    store.close()
    assert len(Store(file).table("others", Note)) == 0


def test_a_transaction_that_fails_leaves_memory_and_disk_as_they_were(file: Path) -> None:
    store = Store(file)
    own = notes(store)
    own["ann", "kept"] = Note("a")
    with contextlib.suppress(RuntimeError), store.transaction():
        own["ann", "new"] = Note("b")
        own["ann", "kept"] = Note("c")
        del own["ann", "kept"]
        raise RuntimeError
    assert dict(own) == {("ann", "kept"): Note("a")}
    store.close()
    assert dict(notes(Store(file))) == {("ann", "kept"): Note("a")}


def test_a_file_of_another_layout_is_taken_for_none(file: Path) -> None:
    store = Store(file)
    notes(store)["ann", "first"] = Note("a")
    assert store._connection is not None
    store._connection.execute("PRAGMA user_version = 999")
    store.close()
    assert dict(notes(Store(file))) == {}


NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(st.tuples(NAMES, NAMES, st.none() | st.text(max_size=3)), max_size=6)


@settings(max_examples=50, deadline=None)
@given(kept=STEPS, failed=STEPS)
def test_order_and_content_survive_any_transaction_that_fails(
    kept: list[tuple[str, str, str | None]], failed: list[tuple[str, str, str | None]]
) -> None:
    store = Store()
    own = notes(store)

    def take(steps: list[tuple[str, str, str | None]]) -> None:
        for owner, name, text in steps:
            if text is not None:
                own[owner, name] = Note(text)
            elif (owner, name) in own:
                del own[owner, name]

    take(kept)
    before = {owner: list(own.of(owner).items()) for owner in "abc"}
    with contextlib.suppress(RuntimeError), store.transaction():
        take(failed)
        raise RuntimeError
    assert {owner: list(own.of(owner).items()) for owner in "abc"} == before


def test_a_table_tells_what_its_records_weigh_together() -> None:
    own = Store().owned("notes", Note, lambda note: len(note.text))
    own["ann", "first"], own["bob", "first"] = Note("abc"), Note("de")
    own["ann", "first"] = Note("a")
    del own["bob", "first"]
    assert own.weight == 1


def test_a_transaction_that_fails_leaves_the_weight_as_it_was() -> None:
    store = Store()
    own = store.owned("notes", Note, lambda note: len(note.text))
    own["ann", "first"] = Note("abc")
    with contextlib.suppress(RuntimeError), store.transaction():
        own["ann", "second"] = Note("de")
        del own["ann", "first"]
        raise RuntimeError
    assert own.weight == 3


def test_the_weight_is_known_when_the_file_is_opened_again(file: Path) -> None:
    store = Store(file)
    notes(store)["ann", "first"] = Note("abc")
    store.close()
    assert Store(file).owned("notes", Note, lambda note: len(note.text)).weight == 3
