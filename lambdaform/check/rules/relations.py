"""LF2xx: how the values of a stack fit together."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.check.rule import Level, declare, rule
from lambdaform.check.view import behind, dead_letters, events, functions, none_of, uses
from lambdaform.model.crossing import home_of
from lambdaform.model.function import Function
from lambdaform.model.queue import Queue, Topic
from lambdaform.model.references import (
    GetAtt,
    If,
    Intrinsic,
    LogicalRef,
    Ref,
    Sub,
    is_intrinsic,
    references_in,
)
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, prop
from lambdaform.model.stack import Output, Stack
from lambdaform.origin import Origin
from lambdaform.suggest import did_you_mean

declare(
    "LF200",
    "id-taken",
    demand="A logical id stands for one resource or parameter.",
    source="AWS CloudFormation User Guide, Resources section",
)


#: The parameters that CloudFormation defines for every stack.
PSEUDO = (
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
)


def _target_ids(ref: Any) -> Iterator[tuple[str, object]]:
    cls = type(ref)
    if cls is LogicalRef or cls is GetAtt:
        yield ref.logical_id.partition(".")[0], ref.target
    elif cls is Sub:
        for name in ref.names():
            yield name.partition(".")[0], None


@rule(
    "LF201",
    "dangling-reference",
    Level.ERROR,
    demand="A reference names a resource or parameter of its own stack.",
    source="AWS CloudFormation User Guide, Ref and Fn::GetAtt",
)
def dangling_references(stack: Stack) -> Iterator[Problem]:
    """References to what the stack does not have."""
    if stack.loops or _has_macros(stack):
        return
    made = set(_made_by_sam(stack))
    for title, owner, _, ref in uses(stack):
        for logical_id, target in _target_ids(ref):
            if logical_id.startswith("AWS::"):
                if logical_id not in PSEUDO:
                    what = f"{title} refers to {logical_id!r}, which is no pseudo parameter."
                    right = did_you_mean(logical_id, PSEUDO, f"There are {', '.join(PSEUDO)}.")
                    yield Problem("LF201", what, right, ref.origin or owner.origin)
                continue
            if logical_id in made:
                continue
            here = stack.resources.get(logical_id) or stack.parameters.get(logical_id)
            origin = ref.origin or owner.origin
            if here is not target and home_of(stack, target) is not None:
                continue  # Rule LF260 says where it is.
            if here is None:
                what = f"{title} refers to {logical_id!r}, which the stack {stack.name!r} does not have."
                yield Problem("LF201", what, _meant(stack, logical_id, target), origin)
            elif target is not None and target is not here:
                what = f"{title} refers to another {logical_id!r} than the one that the stack has."
                right = _given_back(stack, target) or "Use the object that was added to the stack."
                yield Problem("LF201", what, right, origin)
    for resource in stack.resources.values():
        for logical_id in resource.depends_on:
            if logical_id not in stack.resources and logical_id not in made:
                what = f"{resource.logical_id} depends on {logical_id!r}, which the stack {stack.name!r} does not have."
                yield Problem(
                    "LF201",
                    what,
                    _meant(stack, logical_id, None),
                    resource.origin,
                    ("depends_on", "DependsOn"),
                )
    for condition in stack.conditions.values():
        for ref in references_in(condition.expression):
            for logical_id, _ in _target_ids(ref):
                if logical_id not in stack.parameters and not logical_id.startswith("AWS::"):
                    what = f"Condition {condition.name} refers to {logical_id!r}, which is no parameter."
                    near = difflib.get_close_matches(logical_id, stack.parameters, n=1)
                    right = (
                        f"Did you mean {near[0]}?" if near else "A condition can refer to parameters only."
                    )
                    yield Problem("LF201", what, right, ref.origin or condition.origin)


def _meant(stack: Stack, logical_id: str, target: object) -> str:
    if target is not None:
        return _given_back(stack, target) or f"Add it: stack.add({logical_id})."
    near = difflib.get_close_matches(logical_id, [*stack.resources, *stack.parameters], n=1)
    return f"Did you mean {near[0]}?" if near else "Define a resource or parameter of that name."


def _given_back(stack: Stack, target: object) -> str | None:
    """What to use for an object that a scope took under another name, if it is one."""
    origin = getattr(target, "origin", None)
    for each in stack.resources.values():
        if origin is not None and each.origin is origin:
            return f"Use what add() gave back: its logical id is {each.logical_id!r}."
    return None


def _has_macros(stack: Stack) -> bool:
    return any(each != "AWS::Serverless-2016-10-31" for each in stack.transforms)


def _made_by_sam(stack: Stack) -> Iterator[str]:
    """Logical ids that SAM's transform adds, to which a template may refer."""
    yield from (
        "ServerlessRestApi",
        "ServerlessRestApiProdStage",
        "ServerlessHttpApi",
        "ServerlessDeploymentApplication",
    )
    yield from (
        "CodeDeployServiceRole",
        "ServerlessHttpApiApiGatewayDefaultStage",
        "ServerlessRestApiDeployment",
    )
    for resource in stack.resources.values():
        if not resource.aws_type.startswith("AWS::Serverless::"):
            continue
        own = resource.logical_id
        yield from (f"{own}Role", f"{own}Version", f"{own}Url", f"{own}UrlPublicPermissions", f"{own}Stage")
        yield from (f"{own}ProdStage", f"{own}ApiGatewayDefaultStage", f"{own}EventInvokeConfig")
        if isinstance(resource, Function):
            shared = stack.globals.get("Function")
            for alias in (resource.auto_publish_alias, getattr(shared, "auto_publish_alias", None)):
                if isinstance(alias, str):
                    yield f"{own}Alias{alias}"
            if isinstance(resource.events, Ref) or resource.events is None:
                continue
            for name in resource.events:
                yield from (f"{own}{name}", f"{own}{name}Permission", f"{own}{name}Role", f"{own}{name}Queue")
        else:
            stage = getattr(resource, "stage_name", None)
            if isinstance(stage, str):
                yield f"{own}{stage}Stage"


@rule(
    "LF202",
    "circular-reference",
    Level.ERROR,
    demand="No resource needs itself, directly or through others.",
    source="AWS CloudFormation User Guide, Troubleshooting: circular dependency",
)
def circular_references(stack: Stack) -> Iterator[Problem]:
    """Resources that wait for each other."""
    waits: dict[str, set[str]] = {
        each.logical_id: set(each.depends_on) & stack.resources.keys() for each in stack.resources.values()
    }
    for _, owner, name, ref in uses(stack):
        if name and isinstance(owner, Resource) and name not in _apart(owner.aws_type):
            waits[owner.logical_id].update(
                logical_id for logical_id, _ in _target_ids(ref) if logical_id in stack.resources
            )
    for function, _, event in events(stack):
        # SAM makes such an event a notification of the bucket, which then waits for the function.
        bucket = behind(stack, prop(event, "Bucket")) if event.event_type == "S3" else None
        if bucket is not None:
            waits[bucket.logical_id].add(function.logical_id)
    needs = {logical_id: sorted(others) for logical_id, others in waits.items()}
    done: set[str] = set()
    for start in needs:
        cycle = _cycle_from(start, needs, done)
        if cycle:
            chain = " → ".join(cycle)
            resource = stack.resources[cycle[0]]
            yield Problem(
                "LF202",
                f"Circular dependency: {chain}.",
                "Break the circle: give one of them the other's name as plain text, or move the link to a third resource.",
                resource.origin,
            )
            return


#: Properties of SAM resources that become resources of their own, for which the resource itself does not wait.
_APART = frozenset({"Events", "DeploymentPreference", "EventInvokeConfig", "FunctionUrlConfig", "Connectors"})
_STAGE = frozenset({"AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables"})
_APART_OF_TYPE = {
    "AWS::Serverless::Api": frozenset({"Domain"}),
    "AWS::Serverless::GraphQLApi": frozenset(
        {"ApiKeys", "Cache", "DataSources", "DomainName", "Functions", "Resolvers", "SchemaInline"}
    ),
    "AWS::Serverless::HttpApi": _STAGE | {"Domain"},
    "AWS::Serverless::WebSocketApi": _STAGE | {"Auth", "Domain", "Routes"},
}


def _apart(aws_type: str) -> frozenset[str]:
    if not aws_type.startswith("AWS::Serverless::"):
        return frozenset()
    return _APART | _APART_OF_TYPE.get(aws_type, frozenset())


def _cycle_from(start: str, needs: dict[str, list[str]], done: set[str]) -> list[str]:
    """A circle that can be reached from ``start``, with its first member again at the end, or nothing."""
    path: list[str] = []
    on_path: set[str] = set()
    pending: list[Iterator[str]] = [iter([start])]
    while pending:
        following = next(pending[-1], None)
        if following is None:
            pending.pop()
            if path:
                finished = path.pop()
                on_path.discard(finished)
                done.add(finished)
        elif following in on_path:
            return [*path[path.index(following) :], following]
        elif following not in done:
            path.append(following)
            on_path.add(following)
            pending.append(iter(needs[following]))
    return []


@rule(
    "LF203",
    "undefined-condition",
    Level.ERROR,
    demand="A condition that is named is defined.",
    source="AWS CloudFormation User Guide, Conditions section",
)
def undefined_conditions(stack: Stack) -> Iterator[Problem]:
    """Conditions that are used and not defined."""
    used: list[tuple[str, Any, Origin | None, tuple[str, ...]]] = []
    used += [(title, ref.condition, ref.origin, ()) for title, _, _, ref in uses(stack) if type(ref) is If]
    owners: list[Resource | Output] = [*stack.resources.values(), *stack.outputs.values()]
    for owner in owners:
        if owner.condition is not None:
            title = owner.logical_id if isinstance(owner, Resource) else f"output {owner.logical_id}"
            used.append((title, owner.condition, owner.origin, ("condition", "Condition")))
    for condition in stack.conditions.values():
        used += [
            (f"condition {condition.name}", ref.argument, ref.origin or condition.origin, ())
            for ref in references_in(condition.expression)
            if isinstance(ref, Intrinsic) and ref.function == "Condition"
        ]
    for title, name, origin, names in used:
        if not isinstance(name, str) or name not in stack.conditions:
            right = did_you_mean(str(name), stack.conditions, "Define it: stack.condition(name, expression).")
            what = f"{title} uses the condition {name!r}, which is not defined."
            yield Problem("LF203", what, right, origin, names)


@rule(
    "LF206",
    "dead-letter-target",
    Level.ERROR,
    demand="Dead letters go to a standard SQS queue or SNS topic.",
    source="AWS Lambda Developer Guide, invocation-async-retain-records; deck section C9",
)
def dead_letter_target(stack: Stack) -> Iterator[Problem]:
    """Dead-letter targets that Lambda cannot write to."""
    for function in functions(stack):
        target = behind(stack, dead_letters(stack, function))
        field_name = "dead_letter_queue" if isinstance(function, Function) else "dead_letter_config"
        if isinstance(target, Queue | Topic) and target.is_fifo:
            yield function.problem(
                "LF206",
                f"{function.logical_id!r} sends its dead letters to {target.logical_id!r}, which is FIFO.",
                "Lambda writes dead letters only to standard queues and topics.",
                field_name,
            )
        elif none_of(target, "AWS::SQS::Queue", "AWS::SNS::Topic"):
            yield function.problem(
                "LF206",
                f"{function.logical_id!r} sends its dead letters to {target.logical_id!r}, an {target.aws_type}.",
                "Name an SQS queue or an SNS topic.",
                field_name,
            )


@rule(
    "LF211",
    "undefined-mapping",
    Level.ERROR,
    demand="A mapping that is looked up is defined, and has the keys.",
    source="AWS CloudFormation User Guide, Fn::FindInMap",
)
def undefined_mapping(stack: Stack) -> Iterator[Problem]:
    """Look-ups in mappings that are not there, or under keys that they do not have."""
    if _has_macros(stack):
        return
    for title, owner, _, ref in uses(stack):
        argument = ref.argument if is_intrinsic(ref) and ref.function == "Fn::FindInMap" else ()
        # With a fourth argument, a default, there need be nothing to find.
        if not isinstance(argument, list | tuple) or len(argument) != 3:
            continue
        table: object = stack.mappings
        for depth, key in enumerate(argument):
            if not isinstance(key, str) or not isinstance(table, Mapping):
                break
            if key not in table:
                near = difflib.get_close_matches(key, table, n=1)
                kind = "the mapping" if depth == 0 else f"in the mapping {argument[0]!r} the key"
                yield Problem(
                    "LF211",
                    f"{title} looks up {kind} {key!r}, which is not defined.",
                    f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(table) or 'none'}.",
                    ref.origin or owner.origin,
                )
                break
            table = table[key]


@rule(
    "LF212",
    "default-not-allowed",
    Level.ERROR,
    demand="A parameter's default is one of its allowed values.",
    source="AWS CloudFormation User Guide, Parameters section",
)
def default_not_allowed(stack: Stack) -> Iterator[Problem]:
    """Defaults that the parameter itself refuses."""
    for parameter in stack.parameters.values():
        allowed = [str(each) for each in parameter.allowed_values or ()]
        if parameter.default is None or not allowed or isinstance(parameter.default, list | tuple):
            continue
        given = (
            str(parameter.default).split(",")
            if str(parameter.type).startswith(("List<", "Comma"))
            else [str(parameter.default)]
        )
        wrong = [each.strip() for each in given if each.strip() not in allowed]
        if wrong:
            yield parameter.problem(
                "LF212",
                f"Parameter {parameter.logical_id!r} has the default {wrong[0]!r}.",
                f"It must be one of {', '.join(allowed)}.",
                "default",
            )
