"""Stacks in stacks, and stacks beside each other: values go from one to the other as they do on AWS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdaform import (
    DefinitionError,
    Function,
    Layer,
    Queue,
    ScheduleEvent,
    SimpleTable,
    Stack,
    equals,
    import_value,
    join,
    rate,
    ref,
    sub,
)
from lambdaform.load.template import load_file
from lambdaform.local.provisioning.provisioner import Provisioned
from lambdaform.synth.assembly import assemble, expand
from tests.local.stacks import stack_account

CODE: dict[str, Any] = {
    "runtime": "python3.13",
    "handler": "index.handler",
    "inline_code": "def handler(event, context): return 1",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def provision(folder: Path, *stacks: Stack, parameters: dict[str, str] | None = None) -> Provisioned:
    assemblies = [expand(assemble(stack, parameters)) for stack in stacks]
    return stack_account(folder / "account").provision(*assemblies)


def environment(made: Provisioned, name: str) -> Any:
    [function] = [each for each in made.functions if each.name == name]
    return function.versions["$LATEST"].environment


def test_a_nested_stacks_functions_are_functions_too(folder: Path) -> None:
    child, stack = Stack("storage"), Stack("shop")
    child.add(Function("Writer", **CODE))
    stack.nest("Storage", child)
    made = provision(folder, stack)
    assert [(each.name, each.stack, each.logical_id) for each in made.functions] == [
        ("shop-Storage-Writer", "shop-Storage", "Writer")
    ]


def test_a_nested_stack_gets_its_parameters(folder: Path) -> None:
    child, stack = Stack("storage"), Stack("shop")
    name = child.parameter("QueueName")
    size = child.parameter("Size", default="small")
    child.add(Function("Writer", **CODE, environment={"QUEUE": name.ref, "SIZE": size.ref}))
    queue = stack.add(Queue("Orders", queue_name="orders"))
    stack.nest("Storage", child, parameters={"QueueName": queue.attr("QueueName")})
    made = provision(folder, stack)
    assert environment(made, "shop-Storage-Writer") == {"QUEUE": "orders", "SIZE": "small"}


def test_a_stack_gets_its_nested_stacks_outputs(folder: Path) -> None:
    child, stack = Stack("storage"), Stack("shop")
    child.output("TableName", child.add(SimpleTable("Table")).ref)
    storage = stack.nest("Storage", child)
    variables = {"TABLE": storage.output("TableName"), "TEXT": sub("<${Storage.Outputs.TableName}>")}
    stack.add(Function("Reader", **CODE, environment=variables))
    made = provision(folder, stack)
    assert environment(made, "shop-Reader") == {
        "TABLE": "shop-Storage-Table",
        "TEXT": "<shop-Storage-Table>",
    }


def test_nested_stacks_hand_on_values_in_any_order(folder: Path) -> None:
    giver, taker, stack = Stack("giver"), Stack("taker"), Stack("shop")
    taker.add(Function("Fn", **CODE, environment={"NAME": taker.parameter("Name").ref}))
    giver.output("Name", giver.add(Queue("Queue")).attr("QueueName"))
    stack.nest("Taker", taker, parameters={"Name": sub("${Giver.Outputs.Name}!")})
    stack.nest("Giver", giver)
    assert environment(provision(folder, stack), "shop-Taker-Fn") == {"NAME": "shop-Giver-Queue!"}


def test_stacks_nest_as_deep_as_one_likes(folder: Path) -> None:
    inner, middle, stack = Stack("inner"), Stack("middle"), Stack("shop")
    inner.add(Function("Fn", **CODE, environment={"NAME": inner.parameter("Name").ref}))
    inner.output("Double", join("", [ref("Name"), ref("Name")]))
    nested = middle.nest("Inner", inner, parameters={"Name": middle.parameter("Name").ref})
    middle.output("Double", nested.output("Double"))
    top = stack.nest("Middle", middle, parameters={"Name": "ab"})
    stack.add(Function("Top", **CODE, environment={"DOUBLE": top.output("Double")}))
    made = provision(folder, stack)
    assert environment(made, "shop-Middle-Inner-Fn") == {"NAME": "ab"}
    assert environment(made, "shop-Top") == {"DOUBLE": "abab"}


def test_one_stack_can_be_nested_twice(folder: Path) -> None:
    child, stack = Stack("worker"), Stack("shop")
    child.add(Function("Fn", **CODE, environment={"NAME": child.parameter("Name").ref}))
    stack.nest("One", child, parameters={"Name": "first"})
    stack.nest("Two", child, parameters={"Name": "second"})
    made = provision(folder, stack)
    assert environment(made, "shop-One-Fn") == {"NAME": "first"}
    assert environment(made, "shop-Two-Fn") == {"NAME": "second"}


def test_a_list_goes_to_a_nested_stack_as_a_list(folder: Path) -> None:
    child, stack = Stack("worker"), Stack("shop")
    names = child.parameter("Names", "CommaDelimitedList")
    child.add(Function("Fn", **CODE, environment={"NAMES": join("+", names.ref)}))
    given = stack.parameter("Names", "CommaDelimitedList")
    stack.nest("Worker", child, parameters={"Names": given.ref})
    made = provision(folder, stack, parameters={"Names": "a, b"})
    assert environment(made, "shop-Worker-Fn") == {"NAMES": "a+b"}


def test_a_nested_stack_whose_condition_does_not_hold_is_not_made(folder: Path) -> None:
    child, stack = Stack("worker"), Stack("shop")
    child.add(Function("Fn", **CODE))
    is_prod = stack.condition("IsProd", equals(stack.parameter("Stage", default="dev").ref, "prod"))
    stack.nest("Worker", child, condition=is_prod)
    assert provision(folder, stack).functions == []
    assert len(provision(folder, stack, parameters={"Stage": "prod"}).functions) == 1


def test_a_nested_stacks_schedules_fire(folder: Path) -> None:
    child, stack = Stack("worker"), Stack("shop")
    child.add(Function("Fn", **CODE, events={"Often": ScheduleEvent(rate(5, "minutes"))}))
    stack.nest("Worker", child)
    [schedule] = provision(folder, stack).schedules
    assert schedule.function_arn.endswith("function:shop-Worker-Fn")


def test_a_layer_of_the_outer_stack_is_at_hand_in_a_nested_one(folder: Path) -> None:
    (folder / "layer" / "python").mkdir(parents=True)
    (folder / "layer" / "python" / "shared.py").write_text("X = 1\n")
    child, stack = Stack("worker"), Stack("shop")
    child.add(Function("Fn", **CODE, layers=[child.parameter("LayerArn").ref]))
    layer = stack.add(Layer("Shared", content_uri="layer"))
    stack.nest("Worker", child, parameters={"LayerArn": layer.ref})
    stack.file = str(folder / "app.py")
    [function] = provision(folder, stack).functions
    assert function.refusal is None
    assert (function.versions["$LATEST"].opt / "python" / "shared.py").read_text() == "X = 1\n"


def test_what_only_a_deployment_knows_is_said_across_stacks(folder: Path) -> None:
    child, stack = Stack("worker"), Stack("shop")
    child.add(Function("Fn", **CODE, environment={"HOST": child.parameter("Host").ref}))
    stack.nest("Worker", child, parameters={"Host": stack.parameter("Host").ref})
    [notice] = provision(folder, stack).notices
    assert notice.text.startswith("Fn: the variable HOST depends on the parameter Host, known only after")
    assert (notice.stack, notice.function) == ("shop-Worker", "Fn")


def test_outputs_that_depend_on_themselves_are_told(folder: Path) -> None:
    child, stack = Stack("worker"), Stack("shop")
    child.output("Name", child.parameter("Name").ref)
    stack.nest("Worker", child, parameters={"Name": sub("${Worker.Outputs.Name}")})
    stack.add(Function("Fn", **CODE, environment={"NAME": sub("${Worker.Outputs.Name}")}))
    with pytest.raises(DefinitionError, match="The output 'Name' of the stack shop-Worker depends on itself"):
        provision(folder, stack)


def test_a_stack_imports_what_another_exports(folder: Path) -> None:
    orders, reader = Stack("orders"), Stack("reader")
    arn = orders.output("QueueArn", orders.add(Queue("Queue")).arn, export="orders-queue")
    reader.add(Function("Reader", **CODE, environment={"QUEUE": arn.imported}))
    made = provision(folder, reader, orders)
    assert environment(made, "reader-Reader") == {"QUEUE": "arn:aws:sqs:us-east-1:123456789012:orders-Queue"}
    assert made.notices == []


def test_an_export_may_be_named_after_its_stack(folder: Path) -> None:
    orders, reader = Stack("orders"), Stack("reader")
    orders.output("Name", "queue-1", export=sub("${AWS::StackName}-name"))
    reader.add(Function("Reader", **CODE, environment={"NAME": import_value("orders-name")}))
    assert environment(provision(folder, orders, reader), "reader-Reader") == {"NAME": "queue-1"}


def test_an_import_from_elsewhere_is_told_as_unknown(folder: Path) -> None:
    reader = Stack("reader")
    reader.add(Function("Reader", **CODE, environment={"NAME": import_value("network-vpc")}))
    [notice] = provision(folder, reader).notices
    assert "depends on the export network-vpc" in notice.text


def test_a_template_runs_the_local_ones_that_it_nests(folder: Path) -> None:
    (folder / "child.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Parameters: {Name: {Type: String}}\n"
        "Resources:\n"
        "  Fn:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        "      Runtime: python3.13\n"
        "      Handler: index.handler\n"
        "      InlineCode: 'def handler(e, c): pass'\n"
        "      Environment: {Variables: {NAME: !Ref Name}}\n"
        "Outputs: {Arn: {Value: !GetAtt Fn.Arn}}\n"
    )
    (folder / "root.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  One:\n"
        "    Type: AWS::Serverless::Application\n"
        "    Properties: {Location: child.yaml, Parameters: {Name: one}}\n"
        "  Two:\n"
        "    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: ./child.yaml, Parameters: {Name: !GetAtt One.Outputs.Arn}}\n"
    )
    made = provision(folder, load_file(folder / "root.yaml", stack_name="shop"))
    assert environment(made, "shop-One-Fn") == {"NAME": "one"}
    assert environment(made, "shop-Two-Fn") == {
        "NAME": "arn:aws:lambda:us-east-1:123456789012:function:shop-One-Fn"
    }
