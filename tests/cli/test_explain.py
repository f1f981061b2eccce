"""``lambdaform explain``: one rule by any of its names, or all of them."""

from __future__ import annotations

import pytest

from lambdaform.check.rule import rules
from tests.cli.command import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


def test_a_rule_is_explained(run: Run) -> None:
    outcome = run("explain", "LF402")
    lines = outcome.out.splitlines()
    assert (outcome.code, outcome.err, lines[0]) == (0, "", "LF402 old-runtime (warning)")
    assert [title for title in lines if title in ("Why", "Wrong", "Right", "Suppress", "Source")] == [
        "Why",
        "Wrong",
        "Right",
        "Suppress",
        "Source",
    ]
    assert "        Runtime: python3.8  # wrong" in lines
    assert "  https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html" in lines


@pytest.mark.parametrize("name", ["old-runtime", "E2531"])
def test_a_rule_goes_by_other_names_too(run: Run, name: str) -> None:
    assert run("explain", name).out == run("explain", "LF402").out


def test_all_rules_are_listed_by_group(run: Run) -> None:
    lines = run("explain").out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  LF")] == list(rules())
    assert lines[0] == "The definition as a whole"
    assert "  LF402  warning  old-runtime" in "\n".join(lines)


def test_an_unknown_rule_is_a_mistake_with_the_nearest(run: Run) -> None:
    outcome = run("explain", "old-runtimes")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "Error: There is no rule 'old-runtimes'. Did you mean 'old-runtime'?\n"


@pytest.mark.parametrize("rule", rules(), ids=str)
def test_every_rule_can_be_explained(run: Run, rule: str) -> None:
    assert run("explain", rule).out.startswith(f"{rule} {rules()[rule].name} (")
