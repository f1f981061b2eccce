"""Findings as data: what ``check --output-format json`` writes, in a form that keeps within one version.

`FindingsDocument` is that form to the last key; its JSON Schema is made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import attrs
from attrs import frozen

from lambdaform import __version__
from lambdaform.check.findings import Finding, counting
from lambdaform.check.reference import references_of
from lambdaform.check.rule import Level
from lambdaform.origin import shown_path


@frozen
class ReportedFinding:
    """One finding. Lines and columns count characters from 1; ``end_column`` is the first that is not part of it."""

    #: The rule's id, which never changes, and its name.
    rule: str
    name: str
    level: Level
    #: What is wrong, and what would be right.
    message: str
    right: str
    #: The file relative to the current folder, if it lies in it.
    file: str | None
    line: int | None
    column: int | None
    end_column: int | None
    #: The stack, and the logical id of the resource that has it.
    stack: str | None
    resource: str | None
    #: Whether it is let pass, who says so, and why.
    suppressed: bool
    suppressed_by: Literal["resource", "template", "project", "cfn-lint"] | None
    reason: str | None
    #: Where the demand comes from, and the page's address.
    source: str
    source_url: str | None
    #: The rule's page in lambdaform's documentation; None for rules of linters.
    help: str | None
    #: Who found it.
    tool: str


@frozen
class Counts:
    """How many findings count, by level, and how many are suppressed."""

    error: int
    warning: int
    info: int
    suppressed: int


@frozen
class FindingsDocument:
    """All findings of one check. ``version`` changes when a key goes or changes its meaning."""

    version: Literal[1]
    #: lambdaform's own version.
    lambdaform: str
    counts: Counts
    findings: Sequence[ReportedFinding]


def document_of(findings: Iterable[tuple[str | None, Finding]]) -> FindingsDocument:
    """The findings, each with the name of its stack, as a document."""
    pairs = list(findings)
    open_ones = counting(finding for _, finding in pairs)
    counts = {level.value: sum(each.level is level for each in open_ones) for level in Level}
    return FindingsDocument(
        version=1,
        lambdaform=__version__,
        counts=Counts(**counts, suppressed=len(pairs) - len(open_ones)),
        findings=tuple(_reported(finding, stack) for stack, finding in pairs),
    )


def _reported(finding: Finding, stack: str | None) -> ReportedFinding:
    about, place, passed = finding.about, finding.location, finding.suppression
    references = references_of(about.source)
    return ReportedFinding(
        rule=finding.rule,
        name=about.name,
        level=finding.level,
        message=finding.what,
        right=finding.right,
        file=shown_path(place.file) if place else None,
        line=place.line if place else None,
        column=place.column if place else None,
        end_column=place.end_column if place else None,
        stack=stack,
        resource=finding.resources[0] if finding.resources else None,
        suppressed=passed is not None,
        suppressed_by=passed.by if passed else None,
        reason=passed.reason if passed else None,
        source="; ".join(each.text for each in references),
        source_url=next((each.url for each in references if each.url), None),
        help=f"docs/rules/{finding.rule}.md" if finding.foreign is None else None,
        tool=about.tool,
    )


def as_data(document: FindingsDocument) -> Mapping[str, Any]:
    """The document as plain data, in the order of its fields."""
    return attrs.asdict(
        document, value_serializer=lambda _, __, value: value.value if isinstance(value, Level) else value
    )
