"""LF21x and LF27x: the template around the resources: parameters, outputs, intrinsic functions, attributes.

Source: AWS CloudFormation User Guide, "Template sections" and "Intrinsic function reference".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.check.rule import Level, declare, rule
from lambdaform.check.rules.relations import PSEUDO
from lambdaform.check.view import items, parts, uses
from lambdaform.model.function import Environment
from lambdaform.model.iam import Statement
from lambdaform.model.references import GetAtt, If, Intrinsic, LogicalRef, Ref, Sub
from lambdaform.model.shape import Problem, Shape
from lambdaform.model.stack import Stack
from lambdaform.origin import Origin

_GUIDE = "AWS CloudFormation User Guide"
_SAM = "AWS::Serverless-2016-10-31"
_DESCRIPTION_BYTES = 1024

declare(
    "LF218",
    "format-version",
    demand="A template's format version is 2010-09-09, the only one.",
    source=f"{_GUIDE}, format-version-structure",
)
declare(
    "LF278",
    "list-of-tags",
    demand="A CloudFormation resource's tags are a list of keys and values, each key once.",
    source=f"{_GUIDE}, aws-properties-resource-tags",
)


@rule(
    "LF213",
    "long-description",
    Level.ERROR,
    demand="A template's description has at most 1,024 bytes.",
    source=f"{_GUIDE}, cloudformation-limits",
)
def long_description(stack: Stack) -> Iterator[Problem]:
    """Descriptions that CloudFormation does not take."""
    size = len((stack.description or "").encode())
    if size > _DESCRIPTION_BYTES:
        yield Problem(
            "LF213",
            f"The stack's description has {size:,} bytes.",
            f"CloudFormation takes at most {_DESCRIPTION_BYTES:,}.",
            stack.origin,
            ("description", "Description"),
        )


@rule(
    "LF214",
    "parameter-default",
    Level.ERROR,
    demand="A parameter's default is of its type and within its own bounds, and these are in order.",
    source=f"{_GUIDE}, parameters-section-structure",
)
def parameter_default(stack: Stack) -> Iterator[Problem]:
    """Defaults that the parameter itself refuses, bounds that nothing fits, and patterns that cannot be read."""
    for parameter in stack.parameters.values():
        title = f"Parameter {parameter.logical_id!r}"
        bounds = {
            name: _number(getattr(parameter, name))
            for name in ("min_value", "max_value", "min_length", "max_length")
        }
        for low, high in (("min_value", "max_value"), ("min_length", "max_length")):
            least, most = bounds[low], bounds[high]
            if least is not None and most is not None and least > most:
                names = f"{_pascal(low)} {_shown(least)} over its {_pascal(high)} {_shown(most)}"
                yield parameter.problem(
                    "LF214", f"{title} has a {names}.", "No value fits: exchange them.", low
                )
        compiled = None
        if parameter.allowed_pattern is not None:
            try:
                compiled = re.compile(parameter.allowed_pattern)
            except re.error as error:
                # Java's expressions have what Python's lack (\p{L}, possessive quantifiers): these are left alone.
                if "unterminated" in str(error) or "nothing to repeat" in str(error):
                    yield parameter.problem(
                        "LF214",
                        f"{title} has the AllowedPattern {parameter.allowed_pattern!r}, which cannot be read: {error}.",
                        "It must be a regular expression.",
                        "allowed_pattern",
                    )
        default = parameter.default
        if default is None or isinstance(default, list | tuple):
            continue
        text = str(default).lower() if isinstance(default, bool) else str(default)
        number = _number(default)
        what = None
        if parameter.type == "Number" and number is None:
            what = f"the default {default!r} and the type Number", "The default must be a number."
        elif parameter.type == "Number" and number is not None:
            least, most = bounds["min_value"], bounds["max_value"]
            if (least is not None and number < least) or (most is not None and number > most):
                what = f"the default {text}", f"It must be {_span(least, most)}."
        elif parameter.type == "String":
            least, most = bounds["min_length"], bounds["max_length"]
            if (least is not None and len(text) < least) or (most is not None and len(text) > most):
                what = (
                    f"a default of {len(text)} characters",
                    f"MinLength and MaxLength demand {_span(least, most)} characters.",
                )
            elif compiled is not None and not compiled.fullmatch(text):
                what = (
                    f"the default {text!r}",
                    f"It must match its AllowedPattern {parameter.allowed_pattern}.",
                )
        if what is not None:
            yield parameter.problem("LF214", f"{title} has {what[0]}.", what[1], "default")


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _span(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return (
            f"at most {_shown(most)}"
            if least is None and most is not None
            else f"at least {_shown(least or 0)}"
        )
    return f"{_shown(least)} to {_shown(most)}"


def _shown(number: float) -> str:
    return f"{number:g}"


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@rule(
    "LF215",
    "export-twice",
    Level.ERROR,
    demand="Each export has a name of its own.",
    source=f"{_GUIDE}, outputs-section-structure",
)
def export_twice(stack: Stack) -> Iterator[Problem]:
    """Two outputs exported under one name."""
    seen: dict[str, str] = {}
    for output in stack.outputs.values():
        export = output.export
        name = export.text if isinstance(export, Sub) and not export.values else export
        if not isinstance(name, str) or output.condition is not None:
            continue
        first = seen.setdefault(name, output.logical_id)
        if first != output.logical_id:
            yield output.problem(
                "LF215",
                f"Output {output.logical_id} is exported as {name!r}, which {first} is already.",
                "Export each output under a name of its own; names are shared by all stacks of a region.",
                "export",
            )


@rule(
    "LF216",
    "conditional-reference",
    Level.WARNING,
    demand="What is made under a condition is named only where that condition holds.",
    source=f"{_GUIDE}, conditions-section-structure",
)
def conditional_reference(stack: Stack) -> Iterator[Problem]:
    """References to resources that may not be there, outside of ``Fn::If`` and of a resource with the condition."""
    conditional = {
        each.logical_id: each.condition for each in stack.resources.values() if each.condition is not None
    }
    if not conditional:
        return
    guarded = {
        id(ref)
        for use in uses(stack)
        if isinstance(use.ref, If)
        for branch in (use.ref.then, use.ref.otherwise)
        for ref in _references(branch)
    }
    told: set[tuple[str, str]] = set()
    for title, owner, _, ref in uses(stack):
        if id(ref) in guarded or owner.condition is not None:
            continue
        for logical_id in _names(ref):
            condition = conditional.get(logical_id)
            if condition is None or (title, logical_id) in told:
                continue
            told.add((title, logical_id))
            yield Problem(
                "LF216",
                f"{title} refers to {logical_id!r}, which is made only if the condition {condition!r} holds.",
                f"Where it does not, the deployment fails: give {title} the same condition, or use Fn::If.",
                ref.origin or owner.origin,
            )


def _references(value: Any) -> Iterator[Ref[Any]]:
    from lambdaform.model.references import references_in

    return references_in(value)


def _names(ref: Ref[Any]) -> Iterator[str]:
    if isinstance(ref, LogicalRef | GetAtt):
        yield ref.logical_id.partition(".")[0]
    elif isinstance(ref, Sub):
        for name in ref.names():
            yield name.partition(".")[0]


_SECTIONS = (
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
)


@rule(
    "LF217",
    "unknown-section",
    Level.ERROR,
    demand="A template has only sections that CloudFormation has.",
    source=f"{_GUIDE}, template-anatomy",
)
def unknown_section(stack: Stack) -> Iterator[Problem]:
    """Sections that CloudFormation does not have, and sections of Globals that SAM does not have."""
    if not _only_sam(stack):
        return
    for name in stack.raw:
        if name in _SECTIONS or name.startswith("Fn::"):
            continue
        near = difflib.get_close_matches(name, _SECTIONS, n=1)
        yield Problem(
            "LF217",
            f"The template has the section {name!r}, which CloudFormation does not have.",
            f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(_SECTIONS)}.",
            stack.origin,
            (name,),
        )


def _only_sam(stack: Stack) -> bool:
    """Whether no macro rewrites the template, so that what it says is what CloudFormation reads."""
    return all(each in (_SAM, "AWS::LanguageExtensions") for each in stack.transforms)


@rule(
    "LF219",
    "unknown-transform",
    Level.ERROR,
    demand="A transform of AWS's own has a name that AWS knows.",
    source=f"{_GUIDE}, transform-reference",
)
def unknown_transform(stack: Stack) -> Iterator[Problem]:
    """Misspelt transforms. The templates of SAM's own tests name none: that it is missing is no finding."""
    for each in stack.transforms:
        if not isinstance(each, str) or not each.startswith("AWS::") or each in _TRANSFORMS:
            continue
        near = difflib.get_close_matches(each, _TRANSFORMS, n=1, cutoff=0.75)
        if near:
            yield Problem(
                "LF219",
                f"The template names the Transform {each!r}, which AWS does not have.",
                f"Did you mean {near[0]!r}?",
                stack.origin,
                ("Transform",),
            )


_TRANSFORMS = (
    _SAM,
    "AWS::CodeDeployBlueGreen",
    "AWS::CodeStar",
    "AWS::Include",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
    "AWS::ServiceCatalog",
)


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
        for each in _references(condition.expression):
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


_ATTRIBUTES = (
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
)


@rule(
    "LF273",
    "unknown-resource-attribute",
    Level.ERROR,
    demand="Beside its properties a resource has only attributes that CloudFormation has.",
    source=f"{_GUIDE}, aws-product-attribute-reference",
)
def unknown_resource_attribute(stack: Stack) -> Iterator[Problem]:
    """Misspelt attributes."""
    if not _only_sam(stack):
        return
    for resource in stack.resources.values():
        for name in resource.attributes:
            if name.startswith("Fn::") or name in _ATTRIBUTES or name in ("IgnoreGlobals", "Connectors"):
                continue
            near = difflib.get_close_matches(name, _ATTRIBUTES, n=1, cutoff=0.8)
            if near and name != "Description":
                yield Problem(
                    "LF273",
                    f"{resource.logical_id} has the attribute {name!r}, which no resource has.",
                    f"Did you mean {near[0]!r}?",
                    resource.origin,
                    (name,),
                )


#: The types of which CloudFormation can keep a snapshot.
_WITH_SNAPSHOT = (
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
)


@rule(
    "LF274",
    "no-snapshot",
    Level.ERROR,
    demand="A resource that is to leave a snapshot behind is of a type that can.",
    source=f"{_GUIDE}, aws-attribute-deletionpolicy",
)
def no_snapshot(stack: Stack) -> Iterator[Problem]:
    """Snapshots of types that have none."""
    for resource in stack.resources.values():
        for name in ("deletion_policy", "update_replace_policy"):
            if getattr(resource, name) != "Snapshot" or not resource.aws_type.startswith("AWS::"):
                continue
            if resource.aws_type not in _WITH_SNAPSHOT:
                yield resource.problem(
                    "LF274",
                    f"{resource.logical_id} is to leave a Snapshot, and an {resource.aws_type} has none.",
                    "It must be Retain, Delete or RetainExceptOnCreate.",
                    name,
                )


@rule(
    "LF275",
    "mapping-levels",
    Level.ERROR,
    demand="A mapping has two levels of keys, and then a value or a list.",
    source=f"{_GUIDE}, mappings-section-structure",
)
def mapping_levels(stack: Stack) -> Iterator[Problem]:
    """Mappings with one level of keys, or with three."""
    for name, table in stack.mappings.items():
        rows: object = table
        for key, row in rows.items() if isinstance(rows, Mapping) and not isinstance(rows, Ref) else ():
            if str(key).startswith("Fn::"):
                continue
            flat = not isinstance(row, Mapping)
            deep = not flat and any(isinstance(each, Mapping) for each in row.values())
            if flat or deep:
                yield Problem(
                    "LF275",
                    f"In the mapping {name!r} the key {key!r} has {'no' if flat else 'two'} more levels of keys.",
                    "A mapping has two levels of keys: {Name: {first: {second: value}}}.",
                    stack.origin,
                    ("Mappings",),
                    (name, key),
                )
                break


@rule(
    "LF276",
    "output-value",
    Level.ERROR,
    demand="An output's value is text.",
    source=f"{_GUIDE}, outputs-section-structure",
)
def output_value(stack: Stack) -> Iterator[Problem]:
    """Outputs that are lists or mappings, which CloudFormation refuses."""
    for output in stack.outputs.values():
        value = output.value
        if isinstance(value, list | tuple | dict) and not isinstance(value, Ref):
            kind = "a mapping" if isinstance(value, dict) else "a list"
            yield output.problem(
                "LF276",
                f"Output {output.logical_id} is {kind}.",
                "An output is text: join a list, such as !Join [',', [a, b]].",
                "value",
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
    if not _only_sam(stack):
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


@rule(
    "LF220",
    "id-in-two-sections",
    Level.ERROR,
    demand="A resource and a parameter have two ids.",
    source=f"{_GUIDE}, Resources section",
)
def id_in_two_sections(stack: Stack) -> Iterator[Problem]:
    """Resources with the id of a parameter."""
    for logical_id in stack.resources.keys() & stack.parameters.keys():
        yield Problem(
            "LF220",
            f"{logical_id!r} is a resource and a parameter.",
            "Ref could mean both: rename one of them.",
            stack.resources[logical_id].origin,
        )
