"""LF21x and LF27x: the template around the resources: parameters, outputs, sections, attributes.

Source: AWS CloudFormation User Guide, "Template sections".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.check.rule import Level, declare, rule
from lambdaform.check.view import uses
from lambdaform.model.references import GetAtt, If, LogicalRef, Ref, Sub, references_in
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack

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
        for ref in references_in(branch)
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
    if not only_sam(stack):
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


def only_sam(stack: Stack) -> bool:
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
    if not only_sam(stack):
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
