"""The kept log: written by one process, read by another, bounded."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.errors import UsageError
from lambdaform.local import log_store
from lambdaform.local.log_store import LogReader, LogStore, Lost
from lambdaform.local.logs import LogLine
from tests.local.full_disk import room_for


def line(text: str, timestamp: float = 0.0) -> LogLine:
    return LogLine("shop-Quote", "/aws/lambda/shop-Quote", "stream", "id", text, timestamp)


def read(folder: Path) -> list[LogLine]:
    with closing(LogReader(folder)) as reader:
        return reader.new()


def refuse(text: str) -> None:
    raise AssertionError(text)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_what_is_kept_is_read_as_it_was(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("logs")
    store = LogStore(folder, refuse)
    lines = [line(text, float(at)) for at, text in enumerate(texts)]
    for each in lines:
        store.put(each)
    assert read(folder) == lines
    store.close()


def test_a_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    store, reader = LogStore(tmp_path, refuse), LogReader(tmp_path)
    assert reader.new() == []
    for text in ("one", "two"):
        store.put(line(text))
        assert reader.new() == [line(text)]
    store.close()
    assert reader.new() == []
    reader.close()


def test_what_several_services_keep_is_read_in_the_order_of_time(tmp_path: Path) -> None:
    first, second = LogStore(tmp_path, refuse), LogStore(tmp_path, refuse)
    for at, store in enumerate((first, second, first)):
        store.put(line(str(at), float(at)))
    assert [each.text for each in read(tmp_path)] == ["0", "1", "2"]
    first.close()
    second.close()


def test_a_line_that_is_still_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    store, reader = LogStore(tmp_path, refuse), LogReader(tmp_path)
    store.put(line("one"))
    store.close()
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:20])
    assert reader.new() == []
    file.write_bytes(whole)
    assert reader.new() == [line("one")]
    reader.close()


def test_the_oldest_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_store, "_SIZE", 1000)
    monkeypatch.setattr(log_store, "_MOST", 4000)
    store = LogStore(tmp_path, refuse)
    for number in range(0, 100, 2):
        store.put(line(str(number)), line(str(number + 1)))
    store.close()
    kept = [each.text for each in read(tmp_path)]
    assert 3000 <= sum(file.stat().st_size for file in tmp_path.iterdir()) <= 4000
    assert kept == [str(number) for number in range(100 - len(kept), 100)]


def test_events_that_come_at_once_do_not_make_a_file_larger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_store, "_SIZE", 1000)
    monkeypatch.setattr(log_store, "_MOST", 4000)
    store = LogStore(tmp_path, refuse)
    for _ in range(3):
        store.put(*[line(str(number)) for number in range(100)])
        sizes = [file.stat().st_size for file in tmp_path.iterdir()]
        assert max(sizes) <= 1000
        assert sum(sizes) <= 4000
    store.close()


def test_of_many_short_runs_the_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_store, "_FILES", 20)
    for number in range(50):
        store = LogStore(tmp_path, refuse)
        store.put(line(str(number), number))
        store.close()
    assert [each.text for each in read(tmp_path)] == [str(number) for number in range(30, 50)]


def test_a_store_whose_file_was_removed_goes_on_in_another(tmp_path: Path) -> None:
    store = LogStore(tmp_path, refuse)
    store.put(line("one"))
    [file] = tmp_path.iterdir()
    file.unlink()
    store.put(line("two"))
    store.close()
    assert [each.text for each in read(tmp_path)] == ["two"]


def test_a_reader_reads_a_file_that_was_removed_to_its_end(tmp_path: Path) -> None:
    store, reader = LogStore(tmp_path, refuse), LogReader(tmp_path)
    store.put(line("one"))
    assert reader.new() == [line("one")]
    store.put(line("two"))
    [file] = tmp_path.iterdir()
    file.unlink()
    store.put(line("three"))
    store.close()
    assert (reader.new(), reader.missed) == ([line("two"), line("three")], 0)
    reader.close()


def test_a_reader_tells_how_much_was_gone_before_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_store, "_SIZE", 1000)
    monkeypatch.setattr(log_store, "_MOST", 4000)
    store, reader = LogStore(tmp_path, refuse), LogReader(tmp_path)
    store.put(line("first"))
    came = len(reader.new())
    for size in (200, 10, 1000):
        store.put(*[line(str(number)) for number in range(size)])
        come = len(reader.new())
        assert come + reader.missed == size
        assert (reader.missed > 0) == (size > 10)
        came += come
    store.close()
    reader.close()
    assert came < 1211


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    said: list[str] = []
    store = LogStore(tmp_path / "logs", said.append)
    store.put(line("one"))
    store.put(line("two"))
    assert len(said) == 1
    assert "The log is not kept" in said[0]


def test_after_a_failure_it_goes_on_and_says_how_many_lines_are_missing(tmp_path: Path) -> None:
    said: list[str] = []
    moment = 0.0
    store, follower = LogStore(tmp_path, said.append, lambda: moment), LogReader(tmp_path)
    store.put(line("before"))
    with room_for(400):
        # The first has room, the second a part of it.
        store.put(line("first"), line("x" * 300), line("third"))
        [told] = said
        assert told == f"The log is not kept for lambdaform logs: {tmp_path}: file too large."
        assert [each.text for each in follower.new()] == ["before", "first"]
        moment = 4.9
        store.put(line("fourth"))
    # There is room, but it is not tried at every line.
    store.put(line("fifth"))
    assert said == [told]
    moment = 5.0
    store.put(line("after", 7.0))
    assert said[1:] == ["The log is kept for lambdaform logs again. 4 lines are not there."]
    store.put(line("last", 8.0))
    store.close()
    assert [each.text for each in follower.new()] == ["after", "last"]
    assert (follower.missed, follower.lost) == (0, [Lost(7.0, 4)])
    follower.close()
    with closing(LogReader(tmp_path)) as reader:
        assert [each.text for each in reader.new()] == ["before", "first", "after", "last"]
        assert reader.lost == [Lost(7.0, 4)]
        assert (reader.new(), reader.lost) == ([], [])
    assert len(said) == 2


def test_while_there_is_no_room_no_file_is_left_for_each_attempt(tmp_path: Path) -> None:
    said: list[str] = []
    moment = 0.0
    store = LogStore(tmp_path, said.append, lambda: moment)
    with room_for(10):
        for _ in range(3):
            store.put(line("nowhere"))
            moment += 10
    assert list(tmp_path.iterdir()) == []
    store.close()
    assert said[1:] == ["The log was not kept for lambdaform logs to the end. 3 lines are not there."]


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(UsageError, match=r"x\.jsonl is no log"):
        read(tmp_path)
