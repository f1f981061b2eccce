"""What stands in a template around its resources: parameters, outputs, and rules on the parameters.

Source: AWS CloudFormation User Guide, "Template sections".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from attrs import field

from lambdaform.model.constraints import Matching
from lambdaform.model.definition import frozen
from lambdaform.model.references import GetAtt, If, Imported, Intrinsic, LogicalRef, Ref, Sub, references_in
from lambdaform.model.resource import LogicalId, condition_name
from lambdaform.model.shape import Shape, report

_SECTION = {"property": False}

_AWS_TYPE = r"AWS::[A-Za-z0-9]+(::[A-Za-z0-9]+)+(<[A-Za-z0-9:<>]+>)?"
ParameterType = Annotated[
    str,
    Matching(
        rf"String|Number|CommaDelimitedList|{_AWS_TYPE}|List<(Number|String|{_AWS_TYPE})>",
        "A type is String, Number, List<Number>, CommaDelimitedList, or one of AWS's, such as "
        "AWS::EC2::VPC::Id or AWS::SSM::Parameter::Value<String>.",
    ),
]


@frozen
class Parameter(Shape):
    """A value that is given when the stack is deployed. ``parameter.ref`` stands for it."""

    logical_id: LogicalId = field(metadata=_SECTION)
    type: ParameterType = "String"
    default: str | int | float | bool | Sequence[Any] | None = field(default=None, kw_only=True)
    description: str | None = field(default=None, kw_only=True)
    allowed_values: Sequence[Any] | None = field(default=None, kw_only=True)
    allowed_pattern: str | None = field(default=None, kw_only=True)
    constraint_description: str | None = field(default=None, kw_only=True)
    min_length: int | str | None = field(default=None, kw_only=True)
    max_length: int | str | None = field(default=None, kw_only=True)
    min_value: float | str | None = field(default=None, kw_only=True)
    max_value: float | str | None = field(default=None, kw_only=True)
    no_echo: bool | str | None = field(default=None, kw_only=True)

    @property
    def ref(self) -> Ref[Any]:
        """The value that the parameter is given."""
        return LogicalRef(self.logical_id, self)


@frozen
class Output(Shape):
    """A value that the stack shows once it is deployed, and may export to other stacks."""

    logical_id: LogicalId = field(metadata=_SECTION)
    value: str | int | float | bool | Mapping[str, Any] | Sequence[Any] | Ref[Any] = field(
        metadata={"shorthand": "a reference, such as queue.arn, or plain data"}
    )
    description: str | None = field(default=None, kw_only=True)
    export: str | Ref[str] | None = field(default=None, kw_only=True, metadata=_SECTION)
    condition: str | None = field(default=None, kw_only=True, converter=condition_name)

    @property
    def imported(self) -> Ref[str]:
        """The exported value in another stack of the same account and region (``Fn::ImportValue``).

        Raises `DefinitionError` where the output has no export, or one whose name only its own stack can tell.
        """
        own = next(_own_names(self.export), None)
        if self.export is None:
            what = f"Output {self.logical_id!r} is imported, and is not exported."
            report(self.problem("LF261", what, f'Give it a name: export="...-{self.logical_id}".'))
        elif own is not None:
            what = f"Output {self.logical_id!r} is exported under a name with {own}, which other stacks cannot tell."
            report(self.problem("LF261", what, "Give the export a name in plain text.", "export"))
        return Imported("Fn::ImportValue", self.export, self)


@frozen
class Assertion(Shape):
    """What must hold of the parameters' values, and what to tell whoever gave others."""

    condition: Ref[bool] = field(metadata={"aws_name": "Assert"})
    description: str | None = field(default=None, metadata={"aws_name": "AssertDescription"})


@frozen
class ParameterRule(Shape):
    """A rule on the parameters' values, checked before anything is deployed."""

    logical_id: LogicalId = field(metadata=_SECTION)
    rule_condition: Ref[bool] | None = field(default=None, kw_only=True)
    assertions: Sequence[Assertion] = field(kw_only=True)


#: The pseudo parameters that are the same for all stacks of an account and region.
_SHARED = frozenset({"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"})


def _own_names(value: object) -> Iterator[str]:
    """What a value refers to that another stack does not have, or has otherwise."""
    for ref in references_in(value):
        if isinstance(ref, LogicalRef | GetAtt):
            names: Iterable[str] = [ref.logical_id]
        elif isinstance(ref, Sub):
            names = ref.names()
        elif isinstance(ref, If):
            names = [f"the condition {ref.condition}"]
        else:
            names = ["a mapping"] if isinstance(ref, Intrinsic) and ref.function == "Fn::FindInMap" else []
        yield from (name for name in names if name not in _SHARED)
