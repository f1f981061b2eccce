"""The page on fidelity names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "explanation" / "fidelity.md"
#: Those of all tables but the first, which sums up what is limited where.
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text("utf-8").partition("\n## ")[2].splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| behaviour"))
]


def test_every_row_has_a_source_a_place_and_a_test() -> None:
    assert len(ROWS) > 60
    assert [row for row in ROWS if len(row) != 4 or not all(row) or "](../../tests/" not in row[3]] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:50])
def test_the_tests_that_a_row_names_exist(row: list[str]) -> None:
    files = [ROOT / name for name in re.findall(r"\]\(\.\./\.\./(tests/[\w/]+\.py)\)", row[3])]
    defined = {
        name
        for file in files
        for name in re.findall(r"^ *(?:async )?def (test_\w+)", file.read_text("utf-8"), re.M)
    }
    for named in re.findall(r"`(test_[\w…]+)`", row[3]):
        pattern = re.compile(".*".join(map(re.escape, named.split("…"))) + "$")
        assert any(pattern.match(each) for each in defined), named
