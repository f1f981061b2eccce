"""Findings as annotations in GitHub's workflows.

Source: GitHub Docs, "Workflow commands for GitHub Actions", and actions/toolkit, ``command.ts``, for the escapes.
"""

from __future__ import annotations

from collections.abc import Iterable

from lambdaform.check.findings import Finding
from lambdaform.check.rule import Level
from lambdaform.check.workspace import path_in_workspace

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def workflow_commands(findings: Iterable[Finding]) -> list[str]:
    """A workflow command for each finding."""
    return [_annotation(finding) for finding in findings]


def _annotation(finding: Finding) -> str:
    properties: dict[str, str | int] = {}
    if place := finding.location:
        properties |= {
            "file": path_in_workspace(place.file) or place.file,
            "line": place.line,
            "col": place.column,
        }
        if place.end_column:
            properties |= {"endLine": place.line, "endColumn": place.end_column}
    properties["title"] = f"{finding.rule} {finding.about.name}"
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    message = f"{finding.what} {finding.right}".strip()
    return f"::{_COMMANDS[finding.level]} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
