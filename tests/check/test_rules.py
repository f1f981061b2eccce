"""Each rule by its smallest wrong template, at the very line that is wrong, and its smallest right one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

import pytest

from lambdaform.check import rules as rule_modules
from lambdaform.check.case import Case
from lambdaform.check.cases import CASES
from lambdaform.check.cases.pieces import MARK
from lambdaform.check.findings import (
    Finding,
    check,
    counting,
    findings_in,
    findings_of,
    has_errors,
    needless_suppressions,
)
from lambdaform.check.rule import rules
from lambdaform.check.why import WHY
from lambdaform.errors import DefinitionError
from lambdaform.load.app import load_stacks
from lambdaform.load.template import load_file
from lambdaform.model.crossing import family
from lambdaform.model.stack import Stack
from lambdaform.synth.sam_transform import refusals


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with code that has the handler app.handler, an unfinished one, bootstraps, and code that is too much."""
    project = tmp_path_factory.mktemp("project")
    for folder in ("src", "packages", "huge"):
        (project / folder).mkdir()
        (project / folder / "app.py").write_text("def handler(event, context):\n    return 1\n")
    (project / "src" / "draft.py").write_text("def handler(event, context) return 1\n")
    (project / "packages" / "requirements.txt").write_text("requests\n")
    for name, mode in (("draft", 0o644), ("done", 0o755)):
        (project / "shell" / name).mkdir(parents=True)
        (project / "shell" / name / "bootstrap").write_text("#!/bin/sh\n")
        (project / "shell" / name / "bootstrap").chmod(mode)
    with (project / "huge" / "model.bin").open("wb") as sparse:
        sparse.truncate(300 * 2**20)
    for name, megabytes in (("large.zip", 51), ("small.zip", 1)):
        with (project / name).open("wb") as sparse:
            sparse.truncate(megabytes * 2**20)
    return project


@cache
def found_on(project: Path, text: str, is_app: bool) -> list[Finding]:
    """What counts on a definition, by the rules and, where they find no error, by SAM's transform."""
    file = project / f"{len(text)}-{abs(hash(text))}.{'py' if is_app else 'yaml'}"
    file.write_text(text)
    try:
        stacks = load_stacks(file) if is_app else [load_file(file)]
    except DefinitionError as error:
        return findings_in(error)
    return [finding for root in stacks for each in family(root) for finding in found_in(each)]


def found_in(stack: Stack) -> list[Finding]:
    found = check(stack)
    if not has_errors(found):
        found += findings_of(refusals(stack), stack)
    return counting([*found, *needless_suppressions(stack, found, lambda rule: rule in rules())])


def wrong_of(case: Case, project: Path) -> list[Finding]:
    return found_on(project, case.wrong, case.is_app)


def test_no_rule_is_without_a_case() -> None:
    assert {case.rule for case in CASES} == rules().keys()


def test_the_cases_of_a_rule_are_in_the_module_of_its_name() -> None:
    modules = {case.rule: set[str]() for case in CASES}
    for _, name, _ in pkgutil.iter_modules(rule_modules.__path__):
        for case in importlib.import_module(f"lambdaform.check.cases.{name}").CASES:
            modules[case.rule].add(name)
    declared = {
        rule.id: rule.find.__module__.rpartition(".")[2] for rule in rules().values() if rule.find is not None
    }
    assert {rule: modules[rule] for rule in declared} == {rule: {name} for rule, name in declared.items()}


def test_every_rule_says_why_and_nothing_else_does() -> None:
    assert WHY.keys() == rules().keys()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_wrong_template_has_this_finding_and_says_what(case: Case, project: Path) -> None:
    found = [each for each in wrong_of(case, project) if each.rule == case.rule]
    assert len(found) == 1, found
    assert case.mentions in f"{found[0].what} {found[0].right}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_finding_points_to_the_wrong_line(case: Case, project: Path) -> None:
    [found] = [each for each in wrong_of(case, project) if each.rule == case.rule]
    wrong = [number for number, line in enumerate(case.wrong.splitlines(), 1) if MARK in line]
    assert found.location is not None
    assert [found.location.line] == wrong


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_finding_points_to_the_first_word_of_that_line(case: Case, project: Path) -> None:
    [found] = [each for each in wrong_of(case, project) if each.rule == case.rule]
    [line] = [each for each in case.wrong.splitlines() if MARK in each]
    if case.is_app or case.rule in ("LF001", "LF601", "LF602"):
        pytest.skip("it is about the file, not about a word of it")
    assert found.location is not None
    assert found.location.column == len(line) - len(line.lstrip(" -")) + 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_wrong_template_has_no_other_finding(case: Case, project: Path) -> None:
    # Code that is too long for a function is too long for its template as well.
    others = {"LF601"} if case.rule == "LF603" else set()
    assert {each.rule for each in wrong_of(case, project)} - others == {case.rule}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_right_template_has_no_finding(case: Case, project: Path) -> None:
    assert found_on(project, case.right, case.is_app) == []
