"""What a case is: a rule's smallest wrong template (or app) and its smallest right twin, for readers and for the tests.

A line of the wrong one that ends in ``# wrong`` is where the finding must point.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Case:
    """A wrong template, what the finding must mention, and a right twin; of several, the first explains the rule."""

    rule: str
    wrong: str
    mentions: str
    right: str
    name: str = ""
    #: Whether the texts are an app's Python instead of templates.
    is_app: bool = False

    def __str__(self) -> str:
        return f"{self.rule}-{self.name}" if self.name else self.rule
