"""Linters' findings: at the user's lines, told once, not what our rules say, and suppressed as ours are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lambdaform.check.findings import Finding, check, counting, findings_of
from lambdaform.check.rule import Level
from lambdaform.check.settings import Settings
from lambdaform.errors import UsageError
from lambdaform.lint import findings as lint_findings
from lambdaform.lint.cfn_lint import CfnLint
from lambdaform.lint.findings import lint
from lambdaform.load.app import load_app
from lambdaform.load.template import load_file
from lambdaform.model.stack import Stack
from lambdaform.synth.sam_transform import refusals
from tests.cli.command import runner

pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
HEAD = "from lambdaform import Function, Queue, Runtime, Stack, Topic\n\nstack = Stack('shop')\n"
FUNCTION = (
    "stack.add(Function('Fn', runtime=Runtime.PYTHON_3_13, handler='index.handler',\n"
    "    inline_code='def handler(event, context): pass'%s))\n"
)
STRANGE = "stack.add(Queue('Orders',\n    raw={'Strange': 1}%s))\n"


def app(folder: Path, text: str) -> Stack:
    file = folder / "app.py"
    file.write_text(HEAD + text)
    return load_app(file)


def template(folder: Path, text: str) -> Stack:
    file = folder / "template.yaml"
    file.write_text(text)
    return load_file(file)


def linted(stack: Stack, settings: Settings | None = None) -> list[Finding]:
    return lint(stack, {}, settings or Settings(), check(stack))


def places(found: list[Finding]) -> list[tuple[str, int]]:
    return [(each.rule, each.location.line if each.location else 0) for each in found]


def test_a_right_stack_has_no_findings(tmp_path: Path) -> None:
    assert linted(app(tmp_path, FUNCTION % "")) == []


def test_a_finding_is_at_the_line_of_python(tmp_path: Path) -> None:
    [finding] = linted(app(tmp_path, STRANGE % ""))
    assert (places([finding]), finding.level, finding.resources) == ([("E3002", 5)], Level.ERROR, ("Orders",))
    assert finding.about.tool == "cfn-lint"
    assert finding.about.source.startswith("https://")


def test_a_finding_is_at_the_line_of_a_template(tmp_path: Path) -> None:
    text = "Resources:\n  Orders:\n    Type: AWS::SQS::Queue\n    Properties:\n      Strange: 1\n"
    assert places(linted(template(tmp_path, text))) == [("E3002", 5)]


def test_what_only_the_expanded_template_shows_is_at_the_sam_resource(tmp_path: Path) -> None:
    # cfn-lint does not look into SAM's properties; the expanded function has the wrong role.
    found = linted(app(tmp_path, FUNCTION % ",\n    role='arn:aws:iam::1:role/fn'"))
    assert places(found) == [("E3031", 6)]
    assert found[0].resources == ("Fn",)


def test_what_both_forms_have_is_told_once(tmp_path: Path) -> None:
    text = FUNCTION % "" + STRANGE % ""
    assert places(linted(app(tmp_path, text))) == [("E3002", 7)]


def test_what_our_rules_say_is_not_told_again(tmp_path: Path) -> None:
    stack = template(
        tmp_path,
        "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.7\n"
        "      Handler: index.h\n      Role: arn:aws:iam::123456789012:role/fn\n      Code: {ZipFile: h = print}\n"
        "      Timeout: 901\n      MemorySize: !GetAtt Fn.Memory\n",
    )
    assert {"LF101", "LF114", "LF402"} <= {each.rule for each in check(stack)}
    assert linted(stack) == []


def test_a_circle_is_told_once_for_all_that_are_in_it(tmp_path: Path) -> None:
    stack = template(
        tmp_path,
        "Resources:\n  A: {Type: AWS::SQS::Queue, DependsOn: B}\n  B: {Type: AWS::SQS::Queue, DependsOn: A}\n",
    )
    assert linted(stack) == []


def test_what_is_deeper_in_a_property_that_our_rules_refuse_is_not_told_again(tmp_path: Path) -> None:
    # Ours is at the property, cfn-lint's at its value.
    stack = template(tmp_path, "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    DependsOn: [Nowhere]\n")
    assert [each.rule for each in check(stack)] == ["LF201"]
    assert linted(stack) == []


def test_what_sam_refuses_is_not_told_again(tmp_path: Path) -> None:
    text = (
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n"
        "    Properties:\n      Runtime: python3.13\n      Handler: index.h\n      InlineCode: h = print\n"
        "      Events: {Web: {Type: Api, Properties: {Path: /, Method: get, Cors: x}}}\n"
    )
    stack = template(tmp_path, text)
    refused = findings_of(refusals(stack), stack)
    assert [each.rule for each in refused] == ["LF002"]
    assert lint(stack, {}, Settings(), refused) == []


def test_local_code_is_no_finding_as_it_becomes_an_asset(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "index.py").write_text("def handler(event, context): pass\n")
    code = FUNCTION.replace("inline_code='def handler(event, context): pass'", "code_uri='src'") % ""
    nested = "child = Stack('child')\nchild.add(Queue('Orders'))\nstack.nest('Child', child)\n"
    assert linted(app(tmp_path, code + nested)) == []


def test_advice_on_what_sam_makes_is_left_out(tmp_path: Path) -> None:
    # SAM keeps old versions without an UpdateReplacePolicy, which nobody can change.
    assert linted(app(tmp_path, FUNCTION % ",\n    auto_publish_alias='live'")) == []


def test_a_resource_suppresses_it_by_the_linters_id(tmp_path: Path) -> None:
    [finding] = linted(app(tmp_path, STRANGE % ", suppress={'E3002': 'it is new'}"))
    assert finding.suppression is not None
    assert (finding.suppression.reason, finding.suppression.by) == ("it is new", "resource")


def test_cfn_lints_own_directives_count(tmp_path: Path) -> None:
    directive = ", metadata={'cfn-lint': {'config': {'ignore_checks': ['E3002']}}}"
    [finding] = linted(app(tmp_path, STRANGE % directive))
    assert finding.suppression is not None
    assert (finding.suppression.reason, finding.suppression.by) == ("ignore_checks has E3002", "cfn-lint")


def test_cfn_lints_own_directives_do_not_count_for_our_rules(tmp_path: Path) -> None:
    directive = ",\n    metadata={'cfn-lint': {'config': {'ignore_checks': ['E2531', 'LF402']}}}"
    stack = app(tmp_path, FUNCTION.replace("3_13", "3_8") % directive)
    assert [each.rule for each in counting(check(stack))] == ["LF402"]


def test_the_project_ignores_it_and_gives_it_a_level(tmp_path: Path) -> None:
    stack = app(tmp_path, STRANGE % "")
    [ignored] = linted(stack, Settings(ignore={"E3002": "it is new"}))
    [lowered] = linted(stack, Settings(level={"E3002": Level.INFO}))
    assert ignored.suppression is not None
    assert lowered.level is Level.INFO


def test_without_sam_taking_it_the_written_form_is_linted_alone(tmp_path: Path) -> None:
    stack = app(tmp_path, FUNCTION % ", raw={'Surprise': 1}" + STRANGE % "")
    assert ("E3002", 7) in places(linted(stack))


def test_cloudformation_validate_adds_what_cfn_lint_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cloudformation_validate", reason="CloudFormation Validate is not installed")
    stack = app(tmp_path, STRANGE % "")
    assert [each.about.tool for each in linted(stack)] == ["cfn-lint"]
    monkeypatch.setattr(CfnLint, "remarks", lambda self, template: iter(()))
    [finding] = linted(stack)
    assert (finding.rule, finding.about.tool, places([finding])) == (
        "F3002",
        "cloudformation-validate",
        [("F3002", 5)],
    )


def test_one_suppression_is_for_both_linters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cloudformation_validate", reason="CloudFormation Validate is not installed")
    monkeypatch.setattr(CfnLint, "remarks", lambda self, template: iter(()))
    [finding] = linted(app(tmp_path, STRANGE % ", suppress={'E3002': 'it is new'}"))
    assert (finding.rule, finding.suppression is not None) == ("F3002", True)


def test_without_cloudformation_validate_cfn_lint_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint_findings, "is_installed", lambda: False)
    assert places(linted(app(tmp_path, STRANGE % ""))) == [("E3002", 5)]


def test_without_cfn_lint_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == "cfnlint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cfnlint", None)
    monkeypatch.setattr(lint_findings, "_cfn_lint", CfnLint)
    with pytest.raises(UsageError, match=r"pip install 'lambdaform\[lint\]'"):
        linted(app(tmp_path, FUNCTION % ""))


def with_settings(settings: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give cfn-lint settings in the current folder, which it reads when it is made."""
    Path(".cfnlintrc").write_text(settings)
    monkeypatch.setattr(lint_findings, "_cfn_lint", CfnLint)


def test_cfn_lints_settings_are_for_both_linters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with_settings("ignore_checks: [E3002]", monkeypatch)
    assert linted(app(tmp_path, STRANGE % "")) == []


@pytest.mark.parametrize("settings", ["strange: 1", "regions: [", "append_rules: [nowhere]", "- a"])
def test_settings_that_cfn_lint_does_not_take_are_told(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with_settings(settings, monkeypatch)
    with pytest.raises(UsageError, match=r"cfn-lint does not take its settings: "):
        linted(app(tmp_path, FUNCTION % ""))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with something that only linters see."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(HEAD + STRANGE % ", suppress={'W3005': 'so'}")
    return tmp_path


def test_check_lints_on_request(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = runner(monkeypatch, capsys)
    assert run("check").code == 0
    outcome = run("check", "--lint")
    assert outcome.code == 1
    assert "app.py:5: error E3002: Additional properties are not allowed" in outcome.out
    # Only a check that lints can tell that a linter's finding is no more there.
    assert "info LF903: Orders suppresses W3005" in outcome.out
    assert "LF903" not in run("check").out


def test_check_lints_where_the_project_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = runner(monkeypatch, capsys)
    Path("pyproject.toml").write_text("[tool.lambdaform.check]\nlint = true\n")
    assert run("check").code == 1
    assert run("check", "--no-lint").code == 0


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_linters_findings_are_in_every_output(
    project: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = runner(monkeypatch, capsys)("check", "--lint", "--output-format", form)
    assert "E3002" in outcome.out
