"""``lambdaform check`` for machines: what goes to standard output or a file, whatever is found or wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Run, runner

APP = """\
from lambdaform import Function, Stack
stack = Stack("shop")
stack.add(Function("Fn", runtime="python3.13", handler="index.handler", inline_code="def handler(e, c): pass"EXTRA))
"""
OLD = APP.replace("python3.13", "python3.8")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project as the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def app(text: str, extra: str = "") -> None:
    Path("app.py").write_text(text.replace("EXTRA", extra))


def rules_in(text: str, form: str) -> list[str]:
    """The ids of the rules in an output."""
    if form == "github":
        lines = [line for line in text.splitlines() if line.startswith("::")]
        return [line.partition("title=")[2].partition(" ")[0] for line in lines]
    data: Any = json.loads(text)
    if form == "json":
        return [each["rule"] for each in data["findings"]]
    return [each["ruleId"] for each in data["runs"][0]["results"]]


FORMS = pytest.mark.parametrize("form", ["json", "sarif", "github"])


@FORMS
def test_findings_go_to_standard_output_alone(run: Run, form: str) -> None:
    app(OLD)
    outcome = run("check", "--output-format", form)
    assert (outcome.code, rules_in(outcome.out, form), outcome.err) == (1, ["LF402"], "")


@FORMS
def test_no_findings_are_a_whole_output(run: Run, form: str) -> None:
    app(APP)
    outcome = run("check", "--output-format", form)
    assert (outcome.code, rules_in(outcome.out, form), outcome.err) == (0, [], "")


@FORMS
def test_all_that_is_wrong_in_a_definition_are_findings(run: Run, form: str) -> None:
    app(APP, ", timeout=901, memory_size=1")
    outcome = run("check", "--output-format", form)
    assert (outcome.code, rules_in(outcome.out, form), outcome.err) == (2, ["LF101", "LF101"], "")


@FORMS
def test_an_exception_in_the_app_is_a_finding(run: Run, form: str) -> None:
    app(APP, ", timeout=TIMEOUT")
    outcome = run("check", "--output-format", form)
    assert (outcome.code, rules_in(outcome.out, form)) == (2, ["LF003"])


@FORMS
def test_a_template_that_cannot_be_read_is_a_finding(run: Run, form: str) -> None:
    Path("t.yaml").write_text("Resources: [1\n")
    outcome = run("check", "--template", "t.yaml", "--output-format", form)
    assert (outcome.code, rules_in(outcome.out, form)) == (2, ["LF001"])


@FORMS
def test_code_that_is_not_there_is_a_finding_beside_the_others(run: Run, form: str) -> None:
    app(OLD.replace('inline_code="def handler(e, c): pass"', 'code_uri="src"'))
    outcome = run("check", "--output-format", form)
    assert outcome.code == 2
    assert rules_in(outcome.out, form)[0] == "LF402"
    assert len(rules_in(outcome.out, form)) == 2


@FORMS
def test_a_file_that_is_not_there_is_a_mistake_in_the_command(run: Run, form: str) -> None:
    outcome = run("check", "--output-format", form)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Error: There is no app.py.")


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_an_output_may_be_a_file(run: Run, form: str) -> None:
    app(OLD)
    shown = run("check", "--output-format", form).out
    outcome = run("check", "--output-format", form, "--output", "findings")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "")
    assert Path("findings").read_text() == shown


def test_a_file_that_cannot_be_written_is_told(run: Run) -> None:
    app(OLD)
    outcome = run("check", "--output", "nowhere/findings")
    assert outcome.code == 2
    assert "The output file nowhere/findings cannot be written: no such file or directory." in outcome.err


def test_suppressed_findings_are_in_the_data_and_no_annotations(run: Run) -> None:
    app(OLD, ', suppress={"LF402": "until March"}')
    data = json.loads(run("check", "--output-format", "json").out)
    [result] = json.loads(run("check", "--output-format", "sarif").out)["runs"][0]["results"]
    assert [each["reason"] for each in data["findings"]] == ["until March"]
    assert result["suppressions"] == [{"kind": "inSource", "justification": "until March"}]
    assert run("check", "--output-format", "github").out == "1 suppressed\n"


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_suppressed_findings_may_be_left_out_of_the_data(run: Run, form: str) -> None:
    app(OLD, ', suppress={"LF402": "until March"}')
    assert rules_in(run("check", "--output-format", form, "--hide-suppressed").out, form) == []


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_half_a_character_becomes_its_escape(run: Run, form: str) -> None:
    app(OLD, r', suppress={"LF402": "\udc80"}')
    text = run("check", "--output-format", form).out
    assert "\\udc80" in text
    assert rules_in(text, form) == ["LF402"]


def test_a_needless_suppression_is_info_and_fails_on_request(run: Run) -> None:
    app(APP, ', suppress={"LF402": "until March"}')
    outcome = run("check")
    assert (outcome.code, "info LF903: Fn suppresses LF402" in outcome.out) == (0, True)
    assert run("check", "--fail-on", "info").code == 1


def test_a_suppression_of_what_sam_refuses_is_used(run: Run) -> None:
    Path("t.yaml").write_text(
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n"
        "    Metadata: {lambdaform: {suppress: {LF002: a macro takes it away}}}\n"
        "    Properties:\n      Runtime: python3.13\n      Handler: index.h\n      InlineCode: h = print\n"
        "      Surprise: 1\n"
    )
    outcome = run("check", "--template", "t.yaml")
    assert outcome.code == 0
    assert outcome.out.startswith("t.yaml:2: suppressed error LF002: SAM refuses Fn")
    assert "(a macro takes it away)\n\nStack" in outcome.out
    assert outcome.out.endswith(": no findings in 1 resource, 1 suppressed.\n")


def test_a_check_brings_nothing_that_only_pages_and_settings_need() -> None:
    app(OLD)
    program = (
        "import sys\nfrom lambdaform.cli.main import main\nsys.argv = ['lambdaform', 'check']\n"
        "try:\n    main()\nexcept SystemExit:\n    print(*sys.modules, sep='\\n')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    brought = set(done.stdout.splitlines())
    assert "lambdaform.check.findings" in brought
    unneeded = {"lambdaform.check.cases", "lambdaform.check.why", "lambdaform.cli.project", "tomllib", "rich"}
    assert brought & unneeded == set()
    assert not {each for each in brought if each.startswith(("lambdaform.lint", "cfnlint", "rich."))}
