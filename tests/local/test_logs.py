"""Log lines as AWS writes them, and a process's bytes cut into log events."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdaform.local import logs
from lambdaform.local.logs import MAX_EVENT_BYTES, LineSplitter, Spent


def report(*, init_ms: float | None = None, status: str | None = None, error_type: str | None = None) -> str:
    spent = Spent(duration_ms=3.006, billed_ms=4, memory_size=128, memory_used=36, init_ms=init_ms)
    return logs.report("id-1", spent, status=status, error_type=error_type)


def test_the_report_has_amounts_between_tabs_and_ends_with_one() -> None:
    assert report() == (
        "REPORT RequestId: id-1\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 36 MB\t"
    )


def test_a_cold_start_adds_its_duration_to_the_report() -> None:
    assert report(init_ms=110.1).endswith("Max Memory Used: 36 MB\tInit Duration: 110.10 ms\t")


def test_a_failure_adds_its_status_and_type_to_the_report() -> None:
    assert report(status="error", error_type="Runtime.ExitError").endswith(
        "\tStatus: error\tError Type: Runtime.ExitError\t"
    )


def test_a_timeout_adds_its_status_alone_to_the_report() -> None:
    assert report(status="timeout").endswith("Max Memory Used: 36 MB\tStatus: timeout\t")


def test_start_and_end_name_the_request() -> None:
    assert logs.start("id-1", "$LATEST") == "START RequestId: id-1 Version: $LATEST"
    assert logs.end("id-1") == "END RequestId: id-1"


def test_a_failed_init_is_reported_with_phase_status_and_type() -> None:
    assert logs.init_report(1236.04, "invoke", "error", "Runtime.ExitError") == (
        "INIT_REPORT Init Duration: 1236.04 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError"
    )


@pytest.mark.parametrize(
    ("duration", "init", "billed"),
    [(133.61, 80.00, 214), (3016.78, 84.00, 3101), (3.10, 542.01, 546), (1655.10, 322.04, 1978)],
)
def test_duration_and_init_are_billed_together_as_on_aws(duration: float, init: float, billed: int) -> None:
    assert logs.billed(duration, init, 1, init_is_billed=True) == billed


def test_in_2019_init_was_free_and_duration_billed_by_100_ms() -> None:
    assert logs.billed(100.01, 542.0, 100, init_is_billed=False) == 200


def test_an_invocation_that_takes_no_time_is_billed_one_unit() -> None:
    assert logs.billed(0.0, None, 100, init_is_billed=False) == 100


def test_each_line_is_an_event_once_it_is_complete() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"one\ntw") == ["one"]
    assert splitter.feed(b"o\n\nthree") == ["two", ""]
    assert splitter.flush() == ["three"]


def test_after_its_end_a_splitter_has_nothing_left() -> None:
    splitter = LineSplitter()
    splitter.feed(b"rest")
    splitter.flush()
    assert splitter.flush() == []


def test_a_carriage_return_inside_a_line_continues_its_event() -> None:
    assert LineSplitter().feed("[ERROR] x\rTraceback:\r\u00a0 File\n".encode()) == [
        "[ERROR] x\nTraceback:\n\u00a0 File"
    ]


def test_windows_line_ends_leave_nothing_behind() -> None:
    assert LineSplitter().feed(b"one\r\ntwo\r\n") == ["one", "two"]


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert LineSplitter().feed(b"caf\xe9\n") == ["caf\ufffd"]


def test_a_character_in_two_pieces_stays_whole() -> None:
    splitter = LineSplitter()
    snowman = "☃".encode()
    assert splitter.feed(snowman[:1]) == []
    assert splitter.feed(snowman[1:] + b"\n") == ["☃"]


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_long_line_is_cut_at_256_kb_without_empty_events(extra: int) -> None:
    whole = LineSplitter().feed(b"x" * (MAX_EVENT_BYTES + extra) + b"\n")
    assert [len(event) for event in whole] == (
        [MAX_EVENT_BYTES, 1] if extra == 1 else [MAX_EVENT_BYTES + extra]
    )


def test_a_line_without_end_is_not_held_beyond_256_kb() -> None:
    assert len(LineSplitter().feed(b"x" * (2 * MAX_EVENT_BYTES + 1))) == 2


def test_a_long_line_in_pieces_is_cut_like_a_whole_one() -> None:
    splitter = LineSplitter()
    events = splitter.feed(b"x" * MAX_EVENT_BYTES)
    events += splitter.feed(b"\n")
    assert [len(event) for event in events] == [MAX_EVENT_BYTES]


@pytest.mark.parametrize("size", [1000, 65_536, 1 << 20])
def test_a_long_line_is_cut_between_characters(size: int) -> None:
    line = "a" + "€" * 200_000
    written, splitter = f"{line}\n".encode(), LineSplitter()
    events = [
        event for at in range(0, len(written), size) for event in splitter.feed(written[at : at + size])
    ]
    assert "".join(events) == line
    assert [len(event.encode()) for event in events] == [262_144, 262_143, 75_714]


@pytest.mark.parametrize("size", [1000, 65_536, 1 << 20])
def test_what_becomes_longer_as_text_is_cut_by_the_length_of_that(size: int) -> None:
    written, splitter = b"\xff" * MAX_EVENT_BYTES + b"\n", LineSplitter()
    events = [
        event for at in range(0, len(written), size) for event in splitter.feed(written[at : at + size])
    ]
    assert [len(event.encode()) for event in events] == [262_143, 262_143, 262_143, 3]


def test_a_line_end_of_windows_behind_a_full_event_is_no_event() -> None:
    splitter = LineSplitter()
    line = b"x" * MAX_EVENT_BYTES + b"\r\n"
    assert len(LineSplitter().feed(line)) == 1
    assert len([event for byte in (line[:-1], line[-1:]) for event in splitter.feed(byte)]) == 1


def comes_the_same(whole: bytes, data: st.DataObject) -> None:
    at_once, in_pieces = LineSplitter(), LineSplitter()
    expected = at_once.feed(whole) + at_once.flush()
    events = []
    while whole:
        cut = data.draw(st.integers(1, len(whole)))
        events += in_pieces.feed(whole[:cut])
        whole = whole[cut:]
    assert events + in_pieces.flush() == expected


@given(
    st.lists(st.sampled_from([b"a", b"\n", b"\r", "é".encode(), b"\xff", b"bc\nd"]), max_size=40), st.data()
)
def test_events_are_the_same_however_the_bytes_arrive(parts: list[bytes], data: st.DataObject) -> None:
    comes_the_same(b"".join(parts), data)


@pytest.fixture
def small_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of 7 bytes at most."""
    monkeypatch.setattr(logs, "MAX_EVENT_BYTES", 7)
    monkeypatch.setattr(logs, "_SURELY_ONE_EVENT", 2)


@pytest.mark.usefixtures("small_events")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from([b"a", b"\n", b"\r", "é".encode(), b"\xf0\x9f", b"\xff", "☃".encode()]), max_size=40
    ),
    st.data(),
)
def test_long_lines_are_cut_in_the_same_places_however_their_bytes_arrive(
    parts: list[bytes], data: st.DataObject
) -> None:
    comes_the_same(b"".join(parts), data)


@given(st.text(alphabet=st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=200))
def test_a_line_is_its_event(text: str) -> None:
    assert LineSplitter().feed(text.encode() + b"\n") == [text]
