"""The schemas in the repository are those that the classes make."""

from __future__ import annotations

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
