"""The transform: AWS's own, offline, with its refusals as findings at the user's lines."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path
from typing import Any

import pytest

from lambdaform.load.template import load_file
from lambdaform.load.yaml_reader import read_template
from lambdaform.synth.assembly import as_written
from lambdaform.synth.sam_transform import TransformError, refusals, transform, uses_sam
from tests.corpus import CORPUS, entries, name_of, present
from tests.load.same_data import differences

FUNCTION = {"Runtime": "python3.13", "Handler": "a.b", "CodeUri": "src"}


def template(**properties: Any) -> dict[str, Any]:
    resource = {"Type": "AWS::Serverless::Function", "Properties": {**FUNCTION, **properties}}
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Fn": resource}}


def test_a_sam_function_becomes_a_function_and_its_role() -> None:
    types = {name: each["Type"] for name, each in transform(template())["Resources"].items()}
    assert types == {"Fn": "AWS::Lambda::Function", "FnRole": "AWS::IAM::Role"}


def test_the_template_given_stays_as_it_is() -> None:
    given = template()
    before = copy.deepcopy(given)
    transform(given)
    assert given == before


def with_loop(aws_type: str) -> dict[str, Any]:
    """A template with a loop over resources of a type."""
    given = template()
    given["Transform"] = ["AWS::LanguageExtensions", given["Transform"]]
    given["Resources"]["Fn::ForEach::Each"] = ["Name", ["A", "B"], {"${Name}": {"Type": aws_type}}]
    return given


def test_a_loop_is_left_to_aws_which_runs_it_before_sams_transform() -> None:
    given = with_loop("AWS::SQS::Queue")
    expanded = transform(given)
    loop = given["Resources"]["Fn::ForEach::Each"]
    assert (expanded["Resources"]["Fn::ForEach::Each"], expanded["Transform"]) == (
        loop,
        ["AWS::LanguageExtensions"],
    )
    assert expanded["Resources"]["Fn"]["Type"] == "AWS::Lambda::Function"


def test_sams_transform_stays_named_where_a_loop_needs_it() -> None:
    expanded = transform(with_loop("AWS::Serverless::SimpleTable"))
    assert expanded["Transform"] == ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]


def test_a_template_of_loops_alone_comes_back_as_it_is() -> None:
    given = with_loop("AWS::Serverless::SimpleTable")
    del given["Resources"]["Fn"]
    assert transform(given) == given


def test_a_template_without_sam_comes_back_as_it_is() -> None:
    plain = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    assert transform(plain) == plain


def test_other_transforms_stay() -> None:
    given = {**template(), "Transform": ["Macro", "AWS::Serverless-2016-10-31"]}
    assert transform(given)["Transform"] == ["Macro"]


def test_a_parameters_value_reaches_the_transform() -> None:
    given = template(AutoPublishAlias={"Ref": "Alias"})
    given["Parameters"] = {"Alias": {"Type": "String"}}
    assert "FnAliaslive" in transform(given, {"Alias": "live"})["Resources"]


def test_a_parameters_default_reaches_the_transform() -> None:
    given = template(AutoPublishAlias={"Ref": "Alias"})
    given["Parameters"] = {"Alias": {"Type": "String", "Default": "beta"}}
    assert "FnAliasbeta" in transform(given)["Resources"]


IMAGE = {"PackageType": "Image"}
BUILT = {"Dockerfile": "Dockerfile", "DockerContext": "src"}


def test_an_image_that_is_still_to_be_built_is_a_parameter() -> None:
    function = {"Type": "AWS::Serverless::Function", "Metadata": BUILT, "Properties": IMAGE}
    made = transform({"Resources": {"Fn": function}})
    assert made["Resources"]["Fn"]["Properties"]["Code"] == {"ImageUri": {"Ref": "FnImageUri"}}
    assert [*made] == ["Parameters", "Resources"]
    assert made["Parameters"]["FnImageUri"]["Type"] == "String"


def test_an_image_that_is_built_is_itself() -> None:
    uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1"
    function = {
        "Type": "AWS::Serverless::Function",
        "Metadata": BUILT,
        "Properties": {**IMAGE, "ImageUri": uri},
    }
    made = transform({"Resources": {"Fn": function}})
    assert made["Resources"]["Fn"]["Properties"]["Code"] == {"ImageUri": uri}
    assert "Parameters" not in made


def test_an_image_from_nowhere_is_refused() -> None:
    function = {"Type": "AWS::Serverless::Function", "Properties": IMAGE}
    with pytest.raises(TransformError, match="'ImageUri' must be set"):
        transform({"Resources": {"Fn": function}})


def test_a_managed_policy_is_known_by_its_name() -> None:
    role = transform(template(Policies=["AmazonS3ReadOnlyAccess"]))["Resources"]["FnRole"]
    assert "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" in role["Properties"]["ManagedPolicyArns"]


def test_nothing_is_asked_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("the transform made a call to AWS")

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", asked)
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    given = template()
    location = {
        "ApplicationId": "arn:aws:serverlessrepo:us-east-1:123456789012:applications/x",
        "SemanticVersion": "1.0.0",
    }
    given["Resources"]["App"] = {"Type": "AWS::Serverless::Application", "Properties": {"Location": location}}
    url = transform(given)["Resources"]["App"]["Properties"]["TemplateURL"]
    assert url == "https://serverlessrepo.invalid/x/1.0.0"


@pytest.mark.parametrize(
    "broken",
    [
        template(Events=[1]),
        template(Events={"E": 7}),
        template(Policies={"a": [1]}),
        template(DeploymentPreference=7),
        template(Environment=[1]),
        template(VpcConfig="x"),
        template(Tags=[1]),
        template(AutoPublishAlias=7),
        template(FunctionUrlConfig=[]),
        template(EventInvokeConfig={"DestinationConfig": 7}),
        {**template(), "Globals": [1]},
        {**template(), "Globals": {"Function": {"Odd": 1}}},
        {**template(), "Parameters": {"P": 7}},
        {**template(), "Conditions": [1]},
    ],
)
def test_what_the_translator_fails_on_is_a_refusal_and_never_another_error(broken: dict[str, Any]) -> None:
    said = "AWS's SAM transform"
    try:
        transform(broken)
    except TransformError as error:
        said = error.what
    assert said.startswith("AWS's SAM transform")


def test_a_refusal_points_to_the_event_that_it_is_about(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n"
        "      Runtime: python3.13\n      CodeUri: src\n      Events:\n        Web:\n          Type: Api\n"
        "          Properties: {Path: /, Method: get, Odd: 1}\n"
    )
    [problem] = refusals(load_file(file))
    assert problem.location is not None
    assert (problem.rule, problem.location.line) == ("LF002", 9)
    assert problem.what.startswith("SAM refuses Fn, event Web:")


def test_a_stack_without_sam_is_not_refused(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources: {Queue: {Type: 'AWS::SQS::Queue'}}")
    assert refusals(load_file(file)) == []


@pytest.mark.parametrize(
    ("given", "uses"),
    [
        ({"Transform": "AWS::Serverless-2016-10-31"}, True),
        ({"Transform": ["M", "AWS::Serverless-2016-10-31"]}, True),
        ({"Resources": {"F": {"Type": "AWS::Serverless::Function"}}}, True),
        ({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}, False),
        ({"Transform": "Macro", "Resources": {}}, False),
    ],
)
def test_sam_is_known_by_its_line_or_its_resources(given: dict[str, Any], uses: bool) -> None:
    assert uses_sam(given) is uses


HASH = re.compile(r"(?<=[a-z])[0-9a-f]{10}(?![0-9a-zA-Z])|[0-9a-f]{40}|[0-9a-f]{64}")


def without_hashes(value: Any) -> Any:
    """The data without the hashes that SAM makes of what it expands, and so of how a value was spelt."""
    if isinstance(value, dict):
        return {HASH.sub("#", key): without_hashes(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_hashes(item) for item in value]
    return HASH.sub("#", value) if isinstance(value, str) else value


@pytest.mark.corpus
@present
@pytest.mark.parametrize("entry", entries("templates") + entries("errors"), ids=name_of)
def test_a_real_template_expands_through_a_stack_as_it_does_without(entry: dict[str, Any]) -> None:
    file = CORPUS / entry["file"]
    text = file.read_text("utf-8")
    if "!Rain::" in text:
        pytest.skip("it is written for another tool, rain, which replaces its tags first")
    stack = load_file(file)
    written = as_written(stack).template
    directly = dict(read_template(text, str(file)).data)
    if entry["sam"] == "invalid":
        with pytest.raises(TransformError):
            transform(written)
        return
    # SAM's line is added where it is missing; and code that is not named lies beside the template.
    directly.setdefault("Transform", written.get("Transform", []))
    for each in (directly, written):
        for resource in each["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                properties = resource.setdefault("Properties", {})
                if not properties.keys() & {"InlineCode", "ImageUri", "CodeUri"} and "Globals" not in each:
                    properties["CodeUri"] = "."
    assert list(differences(without_hashes(transform(directly)), without_hashes(transform(written)))) == []
