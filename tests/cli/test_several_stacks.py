"""Apps with several stacks, with nested ones, and with stacks that are too large, on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.command import Run, contents, runner

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
HEAD = f"""\
from attrs import frozen
from lambdaform import *
CODE = {{"runtime": "{HERE}", "handler": "index.handler"}}
ECHO = "import os\\ndef handler(event, context): return dict(os.environ)['ANSWER']\\n"
def function(name, answer):
    return Function(name, **CODE, inline_code=ECHO, environment={{"ANSWER": answer}})
"""
SHOP = (
    HEAD
    + """\
reader = Stack("reader")
orders = Stack("orders")
name = orders.output("Name", orders.add(Queue("Queue")).attr("QueueName"), export="orders-name")
orders.add(function("Writer", "written"))
reader.add(function("Reader", name.imported))
"""
)
NESTED = (
    HEAD
    + """\
child = Stack("storage")
name = child.parameter("Name")
child.add(function("Writer", name.ref))
child.output("Name", child.add(Queue("Queue")).attr("QueueName"))
stack = Stack("shop")
storage = stack.nest("Storage", child, parameters={"Name": "given"})
stack.add(function("Reader", storage.output("Name")))
"""
)
LARGE = (
    HEAD
    + """\
stack = Stack("shop")
table = stack.add(SimpleTable("Table"))
for number in range(300):
    stack.add(function(f"Fn{number}", table.ref))
"""
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return runner(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str) -> None:
    Path("app.py").write_text(text)


def test_synth_asks_which_stack(run: Run) -> None:
    write(SHOP)
    outcome = run("synth")
    assert outcome.code == 2
    assert "app.py has several stacks: orders, reader. Name one with --stack" in outcome.err


def test_synth_writes_all_stacks_and_the_order_in_which_to_deploy_them(run: Run) -> None:
    write(SHOP)
    outcome = run("synth", "--all", "-o", "out")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "out/manifest.json with 2 stacks, in the order of their deployment\n"
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert manifest["stacks"] == [
        {
            "name": "orders",
            "template": "orders/template.yaml",
            "format": "sam",
            "needs": [],
            "exports": ["orders-name"],
            "imports": [],
            "capabilities": ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"],
        },
        {
            "name": "reader",
            "template": "reader/template.yaml",
            "format": "sam",
            "needs": ["orders"],
            "exports": [],
            "imports": ["orders-name"],
            "capabilities": ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"],
        },
    ]
    for each in manifest["stacks"]:
        assert yaml.compose(Path("out", each["template"]).read_text())


def test_synth_all_expands_all(run: Run) -> None:
    write(SHOP)
    assert run("synth", "--all", "--format", "cfn", "--output-format", "json", "-o", "out").code == 0
    for name in ("orders", "reader"):
        template = json.loads(Path("out", name, "template.json").read_text())
        assert "Transform" not in template


def test_a_stack_that_is_gone_leaves_the_assemblies(run: Run) -> None:
    write(SHOP)
    run("synth", "--all", "-o", "out")
    write(HEAD + 'orders = Stack("orders")\norders.add(Queue("Queue"))\n')
    assert run("synth", "--all", "-o", "out").code == 0
    assert sorted(each.name for each in Path("out").iterdir()) == ["manifest.json", "orders"]


def test_assemblies_replace_nothing_of_somebody_elses(run: Run) -> None:
    write(SHOP)
    Path("out").mkdir()
    Path("out/mine.txt").write_text("x")
    outcome = run("synth", "--all", "-o", "out")
    assert outcome.code == 2
    assert "holds 'mine.txt', which is no part of an app's assemblies" in outcome.err
    assert contents(Path("out")) == {"mine.txt": b"x"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--all",), "--all writes several templates. Name a folder for them: --all -o DIR."),
        (("--split",), "--split writes several templates. Name a folder for them: --split -o DIR."),
        (("--all", "--stack", "orders", "-o", "out"), "--all and --stack contradict each other."),
        (("--all", "--format", "stack", "-o", "out"), "--format stack writes one stack."),
    ],
)
def test_options_that_do_not_go_together_are_told(run: Run, options: tuple[str, ...], says: str) -> None:
    write(SHOP)
    outcome = run("synth", *options)
    assert outcome.code == 2
    assert says in outcome.err


def test_check_looks_at_all_stacks(run: Run) -> None:
    write(SHOP)
    outcome = run("check")
    assert outcome.out == (
        "Stack 'orders': no findings in 2 resources.\nStack 'reader': no findings in 1 resource.\n"
    )


def test_check_finds_what_is_wrong_between_stacks(run: Run) -> None:
    write(SHOP.replace("name.imported", "orders.resource('Queue').ref"))
    outcome = run("check")
    assert outcome.code == 1
    assert "app.py:11:" in outcome.out
    assert "LF260" in outcome.out


def test_check_says_in_which_stack_a_finding_is(run: Run) -> None:
    write(SHOP.replace("name.imported", "orders.resource('Queue').ref"))
    [finding] = json.loads(run("check", "--output-format", "json").out)["findings"]
    assert (finding["rule"], finding["stack"], finding["resource"]) == ("LF260", "reader", "Reader")


def test_invoke_finds_a_function_in_any_stack_and_what_it_imports(run: Run) -> None:
    write(SHOP)
    assert run("invoke", "Reader").out == '"orders-Queue"\n'
    assert run("invoke", "orders/Writer").out == '"written"\n'


def test_invoke_asks_which_function(run: Run) -> None:
    write(SHOP)
    assert "The app has several functions: orders/Writer, reader/Reader." in run("invoke").err
    write(SHOP + 'reader.add(function("Writer", "x"))\n')
    assert "Name one of orders/Writer, reader/Writer." in run("invoke", "Writer").err


def test_invoke_runs_a_function_of_a_nested_stack(run: Run) -> None:
    write(NESTED)
    assert run("invoke", "Writer").out == '"given"\n'
    assert run("invoke", "Storage/Writer").out == '"given"\n'
    assert run("invoke", "Reader").out == '"shop-Storage-Queue"\n'


def test_check_looks_at_nested_stacks(run: Run) -> None:
    write(NESTED)
    assert run("check").out == (
        "Stack 'shop': no findings in 2 resources.\nStack 'storage': no findings in 2 resources.\n"
    )


def test_synth_says_what_a_nested_stack_is_made_of(run: Run) -> None:
    write(NESTED)
    outcome = run("synth")
    assert outcome.code == 0
    assert "TemplateURL: storage.template.yaml" in outcome.out
    assert "Note: Storage is made of storage.template.yaml: lambdaform synth --stack storage" in outcome.err
    assert "Writer:" in run("synth", "--stack", "storage").out


def test_synth_writes_the_templates_of_nested_stacks(run: Run) -> None:
    write(NESTED)
    assert run("synth", "--output-format", "json", "-o", "out").code == 0
    [nested] = Path("out").glob("*.template")
    root = json.loads(Path("out/template.json").read_text())
    assert root["Resources"]["Storage"]["Properties"]["TemplateURL"] == nested.name
    assert "AWS::Serverless-2016-10-31" in json.loads(nested.read_text())["Transform"]


def test_a_nested_template_that_has_changed_replaces_the_old_one(run: Run) -> None:
    write(NESTED)
    run("synth", "-o", "out")
    [before] = Path("out").glob("*.template")
    write(NESTED.replace('Queue("Queue")', 'Queue("Queue", visibility_timeout=60)'))
    run("synth", "-o", "out")
    [after] = Path("out").glob("*.template")
    assert before != after


def test_synth_expands_nested_stacks(run: Run) -> None:
    write(NESTED)
    assert run("synth", "--format", "cfn", "--output-format", "json", "-o", "out").code == 0
    [nested] = Path("out").glob("*.template")
    root = json.loads(Path("out/template.json").read_text())
    url = root["Resources"]["Storage"]["Properties"]["TemplateURL"]["Fn::Sub"]
    assert url == f"https://${{AssetBucket}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{nested.name}"
    assert "Transform" not in json.loads(nested.read_text())


def test_a_nested_stack_with_code_is_given_the_bucket(run: Run) -> None:
    Path("src").mkdir()
    Path("src/app.py").write_text("def handler(event, context): pass\n")
    write(NESTED + 'child.add(Function("Fn", runtime="python3.13", handler="app.handler", code_uri="src"))\n')
    assert run("synth", "--format", "cfn", "--output-format", "json", "-o", "out").code == 0
    root = json.loads(Path("out/template.json").read_text())
    assert root["Resources"]["Storage"]["Properties"]["Parameters"]["AssetBucket"] == {"Ref": "AssetBucket"}
    assert len(list(Path("out/assets").iterdir())) == 1


def test_a_missing_nested_template_is_told_at_its_line(run: Run) -> None:
    write(HEAD + 'stack = Stack("shop")\nstack.add(NestedStack("Child", template_url="child.yaml"))\n')
    outcome = run("synth")
    assert outcome.code == 2
    assert "app.py:8: There is no template at" in outcome.err


def test_a_template_that_an_app_nests_by_its_path_is_part_of_the_assembly(run: Run) -> None:
    Path("child.yaml").write_text("Resources: {Q: {Type: 'AWS::SQS::Queue'}}\n")
    write(HEAD + 'stack = Stack("shop")\nstack.add(NestedStack("Child", template_url="child.yaml"))\n')
    assert run("synth", "-o", "out").code == 0
    [nested] = Path("out").glob("*.template")
    assert "AWS::SQS::Queue" in nested.read_text()


def test_stages_make_several_stacks(run: Run) -> None:
    write(HEAD + "def app(stage):\n" + '    return [Stack(f"orders-{stage}"), Stack(f"reader-{stage}")]\n')
    assert run("check", "--stage", "prod").out.startswith("Stack 'orders-prod'")


STAGES = (
    HEAD
    + """\
@frozen
class Stage:
    name: str
    memory: int
stages = {each.name: each for each in (Stage("dev", 128), Stage("prod", 1024))}
def app(stage: Stage) -> Stack:
    stack = Stack(f"shop-{stage.name}")
    stack.add(Function("Fn", **CODE, inline_code=ECHO, memory_size=stage.memory))
    return stack
"""
)


def test_a_stage_may_be_a_value_of_the_apps_own_class(run: Run) -> None:
    write(STAGES)
    assert "MemorySize: 1024" in run("synth", "--stage", "prod").out
    assert "MemorySize: 128" in run("synth").out


def test_an_unknown_stage_is_told(run: Run) -> None:
    write(STAGES)
    outcome = run("synth", "--stage", "prot")
    assert outcome.code == 2
    assert "app.py has no stage 'prot'. Did you mean 'prod'?" in outcome.err


def test_an_app_without_a_stage_dev_says_which_it_has(run: Run) -> None:
    write(STAGES.replace('"dev"', '"test"'))
    outcome = run("synth")
    assert outcome.code == 2
    assert "app.py has no stage 'dev'. Name one of its stages with --stage: test, prod." in outcome.err


def test_a_parameter_goes_to_each_stack_that_has_it(run: Run) -> None:
    write(SHOP + 'orders.parameter("Stage")\n')
    assert run("check", "--parameter", "Stage=prod").code == 0
    outcome = run("check", "--parameter", "Stag=prod")
    assert outcome.code == 2
    assert "None of the stacks has a parameter 'Stag'. Did you mean 'Stage'?" in outcome.err


def test_check_warns_of_a_stack_that_sam_makes_too_large(run: Run) -> None:
    write(LARGE)
    outcome = run("check")
    assert outcome.code == 1
    assert (
        "SAM makes at least 601 resources of the stack: 300 AWS::Lambda::Function, 300 AWS::IAM::Role"
        in outcome.out
    )
    assert "--split" in outcome.out


def test_a_stack_of_too_many_resources_is_refused_with_their_types_and_the_way_out(run: Run) -> None:
    write(HEAD + 'stack = Stack("shop")\nfor number in range(501):\n    stack.add(Queue(f"Q{number}"))\n')
    outcome = run("synth")
    assert (outcome.code, outcome.out) == (1, "")
    assert "LF602: The stack has 501 resources: 501 AWS::SQS::Queue." in outcome.err
    assert "--split -o DIR" in outcome.err
    assert run("synth", "--split", "-o", "out").code == 0


def test_synth_shows_the_template_of_a_large_stack_and_packages_none(run: Run) -> None:
    write(LARGE)
    assert run("synth").code == 0
    outcome = run("synth", "-o", "out")
    assert outcome.code == 1
    assert not Path("out").exists()


def test_an_expanded_template_that_is_too_large_is_refused_with_the_count(run: Run) -> None:
    write(LARGE)
    outcome = run("synth", "--format", "cfn")
    assert (outcome.code, outcome.out) == (1, "")
    assert "The template has 601 resources once SAM has expanded it: 300 AWS::Lambda::Function" in outcome.err


def test_synth_splits_a_stack_on_request(run: Run) -> None:
    write(LARGE)
    outcome = run("synth", "--split", "--output-format", "json", "-o", "out")
    assert outcome.code == 0
    assert "Stack 'shop': 601 resources in 2 nested stacks." in outcome.err
    assert "CloudFormation replaces what moves into a nested stack" in outcome.err
    root = json.loads(Path("out/template.json").read_text())
    assert list(root["Resources"]) == ["Table", "Part1", "Part2"]
    assert len(list(Path("out").glob("*.template"))) == 2


def test_a_stack_that_is_small_enough_is_not_split(run: Run) -> None:
    write(NESTED)
    outcome = run("synth", "--split", "-o", "out")
    assert "Stack 'shop' is within CloudFormation's limits, and was not split." in outcome.err


def test_a_split_stack_is_the_same_each_time(run: Run) -> None:
    write(LARGE)
    run("synth", "--split", "-o", "one")
    run("synth", "--split", "-o", "two")
    assert contents(Path("one")) == contents(Path("two"))


def parts_in(plan: str) -> dict[str, set[str]]:
    stacks = json.loads(Path(plan).read_text())["stacks"]
    return {title: set(names) for title, names in stacks["shop"].items()}


def test_a_plan_keeps_resources_where_they_are(run: Run) -> None:
    write(LARGE)
    assert run("synth", "--split", "--plan", "plan.json", "-o", "out").code == 0
    before = parts_in("plan.json")
    write(
        LARGE.replace("range(300)", "range(-5, 310)").replace(
            'f"Fn{number}"', 'f"Fn{number}".replace("-", "m")'
        )
    )
    outcome = run("synth", "--split", "--plan", "plan.json", "-o", "out")
    assert outcome.code == 0
    assert "Warning" not in outcome.err
    after = parts_in("plan.json")
    assert all(names <= after[title] for title, names in before.items())
    assert sum(map(len, after.values())) == sum(map(len, before.values())) + 30


def test_a_stack_that_was_split_stays_so_when_it_shrinks(run: Run) -> None:
    write(LARGE)
    run("synth", "--split", "--plan", "plan.json", "-o", "out")
    write(LARGE.replace("range(300)", "range(20)"))
    assert run("synth", "--split", "--plan", "plan.json", "-o", "out").code == 0
    assert set(parts_in("plan.json")) == {"Root", "Part1"}


@pytest.mark.parametrize(
    "text", ["nothing", "[]", '{"version": 1}', '{"version": 1, "stacks": {"shop": {"A b": []}}}']
)
def test_a_plan_that_is_none_is_told(run: Run, text: str) -> None:
    write(LARGE)
    Path("plan.json").write_text(text)
    outcome = run("synth", "--split", "--plan", "plan.json", "-o", "out")
    assert outcome.code == 2
    assert "plan.json" in outcome.err
    assert (Path("plan.json").read_text(), Path("out").exists()) == (text, False)


def test_a_plan_in_a_folder_that_is_not_there_is_told_before_anything_is_written(run: Run) -> None:
    write(LARGE)
    done = run("synth", "--split", "--plan", "nowhere/split.json", "-o", "out")
    assert (done.code, Path("out").exists()) == (2, False)
    assert "There is no folder nowhere for the plan split.json." in done.err


def test_a_plan_is_about_a_split(run: Run) -> None:
    write(NESTED)
    assert "--plan is about --split." in run("synth", "--plan", "plan.json").err
