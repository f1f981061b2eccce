"""The kept log: written by one process, read by another, bounded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.errors import UsageError
from lambdaform.local import log_store
from lambdaform.local.log_store import LogReader, LogStore
from lambdaform.local.logs import LogLine


def line(text: str, timestamp: float = 0.0) -> LogLine:
    return LogLine("shop-Quote", "/aws/lambda/shop-Quote", "stream", "id", text, timestamp)


def refuse(text: str) -> None:
    raise AssertionError(text)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_what_is_kept_is_read_as_it_was(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("logs")
    store = LogStore(folder, refuse)
    lines = [line(text, float(at)) for at, text in enumerate(texts)]
    for each in lines:
        store.put(each)
    assert LogReader(folder).new() == lines
    store.close()


def test_a_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    store, reader = LogStore(tmp_path, refuse), LogReader(tmp_path)
    assert reader.new() == []
    for text in ("one", "two"):
        store.put(line(text))
        assert reader.new() == [line(text)]
    store.close()
    assert reader.new() == []


def test_what_several_services_keep_is_read_in_the_order_of_time(tmp_path: Path) -> None:
    first, second = LogStore(tmp_path, refuse), LogStore(tmp_path, refuse)
    for at, store in enumerate((first, second, first)):
        store.put(line(str(at), float(at)))
    assert [each.text for each in LogReader(tmp_path).new()] == ["0", "1", "2"]
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


def test_the_oldest_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_store, "_SIZE", 100)
    store = LogStore(tmp_path, refuse)
    for number in range(50):
        store.put(line(str(number)))
    store.close()
    kept = [each.text for each in LogReader(tmp_path).new()]
    assert len(list(tmp_path.iterdir())) == 8
    assert kept[-1] == "49"
    assert "0" not in kept


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    said: list[str] = []
    store = LogStore(tmp_path / "logs", said.append)
    store.put(line("one"))
    store.put(line("two"))
    assert len(said) == 1
    assert "The log is not kept" in said[0]


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(UsageError, match=r"x\.jsonl is no log"):
        LogReader(tmp_path).new()
