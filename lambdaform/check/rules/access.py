"""LF33x: who is let in: permissions of functions, policies of queues, topics and buckets, trust, public addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import (
    behind,
    function_behind,
    functions,
    functions_with,
    items,
    of_aws_type,
    of_type,
    problem_at,
    setting,
)
from lambdaform.facts.iam_actions import actions_of, nearest_action
from lambdaform.facts.principals import meant_principal
from lambdaform.facts.quotas import quotas
from lambdaform.model.awslambda import LambdaUrl, Permission
from lambdaform.model.function import Function
from lambdaform.model.iam import PolicyDocument, Role, Statement
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

_PERMISSION = "AWS Lambda Developer Guide, access-control-resource-based"
#: Types whose policy says who may use them, and the property that has it.
_RESOURCE_POLICIES = {
    "AWS::Lambda::ResourcePolicy": "PolicyDocument",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SNS::TopicInlinePolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SQS::QueueInlinePolicy": "PolicyDocument",
}


@per_check
def _let_in(stack: Stack) -> Iterable[tuple[Resource, Statement]]:
    """Each statement of a policy that says who may use a resource."""
    for aws_type, name in _RESOURCE_POLICIES.items():
        for resource in of_aws_type(stack, aws_type):
            yield from _statements(resource, prop(resource, name))


def _statements(resource: Resource, document: Any) -> Iterator[tuple[Resource, Statement]]:
    for statement in items(document.statement) if isinstance(document, PolicyDocument) else ():
        if isinstance(statement, Statement):
            yield resource, statement


def _everyone(principal: Any) -> bool:
    if principal == "*":
        return True
    return isinstance(principal, Mapping) and "*" in items(principal.get("AWS"))


@rule(
    "LF340",
    "let-in-everyone",
    Level.WARNING,
    demand="Who may use a resource is named, or narrowed by a condition.",
    source=f"{_PERMISSION}; IAM User Guide, reference_policies_elements_principal",
)
def let_in_everyone(stack: Stack) -> Iterator[Problem]:
    """Permissions and policies that let everybody in, and permissions for everything."""
    addresses = any(True for _ in of_aws_type(stack, "AWS::Lambda::Url")) or any(
        prop(each, "FunctionUrlConfig") is not None for each in functions(stack)
    )
    for permission in of_type(stack, Permission):
        narrowed = (
            permission.source_arn,
            permission.source_account,
            permission.principal_org_id,
            permission.event_source_token,
        )
        # A public address says so itself (LF344).
        by_address = permission.function_url_auth_type is not None and addresses
        open_to_all = permission.principal == "*" and not by_address
        if open_to_all and all(each is None for each in narrowed):
            yield permission.problem(
                "LF340",
                f"{permission.logical_id} lets everyone (*) invoke the function.",
                "Name the account or service as the Principal, or narrow it by SourceArn or PrincipalOrgID.",
                "principal",
            )
        if permission.action in ("lambda:*", "*"):
            yield permission.problem(
                "LF340",
                f"{permission.logical_id} allows {permission.action} on the function.",
                "To call it, lambda:InvokeFunction is enough.",
                "action",
            )
    for shared in of_aws_type(stack, "AWS::Lambda::LayerVersionPermission"):
        if prop(shared, "Principal") == "*" and prop(shared, "OrganizationId") is None:
            yield problem_at(
                shared,
                "LF340",
                f"{shared.logical_id} lets every account (*) use the layer.",
                "Name an account, or narrow it by OrganizationId.",
                "Principal",
            )
    for resource, statement in _let_in(stack):
        if statement.effect == "Allow" and _everyone(statement.principal) and not statement.condition:
            yield statement.problem(
                "LF340",
                f"{resource.logical_id} lets everyone (*) in.",
                "Name an account or a service as the Principal, or add a Condition such as aws:SourceArn.",
                "principal",
            )

    for bus in of_aws_type(stack, "AWS::Events::EventBusPolicy"):
        if prop(bus, "Principal") == "*" and prop(bus, "Condition") is None:
            yield problem_at(
                bus,
                "LF340",
                f"{bus.logical_id} lets every account (*) send events.",
                "Name an account, or narrow it by a Condition on aws:PrincipalOrgID.",
                "Principal",
            )
    for key in of_aws_type(stack, "AWS::KMS::Key"):
        for statement in items(prop(key, "KeyPolicy", "Statement")):
            open_to_all = _everyone(prop(statement, "Principal")) and not prop(statement, "Condition")
            if open_to_all and prop(statement, "Effect") == "Allow":
                yield problem_at(
                    key,
                    "LF340",
                    f"{key.logical_id} lets everyone (*) use the key.",
                    "Name an account or a role as the Principal.",
                    "KeyPolicy",
                )


@rule(
    "LF325",
    "trust-everyone",
    Level.WARNING,
    demand="Who may take on a role is named.",
    source="IAM User Guide, best practices",
)
def trust_everyone(stack: Stack) -> Iterator[Problem]:
    """Roles that everybody may take on."""
    for role in of_type(stack, Role):
        for _, statement in _statements(role, role.assume_role_policy_document):
            if statement.effect == "Allow" and _everyone(statement.principal) and not statement.condition:
                yield statement.problem(
                    "LF325",
                    f"Role {role.logical_id!r} can be taken on by everyone (*).",
                    'Name who may: {"Service": "lambda.amazonaws.com"}, or an account.',
                    "principal",
                )


@rule(
    "LF329",
    "trust-resource",
    Level.ERROR,
    demand="A trust policy names no resource: it is about the role that has it.",
    source="IAM User Guide, reference_policies_elements_resource",
)
def trust_resource(stack: Stack) -> Iterator[Problem]:
    """Resources in trust policies, which IAM refuses."""
    for role in of_type(stack, Role):
        for _, statement in _statements(role, role.assume_role_policy_document):
            for name in ("resource", "not_resource"):
                if getattr(statement, name) is not None:
                    yield statement.problem(
                        "LF329",
                        f"The trust policy of role {role.logical_id!r} names a Resource.",
                        "Leave it out: a trust policy is about the role that has it.",
                        name,
                    )


#: The services that name what calls for them, so that a permission can be narrowed to it.
_WITH_SOURCE = ("apigateway", "cognito-idp", "events", "iot", "logs", "sns")


@rule(
    "LF341",
    "bucket-owner",
    Level.WARNING,
    demand="A permission for S3 names the bucket and the account that owns it.",
    source=f"{_PERMISSION}; S3 User Guide, grant-destinations-permissions-to-s3",
)
def bucket_owner(stack: Stack) -> Iterator[Problem]:
    """Permissions for S3 without SourceAccount: a bucket's name can become somebody else's once it is deleted."""
    for permission in of_type(stack, Permission):
        source = behind(stack, permission.source_arn)
        if source is not None and source.aws_type in ("AWS::SNS::Topic", "AWS::Events::Rule"):
            continue
        if permission.principal == "s3.amazonaws.com" and permission.source_account is None:
            bucket = "a bucket of that name" if permission.source_arn is not None else "any bucket"
            yield permission.problem(
                "LF341",
                f"{permission.logical_id} lets {bucket} invoke the function, whoever owns it: it has no SourceAccount.",
                "A bucket that is deleted can be made anew in another account: add SourceAccount, !Ref AWS::AccountId"
                + (", and SourceArn." if permission.source_arn is None else "."),
            )


@rule(
    "LF342",
    "any-source",
    Level.WARNING,
    demand="A permission for a service names what may call through it.",
    source=f"{_PERMISSION}; IAM User Guide, confused-deputy",
)
def any_source(stack: Stack) -> Iterator[Problem]:
    """Permissions for a service, in whichever account it acts."""
    for permission in of_type(stack, Permission):
        principal = permission.principal
        service = principal.partition(".")[0] if isinstance(principal, str) else ""
        narrowed = (permission.source_arn, permission.source_account, permission.principal_org_id)
        if service in _WITH_SOURCE and all(each is None for each in narrowed):
            yield permission.problem(
                "LF342",
                f"{permission.logical_id} lets {principal} invoke the function for anyone: it has no SourceArn.",
                "Name the rule, topic or API that calls: SourceArn.",
            )


@rule(
    "LF343",
    "unknown-principal",
    Level.ERROR,
    demand="A service is named as AWS names it.",
    source="IAM User Guide, reference_policies_elements_principal",
)
def unknown_principal(stack: Stack) -> Iterator[Problem]:
    """Misspelt services. Those that are like no other are taken to be newer than this release."""
    for permission in of_type(stack, Permission):
        principal = permission.principal
        meant = meant_principal(principal) if isinstance(principal, str) else None
        if meant:
            yield permission.problem(
                "LF343",
                f"{permission.logical_id} names the principal {principal!r}, which no service has.",
                f"Did you mean {meant!r}?",
                "principal",
            )
    for resource, statement in _let_in(stack):
        for service in items(prop(statement.principal, "Service")):
            meant = meant_principal(service) if isinstance(service, str) else None
            if meant:
                yield statement.problem(
                    "LF343",
                    f"{resource.logical_id} names the principal {service!r}, which no service has.",
                    f"Did you mean {meant!r}?",
                    "principal",
                    "Service",
                )


@rule(
    "LF344",
    "public-address",
    Level.WARNING,
    demand="A function's address asks who calls.",
    source="AWS Lambda Developer Guide, urls-auth",
)
def public_address(stack: Stack) -> Iterator[Problem]:
    """Function URLs that everybody may call."""
    for function in functions_with(stack, "function_url_config"):
        config = setting(stack, function, "function_url_config") if isinstance(function, Function) else None
        if isinstance(config, Shape) and prop(config, "AuthType") == "NONE":
            yield problem_at(
                config,
                "LF344",
                f"{function.logical_id!r} has a public address: everybody may call it (AuthType NONE).",
                "Set AuthType to AWS_IAM, unless the function itself asks who calls.",
                "AuthType",
            )
    for url in of_type(stack, LambdaUrl):
        if url.auth_type == "NONE":
            yield url.problem(
                "LF344",
                f"{url.logical_id} is a public address: everybody may call the function (AuthType NONE).",
                "Set AuthType to AWS_IAM, unless the function itself asks who calls.",
                "auth_type",
            )


@rule(
    "LF345",
    "no-principal",
    Level.ERROR,
    demand="A policy of a resource says who may use it.",
    source="IAM User Guide, reference_policies_elements_principal",
)
def no_principal(stack: Stack) -> Iterator[Problem]:
    """Statements of queues', topics' and buckets' policies without a principal, which AWS refuses."""
    for resource, statement in _let_in(stack):
        if statement.principal is None and statement.not_principal is None and not statement.raw:
            yield statement.problem(
                "LF345",
                f"A statement of {resource.logical_id} has no Principal.",
                'Say who may: Principal: {Service: sns.amazonaws.com}, or {AWS: "123456789012"}.',
            )


@rule(
    "LF346",
    "function-action",
    Level.ERROR,
    demand="What a permission allows is an action of Lambda's.",
    source="Lambda API, AddPermission",
)
def function_action(stack: Stack) -> Iterator[Problem]:
    """Misspelt actions in permissions."""
    for permission in of_type(stack, Permission):
        action = permission.action
        if not isinstance(action, str) or "*" in action:
            continue
        name = action.rpartition(":")[2].lower()
        if name not in actions_of("lambda"):
            meant = nearest_action(action) or "lambda:InvokeFunction"
            yield permission.problem(
                "LF346",
                f"{permission.logical_id} allows {action!r}, which Lambda does not have.",
                f"Did you mean {meant!r}?",
                "action",
            )


@rule(
    "LF347",
    "sender-permission",
    Level.ERROR,
    demand="A queue that a topic, bucket or rule sends to has a policy that lets it.",
    source="SNS Developer Guide, subscribe-sqs-queue-to-sns-topic; EventBridge User Guide, eb-use-resource-based",
)
def sender_permission(stack: Stack) -> Iterator[Problem]:
    """Queues of the stack that are sent to and have no policy: what is sent is lost, or the bucket is refused."""
    if any(True for _ in of_aws_type(stack, "AWS::Serverless::Connector")):
        return
    open_to: set[str] = set()
    for policy in of_aws_type(stack, "AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"):
        named = prop(policy, "Queues") if prop(policy, "Queues") is not None else prop(policy, "Queue")
        queues = [behind(stack, each) for each in (named if isinstance(named, list | tuple) else [named])]
        if None in queues:
            return
        open_to.update(each.logical_id for each in queues if each is not None)
    for sender, place, arn, name in _sending(stack):
        queue = behind(stack, arn)
        if queue is None or queue.aws_type != "AWS::SQS::Queue" or queue.logical_id in open_to:
            continue
        if getattr(sender, "connectors", None) or getattr(queue, "connectors", None):
            continue
        yield problem_at(
            place,
            "LF347",
            f"{sender.logical_id} sends to {queue.logical_id!r}, which has no AWS::SQS::QueuePolicy that lets it.",
            "Add one that allows sqs:SendMessage to the sender's service, with its ARN as aws:SourceArn.",
            name,
        )


def _sending(stack: Stack) -> Iterator[tuple[Resource, Shape, Any, str]]:
    """Each resource that sends to a queue by the queue's own policy: itself, the object, the ARN, its property."""
    for each in of_aws_type(stack, "AWS::SNS::Subscription"):
        if prop(each, "Protocol") == "sqs":
            yield each, each, prop(each, "Endpoint"), "Endpoint"
    for each in of_aws_type(stack, "AWS::SNS::Topic"):
        for part in items(prop(each, "Subscription")):
            if prop(part, "Protocol") == "sqs" and isinstance(part, Shape):
                yield each, part, prop(part, "Endpoint"), "Endpoint"
    for each in of_aws_type(stack, "AWS::S3::Bucket"):
        for part in items(prop(each, "NotificationConfiguration", "QueueConfigurations")):
            if isinstance(part, Shape):
                yield each, part, prop(part, "Queue"), "Queue"
    for each in of_aws_type(stack, "AWS::Events::Rule"):
        for part in items(prop(each, "Targets")):
            if isinstance(part, Shape) and prop(part, "RoleArn") is None:
                yield each, part, prop(part, "Arn"), "Arn"


@rule(
    "LF348",
    "policy-size",
    Level.ERROR,
    demand="A function's resource policy has at most 20 KB.",
    source="AWS Lambda Developer Guide, gettingstarted-limits; deck section B12",
)
def policy_size(stack: Stack) -> Iterator[Problem]:
    """Functions with so many permissions that their policy, at its shortest, is too large."""
    limit = quotas(stack.profile).resource_policy_bytes
    sizes: dict[str, int] = {}
    for permission in of_type(stack, Permission):
        function = function_behind(stack, permission.function_name)
        if function is None or permission.condition is not None:
            continue
        values = (permission.principal, permission.source_arn, permission.source_account)
        size = _STATEMENT_BYTES + sum(len(each) for each in values if isinstance(each, str))
        before = sizes.get(function.logical_id, 0)
        sizes[function.logical_id] = before + size
        if before <= limit < before + size:
            yield permission.problem(
                "LF348",
                f"{function.logical_id!r} has so many permissions that its resource policy is larger than {limit:,} "
                "bytes (20 KB).",
                "Give one permission for several callers: a SourceArn may end in *.",
            )


#: What a statement of a resource policy has beside its values: its Sid, keys, the action and the function's ARN.
_STATEMENT_BYTES = 190


@rule(
    "LF349",
    "role-policy-size",
    Level.ERROR,
    demand="The policies in a role have at most 10,240 characters together.",
    source="IAM User Guide, reference_iam-quotas",
)
def role_policy_size(stack: Stack) -> Iterator[Problem]:
    """Roles whose own policies are too large."""
    for role in of_type(stack, Role):
        size = sum(_characters(prop(each, "PolicyDocument")) for each in items(role.policies))
        if size > _ROLE_POLICY_MAX:
            yield role.problem(
                "LF349",
                f"The policies in role {role.logical_id!r} have more than {_ROLE_POLICY_MAX:,} characters.",
                "Use wildcards in resources, or move some into managed policies.",
                "policies",
            )


_ROLE_POLICY_MAX = 10_240


def _characters(value: Any) -> int:
    """The characters of a policy as JSON without blanks; a reference counts as none."""
    if isinstance(value, Ref):
        return 0
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, Shape):
        return 1 + sum(len(name) + 4 + _characters(item) for name, item in value.property_values())
    if isinstance(value, Mapping):
        return 1 + sum(len(str(name)) + 4 + _characters(item) for name, item in value.items())
    if isinstance(value, list | tuple):
        return 1 + sum(1 + _characters(item) for item in value)
    return len(str(value))
