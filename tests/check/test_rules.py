"""Each rule by its smallest wrong template, at the very line that is wrong, and its smallest right one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from lambdaform.check.case import Case
from lambdaform.check.cases import CASES
from lambdaform.check.cases.pieces import MARK
from lambdaform.check.findings import Finding, check, finding_of
from lambdaform.check.rule import Level, rules
from lambdaform.errors import DefinitionError
from lambdaform.load.template import load_file
from lambdaform.model.shape import Problem
from lambdaform.origin import Location
from lambdaform.synth.sam_transform import refusals


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with code that has the handler app.handler, and with code that is too much."""
    project = tmp_path_factory.mktemp("project")
    for folder in ("src", "huge"):
        (project / folder).mkdir()
        (project / folder / "app.py").write_text("def handler(event, context):\n    return 1\n")
    with (project / "huge" / "model.bin").open("wb") as sparse:
        sparse.truncate(300 * 2**20)
    return project


@cache
def findings_of(project: Path, text: str) -> list[Finding]:
    """What is found on a template, by the rules and, where they find no error, by SAM's transform."""
    file = project / f"{len(text)}-{abs(hash(text))}.yaml"
    file.write_text(text)
    try:
        stack = load_file(file)
    except DefinitionError as error:
        return [finding_of(Problem(error.rule or "", error.what, error.right or "", _Place(error.where)))]
    found = check(stack)
    if any(each.level is Level.ERROR for each in found):
        return found
    return [*found, *map(finding_of, refusals(stack))]


class _Place:
    def __init__(self, location: Location | None) -> None:
        self.location = location

    def locate(self, names: object = (), inside: object = ()) -> Location | None:
        return self.location


def test_no_rule_is_without_a_case() -> None:
    # No field's type refuses a whole property yet: troposphere does, at synthesis (tests/synth).
    assert {case.rule for case in CASES} == rules().keys() - {"LF106"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_wrong_template_has_this_finding_and_says_what(case: Case, project: Path) -> None:
    found = [each for each in findings_of(project, case.wrong) if each.rule == case.rule]
    assert len(found) == 1, found
    assert case.mentions in f"{found[0].what} {found[0].right}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_finding_points_to_the_wrong_line(case: Case, project: Path) -> None:
    [found] = [each for each in findings_of(project, case.wrong) if each.rule == case.rule]
    wrong = [number for number, line in enumerate(case.wrong.splitlines(), 1) if MARK in line]
    assert found.location is not None
    assert [found.location.line] == wrong


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_finding_points_to_the_first_word_of_that_line(case: Case, project: Path) -> None:
    [found] = [each for each in findings_of(project, case.wrong) if each.rule == case.rule]
    [line] = [each for each in case.wrong.splitlines() if MARK in each]
    if case.rule in ("LF001", "LF601", "LF602"):
        pytest.skip("it is about the file, not about a word of it")
    assert found.location is not None
    assert found.location.column == len(line) - len(line.lstrip(" -")) + 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_wrong_template_has_no_other_finding(case: Case, project: Path) -> None:
    # Code that is too long for a function is too long for its template as well.
    others = {"LF601"} if case.rule == "LF603" else set()
    assert {each.rule for each in findings_of(project, case.wrong)} - others == {case.rule}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_right_template_has_no_finding(case: Case, project: Path) -> None:
    assert findings_of(project, case.right) == []
