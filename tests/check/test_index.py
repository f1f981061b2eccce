"""What a check sees in its one look over a stack, and for how long it keeps that."""

from __future__ import annotations

from collections.abc import Iterable

from lambdaform import (
    Allow,
    Function,
    GatewayResponse,
    LambdaFunction,
    Queue,
    Stack,
    if_,
    join,
    ref,
    sub,
)
from lambdaform.check.index import one_look, per_check
from lambdaform.check.view import functions, of_aws_type, of_type, parts, uses
from lambdaform.model.function import Environment, FunctionSettings
from lambdaform.model.iam import Statement


def shop() -> Stack:
    stack = Stack("shop")
    orders = stack.add(Queue("Orders"))
    stack.add(
        Function(
            "Checkout",
            metadata={"Owner": ref("Team")},
            environment={"URL": sub("${Host}/${inner}", inner=join("/", [orders.url, "x"]))},
            policies=[Allow("sqs:SendMessage", on=if_("Live", orders.arn, "*"))],
        )
    )
    stack.output("Url", orders.url, export=sub("${Orders.QueueName}"))
    return stack


def test_resources_are_found_by_class_and_by_type() -> None:
    stack = shop()
    assert [each.logical_id for each in functions(stack)] == ["Checkout"]
    assert [each.logical_id for each in of_aws_type(stack, "AWS::SQS::Queue", "AWS::SNS::Topic")] == [
        "Orders"
    ]
    assert not of_type(stack, LambdaFunction)
    assert of_type(stack, FunctionSettings) == of_type(stack, Function)


def test_parts_are_found_however_deep_with_their_resource() -> None:
    stack = shop()
    assert [(owner.logical_id, part.effect) for owner, part in parts(stack, Statement)] == [
        ("Checkout", "Allow")
    ]
    assert [owner.logical_id for owner, _ in parts(stack, Environment)] == ["Checkout"]
    assert not parts(stack, GatewayResponse)


def test_a_resource_is_a_part_of_itself() -> None:
    assert [part.logical_id for _, part in parts(shop(), Queue)] == ["Orders"]


def test_references_come_with_their_owner_and_property() -> None:
    seen = [(use.title, use.property, type(use.ref).__name__) for use in uses(shop())]
    assert seen == [
        ("Checkout", "Environment", "Sub"),
        ("Checkout", "Environment", "Intrinsic"),
        ("Checkout", "Environment", "LogicalRef"),
        ("Checkout", "Policies", "If"),
        ("Checkout", "Policies", "GetAtt"),
        ("Checkout", "", "LogicalRef"),
        ("output Url", "Value", "LogicalRef"),
        ("output Url", "", "Sub"),
    ]


def test_globals_have_parts_too() -> None:
    stack = shop()
    stack.globals_for(Function, environment={"STAGE": "dev"})
    assert [owner.logical_id for owner, _ in parts(stack, Environment)] == ["Checkout", "Globals"]


calls: list[str] = []


@per_check
def names(stack: Stack, function: Function) -> Iterable[str]:
    calls.append(function.logical_id)
    yield from (each.logical_id for each in of_type(stack, Queue))


def test_an_answer_is_worked_out_once_in_a_check_and_can_be_read_again() -> None:
    stack = shop()
    function = of_type(stack, Function)[0]
    calls.clear()
    with one_look(stack):
        assert list(names(stack, function)) == list(names(stack, function)) == ["Orders"]
    assert calls == ["Checkout"]


def test_the_next_check_sees_what_was_added() -> None:
    stack = shop()
    function = of_type(stack, Function)[0]
    with one_look(stack):
        assert list(names(stack, function)) == ["Orders"]
    stack.add(Queue("More"))
    assert list(names(stack, function)) == ["Orders", "More"]
    with one_look(stack):
        assert list(names(stack, function)) == ["Orders", "More"]


def test_a_check_knows_its_own_stack_only() -> None:
    stack, other = shop(), Stack("other")
    with one_look(stack):
        assert len(functions(stack)) == 1
        assert not functions(other)
