"""LF9xx: the suppressions themselves: that they name rules, say why, and are still needed.

Findings of these rules cannot be suppressed on a resource. `lambdaform.check.suppression` applies the suppressions
and finds those that are not needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lambdaform.check.rule import Level, declare, rule
from lambdaform.check.suppression import OWN_GROUP, ids_of, place_of
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack
from lambdaform.suggest import did_you_mean

_SOURCE = "lambdaform, docs/how-to/check.md"

declare("LF902", "reasonless-suppression", demand="A suppression says why.", source=_SOURCE)
declare(
    "LF903",
    "unused-suppression",
    level=Level.INFO,
    demand="A suppression is there only as long as there is something to suppress.",
    source=_SOURCE,
)


@rule(
    "LF901",
    "unknown-suppression",
    Level.ERROR,
    demand="A suppression names a rule that there is.",
    source=_SOURCE,
)
def unknown_suppression(stack: Stack) -> Iterator[Problem]:
    """Suppressions of rules that there are not, or that are about suppressions."""
    for resource in stack.resources.values():
        for name in resource.suppress or ():
            ids = ids_of(name)
            if ids and not ids[0].startswith(OWN_GROUP):
                continue
            yield Problem(
                "LF901",
                f"{resource.logical_id} suppresses {name!r}, which "
                + ("cannot be suppressed." if ids else "is no rule."),
                "Mend the suppression that it is about." if ids else _nearest(name),
                *place_of(resource, name),
            )


def _nearest(name: str) -> str:
    from lambdaform.check.rule import rules

    names = [*rules(), *(each.name for each in rules().values())]
    return did_you_mean(name, names, "lambdaform explain lists the rules.")
