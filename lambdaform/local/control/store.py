"""Where the control plane keeps its records: in memory, and written through to one SQLite file.

A `Table` is a mapping of records by name, an `Owned` one of records by owner and name. Records are frozen attrs
classes of JSON's own types; a change is another record put in the place of the first, and what is put is on disk
once the transaction ends. A transaction that fails leaves all as it was.

::

    store = Store(folder / "control.sqlite3")
    aliases = store.owned("aliases", Alias)
    with store.transaction():
        aliases["checkout", "live"] = Alias(version="1")

Source: SQLite, "Write-Ahead Logging" (what a crash may cost: nothing that was committed before it).
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, MutableMapping, ValuesView
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import cattrs

from lambdaform.errors import LocalError

_T = TypeVar("_T")
#: What a store of another layout is taken for: none at all would be understood.
LAYOUT = 1
_CONVERTER = cattrs.Converter(forbid_extra_keys=True)


class Store:
    """All tables of one account; ``file`` is where they last, None for as long as the process does.

    Raises `LocalError` for a file that is no store's, or one of records that this version does not know.
    """

    def __init__(self, file: Path | None = None, *, read_only: bool = False) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        if file is not None:
            try:
                self._connection = _to_be_read(file) if read_only else _opened(file)
            except sqlite3.Error as error:
                raise _unreadable(file, error) from error
        self._undo: list[Callable[[], None]] | None = None
        self._writes: list[tuple[str, tuple[str, ...]]] = []
        #: All that have been asked for.
        self.tables: list[Owned[Any]] = []

    def table(self, kind: str, record: type[_T], weigh: Callable[[_T], int] | None = None) -> Table[_T]:
        """The records of one kind, by name. ``weigh`` says what each adds to the table's weight."""
        return Table(self.owned(kind, record, weigh))

    def owned(self, kind: str, record: type[_T], weigh: Callable[[_T], int] | None = None) -> Owned[_T]:
        """The records of one kind, by owner and name. ``weigh`` says what each adds to the table's weight."""
        rows = []
        if self._connection is not None:
            try:
                rows = self._connection.execute(
                    "SELECT owner, name, record FROM records WHERE kind = ? ORDER BY rowid", (kind,)
                ).fetchall()
            except sqlite3.Error as error:
                raise _unreadable(self._file, error) from error
        try:
            records = {(owner, name): _structured(text, record) for owner, name, text in rows}
        except (ValueError, cattrs.BaseValidationError) as error:
            raise _unreadable(self._file, error) from error
        table = Owned(self, kind, records, weigh)
        self.tables.append(table)
        return table

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes within the block, or none. Blocks may be nested; nothing may be awaited within one."""
        if self._undo is not None:
            yield
            return
        self._undo, self._writes = [], []
        try:
            yield
            self._commit()
        except BaseException:
            for undo in reversed(self._undo):
                undo()
            raise
        finally:
            self._undo = None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def changed(self, undo: Callable[[], None], statement: str, values: tuple[str, ...]) -> None:
        """A table changed: how to take it back, and what to write."""
        if self._undo is None:
            self._writes = [(statement, values)]
            self._commit()
            return
        self._undo.append(undo)
        self._writes.append((statement, values))

    def _commit(self) -> None:
        if self._connection is None or not self._writes:
            return
        with self._connection:
            self._connection.execute("BEGIN")
            for statement, values in self._writes:
                self._connection.execute(statement, values)


class Owned(MutableMapping[tuple[str, str], _T], Generic[_T]):
    """Records by owner and name, in the order in which they came. ``weight`` is what all of them weigh together."""

    def __init__(
        self,
        store: Store,
        kind: str,
        records: Mapping[tuple[str, str], _T],
        weigh: Callable[[_T], int] | None = None,
    ) -> None:
        self._store = store
        self._kind = kind
        self._weigh = weigh
        self.weight = 0
        self._records: dict[str, dict[str, _T]] = {}
        #: Which of the records came when, so that one that was deleted by mistake finds its place again.
        self._ranks: dict[tuple[str, str], int] = {}
        self._next_rank = itertools.count()
        for key, record in records.items():
            self._put(key, record)

    def of(self, owner: str) -> Mapping[str, _T]:
        """The records of one owner, by name."""
        return MappingProxyType(self._records.get(owner, {}))

    def owners(self) -> Iterator[str]:
        """Who has any of the records."""
        return iter(self._records)

    def drop(self, owner: str) -> None:
        """Delete all records of an owner."""
        for name in tuple(self._records.get(owner, ())):
            del self[owner, name]

    def __getitem__(self, key: tuple[str, str]) -> _T:
        owner, name = key
        try:
            return self._records[owner][name]
        except KeyError:
            raise KeyError(key) from None

    def __setitem__(self, key: tuple[str, str], record: _T) -> None:
        owner, name = key
        before = self._records.get(owner, {}).get(name)
        if before == record:
            return
        self._put(key, record)
        self._store.changed(
            lambda: self._put(key, before),
            "INSERT INTO records (kind, owner, name, record) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (kind, owner, name) DO UPDATE SET record = excluded.record",
            (self._kind, owner, name, _text(record)),
        )

    def __delitem__(self, key: tuple[str, str]) -> None:
        owner, name = key
        before, rank = self[key], self._ranks[key]
        self._put(key, None)

        def undo() -> None:
            self._ranks[key] = rank
            self._put(key, before)
            records = self._records[owner]
            places = sorted(records, key=lambda each: self._ranks[owner, each])
            self._records[owner] = {each: records[each] for each in places}

        self._store.changed(
            undo,
            "DELETE FROM records WHERE kind = ? AND owner = ? AND name = ?",
            (self._kind, owner, name),
        )

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((owner, name) for owner, records in self._records.items() for name in records)

    def __len__(self) -> int:
        return sum(map(len, self._records.values()))

    def _put(self, key: tuple[str, str], record: _T | None) -> None:
        owner, name = key
        if self._weigh is not None:
            before = self._records.get(owner, {}).get(name)
            self.weight += sum(
                sign * self._weigh(each) for sign, each in ((1, record), (-1, before)) if each is not None
            )
        if record is not None:
            self._records.setdefault(owner, {})[name] = record
            self._ranks.setdefault(key, next(self._next_rank))
            return
        records = self._records[owner]
        del records[name], self._ranks[key]
        if not records:
            del self._records[owner]


class Table(MutableMapping[str, _T], Generic[_T]):
    """Records by name, in the order in which they came."""

    def __init__(self, owned: Owned[_T]) -> None:
        self._owned = owned

    @property
    def weight(self) -> int:
        """What all records weigh together."""
        return self._owned.weight

    def __getitem__(self, name: str) -> _T:
        try:
            return self._owned["", name]
        except KeyError:
            raise KeyError(name) from None

    def __setitem__(self, name: str, record: _T) -> None:
        self._owned["", name] = record

    def __delitem__(self, name: str) -> None:
        try:
            del self._owned["", name]
        except KeyError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._owned.of(""))

    def __len__(self) -> int:
        return len(self._owned)

    def values(self) -> ValuesView[_T]:
        """All records, without looking each up by its name."""
        return self._owned.of("").values()


def _opened(file: Path) -> sqlite3.Connection:
    """The file, with its one table; what another layout has left there goes."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    [layout] = connection.execute("PRAGMA user_version").fetchone()
    if layout != LAYOUT:
        connection.execute("DROP TABLE IF EXISTS records")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS records (kind TEXT, owner TEXT, name TEXT, record TEXT, "
        "PRIMARY KEY (kind, owner, name))"
    )
    connection.execute(f"PRAGMA user_version = {LAYOUT}")
    return connection


def _to_be_read(file: Path) -> sqlite3.Connection:
    """A file that another process may be writing; nothing of it is changed."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _unreadable(file: Path | None, error: Exception) -> LocalError:
    what = (
        str(error) if isinstance(error, sqlite3.Error) else "it has records of another version of lambdaform"
    )
    return LocalError(
        f"The account kept in {file} cannot be read: {what}.", right="Begin anew: lambdaform run --fresh."
    )


def _text(record: Any) -> str:
    return json.dumps(_CONVERTER.unstructure(record), separators=(",", ":"))


def _structured(text: str, record: type[_T]) -> _T:
    return _CONVERTER.structure(json.loads(text), record)
