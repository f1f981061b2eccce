"""``--from``, ``synth --format stack`` and ``lambdaform schema``: stacks as data on the command line."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.command import Run, runner

CHECKOUT = Path(__file__).resolve().parents[2] / "examples" / "checkout"
ECHO = "def handler(event, context):\n    return event\n"
STACK = f"""\
name: echo
resources:
  Echo:
    class: Function
    runtime: python3.{sys.version_info.minor}
    handler: echo.handler
    code_uri: src
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "echo.py").write_text(ECHO)
    (tmp_path / "stack.yaml").write_text(STACK)
    return runner(monkeypatch, capsys)


def test_synth_writes_the_template_of_a_stack_as_data(run: Run) -> None:
    outcome = run("synth", "--from", "stack.yaml")
    assert (outcome.code, "Handler: echo.handler" in outcome.out) == (0, True)


def test_check_finds_what_is_wrong_at_the_documents_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(STACK.replace("echo.handler", "echo.handle"))
    outcome = run("check", "--from", "stack.yaml")
    assert (outcome.code, outcome.out.startswith("stack.yaml:6: ")) == (1, True)


def test_invoke_runs_a_function_of_a_stack_as_data(run: Run) -> None:
    outcome = run("invoke", "--from", "stack.yaml", "-e", '{"a": 1}')
    assert (outcome.code, json.loads(outcome.out)) == (0, {"a": 1}), outcome.err


def test_a_mistake_is_told_with_line_column_and_path(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(STACK + "    timeout: 901\n")
    outcome = run("synth", "--from", "stack.yaml")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Error: stack.yaml:8:5: resources.Echo.timeout: ")


def test_all_mistakes_are_findings_where_findings_are_data(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(STACK + "    timeout: 901\n    memroy_size: 128\n")
    outcome = run("check", "--from", "stack.yaml", "--output-format", "json")
    found = [(each["rule"], each["line"]) for each in json.loads(outcome.out)["findings"]]
    assert (outcome.code, found) == (2, [("LF101", 8), ("LF106", 9)])


def test_a_stack_as_data_that_is_not_there_is_told(run: Run) -> None:
    outcome = run("synth", "--from", "nowhere.yaml")
    assert (outcome.code, "nowhere.yaml cannot be read" in outcome.err) == (2, True)


def test_two_sources_are_refused(run: Run) -> None:
    outcome = run("synth", "--from", "stack.yaml", "--template", "template.yaml")
    assert (outcome.code, outcome.err) == (
        2,
        "Error: --template and --from name two sources. Give one of them.\n",
    )


def test_a_stack_as_data_has_no_stages(run: Run) -> None:
    outcome = run("synth", "--from", "stack.yaml", "--stage", "prod")
    assert (outcome.code, outcome.err) == (
        2,
        "Error: --stage is given, and a stack as data has no stages. "
        "Leave it out, or write a document for each stage.\n",
    )


def test_the_project_names_a_stack_as_data(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.lambdaform]\nfrom = "stack.yaml"\n')
    assert "Handler: echo.handler" in run("synth").out


@pytest.mark.parametrize(("output_format", "file"), [("yaml", "stack.yaml"), ("json", "stack.json")])
def test_an_app_as_data_makes_the_same_template(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output_format: str, file: str
) -> None:
    shutil.copytree(CHECKOUT, tmp_path / "checkout")
    monkeypatch.chdir(tmp_path / "checkout")
    document = run("synth", "--format", "stack", "--output-format", output_format).out
    (tmp_path / "checkout" / file).write_text(document)
    assert run("synth", "--from", file).out == run("synth").out


def test_a_template_as_data_makes_the_same_template(run: Run, tmp_path: Path) -> None:
    template = run("synth", "--from", "stack.yaml").out
    (tmp_path / "template.yaml").write_text(template)
    (tmp_path / "again.yaml").write_text(run("synth", "--template", "template.yaml", "--format", "stack").out)
    assert run("synth", "--from", "again.yaml").out == template


def test_a_stack_as_data_is_no_assembly(run: Run) -> None:
    outcome = run("synth", "--from", "stack.yaml", "--format", "stack", "-o", "build")
    assert (outcome.code, outcome.err) == (
        2,
        "Error: --format stack makes no assembly. Leave --output out, and redirect the text.\n",
    )


def test_schema_prints_a_schema(run: Run) -> None:
    outcome = run("schema", "stack")
    assert json.loads(outcome.out)["title"] == "A lambdaform stack"


def test_an_unknown_schema_is_told(run: Run) -> None:
    outcome = run("schema", "stak")
    assert (outcome.code, outcome.err) == (2, "Error: There is no schema 'stak'. Did you mean 'stack'?\n")
