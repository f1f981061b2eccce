"""Which runtimes run here, and what is said of those that do not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lambdaform import Runtime
from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes import missing_runtime, runtime_of
from lambdaform.local.variables import Paths


def of(name: str, folder: Path) -> FunctionConfiguration:
    return FunctionConfiguration(
        function_name="fn",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:fn",
        runtime=name,
        handler="app.handler",
        code=folder,
        opt=folder,
    )


@pytest.mark.parametrize("name", [each.value for each in Runtime])
def test_every_runtime_of_lambdas_runs_or_is_told_what_to_do(name: str) -> None:
    missing = missing_runtime(name)
    assert (missing is not None) == (name.startswith("dotnet") or name == "python2.7")
    if missing is not None:
        assert missing.right


@pytest.mark.parametrize("name", ["dotnet8", "python2.7", "cobol85"])
def test_one_that_does_not_run_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(LocalError, match=f"Function 'fn' cannot run here. The runtime is .*{name}") as raised:
        runtime_of(of(name, tmp_path), tmp_path)
    assert raised.value.right


@pytest.mark.parametrize(
    ("name", "program"), [("python3.15", "python"), ("nodejs26.x", "node"), ("ruby4.0", "ruby")]
)
def test_one_that_is_newer_than_what_is_installed_runs_on_the_nearest(
    tmp_path: Path, name: str, program: str
) -> None:
    if program != "python" and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    runtime = runtime_of(of(name, tmp_path), tmp_path)
    paths = Paths(task="/var/task", opt="/opt", tmp="/tmp", runtime="/var/runtime")
    assert Path(runtime.command(paths)[0]).name.startswith(program)
    assert runtime.notice is None or name in runtime.notice
