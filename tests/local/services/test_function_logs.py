"""Log events on their way to CloudWatch Logs: in batches that it takes, each in its stream, none twice."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.local.logs import LogLine
from lambdaform.local.services.function_logs import FunctionLogs

#: What PutLogEvents takes at once.
EVENTS, BYTES = 10_000, 1_048_576


class _ThereAlreadyError(Exception):
    """What boto3 raises."""


@define
class Exceptions:
    """The client's exceptions."""

    ResourceAlreadyExistsException: type[Exception] = _ThereAlreadyError


@define
class Logs:
    """CloudWatch Logs as far as it is asked; it refuses what the real one would."""

    groups: set[str] = field(factory=set)
    streams: dict[tuple[str, str], list[str]] = field(factory=dict)
    exceptions: Exceptions = field(factory=Exceptions)

    def create_log_group(self, *, logGroupName: str) -> None:  # noqa: N803 - AWS's
        """Make a group."""
        if logGroupName in self.groups:
            raise _ThereAlreadyError
        self.groups.add(logGroupName)

    def create_log_stream(self, *, logGroupName: str, logStreamName: str) -> None:  # noqa: N803
        """Make a stream."""
        assert logGroupName in self.groups
        self.streams[logGroupName, logStreamName] = []

    def put_log_events(
        self,
        *,
        logGroupName: str,  # noqa: N803
        logStreamName: str,  # noqa: N803
        logEvents: list[dict[str, Any]],  # noqa: N803
    ) -> None:
        """Take a batch."""
        assert 1 <= len(logEvents) <= EVENTS
        assert sum(len(each["message"].encode()) + 26 for each in logEvents) <= BYTES
        assert all(each["message"] for each in logEvents)
        moments = [each["timestamp"] for each in logEvents]
        assert moments == sorted(moments)
        self.streams[logGroupName, logStreamName] += [each["message"] for each in logEvents]


def line(text: str, *, stream: str = "one", moment: float = 1_795_651_200.0) -> LogLine:
    return LogLine("shop", "/aws/lambda/shop", stream, None, text, moment)


def handed_over(*lines: LogLine) -> Logs:
    kept, service = FunctionLogs(), Logs()
    for each in lines:
        kept.put(each)
    kept.hand_over(lambda _: service)
    return service


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["one", "two"]), st.text(max_size=5), st.integers(1, 13_000)), max_size=40
    )
)
def test_every_event_arrives_in_its_stream_in_batches_that_are_taken(
    events: list[tuple[str, str, int]],
) -> None:
    lines = [line(text * times, stream=stream, moment=n) for n, (stream, text, times) in enumerate(events)]
    service = handed_over(*lines)
    for stream in ("one", "two"):
        expected = [each.text or " " for each in lines if each.stream == stream]
        assert service.streams.get(("/aws/lambda/shop", stream), []) == expected


def test_an_event_is_handed_over_once() -> None:
    kept, service = FunctionLogs(), Logs()
    kept.put(line("a"))
    kept.hand_over(lambda _: service)
    kept.put(line("b"))
    kept.hand_over(lambda _: service)
    assert service.streams["/aws/lambda/shop", "one"] == ["a", "b"]


def test_a_group_that_somebody_has_made_is_used() -> None:
    kept, service = FunctionLogs(), Logs(groups={"/aws/lambda/shop"})
    kept.put(line("a"))
    kept.hand_over(lambda _: service)
    assert service.streams["/aws/lambda/shop", "one"] == ["a"]


def test_of_more_than_are_kept_the_oldest_go() -> None:
    service = handed_over(*(line(str(n), moment=n) for n in range(10_005)))
    messages = service.streams["/aws/lambda/shop", "one"]
    assert (len(messages), messages[0]) == (10_000, "5")


def test_of_more_text_than_is_kept_the_oldest_goes() -> None:
    large = "x" * (1 << 18)
    service = handed_over(*(line(f"{n} {large}", moment=n) for n in range(100)))
    messages = service.streams["/aws/lambda/shop", "one"]
    assert sum(map(len, messages)) <= 16 << 20
    assert messages[-1].startswith("99 ")
