"""LF30x: what the statements of policies say, and whether IAM takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import items, parts, prop
from lambdaform.facts.iam_actions import nearest_action
from lambdaform.model.iam import PolicyDocument, Statement
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack

_ELEMENTS = "IAM User Guide, IAM JSON policy elements reference"
_POLICIES = (
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
)


@per_check
def _documents(stack: Stack) -> Iterable[tuple[str, PolicyDocument]]:
    """Every document that says what somebody may do, and the logical id where it stands; no resource policies."""
    for resource in stack.resources.values():
        if resource.aws_type in _POLICIES:
            found = [prop(resource, "PolicyDocument")]
        elif resource.aws_type.startswith(("AWS::IAM::", "AWS::Serverless::")):
            policies = items(prop(resource, "Policies"))
            found = [
                each if isinstance(each, PolicyDocument) else prop(each, "PolicyDocument")
                for each in policies
            ]
        else:
            continue
        for document in found:
            if isinstance(document, PolicyDocument):
                yield resource.logical_id, document


@per_check
def _statements(stack: Stack) -> Iterable[tuple[str, Statement]]:
    for title, document in _documents(stack):
        for statement in items(document.statement):
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
                "action",
            )


@rule(
    "LF302",
    "nothing-granted",
    Level.ERROR,
    demand="A statement names actions and resources.",
    source=_ELEMENTS,
)
def nothing_granted(stack: Stack) -> Iterator[Problem]:
    """Statements without an action or a resource, which IAM refuses as malformed."""
    for title, statement in _statements(stack):
        if statement.raw:
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


@rule(
    "LF303",
    "unknown-action",
    Level.ERROR,
    demand="An action in a policy is one that its service has.",
    source="AWS Service Authorization Reference",
)
def unknown_action(stack: Stack) -> Iterator[Problem]:
    """Actions that are misspelt: IAM takes them, and they grant nothing."""
    for resource, statement in parts(stack, Statement):
        for name in ("action", "not_action"):
            for index, action in enumerate(_known(getattr(statement, name))):
                meant = nearest_action(action) if isinstance(action, str) else None
                if meant:
                    yield statement.problem(
                        "LF303",
                        f"{resource.logical_id} names the action {action!r}, which does not exist.",
                        f"It grants nothing. Did you mean {meant!r}?",
                        name,
                        index,
                    )


@rule(
    "LF304",
    "principal-not-allowed",
    Level.ERROR,
    demand="What a role or function may do names no principal: that is who has the policy.",
    source=_ELEMENTS,
)
def principal_not_allowed(stack: Stack) -> Iterator[Problem]:
    """Principals in policies of roles and functions, which IAM refuses as malformed."""
    for title, statement in _statements(stack):
        for name in ("principal", "not_principal"):
            if getattr(statement, name) is not None:
                yield statement.problem(
                    "LF304",
                    f"A statement of {title} names a Principal.",
                    "Leave it out: the policy is about the role that has it. Only trust and resource policies name one.",
                    name,
                )
