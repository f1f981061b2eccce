"""CloudFormation's own resources: nested stacks, custom resources, wait conditions and macros.

Source: AWS CloudFormation User Guide, AWS::CloudFormation resources; "Custom resources"; "Template macros".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Count, Matching, Within
from lambdaform.model.definition import frozen
from lambdaform.model.function import FunctionSettings
from lambdaform.model.iam import role_arn
from lambdaform.model.log_group import log_group_name
from lambdaform.model.queue import Topic
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.sections import Output


@frozen(kw_only=True)
class NestedStack(Resource):
    """``AWS::CloudFormation::Stack``: a stack within the stack, made of a template in S3 or of a local one.

    A stack that is written in Python is nested with ``stack.nest(...)``.
    """

    TYPE: ClassVar[str] = "AWS::CloudFormation::Stack"
    SPELLING: ClassVar[Mapping[str, str]] = {"url": "URL", "arns": "ARNs"}

    template_url: str | Ref[str]
    parameters: Mapping[str, str | Ref[Any]] | Ref[Any] | None = None
    notification_arns: Annotated[Sequence[str | Ref[str]], Count(high=5)] | Ref[Any] | None = None
    timeout_in_minutes: Annotated[int, Within(1, None, "minutes")] | Ref[int] | None = None
    tags: Tags | Ref[Any] | None = None

    def output(self, name: str | Output) -> Ref[Any]:
        """An output of the nested stack, by its name or as the child's own object."""
        return self.attr(f"Outputs.{name.logical_id if isinstance(name, Output) else name}")


def _service_token(service: FunctionSettings | Topic | str | Ref[str]) -> str | Ref[str]:
    return service.arn if isinstance(service, FunctionSettings | Topic) else service


@frozen(kw_only=True)
class CustomResource(Resource):
    """A custom resource: a function or topic that CloudFormation asks to create, update and delete something.

    ::

        seed = CustomResource("Seed", type="Custom::Seed", service_token=seeder, properties={"Table": table.ref})

    What the function answers as ``Data`` is at hand through ``attr``: ``seed.attr("Count")``.
    """

    TYPE: ClassVar[str] = "AWS::CloudFormation::CustomResource"

    type: Annotated[
        str,
        Matching(
            r"AWS::CloudFormation::CustomResource|Custom::[A-Za-z0-9_@-]{1,60}",
            "A custom type is Custom:: and a name of up to 60 letters, digits and _@-.",
        ),
    ] = field(default="AWS::CloudFormation::CustomResource", metadata={"property": False})
    service_token: str | Ref[str] = field(
        converter=_service_token, metadata={"shorthand": "a function, a Topic, an ARN or a reference"}
    )
    service_timeout: (
        Annotated[int, Within(1, 3600, "seconds", source="CloudFormation User Guide, CustomResource")]
        | Ref[int]
        | None
    ) = None
    #: What the function is told, under whatever names it knows.
    properties: Mapping[str, Any] = field(factory=dict, metadata={"property": False})

    @property
    def aws_type(self) -> str:
        """The CloudFormation type."""
        return self.type

    def property_values(self) -> Iterator[tuple[str, Any]]:
        """Each property that has a value: the token first, then what the function is told."""
        own = dict(super().property_values())
        raw = {name: own.pop(name) for name in self.raw}
        return iter({**own, **self.properties, **raw}.items())

    def property_value(self, aws_name: str) -> Any:
        """One of them by its name."""
        return dict(self.property_values()).get(aws_name)


@frozen(kw_only=True)
class WaitConditionHandle(Resource):
    """``AWS::CloudFormation::WaitConditionHandle``: an address to which success or failure is reported."""

    TYPE: ClassVar[str] = "AWS::CloudFormation::WaitConditionHandle"

    @property
    def url(self) -> Ref[str]:
        """The address, which is what ``Ref`` gives."""
        return self.ref


def _handle_url(handle: WaitConditionHandle | str | Ref[str]) -> str | Ref[str]:
    return handle.url if isinstance(handle, WaitConditionHandle) else handle


@frozen(kw_only=True)
class WaitCondition(Resource):
    """``AWS::CloudFormation::WaitCondition``: the stack waits here for signals. ``timeout`` is in seconds."""

    TYPE: ClassVar[str] = "AWS::CloudFormation::WaitCondition"

    handle: str | Ref[str] | None = field(
        default=None,
        converter=optional(_handle_url),
        metadata={"shorthand": "a WaitConditionHandle or a reference"},
    )
    timeout: (
        Annotated[int, Within(0, 43_200, "seconds", source="CloudFormation User Guide, WaitCondition")]
        | str
        | Ref[Any]
        | None
    ) = None
    count: int | Ref[int] | None = None

    @property
    def data(self) -> Ref[str]:
        """What the signals said, as JSON text."""
        return self.attr("Data")


@frozen(kw_only=True)
class Macro(Resource):
    """``AWS::CloudFormation::Macro``: a function that rewrites templates; `Stack.transform` names it."""

    TYPE: ClassVar[str] = "AWS::CloudFormation::Macro"
    SPELLING: ClassVar[Mapping[str, str]] = {"arn": "ARN"}

    name: str | Ref[str]
    description: str | Ref[str] | None = None
    function_name: str | Ref[str] = field(
        converter=_service_token, metadata={"shorthand": "a function, its ARN or a reference"}
    )
    log_group_name: str | Ref[str] | None = field(default=None, converter=optional(log_group_name))
    log_role_arn: str | Ref[str] | None = field(default=None, converter=optional(role_arn))
