"""IAM: statements, policy documents, roles and policies, and SAM's policy templates.

``Allow("dynamodb:PutItem", on=table)`` is a value; where it grants is where it stands (a function's
``policies``). Nothing is inferred from code and nothing is granted behind the user's back.

Source: IAM User Guide, "IAM JSON policy elements reference"; SAM Developer Guide, "Policy templates".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.arguments import checked
from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.resource import RawResource, Resource, Tags, attribute_of, reference_of
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


def _statements(statements: Statement | Sequence[Statement | Sequence[Statement]] | Ref[Any]) -> Any:
    if isinstance(statements, list | tuple):
        return tuple(flat_statements(statements))
    return statements if isinstance(statements, Ref) else (statements,)


def flat_statements(given: Sequence[Any]) -> Iterator[Any]:
    """The items of a list in which a grant, such as ``table.read()``, stands for its statements."""
    for each in given:
        if isinstance(each, list | tuple) and all(isinstance(item, Statement) for item in each):
            yield from each
        else:
            yield each


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


Principal = str | Mapping[str, Any] | Ref[Any]


def Allow(  # noqa: N802 - reads as what it makes
    *actions: str,
    on: Target | Sequence[Target] | None = None,
    principal: Principal | None = None,
    condition: Mapping[str, Any] | None = None,
    sid: str | None = None,
) -> Statement:
    """A statement that allows the actions on the resources: ``Allow("sqs:SendMessage", on=queue)``.

    A policy that belongs to a resource also says whom: ``principal={"Service": "sns.amazonaws.com"}``. A role's
    trust policy has a principal and no resource.
    """
    return Statement(
        sid=sid, effect="Allow", principal=principal, action=actions, resource=on, condition=condition
    )


def Deny(  # noqa: N802 - reads as what it makes
    *actions: str,
    on: Target | Sequence[Target] | None = None,
    principal: Principal | None = None,
    condition: Mapping[str, Any] | None = None,
    sid: str | None = None,
) -> Statement:
    """A statement that denies the actions on the resources, whatever else allows them."""
    return Statement(
        sid=sid, effect="Deny", principal=principal, action=actions, resource=on, condition=condition
    )


@checked
def Trust(*services: str) -> Statement:  # noqa: N802 - reads as what it makes
    """A statement that lets AWS services take on a role: ``Trust("lambda.amazonaws.com")``."""
    names: str | Sequence[str] = services[0] if len(services) == 1 else services
    return Allow("sts:AssumeRole", principal={"Service": names})


@frozen(kw_only=True)
class PolicyDocument(Shape):
    """A policy: statements under a version of the policy language."""

    version: Literal["2012-10-17", "2008-10-17"] | Ref[str] | None = "2012-10-17"
    id: str | Ref[str] | None = None
    statement: Sequence[Statement | Ref[Any]] | Ref[Any] = field(converter=_statements)


@frozen
class PolicyTemplate(Shape):
    """One of SAM's policy templates by name: ``PolicyTemplate("SQSSendMessagePolicy", {"QueueName": ...})``."""

    name: str = field(metadata={"property": False})
    parameters: Mapping[str, Any] = field(factory=dict, metadata={"property": False})

    def property_values(self) -> Iterator[tuple[str, Any]]:
        """The template's parameters under its name, as they stand among a function's policies."""
        yield self.name, self.parameters


#: A policy in any of the forms in which a property takes one; as text it is JSON.
Document = PolicyDocument | Mapping[str, Any] | str | Ref[Any]
#: Field metadata: what may be given where a property takes a policy.
DOCUMENT: Mapping[str, str] = {
    "shorthand": "statements (Allow, Deny), a PolicyDocument, or a policy as a mapping"
}


def to_policy_document(
    given: Document | Statement | Sequence[Statement | Sequence[Statement]],
) -> Document:
    """Statements as the policy they make up; a policy as it is."""
    if isinstance(given, Statement):
        return PolicyDocument(statement=(given,), origin=given.origin)
    if isinstance(given, list | tuple):
        statements = tuple(flat_statements(given))
        if statements and all(isinstance(each, Statement) for each in statements):
            return PolicyDocument(statement=statements, origin=statements[0].origin)
    return given  # type: ignore[return-value]  # what is no policy is refused by the field


@frozen
class InlinePolicy(Shape):
    """A named policy that is part of a role: ``InlinePolicy("read", Allow("s3:GetObject", on=objects))``."""

    policy_name: str | Ref[str]
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)


def to_inline_policies(
    given: Sequence[InlinePolicy | Statement | Sequence[Statement]] | Ref[Any] | None,
) -> Sequence[InlinePolicy] | Ref[Any] | None:
    """Inline policies as they are; statements among them make up one, which is named ``statements``."""
    if not isinstance(given, list | tuple):
        return given  # type: ignore[return-value]  # what is no list is refused by the field
    flat = tuple(flat_statements(given))
    statements = tuple(each for each in flat if isinstance(each, Statement))
    if not statements:
        return given
    own = InlinePolicy("statements", statements, origin=statements[0].origin)
    return (*(each for each in flat if not isinstance(each, Statement)), own)


PolicyArn = str | Ref[str]


def _policy_arns(
    policies: Sequence[ManagedPolicy | RawResource | str | Ref[str]] | Ref[Any],
) -> Sequence[PolicyArn] | Ref[Any]:
    if isinstance(policies, list | tuple):
        return tuple(policy_arn(each) for each in policies)
    return policies  # type: ignore[return-value]  # what is no list is refused by the field


def policy_arn(policy: ManagedPolicy | RawResource | str | Ref[str]) -> PolicyArn:
    """The ARN of a managed policy given as an object."""
    return reference_of(policy, "AWS::IAM::ManagedPolicy")


@frozen(kw_only=True)
class Role(Resource):
    """``AWS::IAM::Role``: what a function may do, and who may take it on.

    ::

        Role("Worker", assume_role_policy_document=Trust("lambda.amazonaws.com"))
    """

    TYPE: ClassVar[str] = "AWS::IAM::Role"

    role_name: Annotated[str, Count(high=64, low=1, unit="characters")] | Ref[str] | None = None
    description: Annotated[str, Count(high=1000, unit="characters")] | Ref[str] | None = None
    path: (
        Annotated[
            str, Matching(r"/|/[!-~]*/", "A path starts and ends with a slash, such as /app/ (IAM API).")
        ]
        | Ref[str]
        | None
    ) = None
    assume_role_policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)
    managed_policy_arns: (
        Annotated[Texts, Count(high=20, unit="managed policies", source="IAM User Guide, quotas")]
        | Ref[Any]
        | None
    ) = field(
        default=None,
        converter=optional(_policy_arns),
        metadata={"shorthand": "a list of ManagedPolicies, ARNs and references"},
    )
    policies: Sequence[InlinePolicy | Ref[Any]] | Ref[Any] | None = field(
        default=None,
        converter=to_inline_policies,
        metadata={"shorthand": "a list of InlinePolicies, statements (Allow, Deny) and grants"},
    )
    permissions_boundary: str | Ref[str] | None = field(default=None, converter=optional(policy_arn))
    max_session_duration: (
        Annotated[int, Within(3600, 43_200, "seconds", source="IAM API, CreateRole")] | Ref[int] | None
    ) = None
    tags: Tags | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The role's ARN."""
        return self.attr("Arn")

    @property
    def name(self) -> Ref[str]:
        """The role's name, which is what ``Ref`` gives."""
        return self.ref

    @property
    def role_id(self) -> Ref[str]:
        """The role's stable id."""
        return self.attr("RoleId")


def role_arn(role: Role | RawResource | str | Ref[str]) -> str | Ref[str]:
    """The ARN of a role given as an object."""
    return attribute_of(role, "Arn", "AWS::IAM::Role")


def _role_name(role: Role | RawResource | str | Ref[str]) -> str | Ref[str]:
    return reference_of(role, "AWS::IAM::Role")


def _role_names(roles: Sequence[Role | RawResource | str | Ref[str]] | Ref[Any]) -> Texts | Ref[Any]:
    if isinstance(roles, list | tuple):
        return tuple(_role_name(each) for each in roles)
    return roles  # type: ignore[return-value]  # what is no list is refused by the field


_ROLES = {"shorthand": "a list of Roles, their names and references"}
PolicyName = Annotated[str, Count(high=128, low=1, unit="characters")]


@frozen(kw_only=True)
class Policy(Resource):
    """``AWS::IAM::Policy``: a policy written into roles, users and groups."""

    TYPE: ClassVar[str] = "AWS::IAM::Policy"

    policy_name: PolicyName | Ref[str]
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)
    roles: Texts | Ref[Any] | None = field(default=None, converter=optional(_role_names), metadata=_ROLES)
    users: Texts | Ref[Any] | None = None
    groups: Texts | Ref[Any] | None = None


@frozen(kw_only=True)
class RolePolicy(Resource):
    """``AWS::IAM::RolePolicy``: a policy written into one role."""

    TYPE: ClassVar[str] = "AWS::IAM::RolePolicy"

    role_name: str | Ref[str] = field(
        converter=_role_name, metadata={"shorthand": "a Role, its name or a reference"}
    )
    policy_name: PolicyName | Ref[str]
    policy_document: Document | None = field(
        default=None, converter=optional(to_policy_document), metadata=DOCUMENT
    )


@frozen(kw_only=True)
class ManagedPolicy(Resource):
    """``AWS::IAM::ManagedPolicy``: a policy of its own, which roles, users and groups share."""

    TYPE: ClassVar[str] = "AWS::IAM::ManagedPolicy"

    managed_policy_name: str | Ref[str] | None = None
    description: Annotated[str, Count(high=1000, unit="characters")] | Ref[str] | None = None
    path: str | Ref[str] | None = None
    policy_document: Document = field(converter=to_policy_document, metadata=DOCUMENT)
    roles: Texts | Ref[Any] | None = field(default=None, converter=optional(_role_names), metadata=_ROLES)
    users: Texts | Ref[Any] | None = None
    groups: Texts | Ref[Any] | None = None

    @property
    def arn(self) -> Ref[str]:
        """The policy's ARN, which is what ``Ref`` gives."""
        return self.ref
