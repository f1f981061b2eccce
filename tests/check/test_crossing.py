"""What crosses the borders of a stack: nested stacks, and the other stacks of an app."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdaform import (
    Allow,
    DefinitionError,
    Output,
    Queue,
    Ref,
    SqsEvent,
    Stack,
    import_value,
    sub,
)
from lambdaform.check.findings import Finding, check
from lambdaform.load.app import load_stacks
from lambdaform.model.crossing import deployment_order
from lambdaform.synth.template import template_of

HEAD = """\
from lambdaform import *
CODE = {"runtime": "python3.13", "handler": "index.handler", "inline_code": "def handler(e, c): pass"}
"""
SENDER = 'Function("Sender", **CODE, environment={"QUEUE": queue.ref})'


def findings(folder: Path, text: str) -> list[Finding]:
    """What the rules on borders find in an app with this text."""
    file = folder / "app.py"
    file.write_text(HEAD + text)
    stacks = load_stacks(file)
    every = [each for stack in stacks for each in (stack, *stack.descendants())]
    found = dict.fromkeys(finding for stack in every for finding in check(stack))
    return [each for each in found if each.rule.startswith("LF26") or each.rule == "LF201"]


def only(folder: Path, text: str, rule: str) -> Finding:
    """The one finding; its line ends in ``# wrong``."""
    [finding] = findings(folder, text)
    assert finding.rule == rule
    assert finding.location
    assert finding.location.source_line
    assert finding.location.source_line.endswith("# wrong")
    return finding


def test_an_exported_output_is_imported_by_its_name() -> None:
    orders = Stack("orders")
    queue = orders.add(Queue("Queue"))
    arn = orders.output("QueueArn", queue.arn, export="orders-queue")
    reader = Stack("reader")
    reader.output("Arn", arn.imported)
    assert template_of(reader)["Outputs"]["Arn"]["Value"] == {"Fn::ImportValue": "orders-queue"}


def test_an_imported_value_is_taken_wherever_an_arn_is() -> None:
    arn = Output("QueueArn", "arn:…", export="orders-queue").imported
    assert SqsEvent(arn).queue == arn
    assert Allow("sqs:SendMessage", on=arn).resource == (arn,)


def test_an_output_without_an_export_cannot_be_imported() -> None:
    with pytest.raises(DefinitionError, match=r"Output 'QueueArn' is imported, and is not exported"):
        Output("QueueArn", "x").imported  # noqa: B018 - the question is the test


def test_an_export_whose_name_only_its_own_stack_knows_cannot_be_imported() -> None:
    output = Output("QueueArn", "x", export=sub("${AWS::StackName}-queue"))
    with pytest.raises(DefinitionError, match="a name with AWS::StackName, which other stacks cannot tell"):
        output.imported  # noqa: B018 - the question is the test


def test_an_export_may_be_named_after_what_all_stacks_share() -> None:
    output = Output("QueueArn", "x", export=sub("${AWS::Region}-queue"))
    assert isinstance(output.imported, Ref)


def test_stacks_that_import_what_another_exports_have_no_findings(tmp_path: Path) -> None:
    text = f"""\
orders = Stack("orders")
queue = orders.add(Queue("Queue"))
arn = orders.output("QueueArn", queue.arn, export="orders-queue")
reader = Stack("reader")
reader.add(Function("Reader", **CODE, events={{"Work": SqsEvent(arn.imported)}}))
orders.add({SENDER})
"""
    assert findings(tmp_path, text) == []


def test_a_resource_of_another_stack_is_reached_by_its_export(tmp_path: Path) -> None:
    text = """\
orders = Stack("orders")
queue = orders.add(Queue("Queue"))
reader = Stack("reader")
reader.add(Function("Reader", **CODE, events={"Work": SqsEvent(queue)}))  # wrong
"""
    finding = only(tmp_path, text, "LF260")
    assert finding.what == "Reader refers to 'Queue', which is in the stack 'orders'."
    assert 'QueueArn = stack.output("QueueArn", ….arn, export="orders-QueueArn")' in finding.right
    assert "use QueueArn.imported here" in finding.right


def test_a_resource_of_a_nested_stack_is_reached_by_its_output(tmp_path: Path) -> None:
    text = f"""\
child = Stack("storage")
queue = child.add(Queue("Queue"))
stack = Stack("shop")
stack.nest("Storage", child)
stack.add({SENDER})  # wrong
"""
    finding = only(tmp_path, text, "LF260")
    assert 'storage.output("QueueName", ….ref)' in finding.right
    assert 'use Storage.output("QueueName") here' in finding.right


def test_a_nested_stack_gets_what_it_needs_as_a_parameter(tmp_path: Path) -> None:
    text = f"""\
stack = Stack("shop")
queue = stack.add(Queue("Queue"))
child = Stack("sending")
child.add({SENDER})  # wrong
stack.nest("Sending", child)
"""
    finding = only(tmp_path, text, "LF260")
    assert 'Give sending a parameter "QueueName"' in finding.right
    assert 'parameters={"QueueName": ….ref}' in finding.right


def test_nested_stacks_hand_on_to_each_other_through_the_stack_that_nests_them(tmp_path: Path) -> None:
    text = f"""\
one = Stack("one")
queue = one.add(Queue("Queue"))
two = Stack("two")
two.add({SENDER})  # wrong
stack = Stack("shop")
stack.nest("One", one)
stack.nest("Two", two)
"""
    assert "hand that on to two as a parameter" in only(tmp_path, text, "LF260").right


def test_a_namesake_of_another_stack_is_told_apart(tmp_path: Path) -> None:
    text = f"""\
orders = Stack("orders")
queue = orders.add(Queue("Queue"))
reader = Stack("reader")
reader.add(Queue("Queue"))
reader.add({SENDER})  # wrong
"""
    only(tmp_path, text, "LF260")


def test_an_output_whose_stack_is_not_in_the_app_cannot_be_imported(tmp_path: Path) -> None:
    text = """\
def output():
    other = Stack("other")
    return other.output("Arn", other.add(Queue("Queue")).arn, export="other-queue")
reader = Stack("reader")
reader.add(Function("Reader", **CODE, events={"Work": SqsEvent(output().imported)}))  # wrong
"""
    finding = only(tmp_path, text, "LF261")
    assert "'other-queue'" in finding.what


def test_an_import_that_is_nearly_an_export_is_pointed_out(tmp_path: Path) -> None:
    text = """\
orders = Stack("orders")
orders.output("Arn", orders.add(Queue("Queue")).arn, export="orders-queue")
reader = Stack("reader")
reader.output("Imported", import_value("order-queue"))  # wrong
"""
    assert only(tmp_path, text, "LF262").right == "Did you mean 'orders-queue'?"


def test_an_import_from_elsewhere_is_none_of_our_business(tmp_path: Path) -> None:
    text = """\
orders = Stack("orders")
orders.output("Arn", orders.add(Queue("Queue")).arn, export="orders-queue")
reader = Stack("reader")
reader.output("Imported", import_value("network-vpc"))
"""
    assert findings(tmp_path, text) == []


def test_two_stacks_cannot_export_one_name(tmp_path: Path) -> None:
    text = """\
one = Stack("one")
one.output("Arn", one.add(Queue("Queue")).arn, export="queue")
two = Stack("two")
two.output("Arn", two.add(Queue("Queue")).arn, export="queue")  # wrong
"""
    assert only(tmp_path, text, "LF263").what == "The stack 'one' exports 'queue', too."


def test_stacks_cannot_import_from_each_other(tmp_path: Path) -> None:
    text = """\
one = Stack("one")
two = Stack("two")
a = one.output("A", one.add(Queue("Queue")).arn, export="a")
b = two.output("B", two.add(Queue("Queue")).arn, export="b")
one.output("FromTwo", b.imported)
two.output("FromOne", a.imported)
"""
    found = findings(tmp_path, text)
    assert {each.rule for each in found} == {"LF264"}
    assert "one → two → one" in found[0].what


def test_stacks_are_deployed_after_those_they_import_from() -> None:
    first, second, third = (Stack(name) for name in ("first", "second", "third"))
    a = third.output("A", "1", export="a")
    b = second.output("B", a.imported, export="b")
    first.output("C", b.imported)
    assert [each.name for each in deployment_order([first, second, third])] == ["third", "second", "first"]


def test_a_nested_stacks_imports_count_for_the_stack_that_nests_it() -> None:
    base = Stack("base")
    a = base.output("A", "1", export="a")
    child, root = Stack("child"), Stack("root")
    child.output("B", a.imported)
    root.nest("Child", child)
    assert [each.name for each in deployment_order([root, base])] == ["base", "root"]


def test_stacks_in_a_circle_keep_their_order() -> None:
    one, two = Stack("one"), Stack("two")
    one.output("B", import_value("a"), export="b")
    two.output("A", import_value("b"), export="a")
    assert [each.name for each in deployment_order([two, one])] == ["two", "one"]


def test_a_nested_stack_is_asked_for_outputs_that_it_has(tmp_path: Path) -> None:
    text = """\
child = Stack("storage")
child.output("QueueArn", child.add(Queue("Queue")).arn)
stack = Stack("shop")
storage = stack.nest("Storage", child)
stack.output("Arn", storage.output("QueueArm"))  # wrong
"""
    finding = only(tmp_path, text, "LF265")
    assert finding.right == "Did you mean 'QueueArn'?"


def test_a_nested_stack_has_no_other_attributes(tmp_path: Path) -> None:
    text = """\
child = Stack("storage")
child.output("QueueArn", child.add(Queue("Queue")).arn)
stack = Stack("shop")
storage = stack.nest("Storage", child)
stack.output("Arn", sub("${Storage.QueueArn}"))  # wrong
"""
    assert "outputs only" in only(tmp_path, text, "LF265").right


def test_a_nested_stack_gives_an_output_by_its_own_object(tmp_path: Path) -> None:
    text = """\
child = Stack("storage")
arn = child.output("QueueArn", child.add(Queue("Queue")).arn)
stack = Stack("shop")
storage = stack.nest("Storage", child)
stack.output("Arn", storage.output(arn))
"""
    assert findings(tmp_path, text) == []


def test_a_nested_stack_is_given_its_own_parameters(tmp_path: Path) -> None:
    text = """\
child = Stack("storage")
child.add(Queue("Queue", queue_name=child.parameter("Name", default="q").ref))
stack = Stack("shop")
stack.nest("Storage", child, parameters={"Nam": "x"})  # wrong
"""
    assert only(tmp_path, text, "LF266").right == "Did you mean 'Name'?"


def test_a_nested_stack_is_given_all_that_it_needs(tmp_path: Path) -> None:
    text = """\
child = Stack("storage")
child.add(Queue("Queue", queue_name=child.parameter("Name").ref))
stack = Stack("shop")
stack.nest("Storage", child)  # wrong
"""
    assert only(tmp_path, text, "LF266").what == "Nested stack 'Storage' is not given Name."


def test_a_stack_cannot_be_nested_in_itself() -> None:
    stack, child = Stack("shop"), Stack("child")
    stack.nest("Child", child)
    with pytest.raises(DefinitionError, match="'child' is nested in itself"):
        child.nest("Shop", stack)


def test_only_a_stack_can_be_nested() -> None:
    with pytest.raises(DefinitionError, match=r"nest\(\) was given Queue"):
        Stack("shop").nest("Storage", Queue("Queue"))  # type: ignore[arg-type]


def test_what_is_wrong_in_a_nested_stack_is_found_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(
        HEAD
        + 'child = Stack("c")\nchild.add(Function("Fn", **CODE, dead_letter_queue=ref("Nowhere")))\n'
        + 'Stack("s").nest("C", child)\nstack = Stack("t")\nstack.nest("C", child)\n'
    )
    [stack] = load_stacks(file)
    [child] = stack.children.values()
    [finding] = [each for each in check(child) if each.rule == "LF201"]
    assert finding.location
    assert finding.location.line == 4


def test_a_template_that_nests_a_local_one_is_checked_with_it(tmp_path: Path) -> None:
    from lambdaform.load.template import load_file

    (tmp_path / "child.yaml").write_text(
        "Resources: {Q: {Type: 'AWS::SQS::Queue'}}\nOutputs: {Arn: {Value: x}}\n"
    )
    (tmp_path / "root.yaml").write_text(
        "Resources:\n"
        "  Child:\n"
        "    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: child.yaml}\n"
        "Outputs:\n"
        "  A: {Value: !GetAtt Child.Outputs.Arm}\n"
    )
    stack = load_file(tmp_path / "root.yaml")
    assert [each.name for each in stack.descendants()] == ["child"]
    [finding] = [each for each in check(stack) if each.rule == "LF265"]
    assert finding.location
    assert finding.location.line == 6


def test_a_template_that_nests_itself_is_refused(tmp_path: Path) -> None:
    from lambdaform.load.template import load_file

    text = "Resources: {Child: {Type: 'AWS::Serverless::Application', Properties: {Location: %s}}}\n"
    (tmp_path / "a.yaml").write_text(text % "./b.yaml")
    (tmp_path / "b.yaml").write_text(text % "./a.yaml")
    with pytest.raises(DefinitionError, match="nests itself"):
        load_file(tmp_path / "a.yaml")


def test_a_template_outside_the_project_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lambdaform.load.template import load_file

    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    (tmp_path / "secret.yaml").write_text("Resources: {}\n")
    (project / "a.yaml").write_text(
        "Resources: {C: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ../secret.yaml}}}\n"
    )
    with pytest.raises(DefinitionError, match="lies outside the project"):
        load_file(project / "a.yaml")
