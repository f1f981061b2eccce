"""From a path in a template back to what was written, in Python and in templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from lambdaform.lint.places import Place, place_of
from lambdaform.load.app import load_app
from lambdaform.load.template import load_file
from lambdaform.load.types import resource_types
from lambdaform.model.stack import Stack
from lambdaform.synth.sam_transform import prepared, transform
from lambdaform.synth.template import template_of
from tests.model.samples import full

APP = """\
from lambdaform import Allow, Function, Queue, Runtime, ScheduleEvent, SqsEvent, Stack, rate
from troposphere import ec2

stack = Stack("shop")
stage = stack.parameter("Stage", default="dev")
orders = stack.add(Queue("Orders", visibility_timeout=60, raw={"Strange": {"Deep": [1]}}))
function = stack.add(
    Function(
        "Checkout",
        runtime=Runtime.PYTHON_3_13,
        handler="index.handler",
        inline_code="def handler(event, context): pass",
        environment={"STAGE": stage.ref, "MODE": "a"},
        layers=["arn:aws:lambda:eu-west-1:123456789012:layer:one:1"],
        policies=[
            Allow("sqs:SendMessage", on=orders),
        ],
        events={
            "New": SqsEvent(orders, batch_size=5),
            "Hourly": ScheduleEvent(rate(1, "hour")),
        },
        depends_on=["Orders"],
    )
)
stack.output("Url", orders.url, description="where orders go")
stack.mapping("Sizes", {"dev": {"memory": 128}})
vpc = stack.add(ec2.VPC("Vpc", CidrBlock="10.0.0.0/16"))
"""

TEMPLATE = """\
Parameters:
  Stage:
    Type: String
    Default: dev
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Checkout:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): pass"
      Environment:
        Variables:
          MODE: !If [IsProd, a, b]
      Layers:
        - arn:aws:lambda:eu-west-1:123456789012:layer:one:1
      Events:
        Hourly:
          Type: Schedule
          Properties:
            Schedule: rate(1 hour)
Outputs:
  Name:
    Value: !Ref Checkout
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    file = tmp_path_factory.mktemp("app") / "app.py"
    file.write_text(APP)
    return load_app(file)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    file = tmp_path_factory.mktemp("template") / "template.yaml"
    file.write_text(TEMPLATE)
    return load_file(file)


def words_at(place: Place) -> str:
    """The source from the place on."""
    assert place.location is not None
    line = place.location.source_line
    assert line is not None
    return line[place.location.column - 1 :]


CHECKOUT = ("Resources", "Checkout", "Properties")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("Resources", "Orders", "Properties", "VisibilityTimeout"), "visibility_timeout=60"),
        (("Resources", "Orders"), 'Queue("Orders"'),
        ((*CHECKOUT, "Runtime"), "runtime=Runtime"),
        ((*CHECKOUT, "Environment", "Variables", "MODE"), '"MODE": "a"'),
        ((*CHECKOUT, "Layers", 0), '"arn:aws:lambda'),
        ((*CHECKOUT, "Events", "New", "Properties", "BatchSize"), "batch_size=5"),
        ((*CHECKOUT, "Events", "Hourly"), '"Hourly": '),
        (("Resources", "Orders", "Properties", "Strange", "Deep", 0), 'raw={"Strange"'),
        (("Resources", "Checkout", "DependsOn", 0), '"Orders"]'),
        (("Resources", "Vpc", "Properties", "CidrBlock"), "CidrBlock="),
        (("Parameters", "Stage", "Default"), "default="),
        (("Outputs", "Url", "Description"), "description="),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_property_is_found_in_python(app: Stack, path: tuple[str | int, ...], words: str) -> None:
    place = place_of(app, path)
    assert words_at(place).startswith(words)
    assert place.exact


def test_what_cannot_be_followed_is_put_where_it_is_in(app: Stack) -> None:
    place = place_of(app, (*CHECKOUT, "Tracing"))
    assert (words_at(place).split("(")[0], place.exact) == ("Function", False)


def test_a_section_that_python_has_no_objects_for_is_put_at_the_stack(app: Stack) -> None:
    assert words_at(place_of(app, ("Mappings", "Sizes"))).startswith('Stack("shop")')


@pytest.mark.parametrize(
    ("path", "line", "words"),
    [
        ((*CHECKOUT, "Runtime"), 11, "Runtime: "),
        ((*CHECKOUT, "Environment", "Variables", "MODE", "Fn::If", 1), 16, "a, b]"),
        ((*CHECKOUT, "Layers", 0), 18, "arn:aws:lambda"),
        ((*CHECKOUT, "Events", "Hourly", "Properties", "Schedule"), 23, "Schedule: rate"),
        (("Parameters", "Stage", "Default"), 4, "Default: dev"),
        (("Conditions", "IsProd", "Fn::Equals"), 6, "IsProd: "),
        (("Outputs", "Name", "Value", "Ref"), 26, "!Ref Checkout"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_property_is_found_in_a_template(
    template: Stack, path: tuple[str | int, ...], line: int, words: str
) -> None:
    place = place_of(template, path)
    assert place.location is not None
    assert place.location.line == line
    assert words_at(place).startswith(words)


@pytest.mark.parametrize(
    ("logical_id", "words"),
    [
        ("CheckoutRole", "Function("),
        ("CheckoutNew", "SqsEvent("),
        ("CheckoutHourlyPermission", "ScheduleEvent("),
    ],
)
def test_what_sam_makes_belongs_to_what_it_was_made_from(app: Stack, logical_id: str, words: str) -> None:
    assert logical_id in transform(prepared(app))["Resources"]
    place = place_of(app, ("Resources", logical_id, "Properties", "Anything"))
    assert (place.owner, place.generated) == ("Checkout", True)
    assert words_at(place).startswith(words)


def test_a_property_that_sam_moves_is_found_under_its_name(app: Stack) -> None:
    place = place_of(app, ("Resources", "CheckoutRole", "Properties", "Policies", 0, "PolicyDocument"))
    assert words_at(place).startswith("policies=[")


def test_every_resource_of_the_expanded_template_has_an_owner(app: Stack) -> None:
    owners = {
        logical_id: place_of(app, ("Resources", logical_id)).owner
        for logical_id in transform(prepared(app))["Resources"]
    }
    assert set(owners.values()) == {"Orders", "Checkout", "Vpc"}


def test_a_resource_of_nobody_is_put_at_the_stack(app: Stack) -> None:
    place = place_of(app, ("Resources", "Elsewhere", "Properties"))
    assert (place.owner, words_at(place)) == (None, 'Stack("shop")')


def paths_in(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every path in a template's data."""
    yield path
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from paths_in(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from paths_in(each, (*path, index))


@pytest.mark.parametrize("aws_type", sorted(resource_types()))
def test_every_path_of_every_resource_has_a_place(aws_type: str) -> None:
    stack = Stack("shop")
    resource = stack.add(full(resource_types()[aws_type], "Sample"))
    for path in paths_in(template_of(stack)["Resources"][resource.logical_id]):
        place = place_of(stack, ("Resources", resource.logical_id, *path))
        assert place.owner == resource.logical_id
        assert place.location is not None
