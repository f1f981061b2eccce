"""A stack of 2019 is checked by what was true then, wherever it was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdaform import Function, HttpApiEvent, Queue, Runtime, SqsEvent, Stack
from lambdaform.check.findings import Finding, check
from lambdaform.load.template import load_file
from lambdaform.synth.assembly import as_written
from lambdaform.synth.yaml_writer import to_yaml

CODE: dict[str, Any] = {"handler": "index.handler", "inline_code": "def handler(event, context): pass"}


def old() -> Stack:
    return Stack("old", profile="2019-04-01")


def found(stack: Stack) -> list[tuple[str, str]]:
    return [(each.rule, each.what) for each in check(stack)]


def test_what_was_right_in_2019_is_no_finding_there() -> None:
    stack = old()
    stack.add(Function("Fn", runtime=Runtime.PYTHON_2_7, memory_size=3008, timeout=900, **CODE))
    assert found(stack) == []


def test_the_same_is_out_of_date_today() -> None:
    stack = Stack("new")
    stack.add(Function("Fn", runtime=Runtime.PYTHON_2_7, **CODE))
    assert "LF402" in [rule for rule, _ in found(stack)]


def test_what_is_right_today_is_no_finding_today() -> None:
    stack = Stack("new")
    stack.add(Function("Fn", runtime=Runtime.PYTHON_3_13, memory_size=200, architectures=["arm64"], **CODE))
    assert found(stack) == []


def test_a_later_limit_is_told_at_the_argument_with_the_profile_s_own() -> None:
    stack = old()
    stack.add(Function("Fn", runtime=Runtime.PYTHON_3_7, memory_size=200, **CODE))
    (finding,) = check(stack)
    assert finding.what == ("'Fn': memory_size is 200, which the profile 2019-04-01 does not allow.")
    assert finding.right == "It must be 128 to 3008 MB in steps of 64 (as of 2019-04-01)."
    assert _line(finding).strip().startswith("stack.add(Function(")


def _line(finding: Finding) -> str:
    assert finding.location is not None
    return Path(finding.location.file).read_text("utf-8").splitlines()[finding.location.line - 1]


def test_globals_are_checked_too() -> None:
    stack = old()
    stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, memory_size=10_240)
    stack.add(Function("Fn", **CODE))
    assert [rule for rule, _ in found(stack)] == ["LF701", "LF702"]


def test_an_event_source_that_came_later_is_told() -> None:
    stack = old()
    events = {"Web": HttpApiEvent()}
    stack.add(Function("Fn", runtime=Runtime.PYTHON_3_7, events=events, **CODE))
    [(rule, what)] = found(stack)
    assert (rule, "HTTP APIs, which came on 2020-03-12" in what) == ("LF701", True)


@pytest.mark.parametrize("fifo", [True, False])
def test_a_fifo_queue_is_no_source_in_2019(fifo: bool) -> None:
    stack = old()
    queue = stack.add(Queue("Jobs", fifo_queue=True if fifo else None, visibility_timeout=30))
    stack.add(Function("Fn", runtime=Runtime.PYTHON_3_7, events={"Jobs": SqsEvent(queue)}, **CODE))
    assert ("LF701" in [rule for rule, _ in found(stack)]) is fifo


def test_a_synthesised_template_keeps_its_profile(tmp_path: Path) -> None:
    stack = old()
    stack.metadata["Owner"] = "us"
    stack.add(Function("Fn", runtime=Runtime.PYTHON_3_7, memory_size=200, **CODE))
    file = tmp_path / "template.yaml"
    file.write_text(to_yaml(as_written(stack).template))
    loaded = load_file(file)
    assert (loaded.profile, loaded.metadata) == ("2019-04-01", {"Owner": "us"})
    assert [each.rule for each in check(loaded)] == ["LF703"]


def test_a_template_with_an_unknown_profile_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Metadata: {lambdaform: {profile: '2020'}}\nResources: {}\n")
    (finding,) = check(load_file(file))
    assert (finding.rule, "profile is '2020'" in finding.what) == ("LF103", True)


def test_an_assembly_carries_the_profile() -> None:
    assert as_written(old()).profile == "2019-04-01"
