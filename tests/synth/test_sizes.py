"""Packages that Lambda would not unpack are refused before anything is written, with what is large in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdaform import Function, Layer, Queue, Runtime, Stack
from lambdaform.errors import DefinitionError
from lambdaform.load.template import load_file
from lambdaform.synth.assembly import assemble
from lambdaform.synth.sizes import require_room

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Handler: app.handler, CodeUri: src, Layers: [!Ref Shared]}
Resources:
  Shared: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}
  One: {Type: AWS::Serverless::Function}
  Two: {Type: AWS::Serverless::Function, Properties: {CodeUri: small}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Code of 150 MB, more of 1 MB, and a layer of 120 MB, all of it holes."""
    for name, megabytes in (("src/numpy/a.so", 150), ("small/app.py", 1), ("layer/python/pandas/b.so", 120)):
        (tmp_path / name).parent.mkdir(parents=True)
        with (tmp_path / name).open("wb") as file:
            file.truncate(megabytes * 2**20)
    return tmp_path


def stack(project: Path, code: str) -> Stack:
    made = Stack("shop")
    made.file = str(project / "app.py")
    shared = made.add(Layer("Shared", content_uri="layer"))
    made.add(
        Function("Fn", runtime=Runtime.PYTHON_3_13, handler="app.handler", code_uri=code, layers=[shared])
    )
    return made


@pytest.mark.slow
def test_a_functions_package_and_its_layers_must_fit_together(project: Path) -> None:
    made = stack(project, "src")
    with pytest.raises(
        DefinitionError, match=r"The package of 'Fn' with its layers has 270\.0 MB unzipped"
    ) as raised:
        require_room(made, assemble(made))
    assert "150.0 MB   56 %  numpy/" in str(raised.value)
    assert "120.0 MB   44 %  python/pandas/" in str(raised.value)
    assert "test_sizes.py" in str(raised.value.where)


@pytest.mark.slow
def test_what_fits_passes(project: Path) -> None:
    made = stack(project, "small")
    require_room(made, assemble(made))


@pytest.mark.slow
def test_a_loop_has_no_package_of_its_own(project: Path) -> None:
    small = Stack("shop")
    small.for_each("Queues", "Name", ["A", "B"], {"Queue${Name}": Queue("Queue")})
    require_room(small, assemble(small))


def test_globals_count_for_the_functions_that_take_them(project: Path) -> None:
    (project / "template.yaml").write_text(TEMPLATE)
    loaded = load_file(project / "template.yaml")
    with pytest.raises(DefinitionError, match="'One'") as raised:
        require_room(loaded, assemble(loaded))
    assert not getattr(raised.value, "__notes__", [])
