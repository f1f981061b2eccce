"""Which interpreter runs a Python function."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes.python import python_runtime


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
