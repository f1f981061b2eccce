"""Components: functions that add resources to a scope, under names of their own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import sns

from lambdaform import (
    DefinitionError,
    Function,
    Queue,
    RawResource,
    Scope,
    SqsEvent,
    Stack,
    equals,
    find_in_map,
    ref,
)
from lambdaform.check.findings import check
from lambdaform.synth.template import template_of

CODE: dict[str, Any] = {
    "runtime": "python3.13",
    "handler": "index.handler",
    "inline_code": "def handler(e, c): pass",
}


def worker(scope: Scope) -> Function:
    """A component: a queue and the function that reads it."""
    queue = scope.add(Queue("Queue"))
    return scope.add(Function("Worker", **CODE, events={"Work": SqsEvent(queue)}))


def test_a_component_can_be_used_twice_in_one_stack() -> None:
    stack = Stack("shop")
    worker(stack.scope("Orders"))
    worker(stack.scope("Returns"))
    assert list(stack.resources) == ["OrdersQueue", "OrdersWorker", "ReturnsQueue", "ReturnsWorker"]


def test_what_add_gives_back_is_referred_to_by_its_whole_name() -> None:
    stack = Stack("shop")
    worker(stack.scope("Orders"))
    event = template_of(stack)["Resources"]["OrdersWorker"]["Properties"]["Events"]["Work"]
    assert event["Properties"]["Queue"] == {"Fn::GetAtt": ["OrdersQueue", "Arn"]}
    assert not [each for each in check(stack) if each.rule == "LF201"]


def test_a_component_takes_a_whole_stack_too() -> None:
    stack = Stack("shop")
    assert worker(stack).logical_id == "Worker"


def test_scopes_nest() -> None:
    stack = Stack("shop")
    inner = stack.scope("Blue").scope("Orders")
    assert worker(inner).logical_id == "BlueOrdersWorker"


def test_the_object_that_was_added_stays_as_it_was() -> None:
    stack, queue = Stack("shop"), Queue("Queue")
    added = stack.scope("Orders").add(queue)
    assert (queue.logical_id, added.logical_id) == ("Queue", "OrdersQueue")


def test_a_resource_in_a_scope_is_found_where_the_user_wrote_it() -> None:
    stack = Stack("shop")
    queue = Queue("Queue", visibility_timeout=60)
    added = stack.scope("Orders").add(queue)
    assert added.origin is queue.origin


def test_parameters_outputs_conditions_and_mappings_have_the_prefix() -> None:
    stack = Stack("shop")
    part = stack.scope("Orders")
    stage = part.parameter("Stage", default="dev")
    is_prod = part.condition("IsProd", equals(stage.ref, "prod"))
    sizes = part.mapping("Sizes", {"dev": {"memory": 128}})
    queue = part.add(Queue("Queue", condition=is_prod))
    part.output("Arn", queue.arn, condition=is_prod)
    part.add(Function("Fn", **CODE, memory_size=find_in_map(sizes, "dev", "memory")))
    template = template_of(stack)
    assert template["Parameters"] == {"OrdersStage": {"Type": "String", "Default": "dev"}}
    assert template["Conditions"] == {"OrdersIsProd": {"Fn::Equals": [{"Ref": "OrdersStage"}, "prod"]}}
    assert list(template["Mappings"]) == ["OrdersSizes"]
    assert template["Outputs"]["OrdersArn"]["Condition"] == "OrdersIsProd"
    assert template["Resources"]["OrdersQueue"]["Condition"] == "OrdersIsProd"
    assert template["Resources"]["OrdersFn"]["Properties"]["MemorySize"]["Fn::FindInMap"][0] == "OrdersSizes"


def test_a_loop_in_a_scope_makes_resources_with_the_prefix() -> None:
    stack = Stack("shop")
    part = stack.scope("Orders", tags={"team": "sales"})
    part.for_each("Queues", "Name", ["A", "B"], {"Queue${Name}": Queue("Queue", queue_name=ref("Name"))})
    [(name, loop)] = template_of(stack)["Resources"].items()
    assert name == "Fn::ForEach::OrdersQueues"
    assert list(loop[2]) == ["OrdersQueue${Name}"]
    assert loop[2]["OrdersQueue${Name}"]["Properties"]["Tags"] == [{"Key": "team", "Value": "sales"}]


def test_a_name_further_down_is_reached_by_its_whole_logical_id() -> None:
    part = Stack("shop").scope("Orders")
    assert ref(part.logical_id("Worker")) == ref("OrdersWorker")


def test_the_object_that_is_not_in_the_stack_is_an_error_that_says_what_to_use() -> None:
    stack = Stack("shop")
    part = stack.scope("Orders")
    queue = Queue("Queue")
    part.add(queue)
    part.add(Function("Worker", **CODE, events={"Work": SqsEvent(queue)}))
    [finding] = [each for each in check(stack) if each.rule == "LF201"]
    assert "'Queue'" in finding.what
    assert "OrdersQueue" in finding.right
    assert "add() gave back" in finding.right


def test_a_namesake_in_the_stack_does_not_stand_for_the_object_that_was_renamed() -> None:
    stack = Stack("shop")
    stack.add(Queue("Queue"))
    part = stack.scope("Orders")
    queue = Queue("Queue")
    part.add(queue)
    part.add(Function("Worker", **CODE, events={"Work": SqsEvent(queue)}))
    assert [each.rule for each in check(stack) if each.rule == "LF201"] == ["LF201"]


def test_two_components_cannot_make_one_name() -> None:
    stack = Stack("shop")
    stack.scope("Orders").add(Queue("QueueX"))
    with pytest.raises(DefinitionError, match="'OrdersQueueX' is taken"):
        stack.scope("OrdersQueue").add(Queue("X"))


def test_a_scopes_name_is_the_beginning_of_a_logical_id() -> None:
    with pytest.raises(DefinitionError, match=r"test_scopes\.py:\d+: Scope: name is 'my-part'"):
        Stack("shop").scope("my-part")


def test_a_name_that_grows_too_long_is_refused() -> None:
    scope = Stack("shop")
    part = scope.scope("A" * 64).scope("B" * 64).scope("C" * 64).scope("D" * 63)
    with pytest.raises(DefinitionError, match="261 characters"):
        part.add(Queue("QueueX"))


def tags_in(stack: Stack, logical_id: str) -> dict[str, str]:
    tags = template_of(stack)["Resources"][logical_id].get("Properties", {}).get("Tags", [])
    return {each["Key"]: each["Value"] for each in tags}


def test_a_scopes_tags_go_to_what_is_added_in_it() -> None:
    stack = Stack("shop", tags={"service": "shop", "colour": "none"})
    stack.add(Queue("Plain"))
    part = stack.scope("Blue", tags={"colour": "blue"}).scope("Orders", tags={"team": "sales"})
    part.add(Queue("Queue", tags={"team": "own"}))
    assert tags_in(stack, "Plain") == {"service": "shop", "colour": "none"}
    assert tags_in(stack, "BlueOrdersQueue") == {"service": "shop", "colour": "blue", "team": "own"}


def test_a_scopes_tags_go_to_raw_resources_of_a_known_type() -> None:
    stack = Stack("shop")
    stack.scope("Blue", tags={"colour": "blue"}).add(RawResource("Topic", type="AWS::SNS::Topic"))
    assert tags_in(stack, "BlueTopic") == {"colour": "blue"}


def test_a_resource_of_troposphere_has_the_prefix() -> None:
    stack = Stack("shop")
    topic = stack.scope("Orders").add(sns.Topic("Topic", TopicName="orders"))
    assert topic.logical_id == "OrdersTopic"
    assert list(template_of(stack)["Resources"]) == ["OrdersTopic"]


def test_a_resource_of_troposphere_that_changes_in_a_scope_is_refused() -> None:
    stack, topic = Stack("shop"), sns.Topic("Topic", TopicName="orders")
    stack.scope("Orders").add(topic)
    topic.TopicName = "others"
    with pytest.raises(DefinitionError, match="was changed"):
        template_of(stack)


@given(st.lists(st.sampled_from(["A", "B", "C"]), max_size=4), st.sampled_from(["Queue", "X1"]))
def test_a_logical_id_is_the_names_of_its_scopes_and_its_own(scopes: list[str], name: str) -> None:
    scope: Scope = Stack("shop")
    for each in scopes:
        scope = scope.scope(each)
    assert scope.add(Queue(name)).logical_id == "".join([*scopes, name]) == scope.logical_id(name)


@pytest.mark.parametrize(("value", "passed"), [(90, "90"), (0.5, "0.5"), (True, "true"), ("x", "x")])
def test_a_nested_stacks_parameters_are_given_as_python_has_them(value: object, passed: str) -> None:
    nested = Stack("outer").nest("Inner", Stack("inner"), parameters={"Value": value})
    assert nested.parameters == {"Value": passed}
