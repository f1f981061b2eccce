"""The rules on real templates: every known mistake is found once, and nothing is said of what is right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lambdaform.check.findings import Finding, check, finding_of
from lambdaform.check.rule import Level
from lambdaform.load.template import load_file
from lambdaform.synth.sam_transform import refusals
from tests.corpus import CORPUS, entries, name_of, present

pytestmark = [pytest.mark.corpus, present]

#: Findings on templates that AWS's translator and cfn-lint pass: each was looked at, and is right. Values that are
#: placeholders for a script, or misprints, which Lambda and SNS refuse; a property that CloudFormation requires;
#: and names that SAM passes over, so that the authorizer is not what was written.
RIGHT_ALL_THE_SAME = {
    ("LF103", "PYTHON3_VERSION"),
    ("LF103", "NODEJS_VERSION"),
    ("LF103", "JAVA_VERSION"),
    ("LF103", "provided.al2023023"),
    ("LF103", "al2"),
    ("LF105", "RuntimeManagementConfig: update_runtime_on is missing"),
    ("LF117", "'Headers'"),
    # Its table has no stream, so that CloudFormation finds no StreamArn.
    ("LF281", "DynamoDBTable"),
    ("LF103", "KINDLY_REPLACE_THIS_WITH_YOUR_PROTOCOL"),
}
#: Advice that holds for many a template that works: an old runtime, one subnet, an administrator's policy, a public
#: address, a timeout over the API's, nowhere for what fails.
ADVICE = {"LF301", "LF307", "LF344", "LF401", "LF402", "LF403", "LF405", "LF406", "LF407"}


def findings_of(file: Path) -> list[Finding]:
    stack = load_file(file)
    found = check(stack)
    if any(each.level is Level.ERROR for each in found):
        return found
    return [*found, *map(finding_of, refusals(stack))]


@pytest.mark.parametrize("entry", entries("mistakes"), ids=name_of)
def test_a_known_mistake_is_found_once_and_named(entry: dict[str, Any]) -> None:
    found = findings_of(CORPUS / "mistakes" / entry["file"])
    assert len(found) == 1, found
    for pattern in entry["message_must_mention"]:
        assert re.search(pattern, found[0].text())


@pytest.mark.parametrize("entry", entries("mistakes"), ids=name_of)
def test_its_right_twin_has_no_finding(entry: dict[str, Any]) -> None:
    assert findings_of(CORPUS / "mistakes" / entry["good"]) == []


@pytest.mark.parametrize("entry", [each for each in entries("templates") if each["clean"]], ids=name_of)
def test_a_template_without_mistakes_has_only_findings_that_are_right(entry: dict[str, Any]) -> None:
    doubtful = [
        finding
        for finding in findings_of(CORPUS / entry["file"])
        if finding.rule not in ADVICE
        and not any(finding.rule == rule and value in finding.what for rule, value in RIGHT_ALL_THE_SAME)
    ]
    assert doubtful == []


@pytest.mark.parametrize("entry", entries("errors"), ids=name_of)
def test_a_template_that_aws_refuses_has_an_error(entry: dict[str, Any]) -> None:
    if entry["oracle"].startswith("cfn-lint") and entry["category"] == "other" and "E115" in entry["reason"]:
        pytest.skip("made-up ids of resources, which only cfn-lint judges by their form")
    assert any(finding.level is Level.ERROR for finding in findings_of(CORPUS / entry["file"]))
