"""``AWS::Include`` of a file beside the template: its content is part of what is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdaform.errors import DefinitionError
from lambdaform.load.template import load_file
from lambdaform.synth.assembly import as_written, assemble, expand
from lambdaform.synth.includes import take_in
from lambdaform.synth.sam_transform import refusals

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth: {ApiKeyRequired: true}
      DefinitionBody:
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: PLACE}}
"""
API = "openapi: 3.0.1\ninfo: {title: !Ref AWS::StackName}\npaths: {/: {get: {responses: {}}}}\n"


def include(location: Any) -> dict[str, Any]:
    return {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": location}}}


def no_file(path: str) -> Any:
    raise AssertionError(f"{path} was read")


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template whose API is in a file beside it."""
    (tmp_path / "api.yaml").write_text(API)
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE.replace("PLACE", "api.yaml"))
    return file


def test_an_include_alone_is_its_content() -> None:
    assert take_in({"A": [include("one.yaml")]}, {"one.yaml": ["x"]}.__getitem__) == {"A": [["x"]]}


def test_an_include_beside_other_keys_adds_its_own() -> None:
    files = {"one.yaml": {"B": 2}}
    assert take_in({"A": 1, **include("one.yaml")}, files.__getitem__) == {"A": 1, "B": 2}


def test_an_included_file_may_include_another() -> None:
    files = {"one.yaml": {"A": include("two.yaml")}, "two.yaml": "x"}
    assert take_in(include("one.yaml"), files.__getitem__) == {"A": "x"}


@pytest.mark.parametrize(
    "macro",
    [
        include("s3://bucket/api.yaml"),
        include({"Fn::Sub": "s3://${Bucket}/api.yaml"}),
        {"Fn::Transform": {"Name": "Other", "Parameters": {"Location": "api.yaml"}}},
        {"Fn::Transform": {"Name": "AWS::Include"}},
        {"Fn::Transform": "AWS::Include"},
    ],
    ids=str,
)
def test_what_is_not_on_this_machine_stays_as_it_was_written(macro: dict[str, Any]) -> None:
    assert take_in(macro, no_file) == macro


def test_an_api_in_an_included_file_is_expanded_as_one_in_the_template(template: Path) -> None:
    resources = expand(assemble(load_file(template))).template["Resources"]
    assert resources["Web"]["Properties"]["Body"]["info"] == {"title": {"Ref": "AWS::StackName"}}
    assert list(resources["Web"]["Properties"]["Body"]["components"]["securitySchemes"]) == ["api_key"]


def test_the_transform_has_nothing_against_it(template: Path) -> None:
    assert refusals(load_file(template)) == []


def test_the_template_as_written_keeps_the_path(template: Path) -> None:
    body = as_written(load_file(template)).template["Resources"]["Web"]["Properties"]["DefinitionBody"]
    assert body == include("api.yaml")


@pytest.mark.parametrize(
    ("location", "said"),
    [("gone.yaml", "There is no definition"), ("../../../etc/hostname", "outside the project")],
)
def test_a_file_that_cannot_be_included_is_told(template: Path, location: str, said: str) -> None:
    template.write_text(TEMPLATE.replace("PLACE", location))
    with pytest.raises(DefinitionError, match=said):
        assemble(load_file(template))


def test_the_transform_has_nothing_against_a_file_that_is_still_to_be_made(template: Path) -> None:
    template.write_text(TEMPLATE.replace("PLACE", "gone.yaml").replace("Auth: {ApiKeyRequired: true}", ""))
    assert refusals(load_file(template)) == []


def test_a_file_that_includes_itself_is_told(template: Path) -> None:
    (template.parent / "api.yaml").write_text(
        "Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}\n"
    )
    with pytest.raises(DefinitionError, match=r"api\.yaml includes itself"):
        assemble(load_file(template))
