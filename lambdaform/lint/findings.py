"""A stack's findings by linters: over its template as written and expanded, told once, and not what our rules say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from lambdaform.check.aliases import ALIASES
from lambdaform.check.findings import Finding
from lambdaform.check.rule import Level, Rule
from lambdaform.check.settings import Settings
from lambdaform.check.suppression import Suppression, suppression_of, twins_of
from lambdaform.lint.cfn_lint import CfnLint
from lambdaform.lint.places import Place, place_of
from lambdaform.lint.remark import Remark
from lambdaform.lint.validate import is_installed, remarks
from lambdaform.model.resource import Resource
from lambdaform.model.stack import Stack
from lambdaform.synth.sam_transform import TransformError, prepared, transform, uses_sam

_METADATA = "cfn-lint"
#: cfn-lint's warning of local paths; an assembly has an asset for these.
_NEEDS_PACKAGING = "W3002"
_PACKAGED = frozenset(
    ["Code", "CodeUri", "Content", "ContentUri", "DefinitionUri", "Location", "TemplateURL"]
)


def lint(
    stack: Stack,
    parameters: Mapping[str, str],
    settings: Settings,
    told: Sequence[Finding],
    region: str = "us-east-1",
) -> list[Finding]:
    """What linters find on the stack, but for what is ``told`` already.

    Raises `UsageError` where no linter is installed.
    """
    cfn_lint = _cfn_lint(region)
    found: list[Finding] = []
    seen: set[tuple[object, ...]] = set()
    places: dict[tuple[object, ...], str] = {}
    for remark, place in _remarks(stack, parameters, cfn_lint, region):
        if place.generated and remark.level is not Level.ERROR:
            # Nobody can heed advice on what SAM makes.
            continue
        if remark.id == _NEEDS_PACKAGING and _PACKAGED.intersection(remark.path):
            continue
        finding = _finding(remark, place, stack, settings)
        keys = _keys(finding, place)
        # Two linters have two words for what is wrong at one place; one linter may have two things to say of it.
        what = finding.level if place.exact else finding.rule[1:]
        first = places.setdefault((what, place.owner, place.location), remark.tool)
        if first == remark.tool and seen.isdisjoint(keys) and not _is_told(finding, place, told):
            found.append(finding)
        seen |= keys
    return found


@cache
def _cfn_lint(region: str) -> CfnLint:
    return CfnLint(region)


def _remarks(
    stack: Stack, parameters: Mapping[str, str], cfn_lint: CfnLint, region: str
) -> Iterator[tuple[Remark, Place]]:
    """Every remark with its place: on the template as written first, where places are exact."""
    written = _without_directives(prepared(stack))
    for remark in cfn_lint.remarks(written):
        yield remark, place_of(stack, remark.path)
    expanded = written
    if uses_sam(written):
        try:
            expanded = transform(written, parameters, region)
        except TransformError:
            # What SAM refuses, `refusals` tells.
            return
        for remark in cfn_lint.remarks(expanded):
            yield remark, place_of(stack, remark.path)
    if is_installed():
        for remark in remarks(expanded, region):
            # What cfn-lint's settings ignore nobody wants to hear from the other linter.
            if not any(twin.startswith(cfn_lint.ignored) for twin in twins_of(remark.id)):
                yield remark, place_of(stack, remark.path)


def _without_directives(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template without what single resources tell cfn-lint: that becomes suppressions, which can be shown."""
    resources = {
        logical_id: {
            **each,
            "Metadata": {key: value for key, value in each["Metadata"].items() if key != _METADATA},
        }
        if isinstance(each, Mapping) and isinstance(each.get("Metadata"), Mapping)
        else each
        for logical_id, each in template["Resources"].items()
    }
    return {**template, "Resources": resources}


def _finding(remark: Remark, place: Place, stack: Stack, settings: Settings) -> Finding:
    rule = Rule(remark.id, remark.title, remark.level, remark.title, remark.url, tool=remark.tool)
    owners = (place.owner,) if place.owner else ()
    suppression = suppression_of(remark.id, owners, stack) or _directive(stack, place.owner, remark.id)
    if suppression is None and remark.id in settings.ignore:
        suppression = Suppression(settings.ignore[remark.id], "project")
    level = settings.level.get(remark.id, remark.level)
    text = remark.message.rstrip()
    what = text if text.endswith((".", "!", "?")) else f"{text}."
    return Finding(remark.id, level, what, "", place.location, owners, suppression, rule)


def _directive(stack: Stack, owner: str | None, rule: str) -> Suppression | None:
    """The suppression that a resource's, or the template's, own Metadata has in cfn-lint's form."""
    resource = stack.resources.get(owner or "")
    for metadata in (resource.metadata if isinstance(resource, Resource) else None, stack.metadata):
        own = metadata.get(_METADATA) if isinstance(metadata, Mapping) else None
        config = own.get("config") if isinstance(own, Mapping) else None
        ignored = config.get("ignore_checks") if isinstance(config, Mapping) else None
        for start in ignored if isinstance(ignored, list | tuple) else ():
            if any(twin.startswith(str(start)) for twin in twins_of(rule)):
                return Suppression(f"ignore_checks has {start}", "cfn-lint")
    return None


def _keys(finding: Finding, place: Place) -> set[tuple[object, ...]]:
    """By what a finding is known when it comes again, from the other form of the template or the other linter."""
    number = finding.rule[1:]
    keys: set[tuple[object, ...]] = {(number, place.owner, finding.what)}
    if place.exact:
        keys.add((number, place.owner, place.location))
    return keys


def _is_told(finding: Finding, place: Place, told: Sequence[Finding]) -> bool:
    """Whether a rule of ours says the same of the resource, or as bad a thing of the very place."""
    # What SAM refuses, the linters refuse in many words.
    same = {"LF002", *(rule for twin in twins_of(finding.rule) for rule in ALIASES.get(twin, ()))}
    name = re.compile(rf"\b{place.owner}\b") if place.owner else None
    return any(
        (
            each.rule in same
            and (each.resources == finding.resources or (name is not None and bool(name.search(each.what))))
        )
        or (
            place.exact
            and each.location in (place.location, *place.around)
            and each.level.reaches(finding.level)
        )
        for each in told
    )
