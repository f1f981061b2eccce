"""Templates as stacks: what the model knows is typed, what it does not know is kept, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambdaform.check.findings import check
from lambdaform.errors import DefinitionError, UsageError
from lambdaform.load.template import load_file, load_template
from lambdaform.load.yaml_reader import read_template
from lambdaform.model.awslambda import LambdaFunction
from lambdaform.model.events import RawEvent
from lambdaform.model.function import Function
from lambdaform.model.references import GetAtt, If, LogicalRef, Sub, references_in
from lambdaform.model.resource import RawResource
from lambdaform.model.stack import Stack
from lambdaform.synth.template import template_of
from tests.corpus import CORPUS, entries, name_of, present
from tests.load.same_data import differences


def load(text: str) -> Stack:
    return load_template(read_template(text, "project/template.yaml"))


def function(properties: str) -> Function:
    stack = load(f"Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n{properties}")
    loaded = stack.resources["Fn"]
    assert isinstance(loaded, Function)
    return loaded


def test_a_stack_is_named_after_its_templates_folder() -> None:
    assert load("Resources: {}").name == "project"


@pytest.mark.parametrize(("folder", "name"), [("my app", "my-app"), ("2nd", "stack-2nd"), ("ünï", "n")])
def test_a_folder_that_is_no_stack_name_gives_the_nearest_one(folder: str, name: str) -> None:
    assert load_template(read_template("Resources: {}", f"{folder}/t.yaml")).name == name


OUTPUT = """\
Resources:
  Orders: {Type: "AWS::SQS::Queue"}
Outputs:
  Queue:
    Value: !Ref Orders
    Export: {Name: orders}
"""


@pytest.mark.parametrize(
    ("old", "new", "rule", "line", "what"),
    [
        ("!Ref Orders", "null", "LF105", 5, "Output 'Queue' has the Value null."),
        ("{Name: orders}", "orders", "LF100", 6, "The Export of output 'Queue' is no mapping."),
        ("{Name: orders}", "null", "LF100", 6, "The Export of output 'Queue' is no mapping."),
        ("{Name: orders}", "{}", "LF105", 6, "The Export of output 'Queue' has no Name."),
        ("{Name: orders}", "{Nam: orders}", "LF105", 6, "The Export of output 'Queue' has no Name."),
        ("{Name: orders}", "{Name: null}", "LF105", 6, "The Export of output 'Queue' has no Name."),
        ("{Name: orders}", '{Name: ""}', "LF105", 6, "The Export of output 'Queue' has no Name."),
    ],
)
def test_an_output_that_cloudformation_refuses_is_noted_at_its_line(
    old: str, new: str, rule: str, line: int, what: str
) -> None:
    assert load(OUTPUT).problems == []
    [problem] = load(OUTPUT.replace(old, new)).problems
    assert (problem.rule, problem.what) == (rule, what)
    assert problem.location is not None
    assert problem.location.line == line


@pytest.mark.parametrize("value", ["30", "'30'", '"30"'])
def test_a_number_may_be_written_as_text(value: str) -> None:
    assert function(f"      Timeout: {value}\n").timeout == 30


@pytest.mark.parametrize(("value", "meant"), [("true", "true"), ("7", "7"), ("1.5", "1.5")])
def test_a_text_may_be_written_as_a_number_or_truth_value(value: str, meant: str) -> None:
    assert function(f"      Description: {value}\n").description == meant


def test_a_known_type_becomes_its_class() -> None:
    stack = load("Resources: {Fn: {Type: 'AWS::Lambda::Function', Properties: {Runtime: python3.13}}}")
    assert isinstance(stack.resources["Fn"], LambdaFunction)


def test_an_unknown_type_keeps_its_properties() -> None:
    stack = load("Resources: {X: {Type: 'Org::Its::Thing', Properties: {Nested: {List: [1, {a: b}]}}}}")
    resource = stack.resources["X"]
    assert isinstance(resource, RawResource)
    assert resource.raw == {"Nested": {"List": [1, {"a": "b"}]}}


def test_an_unknown_property_is_kept() -> None:
    assert function("      BrandNew: {a: 1}\n").raw == {"BrandNew": {"a": 1}}


def test_a_refused_value_is_noted_and_kept() -> None:
    loaded = load("Resources: {Fn: {Type: 'AWS::Serverless::Function', Properties: {Timeout: 901}}}")
    assert [problem.rule for problem in loaded.problems] == ["LF101"]
    assert loaded.resources["Fn"].raw["Timeout"] == 901


def test_an_unknown_event_keeps_its_properties() -> None:
    events = function("      Events: {Odd: {Type: Telegram, Properties: {From: here}}}\n").events
    assert isinstance(events, dict) or events is not None
    event = events["Odd"]  # type: ignore[index]
    assert isinstance(event, RawEvent)
    assert (event.event_type, event.raw) == ("Telegram", {"From": "here"})


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("!Ref A", LogicalRef),
        ("{Ref: A}", LogicalRef),
        ("!GetAtt A.Arn", GetAtt),
        ("{'Fn::GetAtt': [A, Arn]}", GetAtt),
        ("{'Fn::GetAtt': A.Arn}", GetAtt),
        ("!Sub '${A}'", Sub),
        ("!If [C, a, b]", If),
    ],
)
def test_a_function_call_is_a_reference(written: str, kind: type) -> None:
    assert isinstance(function(f"      Role: {written}\n").role, kind)


def test_every_reference_knows_its_line() -> None:
    text = (
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        "      Environment:\n        Variables:\n          A: !Ref One\n          B: !Join\n"
        "          - ','\n          - - !Ref Two\n            - !If\n              - Yes\n              - !Ref Three\n"
        "              - x\n"
    )
    places = {
        ref.logical_id: ref.origin.locate()
        for ref in references_in(load(text).resources["Fn"])
        if isinstance(ref, LogicalRef) and ref.origin is not None
    }
    assert {name: place and place.line for name, place in places.items()} == {
        "One": 7,
        "Two": 10,
        "Three": 13,
    }


def test_properties_that_one_function_call_gives_are_kept() -> None:
    text = "Resources: {X: {Type: 'AWS::SQS::Queue', Properties: {'Fn::If': [C, {DelaySeconds: 1}, {DelaySeconds: 2}]}}}"
    assert template_of(load(text))["Resources"]["X"]["Properties"] == {
        "Fn::If": ["C", {"DelaySeconds": 1}, {"DelaySeconds": 2}]
    }


def test_what_is_required_may_come_from_an_include() -> None:
    text = (
        "Resources: {L: {Type: 'AWS::Serverless::LayerVersion', Properties: "
        "{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: 's3://b/k'}}}}}"
    )
    assert load(text).problems == []


@pytest.mark.parametrize(
    ("section", "body"),
    [
        ("Rules", {"R": {"Assertions": [{"Assert": {"Fn::Equals": ["a", "a"]}}]}}),
        ("Hooks", {"H": {"Type": "AWS::CodeDeploy::BlueGreen"}}),
        ("Mappings", {"M": {"a": {"b": 1}}}),
        ("Metadata", {"AWS::CloudFormation::Interface": {"ParameterGroups": []}}),
        ("Conditions", {"C": {"Fn::Not": [{"Condition": "D"}]}, "D": {"Fn::Equals": [{"Ref": "P"}, "x"]}}),
        ("Parameters", {"P": {"Type": "String", "Default": "x", "NoEcho": True}}),
        ("Outputs", {"O": {"Value": {"Ref": "P"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-o"}}}}),
        ("Globals", {"Function": {"Timeout": 3}, "Api": {"Cors": "'*'"}}),
        ("Transform", ["Macro", "AWS::Serverless-2016-10-31"]),
        ("Unheard", {"Of": 1}),
    ],
)
def test_a_section_is_kept(section: str, body: Any) -> None:
    text = json.dumps({section: body, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    assert list(differences(body, template_of(load(text))[section])) == []


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("DependsOn", ["B"]),
        ("Condition", "C"),
        ("DeletionPolicy", "Retain"),
        ("UpdateReplacePolicy", "Snapshot"),
        ("Metadata", {"BuildMethod": "makefile"}),
        ("CreationPolicy", {"ResourceSignal": {"Count": 1}}),
        (
            "UpdatePolicy",
            {"CodeDeployLambdaAliasUpdate": {"ApplicationName": "a", "DeploymentGroupName": "b"}},
        ),
    ],
)
def test_a_resources_attribute_is_kept(attribute: str, value: Any) -> None:
    text = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue", attribute: value}}})
    assert list(differences(value, template_of(load(text))["Resources"]["Q"][attribute], (attribute,))) == []


def test_a_loop_over_resources_is_kept() -> None:
    text = "Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::Qs': [N, [A, B], {'Q${N}': {Type: 'AWS::SQS::Queue'}}]}"
    assert template_of(load(text))["Resources"] == {
        "Fn::ForEach::Qs": ["N", ["A", "B"], {"Q${N}": {"Type": "AWS::SQS::Queue"}}]
    }


@pytest.mark.parametrize("text", ["a: 1", "Resources:", "Resources: []", "Resources: text"])
def test_what_has_no_resources_is_no_template(text: str) -> None:
    with pytest.raises(DefinitionError, match="has no Resources section"):
        load(text)


def test_a_section_that_is_no_mapping_is_refused_at_its_line() -> None:
    with pytest.raises(DefinitionError, match="Outputs is not a mapping") as raised:
        load("Resources: {}\nOutputs: [1]\n")
    assert raised.value.where is not None
    assert raised.value.where.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "Resources: {A: 1}",
        "Resources: {A: {Type: [x]}}",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: 7}}",
        "Resources: {A: {Type: 'AWS::Serverless::Function', Properties: {Events: [1]}}}",
        "Resources: {A: {Type: 'AWS::Serverless::Function', Properties: {Events: {E: 1}}}}",
        "Resources: {A: {Type: 'AWS::Serverless::Function', Properties: {Events: {E: {Type: SQS, Properties: []}}}}}",
        "Resources: {A: {Type: 'AWS::Serverless::Function', Properties: {Policies: {a: {b: [c]}}}}}",
        "Resources: {A: {Type: 'AWS::IAM::Role', Properties: {Policies: 1, AssumeRolePolicyDocument: x}}}",
        "Resources: {A: {Type: 'AWS::SQS::Queue', DependsOn: {a: b}}}",
        "Resources: {A: {Type: 'AWS::SQS::Queue', DeletionPolicy: [1]}}",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Metadata: text}}",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Metadata: text, Condition: [7], DependsOn: 7}}",
        "Resources: {'a b': {Type: 'AWS::SQS::Queue'}}",
        "{Resources: {}, Parameters: {P: text}}",
        "{Resources: {}, Conditions: {C: text}}",
        "{Resources: {}, Outputs: {O: [1]}}",
        "{Resources: {}, Mappings: {M: 1}, Metadata: {M: 1}}",
        "{Resources: {}, Globals: {Function: 1}}",
        "{Resources: {}, Globals: {Function: {Timeout: x}, Odd: 1}}",
    ],
)
def test_what_has_the_wrong_form_is_a_problem_and_never_another_error(text: str) -> None:
    told = "."
    try:
        stack = load(text)
        check(stack)
        template_of(stack)
    except DefinitionError as error:
        told = error.what
    assert told


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_bytes(b"\xff\xfe\x00R")
    with pytest.raises(UsageError, match="not a text file in UTF-8"):
        load_file(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: no such file or directory"):
        load_file(tmp_path / "missing.yaml")


@pytest.mark.corpus
@present
@pytest.mark.parametrize("entry", entries("templates") + entries("errors"), ids=name_of)
def test_a_real_template_goes_through_a_stack_unchanged(entry: dict[str, Any]) -> None:
    file = CORPUS / entry["file"]
    text = file.read_text("utf-8")
    if "!Rain::" in text:
        pytest.skip("it is written for another tool, rain, which replaces its tags first")
    before = read_template(text, str(file)).data
    # What is said in two ways: SAM takes the type of an API's endpoints by itself, and Properties that are no mapping.
    said_otherwise = ("'EndpointConfiguration')", "'Properties'): 123 is lost")
    after = template_of(load_file(file))
    assert [
        each for each in differences(before, after) if not any(way in each for way in said_otherwise)
    ] == []
