"""Running the rules: a stack's findings, each with the user's line.

Suppression per object and further outputs (SARIF, GitHub) build on these values.
"""

from __future__ import annotations

from attrs import frozen

from lambdaform.check.index import one_look
from lambdaform.check.rule import Level, rules
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack
from lambdaform.origin import Location


@frozen
class Finding:
    """One place that breaks a rule."""

    rule: str
    level: Level
    what: str
    right: str
    location: Location | None

    def text(self) -> str:
        """The finding as people read it: place, rule, what is wrong; the source line; what would be right."""
        place = str(self.location) if self.location else "(no line)"
        lines = [f"{place}: {self.level} {self.rule}: {self.what}"]
        lines += self.location.frame() if self.location else []
        lines += [f"  = {self.right}"] if self.right else []
        return "\n".join(lines)


def finding_of(problem: Problem) -> Finding:
    """A problem with its rule's level and its place."""
    known = rules().get(problem.rule)
    level = known.level if known else Level.ERROR
    return Finding(problem.rule, level, problem.what, problem.right, problem.location)


def check(stack: Stack) -> list[Finding]:
    """Every finding on the stack, those noted while it was read first, then by rule; no finding twice."""
    problems = list(stack.problems)
    with one_look(stack):
        for each in rules().values():
            if each.find is not None:
                problems.extend(each.find(stack))
    return list(dict.fromkeys(finding_of(problem) for problem in problems))
