"""Running the rules: a stack's findings, each with the user's line, and which of them are let pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lambdaform.check.index import one_look
from lambdaform.check.rule import Level, Rule, finders_in, rules
from lambdaform.check.settings import Settings
from lambdaform.check.suppression import Owners, Suppression, suppression_of, unused
from lambdaform.errors import LambdaformError
from lambdaform.model.definition import frozen
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack
from lambdaform.origin import Location

#: The rule of what no other rule is about: an exception in the app's file, code that is not there.
UNUSABLE = "LF003"


@frozen
class Finding:
    """One place that breaks a rule. ``resources`` are the logical ids of those that have it."""

    rule: str
    level: Level
    what: str
    right: str
    location: Location | None
    resources: tuple[str, ...] = ()
    suppression: Suppression | None = None
    #: The rule itself, where it is another tool's.
    foreign: Rule | None = None

    @property
    def about(self) -> Rule:
        """The rule."""
        return self.foreign or rules()[self.rule]

    def text(self) -> str:
        """The finding as people read it: place, rule, what is wrong; the source line; what would be right."""
        place = str(self.location) if self.location else "(no line)"
        lines = [f"{place}: {self.level} {self.rule}: {self.what}"]
        lines += self.location.frame() if self.location else []
        lines += [f"  = {self.right}"] if self.right else []
        lines += [f"  = Suppressed: {self.suppression.reason}"] if self.suppression else []
        return "\n".join(lines)


def finding_of(problem: Problem, settings: Settings | None = None, stack: Stack | None = None) -> Finding:
    """A problem with its level and its place; with its ``stack``, also whose it is and whether it is let pass."""
    return next(iter(_findings([problem], settings or Settings(), stack)))


def _findings(problems: Iterable[Problem], settings: Settings, stack: Stack | None) -> Iterable[Finding]:
    owners = Owners(stack) if stack is not None else None
    for problem in problems:
        known = rules().get(problem.rule)
        level = settings.level.get(problem.rule) or (known.level if known else Level.ERROR)
        whose = owners.of(problem) if owners is not None else ()
        suppression = suppression_of(problem.rule, whose, stack) if stack is not None else None
        if suppression is None and problem.rule in settings.ignore:
            suppression = Suppression(settings.ignore[problem.rule], "project")
        yield Finding(problem.rule, level, problem.what, problem.right, problem.location, whose, suppression)


def findings_of(problems: Iterable[Problem], stack: Stack, settings: Settings | None = None) -> list[Finding]:
    """The problems of a stack as findings, no finding twice."""
    return list(dict.fromkeys(_findings(problems, settings or Settings(), stack)))


def check(stack: Stack, settings: Settings | None = None) -> list[Finding]:
    """Every finding on the stack, those noted while it was read first, then by rule; suppressed ones say so."""
    problems = list(stack.problems)
    with one_look(stack):
        for each in rules().values():
            if each.find is not None:
                problems.extend(each.find(stack))
        return findings_of(problems, stack, settings)


def check_handlers(stack: Stack, settings: Settings) -> list[Finding]:
    """The findings on the handlers of functions alone. Where there are none, the other rules are not even loaded."""
    from lambdaform.check.rules import handlers

    with one_look(stack):
        problems = [problem for find in finders_in(handlers.__name__) for problem in find(stack)]
        return findings_of(problems, stack, settings) if problems else []


def needless_suppressions(
    stack: Stack,
    findings: Iterable[Finding],
    looked_for: Callable[[str], bool],
    settings: Settings | None = None,
) -> list[Finding]:
    """A finding for each suppression without a finding, among those of rules that were looked for."""
    used: set[tuple[str | None, str]] = set()
    for finding in findings:
        used.update((resource, finding.rule) for resource in finding.resources)
        if finding.suppression is not None and finding.suppression.by == "template":
            used.add((None, finding.rule))
    return findings_of(unused(stack, used, looked_for), stack, settings)


def findings_in(error: LambdaformError) -> list[Finding]:
    """What a definition that could not be made says, as findings."""
    found = []
    for each in (error, *error.others):
        known = rules().get(each.rule or UNUSABLE)
        level = known.level if known else Level.ERROR
        found.append(Finding(each.rule or UNUSABLE, level, each.what, each.right or "", each.where))
    return found


def counting(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that nobody lets pass."""
    return [each for each in findings if each.suppression is None]


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether one that counts is an error."""
    return any(each.level is Level.ERROR for each in counting(findings))
