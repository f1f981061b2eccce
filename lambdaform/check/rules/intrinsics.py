"""LF133 and LF27x: intrinsic functions, placeholders and dynamic references.

Source: AWS CloudFormation User Guide, "Intrinsic function reference".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.relations import PSEUDO
from lambdaform.check.rules.template import only_sam
from lambdaform.check.view import items, parts, uses
from lambdaform.model.function import Environment
from lambdaform.model.iam import Statement
from lambdaform.model.references import Intrinsic, Ref, references_in
from lambdaform.model.shape import Problem, Shape
from lambdaform.model.stack import Stack
from lambdaform.origin import Origin

_GUIDE = "AWS CloudFormation User Guide"


#: How many arguments each function takes: the fewest and the most.
_ARGUMENTS: Mapping[str, tuple[int, int]] = {
    "Fn::And": (2, 10),
    "Fn::Cidr": (2, 3),
    "Fn::Equals": (2, 2),
    "Fn::FindInMap": (3, 4),
    "Fn::GetAtt": (2, 2),
    "Fn::If": (3, 3),
    "Fn::Join": (2, 2),
    "Fn::Not": (1, 1),
    "Fn::Or": (2, 10),
    "Fn::Select": (2, 2),
    "Fn::Split": (2, 2),
    "Fn::Sub": (2, 2),
}
_FUNCTIONS = (
    *_ARGUMENTS,
    "Fn::Base64",
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::GetAZs",
    "Fn::GetStackOutput",
    "Fn::ImportValue",
    "Fn::Length",
    "Fn::RefAll",
    "Fn::ToJsonString",
    "Fn::Transform",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
)


def _calls(stack: Stack) -> Iterator[tuple[str, Intrinsic[Any], Origin | None]]:
    """Each call of an intrinsic function that has no form of its own, or not the right one."""
    for title, owner, _, ref in uses(stack):
        if isinstance(ref, Intrinsic):
            yield title, ref, ref.origin or owner.origin
    for condition in stack.conditions.values():
        for each in references_in(condition.expression):
            if isinstance(each, Intrinsic):
                yield f"Condition {condition.name}", each, each.origin or condition.origin


@rule(
    "LF271",
    "intrinsic-arguments",
    Level.ERROR,
    demand="An intrinsic function has as many arguments as it takes.",
    source=f"{_GUIDE}, intrinsic-function-reference",
)
def intrinsic_arguments(stack: Stack) -> Iterator[Problem]:
    """Calls with too few or too many arguments, or with one where there must be a list."""
    for title, call, origin in _calls(stack):
        least, most = _ARGUMENTS.get(call.function, (0, 0))
        argument = call.argument
        if not most or isinstance(argument, Ref):
            continue
        count = len(argument) if isinstance(argument, list | tuple) else 0
        wanted = str(least) if least == most else f"{least} to {most}"
        if isinstance(argument, list | tuple) and not least <= count <= most:
            yield Problem(
                "LF271",
                f"{title}: {call.function} has {count} argument{'' if count == 1 else 's'}.",
                f"It takes {wanted}, in a list.",
                origin,
            )
        elif not isinstance(argument, list | tuple):
            yield Problem(
                "LF271", f"{title}: {call.function} has no list of arguments.", f"It takes {wanted}.", origin
            )
        elif call.function == "Fn::Join" and not isinstance(argument[1], list | tuple | Ref):
            yield Problem(
                "LF271",
                f"{title}: Fn::Join joins {argument[1]!r}, which is no list.",
                'It takes a separator and a list: ["-", ["a", "b"]].',
                origin,
            )


@rule(
    "LF272",
    "unknown-intrinsic",
    Level.ERROR,
    demand="An intrinsic function is one that CloudFormation has.",
    source=f"{_GUIDE}, intrinsic-function-reference",
)
def unknown_intrinsic(stack: Stack) -> Iterator[Problem]:
    """Misspelt intrinsic functions. Those that are like no other are taken to be newer than this release."""
    for title, call, origin in _calls(stack):
        if (
            call.function in _FUNCTIONS
            or not call.function.startswith("Fn::")
            or call.function.count(":") > 2
        ):
            continue
        near = difflib.get_close_matches(call.function, _FUNCTIONS, n=1, cutoff=0.75)
        if call.function in ("Fn::Ref", "Fn::Condition"):
            near = [call.function.removeprefix("Fn::")]
        if near:
            yield Problem(
                "LF272",
                f"{title} calls {call.function}, which CloudFormation does not have.",
                f"Did you mean {near[0]}?",
                origin,
            )


_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9:]+)(?:\.[A-Za-z0-9.]+)?\}")


@rule(
    "LF277",
    "placeholder-without-sub",
    Level.ERROR,
    demand="A text with ${Name} in it, where Name is of the template, is that of Fn::Sub.",
    source=f"{_GUIDE}, intrinsic-function-reference-sub",
)
def placeholder_without_sub(stack: Stack) -> Iterator[Problem]:
    """Placeholders in the plain text of a variable, a statement's resource or an output: they stay as they are."""
    if not only_sam(stack):
        return
    places: list[tuple[str, Shape, str, Any]] = [
        (owner.logical_id, environment, "variables", environment.variables)
        for owner, environment in parts(stack, Environment)
    ]
    places += [
        (owner.logical_id, statement, "resource", statement.resource)
        for owner, statement in parts(stack, Statement)
    ]
    places += [(f"Output {each.logical_id}", each, "value", each.value) for each in stack.outputs.values()]
    for title, place, name, value in places:
        if isinstance(value, Ref):
            continue
        within = isinstance(value, Mapping)
        steps = value.items() if isinstance(value, Mapping) else enumerate(items(value))
        for step, text in steps:
            for found in _PLACEHOLDER.finditer(text) if isinstance(text, str) and "${" in text else ():
                word = found[1]
                if word in stack.resources or word in stack.parameters or word in PSEUDO:
                    yield place.problem(
                        "LF277",
                        f"{title} has {found[0]} in a plain text, which stays as it is.",
                        "Write !Sub before the text.",
                        name,
                        *((step,) if within or name == "resource" else ()),
                    )
                    break


_DYNAMIC = re.compile(r"\{\{resolve:([^:}]*):")
_RESOLVED = ("secretsmanager", "ssm", "ssm-secure")


@rule(
    "LF133",
    "dynamic-reference",
    Level.ERROR,
    demand="A dynamic reference names a service that CloudFormation asks: ssm, ssm-secure or secretsmanager.",
    source=f"{_GUIDE}, dynamic-references",
)
def dynamic_reference(stack: Stack) -> Iterator[Problem]:
    """Misspelt services in the dynamic references of environment variables."""
    for owner, environment in parts(stack, Environment):
        variables = environment.variables
        for name, text in variables.items() if isinstance(variables, Mapping) else ():
            for found in _DYNAMIC.finditer(text) if isinstance(text, str) and "{{" in text else ():
                if found[1] not in _RESOLVED:
                    near = difflib.get_close_matches(found[1], _RESOLVED, n=1)
                    yield environment.problem(
                        "LF133",
                        f"{owner.logical_id}: the variable {name!r} asks the service {found[1]!r}.",
                        f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(_RESOLVED)}.",
                        "variables",
                        name,
                    )
