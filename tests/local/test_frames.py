"""The frames in which a runtime may write its log: each is one event, however its bytes come."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.frames import FrameSplitter
from lambdaform.local.logs import MAX_EVENT_BYTES


def frame(message: bytes, kind: int = 0xA55A0003) -> bytes:
    time = bytes(8) if kind & 2 else b""
    return kind.to_bytes(4, "big") + len(message).to_bytes(4, "big") + time + message


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), min_size=1), max_size=5
    ),
    st.data(),
)
def test_each_frame_is_one_event_wherever_its_bytes_are_cut(messages: list[str], data: st.DataObject) -> None:
    whole = b"".join(frame(each.encode()) for each in messages)
    at = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    splitter = FrameSplitter()
    texts = [text for a, b in itertools.pairwise([0, *at, len(whole)]) for text in splitter.feed(whole[a:b])]
    assert texts == [each.removesuffix("\n") for each in messages]
    assert not splitter.has_rest


def test_a_frame_may_be_without_a_time_and_with_a_level() -> None:
    assert FrameSplitter().feed(frame(b"old", 0xA55A0001) + frame(b"warning", 0xA55A001B)) == [
        "old",
        "warning",
    ]


def test_a_message_over_256_kb_is_several_events() -> None:
    texts = FrameSplitter().feed(frame(b"x" * (MAX_EVENT_BYTES + 10)))
    assert [len(text) for text in texts] == [MAX_EVENT_BYTES, 10]


def test_of_a_length_that_is_never_reached_no_more_is_kept_than_one_event() -> None:
    splitter = FrameSplitter()
    head = frame(b"")[:4] + (0xFFFF_FFFF).to_bytes(4, "big") + bytes(8)
    sizes = [len(text) for text in splitter.feed(head)]
    for number in range(8):
        sizes += [len(text) for text in splitter.feed(b"x" * MAX_EVENT_BYTES)]
        assert sum(sizes) >= number * MAX_EVENT_BYTES
    assert sizes + [len(text) for text in splitter.flush()] == [MAX_EVENT_BYTES] * 8


def test_a_long_message_is_cut_between_characters() -> None:
    message = "a" + "€" * 200_000
    whole = frame(message.encode())
    splitter = FrameSplitter()
    texts = [text for at in range(0, len(whole), 65_536) for text in splitter.feed(whole[at : at + 65_536])]
    assert "".join(texts) == message
    assert max(len(text.encode()) for text in texts) <= MAX_EVENT_BYTES


def test_what_is_no_frame_counts_as_lines() -> None:
    splitter = FrameSplitter()
    assert splitter.feed(b"this is no frame\nnor this") == ["this is no frame"]
    assert splitter.has_rest
    assert splitter.flush() == ["nor this"]
    assert splitter.feed(frame(b"but this")) == ["but this"]


def test_half_a_frame_is_told_when_its_process_stands_still() -> None:
    splitter = FrameSplitter()
    assert splitter.feed(frame(b"whole")[:-2]) == []
    assert splitter.flush() == ["who"]
    assert not splitter.has_rest
