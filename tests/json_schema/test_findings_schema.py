"""The JSON Schema of findings: what the check writes is right, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator

from lambdaform.check.document import FindingsDocument, ReportedFinding, as_data, document_of
from lambdaform.json_schema.findings import findings_schema

APP = """\
from lambdaform import Function, Stack

stack = Stack("shop")
stack.add(Function("Api", runtime="python2.7", handler="a.b", inline_code="x", suppress={"LF401": "until March"}))
stack.add(Function("Other", runtime="python2.7", handler="a.b", inline_code="x"))
"""
VALIDATOR = Draft202012Validator(findings_schema())


def wrong(document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


def nothing_found() -> dict[str, Any]:
    """What a check writes that finds nothing."""
    data: dict[str, Any] = json.loads(json.dumps(as_data(document_of([]))))
    return data


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(findings_schema())


def test_no_findings_are_right() -> None:
    assert wrong(nothing_found()) == []


@pytest.mark.parametrize(
    "app", [APP, 'from lambdaform import Queue\nQueue("Bad id")\nQueue("A", delay_seconds=-1)\n']
)
def test_what_check_writes_is_right(tmp_path: Path, app: str) -> None:
    (tmp_path / "app.py").write_text(app)
    command = [str(Path(sys.executable).with_name("lambdaform")), "check", "--output-format", "json"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    document = json.loads(ran.stdout)
    assert wrong(document) == []
    assert document["findings"] != []


def test_a_key_that_is_not_there_is_wrong() -> None:
    document = {**nothing_found(), "extra": 1}
    assert wrong(document) == ["$: Additional properties are not allowed ('extra' was unexpected)"]


@pytest.mark.parametrize("name", [each.name for each in attrs.fields(FindingsDocument)])
def test_each_key_is_needed(name: str) -> None:
    document = {key: value for key, value in nothing_found().items() if key != name}
    assert wrong(document) == [f"$: '{name}' is a required property"]


def test_a_finding_has_the_keys_of_its_class() -> None:
    properties = findings_schema()["$defs"]["ReportedFinding"]["properties"]
    assert list(properties) == [each.name for each in attrs.fields(ReportedFinding)]


def test_a_key_says_what_it_is() -> None:
    properties = findings_schema()["$defs"]["ReportedFinding"]["properties"]
    assert properties["rule"]["description"] == "The rule's id, which never changes, and its name."
