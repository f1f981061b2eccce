"""LF3xx: what roles and policies allow, and whether they can at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import of_type
from lambdaform.model.function import Function
from lambdaform.model.iam import InlinePolicy, PolicyDocument, Role, Statement
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack


def _documents(stack: Stack) -> Iterator[tuple[str, PolicyDocument]]:
    """Every policy document that grants something to a function or role of the stack, and to whom."""
    for function in of_type(stack, Function):
        for policy in function.policies if isinstance(function.policies, tuple) else ():
            if isinstance(policy, PolicyDocument):
                yield function.logical_id, policy
    for role in of_type(stack, Role):
        for inline in role.policies if isinstance(role.policies, tuple) else ():
            if isinstance(inline, InlinePolicy) and isinstance(inline.policy_document, PolicyDocument):
                yield role.logical_id, inline.policy_document


def _statements(stack: Stack) -> Iterator[tuple[str, Statement]]:
    for title, document in _documents(stack):
        for statement in document.statement if isinstance(document.statement, tuple) else ():
            if isinstance(statement, Statement):
                yield title, statement


def _known(values: Any) -> tuple[Any, ...]:
    return values if isinstance(values, tuple) else ()


@rule(
    "LF301",
    "administrator",
    Level.WARNING,
    demand="A function may do what it needs, not everything to everything.",
    source="IAM User Guide, best practices: apply least-privilege permissions",
)
def administrator(stack: Stack) -> Iterator[Problem]:
    """Statements that allow every action on every resource."""
    for title, statement in _statements(stack):
        actions, resources = _known(statement.action), _known(statement.resource)
        everything = "*" in actions or "*:*" in actions
        if statement.effect == "Allow" and everything and "*" in resources:
            yield statement.problem(
                "LF301",
                f"{title} is allowed every action on every resource: Action * on Resource * makes it an administrator.",
                'Name the actions and resources it needs: Allow("dynamodb:PutItem", on=table).',
            )


@rule(
    "LF302",
    "nothing-granted",
    Level.ERROR,
    demand="A statement names actions and resources.",
    source="IAM User Guide, IAM JSON policy elements reference",
)
def nothing_granted(stack: Stack) -> Iterator[Problem]:
    """Statements without an action or a resource, which IAM refuses as malformed."""
    for title, statement in _statements(stack):
        if any(name in statement.raw for name in ("Action", "Resource", "NotAction", "NotResource")):
            continue
        missing = [
            word
            for word, values in (
                ("Action", (statement.action, statement.not_action)),
                ("Resource", (statement.resource, statement.not_resource)),
            )
            if all(each is None or each == () for each in values)
        ]
        if missing:
            yield statement.problem(
                "LF302",
                f"A statement of {title} has no {' and no '.join(missing)}.",
                "Say which actions on which resources it is about.",
            )
