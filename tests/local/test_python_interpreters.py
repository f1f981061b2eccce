"""Which interpreter runs a Python function."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes.python import python_runtime
from tests.local.lab import Lab


def test_a_script_that_starts_an_interpreter_stands_for_the_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As pyenv's do; the script itself would find nothing that it needs where functions run.
    script = tmp_path / "python3.97"
    script.write_text("""#!/bin/sh\necho '[[3, 97], "/own/bin/python3.97", "/own", "/own"]'\n""")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    configuration = FunctionConfiguration(
        function_name="fn",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:fn",
        runtime="python3.97",
        handler="app.handler",
        code=tmp_path,
        opt=tmp_path,
    )
    assert python_runtime(configuration, tmp_path / "runtimes").interpreter == "/own/bin/python3.97"


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
