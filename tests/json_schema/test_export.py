"""The schemas in the repository are those that the classes make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lambdaform.facts.schemas import schema_file
from lambdaform.json_schema.export import FOLDER, SCHEMAS, main, text_of


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_exported_schema_is_current(name: str) -> None:
    assert schema_file(name).read_text("utf-8") == text_of(name), "make schemas writes it anew"


def test_no_schema_is_left_over() -> None:
    there = {each.relative_to(FOLDER).as_posix() for each in FOLDER.rglob("*.schema.json")}
    assert there == set(SCHEMAS)


def test_the_exporter_writes_all_that_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["export", str(tmp_path)])
    main()
    written = {each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*.json")}
    assert written == set(SCHEMAS)


BACKWARDS = """
import lambdaform
from lambdaform.json_schema.export import text_of
from lambdaform.load.written import annotation_of, class_named
from lambdaform.model.shape import slots_of
for cls in filter(None, map(class_named, reversed(lambdaform.__all__))):
    for slot in slots_of(cls):
        annotation_of(cls, slot)
print(text_of("stack.schema.json"), end="")
"""


def test_the_schema_is_the_same_whatever_was_looked_at_before() -> None:
    """Python takes choices for the same whose order differs, and answers with those that it saw first."""
    made = subprocess.run([sys.executable, "-c", BACKWARDS], capture_output=True, text=True, check=True)
    assert made.stdout == text_of("stack.schema.json")
