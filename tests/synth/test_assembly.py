"""Assemblies: a template and its archives in a folder, whole or not at all, and nothing else replaced."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from lambdaform.errors import DefinitionError, UsageError
from lambdaform.load.app import load_app
from lambdaform.load.template import load_file
from lambdaform.load.yaml_reader import read_template
from lambdaform.synth.assembly import Assembly, as_written, assemble, expand
from lambdaform.synth.assets import Asset

APP = """\
from lambdaform import *
stack = Stack("shop")
stack.parameter("Stage", default="dev")
common = {code}
stack.add(Function("One", runtime="python3.13", handler="app.handler", code_uri=common))
stack.add(Function("Two", runtime="python3.13", handler="app.handler", code_uri=common))
stack.add(Layer("Shared", content_uri="layer"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an app, its code and a layer."""
    for name in ("src/app.py", "layer/python/common.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("def handler(event, context): pass\n")
    (tmp_path / "app.py").write_text(APP.format(code="'src'"))
    return tmp_path


@pytest.fixture
def assembly(project: Path) -> Assembly:
    """The project's assembly."""
    return assemble(load_app(project / "app.py"))


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_code_is_named_by_its_content(assembly: Assembly) -> None:
    resources = assembly.template["Resources"]
    assert resources["One"]["Properties"]["CodeUri"] in assembly.assets
    assert resources["Shared"]["Properties"]["ContentUri"] in assembly.assets


def test_code_that_two_functions_share_is_one_asset(assembly: Assembly) -> None:
    resources = assembly.template["Resources"]
    assert resources["One"]["Properties"]["CodeUri"] == resources["Two"]["Properties"]["CodeUri"]
    assert len(assembly.assets) == 2


def test_a_template_as_written_keeps_its_paths(project: Path) -> None:
    written = as_written(load_app(project / "app.py"))
    assert written.template["Resources"]["One"]["Properties"]["CodeUri"] == "src"
    assert written.assets == {}


def test_a_folder_holds_the_template_and_its_archives(assembly: Assembly, tmp_path: Path) -> None:
    path = assembly.write(tmp_path / "out")
    assert path == tmp_path / "out" / "template.yaml"
    assert content(tmp_path / "out").keys() == {"template.yaml", *assembly.assets}


def test_two_syntheses_are_the_same_byte_for_byte(project: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assemble(load_app(project / "app.py")).write(tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_everybody_may_read_an_assembly_whatever_the_mask(assembly: Assembly, tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        assembly.write(tmp_path / "out")
    finally:
        os.umask(old)
    modes = {stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "out").rglob("*") if each.is_file()}
    folders = {stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "out", tmp_path / "out" / "assets")}
    assert (modes, folders) == ({0o644}, {0o755})


def test_the_parameters_given_are_kept(project: Path, tmp_path: Path) -> None:
    assemble(load_app(project / "app.py"), {"Stage": "prod"}).write(tmp_path / "out")
    assert json.loads((tmp_path / "out" / "parameters.json").read_text()) == [
        {"ParameterKey": "Stage", "ParameterValue": "prod"}
    ]


def test_json_is_written_on_request(assembly: Assembly, tmp_path: Path) -> None:
    path = assembly.write(tmp_path / "out", json_output=True)
    assert json.loads(path.read_text()) == assembly.template


def test_a_second_synthesis_replaces_the_first(project: Path, assembly: Assembly, tmp_path: Path) -> None:
    assembly.write(tmp_path / "out")
    (project / "src" / "app.py").write_text("def handler(event, context): return 2\n")
    after = assemble(load_app(project / "app.py"))
    after.write(tmp_path / "out", json_output=True)
    assert content(tmp_path / "out").keys() == {"template.json", *after.assets}


def test_parameters_of_an_earlier_synthesis_go(project: Path, assembly: Assembly, tmp_path: Path) -> None:
    assemble(load_app(project / "app.py"), {"Stage": "prod"}).write(tmp_path / "out")
    assembly.write(tmp_path / "out")
    assert not (tmp_path / "out" / "parameters.json").exists()


def test_the_folder_itself_stays_when_it_is_written_again(assembly: Assembly, tmp_path: Path) -> None:
    assembly.write(tmp_path / "out")
    before = (tmp_path / "out").stat().st_ino
    assembly.write(tmp_path / "out")
    assert (tmp_path / "out").stat().st_ino == before


def test_an_empty_folder_is_filled(assembly: Assembly, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assembly.write(tmp_path / "out")
    assert (tmp_path / "out" / "template.yaml").exists()


def test_folders_above_are_made(assembly: Assembly, tmp_path: Path) -> None:
    assembly.write(tmp_path / "a" / "b" / "out")
    assert (tmp_path / "a" / "b" / "out" / "template.yaml").exists()


def test_a_link_to_a_folder_stays_a_link(assembly: Assembly, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assembly.write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "template.yaml").exists()


@pytest.mark.parametrize(
    "stranger", ["notes.txt", "assets/logo.png", "src/app.py", ".git/HEAD", "template.yaml", "assets"]
)
def test_a_folder_with_anything_of_somebody_elses_is_refused_and_untouched(
    assembly: Assembly, tmp_path: Path, stranger: str
) -> None:
    (tmp_path / "out" / stranger).parent.mkdir(parents=True)
    (tmp_path / "out" / stranger).write_text("mine")
    with pytest.raises(UsageError, match="no part of an assembly"):
        assembly.write(tmp_path / "out")
    assert content(tmp_path / "out") == {stranger: b"mine"}


def test_a_link_in_place_of_the_assets_is_refused(assembly: Assembly, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "assets").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="'assets', which is no part"):
        assembly.write(tmp_path / "out")


def test_a_file_in_place_of_the_folder_is_refused(assembly: Assembly, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        assembly.write(tmp_path / "out")


def test_a_file_in_place_of_a_folder_above_is_told(assembly: Assembly, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match=r"cannot be written: (not a directory|file exists)"):
        assembly.write(tmp_path / "file" / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(assembly: Assembly, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(UsageError, match="cannot be written: permission denied"):
        assembly.write(tmp_path / "out")


def test_a_place_where_nothing_can_be_made_is_told(assembly: Assembly) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        assembly.write(Path("/proc/lambdaform"))


@pytest.mark.parametrize("again", [False, True], ids=["new", "again"])
def test_where_writing_fails_halfway_nothing_is_half_written(
    assembly: Assembly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    if again:
        assembly.write(tmp_path / "out" / "it")
    before = content(tmp_path / "out") if again else {}
    written: list[Path] = []

    def full(self: Asset, path: Path) -> None:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        path.write_bytes(b"half")

    monkeypatch.setattr(Asset, "write_zip", full)
    with pytest.raises(UsageError, match="no space left on device"):
        assembly.write(tmp_path / "out" / "it")
    assert content(tmp_path / "out") == before
    assert [each.name for each in (tmp_path / "out").iterdir()] == (["it"] if again else [])


def test_missing_code_is_told_at_its_line(project: Path) -> None:
    (project / "app.py").write_text(APP.format(code="'srcs'"))
    with pytest.raises(DefinitionError, match="There is no code at") as raised:
        assemble(load_app(project / "app.py"))
    assert raised.value.where is not None
    assert raised.value.where.line == 5


@pytest.mark.parametrize("path", ["/etc/ssl", "../../../../../../etc/ssl", "outside"])
def test_code_outside_the_project_is_refused(
    project: Path, path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (project / "outside").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    (project / "app.py").write_text(APP.format(code=repr(path)))
    with pytest.raises(DefinitionError, match="lies outside the project"):
        assemble(load_app(project / "app.py"))


def test_code_beside_the_apps_folder_is_inside_the_repository(project: Path) -> None:
    (project / ".git").mkdir()
    (project / "infra").mkdir()
    (project / "layer").rename(project / "infra" / "layer")
    (project / "infra" / "app.py").write_text(APP.format(code="'../src'"))
    assert len(assemble(load_app(project / "infra" / "app.py")).assets) == 2


TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler, CodeUri: src}}
Resources:
  One: {Type: 'AWS::Serverless::Function'}
  Two: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: 's3://bucket/key'}}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: flow.asl.json, Role: 'arn:aws:iam::123456789012:role/flow'}
  Plain:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: app.handler, Code: src, Role: 'arn:aws:iam::123456789012:role/fn'}
"""


@pytest.fixture
def template(project: Path) -> Path:
    """A template in the project."""
    (project / "template.yaml").write_text(TEMPLATE)
    (project / "flow.asl.json").write_text('{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}')
    return project / "template.yaml"


def test_a_templates_global_code_is_packaged(template: Path) -> None:
    made = assemble(load_file(template))
    assert made.template["Globals"]["Function"]["CodeUri"] in made.assets


def test_code_in_a_bucket_is_left_there(template: Path) -> None:
    assert (
        assemble(load_file(template)).template["Resources"]["Two"]["Properties"]["CodeUri"]
        == "s3://bucket/key"
    )


def test_a_definition_in_a_file_becomes_part_of_the_template(template: Path) -> None:
    properties = assemble(load_file(template)).template["Resources"]["Flow"]["Properties"]
    assert properties["Definition"] == {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
    assert "DefinitionUri" not in properties


def test_a_definition_that_is_not_there_is_told_at_its_line(template: Path) -> None:
    (template.parent / "flow.asl.json").unlink()
    with pytest.raises(DefinitionError, match="There is no definition that can be read") as raised:
        assemble(load_file(template))
    assert raised.value.where is not None
    assert raised.value.where.line == 8


def test_a_templates_function_without_code_lies_beside_it(template: Path) -> None:
    template.write_text(
        "Resources: {Fn: {Type: 'AWS::Serverless::Function', Properties: {Runtime: python3.13, Handler: app.handler}}}"
    )
    made = assemble(load_file(template))
    [asset] = made.assets.values()
    assert "src/app.py" in [entry.name for entry in asset.entries]


def expanded(template: Path) -> dict[str, Any]:
    return dict(expand(assemble(load_file(template))).template)


def test_expanded_code_lies_in_the_bucket_that_is_asked_for(template: Path) -> None:
    made = expanded(template)
    for name in ("One", "Plain"):
        code = made["Resources"][name]["Properties"]["Code"]
        assert code["S3Bucket"] == {"Ref": "AssetBucket"}
        assert code["S3Key"].startswith("assets/")
    assert made["Parameters"]["AssetBucket"]["Type"] == "String"


def test_a_parameter_that_has_the_buckets_name_already_is_kept(template: Path) -> None:
    template.write_text("Parameters: {AssetBucket: {Type: String, Default: mine}}\n" + TEMPLATE)
    assert expanded(template)["Parameters"]["AssetBucket"]["Default"] == "mine"


def test_expanding_twice_is_expanding_once(template: Path) -> None:
    once = expand(assemble(load_file(template)))
    assert expand(once) is once


def test_what_is_written_is_read_back(template: Path, tmp_path: Path) -> None:
    made = assemble(load_file(template))
    path = made.write(tmp_path / "out")
    assert read_template(path.read_text(), str(path)).data == made.template
