"""``lambdaform synth`` and ``lambdaform check``: what they write where, and their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.command import Run, runner

EXAMPLE = Path(__file__).parents[2] / "examples" / "checkout"
APP = """\
from lambdaform import Function, Stack
def app(stage):
    stack = Stack(f"shop-{stage}")
    stack.add(Function("Fn", runtime="python3.13", handler="index.handler", inline_code="def handler(e, c): pass"EXTRA))
    return stack
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(APP.replace("EXTRA", ""))
    return tmp_path


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example application as the current folder."""
    monkeypatch.chdir(EXAMPLE)
    return EXAMPLE


def test_synth_writes_sam_yaml_to_standard_output(run: Run, example: Path) -> None:
    outcome = run("synth")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (Path(__file__).parents[1] / "synth" / "checkout.yaml").read_text("utf-8")


def test_synth_writes_json_on_request(run: Run, example: Path) -> None:
    assert json.loads(run("synth", "--output-format", "json").out)["Resources"]["Checkout"]


def test_synth_expands_to_cloudformation(run: Run, example: Path) -> None:
    template = json.loads(run("synth", "--format", "cfn", "--output-format", "json").out)
    assert not [each for each in template["Resources"].values() if "Serverless" in each["Type"]]
    assert "Transform" not in template


def test_synth_writes_an_assembly(run: Run, example: Path, tmp_path: Path) -> None:
    outcome = run("synth", "-o", tmp_path / "out")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == f"{tmp_path / 'out' / 'template.yaml'} and 3 assets\n"


def test_synth_takes_an_app_from_anywhere(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("synth", "--app", EXAMPLE / "app.py").code == 0


def test_synth_takes_a_template(run: Run, project: Path) -> None:
    Path("t.yaml").write_text("Resources: {Queue: {Type: 'AWS::SQS::Queue'}}")
    assert "AWS::SQS::Queue" in run("synth", "--template", "t.yaml").out


def test_a_stage_makes_its_stack(run: Run, project: Path) -> None:
    assert run("check", "--stage", "prod").out == "Stack 'shop-prod': no findings in 1 resource.\n"


def test_without_a_stage_it_is_dev(run: Run, project: Path) -> None:
    assert "'shop-dev'" in run("check").out


def test_parameters_go_into_the_assembly(run: Run, example: Path, tmp_path: Path) -> None:
    run("synth", "-o", tmp_path / "out", "--parameter", "SubnetIds=subnet-1,subnet-2")
    given = json.loads((tmp_path / "out" / "parameters.json").read_text())
    assert given == [{"ParameterKey": "SubnetIds", "ParameterValue": "subnet-1,subnet-2"}]


def test_what_an_app_prints_is_no_part_of_the_template(run: Run, project: Path) -> None:
    Path("app.py").write_text("print('hello')\n" + Path("app.py").read_text())
    outcome = run("synth")
    assert "hello" not in outcome.out
    assert "hello" in outcome.err


def test_an_app_may_import_what_lies_beside_it(run: Run, project: Path) -> None:
    Path("names.py").write_text("NAME = 'one'\n")
    Path("app.py").write_text("from names import NAME\nfrom lambdaform import Stack\nstack = Stack(NAME)\n")
    assert "Stack 'one'" in run("check").out


def test_a_change_within_the_same_second_is_seen(run: Run, project: Path) -> None:
    Path("names.py").write_text("NAME = 'one'\n")
    Path("app.py").write_text("from names import NAME\nfrom lambdaform import Stack\nstack = Stack(NAME)\n")
    run("check")
    Path("app.py").write_text(
        "from names import NAME\nfrom lambdaform import Stack\nstack = Stack(NAME * 2)\n"
    )
    assert "Stack 'oneone'" in run("check").out


def test_two_apps_have_their_own_modules_of_one_name(run: Run, project: Path) -> None:
    for name in ("one", "two"):
        Path(name).mkdir()
        Path(name, "names.py").write_text(f"NAME = {name!r}\n")
        Path(name, "app.py").write_text(
            "from names import NAME\nfrom lambdaform import Stack\nstack = Stack(NAME)\n"
        )
    assert [
        "Stack 'one'" in run("check", "--app", "one/app.py").out,
        "Stack 'two'" in run("check", "--app", "two/app.py").out,
    ] == [True, True]


def test_loading_an_app_leaves_the_interpreter_as_it_was(run: Run, project: Path) -> None:
    before = list(sys.path)
    run("check")
    assert (sys.path, [name for name in sys.modules if name.startswith("__lambdaform_app__")]) == (before, [])


ONE_SUBNET = ', vpc_config={"subnet_ids": ["a"]}'
DANGLING = ', environment={"URL": ref("Nowhere")}'


def finding(project: Path, extra: str) -> None:
    (project / "app.py").write_text(
        APP.replace("EXTRA", extra).replace("import Function", "import ref, Function")
    )


def test_check_says_that_nothing_was_found(run: Run, example: Path) -> None:
    outcome = run("check")
    assert (outcome.code, outcome.out, outcome.err) == (
        0,
        "Stack 'checkout': no findings in 7 resources.\n",
        "",
    )


def test_check_shows_each_finding_at_its_line(run: Run, project: Path) -> None:
    finding(project, DANGLING)
    outcome = run("check")
    lines = outcome.out.splitlines()
    assert outcome.code == 1
    assert (
        lines[0] == "app.py:4: error LF201: Fn refers to 'Nowhere', which the stack 'shop-dev' does not have."
    )
    assert lines[1].startswith('  4 |     stack.add(Function("Fn"')
    assert lines[2].index("^") == lines[1].index("ref(")
    assert lines[-1] == "1 error"


def test_a_warning_is_a_finding(run: Run, project: Path) -> None:
    Path("t.yaml").write_text(
        "Resources: {Fn: {Type: 'AWS::Serverless::Function', Properties: "
        "{Runtime: python3.8, Handler: index.h, InlineCode: 'h = print'}}}"
    )
    outcome = run("check", "--template", "t.yaml")
    assert (outcome.code, outcome.out.splitlines()[-1]) == (1, "1 warning")


def test_check_asks_sam_where_the_rules_find_no_error(run: Run, project: Path) -> None:
    Path("t.yaml").write_text(
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n"
        "      Handler: index.h\n      InlineCode: h = print\n      Surprise: 1\n"
    )
    outcome = run("check", "--template", "t.yaml")
    assert outcome.code == 1
    assert "t.yaml:2: error LF002: SAM refuses Fn: property Surprise not defined" in outcome.out


def test_an_error_stops_the_synthesis(run: Run, project: Path) -> None:
    finding(project, DANGLING)
    outcome = run("synth", "-o", "out")
    assert (outcome.code, outcome.out, Path("out").exists()) == (1, "", False)
    assert "LF201" in outcome.err
    assert "Nothing was written." in outcome.err


def test_without_the_rules_it_is_written_all_the_same(run: Run, project: Path) -> None:
    finding(project, DANGLING)
    assert "!Ref Nowhere" in run("synth", "--no-check").out


def test_a_warning_does_not_stop_the_synthesis(run: Run, project: Path) -> None:
    Path("t.yaml").write_text(
        "Resources: {Fn: {Type: 'AWS::Serverless::Function', Properties: "
        "{Runtime: python3.8, Handler: index.h, InlineCode: 'h = print'}}}"
    )
    outcome = run("synth", "--template", "t.yaml")
    assert outcome.code == 0
    assert "LF402" in outcome.err
    assert yaml.safe_load(outcome.out)["Resources"]["Fn"]


@pytest.mark.parametrize("command", ["synth", "check"])
def test_help_names_every_option(run: Run, command: str) -> None:
    text = run(command, "--help").out
    for option in ("--app", "--template", "--stack", "--stage", "--parameter"):
        assert option in text


PROGRAM = Path(sys.executable).with_name("lambdaform")
real = pytest.mark.skipif(
    not PROGRAM.exists(), reason="the console script is not installed beside this Python"
)


@real
def test_the_program_itself_writes_the_template() -> None:
    done = subprocess.run([PROGRAM, "synth"], cwd=EXAMPLE, capture_output=True, check=True)
    assert yaml.safe_load(done.stdout.replace(b"!", b""))["Description"] == "Quotes baskets and takes orders"


@real
def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    # Far more than a pipe holds, so that writing goes on after the reader has left.
    resources = "".join(
        f"  P{n}: {{Type: 'AWS::SSM::Parameter', Properties: {{Value: {'v' * 3000}}}}}\n" for n in range(200)
    )
    (tmp_path / "t.yaml").write_text(f"Resources:\n{resources}")
    command = f"'{PROGRAM}' synth --template t.yaml | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("0", "")


@real
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told_in_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([PROGRAM, "synth"], cwd=EXAMPLE, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (2, "Error: No space left on device: the output.\n")


@real
def test_a_template_is_utf_8_whatever_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "Description: größer 漢\nResources: {Q: {Type: 'AWS::SQS::Queue'}}", "utf-8"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [PROGRAM, "synth", "--template", "t.yaml"], cwd=tmp_path, capture_output=True, env=environment
    )
    assert "Description: größer 漢" in done.stdout.decode("utf-8")


@real
def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run([PROGRAM, "synth"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "Interrupted.")
