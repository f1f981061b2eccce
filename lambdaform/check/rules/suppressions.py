"""LF9xx: the suppressions themselves: that they name rules, say why, and are still needed.

Findings of these rules cannot be suppressed on a resource. `lambdaform.check.suppression` applies the suppressions
and finds those that are not needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lambdaform.check.rule import Level, declare, rule
from lambdaform.check.suppression import OWN_GROUP, entries, ids_of
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack
from lambdaform.suggest import did_you_mean

_SOURCE = "lambdaform, docs/how-to/check.md"

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
    for entry in entries(stack):
        ids = ids_of(entry.rule)
        if not ids:
            yield entry.problem(
                "LF901", f"suppresses {entry.rule!r}, which is no rule.", _nearest(entry.rule)
            )
        elif ids[0].startswith(OWN_GROUP):
            what = f"suppresses {entry.rule!r}, which cannot be suppressed."
            yield entry.problem("LF901", what, "Mend the suppression that it is about.")


@rule(
    "LF902",
    "reasonless-suppression",
    Level.ERROR,
    demand="A suppression says why.",
    source=_SOURCE,
)
def reasonless_suppression(stack: Stack) -> Iterator[Problem]:
    """Suppressions without a reason in the template's own Metadata; those of resources are refused when they are made."""
    for entry in entries(stack):
        if not isinstance(entry.reason, str) or not entry.reason.strip():
            what = f"suppresses {entry.rule} without a reason."
            yield entry.problem("LF902", what, "Say why, such as {LF402: until the March release}.")


def _nearest(name: str) -> str:
    from lambdaform.check.rule import rules

    names = [*rules(), *(each.name for each in rules().values())]
    return did_you_mean(name, names, "lambdaform explain lists the rules.")
