"""Intrinsic functions worked out on this machine, with the names that resources would have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.errors import DefinitionError
from lambdaform.local.evaluate import NO_VALUE, Evaluator
from lambdaform.local.physical import Account

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "dev"},
        "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
        "Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/image"},
    },
    "Mappings": {"Sizes": {"dev": {"Memory": 128}, "prod": {"Memory": {"Ref": "Stage"}}}},
    "Conditions": {
        "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        "IsProd": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Numbers": {"Fn::Equals": [1, "1"]},
        "Endless": {"Fn::Not": [{"Condition": "Endless"}]},
    },
    "Resources": {
        "Orders": {"Type": "AWS::SQS::Queue"},
        "Named": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${Stage}-named"}}},
        "Fn": {"Type": "AWS::Lambda::Function"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Api": {"Type": "AWS::ApiGateway::RestApi"},
        "OnlyProd": {"Type": "AWS::SNS::Topic", "Condition": "IsProd"},
        "Circular": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Circular"}}},
    },
}

UNKNOWN_NAME = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": {"Fn::Sub": "${Prefix}-fn"}}}


def evaluator(**parameters: str) -> Evaluator:
    return Evaluator(TEMPLATE, parameters, Account("app"))


def value(data: Any, **parameters: str) -> Any:
    return evaluator(**parameters).value(data)


@pytest.mark.parametrize("data", ["text", 1, 2.5, True, None, ["a", 1], {"A": {"B": ["c"]}}])
def test_data_without_intrinsics_stays_as_it_is(data: Any) -> None:
    assert value(data) == data


def test_a_parameter_is_its_default() -> None:
    assert value({"Ref": "Stage"}) == "dev"


def test_a_parameter_is_what_was_given_for_it() -> None:
    assert value({"Ref": "Stage"}, Stage="prod") == "prod"


def test_a_list_parameter_is_a_list() -> None:
    assert value({"Ref": "Zones"}) == ["a", "b"]
    assert value({"Ref": "Subnets"}, Subnets="subnet-1,subnet-2") == ["subnet-1", "subnet-2"]


def test_a_parameter_without_value_is_noted_and_says_what_it_is() -> None:
    of = evaluator()
    assert of.value({"Ref": "Subnets"}) == "the parameter Subnets"
    assert of.unknown == ["the parameter Subnets"]


def test_an_ssm_parameter_is_noted() -> None:
    of = evaluator()
    of.value({"Ref": "Image"})
    assert of.unknown == ["the SSM parameter /image"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AWS::Region", "us-east-1"),
        ("AWS::AccountId", "123456789012"),
        ("AWS::Partition", "aws"),
        ("AWS::StackName", "app"),
        ("AWS::URLSuffix", "amazonaws.com"),
        ("AWS::NotificationARNs", []),
        (
            "AWS::StackId",
            "arn:aws:cloudformation:us-east-1:123456789012:stack/app/00000000-0000-0000-0000-000000000000",
        ),
    ],
)
def test_pseudo_parameters_have_their_values(name: str, expected: Any) -> None:
    assert value({"Ref": name}) == expected


@pytest.mark.parametrize(
    ("logical_id", "expected"),
    [
        ("Orders", "https://sqs.us-east-1.amazonaws.com/123456789012/app-Orders"),
        ("Named", "https://sqs.us-east-1.amazonaws.com/123456789012/dev-named"),
        ("Fn", "app-Fn"),
        ("Topic", "arn:aws:sns:us-east-1:123456789012:app-Topic"),
    ],
)
def test_ref_gives_what_cloudformation_gives_for_the_type(logical_id: str, expected: str) -> None:
    assert value({"Ref": logical_id}) == expected


@pytest.mark.parametrize("argument", [["Fn", "Arn"], "Fn.Arn"])
def test_getatt_takes_a_list_or_a_dotted_name(argument: Any) -> None:
    assert value({"Fn::GetAtt": argument}) == "arn:aws:lambda:us-east-1:123456789012:function:app-Fn"


def test_an_attribute_that_only_a_deployment_knows_is_noted() -> None:
    of = evaluator()
    assert of.value({"Fn::GetAtt": ["Api", "RootResourceId"]}) == "Api.RootResourceId"
    assert of.unknown == ["Api.RootResourceId"]


def test_what_somebody_knows_of_a_resource_is_taken() -> None:
    of = evaluator()
    of.know("Api", "abc123", {"RootResourceId": "root"})
    assert of.value([{"Ref": "Api"}, {"Fn::GetAtt": ["Api", "RootResourceId"]}]) == ["abc123", "root"]


def test_sub_puts_parameters_attributes_and_its_own_variables_in() -> None:
    argument = ["${Stage}/${Fn.Arn}/${Mine}/${AWS::Region}", {"Mine": {"Ref": "Stage"}}]
    arn = "arn:aws:lambda:us-east-1:123456789012:function:app-Fn"
    assert value({"Fn::Sub": argument}) == f"dev/{arn}/dev/us-east-1"


def test_sub_leaves_an_escaped_placeholder() -> None:
    assert value({"Fn::Sub": "${!Literal} ${Stage}"}) == "${Literal} dev"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 1]]}, "a-dev-1"),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
        ({"Fn::Select": [1, ["a", "b"]]}, "b"),
        ({"Fn::Select": ["0", {"Ref": "Zones"}]}, "a"),
        ({"Fn::Split": [",", "a,b,c"]}, ["a", "b", "c"]),
        ({"Fn::Base64": "hello"}, "aGVsbG8="),
        ({"Fn::GetAZs": ""}, ["us-east-1a", "us-east-1b", "us-east-1c"]),
        ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ["us-east-1a", "us-east-1b", "us-east-1c"]),
        ({"Fn::Length": [1, 2, 3]}, 3),
        ({"Fn::ToJsonString": {"a": {"Ref": "Stage"}}}, '{"a": "dev"}'),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]}, 128),
        ({"Fn::FindInMap": ["Sizes", "prod", "Memory"]}, "dev"),
        ({"Fn::FindInMap": ["Sizes", "none", "Memory", {"DefaultValue": 256}]}, 256),
        ({"Fn::If": ["IsDev", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsProd", "yes", "no"]}, "no"),
        ({"Fn::Equals": ["a", "a"]}, True),
    ],
    ids=str,
)
def test_each_function_gives_its_value(data: Any, expected: Any) -> None:
    assert value(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        {"Fn::ImportValue": "other-stack"},
        {"Fn::Cidr": ["10.0.0.0/16", 6, 5]},
        {"Fn::FindInMap": ["Sizes", "none", "Memory"]},
        {"Fn::Select": [9, ["a"]]},
        "{{resolve:ssm:/secret}}",
    ],
    ids=str,
)
def test_what_cannot_be_known_is_noted(data: Any) -> None:
    of = evaluator()
    of.value(data)
    assert len(of.unknown) == 1


def test_a_property_without_value_is_left_out() -> None:
    assert value(
        {"A": {"Ref": "AWS::NoValue"}, "B": [{"Fn::If": ["IsProd", 1, {"Ref": "AWS::NoValue"}]}, 2]}
    ) == {"B": [2]}


def test_no_value_alone_is_told_from_nothing() -> None:
    assert value({"Ref": "AWS::NoValue"}) is NO_VALUE


@pytest.mark.parametrize(
    ("name", "holds"),
    [("IsDev", True), ("IsProd", False), ("Both", False), ("Either", True), ("Numbers", True)],
)
def test_conditions_hold_or_do_not(name: str, holds: bool) -> None:
    assert evaluator().condition(name) is holds


@pytest.mark.parametrize(("stage", "there"), [("dev", False), ("prod", True)])
def test_a_resource_is_made_if_its_condition_holds(stage: str, there: bool) -> None:
    assert evaluator(Stage=stage).exists("OnlyProd") is there


def test_a_policys_own_condition_is_no_intrinsic() -> None:
    statement = {"Condition": {"StringEquals": {"aws:x": {"Ref": "Stage"}}}}
    assert value(statement) == {"Condition": {"StringEquals": {"aws:x": "dev"}}}


def test_a_name_that_only_a_deployment_knows_is_as_if_none_was_given() -> None:
    data = {"Parameters": {"Prefix": {"Type": "String"}}, "Resources": {"Fn": UNKNOWN_NAME}}
    one = Evaluator(data, {}, Account("app"))
    assert (one.name("Fn"), one.made_up) == ("app-Fn", {"Fn": ["the parameter Prefix"]})


def test_a_name_of_a_given_parameter_is_that_name() -> None:
    data = {"Parameters": {"Prefix": {"Type": "String"}}, "Resources": {"Fn": UNKNOWN_NAME}}
    one = Evaluator(data, {"Prefix": "my"}, Account("app"))
    assert (one.name("Fn"), one.made_up) == ("my-fn", {})


@pytest.mark.parametrize(
    ("fifo", "name"),
    [(True, "app-Q.fifo"), ("true", "app-Q.fifo"), ("false", "app-Q"), ({"Ref": "AWS::NoValue"}, "app-Q")],
)
def test_a_queue_ends_in_fifo_if_it_is_one(fifo: Any, name: str) -> None:
    data = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": fifo}}}}
    assert Evaluator(data, {}, Account("app")).name("Q") == name


def test_a_name_that_refers_to_itself_ends() -> None:
    assert evaluator().name("Circular")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"Ref": "Nothing"}, "Ref names 'Nothing'"),
        ({"Fn::GetAtt": ["Nothing", "Arn"]}, "Fn::GetAtt names 'Nothing'"),
        ({"Fn::Sub": "${Nothing}"}, "'Nothing'"),
        ({"Fn::If": ["Nothing", 1, 2]}, "condition 'Nothing'"),
        ({"Fn::If": ["Endless", 1, 2]}, "Endless"),
        ({"Fn::Select": ["x", [1]]}, "Fn::Select"),
        ({"Fn::Select": 1}, "Fn::Select"),
        ({"Fn::Join": "-"}, "Fn::Join"),
        ({"Fn::GetAtt": "NoDot"}, "Fn::GetAtt"),
        ({"Fn::If": []}, "Fn::If"),
        ({"Fn::Length": 3}, "Fn::Length"),
        ({"Fn::Sub": ["a", 1]}, "Fn::Sub"),
        ({"Ref": ["a"]}, "Ref"),
    ],
    ids=str,
)
def test_an_intrinsic_that_is_wrong_is_named_in_one_sentence(data: Any, said: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        value(data)
    assert said in str(raised.value)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ABC"), inner, max_size=3),
    max_leaves=10,
)
FUNCTIONS = [
    *("Ref", "Condition", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::If"),
    *("Fn::FindInMap", "Fn::Base64", "Fn::GetAZs", "Fn::Length", "Fn::ToJsonString", "Fn::ImportValue"),
    *("Fn::Cidr", "Fn::Transform", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"),
]
NAMES = st.sampled_from(
    ["Stage", "Orders", "Fn.Arn", "IsDev", "Sizes", "AWS::NoValue", "${Stage}", "${", "0"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | NAMES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FUNCTIONS), inner, min_size=1, max_size=1)
        | st.dictionaries(st.sampled_from("AB"), inner, max_size=2)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_any_plain_data_is_left_alone(data: Any) -> None:
    assert value(data) == data


@given(st.text(max_size=40).filter(lambda text: "$" not in text and "{{" not in text))
def test_sub_leaves_text_without_placeholders_alone(text: str) -> None:
    assert value({"Fn::Sub": text}) == text


@given(st.lists(st.text(alphabet="abc", max_size=3), min_size=1, max_size=5))
def test_split_undoes_join(words: list[str]) -> None:
    assert value({"Fn::Split": [",", {"Fn::Join": [",", words]}]}) == words


@given(ANYTHING)
def test_whatever_intrinsics_are_given_the_answer_is_data_or_one_sentence(data: Any) -> None:
    of = evaluator()
    said = ""
    try:
        worked_out = of.value(data)
    except DefinitionError as error:
        said, worked_out = str(error), None
    assert "\n" not in said
    assert worked_out is NO_VALUE or json.dumps(worked_out) is not None
