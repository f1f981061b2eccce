"""The rule that a property's text is a schedule expression.

Source: Amazon EventBridge User Guide, eb-scheduled-rule-pattern; EventBridge Scheduler User Guide, "Schedule types".
"""

from __future__ import annotations

from lambdaform.errors import DefinitionError, shown
from lambdaform.facts.quotas import Quotas
from lambdaform.model.definition import frozen
from lambdaform.model.schedule_expression import parse


@frozen
class ScheduleSyntax:
    """Text that is a schedule expression; ``scheduler`` admits what only EventBridge Scheduler has (``at``)."""

    scheduler: bool = False
    rule: str = "LF110"

    def broken(self, value: object, limits: Quotas) -> tuple[str, str] | None:  # noqa: ARG002
        """What is wrong with the expression, or None."""
        if not isinstance(value, str):
            return None
        try:
            parse(value, scheduler=self.scheduler)
        except DefinitionError as error:
            return f"is {shown(value)}: {error.what.rstrip('.')}", error.right or ""
        return None
