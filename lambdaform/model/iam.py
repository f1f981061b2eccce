"""IAM: statements, policy documents, and SAM's policy templates.

``Allow("dynamodb:PutItem", on=table)`` is a value; where it grants is where it stands (a function's
``policies``). Nothing is inferred from code and nothing is granted behind the user's back.

Source: IAM User Guide, "IAM JSON policy elements reference"; SAM Developer Guide, "Policy templates".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field, frozen

from lambdaform.model.constraints import Matching
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape

Action = Annotated[
    str,
    Matching(
        r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+",
        "An action is service:Operation, such as dynamodb:PutItem, or *.",
    ),
]
Texts = Sequence[str | Ref[str]]


Target = Resource | str | Ref[str]


def arn_of(target: Target) -> str | Ref[str]:
    """The ARN of a resource given as an object; any other value as it is."""
    if isinstance(target, Resource):
        arn: str | Ref[str] | None = getattr(target, "arn", None)
        return target if arn is None else arn  # type: ignore[return-value]  # the field refuses what has no ARN
    return target


def arns_of(targets: Target | Sequence[Target] | None) -> tuple[str | Ref[str], ...] | Ref[Any] | None:
    """The ARNs of one target or several."""
    if targets is None:
        return None
    if isinstance(targets, list | tuple):
        return tuple(arn_of(each) for each in targets)
    return (arn_of(targets),)  # type: ignore[arg-type]  # a Sequence that is neither list nor tuple is refused by the field


def _actions(actions: str | Ref[str] | Sequence[str | Ref[str]] | None) -> Any:
    return actions if isinstance(actions, list | tuple) or actions is None else (actions,)


def _statements(statements: Statement | Sequence[Statement] | Ref[Any]) -> Any:
    return statements if isinstance(statements, list | tuple | Ref) else (statements,)


@frozen(kw_only=True)
class Statement(Shape):
    """One statement of a policy. `Allow` and `Deny` are the pleasant way to write one."""

    sid: str | Ref[str] | None = None
    effect: Literal["Allow", "Deny"] | Ref[str]
    principal: str | Mapping[str, Any] | Ref[Any] | None = None
    not_principal: str | Mapping[str, Any] | Ref[Any] | None = None
    action: Sequence[Action | Ref[str]] | Ref[Any] | None = field(default=None, converter=_actions)
    not_action: Sequence[Action | Ref[str]] | Ref[Any] | None = field(default=None, converter=_actions)
    resource: Texts | Ref[Any] | None = field(default=None, converter=arns_of)
    not_resource: Texts | Ref[Any] | None = field(default=None, converter=arns_of)
    condition: Mapping[str, Any] | Ref[Any] | None = None


def Allow(  # noqa: N802 - reads as what it makes
    *actions: str,
    on: Target | Sequence[Target],
    condition: Mapping[str, Any] | None = None,
    sid: str | None = None,
) -> Statement:
    """A statement that allows the actions on the resources: ``Allow("sqs:SendMessage", on=queue)``."""
    return Statement(sid=sid, effect="Allow", action=actions, resource=on, condition=condition)


def Deny(  # noqa: N802 - reads as what it makes
    *actions: str,
    on: Target | Sequence[Target],
    condition: Mapping[str, Any] | None = None,
    sid: str | None = None,
) -> Statement:
    """A statement that denies the actions on the resources, whatever else allows them."""
    return Statement(sid=sid, effect="Deny", action=actions, resource=on, condition=condition)


@frozen(kw_only=True)
class PolicyDocument(Shape):
    """A policy: statements under a version of the policy language."""

    version: Literal["2012-10-17", "2008-10-17"] | Ref[str] | None = "2012-10-17"
    id: str | Ref[str] | None = None
    statement: Sequence[Statement] | Ref[Any] = field(converter=_statements)


@frozen
class PolicyTemplate(Shape):
    """One of SAM's policy templates by name: ``PolicyTemplate("SQSSendMessagePolicy", {"QueueName": ...})``."""

    name: str = field(metadata={"property": False})
    parameters: Mapping[str, Any] = field(factory=dict, metadata={"property": False})


@frozen(kw_only=True)
class InlinePolicy(Shape):
    """A named policy that is part of a role."""

    policy_name: str | Ref[str]
    policy_document: PolicyDocument | Ref[Any]


@frozen(kw_only=True)
class Role(Resource):
    """``AWS::IAM::Role``: what a function may do, and who may take it on."""

    TYPE: ClassVar[str] = "AWS::IAM::Role"

    role_name: str | Ref[str] | None = None
    description: str | Ref[str] | None = None
    path: str | Ref[str] | None = None
    assume_role_policy_document: PolicyDocument | Ref[Any]
    managed_policy_arns: Texts | Ref[Any] | None = None
    max_session_duration: int | Ref[int] | None = None
    permissions_boundary: str | Ref[str] | None = None
    policies: Sequence[InlinePolicy] | Ref[Any] | None = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The role's ARN."""
        return self.attr("Arn")
