"""Dependencies on the command line: installed for an assembly and for running, and never for a template alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.command import Run, runner
from tests.synth.packages import wheel

APP = """\
from lambdaform import *
stack = Stack("shop")
stack.add(Function("Fn", runtime="python{version}", handler="app.handler", code_uri={code}))
"""
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in a project whose function depends on a package of the test's own."""
    (tmp_path / "index").mkdir()
    (tmp_path / "project/src").mkdir(parents=True)
    wheel(tmp_path / "index", "colours", {"colours.py": "RED = 7\n"})
    monkeypatch.setenv("LAMBDAFORM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path / "project")
    Path("src/app.py").write_text("import colours\ndef handler(event, context): return colours.RED\n")
    Path("src/requirements.txt").write_text("colours==1.0\n")
    app('"src"')
    return runner(monkeypatch, capsys)


def app(code: str) -> None:
    Path("app.py").write_text(APP.format(version=HERE, code=code))


def test_an_assembly_has_the_packages_and_says_when_it_installs(run: Run) -> None:
    first, second = run("synth", "-o", "out"), run("synth", "-o", "out")
    assert f"Installing src/requirements.txt for python{HERE} on x86_64" in first.err
    assert "Installing" not in second.err
    assert (first.code, second.code) == (0, 0)


@pytest.mark.parametrize("command", [("synth",), ("synth", "--format", "cfn"), ("check",)], ids=" ".join)
def test_a_template_alone_installs_nothing(run: Run, command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command)
    assert done.code == 0
    # What SAM's transform makes is kept there as well.
    assert not (tmp_path / "cache" / "python").exists()


def test_a_template_for_which_nothing_is_installed_says_so(run: Run) -> None:
    done = run("synth", "--format", "cfn")
    assert "are not installed yet. synth --output installs them." in done.err
    run("synth", "-o", "out")
    assert "not installed" not in run("synth", "--format", "cfn").err


def test_a_function_runs_with_its_packages(run: Run) -> None:
    done = run("invoke", "Fn")
    assert json.loads(done.out) == 7
    assert f"Installing src/requirements.txt for Python {HERE} on this machine" in done.err


def test_what_cannot_be_installed_is_told_at_the_line_of_the_code(run: Run) -> None:
    Path("src/requirements.txt").write_text("nowhere==1.0\n")
    done = run("synth", "-o", "out")
    assert done.code == 2
    assert "app.py:3: The packages of src/requirements.txt" in done.err
    assert not Path("out").exists()
    ran = run("invoke", "Fn")
    assert ran.code == 2
    assert "Fn cannot run here: the packages of src/requirements.txt" in ran.err


def test_a_list_of_dependencies_that_is_not_there_is_told_before(run: Run) -> None:
    app('CodeFolder("src", dependencies="prod.txt")')
    done = run("check")
    assert done.code == 2
    assert "app.py:3: There is no list of dependencies prod.txt." in done.err
