"""Findings as SARIF, which code hosts and editors read.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0; GitHub Docs, "SARIF support for code scanning".
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lambdaform import __version__
from lambdaform.check.findings import Finding
from lambdaform.check.page import markdown, plain
from lambdaform.check.reference import references_of
from lambdaform.check.rule import Level, Rule
from lambdaform.check.workspace import path_in_workspace

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
#: The root against which the addresses of files are resolved: the repository's.
_ROOT = "%SRCROOT%"


def sarif(findings: Sequence[Finding], main_file: str | None = None) -> Mapping[str, Any]:
    """The log of one run. Findings without a place are put at the start of ``main_file``."""
    abouts = {finding.rule: finding.about for finding in findings}
    order = {rule: index for index, rule in enumerate(abouts)}
    seen: Counter[str] = Counter()
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "lambdaform",
                        "version": __version__,
                        "rules": [_descriptor(each) for each in abouts.values()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, order[each.rule], main_file, seen) for each in findings],
            }
        ],
    }


def _descriptor(rule: Rule) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.demand},
        "help": {"text": plain(rule), "markdown": markdown(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": [rule.tool], "source": rule.source},
    }
    url = next((each.url for each in references_of(rule.source) if each.url), None)
    return {**descriptor, "helpUri": url} if url else descriptor


def _result(finding: Finding, index: int, main_file: str | None, seen: Counter[str]) -> dict[str, Any]:
    place = finding.location
    file = place.file if place else main_file
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.level],
        "message": {"text": f"{finding.what} {finding.right}".strip()},
    }
    if file is not None:
        region = {"startLine": place.line, "startColumn": place.column} if place else {"startLine": 1}
        if place and place.end_column:
            region["endColumn"] = place.end_column
        location: dict[str, Any] = {
            "physicalLocation": {"artifactLocation": _artifact(file), "region": region}
        }
        if finding.resources:
            location["logicalLocations"] = [{"name": each, "kind": "resource"} for each in finding.resources]
        result["locations"] = [location]
    result["partialFingerprints"] = {"lambdaform/v1": _fingerprint(finding, file, seen)}
    # An empty list says that nobody suppresses it; without one, a viewer does not know.
    result["suppressions"] = []
    if finding.suppression is not None:
        kind = "external" if finding.suppression.by == "project" else "inSource"
        result["suppressions"] = [{"kind": kind, "justification": finding.suppression.reason}]
    return result


def _artifact(file: str) -> dict[str, str]:
    path = path_in_workspace(file)
    if path is None:
        return {"uri": Path(file).resolve().as_uri()}
    return {"uri": quote(path), "uriBaseId": _ROOT}


def _fingerprint(finding: Finding, file: str | None, seen: Counter[str]) -> str:
    """What stays the same where lines are added above: rule, file, resource, the text of the line, and its turn."""
    text = (finding.location.source_line or "") if finding.location else ""
    name = _artifact(file)["uri"] if file else ""
    key = "\0".join((finding.rule, name, *finding.resources, text.strip()))
    seen[key] += 1
    return hashlib.sha256(f"{key}\0{seen[key]}".encode()).hexdigest()[:32]
