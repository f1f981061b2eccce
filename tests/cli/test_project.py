"""The settings in ``pyproject.toml``: where they are found, what they do, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.cli.project import read_project
from lambdaform.errors import UsageError
from tests.cli.command import Run, runner

APP = """\
from lambdaform import Function, Stack
def app(stage):
    stack = Stack(f"shop-{stage}")
    stack.add(Function("Fn", runtime="python3.8", handler="index.handler", inline_code="def handler(e, c): pass"))
    return stack
"""
HEAD = "[project]\nname = 'shop'\n[tool.lambdaform]\n"
CHECK = "[tool.lambdaform.check]\n"
LEVELS = f"{CHECK}[tool.lambdaform.check.level]\n"
WHY = '"until the March release"'
IGNORE = 'ignore = { LF402 = "until March" }\n'


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def settings(text: str, folder: str = ".") -> None:
    Path(folder, "pyproject.toml").write_text(text)


@pytest.mark.parametrize(("name", "file"), [("app", "shop.py"), ("template", "a/t.yaml"), ("from", "s.yaml")])
def test_a_source_that_is_not_there_is_told_at_its_line(run: Run, name: str, file: str) -> None:
    settings(f'[tool.lambdaform]\nstage = "dev"\n{name} = "{file}"\n')
    done = run("check")
    assert done.code == 2
    assert f"pyproject.toml:3: There is no {file}. The path is relative to this file." in done.err


def test_a_source_that_is_not_there_does_not_matter_where_the_command_line_names_one(run: Run) -> None:
    settings('[tool.lambdaform]\napp = "shop.py"\n')
    assert "shop.py" not in run("check", "--app", "app.py").err


def test_without_settings_a_warning_fails(run: Run) -> None:
    assert run("check").code == 1


def test_a_rule_is_ignored_with_a_reason(run: Run) -> None:
    settings(CHECK + IGNORE)
    outcome = run("check")
    assert (outcome.code, outcome.out) == (0, "Stack 'shop-dev': no findings in 1 resource, 1 suppressed.\n")


def test_a_suppressed_finding_is_shown_on_request(run: Run) -> None:
    settings(CHECK + IGNORE)
    assert "  = Suppressed: until March\n" in run("check", "--show-suppressed").out


def test_a_rule_may_be_an_error(run: Run) -> None:
    settings(CHECK + 'level = { old-runtime = "error" }')
    assert run("check").out.splitlines()[-1] == "1 error"


def test_a_rule_that_is_made_an_error_stops_the_synthesis(run: Run) -> None:
    settings(CHECK + 'level = { LF402 = "error" }')
    assert (run("synth").code, run("synth").out) == (1, "")


def test_an_ignored_error_does_not_stop_the_synthesis(run: Run) -> None:
    settings(CHECK + IGNORE + 'level = { LF402 = "error" }')
    outcome = run("synth")
    assert outcome.code == 0
    assert "suppressed error LF402" in outcome.err


@pytest.mark.parametrize(("limit", "code"), [("error", 0), ("warning", 1), ("info", 1)])
def test_a_check_fails_from_a_level_on(run: Run, limit: str, code: int) -> None:
    settings(f'{CHECK}fail-on = "{limit}"')
    assert run("check").code == code


def test_the_command_line_wins(run: Run) -> None:
    settings(f'{HEAD}stage = "prod"\n{CHECK}fail-on = "error"')
    assert run("check", "--fail-on", "warning").code == 1
    assert "'shop-test'" in run("check", "--stage", "test", "--output-format", "json").out.replace('"', "'")


def test_they_name_the_app_relative_to_themselves(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("infra").mkdir()
    Path("app.py").rename("infra/stacks.py")
    settings(f'{HEAD}app = "infra/stacks.py"\nstage = "prod"\n')
    assert "infra/stacks.py:4: warning LF402" in run("check").out
    Path("src").mkdir()
    monkeypatch.chdir("src")
    assert "LF402" in run("check").out


def test_they_name_a_template(run: Run) -> None:
    Path("t.yaml").write_text("Resources: {Queue: {Type: 'AWS::SQS::Queue'}}")
    settings(f'{HEAD}template = "t.yaml"\n')
    assert "AWS::SQS::Queue" in run("synth").out


def test_a_source_on_the_command_line_is_taken_instead(run: Run) -> None:
    settings(f'{HEAD}template = "nowhere.yaml"\n')
    assert run("check", "--app", "app.py").out.splitlines()[-1] == "1 warning"


def test_they_are_looked_for_in_the_folder_of_the_app_and_upwards(run: Run) -> None:
    Path("one", "two").mkdir(parents=True)
    Path("app.py").rename("one/two/app.py")
    settings(CHECK + IGNORE, "one")
    assert run("check", "--app", "one/two/app.py").code == 0


def test_the_nearest_settings_count(run: Run) -> None:
    Path("one").mkdir()
    Path("app.py").rename("one/app.py")
    settings(CHECK + IGNORE)
    settings(CHECK, "one")
    assert run("check", "--app", "one/app.py").code == 1


def test_a_pyproject_without_settings_is_passed_by(run: Run) -> None:
    Path("one").mkdir()
    Path("app.py").rename("one/app.py")
    settings(CHECK + IGNORE)
    settings("[project]\nname = 'one'", "one")
    assert run("check", "--app", "one/app.py").code == 0


def test_a_repository_has_no_settings_from_outside(run: Run) -> None:
    Path("one", ".git").mkdir(parents=True)
    Path("app.py").rename("one/app.py")
    settings(CHECK + IGNORE)
    assert run("check", "--app", "one/app.py").code == 1


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (f"{HEAD}stages = 'dev'\n", 4, "[tool.lambdaform] has no setting 'stages'. Did you mean 'stage'?"),
        (f"{HEAD}stage = 1\n", 4, "stage is 1. It is a text: stage = \"…\"."),
        (f"{HEAD}app = 'a.py'\ntemplate = 't.yaml'\n", 5, "app and template name two sources. Give one of them."),
        (f"{HEAD}{CHECK}fail_on = 'error'", 5, "[tool.lambdaform.check] has no setting 'fail_on'. Did you mean 'fail-on'?"),
        (f"{CHECK}\nfail-on = 'eror'", 3, "fail-on is 'eror'. Did you mean 'error'?"),
        (f"{CHECK}lint = 'yes'", 2, "lint is 'yes'. It must be true or false."),
        (f"{CHECK}ignore = 1", 2, f"ignore is 1. It maps rules: ignore = {{ LF402 = {WHY} }}."),
        (f"{CHECK}ignore = {{ LF402 = '' }}", 2, f"LF402 is ignored without a reason. Say why: LF402 = {WHY}."),
        (f"{CHECK}ignore = {{ LF-402 = 'so' }}", 2, "'LF-402' is no rule. Did you mean 'LF402'?"),
        (f"{LEVELS}LF401 = 'error'\nLF402 = 'fatal'", 4, "LF402 is 'fatal'. It must be one of error, warning, info."),
        (f"{CHECK}lint = tru", 2, "It is not readable as TOML: Invalid value."),
        ("tool.lambdaform = 1", 1, "lambdaform is 1. It is a table: [tool.lambdaform]."),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_mistake_is_told_at_its_line(run: Run, text: str, line: int, what: str) -> None:
    settings(text)
    outcome = run("check")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines()[0] == f"Error: pyproject.toml:{line}: {what}"


VALUES = st.recursive(
    st.sampled_from(["1", "true", "''", "'error'", "'LF402'", "1979-05-27", "nan", '"""a\nb"""']),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from(["LF402", "old-runtime", "E3012", "LF9", "'a b'"]), inner, max_size=2
        ).map(lambda items: f"{{ {', '.join(f'{key} = {value}' for key, value in items.items())} }}")
    ),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ["app", "stage", "check", "check.lint", "check.ignore", "check.level", "check.fail-on", "x.y"]
)


@given(
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.sampled_from(["[tool.lambdaform]", "tool.lambdaform.x = 1", ""]),
)
def test_whatever_is_written_there_is_taken_or_told_at_a_line(table: dict[str, str], head: str) -> None:
    text = "\n".join([head, *(f"{key} = {value}" for key, value in table.items()), "# tool.lambdaform"])
    mistake = mistake_in(text.encode())
    assert mistake is None or (mistake.where and 1 <= mistake.where.line <= len(text.splitlines()))


@given(st.binary())
def test_what_is_no_toml_is_told(text: bytes) -> None:
    mistake = mistake_in(text)
    assert mistake is None or mistake.where


def mistake_in(text: bytes) -> UsageError | None:
    try:
        project = read_project(Path("pyproject.toml"), text)
        if project is not None:
            project.settings()
    except UsageError as error:
        return error
    return None
