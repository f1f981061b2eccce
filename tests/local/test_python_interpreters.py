"""Which interpreter runs a Python function."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes import python
from lambdaform.local.runtimes.python import python_runtime
from tests.local.lab import Lab


def function(tmp_path: Path, runtime: str) -> FunctionConfiguration:
    return FunctionConfiguration(
        function_name="fn",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:fn",
        runtime=runtime,
        handler="app.handler",
        code=tmp_path,
        opt=tmp_path,
    )


def interpreter(path: Path, version: str) -> None:
    """A stand-in that only says that it is of a version, and where it is at home."""
    path.parent.mkdir(parents=True, exist_ok=True)
    major, minor = version.split(".")
    path.write_text(
        f"""#!/bin/sh\necho '[[{major}, {minor}], "/own/bin/python{version}", "/own", "/own"]'\n"""
    )
    path.chmod(0o755)


def test_a_script_that_starts_an_interpreter_stands_for_the_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As pyenv's do; the script itself would find nothing that it needs where functions run.
    interpreter(tmp_path / "python3.97", "3.97")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    runtime = python_runtime(function(tmp_path, "python3.97"), tmp_path / "runtimes")
    assert (runtime.interpreter, runtime.notice) == ("/own/bin/python3.97", None)


@pytest.mark.parametrize(
    ("wanted", "here", "taken"),
    [
        ("3.83", ["3.81", "3.87"], "3.81"),
        ("3.78", ["3.77", "3.79"], "3.79"),
        ("4.71", ["3.70", "3.72"], "3.72"),
    ],
    ids=["the nearest", "of two, the newer", "another major version"],
)
@pytest.mark.parametrize("place", ["PATH", "pyenv", "uv"])
def test_the_nearest_python_stands_in_for_one_that_is_not_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, here: list[str], taken: str, place: str
) -> None:
    for version in here:
        folders = {
            "PATH": "bin",
            "pyenv": f"versions/{version}.1/bin",
            "uv": f"cpython-{version}.1-linux/bin",
        }
        interpreter(tmp_path / folders[place] / f"python{version}", version)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    for found in (python._find, python._nearest):
        found.cache_clear()
    runtime = python_runtime(function(tmp_path, f"python{wanted}"), tmp_path / "runtimes")
    for found in (python._find, python._nearest):
        found.cache_clear()
    assert runtime.interpreter == f"/own/bin/python{taken}"
    assert (
        runtime.notice == f"No Python {wanted} was found for python{wanted}: Python {taken} runs it instead."
    )


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9"])
def test_a_python_that_is_too_old_for_this_machines_boto3_has_none(lab: Lab, version: str) -> None:
    if python._find(version) is None:
        pytest.skip(f"Python {version} is not installed")
    notices: list[str] = []
    lab.service._pool._notice = notices.append
    name = lab.function(
        """
        def handler(event, context):
            import boto3
        """,
        runtime=f"python{version}",
    )
    error = lab.invoke(name).error
    assert error["errorMessage"] == "No module named 'boto3'"
    assert notices == [
        f"The boto3 of this machine does not work on Python {version}: a function brings its own."
    ]


@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14"])
def test_another_python_than_lambdaforms_own_knows_how_much_time_is_left(lab: Lab, version: str) -> None:
    name = lab.function(
        """
        import sys

        def handler(event, context):
            return [list(sys.version_info[:2]), context.get_remaining_time_in_millis()]
        """,
        runtime=f"python{version}",
    )
    outcome = lab.invoke(name)
    assert outcome.response.function_error is None, outcome.log
    found, left = outcome.value
    if found != [int(number) for number in version.split(".")]:
        pytest.skip(f"Python {version} is not installed")
    assert 9_000 < left <= 10_000
