"""The cases of `lambdaform.check.rules.suppressions`: suppressions that are wrong, without a reason, or needless."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import function, template


def suppressing(entry: str, runtime: str = "python3.8") -> str:
    """A function with an old runtime that suppresses something."""
    head, _, properties = function(f"Runtime: {runtime}").partition("  Properties:")
    return f"{head}  Metadata:\n    lambdaform:\n      suppress:\n        {entry}\n  Properties:{properties}"


CASES = [
    Case(
        "LF901",
        template(suppressing("LF999: until the March release  # wrong", "python3.13")),
        "'LF999', which is no rule",
        template(suppressing("LF402: until the March release")),
    ),
    Case(
        "LF902",
        template(suppressing("LF402:  # wrong", "python3.13")),
        "has no reason",
        template(suppressing("LF402: until the March release")),
    ),
    Case(
        "LF903",
        template(suppressing("LF402: until the March release  # wrong", "python3.13")),
        "nothing of that is found",
        template(suppressing("LF402: until the March release")),
    ),
]
