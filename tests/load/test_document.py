"""A stack written as data by hand: what may be written, and what each mistake is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdaform import (
    DefinitionError,
    Queue,
    SqsEvent,
    Stack,
    UsageError,
)
from lambdaform.check.findings import check
from lambdaform.load.document import load_document, read_document
from lambdaform.load.template import load_template
from lambdaform.load.yaml_reader import read_template
from lambdaform.model.references import GetAtt, LogicalRef
from lambdaform.synth.template import template_of


def stack_of(text: str) -> Stack:
    return read_document(f"name: shop\n{text}", "stack.yaml")


def errors_of(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        stack_of(text)
    notes = getattr(caught.value, "__notes__", ())
    return [each.splitlines()[0] for each in (str(caught.value), *notes)]


def error_of(text: str) -> str:
    [error] = errors_of(text)
    return error


def resource(text: str, key: str = "Sample") -> Any:
    return stack_of(text).resources[key]


QUEUE = """\
  Orders:
    class: Queue
"""


def test_a_resource_is_its_class_and_the_fields_of_that() -> None:
    queue = resource("resources:\n  Sample:\n    class: Queue\n    visibility_timeout: 60\n")
    assert queue == Queue("Sample", visibility_timeout=60)


@pytest.mark.parametrize("way", ["!Resource Orders", "{$resource: Orders}"])
def test_a_resource_stands_for_what_the_field_wants(way: str) -> None:
    text = f"resources:\n{QUEUE}  Sample:\n    class: Function\n    dead_letter_queue: {way}\n"
    assert resource(text).dead_letter_queue.target_arn == GetAtt("Orders", "Arn")


def test_a_resource_stands_for_what_the_field_wants_in_globals_too() -> None:
    shared = "globals:\n  Function:\n    dead_letter_queue: !Resource Orders\n"
    stack: Any = stack_of(f"{shared}resources:\n{QUEUE}")
    assert stack.globals["Function"].dead_letter_queue.target_arn == GetAtt("Orders", "Arn")


def test_a_resource_may_be_meant_before_it_is_written() -> None:
    text = f"resources:\n  Sample:\n    class: Function\n    dead_letter_queue: !Resource Orders\n{QUEUE}"
    stack = stack_of(text)
    assert list(stack.resources) == ["Sample", "Orders"]
    function: Any = stack.resources["Sample"]
    assert function.dead_letter_queue.type == "SQS"


def test_resources_may_stand_for_each_other_in_a_circle() -> None:
    text = """\
resources:
  First:
    class: Queue
    redrive_policy: {dead_letter_target_arn: !Resource Second, max_receive_count: 3}
  Second:
    class: Queue
    redrive_policy: {dead_letter_target_arn: !Resource First, max_receive_count: 3}
"""
    resources: Any = stack_of(text).resources
    assert resources["First"].redrive_policy.dead_letter_target_arn == GetAtt("Second", "Arn")
    assert resources["Second"].redrive_policy.dead_letter_target_arn == GetAtt("First", "Arn")


def test_what_is_meant_is_the_object_in_the_stack() -> None:
    shared = "  Shared:\n    class: Layer\n    content_uri: .\n"
    text = f"resources:\n  Sample:\n    class: Function\n    layers: [!Resource Shared]\n{shared}"
    stack = stack_of(text)
    function: Any = stack.resources["Sample"]
    assert function.layers[0].target is stack.resources["Shared"]


def test_a_long_chain_of_resources_is_no_depth() -> None:
    chain = "".join(
        f"  Q{i}:\n    class: Queue\n    redrive_policy: {{dead_letter_target_arn: !Resource Q{i + 1}, max_receive_count: 3}}\n"
        for i in range(3000)
    )
    assert len(stack_of(f"resources:\n{chain}  Q3000:\n    class: Queue\n").resources) == 3001


def test_an_event_names_its_class_and_takes_what_python_takes() -> None:
    events = "events:\n      New: {class: SqsEvent, queue: !Resource Orders}\n"
    text = f"resources:\n{QUEUE}  Sample:\n    class: Function\n    {events}"
    assert resource(text).events == {"New": SqsEvent(GetAtt("Orders", "Arn"))}


def test_intrinsics_are_long_or_short() -> None:
    text = "resources:\n  Sample:\n    class: Function\n    environment: {LONG: {Ref: Stage}, SHORT: !Ref Stage}\n"
    variables = resource(text).environment.variables
    assert variables == {"LONG": LogicalRef("Stage"), "SHORT": LogicalRef("Stage")}


def test_an_object_of_the_only_class_that_its_place_takes_need_not_name_it() -> None:
    text = "resources:\n  Sample:\n    class: Function\n    vpc_config: {subnet_ids: [a], security_group_ids: [b]}\n"
    assert resource(text).vpc_config.subnet_ids == ("a",)


def test_among_several_classes_the_fields_tell_which_is_meant() -> None:
    text = "resources:\n  Sample:\n    class: Function\n    policies:\n    - {effect: Allow, action: 'sqs:*', resource: '*'}\n"
    assert resource(text).policies[0].statement[0].effect == "Allow"


def test_where_a_mapping_is_taken_as_well_an_object_names_its_class() -> None:
    text = "resources:\n  Sample:\n    class: Function\n    environment: {class: Environment, variables: {STAGE: dev}}\n"
    assert resource(text).environment.variables == {"STAGE": "dev"}


def test_a_mapping_may_have_a_key_that_is_called_class() -> None:
    text = "resources:\n  Sample:\n    class: Function\n    environment: {class: gold}\n    tags: {class: gold}\n"
    function = resource(text)
    assert (function.environment.variables, function.tags) == ({"class": "gold"}, {"class": "gold"})


def test_a_document_may_tell_an_editor_its_schema() -> None:
    assert (
        read_document('{"$schema": "stack.schema.json", "name": "shop", "resources": {}}', "s.json").name
        == "shop"
    )


def test_an_older_profile_is_that_of_the_stack() -> None:
    assert stack_of("profile: '2019-04-01'\nresources: {}\n").profile == "2019-04-01"


def test_code_is_relative_to_the_documents_folder(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text("name: shop\nresources: {}\n")
    assert load_document(file).file == str(file)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "resources:\n  Api:\n    class: Function\n    timeout: 901\n",
            "stack.yaml:5:5: resources.Api.timeout: Function 'Api': timeout is 901. It must be 1 to 900 seconds "
            "(AWS Lambda Developer Guide, gettingstarted-limits).",
        ),
        (
            "resources:\n  Api:\n    class: Function\n    timout: 9\n",
            "stack.yaml:5:5: resources.Api.timout: Function has no property 'timout'. Did you mean 'timeout'?",
        ),
        (
            "resources:\n  Orders:\n    class: Queue\n    VisibilityTimeout: 60\n",
            "stack.yaml:5:5: resources.Orders.VisibilityTimeout: Queue has no property 'VisibilityTimeout'. "
            "Here it is 'visibility_timeout'.",
        ),
        (
            "resources:\n  Orders:\n    Type: AWS::SQS::Queue\n",
            "stack.yaml:3:3: resources.Orders: Resource 'Orders' has no class. Write class: Queue.",
        ),
        (
            "resources:\n  Api:\n    class: Functoin\n",
            "stack.yaml:4:5: resources.Api.class: Resource 'Api': there is no resource class 'Functoin'. "
            "Did you mean 'Function'?",
        ),
        (
            "resources:\n  Api:\n    timeout: 3\n",
            "stack.yaml:3:3: resources.Api: Resource 'Api' has no class. Each names its class, such as class: Queue.",
        ),
        (
            f"resources:\n{QUEUE}  Api:\n    class: Function\n    layers: [!Resource Ordres]\n",
            "stack.yaml:7:14: resources.Api.layers[0]: There is no resource 'Ordres'. Did you mean 'Orders'?",
        ),
        (
            f"resources:\n{QUEUE}  Api:\n    class: Function\n    layers: [!Resource Orders]\n",
            "stack.yaml:7:14: resources.Api.layers[0]: Function 'Api': layers[0] is Queue 'Orders'. "
            "It must be text or a reference.",
        ),
        (
            "resources:\n  Api:\n    class: Function\n    environment: {1BAD: x}\n",
            "stack.yaml:5:19: resources.Api.environment.1BAD: Environment: variables['1BAD'] has a name that is not "
            "allowed. A name starts with a letter and has at least two letters, digits and underscores "
            "(Lambda API, EnvironmentVariableName).",
        ),
        (
            "resources:\n  Api:\n    class: Function\n    events:\n      New: {class: SqsEvnt, queue: a}\n",
            "stack.yaml:6:13: resources.Api.events.New.class: 'SqsEvnt' is no class that can stand here. "
            "Did you mean 'SqsEvent'?",
        ),
        (
            "resources:\n  Seed:\n    class: Queue\n    redrive_policy: {max_receive_count: 3}\n",
            "stack.yaml:5:5: resources.Seed.redrive_policy: RedrivePolicy: dead_letter_target_arn is missing. "
            "It must be text or a reference.",
        ),
        (
            "resorces: {}\n",
            "stack.yaml:2:1: resorces: A stack has no 'resorces'. Did you mean 'resources'?",
        ),
        ("resources: []\n", "stack.yaml:2:1: resources: resources is no mapping. It maps names to definitions."),
        (
            "globals: {Queue: {}}\nresources: {}\n",
            "stack.yaml:2:11: globals.Queue: SAM has no globals for Queue. It has some for Api, CapacityProvider, "
            "Function, HttpApi, Layer, MicrovmImage, NetworkConnector, SimpleTable, StateMachine, WebSocketApi.",
        ),
        (
            "parameters: {Orders: {}}\nresources:\n  Orders: {class: Queue}\n",
            "stack.yaml:4:3: resources.Orders: Stack 'shop': the logical id 'Orders' is taken (at stack.yaml:2). "
            "Each resource and parameter of a stack needs a logical id of its own.",
        ),
        (
            f"resources:\n{QUEUE}  Seed:\n    class: Role\n    assume_role_policy_document: {{From: !Resource Orders}}\n",
            "stack.yaml:7:35: resources.Seed.assume_role_policy_document.From: A resource itself cannot stand where "
            "anything may stand. Write what of it is meant: !Ref Orders, or !GetAtt Orders.Arn.",
        ),
        (
            "resources:\n  Api:\n    class: Function\n    role: {Fn::GetAtt: [Role]}\n",
            "stack.yaml:5:12: resources.Api.role.Fn::GetAtt: Fn::GetAtt is ['Role']. "
            "It takes a resource and an attribute: [Orders, Arn].",
        ),
        (
            "resources:\n  Seed: {class: CustomResource, type: 5, service_token: a}\n",
            "stack.yaml:3:33: resources.Seed.type: CustomResource 'Seed': type is 5. It must be text.",
        ),
        (
            "loops: {Queues: {identifier: Name}}\nresources: {}\n",
            "stack.yaml:2:9: loops.Queues: Loop 'Queues' is no loop. It has an identifier, a collection, and a body "
            "that maps logical ids to resources.",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_its_path_and_what_is_right(text: str, error: str) -> None:
    assert error_of(text) == error


def test_a_mistake_in_a_nested_stack_has_the_whole_path() -> None:
    text = "resources: {}\nchildren:\n  Store:\n    name: store\n    resources:\n      Q: {class: Queue, delay_seconds: -1}\n"
    assert "children.Store.resources.Q.delay_seconds" in error_of(text)


def test_all_mistakes_are_told_in_the_order_of_the_file() -> None:
    text = "resources:\n  A: {class: Queue, delay_seconds: -1}\n  B: {class: Qeue}\n  C: {class: Queue, nmae: x}\n"
    assert [each.split(":")[1] for each in errors_of(text)] == ["3", "4", "5"]


def test_a_stack_without_a_name_is_refused() -> None:
    with pytest.raises(DefinitionError, match="name is missing"):
        read_document("resources: {}", "stack.yaml")


def test_what_is_no_mapping_is_no_stack() -> None:
    with pytest.raises(DefinitionError, match="is not a stack: it is a list"):
        read_document("- a", "stack.yaml")


def test_a_template_is_told_from_a_stack() -> None:
    with pytest.raises(DefinitionError) as caught:
        read_document("Resources: {}", "t.yaml")
    assert (
        str(caught.value) == "t.yaml is a template, not a stack. A template is named with --template t.yaml."
    )


def test_a_stack_is_told_from_a_template() -> None:
    with pytest.raises(DefinitionError) as caught:
        load_template(read_template("name: shop\nresources: {}", "s.yaml"))
    assert str(caught.value).endswith(
        "it has no Resources section. A stack as data is named with --from s.yaml."
    )


def test_a_template_has_no_tag_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="!Resource is no intrinsic function"):
        read_template("Resources: {A: !Resource B}", "template.yaml")


def test_a_finding_points_to_the_document() -> None:
    text = f"resources:\n{QUEUE}  Api:\n    class: Function\n    inline_code: x\n    role: !Ref Nowhere\n"
    assert [
        each.location.line for each in check(stack_of(text)) if each.rule == "LF201" and each.location
    ] == [8]


def test_another_stacks_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text("name: shop\nresources: {}\n")
    with pytest.raises(UsageError) as caught:
        load_document(file, stack_name="chop")
    assert str(caught.value).endswith("has no stack 'chop'. Did you mean 'shop'?")


def test_a_loop_repeats_resources() -> None:
    text = """\
resources: {}
loops:
  Queues:
    identifier: Name
    collection: [A, B]
    body:
      Queue${Name}: {class: Queue, logical_id: Queue, queue_name: !Ref Name}
"""
    template = template_of(stack_of(text))
    assert template["Resources"]["Fn::ForEach::Queues"][2] == {
        "Queue${Name}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}}
    }
