"""troposphere is imported without the YAML library that it brings along, and works all the same."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_yaml_library_is_not_imported() -> None:
    assert run("import sys, lambdaform.synth.carrier; print('yaml' in sys.modules)") == "False"


def test_troposphere_can_still_write_yaml() -> None:
    code = "from lambdaform.synth.carrier import Template; print(Template(Description='d').to_yaml())"
    assert "Description: d" in run(code)


def test_the_module_itself_can_be_imported_after() -> None:
    code = "import lambdaform.synth.carrier, cfn_flip.yaml_dumper; print(cfn_flip.to_json('a: 1'))"
    assert '"a"' in run(code)
