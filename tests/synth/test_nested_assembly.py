"""Assemblies with nested stacks: their layout, and that AWS's own tool takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdaform import Function, Stack
from lambdaform.synth.assembly import Assembly, assemble


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    """A stack with code, which nests one with other code, which nests one more."""
    stacks: list[Stack] = []
    for name in ("inner", "middle", "outer"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "app.py").write_text(f"def handler(event, context): return '{name}'\n")
        stack = Stack(name)
        stack.file = str(tmp_path / "app.py")
        stack.add(Function("Fn", runtime="python3.13", handler="app.handler", code_uri=name))
        if stacks:
            stack.nest("Child", stacks[-1])
        stacks.append(stack)
    return assemble(stacks[-1])


def test_each_nested_template_lies_beside_the_first_by_its_content(
    assembly: Assembly, tmp_path: Path
) -> None:
    assembly.write(tmp_path / "out")
    middle = assembly.nested["Child"]
    inner = middle.nested["Child"]
    files = {each.name for each in (tmp_path / "out").iterdir()}
    assert files == {"template.yaml", "assets", middle.key, inner.key}
    assert len(list((tmp_path / "out" / "assets").iterdir())) == 3


def test_a_change_deep_inside_changes_the_keys_of_all_around_it(assembly: Assembly, tmp_path: Path) -> None:
    before = assembly.nested["Child"].key
    inner, middle = Stack("inner"), Stack("middle")
    inner.add(Function("Fn", runtime="python3.13", handler="app.handler", code_uri="inner", timeout=9))
    middle.add(Function("Fn", runtime="python3.13", handler="app.handler", code_uri="middle"))
    middle.nest("Child", inner)
    for each in (inner, middle):
        each.file = str(tmp_path / "app.py")
    assert assemble(middle).key != before


def test_awss_own_tool_packages_it(assembly: Assembly, tmp_path: Path) -> None:
    exporter: Any = pytest.importorskip(
        "awscli.customizations.cloudformation.artifact_exporter", reason="the AWS CLI is not installed"
    )
    uploaded = []

    class Uploader:
        """Takes what would be uploaded."""

        def upload_with_dedup(self, file: str, extension: str | None = None) -> str:
            uploaded.append((Path(file).name, extension))
            return f"s3://bucket/{len(uploaded)}"

        def to_path_style_s3_url(self, key: str, version: str | None = None) -> str:
            return f"https://s3.amazonaws.com/bucket/{key}"

    assembly.write(tmp_path / "out")
    packaged = exporter.Template("template.yaml", str(tmp_path / "out"), Uploader()).export()
    assert packaged["Resources"]["Child"]["Properties"]["TemplateURL"].startswith("https://s3.amazonaws.com/")
    assert packaged["Resources"]["Fn"]["Properties"]["CodeUri"].startswith("s3://bucket/")
    assert sorted(extension or "" for _, extension in uploaded) == ["", "", "", "template", "template"]
