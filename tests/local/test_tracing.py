"""Traces: which one an event belongs to, whether it is sampled, and what the log says of it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.tracing import Tracing, log_line
from tests.local.lab import Lab

HEADER = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]")
CALLERS = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=%s"
TRACE = "import os\ndef handler(event, context):\n    return os.environ['_X_AMZN_TRACE_ID']\n"


def configured(mode: str, name: str = "f") -> FunctionConfiguration:
    return FunctionConfiguration(
        function_name=name,
        function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        runtime="python3.13",
        handler="index.handler",
        code=Path(),
        opt=Path(),
        tracing_mode=mode,
    )


def tracing(*moments: float) -> Tracing:
    """Traces at these moments, one after the other."""
    times = iter(moments or (0.0,) * 10_000)
    return Tracing(random.Random(1), lambda: next(times))


def sampled(header: str) -> bool:
    return header.endswith(";Sampled=1")


def test_without_active_tracing_nothing_is_sampled() -> None:
    traces = tracing()
    assert not any(sampled(traces.header(configured("PassThrough"), None)) for _ in range(100))


def test_active_tracing_samples_the_first_event_of_each_second() -> None:
    traces = tracing(0.0, 0.5, 1.0, 1.9, 2.0)
    assert [sampled(traces.header(configured("Active"), None)) for _ in range(5)] == [
        True,
        False,
        True,
        False,
        True,
    ]


def test_active_tracing_samples_one_in_twenty_of_the_others() -> None:
    traces = tracing()
    count = sum(sampled(traces.header(configured("Active"), None)) for _ in range(10_000))
    assert 400 < count < 600


def test_each_function_has_its_own_first_event_of_a_second() -> None:
    traces = tracing()
    assert all(sampled(traces.header(configured("Active", name), None)) for name in ("f", "g"))


@pytest.mark.parametrize("decision", ["0", "1"])
@pytest.mark.parametrize("mode", ["Active", "PassThrough"])
def test_the_callers_trace_and_decision_are_followed(mode: str, decision: str) -> None:
    header = tracing().header(configured(mode), CALLERS % decision)
    assert header.startswith("Root=1-5759e988-bd862e3fe1be46a994272793;")
    assert sampled(header) is (decision == "1")


def test_pass_through_keeps_the_callers_segment_and_active_tracing_makes_its_own() -> None:
    assert tracing().header(configured("PassThrough"), CALLERS % 1) == CALLERS % 1
    assert "Parent=53995c3f42cd8ad8" not in tracing().header(configured("Active"), CALLERS % 1)


@given(
    given=st.one_of(
        st.none(),
        st.text(max_size=80),
        st.from_regex(r"(Root|Parent|Sampled|Self|Lineage)=[-0-9a-f?\r\n]{0,40}(;|$)"),
    ),
    mode=st.sampled_from(["Active", "PassThrough"]),
)
def test_whatever_a_caller_sends_the_function_gets_a_header(given: str | None, mode: str) -> None:
    assert HEADER.fullmatch(tracing().header(configured(mode), given))


def test_a_trace_that_is_not_sampled_is_not_in_the_log() -> None:
    assert log_line(CALLERS % 0) is None


def test_report_has_the_trace_in_a_second_line(lab: Lab) -> None:
    outcome = lab.invoke(lab.function(TRACE, tracing_mode="Active"))
    root, parent, _ = [part.partition("=")[2] for part in outcome.value.split(";")]
    report = outcome.log[-1]
    assert report.startswith(f"REPORT RequestId: {outcome.request_id}\t")
    assert report.split("\n")[1] == f"XRAY TraceId: {root}\tSegmentId: {parent}\tSampled: true\t"


def test_report_of_a_function_without_active_tracing_has_no_trace(lab: Lab) -> None:
    outcome = lab.invoke(lab.function(TRACE), trace=CALLERS % 1)
    assert outcome.value == CALLERS % 1
    assert "XRAY" not in outcome.log[-1]
