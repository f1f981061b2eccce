"""troposphere is imported where it is needed, without the YAML library that it brings along, and works all the same."""

from __future__ import annotations

import subprocess
import sys

from lambdaform.synth.troposphere_types import properties_known_of


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_yaml_library_is_not_imported() -> None:
    code = "import sys, lambdaform.synth.troposphere_types, troposphere; print('yaml' in sys.modules)"
    assert run(code) == "False"


def test_an_application_of_our_own_classes_is_written_without_troposphere_and_yaml_libraries() -> None:
    code = (
        "import sys; from lambdaform import *; from lambdaform.synth.assembly import as_written; "
        "stack = Stack('s', tags={'a': 'b'}); stack.add(Queue('Q')); as_written(stack).text(); "
        "print([name for name in ('troposphere', 'ruamel.yaml', 'yaml') if name in sys.modules])"
    )
    assert run(code) == "[]"


def test_the_kind_of_tags_that_a_type_takes_is_known() -> None:
    assert properties_known_of("AWS::SSM::Parameter")["Tags"][0] is dict
    assert properties_known_of("AWS::EC2::VPC")["Tags"][0] is not dict
    assert not properties_known_of("Custom::Thing")


def test_troposphere_can_still_write_yaml() -> None:
    code = (
        "import lambdaform.synth.troposphere_types; from troposphere import Template; "
        "print(Template(Description='d').to_yaml())"
    )
    assert "Description: d" in run(code)


def test_the_module_itself_can_be_imported_after() -> None:
    code = "import lambdaform.synth.troposphere_types, cfn_flip.yaml_dumper; print(cfn_flip.to_json('a: 1'))"
    assert '"a"' in run(code)
