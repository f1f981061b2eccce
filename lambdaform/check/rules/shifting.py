"""LF23x: aliases, how their traffic shifts, and the hooks that watch over it."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Iterator
from typing import Any

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import (
    behind,
    function_behind,
    items,
    known,
    none_of,
    of_type,
    setting,
    uses,
)
from lambdaform.model.awslambda import Alias
from lambdaform.model.deployment import PREDEFINED, DeploymentPreference, Hooks
from lambdaform.model.function import Function
from lambdaform.model.iam import PolicyDocument, PolicyTemplate
from lambdaform.model.references import LogicalRef, Ref
from lambdaform.model.shape import Problem, prop
from lambdaform.model.stack import Stack


@rule(
    "LF204",
    "shift-without-alias",
    Level.ERROR,
    demand="A function whose traffic shifts has an alias to shift it on.",
    source="SAM Developer Guide, DeploymentPreference; deck section C6",
)
def shift_without_alias(stack: Stack) -> Iterator[Problem]:
    """Deployment preferences without an alias."""
    for function in of_type(stack, Function):
        preference = setting(stack, function, "deployment_preference")
        if not isinstance(preference, DeploymentPreference) or preference.enabled is False:
            continue
        if not setting(stack, function, "auto_publish_alias"):
            yield function.problem(
                "LF204",
                f"Function {function.logical_id!r} has a deployment_preference and no auto_publish_alias.",
                'Traffic shifts on an alias: add auto_publish_alias="live".',
                "deployment_preference",
            )


@rule(
    "LF209",
    "weighted-latest",
    Level.ERROR,
    demand="An alias that shares traffic points to published versions only.",
    source="AWS Lambda Developer Guide, configuring-alias-routing; deck section C6",
)
def weighted_latest(stack: Stack) -> Iterator[Problem]:
    """Weighted aliases on $LATEST."""
    for alias in of_type(stack, Alias):
        weights = getattr(alias.routing_config, "additional_version_weights", None)
        if not known(weights) or not weights:
            continue
        versions = [alias.function_version, *(getattr(each, "function_version", None) for each in weights)]
        if "$LATEST" in versions:
            yield alias.problem(
                "LF209",
                f"Alias {alias.logical_id!r} shares its traffic and points to $LATEST.",
                "$LATEST cannot take part in a weighted alias: publish a version and name its number.",
                "function_version",
            )


@rule(
    "LF210",
    "hook-name",
    Level.ERROR,
    demand="A traffic hook has a name that CodeDeploy's managed role may invoke.",
    source="SAM Developer Guide, DeploymentPreference Hooks; managed policy AWSCodeDeployRoleForLambda",
)
def hook_name(stack: Stack) -> Iterator[Problem]:
    """Hooks that CodeDeploy's own role may not invoke."""
    for function in of_type(stack, Function):
        preference = setting(stack, function, "deployment_preference")
        if not isinstance(preference, DeploymentPreference) or preference.role is not None:
            continue
        hooks = preference.hooks
        for value in (hooks.pre_traffic, hooks.post_traffic) if isinstance(hooks, Hooks) else ():
            hook = behind(stack, value)
            if not isinstance(hook, Function) or isinstance(hook.function_name, Ref):
                continue
            if not (hook.function_name or "").startswith("CodeDeployHook_"):
                named = f"the name {hook.function_name!r}" if hook.function_name else "no function_name"
                yield hook.problem(
                    "LF210",
                    f"The hook {hook.logical_id!r} has {named}.",
                    'CodeDeploy\'s managed role invokes only functions named "CodeDeployHook_…": set function_name, '
                    "or give the deployment_preference a role of your own.",
                    "function_name",
                )


_LIKE_PREDEFINED = re.compile(r"(Canary(\d.*)?|Linear(\d.*)?|AllAtOnce.*)", re.IGNORECASE)


@rule(
    "LF231",
    "unknown-shift",
    Level.ERROR,
    demand="A shift is one of CodeDeploy's predefined ones, or a deployment configuration of one's own.",
    source="SAM Developer Guide, DeploymentPreference Type",
)
def unknown_shift(stack: Stack) -> Iterator[Problem]:
    """Shifts that are named like a predefined one and are none."""
    for function in of_type(stack, Function):
        preference = setting(stack, function, "deployment_preference")
        kind = prop(preference, "Type")
        if (
            not isinstance(preference, DeploymentPreference)
            or not isinstance(kind, str)
            or kind in PREDEFINED
            or not _LIKE_PREDEFINED.fullmatch(kind)
        ):
            continue
        [near] = difflib.get_close_matches(kind, PREDEFINED, n=1, cutoff=0)
        yield preference.problem(
            "LF231",
            f"{function.logical_id!r} shifts its traffic by {kind}, which CodeDeploy does not have.",
            f"Did you mean {near}? Another split needs a deployment configuration of your own.",
            "type",
        )


@rule(
    "LF232",
    "same-version-twice",
    Level.ERROR,
    demand="An alias shares its traffic between two different versions.",
    source="AWS Lambda Developer Guide, configuring-alias-routing",
)
def same_version_twice(stack: Stack) -> Iterator[Problem]:
    """Aliases whose second version is their first."""
    for alias in of_type(stack, Alias):
        for index, weight in enumerate(items(prop(alias, "RoutingConfig", "AdditionalVersionWeights"))):
            if prop(weight, "FunctionVersion") == alias.function_version:
                yield alias.problem(
                    "LF232",
                    f"Alias {alias.logical_id!r} shares its traffic between a version and the same version.",
                    "AdditionalVersionWeights names another version than FunctionVersion.",
                    "routing_config",
                    "AdditionalVersionWeights",
                    index,
                )


@rule(
    "LF233",
    "version-of-another",
    Level.ERROR,
    demand="An alias points to a version of its own function.",
    source="Lambda API, CreateAlias",
)
def version_of_another(stack: Stack) -> Iterator[Problem]:
    """Aliases of one function on a version of another."""
    for alias in of_type(stack, Alias):
        own, version = function_behind(stack, alias.function_name), behind(stack, alias.function_version)
        if own is None or version is None or version.aws_type != "AWS::Lambda::Version":
            continue
        whose = function_behind(stack, prop(version, "FunctionName"))
        if whose is not None and whose is not own:
            yield alias.problem(
                "LF233",
                f"Alias {alias.logical_id!r} of {own.logical_id!r} points to {version.logical_id!r}, a version of "
                f"{whose.logical_id!r}.",
                f"Point it to a version of {own.logical_id!r}.",
                "function_version",
            )


@rule(
    "LF235",
    "alias-twice",
    Level.ERROR,
    demand="Each alias of a function has a name of its own.",
    source="Lambda API, CreateAlias",
)
def alias_twice(stack: Stack) -> Iterator[Problem]:
    """Two aliases of a function with one name."""
    seen: dict[tuple[str, str], str] = {}
    for function in of_type(stack, Function):
        name = setting(stack, function, "auto_publish_alias")
        if isinstance(name, str):
            seen[function.logical_id, name] = f"{function.logical_id}'s AutoPublishAlias"
    for alias in of_type(stack, Alias):
        owner = function_behind(stack, alias.function_name)
        if owner is None or not isinstance(alias.name, str) or alias.condition is not None:
            continue
        first = seen.setdefault((owner.logical_id, alias.name), alias.logical_id)
        if first != alias.logical_id:
            yield alias.problem(
                "LF235",
                f"Alias {alias.logical_id!r} of {owner.logical_id!r} has the name {alias.name!r}, as {first} has.",
                "Give each alias of a function another name.",
                "name",
            )


@rule(
    "LF236",
    "version-number",
    Level.ERROR,
    demand="An alias points to a version by its number.",
    source="AWS CloudFormation User Guide, AWS::Lambda::Alias FunctionVersion",
)
def version_number(stack: Stack) -> Iterator[Problem]:
    """Aliases that point to a version's ARN, to a function, or to a word."""
    for alias in of_type(stack, Alias):
        versions: list[tuple[str, tuple[str | int, ...], Any]] = [
            ("function_version", (), alias.function_version)
        ]
        weights = prop(alias, "RoutingConfig", "AdditionalVersionWeights")
        for index, weight in enumerate(items(weights)):
            place = ("AdditionalVersionWeights", index)
            versions.append(("routing_config", place, prop(weight, "FunctionVersion")))
        for name, inside, version in versions:
            found = behind(stack, version)
            if isinstance(version, str) and not re.fullmatch(r"\d+|\$LATEST|\{\{.*", version):
                what, right = repr(version), "It must be a number such as '3', or $LATEST."
            elif (
                isinstance(version, LogicalRef)
                and found is not None
                and found.aws_type == "AWS::Lambda::Version"
            ):
                what = f"Ref {found.logical_id}, the version's ARN"
                right = f"It must be its number: Fn::GetAtt {found.logical_id}.Version."
            else:
                continue
            yield alias.problem(
                "LF236", f"Alias {alias.logical_id!r} points to the version {what}.", right, name, *inside
            )


@rule(
    "LF237",
    "not-an-alarm",
    Level.ERROR,
    demand="A shift is watched by alarms, and its hooks are functions.",
    source="SAM Developer Guide, DeploymentPreference",
)
def not_an_alarm(stack: Stack) -> Iterator[Problem]:
    """Alarms that are no alarm, and hooks that are no function, or the function itself."""
    for function in of_type(stack, Function):
        preference = setting(stack, function, "deployment_preference")
        if not isinstance(preference, DeploymentPreference) or preference.enabled is False:
            continue
        for index, alarm in enumerate(items(preference.alarms)):
            found = behind(stack, alarm)
            if none_of(found, *_ALARMS):
                yield preference.problem(
                    "LF237",
                    f"{function.logical_id!r} names as an alarm {found.logical_id!r}, an {found.aws_type}.",
                    "It must be an AWS::CloudWatch::Alarm.",
                    "alarms",
                    index,
                )
        hooks = preference.hooks
        if not isinstance(hooks, Hooks):
            continue
        for name in ("pre_traffic", "post_traffic"):
            found = behind(stack, getattr(hooks, name))
            if found is function:
                what, right = (
                    "itself as a hook",
                    "A hook is a function of its own, which tries the new version out.",
                )
            elif none_of(found, "AWS::Lambda::Function", "AWS::Serverless::Function"):
                what, right = f"as a hook {found.logical_id!r}, an {found.aws_type}", "It must be a function."
            else:
                continue
            yield hooks.problem("LF237", f"{function.logical_id!r} names {what}.", right, name)


_ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_STATUS = "codedeploy:PutLifecycleEventHookExecutionStatus"


@rule(
    "LF238",
    "hook-permission",
    Level.ERROR,
    demand="A traffic hook may tell CodeDeploy how it went.",
    source="SAM Developer Guide, DeploymentPreference Hooks",
)
def hook_permission(stack: Stack) -> Iterator[Problem]:
    """Hooks that cannot answer, so that each deployment waits an hour and fails."""
    told: set[str] = set()
    for function in of_type(stack, Function):
        preference = setting(stack, function, "deployment_preference")
        hooks = prop(preference, "Hooks")
        for value in (prop(hooks, "PreTraffic"), prop(hooks, "PostTraffic")):
            hook = behind(stack, value)
            if not isinstance(hook, Function) or hook is function or hook.logical_id in told:
                continue
            told.add(hook.logical_id)
            if hook.role is None and not isinstance(hook.policies, Ref) and not _may_answer(hook):
                yield hook.problem(
                    "LF238",
                    f"The hook {hook.logical_id!r} may not call {_STATUS}.",
                    "Allow it in its policies: each deployment would wait an hour for the answer, and fail.",
                )


def _may_answer(hook: Function) -> bool:
    """Whether a hook's policies allow the answer, as far as can be told."""
    for policy in items(hook.policies):
        if not isinstance(policy, PolicyDocument):
            # Of a name or an ARN it cannot be told; a policy template of SAM's is never about CodeDeploy.
            if not isinstance(policy, PolicyTemplate) and policy not in _SILENT:
                return True
            continue
        for statement in items(policy.statement):
            actions = items(prop(statement, "Action"))
            if prop(statement, "NotAction") is not None or any(
                not isinstance(each, str) or fnmatch.fnmatchcase(_STATUS.lower(), each.lower())
                for each in actions
            ):
                return True
    return False


_SILENT = ("AWSLambdaBasicExecutionRole", "AWSXRayDaemonWriteAccess", "AWSLambdaVPCAccessExecutionRole")


@rule(
    "LF239",
    "no-such-alias",
    Level.ERROR,
    demand="A function whose alias or version is named publishes one.",
    source="SAM Developer Guide, sam-specification-generated-resources-function",
)
def no_such_alias(stack: Stack) -> Iterator[Problem]:
    """``Fn.Alias`` and ``Fn.Version`` of functions without AutoPublishAlias."""
    for title, owner, _, ref in uses(stack):
        if not isinstance(ref, LogicalRef) or "." not in ref.logical_id:
            continue
        name, _, part = ref.logical_id.partition(".")
        function = stack.resources.get(name)
        if part not in ("Alias", "Version") or not isinstance(function, Function):
            continue
        if not setting(stack, function, "auto_publish_alias"):
            yield Problem(
                "LF239",
                f"{title} refers to {ref.logical_id}, and {name!r} has no AutoPublishAlias.",
                'Add auto_publish_alias="live" to the function, or name the function alone.',
                ref.origin or owner.origin,
            )
