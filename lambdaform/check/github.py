"""Findings as annotations in GitHub's workflows.

Source: GitHub Docs, "Workflow commands for GitHub Actions", and actions/toolkit, ``command.ts``, for the escapes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from lambdaform.check.findings import Finding
from lambdaform.check.rule import Level
from lambdaform.origin import Location

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def workflow_commands(findings: Iterable[Finding]) -> list[str]:
    """A workflow command for each finding."""
    return [_annotation(finding) for finding in findings]


def _annotation(finding: Finding) -> str:
    properties: dict[str, str | int] = {}
    if place := finding.location:
        properties |= {"file": _in_workspace(place), "line": place.line, "col": place.column}
        if place.end_column:
            properties |= {"endLine": place.line, "endColumn": place.end_column}
    properties["title"] = f"{finding.rule} {finding.about.name}"
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    message = f"{finding.what} {finding.right}".strip()
    return f"::{_COMMANDS[finding.level]} {written}::{_data(message)}"


def _in_workspace(place: Location) -> str:
    """The file as GitHub finds it: relative to the repository, wherever in it the command runs."""
    file = Path(place.file).resolve()
    root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(place.file)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
