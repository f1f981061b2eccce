"""A stack that is too large, cut into nested stacks: every resource keeps its logical id and is in one of them.

It works on CloudFormation's template, for AWS counts what SAM's transform has made. A reference across a cut becomes
an output of one nested stack and a parameter of another; DependsOn across a cut becomes DependsOn between the nested
stacks. The root keeps parameters, outputs and exports, rules, and the resources that hold data, as far as there is
room: moved into a nested stack of a stack that is deployed, a resource is replaced.

Source: AWS CloudFormation User Guide, "Embed stacks within other stacks using nested stacks", cloudformation-limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from attrs import evolve, frozen

from lambdaform.errors import DefinitionError
from lambdaform.model.expansion import MOST_RESOURCES
from lambdaform.synth.assembly import Assembly
from lambdaform.synth.limits import BYTES, OUTPUTS, PARAMETERS, size_of
from lambdaform.synth.list_attributes import LIST_ATTRIBUTES
from lambdaform.synth.partition import Limits, Partition, Thing, Unpartable, partition
from lambdaform.synth.sam_transform import with_nested
from lambdaform.synth.template import LANGUAGE_EXTENSIONS
from lambdaform.synth.template_references import ANY_ATTRIBUTE, Key, functions, references, rewritten

#: Compact data takes up to half as much again when it is written for people to read.
_WEIGHT = BYTES * 3 // 5
_LIMITS = Limits(things=MOST_RESOURCES - 1, weight=_WEIGHT, inward=PARAMETERS, outward=OUTPUTS)
#: The share of its room that the root gives to resources that hold data; the rest is for the nested stacks.
_KEPT = 0.75
#: What is lost, or loses what it holds, when it is replaced.
STATEFUL = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::CertificateManager::Certificate",
        "AWS::Cognito::IdentityPool",
        "AWS::Cognito::UserPool",
        "AWS::DocDB::DBCluster",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Events::Archive",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::Neptune::DBCluster",
        "AWS::OpenSearchService::Domain",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
        "AWS::Route53::HostedZone",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
    }
)
#: Of these, what holds messages, logs and settings, which the root keeps after all else.
_PASSING = frozenset(
    {
        "AWS::Logs::LogGroup",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
        "AWS::Events::Archive",
    }
)
_ASSET = re.compile(r"assets/[0-9a-f]{64}\.zip")
#: In a plan, what stands for the root itself.
ROOT = "Root"
#: What the logical ids of the parts begin with: the first with which no other begins that ends in a number.
_TITLES = ("Part", "StackPart", "PartOfTheSplitStack")
_OWN_STACK = ("AWS::StackName", "AWS::StackId")
_TOPICS = "AWS::NotificationARNs"


@frozen
class Split:
    """A stack in parts, by their titles; the root's own resources are under `ROOT`.

    ``moved`` are the resources that hold data and are in a nested stack all the same.

    ``relocated`` are those that are in another part than they were before.
    """

    assembly: Assembly
    parts: Mapping[str, Sequence[str]]
    moved: Sequence[str]
    relocated: Sequence[str] = ()

    @property
    def total(self) -> int:
        """How many resources there are in all parts together."""
        return sum(map(len, self.parts.values()))


def split(
    assembly: Assembly, limits: Limits = _LIMITS, plan: Mapping[str, Sequence[str]] | None = None
) -> Split:
    """The assembly, in CloudFormation's form, with its resources in nested stacks.

    ``plan`` has the parts as they were before, by their titles: what is in one stays there, if it can. Raises
    `DefinitionError` where the stack has loops or macros, or things that belong together and are too many.
    """
    _refuse_macros(assembly)
    return _Splitter(assembly, limits, plan or {}).result()


def _refuse_macros(assembly: Assembly) -> None:
    transforms = assembly.template.get("Transform", [])
    macros = transforms if isinstance(transforms, list) else [transforms]
    strange = [each for each in macros if each != LANGUAGE_EXTENSIONS]
    if strange or any(name.startswith("Fn::") for name in assembly.template.get("Resources", {})):
        what = f"the macro {strange[0]}" if strange else "a loop (Fn::ForEach)"
        raise DefinitionError(
            f"Stack {assembly.stack_name!r} has {what}, whose resources only AWS knows, and cannot be split.",
            right="Nest parts of it with stack.nest(), or write the loop in Python.",
        )


class _Splitter:
    """One template on its way."""

    def __init__(self, assembly: Assembly, limits: Limits, plan: Mapping[str, Sequence[str]]) -> None:
        self._assembly = assembly
        self._limits = limits
        self._places = {
            name: _number(title) for title, names in plan.items() for name in names if title != ROOT
        }
        self._rooted = frozenset(plan.get(ROOT, ()))
        self._template = assembly.template
        self._resources: Mapping[str, Mapping[str, Any]] = assembly.template["Resources"]
        self._parameters: Mapping[str, Mapping[str, Any]] = assembly.template.get("Parameters", {})
        self._conditions: Mapping[str, Any] = assembly.template.get("Conditions", {})
        self._names: dict[Key, str] = {}
        self._taken = {*self._resources, *self._parameters}
        self._beginning = next(
            each for each in _TITLES if not any(re.fullmatch(rf"{each}\d+", name) for name in self._taken)
        )

    def result(self) -> Split:
        done = self._partition()
        parts = {self._title(number): part for number, part in enumerate(done.parts) if part}
        self._taken.update(parts)
        self._home = {name: title for title, part in parts.items() for name in part}
        apart = set(done.apart)
        kept = [name for name in self._resources if name in apart]
        if len(kept) + len(parts) > MOST_RESOURCES:
            raise self._impossible(kept, f"{len(kept)} resources and {len(parts)} nested stacks")
        nested = {title: self._part(part, title) for title, part in parts.items()}
        root = self._root(kept, parts, nested)
        assembly = evolve(
            self._assembly,
            template=root,
            nested={**{name: each for name, each in self._assembly.nested.items() if name in kept}, **nested},
        )
        moved = [name for name in self._home if self._resources[name].get("Type") in STATEFUL]
        before: dict[str, str | None] = {name: self._title(number) for name, number in self._places.items()}
        before |= dict.fromkeys(self._rooted)
        relocated = [
            name for name in self._resources if before.get(name, self._home.get(name)) != self._home.get(name)
        ]
        return Split(assembly, {ROOT: kept, **parts} if kept else parts, moved, relocated)

    def _title(self, number: int) -> str:
        """The logical id of a nested stack, which no other resource has."""
        return f"{self._beginning}{number + 1}"

    def _partition(self) -> Partition:
        wanted = [key for key in references(self._template.get("Outputs", {})) if key.name in self._resources]
        places = {name: number for name, number in self._places.items() if name in self._resources}
        try:
            return partition(self._things, self._limits, {_text(key) for key in wanted}, places)
        except Unpartable as error:
            raise self._impossible(error.things, f"{len(error.things)} resources") from error

    def _impossible(self, names: Sequence[str], what: str) -> DefinitionError:
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        return DefinitionError(
            f"Stack {self._assembly.stack_name!r} cannot be split: {what} would have to be in one template ({shown}).",
            right="Make several stacks, and let them exchange values with output(..., export=...) and .imported.",
        )

    @cached_property
    def _uses(self) -> Mapping[str, Mapping[Key, None]]:
        """What each resource refers to, in the resources and among the parameters, its conditions' too."""
        return {name: dict.fromkeys(self._keys_of(name)) for name in self._resources}

    def _keys_of(self, name: str) -> Iterator[Key]:
        entry = self._resources[name]
        for key in references(entry):
            if key.name != name:
                yield key
        for condition in self._conditions_of([name]):
            yield from references(self._conditions[condition])

    def _comes_from_outside(self, key: Key) -> bool:
        return key.name in self._parameters or key.name in (*_OWN_STACK, _TOPICS)

    @cached_property
    def _things(self) -> Mapping[str, Thing]:
        things = {}
        kept = self._kept
        for name, entry in self._resources.items():
            own = [key for key in self._uses[name] if key.name in self._resources]
            given = frozenset(_text(key) for key in self._uses[name] if self._comes_from_outside(key))
            wide = len(own) + len(given) > self._limits.inward
            depends = entry.get("DependsOn", ())
            things[name] = Thing(
                weight=size_of({name: entry}) + 2 * len(name),
                uses={_text(key): key.name for key in own if key.attribute != ANY_ATTRIBUTE},
                given=given,
                after=frozenset({depends} if isinstance(depends, str) else depends) & self._resources.keys(),
                tied=frozenset(key.name for key in own if key.attribute == ANY_ATTRIBUTE),
                apart=wide or name in kept,
            )
        return things

    @cached_property
    def _kept(self) -> frozenset[str]:
        """The resources that hold data and that the root keeps."""
        stateful = [
            name
            for name, each in self._resources.items()
            if each.get("Type") in STATEFUL and name not in self._places
        ]
        stateful.sort(key=lambda name: (name not in self._rooted, self._resources[name]["Type"] in _PASSING))
        kept: list[str] = []
        weight = 0
        for name in stateful:
            weight += size_of(self._resources[name])
            if len(kept) < self._limits.things * _KEPT and weight <= self._limits.weight * _KEPT:
                kept.append(name)
        return frozenset(kept)

    def _conditions_of(self, names: Sequence[str]) -> list[str]:
        """The conditions that resources use, and those that these use."""
        pending = [each for name in names for each in _conditions_in(self._resources[name])]
        found: dict[str, None] = {}
        while pending:
            condition = pending.pop()
            if condition in self._conditions and condition not in found:
                found[condition] = None
                pending += list(_conditions_in({"Conditions": self._conditions[condition]}))
                pending += [
                    each
                    for each in functions(self._conditions[condition], "Condition")
                    if isinstance(each, str)
                ]
        return [name for name in self._conditions if name in found]

    def _name_of(self, key: Key) -> str:
        """The name of the parameter, and output, that hands a value on."""
        if key not in self._names:
            if key.name in self._parameters:
                return key.name
            ending = "Ref" if key.attribute is None and key.name in self._resources else key.attribute or ""
            name = "".join(filter(str.isalnum, f"{key.name}{ending}".replace("AWS::", "Root")))
            self._names[key] = self._free(name[:250])
        return self._names[key]

    def _free(self, name: str) -> str:
        free, number = name, 2
        while free in self._taken:
            free, number = f"{name}{number}", number + 1
        self._taken.add(free)
        return free

    def _part(self, names: Sequence[str], title: str) -> Assembly:
        inside = set(names)

        def replace(key: Key) -> Any | None:
            if key.name in inside or not (key.name in self._resources or self._comes_from_outside(key)):
                return None
            return {"Ref": self._name_of(key)}

        resources = {}
        for name in names:
            entry = dict(rewritten(self._resources[name], replace))
            own = [each for each in _as_list(entry.pop("DependsOn", ())) if each in inside]
            resources[name] = {**entry, **({"DependsOn": own} if own else {})}
        if all("Condition" in each for each in resources.values()):
            # Without a resource that is always made, CloudFormation refuses a template.
            resources[self._free(f"{title}Always")] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
        conditions = {name: rewritten(self._conditions[name], replace) for name in self._conditions_of(names)}
        wanted = self._wanted_of(title)
        sections = {
            "AWSTemplateFormatVersion": self._template.get("AWSTemplateFormatVersion"),
            "Transform": self._template.get("Transform"),
            "Description": f"{title} of {self._assembly.stack_name}",
            "Parameters": {self._name_of(key): self._declaration(key) for key in self._inward(names)},
            "Mappings": self._mappings_of({**resources, "": conditions}),
            "Conditions": conditions,
            "Resources": resources,
            "Outputs": {self._name_of(key): self._output(key) for key in wanted},
        }
        named = set(_ASSET.findall(json.dumps(resources, default=str)))
        return evolve(
            self._assembly,
            stack_name=title,
            template={name: section for name, section in sections.items() if section},
            assets={key: asset for key, asset in self._assembly.assets.items() if key in named},
            parameters={},
            nested={name: each for name, each in self._assembly.nested.items() if name in inside},
        )

    def _inward(self, names: Sequence[str]) -> dict[Key, None]:
        """What a part is given, each once."""
        inside = set(names)
        return {
            key: None
            for name in names
            for key in self._uses[name]
            if key.name not in inside and (key.name in self._resources or self._comes_from_outside(key))
        }

    @cached_property
    def _users(self) -> Mapping[Key, list[str]]:
        users: dict[Key, list[str]] = {}
        for name, keys in self._uses.items():
            for key in keys:
                users.setdefault(key, []).append(name)
        return users

    @cached_property
    def _wanted(self) -> Mapping[str, dict[Key, None]]:
        """What each part gives out."""
        wanted: dict[str, dict[Key, None]] = {}
        pinned = set(references(self._template.get("Outputs", {})))
        for key in dict.fromkeys([*self._users, *pinned]):
            title = self._home.get(key.name)
            if title is None:
                continue
            if key in pinned or any(self._home.get(user) != title for user in self._users.get(key, ())):
                wanted.setdefault(title, {})[key] = None
        return {title: dict.fromkeys(sorted(keys, key=_text)) for title, keys in wanted.items()}

    def _wanted_of(self, title: str) -> dict[Key, None]:
        return self._wanted.get(title, {})

    def _output(self, key: Key) -> dict[str, Any]:
        value = key.as_data()
        if self._is_list(key):
            value = {"Fn::Join": [",", value]}
        condition = self._resources[key.name].get("Condition")
        return {"Value": value, **({"Condition": condition} if condition else {})}

    def _is_list(self, key: Key) -> bool:
        declared = self._parameters.get(key.name)
        if declared is not None:
            kind = str(declared.get("Type", ""))
            return "List<" in kind or "CommaDelimitedList" in kind
        if key.name == _TOPICS:
            return True
        aws_type = self._resources.get(key.name, {}).get("Type", "")
        return key.attribute in LIST_ATTRIBUTES.get(aws_type, ())

    def _declaration(self, key: Key) -> dict[str, Any]:
        secret = self._parameters.get(key.name, {}).get("NoEcho")
        kind = "CommaDelimitedList" if self._is_list(key) else "String"
        return {"Type": kind, **({"NoEcho": secret} if secret is not None else {})}

    def _seen_from_root(self, key: Key) -> Any | None:
        """What stands in the root for a value that a part gives out."""
        title = self._home.get(key.name)
        return None if title is None else {"Fn::GetAtt": [title, f"Outputs.{self._name_of(key)}"]}

    def _handed_on(self, key: Key) -> Any:
        """What the root gives to a part for a value."""
        original: Any = (
            {"Ref": key.name} if key.attribute is None else {"Fn::GetAtt": [key.name, key.attribute]}
        )
        seen = self._seen_from_root(key)
        if seen is None:
            seen = {"Fn::Join": [",", original]} if self._is_list(key) else original
        condition = self._resources.get(key.name, {}).get("Condition")
        return {"Fn::If": [condition, seen, ""]} if condition else seen

    def _root(
        self, kept: Sequence[str], parts: Mapping[str, Sequence[str]], nested: Mapping[str, Assembly]
    ) -> dict[str, Any]:
        resources: dict[str, Any] = {}

        def replace(key: Key) -> Any | None:
            seen = self._seen_from_root(key)
            return {"Fn::Split": [",", seen]} if seen is not None and self._is_list(key) else seen

        for name in kept:
            entry = dict(rewritten(self._resources[name], replace))
            depends = self._seen_dependencies([name], None)
            entry.pop("DependsOn", None)
            resources[name] = {**entry, **({"DependsOn": depends} if depends else {})}
        for title, names in parts.items():
            given = {self._name_of(key): self._handed_on(key) for key in self._inward(names)}
            implied = {each.name for each in references(given)}
            depends = [each for each in self._seen_dependencies(names, title) if each not in implied]
            resources[title] = {
                "Type": "AWS::CloudFormation::Stack",
                **({"DependsOn": depends} if depends else {}),
                "Properties": {"Parameters": given} if given else {},
            }
        template = {
            **self._template,
            "Resources": resources,
            "Outputs": rewritten(self._template.get("Outputs", {}), replace),
        }
        made = {title: (each.key, each.template) for title, each in nested.items()}
        return with_nested({name: section for name, section in template.items() if section}, made)

    def _seen_dependencies(self, names: Sequence[str], title: str | None) -> list[str]:
        """What resources depend on, as the root has it: its own resources, and nested stacks."""
        depends = (each for name in names for each in _as_list(self._resources[name].get("DependsOn", ())))
        seen = dict.fromkeys(self._home.get(each, each) for each in depends)
        return [each for each in seen if each != title]

    def _mappings_of(self, data: Any) -> Mapping[str, Any]:
        mappings: Mapping[str, Any] = self._template.get("Mappings", {})
        used = [
            each[0] for each in functions(data, "Fn::FindInMap") if isinstance(each, list | tuple) and each
        ]
        if any(not isinstance(each, str) for each in used):
            return mappings
        return {name: table for name, table in mappings.items() if name in used}


def _number(title: str) -> int:
    return int(title.removeprefix("Part")) - 1


def _text(key: Key) -> str:
    return key.name if key.attribute is None else f"{key.name}.{key.attribute}"


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _conditions_in(entry: Mapping[str, Any]) -> Iterator[str]:
    """The conditions that a resource names: its own, and those of its values."""
    own = entry.get("Condition")
    if isinstance(own, str):
        yield own
    for parts in functions(entry, "Fn::If"):
        if isinstance(parts, list | tuple) and parts and isinstance(parts[0], str):
            yield parts[0]
