"""Bad input to ``synth`` and ``check``: one clear sentence, exit code 2, no traceback of ours, nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from attrs import field, frozen

from tests.cli.command import Run, contents, runner

ROOT = Path(__file__).resolve().parent.parent.parent
#: The module and the function with which the installed command begins.
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MODULE, FUNCTION = PYPROJECT["project"]["scripts"]["lambdaform"].split(":")
GOOD = """\
from lambdaform import Function, Stack
stack = Stack("shop")
stack.parameter("Stage", default="dev", allowed_values=["dev", "prod"])
stack.add(Function("Fn", runtime="python3.13", handler="app.handler", code_uri="src"))
"""
ODD_SAM = (
    "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: "
    "{Odd: 1, InlineCode: x, Runtime: python3.13, Handler: index.x}}}"
)
TEMPLATE = "Resources: {Queue: {Type: 'AWS::SQS::Queue'}}\n"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, as the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())


@frozen
class Bad:
    """A project, the arguments, and what the one sentence says."""

    name: str
    files: dict[str, str | bytes]
    says: tuple[str, ...]
    arguments: tuple[str, ...] = field(default=())


CASES = [
    Bad("no-app", {}, ("There is no app.py.", "--app FILE")),
    Bad("named-app-missing", {}, ("There is no shop.py.",), ("--app", "shop.py")),
    Bad("app-is-a-folder", {"shop/x": "x"}, ("shop is not a file.",), ("--app", "shop")),
    Bad(
        "app-is-a-template",
        {"t.yaml": TEMPLATE},
        ("t.yaml is not a Python file.", "--template t.yaml"),
        ("--app", "t.yaml"),
    ),
    Bad(
        "syntax",
        {"app.py": "x = 1\nstack = Stack(\n"},
        ("app.py:2: syntax error: '(' was never closed.", "  2 | stack = Stack("),
    ),
    Bad(
        "indentation",
        {"app.py": "def f():\nreturn 1\n"},
        ("app.py:2: syntax error: expected an indented block",),
    ),
    Bad("null-byte", {"app.py": b"x = 1\x00\n"}, ("app.py", "null bytes")),
    Bad("not-utf-8", {"app.py": b"x = '\xff'\n"}, ("app.py", "utf-8")),
    Bad(
        "missing-import",
        {"app.py": "import nowhere\n"},
        ("app.py:1: app.py raised ModuleNotFoundError: No module named 'nowhere'",),
    ),
    Bad(
        "wrong-name",
        {"app.py": "from lambdaform import Functoin\n"},
        ("app.py:1: lambdaform has no 'Functoin'. Did you mean 'Function'?",),
    ),
    Bad(
        "wrong-name-in-the-module",
        {"app.py": "import lambdaform\nlambdaform.Alais\n"},
        ("app.py:2: lambdaform has no 'Alais'. Did you mean 'Alias'?", "  2 | lambdaform.Alais"),
    ),
    Bad(
        "wrong-runtime",
        {"app.py": "from lambdaform import Runtime\nRuntime.PYTHON_312\n"},
        ("app.py:2: Runtime has no 'PYTHON_312'. Did you mean 'PYTHON_3_12'?", "  2 | Runtime.PYTHON_312"),
    ),
    Bad(
        "wrong-attribute",
        {"app.py": "from lambdaform import Queue\nQueue('Orders').arnn\n"},
        ("app.py:2: Queue has no 'arnn'. Did you mean 'arn'?",),
    ),
    Bad(
        "no-logical-id",
        {"app.py": "from lambdaform import Function\nFunction(runtime='python3.13')\n"},
        ('app.py:2: Function has no logical id. Give it first: Function("Name", …).',),
    ),
    Bad(
        "no-value-for-a-property",
        {"app.py": "from lambdaform import CorsRule\nCorsRule()\n"},
        ("app.py:2: CorsRule lacks ", "allowed_methods"),
    ),
    Bad(
        "exception-in-a-library",
        {"app.py": "import json\njson.loads('{')\n"},
        ("app.py:2: app.py raised json.decoder.JSONDecodeError",),
    ),
    Bad(
        "exception",
        {"app.py": "def boom():\n    raise ValueError('no stage')\n\nboom()\n"},
        ("app.py:2: app.py raised ValueError: no stage", "line 4, in <module>", "line 2, in boom"),
    ),
    Bad(
        "exception-in-a-module",
        {"app.py": "import parts\n", "parts.py": "1 / 0\n"},
        ("parts.py:1: app.py raised ZeroDivisionError: division by zero",),
    ),
    Bad(
        "syntax-in-a-module",
        {"app.py": "import parts2\n", "parts2.py": "x = = 1\n"},
        ("parts2.py:1: syntax error",),
    ),
    Bad("recursion", {"app.py": "def f(): f()\nf()\n"}, ("raised RecursionError",)),
    Bad(
        "exit", {"app.py": "import sys\nsys.exit(0)\n"}, ("app.py:2: app.py ended the program: sys.exit(0).",)
    ),
    Bad(
        "exit-with-text",
        {"app.py": "raise SystemExit('bye')\n"},
        ("app.py:1: app.py ended the program: sys.exit('bye').",),
    ),
    Bad("generator-exit", {"app.py": "raise GeneratorExit\n"}, ("app.py raised GeneratorExit",)),
    Bad("asks-for-input", {"app.py": "input()\n"}, ("app.py raised",)),
    Bad("no-stack", {"app.py": "x = 1\n"}, ("app.py has no Stack.", 'stack = Stack("name")')),
    Bad(
        "two-stacks-of-one-name",
        {"app.py": "from lambdaform import Stack\na, b = Stack('one'), Stack('one')\n"},
        ("app.py has two stacks named 'one'.",),
    ),
    Bad(
        "unknown-stack",
        {"app.py": GOOD},
        ("app.py has no stack 'shpo'.", "Did you mean 'shop'?"),
        ("--stack", "shpo"),
    ),
    Bad(
        "template-instead-of-an-app",
        {"template.yaml": TEMPLATE},
        ("There is no app.py. There is template.yaml: name it with --template template.yaml.",),
    ),
    Bad(
        "document-instead-of-an-app",
        {"stack.yml": "name: a\n"},
        ("There is no app.py. There is stack.yml: name it with --from stack.yml.",),
    ),
    Bad(
        "app-without-a-stage",
        {"app.py": "x = 1\ndef app():\n    pass\n"},
        ("app.py:2: app() does not take the stage alone. Write def app(stage: str) -> Stack.",),
    ),
    Bad(
        "app-returns-nothing",
        {"app.py": "def app(stage):\n    pass\n"},
        ("app.py:1: app(stage) returned None. It must return a Stack, or a list of them.",),
    ),
    Bad(
        "app-returns-something-else",
        {"app.py": "def app(stage):\n    yield stage\n"},
        ("app.py:1: app(stage) returned 'dev'. It must return a Stack",),
    ),
    Bad("no-stages", {"app.py": GOOD}, ("has no function app(stage)",), ("--stage", "prod")),
    Bad(
        "stage-raises",
        {"app.py": "def app(stage):\n    raise KeyError(stage)\n"},
        ("app.py:2: app.py raised KeyError: 'prod'",),
        ("--stage", "prod"),
    ),
    Bad(
        "refused-value",
        {"app.py": GOOD.replace("handler=", "timeout=901, handler=")},
        ("app.py:4: Function 'Fn': timeout is 901.", "1 to 900 seconds"),
    ),
    Bad(
        "unknown-property",
        {"app.py": GOOD.replace("handler=", "memory=1, handler=")},
        ("app.py:4: Function has no property 'memory'.",),
    ),
    Bad(
        "id-taken",
        {"app.py": GOOD + 'stack.add(Function("Fn", code_uri="src"))\n'},
        ("the logical id 'Fn' is taken",),
    ),
    Bad(
        "no-template",
        {},
        ("The template t.yaml cannot be read: no such file or directory.",),
        ("--template", "t.yaml"),
    ),
    Bad(
        "template-is-a-folder",
        {"t/x": ""},
        ("The template t cannot be read: is a directory.",),
        ("--template", "t"),
    ),
    Bad(
        "template-is-binary",
        {"t.yaml": b"\x89PNG\xff"},
        ("t.yaml is not a text file in UTF-8.",),
        ("--template", "t.yaml"),
    ),
    Bad(
        "template-is-empty",
        {"t.yaml": ""},
        ("t.yaml is not a template: it is empty.",),
        ("--template", "t.yaml"),
    ),
    Bad(
        "template-is-a-list",
        {"t.json": "[1]"},
        ("t.json is not a template: it is a list.",),
        ("--template", "t.json"),
    ),
    Bad(
        "template-is-prose",
        {"t.txt": "Dear reader"},
        ("t.txt is not a template: it is plain text.",),
        ("--template", "t.txt"),
    ),
    Bad(
        "template-without-resources",
        {"t.yaml": "version: 2\nservices: {}\n"},
        ("t.yaml is not a template: it has no Resources section.",),
        ("--template", "t.yaml"),
    ),
    Bad(
        "template-broken",
        {"t.yaml": "Resources:\n  A: [\n"},
        ("t.yaml:2: Not readable as YAML or JSON",),
        ("--template", "t.yaml"),
    ),
    Bad(
        "template-with-odd-tag",
        {"t.yaml": "Resources:\n  A: !Odd x\n"},
        ("t.yaml:2: The tag !Odd is no intrinsic function.",),
        ("--template", "t.yaml"),
    ),
    Bad(
        "two-sources",
        {"app.py": GOOD, "t.yaml": TEMPLATE},
        ("--app and --template name two sources.",),
        ("--app", "app.py", "--template", "t.yaml"),
    ),
    Bad(
        "unknown-parameter",
        {"app.py": GOOD},
        ("Stack 'shop' has no parameter 'Stag'.", "Did you mean 'Stage'?"),
        ("--parameter", "Stag=dev"),
    ),
    Bad(
        "parameter-without-value",
        {"app.py": GOOD},
        ("--parameter 'Stage' has no value.", "NAME=VALUE"),
        ("--parameter", "Stage"),
    ),
    Bad(
        "parameter-not-allowed",
        {"app.py": GOOD},
        ("Parameter 'Stage' cannot be 'test'.", "dev, prod"),
        ("--parameter", "Stage=test"),
    ),
]


@pytest.mark.parametrize("command", ["synth", "check"])
@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
def test_one_sentence_says_what_is_wrong(run: Run, bad: Bad, command: str) -> None:
    write(bad.files)
    outcome = run(command, *bad.arguments)
    assert len([line for line in outcome.err.splitlines() if line.startswith("Error: ")]) == 1
    for words in bad.says:
        assert words in outcome.err


@pytest.mark.parametrize("command", ["synth", "check"])
@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
def test_the_exit_code_is_two_and_nothing_is_written(run: Run, bad: Bad, command: str, project: Path) -> None:
    write(bad.files)
    before = contents(project)
    outcome = run(command, *bad.arguments, *(["-o", "out"] if command == "synth" else []))
    after = {name: content for name, content in contents(project).items() if "__pycache__" not in name}
    assert (outcome.code, outcome.out, after) == (2, "", before)


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
def test_no_line_of_ours_is_shown(run: Run, bad: Bad) -> None:
    write(bad.files)
    err = run("synth", *bad.arguments).err
    frames = [line for line in err.splitlines() if line.startswith('  File "')]
    assert "Traceback" not in err
    assert [frame for frame in frames if "/lambdaform/" in frame or "importlib" in frame] == []


@pytest.mark.parametrize("head", ["", "def app(stage):\n"], ids=["at-the-top", "in-its-function"])
def test_what_an_app_prints_is_not_in_the_output(run: Run, head: str) -> None:
    body = "print('hello')\ns = Stack('a', description='b')\n"
    body = body.replace("\n", "\n    ").join(["    ", "return s\n"]) if head else body
    write({"app.py": f"from lambdaform import Stack\n{head}{body}"})
    outcome = run("check", "--output-format", "json")
    assert (outcome.out[0], outcome.err) == ("{", "hello\n")


def test_a_stages_function_may_add_to_a_stack_at_the_top(run: Run) -> None:
    write(
        {
            "app.py": "from lambdaform import Queue, Stack\ns = Stack('a')\n"
            "def app(stage):\n    s.add(Queue('Jobs'))\n"
        }
    )
    assert "no findings in 1 resource" in run("check").out


def test_a_mistake_is_shown_at_its_line_as_the_file_has_it_now(run: Run) -> None:
    wrong = """from lambdaform import Function\nFunction('A', memory_size=1)\n"""
    Path("app.py").write_text(wrong)
    run("check")
    Path("app.py").write_text(f"\n# A shop\n{wrong}")
    assert "  4 | Function('A', memory_size=1)\n    |               ^" in run("check").err


def test_a_syntax_error_is_shown_with_a_mark(run: Run) -> None:
    write({"app.py": "x = 1\nstack = Stack(\n"})
    assert run("check").err.splitlines()[1:] == ["  2 | stack = Stack(", "    |              ^"]


def test_an_interrupt_inside_an_app_ends_it_with_the_shells_code(run: Run) -> None:
    write({"app.py": "raise KeyboardInterrupt\n"})
    outcome = run("synth")
    assert (outcome.code, outcome.out, outcome.err.strip()) == (130, "", "Interrupted.")


@pytest.mark.parametrize(
    "start",
    [("-m", "lambdaform"), ("-c", f"from {MODULE} import {FUNCTION}; {FUNCTION}()")],
    ids=["module", "script"],
)
def test_ctrl_c_while_the_command_is_imported_is_no_traceback(tmp_path: Path, start: tuple[str, ...]) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    done = subprocess.run(
        [sys.executable, *start, "check"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nInterrupted.\n")


SYNTH_ONLY = [
    Bad("no-code", {"app.py": GOOD}, ("app.py:4: There is no code at", "src"), ("-o", "out")),
    Bad(
        "empty-code",
        {"app.py": GOOD, "src/__pycache__/x.pyc": ""},
        ("app.py:4: The code folder", "has no files"),
        ("-o", "out"),
    ),
    Bad("no-code-to-expand", {"app.py": GOOD}, ("There is no code at",), ("--format", "cfn")),
    Bad(
        "code-outside",
        {"app.py": GOOD.replace('"src"', '"/etc"')},
        ("The code /etc lies outside the project",),
        ("-o", "out"),
    ),
    Bad(
        "output-is-a-file",
        {"app.py": GOOD, "src/app.py": "handler = 1\n", "out": "mine"},
        ("The output out is a file.",),
        ("-o", "out"),
    ),
    Bad(
        "output-is-taken",
        {"app.py": GOOD, "src/app.py": "handler = 1\n", "out/notes": "mine"},
        ("holds 'notes', which is no part of an assembly.",),
        ("-o", "out"),
    ),
    Bad(
        "output-is-the-project",
        {"app.py": GOOD, "src/app.py": "handler = 1\n"},
        ("which is no part of an assembly.",),
        ("-o", "."),
    ),
    Bad(
        "output-is-the-source",
        {"template.yaml": TEMPLATE},
        ("holds template.yaml, the source itself.",),
        ("--template", "template.yaml", "-o", "."),
    ),
    Bad(
        "output-cannot-be",
        {"app.py": GOOD, "src/app.py": "handler = 1\n"},
        ("The output folder /proc/out cannot be written",),
        ("-o", "/proc/out"),
    ),
    Bad(
        "sam-refuses",
        {"t.yaml": ODD_SAM},
        ("AWS's SAM transform refuses the template",),
        ("--template", "t.yaml", "--format", "cfn", "--no-check"),
    ),
]


@pytest.mark.parametrize("bad", SYNTH_ONLY, ids=lambda bad: bad.name)
def test_what_cannot_be_packaged_or_written_is_said_in_one_sentence(run: Run, bad: Bad) -> None:
    write(bad.files)
    outcome = run("synth", *bad.arguments)
    assert len([line for line in outcome.err.splitlines() if line.startswith("Error: ")]) == 1
    for words in bad.says:
        assert words in outcome.err


@pytest.mark.parametrize("bad", SYNTH_ONLY, ids=lambda bad: bad.name)
def test_and_nothing_is_left_behind(run: Run, bad: Bad, project: Path) -> None:
    write(bad.files)
    before = contents(project)
    outcome = run("synth", *bad.arguments)
    assert (outcome.code, outcome.out, contents(project)) == (2, "", before)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("synt",), "There is no command 'synt'. Did you mean 'synth'?"),
        (("fly",), "There is no command 'fly'. There are synth, check"),
        (("synth", "--formt", "cfn"), "No such option"),
        (("synth", "--format", "cdk"), "'cdk' is not one of 'sam', 'cfn'"),
        (("synth", "--output-format", "toml"), "'toml' is not one of 'yaml', 'json'"),
        (("synth", "-o"), "requires an argument"),
        (("check", "extra"), "unexpected extra argument"),
    ],
)
def test_a_command_that_cannot_be_is_told(run: Run, arguments: tuple[str, ...], says: str) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert says in outcome.err


@pytest.mark.parametrize("command", ["check", "synth"])
def test_a_missing_code_folder_is_told_at_its_line(command: str, run: Run, project: Path) -> None:
    stack = "stack.add(Function('F', runtime='python3.13', handler='app.handler', code_uri='nowhere'))\n"
    write({"app.py": f"from lambdaform import Function, Stack\nstack = Stack('s')\n{stack}"})
    shown = run(command)
    assert shown.code == 2
    assert "app.py:3: There is no code at" in shown.err


@pytest.mark.parametrize("command", ["synth", "check", "estimate", "invoke", "run"])
def test_help_shows_the_options_of_the_command_first_and_no_types_of_ours(run: Run, command: str) -> None:
    shown = run(command, "--help").out
    assert "RANGE" not in shown
    own = shown.index("Options:\n") + len("Options:\n")
    assert not shown[own:].lstrip().startswith("--app")
    assert [shown.find(f"--{option} FILE") < 0 for option in ("app", "template", "from")] == [False] * 3
