"""Every section, attribute and intrinsic function of a template can be said in Python, and is read back as the same."""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform import (
    Assertion,
    Aws,
    DefinitionError,
    Function,
    Queue,
    RawResource,
    Ref,
    Stack,
    Topic,
    and_,
    base64,
    cidr,
    contains,
    each_member_equals,
    each_member_in,
    equals,
    find_in_map,
    get_att,
    get_azs,
    get_stack_output,
    if_,
    import_value,
    join,
    length,
    not_,
    or_,
    ref,
    ref_all,
    select,
    split,
    sub,
    to_json_string,
    transform,
    value_of,
    value_of_all,
)
from lambdaform.load.template import load_template
from lambdaform.load.yaml_reader import read_template
from lambdaform.model.references import intrinsic
from lambdaform.synth.template import plain, template_of
from lambdaform.synth.yaml_writer import to_json, to_yaml


def read(template: dict[str, Any]) -> Stack:
    return load_template(read_template(to_yaml(template), "template.yaml"))


FUNCTIONS: list[tuple[Ref[Any], dict[str, Any]]] = [
    (ref("Queue"), {"Ref": "Queue"}),
    (get_att("Queue", "Arn"), {"Fn::GetAtt": ["Queue", "Arn"]}),
    (sub("${AWS::Region}-x"), {"Fn::Sub": "${AWS::Region}-x"}),
    (sub("${Q}", Q=ref("Queue")), {"Fn::Sub": ["${Q}", {"Q": {"Ref": "Queue"}}]}),
    (join("-", ["a", ref("B")]), {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
    (split(",", ref("List")), {"Fn::Split": [",", {"Ref": "List"}]}),
    (select(0, ref("List")), {"Fn::Select": [0, {"Ref": "List"}]}),
    (if_("IsProd", "a", Aws.NO_VALUE), {"Fn::If": ["IsProd", "a", {"Ref": "AWS::NoValue"}]}),
    (import_value("shop-queue"), {"Fn::ImportValue": "shop-queue"}),
    (
        get_stack_output("shop", "QueueArn", region="eu-west-1"),
        {"Fn::GetStackOutput": {"StackName": "shop", "OutputName": "QueueArn", "Region": "eu-west-1"}},
    ),
    (
        find_in_map("Sizes", Aws.REGION, "Memory"),
        {"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "Memory"]},
    ),
    (
        find_in_map("Sizes", "eu", "Memory", default=128),
        {"Fn::FindInMap": ["Sizes", "eu", "Memory", {"DefaultValue": 128}]},
    ),
    (base64("text"), {"Fn::Base64": "text"}),
    (get_azs(), {"Fn::GetAZs": ""}),
    (get_azs(Aws.REGION), {"Fn::GetAZs": {"Ref": "AWS::Region"}}),
    (cidr("10.0.0.0/16", 4), {"Fn::Cidr": ["10.0.0.0/16", 4]}),
    (cidr("10.0.0.0/16", 4, 8), {"Fn::Cidr": ["10.0.0.0/16", 4, 8]}),
    (length(["a", "b"]), {"Fn::Length": ["a", "b"]}),
    (to_json_string({"Queue": ref("Queue")}), {"Fn::ToJsonString": {"Queue": {"Ref": "Queue"}}}),
    (
        transform("AWS::Include", Location="s3://bucket/part.yaml"),
        {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/part.yaml"}}},
    ),
    (transform("Shout"), {"Fn::Transform": {"Name": "Shout"}}),
    (equals(ref("Stage"), "prod"), {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}),
    (
        and_(equals("a", "a"), equals("b", "b")),
        {"Fn::And": [{"Fn::Equals": ["a", "a"]}, {"Fn::Equals": ["b", "b"]}]},
    ),
    (
        or_(equals("a", "a"), equals("b", "b")),
        {"Fn::Or": [{"Fn::Equals": ["a", "a"]}, {"Fn::Equals": ["b", "b"]}]},
    ),
    (not_(equals("a", "b")), {"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}),
    (contains(["a"], ref("Stage")), {"Fn::Contains": [["a"], {"Ref": "Stage"}]}),
    (each_member_equals(ref("Zones"), "a"), {"Fn::EachMemberEquals": [{"Ref": "Zones"}, "a"]}),
    (each_member_in(ref("Zones"), ["a"]), {"Fn::EachMemberIn": [{"Ref": "Zones"}, ["a"]]}),
    (ref_all("AWS::EC2::VPC::Id"), {"Fn::RefAll": "AWS::EC2::VPC::Id"}),
    (value_of(ref("Subnets"), "VpcId"), {"Fn::ValueOf": ["Subnets", "VpcId"]}),
    (value_of_all("AWS::EC2::Subnet::Id", "VpcId"), {"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "VpcId"]}),
]


@pytest.mark.parametrize(("value", "expected"), FUNCTIONS, ids=[next(iter(each)) for _, each in FUNCTIONS])
def test_a_function_is_written_in_its_long_form(value: Ref[Any], expected: object) -> None:
    assert plain(value) == expected


@pytest.mark.parametrize(("value", "expected"), FUNCTIONS, ids=[next(iter(each)) for _, each in FUNCTIONS])
def test_a_long_form_is_the_function(value: Ref[Any], expected: dict[str, Any]) -> None:
    [(name, argument)] = expected.items()
    assert plain(intrinsic(name, argument)) == expected


@pytest.mark.parametrize(("value", "expected"), FUNCTIONS, ids=[next(iter(each)) for _, each in FUNCTIONS])
def test_a_function_is_read_back_from_yaml_as_it_was(value: Ref[Any], expected: object) -> None:
    template = {"Resources": {"Thing": {"Type": "My::Own::Thing", "Properties": {"Value": expected}}}}
    assert plain(read(template).resources["Thing"].raw["Value"]) == expected


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Aws.ACCOUNT_ID, "AccountId"),
        (Aws.NO_VALUE, "NoValue"),
        (Aws.NOTIFICATION_ARNS, "NotificationARNs"),
        (Aws.PARTITION, "Partition"),
        (Aws.REGION, "Region"),
        (Aws.STACK_ID, "StackId"),
        (Aws.STACK_NAME, "StackName"),
        (Aws.URL_SUFFIX, "URLSuffix"),
    ],
)
def test_a_pseudo_parameter_is_a_reference(value: Ref[Any], name: str) -> None:
    assert plain(value) == {"Ref": f"AWS::{name}"}


def whole() -> Stack:
    """A stack with something in every section and attribute."""
    stack = Stack("shop", description="All of it")
    stage = stack.parameter(
        "Stage",
        default="test",
        description="Which one",
        allowed_values=["test", "prod"],
        constraint_description="test or prod",
    )
    size = stack.parameter("Size", "Number", default=1, min_value=1, max_value=9)
    stack.parameter("Secret", min_length=8, max_length=64, allowed_pattern="[a-z]+", no_echo=True)
    stack.rule(
        "ProdIsLarge",
        Assertion(contains([3, 4], size.ref), "In production Size is 3 or 4."),
        condition=equals(stage.ref, "prod"),
    )
    prod = stack.condition("IsProd", equals(stage.ref, "prod"))
    stack.condition("IsTest", not_(prod))
    stack.mapping("Sizes", {"eu-west-1": {"Memory": 512}})
    stack.metadata["Owner"] = "shop"
    stack.transform("Shout", Loudness=3)
    orders = stack.add(
        Queue(
            "Orders",
            visibility_timeout=60,
            condition=prod,
            depends_on="News",
            deletion_policy="Retain",
            update_replace_policy="Snapshot",
            metadata={"Why": sub("${AWS::StackName}")},
        )
    )
    stack.add(Topic("News"))
    stack.add(
        RawResource(
            "Group",
            type="AWS::AutoScaling::AutoScalingGroup",
            raw={"MinSize": "1", "MaxSize": "1"},
            creation_policy={"ResourceSignal": {"Count": size.ref}},
            update_policy={"AutoScalingReplacingUpdate": {"WillReplace": True}},
        )
    )
    stack.output("Queue", orders.arn, description="Where to", export=sub("${AWS::StackName}-queue"))
    stack.output("News", ref("News"))
    return stack


def test_a_whole_stack_is_written_section_by_section() -> None:
    assert template_of(whole()) == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": {"Name": "Shout", "Parameters": {"Loudness": 3}},
        "Description": "All of it",
        "Metadata": {"Owner": "shop"},
        "Parameters": {
            "Stage": {
                "Type": "String",
                "Default": "test",
                "Description": "Which one",
                "AllowedValues": ["test", "prod"],
                "ConstraintDescription": "test or prod",
            },
            "Size": {"Type": "Number", "Default": 1, "MinValue": 1, "MaxValue": 9},
            "Secret": {
                "Type": "String",
                "AllowedPattern": "[a-z]+",
                "MinLength": 8,
                "MaxLength": 64,
                "NoEcho": True,
            },
        },
        "Mappings": {"Sizes": {"eu-west-1": {"Memory": 512}}},
        "Rules": {
            "ProdIsLarge": {
                "RuleCondition": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
                "Assertions": [
                    {
                        "Assert": {"Fn::Contains": [[3, 4], {"Ref": "Size"}]},
                        "AssertDescription": "In production Size is 3 or 4.",
                    }
                ],
            }
        },
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "IsTest": {"Fn::Not": [{"Condition": "IsProd"}]},
        },
        "Resources": {
            "Orders": {
                "Type": "AWS::SQS::Queue",
                "Condition": "IsProd",
                "DependsOn": "News",
                "Metadata": {"Why": {"Fn::Sub": "${AWS::StackName}"}},
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Snapshot",
                "Properties": {"VisibilityTimeout": 60},
            },
            "News": {"Type": "AWS::SNS::Topic"},
            "Group": {
                "Type": "AWS::AutoScaling::AutoScalingGroup",
                "CreationPolicy": {"ResourceSignal": {"Count": {"Ref": "Size"}}},
                "UpdatePolicy": {"AutoScalingReplacingUpdate": {"WillReplace": True}},
                "Properties": {"MinSize": "1", "MaxSize": "1"},
            },
        },
        "Outputs": {
            "Queue": {
                "Value": {"Fn::GetAtt": ["Orders", "Arn"]},
                "Description": "Where to",
                "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-queue"}},
            },
            "News": {"Value": {"Ref": "News"}},
        },
    }


def test_the_sections_stand_in_the_order_in_which_people_write_them() -> None:
    assert list(template_of(whole())) == [
        "AWSTemplateFormatVersion",
        "Transform",
        "Description",
        "Metadata",
        "Parameters",
        "Mappings",
        "Rules",
        "Conditions",
        "Resources",
        "Outputs",
    ]


def test_a_whole_stack_is_read_back_as_the_same() -> None:
    template = template_of(whole())
    assert template_of(read(template)) == template


def test_a_whole_stack_is_read_back_without_a_complaint() -> None:
    assert read(template_of(whole())).problems == []


def test_the_same_stack_is_the_same_text() -> None:
    assert to_json(template_of(whole())) == to_json(template_of(whole()))


class TestASecondOneOfAName:
    """It is refused, for it would silently take the first one's place."""

    def test_condition(self) -> None:
        stack = Stack("shop")
        stack.condition("IsProd", equals("a", "a"))
        with pytest.raises(DefinitionError, match="the condition 'IsProd' is there already"):
            stack.condition("IsProd", equals("a", "b"))

    def test_mapping(self) -> None:
        stack = Stack("shop")
        stack.mapping("Sizes", {"eu": {"Memory": 1}})
        with pytest.raises(DefinitionError, match="the mapping 'Sizes' is there already"):
            stack.mapping("Sizes", {"us": {"Memory": 1}})

    def test_output(self) -> None:
        stack = Stack("shop")
        stack.output("Name", "a")
        with pytest.raises(DefinitionError, match="the output 'Name' is there already"):
            stack.output("Name", "b")

    def test_rule(self) -> None:
        stack = Stack("shop")
        stack.rule("R", Assertion(equals("a", "a")))
        with pytest.raises(DefinitionError, match="the rule 'R' is there already"):
            stack.rule("R", Assertion(equals("a", "a")))


def test_an_output_is_a_reference_and_not_the_resource() -> None:
    stack = Stack("shop")
    with pytest.raises(
        DefinitionError, match=r"value is Queue 'Q'. It must be a reference, such as queue.arn"
    ):
        stack.output("Queue", Queue("Q"))


def test_an_output_may_depend_on_a_condition() -> None:
    stack = Stack("shop")
    prod = stack.condition("IsProd", equals("a", "a"))
    assert stack.output("Name", "a", condition=prod).condition == "IsProd"


@pytest.mark.parametrize(
    "kind",
    [
        "String",
        "Number",
        "List<Number>",
        "CommaDelimitedList",
        "AWS::EC2::VPC::Id",
        "List<AWS::EC2::Subnet::Id>",
        "AWS::SSM::Parameter::Name",
        "AWS::SSM::Parameter::Value<String>",
        "AWS::SSM::Parameter::Value<List<String>>",
        "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
    ],
)
def test_a_parameter_has_a_type_that_cloudformation_knows(kind: str) -> None:
    assert Stack("shop").parameter("P", kind).type == kind


@pytest.mark.parametrize("kind", ["string", "Boolean", "List", "AWS::EC2", "List<Number", "Number>", ""])
def test_a_parameter_has_no_other_type(kind: str) -> None:
    with pytest.raises(DefinitionError, match="List<Number>, CommaDelimitedList"):
        Stack("shop").parameter("P", kind)


class TestALoop:
    @staticmethod
    def stack() -> Stack:
        stack = Stack("shop")
        stack.for_each(
            "Topics", "Name", ["Success", "Failure"], {"Topic${Name}": Topic("Topic", topic_name=ref("Name"))}
        )
        return stack

    def test_repeats_a_resource(self) -> None:
        assert template_of(self.stack())["Resources"] == {
            "Fn::ForEach::Topics": [
                "Name",
                ["Success", "Failure"],
                {"Topic${Name}": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}}},
            ]
        }

    def test_is_read_back_as_it_was(self) -> None:
        template = template_of(self.stack())
        assert template_of(read(template)) == template

    def test_of_outputs_is_read_back_as_it_was(self) -> None:
        template = template_of(self.stack())
        template["Outputs"] = {
            "Fn::ForEach::Names": ["Name", ["Success"], {"Out${Name}": {"Value": {"Ref": "Topic${Name}"}}}]
        }
        assert template_of(read(template)) == template

    def test_of_a_sam_function_needs_sams_transform_after_the_loops(self) -> None:
        stack = Stack("shop")
        stack.for_each("Functions", "Name", ref("Names"), {"F${Name}": Function("F", inline_code="x")})
        assert template_of(stack)["Transform"] == ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]


class TestLanguageExtensions:
    @pytest.mark.parametrize(
        "value",
        [length(["a"]), to_json_string({"a": 1}), find_in_map("M", "a", "b", default="c")],
        ids=["Length", "ToJsonString", "FindInMap with a default"],
    )
    def test_are_named_where_a_function_needs_them(self, value: Ref[Any]) -> None:
        stack = Stack("shop")
        stack.add(RawResource("Thing", type="My::Own::Thing", raw={"Value": value}))
        assert template_of(stack)["Transform"] == "AWS::LanguageExtensions"

    def test_are_named_where_a_deletion_policy_depends_on_something(self) -> None:
        stack = Stack("shop")
        stack.add(Queue("Q", deletion_policy=if_("IsProd", "Retain", "Delete")))
        assert template_of(stack)["Transform"] == "AWS::LanguageExtensions"

    def test_come_after_macros_and_before_sam(self) -> None:
        stack = Stack("shop")
        stack.transform("Shout")
        stack.add(Function("F", inline_code="x", memory_size=length(["a"])))
        assert template_of(stack)["Transform"] == [
            "Shout",
            "AWS::LanguageExtensions",
            "AWS::Serverless-2016-10-31",
        ]

    def test_are_not_named_for_nothing(self) -> None:
        stack = Stack("shop")
        stack.add(Queue("Q"))
        assert "Transform" not in template_of(stack)


def test_a_rule_says_what_must_hold() -> None:
    with pytest.raises(DefinitionError, match="condition is 'yes'"):
        Stack("shop").rule("R", Assertion("yes"))  # type: ignore[arg-type]
