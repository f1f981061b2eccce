"""Findings: where they point in a user's Python, how they read, and what is found only once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lambdaform
from lambdaform.check.findings import Finding, check
from lambdaform.check.rule import Level, rules
from lambdaform.errors import DefinitionError
from lambdaform.load.app import load_app
from lambdaform.load.template import load_file

HEAD = """\
from lambdaform import *

stack = Stack("shop")
orders = stack.add(Queue("Orders", visibility_timeout=10))
fn = stack.add(
    Function(
        "Checkout",
        runtime=Runtime.PYTHON_3_13,
        handler="index.handler",
        inline_code="def handler(event, context): pass",
"""


def found_in(folder: Path, source: str) -> list[Finding]:
    file = folder / "app.py"
    file.write_text(source)
    return check(load_app(file))


def place(finding: Finding) -> tuple[int, int]:
    assert finding.location is not None
    return finding.location.line, finding.location.column


def test_a_finding_on_a_field_points_to_the_fields_value(tmp_path: Path) -> None:
    [finding] = found_in(
        tmp_path,
        HEAD + '        timeout=30,\n        events={"New": SqsEvent(orders, batch_size=5)},\n    )\n)\n',
    )
    assert (finding.rule, place(finding)) == ("LF205", (4, 36))


def test_a_finding_on_a_key_points_to_the_key(tmp_path: Path) -> None:
    [finding] = found_in(
        tmp_path, HEAD + '        environment={"STAGE": "dev", "AWS_REGION": "here"},\n    )\n)\n'
    )
    assert (finding.rule, place(finding)) == ("LF111", (11, 38))


def test_columns_count_characters_whatever_their_bytes(tmp_path: Path) -> None:
    line = '        description="größer 漢", environment={"AWS_REGION": "here"},'
    [finding] = found_in(tmp_path, f"{HEAD}{line}\n    )\n)\n")
    assert finding.location is not None
    assert (finding.location.column, finding.location.end_column) == (
        line.index('"AWS_REGION"') + 1,
        line.index(": ", line.index('"AWS_REGION"')) + 1,
    )


def test_a_dangling_reference_points_to_the_line_that_made_it(tmp_path: Path) -> None:
    [finding] = found_in(
        tmp_path, HEAD + '        environment={\n            "URL": ref("Oders"),\n        },\n    )\n)\n'
    )
    assert (finding.rule, place(finding)) == ("LF201", (12, 20))
    assert "Did you mean Orders?" in finding.right


def test_a_resource_that_was_never_added_is_told_from_one_that_does_not_exist(tmp_path: Path) -> None:
    [finding] = found_in(tmp_path, HEAD + '        environment={"URL": Queue("Forgotten").url},\n    )\n)\n')
    assert (finding.rule, finding.right) == ("LF201", "Add it: stack.add(Forgotten).")


def test_a_refused_value_in_python_is_an_error_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as raised:
        found_in(tmp_path, HEAD + "        timeout=901,\n    )\n)\n")
    assert raised.value.where is not None
    assert (raised.value.rule, raised.value.where.line, raised.value.where.column) == ("LF101", 11, 9)


def test_all_refused_values_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as raised:
        found_in(tmp_path, HEAD + '        timeout=901,\n        memory_size=1,\n    )\n)\nQueue("a b")\n')
    told = [raised.value.what, *raised.value.__notes__]
    assert [word for word in ("memory_size", "timeout", "'a b'") if any(word in each for each in told)] == [
        "memory_size",
        "timeout",
        "'a b'",
    ]


def test_a_finding_reads_as_place_rule_line_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    [finding] = found_in(tmp_path, HEAD + '        vpc_config=VpcConfig(subnet_ids=["a", "b"]),\n    )\n)\n')
    assert finding.text() == (
        "app.py:11: error LF241: 'Checkout' has SubnetIds and no SecurityGroupIds.\n"
        '  11 |         vpc_config=VpcConfig(subnet_ids=["a", "b"]),\n'
        "     |                              ^\n"
        "  = Lambda takes both or neither."
    )


def test_a_finding_without_a_file_to_read_still_has_its_place() -> None:
    finding = Finding("LF201", Level.ERROR, "Something is wrong.", "Do it right.", None)
    assert finding.text() == "(no line): error LF201: Something is wrong.\n  = Do it right."


def test_a_stack_without_mistakes_has_no_findings(tmp_path: Path) -> None:
    assert found_in(tmp_path, HEAD + "    )\n)\n") == []


def test_what_is_found_twice_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources:\n  A:\n    Type: AWS::SNS::Topic\n    DependsOn: [B, B]\n")
    assert [finding.rule for finding in check(load_file(file))] == ["LF201"]


def test_every_id_in_the_code_is_that_of_a_rule() -> None:
    package = Path(lambdaform.__file__).parent
    texts = [file.read_text("utf-8") for file in package.rglob("*.py") if "cases" not in file.parts]
    assert {rule for text in texts for rule in re.findall(r'"(LF\d{3})"', text)} == rules().keys()


def test_rules_are_in_order_of_their_ids() -> None:
    assert list(rules()) == sorted(rules())


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_every_rule_says_what_it_demands_and_who_says_so(rule: object) -> None:
    demand, source, name = rule.demand, rule.source, rule.name  # type: ignore[attr-defined]
    assert demand.endswith(".")
    assert source
    assert name == name.lower().replace(" ", "-")


def test_no_two_rules_have_a_name_in_common() -> None:
    names = [rule.name for rule in rules().values()]
    assert len(names) == len(set(names))
