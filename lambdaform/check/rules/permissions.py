"""LF30x: what the statements of policies say, and whether IAM takes them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import behind, functions, items, of_aws_type, of_type, parts, text_of
from lambdaform.facts.iam_actions import nearest_action
from lambdaform.model.function import Function
from lambdaform.model.iam import PolicyDocument, PolicyTemplate, Role, Statement
from lambdaform.model.references import GetAtt, Ref
from lambdaform.model.shape import Problem, prop
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
    for holder, field, index, policy in _managed(stack):
        name = policy.rpartition("/")[2]
        if name in ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess"):
            yield holder.problem(
                "LF301",
                f"{holder.logical_id} has the managed policy {name}, with which it may do nearly everything.",
                'Name the actions and resources it needs: Allow("dynamodb:PutItem", on=table).',
                field,
                index,
            )


@per_check
def _managed(stack: Stack) -> Iterable[tuple[Role | Function, str, int, str]]:
    """Each managed policy of AWS's that a role or function names: the holder, the field, its place, and the text."""
    for role in of_type(stack, Role):
        for index, arn in enumerate(items(role.managed_policy_arns)):
            if (text := text_of(arn)) is not None:
                yield role, "managed_policy_arns", index, text
    for function in of_type(stack, Function):
        for index, policy in enumerate(items(function.policies)):
            if (text := text_of(policy)) is not None:
                yield function, "policies", index, text


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
    """Actions that are misspelt: IAM takes them, they grant nothing, and what they were to allow is denied.

    Those that are like no other are taken to be newer than the table.
    """
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


_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")


@rule(
    "LF305",
    "resource-form",
    Level.ERROR,
    demand="A statement names resources by their ARN, or *.",
    source=_ELEMENTS,
)
def resource_form(stack: Stack) -> Iterator[Problem]:
    """Resources that are a name, or an ARN with a part missing; IAM refuses the policy."""
    for title, statement in _statements(stack):
        for name in ("resource", "not_resource"):
            for index, resource in enumerate(_known(getattr(statement, name))):
                text = text_of(resource)
                if text is None or text.startswith(("*", "${", "{{")):
                    continue
                # With ${Name} in it, a text may have further parts.
                bare = _PLACEHOLDER.sub("x", text)
                if bare.startswith("arn:") and (bare.count(":") >= 5 or "*" in bare or bare != text):
                    continue
                yield statement.problem(
                    "LF305",
                    f"A statement of {title} names the resource {text!r}, which is no ARN.",
                    "IAM takes ARNs, such as arn:aws:s3:::bucket/*, or *.",
                    name,
                    index,
                )


def _allows(statement: Statement) -> bool:
    return statement.effect == "Allow"


#: Actions with which somebody can give himself whatever else he wants.
_KEYS_TO_ALL = ("iam:*", "iam:PassRole", "iam:Put*", "iam:Attach*", "iam:Create*", "iam:Pass*")


@rule(
    "LF306",
    "keys-to-all",
    Level.WARNING,
    demand="Who may pass on roles or change permissions may do so for named roles only.",
    source="IAM User Guide, id_roles_use_passrole",
)
def keys_to_all(stack: Stack) -> Iterator[Problem]:
    """``iam:PassRole`` and the like on every resource: a way to everything that any role may do."""
    for title, statement in _statements(stack):
        if not _allows(statement) or "*" not in _known(statement.resource) or statement.condition is not None:
            continue
        for index, action in enumerate(_known(statement.action)):
            if isinstance(action, str) and action in _KEYS_TO_ALL:
                yield statement.problem(
                    "LF306",
                    f"{title} is allowed {action} on every resource (*).",
                    "With it, it can give itself whatever any role may do: name the roles that it passes on.",
                    "action",
                    index,
                )
                break


@rule(
    "LF307",
    "whole-service",
    Level.INFO,
    demand="A function may use the actions of a service that it needs, or all of them on named resources.",
    source="IAM User Guide, best practices: apply least-privilege permissions",
)
def whole_service(stack: Stack) -> Iterator[Problem]:
    """Every action of a service on every resource."""
    for title, statement in _statements(stack):
        if not _allows(statement) or "*" not in _known(statement.resource) or statement.condition is not None:
            continue
        for index, action in enumerate(_known(statement.action)):
            if isinstance(action, str) and action.endswith(":*") and action not in ("iam:*", "*:*"):
                yield statement.problem(
                    "LF307",
                    f"{title} is allowed {action} on every resource (*).",
                    "Name the actions, or the resources, that it needs.",
                    "action",
                    index,
                )
                break


@rule(
    "LF308",
    "all-but",
    Level.WARNING,
    demand="A statement that allows names what it allows.",
    source="IAM User Guide, reference_policies_elements_notaction",
)
def all_but(stack: Stack) -> Iterator[Problem]:
    """``NotAction`` with Allow: everything but what is named, now and in services to come."""
    for title, statement in _statements(stack):
        if _allows(statement) and statement.not_action is not None and statement.action is None:
            yield statement.problem(
                "LF308",
                f"A statement of {title} allows with NotAction everything that it does not name.",
                "Name with Action what it needs. NotAction is for Deny.",
                "not_action",
            )


@rule(
    "LF309",
    "both-forms",
    Level.ERROR,
    demand="A statement has Action or NotAction, Resource or NotResource, Principal or NotPrincipal.",
    source=_ELEMENTS,
)
def both_forms(stack: Stack) -> Iterator[Problem]:
    """Statements with both of two that exclude each other; IAM refuses the policy."""
    for resource, statement in parts(stack, Statement):
        for name, other in (
            ("action", "not_action"),
            ("resource", "not_resource"),
            ("principal", "not_principal"),
        ):
            if getattr(statement, name) is not None and getattr(statement, other) is not None:
                words = name.capitalize(), f"Not{name.capitalize()}"
                yield statement.problem(
                    "LF309",
                    f"A statement of {resource.logical_id} has both {words[0]} and {words[1]}.",
                    "Leave one of them out, or write two statements.",
                    other,
                )


_OPERATORS = (
    "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "BinaryEquals", "Bool",
    "DateEquals", "DateGreaterThan", "DateGreaterThanEquals", "DateLessThan", "DateLessThanEquals", "DateNotEquals",
    "IpAddress", "NotIpAddress", "Null",
    "NumericEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "NumericLessThan", "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotEquals", "StringNotEqualsIgnoreCase",
    "StringNotLike",
)  # fmt: skip


@rule(
    "LF316",
    "condition-operator",
    Level.ERROR,
    demand="A condition has an operator that IAM has, and under it keys with values.",
    source="IAM User Guide, reference_policies_elements_condition_operators",
)
def condition_operator(stack: Stack) -> Iterator[Problem]:
    """Conditions that IAM refuses."""
    known = {each.lower() for each in _OPERATORS}
    for resource, statement in parts(stack, Statement):
        condition = statement.condition
        for operator, test in condition.items() if isinstance(condition, Mapping) else ():
            bare = (
                operator.rpartition(":")[2]
                if operator.startswith(("ForAllValues:", "ForAnyValue:"))
                else operator
            )
            bare = bare.removesuffix("IfExists")
            if operator.startswith("Fn::"):
                continue
            if bare.lower() not in known:
                near = difflib.get_close_matches(bare, _OPERATORS, n=1)
                what = f"a condition with the operator {operator!r}, which IAM does not have"
                right = (
                    f"Did you mean {near[0]!r}?"
                    if near
                    else 'It is {"StringEquals": {key: value}} or the like.'
                )
            elif not isinstance(test, Mapping | Ref):
                what = f"a condition whose {operator} has no key"
                right = (
                    'Under the operator stand keys: {"StringEquals": {"aws:SourceAccount": "123456789012"}}.'
                )
            else:
                continue
            yield statement.problem(
                "LF316", f"A statement of {resource.logical_id} has {what}.", right, "condition", operator
            )


@rule(
    "LF317",
    "bucket-or-object",
    Level.ERROR,
    demand="Actions on objects name objects (bucket/*), and actions on a bucket name the bucket.",
    source="AWS Service Authorization Reference, list_amazons3",
)
def bucket_or_object(stack: Stack) -> Iterator[Problem]:
    """S3 actions on resources that they have nothing to do with: they grant nothing."""
    for title, statement in _statements(stack):
        actions, resources = _known(statement.action), _known(statement.resource)
        if not _allows(statement) or not resources:
            continue
        kinds = {_s3_kind(stack, resource) for resource in resources}
        for index, action in enumerate(actions):
            if not isinstance(action, str):
                continue
            if kinds == {"bucket"} and action.lower() in _ON_OBJECTS:
                what, right = (
                    f"allows {action} on a bucket",
                    "It is about objects: name them, with /* at the end.",
                )
            elif kinds == {"object"} and action.lower() in _ON_BUCKETS:
                what, right = (
                    f"allows {action} on objects",
                    "It is about a bucket: name it without /* at the end.",
                )
            elif kinds == {"regional"} and action.lower() in (*_ON_BUCKETS, *_ON_OBJECTS):
                what = f"allows {action} on an ARN with a region or account"
                right = "The ARN of a bucket has neither: arn:aws:s3:::bucket/*."
            else:
                continue
            yield statement.problem(
                "LF317", f"A statement of {title} {what}.", f"It grants nothing. {right}", "action", index
            )
            break


_ON_OBJECTS = frozenset(
    ("s3:getobject", "s3:putobject", "s3:deleteobject", "s3:putobjectacl", "s3:getobjectversion", "s3:getobjecttagging",
     "s3:putobjecttagging", "s3:deleteobjectversion", "s3:abortmultipartupload", "s3:restoreobject", "s3:getobjectacl")
)  # fmt: skip
_ON_BUCKETS = frozenset(
    ("s3:listbucket", "s3:getbucketlocation", "s3:listbucketversions", "s3:listbucketmultipartuploads",
     "s3:getbucketpolicy", "s3:putbucketpolicy", "s3:createbucket", "s3:deletebucket")
)  # fmt: skip


def _s3_kind(stack: Stack, resource: Any) -> str:
    """What an ARN names in S3: ``bucket``, ``object``, ``regional`` for neither; empty where it cannot be told."""
    if isinstance(resource, GetAtt) and resource.attribute == "Arn":
        found = behind(stack, resource)
        return "bucket" if found is not None and found.aws_type == "AWS::S3::Bucket" else ""
    text = text_of(resource)
    bare = _PLACEHOLDER.sub("x", text) if text is not None and not isinstance(resource, GetAtt) else ""
    if not bare.startswith("arn:") or bare.count(":") < 5:
        return ""
    _, _, service, region, account, name = bare.split(":", 5)
    if service != "s3" or name.startswith(("accesspoint", "job/", "storage-lens")) or "*" in (name, region):
        return ""
    if (region or account) and bare == text:
        return "regional"
    if "/" in name:
        return "object"
    # A placeholder may be a name with a slash in it, and a star matches slashes too.
    return "bucket" if bare == text and "*" not in name else ""


@rule(
    "LF318",
    "statement-id",
    Level.ERROR,
    demand="The id of a statement in IAM has letters and digits only, and each of a policy another.",
    source="IAM User Guide, reference_policies_elements_sid",
)
def statement_id(stack: Stack) -> Iterator[Problem]:
    """Ids with blanks or hyphens, and ids that stand twice in a policy."""
    for title, document in _documents(stack):
        seen: set[str] = set()
        for statement in items(document.statement):
            sid = prop(statement, "Sid")
            if not isinstance(statement, Statement) or not isinstance(sid, str):
                continue
            if not re.fullmatch(r"[A-Za-z0-9]*", sid):
                what, right = f"has the Sid {sid!r}", "It has letters and digits only."
            elif sid and sid in seen:
                what, right = (
                    f"has the Sid {sid!r}, as another one has",
                    "Each statement of a policy needs its own.",
                )
            else:
                seen.add(sid)
                continue
            yield statement.problem("LF318", f"A statement of {title} {what}.", right, "sid")


@rule(
    "LF319",
    "policy-twice",
    Level.ERROR,
    demand="Each policy in a role has a name of its own.",
    source="AWS CloudFormation User Guide, AWS::IAM::Role Policy",
)
def policy_twice(stack: Stack) -> Iterator[Problem]:
    """Two policies of a role with one name: the second takes the first one's place."""
    for role in of_aws_type(stack, "AWS::IAM::Role"):
        seen: set[str] = set()
        for index, policy in enumerate(items(prop(role, "Policies"))):
            name = prop(policy, "PolicyName")
            if isinstance(name, str) and name in seen:
                yield role.problem(
                    "LF319",
                    f"Role {role.logical_id!r} has two policies with the name {name!r}.",
                    "Give each a name of its own, or make them one.",
                    "policies",
                    index,
                )
            elif isinstance(name, str):
                seen.add(name)


@rule(
    "LF326",
    "managed-policy",
    Level.ERROR,
    demand="A managed policy of AWS's is named by its ARN, with its path, as AWS spells it.",
    source="AWS Managed Policy Reference Guide",
)
def managed_policy(stack: Stack) -> Iterator[Problem]:
    """Misspelt managed policies, ARNs without ``service-role/``, and names where an ARN is wanted."""
    from lambdaform.facts.managed_policies import managed_policies

    for holder, field, index, text in _managed(stack):
        role = field == "managed_policy_arns"
        _, mark, path = text.partition(":iam::aws:policy/")
        name = path.rpartition("/")[2] if mark else text
        if (mark and path in _COMMON) or "${" in name or (not mark and text.startswith(("arn:", "{{"))):
            continue
        if not role and name in _COMMON_NAMES:
            continue
        arn = managed_policies().get(name)
        if arn is None:
            near = difflib.get_close_matches(name, managed_policies(), n=1, cutoff=0.85)
            if not near:
                continue
            what, right = (
                "which AWS does not have",
                f"Did you mean {managed_policies()[near[0]] if role else near[0]}?",
            )
        elif role and not mark:
            what, right = "which is a name", f"A role takes ARNs: {arn}."
        elif mark and not arn.endswith(f":policy/{path}"):
            what, right = "which is not where AWS has it", f"It must be {arn}."
        else:
            continue
        yield holder.problem(
            "LF326", f"{holder.logical_id} names the managed policy {text!r}, {what}.", right, field, index
        )


#: The managed policies that functions have most often; for them the whole table need not be read.
_COMMON = frozenset(
    ("service-role/AWSLambdaBasicExecutionRole", "service-role/AWSLambdaVPCAccessExecutionRole",
     "service-role/AWSLambdaSQSQueueExecutionRole", "service-role/AWSLambdaKinesisExecutionRole",
     "service-role/AWSLambdaDynamoDBExecutionRole", "AWSXRayDaemonWriteAccess", "AdministratorAccess")
)  # fmt: skip
_COMMON_NAMES = frozenset(each.rpartition("/")[2] for each in _COMMON)


@rule(
    "LF327",
    "role-and-policies",
    Level.WARNING,
    demand="A function has a role of its own or policies for the one that SAM makes.",
    source="SAM Developer Guide, AWS::Serverless::Function Policies",
)
def role_and_policies(stack: Stack) -> Iterator[Problem]:
    """Policies that SAM leaves out, because the function names a role."""
    for function in functions(stack):
        if isinstance(function, Function) and function.role is not None and items(function.policies):
            yield function.problem(
                "LF327",
                f"{function.logical_id!r} has a Role and Policies: SAM leaves the Policies out.",
                "Put them into the role, or leave the Role out and SAM makes one that has them.",
                "policies",
            )


@rule(
    "LF328",
    "policy-template",
    Level.ERROR,
    demand="A policy template is one that SAM has.",
    source="SAM Developer Guide, serverless-policy-template-list",
)
def policy_template(stack: Stack) -> Iterator[Problem]:
    """Misspelt policy templates."""
    from lambdaform.facts.policy_templates import POLICY_TEMPLATES

    for function in of_type(stack, Function):
        for index, policy in enumerate(items(function.policies)):
            if isinstance(policy, PolicyTemplate) and policy.name not in POLICY_TEMPLATES:
                near = difflib.get_close_matches(policy.name, POLICY_TEMPLATES, n=1)
                yield function.problem(
                    "LF328",
                    f"{function.logical_id!r} has the policy template {policy.name!r}, which SAM does not have.",
                    f"Did you mean {near[0]!r}?" if near else "SAM's guide lists them.",
                    "policies",
                    index,
                )
