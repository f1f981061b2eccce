"""Suppressions: findings that somebody has looked at and lets pass, with the reason.

They stand on a resource (``suppress={"LF402": "until the March release"}``), and so cover all that is in it; or in
the template's own Metadata or the project's settings, and so cover the whole stack. A suppressed finding is still a
finding; it only does not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

from lambdaform.check.index import index_of
from lambdaform.check.rule import rule_named
from lambdaform.model.definition import frozen
from lambdaform.model.resource import OWN_METADATA
from lambdaform.model.shape import Problem, Shape
from lambdaform.model.stack import Stack
from lambdaform.origin import FieldOrigin, Origin, TemplateOrigin

#: How the ids of the rules begin that are about suppressions.
OWN_GROUP = "LF9"
#: The ids of cfn-lint and of CloudFormation Validate, which only ``--lint`` knows.
LINT_ID = re.compile(r"[EWIF]\d{4}")


@frozen
class Suppression:
    """Why a finding is let pass, and who says so: its resource, the template, the project, or cfn-lint's Metadata."""

    reason: str
    by: Literal["resource", "template", "project", "cfn-lint"]


@frozen
class Entry:
    """One suppression as it is written, on a resource or, without an ``owner``, in the template's own Metadata."""

    owner: str | None
    rule: str
    reason: Any
    origin: Origin | None
    names: tuple[str, ...]
    inside: tuple[str, ...]

    def problem(self, rule: str, what: str, right: str) -> Problem:
        """Something that is wrong with it; ``what`` goes on after the name of the owner."""
        return Problem(
            rule, f"{self.owner or 'The template'} {what}", right, self.origin, self.names, self.inside
        )


def entries(stack: Stack) -> Iterator[Entry]:
    """Every suppression that is written in the stack."""
    for resource in stack.resources.values():
        if resource.suppress:
            origin = resource.origin
            if isinstance(origin, TemplateOrigin) and origin.owner is not None:
                # Beside the properties, which may have the same names.
                origin = TemplateOrigin(origin.file, origin.owner, origin.marks)
            names = ("suppress", "Metadata")
            for rule, reason in resource.suppress.items():
                inside = (OWN_METADATA, "suppress", rule)
                yield Entry(resource.logical_id, rule, reason, origin, names, inside)
    for rule, reason in _of_template(stack).items():
        inside = (OWN_METADATA, "suppress", rule)
        yield Entry(None, rule, reason, stack.origin, ("metadata", "Metadata"), inside)


def _of_template(stack: Stack) -> Mapping[str, Any]:
    own = stack.metadata.get(OWN_METADATA)
    written = own.get("suppress") if isinstance(own, Mapping) else None
    return written if isinstance(written, Mapping) else {}


def twins_of(rule: str) -> tuple[str, ...]:
    """A linter's rule by the id that is given, and by that of the other linter, which has F for some of cfn-lint's E."""
    other = {"E": "F", "F": "E"}.get(rule[:1])
    return (rule, f"{other}{rule[1:]}") if other else (rule,)


def ids_of(name: str) -> tuple[str, ...]:
    """The id of the rule that a suppression names, by its id or its name; none where there is no such rule.

    Linters' rules have an id for each linter.
    """
    if LINT_ID.fullmatch(name):
        return twins_of(name)
    rule = rule_named(name)
    return (rule.id,) if rule else ()


class Owners:
    """To which resource of a stack a problem belongs. The stack is walked when somebody asks first."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._by_origin: dict[int, list[str]] | None = None

    def of(self, problem: Problem) -> tuple[str, ...]:
        """The logical ids of the resources that have the problem; several where they share the object that has it."""
        origin: Any = problem.origin
        while isinstance(origin, FieldOrigin):
            origin = origin.owner
        found: tuple[str, ...]
        if isinstance(origin, TemplateOrigin):
            section, *rest = (*origin.path, "")
            found = (str(rest[0]),) if section in ("Resources", "resources") and rest else ()
        else:
            found = tuple(dict.fromkeys(self._index().get(id(origin), ()))) if origin else ()
        if len(found) > 1:
            named = [each for each in found if re.search(rf"\b{each}\b", problem.what)]
            return tuple(named) or found
        return found

    def _index(self) -> Mapping[int, list[str]]:
        if self._by_origin is None:
            self._by_origin = {}
            index = index_of(self._stack)
            shapes = ((resource, shape.origin) for resource, shape in index.parts_of_class(Shape))
            refs = ((use.owner, use.ref.origin) for use in index.uses)
            for owner, origin in (*shapes, *refs):
                if self._stack.resources.get(owner.logical_id) is owner:
                    self._by_origin.setdefault(id(origin), []).append(owner.logical_id)
        return self._by_origin


def suppression_of(rule: str, owners: Iterable[str], stack: Stack) -> Suppression | None:
    """Why a rule's problem on these resources is let pass; None where not each of them, nor the template, says so."""
    if rule.startswith(OWN_GROUP):
        return None
    reasons = [
        _reason(resource.suppress or {}, rule)
        for owner in owners
        if (resource := stack.resources.get(owner)) is not None
    ]
    given = [each for each in reasons if each is not None]
    if reasons and len(given) == len(reasons):
        return Suppression("; ".join(dict.fromkeys(given)), "resource")
    reason = _reason(_of_template(stack), rule)
    return Suppression(reason, "template") if reason is not None else None


def _reason(suppressions: Mapping[str, Any], rule: str) -> str | None:
    for name, reason in suppressions.items():
        if rule in ids_of(name) and isinstance(reason, str) and reason.strip():
            return reason
    return None


def unused(
    stack: Stack, used: Collection[tuple[str | None, str]], looked_for: Callable[[str], bool]
) -> Iterator[Problem]:
    """The suppressions that nothing was found for, among those that ``looked_for`` says were looked for.

    ``used`` has, for each finding, the resource and the rule; None for what the template itself suppresses.
    """
    for entry in entries(stack):
        ids = ids_of(entry.rule)
        needed = any((entry.owner, rule) in used or rule.startswith(OWN_GROUP) for rule in ids)
        if ids and not needed and looked_for(ids[0]):
            what = f"suppresses {entry.rule}, and nothing of that is found."
            yield entry.problem("LF903", what, "Take the suppression away.")
