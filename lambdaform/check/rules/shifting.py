"""LF23x: aliases, how their traffic shifts, and the hooks that watch over it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import behind, function_behind, items, known, of_type, prop, setting
from lambdaform.model.awslambda import Alias
from lambdaform.model.deployment import PREDEFINED, DeploymentPreference, Hooks
from lambdaform.model.function import Function
from lambdaform.model.references import Ref
from lambdaform.model.shape import Problem
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
        preference = function.deployment_preference
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
        preference = function.deployment_preference
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


_LIKE_PREDEFINED = re.compile(r"(Canary\d|Linear\d|AllAtOnce).*", re.IGNORECASE)


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
