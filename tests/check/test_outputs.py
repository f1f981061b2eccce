"""What findings look like to machines: JSON, SARIF and GitHub's annotations."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.check.document import FindingsDocument, as_data, document_of
from lambdaform.check.findings import Finding
from lambdaform.check.github import workflow_commands
from lambdaform.check.rule import Level, rules
from lambdaform.check.sarif import sarif
from lambdaform.check.suppression import Suppression
from lambdaform.origin import Location

TEXT = 'Größe: 1\nResources:\n  Fn: {Runtime: "python3.8", Größe: python3.8}\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template in the current folder, and no workflow around it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    file = tmp_path / "my template.yaml"
    file.write_text(TEXT, "utf-8")
    return file


def finding(place: Location | None, **more: Any) -> Finding:
    return Finding("LF402", Level.WARNING, "'Fn' is old.", "Take python3.13.", place, ("Fn",), **more)


def reported(given: Finding) -> dict[str, Any]:
    return dict(as_data(document_of([("shop", given)]))["findings"][0])


def test_a_finding_has_all_there_is_to_know(file: Path) -> None:
    assert reported(finding(Location(str(file), 3, 8))) == {
        "rule": "LF402",
        "name": "old-runtime",
        "level": "warning",
        "message": "'Fn' is old.",
        "right": "Take python3.13.",
        "file": "my template.yaml",
        "line": 3,
        "column": 8,
        "end_column": 15,
        "stack": "shop",
        "resource": "Fn",
        "suppressed": False,
        "suppressed_by": None,
        "reason": None,
        "source": "AWS Lambda Developer Guide, lambda-runtimes",
        "source_url": "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
        "help": "docs/rules/LF402.md",
        "tool": "lambdaform",
    }


def test_a_finding_without_a_place_has_none(file: Path) -> None:
    found = reported(finding(None))
    assert [found[key] for key in ("file", "line", "column", "end_column")] == [None] * 4


def test_a_suppressed_finding_says_so_and_why(file: Path) -> None:
    found = reported(finding(None, suppression=Suppression("until March", "project")))
    assert (found["suppressed"], found["suppressed_by"], found["reason"]) == (True, "project", "until March")


def test_suppressed_findings_are_counted_apart(file: Path) -> None:
    pairs = [(None, finding(None)), (None, finding(None, suppression=Suppression("so", "resource")))]
    assert as_data(document_of(pairs))["counts"] == {"error": 0, "warning": 1, "info": 0, "suppressed": 1}


def test_no_findings_are_a_whole_document() -> None:
    document = document_of([])
    assert isinstance(document, FindingsDocument)
    assert json.loads(json.dumps(as_data(document))) == {
        "version": 1,
        "lambdaform": document.lambdaform,
        "counts": {"error": 0, "warning": 0, "info": 0, "suppressed": 0},
        "findings": [],
    }


@pytest.mark.parametrize(
    ("line", "column", "ends"),
    [(1, 1, "Größe"), (3, 3, "Fn"), (3, 17, '"python3.8"'), (3, 30, "Größe"), (3, 37, "python3.8")],
)
def test_a_place_ends_with_its_word(file: Path, line: int, column: int, ends: str) -> None:
    place = Location(str(file), line, column)
    assert place.end_column is not None
    assert TEXT.splitlines()[line - 1][column - 1 : place.end_column - 1] == ends


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\x85"), min_size=1)
)
def test_a_place_never_ends_before_it_starts_nor_after_its_line(tmp_path_factory: Any, line: str) -> None:
    file = tmp_path_factory.getbasetemp() / f"{abs(hash(line))}.yaml"
    file.write_text(line, "utf-8")
    for column in range(1, len(line) + 1):
        end = Location(str(file), 1, column).end_column
        assert end is None or column < end <= len(line) + 1


# --- SARIF


def log_of(*findings: Finding) -> dict[str, Any]:
    [run] = sarif(findings, "app.py")["runs"]
    return dict(run)


def result_of(given: Finding) -> dict[str, Any]:
    [result] = log_of(given)["results"]
    return dict(result)


def test_a_result_names_its_rule_and_place(file: Path) -> None:
    result = result_of(finding(Location(str(file), 3, 8)))
    [location] = result["locations"]
    assert (result["ruleId"], result["level"]) == ("LF402", "warning")
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20template.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 8, "endColumn": 15},
    }
    assert location["logicalLocations"] == [{"name": "Fn", "kind": "resource"}]


def test_info_is_a_note(file: Path) -> None:
    assert result_of(Finding("LF903", Level.INFO, "It is so.", "", None))["level"] == "note"


def test_each_rule_is_described_once_with_help(file: Path) -> None:
    run = log_of(finding(None), finding(None), Finding("LF903", Level.INFO, "It is so.", "", None))
    described = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in described] == ["LF402", "LF903"]
    assert [described[each["ruleIndex"]]["id"] for each in run["results"]] == ["LF402", "LF402", "LF903"]
    assert all(each["help"]["text"] and each["help"]["markdown"] for each in described)


@pytest.mark.parametrize(("by", "kind"), [("resource", "inSource"), ("project", "external")])
def test_a_suppression_comes_with_its_justification(file: Path, by: Any, kind: str) -> None:
    result = result_of(finding(None, suppression=Suppression("until March", by)))
    assert result["suppressions"] == [{"kind": kind, "justification": "until March"}]


def fingerprints(*findings: Finding) -> list[str]:
    return [each["partialFingerprints"]["lambdaform/v1"] for each in log_of(*findings)["results"]]


def test_a_fingerprint_stays_where_lines_are_added_above(file: Path) -> None:
    [before] = fingerprints(finding(Location(str(file), 3, 8)))
    file.write_text(f"\n\n{TEXT}", "utf-8")
    assert fingerprints(finding(Location(str(file), 5, 8))) == [before]


def test_two_findings_have_two_fingerprints(file: Path) -> None:
    place = Location(str(file), 3, 8)
    assert len(set(fingerprints(finding(place), finding(place)))) == 2


def test_what_has_no_place_is_put_at_the_start_of_the_app(file: Path) -> None:
    [location] = result_of(finding(None))["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 1}


def test_a_file_elsewhere_has_a_whole_address(file: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "app.py"
    elsewhere.write_text("stack\n")
    [location] = result_of(finding(Location(str(elsewhere), 1, 1)))["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": elsewhere.as_uri()}


SCHEMA = os.environ.get("SARIF_SCHEMA")


@pytest.mark.skipif(
    SCHEMA is None, reason="SARIF_SCHEMA does not name a copy of OASIS' sarif-schema-2.1.0.json"
)
def test_the_log_is_valid_sarif(file: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(Path(str(SCHEMA)).read_text("utf-8"))
    every = [
        Finding(rule.id, rule.level, "It is so.", "Do so.", Location(str(file), 3, 8), ("Fn",))
        for rule in rules().values()
    ]
    jsonschema.validate(sarif([*every, finding(None)], None), schema)
    jsonschema.validate(sarif([], None), schema)


# --- GitHub


def command_of(given: Finding) -> str:
    [command] = workflow_commands([given])
    return command


def test_a_finding_is_an_annotation_at_its_place(file: Path) -> None:
    assert command_of(finding(Location(str(file), 3, 8))) == (
        "::warning file=my template.yaml,line=3,col=8,endLine=3,endColumn=15,title=LF402 old-runtime"
        "::'Fn' is old. Take python3.13."
    )


def test_what_would_end_a_command_or_a_property_is_escaped(file: Path) -> None:
    hostile = Finding("LF402", Level.ERROR, "a\n::error::b\r100%", "", Location("a,b:c.yaml", 1))
    assert command_of(hostile) == (
        "::error file=a%2Cb%3Ac.yaml,line=1,col=1,title=LF402 old-runtime::a%0A::error::b%0D100%25"
    )


@given(st.text(), st.text())
def test_whatever_a_finding_says_is_one_line(what: str, name: str) -> None:
    command = command_of(Finding("LF402", Level.ERROR, what, "", Location(f"x{name}".replace("\0", ""), 1)))
    assert "\n" not in command
    assert "\r" not in command


@pytest.mark.parametrize("by", ["GITHUB_WORKSPACE", ".git"])
def test_files_are_relative_to_the_repository(file: Path, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "infra").mkdir()
    app = file.rename(file.parent / "infra" / "app.py")
    if by == ".git":
        (file.parent / by).mkdir()
    else:
        monkeypatch.setenv(by, str(file.parent))
    monkeypatch.chdir(app.parent)
    found = finding(Location(str(app), 3, 8))
    assert "file=infra/app.py," in command_of(found)
    assert result_of(found)["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "infra/app.py"


def test_the_workspace_of_another_job_does_not_count(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", "/somewhere/else")
    assert "file=my template.yaml," in command_of(finding(Location(str(file), 3, 8)))
