"""A template's intrinsic functions worked out: parameters, conditions, references to resources by their names.

CloudFormation does this at deployment, with the real resources; here it is done with the names that they would
have. What cannot be known is not made up: it becomes a placeholder that says what it stands for, and is noted.

Source: AWS CloudFormation User Guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen

from lambdaform.errors import DefinitionError
from lambdaform.local.physical import Account, naming_properties

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^}]*\}\}")
_ZONES = "abc"
#: What a function makes of an argument that has not its form.
_MISUSE = (TypeError, ValueError, LookupError, AttributeError, RecursionError)


class _NoValue:
    """What ``AWS::NoValue`` stands for: the property is not there."""


NO_VALUE = _NoValue()


@frozen
class Known:
    """A value that comes from another stack, and what only a deployment could tell of it."""

    value: str
    unknown: tuple[str, ...] = ()


class Surroundings(Protocol):
    """The other stacks, as the template sees them. Each answer is None for what they do not have."""

    def parameter(self, name: str) -> Known | None:
        """What the stack that this one is nested in gives for a parameter."""

    def nested_output(self, logical_id: str, name: str) -> Known | None:
        """An output of a stack that is nested in this one."""

    def imported(self, name: str) -> Known | None:
        """What another stack exports under a name."""


class _Alone:
    """No other stacks."""

    def parameter(self, name: str) -> Known | None:  # noqa: ARG002 - the protocol's
        """None."""
        return None

    def nested_output(self, logical_id: str, name: str) -> Known | None:  # noqa: ARG002 - the protocol's
        """None."""
        return None

    def imported(self, name: str) -> Known | None:  # noqa: ARG002 - the protocol's
        """None."""
        return None


class Evaluator:
    """Works out the values of one template.

    ``unknown`` collects, in order, what only a deployment could tell; ``made_up`` has, by logical id, what the
    name of a resource depends on that is called here as if it had been given none.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        account: Account,
        around: Surroundings | None = None,
    ) -> None:
        self._around: Surroundings = around or _Alone()
        self.account = account
        self.unknown: list[str] = []
        self.made_up: dict[str, list[str]] = {}
        self._template = template
        self._resources: Mapping[str, Any] = template.get("Resources", {})
        self._parameters = {**_defaults(template), **parameters}
        self._names: dict[str, str] = {}
        self._under_way: set[str] = set()
        self._overrides: dict[str, str] = {}
        self._attributes: dict[tuple[str, str], str] = {}
        self._functions: Mapping[Any, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": lambda pair: str(self.value(pair[1])).split(str(self.value(pair[0]))),
            "Fn::If": lambda parts: self.value(parts[1] if self.condition(parts[0]) else parts[2]),
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": lambda text: base64.b64encode(str(self.value(text)).encode()).decode(),
            "Fn::GetAZs": self._zones,
            "Fn::Length": lambda items: len(self.value(items)),
            "Fn::ToJsonString": lambda data: json.dumps(self.value(data)),
            "Fn::ImportValue": self._import_value,
            "Fn::Cidr": lambda _: self._placeholder("Fn::Cidr"),
            "Fn::Transform": lambda _: self._placeholder("Fn::Transform"),
            "Fn::Equals": lambda pair: self._truth({"Fn::Equals": pair}),
            "Fn::And": lambda parts: self._truth({"Fn::And": parts}),
            "Fn::Or": lambda parts: self._truth({"Fn::Or": parts}),
            "Fn::Not": lambda parts: self._truth({"Fn::Not": parts}),
        }

    def know(self, logical_id: str, ref: str, attributes: Mapping[str, str]) -> None:
        """Take what ``Ref`` and ``Fn::GetAtt`` give for a resource from somebody who knows it."""
        self._overrides[logical_id] = ref
        for name, value in attributes.items():
            self._attributes[logical_id, name] = value

    def name(self, logical_id: str) -> str:
        """The physical name of a resource."""
        if logical_id not in self._names:
            resource = self._resources[logical_id]
            aws_type, properties = resource.get("Type", ""), resource.get("Properties") or {}
            # Noted first, so that a name that refers to itself ends.
            self._names[logical_id] = self.account.name(logical_id, aws_type, {})
            naming = {}
            for key in naming_properties(aws_type):
                before = len(self.unknown)
                value = self.value(properties[key]) if key in properties else NO_VALUE
                if len(self.unknown) > before:
                    self.made_up[logical_id] = list(dict.fromkeys(self.unknown[before:]))
                elif value is not NO_VALUE:
                    naming[key] = value
            self._names[logical_id] = self.account.name(logical_id, aws_type, naming)
        return self._names[logical_id]

    def exists(self, logical_id: str) -> bool:
        """Whether a resource is made at all: it has no condition, or its condition holds."""
        condition = self._resources[logical_id].get("Condition")
        return condition is None or self.condition(condition)

    def condition(self, name: str) -> bool:
        """Whether a named condition of the template holds. Raises `DefinitionError` where it is not defined."""
        conditions = self._template.get("Conditions", {})
        if name not in conditions:
            raise DefinitionError(
                f"The condition {name!r} is not defined.", right="Define it under Conditions.", rule="LF203"
            )
        if name in self._under_way:
            raise DefinitionError(f"The condition {name!r} refers to itself.", rule="LF203")
        self._under_way.add(name)
        try:
            return self._truth(conditions[name])
        except _MISUSE as error:
            raise _malformed(f"The condition {name!r}", conditions[name]) from error
        finally:
            self._under_way.discard(name)

    def value(self, data: Any) -> Any:
        """The data with every intrinsic in it worked out, and properties without a value left out."""
        if isinstance(data, Mapping):
            if len(data) == 1:
                [(function, argument)] = data.items()
                work_out = self._functions.get(function)
                if work_out is not None:
                    try:
                        return work_out(argument)
                    except _MISUSE as error:
                        raise _malformed(function, argument) from error
            pairs = ((key, self.value(item)) for key, item in data.items())
            return {key: item for key, item in pairs if item is not NO_VALUE}
        if isinstance(data, list | tuple):
            return [item for item in map(self.value, data) if item is not NO_VALUE]
        if isinstance(data, str) and _DYNAMIC.search(data):
            self.unknown.append(data)
        return data

    def _condition(self, argument: Any) -> Any:
        # A policy statement has a key of that name, too, and a mapping under it.
        return self.condition(argument) if isinstance(argument, str) else {"Condition": self.value(argument)}

    def _placeholder(self, what: str) -> str:
        self.unknown.append(what)
        return what

    def _from(self, known: Known) -> str:
        self.unknown.extend(known.unknown)
        return known.value

    def _import_value(self, argument: Any) -> str:
        name = _text(self.value(argument))
        exported = self._around.imported(name)
        return self._placeholder(f"the export {name}") if exported is None else self._from(exported)

    def _ref(self, name: Any) -> Any:
        pseudo = self._pseudo(name)
        if pseudo is not None:
            return pseudo
        if name in self._overrides:
            return self._overrides[name]
        if name in self._resources:
            return self.account.ref(self._resources[name].get("Type", ""), self.name(name))
        declared = self._template.get("Parameters", {}).get(name)
        given = self._around.parameter(name) if declared is not None else None
        if given is not None or name in self._parameters:
            value = self._from(given) if given is not None else self._parameters[name]
            kind = str(declared.get("Type", "")) if isinstance(declared, Mapping) else ""
            if kind.startswith("AWS::SSM::Parameter::Value"):
                self.unknown.append(f"the SSM parameter {value}")
            if isinstance(value, str) and (kind.startswith("List<") or kind == "CommaDelimitedList"):
                return [item.strip() for item in value.split(",")]
            return value
        if declared is not None:
            return self._placeholder(f"the parameter {name}")
        raise DefinitionError(
            f"Ref names {name!r}, which the template does not have.",
            right="It takes a parameter or a resource.",
            rule="LF201",
        )

    def _pseudo(self, name: Any) -> Any:
        account = self.account
        return {
            "AWS::AccountId": account.account_id,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": account.partition,
            "AWS::Region": account.region,
            "AWS::StackId": (
                f"arn:{account.partition}:cloudformation:{account.region}:{account.account_id}:"
                f"stack/{account.stack_name}/00000000-0000-0000-0000-000000000000"
            ),
            "AWS::StackName": account.stack_name,
            "AWS::URLSuffix": "amazonaws.com",
        }.get(name)

    def _get_att(self, argument: Any) -> Any:
        logical_id, attribute = (
            argument.split(".", 1) if isinstance(argument, str) else map(self.value, argument)
        )
        if (logical_id, attribute) in self._attributes:
            return self._attributes[logical_id, attribute]
        if logical_id not in self._resources:
            raise DefinitionError(
                f"Fn::GetAtt names {logical_id!r}, which the template does not have.",
                right="It takes a resource and one of its attributes.",
                rule="LF201",
            )
        if isinstance(attribute, str) and attribute.startswith("Outputs."):
            output = self._around.nested_output(logical_id, attribute.removeprefix("Outputs."))
            if output is not None:
                return self._from(output)
        aws_type = self._resources[logical_id].get("Type", "")
        known = self.account.attribute(aws_type, self.name(logical_id), attribute)
        return self._placeholder(f"{logical_id}.{attribute}") if known is None else known

    def _sub(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else (argument[0], argument[1])
        values = {name: self.value(item) for name, item in given.items()}

        def replaced(found: re.Match[str]) -> str:
            if found[1]:
                return "${" + found[2] + "}"
            name = found[2].strip()
            if name in values:
                return _text(values[name])
            return _text(self._get_att(name) if "." in name else self._ref(name))

        return _PLACEHOLDER.sub(replaced, text)

    def _join(self, argument: Sequence[Any]) -> str:
        items = self.value(argument[1])
        return _text(argument[0]).join(
            _text(item) for item in (items if isinstance(items, list) else [items])
        )

    def _select(self, argument: Sequence[Any]) -> Any:
        index, items = int(self.value(argument[0])), self.value(argument[1])
        if isinstance(items, list) and 0 <= index < len(items):
            return items[index]
        return self._placeholder(f"item {index} of {items}")

    def _find_in_map(self, argument: Sequence[Any]) -> Any:
        name, first, second = (self.value(each) for each in argument[:3])
        try:
            return self.value(self._template["Mappings"][name][first][second])
        except KeyError:
            if len(argument) > 3 and isinstance(argument[3], Mapping) and "DefaultValue" in argument[3]:
                return self.value(argument[3]["DefaultValue"])
        return self._placeholder(f"the mapping {name}.{first}.{second}")

    def _zones(self, region: Any) -> list[str]:
        return [f"{self.value(region) or self.account.region}{letter}" for letter in _ZONES]

    def _truth(self, expression: Any) -> bool:
        if isinstance(expression, Mapping) and len(expression) == 1:
            [(function, argument)] = expression.items()
            if function == "Condition":
                return self.condition(argument)
            if function == "Fn::Equals":
                left, right = (self.value(each) for each in argument)
                return _text(left) == _text(right)
            if function == "Fn::And":
                return all(self._truth(each) for each in argument)
            if function == "Fn::Or":
                return any(self._truth(each) for each in argument)
            if function == "Fn::Not":
                return not self._truth(argument[0])
        raise DefinitionError(
            f"A condition has the expression {str(expression)[:80]}.",
            right="It takes Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition.",
        )


def _malformed(what: str, argument: Any) -> DefinitionError:
    shown = str(argument)
    return DefinitionError(
        f"{what} cannot be worked out of {shown if len(shown) <= 80 else shown[:79] + '…'}.".replace(
            "\n", " "
        ),
        right="The CloudFormation User Guide shows the form of its arguments.",
    )


def _defaults(template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: each["Default"]
        for name, each in template.get("Parameters", {}).items()
        if isinstance(each, Mapping) and "Default" in each
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        value
        if isinstance(value, str)
        else json.dumps(value)
        if isinstance(value, dict | list)
        else str(value)
    )
