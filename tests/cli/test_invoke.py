"""``lambdaform invoke``: one function with one event; the log on standard error, the result on standard output."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests.cli.command import Run, contents, runner

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
APP = f"""\
from lambdaform import Function, Queue, Runtime, Stack
stack = Stack("shop")
stage = stack.parameter("Stage", default="dev")
stack.add(Queue("Orders"))
stack.add(Function("Echo", runtime="{HERE}", handler="app.echo", code_uri="src",
    environment={{"STAGE": stage.ref}}, auto_publish_alias="live"))
stack.add(Function("Fails", runtime="{HERE}", handler="app.fails", code_uri="src"))
stack.add(Function("Prints", function_name="shop-printer", runtime="{HERE}", handler="app.prints", code_uri="src"))
"""
CODE = """\
import os

def echo(event, context):
    return {"event": event, "stage": os.environ.get("STAGE"), "version": context.function_version}

def fails(event, context):
    raise ValueError("no stock")

def prints(event, context):
    print("a line")
"""
TEMPLATE = f"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Only:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: {HERE}
      Handler: index.handler
      InlineCode: |
        import os
        def handler(event, context):
            return [event, os.environ.get("TABLE")]
      Environment:
        Variables:
          TABLE: from the template
"""
CLOUDFORMATION = f"""\
Resources:
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: {HERE}
      Handler: index.handler
      Role: arn:aws:iam::123456789012:role/any
      Code:
        ZipFile: "def handler(event, context): return event"
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with three functions, as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "plain.yaml").write_text(CLOUDFORMATION)
    return tmp_path


def test_the_result_is_all_there_is_on_standard_output(run: Run) -> None:
    done = run("invoke", "Echo", "--event", '{"a": 1}')
    assert done.code == 0
    assert json.loads(done.out) == {"event": {"a": 1}, "stage": "dev", "version": "$LATEST"}


def test_the_log_is_on_standard_error_whole_and_in_order(run: Run) -> None:
    done = run("invoke", "Prints")
    assert done.out == "null\n"
    kinds = [line.split(" ")[0].split("\t")[0] for line in done.err.splitlines() if line]
    assert [kind for kind in kinds if kind in ("INIT_START", "START", "a", "END", "REPORT")] == [
        "INIT_START",
        "START",
        "a",
        "END",
        "REPORT",
    ]


def test_a_function_error_is_its_json_and_exit_code_1(run: Run) -> None:
    done = run("invoke", "Fails")
    assert done.code == 1
    error = json.loads(done.out)
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no stock")
    assert "[ERROR] ValueError: no stock" in done.err


def test_without_an_event_it_is_an_empty_object(run: Run) -> None:
    assert json.loads(run("invoke", "Echo").out)["event"] == {}


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ('{"a": 1}', {"a": 1}),
        (" [1, 2]", [1, 2]),
        ('"text"', "text"),
        ("null", None),
        ("true", True),
        ("3", 3),
        ("-1.5", -1.5),
    ],
)
def test_an_event_may_be_the_json_itself(run: Run, text: str, event: object) -> None:
    assert json.loads(run("invoke", "Echo", f"--event={text}").out)["event"] == event


def test_an_event_may_be_a_file(run: Run) -> None:
    Path("event.json").write_text('{"from": "file"}')
    assert json.loads(run("invoke", "Echo", "-e", "event.json").out)["event"] == {"from": "file"}


def test_an_event_file_may_begin_with_a_byte_order_mark(run: Run) -> None:
    Path("event.json").write_bytes(b"\xef\xbb\xbf{}")
    assert json.loads(run("invoke", "Echo", "-e", "event.json").out)["event"] == {}


def test_an_event_may_come_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"from": "pipe"}')))
    assert json.loads(run("invoke", "Echo", "-e", "-").out)["event"] == {"from": "pipe"}


def test_standard_input_that_is_closed_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # As Python has it after `<&-`.
    monkeypatch.setattr(sys, "stdin", None)
    done = run("invoke", "Echo", "-e", "-")
    assert done.code == 2
    assert done.err == (
        "Error: --event is -, and standard input is closed. Give a file, or the JSON itself.\n"
    )
    assert json.loads(run("invoke", "Echo").out)["event"] == {}


def test_a_function_may_be_named_as_it_will_be_on_aws(run: Run) -> None:
    assert run("invoke", "shop-printer").code == 0


def test_an_alias_runs_its_version(run: Run) -> None:
    assert json.loads(run("invoke", "Echo", "--qualifier", "live").out)["version"] == "1"


RESERVES = APP.replace('"Fails", runtime', '"Fails", reserved_concurrent_executions=950, runtime')


def test_what_leaves_others_too_little_concurrency_is_refused_as_aws_does(project: Path, run: Run) -> None:
    (project / "app.py").write_text(RESERVES)
    done = run("invoke", "Echo")
    assert (done.code, done.out) == (2, "")
    assert "below its minimum value of [100]" in done.err
    assert "--account-concurrency" in done.err
    assert re.search(r"Error: app.py:\d+: .*\n +\d+ \| .*reserved_concurrent_executions=", done.err)


MISSING = """\
Resources:
  Only:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/only
      Runtime: python3.13
      Handler: index.handler
      Code: {ZipFile: "def handler(event, context): return 1"}
      Environment:
        Variables:
          STAGE: !Ref Nope
"""


def test_a_reference_to_nothing_is_said_at_its_line(run: Run) -> None:
    Path("missing.yaml").write_text(MISSING)
    done = run("invoke", "--template", "missing.yaml")
    assert done.code == 2
    assert "Error: missing.yaml:11: Ref names 'Nope'" in done.err


def test_an_undefined_condition_is_said_at_its_resource(run: Run) -> None:
    text = MISSING.replace("!Ref Nope", "dev").replace("    Type:", "    Condition: Nope\n    Type:")
    Path("missing.yaml").write_text(text)
    done = run("invoke", "--template", "missing.yaml")
    assert done.code == 2
    assert "Error: missing.yaml:2: The condition 'Nope' is not defined." in done.err


OUTPUT = f"""\
from lambdaform import Function, Stack, sub
stack = Stack("shop")
stack.add(Function("Echo", runtime="{HERE}", handler="app.echo", code_uri="src"))
told = stack.output(
    "Told", VALUE, export=EXPORT, condition=CONDITION
)
other = Stack("other")
other.add(
    Function("Other", runtime="{HERE}", handler="app.echo", code_uri="src", environment={{"TOLD": told.imported}})
)
"""


@pytest.mark.parametrize(
    ("value", "export", "condition", "place"),
    [
        ('sub("${Nope}")', '"told"', "None", "app.py:4: Ref names 'Nope'"),
        ("1", '"told"', '"Nope"', "app.py:5: The condition 'Nope' is not defined."),
        ("1", 'sub("told-${Nope}")', "None", "app.py:5: Ref names 'Nope'"),
    ],
    ids=["value", "condition", "export"],
)
def test_what_is_wrong_with_an_output_is_said_at_its_line(
    project: Path, run: Run, value: str, export: str, condition: str, place: str
) -> None:
    text = OUTPUT.replace("VALUE", value).replace("EXPORT", export).replace("CONDITION", condition)
    if "sub" in export:
        text = text.partition("other =")[0]
    (project / "app.py").write_text(text)
    done = run("invoke", "Echo")
    assert done.code == 2
    assert f"Error: {place}" in done.err


def test_what_is_wrong_with_an_output_of_a_template_is_said_at_its_line(run: Run) -> None:
    output = "Outputs:\n  Told:\n    Value: !Ref Echo\n    Export:\n      Name: !Sub told-${Nope}\n"
    Path("missing.yaml").write_text(MISSING.replace("!Ref Nope", "dev") + output)
    done = run("invoke", "--template", "missing.yaml")
    assert done.code == 2
    assert "Error: missing.yaml:16: Ref names 'Nope'" in done.err


ALIAS = f"""\
from lambdaform import Alias, Function, Stack, Version, VersionWeight
stack = Stack("shop")
echo = stack.add(Function("Echo", runtime="{HERE}", handler="app.echo", code_uri="src"))
first = stack.add(Version("First", function_name=echo))
second = stack.add(Version("Second", function_name=echo))
stack.add(Alias("live", function_name=echo, function_version=first, routing_config=[WEIGHT]))
"""


def test_a_weight_for_a_version_that_is_not_here_says_which_are(project: Path, run: Run) -> None:
    (project / "app.py").write_text(ALIAS.replace("WEIGHT", 'VersionWeight("8", 0.1)'))
    done = run("invoke", "Echo")
    assert done.code == 2
    assert "Error: app.py:6: Alias 'live': Function not found: " in done.err
    assert "no version 8 of shop-Echo: it has $LATEST, 1. What is published on AWS is not known" in done.err


def test_two_versions_of_unchanged_code_are_said_to_be_one(project: Path, run: Run) -> None:
    (project / "app.py").write_text(ALIAS.replace("WEIGHT", "VersionWeight(second, 0.1)"))
    done = run("invoke", "Echo")
    assert done.code == 2
    assert "Error: app.py:6: Alias 'live': Invalid function version 1." in done.err
    assert (
        "Lambda publishes no new version while code and configuration are those of the last one" in done.err
    )


def test_an_account_may_have_more_concurrency(project: Path, run: Run) -> None:
    (project / "app.py").write_text(RESERVES)
    assert run("invoke", "Echo", "--account-concurrency", "2000").code == 0


def test_a_parameter_reaches_the_function(run: Run) -> None:
    assert json.loads(run("invoke", "Echo", "--parameter", "Stage=prod").out)["stage"] == "prod"


def test_a_file_of_variables_reaches_the_function(run: Run) -> None:
    Path("env.json").write_text('{"Echo": {"STAGE": "mine"}}')
    assert json.loads(run("invoke", "Echo", "--env-vars", "env.json").out)["stage"] == "mine"


def test_variables_for_a_misspelt_function_are_said(run: Run) -> None:
    Path("env.json").write_text('{"Ecko": {"STAGE": "mine"}}')
    done = run("invoke", "Echo", "--env-vars", "env.json")
    assert (done.code, json.loads(done.out)["stage"]) == (0, "dev")
    assert "variables for the function 'Ecko', which is not there. Did you mean 'Echo'?" in done.err


def test_a_sam_template_runs_and_its_only_function_needs_no_name(run: Run) -> None:
    done = run("invoke", "--template", "template.yaml", "-e", "1")
    assert (done.code, json.loads(done.out)) == (0, [1, "from the template"])


def test_a_cloudformation_template_runs(run: Run) -> None:
    done = run("invoke", "--template", "plain.yaml", "-e", '"x"')
    assert (done.code, done.out) == (0, '"x"\n')


def test_nothing_is_left_in_the_project_or_elsewhere_but_the_log(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = project.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = contents(project)
    run("invoke", "Echo")
    after = {name for name in contents(project) if "__pycache__" not in name}
    assert {name for name in after if not name.startswith(".lambdaform/")} == set(before)
    assert {name for name in after if name.startswith(".lambdaform/") and "/logs/" not in name} == {
        ".lambdaform/.gitignore"
    }
    assert list(temporary.iterdir()) == []


def test_a_function_whose_code_is_missing_says_so_and_the_others_run(run: Run) -> None:
    Path("app.py").write_text(APP.replace('"app.fails", code_uri="src"', '"app.fails", code_uri="gone"'))
    assert run("invoke", "Echo").code == 0
    done = run("invoke", "Fails")
    assert done.code == 2
    assert "there is no code at gone" in done.err
    assert "Fails cannot run here" in done.err


def test_a_function_whose_condition_does_not_hold_says_so(run: Run) -> None:
    Path("template.yaml").write_text(
        TEMPLATE.replace("Resources:", "Conditions: {Never: !Equals [a, b]}\nResources:").replace(
            "  Only:\n", "  Only:\n    Condition: Never\n"
        )
    )
    done = run("invoke", "Only", "--template", "template.yaml")
    assert done.code == 2
    assert "Error: Only is not made: its condition 'Never' does not hold." in done.err


def test_a_function_that_is_switched_off_says_so(run: Run) -> None:
    Path("template.yaml").write_text(f"{TEMPLATE}      ReservedConcurrentExecutions: 0\n")
    done = run("invoke", "Only", "--template", "template.yaml")
    assert done.code == 2
    assert "Error: Rate Exceeded. Only has a reserved concurrency of 0: it is switched off." in done.err


def test_an_account_without_concurrency_says_what_leaves_no_room(run: Run) -> None:
    done = run("invoke", "Echo", "--account-concurrency", "0")
    assert done.code == 2
    assert "Error: Rate Exceeded. --account-concurrency 0 leaves no room: give 1 or more." in done.err


def test_a_function_that_isolates_tenants_runs_for_the_one_that_is_named(run: Run) -> None:
    isolated = TEMPLATE.replace('[event, os.environ.get("TABLE")]', "context.tenant_id")
    Path("template.yaml").write_text(f"{isolated}      TenancyConfig: {{TenantIsolationMode: PER_TENANT}}\n")
    done = run("invoke", "Only", "--template", "template.yaml", "--tenant-id", "blue")
    assert (done.code, json.loads(done.out)) == (0, "blue"), done.err
    done = run("invoke", "Only", "--template", "template.yaml")
    assert done.code == 2
    assert "Name a tenant: --tenant-id NAME." in done.err
    done = run("invoke", "Echo", "--tenant-id", "blue")
    assert done.code == 2
    assert "Leave --tenant-id out." in done.err


def test_a_client_context_reaches_the_function(run: Run) -> None:
    code = "def echo(event, context): return context.client_context.custom"
    Path("src/app.py").write_text(code)
    done = run("invoke", "Echo", "--client-context", '{"custom": {"name": "caf\u00e9"}}')
    assert json.loads(done.out) == {"name": "caf\u00e9"}


def test_a_cognito_identity_reaches_the_function(run: Run) -> None:
    Path("src/app.py").write_text("def echo(event, context): return str(context.identity)")
    done = run("invoke", "Echo", "--cognito-identity", "us-east-1:a", "--cognito-pool", "us-east-1:b")
    assert "cognito_identity_id=us-east-1:a,cognito_identity_pool_id=us-east-1:b" in done.out


def test_an_event_that_nobody_waits_for_is_seen_through(run: Run) -> None:
    done = run("invoke", "Prints", "--invocation-type", "event")
    assert (done.code, done.out) == (0, "")
    assert "a line" in done.err
    assert "REPORT" in done.err


def test_of_a_number_of_any_length_the_function_says_what_it_makes(run: Run) -> None:
    Path("long.json").write_text('{"a": %s}' % ("9" * 4301))
    done = run("invoke", "Echo", "--event", "long.json")
    assert done.code == 1
    told = json.loads(done.out)
    assert told["errorType"] == "Runtime.UnmarshalError"
    assert "4300 digits" in told["errorMessage"]


def test_a_dry_run_runs_nothing(run: Run) -> None:
    done = run("invoke", "Fails", "--invocation-type", "DryRun")
    assert (done.code, done.out, done.err) == (0, "", "")


BAD = [
    (("Echo", "--invocation-type", "Later"), "Error: Invalid value for '--invocation-type'"),
    (
        ("Echo", "--client-context", f'"{"x" * 3000}"'),
        "Error: The client context has 4004 bytes in Base64. Lambda takes 3583 at most.",
    ),
    (("Echo", "--client-context", "{"), "Error: --client-context is not JSON: "),
    (
        ("Echo", "--client-context", ""),
        "Error: --client-context is empty. Give a file, - for standard input, or the JSON itself.",
    ),
    (("Echo", "--client-context", "gone"), "Error: There is no client context file gone. Give a file, "),
    (("Echo", "--client-context", "src"), "Error: The client context src is a folder. Give a file in it."),
    (
        ("Echo", "--client-context", "blank"),
        "Error: blank is empty. A client context is one JSON value, such as {}.",
    ),
    (
        ("Echo", "--cognito-identity", "us-east-1:a"),
        "Error: A Cognito identity is one of an identity pool. Give both: --cognito-pool POOL.",
    ),
    (
        ("Echo", "--cognito-pool", "us-east-1:b"),
        "Error: A Cognito identity is one of an identity pool. Give both: --cognito-identity ID.",
    ),
    (
        ("Echo", "--invocation-type", "Event", "--cognito-identity", "a", "--cognito-pool", "b"),
        "Error: An asynchronous event has no Cognito identity.",
    ),
    (("Ecko",), "Error: Stack 'shop' has no function 'Ecko'. Did you mean 'Echo'?"),
    (("Zzz",), "Error: Stack 'shop' has no function 'Zzz'. It has Echo, Fails, Prints."),
    (
        ("Orders",),
        "Error: 'Orders' is no function, but an AWS::SQS::Queue. The functions are Echo, Fails, Prints.",
    ),
    ((), "Error: Stack 'shop' has several functions: Echo, Fails, Prints. Name one."),
    (("Echo", "-e", "{"), "Error: --event is not JSON: "),
    (("Echo", "-e", "[" * 100_000), "Error: --event is not JSON: "),
    (("Echo", "-e", '{"a": NaN}'), "Error: --event is not JSON: "),
    (
        ("Echo", "-e", "missing.json"),
        "Error: There is no event file missing.json. Give a file, - for standard input, or the JSON itself.",
    ),
    (("Echo", "-e", "app.py"), "Error: app.py is not JSON: "),
    (("Echo", "-e", "-", "--watch"), "Error: --watch needs the event at every run"),
    (("Echo", "-e", "binary"), "Error: binary is not JSON: "),
    (("Echo", "-e", "src"), "Error: The event src is a folder. Give a file in it."),
    (("Echo", "-e", ""), "Error: --event is empty. Give a file, - for standard input, or the JSON itself."),
    (
        ("Echo", "--qualifier", "nope"),
        "Error: Echo has no version or alias 'nope'. It has $LATEST",
    ),
    (("Echo", "--env-vars", "missing.json"), "Error: The file missing.json cannot be read: "),
    (("Echo", "--env-vars", "src"), "Error: The file src cannot be read: is a directory."),
    (("Echo", "--env-vars", "app.py"), "Error: The file app.py is not JSON: "),
    (("Echo", "--env-vars", "list.json"), "Error: The file list.json has no variables by function."),
    (
        ("Echo", "--env-vars", "deep.json"),
        "Error: The file deep.json gives Echo the variable A with no text.",
    ),
    (("Echo", "--layer", "arn"), "Error: --layer 'arn' has no path."),
    (("Echo", "--layer", "arn=gone"), "Error: --layer: there is no gone."),
    (("Echo", "--template", "gone.yaml"), "Error: The template gone.yaml cannot be read: "),
    (
        ("Echo", "--app", "app.py", "--template", "template.yaml"),
        "Error: --app and --template name two sources.",
    ),
    (("Echo", "--parameter", "Stag=x"), "Error: Stack 'shop' has no parameter 'Stag'. Did you mean 'Stage'?"),
    (("Echo", "--parameter", "Stage"), "Error: --parameter 'Stage' has no value."),
    (("Echo", "--evnt", "{}"), "Error: No such option"),
    (("Echo", "--region", "nowhere"), "Error: 'nowhere' is no region"),
]


@pytest.mark.parametrize(("arguments", "sentence"), BAD, ids=[" ".join(each)[:40] for each, _ in BAD])
def test_bad_input_is_one_sentence_and_exit_code_2(
    run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    Path("binary").write_bytes(b"\xff\xfe\x00")
    Path("blank").write_text(" ")
    Path("list.json").write_text("[]")
    Path("deep.json").write_text('{"Echo": {"A": ["x"]}}')
    done = run("invoke", *arguments)
    assert done.code == 2
    assert done.out == ""
    [said] = [line for line in done.err.splitlines() if line.startswith("Error")]
    assert said.startswith(sentence)
    assert "Traceback" not in done.err


@pytest.mark.skipif(os.getuid() == 0, reason="root may read every file")
def test_an_event_file_that_may_not_be_read_is_one_sentence(run: Run) -> None:
    Path("secret.json").write_text("{}")
    Path("secret.json").chmod(0)
    done = run("invoke", "Echo", "-e", "secret.json")
    assert done.code == 2
    assert "secret.json" in done.err


def test_a_stack_without_functions_says_so(run: Run) -> None:
    Path("app.py").write_text('from lambdaform import Stack\nstack = Stack("empty")\n')
    done = run("invoke")
    assert done.code == 2
    assert done.err.startswith("Error: Stack 'empty' has no functions.")


def test_a_runtime_that_does_not_run_here_is_one_sentence(run: Run) -> None:
    Path("app.py").write_text(
        APP.replace(f'runtime="{HERE}", handler="app.fails"', 'runtime="dotnet8", handler="a.b"')
    )
    done = run("invoke", "Fails")
    assert done.code == 2
    assert "Error: The runtime is dotnet8, and lambdaform runs no .NET." in done.err
    assert "provided.al2023" in done.err


def billed(log: str) -> int:
    found = re.search(r"Billed Duration: (\d+) ms", log)
    assert found is not None
    return int(found[1])


def test_an_old_profile_bills_in_steps_of_100_ms(run: Run) -> None:
    assert billed(run("invoke", "Prints", "--profile", "2019-04-01").err) % 100 == 0


def test_a_stack_s_own_profile_reaches_the_simulation(run: Run, project: Path) -> None:
    (project / "app.py").write_text(APP.replace('Stack("shop")', 'Stack("shop", profile="2019-04-01")'))
    assert billed(run("invoke", "Prints").err) % 100 == 0
